"""Every state of a small world, breadth first, through the shipped `step`; the invariants judged at every move.

`python -m lastwords.simulate.explore` exhausts every world and prints what it found. A search that ends has an empty
frontier: there is no state it has not seen. The first broken invariant stops it, with a shortest way there.
"""

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from lastwords.protocol.effects import Outcome, Step
from lastwords.protocol.machine import step
from lastwords.protocol.stages import SeatStage, Stage
from lastwords.protocol.table import TABLE
from lastwords.protocol.watch import Watch

from .broken import Broken
from .canonical import FRESH, REMOVED, State, decode, encode
from .history import History
from .judge import follow
from .world import Move, World
from .worlds import WIDE, WORLDS

SAME = b""
MOST = 2000
"""Watches of which it is kept for a while what the machine makes of them."""


@dataclass(slots=True)
class Findings:
    """What a search found. `states` and `transitions` are counts; `trace` is the shortest way to `broken`."""

    world: World
    states: int = 0
    transitions: int = 0
    refused: int = 0
    deepest: int = 0
    frontier: int = 0
    reached: set[str] = field(default_factory=set)
    broken: str = ""
    invariant: str = ""
    trace: tuple[str, ...] = ()

    @property
    def exhausted(self) -> bool:
        """Every state was seen and every move from it tried."""
        return not self.broken and not self.frontier


@dataclass(slots=True)
class Graph:
    """The states in the order they were found, who found each, and every move between them."""

    known: dict[bytes, int] = field(default_factory=dict)
    parents: array = field(default_factory=lambda: array("L"))  # type: ignore[type-arg]
    by: array = field(default_factory=lambda: array("H"))  # type: ignore[type-arg]
    edges: list[tuple[int, int, int]] | None = None


def explore(world: World, graph: Graph | None = None, most: int = 0) -> Findings:
    """Searches a world to its end, to its first broken invariant, or (only to look around) to `most` states.

    Many states are one watch with other letters on their way, or another past. The machine sees neither, so for those
    it is asked once; every move from every state is judged."""
    graph = graph or Graph()
    findings = Findings(world)
    moves = {stage: _open(world, stage) for stage in Stage}
    stepped: dict[Watch, dict[int, Outcome]] = {}
    first = beginning(world)
    graph.known[first] = 0
    graph.parents.append(0)
    graph.by.append(0)
    level = [first]
    while level:
        found: list[bytes] = []
        for data in level:
            here = graph.known[data]
            state = decode(world, data)
            findings.reached.add(state.watch.stage)
            if len(stepped) >= MOST:
                stepped.clear()
            outcomes = stepped.setdefault(state.watch, {})
            for index, move in moves[state.watch.stage]:
                try:
                    after = make(world, state, index, outcomes)
                except (Broken, AssertionError, KeyError, AttributeError) as broken:
                    return _broken(findings, graph, here, move, broken, state)
                if after is None:
                    findings.refused += 1
                    continue
                findings.transitions += 1
                if after == SAME:
                    continue
                there = graph.known.get(after)
                if there is None:
                    there = graph.known[after] = len(graph.parents)
                    graph.parents.append(here)
                    graph.by.append(index)
                    found.append(after)
                if graph.edges is not None and there != here:
                    graph.edges.append((here, index, there))
        findings.states = len(graph.parents)
        findings.deepest += bool(found)
        level = found
        if most and findings.states >= most:
            break
    findings.frontier = len(level)
    return findings


def make(world: World, state: State, index: int, outcomes: dict[int, Outcome]) -> bytes | None:
    """The state a move leads to; `SAME` when it changes nothing, None when it is refused or not possible now.
    `outcomes` are what the machine has made of this watch already, by move.

    Raises `Broken` when an invariant breaks."""
    move = world.moves[index]
    if move.event is None:
        history = state.history
        if move.now.credit:
            history = history.copy()
            history.tick(world.start.plan)
        return encode(world, State(state.watch, state.letters, history), move.now)
    if move.bit and bool(state.letters & abs(move.bit)) is (move.bit < 0):
        return None
    outcome = outcomes.get(index)
    if outcome is None:
        outcome = outcomes[index] = step(state.watch, move.event, FRESH)
    if not isinstance(outcome, Step):
        return None
    if outcome.row is None and not move.takes:
        return SAME
    return encode(world, follow(world, state, move, outcome), FRESH)


def _open(world: World, stage: Stage) -> list[tuple[int, Move]]:
    """The moves worth trying in a stage: not those whose cell in the table is a refusal."""
    return [
        (index, move)
        for index, move in enumerate(world.moves)
        if stage in move.stages and _has_rule(move, stage)
    ]


def _has_rule(move: Move, stage: Stage) -> bool:
    return move.event is None or not isinstance(TABLE.get(type(move.event), {}).get(stage), str)


def beginning(world: World) -> bytes:
    """The first state, in which the explorer knows which keepers have still to be seasoned, and which rest."""
    history = History(len(world.start.tracks), len(world.start.seats))
    for keeper, seat in zip(history.keepers, world.start.seats, strict=True):
        keeper.season = seat.season.length if seat.season else 0
        keeper.resting = int(seat.stage is SeatStage.RESTING)
    return encode(world, State(world.start, 0, history), FRESH)


def _broken(
    findings: Findings, graph: Graph, here: int, move: Move, broken: Exception, state: State
) -> Findings:
    findings.states = len(graph.parents)
    findings.frontier = 1
    findings.broken = str(broken) or f"the machine stops with {type(broken).__name__}"
    findings.invariant = broken.invariant if isinstance(broken, Broken) else "machine"
    findings.trace = (*way_to(findings.world, graph, here), f"{state.watch.stage}: {move.label}")
    return findings


def way_to(world: World, graph: Graph, state: int) -> Iterator[str]:
    """The moves that lead to a state, each with the stage it was made in."""
    numbers = []
    while state:
        numbers.append(state)
        state = graph.parents[state]
    for number in reversed(numbers):
        yield world.moves[graph.by[number]].label


def report(findings: Findings) -> Iterator[str]:
    """What a search found, as lines to print."""
    world = findings.world
    yield f"{world.name}: {world.about}"
    yield f"  states {findings.states}, transitions {findings.transitions}, longest shortest way {findings.deepest}"
    if findings.broken:
        yield f"  BROKEN {findings.broken}"
        yield from (f"    {number:2} {line}" for number, line in enumerate(findings.trace, 1))
    else:
        yield (
            "  frontier empty"
            if findings.exhausted
            else f"  stopped with {findings.frontier} in the frontier"
        )


def main(names: list[str]) -> int:
    """Exhausts the named worlds, all of every run, or with `wide` the large ones too; 1 when one was not exhausted."""
    total, whole = 0, True
    wide = "wide" in names
    for world in (*WORLDS, *WIDE) if wide else WORLDS:
        if names and not wide and world.name not in names:
            continue
        findings = explore(world)
        total += findings.states
        whole &= findings.exhausted
        print("\n".join(report(findings)), flush=True)
    print(f"{total} states in all. Removed by symmetry or because nothing reads it:")
    print("\n".join(f"  - {line}" for line in REMOVED))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
