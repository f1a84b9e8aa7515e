"""The word under force in its small worlds: no author's reading differs by it, and nothing comes sooner."""

import pytest

from lastwords.simulate.faults import planted
from lastwords.simulate.forced import CALLED, explore, world
from lastwords.simulate.forced_faults import FAULTS, ForceFault


def test_no_state_under_the_mark_differs_for_the_author_and_none_is_nearer_to_the_words(figure) -> None:  # type: ignore[no-untyped-def]
    found = explore(world())
    assert found.broken == "", found.trace
    assert found.frontier == 0
    assert found.marked and found.lifted and found.given_way
    assert found.barred == 0
    figure(f"word under force: {found.states} states, {found.marked} of them under the mark, frontier empty")


def test_a_circle_changed_under_force_cannot_lead_to_the_words(figure) -> None:  # type: ignore[no-untyped-def]
    found = explore(world(CALLED), CALLED)
    assert found.broken == "", found.trace
    assert found.frontier == 0
    assert found.barred and found.lifted
    figure(f"word under force, another circle: {found.states} states, barred {found.barred} times")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_of_the_word_is_caught(fault: ForceFault) -> None:
    with planted(fault):
        found = explore(world(fault.called), fault.called)
    assert found.judged == fault.judged
    assert found.trace
