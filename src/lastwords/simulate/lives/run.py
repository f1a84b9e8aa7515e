"""Many lives, one after the other, and what they add up to; one life as a story; a failing life made short."""

import gc
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lastwords.protocol.stages import Stage
from lastwords.protocol.table import TABLE
from lastwords.server.store import remember_parts
from lastwords.server.sweep import unsorted
from lastwords.simulate import drafts
from lastwords.simulate.broken import Broken

from .backing import Memory
from .judge import CASES
from .life import Life
from .script import YEAR, Happening, Script, script
from .telling import how_long, story

INVARIANTS = (*(f"I{number}" for number in range(1, 12)), "L1", "L2", "L3")
ELSEWHERE = {
    "I6": "python -m pytest tests/server/api/test_who_knows.py tests/server/test_letters.py",
    "I7": "python -m pytest tests/story/test_secrecy.py",
    "L2": "python -m pytest tests/sealing/test_opening_without_us.py",
}
"""What no simulator of the machine can reach, and what proves it instead."""
UNREACHED = {
    ("LetterTaken", Stage.DRAFT): drafts.PROVES,
    ("LetterFailed", Stage.DRAFT): drafts.PROVES,
    ("LetterBounced", Stage.DRAFT): drafts.PROVES,
}
"""Cells that no life can meet, and what proves it."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A life in which an invariant broke: its seed, what broke, and the happenings that are needed for it."""

    seed: int
    invariant: str
    text: str
    needed: tuple[Happening, ...]
    lines: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What lives add up to. `years` are simulated, `seconds` of the processor's time."""

    first: int
    lives: int = 0
    exercised: Counter[str] = field(default_factory=Counter)
    cells: set[tuple[str, str]] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    courses: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    falls: list[Fall] = field(default_factory=list)
    years: float = 0.0
    commits: int = 0
    letters: int = 0
    seconds: float = 0.0

    def add(self, life: Life) -> None:
        self.lives += 1
        self.exercised.update(life.judge.exercised)
        self.cells |= life.cells
        self.faults.update(life.faults)
        self.courses[life.script.course] += 1
        if life.apart:
            self.apart.update(life.apart.found)
        self.years += life.now / YEAR
        self.commits += life.commits
        self.letters += life.mail.accepted

    def join(self, other: "Tally") -> None:
        """Adds what other lives came to."""
        self.lives += other.lives
        for mine, theirs in (
            (self.exercised, other.exercised),
            (self.faults, other.faults),
            (self.courses, other.courses),
            (self.apart, other.apart),
        ):
            mine.update(theirs)
        self.cells |= other.cells
        self.falls += other.falls
        self.years += other.years
        self.commits += other.commits
        self.letters += other.letters
        self.seconds += other.seconds

    @property
    def reached(self) -> int:
        return len(self.cells & set(all_cells()))

    def plain(self) -> dict[str, Any]:
        """As JSON-ready data. No figure in it depends on how fast the machine was."""
        broken = Counter(fall.invariant for fall in self.falls)
        judged = {
            name: {"exercised": self.exercised[name], "broken": broken[name]}
            for name in INVARIANTS
            if name not in ELSEWHERE
        }
        missing = sorted(set(all_cells()) - self.cells - set(UNREACHED))
        return {
            "lives": self.lives,
            "seed": self.first,
            "years": round(self.years),
            "writes": self.commits,
            "letters": self.letters,
            "invariants": judged,
            "broken": [
                {"seed": fall.seed, "invariant": fall.invariant, "says": fall.text} for fall in self.falls
            ],
            "cells": {
                "reached": self.reached,
                "total": len(all_cells()),
                "missing": [".".join(one) for one in missing],
                "unreachable": {".".join(one): why for one, why in UNREACHED.items()},
            },
            "courses": dict(sorted(self.courses.items())),
            "faults": dict(sorted(self.faults.items())),
            "two_copies": dict(sorted(self.apart.items())),
            "elsewhere": dict(ELSEWHERE),
        }


def all_cells() -> list[tuple[str, str]]:
    """Every event in every stage, as they stand in the machine's table."""
    return [(event.__name__, stage) for event, row in TABLE.items() for stage in row]


RESTS = 10
"""Lives that are over before their memory is given back: it is looked for in one go."""
CHUNK = 50
"""Lives that one process plays before it hands in what they came to."""


def lives(
    count: int,
    first: int,
    *,
    until_broken: int = 1,
    heard: Callable[[int], None] = lambda done: None,
    jobs: int = 1,
) -> Tally:
    """Plays `count` lives from the seed `first` on, in so many processes. Stops after so many falls, each made short.

    A life knows nothing of any other, so what they add up to is the same in whatever number of processes."""
    tally = Tally(first)
    for part in parts(count, first, until_broken=until_broken, jobs=jobs):
        tally.join(part)
        heard(tally.lives)
        if len(tally.falls) >= until_broken:
            break
    return tally


def parts(count: int, first: int, *, until_broken: int = 1, jobs: int = 1) -> Iterator[Tally]:
    """What the same lives come to in parts of at most `CHUNK`, in the order of their seeds. The processes are the same
    from the first part to the last: what one has to learn when it starts costs it as much as some forty lives."""
    jobs = min(jobs, -(-count // CHUNK))
    seeds = [(seed, min(CHUNK, first + count - seed)) for seed in range(first, first + count, CHUNK)]
    return _in_turn(seeds, until_broken) if jobs < 2 else _at_once(seeds, until_broken, jobs)


def processors() -> int:
    """How many processes are worth having at once."""
    return len(os.sched_getaffinity(0))


def _in_turn(seeds: list[tuple[int, int]], until_broken: int) -> Iterator[Tally]:
    for first, count in seeds:
        yield some(first, count, until_broken)


def _at_once(seeds: list[tuple[int, int]], until_broken: int, jobs: int) -> Iterator[Tally]:
    """The parts in their order, a few of them being played ahead in other processes."""
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        left = iter(seeds)
        ahead: list[Future[Tally]] = []
        try:
            while True:
                ahead += [
                    pool.submit(some, *one, until_broken) for one in islice(left, 3 * jobs - len(ahead))
                ]
                if not ahead:
                    return
                wait(ahead[:1], return_when=FIRST_COMPLETED)
                yield ahead.pop(0).result()
        finally:
            pool.shutdown(cancel_futures=True)


def some(first: int, count: int, until_broken: int) -> Tally:
    """So many lives in this process."""
    remember_parts()
    tally = Tally(first)
    began = time.process_time()
    with unsorted():
        for seed in range(first, first + count):
            tally.add(_lived(seed, tally.falls))
            if tally.lives % RESTS == 0:
                gc.collect(0)  # what holds only itself: a life that is over does
            if len(tally.falls) >= until_broken:
                break
    tally.seconds = time.process_time() - began
    return tally


def _lived(seed: int, falls: list[Fall]) -> Life:
    life = Life(script(seed))
    try:
        life.play()
    except Broken as broken:
        falls.append(shortened(script(seed), broken))
    return life


# One life.


def replay(seed: int) -> tuple[Script, list[str], Broken | None]:
    """One life told from its beginning, and what broke in it, if anything."""
    told: list[tuple[int, str]] = []
    made = script(seed)
    broken = _play(made, frozenset(), lambda at, text: told.append((at, text)))
    return made, story(told), broken


def opening(made: Script) -> list[str]:
    """Whom a life is about, in a few lines."""
    cast = made.casts[0]
    plan = cast.plan
    lines = [
        f"Seed {made.seed}. What becomes of the author: {made.course}.",
        f"{cast.author} checks in every {how_long(plan.check_in_every)}; {plan.quorum} of {len(cast.keepers)} keepers "
        f"({', '.join(cast.keepers) or 'nobody'}); words for {', '.join(words[1] for words in cast.words)}.",
    ]
    lines += [f"{other.author} is the other half of a mutual pair." for other in made.casts[1:]]
    liars = [person for person, fate in made.fates.items() if fate.lies]
    return lines + ([f"Who lies: {', '.join(liars)}."] if liars else [])


def _play(
    made: Script, without: frozenset[int], tell: Callable[[int, str], None] | None = None
) -> Broken | None:
    try:
        Life(made, Memory.of, without, tell).play()
    except Broken as broken:
        return broken
    return None


# A failing life made short.


def shortened(made: Script, broken: Broken) -> Fall:
    """Takes away one happening after the other as long as the same invariant breaks without it."""
    without: frozenset[int] = frozenset()
    changed = True
    while changed:
        changed = False
        for place in range(len(made.happenings)):
            if place in without:
                continue
            again = _play(_fresh(made), without | {place})
            if again is not None and again.invariant == broken.invariant:
                without, changed = without | {place}, True
    told: list[tuple[int, str]] = []
    last = _play(_fresh(made), without, lambda at, text: told.append((at, text))) or broken
    needed = tuple(one for place, one in enumerate(made.happenings) if place not in without)
    return Fall(made.seed, last.invariant, last.text, needed, tuple(story(told)))


def _fresh(made: Script) -> Script:
    """A life changes its people's fates (whoever is back is not away), so each playing has its own."""
    return script(made.seed)


__all__ = [
    "CASES",
    "ELSEWHERE",
    "INVARIANTS",
    "UNREACHED",
    "Fall",
    "Tally",
    "all_cells",
    "lives",
    "opening",
    "parts",
    "replay",
]
