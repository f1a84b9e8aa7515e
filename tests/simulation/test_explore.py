"""Small worlds searched to their end: no way through them breaks an invariant, and no state is left unseen."""

from functools import cache

import pytest
from simulation.no_dead_end import keepers_find_a_way

from lastwords.protocol.stages import TrackStage
from lastwords.simulate.canonical import FRESH, decode, encode
from lastwords.simulate.explore import SAME, Findings, Graph, beginning, explore, make, report
from lastwords.simulate.world import LOOK, TICK, World
from lastwords.simulate.worlds import WORLDS, mailbox

WAYS = {"mailbox": "cannot_act.naruto", "pair": "died.kakashi"}
"""Worlds of which every move is kept, and the track to whose release a way is looked for among them."""


@cache
def searched(world: World) -> tuple[Findings, Graph]:
    graph = Graph(edges=[] if world.name in WAYS else None)
    return explore(world, graph), graph


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_every_state_of_a_small_world_keeps_the_invariants(world: World, figure) -> None:  # type: ignore[no-untyped-def]
    findings, graph = searched(world)
    assert findings.broken == "", "\n".join(report(findings))
    assert findings.frontier == 0
    assert findings.states == len(graph.known)
    assert {"well", "late", "vigil"} <= findings.reached
    assert "draft" not in findings.reached
    figure(f"world {world.name}: {findings.states} states, {findings.transitions} moves, frontier empty")


@pytest.mark.parametrize(
    "world", [world for world in WORLDS if world.name in WAYS], ids=lambda world: world.name
)
def test_without_the_author_keepers_always_find_a_way_to_a_release(world: World) -> None:
    _, graph = searched(world)
    keepers_find_a_way(world, graph, WAYS[world.name])


def test_a_state_read_and_written_again_is_the_same_state() -> None:
    world = WORLDS[0]
    graph = Graph()
    explore(world, graph, most=3000)
    for data in list(graph.known)[::7]:
        assert encode(world, decode(world, data), FRESH) == data


def test_a_search_that_is_stopped_does_not_claim_to_have_seen_everything() -> None:
    findings = explore(WORLDS[0], most=50)
    assert findings.frontier > 0
    assert not findings.exhausted


CALLED_AND_TRIED = (
    *(TICK.label, TICK.label, LOOK.label, LOOK.label, "asking: letter fails"),
    *(TICK.label, TICK.label, LOOK.label, "bisuke is called", "bisuke is called", TICK.label),
    *(
        "bisuke states died",
        "bisuke states died",
        LOOK.label,
        "bisuke tried in person",
        "bisuke tried in person",
    ),
    *("last call 1: letter taken", "last call 1: letter bounces", TICK.label, TICK.label),
)
"""Two keepers stand in for a letter; it is taken after all and then comes back. Of two who can be exchanged the one
who has done less is bisuke."""


def test_a_last_call_runs_from_the_letter_that_was_taken_though_people_stood_in_for_the_one_before() -> None:
    world = mailbox(True)
    state = after(
        world, beginning(world), *CALLED_AND_TRIED, "kakashi is called", "last call 1: letter taken"
    )
    assert after(world, state, LOOK.label) == SAME
    released = decode(world, after(world, state, TICK.label, LOOK.label))
    assert released.watch.tracks[0].stage is TrackStage.RELEASED


def test_who_has_tried_in_person_counts_once_the_days_of_a_letter_that_came_back_are_over() -> None:
    world = mailbox(True)
    state = after(world, beginning(world), *CALLED_AND_TRIED)
    assert decode(world, state).watch.tracks[0].wait is None
    state = after(world, state, LOOK.label, TICK.label)
    assert after(world, state, LOOK.label) == SAME
    released = decode(world, after(world, state, TICK.label, LOOK.label))
    assert released.watch.tracks[0].stage is TrackStage.RELEASED


def after(world: World, state: bytes, *labels: str) -> bytes:
    """Where these moves lead, each judged on the way."""
    for label in labels:
        index = next(index for index, move in enumerate(world.moves) if move.label == label)
        there = make(world, decode(world, state), index, {})
        assert there is not None, f"{label} is refused"
        state = there
    return state
