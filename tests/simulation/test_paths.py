"""What only a whole space can show: nobody shortens their own path to the words, and no way is a dead end."""

from dataclasses import replace
from functools import cache, partial

import pytest
from simulation.no_dead_end import is_released, keepers_find_a_way

from lastwords.protocol.stages import Stage
from lastwords.simulate.canonical import State
from lastwords.simulate.lives.sabotage import SABOTAGE, planted
from lastwords.simulate.paths import FAR, actor, distances, shortcuts, whole
from lastwords.simulate.world import AUTHOR, HOST, KAKASHI, PAKKUN, World, alarm
from lastwords.simulate.worlds import findings, held, own_words, restored, tried_in_person

KAKASHIS = "died.kakashi"


graph_of = cache(whole)


OWN_WORDS, TRIED = own_words(), tried_in_person()


@pytest.mark.parametrize("world", (OWN_WORDS, TRIED), ids=lambda world: world.name)
def test_no_act_of_a_recipient_brings_their_own_words_nearer(world: World, figure) -> None:  # type: ignore[no-untyped-def]
    graph = graph_of(world)
    assert [found.way for found in shortcuts(world, graph, KAKASHI, KAKASHIS)] == []
    acts = sum(actor(world.moves[index]) == KAKASHI for _, index, _ in graph.edges or ())
    assert acts > 100
    figure(f"world {world.name}: {acts} acts of a recipient, none brings their own words nearer")


def is_asked_and_held_by_another(person: str, state: State) -> bool:
    """In *well* an alarm, or a hold that runs out, begins the asking, whoever gives it; from there on nothing gets
    shorter. And a sign that ends a hold of one's own brings nobody nearer than they were before it."""
    holds = state.watch.holds
    return state.watch.stage is not Stage.WELL and all(hold.placed_by != person for hold in holds)


THIEF = replace(held(), name="thief", moves=(*held().moves, alarm(PAKKUN)))
"""Whoever has the author's session and phone signs, alarms, holds and lifts; a keeper may raise the alarm as well."""


@pytest.mark.parametrize(
    "world, person", ((THIEF, AUTHOR), (restored(), HOST)), ids=("a thief with one credential", "the host")
)
def test_no_act_of_a_thief_or_of_the_host_brings_a_release_nearer(world: World, person: str, figure) -> None:  # type: ignore[no-untyped-def]
    graph = whole(world)
    found = shortcuts(
        world, graph, person, "cannot_act.naruto", partial(is_asked_and_held_by_another, person)
    )
    assert [one.way for one in found] == []
    acts = sum(actor(world.moves[index]) == person for _, index, _ in graph.edges or ())
    assert acts > 100
    figure(f"world {world.name}: {acts} acts of {person}, none brings a release nearer")


def test_an_alarm_that_only_the_recipient_could_raise_would_be_noticed() -> None:
    world = OWN_WORDS
    without = tuple(move for move in world.moves if move.label != f"alarm by {AUTHOR}")
    world = replace(world, moves=without)
    graph = whole(world)
    assert {found.way[-1] for found in shortcuts(world, graph, KAKASHI, KAKASHIS)} == {f"alarm by {KAKASHI}"}


@pytest.mark.parametrize("world", (OWN_WORDS, TRIED), ids=lambda world: world.name)
def test_without_the_author_keepers_always_find_a_way_to_a_release(world: World) -> None:
    """As in test_explore, in worlds that are searched there."""
    keepers_find_a_way(world, graph_of(world), KAKASHIS)


FOUND_OUT_LATER = replace(
    findings(True),
    name="found out later",
    moves=tuple(move for move in findings(True).moves if not move.label.endswith("states spoken_with")),
)
"""Words for when the author cannot act, others for their death, and keepers who find out one after the other."""


@pytest.mark.parametrize("key", [track.key for track in FOUND_OUT_LATER.start.tracks])
def test_words_that_are_out_are_no_dead_end_for_others(key: str) -> None:
    far = distances(FOUND_OUT_LATER, graph_of(FOUND_OUT_LATER), is_released(key), without=AUTHOR)
    assert far.count(FAR) == 0


def test_a_finding_that_could_never_become_another_would_be_noticed() -> None:
    fault = next(one for one in SABOTAGE if one.name == "a_finding_for_good")
    with planted(fault):
        graph = whole(FOUND_OUT_LATER)
    far = distances(FOUND_OUT_LATER, graph, is_released(KAKASHIS), without=AUTHOR)
    assert far.count(FAR) > 0


def test_a_world_with_a_dead_end_is_noticed() -> None:
    world = TRIED
    nobody = tuple(move for move in world.moves if not move.label.endswith("tried in person"))
    world = replace(world, moves=tuple(move for move in nobody if not move.label.endswith("letter taken")))
    far = distances(world, whole(world), is_released(KAKASHIS))
    assert far.count(FAR) == len(far)
