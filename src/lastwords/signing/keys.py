"""ML-DSA-65 (FIPS 204) signing keys, with the label of a document as the signature's context.

The label keeps one kind of signature from being shown as another: a check-in can never pass as a statement, even
if somebody found two documents with the same bytes. Labels are the context string of FIPS 204 section 5.2, at
most 255 bytes, written `lastwords/v1/<kind>`.

Sizes: seed 32 bytes, public key 1952 bytes (2603 characters as text), signature 3309 bytes. Signatures are
hedged with randomness, so two signatures of one document differ; documents are compared by their own digest.
"""

import base64
import binascii
import os
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.refusals import BadKey, BadSignature

SEED_BYTES = 32
PUBLIC_KEY_BYTES = 1952
SIGNATURE_BYTES = 3309

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class PublicKey:
    """The half of a signing key that everybody may know; it checks signatures."""

    def __init__(self, raw: bytes) -> None:
        """Take the 1952 raw bytes of a public key. Raises BadKey for any other length."""
        if len(raw) != PUBLIC_KEY_BYTES:
            raise _bad_key(f"it has {len(raw)} bytes, not {PUBLIC_KEY_BYTES}")
        self._key = mldsa.MLDSA65PublicKey.from_public_bytes(raw)
        self.raw = raw

    @classmethod
    def read(cls, text: str) -> "PublicKey":
        """Read a public key from its text (base64url without padding, RFC 4648 section 5). Raises BadKey."""
        try:
            return cls(from_base64url(text))
        except ValueError as error:
            raise _bad_key("it is not base64url without padding") from error

    @property
    def text(self) -> str:
        """The key as 2603 characters of base64url."""
        return to_base64url(self.raw)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of `text`, 64 lower-case hexadecimal digits."""
        return fingerprint(self.text)

    def verify(self, label: str, message: bytes, signature: bytes) -> None:
        """Return if `signature` was made over `message` under `label` with this key. Raises BadSignature."""
        try:
            self._key.verify(signature, message, label.encode("ascii"))
        except (InvalidSignature, ValueError) as error:
            raise BadSignature(
                "The signature does not fit the document and its signer's key. Nothing was changed.",
                "Do not act on the document; ask its signer, by a way you trust, whether they signed it.",
            ) from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)


class SigningKey:
    """A secret signing key, made from a seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32 bytes of a seed (FIPS 204's xi). Raises BadKey for any other length."""
        if len(seed) != SEED_BYTES:
            raise _bad_key(f"its seed has {len(seed)} bytes, not {SEED_BYTES}")
        self._key = mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    @classmethod
    def new(cls) -> "SigningKey":
        """Make a key from the system's randomness."""
        return cls(os.urandom(SEED_BYTES))

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """Make the key that belongs to a seed of 32 bytes. Raises BadKey."""
        return cls(seed)

    def sign(self, label: str, message: bytes) -> bytes:
        """Return the 3309-byte signature of `message` under `label`."""
        return self._key.sign(message, label.encode("ascii"))


def to_base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding. Raises ValueError for every other spelling of them."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if to_base64url(data) != text:
        raise ValueError("not the one spelling of these bytes")
    return data


def _bad_key(reason: str) -> BadKey:
    return BadKey(
        f"A signing key could not be read: {reason}. Nothing was changed.",
        "Copy the key again, whole; if it came from a file, fetch the file again.",
    )
