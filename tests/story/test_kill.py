"""Nothing lost, nothing twice: the host is killed outright again and again while the story is played to its end."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from story.unsteady import UnsteadyStage

from lastwords.story import play
from lastwords.story.acts import cave, gone
from lastwords.story.checker import judge
from lastwords.story.record import Record
from lastwords.story.stage import Stage

AUTHOR = "iruka"

CUT_AFTER = {
    ("words", "replace"),
    ("words", "take-back"),
    ("words", "write"),
    ("shares", "prove"),
    ("alarm", "iruka"),
    ("case", "iruka", "entry"),
    ("case", "iruka", "write"),
    ("case", "iruka", "restore"),
    ("case", "iruka", "state"),
    ("glass", "iruka", "ask"),
    ("hold", "iruka"),
    ("told", "iruka"),
    ("open", "iruka"),
    ("later", "iruka"),
    ("case", "iruka", "sign"),
    ("here",),
}
"""Commands after whose first acknowledgement everything is killed."""

SIGNED = {"home": "sign_home", "end": "sign_end", "recipient-died": "sign_recipient_died"}
"""The event of each signature in a case."""

READING = {
    *(("words", what) for what in ("list", "waiting")),
    *(("case", what) for what in ("show", "trip-notes", "report", "page", "now")),
    ("keeper", "list"),
    ("log", "show"),
    ("glass", "show"),
}
"""Commands that leave nothing on record, without the author whose watch they are about."""

CUT_AT = ("Iruka may need help", "Please check on Iruka", "Last call to you", "Iruka wrote words")
"""Letters at whose first arrival everything is killed, before the host hears that they arrived."""


@dataclass
class Once:
    """Says yes the first time it meets each of the things it waits for."""

    waiting: set = field(default_factory=set)

    def beginning(self, words: tuple[str, ...]) -> bool:
        met = {one for one in self.waiting if words[: len(one)] == one}
        self.waiting -= met
        return bool(met)

    def subject(self, subject: str) -> bool:
        met = {one for one in self.waiting if subject.startswith(one)}
        self.waiting -= met
        return bool(met)


@pytest.fixture(scope="module")
def survived(circle, tmp_path_factory) -> UnsteadyStage:
    """The whole ending *gone*, through every one of these power cuts."""
    stage = circle.carried_to(UnsteadyStage, tmp_path_factory.mktemp("survived") / "gone")
    commands, letters = Once(set(CUT_AFTER)), Once(set(CUT_AT))
    stage.after = lambda role, words: commands.beginning(words)
    stage.cut_at_letters(letters.subject)
    with stage:
        cave.play(stage)
        gone.play(stage)
        play.keep_the_record(stage)
    play.verify_the_log(stage)
    assert (commands.waiting, letters.waiting) == (set(), set())
    return stage


@pytest.fixture
def record(survived: Stage) -> Record:
    return Record(survived.folder, "gone")


def test_the_host_was_killed_at_every_moment_that_was_named(survived):
    assert survived.house.deaths == len(CUT_AFTER) + len(CUT_AT)


def test_everything_that_was_acknowledged_is_on_record(survived, record):
    lost = [
        (who, words) for who, words, answer in survived.acknowledged if not traces(record, who, words, answer)
    ]
    assert lost == []


def test_an_acknowledged_act_that_is_not_on_record_is_noticed(survived, record):
    """The planted fault: the same look at a record from which one row is gone."""
    who, words, answer = next(
        one for one in survived.acknowledged if one[1][:3] == ("case", "iruka", "entry")
    )
    assert traces(record, who, words, answer)
    record.log[AUTHOR].remove(next(row for row in record.log[AUTHOR] if row.number == answer["entry"]))
    assert not traces(record, who, words, answer)


def test_a_letter_whose_arrival_the_host_never_heard_of_came_once_more_under_the_same_name(record):
    again = {came[0].subject for came in record.arrived.values() if len({one.to for one in came}) < len(came)}
    assert {begins for begins in CUT_AT for subject in again if subject.startswith(begins)} == set(CUT_AT)


def test_no_letter_has_its_effect_twice(record):
    begun = [about for row in record.rows(AUTHOR) for what, about in row.happened if what == "wait_begins"]
    # Late begins once more after the hold that Shizune placed and lifted.
    assert sorted(begun) == ["died.kakashi", "died.naruto", "glass.kakashi", "late", "late", "vigil"]
    taken = [(row.given["kind"], row.given["to"], row.given["round"], row.given["channels"])
             for row in record.rows(AUTHOR, "letter_taken")]  # fmt: skip
    counted = [one for one in taken if one[0] in ("alarm_asks", "last_call", "keeper_called")]
    assert len(counted) == len(set(counted))


def test_everything_is_released_once_and_nothing_else_is_wrong(survived):
    verdict = judge(survived.folder, "gone")
    assert sorted(one["track"] for one in verdict.released) == ["died.kakashi", "died.naruto"]
    assert [fault for fault in verdict.wrong if "came twice" not in fault] == []
    assert verdict.missing == {}
    assert verdict.log["verified"]


def traces(record: Record, who: str, words: tuple[str, ...], answer: dict) -> bool:
    """Whether the record shows what this command was told had been done. Commands that only read leave nothing."""
    if words[0] == "here":
        return bool(record.rows(who, "check_in", who))
    if words[:2] in (("words", "write"), ("words", "replace")):
        sealed = [(row.given["number"], row.given["hash"]) for row in record.rows(who, "seal_words")]
        return (answer["number"], answer["sha256"]) in sealed if answer else bool(sealed)
    if words[:2] == ("words", "take-back"):
        return bool(record.happened(who, "taken_back"))
    if words[:2] == ("shares", "prove"):
        return bool(record.rows(words[2], "give_receipt", who))
    if words[0] == "key":
        return record.desk(who).parent.joinpath("lastwords", "key").exists()
    if words[0] == "hold":
        return any(
            row.by == who
            for row in record.happened(words[1], "hold_ended" if "--lift" in words else "hold_placed")
        )
    if words[0] == "glass" and words[2] in ("ask", "card"):
        return any(row.by == who for row in record.happened(words[1], "glass_asked"))
    if words[0] == "glass" and words[2] == "open":
        return any(row.by == who for row in record.happened(words[1], "glass_spent"))
    if words[0] == "alarm" and "--join-in" in words:
        return bool(answer["document"])
    if words[0] in ("alarm", "told", "open", "later", "decline"):
        happened = {"open": "opened", "decline": "not_now"}.get(words[0], words[0])
        return "--wishes-first" in words or any(row.by == who for row in record.happened(words[1], happened))
    if words[0] == "case" and words[2] in ("entry", "task", "write"):
        numbers = [row.number for row in record.rows(words[1], "note_in_case", who)]
        return answer["entry"] in numbers if answer else bool(numbers)
    if words[0] == "case" and words[2] == "seal-again":
        written = record.rows(words[1], "note_in_case", who)
        return not answer or len(answer["sealed_again"]) <= len(written)
    if words[0] == "case" and words[2] == "call":
        return bool(record.rows(words[1], "call_alternate", who))
    if words[0] == "case" and words[2] == "state":
        return bool(record.rows(words[1], "make_statement", who))
    if words[0] == "case" and words[2] == "answer":
        return bool(record.happened(words[1], "answered", who))
    if words[0] == "case" and words[2] == "sign":
        return bool(record.rows(words[1], SIGNED[words[3]], who))
    if words[0] == "case" and words[2] == "restore":
        return bool(record.rows(words[1], "restore_seat", who))
    return (words[0], words[2 if words[0] in ("case", "glass") else 1]) in READING


@pytest.mark.parametrize(
    "words",
    [
        ("seat", "iruka", "pass", "bull"),
        ("here",),
        ("words", "write", "naruto"),
        ("keeper", "invite", "bull"),
    ],
    ids=" ".join,
)
def test_every_kind_of_command_that_was_given_can_be_traced(words):
    """Nothing passes by being unknown, or by being like one that only reads: on an empty record it is not found."""
    assert not traces(Record(Path("nowhere"), "gone"), "iruka", words, {})
