"""A stream with the little look-ahead that reading a sealed file needs."""

from typing import Protocol


class Readable(Protocol):
    """Anything with `read`: a file, a socket's file, another of our readers."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


class Writable(Protocol):
    """Anything with `write`."""

    def write(self, data: bytes, /) -> int | None:
        """Take bytes."""
        ...


class Source:
    """Wraps a stream so that lines, full blocks and the end can be told apart without losing a byte."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._held = b""

    def peek(self, size: int) -> bytes:
        """Return up to `size` bytes without taking them; fewer only at the end."""
        self._fill(size)
        return self._held[:size]

    def read(self, size: int = -1) -> bytes:
        """Take up to `size` bytes; fewer only at the end."""
        if size < 0:
            given, self._held = self._held + _all(self._stream), b""
            return given
        if not self._held:
            return _exactly(self._stream, size)
        self._fill(size)
        given, self._held = self._held[:size], self._held[size:]
        return given

    def line(self, longest: int) -> bytes | None:
        """Take one line with its line feed, or None if none ends within `longest` bytes."""
        searched = 0
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            if searched >= longest:
                return None
            self._fill(searched + 4096)
            if len(self._held) == searched:
                return None
        given, self._held = self._held[: end + 1], self._held[end + 1 :]
        return given if len(given) <= longest else None

    def _fill(self, size: int) -> None:
        if len(self._held) < size:
            self._held += _exactly(self._stream, size - len(self._held))


def _exactly(stream: Readable, size: int) -> bytes:
    """Read until `size` bytes are there or the stream ends; streams may give less than they were asked for."""
    part = stream.read(size)
    if len(part) in (0, size):
        return part
    parts, have = [part], len(part)
    while have < size and (part := stream.read(size - have)):
        parts.append(part)
        have += len(part)
    return b"".join(parts)


def _all(stream: Readable) -> bytes:
    parts = list[bytes]()
    while part := stream.read(1 << 20):
        parts.append(part)
    return b"".join(parts)
