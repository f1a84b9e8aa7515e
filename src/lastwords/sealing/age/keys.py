"""The keys that seal and open age files: post-quantum (`age1pq1...`), X25519 (`age1...`), and passphrases.

The post-quantum type is one HPKE base-mode seal (RFC 9180) of the file key with the KEM MLKEM768-X25519, as the age
specification's section "mlkem768x25519" has it. A secret key is a seed of 32 bytes.

An opener returns the file key, or None if the stanza is for somebody else; a stanza of its own type that is
malformed is HeaderRefused, since no honest program writes one.
"""

import hashlib
import os
import re
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lastwords.sealing.age import bech32
from lastwords.sealing.age.header import FILE_KEY_BYTES, Stanza, from_base64, to_base64
from lastwords.sealing.refusals import HeaderRefused
from lastwords.signing.refusals import BadKey

HYBRID = "mlkem768x25519"
X25519 = "X25519"
SCRYPT = "scrypt"

SEED_BYTES = 32
WORK_FACTOR = 18
"""log2 of the scrypt cost we write: 256 MiB and about a second."""
MOST_WORK_FACTOR = 20
"""The highest we accept, as other implementations do: a hostile file could ask for any amount of memory."""

_HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
_X25519_INFO = b"age-encryption.org/v1/X25519"
_SCRYPT_SALT = b"age-encryption.org/v1/scrypt"
_MLKEM_PUBLIC_BYTES = 1184
_MLKEM_CIPHERTEXT_BYTES = 1088
_WRAPPED_BYTES = FILE_KEY_BYTES + 16
_NO_NONCE = bytes(12)

_suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Sealer(Protocol):
    """Wraps the key of a file."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that gives `file_key` to whoever holds the other half."""
        ...


class Opener(Protocol):
    """Unwraps the key of a file."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None if the stanza is not for this opener. Raises HeaderRefused."""
        ...


class HybridPublicKey:
    """A post-quantum public key, text `age1pq1...` (1959 characters)."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != _MLKEM_PUBLIC_BYTES + 32:
            raise _bad_key("it has the wrong length")
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES])
        except ValueError as error:
            raise _bad_key("it is not a key of its kind") from error
        x25519 = X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:])
        self._key = MLKEM768X25519PublicKey(mlkem, x25519)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza of type `mlkem768x25519`."""
        sealed = _suite.encrypt(file_key, self._key, info=_HYBRID_INFO)
        enc, body = sealed[:-_WRAPPED_BYTES], sealed[-_WRAPPED_BYTES:]
        return Stanza((HYBRID, to_base64(enc)), body)


class HybridSecretKey:
    """A post-quantum secret key, text `AGE-SECRET-KEY-PQ-1...` (77 characters), from a seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise _bad_key("it has the wrong length")
        self.seed = seed
        expanded = hashlib.shake_256(seed).digest(96)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._key = MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    @property
    def text(self) -> str:
        """The secret key as its owner keeps it."""
        return bech32.encode("age-secret-key-pq-", self.seed).upper()

    @property
    def public_text(self) -> str:
        """The text of the public key."""
        raw = self._mlkem.public_key().public_bytes_raw() + self._x25519.public_key().public_bytes_raw()
        return bech32.encode("age1pq", raw)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key of a stanza sealed to this key."""
        if stanza.type != HYBRID:
            return None
        enc = _argument(stanza, 1, _MLKEM_CIPHERTEXT_BYTES + 32)
        _check_body(stanza)
        # HPKE reports a low-order share and a foreign key alike; only the first is a malformed head.
        _agree(self._x25519, enc[_MLKEM_CIPHERTEXT_BYTES:])
        try:
            return _suite.decrypt(enc + stanza.body, self._key, info=_HYBRID_INFO)
        except InvalidTag:
            return None


class X25519PublicKeyOfAge:
    """A classical public key, text `age1...`; read for old files' sake, never the default."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 32:
            raise _bad_key("it has the wrong length")
        self._raw = raw
        self._key = X25519PublicKey.from_public_bytes(raw)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza of type `X25519`."""
        ours = X25519PrivateKey.generate()
        share = ours.public_key().public_bytes_raw()
        try:
            agreed = ours.exchange(self._key)
        except ValueError as error:
            raise _bad_key("nothing can be sealed to it") from error
        key = HKDF(SHA256(), 32, salt=share + self._raw, info=_X25519_INFO).derive(agreed)
        return Stanza((X25519, to_base64(share)), ChaCha20Poly1305(key).encrypt(_NO_NONCE, file_key, None))


class X25519SecretKeyOfAge:
    """A classical secret key, text `AGE-SECRET-KEY-1...`."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 32:
            raise _bad_key("it has the wrong length")
        self._key = X25519PrivateKey.from_private_bytes(raw)
        self._public = self._key.public_key().public_bytes_raw()

    @property
    def public_text(self) -> str:
        """The text of the public key."""
        return bech32.encode("age", self._public)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key of a stanza sealed to this key."""
        if stanza.type != X25519:
            return None
        share = _argument(stanza, 1, 32)
        _check_body(stanza)
        agreed = _agree(self._key, share)
        key = HKDF(SHA256(), 32, salt=share + self._public, info=_X25519_INFO).derive(agreed)
        return _unwrapped(key, stanza.body)


class Passphrase:
    """A passphrase, which both seals and opens; a file sealed with one has no other stanza."""

    def __init__(self, text: str, work_factor: int = WORK_FACTOR) -> None:
        """`work_factor` (log2 of the scrypt cost) is what is written; reading takes the file's, within bounds."""
        self._text = text.encode("utf-8")
        self._work_factor = work_factor

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza of type `scrypt`."""
        salt = os.urandom(16)
        sealed = ChaCha20Poly1305(self._key(salt, self._work_factor)).encrypt(_NO_NONCE, file_key, None)
        return Stanza((SCRYPT, to_base64(salt), str(self._work_factor)), sealed)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key of a stanza sealed with this passphrase."""
        if stanza.type != SCRYPT:
            return None
        salt = _argument(stanza, 2, 16)
        _check_body(stanza)
        if not re.fullmatch("[1-9][0-9]{0,2}", stanza.args[2]) or int(stanza.args[2]) > MOST_WORK_FACTOR:
            raise _malformed(f"its work factor is not a number from 1 to {MOST_WORK_FACTOR}")
        return _unwrapped(self._key(salt, int(stanza.args[2])), stanza.body)

    def _key(self, salt: bytes, work_factor: int) -> bytes:
        cost = 1 << work_factor
        return hashlib.scrypt(
            self._text, salt=_SCRYPT_SALT + salt, n=cost, r=8, p=1, dklen=32, maxmem=cost * 1024 + (1 << 20)
        )


def read_public_key(text: str) -> HybridPublicKey | X25519PublicKeyOfAge:
    """Return the public key of a text `age1pq1...` or `age1...`. Raises BadKey."""
    prefix, raw = bech32.decode(text)
    if text != text.lower():
        raise _bad_key("public keys are written in small letters")
    if prefix == "age1pq":
        return HybridPublicKey(raw)
    if prefix == "age":
        return X25519PublicKeyOfAge(raw)
    raise _bad_key("it is not a public key that seals")


def read_secret_key(text: str) -> HybridSecretKey | X25519SecretKeyOfAge:
    """Return the secret key of a text `AGE-SECRET-KEY-PQ-1...` or `AGE-SECRET-KEY-1...`. Raises BadKey."""
    prefix, raw = bech32.decode(text)
    if text != text.upper():
        raise _bad_key("secret keys are written in capital letters")
    if prefix == "age-secret-key-pq-":
        return HybridSecretKey(raw)
    if prefix == "age-secret-key-":
        return X25519SecretKeyOfAge(raw)
    raise _bad_key("it is not a secret key that opens")


def _argument(stanza: Stanza, count: int, size: int) -> bytes:
    """Return the decoded first argument of a stanza that must have `count` of them."""
    if len(stanza.args) != count + 1:
        raise _malformed("a key's line has too many or too few parts")
    value = from_base64(stanza.args[1].encode("ascii"))
    if len(value) != size:
        raise _malformed("a part of a key's line has the wrong length")
    return value


def _check_body(stanza: Stanza) -> None:
    if len(stanza.body) != _WRAPPED_BYTES:
        raise _malformed("a wrapped key has the wrong length")


def _agree(secret: X25519PrivateKey, share: bytes) -> bytes:
    try:
        return secret.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise _malformed("a share in it is one that gives no secret") from error


def _unwrapped(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(_NO_NONCE, body, None)
    except InvalidTag:
        return None


def _malformed(reason: str) -> HeaderRefused:
    return HeaderRefused(
        f"The head of a sealed file could not be read: {reason}. Nothing was opened.",
        "Make sure that it is the right file and whole; ask for it again where it came from.",
    )


def _bad_key(reason: str) -> BadKey:
    return BadKey(
        f"A key could not be read: {reason}. Nothing was changed.",
        "Copy the key again, whole, from its card or file.",
    )
