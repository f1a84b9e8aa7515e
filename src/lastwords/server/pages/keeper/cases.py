"""Whose keeper one is, and the case: its number and state in words, who is there, what was stated, what to do next."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lastwords.protocol.stages import SeatStage
from lastwords.protocol.watch import Watch
from lastwords.server import models
from lastwords.server.api import case as api_case
from lastwords.server.api import door, parts, standing, views
from lastwords.server.api.standing import names_of
from lastwords.server.pages.entrance import signed_in
from lastwords.server.problems import problem
from lastwords.server.reach import reached

from . import lines


@dataclass(frozen=True, slots=True)
class Kept:
    """Somebody whose keeper this person is. `stands` is None while nothing is asked, or nothing that they may know.
    `practice` is the number of one that waits for this keeper's answer, and `practice_ends` until when; 0 for none."""

    author: str
    name: str
    number: int
    stands: standing.Standing | None
    askings: list[lines.Asking]
    practice: int
    practice_ends: int
    rests: bool
    suspended: bool
    to_sign: bool
    """Whether a restore's hold stands that waits for this keeper's signature."""
    unproven: bool
    holds: bool
    """Whether they hold a share of any words, and so have a kit to save."""

    @property
    def open(self) -> bool:
        return self.stands is not None

    @property
    def asks(self) -> bool:
        return bool(self.stands and self.stands.asked) or self.to_sign

    @property
    def idle(self) -> bool:
        """Whether there is nothing at all that this keeper is asked to do for this author."""
        return not (self.asks or self.open or self.practice or self.rests or self.unproven or self.to_deny)

    @property
    def to_deny(self) -> lines.Asking | None:
        """An asking for the emergency notes to which this keeper can still say no."""
        return next((one for one in self.askings if one.to_deny), None)


def names_in(shown: dict[str, Any], author: str) -> dict[str, str]:
    """Names of everybody whom a case as the API shows it speaks of."""
    tracks = shown.get("tracks", [])
    handles = {author, *shown["called"]}
    handles |= {track[part] for track in tracks for part in ("recipient", "told_by", "adult")}
    handles |= {one["placed_by"] for one in shown.get("holds", [])}
    return names_of(handles)


def kept(person: models.Person) -> list[Kept]:
    authors = models.Part.objects.filter(person=person.handle).values("watch")
    rows = models.Watch.objects.filter(author__in=authors, set_aside="").order_by("author")
    return [
        kept_for(watch, person)
        for watch in door.readable(rows, person.handle)
        if parts.KEEPER in parts.of(watch, person.handle)
    ]


def kept_for(watch: Watch, person: models.Person) -> Kept:
    you, name, now = person.handle, views.name_of(watch.author), door.now()
    case = watch.case if watch.case and you in watch.case.called else None
    knows = parts.knows_stage(watch, you)
    names = names_of((watch.author, *(one.placed_by for one in watch.holds))) if knows else {}
    stands = standing.of(watch, you, name, names, now, person.zone) if case and knows else None
    seat = watch.seat(you)
    mine = views.own_seat(watch, seat) if seat else {"tracks": [], "proven": []}
    practice = watch.practice
    waits = practice if practice and you in practice.asked and you not in practice.answered else None
    return Kept(
        author=watch.author,
        name=name,
        number=case.number if case else 0,
        stands=stands,
        askings=lines.askings(watch, you, name, now, person.zone),
        practice=waits.number if waits else 0,
        practice_ends=waits.wait.ends(now) if waits else 0,
        rests=seat is not None and seat.owes_proof,
        to_sign=views.has_to_sign(watch, you),
        suspended=seat is not None and seat.stage is SeatStage.SUSPENDED,
        unproven=set(mine["tracks"]) > set(mine["proven"]),
        holds=bool(mine["tracks"]),
    )


@signed_in
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    person = door.person_of(request)
    found = kept(person)
    first = [one for one in found if one.asks or one.open]
    rest = [one for one in found if not (one.asks or one.open)]
    context = {
        "person": person,
        "kept": [*first, *rest],
        "heading": _heading(found),
        "reached": bool(reached([person.handle])),
    }
    return render(request, "keeper/cases.html", context)


def _heading(found: list[Kept]) -> str:
    """How things stand for a keeper, in one sentence: the most pressing of all that they are asked."""
    asking = [one.name for one in found if one.asks]
    if asking:
        return f"You are asked about {asking[0]}{' and others' if len(asking) > 1 else ''}"
    for one in found:
        if one.to_deny:
            return f"{one.to_deny.who} asks for the emergency notes of {one.name}"
    if any(one.practice for one in found):
        return "A practice waits for you"
    return "Nothing is asked of you"


@signed_in
@require_safe
def case(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/case.html", case_context(request, author))


def case_context(request: HttpRequest, author: str) -> dict[str, Any]:
    """What every page of a case is given: the case as the API shows it to this keeper, in words."""
    seen = door.enter(request, author, parts.KEEPER)
    shown = api_case.case(request, author)
    assert seen.watch.case is not None
    person = seen.person
    names = names_in(shown, author)
    active = _active(shown)
    return {
        "person": person,
        "zone": person.zone,
        "author": author,
        "name": shown["name"],
        "case": shown,
        "names": names,
        "stands": shown["standing"],
        "where": lines.WHERE.get(shown["standing"]["to_sign"], ""),
        "cause": lines.CAUSES[shown["cause"]],
        "open": shown["closed"] is None,
        "ended": seen.watch.case.ended,
        "survivorship": seen.watch.plan.survivorship,
        "here": person.handle in _there(shown),
        "there": _people(shown, active),
        "silent": _people(shown, set(shown["called"]) - active),
        "statements": lines.statement_lines(shown, shown["name"], names),
        "tracks": lines.track_lines(shown, shown["name"], names),
        "signed_home": [names.get(one, one) for one in shown["home"]],
    }


def _there(shown: dict[str, Any]) -> set[str]:
    """Everyone who has answered the call or stated anything: no alternate is called in their place."""
    return {*shown["answered"], *(made["keeper"] for made in shown.get("statements", []))}


def _active(shown: dict[str, Any]) -> set[str]:
    """Everyone who has answered, stated or written anything, as the command line counts it too."""
    return {*_there(shown), *shown["wrote"]}


def _people(shown: dict[str, Any], handles: set[str]) -> list[str]:
    return [
        f"{one['name']} (alternate)" if one["alternate"] else one["name"]
        for one in shown["people"]
        if one["handle"] in handles
    ]


@signed_in
@require_POST
def here(request: HttpRequest, author: str) -> HttpResponse:
    """The session says who answers: to be there proves nothing about the author."""
    api_case.answer_call(request, author)
    messages.success(request, "The others see that you are there.")
    return redirect("case", author)


# Pages of a case that need the keeper's key: they show the state and leave the rest to their script.


@signed_in
@require_safe
def write(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/write.html", case_context(request, author))


@signed_in
@require_safe
def statement(request: HttpRequest, author: str) -> HttpResponse:
    context = case_context(request, author)
    mine = next((one for one in context["statements"] if one["keeper"] == context["person"].handle), None)
    return render(request, "keeper/statement.html", context | {"mine": mine})


@signed_in
@require_safe
def tell(request: HttpRequest, author: str, track: str) -> HttpResponse:
    context = case_context(request, author)
    one = next((line for line in context["tracks"] if line.key == track), None)
    if one is None:
        raise problem("not_found")
    recipient = next(row["recipient"] for row in context["case"]["tracks"] if row["track"] == track)
    whom = context["names"].get(recipient, recipient)
    return render(request, "keeper/tell.html", context | {"one": one, "whom": whom})


@signed_in
@require_safe
def home(request: HttpRequest, author: str) -> HttpResponse:
    """Who has seen or heard the author; once the case is over, their welcome. One that ended without the author has
    none: keepers closed it over somebody who died."""
    context = case_context(request, author)
    if context["ended"]:
        raise problem("not_found")
    return render(request, "keeper/home.html", context)


def of_keeper(seen: door.Seen) -> dict[str, Any]:
    """What a page of a keeper's says that is bound to no case."""
    return {"person": seen.person, "author": seen.author, "name": views.name_of(seen.author)}


urlpatterns = [
    path("cases", cases, name="cases"),
    path("cases/<str:author>", case, name="case"),
    path("cases/<str:author>/here", here, name="case-here"),
    path("cases/<str:author>/write", write, name="case-write"),
    path("cases/<str:author>/statement", statement, name="case-statement"),
    path("cases/<str:author>/told/<str:track>", tell, name="case-told"),
    path("cases/<str:author>/home", home, name="case-home"),
]
