"""Sealed words: manifests taken in, listed, taken back, left as they are; and what a recipient finds once told.

The host checks what it can see: signatures, the chain of manifests, that every key named is the key it keeps for that
person, that every file named lies here whole. It cannot see inside, and has no way to open anything.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol import health as circle_health
from lastwords.protocol.stages import Condition
from lastwords.protocol.watch import Track, Watch, track_key
from lastwords.server import models, new_keys
from lastwords.server.models import FileUse, Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.signing.documents import Signed
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import (
    RELEASE_KEY_FILE,
    TIMER_ONLY,
    WISHES,
    WISHES_FILE,
    WORDS,
    WORDS_FILE,
    Manifest,
    follows,
)
from lastwords.signing.new_keys import NewKeys

from . import deposits, door, parts, succession, uploads, views
from .door import Body, Handle, Hash, Seen, SignedText, TrackKey
from .files import OWN, SEALED, SHARE

router = Router(tags=["words"])


class ShareFiles(Body):
    words: Hash
    wishes: Hash | None = None


class Seal(Body):
    """A signed manifest with the share files of each keeper, and perhaps the author's own copies. `adult` is the person
    through whom a recipient who is a child is reached."""

    manifest: SignedText
    instead_of: Handle | None = None
    shares: Annotated[dict[str, ShareFiles], Field(max_length=16)] = {}
    own: ShareFiles | None = None
    adult: Handle | None = None


class TakeBack(Body):
    take_back: TrackKey
    document: SignedText


@router.post("/watches/{author}/words", response={200: dict[str, Any], 201: dict[str, Any]})
def seal_words(request: HttpRequest, author: str, body: Seal | TakeBack) -> Status[dict[str, Any]]:
    """Seals a new version for one recipient and condition, or takes the words back."""
    seen = door.enter(request, author, parts.AUTHOR)
    if isinstance(body, TakeBack):
        return Status(200, _take_back(seen, body))
    return Status(201, _seal(seen, body))


def _seal(seen: Seen, body: Seal) -> dict[str, Any]:
    signed = door.signed_by(seen.person, body.manifest, Manifest)
    manifest = signed.document
    with door.together():
        door.keep_keys(seen, manifest.recipient, *(seat.keeper for seat in manifest.roster))
        before = _manifest_in_force(seen, manifest.track)
        _check_names(seen, manifest, body.instead_of)
        follows(signed, before, _succession(seen, before))
        _check_roster(manifest)
        _check_adult(seen, body.adult)
        uploads.replace_uses(seen.author, manifest.track, _uses(seen, manifest, body))
        door.act(seen.author, _sealing(signed, body), [Paper("manifest", manifest.track, signed.data)])
    return {"track": manifest.track, "number": manifest.number, "sha256": signed.digest}


def _sealing(signed: Signed[Manifest], body: Seal) -> events.SealWords:
    """The event of a signed manifest."""
    manifest = signed.document
    return events.SealWords(
        by=manifest.author,
        condition=Condition(door.underscored(manifest.condition)),
        recipient=manifest.recipient,
        instead_of=manifest.alternate_of or "",
        number=manifest.number,
        hash=signed.digest,
        before=manifest.before or "",
        share_set="" if manifest.mode == TIMER_ONLY else manifest.file(RELEASE_KEY_FILE).sha256,
        roster=tuple(seat.keeper for seat in manifest.roster),
        items=tuple(
            (file.name, file.sha256) for file in manifest.files if file.name in (WORDS_FILE, WISHES_FILE)
        ),
        adult=body.adult or "",
        k=manifest.k,
    )


def _check_names(seen: Seen, manifest: Manifest, instead_of: str | None) -> None:
    """Author, track, condition, recipient and the recipient's key are those of the people kept here."""
    condition = door.underscored(manifest.condition)
    recipient = Person.objects.filter(handle=manifest.recipient).first()
    if recipient is None or not _known_recipient(seen, recipient):
        raise problem("person_unknown")
    key = None if manifest.recipient_key is None else fingerprint(recipient.public_key)
    expected = track_key(Condition(condition), manifest.recipient, manifest.alternate_of or "")
    door.must(
        (
            manifest.author,
            manifest.author_signing,
            manifest.track,
            manifest.alternate_of,
            manifest.recipient_key,
        )
        == (seen.author, fingerprint(seen.person.signing_key), expected, instead_of, key),
        "manifest_elsewhere",
    )


def _known_recipient(seen: Seen, recipient: Person) -> bool:
    invited = door.people_invited(seen.author)
    return seen.watch.seat(recipient.handle) is not None or recipient in invited


def _check_adult(seen: Seen, adult: str | None) -> None:
    """An adult in a child's place is someone the author has named: a keeper, or a recipient."""
    if adult is None:
        return
    person = Person.objects.filter(handle=adult).first()
    if person is None or not _known_recipient(seen, person):
        raise problem("adult_unknown")


def _succession(seen: Seen, before: Signed[Manifest] | None) -> list[Signed[NewKeys]]:
    """The words by which the author's key followed the one that signed the manifest in force; none while it is the
    same."""
    words = new_keys.words_of(seen.person) if before else []
    while words and before and words[0].document.before != before.signer:
        words = words[1:]
    return words


def _manifest_in_force(seen: Seen, track: str) -> Signed[Manifest] | None:
    paper = door.newest_paper(seen.author, "manifest", track)
    if paper is None:
        return None
    return door.kept(seen.person, bytes(paper.body), Manifest)


def _check_roster(manifest: Manifest) -> None:
    """Each keeper is named by exactly the two keys this host keeps for them."""
    people = Person.objects.in_bulk([seat.keeper for seat in manifest.roster])
    for seat in manifest.roster:
        keeper = people.get(seat.keeper)
        if keeper is None or (seat.sealing, seat.signing) != (
            fingerprint(keeper.public_key),
            fingerprint(keeper.signing_key),
        ):
            raise problem("roster_keys")


def _uses(seen: Seen, manifest: Manifest, body: Seal) -> dict[tuple[str, str], str]:
    """Every file the manifest and the roster call for: (kind, name) -> hash, each of them here and whole."""
    uses = {}
    for file in manifest.files:
        door.must(uploads.whole_file(file.sha256, seen.author).size == file.size, "file_missing")
        uses[SEALED, file.name] = file.sha256
    door.must(set(body.shares) == {seat.keeper for seat in manifest.roster}, "roster_keys")
    for keeper, share in body.shares.items():
        uses[SHARE, f"{WORDS}/{keeper}"] = _share(share.words, seen.author)
        door.must(
            (share.wishes is not None) == (manifest.has_wishes and manifest.mode != TIMER_ONLY),
            "file_missing",
        )
        if share.wishes is not None:
            uses[SHARE, f"{WISHES}/{keeper}"] = _share(share.wishes, seen.author)
    if body.own is not None:
        uses[OWN, WORDS] = uploads.whole_file(body.own.words, seen.author).hash
        if body.own.wishes is not None:
            uses[OWN, WISHES] = uploads.whole_file(body.own.wishes, seen.author).hash
    return uses


def _share(sha256: str, author: str) -> str:
    """The hash of a share's file, no larger than one that is given later: its keeper is answered with all of it."""
    row = uploads.whole_file(sha256, author)
    if row.size > door.LARGEST_BODY:
        raise problem("too_large")
    return row.hash


def _take_back(seen: Seen, body: TakeBack) -> dict[str, Any]:
    """The words are gone from here; the manifest stays as the one that the next has to follow."""
    track = seen.track(body.take_back)
    signed = door.signed_act(seen, body.document, "author", "take back", track.key)
    number, sha256 = track.manifest
    event = events.SealWords(
        by=seen.author,
        condition=track.condition,
        recipient=track.recipient,
        instead_of=track.instead_of,
        number=number,
        hash=sha256,
        before=sha256,
        share_set="",
        roster=(),
        items=(),
    )
    with door.together():
        uploads.replace_uses(seen.author, track.key, {})
        door.act(seen.author, event, [Paper("act", "take back", signed.data)])
    return {"track": track.key, "taken_back": True}


# Asked about, once a year.


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A track of which its author is asked whether the words are still right: when they were sealed and, if they were
    asked before, when they left them as they are (UTC seconds)."""

    track: Track
    sealed: int
    left: int | None


def asked_again(watch: Watch, wall: int) -> list[AskedAgain]:
    """What the author of this watch is asked about today."""
    manifests = models.Paper.objects.filter(watch_id=watch.author, kind="manifest").order_by("id")
    newest = {
        name: (sealed, left) for name, sealed, left in manifests.values_list("name", "made", "left__at")
    }
    since = {name: max(sealed, left or sealed) for name, (sealed, left) in newest.items()}
    return [AskedAgain(track, *newest[track.key]) for track in circle_health.asked_again(watch, since, wall)]


@router.post("/watches/{author}/words/{track}/leave")
def leave_words(request: HttpRequest, author: str, track: str) -> dict[str, Any]:
    """The author leaves these words as they are, and is not asked about them for another year. Nothing else follows."""
    seen = door.enter(request, author, parts.AUTHOR)
    found = seen.track(track)
    paper = door.newest_paper(author, "manifest", found.key)
    if paper is None or not found.bears_words:
        raise problem("not_found")
    left, _ = models.LeftAsItIs.objects.update_or_create(manifest=paper, defaults={"at": door.now().wall})
    return {"track": found.key, "left": left.at}


# Reading.


@router.get("/watches/{author}/words")
def list_words(request: HttpRequest, author: str) -> list[dict[str, Any]]:
    """To the author: all, those taken back too, since the next manifest follows theirs. To a keeper: those they hold
    a share of. To a recipient: their own, once told."""
    seen = door.enter(request, author)
    person = seen.person.handle
    own = parts.own_tracks(seen.watch, person)
    if seen.has(parts.AUTHOR):
        return [_for_author(seen, track) for track in seen.watch.tracks]
    if not seen.has(parts.KEEPER) and not own:
        raise problem("not_found")
    return [_for_recipient(seen, track) for track in own] + [
        _for_keeper(seen, track) for track in _kept(seen)
    ]


def _kept(seen: Seen) -> tuple[Track, ...]:
    """The tracks that this keeper holds a share of. Whoever's seat has ended stands in rosters until words are sealed
    anew, and is no keeper: they enter only if there are words for them, and must not learn of it by getting in."""
    return parts.kept_tracks(seen.watch, seen.person.handle) if seen.has(parts.KEEPER) else ()


def _sealed(seen: Seen, track: Track) -> dict[str, Any]:
    """The manifest in force and the sealed files it lists."""
    return {
        "track": track.key,
        "condition": track.condition.value,
        "recipient": track.recipient,
        "instead_of": track.instead_of,
        "number": track.manifest[0],
        "sha256": track.manifest[1],
        "manifest": door.manifest_text(seen.author, track),
        "files": _files(seen.author, track, SEALED),
        "passed": succession.words_of(seen.author, track),
    }


def _files(author: str, track: Track, kind: str) -> list[dict[str, Any]]:
    uses = FileUse.objects.filter(
        watch_id=author, kind=kind, name__startswith=f"{track.key}/"
    ).select_related("file")
    return [
        {"name": use.name.removeprefix(f"{track.key}/"), "sha256": use.file.hash, "size": use.file.size}
        for use in uses.order_by("name")
    ]


def _for_author(seen: Seen, track: Track) -> dict[str, Any]:
    return _sealed(seen, track) | {
        "stage": track.stage.value,
        "words": track.words.value,
        "taken_back": not track.bears_words,
        "keys_due": track.key in seen.watch.keys_due,
        "adult": track.adult or None,
        "own": _files(seen.author, track, OWN),
        "shares": _files(seen.author, track, SHARE),
    }


def _for_keeper(seen: Seen, track: Track) -> dict[str, Any]:
    shown = _sealed(seen, track)
    if parts.knows_stage(seen.watch, seen.person.handle):
        shown |= {"stage": track.stage.value, "words": track.words.value}
    return shown


def _for_recipient(seen: Seen, track: Track) -> dict[str, Any]:
    """Told: the wishes' shares with it. The words' shares only once asked for, which is written down: until then the
    author can still take everything home."""
    roster = Person.objects.in_bulk(list(track.roster))
    author = Person.objects.get(handle=seen.author)
    signed = door.kept(author, door.manifest_text(seen.author, track).encode(), Manifest)
    places = {seat.keeper: seat.signing for seat in signed.document.roster}
    return (
        _sealed(seen, track)
        | views.for_recipient(track)
        | {
            "quorum": seen.watch.plan.quorum,
            "roster_keys": {keeper: _key_in_force(places, person) for keeper, person in roster.items()},
            "shares": deposits.shown(
                seen.author, track.key, deposits.OPENABLE, (WISHES, WORDS) if track.handed else (WISHES,)
            ),
        }
    )


def _key_in_force(places: dict[str, str], keeper: Person) -> str:
    """The signing key of a keeper that the manifest names, though they may have another by now."""
    return new_keys.key_named(keeper, places.get(keeper.handle, "")).text


@router.get("/watches/{author}/words/{track}/manifests/{int:number}")
def manifest(request: HttpRequest, author: str, track: str, number: int) -> dict[str, Any]:
    """One manifest of the chain, for those who may see its track."""
    seen = door.enter(request, author)
    found = seen.track(track)
    person = seen.person.handle
    mine = (*_kept(seen), *parts.own_tracks(seen.watch, person))
    if not seen.has(parts.AUTHOR) and found not in mine:
        raise problem("not_found")
    chain = door.papers(author, "manifest", found.key)
    if not 1 <= number <= len(chain):
        raise problem("not_found")
    return {"track": found.key, "number": number, "manifest": bytes(chain[number - 1].body).decode()}
