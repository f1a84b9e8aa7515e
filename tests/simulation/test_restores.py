"""Every commit of a history can be gone back to: the past stands still, revives nothing and repeats nothing (T5).

The long run of the same code is `make prove-restores`.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from lastwords.simulate import restores
from lastwords.simulate.lives.growing import GROWN
from lastwords.simulate.lives.sabotage import SABOTAGE, planted

ROOT = Path(__file__).parents[2]
SOME = partial(restores.replays, share=0.1)


def test_no_commit_of_many_histories_comes_back_wrong_twice_or_by_itself(figure) -> None:  # type: ignore[no-untyped-def]
    """A process of its own, since part of it goes through a database."""
    command = [sys.executable, str(ROOT / "proof" / "restores.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["held"]) == (0, True), told["settings"]
    figures = told["figures"]
    assert figures["commits_gone_back_to"] > 2_000 and figures["lives_played_on_from_an_older_commit"] > 100
    for name, count in figures.items():
        assert (count > 0) is (name != "wrong") or name.startswith("tracks_released_again"), name
    figure(
        f"restores: {figures['commits_gone_back_to']} commits of {figures['histories']} histories, "
        f"{figures['lives_played_on_from_an_older_commit']} lives played on, "
        f"{figures['commits_gone_back_to_in_files_of_sqlite']} in SQLite files, 0 wrong"
    )


@pytest.mark.parametrize(
    ("name", "look", "says"),
    [
        ("restore_untold", restores.points, "does not stand still"),
        ("restore_without_hold", restores.points, "does not stand still"),
        ("restore_keeps_statements", restores.points, "statements"),
        ("restore_untold", SOME, "I"),
        ("restore_without_hold", SOME, "I"),
    ],
)
def test_a_planted_fault_of_restoring_is_noticed(
    name: str, look: Callable[[int], restores.Tally], says: str
) -> None:
    sabotage = next(one for one in SABOTAGE if one.name == name)
    GROWN.clear()
    try:
        with planted(sabotage):
            found = next(wrong for seed in range(20) for wrong in look(seed).wrong)
    finally:
        GROWN.clear()
    assert says in found


def test_a_host_put_back_to_before_somebody_came_goes_on_without_them() -> None:
    """The first author's partner, who died with a plan: their watch is later than the backup, and nothing knows it."""
    life = restores.Rewound(restores.calm(50))
    life.at_commit = (1, 81)
    life.play()
    assert [life.backing.port.load(author) is not None for author in life.stories] == [True, False]
