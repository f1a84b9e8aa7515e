"""What signing refuses, each refusal in two parts: what happened, and what to do.

Refused
├── NotCanonical   bytes that are not the one spelling of a document
├── WrongShape     a document with a field missing, unknown or out of bounds
├── BadKey         a key that cannot be read
├── BadSignature   a signature that does not fit the document
├── WrongSigner    a good document, signed by somebody else's key
└── NotLinked      a manifest that does not follow the one before it

`lastwords.sealing.refusals` continues this tree.
"""


class Refused(Exception):
    """The root of all refusals of signing and sealing.

    `happened` says what happened and what is unharmed; `do` says what to do next.
    """

    def __init__(self, happened: str, do: str) -> None:
        super().__init__(happened, do)
        self.happened = happened
        self.do = do

    def __str__(self) -> str:
        return f"{self.happened} {self.do}"


class NotCanonical(Refused):
    """Bytes that are not canonical JSON."""


class WrongShape(Refused):
    """A document that does not have the shape of its kind."""


class BadKey(Refused):
    """A key text that cannot be read."""


class BadSignature(Refused):
    """A signature that does not fit."""


class WrongSigner(Refused):
    """A document whose signer is not the one expected."""


class NotLinked(Refused):
    """A manifest that does not follow the one before it."""
