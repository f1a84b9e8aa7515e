"""How a whole run closes. Played in a folder of its own with two small suites and the real conftest."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from manners.house import ROOT, tracked

BOTH = """
import pytest

def test_a_thing_holds(figure):
    figure("things 1/1")

@pytest.mark.needs("command:no-such-tool or npm:no-such-package")
def test_another_thing_holds():
    assert False, "it never runs"
"""


def close(folder: Path, *arguments: str, ci: str) -> tuple[int, list[str]]:
    """Runs a small suite; gives the exit code and the lines printed."""
    suite = folder / "tests" / "things"
    suite.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    needs(*tools): x\n    slow: x\n")
    (suite / "test_things.py").write_text(BOTH)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_a_suite_that_cannot_run_is_named_and_a_figure_is_printed(tmp_path: Path, arguments: tuple[str, ...]):
    code, lines = close(tmp_path, *arguments, ci="")
    missing = "command:no-such-tool or npm:no-such-package"
    assert f"things: 1 passed, 1 not run: {missing} is not on this machine" in lines
    assert "figure: things 1/1" in lines
    assert lines[-1].startswith("1 passed")
    assert code == 0


def test_in_ci_a_suite_that_cannot_run_is_a_failure(tmp_path: Path):
    code, _ = close(tmp_path, "-n", "2", ci="true")
    assert code == 1


IN_EVERY_DEBIAN = {"tar"}
NEEDED = re.compile(r'mark\.needs\("command:([a-z]+)')


def test_every_command_that_a_test_needs_is_installed_by_the_setup():
    """A machine that has them already hides that a fresh one would leave the test out."""
    suites = {name: text for name, text in tracked().items() if name.startswith("tests/")}
    needed = {found for text in suites.values() for found in NEEDED.findall(text)} - IN_EVERY_DEBIAN
    told = set(re.findall(r"[a-z]+", (ROOT / "scripts" / "setup").read_text("utf-8")))
    assert len(needed) >= 6
    assert {name for name in needed if name not in told and f"{name} or npm:" not in str(suites)} == set()
