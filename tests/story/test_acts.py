"""The checker is told nothing: leave acts out, and exactly their systems turn to not yet.

It is asked in two ways. From the record of a whole play the traces of each act are taken in turn, which costs nothing
and shows that no other system rests on them. And plays in which several acts are left out are played for real, from
the point at which they part from the whole one, so that every system is missing for real at least once.
"""

import json
import shutil
from pathlib import Path

import pytest
from story.conftest import Played
from story.traces import taken_out

from lastwords.story import checker, play
from lastwords.story.acts import ACTS
from lastwords.story.checker import NOT_YET, PLAYED, SYSTEMS, judge

WHERE = {"circle": "home", "cave": "home", "home": "home", "gone": "gone"}
"""In which ending a record without an act of each chapter is looked at."""
TELLING = sorted((act for act in ACTS.values() if act.system), key=lambda act: act.name)
INTERWOVEN = ("words_for_naruto", "better_words", "ully_accepts", "the_report")
"""Acts that so much else of a play hangs on that a record without their traces would be no record of anything."""

PLAYS = {
    "a circle without Naruto's words": ("circle", "home", {"words_for_naruto", "new_ways_in"}),
    "a circle without Ully": ("circle", "home", {"ully_accepts"}),
    "a cave with the second words": ("cave", "home", {"better_words"}),
    "a cave without care, help, guards": (
        "cave",
        "gone",
        {"not_for_kakashi", "help_is_fetched", "first_care", "the_card", "at_the_gate", "the_monitor"}
        | {"nothing_for_the_silent", "paws_for_kakashi", "wishes_first"},
    ),
    "a cave without glass, a team, pages": (
        "cave",
        "home",
        {"too_early", "the_cage", "second_pair_of_hands", "the_alarm_button", "the_report", "team"}
        | {"wishes_of_kakashi", "paw_prints"},
    ),
}
"""Plays with acts left out: from which chapter on they are played anew, which ending is looked at, and the acts."""


def quiet(_: object) -> None:
    """Nobody listens."""


@pytest.fixture
def whole(played: Played) -> dict[str, Path]:
    """Both endings, whole."""
    return played.folders


def test_every_system_is_played_in_both_endings_when_nothing_is_left_out(whole):
    for ending, folder in whole.items():
        verdict = judge(folder, ending)
        assert verdict.wrong == []
        assert verdict.missing == {}
        assert set(verdict.systems.values()) == {PLAYED}
        assert verdict.holds


def test_every_system_has_a_question_and_an_act_that_can_be_left_out():
    assert {act.system for act in TELLING} == set(checker.QUESTIONS) == set(SYSTEMS)
    left_out = set().union(*(acts for _, _, acts in PLAYS.values()))
    assert left_out == {act.name for act in TELLING}


@pytest.mark.parametrize(
    "act", [act for act in TELLING if act.name not in INTERWOVEN], ids=lambda act: act.name
)
def test_a_record_without_the_traces_of_an_act_lacks_exactly_its_system(act, whole, tmp_path):
    ending = WHERE[act.chapter]
    folder = _copy(whole[ending], tmp_path)
    assert taken_out(folder, act.name) > 0
    verdict = judge(folder, ending)
    assert {system for system in SYSTEMS if verdict.systems[system] == NOT_YET} == {act.system}
    assert not verdict.holds


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYS)
def test_without_some_acts_exactly_their_systems_are_not_yet(name, circle, tmp_path):
    chapter, ending, acts = PLAYS[name]
    without = frozenset(acts)
    begun = circle if chapter == "cave" else play.the_circle(tmp_path / "circle", without)
    before = play.the_cave(begun, tmp_path / "cave", without)
    folder = play.ending(before, ending, tmp_path / ending, quiet, without=without)
    verdict = judge(folder, ending)
    assert {system for system in SYSTEMS if verdict.systems[system] == NOT_YET} == {
        ACTS[act].system for act in acts
    }
    assert not verdict.holds


def _copy(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to / folder.name, ignore=shutil.ignore_patterns("data")))


# Faults planted in a record: each is named, whatever else was played.


@pytest.fixture
def home(whole, tmp_path) -> Path:
    return _copy(whole["home"], tmp_path)


@pytest.fixture
def gone(whole, tmp_path) -> Path:
    return _copy(whole["gone"], tmp_path)


def _change(path: Path, change) -> None:
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def test_a_letter_that_came_twice_to_one_address_is_named(home):
    letter = sorted((home / "mail").glob("*-bull@*"))[-1]
    shutil.copy(letter, letter.with_name(f"9999-{letter.name.partition('-')[2]}"))
    assert any("came twice" in fault for fault in judge(home, "home").wrong)


def test_a_letter_that_never_came_is_named(home):
    sorted((home / "mail").glob("*-bull@*"))[-1].unlink()
    assert any("never came" in fault for fault in judge(home, "home").wrong)


def test_a_log_that_does_not_verify_is_named(home):
    def break_it(verified):
        verified["whole"] = False
        verified["logs"][0]["faults"] = ["row 3 is not what was committed to"]

    _change(home / "verified.json", break_it)
    verdict = judge(home, "home")
    assert not verdict.log["verified"]
    assert any("committed to" in fault for fault in verdict.wrong)


def test_words_found_with_someone_they_are_not_for_are_named(home):
    letter = home / "homes" / "iruka" / "desk" / "kakashi-3.txt"
    shutil.copy(letter, home / "homes" / "shizune" / "desk" / "found.txt")
    assert any("kakashi-3.txt" in fault and "shizune" in fault for fault in judge(home, "home").wrong)


def test_an_older_version_found_with_its_own_recipient_is_named(gone):
    letter = gone / "homes" / "iruka" / "desk" / "kakashi-2.txt"
    shutil.copy(letter, gone / "homes" / "kakashi" / "desk" / "found.txt")
    assert any("kakashi-2.txt" in fault for fault in judge(gone, "gone").wrong)


def test_words_that_opened_as_something_else_than_the_last_are_named(gone):
    (gone / "homes" / "kakashi" / "desk" / "opened" / "words" / "letter.txt").write_text("something else")
    verdict = judge(gone, "gone")
    assert any("another version" in fault for fault in verdict.wrong)
    assert not verdict.holds


def test_a_release_in_the_ending_home_is_named(home):
    def release(log):
        log["rows"][-1]["body"]["happened"].append(["released", "died.naruto"])

    _change(home / "log-iruka.json", release)
    verdict = judge(home, "home")
    assert any("came home" in fault for fault in verdict.wrong)
    assert verdict.systems["S13"] == NOT_YET


def test_a_second_release_of_the_same_words_is_named(gone):
    def release(log):
        log["rows"][-1]["body"]["happened"].append(["released", "died.naruto"])

    _change(gone / "log-iruka.json", release)
    assert any("released 2 times" in fault for fault in judge(gone, "gone").wrong)


def test_a_jump_of_the_clock_that_earned_something_is_named(home):
    path = home / "clock.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["earned"] += 60 if "jump" in line else 0
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert any("jump" in fault for fault in judge(home, "home").wrong)


def test_a_keepers_note_that_a_recipient_could_read_is_not_one_for_the_keepers_alone(home):
    path = home / "answers.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    note = next(line["answer"]["entry"] for line in lines if "--only-keepers" in line["said"])
    seen = next(
        line for line in lines if line["who"] == "kakashi" and line["said"][:3] == ["case", "iruka", "show"]
    )
    seen["answer"]["entries"].append({"number": note, "text": "read after all"})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert judge(home, "home").systems["S3"] == NOT_YET


def test_a_refusal_that_came_only_after_the_release_does_not_count_as_too_early(gone):
    def later(log):
        row = next(row for row in log["rows"] if ["not_now", "died.kakashi"] in row["body"]["happened"])
        row["body"]["at"] = [moment + 40 * 86400 for moment in row["body"]["at"]]

    _change(gone / "log-iruka.json", later)
    assert judge(gone, "gone").systems["S4"] == NOT_YET


def test_a_release_within_thirteen_days_of_the_alarm_is_named(gone):
    def sooner(log):
        row = next(row for row in log["rows"] if ["released", "died.naruto"] in row["body"]["happened"])
        row["body"]["at"] = [moment - 2 * 86400 for moment in row["body"]["at"]]

    assert not any("thirteen days" in fault for fault in judge(gone, "gone").wrong)
    _change(gone / "log-iruka.json", sooner)
    verdict = judge(gone, "gone")
    assert any("thirteen days" in fault for fault in verdict.wrong)
    assert not verdict.holds


def test_a_release_that_credit_has_not_waited_for_is_named_though_the_wall_clock_has(gone):
    def unearned(log):
        row = next(row for row in log["rows"] if ["released", "died.kakashi"] in row["body"]["happened"])
        row["body"]["at"][1] -= 2 * 86400

    _change(gone / "log-iruka.json", unearned)
    assert any("thirteen days" in fault for fault in judge(gone, "gone").wrong)


def test_words_handed_to_one_who_is_silent_himself_are_named(home):
    def hand_over(log):
        row = next(row for row in log["rows"] if ["told", "cannot_act.tsunade"] in row["body"]["happened"])
        row["body"]["happened"].append(["told", "cannot_act.iruka"])

    _change(home / "log-kakashi.json", hand_over)
    verdict = judge(home, "home")
    assert any("was silent" in fault for fault in verdict.wrong)
    assert verdict.systems["S7"] == NOT_YET


def test_words_that_passed_on_to_whoever_would_follow_are_not_a_pair_well_kept(home):
    def pass_on(log):
        row = next(
            row for row in log["rows"] if ["released", "cannot_act.tsunade"] in row["body"]["happened"]
        )
        row["body"]["happened"].append(["released", "cannot_act.tsunade.iruka"])

    _change(home / "log-kakashi.json", pass_on)
    assert judge(home, "home").systems["S7"] == NOT_YET


def test_glass_that_opened_before_its_wait_had_run_is_not_well_broken(home):
    def sooner(log):
        row = next(row for row in log["rows"] if ["glass_open", "kakashi"] in row["body"]["happened"])
        row["body"]["at"][1] -= 3 * 3600

    _change(home / "log-iruka.json", sooner)
    assert judge(home, "home").systems["S8"] == NOT_YET


def test_a_seat_restored_by_two_alone_is_not_well_restored(home):
    def fewer(log):
        signed = [row for row in log["rows"] if row["body"]["event"] == "restore_seat"]
        signed[0]["body"]["by"] = signed[1]["body"]["by"]

    _change(home / "log-iruka.json", fewer)
    assert judge(home, "home").systems["S8"] == NOT_YET


def test_a_wait_that_goes_on_under_a_hold_is_not_a_hold(home):
    def go_on(log):
        placed = next(row for row in log["rows"] if ["hold_placed", "switch"] in row["body"]["happened"])
        moved = json.loads(json.dumps(placed))
        moved["number"] += 0.5
        moved["body"] |= {
            "event": "look",
            "by": "",
            "before": "late",
            "after": "vigil",
            "happened": [],
            "letters": [],
        }
        log["rows"].insert(log["rows"].index(placed) + 1, moved)

    _change(home / "log-iruka.json", go_on)
    assert judge(home, "home").systems["S9"] == NOT_YET


def test_a_report_that_keeps_the_slip_is_not_a_report(home):
    path = home / "homes" / "shizune" / "desk" / "handover.txt"
    path.write_text(path.read_text("utf-8").replace("A.12", "P.12"), "utf-8")
    assert judge(home, "home").systems["S6"] == NOT_YET


def test_a_score_of_a_look_that_lacked_values_is_no_score(home):
    path = home / "answers.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    seen = next(line for line in lines if line["said"][2:3] == ["now"])
    del seen["answer"]["score"]["parts"][-1]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert judge(home, "home").systems["S11"] == NOT_YET


def test_a_page_that_lacks_a_name_is_not_the_page_of_everyone(home):
    path = home / "answers.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["who"] == "kakashi" and line["said"][2:3] == ["page"]:
            del line["answer"]["signed"][0]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert judge(home, "home").systems["S13"] == NOT_YET
