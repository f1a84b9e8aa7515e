"""Bytes: one byte of a data folder changed at a time, everywhere, and what a start and the doctor make of it."""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from server.faults.flips import Life, Tally  # noqa: E402
from server.faults.test_flipped_bytes import strange  # noqa: E402

SHARE, LONG = 4_096, 64
"""One byte of how many is changed."""
SEED, AT_ONCE = 7, 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--state", type=Path)
    asked = parser.parse_args()
    began, tally, done = time.monotonic(), Tally(), 0
    step = LONG if asked.long else SHARE
    if asked.state and asked.state.exists():
        kept = json.loads(asked.state.read_text())
        done, tally.crashed = kept["done"], kept["crashed"]
        tally.ends, tally.unnoticed = Counter(kept["ends"]), Counter(kept["unnoticed"])
    with tempfile.TemporaryDirectory() as place:
        # The folder is lived anew by every run, so a run that goes on changes bytes of another one like it.
        life = Life(Path(place))
        flips = life.every(step, SEED)
        for number, flip in enumerate(flips[done:], done + 1):
            life.try_out(flip, tally)
            if number % AT_ONCE == 0 or number == len(flips):
                print(f"bytes: {number} of {len(flips)}", file=sys.stderr)
                if asked.state:
                    kept = {"done": number, "crashed": tally.crashed}
                    kept |= {"ends": tally.ends, "unnoticed": tally.unnoticed}
                    asked.state.write_text(json.dumps(kept))
    wrong = [*tally.crashed, *(f"unnoticed: {name}" for name in strange(tally))]
    held = not wrong and tally.flips > 0
    print(
        json.dumps(
            {
                "part": "bytes",
                "claim": "A changed byte of a data folder is refused, reported, or makes no difference, but for what "
                "no hash covers.",
                "command": "make prove-bytes",
                "figures": {"flips": tally.flips, **tally.ends},
                "held": held,
                "wrong": wrong[:20],
                "unnoticed": tally.unnoticed,
                "not_covered": [
                    "Names, addresses, settings and public keys stand in clear and no row names them: a changed one "
                    "is not noticed by the host. People's programs compare the keys' fingerprints.",
                    "PostgreSQL: its page checksums are its own, and the doctor asks for them.",
                ],
                "seconds": round(time.monotonic() - began, 1),
                "settings": {"long": asked.long, "one byte of": step, "seed": SEED},
            }
        )
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
