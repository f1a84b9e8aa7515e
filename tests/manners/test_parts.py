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


BESIDE = """
import os, sys
sys.path.insert(0, {proof!r})
import _part
def work(number):
    if number == {fatal}:
        raise ValueError("no such piece")
    return os.getpid(), number * number
found = list(_part.side_by_side(work, [2, 3, 5]))
assert sorted((number, square) for number, (_, square) in found) == [(2, 4), (3, 9), (5, 25)]
assert len({{pid for _, (pid, _) in found}} | {{os.getpid()}}) == 4
"""


@pytest.mark.parametrize("fatal", [0, 3])
def test_pieces_are_done_side_by_side_each_once_by_a_process_of_its_own_and_one_that_breaks_ends_the_part(
    fatal,
):
    script = BESIDE.format(proof=str(ROOT / "proof"), fatal=fatal)
    done = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode == 0) is (fatal == 0)
    assert ("no such piece" in done.stderr) is (fatal != 0)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_a_part_leaves_to_the_shared_one_how_it_is_asked_goes_on_and_tells(part):
    text = part.read_text("utf-8")
    assert "begun(" in text and ".tells(" in text
    assert not [word for word in ("ArgumentParser", "given.state", "print(json") if word in text]
