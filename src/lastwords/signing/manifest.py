"""The manifest of a track: what was sealed for one recipient under one condition, signed by the author.

It names one recipient and no other. It carries a rising number and the digest of the one before, so that nobody
can hand out an older version as the newest; it carries each keeper's place with a commitment to their share, so
that a false share is named before anything is combined.

Three modes, which are three promises to the author:

two locks      the inner lock opens with the recipient's key, the outer one when k keepers agree
keepers only   no inner lock, for a recipient without a key: k keepers together can read
timer only     no outer lock and no keepers: the host alone enforces the wait
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document, Signed
from lastwords.signing.new_keys import NewKeys, leads
from lastwords.signing.refusals import NotLinked
from lastwords.signing.shapes import shaped, shaped_or_absent

DIED = "died"
CANNOT_ACT = "cannot act"
CONDITIONS = (DIED, CANNOT_ACT)

TWO_LOCKS = "two locks"
KEEPERS_ONLY = "keepers only"
TIMER_ONLY = "timer only"
MODES = (TWO_LOCKS, KEEPERS_ONLY, TIMER_ONLY)

WORDS = "words"
WISHES = "wishes"
PARTS = (WORDS, WISHES)
"""The two sealed files of a track; each has a release key and a split of its own."""

WORDS_FILE = "words.age"
WISHES_FILE = "wishes.age"
RELEASE_KEY_FILE = "release.key.age"
WISHES_RELEASE_KEY_FILE = "wishes.release.key.age"
FILES = (WORDS_FILE, WISHES_FILE, RELEASE_KEY_FILE, WISHES_RELEASE_KEY_FILE)

MOST_KEEPERS = 16
"""The most shares that SLIP-39 allows in a group."""


@dataclass(frozen=True, kw_only=True)
class RosterSeat:
    """One keeper's place: who, which share, both keys, and a commitment to each of their shares."""

    keeper: str = shaped(shapes.identifier)
    index: int = shaped(shapes.count(1, MOST_KEEPERS))
    sealing: str = shaped(shapes.digest)
    signing: str = shaped(shapes.digest)
    words_share: str = shaped(shapes.digest)
    wishes_share: str | None = shaped(shapes.or_none(shapes.digest))


@dataclass(frozen=True, kw_only=True)
class ManifestFile:
    """One sealed file: its name, the SHA-256 of its bytes and its size in bytes."""

    name: str = shaped(shapes.one_of(*FILES))
    sha256: str = shaped(shapes.digest)
    size: int = shaped(shapes.count(1))


@dataclass(frozen=True, kw_only=True)
class ManifestHead:
    """The newest manifest that somebody has seen of a track: its number and its digest."""

    track: str = shaped(shapes.identifier)
    number: int = shaped(shapes.count(1))
    sha256: str = shaped(shapes.digest)


@dataclass(frozen=True, kw_only=True)
class Manifest(Document):
    """What was sealed on one track. `release_key` and `wishes_release_key` are whole public keys, so that new words
    can be sealed to them from the manifest alone; `recipient_key` and the roster's keys are fingerprints.
    `succession` is there only in the first manifest under a new key of the author's: the digest of the word by which
    that key follows the one before."""

    KIND: ClassVar[str] = "manifest"

    author: str = shaped(shapes.identifier)
    author_signing: str = shaped(shapes.digest)
    track: str = shaped(shapes.identifier)
    number: int = shaped(shapes.count(1))
    before: str | None = shaped(shapes.or_none(shapes.digest))
    made: str = shaped(shapes.moment)
    condition: str = shaped(shapes.one_of(*CONDITIONS))
    mode: str = shaped(shapes.one_of(*MODES))
    recipient: str = shaped(shapes.identifier)
    recipient_key: str | None = shaped(shapes.or_none(shapes.digest))
    alternate_of: str | None = shaped(shapes.or_none(shapes.identifier))
    release_key: str | None = shaped(shapes.or_none(shapes.text(2048)))
    wishes_release_key: str | None = shaped(shapes.or_none(shapes.text(2048)))
    words_split: str | None = shaped(shapes.or_none(shapes.digest))
    wishes_split: str | None = shaped(shapes.or_none(shapes.digest))
    k: int = shaped(shapes.count(0, MOST_KEEPERS))
    roster: tuple[RosterSeat, ...] = shaped(shapes.many(shapes.record(RosterSeat), MOST_KEEPERS))
    files: tuple[ManifestFile, ...] = shaped(shapes.many(shapes.record(ManifestFile), len(FILES)))
    succession: str | None = shaped_or_absent(shapes.digest)

    @property
    def n(self) -> int:
        """How many keepers hold a share."""
        return len(self.roster)

    @property
    def has_wishes(self) -> bool:
        """Whether wishes lie beside the words."""
        return self.has_file(WISHES_FILE)

    def has_file(self, name: str) -> bool:
        """Whether the manifest lists a file of this name."""
        return any(file.name == name for file in self.files)

    def file(self, name: str) -> ManifestFile:
        """Return the entry of a file. Raises WrongShape if the manifest lists none of that name."""
        for file in self.files:
            if file.name == name:
                return file
        raise shapes.refuse("manifest.files", f"listing {name}")

    def seat(self, keeper: str) -> RosterSeat:
        """Return a keeper's place. Raises WrongShape if they have none."""
        for seat in self.roster:
            if seat.keeper == keeper:
                return seat
        raise shapes.refuse("manifest.roster", f"naming {keeper}")

    @property
    def head(self) -> ManifestHead:
        """The number and digest by which statements and check-ins name this manifest."""
        return ManifestHead(track=self.track, number=self.number, sha256=self.digest)

    def check(self) -> None:
        """Refuse a manifest whose parts contradict each other. Raises WrongShape."""
        if (self.number == 1) != (self.before is None):
            raise shapes.refuse("manifest.before", "null in the first manifest and only there")
        if self.number == 1 and self.succession is not None:
            raise shapes.refuse("manifest.succession", "absent from the first manifest of a track")
        self._check_mode()
        self._check_files()
        self._check_roster()

    def _check_mode(self) -> None:
        locked_by_keepers = self.mode != TIMER_ONLY
        if (self.recipient_key is None) != (self.mode == KEEPERS_ONLY):
            raise shapes.refuse("manifest.recipient_key", "null in the mode keepers only and only there")
        for name, present in (
            ("release_key", self.release_key is not None),
            ("words_split", self.words_split is not None),
            ("roster", self.n > 0),
            ("k", self.k > 0),
        ):
            if present != locked_by_keepers:
                raise shapes.refuse(f"manifest.{name}", "empty in the mode timer only and only there")
        if not self.k <= self.n:
            raise shapes.refuse("manifest.k", "at most the number of keepers")

    def _check_files(self) -> None:
        expected = {WORDS_FILE} | ({WISHES_FILE} if self.has_wishes else set())
        if self.mode != TIMER_ONLY:
            expected |= {RELEASE_KEY_FILE} | ({WISHES_RELEASE_KEY_FILE} if self.has_wishes else set())
        names = [file.name for file in self.files]
        if len(names) != len(expected) or set(names) != expected:
            raise shapes.refuse("manifest.files", "exactly " + ", ".join(sorted(expected)))
        shared = self.has_wishes and self.mode != TIMER_ONLY
        for name, value in (
            ("wishes_release_key", self.wishes_release_key),
            ("wishes_split", self.wishes_split),
            *((f"roster.{seat.keeper}.wishes_share", seat.wishes_share) for seat in self.roster),
        ):
            if (value is not None) != shared:
                raise shapes.refuse(f"manifest.{name}", "present exactly when keepers hold a share of wishes")

    def _check_roster(self) -> None:
        for name in ("keeper", "index", "sealing", "signing"):
            values = [getattr(seat, name) for seat in self.roster]
            if len(set(values)) != len(values):
                raise shapes.refuse(f"manifest.roster.{name}", "different for every keeper")
        for seat in self.roster:
            if seat.sealing == self.recipient_key:
                raise shapes.refuse(
                    "manifest.roster", "without the recipient, who keeps no share of these words"
                )
            if seat.signing == self.author_signing:
                raise shapes.refuse("manifest.roster", "without the author")


def follows(
    new: Signed[Manifest], old: Signed[Manifest] | None, succession: Sequence[Signed[NewKeys]] = ()
) -> None:
    """Return if `new` may take the place of `old` as the newest manifest of a track; `old` is None for the first.

    `succession` is how the author's key came to be another since `old`, oldest word first, each already checked with
    its signer's key; empty while the key is the same. Raises NotLinked for a signer who is not the author it names, a
    number that does not rise by one, another predecessor, or another track, author or key.
    """
    document = new.document
    if new.signer != document.author_signing:
        raise _not_linked("its signer is not the author whom it names")
    if old is None:
        if document.number != 1:
            raise _not_linked(f"it has number {document.number}, and none before it is known here")
        return
    before = old.document
    for name in ("author", "track", "condition", "recipient"):
        if getattr(document, name) != getattr(before, name):
            raise _not_linked(f"its {name.replace('_', ' ')} differs from the one before it")
    _check_succession(document, before, succession)
    if document.number != before.number + 1:
        raise _not_linked(f"it has number {document.number} after number {before.number}")
    if document.before != old.digest:
        raise _not_linked("it names another predecessor than the one known here")


def _check_succession(document: Manifest, before: Manifest, succession: Sequence[Signed[NewKeys]]) -> None:
    """The author's key is the one before, or follows it by words of which the manifest names the last."""
    if document.author_signing == before.author_signing:
        if document.succession is not None:
            raise _not_linked("it names a new key, and its author signing is the one before it")
        return
    led = leads(succession, document.author, before.author_signing, document.author_signing)
    if not led or document.succession != succession[-1].digest:
        raise _not_linked("its author signing differs from the one before it")


def _not_linked(reason: str) -> NotLinked:
    return NotLinked(
        f"The manifest was refused: {reason}. The newest known one stays in force.",
        "Ask the author which version is theirs; an older one may have been put in its place.",
    )
