"""Every planted fault is caught by the explorer alone; the machine as it ships breaks nothing in the same worlds."""

import pytest

from lastwords.protocol import clocks, counting
from lastwords.protocol.moments import Wait
from lastwords.protocol.table import LOOKS, TABLE
from lastwords.simulate.explore import explore
from lastwords.simulate.faults import FAULTS, Fault, planted
from lastwords.simulate.worlds import WORLDS as SEARCHED

WORLDS = {fault.world.name: fault.world for fault in FAULTS if fault.world not in SEARCHED}
"""Worlds of faults that are not searched to their end in test_explore already."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught_with_a_shortest_trace(fault: Fault) -> None:
    with planted(fault):
        findings = explore(fault.world)
    assert findings.invariant == fault.invariant
    assert not findings.exhausted
    assert findings.trace


@pytest.mark.parametrize("name", WORLDS)
def test_the_machine_as_it_ships_exhausts_the_worlds_of_the_faults(name: str) -> None:
    findings = explore(WORLDS[name])
    assert findings.broken == ""
    assert findings.exhausted


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_gone_afterwards(fault: Fault) -> None:
    before = _machine()
    with planted(fault):
        assert _machine() != before
    assert _machine() == before


def test_there_are_many_faults_and_each_has_its_own_name(figure) -> None:  # type: ignore[no-untyped-def]
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 14
    figure(f"planted faults caught by the explorer {len(FAULTS)}/{len(FAULTS)}")


def _machine() -> tuple[object, ...]:
    """Whatever a fault may have replaced: the tables, and the functions of every module of the machine."""
    import sys

    functions = [
        (name, key, id(value))
        for name, module in sorted(sys.modules.items())
        if name.startswith("lastwords.protocol")
        for key, value in sorted(vars(module).items())
        if callable(value)
    ]
    cells = [(kind, stage, cell) for kind, row in TABLE.items() for stage, cell in row.items()]
    return functions, cells, dict(LOOKS), dict(clocks._BY_STAGE), Wait.remaining, counting.countable
