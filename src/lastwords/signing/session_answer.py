"""The answer to a sign-in challenge, signed with the sign-in key, which opens and wraps nothing."""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.shapes import shaped


@dataclass(frozen=True, kw_only=True)
class SessionAnswer(Document):
    """`origin` is where the person means to sign in, so that an answer given elsewhere is worth nothing here."""

    KIND: ClassVar[str] = "session-answer"

    origin: str = shaped(shapes.text(255))
    account: str = shaped(shapes.identifier)
    challenge: str = shaped(shapes.text(128))
