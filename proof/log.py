"""A log of 10,000 rows, and everything that can be done to it behind its owner's back.

.venv/bin/python proof/log.py [--long] [--state FILE]
"""

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

from lastwords.simulate.tampering import Tally, tamper

ROWS, PIECE = 10_000, 500


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--long", action="store_true")
    asked.add_argument("--state", type=Path)
    given = asked.parse_args()
    kept: dict[str, Any] = {"from": 0, "seconds": 0.0, "tally": {}}
    if given.state and given.state.exists():
        kept = json.loads(given.state.read_text())
    total, began, spent = Tally(**kept["tally"]), time.process_time(), kept["seconds"]
    how = (
        {"bits": range(8), "flipped": 1, "in_file": 1, "in_full": 200_003}
        if given.long
        else {"bits": (0, 5), "flipped": 25, "in_file": 100, "in_full": 9_001}
    )
    for start in range(kept["from"], ROWS, PIECE):
        add(total, tamper(ROWS, part=slice(start, start + PIECE), **how))  # type: ignore[arg-type]
        kept = {
            "from": start + PIECE,
            "seconds": spent + time.process_time() - began,
            "tally": dataclasses.asdict(total),
        }
        if given.state:
            given.state.write_text(json.dumps(kept))
        print(f"{start + PIECE} of {ROWS} rows", file=sys.stderr)
    figures = {name: value for name, value in dataclasses.asdict(total).items() if isinstance(value, int)}
    figures |= {"missed": len(total.missed), "false_alarms": len(total.false_alarms)}
    told = {
        "part": "log",
        "claim": "Whatever is flipped, dropped, swapped, cut, forked, resealed or erased in a log of 10,000 rows is "
        "found, and an untouched log raises no alarm.",
        "command": "make prove-log",
        "figures": figures,
        "held": not total.missed and not total.false_alarms,
        "not_covered": [
            "A cut end and a history written anew from some row on, both right in themselves, are found only by "
            "whoever holds a head of it: a letter, the heads file, a checkpoint, a device.",
        ],
        "seconds": round(kept["seconds"], 1),
        "settings": {"examples": [*total.missed, *total.false_alarms][:5]} if total.missed else {},
    }
    print(json.dumps(told, ensure_ascii=False))
    return 0 if told["held"] else 1


def add(total: Tally, more: Tally) -> None:
    for name in Tally.__slots__:
        if name in ("rows", "heads_confirmed"):
            setattr(total, name, getattr(more, name))
        else:
            setattr(total, name, getattr(total, name) + getattr(more, name))


if __name__ == "__main__":
    sys.exit(main())
