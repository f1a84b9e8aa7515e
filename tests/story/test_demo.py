"""`lastwords demo` as anyone runs it: one command, one exit code, and facts that another program can read."""

import io
import json
import re
import subprocess
import time
from pathlib import Path

import pytest
from story.fifteenth_hour import EXPECTED, report_of

from lastwords.story.checker import PLAYED, SYSTEMS, judge
from lastwords.story.person import COMMAND, environment
from lastwords.story.telling import WIDTH, Teller, when
from lastwords.story.texts import LOOK_AFTER_HIM, ONLY_KEEPERS_NOTE

SHAPE = ["ending", "systems", "letters", "refusals", "released", "opened", "recalled", "evidence", "log"]


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    """The command, as it is typed."""
    return subprocess.run(
        [str(COMMAND), "demo", *words], capture_output=True, text=True, env=environment(), check=False
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo") / "kept"


@pytest.fixture(scope="module")
def done(kept) -> tuple[subprocess.CompletedProcess[str], float]:
    """One whole run of both endings, and the seconds it took."""
    began = time.monotonic()
    return demo("--json", "--keep", str(kept)), time.monotonic() - began


@pytest.fixture
def endings(done) -> dict[str, dict]:
    return {one["ending"]: one for one in json.loads(done[0].stdout)["endings"]}


def test_both_endings_play_to_their_end_with_exit_code_0(done, figure):
    run, seconds = done
    assert (run.returncode, run.stderr) == (0, "")
    figure(f"demo: both endings in {seconds:.0f} s")


def test_the_json_has_exactly_the_documented_shape(done):
    said = json.loads(done[0].stdout)
    assert list(said) == ["endings"]
    assert [one["ending"] for one in said["endings"]] == ["home", "gone"]
    for one in said["endings"]:
        assert list(one) == SHAPE
        assert list(one["systems"]) == list(SYSTEMS)
        assert set(one["systems"].values()) <= {"played", "not yet"}
        assert set(one["log"]) == {"rows", "verified"}


def test_both_endings_show_every_system_and_name_evidence_for_each(endings):
    assert len(endings) == 2
    for one in endings.values():
        assert one["systems"] == dict.fromkeys(SYSTEMS, PLAYED)
        assert {system for system in SYSTEMS if not one["evidence"].get(system)} == set()


def test_the_handover_report_of_the_fifteenth_hour_reads_line_by_line(endings, kept):
    for name in endings:
        assert report_of(kept / name).splitlines() == EXPECTED.splitlines()


def test_the_same_handover_stands_as_json_for_a_clinic_and_as_pdf_where_it_can_be_drawn(kept):
    desk = kept / "home" / "homes" / "shizune" / "desk"
    clinic = json.loads((desk / "handover.json").read_text("utf-8"))
    given = [
        one["resource"]
        for one in clinic["entry"]
        if one["resource"]["resourceType"] == "MedicationAdministration"
    ]
    doses = [one["dosage"]["dose"]["value"] for one in given if "dose" in one.get("dosage", {})]
    assert doses == [1.5, 1.5]
    answers = [json.loads(line) for line in (kept / "home" / "answers.jsonl").read_text("utf-8").splitlines()]
    drawn = next(line for line in answers if "--pdf" in line["said"])
    if drawn["exit"]:
        assert drawn["refused"]["code"] == "no_pdf"
    else:
        assert (desk / "handover.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_no_word_of_the_report_is_for_the_keepers_alone(kept):
    for form in ("txt", "json"):
        text = (kept / "home" / "homes" / "shizune" / "desk" / f"handover.{form}").read_text("utf-8")
        text = " ".join(text.split())
        assert ONLY_KEEPERS_NOTE not in text
        assert LOOK_AFTER_HIM not in text


def test_in_the_ending_home_nothing_is_released_to_anyone(endings):
    assert (endings["home"]["released"], endings["home"]["opened"]) == ([], [])


def test_in_the_ending_gone_exactly_the_last_sealed_versions_reach_exactly_their_recipients(endings):
    released = sorted((one["track"], one["recipient"]) for one in endings["gone"]["released"])
    assert released == [("died.kakashi", "kakashi"), ("died.naruto", "naruto")]
    opened = sorted((one["recipient"], one["number"], one["last"]) for one in endings["gone"]["opened"])
    assert opened == [("kakashi", 4, True), ("naruto", 3, True)]


def test_the_refusals_carry_their_reason(endings):
    met = {(one["who"], one["code"]) for one in endings["home"]["refusals"]} - {("shizune", "no_pdf")}
    assert met == {
        ("iruka", "one_credential"),
        ("kakashi", "one_credential"),
        ("pakkun", "no_sheet"),
        ("kakashi", "alarm_again"),
        ("pakkun", "not_released_yet"),
        ("kakashi", "not_released"),
        ("kakashi", "glass_waits"),
        ("kakashi", "seat_does_not_count"),
        ("naruto", "not_found"),
        ("stranger", "sign_in_refused"),
        ("bisquit", "not_yours_to_lift"),
        ("bull", "recipient_silent"),
        ("bull", "not_released_yet"),
        ("tsunade", "not_released"),
        ("tsunade", "recalled"),
    }
    assert all(one["happened"] for one in endings["home"]["refusals"])


def test_the_log_of_every_author_and_of_the_host_verifies(endings, kept):
    for name, one in endings.items():
        assert one["log"]["verified"]
        assert one["log"]["rows"] > 150
        again = subprocess.run(
            [str(COMMAND), "log", "verify", "--data", str(kept / name / "data")],
            capture_output=True,
            check=False,
        )
        assert again.returncode == 0


def test_the_clock_was_set_forty_days_ahead_and_earned_nothing(endings):
    assert endings["home"]["evidence"]["clock"] == [
        "clock set by 40 days: credit 0, watches moved 0",
        "clock set by -40 days: credit 0, watches moved 0",
    ]


def test_the_tables_fit_into_a_hundred_columns_and_end_without_blanks(done, kept):
    out = io.StringIO()
    verdicts = {name: judge(kept / name, name) for name in ("home", "gone")}
    teller = Teller(out)
    teller.verdicts(verdicts)
    teller.close(verdicts, 1)
    lines = out.getvalue().splitlines()
    assert len(lines) > 60
    assert [line for line in lines if len(line) > WIDTH or line != line.rstrip()] == []
    assert lines[-1].startswith("Everything this story asks for was played")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (-792, "33 days before"),
        (-36, "2 days before"),
        (-20, "the day before"),
        (0, "0 h"),
        (15, "15 h"),
        (279, "day 11"),
    ],
)
def test_a_moment_is_told_as_the_story_counts_it(hours, said):
    assert when(hours) == said


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    run = demo("--keep", str(tmp_path))
    assert run.returncode == 1
    assert run.stderr.count("\n") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_ending_that_does_not_exist_is_wrongly_typed():
    run = demo("--ending", "other")
    assert run.returncode == 2
    assert re.search("home.*gone.*both", run.stderr)
