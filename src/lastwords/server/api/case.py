"""The case: the keepers' record and workplace, and who is called into it. Entries are sealed by the clients."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.db.models.functions import Length
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.watch import Statement, Track, Watch
from lastwords.server import models
from lastwords.server.models import Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.server.retention import ENTRY, TEXT
from lastwords.signing import canonical

from . import allowance, door, parts, standing, state, views
from .door import Base64, Body, Handle, Seen

router = Router(tags=["case"])

Kind = Literal[
    "harm",
    "contact_attempt",
    "sighting",
    "observation",
    "treatment",
    "place",
    "document",
    "decision",
    "note",
    "question",
    "task",
    "task_taken",
    "task_reported",
    "on_watch",
    "withdrawal",
]
"""The kinds of entries. What one says is sealed; that it is, say, an observation, is not."""
KEEPERS = "keepers"
CASE = "case"
"""Audiences: everyone in the case; and of those only the ones who receive none of the words."""
ENTRIES_SHOWN = 4 << 20
"""Bytes of entries in one answer, give or take the last of them."""
OUTSIDE = 256
"""Bytes that an entry takes in an answer beside its body, roughly; an erased one takes no more."""


class Entry(Body):
    kind: Kind
    audience: Literal["keepers", "case"]
    body: Base64
    about: Annotated[int, Field(ge=1)] | None = None


class Call(Body):
    keeper: Handle


# Reading.


@router.get("/watches/{author}/case")
def case(request: HttpRequest, author: str, after: int = 0) -> dict[str, Any]:
    """The newest case: who was called, what was stated and signed, entries, and the keys to seal to. Of the entries
    those after a number, as many as go into one answer; `more` says that others follow.

    The author sees who signed what, and the entries' outsides, but no entry made while keepers speak among themselves
    carries a body for them: those are sealed to the keepers."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    watch, newest, person = seen.watch, door.case_of(seen), seen.person.handle
    shown = (
        views.case(newest)
        | _force(seen)
        | {
            "name": views.name_of(author),
            "people": views.called(watch, newest),
            "epoch": watch.epoch,
            "plan_version": watch.plan.version,
            "quorum": watch.plan.quorum,
            "home": list(views.seen_home(watch)),
            "ended_by": list(newest.ended_by),
            "standing": _standing(seen),
        }
        | _entries(seen, after)
    )
    if not parts.knows_stage(watch, person):
        return shown
    tracks = watch.tracks if seen.has(parts.AUTHOR) else parts.kept_tracks(watch, person)
    return shown | {
        "stage": watch.stage.value,
        "holds": views.holds_of(watch),
        "heads": [_head(watch, track) for track in tracks if track.bears_words],
        "statements": [_statement(watch, made, tracks, person) for made in watch.statements],
        "not_them": list(watch.closing.not_them) if watch.closing else [],
        "tracks": [views.track_in_case(watch, track, person) for track in tracks if track.bears_words],
        "audience": {
            CASE: _people(watch, parts.audience(watch)),
            KEEPERS: _people(watch, audience(watch, KEEPERS, person)),
        },
    }


def _standing(seen: Seen) -> dict[str, Any]:
    """How things stand in words, as the reader's own page has it: to a keeper with what is asked of them and when what
    ends, to the author with as much as their page begins with."""
    watch, person = seen.watch, seen.person
    if person.handle == seen.author:
        said = state.of_author(seen)
        return asdict(standing.Standing(said.sentence, said.detail, ""))
    names = standing.names_of((seen.author, *(one.placed_by for one in watch.holds)))
    return asdict(standing.of(watch, person.handle, names[seen.author], names, door.now(), person.zone))


def _force(seen: Seen) -> dict[str, Any]:
    """What those whom a word under force has called know of it; `without` is the case that they would read without it,
    for what they sign and somebody reads who was not called."""
    shown = views.force(seen.watch)
    if not shown:
        return {}
    plain = door.as_author_reads(seen)
    case = plain.watch.case
    without = {"number": case.number, "epoch": plain.watch.epoch} if case and door.was_called(plain) else None
    return {"force": shown["force"] | {"without": without}}


def audience(watch: Watch, name: str, reader: str = "") -> tuple[str, ...]:
    """The people an entry for this audience is sealed to, as `reader` is shown it: with themselves always in it, or
    a keeper would learn from their own absence that there are words for them."""
    everyone = parts.audience(watch)
    if name == CASE:
        return everyone
    return tuple(one for one in everyone if one == reader or not parts.receives(watch, one))


def _people(watch: Watch, handles: tuple[str, ...]) -> list[dict[str, Any]]:
    people = Person.objects.in_bulk(list(handles))
    return [
        {
            "handle": handle,
            "public_key": people[handle].public_key,
            "signing_key": people[handle].signing_key,
            "vouching": door.paper_text(watch.author, "vouching", handle),
        }
        for handle in handles
    ]


def _head(watch: Watch, track: Track) -> dict[str, Any]:
    """What a statement names for this track, and whose keys a share given with it is sealed to and covered for."""
    return {
        "track": track.key,
        "number": track.manifest[0],
        "sha256": track.manifest[1],
        "recipient": track.recipient,
        "cover": list(parts.cover(watch, track)),
    }


def _statement(watch: Watch, made: Statement, tracks: tuple[Track, ...], person: str) -> dict[str, Any]:
    """A standing statement, with the heads the reader may know. Its signed text names everybody's words, so it goes to
    the author alone; its free text to those it was sealed to."""
    known = {track.key for track in tracks}
    shown = views.statement(made)
    shown["heads"] = [head for head in shown["heads"] if head["track"] in known]
    signed = door.newest_paper(watch.author, "statement", made.keeper)
    if signed is None:
        return shown
    if person == watch.author:
        shown["document"] = bytes(signed.body).decode()
    text = door.newest_paper(watch.author, TEXT, made.keeper)
    if (
        text is not None
        and text.row == signed.row
        and person in (made.keeper, *audience(watch, KEEPERS))
        and text.body
    ):
        shown["text"] = door.base64_of(text.body)
    return shown


def _entries(seen: Seen, after: int) -> dict[str, Any]:
    """The entries of the newest case after a number, in order: to the author all, without the bodies that are not for
    them; to a keeper those whose audience they are in, and of the others not even that they exist. `wrote` names
    everybody who wrote one of all of these."""
    assert seen.watch.case is not None
    rows = models.Paper.objects.filter(
        watch_id=seen.author, kind=ENTRY, name__startswith=f"{seen.watch.case.number}/"
    )
    mine = _audiences(seen)
    known = [
        (ident, number, by, size)
        for ident, number, by, name, size in rows.order_by("row").values_list(
            "id", "row", "by", "name", Length("body")
        )
        if seen.has(parts.AUTHOR) or _may_read(seen, by, name, mine)
    ]
    shown, room, more = [], ENTRIES_SHOWN, False
    for ident, number, _, size in known:
        if number > after:
            more = room <= 0
            if more:
                break
            shown.append(ident)
            room -= size + OUTSIDE
    found = rows.in_bulk(shown)
    return {
        "entries": [_entry(seen, found[ident], mine) for ident in shown],
        "more": more,
        "wrote": sorted({by for _, _, by, _ in known}),
    }


def _audiences(seen: Seen) -> tuple[str, ...]:
    """The audiences that this reader is in: looked up once, and not for each of thousands of entries."""
    return tuple(name for name in (CASE, KEEPERS) if seen.person.handle in audience(seen.watch, name))


def _may_read(seen: Seen, by: str, name: str, mine: tuple[str, ...]) -> bool:
    return seen.person.handle == by or name.split("/")[2] in mine


def _entry(seen: Seen, row: models.Paper, mine: tuple[str, ...]) -> dict[str, Any]:
    """An entry's name is `case/kind/audience/about`; its number is that of the log row that holds its hash. One that
    was erased after its time still says when, by whom and of what kind it was."""
    _, kind, name, about = row.name.split("/")
    erased = not row.body
    return {
        "number": row.row,
        "kind": kind,
        "by": row.by,
        "at": row.made,
        "audience": name,
        "about": int(about) or None,
        "sha256": row.sha256,
        "erased": erased,
        "body": door.base64_of(row.body) if not erased and _may_read(seen, row.by, row.name, mine) else None,
    }


# Working.


@router.post("/watches/{author}/case/answers")
def answer_call(request: HttpRequest, author: str) -> dict[str, Any]:
    """A called keeper says "I am here"."""
    seen = door.enter(request, author, parts.KEEPER)
    step = door.act(author, events.AnswerCall(by=seen.person.handle))
    assert step.watch.case is not None
    return {"case": step.watch.case.number, "answered": list(step.watch.case.answered)}


@router.post("/watches/{author}/case/calls")
def call_alternate(request: HttpRequest, author: str, body: Call) -> dict[str, Any]:
    """Calls an alternate into the open case at once, without waiting for their turn."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    step = door.act(author, events.CallAlternate(by=seen.person.handle, keeper=body.keeper))
    assert step.watch.case is not None
    return {"case": step.watch.case.number, "called": list(step.watch.case.called)}


@router.post("/watches/{author}/case/entries", response={201: dict[str, Any]})
def write_entry(request: HttpRequest, author: str, body: Entry) -> Status[dict[str, Any]]:
    """Adds a sealed entry. Nothing is ever changed or taken out; a correction is a new entry about the old one."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    data = door.body_of(body.body)
    number = seen.watch.case.number if seen.watch.case else 0
    if not allowance.written(author, number, seen.person.handle).has_room_for_entry(len(data)):
        raise problem("entries_enough")
    rows = models.Paper.objects.filter(watch_id=author, kind=ENTRY, name__startswith=f"{number}/")
    about = None if body.about is None else rows.filter(row=body.about).first()
    if body.about is not None and not (
        about and (seen.has(parts.AUTHOR) or _may_read(seen, about.by, about.name, _audiences(seen)))
    ):
        raise problem("malformed")
    name = f"{number}/{body.kind}/{body.audience}/{body.about or 0}"
    event = events.NoteInCase(by=seen.person.handle, kind=body.kind, entry=canonical.digest(data))
    with door.together():
        door.act(author, event, [Paper(ENTRY, name, data)])
        row = door.newest_paper(author, ENTRY, name)
    assert row is not None
    return Status(201, {"number": row.row, "case": number})
