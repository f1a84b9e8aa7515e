"""A passkey's device in a few lines: it makes resident credentials and answers for them, honestly or as a test says."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    """One credential. `verified` is whether it makes sure of its person; `origin` where it believes to be."""

    origin: str
    verified: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    ident: bytes = field(default_factory=lambda: os.urandom(16))
    user: bytes = b""
    count: int = 0

    def made(self, asked: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """The answer to a question of making one."""
        options = asked["options"]["publicKey"]
        self.user = options["user"]["id"].encode()
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AttestedCredentialData.create(bytes(16), self.ident, public)
        authenticator = AuthenticatorData.create(self._rp(), self._flags() | MADE, self.count, data)
        response = {
            "clientDataJSON": self._client("webauthn.create", options["challenge"]),
            "attestationObject": websafe_encode(AttestationObject.create("none", authenticator, {})),
        }
        return self._sent(response, {"credProps": {"rk": True}}, changed)

    def used(self, asked: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """The answer to a question of using it."""
        self.count += 1
        client = self._client("webauthn.get", asked["options"]["publicKey"]["challenge"])
        authenticator = AuthenticatorData.create(self._rp(), self._flags(), self.count)
        raw = json.loads(json.dumps(client))
        hashed = hashlib.sha256(_decoded(raw)).digest()
        signature = self.key.sign(bytes(authenticator) + hashed, ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(authenticator),
            "signature": websafe_encode(signature),
            "userHandle": self.user.decode(),
        }
        return self._sent(response, {}, changed)

    def _rp(self) -> bytes:
        host = self.origin.split("//")[1].split(":")[0]
        return hashlib.sha256(host.encode()).digest()

    def _flags(self) -> int:
        return PRESENT | (VERIFIED if self.verified else 0)

    def _client(self, kind: str, challenge: str) -> str:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return websafe_encode(json.dumps(data).encode())

    def _sent(self, response: dict[str, Any], results: Any, changed: dict[str, Any]) -> dict[str, Any]:
        ident = websafe_encode(self.ident)
        sent = {"id": ident, "rawId": ident, "type": "public-key", "response": response}
        return sent | {"clientExtensionResults": results} | changed


def _decoded(text: str) -> bytes:
    from fido2.utils import websafe_decode

    return bytes(websafe_decode(text))
