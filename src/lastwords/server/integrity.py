"""Whether what is kept is what was kept: sealed files, papers and letters against what names them, and that nobody
waits for nothing.

A name is a hash, a row of a log names hashes, and a watch says when it is to be looked at next. All of it is compared
by the doctor; every day an eighth is, so that the reading of a day stays small and everything has had its turn after
eight days. What watches wait for is looked at every day (`integrity_waits`). Nothing is deleted, and nothing is put
right but a place in a queue: whoever opens a sealed file refuses a changed one by itself.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, product
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from lastwords.protocol.moments import DAY, Moment
from lastwords.signing import canonical
from lastwords.signing.refusals import Refused

from . import databases, integrity_waits, models, store, walks
from .integrity_waits import Fault
from .letters import HostLetter
from .port import Outgoing
from .refusals import CannotStart
from .retention import ENTRY, TEXT
from .settings import Settings
from .store import Store

PARTS = 8
"""In how many days everything is looked at once."""
EVERYTHING = range(PARTS)
PAPERS = 400
"""Papers in a page: an eighth of them comes with its body."""
NAMED = 100
"""Watches that one letter names."""
HEX, BEHIND_HEX = "0123456789abcdef", "g"


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
    yield from integrity_waits.look(store.here(), now)


def tell(door: Store, faults: Collection[Fault], now: Moment) -> None:
    """One row in the host's log for all that was found, and one letter: a failing disk must not fill a mailbox. Watches
    that wait for nothing have one of their own, since something else is to be done about them."""
    if not faults:
        return
    kept, waiting = ([one for one in faults if one.waits is waits] for waits in (False, True))
    letters: list[Outgoing] = []
    for host in door.port.hosts():
        if kept:
            facts: dict[str, int | str] = {"what": kept[0].name, "fault": kept[0].says, "more": len(kept) - 1}
            letters.append(door.host_letter(HostLetter.KEPT_NOT_WHOLE, host, now, **facts))
        if waiting:
            letters.append(door.host_letter(HostLetter.WATCH_WAITS, host, now, **_named(waiting)))
    door.host_row(
        "kept_not_whole", now, letters, faults=[[fault.name, fault.says] for fault in faults][:NAMED]
    )


def _named(waiting: Sequence[Fault]) -> dict[str, int | str]:
    watches = ", ".join(fault.author for fault in waiting[:NAMED])
    many = len(waiting) if len(waiting) > 1 else 0
    return {"watches": watches, "many": many, "unnamed": max(0, len(waiting) - NAMED)}


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
                if row is not None and (named not in _tables(row.get("papers")) or row.get("by") != paper.by):
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
            if any(one.get("id") == letter.ident and one != said for one in _tables(row.get("letters"))):
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


def _tables(value: Any) -> list[dict[str, Any]]:
    """The tables in a list of a row's, whatever a damaged row has in its place."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _said(kept: Any) -> Mapping[str, Any] | None:
    try:
        body = canonical.decode(bytes(kept)) if kept is not None else None
    except Refused:
        return None
    return body if isinstance(body, dict) else None
