"""The shipped machine beside a naive one that shares nothing with it: whatever people do, both tell the same story."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from simulation import beside_naive
from simulation.beside_naive import STEPS, play

from lastwords.simulate.faults import FAULTS, planted

RUNS = 1_100
"""Runs of `STEPS` rule steps: a hundred thousand and some."""


def test_the_machine_and_a_naive_one_tell_the_same_story(figure) -> None:  # type: ignore[no-untyped-def]
    """In a process of its own: what Hypothesis draws from a seed depends on the modules that are loaded beside."""
    command = [sys.executable, "-m", beside_naive.__name__, str(RUNS), "0"]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    played = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert played.returncode == 0, played.stderr
    steps = int(played.stdout)
    assert steps >= 100_000
    figure(f"rule steps beside a naive model {steps}, no difference")


NOTICED = (
    *("last_call_skipped", "wall_time_instead_of_credit", "waits_from_writing", "one_keeper_called"),
    *("released_twice", "recipient_counts", "hold_stops_nothing", "hold_restarts_nothing"),
    *("sign_keeps_statements", "dissent_ignored", "retraction_ignored", "alarm_shortens_late"),
    "restore_keeps_statements",
)
"""Faults of the small worlds that show in the household that the naive machine knows."""


@pytest.mark.parametrize("name", NOTICED)
def test_a_planted_fault_makes_the_two_differ(name: str) -> None:
    fault = next(one for one in FAULTS if one.name == name)
    with planted(fault), pytest.raises(AssertionError):
        play(60, 1, shorten=False)


def test_a_planted_fault_is_not_what_makes_them_agree() -> None:
    assert play(5, 1) >= 5 * STEPS / 2
