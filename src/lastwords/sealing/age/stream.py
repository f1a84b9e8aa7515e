"""The payload of an age file: ChaCha20-Poly1305 in chunks of 64 KiB (the STREAM construction), in constant memory.

Each chunk's nonce is an 11-byte counter and one byte that says whether it is the last. A payload that was cut off
at a chunk's border therefore does not pass: its end is not marked as one.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lastwords.sealing.age.source import Source, Writable
from lastwords.sealing.refusals import HeaderRefused, PayloadRefused

CHUNK = 64 * 1024
TAG = 16
NONCE = 16

_BATCH = 8  # chunks read ahead, or written, at a time


class PayloadWriter:
    """Seals what is written to it. Holds back one chunk, since the last one is marked, and hands on several at once."""

    def __init__(self, out: Writable, file_key: bytes) -> None:
        nonce = os.urandom(NONCE)
        out.write(nonce)
        self._out = out
        self._aead = _aead(file_key, nonce)
        self._counter = 0
        self._held = bytearray()
        self._sealed = memoryview(bytearray(_BATCH * (CHUNK + TAG)))
        self._filled = 0

    def write(self, data: bytes) -> int:
        """Take more plaintext."""
        view = memoryview(data)
        start = 0
        if self._held:
            start = CHUNK - len(self._held)
            self._held += view[:start]
            if len(view) <= start:
                return len(data)
            self._seal(self._held, last=False)
            self._held.clear()
        while len(view) - start > CHUNK:
            self._seal(view[start : start + CHUNK], last=False)
            start += CHUNK
        self._held += view[start:]
        return len(data)

    def finish(self) -> None:
        """Seal the last chunk, which may be full, and is empty only for an empty payload."""
        self._seal(self._held, last=True)
        self._held.clear()
        self._hand_on()

    def _seal(self, chunk: bytearray | memoryview, last: bool) -> None:
        end = self._filled + len(chunk) + TAG
        self._aead.encrypt_into(_nonce(self._counter, last), chunk, None, self._sealed[self._filled : end])
        self._counter += 1
        self._filled = end
        if end == len(self._sealed):
            self._hand_on()

    def _hand_on(self) -> None:
        self._out.write(bytes(self._sealed[: self._filled]))
        self._filled = 0


class PayloadReader:
    """Gives the plaintext by `read`. Raises PayloadRefused where a chunk is altered or the end is missing."""

    def __init__(self, source: Source, file_key: bytes) -> None:
        nonce = source.read(NONCE)
        if len(nonce) != NONCE:
            raise HeaderRefused(
                "A sealed file ends where its contents should begin. Nothing was opened.",
                "Ask for the file again; this copy was cut off.",
            )
        self._source = source
        self._aead = _aead(file_key, nonce)
        self._counter = 0
        self._ended = False
        self._misplaced = False
        self._opened = memoryview(b"")
        self._sealed = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all of them if negative, none at the end."""
        parts, have = list[memoryview](), 0
        while size < 0 or have < size:
            if not self._opened:
                # A short read is better than losing opened chunks when the next one is refused.
                if self._ended or (parts and size >= 0):
                    break
                self._opened = memoryview(self._next())
            part = self._opened if size < 0 else self._opened[: size - have]
            self._opened = self._opened[len(part) :]
            parts.append(part)
            have += len(part)
        return b"".join(parts)

    def _next(self) -> bytes:
        """Open one chunk; the one that ends the source, and no other, must be marked as the last."""
        if self._misplaced:
            raise _refused("its end is not where it was written")
        if len(self._sealed) <= CHUNK + TAG:
            more = self._source.read(_BATCH * (CHUNK + TAG))
            self._sealed = memoryview(b"".join((self._sealed, more)))
        sealed, self._sealed = self._sealed[: CHUNK + TAG], self._sealed[CHUNK + TAG :]
        if not sealed:
            raise _refused("it is cut off")
        chunk = self._chunk(sealed, last=not self._sealed)
        if not chunk and self._counter:
            raise _refused("its last part is empty")
        self._counter += 1
        return chunk

    def _chunk(self, sealed: memoryview, last: bool) -> bytes:
        try:
            chunk = self._aead.decrypt(_nonce(self._counter, last), sealed, None)
            self._ended = last
            return chunk
        except (InvalidTag, ValueError) as error:
            if len(sealed) < CHUNK + TAG and last:
                raise _refused("it was cut off or altered") from error
        # A whole chunk that is genuine but stands at the wrong place is given, as the other implementations do,
        # and the refusal follows with the next read.
        try:
            chunk = self._aead.decrypt(_nonce(self._counter, not last), sealed, None)
        except InvalidTag as error:
            raise _refused("it was altered") from error
        self._misplaced = True
        return chunk


def _aead(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=nonce, info=b"payload").derive(file_key))


def _nonce(counter: int, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([last])


def _refused(reason: str) -> PayloadRefused:
    return PayloadRefused(
        f"The contents of a sealed file could not be opened: {reason}. What was opened before is not to be used.",
        "Ask for the file again from somebody who has another copy.",
    )
