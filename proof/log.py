"""A log of 10,000 rows, and everything that can be done to it behind its owner's back."""

import dataclasses
import functools
import sys
from typing import Any

from _part import begun, side_by_side

from lastwords.simulate.tampering import Tally, a_log, tamper

ROWS, PIECE = 10_000, 500
SHARE = {"bits": (0, 5), "flipped": 25, "in_file": 100, "in_full": 9_001}
LONG = {"bits": range(8), "flipped": 1, "in_file": 1, "in_full": 200_003}


def piece(how: dict[str, Any], start: int) -> Tally:
    """What came of one piece of the rows."""
    return tamper(ROWS, part=slice(start, start + PIECE), **how)


def main() -> int:
    run = begun(__doc__)
    kept: dict[str, Any] = run.kept({"done": [], "tally": {}})
    total, how = Tally(**kept["tally"]), run.length(SHARE, LONG)
    a_log(ROWS)  # made once, before any process is forked
    left = [start for start in range(0, ROWS, PIECE) if start not in kept["done"]]
    for start, told in side_by_side(functools.partial(piece, how), left):
        add(total, told)
        kept = {"done": [*kept["done"], start], "tally": dataclasses.asdict(total)}
        run.keep(kept, f"{len(kept['done']) * PIECE} of {ROWS} rows")
    figures = {name: value for name, value in dataclasses.asdict(total).items() if isinstance(value, int)}
    wrong = [*total.missed, *total.false_alarms]
    return run.tells(
        claim="Whatever is flipped, dropped, swapped, cut, forked, resealed or erased in a log of 10,000 rows is "
        "found, and an untouched log raises no alarm.",
        figures=figures | {"missed": len(total.missed), "false_alarms": len(total.false_alarms)},
        held=not wrong,
        wrong=wrong,
        not_covered=[
            "A cut end and a history written anew from some row on, both right in themselves, are found only by "
            "whoever holds a head of it: a letter, the heads file, a checkpoint, a device.",
        ],
    )


def add(total: Tally, more: Tally) -> None:
    for name in Tally.__slots__:
        if name in ("rows", "heads_confirmed"):
            setattr(total, name, getattr(more, name))
        else:
            setattr(total, name, getattr(total, name) + getattr(more, name))


if __name__ == "__main__":
    sys.exit(main())
