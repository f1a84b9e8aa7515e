"""Ten thousand due at once: when the first letter leaves and how many a second, beside healthchecks.

    .venv/bin/python bench/letters.py
    .venv/bin/python bench/letters.py --due 10000 --against .bench/healthchecks --python .bench/hc/bin/python --keep

Both sides hand over to a mailbox of their own kind on this machine (`rivals/sink.py`), which notes when each letter
arrives, and offers to be told several things in one breath, as relays do; healthchecks does not ask for that. The first
letter of ours is that of a round as the service does it, once it has done a few before. healthchecks sends nothing
before every check that is due has been noticed: how long that takes is computed from how fast it notices, or measured
with `--whole`.
"""

import argparse
import gc
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
    asked.kind = "PostgreSQL" if asked.postgresql else "SQLite"
    with tempfile.TemporaryDirectory(dir=asked.folder) as place, ExitStack() as stack:
        sink = stack.enter_context(mailbox())
        cluster = stack.enter_context(table.postgresql()) if asked.postgresql else None
        table.found(Path(place) / "data", cluster, sink.port)
        now = fill(asked.due)
        tell = None
        if asked.against:
            there = stack.enter_context(mailbox())
            checks = (THEIRS + 2) * ROUNDS + (asked.due if asked.whole else 0)
            tell = stack.enter_context(table.healthchecks(asked, place, checks, there.port, cluster))
        return _measured(asked, now, sink, tell)


def _measured(
    asked: argparse.Namespace, now: Moment, sink: "Sink", tell: Callable[[str], Any] | None
) -> list[Row]:
    first = first_letter(now, sink)
    look_at_all(now)
    sink.arrived()
    ours, theirs, noticed = [], [], []
    worked, theirs_worked = [], []
    for _ in range(ROUNDS):
        gc.collect()
        started, busy = time.perf_counter(), time.process_time()
        sent = letters_leave(now, SLICE)
        ours.append(sent / (time.perf_counter() - started))
        worked.append(sent / (time.process_time() - busy))
        assert len(sink.arrived()) == sent, "what was accepted did not arrive"
        if tell:
            noticed.append(THEIRS / tell(f"notice {THEIRS}")["seconds"])
            said = tell(f"send {THEIRS}")
            theirs.append(THEIRS / said["seconds"])
            theirs_worked.append(THEIRS / said["cpu"])
    settings = {"due": asked.due, "lanes": 4, "database": asked.kind}
    of_first, of_letters = (
        f"seconds to the first letter of a burst, {asked.kind}",
        f"of a burst, {asked.kind}",
    )
    if not tell:
        why = "healthchecks was not named (--against)"
        return [
            table.row(of_first, [first], None, "at most 1/40", None, why=why, **settings),
            table.row(f"letters a second {of_letters}", ours, None, "at least 20", None, why=why, **settings),
        ]
    waits = asked.due / statistics.median(noticed)
    if asked.whole:
        waits = tell(f"notice {asked.due}")["seconds"] + tell("send 1")["seconds"]
    found = [
        table.row(
            of_first,
            [first],
            waits,
            "at most 1/40",
            first / waits <= 1 / 40,
            theirs="measured" if asked.whole else "computed",
            **settings,
        )
    ]
    for of, mine, others in (("", ours, theirs), (" of one processor", worked, theirs_worked)):
        other = statistics.median(others)
        met = statistics.median(mine) / other >= 20
        found.append(
            table.row(f"letters a second{of} {of_letters}", mine, other, "at least 20", met, **settings)
        )
    return found


def first_letter(now: Moment, sink: "Sink") -> float:
    """Seconds from the beginning of the service's round until the first letter of it arrived."""
    from lastwords.server import outbox, passes, sweep

    sweep.sweep(outbox.here().store, now, most=2 * sweep.FEW)
    assert letters_leave(now, SLICE), "nothing leaves"
    sink.arrived()
    began = time.time()
    swept, passed = passes.look_and_send(outbox.here(), now, most=1)
    assert swept.looked and not passed.no_way_out, passed.no_way_out
    return min(sink.arrived()) - began


def look_at_all(now: Moment) -> None:
    """Everybody else who is due has their turn, so that from now on there are only letters."""
    from lastwords.server import store, sweep

    while sweep.sweep(store.here(), now).looked:
        pass


def letters_leave(now: Moment, most: int) -> int:
    """So many letters, in batches. Returns how many were accepted."""
    from lastwords.server import outbox

    box = outbox.here()
    passed = box.run_all(now, most=most // box.batch)
    assert not passed.no_way_out, passed.no_way_out
    return passed.accepted


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
    parser.add_argument("--whole", action="store_true", help="have healthchecks notice as many as well")
    parser.add_argument("--postgresql", action="store_true")
    return parser.parse_args(given)


if __name__ == "__main__":
    table.show(Path(__file__), rows(arguments()), arguments().keep)
