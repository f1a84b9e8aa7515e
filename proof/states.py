"""Small worlds searched to their end, one author's and a pair's in time: with --long the wide ones too.

A world that is finished is not searched again; a pair goes on from the level it had come to.
"""

import pickle
import sys
import time
from typing import Any

from _part import Run, begun, whole

from lastwords.simulate import pairs
from lastwords.simulate.canonical import REMOVED
from lastwords.simulate.explore import explore
from lastwords.simulate.worlds import WIDE, WORLDS

EVERY = 60
"""Seconds between two writings of a pair that is under way."""


class Kept:
    """What the state file holds: the findings of whole worlds, and beside it a pair that is under way."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.done: dict[str, dict[str, Any]] = run.kept({})
        self.written = time.monotonic()

    def add(self, name: str, found: dict[str, Any]) -> None:
        self.done[name] = found
        self.run.keep(self.done, f"{name}, {found}")

    def under_way(self, name: str) -> pairs.Search | None:
        place = self.run.beside(_file(name))
        return pickle.loads(place.read_bytes()) if place and place.exists() else None

    def heard(self, name: str, search: pairs.Search) -> None:
        self.run.says(f"{name}, level {search.found.levels}, {search.found.ordered // 2} pairs")
        place = self.run.beside(_file(name))
        if place and time.monotonic() - self.written > EVERY:
            whole(place, pickle.dumps(search))
            self.written = time.monotonic()


def _file(name: str) -> str:
    return name.replace(" ", "-")


def main() -> int:
    run = begun(__doc__)
    kept = Kept(run)
    for world in run.length(WORLDS, (*WORLDS, *WIDE)):
        name = world.name if world in WORLDS else f"wide {world.name}"
        if name not in kept.done:
            found = explore(world)
            kept.add(name, _plain(found.states, found.transitions, found.frontier, found.broken))
    for make in run.length((pairs.pair_in_time,), (pairs.pair_in_time, pairs.wide_pair)):
        world = make()
        if world.name not in kept.done:
            pair = _pair(kept, world)
            kept.add(world.name, _plain(pair.states, pair.transitions, pair.frontier, pair.offence))
    return _told(run, kept.done)


def _pair(kept: Kept, world: pairs.World) -> pairs.Pair:
    name = world.name
    one = pairs.half(world)
    return pairs.search(one, heard=lambda search: kept.heard(name, search), from_here=kept.under_way(name))


def _plain(states: int, moves: int, frontier: int, broken: str) -> dict[str, Any]:
    return {"states": states, "moves": moves, "frontier": frontier, "broken": broken}


def _told(run: Run, done: dict[str, dict[str, Any]]) -> int:
    return run.tells(
        claim="In every state of every small world, one author's and a pair's, every move keeps the invariants.",
        figures={
            "worlds": len(done),
            "states": sum(one["states"] for one in done.values()),
            "moves": sum(one["moves"] for one in done.values()),
            "left in a frontier": sum(one["frontier"] for one in done.values()),
            **{f"states of {name}": one["states"] for name, one in done.items()},
        },
        held=all(not one["broken"] and not one["frontier"] for one in done.values()),
        wrong=[f"{name}: {one['broken']}" for name, one in done.items() if one["broken"]],
        not_covered=[f"Removed from states: {line}." for line in REMOVED]
        + ["Of a pair and its mirror image one is counted.", "Small numbers hide what only large ones show."],
    )


if __name__ == "__main__":
    sys.exit(main())
