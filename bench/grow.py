"""How cost grows with the number of authors: an idle pass, one check-in, one step of a burst, bytes on the disk.

    .venv/bin/python bench/grow.py --most 1000000 --keep

For 10^3, 10^4 and so on up to `--most` authors in one database, each with a watch of a usual size. `--keep` writes
bench/results/grow.json, which `bench/plots.py` draws. Times are of the processor as well as of the clock: a busy
machine stretches only the second.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import due
import table
import year
from table import Row

from lastwords.protocol.moments import DAY, Moment

DUE = 2_000
ACTS = 200


def rows(asked: argparse.Namespace | None = None) -> list[Row]:
    """For every number of authors what it costs beside the smallest; without `asked` up to ten thousand."""
    asked = asked or arguments([])
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        table.found(Path(place) / "data")
        points, authors = [], 1_000
        while authors <= asked.most:
            points.append(point(authors, Path(place) / "data"))
            authors *= 10
    last, first = points[-1], points[0]
    found = []
    for what, goal, most in (
        ("idle pass (ms)", "at most 1.5", 1.5),
        ("check-in (ms of the processor)", "", 0),
        ("step of a burst (ms of the processor)", "", 0),
        ("kB on the disk for each author", "", 0),
    ):
        ratio = last[what] / first[what]
        name = f"{what}: {last['authors']:,} authors beside {first['authors']:,}"
        met = ratio <= most if goal else None
        settings = {"points": [[one["authors"], round(one[what], 4)] for one in points], "database": "SQLite"}
        found.append(table.row(name, [last[what]], first[what], goal, met, **settings))
    return found


def point(authors: int, data: Path) -> dict[str, Any]:
    """What it costs with that many authors."""
    from django.db import connection

    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength
    from lastwords.server import clock, store
    from lastwords.server.sweep import sweep

    due.fill_idle(authors)
    size = year.size(data)
    idle = statistics.median(due.milliseconds_idle(50) for _ in range(5))
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
        "idle pass (ms)": idle,
        "check-in (ms of the processor)": statistics.median(acts),
        "step of a burst (ms of the processor)": step,
        "steps a second": looked / (time.perf_counter() - wall),
        "kB on the disk for each author": size / authors / 1_000,
    }


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = table.parser(__doc__)
    parser.add_argument("--most", type=int, default=10_000)
    return parser.parse_args(given)


if __name__ == "__main__":
    table.show(Path(__file__), rows(arguments()), arguments().keep)
