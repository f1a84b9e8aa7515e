"""`lastwords bench` and the table that it runs say the same, in the one shape that the documentation names."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LASTWORDS, TABLE = str(Path(sys.executable).with_name("lastwords")), "bench/table.py"
SHAPE = {"name", "ours", "other", "ratio", "spread", "goal", "met", "settings"}


def said(program: str, *words: str) -> str:
    done = subprocess.run([sys.executable, program, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_and_the_table_give_one_bare_list_of_the_figures_that_are_kept() -> None:
    table = json.loads(said(TABLE, "--json", "--kept"))
    assert json.loads(said(LASTWORDS, "bench", "--json", "--kept")) == table
    assert isinstance(table, list) and len(table) >= 20
    assert all(set(row) - {"why"} == SHAPE for row in table)


def test_without_json_both_say_the_same_lines() -> None:
    assert said(LASTWORDS, "bench", "--kept") == said(TABLE, "--kept")
