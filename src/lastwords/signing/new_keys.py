"""Somebody has new keys: their old key says so, or a keeper who has compared the new ones with them by voice.

One document serves both, because both are the same promise: whoever knew the old key may follow it to the new one. The
host takes nobody's keys on its own word, and a manifest that continues a track under a new key names this document by
its digest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document, Signed
from lastwords.signing.shapes import shaped

BY_OLD_KEY = "old key"
BY_VOICE = "voice"


@dataclass(frozen=True, kw_only=True)
class NewKeys(Document):
    """`before` is the fingerprint of the old signing key; the three others are those of the new keys. `voucher` signs:
    the person themselves with their old key, or a keeper who has heard the new keys' words by voice."""

    KIND: ClassVar[str] = "new-keys"

    person: str = shaped(shapes.identifier)
    before: str = shaped(shapes.digest)
    sealing: str = shaped(shapes.digest)
    signing: str = shaped(shapes.digest)
    sign_in: str = shaped(shapes.digest)
    voucher: str = shaped(shapes.identifier)
    by: str = shaped(shapes.one_of(BY_OLD_KEY, BY_VOICE))
    moment: str = shaped(shapes.moment)

    def check(self) -> None:
        """Refuse a keeper's word for themselves, an old key's word by another, and new keys that are the old ones."""
        if (self.by == BY_OLD_KEY) != (self.voucher == self.person):
            raise shapes.refuse(
                "new-keys.voucher", "the person with their old key, or somebody else by voice"
            )
        if len({self.before, self.sealing, self.signing, self.sign_in}) != 4:
            raise shapes.refuse("new-keys.signing", "keys of which each is another")


def leads(words: Sequence[Signed[NewKeys]], person: str, before: str, after: str) -> bool:
    """Whether these words, one after the other, lead from the signing key `before` of this person to `after`.

    Each signature was checked by whoever read it: a voice's word with the key they know of that keeper. An old key's
    word must be signed by the very key it replaces.
    """
    key = before
    for word in words:
        said = word.document
        if (said.person, said.before) != (person, key) or (said.by == BY_OLD_KEY and word.signer != key):
            return False
        key = said.signing
    return key == after
