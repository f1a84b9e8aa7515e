"""A keeper's seat passes to a successor, with its shares sealed again by the one who leaves.

The host opens none of them. What it keeps is the leaving keeper's signed word for whom they handed their place to: the
author's manifest still names the old place, and every client follows these words from there to the one who holds it.
"""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.watch import Track
from lastwords.server import models, new_keys
from lastwords.server.models import Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.signing.act import handed_to
from lastwords.signing.documents import peek
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import WISHES, WORDS, Manifest, RosterSeat

from . import door, parts, views
from .door import Base64, Body, Handle, Seen, SignedText, TrackKey

router = Router(tags=["keepers"])

LEFT = "leave_seat"
"""Paper: the signed word of a keeper who left, named `leaving/successor`."""
PASSED = "passed_share"
"""Paper: a share sealed to the successor, named `track/part/successor`."""


class PassedShare(Body):
    track: TrackKey
    words: Base64
    wishes: Base64 | None = None


class Passing(Body):
    """`document`: act "leave seat", subject = successor, body = SHA-256 over the three fingerprints of their keys."""

    successor: Handle
    document: SignedText
    shares: Annotated[list[PassedShare], Field(max_length=256)]


@router.get("/watches/{author}/seat")
def own_seat(request: HttpRequest, author: str) -> dict[str, Any]:
    """The caller's seat, and the alternates it could pass to, each with the author's signed word for their keys."""
    seen = door.enter(request, author, parts.KEEPER)
    seat = seen.watch.seat(seen.person.handle)
    assert seat is not None
    others = [one.keeper for one in parts.seats_in_reach(seen.watch) if one.alternate and one != seat]
    return {
        "seat": views.own_seat(seen.watch, seat),
        "alternates": [
            {"handle": handle, "vouching": door.paper_text(author, "vouching", handle)} for handle in others
        ],
    }


@router.post("/watches/{author}/seat")
def pass_seat(request: HttpRequest, author: str, body: Passing) -> dict[str, Any]:
    """The caller hands their seat, and every share they hold, to a successor."""
    seen = door.enter(request, author, parts.KEEPER)
    successor = Person.objects.filter(handle=body.successor, is_host=False).first()
    if successor is None or not _may_follow(seen, successor):
        raise problem("successor_unknown")
    signed = door.signed_act(seen, body.document, "keeper", "leave seat", successor.handle)
    door.must(signed.document.body == handed_to(*_fingerprints(successor)), "keys_differ")
    papers = [Paper(LEFT, f"{seen.person.handle}/{successor.handle}", signed.data)]
    papers += _passed(seen, successor, body.shares)
    event = events.PassSeat(by=seen.person.handle, successor=successor.handle)
    watch = door.act(author, event, papers).watch
    seat = watch.seat(successor.handle)
    return {"successor": successor.handle, **(views.own_seat(watch, seat) if seat else {})}


def _may_follow(seen: Seen, successor: Person) -> bool:
    """A successor has a part in some watch that the leaving keeper has a part in, as with `GET /people/{handle}`."""
    if seen.watch.seat(successor.handle) is not None:
        return True
    mine = models.Part.objects.filter(person=seen.person.handle).values_list("watch_id", flat=True)
    watches = models.Watch.objects.filter(author__in={*mine, seen.person.handle})
    return any(
        parts.shares_watch(watch, seen.person.handle, successor.handle)
        for watch in door.readable(watches, seen.person.handle)
    )


def _fingerprints(person: Person) -> tuple[str, str, str]:
    sealing, signing, sign_in = (
        fingerprint(key) for key in (person.public_key, person.signing_key, person.sign_in_key)
    )
    return sealing, signing, sign_in


def _passed(seen: Seen, successor: Person, shares: list[PassedShare]) -> list[Paper]:
    """The shares sealed again: of every track the leaving keeper holds one of, but the successor's own words. Of a
    child's words none is kept for the adult who is with them: whoever leaves may not know of them, so it is dropped and
    not refused."""
    held = {
        track.key: track
        for track in parts.kept_tracks(seen.watch, seen.person.handle)
        if track.recipient != successor.handle
    }
    if {share.track for share in shares} != set(held) or len(shares) != len(held):
        raise problem("share_unknown")
    papers = []
    for share in shares:
        if held[share.track].is_for(successor.handle):
            continue
        papers.append(Paper(PASSED, f"{share.track}/{WORDS}/{successor.handle}", door.body_of(share.words)))
        if share.wishes is not None:
            body = door.body_of(share.wishes)
            papers.append(Paper(PASSED, f"{share.track}/{WISHES}/{successor.handle}", body))
    return papers


# What others see of it.


def passed_share(author: str, track: Track, part: str, keeper: str) -> str | None:
    """The share of this part that was sealed again to a successor, as base64, or None."""
    paper = door.newest_paper(author, PASSED, f"{track.key}/{part}/{keeper}")
    return None if paper is None else door.base64_of(paper.body)


def words_of(author: str, track: Track) -> list[dict[str, Any]]:
    """The words by which places of this track were handed on, oldest first, each with the keys to check it: those of
    the keeper who left, and of the successor."""
    wanted, chain = set(track.roster), []
    rows = models.Paper.objects.filter(watch_id=author, kind=LEFT).order_by("-id")
    for row in rows:
        leaving, _, successor = row.name.partition("/")
        if successor in wanted:
            wanted.add(leaving)
            chain.append((leaving, successor, bytes(row.body).decode()))
    people = Person.objects.in_bulk([name for one in chain for name in one[:2]])
    return [
        {
            "leaving": leaving,
            "successor": successor,
            "document": document,
            "leaving_key": _key_of(people[leaving], document),
            "public_key": people[successor].public_key,
            "signing_key": people[successor].signing_key,
            "sign_in_key": people[successor].sign_in_key,
        }
        for leaving, successor, document in reversed(chain)
    ]


def _key_of(person: Person, document: str) -> str:
    """The key a leaving keeper had when they signed."""
    return new_keys.key_named(person, peek(document.encode()).signer).text


def place_of(author: str, manifest: Manifest, keeper: str) -> RosterSeat:
    """The place a keeper holds in a manifest: their own, or the one that was handed to them."""
    handed_by = {}
    for row in models.Paper.objects.filter(watch_id=author, kind=LEFT).order_by("id"):
        leaving, _, successor = row.name.partition("/")
        handed_by[successor] = leaving
    named, name = {seat.keeper for seat in manifest.roster}, keeper
    for _ in handed_by:  # no longer than there are words: two who handed it to each other lead to no place
        if name in named:
            break
        name = handed_by.get(name, name)
    return manifest.seat(name)
