"""Folders and files that are there whole, or not at all.

What is sealed must be on disk before anybody is told that it is, and a folder that was left half-way by a crash must
never look like a version. Both come down to one habit: write beside the final name, bring it to disk, rename.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lastwords.sealing.age.source import Readable, Writable
from lastwords.sealing.refusals import ManifestRefused

_PIECE = 1 << 20


class Hashed:
    """A stream that hashes (SHA-256) and counts what is read from it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, none at the end."""
        data = self._stream.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        """The hash of what was read, 64 hexadecimal digits."""
        return self._hash.hexdigest()


def hash_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size in bytes of a file."""
    with path.open("rb") as source:
        hashed = Hashed(source)
        while hashed.read(_PIECE):
            pass
    return hashed.sha256, hashed.size


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a staging folder that takes its name only when all in it is on disk; otherwise leave nothing.

    Raises ManifestRefused if `folder` exists.
    """
    if folder.exists():
        raise ManifestRefused(
            f"{folder.name} exists already. Nothing was changed.", "Name a folder that does not exist yet."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.with_name(f".{folder.name}.sealing")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        yield staging
        _sync(staging)
        staging.replace(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


@contextlib.contextmanager
def created(path: Path) -> Iterator[Writable]:
    """Give a new file, private to its owner, that is on disk when the block ends."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def write(path: Path, data: bytes) -> None:
    """Write a new file and bring it to disk."""
    with created(path) as out:
        out.write(data)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
