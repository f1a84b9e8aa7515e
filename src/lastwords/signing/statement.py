"""A keeper's statement about the author, bound to what the keeper saw when making it.

It names the case, its epoch (a restore of the server raises it), the version of the plan, the newest manifests the
keeper knows, and for every share given with it the hash of the covered share and each key it was sealed to. So no
statement can be moved to another case, and nobody can claim later that a share was sealed to other keys.
"""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.manifest import CANNOT_ACT, DIED, PARTS, ManifestHead
from lastwords.signing.shapes import shaped

SPOKEN_WITH = "spoken with"
COULD_NOT_FIND_OUT = "could not find out"
FINDINGS = (SPOKEN_WITH, DIED, CANNOT_ACT, COULD_NOT_FIND_OUT)
GIVING = (DIED, CANNOT_ACT)
"""The findings with which a share may be given."""

EVIDENCE = ("rumour", "own sight", "named official", "document seen", "register")

MOST_TRACKS = 256


@dataclass(frozen=True, kw_only=True)
class GivenShare:
    """A share given with a statement: of which track and part, the hash of the covered file, and its keys.

    `sealed_to` is the fingerprint of the recipient's (or claim) key of the inner cover, `covered_to` those of the
    keepers of the outer one.
    """

    track: str = shaped(shapes.identifier)
    part: str = shaped(shapes.one_of(*PARTS))
    sha256: str = shaped(shapes.digest)
    sealed_to: str = shaped(shapes.digest)
    covered_to: tuple[str, ...] = shaped(shapes.many(shapes.digest, 64))


@dataclass(frozen=True, kw_only=True)
class Statement(Document):
    """What a keeper found out. `free_text` is the hash of a file sealed to the keepers; the server cannot read it."""

    KIND: ClassVar[str] = "statement"

    keeper: str = shaped(shapes.identifier)
    author: str = shaped(shapes.identifier)
    case: str = shaped(shapes.identifier)
    epoch: int = shaped(shapes.count(0))
    plan_version: int = shaped(shapes.count(1))
    finding: str = shaped(shapes.one_of(*FINDINGS))
    evidence: str = shaped(shapes.one_of(*EVIDENCE))
    manifests: tuple[ManifestHead, ...] = shaped(shapes.many(shapes.record(ManifestHead), MOST_TRACKS))
    given: tuple[GivenShare, ...] = shaped(shapes.many(shapes.record(GivenShare), 2 * MOST_TRACKS))
    moment: str = shaped(shapes.moment)
    free_text: str | None = shaped(shapes.or_none(shapes.digest))

    def check(self) -> None:
        """Refuse a statement that contradicts itself. Raises WrongShape."""
        tracks = [head.track for head in self.manifests]
        if len(set(tracks)) != len(tracks):
            raise shapes.refuse("statement.manifests", "one for each track")
        if self.given and self.finding not in GIVING:
            raise shapes.refuse("statement.given", "empty unless the finding is died or cannot act")
        places = [(share.track, share.part) for share in self.given]
        if len(set(places)) != len(places):
            raise shapes.refuse("statement.given", "one share for each track and part")
        for share in self.given:
            if share.track not in tracks:
                raise shapes.refuse("statement.given", "shares of tracks whose manifest it names")
            if not share.covered_to or len(set(share.covered_to)) != len(share.covered_to):
                raise shapes.refuse("statement.given.covered_to", "at least one key, none of them twice")
            if share.sealed_to in share.covered_to:
                raise shapes.refuse("statement.given.covered_to", "without the key of the recipient")
