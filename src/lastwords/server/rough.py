"""Folders for work that must leave nothing half: private, beside where the result goes, and gone at the end.

A process that is killed cannot tidy up. Its folder holds a lock that ends with it, so the next one finds the folder
loose and throws it away.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = ".at-work"


@contextmanager
def folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Gives a new folder in `parent`, whose name begins with `prefix`; it is removed at the end unless it was moved."""
    for old in parent.glob(f"{prefix}*"):
        _remove_if_loose(old)
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    lock = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield made
    finally:
        os.close(lock)
        shutil.rmtree(made, ignore_errors=True)


def move(made: Path, place: Path) -> None:
    """Brings everything in such a folder to the disk, and gives it its final name. An empty folder may have it."""
    (made / _LOCK).unlink(missing_ok=True)
    for path in (*made.rglob("*"), made):
        _sync(path)
    if place.exists():
        place.rmdir()
    os.rename(made, place)
    _sync(place.parent)


def _remove_if_loose(old: Path) -> None:
    try:
        lock = os.open(old / _LOCK, os.O_RDWR)
    except OSError:
        return  # just being made, or just gone
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(lock)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
