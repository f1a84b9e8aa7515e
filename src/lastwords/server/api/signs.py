"""A proven sign of life, and what is answered to it: the same for one that comes by itself and for many at the gate."""

import json
from dataclasses import dataclass
from typing import Any

from lastwords.protocol import events
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Strength
from lastwords.protocol.watch import Watch
from lastwords.server import settings
from lastwords.server.models import Person
from lastwords.server.port import Paper
from lastwords.signing.check_in import CheckIn, heads_digest
from lastwords.signing.manifest import ManifestHead
from lastwords.signing.phone import PhoneCheckIn

from . import door, views

KEY = "key"
"""The author's own key as a credential, kept on their device."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A document that says "I'm here", after its signature was checked: whose, by what, with which counter, and as it
    was sent. `heads` is what it says of the author's manifests; None when it says nothing of them."""

    author: str
    credential: str
    counter: int
    signed: bytes
    heads: str | None = None

    @property
    def event(self) -> events.CheckIn:
        return events.CheckIn(by=self.author, strength=Strength.STRONG, credential=self.credential)

    @property
    def raises(self) -> tuple[str, int]:
        """The counter that rises with it, by the credential it belongs to."""
        return self.credential, self.counter

    @property
    def paper(self) -> Paper:
        return Paper("check_in", self.credential, self.signed)

    def answer(self, watch: Watch, now: Moment) -> dict[str, Any]:
        """What is answered once the step that left `watch` is kept."""
        said = {**answer(watch, now), "counter": self.counter}
        return (
            said if self.heads is None else said | {"heads_match": self.heads == heads_digest(heads(watch))}
        )


def by_key(person: Person, author: str, text: str) -> Proven:
    """Signed with the author's own key over host, moment and counter. Refusals of `signing` pass through."""
    signed = door.signed_by(person, text, CheckIn)
    document = signed.document
    door.must((document.host, document.author) == (settings.current().origin, author))
    return Proven(author, KEY, document.counter, signed.data, document.heads)


def by_phone(author: str, document: PhoneCheckIn, text: str, signature: str) -> Proven:
    """Signed with a phone's own key, which `phones` has checked; `text` and `signature` are as they were sent."""
    signed = json.dumps({"document": text, "signature": signature}).encode()
    return Proven(author, document.credential, document.counter, signed)


def answer(watch: Watch, now: Moment) -> dict[str, Any]:
    """What every sign of life is answered."""
    return {"stage": watch.stage.value, "next_due": views.next_check_in(watch, now)}


def heads(watch: Watch) -> list[ManifestHead]:
    """The newest manifests of a watch, as check-ins and statements name them."""
    return [
        ManifestHead(track=track.key, number=track.manifest[0], sha256=track.manifest[1])
        for track in watch.tracks
        if track.bears_words
    ]
