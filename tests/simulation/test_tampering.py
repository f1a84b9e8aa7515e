"""Everything that can be done to a log is found, by us and by the stand-alone program of the documents (T22).

The long run, every bit of every byte, is `make prove-log`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lastwords.server import exported, log
from lastwords.server.log import HOST_LOG, Row, beginning, follow
from lastwords.server.port import Head
from lastwords.server.refusals import Unreadable
from lastwords.simulate import tampering
from lastwords.simulate.tampering import NAME, a_log, tamper

ROOT = Path(__file__).parents[2]
FEW = {"bits": (0, 5), "flipped": 3, "in_file": 5, "in_full": 97}


def test_everything_that_is_done_to_a_log_of_ten_thousand_rows_is_found_and_nothing_else(figure) -> None:  # type: ignore[no-untyped-def]
    done = subprocess.run(
        [sys.executable, str(ROOT / "proof" / "log.py")], capture_output=True, text=True, check=False
    )
    told = json.loads(done.stdout)
    assert (done.returncode, told["held"]) == (0, True), told["settings"]
    counts = told["figures"]
    assert all(count > 0 for name, count in counts.items() if name not in ("missed", "false_alarms"))
    figure(
        f"log of {counts['rows']} rows: {counts['changes']} changes, {counts['file_flips']} flips in the file, "
        f"all found, {counts['false_alarms']} false alarms"
    )


def loose(without: str):  # type: ignore[no-untyped-def]
    """The shipped step, deaf to one of its sentences."""

    def step(head: Head, row: Row, reasons: dict[int, str]) -> tuple[Head, list[str]]:
        head, faults = log.follows(head, row, reasons)
        return head, [fault for fault in faults if without not in fault]

    return step


@pytest.mark.parametrize("without", ["is not what was committed to", "does not follow", "without a reason"])
def test_a_walk_that_did_not_look_for_one_kind_of_fault_is_found_out(
    monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    monkeypatch.setattr(tampering, "follows", loose(without))
    assert tamper(12, **FEW).missed  # type: ignore[arg-type]


def test_a_reader_of_exported_files_that_forgave_other_spellings_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The planted fault: an upper-case hexadecimal digit is one flipped bit, and says the same."""

    def forgiving(text: str, number: int) -> tuple[str, Row]:
        plain = json.loads(text)
        return plain["log"], exported._row(plain)

    monkeypatch.setattr(exported, "parsed", forgiving)
    monkeypatch.setattr(tampering, "Unreadable", Exception)
    assert any("of its line in the file" in missed for missed in tamper(12, **FEW).missed)  # type: ignore[arg-type]


# The file.


def a_file(length: int = 12) -> list[str]:
    """An exported file: the log with one erased row, and the host's log with the reason for it."""
    rows = list(a_log(length))
    rows[4] = Row(5, None, None, rows[4].commitment, rows[4].link)
    reason = follow(
        beginning(HOST_LOG), {"kind": "erased", "log": NAME, "row": 5, "reason": "asked"}, b"0" * log.SALT
    )
    host = Row(reason.number, reason.body, reason.salt, reason.commitment, reason.link)
    return [
        exported.beginning(),
        exported.line(HOST_LOG, host),
        *(exported.line(NAME, row) for row in rows),
    ]


def whole(lines: list[str]) -> bool:
    try:
        return all(one.whole for one in exported.verify_file("".join(f"{line}\n" for line in lines).encode()))
    except Unreadable:
        return False


def test_a_text_that_holds_what_other_programs_take_for_the_end_of_a_line_raises_no_alarm() -> None:
    lines = a_file()
    assert "\u2028" in lines[-1]
    assert whole(lines)


def test_a_file_that_was_cut_in_a_line_or_is_not_text_is_refused() -> None:
    data = "".join(f"{line}\n" for line in a_file()).encode()
    for bad in (data[:-1], data[:-40], b"", data.replace(b"check_in", b"check\xff", 1)):
        with pytest.raises(Unreadable):
            exported.verify_file(bad)


# Without our software.


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as it stands in the document."""
    (found,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs" / "log.md").read_text("utf-8"), re.M | re.S
    )
    path = tmp_path_factory.mktemp("alone") / "verify.py"
    path.write_text(found, encoding="utf-8")
    return path


def alone(program: Path, lines: list[str], place: Path) -> subprocess.CompletedProcess[str]:
    """Runs it as somebody would who has nothing of ours."""
    place.write_bytes("".join(f"{line}\n" for line in lines).encode())
    command = [sys.executable, "-I", "-S", str(program), str(place)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_program_in_the_document_finds_what_ours_finds_and_prints_the_same_heads(
    program: Path, tmp_path: Path
) -> None:
    lines = a_file()
    said = alone(program, lines, tmp_path / "log.jsonl")
    assert said.returncode == 0, said.stderr
    verdicts = exported.verify_lines(lines)
    assert said.stdout.splitlines() == [
        f"{one.name}: row {one.head.number}, head {one.head.link.hex()[:16]}"
        for one in sorted(verdicts, key=lambda one: one.name)
    ]
    changed = [
        [*lines[:3], *lines[4:]],
        [*lines[:3], lines[4], lines[3], *lines[5:]],
        [lines[0], *lines[2:]],
        lines[1:],
        [*lines[:-1], lines[-1].replace("well", "late", 1)],
        [*lines[:-1], lines[-1].replace('"log": "author:iruka"', '"log": "author:kakashi"')],
        [*lines[:-1], re.sub("[a-f]", lambda digit: digit[0].upper(), lines[-1], count=0)],
        [*lines[:-1], lines[-1].replace(", ", ",", 1)],
    ]
    for number, other in enumerate(changed):
        assert other != lines and not whole(other), number
        assert alone(program, other, tmp_path / "log.jsonl").returncode != 0, number


@pytest.mark.needs("command:xxd")
def test_one_row_is_checked_by_hand_as_the_document_says(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "log.md").read_text("utf-8"), re.M | re.S)
    row = a_log(3)[0]
    assert row.body is not None and row.salt is not None
    given = {"SALT": row.salt.hex(), "BODY": row.body.decode(), "COMMITMENT": row.commitment.hex()}
    done = subprocess.run(
        ["sh", "-c", shown],
        capture_output=True,
        text=True,
        check=True,
        env={**given, "PATH": "/usr/bin:/bin"},
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == [row.commitment.hex(), row.link.hex()]
