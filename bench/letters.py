"""Ten thousand due at once: when the first letter leaves and how many a second, beside healthchecks.

    .venv/bin/python bench/letters.py
    .venv/bin/python bench/letters.py --due 10000 --against .bench/healthchecks --python .bench/hc/bin/python --keep

Both sides hand over to a mailbox of their own kind on this machine (`rivals/sink.py`), which notes when each letter
arrives. Ours are rounds as the service does them: a sweep, then letters, and again. healthchecks sends nothing before
every check that is due has been noticed, so its first letter is computed from how fast it notices.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import due
import table
from table import Row

from lastwords.protocol.moments import DAY, Moment

SLICE = 200
THEIRS = 30
ROUNDS = 5


def rows(asked: argparse.Namespace | None = None) -> list[Row]:
    """The figures; without `asked` those that are quick."""
    asked = asked or arguments([])
    with tempfile.TemporaryDirectory(dir=asked.folder) as place, ExitStack() as stack:
        sink = stack.enter_context(mailbox())
        table.found(Path(place) / "data", port=sink.port)
        now = fill(asked.due)
        tell = None
        if asked.against:
            there = stack.enter_context(mailbox())
            tell = stack.enter_context(
                table.healthchecks(asked, place, THEIRS * ROUNDS + 2 * due.THEIRS, there.port)
            )
        return _measured(asked, now, sink, tell)


def _measured(
    asked: argparse.Namespace, now: Moment, sink: "Sink", tell: Callable[[str], Any] | None
) -> list[Row]:
    began = time.time()
    accepted = a_round(now, most=SLICE)
    first = min(sink.arrived()) - began
    ours, theirs, noticed = [], [], []
    worked, theirs_worked = [], []
    for _ in range(ROUNDS):
        started, busy = time.perf_counter(), time.process_time()
        accepted += (sent := a_round(now, most=SLICE))
        ours.append(sent / (time.perf_counter() - started))
        worked.append(sent / (time.process_time() - busy))
        if tell:
            noticed.append(THEIRS / tell(f"notice {THEIRS}")["seconds"])
            said = tell(f"send {THEIRS}")
            theirs.append(THEIRS / said["seconds"])
            theirs_worked.append(THEIRS / said["cpu"])
    assert len(sink.arrived()) + SLICE == accepted, "what was accepted did not arrive"
    settings = {"due": asked.due, "lanes": 4, "database": "SQLite"}
    if not tell:
        why = "healthchecks was not named (--against)"
        return [
            table.row(
                "seconds to the first letter of a burst",
                [first],
                None,
                "at most 1/40",
                None,
                why=why,
                **settings,
            ),
            table.row("letters a second of a burst", ours, None, "at least 20", None, why=why, **settings),
        ]
    waits = asked.due / statistics.median(noticed)
    return [
        table.row(
            "seconds to the first letter of a burst",
            [first],
            waits,
            "at most 1/40",
            first / waits <= 1 / 40,
            **settings,
        ),
        *(
            table.row(
                f"letters a second{of} of a burst",
                mine,
                statistics.median(others),
                "at least 20",
                statistics.median(mine) / statistics.median(others) >= 20,
                **settings,
            )
            for of, mine, others in (("", ours, theirs), (" of one processor", worked, theirs_worked))
        ),
    ]


def a_round(now: Moment, most: int) -> int:
    """As many letters as `most`, by rounds as the service does them. Returns how many were accepted."""
    from lastwords.server import outbox, sweep

    box, accepted = outbox.here(), 0
    sweep.sweep(box.store, now)
    while accepted < most:
        passed = box.run_all(now, most=max(1, (most - accepted) // box.batch))
        assert not passed.no_way_out, passed.no_way_out
        accepted += passed.accepted
        if not passed.more:
            break
    return accepted


def fill(authors: int) -> Moment:
    """Authors who are due, each with a mailbox. Returns the moment at which they are."""
    from lastwords.server import clock, models

    now = clock.now()
    due.fill_due(authors, now)
    names = [f"author-{number:07}" for number in range(authors)]
    models.Person.objects.bulk_create(
        [models.Person(handle=name, name=name) for name in names], batch_size=500
    )
    models.Channel.objects.bulk_create(
        [
            models.Channel(person_id=name, address=f"{name}@{number % 50}.example.org", proven_at=1)
            for number, name in enumerate(names)
        ],
        batch_size=500,
    )
    return Moment(now.wall + 28 * DAY, now.credit + 28 * DAY)


class Sink:
    """A mailbox in a process of its own."""

    def __init__(self) -> None:
        script = str(table.BENCH / "rivals" / "sink.py")
        self.process = subprocess.Popen(
            [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def arrived(self) -> list[float]:
        """When letters arrived since the last asking."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return list(json.loads(self.process.stdout.readline()))


@contextmanager
def mailbox() -> Iterator[Sink]:
    sink = Sink()
    try:
        yield sink
    finally:
        assert sink.process.stdin
        sink.process.stdin.close()
        sink.process.wait(20)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = table.parser(__doc__)
    parser.add_argument("--due", type=int, default=2_000)
    return parser.parse_args(given)


if __name__ == "__main__":
    table.show(Path(__file__), rows(arguments()), arguments().keep)
