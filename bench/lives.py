"""How fast whole lives are played, and what is left of a bare machine's speed with everything around it.

    .venv/bin/python bench/lives.py [--lives 100] [--keep]

A life is judged as it is in every test: the shipped store, outbox, sweep and letters over the memory port, with every
fault. Years are those of the life, counted once even where two authors live them side by side, or a second copy of
the host is played through the same days. Seconds are the processor's own: a busy machine makes colder caches, and no
more than that.

What it stands beside is `alone`: the same machine and nothing else, one author who checks in, is looked at and forgets
it once a year. No store, no letters, no log, no faults, no judge.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from table import Row, plain_parser, row, show

from lastwords.protocol import events as e
from lastwords.protocol.machine import due, step
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Stage, Strength
from lastwords.protocol.watch import Credential, Plan, Watch
from lastwords.simulate.lives import run

TIMES = 5
YEAR = 365 * DAY
TOY = 4_360
"""Author-years a second and core of a toy switch of a hundred lines, without anything around it: what this product
measures its simulator against. A tenth of it is the goal."""


def rows(lives: int = 100, times: int = TIMES) -> list[Row]:
    """The figures: one of ours and one of the machine alone in turn, so that both meet the same machine."""
    run.some(0, 20, 1)
    ours, bare = [], []
    for place in range(times):
        ours.append(_years_a_second(partial(_lived, lives, place * lives)))
        bare.append(_years_a_second(partial(_alone, 200)))
    settings = {"lives": lives, "backing": "memory", "faults": True}
    toy, met = "author-years a second and core, against a toy switch", statistics.median(ours) >= TOY / 10
    alone = "author-years a second and core, against the machine alone"
    return [
        row(toy, ours, TOY, "at least 0.1", met, **settings),
        row(alone, ours, statistics.median(bare), "", None, **settings),
    ]


def _years_a_second(play: Callable[[], float]) -> float:
    began = time.process_time()
    years = play()
    return years / (time.process_time() - began)


def _lived(lives: int, first: int) -> float:
    tally = run.some(first, lives, 1)
    assert not tally.falls, tally.falls
    return tally.years


def _alone(years: int) -> float:
    """One author, asked every 30 days: checks in three days before, and once a year only when asked."""
    now = Moment(1_700_000_000, 0)
    watch = Watch(
        "iruka", Stage.WELL, Plan(), True, credentials=(Credential("phone", "pocket"),), last_sign=now
    )
    end, signs = now.wall + years * YEAR, 0
    while now.wall < end:
        at = due(watch, now)
        assert at is not None
        now = Moment(at, now.credit + at - now.wall)
        watch = _taken(watch, e.Look(), now)
        signs += 1
        if signs % 12 or watch.stage is Stage.LATE:
            watch = _taken(watch, e.CheckIn("iruka", Strength.STRONG, "phone"), now)
    return years


def _taken(watch: Watch, event: e.Event, now: Moment) -> Watch:
    outcome: Any = step(watch, event, now)
    return outcome.watch  # type: ignore[no-any-return]


def main() -> int:
    asking = plain_parser(__doc__)
    asking.add_argument("--lives", type=int, default=100)
    asking.add_argument("--keep", action="store_true", help="write what was found to bench/results")
    asked = asking.parse_args()
    show(Path(__file__), rows(asked.lives), asked.keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
