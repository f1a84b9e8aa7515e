"""Bytes: one byte of a data folder changed at a time, everywhere, and what a start and the doctor make of it."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from _part import begun
from server.faults.flips import Life, Tally
from server.faults.test_flipped_bytes import strange

SHARE, LONG = 4_096, 64
"""One byte of how many is changed."""
SEED, AT_ONCE = 7, 50


def main() -> int:
    run = begun(__doc__)
    step = run.length(SHARE, LONG)
    kept = run.kept({"done": 0, "crashed": [], "ends": {}, "unnoticed": {}})
    tally = Tally(Counter(kept["ends"]), Counter(kept["unnoticed"]), kept["crashed"])
    with tempfile.TemporaryDirectory() as place:
        # The folder is lived anew by every run, so a run that goes on changes bytes of another one like it.
        life = Life(Path(place))
        flips = life.every(step, SEED)
        for number, flip in enumerate(flips[kept["done"] :], kept["done"] + 1):
            life.try_out(flip, tally)
            if number % AT_ONCE == 0 or number == len(flips):
                now = {"done": number, "crashed": tally.crashed}
                now |= {"ends": tally.ends, "unnoticed": tally.unnoticed}
                run.keep(now, f"{number} of {len(flips)}")
    wrong = [*tally.crashed, *(f"unnoticed: {name}" for name in strange(tally))]
    return run.tells(
        claim="A changed byte of a data folder is refused, reported, or makes no difference, but for what no hash "
        "covers.",
        figures={"flips": tally.flips, **tally.ends},
        held=not wrong and tally.flips > 0,
        wrong=wrong,
        unnoticed=tally.unnoticed,
        not_covered=[
            "Names, addresses, settings and public keys stand in clear and no row names them: a changed one "
            "is not noticed by the host. People's programs compare the keys' fingerprints.",
            "PostgreSQL: bytes of its own files are flipped in tests/server/faults/test_flipped_pages.py; its page "
            "checksums refuse each when it is read, and the doctor reports it.",
        ],
        settings={"one byte of": step, "seed": SEED},
    )


if __name__ == "__main__":
    sys.exit(main())
