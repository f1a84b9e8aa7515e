"""Going away: a dated absence. Being overdue asks the author and calls the keepers; it gives no words to anybody."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastwords.protocol.moments import DAY, HOUR
from lastwords.server.api import door, plan
from lastwords.server.api.door import Seen
from lastwords.server.moments import day, length_of, local, place
from lastwords.server.pages.entrance import author
from lastwords.server.pages.forms import Choice, Form
from lastwords.server.pages.once import once_only

from . import signs

LATER = 12 * HOUR
"""What "Late" adds to the return time."""

FIRST, LAST = date(1971, 1, 1), date(7999, 12, 31)
"""Days that can be shown in every time zone, and the extra time after them. How long a trip may be, the machine
says."""
LATEST = int(datetime(8000, 1, 2, tzinfo=UTC).timestamp())
"""UTC seconds."""

EXTRA = [
    (str(6 * HOUR), Choice("6 hours", "A day out, with people who expect you.")),
    (str(DAY), Choice("24 hours", "Most trips: a missed bus is no emergency.")),
    (str(3 * DAY), Choice("3 days", "Far from a road, or where the signal comes and goes.")),
]


class Away(Form):
    """When somebody is back, and how long one waits after it."""

    date = forms.DateField(
        label="Which day are you back?",
        widget=forms.DateInput(attrs={"type": "date", "class": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Enter the day you are back",
            "invalid": "Enter the day as year, month and day, such as 2026-12-24",
        },
    )
    time = forms.TimeField(
        label="At what time, at the latest?",
        widget=forms.TimeInput(attrs={"type": "time", "class": "date"}, format="%H:%M"),
        error_messages={
            "required": "Enter the time you are back",
            "invalid": "Enter the time as hours and minutes, such as 18:00",
        },
    )
    zone = forms.CharField(
        label="The place whose clock you mean",
        max_length=64,
        help_text="A time zone, such as Europe/Lisbon or America/Lima.",
        error_messages={"required": "Enter the time zone of that time"},
    )
    extra = forms.ChoiceField(
        label="How much extra time before you count as overdue?",
        choices=EXTRA,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how much extra time you want"},
    )

    def clean_date(self) -> Any:
        day_back = self.cleaned_data["date"]
        if not FIRST <= day_back <= LAST:
            raise forms.ValidationError("Enter the day you are back, in the years that calendars show")
        return day_back

    def clean_zone(self) -> str:
        return known_zone(self.cleaned_data["zone"])

    @property
    def back(self) -> int:
        """The return in UTC seconds."""
        at = datetime.combine(self.cleaned_data["date"], self.cleaned_data["time"])
        return int(at.replace(tzinfo=ZoneInfo(self.cleaned_data["zone"])).timestamp())


def known_zone(typed: str) -> str:
    """The time zone of this name; ValidationError if there is none."""
    zone = typed.strip()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise forms.ValidationError("Enter a time zone by its name, such as Europe/Lisbon") from error
    return zone


class Leaving(signs.SignForm):
    """What the check page sends: the same terms, and a code, since only the author may lengthen their own silence."""

    back = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LATEST)
    extra = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LATEST)
    zone = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean_zone(self) -> str:
        return known_zone(self.cleaned_data["zone"])


@author
@require_safe
def trip(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The running trip, or the question when one is back."""
    if seen.watch.trip:
        return _running(request, seen, signs.SignForm())
    return render(request, "author/trip.html", _asked(seen, Away(initial=_first_guess(seen))))


def _first_guess(seen: Seen) -> dict[str, str]:
    return {"zone": seen.person.zone, "extra": str(DAY), "time": "20:00"}


def _asked(seen: Seen, form: Form) -> dict[str, Any]:
    return {"form": form, "place": place(seen.person.zone), "watch": seen.watch}


@author
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The check page: everything with its dates, before anything is set. It is asked for with GET, so it can be gone
    back from and loaded again; only the button at its end posts."""
    if request.method == "POST":
        return _leave(request, seen)
    away = Away(request.GET)
    if not away.is_valid():
        return render(request, "author/trip.html", _asked(seen, away))
    terms = Terms.of(away)
    leaving = Leaving(initial=asdict(terms))
    return render(request, "author/trip_check.html", _checked(seen, leaving, terms))


@dataclass(frozen=True, slots=True)
class Terms:
    """What is about to be set: moments in UTC seconds, the extra time in seconds, and the zone they are shown in."""

    back: int
    extra: int
    zone: str

    @classmethod
    def of(cls, away: Away) -> "Terms":
        return cls(away.back, int(away.cleaned_data["extra"]), away.cleaned_data["zone"])

    @property
    def rows(self) -> list[dict[str, str]]:
        return [
            {"key": "Back by", "value": day(self.back, self.zone)},
            {"key": "Extra time", "value": length_of(self.extra)},
            {"key": "Overdue", "value": day(self.back + self.extra, self.zone)},
        ]

    @property
    def change(self) -> str:
        """The address of the question with these answers in it."""
        at = local(self.back, self.zone)
        asked = {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}", "zone": self.zone, "extra": self.extra}
        return f"/trip/change?{urlencode(asked)}"


def _checked(seen: Seen, leaving: Leaving, terms: Terms) -> dict[str, Any]:
    rows = [{**row, "change": terms.change} for row in terms.rows[:2]] + terms.rows[2:]
    own = day(terms.back, seen.person.zone)
    return {"form": leaving, "rows": rows, "terms": terms, "own": own, "watch": seen.watch}


def _leave(request: HttpRequest, seen: Seen) -> HttpResponse:
    form = Leaving(request.POST)

    def act() -> None:
        with door.together():
            signs.by_code(request, seen.author, form.cleaned_data["code"])
            plan.go_away(seen.author, form.cleaned_data["back"], form.cleaned_data["extra"])
        messages.success(request, "Your trip is set. Have a good way, and press “I'm back” when you are.")

    if once_only(request, form, act):
        return redirect("trip")
    if {"back", "extra", "zone"} & set(form.errors):
        return redirect("trip")
    terms = Terms(*(form.cleaned_data[name] for name in ("back", "extra", "zone")))
    return render(request, "author/trip_check.html", _checked(seen, form, terms))


@author
@require_safe
def change(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The same question with what was answered, from the check page's Change links."""
    initial = {**_first_guess(seen), **request.GET.dict()}
    return render(request, "author/trip.html", _asked(seen, Away(initial=initial)))


# On the way.


def _running(request: HttpRequest, seen: Seen, form: signs.SignForm) -> HttpResponse:
    running, zone = seen.watch.trip, seen.person.zone
    assert running is not None
    shown = {
        "form": form,
        "terms": Terms(running.back, running.extra, zone),
        "due": running.wait.ends(door.now()),
        "past": door.now().wall >= running.back,
        "later": running.back + LATER,
        "zone": zone,
        "person": seen.person,
        "watch": seen.watch,
    }
    return render(request, "author/trip_running.html", shown)


UNSURE = (
    "This form was sent before, and nothing is done twice. It may have counted. If “Your trip” still stands "
    "here, press “I'm back” there once more, with the next code of your list."
)


@author
@require_POST
def back(request: HttpRequest, seen: Seen) -> HttpResponse:
    """ "I'm back": a check-in, which ends the trip."""
    form = signs.SignForm(request.POST)

    def act() -> None:
        given = signs.by_code(request, seen.author, form.cleaned_data["code"])
        messages.success(request, f"Welcome back. {signs.answer(given, seen.person.zone)}")

    if once_only(request, form, act, UNSURE):
        return redirect("home")
    return _running(request, seen, form) if seen.watch.trip else redirect("trip")


@author
@require_POST
def later(request: HttpRequest, seen: Seen) -> HttpResponse:
    """ "Late": the return is moved by 12 hours, with the same extra time."""
    form, running = signs.SignForm(request.POST), seen.watch.trip
    if running is None:
        return redirect("trip")

    def act() -> None:
        with door.together():
            signs.by_code(request, seen.author, form.cleaned_data["code"])
            plan.go_away(seen.author, running.back + LATER, running.extra)
        messages.success(
            request, f"You are expected 12 hours later: {day(running.back + LATER, seen.person.zone)}."
        )

    if once_only(request, form, act):
        return redirect("trip")
    return _running(request, seen, form)


urlpatterns = [
    path("trip", trip, name="trip"),
    path("trip/check", check, name="trip-check"),
    path("trip/change", change, name="trip-change"),
    path("trip/back", back, name="trip-back"),
    path("trip/later", later, name="trip-later"),
]
