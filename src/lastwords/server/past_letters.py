"""The letters that reached somebody, to be read once more when they have signed in.

For whoever is in quiet mode this is where a letter says what it is about. A letter is not kept as text: it is filled in
again from what it carried, and from its watch as that is now. The head of the record stands in the mail alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from . import letters, outbox
from .known import Known
from .letters import HostLetter
from .models import Letter, Person
from .outbox.taking import Taking
from .port import Outgoing, Reader

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
    sending = outbox.here()
    found = [letter for ident in idents if (letter := sending.port.letter(str(ident))) is not None]
    known = Known(sending.port, found)
    return [one for letter in found for one in _again(letter, person, known, sending.taking)]


def _again(letter: Outgoing, person: Person, known: Known, taking: Taking) -> Iterator[Past]:
    """The letter as it would be written now; nothing where its watch no longer bears what it said."""
    aloud = Reader(person.handle, person.name, person.zone, ())
    try:
        text = taking.text(letter, aloud, taking.watch(letter, known), known, again=True)
    except letters.CannotWrite:
        return
    body = tuple(" ".join(part.split()) for part in text.body.strip().split("\n\n"))
    yield Past(letter.written.wall, text.subject, body)
