"""Ninety days of the service as shapes: did time count, did letters leave. Read from the host's own log, which writes a
row whenever that changes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from lastwords.protocol.moments import DAY
from lastwords.server import credit
from lastwords.server.models import HostRow
from lastwords.server.moments import short

DAYS, IN_A_ROW, CELL = 90, 15, 22
NONE, WELL, UNCOUNTED, MAIL = "none", "well", "uncounted", "mail"
GRAVEST = (NONE, WELL, UNCOUNTED, MAIL)
SPOKEN = {
    NONE: "not there yet",
    WELL: "all well",
    UNCOUNTED: "some time did not count",
    MAIL: "letters could not leave",
}
BYGONE = (credit.FIRST, credit.GAP, credit.RESTARTED)


@dataclass(frozen=True, slots=True)
class Cell:
    x: int
    y: int
    state: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture, its sentence, and the days that were not well."""

    sentence: str
    cells: tuple[Cell, ...]
    days: tuple[tuple[str, str], ...]
    """(day, what it was) of every day that was not well, oldest first."""


def of(now: int, zone: str) -> Strip:
    """The last 90 days up to `now` (UTC seconds)."""
    begins = now - DAYS * DAY
    states = list(_states())
    found = [_day(states, begins + number * DAY) for number in range(DAYS)]
    cells = tuple(
        Cell(CELL * (number % IN_A_ROW) + 14, CELL * (number // IN_A_ROW) + 14, state)
        for number, state in enumerate(found)
    )
    bad = tuple(
        (short(begins + (number + 1) * DAY, zone), SPOKEN[state])
        for number, state in enumerate(found)
        if state in (UNCOUNTED, MAIL)
    )
    there = sum(state != NONE for state in found)
    return Strip(f"{there} {'day' if there == 1 else 'days'}: {_wanting(len(bad))}.", cells, bad)


def _wanting(count: int) -> str:
    if not count:
        return "all well"
    return f"something was wanting on {count}"


def _states() -> Iterator[tuple[int, str]]:
    """Each change: from this second on it was so. A gap tells of the time before it, and is over with it."""
    for body in HostRow.objects.filter(body__isnull=False).order_by("number").values_list("body", flat=True):
        row = json.loads(bytes(body or b""))
        at, kind = row["at"][0], row["kind"]
        if kind == "no_credit" and row["why"] in BYGONE:
            yield at, UNCOUNTED
            yield at, WELL
        elif kind == "no_credit":
            yield at, MAIL if row["why"] == credit.NO_WAY_OUT else UNCOUNTED
        elif kind in ("begun", "credit_again"):
            yield at, WELL


def _day(states: list[tuple[int, str]], begins: int) -> str:
    before = [state for at, state in states if at <= begins]
    within = [state for at, state in states if begins < at <= begins + DAY]
    return max([before[-1] if before else NONE, *within], key=GRAVEST.index)
