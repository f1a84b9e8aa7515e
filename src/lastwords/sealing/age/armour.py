"""The text form of a sealed file: strict PEM (age specification, section "ASCII armor"), streamed both ways."""

import base64
import binascii
from collections.abc import Iterator

from lastwords.sealing.age.source import Readable, Writable
from lastwords.sealing.refusals import ArmourRefused

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"

_LINE = 64  # characters of a full line
_LINE_BYTES = 48
_MOST_SPACE = 1024  # bytes of white space allowed before and after


class ArmourWriter:
    """Takes bytes by `write` and puts them into `out` as text; `close` writes the end, and leaves `out` open."""

    def __init__(self, out: Writable) -> None:
        self._out = out
        self._held = b""
        out.write(BEGIN + b"\n")

    def write(self, data: bytes) -> int:
        """Take more bytes."""
        held = self._held + data
        whole = len(held) - len(held) % _LINE_BYTES
        for start in range(0, whole, _LINE_BYTES):
            self._out.write(base64.b64encode(held[start : start + _LINE_BYTES]) + b"\n")
        self._held = held[whole:]
        return len(data)

    def close(self) -> None:
        """Write the last line and the end mark."""
        if self._held:
            self._out.write(base64.b64encode(self._held) + b"\n")
        self._out.write(END + b"\n")


class ArmourReader:
    """Gives by `read` the bytes of a text form. Raises ArmourRefused for anything but the one spelling."""

    def __init__(self, source: Readable) -> None:
        self._parts = _decoded(_lines(source))
        self._held = bytearray()

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all of them if negative, none at the end."""
        while size < 0 or len(self._held) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._held += part
        end = len(self._held) if size < 0 else size
        given = bytes(self._held[:end])
        del self._held[:end]
        return given


def _decoded(lines: Iterator[bytes]) -> Iterator[bytes]:
    skipped = 0
    for line in lines:
        if line.strip():
            break
        skipped += len(line) + 1
        if skipped > _MOST_SPACE:
            raise _refused("it begins with too much white space")
    else:
        raise _refused("it is empty")
    if line.lstrip() != BEGIN:
        raise _refused("its first line is not the one that every such text has")
    short = False
    for line in lines:
        if line == END:
            yield from _nothing_more(lines)
            return
        if short or not line or len(line) > _LINE:
            raise _refused("one of its lines is too long, too short or empty")
        short = len(line) < _LINE
        try:
            part = base64.b64decode(line, validate=True)
        except binascii.Error as error:
            raise _refused("one of its lines is not base64") from error
        if base64.b64encode(part) != line:
            raise _refused("one of its lines is spelled in another way than the canonical one")
        yield part
    raise _refused("its last line is missing")


def _nothing_more(lines: Iterator[bytes]) -> Iterator[bytes]:
    spaces = 0
    for line in lines:
        spaces += len(line) + 1
        if line.strip() or spaces > _MOST_SPACE:
            raise _refused("something follows its last line")
    yield from ()


def _lines(source: Readable) -> Iterator[bytes]:
    """Yield lines without their LF or CRLF; a line never grows beyond what any valid one may have."""
    held = b""
    while piece := source.read(1 << 16):
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
        if len(held) > 2 * _MOST_SPACE:
            raise _refused("one of its lines is too long")
    if held:
        yield held


def _refused(reason: str) -> ArmourRefused:
    return ArmourRefused(
        f"The text of a sealed file could not be read: {reason}. Nothing was opened.",
        "Copy it again, whole, with its first and last line; or ask for the file itself.",
    )
