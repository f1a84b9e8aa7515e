"""The host's page: what it depends on, each with its remedy; the light-on list; the hold switch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import HOST
from lastwords.server import backup_age, health, integrity, letters, models, settings, store, switch
from lastwords.server.moments import local
from lastwords.server.pages.forms import Form
from lastwords.server.refusals import ServerRefused

from . import strip
from .sign_in import host_only

TOLD_BY_THE_DAILY_LOOK = (
    letters.HostLetter.LOG_NOT_WHOLE,
    letters.HostLetter.KEPT_NOT_WHOLE,
    letters.HostLetter.WATCH_WAITS,
)
SOON = 60
"""Days before something runs out at which it is said."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing: a sentence, and where it is not well what to do, perhaps by a command."""

    name: str
    well: bool
    says: str
    do: str = ""
    command: str = ""


@host_only
@require_safe
def house(request: HttpRequest) -> HttpResponse:
    report, chosen = health.report(), settings.current()
    looks = [
        *_service(report),
        _kept(report["now"], chosen.zone),
        *_backups(report["now"]),
        *_light(local(report["now"], chosen.zone).date()),
    ]
    shown = {
        "sentence": _sentence(report, looks),
        "looks": looks,
        "mail": list(_mail()),
        "light": light_form(),
        "strip": strip.of(report["now"], chosen.zone),
        "held": held(),
        "report": report,
        "zone": chosen.zone,
        "people": models.Watch.objects.count(),
    }
    return render(request, "host/house.html", shown)


def _sentence(report: dict[str, Any], looks: list[Look]) -> str:
    if not report["well"]:
        return "Something has stopped"
    wanting = sum(not look.well for look in looks)
    return (
        "All runs"
        if not wanting
        else f"All runs; {wanting} {'thing is' if wanting == 1 else 'things are'} worth a look"
    )


def _service(report: dict[str, Any]) -> Iterator[Look]:
    """What the health page knows, in sentences."""
    parts = {"sweep": "the sweep", "outbox": "the outbox", "mail": "the way out"}
    for name in report["stopped"]:
        yield Look(
            "Service",
            False,
            f"{parts[name].capitalize()} has stopped.",
            "Look at the log of the service, and start it again.",
        )
    if not report["stopped"]:
        yield Look("Service", True, "The sweep and the outbox do their rounds, and letters leave.")
    credit = report["credit"]
    if credit["earning"]:
        yield Look("Clock", True, "The clocks agree, and time counts.")
    else:
        why = credit["why_not"].replace("_", " ")
        yield Look(
            "Clock",
            False,
            f"Time does not count at the moment: {why}. Nothing runs out for anybody meanwhile.",
            "Look at the machine's time service and at the way out for mail.",
            "lastwords host doctor --data DIR",
        )
    failing = report["letters"]["failing"]
    yield Look(
        "Letters",
        not failing,
        f"{failing} {'letter' if failing == 1 else 'letters'} could not be handed over by any channel."
        if failing
        else "Every letter has found its way so far.",
        "Each of them has become a task for a person. See the relay's log." if failing else "",
    )
    aside = report["watches"]["set_aside"]
    if aside:
        yield Look(
            "Records",
            False,
            f"{aside} {'watch is' if aside == 1 else 'watches are'} set aside, whose record cannot be judged.",
            "Read the letter you got about it, and docs/guide/host.md.",
        )


def _kept(now: int, zone: str) -> Look:
    """What the daily look at logs, sealed files and papers has found since everything had its turn last."""
    told = models.Letter.objects.filter(
        kind__in=TOLD_BY_THE_DAILY_LOOK,
        written__gt=now - (integrity.PARTS + 1) * DAY,
    )
    newest = told.aggregate(at=Max("written"))["at"]
    if newest is None:
        return Look("What is kept", True, "No fault was found in the logs, the sealed files and the papers.")
    day = local(newest, zone)
    return Look(
        "What is kept",
        False,
        f"On {day.day} {day:%B %Y} something was found that is not what was kept.",
        "Keep a copy of the data folder, and read the letter you got about it. As it is now:",
        "lastwords host doctor --data DIR",
    )


def _backups(now: int) -> Iterator[Look]:
    for one in (backup_age.written(now), backup_age.proven(now)):
        yield Look(one.name, one.well, one.says, command="" if one.well else one.command)


# Who keeps the light on.

DOMAIN, HOSTING, SECOND = "domain", "hosting", "second_person"


class LightForm(Form):
    """Until when name and machine are paid for, and who could go on."""

    domain = forms.DateField(
        label="The domain name is paid until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter the day as year, month and day, such as 2027-06-30"},
    )
    hosting = forms.DateField(
        label="The machine is paid until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter the day as year, month and day, such as 2027-06-30"},
    )
    second_person = forms.CharField(
        label="Who goes on if you cannot",
        required=False,
        max_length=200,
        help_text="A name, and where they find what they need. No passwords here.",
    )


def light_form() -> LightForm:
    kept = {note.name: note.until or note.text for note in models.HostNote.objects.all()}
    return LightForm(initial=kept)


def _light(today: date) -> Iterator[Look]:
    notes = {note.name: note for note in models.HostNote.objects.all()}
    for name, what in ((DOMAIN, "The domain name"), (HOSTING, "The machine")):
        until = notes[name].until if name in notes else None
        if until is None:
            yield Look(
                what,
                False,
                "Nobody has written down until when it is paid for.",
                "Write it down on this page.",
            )
            continue
        left = (until - today).days
        says = f"It is paid for until {until.day} {until:%B %Y}."
        yield Look(what, left > SOON, says, "" if left > SOON else _days_left(left))
    second = notes[SECOND].text if SECOND in notes else ""
    yield Look(
        "A second person",
        bool(second),
        f"{second} can go on." if second else "Nobody could go on if you could not.",
        "" if second else "Write down on this page who it is, and tell them.",
    )


def _days_left(left: int) -> str:
    if left < 0:
        return "That day is past."
    return "1 day is left." if left == 1 else f"{left} days are left."


@host_only
@require_POST
def keep_light(request: HttpRequest) -> HttpResponse:
    """Keeps what was written down. Sending it twice keeps the same."""
    form = LightForm(request.POST)
    if not form.is_valid():
        return render(request, "host/light.html", {"form": form})
    for name in (DOMAIN, HOSTING):
        models.HostNote.objects.update_or_create(name=name, defaults={"until": form.cleaned_data[name]})
    models.HostNote.objects.update_or_create(name=SECOND, defaults={"text": form.cleaned_data[SECOND]})
    messages.success(request, "It is written down.")
    return redirect("host")


# Mail, proven for each kind of letter.


@dataclass(frozen=True, slots=True)
class Proof:
    """When a letter of this kind was last accepted (UTC seconds, 0 for never)."""

    kind: str
    at: int


def _mail() -> Iterator[Proof]:
    accepted = models.Letter.objects.filter(taken__gt=0).values("kind").annotate(at=Max("written"))
    last = {row["kind"]: row["at"] for row in accepted}
    # Whoever keeps a host for themselves may be made to show this page: that one kind of letter would tell on them.
    for kind in sorted(letters.kinds() - {LetterKind.UNDER_FORCE.value}):
        yield Proof(kind.replace("_", " "), last.get(kind, 0))


# The hold switch.


def held() -> int:
    """How many watches stand still because the host pressed the switch."""
    return sum(_is_held(author) for author in _authors())


def _authors() -> list[str]:
    return list(models.Watch.objects.filter(set_aside="").order_by("author").values_list("author", flat=True))


def _is_held(author: str) -> bool:
    try:
        hold = store.read(author).hold(HoldCause.SWITCH)
    except ServerRefused:
        return False
    return hold is not None and hold.placed_by == HOST


@host_only
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest) -> HttpResponse:
    """All clocks stand, or go on: first a page that says what it means, then the button."""
    if request.method != "POST":
        return render(request, "host/hold.html", {"held": held(), "people": len(_authors())})
    lift = bool(request.POST.get("lift"))
    pressed = switch.press(
        store.here(), [one for one in _authors() if _is_held(one) is lift], HoldCause.SWITCH, lift=lift
    )
    still = sum(map(bool, pressed.done.values()))
    if lift:
        _say(request, "Going on, every wait again in full", len(pressed.done) - still)
        if still:
            _say(request, "Standing still yet, by a hold that is not lifted here", still)
    else:
        _say(request, "Standing still", still)
    return redirect("host")


def _say(request: HttpRequest, what: str, number: int) -> None:
    messages.success(request, f"{what}: {number} {'watch' if number == 1 else 'watches'}.")


urlpatterns = [
    path("host", house, name="host"),
    path("host/light", keep_light, name="host-light"),
    path("host/hold", hold, name="host-hold"),
]
