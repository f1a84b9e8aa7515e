"""Split: two hosts on one database, interleaved by a seed, each acting between the other's reading and writing."""

import dataclasses
import sys

from _part import begun
from server.faults.split import Split, Tally

SHARE, LONG = 100, 1_000
"""Runs."""


def main() -> int:
    run = begun(__doc__)
    wanted = run.length(SHARE, LONG)
    tally = Tally(**run.kept({}))
    while tally.runs < wanted and not tally.wrong:
        tally.add(Split(tally.runs).live())
        if tally.runs % 10 == 0:
            run.keep(dataclasses.asdict(tally), f"{tally.runs} of {wanted}")
    figures = dataclasses.asdict(tally)
    wrong = figures.pop("wrong")
    return run.tells(
        claim="Two hosts on one database release nothing twice, send no letter twice and lose no act.",
        figures=figures | {"wrong": len(wrong)},
        held=not wrong and tally.releases > tally.runs // 2,
        wrong=wrong,
        not_covered=[
            "Two copies of one database: while both run they cannot know of each other. A copied folder begins on hold "
            "(a test plays it); a copied disk, machine or PostgreSQL database does not, unless its host says so."
        ],
        settings={"runs": wanted},
    )


if __name__ == "__main__":
    sys.exit(main())
