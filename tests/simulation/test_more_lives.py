"""As many lives again as in test_lives, some of them through the database: nothing breaks, both keep the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lastwords.simulate.lives import run, sql

FIRST, MANY = 8_000, 3_000
"""Lives played here; two workers share them with test_lives."""
THROUGH_SQL = 100
"""Lives that are played through the database too. They cost twenty times as much there."""


def test_no_further_life_breaks_an_invariant(figure) -> None:  # type: ignore[no-untyped-def]
    tally = run.lives(MANY, FIRST)
    assert [(fall.seed, fall.invariant, fall.text) for fall in tally.falls] == []
    assert tally.lives == MANY
    figure(
        f"further lives {tally.lives}: {tally.years:.0f} author-years, {tally.commits} writes, "
        f"{tally.lives / tally.seconds:.0f} lives a second and core, nothing broken"
    )


def test_the_long_run_of_the_proof_goes_on_from_what_it_has_kept(tmp_path: Path) -> None:
    """Stopped after three lives and gone on with to six, it comes to what six in one go come to, but for the time."""
    part = Path(__file__).parents[2] / "proof" / "lives.py"

    def run_to(lives: int, state: Path) -> dict[str, object]:
        command = [sys.executable, str(part), "--jobs", "1", "--lives", str(lives), "--state", str(state)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        figures: dict[str, object] = json.loads(done.stdout)["figures"]
        return {
            name: figure for name, figure in figures.items() if name not in ("processor seconds", "years")
        }

    run_to(3, tmp_path / "stopped")
    assert run_to(6, tmp_path / "stopped") == run_to(6, tmp_path / "whole")


# Through the database.


def test_memory_and_database_keep_the_same_of_every_life(figure) -> None:  # type: ignore[no-untyped-def]
    """A process of its own, since Django can be configured once."""
    command = [
        str(Path(sys.executable).with_name("lastwords")),
        "simulate",
        "--sql",
        "--lives",
        str(THROUGH_SQL),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["differences"] == []
    figure(f"lives through memory and database alike {THROUGH_SQL}/{THROUGH_SQL}")


def test_a_difference_between_the_backings_would_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compared with itself, with one letter lost on one side."""

    class Forgetful(sql.Memory):
        def letters(self):  # type: ignore[no-untyped-def]
            return list(super().letters())[:-1]

    monkeypatch.setattr(sql, "Sql", lambda readers: Forgetful(sql.Memory.of(readers).port))
    assert any("letters differ" in found or "whole" in found for found in sql.compared(3).differing)
