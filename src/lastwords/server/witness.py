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
    """The newest head of every log. A last line that was cut off by a crash is left out; any other is refused."""
    heads: dict[str, Head] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return heads
    except UnicodeDecodeError as error:
        raise _unreadable("The heads file holds bytes that are no text") from error
    whole, _, _ = text.rpartition("\n")
    for number, line in enumerate(whole.split("\n") if whole else [], start=1):
        try:
            name, row, link = line.split("\t")
            head = Head(int(row), bytes.fromhex(link))
            if len(head.link) != LINK:
                raise ValueError(f"a link has {LINK} bytes")
        except ValueError as error:
            raise _unreadable(f"Line {number} of the heads file cannot be read") from error
        if name not in heads or heads[name].number <= head.number:
            heads[name] = head
    return heads


def _unreadable(what: str) -> CannotStart:
    return CannotStart(
        f"{what}; no watch was changed.",
        "Keep the file for whoever looks into it, and say: lastwords host restored --data DIR",
    )


def tidy(path: Path) -> None:
    """Writes the file anew with one line per log. Only while nothing else is running."""
    heads = read(path)
    fresh = path.with_suffix(".new")
    lines = "".join(f"{name}\t{head.number}\t{head.link.hex()}\n" for name, head in sorted(heads.items()))
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def tidy_to_database(path: Path) -> None:
    """Keeps what was seen under another name, and begins the file again: after a restored past was told to every
    watch, the old heads would only say the same again at every start."""
    kept = path.with_name(f"{path.name}-before-restore-{os.urandom(4).hex()}")
    path.replace(kept)
