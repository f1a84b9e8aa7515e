"""Home: how things stand, "I'm here", what is open, the people, and the year behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol import events, machine
from lastwords.protocol import health as circle_health
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import SeatStage, Stage, WordsStage
from lastwords.protocol.watch import Plan, Track, Watch
from lastwords.server import models
from lastwords.server.api import door, state, upkeep, words
from lastwords.server.api.door import Seen
from lastwords.server.api.words import AskedAgain
from lastwords.server.models import Person
from lastwords.server.moments import short
from lastwords.server.pages.context import navigation
from lastwords.server.pages.entrance import author, signed_in
from lastwords.server.pages.keeper import lines
from lastwords.server.pages.once import Once
from lastwords.server.reach import reached

from . import said, year
from .welcome import came_home

DONE, OPEN, LATER = "done", "todo", "later"


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """An author's home. Whoever keeps or receives and writes nothing themselves is led to the page they have."""
    if not models.Watch.objects.filter(author=door.person_of(request).handle).exists():
        return redirect(navigation(request).first)
    response: HttpResponse = of_author(request)
    return response


@author
def of_author(request: HttpRequest, seen: Seen) -> HttpResponse:
    watch, now, zone = seen.watch, door.now(), seen.person.zone
    names = names_of(watch)
    shown = {
        "state": state.of(watch, now, zone, names),
        "zone": zone,
        "tasks": list(tasks(watch, now, names)),
        "questions": questions(watch, zone, names),
        "leave": Once(),
        "people": [_person(seen.author, track, zone, names) for track in watch.tracks if track.bears_words],
        "circle": circle(watch),
        "practice": _practice(request, seen),
        "lines": said.latest(seen.author, zone, names),
        "year": year.of(watch, now.wall),
        "watch": watch,
        "alarm_helps": state.alarm_helps(watch),
        "came_home": came_home(watch),
    }
    return render(request, "author/home.html", shown)


def names_of(watch: Watch) -> dict[str, str]:
    """The names of everyone with a part in a watch."""
    handles = (
        {seat.keeper for seat in watch.seats} | {track.recipient for track in watch.tracks} | {watch.author}
    )
    return dict(Person.objects.filter(handle__in=handles).values_list("handle", "name"))


# What is open.


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: `state` is done, todo, or later where it cannot start yet."""

    title: str
    href: str
    state: str
    hint: str = ""


def tasks(watch: Watch, now: Moment, names: dict[str, str]) -> Iterator[Task]:
    """What there is to do. While the author is asked there is one thing alone, and it is the button above."""
    if not watch.armed:
        yield from first_tasks(watch, now)
    elif watch.stage is Stage.WELL:
        yield from open_tasks(watch, now, names)


def first_tasks(watch: Watch, now: Moment) -> Iterator[Task]:
    """The first ten minutes, in the order in which they are easiest. The machine says whether the plan can start."""
    places = {one.place for one in watch.credentials if not one.void}
    wanted = watch.plan.quorum + 1
    seats = [seat for seat in watch.seats if seat.stage is not SeatStage.REMOVED and not seat.alternate]
    verified = [seat for seat in seats if seat.stage in (SeatStage.VERIFIED, SeatStage.SEASONED)]
    written = [track for track in watch.tracks if track.bears_words]
    yield _task("Prove a way to reach you", "/account/channels", bool(reached([watch.author])))
    yield _task("Print your recovery sheet and prove it", "/account/sheet", watch.recovery_proven)
    yield _task(
        "Print a list of paper codes",
        "/account/codes",
        len(places) > 1,
        "A second way to check in, kept apart from your devices.",
    )
    yield _task(
        "Ask your keepers", "/keepers", len(seats) >= wanted, f"{len(seats)} of at least {wanted} asked."
    )
    yield Task(
        "Verify your keepers",
        "/keepers",
        DONE if len(verified) >= wanted else OPEN if seats else LATER,
        f"{len(verified)} verified." if seats else "It can start when somebody has said “I will”.",
    )
    yield _task("Write to one person first", "/write", bool(written), "Two sentences are enough to begin.")
    outcome = machine.step(watch, events.Arm(watch.author, Plan()), now)
    if isinstance(outcome, Step):
        yield Task("Make the plan active", "/plan", OPEN, "Everything it needs is there.")
    else:
        yield Task("Make the plan active", "/plan", LATER, outcome.happened)


def _task(title: str, href: str, done: bool, hint: str = "") -> Task:
    return Task(title, href, DONE if done else OPEN, "" if done else hint)


def open_tasks(watch: Watch, now: Moment, names: dict[str, str]) -> Iterator[Task]:
    """What is better done soon although the plan stands."""
    for asker in lines.deniable(watch, watch.author):
        title = f"{names.get(asker, asker)} asks for your emergency notes"
        yield Task(title, f"/glass/{watch.author}", OPEN, "Look how far it is, and say no if it is wrong.")
    for seat in watch.seats:
        if seat.stage is SeatStage.ACCEPTED:
            who = names.get(seat.keeper, seat.keeper)
            hint = "They have said “I will” and do not count yet."
            yield Task(f"Verify {who}", f"/keepers/{seat.keeper}", OPEN, hint)
    for warning in circle_health.warnings(watch, upkeep.circle_of(watch), now.wall):
        what, _, remedy = with_names(warning.sentence, names).partition(". ")
        yield Task(what, _MENDED_AT.get(warning.code, "/keepers"), OPEN, remedy)
    refused = models.Channel.objects.filter(person_id=watch.author, failing_since__isnull=False)
    for channel in refused:
        yield Task(
            f"Letters to {channel.address} come back",
            "/account/channels",
            OPEN,
            "Prove another way to reach you.",
        )
    codes = models.PaperCode.objects.filter(person_id=watch.author)
    left = codes.filter(used__isnull=True).count()
    if codes.exists() and left < 3:
        yield Task(
            "Print a new list of paper codes",
            "/account/codes",
            OPEN,
            f"{left} {'is' if left == 1 else 'are'} left.",
        )


_MENDED_AT = {
    "keys_due": "/write",
    "follows_nobody": "/write",
    "practice_old": "/keepers",
    "only_recipient": "/keepers",
}


def with_names(sentence: str, names: dict[str, str]) -> str:
    """A sentence of the machine, which knows handles and tracks, with people's names in their place."""
    said = _TRACK.sub(lambda found: _the_words(names, *found.groups()), sentence)
    return re.sub(r"(?<![\w-])[a-z0-9-]+(?![\w-])", lambda found: names.get(found[0], found[0]), said)


_TRACK = re.compile(r"(?<![\w-])(died|cannot_act)\.([a-z0-9-]+)(?:\.[a-z0-9-]+)?")


def _the_words(names: dict[str, str], condition: str, recipient: str) -> str:
    when = _WHEN[condition]
    return f"the words for {names.get(recipient, recipient)} {when[:1].lower()}{when[1:]}"


@dataclass(frozen=True, slots=True)
class Question:
    """What an author is asked about words that they sealed, or left as they are, more than a year ago."""

    track: str
    name: str
    when: str
    sentence: str


def questions(watch: Watch, zone: str, names: dict[str, str]) -> list[Question]:
    """What there is to ask today: one question for each of the words."""
    return [_question(one, zone, names) for one in words.asked_again(watch, door.now().wall)]


def _question(one: AskedAgain, zone: str, names: dict[str, str]) -> Question:
    track, left = one.track, short(one.left, zone) if one.left else ""
    name = names.get(track.recipient, track.recipient)
    sentence = circle_health.still_right(name, short(one.sealed, zone), left)
    when, other = _WHEN[track.condition.value], names.get(track.instead_of, track.instead_of)
    return Question(track.key, name, f"{when}, instead of {other}" if other else when, sentence)


# People and keepers.

_WAITS = {
    WordsStage.SEALED: "sealed",
    WordsStage.RECALLED: "sealed; they were taken back when a sign of life came",
    WordsStage.RELEASED: "given; nobody has spoken with them yet",
    WordsStage.TOLD: "they were told",
    WordsStage.SHARES_WANTED: "they are opening them",
    WordsStage.OPENED: "opened",
    WordsStage.LATER: "kept for later",
    WordsStage.THROUGH_SOMEONE: "wanted through somebody else",
    WordsStage.DECLINED: "left sealed, as they wished",
    WordsStage.PASSED_ON: "passed on to the alternate",
}
_HANDED_OUT = "taken back, but what opens them had been handed out: they may have been read"
_WHEN = {"died": "If you have died", "cannot_act": "If you live but cannot act"}


def _person(author: str, track: Track, zone: str, names: dict[str, str]) -> dict[str, Any]:
    paper = door.newest_paper(author, "manifest", track.key)
    return {
        "name": names.get(track.recipient, track.recipient),
        "href": f"/write/{track.key}",
        "when": _WHEN[track.condition.value],
        "waits": _HANDED_OUT if track.handed and track.words is WordsStage.RECALLED else _WAITS[track.words],
        "since": short(paper.made, zone) if paper else "",
    }


@dataclass(frozen=True, slots=True)
class CircleLine:
    """The keepers in a sentence, and how many of them count."""

    sentence: str
    spare: int | None


def circle(watch: Watch) -> CircleLine:
    """How the keepers would do today."""
    if watch.plan.timer_only:
        return CircleLine("This plan asks no keepers. The host alone waits, and then gives your words.", None)
    worst = circle_health.worst(watch)
    if worst is None:
        return CircleLine("Your keepers hold no share yet: there are no sealed words.", None)
    return CircleLine(with_names(worst.sentence, names_of(watch)), worst.spare)


def _practice(request: HttpRequest, seen: Seen) -> dict[str, Any]:
    """The last practice in numbers; `number` is 0 before the first."""
    last = upkeep.last_practice(request, seen.author)
    proven = [one for one in last["keepers"] if one["proven"]]
    return {**last, "asked": len(last["keepers"]), "proven": len(proven)}


urlpatterns = [path("home", home, name="home")]
