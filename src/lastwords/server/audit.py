"""The logs as they are kept: verified, exported, checkpointed, and erased with a reason."""

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from lastwords.protocol import record
from lastwords.protocol.moments import Moment
from lastwords.signing import canonical
from lastwords.signing.refusals import Refused

from . import crowd, databases, exported, models, walks, witness
from .integrity import EVERYTHING, PARTS
from .letters import HostLetter
from .log import HOST_LOG, Row, Verdict, author_log, beginning, erasures, follows, said, verify
from .port import Head
from .refusals import CannotStart, Unknown
from .rows import state_hash
from .store import Store, as_rows_name_it

HEADS_PER_ROW = 500
AT_A_START = 100_000
"""Logs whose ends a start looks at, before anything is served: well under a second of a processor."""
HEADS = 10_000
"""Heads that are looked for in the database at once."""
MANY = 10_000_000
"""Rows of all authors' logs up to which all of them are walked every day: some ten minutes of a processor. Of more an
eighth of the logs is, and each has had its turn after eight days."""
LOOKS = 3
"""How often a log is looked at before it is called not whole: a row may be written between two looks at one watch."""


# Reading.


def rows_of(author: str, first: int = 0) -> Iterator[Row]:
    """An author's log from that row on, oldest first; the host's whole one for an empty name."""
    found: Iterable[models.LogRow | models.HostRow]
    if author:
        found = models.LogRow.objects.filter(watch_id=author, number__gte=first).order_by("number").iterator()
    else:
        found = models.HostRow.objects.order_by("number").iterator()
    for row in found:
        yield Row(
            row.number,
            None if row.body is None else bytes(row.body),
            None if row.salt is None else bytes(row.salt),
            bytes(row.commitment),
            bytes(row.link),
            bytes(row.beside) if isinstance(row, models.LogRow) and row.beside else None,
        )


def link_of(author: str, number: int) -> bytes:
    """The link of one row of an author's log, of the host's for an empty name; empty when there is no such row."""
    rows = models.LogRow.objects.filter(watch_id=author) if author else models.HostRow.objects
    return bytes(rows.filter(number=number).values_list("link", flat=True).first() or b"")


def verify_all(heads: Path | None, told: Sequence[tuple[str, Head]] = ()) -> list[Verdict]:
    """What `verify_each` finds, all of it."""
    return list(verify_each(heads, told))


def verify_each(
    heads: Path | None, told: Sequence[tuple[str, Head]] = (), parts: Collection[int] = EVERYTHING
) -> Iterator[Verdict]:
    """Verifies the host's log and every author's: the chains, the heads file, the checkpoints, and that every watch
    stands as its newest row says. `told` are heads from elsewhere, a letter say, with the names of their logs. Logs
    in none of the `parts` are not walked, but looked at from their end."""
    seen = witness.read(heads) if heads else {}
    others: dict[str, list[Head]] = {}
    for name, head in told:
        others.setdefault(name, []).append(head)
        seen.setdefault(name, head)
    yield verify(
        HOST_LOG,
        rows_of(""),
        erasures(rows_of("")).get(HOST_LOG, {}),
        seen.get(HOST_LOG),
        *others.get(HOST_LOG, ()),
    )
    reasons, rewritten = erasures(rows_of("")), _rewritten()
    for author in _authors():
        name = author_log(author)
        witnesses = (seen.pop(name, None), *others.get(name, ()))
        look = _verify_author if part_of(author) in parts else _verify_end
        for _ in range(LOOKS):
            verdict = look(author, reasons.get(name, {}), witnesses, rewritten.get(author, ()))
            if verdict.whole:
                break
        yield verdict
    for name, head in seen.items():
        if name != HOST_LOG:
            yield Verdict(name, 0, head, (), ("this log was seen elsewhere and is not there any more",))


def _authors() -> Iterator[str]:
    """Everybody with a watch."""
    return (watch.author for watch in walks.each(models.Watch.objects.only("author"), "author"))


def part_of(author: str) -> int:
    """The part that an author's log falls into, of as many as there are days until every log has had its turn."""
    return hashlib.sha256(author.encode()).digest()[0] % PARTS


def parts_to_walk(due: Collection[int]) -> Collection[int]:
    """Which logs are walked on a day on which these parts are due: all of them, unless they have very many rows."""
    return EVERYTHING if models.LogRow.objects.count() <= MANY else due


def verify_as_can_be(heads: Path, parts: Collection[int] = EVERYTHING) -> tuple[list[Verdict], list[str]]:
    """The same while the service runs, when a heads file that cannot be read must not keep the logs from being
    verified. Returns the verdicts of those logs that are not whole, and what is wrong with that file."""
    try:
        return [verdict for verdict in verify_each(heads, parts=parts) if not verdict.whole], []
    except CannotStart as error:
        found = [verdict for verdict in verify_each(None, parts=parts) if not verdict.whole]
        return found, [error.happened.partition(";")[0]]


def not_there(seen: Mapping[str, Head]) -> Iterator[str]:
    """The names of the logs of which the row that was seen is not in the database, or is another one there."""
    host = seen.get(HOST_LOG)
    if host is not None and link_of("", host.number) != host.link:
        yield HOST_LOG
    heads = ((name.removeprefix(author_log("")), head) for name, head in seen.items() if name != HOST_LOG)
    while batch := list(islice(heads, HEADS)):
        gone = _gone([(author, head.number, head.link) for author, head in batch])
        yield from (author_log(author) for author, _ in sorted(gone))


def _gone(rows: Sequence[tuple[str, int, bytes]]) -> set[tuple[str, int]]:
    """Author and number of those of these rows that are not in the authors' logs with that link."""
    if not rows:
        return set()
    with connection.cursor() as cursor:
        places, given = databases.values_of(connection, rows)
        cursor.execute(_GONE.format(rows=places), given)
        return set(cursor.fetchall())


# What is asked for row by row is found in the index, however the database judges so many rows.
_GONE = """
WITH seen (author, number, link) AS (VALUES {rows})
SELECT author, number FROM seen
WHERE link IS DISTINCT FROM (SELECT link FROM log_row WHERE watch_id = seen.author AND number = seen.number)
"""


def loose_ends(most: int = AT_A_START) -> list[Verdict]:
    """What can be seen of a log without walking it: whether it ends where its watch says. The verdicts of those that do
    not, of so many logs: the daily look looks at the end of each. On a host with more the others are told of up to a
    day later, and nothing is judged wrongly meanwhile. A watch is judged by its record and never by its log; behind a
    row that is one too many nothing more is written; and of a row that is gone or another one every start knows by
    the heads file, which is compared with all logs."""
    fault = "the log does not end where the watch says it does"
    with connection.cursor() as cursor:
        cursor.execute(_LOOSE, [most])
        return [
            Verdict(author_log(author), number, Head(number, bytes(link)), (), (fault,))
            for author, number, link in sorted(cursor.fetchall())
        ]


# As they lie in the table, so that a disk reads one page after the other.
_LOOSE = """
SELECT author, head_number, head_link FROM (SELECT author, head_number, head_link FROM watch LIMIT %s) AS watches
LEFT JOIN log_row AS newest ON newest.watch_id = author AND newest.number = head_number
WHERE (head_number > 0 AND (newest.link IS NULL OR newest.link <> head_link))
   OR EXISTS (SELECT 1 FROM log_row AS later WHERE later.watch_id = author AND later.number > head_number)
"""


def _verify_author(
    author: str,
    reasons: Mapping[int, str],
    witnesses: Sequence[Head | None],
    rewritten: Sequence[int],
) -> Verdict:
    watch = models.Watch.objects.get(author=author)
    verdict = verify(author_log(author), rows_of(author), reasons, *witnesses)
    return _with_what_the_watch_says(watch, verdict, rewritten)


def _verify_end(
    author: str,
    reasons: Mapping[int, str],
    witnesses: Sequence[Head | None],
    rewritten: Sequence[int],
) -> Verdict:
    """Everything but the walk: the newest row follows the one before it, and what was seen elsewhere is there."""
    watch = models.Watch.objects.get(author=author)
    name, number = author_log(author), watch.head_number
    head = Head(number - 1, link_of(author, number - 1)) if number > 1 else beginning(name)
    faults: list[str] = []
    for row in rows_of(author, max(1, number)):
        head, found = follows(head, row, reasons)
        faults += found
    for seen in witnesses:
        if seen is not None and seen.number and not link_of(author, seen.number).startswith(seen.link):
            faults.append(f"row {seen.number} was seen elsewhere and is not in this log")
    return _with_what_the_watch_says(watch, Verdict(name, head.number, head, (), tuple(faults)), rewritten)


def _with_what_the_watch_says(watch: models.Watch, verdict: Verdict, rewritten: Sequence[int]) -> Verdict:
    checkpoints = (f"row {number} is not the one that the host's log wrote down" for number in rewritten)
    faults = [*verdict.faults, *_state_faults(watch, verdict), *checkpoints]
    return dataclasses.replace(verdict, faults=tuple(dict.fromkeys(faults)))


def _state_faults(watch: models.Watch, verdict: Verdict) -> list[str]:
    if (watch.head_number, bytes(watch.head_link)) != (verdict.head.number, verdict.head.link):
        return ["the log does not end where the watch says it does"]
    last = models.LogRow.objects.filter(watch=watch, number=watch.head_number).first()
    if last is None or last.body is None:
        return []
    try:
        body = canonical.decode(bytes(last.body))
    except Refused:
        return []  # found by the chain already
    try:
        named = as_rows_name_it(record.from_plain(json.loads(watch.state)), watch.state)
    except (record.Unreadable, ValueError, RecursionError):
        named = watch.state
    if body.get("state") != state_hash(named):
        return ["the watch is not in the state that its newest row left it in"]
    return []


def _rewritten() -> dict[str, list[int]]:
    """Rows that are not the ones that the host's log wrote down, by author: each checkpoint is compared by itself, as
    all of them together do not fit into memory after some years."""
    found: dict[str, list[int]] = {}
    for row in rows_of(""):
        body = said(row)
        if body.get("kind") == "checkpoint":
            heads = [(author, number, bytes.fromhex(link)) for author, number, link in body["heads"]]
            for author, number in sorted(_gone(heads)):
                found.setdefault(author, []).append(number)
    return found


# Export.


def export() -> Iterator[str]:
    """Every log as the lines of an exported file: one row each, with body and salt as they are kept."""
    yield exported.beginning()
    for author in ["", *models.Watch.objects.order_by("author").values_list("author", flat=True)]:
        name = author_log(author) if author else HOST_LOG
        for row in rows_of(author):
            yield exported.line(name, row)


# Writing.


def tell(door: Store, verdicts: Iterable[Verdict], now: Moment) -> None:
    """For every log that is not whole a row in the host's log and a letter."""
    for verdict in verdicts:
        if not verdict.whole:
            letters = tuple(
                door.host_letter(
                    HostLetter.LOG_NOT_WHOLE, host, now, log=verdict.name, fault=verdict.faults[0]
                )
                for host in door.port.hosts()
            )
            door.host_row("log_not_whole", now, letters, log=verdict.name, fault=verdict.faults[0])


def checkpoint(door: Store, now: Moment) -> None:
    """Writes the heads that moved since the last checkpoint into the host's log."""
    grown = models.Watch.objects.filter(head_number__gt=F("checkpoint"))
    for page in walks.pages(grown.only("author", "head_number", "head_link"), "author", HEADS_PER_ROW):
        heads = [(watch.author, watch.head_number, bytes(watch.head_link).hex()) for watch in page]
        door.host_row("checkpoint", now, heads=heads)
        crowd.change(_WRITTEN_DOWN, [(watch.author, watch.head_number) for watch in page])


_WRITTEN_DOWN = """
WITH new (author, number) AS (VALUES {rows})
UPDATE watch SET checkpoint = new.number FROM new WHERE watch.author = new.author
"""


def erase(door: Store, author: str, number: int, reason: str, now: Moment) -> None:
    """Erases body and salt of one row of an author's log; the reason stays in the host's log for ever."""
    rows = models.LogRow.objects.filter(watch_id=author, number=number, body__isnull=False)
    if not rows.exists():
        raise Unknown(
            "There is no such row, or it was erased before; nothing was changed.",
            "Look at the log for the row's number.",
        )
    with transaction.atomic():
        door.host_row("erased", now, log=author_log(author), row=number, reason=reason)
        rows.update(body=None, salt=None, beside=None)
