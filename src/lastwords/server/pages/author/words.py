"""Writing: what is sealed for whom, and one page for each person and condition. Sealing itself is the browser's."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lastwords.protocol.stages import Condition
from lastwords.protocol.watch import Track, track_key
from lastwords.server.api import door, words
from lastwords.server.api.door import Seen
from lastwords.server.moments import short
from lastwords.server.pages.entrance import author
from lastwords.server.pages.once import NOT_WHOLE, Once, once_only
from lastwords.server.problems import problem

from .home import names_of, questions
from .people import KEEPER, Known, known

WHEN = {
    Condition.DIED: "If you have died",
    Condition.CANNOT_ACT: "If you live and cannot act for yourself",
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A track that bears words: which version is in force, since when, and whether it should be sealed anew."""

    key: str
    when: str
    number: int
    since: str
    instead_of: str
    due: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person, what is sealed for them, and what could be written."""

    person: Known
    sealed: tuple[Sealed, ...]
    free: tuple[tuple[str, str], ...]
    """Track and condition of what is not written yet."""


@author
@require_safe
def writing(request: HttpRequest, seen: Seen) -> HttpResponse:
    names = names_of(seen.watch)
    everybody = known(seen)
    rows = [_row(seen, one, names) for one in everybody]
    shown = {
        "person": seen.person,
        "rows": [row for row in rows if row.person.how != KEEPER or row.sealed],
        "keepers": [row for row in rows if row.person.how == KEEPER and not row.sealed],
        "questions": questions(seen.watch, seen.person.zone, names),
        "leave": Once(),
        "everybody": everybody,
    } | _terms(seen)
    return render(request, "author/writing.html", shown)


def _terms(seen: Seen) -> dict[str, Any]:
    """What a choice of keepers is bound by: of more than `most` the plan's number is no majority, once it is armed."""
    plan = seen.watch.plan
    return {"plan": plan, "armed": seen.watch.armed, "most": 2 * plan.quorum - 1}


def _row(seen: Seen, one: Known, names: dict[str, str]) -> Row:
    tracks = [track for track in seen.watch.tracks if track.recipient == one.handle and track.bears_words]
    written = {track.key for track in tracks}
    free = ((track_key(condition, one.handle), when) for condition, when in WHEN.items())
    return Row(
        one,
        tuple(_sealed(seen, track, names) for track in tracks),
        tuple(pair for pair in free if pair[0] not in written),
    )


def _sealed(seen: Seen, track: Track, names: dict[str, str]) -> Sealed:
    paper = door.newest_paper(seen.author, "manifest", track.key)
    return Sealed(
        track.key,
        WHEN[track.condition],
        track.manifest[0],
        short(paper.made, seen.person.zone) if paper else "",
        names.get(track.instead_of, track.instead_of),
        _due(seen, track),
    )


def _due(seen: Seen, track: Track) -> str:
    """Why these words should be sealed anew, empty where they need not be."""
    if track.key in seen.watch.keys_due:
        return "New keys are due: your keepers changed, or a case has passed."
    if not track.share_set and not seen.watch.plan.timer_only:
        return "Your keepers' lock is not on these words yet. Put it on once enough keepers are verified."
    return ""


@author
@require_safe
def compose(request: HttpRequest, seen: Seen, track: str) -> HttpResponse:
    condition, recipient, instead_of = _named(seen, track)
    everybody = known(seen)
    names = {one.handle: one.name for one in everybody}
    sealed = next((one for one in seen.watch.tracks if one.key == track and one.bears_words), None)
    paper = door.newest_paper(seen.author, "manifest", track) if sealed else None
    shown = {
        "person": seen.person,
        "track": track,
        "to": recipient,
        "first": recipient.name.split(" ")[0],
        "condition": condition.value,
        "when": WHEN[condition],
        "instead_of": names.get(instead_of, instead_of),
        "others": list(_others(condition, recipient.handle, instead_of)),
        "stand_ins": [
            (one.name, track_key(condition, one.handle, recipient.handle))
            for one in everybody
            if one.handle != recipient.handle and not instead_of
        ],
        "adults": [one for one in everybody if one.handle != recipient.handle],
        "adult": sealed.adult if sealed else "",
        "everybody": everybody,
        "sealed": sealed,
        "question": next(
            (one for one in questions(seen.watch, seen.person.zone, names) if one.track == track), None
        ),
        "leave": Once(),
        "since": short(paper.made, seen.person.zone) if paper else "",
    } | _terms(seen)
    return render(request, "author/compose.html", shown)


def _named(seen: Seen, track: str) -> tuple[Condition, Known, str]:
    """What a track's name says, if it names people whom this author can write to."""
    condition, _, people = track.partition(".")
    handle, _, instead_of = people.partition(".")
    everybody = {one.handle: one for one in known(seen)}
    unknown = instead_of and instead_of not in everybody
    if condition not in {one.value for one in Condition} or handle not in everybody or unknown:
        raise problem("not_found")
    return Condition(condition), everybody[handle], instead_of


def _others(condition: Condition, handle: str, instead_of: str) -> Iterator[tuple[str, str]]:
    """The same person under the other condition."""
    for other, when in WHEN.items():
        if other is not condition:
            yield when, track_key(other, handle, instead_of)


class Leave(Once):
    """The answer to “Is it still right?”, given on whichever page asked."""

    then = forms.ChoiceField(
        choices=[("home", ""), ("write", "")],
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": NOT_WHOLE},
    )


@author
@require_POST
def leave(request: HttpRequest, seen: Seen, track: str) -> HttpResponse:
    """Words that were asked about are left as they are."""
    form = Leave(request.POST)

    def act() -> None:
        words.leave_words(request, seen.author, track)
        recipient = seen.track(track).recipient
        name = names_of(seen.watch).get(recipient, recipient)
        messages.success(request, f"The words for {name} stay as they are. You are asked again in a year.")

    if not once_only(request, form, act):
        for said in form.errors.values():
            messages.warning(request, " ".join(map(str, said)))
    return redirect(form.cleaned_data.get("then") or "home")


urlpatterns = [
    path("write", writing, name="write"),
    path("write/<str:track>", compose, name="compose"),
    path("write/<str:track>/leave", leave, name="leave-words"),
]
