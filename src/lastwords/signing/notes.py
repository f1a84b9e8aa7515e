"""The author's word for their emergency notes: which sealed file they are, and to whose keys it is sealed.

age does not say who sealed a file, and anybody may know a keeper's public key. So a keeper who opens the notes compares
the file's hash with this document before showing anything, and never goes back to a lower number.
"""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.shapes import shaped

MOST_READERS = 64
"""The most keepers, alternates among them, to whom notes are sealed."""


@dataclass(frozen=True, kw_only=True)
class NotesReader:
    """One keeper who can open the notes once they are uncovered: who, and the fingerprint of their sealing key."""

    keeper: str = shaped(shapes.identifier)
    sealing: str = shaped(shapes.digest)


@dataclass(frozen=True, kw_only=True)
class EmergencyNotes(Document):
    """`sha256` is the hash of the notes sealed to their readers, beneath the cover; `number` rises by one."""

    KIND: ClassVar[str] = "emergency-notes"

    author: str = shaped(shapes.identifier)
    number: int = shaped(shapes.count(1))
    sha256: str = shaped(shapes.digest)
    readers: tuple[NotesReader, ...] = shaped(shapes.many(shapes.record(NotesReader), MOST_READERS))
    moment: str = shaped(shapes.moment)

    def check(self) -> None:
        """Refuse notes that nobody can open, or that name a keeper or a key twice. Raises WrongShape."""
        for what in ("keeper", "sealing"):
            found = [getattr(reader, what) for reader in self.readers]
            if not found or len(set(found)) != len(found):
                raise shapes.refuse(f"emergency-notes.readers.{what}", "there, and each once")

    def reader(self, keeper: str) -> NotesReader | None:
        """This keeper's place among the readers, None for somebody to whom the notes are not sealed."""
        return next((reader for reader in self.readers if reader.keeper == keeper), None)
