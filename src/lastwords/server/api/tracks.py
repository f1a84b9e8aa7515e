"""The last steps of a track: told, shares wanted and given again, opened, later, through someone, declined."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.stages import TrackStage
from lastwords.protocol.watch import Track, Watch
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.signing.manifest import WISHES, WORDS

from . import deposits, door, parts
from .door import Base64, Body, Documented, Handle, Seen, SignedText

router = Router(tags=["tracks"])


class Uncovered(Body):
    keeper: Handle
    part: Literal["words", "wishes"]
    body: Base64


class Told(Body):
    document: SignedText
    uncovered: Annotated[list[Uncovered], Field(max_length=64)] = []


class GiveAgain(Body):
    document: SignedText
    part: Literal["words", "wishes"]
    body: Base64


class Wanted(Documented):
    bad: Annotated[list[Handle], Field(max_length=16)] = []


class Later(Documented):
    until: Annotated[int, Field(ge=0, le=2**40)] = 0


class Through(Documented):
    someone: door.Name


# Keepers.


def _kept(seen: Seen, key: str) -> Track:
    """A track this keeper holds a share of, or `not_found`."""
    track = parts.kept_track(seen.watch, seen.person.handle, key)
    if track is None:
        raise problem("not_found")
    return track


def is_released(track: Track) -> bool:
    return track.stage is TrackStage.RELEASED


@router.get("/watches/{author}/tracks/{track}/given")
def given(request: HttpRequest, author: str, track: str) -> dict[str, Any]:
    """The given shares, still covered, for a keeper about to say "told". Before the release there is nothing to take:
    a recipient who held the host's part could otherwise read during the last call."""
    seen = door.enter(request, author, parts.KEEPER)
    found = _kept(seen, track)
    if not is_released(found):
        raise problem("not_released_yet")
    shares = deposits.shown(author, found.key, (deposits.GIVEN,), (WORDS, WISHES))
    return {"track": found.key, "words": found.words.value, "given": shares}


@router.post("/watches/{author}/tracks/{track}/told")
def tell(request: HttpRequest, author: str, track: str, body: Told) -> dict[str, Any]:
    """A keeper has told the recipient in person, and hands in the shares with their outer cover taken off."""
    seen = door.enter(request, author, parts.KEEPER)
    found = _kept(seen, track)
    signed = door.signed_act(seen, body.document, "keeper", "told", found.key, in_case=True)
    waiting = {
        (share["keeper"], share["part"])
        for share in deposits.shown(author, found.key, (deposits.GIVEN,), (WORDS, WISHES))
    }
    handed_in = [(one.keeper, one.part) for one in body.uncovered]
    door.must(len(set(handed_in)) == len(handed_in) and set(handed_in) <= waiting, "share_unknown")
    papers = [Paper("act", "told", signed.data)]
    for one in body.uncovered:
        data = door.body_of(one.body)
        papers.append(deposits.paper(deposits.UNCOVERED, found.key, one.part, one.keeper, data))
    # With fewer than that open, the recipient's client asks, and the keepers are written to.
    covered = sum(part == WORDS for _, part in handed_in) < found.k
    step = door.act(author, events.Tell(by=seen.person.handle, track=found.key, covered=covered), papers)
    return _words(step.watch, found.key) | {"uncovered": [{"keeper": k, "part": p} for k, p in handed_in]}


def _words(watch: Watch, key: str) -> dict[str, Any]:
    track = watch.track(key)
    return {"track": key, "words": track.words.value if track else None}


@router.post("/watches/{author}/tracks/{track}/shares")
def give_again(request: HttpRequest, author: str, track: str, body: GiveAgain) -> dict[str, Any]:
    """At *shares wanted* a keeper gives their share, or gives it again, straight to the recipient's key."""
    seen = door.enter(request, author, parts.KEEPER)
    found = _kept(seen, track)
    data = door.body_of(body.body)
    papers = [
        deposits.paper(deposits.AGAIN, found.key, body.part, seen.person.handle, data),
        deposits.signed_head(seen, found, body.part, body.document),
    ]
    event = events.GiveShare(by=seen.person.handle, track=found.key)
    return _words(door.act(author, event, papers).watch, found.key) | {"part": body.part}


# Recipients. A track that is not theirs does not exist for them; about their own the machine gives its reasons.


def _own(request: HttpRequest, author: str, track: str) -> tuple[Seen, Track]:
    seen = door.enter(request, author, parts.RECIPIENT)
    found = seen.watch.track(track)
    if found is None or found.recipient != seen.person.handle or not found.bears_words:
        raise problem("not_found")
    return seen, found


def _take(seen: Seen, track: Track, document: str, act: str, event: events.Event) -> dict[str, Any]:
    signed = door.signed_act(seen, document, "recipient", act, track.key)
    step = door.act(seen.author, event, [Paper("act", act, signed.data)])
    if isinstance(event, events.DeclineWords) and not parts.told(step.watch.track(track.key) or track):
        return {"track": track.key, "words": "not_now"}
    return _words(step.watch, track.key)


@router.post("/watches/{author}/tracks/{track}/shares-wanted")
def want_shares(request: HttpRequest, author: str, track: str, body: Wanted) -> dict[str, Any]:
    """The recipient's client asks for the shares of the words, or names the keepers whose shares are false. From here
    on they have been handed out, and the author's return can no longer take them back for certain."""
    seen, found = _own(request, author, track)
    event = events.WantShares(by=seen.person.handle, track=found.key, bad=tuple(body.bad))
    return _take(seen, found, body.document, "shares wanted", event)


@router.post("/watches/{author}/tracks/{track}/opened")
def opened(request: HttpRequest, author: str, track: str, body: Documented) -> dict[str, Any]:
    """The recipient has opened the words."""
    seen, found = _own(request, author, track)
    return _take(seen, found, body.document, "open", events.OpenWords(by=seen.person.handle, track=found.key))


@router.post("/watches/{author}/tracks/{track}/later")
def later(request: HttpRequest, author: str, track: str, body: Later) -> dict[str, Any]:
    """Not now: at a date of the recipient's choosing, or at none."""
    seen, found = _own(request, author, track)
    event = events.KeepForLater(by=seen.person.handle, track=found.key, until=body.until)
    return _take(seen, found, body.document, "later", event)


@router.post("/watches/{author}/tracks/{track}/through")
def through(request: HttpRequest, author: str, track: str, body: Through) -> dict[str, Any]:
    """The recipient wants the words through someone else."""
    seen, found = _own(request, author, track)
    event = events.GoThroughSomeone(by=seen.person.handle, track=found.key, someone=body.someone)
    return _take(seen, found, body.document, "through someone else", event)


@router.post("/watches/{author}/tracks/{track}/decline")
def decline(request: HttpRequest, author: str, track: str, body: Documented) -> dict[str, Any]:
    """No, thank you. It can be undone; said of words that are still sealed it binds nothing."""
    seen, found = _own(request, author, track)
    return _take(
        seen, found, body.document, "decline", events.DeclineWords(by=seen.person.handle, track=found.key)
    )
