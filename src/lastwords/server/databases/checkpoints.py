"""SQLite's checkpoints, away from the commits: what was committed is copied from the log into the file by another
thread.

A commit that has to do this as well takes a hundred times as long as its neighbours. Under a load that never pauses the
log would grow for ever, since it begins again only when nobody writes; so from a certain length on writers are kept
waiting for the short time that is left to copy (a checkpoint of the kind TRUNCATE).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pysqlite3

EVERY = 1.0
"""Seconds between two looks at the log's length."""
LONG = 16 * 2**20
"""Bytes of log from which on it is copied."""
TOO_LONG = 64 * 2**20
"""Bytes of log from which on writers wait for it to begin again."""
WAIT_SECONDS = 2.0


@contextmanager
def elsewhere(path: Path) -> Iterator[None]:
    """Inside, commits of the calling thread's connection make no checkpoints; a thread of its own makes them."""
    from django.db import DatabaseError, connection

    with (
        suppress(DatabaseError),
        connection.cursor() as cursor,
    ):  # where it fails, commits go on as they ever did
        cursor.execute("PRAGMA wal_autocheckpoint = 0")
    over = threading.Event()
    thread = threading.Thread(target=_go, args=(path, over), name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _go(path: Path, over: threading.Event) -> None:
    """Looks until it is over. What fails is tried again: the log only grows meanwhile, and nothing in it is lost."""
    seen = (0, 0)
    while not over.wait(EVERY):
        with suppress(pysqlite3.Error, OSError):
            found = _log(path)
            if found != seen and found[0] >= LONG:
                copy(path)
                seen = found


def _log(path: Path) -> tuple[int, int]:
    """Bytes of the log beside a database file, and when it was last written to."""
    state = os.stat(path.with_name(path.name + "-wal"))
    return state.st_size, state.st_mtime_ns


def copy(path: Path) -> None:
    """One checkpoint, of the kind that the log's length asks for."""
    with closing(pysqlite3.connect(str(path), timeout=WAIT_SECONDS, isolation_level=None)) as own:
        own.execute("PRAGMA synchronous = FULL")
        own.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        if _log(path)[0] >= TOO_LONG:
            own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
