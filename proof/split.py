"""Split: two hosts on one database, interleaved by a seed, each acting between the other's reading and writing."""

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from server.faults.split import Split, Tally  # noqa: E402

SHARE, LONG = 100, 1_000
"""Runs."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--state", type=Path)
    asked = parser.parse_args()
    began, tally = time.monotonic(), Tally()
    wanted = LONG if asked.long else SHARE
    if asked.state and asked.state.exists():
        tally = Tally(**json.loads(asked.state.read_text()))
    while tally.runs < wanted and not tally.wrong:
        tally.add(Split(tally.runs).live())
        if tally.runs % 10 == 0:
            print(f"split: {tally.runs} of {wanted}", file=sys.stderr)
            if asked.state:
                asked.state.write_text(json.dumps(dataclasses.asdict(tally)))
    figures = dataclasses.asdict(tally)
    wrong = figures.pop("wrong")
    held = not wrong and tally.releases > tally.runs // 2
    print(
        json.dumps(
            {
                "part": "split",
                "claim": "Two hosts on one database release nothing twice, send no letter twice and lose no act.",
                "command": "make prove-split",
                "figures": figures | {"wrong": len(wrong)},
                "held": held,
                "wrong": wrong[:20],
                "not_covered": ["Two copies of one database: they cannot know of each other."],
                "seconds": round(time.monotonic() - began, 1),
                "settings": {"long": asked.long, "runs": wanted},
            }
        )
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
