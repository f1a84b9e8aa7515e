"""What every part of the proof shares: it goes on where it was stopped, and what it keeps is kept whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = sorted((ROOT / "proof").glob("[!_]*.py"))

COUNTS = """
import os, sys
sys.path.insert(0, {proof!r})
sys.argv[0] = "counts.py"
import _part
if {torn}:
    _part.whole = lambda path, data: (path.write_bytes(data[:-1]), os._exit(9))
elif {stopped}:
    os.fsync = lambda _: os._exit(9)
run = _part.begun("It counts.")
done = run.kept(0) + 1
run.keep(done)
sys.exit(run.tells(claim="It counts.", figures={{"done": done}}, held=done < 4, not_covered=[]))
"""


def counted(state: Path, *, stopped: bool = False, torn: bool = False) -> dict | None:
    """One run of a part that adds one; None when it was stopped while it kept that."""
    script = COUNTS.format(proof=str(ROOT / "proof"), stopped=stopped, torn=torn)
    done = subprocess.run(
        [sys.executable, "-c", script, "--state", str(state)], stdout=subprocess.PIPE, check=False
    )
    found = json.loads(done.stdout) if done.stdout else None
    assert done.returncode == (9 if found is None else 0 if found["held"] else 1)
    return found


def test_a_part_that_is_stopped_while_it_keeps_its_state_goes_on_from_the_one_before(tmp_path):
    state = tmp_path / "state"
    assert counted(state)["figures"] == {"done": 1}
    assert counted(state, stopped=True) is None
    told = counted(state)
    assert told["figures"] == {"done": 2} and told["part"] == "counts" and told["seconds"] >= 0
    assert [counted(state)["held"] for _ in range(2)] == [True, False]


def test_a_state_that_is_written_where_it_lies_is_torn_by_the_same_stop(tmp_path):
    """The planted fault."""
    state = tmp_path / "state"
    counted(state)
    counted(state, torn=True)
    with pytest.raises(ValueError):
        json.loads(state.read_text())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_a_part_leaves_to_the_shared_one_how_it_is_asked_goes_on_and_tells(part):
    text = part.read_text("utf-8")
    assert "begun(" in text and ".tells(" in text
    assert not [word for word in ("ArgumentParser", "given.state", "print(json") if word in text]
