"""From what a host lists to the rows of a case: bodies that the reader's key has opened, read, and copies put together.

When somebody is called later, a keeper's client seals the earlier entries again for them: the same bytes once more, as
an entry about the old one. Such a copy is no second fact. Whoever can open the original sees it alone; whoever can
open only the copy sees it in the original's place, with the name of who passed it on, since they take that person's
word for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lastwords.case.entries import Entry, read
from lastwords.case.refusals import CaseRefused
from lastwords.case.state import Logged


@dataclass(frozen=True)
class Listed:
    """A row as the host lists it. `body` is what the reader's key opened, None when it does not open it."""

    number: int
    kind: str
    by: str
    at: int
    keepers_only: bool
    about: int | None
    body: bytes | None


def rows_of(listed: Iterable[Listed], zone: str) -> tuple[Logged, ...]:
    """The rows of a case, copies in the place of their originals. `zone` is for entries that are plain text alone."""
    found: dict[int, Logged] = {}
    bodies: dict[int, bytes] = {}
    original: dict[int, int] = {}
    for row in sorted(listed, key=lambda one: one.number):
        found[row.number] = _read(row, zone)
        if row.body is None:
            continue
        aim = original.get(row.about or 0, row.about)
        first = found.get(aim) if aim is not None else None
        if aim is not None and first is not None and _is_copy(row, first, bodies.get(aim)):
            original[row.number] = aim
            if aim not in bodies:
                bodies[aim] = row.body
                found[aim] = _passed_on(row, first, zone)
            del found[row.number]
        else:
            bodies[row.number] = row.body
    return tuple(found.values())


def _is_copy(row: Listed, first: Logged, body: bytes | None) -> bool:
    """The same bytes as the original; or, where that is sealed to others, a record that names its writer.

    A text alone does not say whose it is, so it stays an entry of whoever passed it on.
    """
    if body is not None:
        return body == row.body
    if row.by == first.by or row.body is None or not row.body.startswith(b"{"):
        return False
    try:
        read(row.body, row.kind, first.by, first.at)
    except CaseRefused:
        return False
    return True


def _passed_on(row: Listed, first: Logged, zone: str) -> Logged:
    assert row.body is not None
    entry = read(row.body, row.kind, first.by, first.at, None, zone)
    return Logged(first.number, first.by, first.at, first.keepers_only, entry, passed_on_by=row.by)


def _read(row: Listed, zone: str) -> Logged:
    entry: Entry | None = None
    trouble = None
    if row.body is not None:
        try:
            entry = read(row.body, row.kind, row.by, row.at, row.about, zone)
        except CaseRefused as refused:
            trouble = refused.happened
    return Logged(row.number, row.by, row.at, row.keepers_only, entry, trouble)
