"""Keepers' seats: verified, suspended, restored, removed; and the shares they hold and prove."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.counting import receipt_tells
from lastwords.protocol.moments import DAY
from lastwords.protocol.watch import Seat, Track, Watch
from lastwords.server.models import FileUse, Person
from lastwords.server.models import Paper as KeptPaper
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import WISHES, WORDS, Manifest
from lastwords.signing.receipt import Receipt
from lastwords.signing.vouching import Vouching

from . import door, parts, succession, uploads, views
from .door import Body, Documented, Seen, SignedText
from .files import SHARE
from .people import public

router = Router(tags=["keepers"])


class Verification(Body):
    document: SignedText
    vouched: bool


class Receipts(Body):
    documents: Annotated[list[SignedText], Field(min_length=1, max_length=256)]


@router.get("/watches/{author}/keepers")
def keepers(request: HttpRequest, author: str) -> dict[str, Any]:
    """The author's circle: each seat with the person's public keys, and what they have proven."""
    seen = door.enter(request, author, parts.AUTHOR)
    people = Person.objects.in_bulk([seat.keeper for seat in seen.watch.seats])
    return {"keepers": [_for_author(seen.watch, seat, people[seat.keeper]) for seat in seen.watch.seats]}


def _for_author(watch: Watch, seat: Seat, person: Person) -> dict[str, Any]:
    return {
        **public(person),
        **views.own_seat(watch, seat),
        "vouched": seat.vouched,
        "receipts": [list(pair) for pair in seat.receipts],
        "season_ends": seat.season.ends(door.now()) if seat.season else None,
        "silent": seat.keeper in watch.silent,
        "restored_by": list(seat.restored_by),
    }


@router.post("/watches/{author}/keepers/{handle}/verification")
def verify(request: HttpRequest, author: str, handle: str, body: Verification) -> dict[str, Any]:
    """The author has made sure of the keeper's keys: the document names exactly the three that are kept here."""
    seen = door.enter(request, author, parts.AUTHOR)
    with door.together():
        door.keep_keys(seen, handle)
        keeper = _keeper(seen.watch, handle)
        signed = door.signed_by(seen.person, body.document, Vouching)
        document = signed.document
        door.must((document.author, document.keeper) == (author, handle))
        kept = tuple(fingerprint(key) for key in (keeper.public_key, keeper.signing_key, keeper.sign_in_key))
        door.must((document.sealing, document.signing, document.sign_in) == kept, "keys_differ")
        event = events.VerifyKeeper(by=author, keeper=handle, vouched=body.vouched)
        return _seat(door.act(author, event, [Paper("vouching", handle, signed.data)]).watch, handle)


def _keeper(watch: Watch, handle: str) -> Person:
    """The person of a seat, or `not_found`."""
    person = Person.objects.filter(handle=handle).first()
    if person is None or watch.seat(handle) is None:
        raise problem("not_found")
    return person


def _seat(watch: Watch, handle: str) -> dict[str, Any]:
    seat = watch.seat(handle)
    return {"handle": handle, **(views.own_seat(watch, seat) if seat else {})}


@router.delete("/watches/{author}/keepers/{handle}")
def remove(request: HttpRequest, author: str, handle: str) -> dict[str, Any]:
    """The author takes a seat back."""
    seen = door.enter(request, author, parts.AUTHOR)
    _keeper(seen.watch, handle)
    return _seat(door.act(author, events.RemoveKeeper(by=author, keeper=handle)).watch, handle)


@router.post("/watches/{author}/keepers/{handle}/suspend")
def suspend(request: HttpRequest, author: str, handle: str) -> dict[str, Any]:
    """The author suspends a seat: it reads and writes on, and does not count."""
    seen = door.enter(request, author, parts.AUTHOR)
    _keeper(seen.watch, handle)
    return _seat(door.act(author, events.SuspendSeat(by=author, keeper=handle)).watch, handle)


@router.post("/watches/{author}/keepers/{handle}/restore")
def restore(request: HttpRequest, author: str, handle: str, body: Documented) -> dict[str, Any]:
    """A keeper signs that a suspended seat may count again."""
    seen = door.enter(request, author, parts.KEEPER)
    _keeper(seen.watch, handle)
    signed = door.signed_act(seen, body.document, "keeper", "restore seat", handle)
    event = events.RestoreSeat(by=seen.person.handle, keeper=handle)
    return _seat(door.act(author, event, [Paper("act", "restore seat", signed.data)]).watch, handle)


# Shares.


@router.get("/watches/{author}/shares")
def shares(request: HttpRequest, author: str) -> list[dict[str, Any]]:
    """The caller's own share files with the manifests they belong to. Nobody else's, ever (I7)."""
    seen = door.enter(request, author, parts.KEEPER)
    keeper = seen.person.handle
    return [
        {
            "track": track.key,
            "number": track.manifest[0],
            "sha256": track.manifest[1],
            "manifest": door.manifest_text(author, track),
            "cover": list(parts.cover(seen.watch, track)),
            "words": _share_file(author, track, WORDS, keeper),
            "wishes": _share_file(author, track, WISHES, keeper),
            "passed": succession.words_of(author, track),
        }
        for track in parts.kept_tracks(seen.watch, keeper)
    ]


def _share_file(author: str, track: Track, part: str, keeper: str) -> str | None:
    use = FileUse.objects.filter(watch_id=author, kind=SHARE, name=f"{track.key}/{part}/{keeper}").first()
    if use is None:
        return succession.passed_share(author, track, part, keeper)
    return door.base64_of(uploads.path_of(use.file_id).read_bytes())


@router.post("/watches/{author}/receipts")
def give_receipts(request: HttpRequest, author: str, body: Receipts) -> dict[str, Any]:
    """The keeper's client has opened these shares and found them true to the commitments; here is its word for it. One
    receipt for each of the words; of those that tell nothing new one a day is kept, for when a share last opened."""
    seen = door.enter(request, author, parts.KEEPER)
    seat = seen.watch.seat(seen.person.handle)
    assert seat is not None
    lately = _kept_lately(author, seat.keeper)
    proven, papers = [], []
    for text in body.documents:
        signed = door.signed_by(seen.person, text, Receipt)
        track = _receipted(seen, signed.document)
        pair = (track.key, track.share_set)
        door.must(pair not in proven, "malformed")
        proven.append(pair)
        if receipt_tells(seen.watch, seat, pair) or track.key not in lately:
            papers.append(Paper("receipt", track.key, signed.data))
    event = events.GiveReceipt(by=seen.person.handle, proven=tuple(proven))
    return _seat(door.act(author, event, papers).watch, seen.person.handle)


def _kept_lately(author: str, keeper: str) -> set[str]:
    """The tracks for which a receipt of this keeper was kept within a day."""
    since = door.now().wall - DAY
    rows = KeptPaper.objects.filter(watch_id=author, kind="receipt", by=keeper, made__gt=since)
    return set(rows.values_list("name", flat=True))


def _receipted(seen: Seen, document: Receipt) -> Track:
    """The track a receipt is for: the newest manifest, the keeper's own place in it, the commitments of that place."""
    keeper = seen.person.handle
    door.must((document.keeper, document.author) == (keeper, seen.author))
    track = parts.kept_track(seen.watch, keeper, document.track)
    if track is None or (document.number, document.manifest) != track.manifest:
        raise problem("document_elsewhere")
    text = door.manifest_text(seen.author, track)
    author = Person.objects.get(handle=seen.author)
    manifest = door.kept(author, text.encode(), Manifest).document
    place = succession.place_of(seen.author, manifest, keeper)
    door.must((document.words_share, document.wishes_share) == (place.words_share, place.wishes_share))
    return track
