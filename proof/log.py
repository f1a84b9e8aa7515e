"""A log of 10,000 rows, and everything that can be done to it behind its owner's back."""

import dataclasses
import sys

from _part import begun

from lastwords.simulate.tampering import Tally, tamper

ROWS, PIECE = 10_000, 500
SHARE = {"bits": (0, 5), "flipped": 25, "in_file": 100, "in_full": 9_001}
LONG = {"bits": range(8), "flipped": 1, "in_file": 1, "in_full": 200_003}


def main() -> int:
    run = begun(__doc__)
    kept = run.kept({"from": 0, "tally": {}})
    total, how = Tally(**kept["tally"]), run.length(SHARE, LONG)
    for start in range(kept["from"], ROWS, PIECE):
        add(total, tamper(ROWS, part=slice(start, start + PIECE), **how))  # type: ignore[arg-type]
        done = start + PIECE
        run.keep({"from": done, "tally": dataclasses.asdict(total)}, f"{done} of {ROWS} rows")
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
