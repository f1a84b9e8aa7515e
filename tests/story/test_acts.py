"""The checker is told nothing: leave an act out, play the rest for real, and exactly its system turns to not yet."""

import json
import shutil
from pathlib import Path

import pytest

from lastwords.story import checker, play
from lastwords.story.acts import ACTS
from lastwords.story.checker import EXPECTED, NOT_YET, PLAYED, SYSTEMS, judge
from lastwords.story.stage import Stage

WHERE = {"circle": "home", "cave": "home", "home": "home", "gone": "gone"}
"""In which ending a play without an act of each chapter is looked at."""
TELLING = sorted((act for act in ACTS.values() if act.system), key=lambda act: act.name)


def quiet(_: object) -> None:
    """Nobody listens."""


@pytest.fixture(scope="session")
def circle(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The first chapter, whole."""
    return play.the_circle(tmp_path_factory.mktemp("circle") / "stage")


@pytest.fixture(scope="session")
def cave(circle: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The first two chapters, whole."""
    return play.the_cave(circle, tmp_path_factory.mktemp("cave") / "stage", frozenset())


@pytest.fixture(scope="session")
def whole(cave: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both endings, whole."""
    folder = tmp_path_factory.mktemp("whole")
    return {name: play.ending(cave, name, folder / name, quiet) for name in play.ENDINGS}


def test_every_system_the_endings_must_show_is_played_when_nothing_is_left_out(whole):
    for ending, folder in whole.items():
        verdict = judge(folder, ending)
        assert verdict.wrong == []
        assert {system for system in EXPECTED[ending] if verdict.systems[system] != PLAYED} == set()
        assert verdict.holds


def test_every_system_with_a_question_has_an_act_that_can_be_left_out():
    assert {act.system for act in TELLING} == set(checker.QUESTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("act", TELLING, ids=lambda act: act.name)
def test_without_an_act_exactly_its_system_is_not_yet(act, whole, cave, circle, tmp_path):
    ending = WHERE[act.chapter]
    before = _before(act.name, act.chapter, cave, circle, tmp_path)
    folder = play.ending(before, ending, tmp_path / ending, quiet, without=frozenset({act.name}))
    with_it, without_it = judge(whole[ending], ending), judge(folder, ending)
    changed = {system for system in SYSTEMS if with_it.systems[system] != without_it.systems[system]}
    assert with_it.systems[act.system] == PLAYED
    assert changed == {act.system}
    assert without_it.systems[act.system] == NOT_YET
    assert without_it.holds == (act.system not in EXPECTED[ending])


def _before(name: str, chapter: str, cave: Stage, circle: Stage, folder: Path) -> Stage:
    """What comes before the ending, played anew from the chapter that lacks the act."""
    without = frozenset({name})
    if chapter == "circle":
        return play.the_cave(play.the_circle(folder / "circle", without), folder / "cave", without)
    return play.the_cave(circle, folder / "cave", without) if chapter == "cave" else cave


# Faults planted in a record: each is named, whatever else was played.


@pytest.fixture
def home(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole["home"], tmp_path / "home", ignore=shutil.ignore_patterns("data")))


@pytest.fixture
def gone(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole["gone"], tmp_path / "gone", ignore=shutil.ignore_patterns("data")))


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
