"""The letters that reached somebody, to be read once more when they have signed in.

For whoever is in quiet mode this is where a letter says what it is about. A letter is not kept as text: it is filled in
again from what it carried, and from its watch as that is now.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lastwords.protocol import record
from lastwords.protocol.watch import Watch

from . import letters, outbox, store
from .letters import HostLetter
from .models import Letter, Person
from .port import Reader
from .refusals import ServerRefused
from .sheets import sheet_for

NEWEST = 20
"""How many are shown."""


@dataclass(frozen=True, slots=True)
class Past:
    """One letter: when it was written (UTC seconds), its subject, and its paragraphs without the breaks of mail."""

    written: int
    subject: str
    body: tuple[str, ...]


def to(person: Person) -> list[Past]:
    """The newest letters that one of this person's channels has accepted, newest first, in their full text."""
    rows = Letter.objects.filter(to=person.handle, taken__gt=0).exclude(kind=HostLetter.CHANNEL_PROOF)
    idents = rows.order_by("-written", "-ident").values_list("ident", flat=True)[:NEWEST]
    return [one for ident in idents for one in _again(str(ident), person)]


def _again(ident: str, person: Person) -> Iterator[Past]:
    """The letter as it would be written now; nothing where its watch no longer bears what it said."""
    sending = outbox.here()
    letter = sending.port.letter(ident)
    if letter is None:
        return
    aloud = Reader(person.handle, person.name, person.zone, ())
    try:
        watch = _watch(letter.author)
        sheet = sheet_for(
            sending.port, letter, aloud, watch, sending.service, sending.origin, answers=sending.answers
        )
        text = letters.write(sheet)
    except letters.CannotWrite:
        return
    body = tuple(" ".join(part.split()) for part in text.body.strip().split("\n\n"))
    yield Past(letter.written.wall, text.subject, body)


def _watch(author: str) -> Watch | None:
    if not author:
        return None
    try:
        return store.read(author)
    except (ServerRefused, record.Unreadable):
        return None
