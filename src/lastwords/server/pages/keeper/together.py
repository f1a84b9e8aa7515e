"""What keepers do together: the alarm and the hold, a second keeper who joins in, alternates called in, and seats.

An alarm and a hold need no key: the session says who acts, the machine whether they may. What is signed is signed in
the browser, and the page of a case leads here.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from lastwords.protocol.stages import HoldCause, WordsStage
from lastwords.server.api import case as api_case
from lastwords.server.api import door, parts, plan, standing, succession, views
from lastwords.server.api.door import Seen
from lastwords.server.api.standing import names_of
from lastwords.server.pages.entrance import signed_in
from lastwords.server.pages.once import Once, once_only

from .cases import case_context, of_keeper

LIFTED = "Your hold is lifted. Once no other stands, every wait begins again in full."
SIGNED = "You have signed. Once enough of you have, that hold ends. When none is left, every wait begins again in full."
LONGEST_DOCUMENT = 20_000
"""Characters of what a second keeper has signed; with its signature it is about 5,000."""
ALONE = ("alarm_again", "hold_again", "second_unfit", "second_not_signed", "stale_document")
"""Refusals that are about a second keeper who is missing, or whose word does not fit."""


class TogetherForm(Once):
    """An alarm or a hold, perhaps with what a second keeper has signed for it."""

    second = forms.CharField(
        label="What the second keeper signed for you",
        help_text="Only where you cannot do it alone: they sign it on their page “Join in”, and send you the text.",
        required=False,
        max_length=LONGEST_DOCUMENT,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def place(self, code: str) -> str | None:
        return "second" if code in ALONE else None

    def together(self) -> plan.Together:
        return plan.Together(second=self.cleaned_data["second"] or None)


class LiftForm(Once):
    """A hold, or with the cause of one that stands (`lift`) its end. What names no cause does neither: somebody who
    wanted to lift a hold must not have placed another."""

    lift = forms.ChoiceField(
        choices=[(one.value, one.value) for one in HoldCause],
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": "This form did not arrive whole; no hold was placed and none was lifted. "
            "Choose once more on this page"
        },
    )


class HoldForm(LiftForm, TogetherForm):
    """A keeper's: with what a second one has signed for them, where they cannot place it alone."""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: HttpRequest, author: str) -> HttpResponse:
    seen = door.enter(request, author, parts.KEEPER)
    form = TogetherForm(request.POST or None)

    def act() -> None:
        plan.raise_alarm(request, author, form.together())
        messages.success(
            request, "The alarm is raised. They are asked now, and the keepers are called together."
        )

    if request.method == "POST" and once_only(request, form, act):
        watch = door.load(author, seen.person.handle)
        called = watch.case is not None and seen.person.handle in watch.case.called
        return redirect("case", author) if called else redirect("cases")
    return render(request, "keeper/alarm.html", _shown(seen, form))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, author: str) -> HttpResponse:
    """The hold switch, and lifting what is this keeper's to lift; which of the two, the form says."""
    seen = door.enter(request, author, parts.KEEPER)
    form = HoldForm(request.POST or None)

    def act() -> None:
        if cause := form.cleaned_data["lift"]:
            plan.lift_hold(request, author, HoldCause(cause))
            messages.success(request, SIGNED if cause == HoldCause.RESTORE else LIFTED)
        else:
            plan.place_hold(request, author, form.together())
            messages.success(request, "All clocks stand still.")

    if request.method == "POST" and once_only(request, form, act):
        return redirect("case-hold", author)
    return render(request, "keeper/hold.html", _shown(seen, form) | _standing(seen))


def _shown(seen: Seen, form: TogetherForm) -> dict[str, Any]:
    return {"form": form, "author": seen.author, "name": views.name_of(seen.author)}


def _standing(seen: Seen) -> dict[str, Any]:
    """The holds that this keeper may know of, and whether one is of the kind that the switch places: there is one."""
    holds = _holds(seen)
    return {
        "holds": holds,
        "switched": any(one["cause"] == HoldCause.SWITCH for one in holds),
        "longest": seen.watch.plan.longest_hold,
    }


def _holds(seen: Seen) -> list[dict[str, Any]]:
    """Each hold that this keeper may know of: why, until when at least, and whether they can end it or have signed."""
    names = names_of((seen.author, *(one.placed_by for one in seen.watch.holds)))
    return [
        {
            "why": standing.held(one["cause"], one["placed_by"], views.name_of(seen.author), names),
            "cause": one["cause"],
            "until": one["wait"]["since"] + one["wait"]["length"] if one["wait"] else None,
            "mine": one["lifted_by"] == seen.person.handle,
            "by_quorum": one["by_quorum"],
            "signed": seen.person.handle in one["signed"],
        }
        for one in views.holds_for_keeper(seen.watch, seen.person.handle)
    ]


# Alternates, and entries for those who came later.


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, author: str) -> HttpResponse:
    context = case_context(request, author)
    waiting = _not_called(context["case"], succession.own_seat(request, author)["alternates"])
    form = CallForm(waiting, request.POST or None)

    def act() -> None:
        called = form.cleaned_data["keeper"]
        api_case.call_alternate(request, author, api_case.Call(keeper=called))
        messages.success(request, f"{waiting[called]} is called. Seal the earlier entries again for them.")

    if request.method == "POST" and once_only(request, form, act):
        return redirect("case-call", author)
    return render(request, "keeper/call.html", context | {"form": form, "waiting": waiting})


class CallForm(Once):
    keeper = forms.ChoiceField(
        label="Whom do you call?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whom to call"},
    )

    def __init__(self, waiting: dict[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["keeper"].choices = list(waiting.items())  # type: ignore[attr-defined]

    def place(self, code: str) -> str | None:
        return "keeper"


def _not_called(case: dict[str, Any], alternates: list[dict[str, Any]]) -> dict[str, str]:
    """Alternates whom the case has not called yet, with their names."""
    left = [one["handle"] for one in alternates if one["handle"] not in case["called"]]
    names = names_of(left)
    return {handle: names.get(handle, handle) for handle in left}


# What is signed in the browser.


@signed_in
@require_safe
def acts(request: HttpRequest, author: str) -> HttpResponse:
    """Whose seat is suspended is not a keeper's to know: whoever was called can be named; the machine says the rest."""
    context = case_context(request, author)
    you, case = context["person"].handle, context["case"]
    recipients = sorted({track["recipient"] for track in case.get("tracks", [])})
    names = names_of(recipients)
    signed = {
        track["recipient"]
        for track in case.get("tracks", [])
        if you in track["deaths"] and track["words"] != WordsStage.PASSED_ON.value
    }
    people = {
        "others": [(one["handle"], one["name"]) for one in case["people"] if one["handle"] != you],
        "recipients": [(one, names.get(one, one)) for one in recipients],
        "dead": [(one, names.get(one, one)) for one in recipients if one in signed],
    }
    return render(request, "keeper/acts.html", context | people)


@signed_in
@require_safe
def second(request: HttpRequest, author: str) -> HttpResponse:
    """Not bound to a case: an alarm can need a second keeper before there is one."""
    seen = door.enter(request, author, parts.KEEPER)
    return render(request, "keeper/second.html", of_keeper(seen) | {"others": _others(seen)})


@signed_in
@require_safe
def seat(request: HttpRequest, author: str) -> HttpResponse:
    seen = door.enter(request, author, parts.KEEPER)
    alternates = [one["handle"] for one in succession.own_seat(request, author)["alternates"]]
    names = names_of(alternates)
    own = seen.watch.seat(seen.person.handle)
    context = {
        "alternates": [(one, names.get(one, one)) for one in alternates],
        "stage": own.stage.value.replace("_", " ") if own else "",
    }
    return render(request, "keeper/seat.html", of_keeper(seen) | context)


@signed_in
@require_safe
def eight(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/eight.html", of_keeper(door.enter(request, author, parts.KEEPER)))


def _others(seen: Seen) -> list[tuple[str, str]]:
    """The keepers whom this one knows of: those of a case that has called both."""
    case = seen.watch.case
    known = case.called if case and seen.person.handle in case.called else ()
    names = names_of(one for one in known if one != seen.person.handle)
    return sorted(names.items(), key=lambda one: one[1])


urlpatterns = [
    path("cases/<str:author>/alarm", alarm, name="case-alarm"),
    path("cases/<str:author>/hold", hold, name="case-hold"),
    path("cases/<str:author>/call", call, name="case-call"),
    path("cases/<str:author>/sign", acts, name="case-sign"),
    path("cases/<str:author>/second", second, name="case-second"),
    path("cases/<str:author>/seat", seat, name="case-seat"),
    path("cases/<str:author>/keys", eight, name="case-keys"),
]
