"""The container of words: a plain POSIX tar with a readable index first, padded so that its size tells little.

Any `tar` gives the files back. The first member is `index.json`: indented JSON with the format's name and, for each
item in order, its name, size in bytes, media type and title. After tar's own end come zeros up to a Padmé size
(Nikitin and others, 2019: at most 12 % more), at least 16 KiB, so that a sealed letter looks like any other.

Nothing here encrypts; a container is written into, and read from, the sealing streams in constant memory.
"""

import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

from lastwords.sealing.age import Progress
from lastwords.sealing.age.source import Readable, Writable
from lastwords.sealing.refusals import ContainerRefused

FORMAT = "lastwords/v1/container"
INDEX_NAME = "index.json"
LEAST_SIZE = 16 * 1024
MOST_ITEMS = 10_000

_BLOCK = 512
_PIECE = 256 * 1024
_LONGEST_INDEX = 8 << 20

Pack = Callable[[Writable, Progress | None], None]
"""Writes a whole container, padding included, into a stream."""


@dataclass(frozen=True)
class Entry:
    """One item as the index tells of it: `size` in bytes, `media` a media type, `title` for people."""

    name: str
    size: int
    media: str = ""
    title: str = ""


@dataclass(frozen=True)
class Item:
    """One of the words, to be packed: its bytes, or the path of a file."""

    name: str
    content: bytes | Path
    media: str = ""
    title: str = ""

    def entry(self) -> Entry:
        """Return what the index will say, with the size as it is now."""
        size = len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size
        return Entry(self.name, size, self.media, self.title)


def padded(size: int) -> int:
    """Return the Padmé size of `size`, both in bytes: the next number with few significant bits."""
    size = max(size, LEAST_SIZE)
    exponent = size.bit_length() - 1
    free = exponent - exponent.bit_length()
    mask = (1 << free) - 1
    return (size + mask) & ~mask


def pack(items: Sequence[Item], out: Writable, progress: Progress | None = None) -> None:
    """Write a container of these items. Raises ContainerRefused for names that could not be unpacked safely."""
    entries = [item.entry() for item in items]
    _check_entries(entries)
    index = _encode_index(entries)
    written = _write_member(out, INDEX_NAME, len(index), [index])
    for item, entry in zip(items, entries, strict=True):
        written += _write_member(out, entry.name, entry.size, _pieces(item.content, entry, progress))
    end = padded(written + 2 * _BLOCK)
    for start in range(written, end, _PIECE):
        out.write(bytes(min(_PIECE, end - start)))


def items(contents: Iterable[Item]) -> Pack:
    """Return a pack of items, for `tracks`."""
    fixed = list(contents)
    return lambda out, progress: pack(fixed, out, progress)


def unpack(source: Readable, folder: Path, progress: Progress | None = None) -> tuple[Entry, ...]:
    """Write the items of a container into a new `folder`, and return the index.

    The files appear all together, after the last byte was read and found genuine; if anything is refused, nothing
    appears. Raises ContainerRefused, and whatever reading `source` raises.
    """
    if folder.exists():
        raise _refused("the folder to open into exists already", "Name a folder that does not exist yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.with_name(f".{folder.name}.opening")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        entries = _unpack_into(source, staging, progress)
        staging.replace(folder)
    except tarfile.TarError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise _refused("it is not a tar, or it is cut off") from error
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return entries


def _unpack_into(source: Readable, folder: Path, progress: Progress | None) -> tuple[Entry, ...]:
    found = _members(source)
    entries = _read_index(found)
    expected = iter(entries)
    for name, size, content in found:
        entry = next(expected, None)
        if entry is None or (entry.name, entry.size) != (name, size):
            raise _refused("its index does not fit its contents")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while piece := content.read(_PIECE):
                out.write(piece)
                if progress:
                    progress(len(piece))
    if next(expected, None) is not None:
        raise _refused("an item of its index is missing")
    # Only the end of the sealed stream proves that nothing was cut off.
    while source.read(_PIECE):
        pass
    return entries


def _members(source: Readable) -> Iterator[tuple[str, int, Readable]]:
    """Yield name, size and content of the members, which must be plain files."""
    with tarfile.open(fileobj=cast(io.BytesIO, source), mode="r|", bufsize=_PIECE) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise _refused("it holds something else than files")
            yield member.name, member.size, content


def _read_index(found: Iterator[tuple[str, int, Readable]]) -> tuple[Entry, ...]:
    name, size, content = next(found, ("", 0, io.BytesIO()))
    if name != INDEX_NAME or size > _LONGEST_INDEX:
        raise _refused("it does not begin with an index")
    try:
        value = json.loads(content.read(size))
        if value["format"] != FORMAT:
            raise _refused("it was written in another format")
        entries = tuple(Entry(**part) for part in value["items"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _refused("its index cannot be read") from error
    _check_entries(entries)
    return entries


def _encode_index(entries: Sequence[Entry]) -> bytes:
    value: dict[str, Any] = {"format": FORMAT, "items": [asdict(entry) for entry in entries]}
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _check_entries(entries: Sequence[Entry]) -> None:
    """Refuse names that leave the folder, hide, or fall together on some file system."""
    if len(entries) > MOST_ITEMS:
        raise _refused(f"it has more than {MOST_ITEMS} items", "Put several files into one archive first.")
    seen, folders = {INDEX_NAME}, set[str]()
    for entry in entries:
        if not all(isinstance(text, str) for text in (entry.name, entry.media, entry.title)):
            raise _refused("its index cannot be read")
        if not isinstance(entry.size, int) or isinstance(entry.size, bool) or entry.size < 0:
            raise _refused("its index cannot be read")
        path = PurePosixPath(entry.name)
        if (
            not entry.name
            or any("\ud800" <= character <= "\udfff" for character in entry.name)
            or str(path) != entry.name
            or not path.parts
            or path.is_absolute()
            or any(part.startswith(".") or len(part.encode()) > 200 for part in path.parts)
            or any(character < " " or character in '\\:*?"<>|' for character in entry.name)
        ):
            raise _refused(
                f"the name “{_shown(entry.name)}” is not one that every system can keep",
                "Rename the file: letters, digits, spaces, no leading dot, no colon.",
            )
        folded = entry.name.casefold()
        if folded in seen:
            raise _refused(f"the name “{entry.name[:80]}” stands in it twice", "Rename one of the files.")
        seen.add(folded)
        folders.update(str(parent) for parent in PurePosixPath(folded).parents)
    if clash := seen & folders:
        raise _refused(f"the name “{clash.pop()[:80]}” is that of a file and of a folder", "Rename the file.")


def _shown(name: str) -> str:
    """The beginning of a name as it can be said anywhere: a disk holds names that are no text."""
    return name[:80].encode("utf-8", "replace").decode("utf-8")


def _write_member(out: Writable, name: str, size: int, content: Iterable[bytes]) -> int:
    """Write one tar member and return its size with header and filling, in bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    header = info.tobuf(tarfile.PAX_FORMAT, "utf-8")
    out.write(header)
    for piece in content:
        out.write(piece)
    filling = -size % _BLOCK
    out.write(bytes(filling))
    return len(header) + size + filling


def _pieces(content: bytes | Path, entry: Entry, progress: Progress | None) -> Iterator[bytes]:
    """Yield exactly `entry.size` bytes. Raises ContainerRefused if the file changed since the index was made."""
    left = entry.size
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
        while piece := source.read(min(_PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            yield piece
            if progress:
                progress(len(piece))
    if left:
        raise ContainerRefused(
            f"{entry.name} changed while it was being sealed. Nothing was sealed.",
            "Wait until no program writes to it, then seal again.",
        )


def _refused(
    reason: str, do: str = "Ask for the file again; if it is the same, its writer made it wrong."
) -> ContainerRefused:
    return ContainerRefused(f"A container of words was refused: {reason}. Nothing was written.", do)
