"""Every order and subset of statements of up to seven keepers: no release below the quorum, none against dissent."""

from functools import cache

import pytest

from lastwords.protocol.stages import TrackStage
from lastwords.simulate.faults import planted
from lastwords.simulate.quorums import (
    LOOK,
    RECIPIENT,
    TICK,
    Circle,
    State,
    circles,
    key,
    moves,
    search,
    state_of,
)
from lastwords.simulate.social_faults import OF_QUORUMS, Wrong

CIRCLES = tuple(circles())
searched = cache(search)
"""What a circle comes to with the machine as it ships; asked twice of those in which a planted fault shows."""


@pytest.mark.parametrize("circle", CIRCLES, ids=lambda circle: circle.name)
def test_no_order_of_statements_moves_words_without_those_who_must_stand_behind_them(
    circle: Circle, figure
) -> None:  # type: ignore[no-untyped-def]
    found = searched(circle)
    assert found.offence == "", found.trace
    assert found.frontier == 0
    assert found.releases > 0
    assert found.stuck == 0, "from every state the keepers can still agree"
    figure(f"statements of {circle.name}: {found.states} states, {found.transitions} moves, frontier empty")


def test_every_number_of_keepers_up_to_seven_is_searched_with_every_majority() -> None:
    plain = {(circle.alike + 1, circle.quorum) for circle in CIRCLES if circle.others == (RECIPIENT,)}
    wanted = {(n, k) for n in range(3, 8) for k in range(n // 2 + 1, n)}
    assert wanted <= plain


def test_a_state_read_and_written_again_is_the_same_state() -> None:
    circle = CIRCLES[2]
    start, seen = circle.start(), []
    search(circle, seen.append)
    assert len(seen) > 1000
    for state in seen:
        assert key(circle, state_of(circle, start, key(circle, state))) == key(circle, state)


def test_exchangeable_keepers_have_one_state_and_others_their_own() -> None:
    circle = CIRCLES[1]
    start = circle.start()
    first = next(state for state in _after(circle, start, "keeper0 states died"))
    other = next(state for state in _after(circle, start, "recipient states died"))
    assert key(circle, first) != key(circle, other)
    assert list(moves(circle, first))[:2] == [TICK, LOOK]
    actors = {move.event.by for move in moves(circle, first) if move.event and move.event.by}
    assert len(actors) == 3, "one who has stated, one for all who have not, and the recipient"


def _after(circle: Circle, start, label: str) -> list[State]:  # type: ignore[no-untyped-def]
    from lastwords.simulate.quorums import Said, make

    state = State(start, dict.fromkeys(circle.keepers, Said()))
    found = [make(circle, state, move) for move in moves(circle, state) if move.label == label]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("wrong", OF_QUORUMS, ids=lambda wrong: wrong.name)
def test_a_planted_fault_is_caught_and_gone_afterwards(wrong: Wrong) -> None:
    assert isinstance(wrong.where, Circle)
    with planted(wrong):
        found = search(wrong.where)
    assert wrong.caught in found.offence
    assert found.trace
    start = wrong.where.start()
    assert all(track.stage is TrackStage.ASKED for track in start.tracks)


def test_there_are_many_faults_and_the_machine_as_it_ships_passes_where_each_shows(figure) -> None:  # type: ignore[no-untyped-def]
    for circle in {wrong.where for wrong in OF_QUORUMS}:
        assert isinstance(circle, Circle)
        assert searched(circle).offence == ""
    figure(f"planted faults caught by orders of statements {len(OF_QUORUMS)}/{len(OF_QUORUMS)}")
