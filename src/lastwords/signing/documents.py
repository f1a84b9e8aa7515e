"""Signed documents: what every kind has in common, and the envelope in which one travels.

A document is canonical JSON with its fields, plus `kind` and `version`. Its digest is the SHA-256 of these bytes.
The signature is made over the same bytes under the label `lastwords/v1/<kind>`. The envelope is canonical JSON of
three members: `document`, `signature` (base64url) and `signer` (the fingerprint of the key to check it with).
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from lastwords.signing import canonical, shapes
from lastwords.signing.keys import (
    SIGNATURE_BYTES,
    PublicKey,
    SigningKey,
    from_base64url,
    to_base64url,
)
from lastwords.signing.refusals import BadSignature, WrongShape, WrongSigner

VERSION = 1


class Document:
    """The root of all kinds; a kind is a frozen dataclass of shaped fields with its own `KIND`.

    No kind may have a field named `kind` or `version`: those two stand in every document.
    """

    KIND: ClassVar[str]

    def __post_init__(self) -> None:
        shapes.check(self, self.KIND)
        self.check()

    def check(self) -> None:
        """Refuse fields that contradict each other. Raises WrongShape. A kind without such rules has nothing here."""

    @classmethod
    def label(cls) -> str:
        """The context under which this kind is signed."""
        return f"lastwords/v{VERSION}/{cls.KIND}"

    def value(self) -> dict[str, Any]:
        """Return the document as plain values, with its kind and version."""
        return {"kind": self.KIND, "version": VERSION, **shapes.plain(self)}

    def encode(self) -> bytes:
        """Return the canonical bytes that are signed."""
        return canonical.encode(self.value())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
        return canonical.digest(self.encode())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a document without its envelope. Raises NotCanonical or WrongShape."""
        return cls.from_value(canonical.decode(data))

    @classmethod
    def from_value(cls, value: Any) -> Self:
        """Read a document from decoded values. Raises WrongShape."""
        version = value.get("version") if isinstance(value, dict) else None
        # In Python `True == 1`, and a second spelling of the version would be a second spelling of the document.
        if version != VERSION or version is True or value.get("kind") != cls.KIND:
            raise shapes.refuse("kind", f"{cls.KIND}, version {VERSION}")
        fields = {k: v for k, v in value.items() if k not in ("kind", "version")}
        document = shapes.read(cls, fields, cls.KIND)
        document.check()
        return document


D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Signed(Generic[D]):
    """A document with its signature and the fingerprint of the key that made it."""

    document: D
    signature: bytes
    signer: str

    @property
    def digest(self) -> str:
        """The digest of the document alone; signatures are random and never compared."""
        return self.document.digest

    @property
    def data(self) -> bytes:
        """The envelope, to be stored and sent."""
        return canonical.encode(
            {
                "document": self.document.value(),
                "signature": to_base64url(self.signature),
                "signer": self.signer,
            }
        )


@dataclass(frozen=True)
class Peeked:
    """What an envelope claims, not verified: only to choose the reader and the key."""

    kind: str
    signer: str


def sign(document: D, key: SigningKey) -> Signed[D]:
    """Sign a document under the label of its kind."""
    signature = key.sign(document.label(), document.encode())
    return Signed(document, signature, key.public.fingerprint)


def read(data: bytes, kind: type[D], key: PublicKey) -> Signed[D]:
    """Read an envelope and verify it with the key of the person who should have signed.

    Raises NotCanonical, WrongShape, WrongSigner (another key than `key` is named) or BadSignature.
    """
    envelope = _envelope(data)
    document = kind.from_value(envelope["document"])
    if envelope["signer"] != key.fingerprint:
        raise WrongSigner(
            "The document is signed with another key than the one known for this person. Nothing was changed.",
            "If the person has a new key, compare its eight words with them by voice before trusting it.",
        )
    try:
        signature = from_base64url(envelope["signature"])
    except ValueError:
        signature = b""
    if len(signature) != SIGNATURE_BYTES:
        raise BadSignature(
            "The signature of the document is damaged. Nothing was changed.",
            "Ask for the document again from the person who signed it.",
        )
    key.verify(kind.label(), document.encode(), signature)
    return Signed(document, signature, key.fingerprint)


def peek(data: bytes) -> Peeked:
    """Return the kind and the signer that an envelope claims, unverified. Raises NotCanonical or WrongShape."""
    envelope = _envelope(data)
    document = envelope["document"]
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str):
        raise shapes.refuse("kind", "present")
    return Peeked(kind, shapes.digest(envelope["signer"], "signer"))


def _envelope(data: bytes) -> dict[str, Any]:
    envelope = canonical.decode(data)
    if not isinstance(envelope, dict) or envelope.keys() != {"document", "signature", "signer"}:
        raise WrongShape(
            "What was given is not a signed document. Nothing was changed.",
            "Ask for the whole file, with its members document, signature and signer.",
        )
    if not isinstance(envelope["signature"], str) or not isinstance(envelope["signer"], str):
        raise shapes.refuse("signature and signer", "texts")
    return envelope
