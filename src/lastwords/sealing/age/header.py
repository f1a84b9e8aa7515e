"""The head of an age v1 file: stanzas, each with the file key wrapped for one key, and an HMAC over them all.

Specification: C2SP age.md, v1.1.0. The parser accepts the one spelling that the specification allows; the HMAC is
made over the bytes as they were read.
"""

import base64
import binascii
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lastwords.sealing.age.source import Source
from lastwords.sealing.refusals import HeaderForged, HeaderRefused

VERSION_LINE = b"age-encryption.org/v1"
FILE_KEY_BYTES = 16

_COLUMNS = 64
_LONGEST = 1 << 20  # bytes of a whole head; a post-quantum stanza has some 1.6 kB
_VERSION_MARK = b"age-encryption.org/"


@dataclass(frozen=True)
class Stanza:
    """One wrapping of the file key: its type and arguments (visible ASCII, no spaces) and its body."""

    args: tuple[str, ...]
    body: bytes

    @property
    def type(self) -> str:
        """The kind of wrapping, such as `X25519` or `mlkem768x25519`."""
        return self.args[0]

    def encode(self) -> bytes:
        """Return the lines of the stanza."""
        text = to_base64(self.body).encode("ascii")
        lines = [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
        return b"-> " + " ".join(self.args).encode("ascii") + b"\n" + b"\n".join(lines) + b"\n"


@dataclass(frozen=True)
class Header:
    """The stanzas, the bytes that the HMAC covers (up to and with `---`), and the HMAC itself."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes

    def check(self, file_key: bytes) -> None:
        """Raise HeaderForged unless the HMAC was made with `file_key` over exactly this head."""
        if not hmac.compare_digest(_mac(file_key, self.covered), self.mac):
            raise HeaderForged(
                "The head of a sealed file was altered after sealing. Nothing was opened.",
                "Ask for the file again from somebody who has another copy.",
            )


def write(stanzas: list[Stanza], file_key: bytes) -> bytes:
    """Return the whole head of a file with these stanzas."""
    covered = VERSION_LINE + b"\n" + b"".join(stanza.encode() for stanza in stanzas) + b"---"
    return covered + b" " + to_base64(_mac(file_key, covered)).encode("ascii") + b"\n"


def read(source: Source) -> Header:
    """Read a head and leave `source` at the first byte after it. Raises HeaderRefused."""
    lines = _Lines(source)
    version = lines.next()
    if version != VERSION_LINE:
        if version.startswith(_VERSION_MARK):
            raise _refused("it was written in another version of the format")
        raise _refused("it does not begin as one")
    stanzas = list[Stanza]()
    line = lines.next()
    while not line.startswith(b"---"):
        stanzas.append(_stanza(line, lines))
        line = lines.next()
    if not line.startswith(b"--- ") or not stanzas:
        raise _refused("its last line is not one")
    mac = from_base64(line[4:])
    if len(mac) != 32:
        raise _refused("its last line is not one")
    return Header(tuple(stanzas), bytes(lines.taken[: -len(line) - 1]) + b"---", mac)


class _Lines:
    """Lines of the head, and all bytes taken so far."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.taken = bytearray()

    def next(self) -> bytes:
        line = self._source.line(_LONGEST - len(self.taken))
        if line is None:
            raise _refused("it is cut off, or longer than any head")
        self.taken += line
        return line[:-1]


def _stanza(first: bytes, lines: _Lines) -> Stanza:
    mark, *args = first.split(b" ")
    if mark != b"->" or not args or not all(_is_argument(arg) for arg in args):
        raise _refused("one of its lines does not begin as one")
    return Stanza(tuple(arg.decode("ascii") for arg in args), b"".join(_body(lines)))


def _body(lines: _Lines) -> Iterator[bytes]:
    while True:
        line = lines.next()
        if len(line) > _COLUMNS:
            raise _refused("one of its lines is too long")
        yield from_base64(line)
        if len(line) < _COLUMNS:
            return


def _is_argument(arg: bytes) -> bool:
    return bool(arg) and all(33 <= value <= 126 for value in arg)


def _mac(file_key: bytes, covered: bytes) -> bytes:
    key = HKDF(SHA256(), 32, salt=None, info=b"header").derive(file_key)
    return hmac.digest(key, covered, "sha256")


def to_base64(data: bytes) -> str:
    """Return standard base64 without padding."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def from_base64(text: bytes) -> bytes:
    """Return the bytes of canonical base64 without padding. Raises HeaderRefused."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise _refused("one of its lines is not base64") from error
    if to_base64(data).encode("ascii") != text:
        raise _refused("one of its lines is spelled in another way than the canonical one")
    return data


def _refused(reason: str) -> HeaderRefused:
    return HeaderRefused(
        f"The head of a sealed file could not be read: {reason}. Nothing was opened.",
        "Make sure that it is the right file and whole; ask for it again where it came from.",
    )
