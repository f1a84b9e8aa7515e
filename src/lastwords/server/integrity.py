"""Whether what is kept is what was kept: sealed files, papers, letters and the queue, against what names them.

A name is a hash, a row of a log names hashes, and a watch says when it is to be looked at next. All of it is compared
by the doctor; every day an eighth is, so that the reading of a day stays small and everything has had its turn after
eight days. Nothing is repaired and nothing is deleted: whoever opens a sealed file refuses a changed one by itself.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from lastwords.protocol import machine
from lastwords.protocol.moments import DAY, Moment
from lastwords.signing import canonical
from lastwords.signing.refusals import Refused

from . import databases, models, walks
from .letters import HostLetter
from .refusals import CannotStart, ServerRefused
from .retention import ENTRY, TEXT
from .settings import Settings
from .store import Store

PARTS = 8
"""In how many days everything is looked at once."""
EVERYTHING = range(PARTS)
LATE = DAY
"""Seconds that a look may stand in the queue behind its time before that is a fault: a wall clock that was set back is
another matter, and awakens the whole queue by itself."""
PAPERS = 400
"""Papers in a page: an eighth of them comes with its body."""
HEX, BEHIND_HEX = "0123456789abcdef", "g"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not what was kept: what it is called, and what is wrong with it, without a full stop."""

    name: str
    says: str
    author: str = ""
    """The watch whose next look is too late; empty for everything else."""


def due_parts(last: int, wall: int) -> Collection[int]:
    """The parts whose day has come since the second `last`; a service that was away looks at what it has missed."""
    today, before = wall // DAY, last // DAY
    return {day % PARTS for day in range(max(before + 1, today - PARTS + 1), today + 1)} or {today % PARTS}


def look(chosen: Settings, now: Moment, parts: Collection[int] = EVERYTHING) -> Iterator[Fault]:
    """Everything of these parts that is not what was kept. Reads, and changes nothing."""
    yield from _database(chosen)
    yield from _sealed_files(chosen.files, parts)
    yield from _uses()
    yield from _papers(parts)
    yield from _letters(parts)
    yield from _queue(now)


def tell(door: Store, faults: Collection[Fault], now: Moment) -> None:
    """One row in the host's log and one letter for all that was found: a failing disk must not fill a mailbox."""
    if not faults:
        return
    first = next(iter(faults))
    letters = tuple(
        door.host_letter(
            *(HostLetter.KEPT_NOT_WHOLE, host, now),
            what=first.name,
            fault=first.says,
            more=len(faults) - 1,
        )
        for host in door.port.hosts()
    )
    door.host_row("kept_not_whole", now, letters, faults=[[fault.name, fault.says] for fault in faults][:100])


def look_again(door: Store, faults: Collection[Fault], now: Moment) -> None:
    """A watch whose next look was put off is looked at now. That is always safe: the watch itself says what is due."""
    for fault in faults:
        if fault.author:
            try:
                door.look(fault.author, now)
            except ServerRefused:
                continue  # somebody is writing to it, or it cannot be judged, of which the host has a letter


def _database(chosen: Settings) -> Iterator[Fault]:
    try:
        databases.of(chosen).check_whole()
    except CannotStart as error:
        yield Fault("the database", error.happened.partition(";")[0])


# Sealed files.


def _sealed_files(folder: Path, parts: Collection[int]) -> Iterator[Fault]:
    whole = models.SealedFile.objects.filter(complete=True)
    for row in chain.from_iterable(walks.each(some, "hash") for some in _of_parts(whole, "hash", parts)):
        wrong = _wrong_with(folder / row.hash, row.hash, row.size)
        # Words that are taken back take their files with them, perhaps while this one was being read.
        if wrong and models.SealedFile.objects.filter(hash=row.hash, complete=True).exists():
            yield Fault(f"the sealed file {row.hash}", wrong)


def _wrong_with(path: Path, sha256: str, size: int) -> str:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            length = file.tell()
    except FileNotFoundError:
        return "it is not there"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if found != sha256:
        return "it is not what its name says"
    return "" if length == size else "it is not as long as was written down"


def _uses() -> Iterator[Fault]:
    """A file that words refer to came whole once."""
    for use in models.FileUse.objects.filter(file__complete=False).order_by("id"):
        yield Fault(f"the sealed file {use.file_id}", "words refer to it, and it is not known as whole")


# What rows name.


def _papers(parts: Collection[int]) -> Iterator[Fault]:
    for page in walks.pages(models.Paper.objects.only("id"), "id", PAPERS):
        mine = [paper.pk for paper in page if paper.pk % PARTS in parts]
        papers = models.Paper.objects.filter(pk__in=mine).order_by("id")
        rows = _rows({(paper.watch_id, paper.row) for paper in papers if paper.row})
        for paper in papers:
            name = f"the paper {paper.pk} ({paper.kind.replace('_', ' ')}) of {paper.watch_id}"
            body = bytes(paper.body)
            forgotten = not body and paper.kind in (ENTRY, TEXT)
            if not forgotten and hashlib.sha256(body).hexdigest() != paper.sha256:
                yield Fault(name, "it is not what was written down")
            elif paper.row:
                row = rows.get((paper.watch_id, paper.row), {})
                named = {"kind": paper.kind, "name": paper.name, "sha256": paper.sha256}
                if row is not None and (named not in row.get("papers", ()) or row.get("by") != paper.by):
                    yield Fault(name, f"row {paper.row} does not name it")


def _letters(parts: Collection[int]) -> Iterator[Fault]:
    """A letter that its row names goes to whom the row says. Letters that no row names are not looked at: of some there
    must be nothing to read."""
    letters = models.Letter.objects.only("ident", "watch_id", "row", "kind", "to")
    named = _of_parts(letters.filter(row__gt=0, watch__isnull=False), "ident", parts)
    for page in chain.from_iterable(walks.pages(some, "ident") for some in named):
        rows = _rows({(str(letter.watch_id), letter.row) for letter in page})
        for letter in page:
            row = rows.get((str(letter.watch_id), letter.row)) or {}
            said = {"id": letter.ident, "kind": letter.kind, "to": letter.to}
            if any(one["id"] == letter.ident and one != said for one in row.get("letters", ())):
                yield Fault(f"the letter {letter.ident}", f"row {letter.row} says something else of it")


def _of_parts(rows: QuerySet[walks.M], column: str, parts: Collection[int]) -> Iterator[QuerySet[walks.M]]:
    """Of rows with names in hexadecimal those that fall into one of these parts, by their second digit: a span of the
    index after the other, so that no database thinks of reading the whole table for each page."""
    digits = [digit for digit in HEX if int(digit, 16) % PARTS in parts]
    if len(digits) == len(HEX):
        yield rows
        return
    for first, second in product(HEX, digits):
        yield rows.filter(
            **{f"{column}__gte": first + second, f"{column}__lt": f"{first}{second}{BEHIND_HEX}"}
        )


def _rows(named: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Mapping[str, Any] | None]:
    """What these rows of the authors' logs say, by author and number. The logs themselves are verified elsewhere: a row
    that was erased or cannot be read says nothing, which is None here, and one that is not there is left out."""
    if not named:
        return {}
    with connection.cursor() as cursor:
        places, given = databases.values_of(connection, sorted(named))
        cursor.execute(_NAMED.format(rows=places), given)
        return {(author, number): _said(body) for author, number, body in cursor.fetchall()}


_NAMED = """
WITH named (author, number) AS (VALUES {rows})
SELECT author, named.number, body FROM named
JOIN log_row ON log_row.watch_id = named.author AND log_row.number = named.number
"""


def _said(kept: Any) -> Mapping[str, Any] | None:
    try:
        body = canonical.decode(bytes(kept)) if kept is not None else None
    except Refused:
        return None
    return body if isinstance(body, dict) else None


# The queue.


def _queue(now: Moment) -> Iterator[Fault]:
    """A watch that waits for something is looked at in time: nothing else would ever move it."""
    from . import store

    door = store.here()
    # A look that comes soon is in time whatever the watch waits for.
    later = Q(look_at__isnull=True) | Q(look_at__gt=now.wall + LATE)
    for page in walks.pages(models.Watch.objects.only("author").filter(later, set_aside=""), "author"):
        for kept in sorted(door.port.load_all([watch.author for watch in page]), key=lambda one: one.author):
            try:
                wanted = machine.due(door.watch_of(kept), now)
            except ServerRefused:
                continue
            if wanted is None or (kept.look_at is not None and kept.look_at <= max(wanted, now.wall) + LATE):
                continue
            name = f"the watch of {kept.author}"
            yield Fault(name, "its next look stands too late in the queue", kept.author)
