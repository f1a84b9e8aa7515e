"""The author vouches for a keeper: these three keys are theirs, compared by invitation or by voice."""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.shapes import shaped

BY_INVITATION = "invitation"
BY_VOICE = "voice"


@dataclass(frozen=True, kw_only=True)
class Vouching(Document):
    """Fingerprints of the keeper's sealing, signing and sign-in keys, and how the author made sure of them."""

    KIND: ClassVar[str] = "vouching"

    author: str = shaped(shapes.identifier)
    keeper: str = shaped(shapes.identifier)
    sealing: str = shaped(shapes.digest)
    signing: str = shaped(shapes.digest)
    sign_in: str = shaped(shapes.digest)
    by: str = shaped(shapes.one_of(BY_INVITATION, BY_VOICE))
    moment: str = shaped(shapes.moment)
