"""Every other act that a person signs: alarm, entry, told, home, not them, and so on.

One document for all of them, since they differ in their name only. `subject` says what the act is about (a track, a
statement's digest, a seat, a recipient); `body` is the hash of what goes with it, usually a sealed file.
"""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import canonical, shapes
from lastwords.signing.documents import Document
from lastwords.signing.shapes import shaped

AUTHOR = "author"
KEEPER = "keeper"
RECIPIENT = "recipient"
ROLES = (AUTHOR, KEEPER, RECIPIENT)

ACTS = (
    "leave seat",
    "restore seat",
    "alarm",
    "entry",
    "hold",
    "tried in person",
    "withdraw statement",
    "give share",
    "told",
    "home",
    "seen or heard",
    "not them",
    "recipient died",
    "recipient lives",
    "close case",
    "free again",
    "break glass",
    "deny",
    "cover notes anew",
    "record differs",
    "open",
    "later",
    "decline",
    "through someone else",
    "shares wanted",
    "trip",
    "take back",
    "recovery proven",
    "seal sheet",
    "keep case",
)


@dataclass(frozen=True, kw_only=True)
class Act(Document):
    """`author` is whose plan it is about, `actor` who acts, `case` and `epoch` where there is a case."""

    KIND: ClassVar[str] = "act"

    actor: str = shaped(shapes.identifier)
    role: str = shaped(shapes.one_of(*ROLES))
    author: str = shaped(shapes.identifier)
    act: str = shaped(shapes.one_of(*ACTS))
    case: str | None = shaped(shapes.or_none(shapes.identifier))
    epoch: int | None = shaped(shapes.or_none(shapes.count(0)))
    subject: str | None = shaped(shapes.or_none(shapes.identifier))
    body: str | None = shaped(shapes.or_none(shapes.digest))
    moment: str = shaped(shapes.moment)

    def check(self) -> None:
        """Refuse an act in a case without its epoch, or the reverse. Raises WrongShape."""
        if (self.case is None) != (self.epoch is None):
            raise shapes.refuse("act.epoch", "given with a case and only then")


def handed_to(sealing: str, signing: str, sign_in: str) -> str:
    """The `body` of a "leave seat": SHA-256 over the three fingerprints of the successor's keys, joined by spaces."""
    return canonical.digest(f"{sealing} {signing} {sign_in}".encode("ascii"))
