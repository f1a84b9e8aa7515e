"""How fast whole lives are played, and what is left of a bare machine's speed with everything around it.

    .venv/bin/python bench/lives.py [--lives 100]

A life is judged as it is in every test: the shipped store, outbox, sweep and letters over the memory port, with every
fault. Years are those of the life, counted once even where two authors live them side by side, or a second copy of
the host is played through the same days. Seconds are the processor's own: a busy machine makes colder caches, and no
more than that.

What it stands beside is `alone`: the same machine and nothing else, one author who checks in, is looked at and forgets
it once a year. No store, no letters, no log, no faults, no judge.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

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


def rows(lives: int = 100, times: int = TIMES) -> list[dict[str, Any]]:
    """The figures, each {name, ours, other, ratio, spread, goal, met, settings}; medians of `times` runs."""
    run.some(0, 20, 1)
    ours = [_years_a_second(lambda first=place * lives: _lived(lives, first)) for place in range(times)]  # type: ignore[misc]
    bare = [_years_a_second(lambda: _alone(200)) for _ in range(times)]
    median = statistics.median(ours)
    return [
        _row(
            "author-years a second and core, against a toy switch",
            ours,
            TOY,
            "at least 0.1",
            median / TOY >= 0.1,
            lives,
        ),
        _row(
            "author-years a second and core, against the machine alone",
            ours,
            statistics.median(bare),
            "",
            True,
            lives,
        ),
    ]


def _row(name: str, ours: list[float], other: float, goal: str, met: bool, lives: int) -> dict[str, Any]:
    median = statistics.median(ours)
    return {
        "name": name,
        "ours": round(median, 1),
        "other": round(other, 1),
        "ratio": round(median / other, 3),
        "spread": [round(min(ours), 1), round(max(ours), 1)],
        "goal": goal,
        "met": met,
        "settings": {"lives": lives, "runs": len(ours), "backing": "memory", "faults": True},
    }


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
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--lives", type=int, default=100)
    for row in rows(arguments.parse_args().lives):
        low, high = row["spread"]
        says = f"{row['name']}: {row['ours']} ({low} to {high}) against {row['other']}, ratio {row['ratio']}"
        print(
            says
            + (f"; the goal is {row['goal']}, {'met' if row['met'] else 'not met'}" if row["goal"] else "")
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
