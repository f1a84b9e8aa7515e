"""The heads file: the newest link of every log, written beside the database after every commit.

It is what a cut or restored database is compared with. It never leads the database, because a line is written only
after the commit it tells of; so a head that is in the file and not in the database means that the database is an
older one. One line per commit, `log name <tab> number <tab> link`; a log's last line counts.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

import structlog
from django.db import transaction

from . import settings
from .log import HOST_LOG, author_log
from .port import Head
from .refusals import CannotStart

LINK = 32
"""Bytes of a link."""
MOST_ROWS = 2**63
"""No database counts further."""
logger = structlog.get_logger()


def note(heads: Mapping[str, Head]) -> None:
    """Writes heads down once the transaction that made them stands, by author; an empty one is the host's own log."""
    path = settings.current().heads
    named = {author_log(author) if author else HOST_LOG: head for author, head in heads.items()}
    transaction.on_commit(lambda: _append(path, named))


def _append(path: Path, heads: Mapping[str, Head]) -> None:
    """The steps stand already, so a disk that takes no lines undoes nothing: the file only knows less. Lines that fit
    in part are taken out again, or the next one would be written onto their end and could not be read."""
    line = "".join(f"{name}\t{head.number}\t{head.link.hex()}\n" for name, head in heads.items()).encode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            before = os.fstat(descriptor).st_size
            if os.write(descriptor, line) < len(line):
                os.ftruncate(descriptor, before)
                logger.error("a head could not be noted", why="the disk is full")
        finally:
            os.close(descriptor)
    except OSError as error:
        logger.error("a head could not be noted", why=error.strerror)


def read(path: Path) -> dict[str, Head]:
    """The newest head of every log. A last line that was cut off by a crash, or is being written, is left out; any
    other is refused."""
    heads: dict[str, Head] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith("\n"):
                    break
                name, head = _said(line, number)
                if name not in heads or heads[name].number <= head.number:
                    heads[name] = head
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise _unreadable("The heads file holds bytes that are no text") from error
    return heads


def _said(line: str, number: int) -> tuple[str, Head]:
    """The log and the head of one line, which is the file's line of that number."""
    try:
        name, row, link = line.split("\t")
        head = Head(int(row), bytes.fromhex(link))
        if len(head.link) != LINK:
            raise ValueError(f"a link has {LINK} bytes")
        if not 0 <= head.number < MOST_ROWS:
            raise ValueError("no row has that number")
    except ValueError as error:
        raise _unreadable(f"Line {number} of the heads file cannot be read") from error
    return name, head


def _unreadable(what: str) -> CannotStart:
    return CannotStart(
        f"{what}; no watch was changed.",
        "Keep the file for whoever looks into it, and say: lastwords host restored --data DIR",
    )


def tidy(path: Path) -> None:
    """Writes the file anew with one line per log. Only while nothing else is running."""
    heads = read(path)
    fresh = path.with_suffix(".new")
    with open(fresh, "w", encoding="utf-8") as file:
        for name, head in sorted(heads.items()):
            file.write(f"{name}\t{head.number}\t{head.link.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def tidy_to_database(path: Path) -> None:
    """Keeps what was seen under another name, and begins the file again: after a restored past was told to every
    watch, the old heads would only say the same again at every start."""
    kept = path.with_name(f"{path.name}-before-restore-{os.urandom(4).hex()}")
    path.replace(kept)
