"""The check-in year: 52 weeks as shapes, a sentence above them, and the same as a table.

Read from the log, which says at every row in which stage the watch was afterwards. The shape of a week is the gravest
thing in it: a vigil before late, late before a trip, a trip before well.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any

from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Stage
from lastwords.protocol.watch import Watch
from lastwords.server.models import LogRow

WEEK = 7 * DAY
WEEKS = 52
IN_A_ROW = 13
"""Weeks in a line of the picture: a quarter, so that it can be read on a phone."""
CELL = 26

NONE, WELL, TRIP, LATE, VIGIL = "none", "well", "trip", "late", "vigil"
GRAVEST = (NONE, WELL, TRIP, LATE, VIGIL)
SPOKEN = {
    NONE: "plan not active",
    WELL: "on time",
    TRIP: "on a trip",
    LATE: "late",
    VIGIL: "keepers asked",
}


@dataclass(frozen=True, slots=True)
class Since:
    """From this UTC second on, things stood so."""

    wall: int
    state: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One week of the picture, at the place of its middle."""

    x: int
    y: int
    state: str


@dataclass(frozen=True, slots=True)
class Run:
    """Weeks in a row that were alike: first and last second, for the table."""

    begins: int
    ends: int
    state: str
    weeks: int

    @property
    def spoken(self) -> str:
        return SPOKEN[self.state]


@dataclass(frozen=True, slots=True)
class Year:
    """The picture and its two twins."""

    sentence: str
    cells: tuple[Cell, ...]
    runs: tuple[Run, ...]
    begins: int
    ends: int

    @property
    def lines(self) -> Iterator[tuple[int, int]]:
        """Each line of the picture: its height, and the second at which it begins."""
        for number in range(WEEKS // IN_A_ROW):
            yield CELL * number + 18, self.begins + number * IN_A_ROW * WEEK


def of(watch: Watch, now: int) -> Year:
    """The last 52 weeks of a watch, as its log tells them."""
    begins = now - WEEKS * WEEK
    rows = list(_rows(watch.author, begins))
    return _drawn(_weeks(list(_states(rows)), begins), begins, _margins(rows, watch.plan.check_in_every))


def from_letters(weeks: str, now: int) -> Year:
    """A made-up year: one letter for each week, the first of its state's name."""
    found = [next(state for state in GRAVEST if state.startswith(letter)) for letter in weeks]
    return _drawn(found, now - WEEKS * WEEK, [9 * DAY])


def _drawn(weeks: list[str], begins: int, margins: list[int]) -> Year:
    cells = tuple(
        Cell(CELL * (number % IN_A_ROW) + 14, CELL * (number // IN_A_ROW) + 14, state)
        for number, state in enumerate(weeks)
    )
    runs = tuple(_runs(weeks, begins))
    return Year(_sentence(runs, margins), cells, runs, begins, begins + WEEKS * WEEK)


def _rows(author: str, begins: int) -> Iterator[dict[str, Any]]:
    """What happened since, oldest first, with the one row before it that says how things stood then."""
    newest_first = LogRow.objects.filter(watch_id=author, body__isnull=False).order_by("-number")
    found = []
    for body in newest_first.values_list("body", flat=True).iterator(chunk_size=200):
        row = json.loads(bytes(body or b""))
        found.append(row)
        if row["at"][0] < begins and row["event"] in ("check_in", "begin", "arm"):
            break
    yield from reversed(found)


def _states(rows: Iterable[dict[str, Any]]) -> Iterator[Since]:
    trip = False
    for row in rows:
        stage = row["after"]
        strong = row["event"] == "check_in" and row["given"]["strength"] == "strong"
        trip = row["event"] == "set_trip" or (
            trip and stage == Stage.WELL and not strong and row["event"] != "arm"
        )
        yield Since(row["at"][0], _state(stage, trip))


def _state(stage: str, trip: bool) -> str:
    if stage == Stage.DRAFT:
        return NONE
    if stage == Stage.WELL:
        return TRIP if trip else WELL
    return LATE if stage == Stage.LATE else VIGIL


def _weeks(states: list[Since], begins: int) -> list[str]:
    """The gravest state of each week."""
    found = []
    for number in range(WEEKS):
        starts, ends = begins + number * WEEK, begins + (number + 1) * WEEK
        before = [since.state for since in states if since.wall <= starts]
        within = [since.state for since in states if starts < since.wall <= ends]
        found.append(max([before[-1] if before else NONE, *within], key=GRAVEST.index))
    return found


def _runs(weeks: list[str], begins: int) -> Iterator[Run]:
    number = 0
    for state, same in groupby(weeks):
        count = len(list(same))
        yield Run(begins + number * WEEK, begins + (number + count) * WEEK, state, count)
        number += count


def _margins(rows: list[dict[str, Any]], every: int) -> list[int]:
    """How long before it fell due each check-in came, in seconds."""
    found, last = [], 0
    for row in rows:
        if row["event"] == "check_in" and last and row["before"] == Stage.WELL:
            found.append(last + every - row["at"][0])
        if row["event"] in ("check_in", "arm", "set_trip") and row["after"] == Stage.WELL:
            last = row["at"][0]
    return [margin for margin in found if margin >= 0]


def _sentence(runs: tuple[Run, ...], margins: list[int]) -> str:
    weeks = sum(run.weeks for run in runs if run.state != NONE)
    if not weeks:
        return "Your plan was not active in these 52 weeks."
    counts = {state: sum(run.state == state for run in runs) for state in (LATE, VIGIL, TRIP)}
    said = [
        f"{counts[LATE]} late" if counts[LATE] else "never late",
        *([f"{_counted(counts[VIGIL], 'vigil')}"] if counts[VIGIL] else []),
        *([f"{_counted(counts[TRIP], 'trip')}"] if counts[TRIP] else []),
    ]
    usual = (
        f" Usually you check in {_counted(int(median(margins)) // DAY, 'day')} before it is due."
        if margins
        else ""
    )
    return f"{_counted(weeks, 'week')}: {', '.join(said)}.{usual}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
