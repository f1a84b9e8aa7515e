"""The case: the keepers' record and workplace. Entries are sealed by the clients; statements are signed and bound."""

from typing import Annotated, Any, Literal

from django.db.models.functions import Length
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.quiet import seen_by
from lastwords.protocol.stages import Evidence, Finding, Order
from lastwords.protocol.watch import Statement, Track, Watch
from lastwords.server import models
from lastwords.server.models import Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.server.retention import ENTRY, TEXT
from lastwords.signing import canonical
from lastwords.signing.act import Act
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.statement import GivenShare
from lastwords.signing.statement import Statement as SignedStatement

from . import allowance, deposits, door, parts, views
from .door import Base64, Body, Documented, Handle, Seen, SignedText, TrackKey

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


class Given(Body):
    track: TrackKey
    part: Literal["words", "wishes"]
    body: Base64
    head: SignedText | None = None


class NewStatement(Body):
    """`step_back`: the keeper cannot answer freely, says *could not find out*, and their seat counts no more. They get
    the answer to any such statement, byte for byte."""

    document: SignedText
    step_back: bool = False
    given: Annotated[list[Given], Field(max_length=512)] = []
    text: Base64 | None = None


class Signature(Body):
    document: SignedText
    act: Literal[
        "seen or heard",
        "not them",
        "tried in person",
        "recipient died",
        "recipient lives",
        "close case",
        "free again",
    ]
    subject: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    order: Order | None = Field(default=None, strict=False)


# Reading.


@router.get("/watches/{author}/case")
def case(request: HttpRequest, author: str, after: int = 0) -> dict[str, Any]:
    """The newest case: who was called, what was stated and signed, entries, and the keys to seal to. Of the entries
    those after a number, as many as go into one answer; `more` says that others follow.

    The author sees who signed what, and the entries' outsides, but no entry made while keepers speak among themselves
    carries a body for them: those are sealed to the keepers."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    watch = seen.watch
    if watch.case is None or not (seen.has(parts.AUTHOR) or _was_called(seen)):
        raise problem("not_found")
    person = seen.person.handle
    shown = (
        views.case(watch.case)
        | _force(seen)
        | {
            "name": views.name_of(author),
            "people": views.called(watch, watch.case),
            "epoch": watch.epoch,
            "plan_version": watch.plan.version,
            "quorum": watch.plan.quorum,
            "home": list(views.seen_home(watch)),
            "ended_by": list(watch.case.ended_by),
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


def _force(seen: Seen) -> dict[str, Any]:
    """What those whom a word under force has called know of it; `without` is the case that they would read without it,
    for what they sign and somebody reads who was not called."""
    shown = views.force(seen.watch)
    if not shown:
        return {}
    plain = door.as_author_reads(seen)
    case = plain.watch.case
    without = {"number": case.number, "epoch": plain.watch.epoch} if case and _was_called(plain) else None
    return {"force": shown["force"] | {"without": without}}


def _was_called(seen: Seen) -> bool:
    """Whoever was called may read the case, and goes on reading it once it is closed: the welcome-home page is signed
    for 90 days. An alternate whom it has not called yet knows of no case."""
    return seen.watch.case is not None and seen.person.handle in seen.watch.case.called


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
    standing = door.newest_paper(watch.author, "statement", made.keeper)
    if standing is None:
        return shown
    if person == watch.author:
        shown["document"] = bytes(standing.body).decode()
    text = door.newest_paper(watch.author, TEXT, made.keeper)
    if (
        text is not None
        and text.row == standing.row
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


# Statements.


@router.post("/watches/{author}/case/statements", response={201: dict[str, Any]})
def make_statement(request: HttpRequest, author: str, body: NewStatement) -> Status[dict[str, Any]]:
    """A keeper's signed finding, with the shares given on it and perhaps a text sealed to the keepers. It is never
    refused for what its keeper has written before: where there is no more room for the text, that alone is left out."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_by(seen.person, body.document, SignedStatement)
    document = signed.document
    keeper = seen.person.handle
    door.must((document.keeper, document.author) == (keeper, author))
    door.must(document.case == door.case_number(seen.watch), "stale_document")
    papers = [Paper("statement", keeper, signed.data), *_given(seen, document, body.given)]
    if (body.text is None) != (document.free_text is None):
        raise problem("body_hash")
    text_left_out = False
    if body.text is not None and document.free_text is not None:
        text = door.body_of(body.text, named=document.free_text)
        text_left_out = not allowance.written(author, int(document.case), keeper).has_room_for_text(len(text))
        papers += [] if text_left_out else [Paper(TEXT, keeper, text)]
    event = _statement_event(keeper, document, body.step_back)
    watch = seen_by(door.act(author, event, papers).watch, keeper)
    given = [{"track": share.track, "part": share.part} for share in document.given]
    tracks = [views.track_in_case(watch, track, keeper) for track in parts.kept_tracks(watch, keeper)]
    return Status(
        201,
        {
            "finding": door.underscored(document.finding),
            "stage": watch.stage.value,
            "given": given,
            "text_left_out": text_left_out,
            "tracks": tracks,
            "quorum": watch.plan.quorum,
        },
    )


def _statement_event(keeper: str, document: SignedStatement, step_back: bool) -> events.Event:
    """The event of a signed statement. Only *could not find out* has room for stepping back."""
    finding, evidence = (
        Finding(door.underscored(document.finding)),
        Evidence(door.underscored(document.evidence)),
    )
    heads = tuple((head.track, head.number, head.sha256) for head in document.manifests)
    bound = (int(document.case), document.epoch, document.plan_version)
    if step_back:
        door.must(finding is Finding.COULD_NOT_FIND_OUT)
        return events.StepBackUnseen(keeper, evidence, *bound, heads)
    return events.MakeStatement(keeper, finding, evidence, *bound, heads)


def _given(seen: Seen, document: SignedStatement, given: list[Given]) -> list[Paper]:
    """The shares that come with a statement: exactly those it names, each sealed as it must be."""
    named = {(share.track, share.part): share for share in document.given}
    if len(given) != len(named) or {(one.track, one.part) for one in given} != set(named):
        raise problem("share_unknown")
    papers = []
    for one in given:
        share = named[one.track, one.part]
        track = parts.kept_track(seen.watch, seen.person.handle, one.track)
        if track is None:
            raise problem("share_unknown")
        _check_covers(seen, track, share)
        body = door.body_of(one.body, named=share.sha256)
        papers.append(deposits.paper(deposits.GIVEN, track.key, one.part, seen.person.handle, body))
        if one.head is not None:
            papers.append(deposits.signed_head(seen, track, one.part, one.head))
    return papers


def _check_covers(seen: Seen, track: Track, share: GivenShare) -> None:
    """Sealed to exactly the recipient's key, covered for exactly the keepers who hold a share of these words and
    receive none of them: nobody else may take the cover off, and nobody who may is left out."""
    handles = parts.cover(seen.watch, track)
    people = Person.objects.in_bulk([track.recipient, *handles])
    recipient = people.get(track.recipient)
    door.must(recipient is not None and share.sealed_to == fingerprint(recipient.public_key), "share_covers")
    door.must(
        set(share.covered_to) == {fingerprint(people[one].public_key) for one in handles}, "share_covers"
    )


@router.post("/watches/{author}/case/statements/retract")
def retract_statement(request: HttpRequest, author: str, body: Documented) -> dict[str, Any]:
    """Takes one's own statement back; the shares given with it are deleted."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_act(seen, body.document, "keeper", "withdraw statement", in_case=True)
    event = events.RetractStatement(by=seen.person.handle)
    step = door.act(author, event, [Paper("act", "withdraw statement", signed.data)])
    return {"retracted": True, "stage": step.watch.stage.value}


# Other things keepers sign.


@router.post("/watches/{author}/case/signatures", response={201: dict[str, Any]})
def sign(request: HttpRequest, author: str, body: Signature) -> Status[dict[str, Any]]:
    """Home, not them, tried in person, recipient died, nothing more to do: each an act bound to case and epoch.

    For *recipient died* the signed subject is `RECIPIENT:ORDER`, so that the order is signed too. *Recipient lives*
    takes that back; its subject is the recipient."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_by(seen.person, body.document, Act)
    event, subject = _signature(seen, body, canonical.digest(signed.data))
    door.check_act(seen, signed.document, seen.person.handle, "keeper", body.act, subject, in_case=True)
    step = door.act(author, event, [Paper("act", body.act, signed.data)])
    case = seen_by(step.watch, seen.person.handle).case
    return Status(
        201,
        {
            "signed": body.act,
            "stage": step.watch.stage.value,
            "home": list(case.home) if case else [],
            "ended_by": list(case.ended_by) if case else [],
        },
    )


def _signature(seen: Seen, body: Signature, digest: str) -> tuple[events.Event, str | None]:
    """The event of a signature, and what its document must name as subject."""
    by = seen.person.handle
    if body.act == "recipient died":
        if body.subject is None or body.order is None:
            raise problem("malformed")
        event = events.SignRecipientDied(by=by, recipient=body.subject, order=body.order)
        return event, f"{body.subject}:{body.order.value}"
    if body.act == "recipient lives":
        if body.subject is None:
            raise problem("malformed")
        return events.RetractRecipientDied(by=by, recipient=body.subject), body.subject
    if body.act == "free again":
        return events.SignFree(by=by, document=digest), body.subject
    plain = {
        "seen or heard": events.SignHome,
        "not them": events.SignNotThem,
        "tried in person": events.SignTried,
        "close case": events.SignEnd,
    }[body.act]
    return plain(by=by), body.subject
