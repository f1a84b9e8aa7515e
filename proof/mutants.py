"""Mutation testing of what must not be wrong: the machine, and the one door that writes.

The share is one mutant in forty, drawn from a seed; --long takes every one, and --only rules/signs those of one file.

A mutant is the code with one small mistake in it: a comparison turned round, a bound moved by one, a field that a
step forgets to set, a call left out. The tests of that room run on it until one fails. A mutant that none of them
notices has survived, and then either a test is missing, or the mistake makes no difference and proof/survivors.toml
says why. Texts are left alone: what a refusal says is read by other tests.
"""

import os
import random
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from _mistakes import SOURCE, Mutant, mutants_of
from _noticing import MOST_LATELY, anew, swapped
from _part import ROOT, Run, begun

EXPLAINED = ROOT / "proof" / "survivors.toml"
SHARE = 40
EVERY = 20
"""Mutants between two writings of the state."""
LEAST = 0.95
UNTRIED, UNSURE = "not tried", "not shown by a swap"


@dataclass(frozen=True, slots=True)
class Room:
    """What is mutated, and the tests that must notice, with what pytest is told beside."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS = (
    Room(
        tuple(
            sorted(
                str(path.relative_to(SOURCE))
                for path in (SOURCE / "lastwords" / "protocol").rglob("*.py")
                if path.name not in ("__init__.py", "diagram.py", "refusals.py")
            )
        ),
        ("tests/protocol", "tests/upgrade"),
    ),
    Room(
        ("lastwords/server/rows.py", "lastwords/server/store.py"),
        (
            "tests/server/test_store_writes.py",
            "tests/server/test_store_faults.py",
            "tests/server/test_store.py",
            "tests/server/test_sweep.py",
            "tests/server/test_port_contract.py",
            "tests/server/test_one_transaction.py",
            "--database=sqlite",
        ),
    ),
)


def explained() -> dict[str, str]:
    """Survivors that make no difference, and why."""
    if not EXPLAINED.exists():
        return {}
    told = tomllib.loads(EXPLAINED.read_text("utf-8")).get("survivor", [])
    return {f"{one['file']}|{one['function']}|{one['change']}": one["why"] for one in told}


@dataclass(slots=True)
class Trial:
    """Which test noticed each mutant so far: empty for none, `UNSURE` where only a swap of its code has not shown."""

    run: Run
    wanted: list[tuple[Mutant, Room]]
    hands: int
    found: dict[str, str]
    lately: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=explained)
    alone: Lock = field(default_factory=Lock)

    def all(self) -> list[Mutant]:
        """Tries every mutant that was not tried yet. Returns those that survived."""
        with ThreadPoolExecutor(self.hands) as hands:
            for room in ROOMS:
                jobs = [one for one in self.left() if one[1] is room]
                list(hands.map(self.by_swaps, (jobs[at :: self.hands] for at in range(self.hands))))
            list(hands.map(self.by_itself, self.left(UNSURE)))
        self.keep()
        return [mutant for mutant, _ in self.wanted if not self.found[mutant.name]]

    def left(self, but: str = UNTRIED) -> list[tuple[Mutant, Room]]:
        """Those that were not tried, and those of which this was found."""
        return [one for one in self.wanted if self.found.get(one[0].name, UNTRIED) in (UNTRIED, but)]

    def by_swaps(self, jobs: Sequence[tuple[Mutant, Room]]) -> None:
        for mutant, by in swapped([mutant for mutant, _ in jobs], jobs[0][1].tests) if jobs else ():
            self.note(mutant, by or ("" if mutant.key in self.known else UNSURE))

    def by_itself(self, job: tuple[Mutant, Room]) -> None:
        mutant, room = job
        by = anew(mutant, room.tests, list(self.lately))
        if "::" in by:
            self.lately[:] = [by, *(other for other in self.lately if other != by)][:MOST_LATELY]
        self.note(mutant, by)

    def note(self, mutant: Mutant, by: str) -> None:
        with self.alone:
            self.found[mutant.name] = by
            if not by:
                mark = "explained" if mutant.key in self.known else "SURVIVED"
                self.run.says(f"{mark} {mutant.file}:{mutant.line} {mutant.function}: {mutant.change}")
            if len(self.found) % EVERY == 0 or by == UNSURE:
                self.keep()

    def keep(self) -> None:
        survived = sum(by == "" for by in self.found.values())
        self.run.keep(self.found, f"{len(self.found)} of {len(self.wanted)}, {survived} survived")


def main() -> int:
    run = begun(
        __doc__,
        ("--only", {"default": "", "help": "part of a file's name"}),
        ("--seed", {"type": int, "default": 1}),
        ("--hands", {"type": int, "default": os.cpu_count() or 1, "help": "mutants at the same time"}),
    )
    given = run.given
    os.chdir(ROOT)
    import hypothesis  # noqa: F401  what every child would import otherwise
    import pytest  # noqa: F401

    wanted = [
        (mutant, room)
        for room in ROOMS
        for file in room.files
        if given.only in file
        for mutant in mutants_of(file)
    ]
    if not given.long and not given.only:
        wanted = random.Random(given.seed).sample(wanted, len(wanted) // SHARE)
    trial = Trial(run, wanted, given.hands, run.kept({}))
    survived, known = trial.all(), trial.known
    unexplained = [mutant for mutant in survived if mutant.key not in known]
    killed = len(wanted) - len(survived)
    counted = len(wanted) - (len(survived) - len(unexplained))
    return run.tells(
        claim="At least 95 in 100 small mistakes in the machine and in the one door are noticed by a test.",
        figures={
            "mutants": len(wanted),
            "noticed": killed,
            "survived and explained": len(survived) - len(unexplained),
            "survived": len(unexplained),
            "noticed of those that make a difference": round(killed / max(1, counted), 4),
        },
        held=killed >= LEAST * counted,
        not_covered=[
            "Texts are not mutated, and one mistake is made at a time.",
            "Of the server only the one door is mutated; its pages, its API and its mail are not.",
        ],
        settings={"seed": given.seed, "hands": given.hands},
    )


if __name__ == "__main__":
    sys.exit(main())
