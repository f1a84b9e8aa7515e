"""How entries add up: corrections, what is unknown, and the state now."""

import itertools

import pytest
from case.made import DAWN, HOUR, observation, row, when

from lastwords.case.entries import (
    ContactAttempt,
    Done,
    Note,
    OnWatch,
    Place,
    Question,
    Result,
    Sighting,
    Source,
    Standing,
    Step,
    Task,
    TaskReported,
    TaskTaken,
    Treatment,
    Way,
    What,
    Withdrawal,
)
from lastwords.case.ladder import GO_ON, LADDER, climbed
from lastwords.case.news2 import NoScore, Person, Score
from lastwords.case.state import Logged, Now, fold, strike

ADULT = Person(30, False)
WELL = {
    "consciousness": "A", "breaths_per_minute": 16, "spo2_percent": 97, "oxygen": False, "systolic_mmhg": 120,
    "pulse_per_minute": 70, "temperature_tenths": 370,
}  # fmt: skip


def now(*rows: Logged, hours: float = 15) -> Now:
    return fold(rows, DAWN + int(hours * HOUR))


def correction(number: int, of: int, what: What | None = None, hours: float = 0) -> Logged:
    return row(number, what or Note(f"in place of {of}"), hours, corrects=of, why="a slip")


def struck(*rows: Logged) -> dict[int, int]:
    return now(*rows).struck


def test_a_corrected_entry_is_struck_out_and_its_correction_stands():
    state = now(row(1, Treatment("patch of P.12")), correction(2, 1, Treatment("patch of A.12")))
    assert state.struck == {1: 2}
    assert [fact.number for fact in state.treatments] == [2]


def test_a_correction_of_a_correction_strikes_out_both():
    assert struck(row(1, Note("a")), correction(2, 1), correction(3, 2)) == {1: 3, 2: 3}


def test_a_withdrawal_strikes_out_and_adds_nothing():
    state = now(row(1, Treatment("A.19")), correction(2, 1, Withdrawal()))
    assert state.struck == {1: 2}
    assert state.standing == ()


def test_withdrawing_a_correction_brings_back_what_it_had_corrected():
    assert struck(row(1, Note("a")), correction(2, 1), correction(3, 2, Withdrawal(stands=1))) == {2: 3}


def test_correcting_a_withdrawal_takes_its_place():
    rows = (row(1, Note("a")), correction(2, 1, Withdrawal()), correction(3, 2, Note("b")))
    assert struck(*rows) == {1: 3, 2: 3}


def test_of_two_corrections_the_later_stands_and_that_there_are_two_is_said():
    state = now(row(1, Note("a")), correction(2, 1), correction(3, 1))
    assert state.struck == {1: 3, 2: 3}
    assert state.troubles == ("Entries 2 and 3 both correct entry 1; the later, 3, stands.",)


def test_a_correction_of_nothing_or_of_what_comes_later_stands_as_an_entry_and_is_told():
    state = now(correction(1, 7), correction(2, 2))
    assert state.struck == {}
    assert len(state.standing) == len(state.troubles) == 2


def test_however_corrections_point_every_entry_either_stands_or_is_struck_out_by_one_that_stands():
    """All shapes of four entries after a first one, each plain, a correction or a withdrawal of any before it."""
    choices = [
        [(0, False), *((of, withdrawn) for of in range(1, number) for withdrawn in (False, True))]
        for number in range(2, 6)
    ]
    for shape in itertools.product(*choices):
        rows = [row(1, Note("first"))]
        for number, (of, withdrawn) in enumerate(shape, start=2):
            what = Withdrawal() if withdrawn else Note("later")
            rows.append(correction(number, of, what) if of else row(number, Note("plain")))
        found, _ = strike(rows)
        assert all(by not in found and by > wrong for wrong, by in found.items()), shape


def test_rows_add_up_the_same_in_whatever_order_they_come():
    rows = (
        row(1, observation(WELL), 1),
        row(2, Treatment("A.19"), 2),
        correction(3, 2, Treatment("A.12"), 2),
        row(4, observation({"consciousness": "U"}), 3),
    )
    assert len({repr(fold(order, DAWN)) for order in itertools.permutations(rows)}) == 1


def test_the_latest_value_is_by_time_of_observation_not_of_writing():
    state = now(
        row(1, observation({"pulse_per_minute": 76}), 15), row(2, observation({"pulse_per_minute": 110}), 2)
    )
    assert state.latest["pulse_per_minute"].fact.number == 1


def test_what_is_about_another_person_is_in_the_log_and_not_in_the_state():
    state = now(row(1, Treatment("A.19"), person="Kakashi"), row(2, observation(WELL), person="Kakashi"))
    assert (state.treatments, state.observations, state.score(ADULT)) == ((), (), None)
    assert len(state.standing) == 2


def test_unconscious_is_told_from_the_first_to_the_last_look_without_consciousness():
    looks = [("U", 1), ("P", 8), ("U", 15)]
    state = now(
        *(row(number, observation({"consciousness": how}), at) for number, (how, at) in enumerate(looks, 1))
    )
    assert state.unconscious is not None
    assert state.unconscious.seconds == 14 * HOUR


def test_one_look_at_which_they_answered_breaks_the_row():
    looks = [("U", 1), ("V", 8), ("U", 10), ("U", 15)]
    state = now(
        *(row(number, observation({"consciousness": how}), at) for number, (how, at) in enumerate(looks, 1))
    )
    assert state.unconscious is not None
    assert state.unconscious.seconds == 5 * HOUR
    woke = now(*(row(n, observation({"consciousness": how}), n) for n, how in enumerate("UUA", 1)))
    assert woke.unconscious is not None and woke.unconscious.over
    assert (woke.unconscious.since.fact.number, woke.unconscious.until.fact.number) == (1, 2)
    assert now(row(1, observation({"consciousness": "A"}))).unconscious is None


def test_a_score_is_of_one_look_and_never_put_together_from_two():
    halves = [{k: v for k, v in WELL.items() if (k < "o") is first} for first in (True, False)]
    state = now(*(row(number, observation(half), number) for number, half in enumerate(halves, 1)))
    found = state.score(ADULT)
    assert found is not None and isinstance(found[1], NoScore)
    assert state.trend(ADULT)["news2"] == ()


def test_the_score_shown_is_the_newest_that_there_is():
    state = now(row(1, observation(WELL), 1), row(2, observation(WELL | {"oxygen": True}), 2))
    found = state.score(ADULT)
    assert found is not None and isinstance(found[1], Score)
    assert (found[0].fact.number, found[1].total) == (2, 2)


def test_a_trend_has_every_measured_value_and_none_that_is_only_reported():
    state = now(
        row(1, observation({"pulse_per_minute": 400, "as_reported": ["pulse_per_minute"]}), 1),
        row(2, observation(WELL), 2),
        row(3, observation(WELL | {"pulse_per_minute": 76}), 3),
    )
    trend = state.trend(ADULT)
    assert [(point.value, point.number) for point in trend["pulse_per_minute"]] == [(70, 2), (76, 3)]
    assert [point.value for point in trend["news2"]] == [0, 0]
    assert trend["pain"] == ()


def test_a_task_is_wanted_then_taken_then_reported():
    wanted = row(1, Task("Run for help"))
    taken = (row(2, TaskTaken(1), by="bull"), row(3, TaskTaken(1), by="bisuke"))
    assert now(wanted).tasks[0].taken_by is None
    assert now(wanted, *taken).tasks[0].taken_by == "bisuke"
    ended = now(wanted, *taken, row(4, TaskReported(1, Done.NOT_DONE, "No way through."), by="bisuke")).tasks[
        0
    ]
    assert (ended.reported, ended.done) == (4, False)


def test_a_question_is_open_until_a_standing_entry_answers_it():
    asked = row(1, Question("How much of it?"))
    answered = row(2, Note("Half a dose."), answers=1)
    assert [fact.number for fact in now(asked).questions] == [1]
    assert now(asked, answered).questions == ()
    assert [fact.number for fact in now(asked, answered, correction(3, 2, Withdrawal())).questions] == [1]


def test_a_watch_begins_and_ends():
    state = now(
        row(1, OnWatch("Hound", True), 1),
        row(2, OnWatch("Bull", True), 2),
        row(3, OnWatch("Hound", False), 9),
    )
    assert state.on_watch == ("Bull",)


def test_where_they_are_is_the_latest_sighting_or_place_and_places_of_help_are_kept_apart():
    state = now(
        row(1, Place("Suna", Standing.HELP, 2300), 0),
        row(2, Sighting("the cave"), 1),
        row(3, Place("home", Standing.ON_THE_WAY, 780, when(15)), 2),
        row(4, Place("the tower", Standing.HERE), 15),
    )
    assert state.here is not None and state.here.number == 4
    assert state.on_the_way is not None and state.on_the_way.number == 3
    assert [fact.number for fact in state.help] == [1]


def test_an_entry_that_cannot_be_read_is_told_and_one_sealed_to_others_is_not():
    broken = Logged(1, "bull", DAWN, False, None, "it is not an entry")
    sealed = Logged(2, "bull", DAWN, True, None)
    assert now(broken, sealed).troubles == ("Entry 1 by bull cannot be read: it is not an entry",)


def test_an_entry_dated_later_than_it_was_written_is_told():
    early = row(1, Note("x"), 2)
    assert now(early).troubles == ()
    ahead = Logged(1, early.by, early.at - 301, False, early.entry)
    assert now(ahead).troubles == ("Entry 1 is dated later than it was written.",)


def test_a_report_on_no_task_is_told():
    assert now(row(1, Note("x")), row(2, TaskTaken(1))).troubles == (
        "Entry 2 speaks of task 1, which is no task.",
    )


def test_the_ladder_goes_from_a_call_to_the_emergency_number_and_says_when_to_go_on():
    assert [rung.step for rung in LADDER] == list(Step)
    assert "still worried" in GO_ON


def test_the_ladder_shows_what_was_tried_on_each_rung():
    state = now(
        row(1, ContactAttempt("telephone", "mobile", Result.NO_ANSWER, step=Step.CALL)),
        row(2, Task("Ask at the tower", Step.ASK_HOSPITAL)),
        row(3, TaskReported(2, Done.DONE, "Nobody of that name.")),
        row(4, ContactAttempt("telephone", "mobile", Result.NO_ANSWER, step=Step.CALL)),
        correction(5, 4, Withdrawal()),
    )
    tried = {
        rung.rung.step: rung.tried for rung in climbed((one.number, one.entry) for one in state.standing)
    }
    assert tried == {
        Step.CALL: (1,),
        Step.VISIT: (),
        Step.ASK_FAMILY: (),
        Step.ASK_HOSPITAL: (3,),
        Step.EMERGENCY_NUMBER: (),
    }


@pytest.mark.parametrize("way", [Way.HEARD_FROM, Way.DOCUMENT])
def test_a_source_is_spoken_with_its_name(way: Way):
    assert Source(way, "Hound").spoken.endswith("Hound")
