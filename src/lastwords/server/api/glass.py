"""Break glass: asking for the emergency notes, denying it, keeping them, and handing them out once that is allowed.

The host keeps the notes under a cover together with the key of that cover, which opens nothing else: beneath it they
are sealed to the keepers, and this host holds no code that opens anything. Whether somebody may have them is said in
one place, by the machine (`may_take`): alarms were handed over, the wait has run, nobody denied it (I9).
"""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from lastwords.protocol import events
from lastwords.protocol.rules import breakglass
from lastwords.server import accounts
from lastwords.server.models import Notes, Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.server.store import RefusedStep
from lastwords.signing import canonical
from lastwords.signing.documents import Signed
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.notes import EmergencyNotes

from . import door, parts, views
from .door import Base64, Body, Documented, Seen, SignedText

router = Router(tags=["glass"])

ASK, DENY, COVER_ANEW = "break glass", "deny", "cover notes anew"
CARD = "card"
"""The subject of an asking's document that says the card's own copy was opened."""
MOST_CARDS = 10
"""Openings with the card that one keeper can report within an hour: an alarm is no way to fill mailboxes."""

CoverKey = Annotated[str, StringConstraints(pattern=r"^AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}$")]


class Break(Body):
    card: bool
    document: SignedText


class NewNotes(Body):
    """By the author: `document` is their signed word for the notes. By a keeper who has opened them: the act of
    covering anew, with the hash of what is covered."""

    document: SignedText
    covered: Base64
    cover: CoverKey


# Asking.


@router.get("/watches/{author}/glass")
def glass(request: HttpRequest, author: str) -> dict[str, Any]:
    """Who has asked and how far it has come; whether there are notes, and whether they are sealed to the one asking."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    signed = _word(author)
    now = door.now()
    return {
        "glass": [views.glass(one, now) for one in seen.watch.glass],
        "wait": seen.watch.plan.glass,
        "notes": signed is not None,
        "for_you": bool(signed and signed.document.reader(seen.person.handle)),
    }


@router.post("/watches/{author}/glass", response={201: dict[str, Any]})
def break_glass(request: HttpRequest, author: str, body: Break) -> Status[dict[str, Any]]:
    """A keeper asks for the emergency notes, or says that the card's own copy was opened. Everyone is alarmed."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_act(seen, body.document, "keeper", ASK, CARD if body.card else None)
    keeper = seen.person.handle
    if body.card:
        if accounts.attempt(f"glass_card:{author}:{keeper}", 3600) > MOST_CARDS:
            raise problem("too_often")
    else:
        _must_be_reader(_word_or_refusal(author), keeper)
    event = events.BreakGlass(by=keeper, card=body.card)
    step = door.act(author, event, [Paper("act", ASK, signed.data)])
    return Status(201, {"glass": [views.glass(one, door.now()) for one in step.watch.glass]})


@router.post("/watches/{author}/glass/{keeper}/deny")
def deny_glass(request: HttpRequest, author: str, keeper: str, body: Documented) -> dict[str, Any]:
    """The author or another keeper says no."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    role = "author" if seen.has(parts.AUTHOR) else "keeper"
    signed = door.signed_act(seen, body.document, role, DENY, keeper)
    event = events.DenyGlass(by=seen.person.handle, keeper=keeper)
    step = door.act(author, event, [Paper("act", DENY, signed.data)])
    return {"glass": [views.glass(one, door.now()) for one in step.watch.glass]}


# The notes.


@router.get("/watches/{author}/glass/notes")
def notes(request: HttpRequest, author: str) -> dict[str, Any]:
    """To the author: the word they signed. To a keeper whose asking is open: the covered notes with the keys of their
    covers, the newest first; the author's own comes last, so that a keeper who covers them badly harms nobody."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    if seen.has(parts.AUTHOR):
        signed = _word(author)
        return {
            "number": signed.document.number if signed else 0,
            "document": signed.data.decode() if signed else None,
        }
    refusal = breakglass.may_take(seen.watch, seen.person.handle)
    if refusal is not None:
        raise RefusedStep(refusal)
    signed = _word_or_refusal(author)
    _must_be_reader(signed, seen.person.handle)
    return {
        "number": signed.document.number,
        "document": signed.data.decode(),
        "covers": [
            {"by": row.by, "covered": door.base64_of(row.covered), "cover": row.cover}
            for row in Notes.objects.filter(watch_id=author).order_by("-id")
        ],
    }


@router.put("/watches/{author}/glass/notes")
def keep_notes(request: HttpRequest, author: str, body: NewNotes) -> dict[str, Any]:
    """Keeps notes under a new cover; the key of the cover before is deleted."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    covered = door.body_of(body.covered)
    event = events.SealNotes(by=seen.person.handle)
    if seen.has(parts.AUTHOR):
        signed = _new_word(seen, body.document)
        paper, text = Paper("notes", str(signed.document.number), signed.data), signed.data.decode()
        before = Notes.objects.filter(watch_id=author)
    else:
        signed = _word_or_refusal(author)
        act = door.signed_act(seen, body.document, "keeper", COVER_ANEW, str(signed.document.number))
        door.must(act.document.body == canonical.digest(covered), "body_hash")
        paper, text = Paper("act", COVER_ANEW, act.data), signed.data.decode()
        before = Notes.objects.filter(watch_id=author).exclude(by=author)
    with door.together():
        door.act(author, event, [paper])
        before.delete()
        Notes.objects.create(
            watch_id=author,
            by=seen.person.handle,
            number=signed.document.number,
            document=text,
            covered=covered,
            cover=body.cover,
            made=door.now().wall,
        )
    return {"number": signed.document.number}


def _word(author: str) -> Signed[EmergencyNotes] | None:
    """The author's signed word for the notes kept here, None without any."""
    row = Notes.objects.filter(watch_id=author, by=author).first()
    if row is None:
        return None
    return door.kept(Person.objects.get(handle=author), row.document.encode(), EmergencyNotes)


def _word_or_refusal(author: str) -> Signed[EmergencyNotes]:
    signed = _word(author)
    if signed is None:
        raise problem("no_notes")
    return signed


def _must_be_reader(signed: Signed[EmergencyNotes], keeper: str) -> None:
    """Refuses a keeper to whose key the notes are not sealed: asking would cost a seat and open nothing."""
    place = signed.document.reader(keeper)
    if place is None or place.sealing != fingerprint(Person.objects.get(handle=keeper).public_key):
        raise problem("notes_not_for_you")


def _new_word(seen: Seen, text: str) -> Signed[EmergencyNotes]:
    """The author's word for new notes: it follows the one kept, and names keepers by the keys kept for them."""
    signed = door.signed_by(seen.person, text, EmergencyNotes)
    document = signed.document
    door.must(document.author == seen.author)
    old = _word(seen.author)
    # Higher, and not the next: an author's machine counts on from the highest it has given, also on a restored host.
    door.must(document.number > (old.document.number if old else 0), "notes_not_next")
    seats = {seat.keeper for seat in parts.seats_in_reach(seen.watch)}
    people = Person.objects.in_bulk([reader.keeper for reader in document.readers])
    for reader in document.readers:
        known = people.get(reader.keeper)
        fits = known is not None and reader.sealing == fingerprint(known.public_key)
        door.must(fits and reader.keeper in seats, "notes_readers")
    return signed
