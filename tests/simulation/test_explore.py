"""Small worlds searched to their end: no way through them breaks an invariant, and no state is left unseen."""

import pytest

from lastwords.simulate.canonical import FRESH, decode, encode
from lastwords.simulate.explore import Graph, explore, report
from lastwords.simulate.world import World
from lastwords.simulate.worlds import WORLDS


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_every_state_of_a_small_world_keeps_the_invariants(world: World, figure) -> None:  # type: ignore[no-untyped-def]
    graph = Graph()
    findings = explore(world, graph)
    assert findings.broken == "", "\n".join(report(findings))
    assert findings.frontier == 0
    assert findings.states == len(graph.known)
    assert {"well", "late", "vigil"} <= findings.reached
    assert "draft" not in findings.reached
    figure(f"world {world.name}: {findings.states} states, {findings.transitions} moves, frontier empty")


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
