"""Everything that can be done to a log behind its owner's back, row by row, and whether it is found (T22).

A log is verified from its beginning; a change of one row can show itself only at that row and the one behind it, so
each change is judged by the shipped step from the head before, and what lies behind is left as it is. That makes every
byte of a long log affordable; a share of the changes is judged from the beginning as well, and must come out alike.
"""

import dataclasses
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lastwords.server import exported, log
from lastwords.server.log import Row, beginning, follow, follows, verify
from lastwords.server.port import Head
from lastwords.server.refusals import Unreadable

NAME = "author:iruka"
PARTS = ("body", "salt", "commitment", "link")


@dataclass(slots=True)
class Tally:
    """How often each kind of change was made; `missed` and `false_alarms` are sentences."""

    rows: int = 0
    flips: int = 0
    file_flips: int = 0
    drops: int = 0
    swaps: int = 0
    cuts: int = 0
    forks: int = 0
    reseals: int = 0
    foreign: int = 0
    erasures: int = 0
    heads_confirmed: int = 0
    changes: int = 0
    """Of rows, all kinds together, each judged by itself; and how many of them from the beginning too."""
    judged_in_full: int = 0
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)


@cache
def a_log(length: int, name: str = NAME) -> tuple[Row, ...]:
    """A log as an author's looks, of rows that say what rows say."""
    head, rows = beginning(name), []
    for number in range(1, length + 1):
        body = {
            "at": [1_800_000_000 + 3_600 * number, 3_600 * number],
            "event": "check_in",
            "by": "iruka",
            "before": "well",
            "after": "well",
            "given": {"kind": "CheckIn", "by": "iruka", "strength": "strong", "credential": "pocket"},
            "happened": [["check_in", f"Größe \u2028 {number}"]],
            "state": f"{number:064x}",
            "letters": [],
            "papers": [],
        }
        entry = follow(head, body, random.Random(number).randbytes(log.SALT))
        rows.append(Row(entry.number, entry.body, entry.salt, entry.commitment, entry.link))
        head = Head(entry.number, entry.link)
    return tuple(rows)


def heads_of(rows: Sequence[Row], name: str = NAME) -> list[Head]:
    """The head before each row, and the one at the end."""
    return [beginning(name), *(Head(row.number, row.link) for row in rows)]


def found(before: Head, changed: Sequence[Row], reasons: dict[int, str] | None = None) -> bool:
    """Whether a walk that has come to `before` finds fault with one of these rows."""
    head = before
    for row in changed:
        head, faults = follows(head, row, reasons or {})
        if faults:
            return True
    return False


def tamper(
    length: int, *, bits: Sequence[int], flipped: int, in_file: int, in_full: int, part: slice = slice(None)
) -> Tally:
    """Does everything to a log of `length` rows. Bytes are flipped in every `flipped`th row, in each of `bits`, and in
    the exported line of every `in_file`th; every `in_full`th change is judged from the beginning too. `part` are the
    rows that this call changes."""
    rows, tally = a_log(length), Tally(rows=length)
    heads = heads_of(rows)
    if not verify(NAME, rows, {}, *heads[1:]).whole:
        tally.false_alarms.append("the untouched log, with every head that it ever had")
    tally.heads_confirmed = length
    for at in range(length)[part]:
        changes = _changes(rows, at, bits if at % flipped == 0 else (), tally)
        for what, new in changes:
            if not found(heads[at], new):
                tally.missed.append(f"row {at + 1}: {what}")
            tally.changes += 1
            if tally.changes % in_full == 0:
                tally.judged_in_full += 1
                whole = verify(NAME, [*rows[:at], *new, *rows[at + len(new) :]], {}, heads[-1]).whole
                if whole:
                    tally.missed.append(f"row {at + 1}: {what}, from the beginning")
        _by_witness(rows, at, heads, tally)
        if found(heads[at], rows[at : at + 2]):
            tally.false_alarms.append(f"row {at + 1}")
        if at % in_file == 0:
            _in_file(rows[at], heads[at], bits, tally)
    return tally


def _changes(
    rows: Sequence[Row], at: int, bits: Sequence[int], tally: Tally
) -> Iterator[tuple[str, list[Row]]]:
    """Changes of row `at` that a walk finds by itself: each with the rows that then follow the head before it."""
    row, behind = rows[at], list(rows[at + 1 : at + 2])
    for part in PARTS if bits else ():
        value: bytes = getattr(row, part)
        for place in range(len(value)):
            for bit in bits:
                data = value[:place] + bytes([value[place] ^ 1 << bit]) + value[place + 1 :]
                tally.flips += 1
                yield (
                    f"bit {bit} of byte {place} of {part}",
                    [_with(row, part, data), *behind],
                )
    if behind:
        tally.drops += 1
        yield "dropped", behind
        tally.swaps += 2
        yield "swapped with the next", [behind[0], row]
        other = random.Random(at).randrange(len(rows))
        if other != at:
            yield "swapped with another", [rows[other], *behind]
        # Somebody who makes the hashes right again: the row's own commitment, and then its link.
        assert row.body is not None and row.salt is not None
        body = row.body.replace(b"check_in", b"check_up")
        committed = log.commitment(row.salt, body)
        tally.reseals += 2
        yield "resealed", [dataclasses.replace(row, body=body, commitment=committed), *behind]
        before = heads_of(rows[at - 1 : at])[-1] if at else beginning(NAME)
        link = log.link(before.link, committed, row.number)
        yield "resealed and linked", [Row(row.number, body, row.salt, committed, link), *behind]
    tally.foreign += 1
    strange = follow(beginning("author:kakashi"), {"event": "check_in"}, b"0" * log.SALT)
    yield "another log's", [Row(row.number, strange.body, strange.salt, strange.commitment, strange.link)]
    tally.erasures += 1
    yield "erased without a reason", [dataclasses.replace(row, body=None, salt=None)]


def _with(row: Row, part: str, data: bytes) -> Row:
    parts: dict[str, Any] = {part: data}
    return dataclasses.replace(row, **parts)


def _by_witness(rows: Sequence[Row], at: int, heads: Sequence[Head], tally: Tally) -> None:
    """What only a head from elsewhere finds: an end that was cut off here, and another history from here on that is
    right in itself. A witness is looked up among the links, so the last row of each is what counts."""
    tally.cuts += 1
    tally.forks += 1
    entry = follow(heads[at], {"event": "alarm"}, b"1" * log.SALT)
    forked = Row(entry.number, entry.body, entry.salt, entry.commitment, entry.link)
    if found(heads[at], [forked]):
        tally.false_alarms.append(f"row {at + 1}: a fork is right in itself")
    seen = heads[at + 1]
    if verify_from(heads[at], [], seen) or verify_from(heads[at], [forked], seen):
        tally.missed.append(f"row {at + 1}: cut off or written anew")
    if not verify_from(heads[at], [rows[at]], Head(seen.number, seen.link[:8])):
        tally.false_alarms.append(f"row {at + 1}: its head as a letter shortens it")


def verify_from(before: Head, rows: Sequence[Row], witness: Head) -> bool:
    """Whether these rows behind `before` hold what was seen."""
    links = {before.number: before.link} | {row.number: row.link for row in rows}
    return not found(before, rows) and links.get(witness.number, b"").startswith(witness.link)


def _in_file(row: Row, before: Head, bits: Sequence[int], tally: Tally) -> None:
    """Every byte of the line by which the row stands in an exported file, its end too."""
    whole = f"{exported.line(NAME, row)}\n".encode()
    for place in range(len(whole)):
        for bit in bits:
            data = whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]
            tally.file_flips += 1
            if not _line_found(data, before):
                tally.missed.append(f"row {row.number}: bit {bit} of byte {place} of its line in the file")


def _line_found(data: bytes, before: Head) -> bool:
    try:
        lines = data.decode("utf-8").split("\n")
        if lines.pop() != "":
            return True
        read = [exported.parsed(text, 2) for text in lines]
    except (UnicodeDecodeError, Unreadable):
        return True
    return any(name != NAME for name, _ in read) or found(before, [row for _, row in read])
