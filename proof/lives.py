"""Whole lives under faults, judged from outside: 2,000 of them, or with --long a million.

A life that falls ends the run. What was played before it stays in the state file, so that the next run goes on from
there once the fall is mended; the result then names both commits. So it is with `--lives`, which asks for a share: the
next run goes on to the next one.
"""

import sys
from collections import Counter
from typing import Any

from _part import begun

from lastwords.simulate.lives import run

SHARE, LONG = 2_000, 1_000_000
STEP = 1_000
"""Lives between two writings of the state file."""


def main() -> int:
    part = begun(
        __doc__,
        ("--lives", {"type": int, "help": "lives, instead of either length"}),
        ("--jobs", {"type": int, "default": run.processors(), "help": "processes"}),
    )
    count, jobs = part.given.lives or part.length(SHARE, LONG), part.given.jobs
    tally = _tally(part.kept({}))
    for played in run.parts(count - tally.lives, tally.lives, jobs=jobs):
        tally.join(played)
        if tally.falls:
            break
        if tally.lives % STEP == 0 or tally.lives == count:
            part.keep(_plain(tally), f"{tally.lives} of {count} lives")
    return part.tells(
        claim="No life of an author, played by the shipped code with everything going wrong, breaks an invariant.",
        figures=_figures(tally),
        held=not tally.falls and tally.lives >= count,
        not_covered=[
            *(f"{name} is proven elsewhere: {how}" for name, how in run.ELSEWHERE.items()),
            "A sign of life that one of two copies of a host has heard cannot stop the other copy.",
            "The disk below the database is not part of a life.",
        ],
        settings={"first seed": 0, "jobs": jobs},
        goes_on=bool(tally.falls) or tally.lives < part.length(SHARE, LONG),
    )


def _figures(tally: run.Tally) -> dict[str, Any]:
    plain = tally.plain()
    figures = {
        "lives": tally.lives,
        "years": plain["years"],
        "writes": tally.commits,
        "letters": tally.letters,
    }
    figures |= {f"{name} exercised": counts["exercised"] for name, counts in plain["invariants"].items()}
    figures |= {"broken": len(tally.falls), **{f"life {fall.seed} breaks": fall.text for fall in tally.falls}}
    figures |= {"cells reached": tally.reached, "cells": plain["cells"]["total"]}
    figures |= {f"two copies: {name}": number for name, number in plain["two_copies"].items()}
    return figures | {"processor seconds": round(tally.seconds)}


NUMBERS = ("lives", "years", "commits", "letters", "seconds")
COUNTERS = ("exercised", "faults", "courses", "apart")


def _plain(tally: run.Tally) -> dict[str, Any]:
    """The tally as JSON holds it. `asdict` would make of a Counter one that counts pairs."""
    kept = {name: getattr(tally, name) for name in (*NUMBERS, *COUNTERS)}
    return kept | {"cells": sorted(map(list, tally.cells))}


def _tally(kept: dict[str, Any]) -> run.Tally:
    tally = run.Tally(0)
    if not kept:
        return tally
    for name in NUMBERS:
        setattr(tally, name, kept[name])
    for name in COUNTERS:
        setattr(tally, name, Counter(kept[name]))
    tally.cells = {(event, stage) for event, stage in kept["cells"]}
    return tally


if __name__ == "__main__":
    sys.exit(main())
