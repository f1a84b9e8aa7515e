"""The plan: an author's terms as sentences with dates, what is missing, and a check page from which it is signed."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol import events, machine
from lastwords.protocol import health as circle_health
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Stage
from lastwords.protocol.watch import Plan, Watch
from lastwords.server.api import door, upkeep, views
from lastwords.server.api.door import Seen
from lastwords.server.moments import day, length_of
from lastwords.server.pages.entrance import author
from lastwords.server.pages.forms import Choice, Form
from lastwords.signing.plan_terms import ASKS_NOBODY

from .home import first_tasks, names_of, with_names

LENGTHS = ("check_in_every", "late", "vigil", "last_call")
"""Terms that a person chooses here, in days. All others have their length from the plan before."""
WAYS = [
    ("no", Choice("My keepers are asked", "Nothing is given unless enough of them agree.")),
    ("yes", Choice("Nobody is asked", "For somebody who has nobody. The host alone waits.")),
]


def _days(label: str, hint: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        error_messages={
            "required": "Enter a number of days",
            "invalid": "Enter a whole number of days",
            "min_value": "Enter at least 1 day",
            "max_value": "Enter at most 1000 days",
        },
    )


class Terms(Form):
    """What a person decides. Days, but for the number of keepers."""

    check_in_every = _days("How often do you check in?", "In days. Every 30 days suits most.")
    late = _days("How long are you asked before your keepers are?", "In days, with a reminder between.")
    timer_only = forms.ChoiceField(
        label="Who is asked if you stay silent?",
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether your keepers are asked"},
    )
    vigil = _days(
        "How long do they look for you, at the least?",
        "In days. They may always take longer. If nobody is asked, your last call is longer by this.",
    )
    quorum = forms.IntegerField(
        label="How many of them must agree?",
        min_value=1,
        max_value=16,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        error_messages={
            "required": "Enter how many keepers must agree",
            "invalid": "Enter a whole number of keepers",
            "min_value": "Enter at least 1 keeper",
            "max_value": "Enter at most 16 keepers",
        },
    )
    last_call = _days(
        "How long is your own last call?", "In days: your last time to answer after they agreed."
    )

    def plan(self, before: Plan, version: int) -> Plan:
        """The whole plan that these answers make."""
        lengths = {name: self.cleaned_data[name] * DAY for name in LENGTHS}
        timer_only = self.cleaned_data["timer_only"] == "yes"
        return replace(
            before, **lengths, quorum=self.cleaned_data["quorum"], timer_only=timer_only, version=version
        )


@author
@require_safe
def plan(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The plan in force or to be, as sentences; and the form that changes it."""
    initial: dict[str, Any] = {**_answers(seen.watch.plan), **request.GET.dict()}
    return render(request, "author/plan.html", _shown(seen, Terms(initial=initial)))


def _answers(before: Plan) -> dict[str, Any]:
    days = {name: round(getattr(before, name) / DAY) for name in LENGTHS}
    return {**days, "quorum": before.quorum, "timer_only": "yes" if before.timer_only else "no"}


def _shown(seen: Seen, form: Terms) -> dict[str, Any]:
    now = door.now()
    return {
        "person": seen.person,
        "form": form,
        "watch": seen.watch,
        "dates": dates(seen, seen.watch.plan),
        "tasks": []
        if seen.watch.armed
        else [one for one in first_tasks(seen.watch, now) if one.href != "/plan"],
        "price": ASKS_NOBODY,
        "unreached": _unreached(seen.watch, now),
    }


@author
@require_safe
def check(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The check page. It is asked for with GET, so it can be gone back from; the button at its end signs."""
    form = Terms(request.GET)
    if not form.is_valid():
        return render(request, "author/plan.html", _shown(seen, form))
    watch = seen.watch
    chosen = form.plan(watch.plan, watch.plan.version + 1 if watch.armed else 1)
    outcome = machine.step(watch, events.Arm(by=seen.author, plan=chosen), door.now())
    shown = {
        "person": seen.person,
        "rows": _rows(chosen, request.GET),
        "dates": dates(seen, chosen),
        "plan": chosen,
        "lengths": [(name, getattr(chosen, name)) for name in LENGTHS],
        "armed": watch.armed,
        "refused": None if isinstance(outcome, Step) else outcome,
        "price": ASKS_NOBODY,
        "change": "/plan?" + request.GET.urlencode(),
        "unreached": _unreached(replace(watch, plan=chosen), door.now()),
    }
    return render(request, "author/plan_check.html", shown)


def _unreached(watch: Watch, now: Moment) -> list[str]:
    found = circle_health.warnings(watch, upkeep.circle_of(watch), now.wall)
    return [with_names(one.sentence, names_of(watch)) for one in found if one.code == "out_of_reach"]


def _rows(chosen: Plan, asked: QueryDict) -> list[dict[str, str]]:
    change = "/plan?" + asked.urlencode()
    who = "Nobody; the host alone waits" if chosen.timer_only else f"Any {chosen.quorum} of your keepers"
    said = [
        ("You check in", f"every {length_of(chosen.check_in_every)}"),
        ("You are asked for", length_of(chosen.late)),
        ("Who must agree", who),
        ("They look for you for", f"{length_of(chosen.vigil)} at the least"),
        ("Your last call", length_of(chosen.last_call)),
    ]
    if chosen.timer_only:
        # Where nobody looks for the author, the last call lasts as long as both.
        said[3:] = [("Your last call", length_of(chosen.vigil + chosen.last_call))]
    return [{"key": key, "value": value, "change": change} for key, value in said]


@dataclass(frozen=True, slots=True)
class Dated:
    """One date that follows from the terms, if nothing is heard from now on. `wall` in UTC seconds."""

    wall: int
    who: str
    sentence: str


def dates(seen: Seen, chosen: Plan) -> list[Dated]:
    """The earliest dates there could be if the author fell silent now. Every real delay only makes them later. Nothing
    where the author is asked already: then the dates that run are those of the page “If I vanish today”."""
    if seen.watch.armed and seen.watch.stage is not Stage.WELL:
        return []
    now = door.now()
    running = views.next_check_in(seen.watch, now) if chosen is seen.watch.plan else None
    due = running or now.wall + chosen.check_in_every
    asked = due + chosen.late
    agreed = asked + chosen.vigil
    given = agreed + chosen.last_call
    if chosen.timer_only:
        return [
            _due(due, seen, chosen),
            Dated(asked, "author", "Nobody is asked. Your last call begins, in every way."),
            Dated(given, "recipients", "Those you have written for are told, by a letter alone."),
        ]
    people = Dated(given, "recipients", "Those you have written for are told, by a person first.")
    return [
        _due(due, seen, chosen),
        Dated(asked, "keepers", "Your keepers are asked to check on you."),
        Dated(agreed, "keepers", f"If {chosen.quorum} of them agree by then, your last call begins."),
        people,
    ]


def _due(due: int, seen: Seen, chosen: Plan) -> Dated:
    before = day(due - chosen.remind_before, seen.person.zone)
    return Dated(due, "author", f"Your check-in is due. You are reminded on {before}.")


urlpatterns = [
    path("plan", plan, name="plan"),
    path("plan/check", check, name="plan-check"),
]
