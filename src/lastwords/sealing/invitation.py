"""The authenticated invitation: a keeper's (or recipient's) keys reach the author without a server in between.

The author sends a link by a way of their own choosing. Its fragment, which browsers never send to a server, holds a
secret of 128 bits and the author's signing fingerprint. The invited person's client answers with its public keys,
each under an HMAC with that secret and a label of its own, so that no server can put another key in its place and
nobody has to compare anything by eye. The server never learns the secret and must never send the link itself.
"""

import hmac
import os
from dataclasses import dataclass
from typing import Any

from lastwords.sealing.age.keys import HybridPublicKey, read_public_key
from lastwords.sealing.person import PersonKeys, PublicKeys
from lastwords.sealing.refusals import InvitationRefused
from lastwords.signing import canonical
from lastwords.signing.keys import PublicKey, from_base64url, to_base64url
from lastwords.signing.refusals import Refused

SECRET_BYTES = 16

_MARK = "lw1"
_LABEL = "lastwords/v1/invitation"
_KEYS = ("sealing", "signing", "sign_in")


@dataclass(frozen=True)
class Invitation:
    """A secret of 16 bytes and the author's signing fingerprint (64 hexadecimal digits)."""

    secret: bytes
    author: str

    @classmethod
    def new(cls, author_signing_fingerprint: str) -> "Invitation":
        """Make an invitation from the system's randomness."""
        return cls(os.urandom(SECRET_BYTES), author_signing_fingerprint)

    @classmethod
    def read(cls, fragment: str) -> "Invitation":
        """Read the fragment of a link, with or without `#`. Raises InvitationRefused."""
        mark, _, rest = fragment.strip().removeprefix("#").partition(".")
        secret_text, _, author_text = rest.partition(".")
        try:
            secret, author = from_base64url(secret_text), from_base64url(author_text)
        except ValueError:
            secret, author = b"", b""
        if mark != _MARK or len(secret) != SECRET_BYTES or len(author) != 32:
            raise _refused("the link is not whole", "Copy the link again, with everything after the # sign.")
        return cls(secret, author.hex())

    @property
    def fragment(self) -> str:
        """What stands after the # of the link: `lw1.<secret>.<author>`, both base64url."""
        return f"{_MARK}.{to_base64url(self.secret)}.{to_base64url(bytes.fromhex(self.author))}"

    @property
    def id(self) -> str:
        """A name for the invitation that the server may know: 32 hexadecimal digits, derived one way."""
        return hmac.digest(self.secret, f"{_LABEL}/id\n".encode("ascii"), "sha256")[:16].hex()

    def mac(self, key: str, text: str) -> str:
        """Return the HMAC-SHA256 of one key's text, 64 hexadecimal digits: label, author and text, by line feeds."""
        message = f"{_LABEL}/{key}\n{self.author}\n{text}".encode("ascii")
        return hmac.digest(self.secret, message, "sha256").hex()

    def __repr__(self) -> str:
        return f"<invitation {self.id}>"


def answer(invitation: Invitation, person: PersonKeys) -> bytes:
    """Return the answer with the person's three public keys, as canonical JSON."""
    public = person.public
    texts = {key: getattr(public, key) for key in _KEYS}
    macs = {key: invitation.mac(key, text) for key, text in texts.items()}
    return canonical.encode({"invitation": invitation.id, "keys": texts, "macs": macs})


def check_answer(invitation: Invitation, data: bytes) -> PublicKeys:
    """Return the keys of an answer if all were sent by somebody who holds the invitation.

    Raises InvitationRefused; the author should then take the answer as an attempt to swap a key.
    """
    try:
        value = canonical.decode(data)
    except Refused:
        value = None
    texts, macs = _texts(value, "keys"), _texts(value, "macs")
    if not texts or not macs or value["invitation"] != invitation.id:
        raise _refused(
            "the answer belongs to another invitation or is not whole", "Ask for the answer again."
        )
    for key in _KEYS:
        if not texts[key].isascii() or not hmac.compare_digest(invitation.mac(key, texts[key]), macs[key]):
            raise _refused(
                f"the {key.replace('_', '-')} key was not sent by the person you invited",
                "Do not use it. Call them, compare the eight words, and send a new invitation by another way.",
            )
    try:
        whole = isinstance(read_public_key(texts["sealing"]), HybridPublicKey)
        PublicKey.read(texts["signing"]), PublicKey.read(texts["sign_in"])
    except Refused:
        whole = False
    if not whole:
        raise _refused("a key in the answer cannot be used", "Ask them to answer with the current program.")
    return PublicKeys(**texts)


def _texts(value: Any, name: str) -> dict[str, str]:
    """Return the three texts of a member, or nothing if they are not exactly those."""
    if not isinstance(value, dict) or value.keys() != {"invitation", "keys", "macs"}:
        return {}
    texts = value[name]
    if not isinstance(texts, dict) or texts.keys() != set(_KEYS):
        return {}
    return texts if all(isinstance(text, str) and text.isascii() for text in texts.values()) else {}


def _refused(reason: str, do: str) -> InvitationRefused:
    return InvitationRefused(f"The invitation was refused: {reason}. Nobody was added.", do)
