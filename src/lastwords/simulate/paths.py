"""What can be said only of a whole space: that nobody shortens their own path (I11), and that nothing is a dead end.

The distance of a state is the credit that must still run, at least, until a track is released, when everybody but one
person does at once whatever helps. I11 says that no act of that person makes it smaller.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lastwords.protocol import events as e
from lastwords.protocol.stages import TrackStage

from .canonical import State, decode
from .explore import Graph, explore, way_to
from .world import Move, World

FAR = 1 << 30

UNDOING = (e.LiftHold, e.RetractStatement)
"""Taking back an obstacle of one's own making brings a person no nearer than they were before they made it."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An act by which somebody came nearer to their own words: the way to it, and both distances in units."""

    way: tuple[str, ...]
    before: int
    after: int


def whole(world: World) -> Graph:
    """Every state and every move of a world that breaks no invariant."""
    graph = Graph(edges=[])
    findings = explore(world, graph)
    if not findings.exhausted:
        raise ValueError(f"the world {world.name} was not exhausted: {findings.broken}")
    return graph


def distances(world: World, graph: Graph, goal: Callable[[State], bool], without: str = "") -> list[int]:
    """For each state, the least units of credit to a goal when `without` does nothing; `FAR` when there is no way."""
    back: list[list[tuple[int, int]]] = [[] for _ in graph.parents]
    for here, index, there in graph.edges or ():
        move = world.moves[index]
        if not (without and actor(move) == without):
            back[there].append((here, move.now.credit))
    far = [FAR] * len(back)
    queue: deque[int] = deque()
    for data, number in graph.known.items():
        if goal(decode(world, data)):
            far[number] = 0
            queue.append(number)
    while queue:
        there = queue.popleft()
        for here, cost in back[there]:
            if far[there] + cost < far[here]:
                far[here] = far[there] + cost
                (queue.append if cost else queue.appendleft)(here)
    return far


def shortcuts(
    world: World, graph: Graph, person: str, track: str, where: Callable[[State], bool] = lambda state: True
) -> Iterable[Shortcut]:
    """Every act of `person`, in a state for which `where` holds, that brings the release of `track` nearer."""
    far = distances(world, graph, lambda state: _is_released(state, track), without=person)
    states = list(graph.known)
    for here, index, there in graph.edges or ():
        move = world.moves[index]
        nearer = actor(move) == person and not isinstance(move.event, UNDOING) and far[there] < far[here]
        if nearer and where(decode(world, states[here])):
            yield Shortcut((*way_to(world, graph, here), move.label), far[here], far[there])


def actor(move: Move) -> str:
    """Who acts in a move; nobody for time and for letters."""
    return move.event.by if move.event else ""


def _is_released(state: State, key: str) -> bool:
    return any(track.key == key and track.stage is TrackStage.RELEASED for track in state.watch.tracks)
