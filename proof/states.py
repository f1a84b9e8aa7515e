"""Small worlds searched to their end, one author's and a pair's in time: with --long the wide ones too.

    python proof/states.py [--long] [--state FILE]

A world that is finished is not searched again; a pair goes on from the level it had come to.
"""

import argparse
import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

from lastwords.simulate import pairs
from lastwords.simulate.canonical import REMOVED
from lastwords.simulate.explore import explore
from lastwords.simulate.worlds import WIDE, WORLDS

EVERY = 60
"""Seconds between two writings of a pair that is under way."""


class Kept:
    """What the state file holds: the findings of whole worlds, and beside it a pair that is under way."""

    def __init__(self, state: Path | None) -> None:
        self.state = state
        self.done: dict[str, dict[str, Any]] = {}
        if state and state.exists():
            self.done = json.loads(state.read_text())
        self.written = time.monotonic()

    def add(self, name: str, found: dict[str, Any]) -> None:
        self.done[name] = found
        print(f"{name}: {found}", file=sys.stderr, flush=True)
        if self.state:
            self.state.write_text(json.dumps(self.done))

    def under_way(self, name: str) -> pairs.Search | None:
        place = self._place(name)
        return pickle.loads(place.read_bytes()) if place and place.exists() else None

    def heard(self, name: str, search: pairs.Search) -> None:
        print(
            f"{name}: level {search.found.levels}, {search.found.ordered // 2} pairs",
            file=sys.stderr,
            flush=True,
        )
        place = self._place(name)
        if place and time.monotonic() - self.written > EVERY:
            new = place.with_suffix(".new")
            new.write_bytes(pickle.dumps(search))
            new.replace(place)
            self.written = time.monotonic()

    def _place(self, name: str) -> Path | None:
        return self.state and self.state.with_suffix(f".{name.replace(' ', '-')}")


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--long", action="store_true")
    given.add_argument("--state", type=Path)
    chosen = given.parse_args()
    kept, began = Kept(chosen.state), time.monotonic()
    for world in (*WORLDS, *WIDE) if chosen.long else WORLDS:
        name = world.name if world in WORLDS else f"wide {world.name}"
        if name not in kept.done:
            findings = explore(world)
            kept.add(
                name, _plain(findings.states, findings.transitions, findings.frontier, findings.broken, began)
            )
    for world in (pairs.pair_in_time(), pairs.wide_pair()) if chosen.long else (pairs.pair_in_time(),):
        if world.name not in kept.done:
            found = _pair(kept, world)
            kept.add(
                world.name, _plain(found.states, found.transitions, found.frontier, found.offence, began)
            )
    answer = _answer(kept.done, chosen.long, time.monotonic() - began)
    print(json.dumps(answer))
    return 0 if answer["held"] else 1


def _pair(kept: Kept, world: pairs.World) -> pairs.Pair:
    name = world.name
    one = pairs.half(world)
    return pairs.search(one, heard=lambda search: kept.heard(name, search), from_here=kept.under_way(name))


def _plain(states: int, moves: int, frontier: int, broken: str, began: float) -> dict[str, Any]:
    return {"states": states, "moves": moves, "frontier": frontier, "broken": broken}


def _answer(done: dict[str, dict[str, Any]], long: bool, seconds: float) -> dict[str, Any]:
    held = all(not one["broken"] and not one["frontier"] for one in done.values())
    return {
        "part": "states",
        "claim": "In every state of every small world, one author's and a pair's, every move keeps the invariants.",
        "command": "make prove-states",
        "figures": {
            "worlds": len(done),
            "states": sum(one["states"] for one in done.values()),
            "moves": sum(one["moves"] for one in done.values()),
            "left in a frontier": sum(one["frontier"] for one in done.values()),
            **{f"states of {name}": one["states"] for name, one in done.items()},
        },
        "held": held,
        "not_covered": [f"Removed from states: {line}." for line in REMOVED]
        + ["Of a pair and its mirror image one is counted.", "Small numbers hide what only large ones show."],
        "seconds": round(seconds, 1),
        "settings": {"long": long},
    }


if __name__ == "__main__":
    sys.exit(main())
