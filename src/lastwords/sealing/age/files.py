"""Sealing and opening whole files, from stream to stream in constant memory, or as bytes."""

import io
import os
from collections.abc import Callable, Sequence

from lastwords.sealing.age import header, keys
from lastwords.sealing.age.armour import BEGIN, ArmourReader, ArmourWriter
from lastwords.sealing.age.source import Readable, Source, Writable
from lastwords.sealing.age.stream import PayloadReader, PayloadWriter
from lastwords.sealing.refusals import HeaderRefused, KeysRefused, NoKeyFits

Progress = Callable[[int], None]
"""Called with the number of plaintext bytes done since the last call."""

_PIECE = 256 * 1024


class SealingWriter:
    """A file object for writing: what is written is sealed into `out`. `close` must be called; `out` stays open."""

    def __init__(self, out: Writable, public_keys: Sequence[str], *, armoured: bool = False) -> None:
        """Seal to public keys of one kind, post-quantum or classical. Raises BadKey or KeysRefused."""
        self._begin(out, _sealers(public_keys), armoured)

    @classmethod
    def with_passphrase(
        cls, out: Writable, passphrase: str, *, armoured: bool = False, work_factor: int = keys.WORK_FACTOR
    ) -> "SealingWriter":
        """Seal with a passphrase alone."""
        writer = cls.__new__(cls)
        writer._begin(out, [keys.Passphrase(passphrase, work_factor)], armoured)
        return writer

    def _begin(self, out: Writable, sealers: Sequence[keys.Sealer], armoured: bool) -> None:
        file_key = os.urandom(header.FILE_KEY_BYTES)
        self._armour = ArmourWriter(out) if armoured else None
        target = self._armour or out
        target.write(header.write([sealer.wrap(file_key) for sealer in sealers], file_key))
        self._payload = PayloadWriter(target, file_key)

    def write(self, data: bytes) -> int:
        """Take more plaintext."""
        return self._payload.write(data)

    def close(self) -> None:
        """Seal the last chunk. A file that was not closed does not open."""
        self._payload.finish()
        if self._armour:
            self._armour.close()


class OpeningReader:
    """A file object for reading: gives the plaintext of a sealed file, text form or not."""

    def __init__(self, source: Readable, secret_keys: Sequence[str]) -> None:
        """Open with the first secret key that fits. Raises BadKey and the SealedFileRefused family."""
        self._begin(source, [keys.read_secret_key(text) for text in secret_keys])

    @classmethod
    def with_passphrase(cls, source: Readable, passphrase: str) -> "OpeningReader":
        """Open with a passphrase."""
        reader = cls.__new__(cls)
        reader._begin(source, [keys.Passphrase(passphrase)])
        return reader

    def _begin(self, stream: Readable, openers: Sequence[keys.Opener]) -> None:
        source = Source(stream)
        if source.peek(1024).lstrip().startswith(BEGIN[:10]):
            source = Source(ArmourReader(source))
        head = header.read(source)
        file_key = _file_key(head, openers)
        head.check(file_key)
        self._payload = PayloadReader(source, file_key)

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all of them if negative, none at the end. Raises PayloadRefused."""
        return self._payload.read(size)


def seal_bytes(data: bytes, public_keys: Sequence[str], *, armoured: bool = False) -> bytes:
    """Return `data` sealed to public keys of one kind. Raises BadKey or KeysRefused."""
    out = io.BytesIO()
    writer = SealingWriter(out, public_keys, armoured=armoured)
    writer.write(data)
    writer.close()
    return out.getvalue()


def open_bytes(data: bytes, secret_keys: Sequence[str]) -> bytes:
    """Return what `data` holds. Raises BadKey and the SealedFileRefused family."""
    return OpeningReader(io.BytesIO(data), secret_keys).read()


def seal_with_passphrase(
    data: bytes, passphrase: str, *, armoured: bool = False, work_factor: int = keys.WORK_FACTOR
) -> bytes:
    """Return `data` sealed with a passphrase; takes about a second by design."""
    out = io.BytesIO()
    writer = SealingWriter.with_passphrase(out, passphrase, armoured=armoured, work_factor=work_factor)
    writer.write(data)
    writer.close()
    return out.getvalue()


def open_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Return what `data` holds. Raises the SealedFileRefused family; a wrong passphrase is NoKeyFits."""
    return OpeningReader.with_passphrase(io.BytesIO(data), passphrase).read()


def seal_stream(
    source: Readable, out: Writable, public_keys: Sequence[str], progress: Progress | None = None
) -> None:
    """Seal all of `source` into `out`, in constant memory."""
    writer = SealingWriter(out, public_keys)
    copy(source, writer, progress)
    writer.close()


def open_stream(
    source: Readable, out: Writable, secret_keys: Sequence[str], progress: Progress | None = None
) -> None:
    """Open all of `source` into `out`, in constant memory. If refused half-way, `out` holds an unusable beginning."""
    copy(OpeningReader(source, secret_keys), out, progress)


def copy(source: Readable, out: Writable, progress: Progress | None = None) -> None:
    """Copy a stream piece by piece, telling `progress` of each."""
    while piece := source.read(_PIECE):
        out.write(piece)
        if progress:
            progress(len(piece))


def _sealers(public_keys: Sequence[str]) -> list[keys.Sealer]:
    if not public_keys:
        raise KeysRefused("Nobody was named to seal to. Nothing was sealed.", "Name at least one public key.")
    found = [keys.read_public_key(text) for text in public_keys]
    if len({type(key) for key in found}) > 1:
        raise KeysRefused(
            "One file may not be sealed to post-quantum and to older keys together: the older would be its weak"
            " side. Nothing was sealed.",
            "Ask everybody for a key that begins with age1pq1.",
        )
    return list(found)


def _file_key(head: header.Header, openers: Sequence[keys.Opener]) -> bytes:
    types = [stanza.type for stanza in head.stanzas]
    if keys.SCRYPT in types and len(types) > 1:
        raise HeaderRefused(
            "A sealed file has a passphrase beside other keys, which no honest program writes. Nothing was opened.",
            "Do not trust its source; ask for the file again.",
        )
    for opener in openers:
        for stanza in head.stanzas:
            file_key = opener.unwrap(stanza)
            if file_key is not None:
                return file_key
    raise NoKeyFits(
        "The key does not open this file: it is sealed to another key or passphrase. The file is unharmed.",
        "Check that key and file belong together, or type the passphrase again.",
    )
