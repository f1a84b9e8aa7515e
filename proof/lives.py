"""Whole lives under faults, judged from outside: 2,000 of them, or with --long a million.

python proof/lives.py [--long] [--state FILE] [--lives N] [--jobs N]
"""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lastwords.simulate.lives import run

SHARE, LONG = 2_000, 1_000_000
STEP = 2_000
"""Lives between two writings of the state file."""


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--long", action="store_true")
    given.add_argument("--state", type=Path)
    given.add_argument("--lives", type=int)
    given.add_argument("--jobs", type=int, default=run.processors())
    chosen = given.parse_args()
    count = chosen.lives or (LONG if chosen.long else SHARE)
    began = time.monotonic()
    tally, before = _kept(chosen.state)
    while tally.lives < count and not tally.falls:
        tally.join(run.lives(min(STEP, count - tally.lives), tally.lives, jobs=chosen.jobs))
        _keep(chosen.state, tally, before + time.monotonic() - began)
        print(f"{tally.lives} of {count} lives, {len(tally.falls)} fallen", file=sys.stderr, flush=True)
    seconds = before + time.monotonic() - began
    print(json.dumps(_answer(tally, count, seconds, chosen)))
    return 0 if not tally.falls else 1


def _answer(tally: run.Tally, count: int, seconds: float, chosen: argparse.Namespace) -> dict[str, Any]:
    plain = tally.plain()
    figures = {
        "lives": tally.lives,
        "years": plain["years"],
        "writes": tally.commits,
        "letters": tally.letters,
    }
    figures |= {f"{name} exercised": counts["exercised"] for name, counts in plain["invariants"].items()}
    figures |= {"broken": len(tally.falls), "cells reached": tally.reached, "cells": plain["cells"]["total"]}
    figures |= {f"two copies: {name}": number for name, number in plain["two_copies"].items()}
    figures |= {"processor seconds": round(tally.seconds)}
    return {
        "part": "lives",
        "claim": "No life of an author, played by the shipped code with everything going wrong, breaks an invariant.",
        "command": "make prove-lives",
        "figures": figures,
        "held": not tally.falls and tally.lives >= count,
        "not_covered": [
            *(f"{name} is proven elsewhere: {how}" for name, how in run.ELSEWHERE.items()),
            "A sign of life that one of two copies of a host has heard cannot stop the other copy.",
            "The disk below the database is not part of a life.",
        ],
        "seconds": round(seconds, 1),
        "settings": {"lives": count, "first seed": 0, "jobs": chosen.jobs},
    }


def _kept(state: Path | None) -> tuple[run.Tally, float]:
    if state is None or not state.exists():
        return run.Tally(0), 0.0
    kept = json.loads(state.read_text())
    tally = run.Tally(0)
    for name in ("lives", "years", "commits", "letters", "seconds"):
        setattr(tally, name, kept[name])
    for name in ("exercised", "faults", "courses", "apart"):
        setattr(tally, name, Counter(kept[name]))
    tally.cells = {(event, stage) for event, stage in kept["cells"]}
    tally.falls = [
        run.Fall(**{**fall, "needed": (), "lines": tuple(fall["lines"])}) for fall in kept["falls"]
    ]
    return tally, kept["wall"]


def _keep(state: Path | None, tally: run.Tally, wall: float) -> None:
    if state is None:
        return
    plain = {**asdict(tally), "cells": sorted(map(list, tally.cells)), "wall": wall}
    new = state.with_suffix(".new")
    new.write_text(json.dumps(plain))
    new.replace(state)


if __name__ == "__main__":
    sys.exit(main())
