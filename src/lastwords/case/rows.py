"""From what a host lists to the rows of a case: bodies that the reader's key has opened, read, and copies put together.

When somebody is called later, a keeper's client seals the earlier entries again for them: the same bytes once more, as
an entry about the old one. Such a copy is no second fact. Whoever can open the original sees it alone; whoever can
open only the copy sees it in the original's place, with the name of who passed it on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lastwords.case.entries import Entry, read
from lastwords.case.refusals import CaseRefused
from lastwords.case.state import Logged


@dataclass(frozen=True)
class Listed:
    """A row as the host lists it.

    `body` is the record that the reader's key opened and whose signature was checked; None when it is sealed to
    others, or, with `trouble`, when it is sealed to the reader and something about it does not fit.
    """

    number: int
    kind: str
    by: str
    at: int
    keepers_only: bool
    about: int | None
    body: bytes | None
    trouble: str | None = None


def rows_of(listed: Iterable[Listed]) -> tuple[Logged, ...]:
    """The rows of a case, copies in the place of their originals."""
    found: dict[int, Logged] = {}
    first: dict[int, Listed] = {}  # each original, with the body it has or was given by a copy
    original: dict[int, int] = {}  # copy -> original
    for row in sorted(listed, key=lambda one: one.number):
        aim = first.get(original.get(row.about or 0, row.about or 0))
        if aim is None or row.body is None or not _is_copy(row, aim):
            first[row.number], found[row.number] = row, _read(row)
            continue
        original[row.number] = aim.number
        if aim.body is None:
            first[aim.number] = replace(aim, body=row.body)
            found[aim.number] = replace(_read(first[aim.number]), passed_on_by=row.by)
    return tuple(found.values())


def _is_copy(row: Listed, aim: Listed) -> bool:
    """Whether a row is an earlier one sealed again: the same bytes, or, where those are sealed to others, a record of
    the same kind and writer that does not itself speak of the earlier entry, as its correction, answer or task."""
    if aim.body is not None:
        return aim.body == row.body
    try:
        entry = read(row.body or b"", aim.kind, aim.by)
    except CaseRefused:
        return False
    speaks_of = (entry.head.corrects, entry.head.answers, getattr(entry.what, "task", None))
    return row.kind == aim.kind and row.about not in speaks_of


def _read(row: Listed) -> Logged:
    entry: Entry | None = None
    trouble = row.trouble
    if row.body is not None:
        try:
            entry = read(row.body, row.kind, row.by)
        except CaseRefused as refused:
            trouble = refused.happened
    return Logged(row.number, row.by, row.at, row.keepers_only, entry, trouble)
