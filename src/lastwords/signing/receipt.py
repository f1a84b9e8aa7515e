"""A receipt: a keeper proves that their share opens, and that it is the one the author committed to.

Only somebody who opened the share knows its salt and mnemonic, from which the commitment is made; the keeper's
client compares it with the manifest before signing. The host takes the signature as the keeper's word for that.
"""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document, Signed
from lastwords.signing.manifest import Manifest
from lastwords.signing.refusals import NotLinked
from lastwords.signing.shapes import shaped

ARMING = "arming"
PRACTICE = "practice"


@dataclass(frozen=True, kw_only=True)
class Receipt(Document):
    """`manifest` is the digest of the manifest the shares were checked against, `number` its number."""

    KIND: ClassVar[str] = "receipt"

    keeper: str = shaped(shapes.identifier)
    author: str = shaped(shapes.identifier)
    track: str = shaped(shapes.identifier)
    number: int = shaped(shapes.count(1))
    manifest: str = shaped(shapes.digest)
    purpose: str = shaped(shapes.one_of(ARMING, PRACTICE))
    words_share: str = shaped(shapes.digest)
    wishes_share: str | None = shaped(shapes.or_none(shapes.digest))
    moment: str = shaped(shapes.moment)


def check_fits(receipt: Receipt, manifest: Signed[Manifest]) -> None:
    """Return if the receipt acknowledges the shares that this manifest gives its keeper.

    Raises WrongShape if the keeper has no seat in it, and NotLinked if it speaks of another manifest or other shares.
    """
    document = manifest.document
    seat = document.seat(receipt.keeper)
    promised = (document.author, document.track, document.number, manifest.digest)
    if (receipt.author, receipt.track, receipt.number, receipt.manifest) != promised or (
        receipt.words_share,
        receipt.wishes_share,
    ) != (seat.words_share, seat.wishes_share):
        raise NotLinked(
            f"The receipt of {receipt.keeper} speaks of another manifest or of other shares. It was not recorded.",
            "Let the keeper open the share of the newest manifest and send a new receipt.",
        )
