"""If I vanish today: the real machine run forward, as a line of dates. Nothing is changed by looking."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.text import get_text_list
from django.views.decorators.http import require_safe

from lastwords.protocol import health as circle_health
from lastwords.protocol import rehearsal
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import GONE
from lastwords.protocol.watch import Watch
from lastwords.server.api import door, plan, upkeep
from lastwords.server.api.door import Seen
from lastwords.server.moments import day, short
from lastwords.server.pages.entrance import author
from lastwords.server.pages.forms import Choice, Form
from lastwords.server.reach import reached

from .home import names_of, with_names

BANDS = ("author", "keepers", "recipients")
"""Who knows, from the few to the many: who has learnt of something never unlearns it."""
HEADINGS = {
    "author": "Only you know",
    "keepers": "Your keepers know",
    "recipients": "Those you have written for know",
}


class WhatIf(Form):
    """Suppositions, all of them in the address: the page can be kept, and going back takes one away."""

    silent = forms.MultipleChoiceField(
        label="These keepers do not answer", required=False, widget=forms.CheckboxSelectMultiple
    )
    mail_down = forms.MultipleChoiceField(
        label="Your own mail",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("1", Choice("My mail accepts nothing", "Every letter to me is refused."))],
    )
    return_day = forms.IntegerField(
        label="I come back after this many days",
        required=False,
        min_value=1,
        max_value=4000,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        error_messages={
            "invalid": "Enter a number of days",
            "min_value": "Enter at least 1 day",
            "max_value": "Enter at most 4000 days",
        },
    )

    def __init__(self, keepers: list[tuple[str, str]], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["silent"].choices = keepers  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Dated:
    """One date of the line. `wall` in UTC seconds."""

    wall: int
    sentence: str
    about: str
    stops: str


@dataclass(frozen=True, slots=True)
class Band:
    """The dates during which the same people know."""

    learns: str
    heading: str
    dates: tuple[Dated, ...]


@author
@require_safe
def vanish(request: HttpRequest, seen: Seen) -> HttpResponse:
    names, zone = names_of(seen.watch), seen.person.zone
    seats = [seat for seat in seen.watch.seats if seat.stage not in GONE]
    form = WhatIf([(seat.keeper, names.get(seat.keeper, seat.keeper)) for seat in seats], request.GET)
    supposed = form.cleaned_data if form.is_valid() else NOTHING
    rows = plan.vanish(
        request,
        seen.author,
        silent=",".join(supposed["silent"]),
        mail_down=bool(supposed["mail_down"]),
        return_day=supposed["return_day"] or 0,
    )["rows"]
    back = door.now().wall + supposed["return_day"] * DAY if supposed["return_day"] else 0
    shown = {
        "form": form,
        "supposed": any(supposed.values()),
        "bands": bands(rows, names),
        "summary": summary(seen.watch, rows, names, zone, back),
        "warnings": list(warnings(seen.watch, names)),
        "watch": seen.watch,
        "zone": zone,
    }
    return render(request, "author/vanish.html", shown)


NOTHING: dict[str, Any] = {"silent": [], "mail_down": [], "return_day": None}


def plain(rows: Iterable[rehearsal.Dated]) -> list[dict[str, Any]]:
    """The machine's rows as the API gives them."""
    return [dataclasses.asdict(row) for row in rows]


def bands(rows: list[dict[str, Any]], names: dict[str, str]) -> list[Band]:
    """The rows under the headings of who knows by then."""
    known, ranked = 0, []
    for row in rows:
        known = max(known, BANDS.index(row["learns"]))
        about = _whose(row["about"], names)
        ranked.append((BANDS[known], Dated(row["wall"], row["sentence"], about, row["stops"])))
    return [
        Band(learns, HEADINGS[learns], tuple(dated for _, dated in same))
        for learns, same in groupby(ranked, key=lambda pair: pair[0])
    ]


def _whose(about: str, names: dict[str, str]) -> str:
    """Whom the words are for that a row is about; empty for a row that is about a person or nothing."""
    _, *people = about.split(".")
    return names.get(people[0], "") if people else ""


def summary(watch: Watch, rows: list[dict[str, Any]], names: dict[str, str], zone: str, back: int) -> str:
    """The whole line in one sentence; `back` is the supposed return in UTC seconds, 0 for none."""
    if not watch.armed:
        return "Nothing would happen: your plan is not active."
    released = [row for row in rows if row["what"] == "released"]
    if released:
        who = sorted({_whose(row["about"], names) or "somebody" for row in released})
        earliest = day(min(row["wall"] for row in released), zone)
        return f"If you fell silent now, {get_text_list(who, 'and')} would be told on {earliest} at the earliest."
    if back:
        return f"You would be back on {short(back, zone)}, and nothing would have been given to anybody."
    if watch.plan.timer_only:
        return "Nothing would be given to anybody: your last call begins only once a letter has reached you."
    return "Nothing would be given to anybody: your words stay sealed, and your keepers are asked again every month."


def warnings(watch: Watch, names: dict[str, str]) -> list[str]:
    """What would stand in the way of all this, in sentences."""
    circle = upkeep.circle_of(watch)
    found = [
        with_names(one.sentence, names) for one in circle_health.warnings(watch, circle, door.now().wall)
    ]
    if not reached([watch.author]):
        then = "you would not be asked before your keepers are"
        if watch.plan.timer_only:
            then = "your last call could not begin, and your words would stay sealed"
        found.append(f"No way to reach you has been proven: {then}.")
    return found


urlpatterns = [path("vanish", vanish, name="vanish")]
