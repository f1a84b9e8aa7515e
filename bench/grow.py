"""How cost grows with the number of authors: an idle pass, a check-in, a step of a burst, a start, bytes on the disk.

    .venv/bin/python bench/grow.py --most 1000000 --keep

For 10^3, 10^4 and so on up to `--most` authors in one database, each with a watch of a usual size. `--keep` writes
bench/results/grow.json, which `bench/plots.py` draws. Times are of the processor as well as of the clock: a busy
machine stretches only the second.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import due
import table
import year
from table import Row

from lastwords.protocol.moments import DAY, Moment
from lastwords.server.databases.sqlite import FILE

DUE = 2_000
ACTS = 200
FEW = 10_000
"""Beside so many an idle pass over the most is made in turn, in a copy of the database as it was with them."""
ROUNDS = 7
GOAL, MOST_TIMES, MOST_MS = "at most 1.5, and under 1 ms", 1.5, 1.0
START = "start, without the check of the whole database (s of the processor)"
IDLE, COSTS = (
    "idle pass (ms)",
    (
        "idle pass (ms of the processor)",
        "check-in (ms of the processor)",
        "step of a burst (ms of the processor)",
        START,
        "kB on the disk for each author",
    ),
)


def rows(asked: argparse.Namespace | None = None) -> list[Row]:
    """For every number of authors what it costs beside the smallest; without `asked` up to ten thousand."""
    asked = asked or arguments([])
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        data = Path(place) / "data"
        table.found(data)
        points, authors = [], min(1_000, asked.most)
        while authors <= asked.most:
            points.append(point(authors, data))
            print(points[-1], file=sys.stderr, flush=True)
            authors *= 10
        last, first = points[-1], points[0]
        found = [_row(what, points) for what in COSTS]
        if last["authors"] > FEW:
            found.append(_idle_row(points, *last["in turn"]))
        else:
            met = last[IDLE] <= MOST_TIMES * first[IDLE] and last[IDLE] < MOST_MS
            found.append(_row(IDLE, points, GOAL, met))
    return found


def _row(what: str, points: list[dict[str, Any]], goal: str = "", met: bool | None = None) -> Row:
    """The most authors beside the fewest."""
    last, first = points[-1], points[0]
    name = f"{what}: {last['authors']:,} authors beside {first['authors']:,}"
    return table.row(name, [last[what]], first[what], goal, met, **_settings(what, points))


def _idle_row(points: list[dict[str, Any]], many: list[float], few: list[float]) -> Row:
    """The most authors beside ten thousand, from passes made in turn."""
    ratios = sorted(one / other for one, other in zip(many, few, strict=True))
    ratio, settings = statistics.median(ratios), _settings(IDLE, points)
    met = ratio <= MOST_TIMES and statistics.median(many) < MOST_MS
    name = f"{IDLE}: {points[-1]['authors']:,} authors beside {FEW:,}, in turn"
    settings["ratios"] = [round(one, 2) for one in ratios]
    return table.row(name, many, statistics.median(few), GOAL, met, ratio=ratio, **settings)


def _settings(what: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    return {"points": [[one["authors"], round(one[what], 4)] for one in points], "database": "SQLite"}


def idle_in_turn(many: Path, few: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of a pass that finds nothing in the one database and in the other."""
    from django.db import connection

    taken: dict[Path, list[float]] = {many: [], few: []}
    for _ in range(ROUNDS):
        for path, found in taken.items():
            connection.close()
            connection.settings_dict["NAME"] = str(path)
            due.milliseconds_idle(5)  # the first opens the database anew
            found.append(due.milliseconds_idle(50))
    connection.close()
    connection.settings_dict["NAME"] = str(many)
    return taken[many], taken[few]


def seconds_to_start() -> float:
    """Of the processor, for what a start looks at besides, once everybody's head was seen."""
    from lastwords.server import audit, checks, models, settings, witness

    chosen = settings.current()
    heads = models.Watch.objects.values_list("author", "head_number", "head_link").iterator()
    with chosen.heads.open("w") as file:
        file.writelines(f"author:{name}\t{number}\t{bytes(link).hex()}\n" for name, number, link in heads)
    began = time.process_time()
    assert not checks.find_restored_past(chosen)
    witness.tidy(chosen.heads)
    assert not audit.loose_ends()
    return time.process_time() - began


def point(authors: int, data: Path) -> dict[str, Any]:
    """What it costs with that many authors."""
    from django.db import connection

    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength
    from lastwords.server import clock, store
    from lastwords.server.sweep import sweep

    due.fill_idle(authors)
    start = seconds_to_start()
    size, few = year.size(data), data / "few.sqlite3"
    if authors == FEW:
        shutil.copy(data / FILE, few)
    pairs = idle_in_turn(data / FILE, few) if authors > FEW else ()
    began = time.process_time()
    idle = statistics.median(due.milliseconds_idle(50) for _ in range(5))
    worked = (time.process_time() - began) * 1_000 / 250
    door, now = store.here(), clock.now()
    dice, acts = random.Random(authors), []
    for number in dice.sample(range(1, authors + 1), ACTS):
        began = time.process_time()
        door.act(f"author-{number}", CheckIn(f"author-{number}", Strength.STRONG, "key"), now=now)
        acts.append((time.process_time() - began) * 1_000)
    some = [f"author-{number}" for number in dice.sample(range(1, authors + 1), min(DUE, authors))]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE watch SET look_at = 1 WHERE author = %s", [(name,) for name in some])
    later = Moment(now.wall + 28 * DAY, now.credit + 28 * DAY)
    began, wall = time.process_time(), time.perf_counter()
    looked = sweep(door, later, most=DUE).looked
    assert looked == len(some)
    step = (time.process_time() - began) * 1_000 / looked
    return {
        "authors": authors,
        "in turn": pairs,
        IDLE: idle,
        "idle pass (ms of the processor)": worked,
        "check-in (ms of the processor)": statistics.median(acts),
        "step of a burst (ms of the processor)": step,
        START: start,
        "steps a second": looked / (time.perf_counter() - wall),
        "kB on the disk for each author": size / authors / 1_000,
    }


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = table.parser(__doc__)
    parser.add_argument("--most", type=int, default=10_000)
    return parser.parse_args(given)


if __name__ == "__main__":
    table.show(Path(__file__), rows(arguments()), arguments().keep)
