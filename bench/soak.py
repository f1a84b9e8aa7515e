"""Half an hour of check-ins at half of what the host can do, beside a sweep that steps and writes: does anything grow?

    .venv/bin/python bench/soak.py
    .venv/bin/python bench/soak.py --seconds 1800 --keep

A short run as fast as it goes finds the peak; then phones sign and send at `--share` of it, on 16 connections, each
press when it is due and not when the last one was answered. The web server is the real one, and so are the rounds
beside it: watches come due all the while, and their letters go to a mailbox on this machine. Every few seconds the
memory of both, SQLite's log and the database are looked at. At the end every log is walked, and what was acknowledged
is counted in it, author by author. `--keep` writes bench/results/soak.json.

Memory is called flat when the middle of the last third of the run is at most 1.1 times that of the first third; the
first sixth of the run, five minutes of the half hour, is to warm up and is not counted.
"""

import argparse
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests")]

import letters  # noqa: E402
import table  # noqa: E402
from crowd import authors  # noqa: E402
from crowd.hosts import BENCH, CONNECTIONS, PATIENCE, Ours, family  # noqa: E402
from table import Row  # noqa: E402

from lastwords.protocol.moments import DAY, Moment  # noqa: E402
from lastwords.server.databases import checkpoints, sqlite  # noqa: E402
from lastwords.server.settings import DATA, Mail  # noqa: E402

LEAST_TO_JUDGE = 1_200
"""Seconds; what a shorter run says of memory is not judged."""
FLAT = 1.1
AGAIN = 500
REFUSED_AGAIN = "409"
"""What a press is answered that was sent before; one of so many answers is followed by one."""
LOG_BOUND = 2 * checkpoints.TOO_LONG
LATE = 60.0
"""Seconds after which a look that is due counts as left out, or a third of a run that is shorter than three minutes."""
SILENT = 28 * DAY
"""For how long those who come due have not been heard of: long enough for a letter."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """What was there at one moment: seconds since the beginning, bytes, and the load average."""

    at: float
    web: int
    rounds: int
    log: int
    database: int
    load: float


class Host(Ours):
    """Our web server with the rounds beside it, which write to a mailbox on this machine."""

    sink: letters.Sink

    def fill_with_silent(self, silent: int, seconds: float) -> None:
        """Besides those who knock, so many who come due one after the other."""
        from django.db import connections

        self.chosen = dataclasses.replace(
            self.chosen, mail=Mail("127.0.0.1", self.sink.port, "words@example.org")
        )
        self.fill()
        from lastwords.server import clock, models

        clock.here().pulse(way_out=True, heard=True)
        models.Pulse.objects.update(credit=100 * DAY)
        now = clock.now()
        authors.fill(silent, Moment(now.wall - SILENT, now.credit - SILENT), first=self.count)
        for number in range(silent):
            name, due = authors.handle(self.count + number), now.wall + 5 + int(number * seconds / silent)
            models.Watch.objects.filter(author=name).update(look_at=due)
            address = f"{name}@{number % 50}.example.org"
            models.Channel.objects.create(person_id=name, address=address, proven_at=1)
        connections.close_all()

    @contextmanager
    def rounds(self) -> Iterator[int]:
        """The process that sweeps and sends. Gives its number."""
        process = subprocess.Popen(
            [sys.executable, "-m", "lastwords.server.work"], env={**os.environ, DATA: str(self.data)}
        )
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def press(self, seconds: float, rate: float, again: int) -> "subprocess.Popen[str]":
        """Starts those who knock; what came of it is on its standard output."""
        people = [
            (one.handle, str(one.key.private_numbers().private_value), one.counter)
            for one in self.people
            if one.key
        ]
        asked = {
            "port": self.port,
            "origin": self.chosen.origin,
            "people": people,
            "connections": CONNECTIONS,
        }
        place = self.data.parent / "presses"
        place.write_text(json.dumps(asked | {"seconds": seconds, "rate": rate, "again": again}))
        command = [sys.executable, "-m", "crowd.steady", str(place)]
        return subprocess.Popen(command, cwd=BENCH, stdout=subprocess.PIPE, text=True)

    def heard(self, knocking: "subprocess.Popen[str]") -> dict[str, Any]:
        """What they heard, once they are done. Their counters are where they left them."""
        said = knocking.communicate()[0]
        assert knocking.returncode == 0, "those who knock ended early"
        found: dict[str, Any] = json.loads(said)
        for one in self.people:
            one.counter = found["counters"][one.handle]
        return found

    def sample(self, began: float, rounds: int) -> Sample:
        path = self.data / sqlite.FILE
        sizes = [
            one.stat().st_size if one.exists() else 0 for one in (path.with_name(path.name + "-wal"), path)
        ]
        load = round(os.getloadavg()[0], 1)
        return Sample(time.monotonic() - began, resident(self.server), resident(rounds), *sizes, load)


def resident(process: int) -> int:
    """Bytes of memory that a process and those it has started hold."""
    total = 0
    for place in family(process):
        said = (place / "statm").read_text().split()
        total += int(said[1]) * os.sysconf("SC_PAGE_SIZE")
    return total


def rows(asked: argparse.Namespace | None = None) -> list[Row]:
    """The soak; without `asked` one of half a minute, in which memory is not judged."""
    asked = asked or arguments().parse_args(["--seconds", "30", "--peak", "4"])
    with tempfile.TemporaryDirectory(dir=asked.folder) as place, letters.mailbox() as sink:
        host = Host(Path(place) / "host" / "data", asked.authors)
        host.data.parent.mkdir()
        host.sink = sink
        silent = int(asked.seconds * asked.due)
        host.fill_with_silent(silent, asked.seconds)
        with host.served(), host.rounds() as rounds:
            peaks = host.heard(host.press(asked.peak, 0, 0))
            rate = max(1, round(peaks["rate"] * asked.share))
            told(
                f"The peak is {peaks['rate']} a second; {rate} a second from now on, load {os.getloadavg()[0]}."
            )
            heard, samples = soaked(host, rounds, asked, rate)
            arrived = len(sink.arrived())
        missing = count(host, (peaks, heard), min(LATE, asked.seconds / 3))
        assert arrived and missing["came due and looked at"], "the rounds beside it had nothing to do"
        settings = {
            "seconds": asked.seconds,
            "rate": rate,
            "peak": peaks["rate"],
            "share of the peak": asked.share,
            "connections": CONNECTIONS,
            "authors": asked.authors,
            "letters that arrived": arrived,
            "load, from the least to the most": [
                min(one.load for one in samples),
                max(one.load for one in samples),
            ],
        }
        return judged(samples, heard, missing, settings, asked.seconds >= LEAST_TO_JUDGE)


def soaked(
    host: Host, rounds: int, asked: argparse.Namespace, rate: float
) -> tuple[dict[str, Any], list[Sample]]:
    """The run itself: what was heard, and what was looked at meanwhile."""
    knocking = host.press(asked.seconds, rate, AGAIN)
    began, samples, minute = time.monotonic(), [], 0
    while True:
        samples.append(host.sample(began, rounds))
        if samples[-1].at >= 60 * minute:
            minute += 1
            told(str(samples[-1]))
        try:
            knocking.wait(asked.every)
            return host.heard(knocking), samples
        except subprocess.TimeoutExpired:
            continue


def count(host: Host, runs: Sequence[dict[str, Any]], late: float) -> dict[str, Any]:
    """What the logs say once everything is over: check-ins that were acknowledged and are not there, and some that
    nobody was told of, both over all authors; logs that are not whole; silent watches that nobody had looked at so many
    seconds after they were due, when the rounds ended."""
    ended = time.time()
    from django.db import connection

    from lastwords.server import audit, models

    with connection.cursor() as cursor:
        said = 'instr(body, CAST(\'"event":"check_in"\' AS BLOB)) > 0'
        cursor.execute(f"SELECT watch_id, count(*) FROM log_row WHERE {said} GROUP BY watch_id")
        there = Counter(dict(cursor.fetchall()))
    kept, unanswered = Counter[str](), Counter[str]()
    for run in runs:
        kept.update(run["kept"])
        unanswered.update(run["unanswered"])
    silent = authors.handle(host.count)
    found = {
        "acknowledged": kept.total(),
        "acknowledged and missing": (kept - there).total(),
        "there and never acknowledged": (there - kept - unanswered).total(),
        "logs that are not whole": sum(not one.whole for one in audit.verify_each(host.chosen.heads)),
        "came due and not looked at": models.Watch.objects.filter(
            author__gte=silent, head_number=1, look_at__lt=ended - late
        ).count(),
        "came due and looked at": models.Watch.objects.filter(author__gte=silent, head_number__gt=1).count(),
    }
    connection.close()
    return found


def judged(
    samples: Sequence[Sample],
    heard: dict[str, Any],
    counted: dict[str, Any],
    settings: dict[str, Any],
    long_enough: bool,
) -> list[Row]:
    """The rows of the table."""
    found = []
    steady = [one for one in samples if one.at >= settings["seconds"] / 6]
    third = max(1, len(steady) // 3)
    by_minute = {str(int(one.at // 60)): dataclasses.asdict(one) for one in samples}
    for whose, of in (("web server", "web"), ("rounds", "rounds")):
        first, last = (
            [getattr(one, of) / 2**20 for one in part] for part in (steady[:third], steady[-third:])
        )
        flat = median(last) <= FLAT * median(first) if long_enough else None
        name = f"soak, SQLite: MiB of memory of the {whose}, the last third beside the first"
        why = (
            ""
            if long_enough
            else f"only {settings['seconds']:.0f} s; half an hour is asked for with --seconds 1800"
        )
        found.append(table.row(name, last, median(first), f"at most {FLAT}", flat, why=why, **settings))
    log = [one.log / 2**20 for one in samples]
    bound = LOG_BOUND // 2**20
    name = "soak, SQLite: MiB of SQLite's log (WAL)"
    found.append(table.row(name, log, None, f"never more than {bound}", max(log) <= bound, **settings))
    statuses = Counter[str]()
    for minute in heard["minutes"]:
        statuses.update(minute["statuses"])
    refused = statuses.total() - statuses["200"]
    asked_for = sum(heard["again"].values()) - heard["again"].get(REFUSED_AGAIN, 0)
    more = settings | {"statuses": dict(statuses), "sent a second time on purpose": heard["again"]}
    name = "soak, SQLite: check-ins not kept, besides those sent a second time"
    wrong = refused + asked_for
    found.append(table.row(name, [wrong], None, "none", wrong == 0, **more))
    wrong = sum(counted[what] for what in NEVER)
    name = "soak, SQLite: acknowledged and missing, never acknowledged and there, not whole, due and not looked at"
    found.append(table.row(name, [wrong], None, "none", wrong == 0, **settings, **counted))
    p99 = [minute["p99"] for minute in heard["minutes"]]
    name = "soak, SQLite: ms in which 99 of 100 check-ins of a minute are answered, from when they were due"
    minutes = heard["minutes"]
    found.append(table.row(name, p99, None, "", None, **settings, minutes=minutes, samples=by_minute))
    return found


NEVER = (
    "acknowledged and missing",
    "there and never acknowledged",
    "logs that are not whole",
    "came due and not looked at",
)


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.ArgumentParser:
    parser = table.plain_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="of the steady run")
    parser.add_argument("--peak", type=float, default=10, help="seconds of the run that finds the peak")
    parser.add_argument("--share", type=float, default=0.5, help="of the peak, for the steady run")
    parser.add_argument("--authors", type=int, default=1_000, help="who knock")
    parser.add_argument("--due", type=float, default=1.0, help="watches that come due, a second")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks at memory")
    parser.add_argument("--folder", type=Path, help="where the host lies while it runs")
    parser.add_argument("--keep", action="store_true", help="write bench/results/soak.json")
    return parser


if __name__ == "__main__":
    table.show(Path(__file__), rows(arguments().parse_args()), arguments().parse_args().keep)
