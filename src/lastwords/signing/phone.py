"""A check-in from a phone: a small key that a browser keeps and never gives out, and that can do this and nothing else.

Browsers sign with P-256 by themselves and keep such a key so that not even their own pages can read it; ML-DSA they do
not know. ECDSA has no context string, so the label of the document stands before the signed bytes, ended by a zero:

    ECDSA-P256-SHA256( label || 0x00 || canonical JSON )        signature: r || s, 64 bytes

Whoever breaks P-256 one day can say "I'm here" in an author's place, and nothing more: no word is sealed to this key,
and no statement is signed with it.
"""

from dataclasses import dataclass
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.keys import from_base64url
from lastwords.signing.refusals import BadKey, BadSignature
from lastwords.signing.shapes import shaped

POINT_BYTES = 65
"""An uncompressed point of the curve, as browsers export it."""
SIGNATURE_BYTES = 64
_HOW = ec.ECDSA(SHA256())


@dataclass(frozen=True, kw_only=True)
class PhoneCheckIn(Document):
    """A sign of life from a phone. `credential` is the phone's name at this host; `moment` is when it was pressed."""

    KIND: ClassVar[str] = "phone-check-in"

    host: str = shaped(shapes.text(255))
    author: str = shaped(shapes.identifier)
    credential: str = shaped(shapes.identifier)
    moment: str = shaped(shapes.moment)
    counter: int = shaped(shapes.count(1))


class PhoneKey:
    """The public half of a phone's key."""

    def __init__(self, text: str) -> None:
        """Read it from its text, base64url of an uncompressed P-256 point. Raises BadKey."""
        try:
            raw = from_base64url(text)
            if len(raw) != POINT_BYTES:
                raise ValueError("another length")
            self._key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        except ValueError as error:
            raise BadKey(
                "The key of this phone could not be read. Nothing was changed.",
                "Load the page again on the phone, and let it make a new key.",
            ) from error

    def verify(self, document: bytes, signature: bytes) -> None:
        """Return if the document of these canonical bytes was signed with this key. Raises BadSignature."""
        half = SIGNATURE_BYTES // 2
        numbers = [int.from_bytes(part, "big") for part in (signature[:half], signature[half:])]
        signed = PhoneCheckIn.label().encode("ascii") + b"\x00" + document
        try:
            if len(signature) != SIGNATURE_BYTES:
                raise ValueError("another length")
            self._key.verify(encode_dss_signature(*numbers), signed, _HOW)
        except (InvalidSignature, ValueError) as error:
            raise BadSignature(
                "The signature of this phone does not fit. Nothing was changed.",
                "Load the page again on the phone and press once more.",
            ) from error
