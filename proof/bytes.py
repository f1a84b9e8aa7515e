"""Bytes: one byte of a data folder changed at a time, everywhere, and what a start and the doctor make of it."""

import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _part import begun, side_by_side
from server.faults.flips import Flip, Life, Tally
from server.faults.test_flipped_bytes import strange

SHARE, LONG = 4_096, 64
"""One byte of how many is changed."""
SEED, AT_ONCE = 7, 50


@dataclass(frozen=True)
class Trial:
    """A life, and every byte of it that is changed."""

    life: Life
    flips: list[Flip]

    def some(self, begin: int) -> Tally:
        """What came of some of them, each in a copy that nobody else uses."""
        self.life.copy = self.life.place / f"copy-{begin}"
        tally = Tally()
        for flip in self.flips[begin : begin + AT_ONCE]:
            self.life.try_out(flip, tally)
        shutil.rmtree(self.life.copy)
        return tally


def main() -> int:
    run = begun(__doc__)
    step = run.length(SHARE, LONG)
    kept: dict[str, Any] = run.kept({"done": [], "crashed": [], "ends": {}, "unnoticed": {}})
    tally = Tally(Counter(kept["ends"]), Counter(kept["unnoticed"]), kept["crashed"])
    with tempfile.TemporaryDirectory() as place:
        # The folder is lived anew by every run, so a run that goes on changes bytes of another one like it.
        life = Life(Path(place))
        trial = Trial(life, life.every(step, SEED))
        left = [begin for begin in range(0, len(trial.flips), AT_ONCE) if begin not in kept["done"]]
        for begin, told in side_by_side(trial.some, left):
            tally.ends.update(told.ends)
            tally.unnoticed.update(told.unnoticed)
            tally.crashed += told.crashed
            kept = {"done": [*kept["done"], begin], "crashed": tally.crashed}
            kept |= {"ends": tally.ends, "unnoticed": tally.unnoticed}
            run.keep(kept, f"{tally.flips} of {len(trial.flips)}")
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
