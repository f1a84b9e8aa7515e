"""Pairs and rings of authors who keep for each other: nothing waits for the silent, and the dead are told nothing."""

from functools import cache

import pytest

from lastwords.simulate.circles import Ring, Watches, rings, search, watches_of
from lastwords.simulate.faults import planted
from lastwords.simulate.social_faults import OF_RINGS, Wrong

RINGS = tuple(rings())


@cache
def _watches(shape: tuple[object, ...]) -> Watches:
    """Rings of one shape share the watches they are made of."""
    return watches_of(next(ring for ring in RINGS if ring.shape == shape))


@pytest.mark.parametrize("length", (2, 3, 4))
def test_every_ring_of_authors_comes_to_its_releases_and_tells_nobody_who_is_dead(
    length: int, figure
) -> None:  # type: ignore[no-untyped-def]
    states = transitions = told = 0
    of_length = [ring for ring in RINGS if ring.length == length]
    for ring in of_length:
        found = search(ring, _watches(ring.shape))
        assert found.offence == "", (ring.name, found.trace)
        assert found.frontier == 0
        assert found.releases > 0, ring.name
        states, transitions, told = states + found.states, transitions + found.transitions, told + found.told
    assert told > 100
    figure(
        f"rings of {length}: {len(of_length)} shapes, {states} states, {transitions} moves, frontier empty, "
        f"0 deadlocks, {told} tellings, none to somebody dead or silent"
    )


def test_every_part_a_neighbour_can_have_is_in_some_ring() -> None:
    for length in (2, 3, 4):
        of_length = [ring for ring in RINGS if ring.length == length]
        assert {ring.recipient for ring in of_length} >= {"naruto", "next"}
        assert {ring.alternate for ring in of_length} >= {"", "tsunade", "next"}
        assert any(ring.keepers and ring.recipient in ring.keepers for ring in of_length)
    assert any(ring.returns for ring in RINGS)


def test_one_whole_watch_sees_what_it_sees_when_all_are_whole() -> None:
    """Of another watch a watch hears only its silence; so the others' work does not have to be searched with it."""
    alone, both = (search(Ring(2, ("next",), "naruto", whole=whole)) for whole in (1, 2))
    assert alone.watches == both.watches
    assert alone.states < both.states


@pytest.mark.parametrize("wrong", OF_RINGS, ids=lambda wrong: wrong.name)
def test_a_planted_fault_is_caught(wrong: Wrong) -> None:
    assert isinstance(wrong.where, Ring)
    with planted(wrong):
        found = search(wrong.where)
    assert wrong.caught in found.offence


def test_there_are_many_faults_and_the_machine_as_it_ships_passes_where_each_shows(figure) -> None:  # type: ignore[no-untyped-def]
    shown = {wrong.where for wrong in OF_RINGS}
    for ring in shown & set(RINGS):
        assert isinstance(ring, Ring)
        assert search(ring, _watches(ring.shape)).offence == ""
    figure(f"planted faults caught by rings {len(OF_RINGS)}/{len(OF_RINGS)}")
