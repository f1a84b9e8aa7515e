"""What is due: an idle pass over many watches beside one over few, and a burst beside what healthchecks makes of one.

    .venv/bin/python bench/due.py
    .venv/bin/python bench/due.py --many 1000000 --postgresql --keep
    .venv/bin/python bench/due.py --against .bench/healthchecks --python .bench/hc/bin/python --keep

Every watch of a burst is stepped with its row and its letter on the disk. Both sides take their turns a little at a
time, ours and theirs and ours again, so whatever else the machine has to do weighs on both; rates are of wall time and
of the processor's time of the one process that does the work. `--keep` writes bench/results/due.json.
"""

import argparse
import gc
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import table
from crowd.authors import add
from table import Row

from lastwords.protocol.moments import DAY, Moment

ROUNDS = 5
TURNS = 10
"""About as many turns of theirs in a long burst, evenly over it: how busy the machine is changes meanwhile."""
STEP = 2_000
AT_ONCE = 50_000
"""Idle watches written in one transaction."""
THEIRS = 100
"""Checks of theirs in one turn; they take each by itself, so its rate does not depend on it."""


def rows(asked: argparse.Namespace | None = None) -> list[Row]:
    """The figures; without `asked` those that are quick."""
    asked = asked or arguments([])
    if asked.postgresql:
        with table.postgresql() as cluster:
            return _rows(asked, cluster)
    return _rows(asked, None)


def _rows(asked: argparse.Namespace, cluster: Any) -> list[Row]:
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        table.found(Path(place) / "data", cluster)
        kind = "PostgreSQL" if cluster else "SQLite"
        idle = {}
        for many in (asked.few, asked.many):
            fill_idle(many)
            idle[many] = [milliseconds_idle() for _ in range(ROUNDS)]
        few, more = (statistics.median(idle[many]) for many in (asked.few, asked.many))
        found = [
            table.row(
                f"idle sweep, {kind}: {asked.many:,} watches beside {asked.few:,} (ms)",
                idle[asked.many],
                few,
                "at most 1.5",
                more / few <= 1.5 and more < 1,
                ratio=more / few,
                many=asked.many,
                few=asked.few,
            )
        ]
        empty()
        found += burst(asked, kind, cluster)
        if cluster:
            found.append(side_by_side(asked, Path(place) / "data"))
    return found


# An idle pass.


def fill_idle(many: int) -> None:
    """That many watches of a usual size, none of them due, each with a log of one row that says what state it is in."""
    from django.db import connection

    with _hurried():
        empty()
        for start in range(0, many, AT_ONCE):
            _write_idle(range(start + 1, min(many, start + AT_ONCE) + 1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE watch")


@contextmanager
def _hurried() -> Iterator[None]:
    """Inside, SQLite writes each page once and waits for no disk, as no host ever does: ten million watches take so
    much room that this would be most of the time. Outside all is as a host has it."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for one in (
                "journal_mode = OFF",
                "synchronous = OFF",
                "foreign_keys = OFF",
                "cache_size = -400000",
            ):
                cursor.execute(f"PRAGMA {one}")
            cursor.execute("PRAGMA secure_delete = OFF")
    yield
    connection.close()  # the next one is opened as the host's settings say


def _write_idle(numbers: range) -> None:
    """In one transaction. Record and row are spelled once, and what is an author's own is put in: up to ten million
    times."""
    from django.db import transaction

    from lastwords.server import log, models
    from lastwords.server.rows import state_hash

    before, named, after = spelled("author").partition('"author":"author"')
    nothing, salt = "0" * 64, bytes(16)
    spelt = log.follow(log.beginning(""), {"event": "begin", "state": nothing}, salt).body.decode()
    assert named and nothing in spelt
    watches, rows, quiet_until = [], [], int(time.time()) + 40 * DAY
    for number in numbers:
        author = f"author-{number}"
        state = f'{before}"author":"{author}"{after}'
        body = spelt.replace(nothing, state_hash(state)).encode()
        committed = log.commitment(salt, body)
        link = log.link(log.beginning(log.author_log(author)).link, committed, 1)
        watches.append((author, state, quiet_until + number * 7919 % 2_592_000, link))
        rows.append((author, body, committed, link))
    with transaction.atomic():
        add(models.Watch(head_number=1), ("author", "state", "look_at", "head_link"), iter(watches))
        add(models.LogRow(number=1, salt=salt), ("watch_id", "body", "commitment", "link"), iter(rows))


# An idle pass.


def milliseconds_idle(times: int = 200) -> float:
    """The middle one of many passes that find nothing, in milliseconds."""
    from lastwords.server import clock, store
    from lastwords.server.sweep import sweep

    door, now = store.here(), clock.now()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        assert sweep(door, now).looked == 0
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)


# A burst.


def burst(asked: argparse.Namespace, kind: str, cluster: Any) -> Iterator[Row]:
    """Everybody due at once, a slice at a time, in turn with the other's slices."""
    from lastwords.server import clock, models, store
    from lastwords.server.sweep import sweep

    door, now = store.here(), clock.now()
    damaged = fill_due(asked.due, now)
    later = Moment(now.wall + 28 * DAY, now.credit + 28 * DAY)
    ours: list[Turn] = []
    theirs: list[Turn] = []
    every = max(1, asked.due // STEP // TURNS)
    with other(asked, cluster) as notice:
        while True:
            gc.collect()
            began, worked = time.perf_counter(), time.process_time()
            looked = sweep(door, later, most=STEP).looked
            if not looked:
                break
            ours.append(Turn(looked, time.perf_counter() - began, time.process_time() - worked))
            if notice and len(ours) % every == 0 and len(theirs) < 2 * TURNS:
                theirs.append(notice())
    moved, aside = (
        models.LogRow.objects.filter(number=2).count(),
        models.Watch.objects.exclude(set_aside="").count(),
    )
    assert (moved, aside) == (asked.due - damaged, damaged), "somebody did not have their turn"
    third = len(ours) // 3 or 1
    ends = sum(one.rate for one in ours[-third:]) / sum(one.rate for one in ours[:third])
    settings = {
        "due": asked.due,
        "damaged": damaged,
        "turns of theirs": len(theirs),
        "last third beside the first": round(ends, 2),
    }
    for what, of in (("a second", "rate"), ("a second of one processor", "cpu_rate")):
        rate = [getattr(one, of) for one in ours]
        name = f"due watches stepped {what}, {kind}, beside healthchecks noticing"
        if theirs:
            beside = statistics.median(getattr(one, of) for one in theirs)
            ratio = statistics.median(rate) / beside
            yield table.row(name, rate, beside, "at least 50", ratio >= 50, ratio=ratio, **settings)
        else:
            yield table.row(
                name,
                rate,
                None,
                "at least 50",
                None,
                why="healthchecks was not named (--against)",
                **settings,
            )


# Several processes over one burst.


def side_by_side(asked: argparse.Namespace, data: Path) -> Row:
    """Two processes that sweep one burst together, beside one that has it to itself, in turn."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for many, found in rates.items():
            found.append(_rate_of(many, asked.due, data))
    one = statistics.median(rates[1])
    name = "due watches stepped a second by two processes, PostgreSQL, beside one"
    return table.row(name, rates[2], one, "", None, due=asked.due)


def _rate_of(many: int, due: int, data: Path) -> float:
    from lastwords.server import clock, models

    empty()
    now = clock.now()
    damaged = fill_due(due, now)
    start = multiprocessing.get_context("spawn")
    together = start.Barrier(many)
    with start.Pool(many, _prepare, (data, together)) as pool:
        times = pool.map(_sweep_all, [Moment(now.wall + 28 * DAY, now.credit + 28 * DAY)] * many, chunksize=1)
    moved = models.LogRow.objects.filter(number=2).count()
    assert moved == due - damaged, "somebody did not have their turn, or had two"
    return due / (max(end for _, end in times) - min(began for began, _ in times))


_together: list[Any] = []


def _prepare(data: Path, barrier: Any) -> None:
    from lastwords.server import settings

    settings.configure(data)
    _together.append(barrier)


def _sweep_all(now: Moment) -> tuple[float, float]:
    """When this process began to sweep, and when it found nothing more."""
    from lastwords.server import store
    from lastwords.server.sweep import sweep

    door = store.here()
    sweep(door, Moment(0, 0))  # what the first pass of a process takes longer
    _together[0].wait(60)
    began = time.perf_counter()
    while sweep(door, now, most=STEP).looked:
        pass
    return began, time.perf_counter()


@dataclass(frozen=True)
class Turn:
    """So many, in so many seconds of the clock and of the processor."""

    many: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.many / self.seconds

    @property
    def cpu_rate(self) -> float:
        return self.many / self.cpu


@contextmanager
def other(asked: argparse.Namespace, cluster: Any) -> Iterator[Any]:
    """What has healthchecks notice its next few, if it was named."""
    if not asked.against:
        yield None
        return
    with (
        tempfile.TemporaryDirectory(dir=asked.folder) as folder,
        table.healthchecks(asked, folder, (2 * TURNS + 2) * THEIRS, cluster=cluster) as tell,
    ):

        def notice() -> Turn:
            said = tell(f"notice {THEIRS}")
            return Turn(THEIRS, said["seconds"], said["cpu"])

        yield notice


def fill_due(authors: int, now: Moment) -> int:
    """Armed watches in *well*, as the machine would have left them, all due in 27 days; one in a hundred is damaged."""
    from lastwords.server import log, models
    from lastwords.server.port_rows import insert, log_row

    damaged = 0
    for start in range(0, authors, STEP):
        watches, rows = [], []
        for number in range(start, min(start + STEP, authors)):
            author, state = f"author-{number:07}", spelled(f"author-{number:07}", now)
            if number % 100 == 50:
                state, damaged = state[: len(state) // 2], damaged + 1
            entry = log.follow(log.beginning(log.author_log(author)), {"event": "begin"}, bytes(16))
            watches.append(
                models.Watch(
                    author=author,
                    state=state,
                    look_at=now.wall + 27 * DAY,
                    head_number=1,
                    head_link=entry.link,
                )
            )
            rows.append(log_row(author, entry))
        models.Watch.objects.bulk_create(watches, batch_size=500)
        insert("log_row", rows)
    return damaged


def spelled(author: str, now: Moment | None = None) -> str:
    """The record of an armed watch in *well* with five keepers."""
    from lastwords.protocol import spelling
    from lastwords.protocol.stages import SeatStage, Stage
    from lastwords.protocol.watch import Credential, Seat, Watch

    seats = tuple(Seat(f"keeper-{name}", SeatStage.SEASONED, vouched=True) for name in "abcde")
    keys = (Credential("key", "device"), Credential("paper", "paper"))
    sign = now or Moment(1_700_000_000, 0)
    return spelling.spell(
        Watch(author, stage=Stage.WELL, armed=True, seats=seats, credentials=keys, last_sign=sign)
    )


def empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for name in ("delivery", "letter", "log_row", "part", "inbox", "watch"):
            cursor.execute(f'DELETE FROM "{name}"')


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = table.parser(__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--postgresql", action="store_true")
    return parser.parse_args(given)


if __name__ == "__main__":
    table.show(Path(__file__), rows(arguments()), arguments().keep)
