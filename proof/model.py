"""The shipped machine beside a naive one that shares nothing with it: a hundred thousand rule steps, or a million."""

import sys

from _part import begun
from simulation.beside_naive import STEPS, play

SHARE, LONG = 100_000, 1_000_000
RUNS = 100
"""Runs in one helping; each helping has a seed of its own."""


def main() -> int:
    run = begun(__doc__, ("--steps", {"type": int, "help": "rule steps, instead of either length"}))
    wanted = run.given.steps or run.length(SHARE, LONG)
    kept, differs = run.kept({"helpings": 0, "steps": 0}), ""
    while kept["steps"] < wanted and not differs:
        try:
            kept["steps"] += play(RUNS, int(kept["helpings"]))
        except AssertionError as error:
            differs = str(error) or "the two tell different stories"
        else:
            kept["helpings"] += 1
            run.keep(kept, f"{kept['steps']} of {wanted} steps")
    return run.tells(
        claim="The machine and a naive model that shares nothing with it tell the same story after every step.",
        figures={"rule steps": kept["steps"], "runs": kept["helpings"] * RUNS, "steps in a run": STEPS},
        held=not differs and kept["steps"] >= wanted,
        wrong=[differs] if differs else [],
        not_covered=[
            "Trips, practices, alternates, emergency notes and changes of seats are not in the naive model.",
        ],
        settings={"steps": wanted, "first seed": 0},
    )


if __name__ == "__main__":
    sys.exit(main())
