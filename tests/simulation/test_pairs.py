"""Two authors who keep for each other, both watches whole and in time: every pair of states, millions of them."""

from functools import cache

import pytest

from lastwords.protocol.rules import passage
from lastwords.protocol.stages import Stage
from lastwords.simulate.canonical import REMOVED
from lastwords.simulate.pairs import Half, half, pair_in_time, search, small_pair

FEWEST = 5_000_000
"""Distinct pairs of states, a pair and its mirror image counted once."""


@cache
def _half() -> Half:
    return half(pair_in_time())


def test_every_pair_of_states_knows_of_each_others_silence_and_breaks_nothing(figure) -> None:  # type: ignore[no-untyped-def]
    found = search(_half())
    assert found.offence == "", found.trace
    assert found.frontier == 0
    assert found.states >= FEWEST
    assert found.both_released > 0
    figure(
        f"pair in time: {found.states} states of both, {found.transitions} moves, frontier empty, made of "
        f"{found.halves} states of one; removed: mirror images, and {len(REMOVED)} things that canonical.py names"
    )


@pytest.mark.parametrize("key", ("died.kakashi", "cannot_act.naruto"))
def test_the_silence_of_both_authors_is_no_dead_end(key: str) -> None:
    """Whatever has happened, the two keepers who have no watch of their own come to the release by themselves."""
    from lastwords.simulate.pairs import dead_ends

    assert dead_ends(_half(), key) == 0


def test_a_search_that_is_stopped_has_a_frontier() -> None:
    assert search(_half(), most=1000).frontier > 0


def test_a_sign_of_life_of_which_too_much_is_told_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: somebody whose sign is still doubted counts as well again."""
    monkeypatch.setattr(passage, "SILENT_STAGES", (Stage.VIGIL,))
    found = search(half(small_pair()))
    assert found.offence.startswith("I10")
    assert found.trace
