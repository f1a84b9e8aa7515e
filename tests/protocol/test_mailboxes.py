"""Mailboxes of the dead close, letters come back: people are told, and nothing is taken for a hand-over."""

from collections.abc import Callable

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_KAKASHI,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    Play,
    armed,
    died,
    in_closing,
    in_last_call,
    in_late,
    in_vigil,
    released,
    sealing,
    stating,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, Finding, HoldCause, Stage, TrackStage
from lastwords.protocol.watch import Watch


def unreached(days: float, *words: e.SealWords) -> Play:
    """The check-in was missed, every channel of the author refuses, the keepers' channels work."""
    play = armed(*words)
    play.mail = False
    play.days(30)
    play.unsent.clear()
    play.do(e.LetterFailed("", "check_in_missed", IRUKA, play.watch.asking))
    return play.days(days)


def to_keepers(play: Play) -> Play:
    """Whatever lies there for keepers is taken; the author's letters are not."""
    waiting = [letter for letter in play.unsent if letter.to != IRUKA]
    play.unsent.clear()
    return play.do(*[e.LetterTaken("", letter.kind, letter.to, letter.round) for letter in waiting])


def test_after_fourteen_days_of_failing_channels_the_vigil_begins_all_the_same() -> None:
    """From the first that failed: one that fails later puts nothing off."""
    play = unreached(13.9).do(e.LetterFailed("", "check_in_missed", IRUKA, 1))
    assert play.stage is Stage.LATE
    play.days(0.1)
    assert play.stage is Stage.VIGIL
    assert play.watch.unreached
    call = next(letter for letter in play.letters if letter.kind == "keeper_called")
    assert dict(call.facts)["unreached"] == 1


def test_a_letter_that_is_taken_at_last_begins_the_wait_in_full() -> None:
    play = unreached(10)
    play.do(e.LetterTaken("", "check_in_missed", IRUKA, play.watch.asking))
    assert play.watch.failing is None
    assert play.days(6.9).stage is Stage.LATE
    assert play.days(0.1).stage is Stage.VIGIL


def in_unheard_last_call() -> Play:
    play = to_keepers(unreached(14)).do(*died(*PACK[:3]))
    play.days(4)
    assert play.track().stage is TrackStage.LAST_CALL
    return play


def test_in_a_last_call_nobody_can_read_a_quorum_tries_in_person_and_it_lasts_fourteen_days() -> None:
    play = in_unheard_last_call().days(60)
    assert play.track().releases == 0
    play.do(e.SignTried(PAKKUN), e.SignTried(BISUKE), e.SignTried(KAKASHI)).days(30)
    assert play.track().releases == 0
    assert play.refused(e.SignTried(PAKKUN)) == "signed_already"
    play.do(e.SignTried(BULL))
    play.seconds(14 * DAY - 1)
    assert play.track().releases == 0
    play.seconds(1)
    assert play.track().releases == 1


def asked_to_try(play: Play) -> list[str]:
    return [letter.to for letter in play.letters if letter.kind == "try_in_person"]


def test_keepers_are_asked_to_try_in_person_until_a_quorum_has() -> None:
    """Once for both last calls, and again every thirty days."""
    play = to_keepers(unreached(14)).do(*died(*PACK[:3]))
    play.letters.clear()
    assert sorted(asked_to_try(play.days(4))) == sorted((*PACK, KAKASHI))
    play.do(e.SignTried(PAKKUN), e.SignTried(BISUKE))
    for _ in range(3):
        play.letters.clear()
        assert sorted(asked_to_try(play.days(30))) == sorted((*PACK, KAKASHI))
        assert not any(letter.kind == "asked_again" for letter in play.letters)
    play.do(e.SignTried(BULL))
    play.letters.clear()
    assert asked_to_try(play.days(13)) == []


def test_keepers_are_asked_to_try_when_the_author_turns_out_to_be_unreached_in_a_last_call() -> None:
    play = unheard_last_call()
    play.do(e.LetterFailed("", "last_call", IRUKA, play.track().round))
    play.letters.clear()
    assert asked_to_try(play.days(13)) == []
    assert sorted(asked_to_try(play.days(1))) == sorted((*PACK, KAKASHI))


def test_a_last_call_that_is_taken_at_last_runs_in_full_and_its_author_is_reached() -> None:
    play = in_unheard_last_call().days(3)
    round_ = play.track().round
    play.do(e.LetterTaken("", "last_call", IRUKA, play.watch.asking))
    assert play.track().wait is None and play.watch.unreached
    play.do(e.LetterTaken("", "last_call", IRUKA, round_))
    assert not play.watch.unreached
    assert play.track().wait is not None and play.track().wait.remaining(play.now) == 2 * DAY
    play.do(e.LetterTaken("", "last_call", IRUKA, play.track(FOR_KAKASHI).round))
    assert play.watch.failing is None


def test_a_last_call_that_was_taken_leaves_none_that_was_not_waiting_without_an_end() -> None:
    """Keepers agreed on some words, and later on others. One letter fitted into a mailbox that is full again; for the
    other days are counted anew, and keepers asked."""
    heard, unheard = "cannot_act.naruto", FOR_KAKASHI
    play = two_last_calls(to_keepers(unreached(14, *BOTH))).days(20)
    play.do(e.SignTried(PAKKUN), e.LetterTaken("", "last_call", IRUKA, play.track(heard).round))
    play.letters.clear()
    assert asked_to_try(play.days(13)) == []
    assert play.refused(e.SignTried(BISUKE)) == "mail_reaches"
    assert set(asked_to_try(play.days(1))) == set(PACK)
    play.do(e.SignTried(BISUKE), e.SignTried(BULL)).seconds(14 * DAY - 1)
    assert [play.track(key).releases for key in (heard, unheard)] == [1, 0]
    assert play.seconds(1).track(unheard).releases == 1


def test_whoever_has_tried_counts_when_it_turns_out_anew_that_no_mailbox_takes_a_letter() -> None:
    """Of three who had tried one was silent. A letter was taken meanwhile, so their being back settled nothing."""
    heard, unheard = "cannot_act.naruto", FOR_KAKASHI
    play = two_last_calls(to_keepers(unreached(14, *BOTH))).days(20).do(e.HearOfSilence("", PACK[3], True))
    play.do(*[e.SignTried(keeper) for keeper in (PAKKUN, BISUKE, PACK[3])])
    play.do(
        e.LetterTaken("", "last_call", IRUKA, play.track(heard).round), e.HearOfSilence("", PACK[3], False)
    )
    assert play.track(unheard).wait is None
    assert play.days(14).track(unheard).wait is not None


def two_last_calls(play: Play) -> Play:
    """Keepers agree that the author cannot act, and when that last call has begun, that they died."""
    play.do(*[stating(keeper, Finding.CANNOT_ACT, play) for keeper in PACK[:3]]).days(4)
    return play.do(*died(*PACK[:3], play=play)).look()


BOTH = sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, KAKASHI)


def test_a_last_call_that_comes_back_is_asked_anew_and_another_one_runs_on() -> None:
    play = two_last_calls(in_vigil(*BOTH))
    first, second = (play.track(key) for key in ("cannot_act.naruto", FOR_KAKASHI))
    assert first.wait is not None and second.wait is not None and first.round != second.round
    play.mail = False
    play.do(e.LetterBounced("", "last_call", IRUKA, first.round))
    assert play.track("cannot_act.naruto").wait is None
    assert play.track(FOR_KAKASHI).wait == second.wait


def test_keepers_are_asked_to_try_and_asked_again_where_words_wait_for_either() -> None:
    play = to_keepers(unreached(14, *BOTH))
    play.do(*[stating(keeper, Finding.CANNOT_ACT, play) for keeper in PACK[:3]]).days(4)
    play.letters.clear()
    play.days(30)
    assert {"try_in_person", "asked_again"} <= {str(letter.kind) for letter in play.letters}


def test_trying_in_person_counts_no_more_once_a_last_call_was_taken() -> None:
    """Three have tried, and one of them is silent; then a letter is taken after all, and comes back."""
    play = in_unheard_last_call().do(e.HearOfSilence("", PAKKUN, True), *died(PACK[3])).days(4)
    play.do(*[e.SignTried(keeper) for keeper in PACK[:3]])
    last = play.track().round
    play.do(e.LetterTaken("", "last_call", IRUKA, last), e.LetterBounced("", "last_call", IRUKA, last))
    assert play.do(e.HearOfSilence("", PAKKUN, False)).track().wait is None
    assert play.refused(e.SignTried(PACK[3])) == "mail_reaches"


@pytest.mark.parametrize(
    "begin, waits",
    (
        (lambda: armed().days(30), lambda watch: watch.stage is Stage.VIGIL and watch.wait),
        (in_vigil, lambda watch: watch.closing and watch.closing.wait),
    ),
)
def test_what_is_asked_again_belongs_to_the_asking_that_waits_for_it(
    begin: Callable[[], Play], waits: Callable[[Watch], object]
) -> None:
    """Nobody took the first letters, and somebody has asked for the emergency notes since."""
    play = begin()
    play.mail = False
    play = play.do(strong()) if play.stage is Stage.VIGIL else play.days(7)
    play.unsent.clear()
    play.do(e.BreakGlass(KAKASHI, False))
    play.unsent.clear()
    assert not waits(play.watch)
    play.mail = True
    assert waits(play.days(31).watch)


def test_trying_in_person_stands_for_no_letter_that_was_taken() -> None:
    play = in_vigil().do(*died(*PACK[:3]))
    assert play.refused(e.SignTried(PAKKUN)) == "not_in_last_call"
    play.mail = False
    play.days(4)
    assert play.refused(e.SignTried(PAKKUN)) == "mail_reaches"


def unheard_late() -> Play:
    play = armed()
    play.mail = False
    return play.days(30)


def unheard_last_call() -> Play:
    """The mail went down on the day on which the last call began."""
    play = in_vigil().do(*died(*PACK[:3]))
    play.mail = False
    return play.days(4)


def asking(play: Play) -> int:
    return play.watch.asking


def last(play: Play) -> int:
    return play.track().round


@pytest.mark.parametrize(
    "begin, kind, of, counts",
    (
        (unheard_late, "check_in_missed", asking, True),
        (unheard_late, "check_in_due", asking, False),
        (unheard_late, "check_in_missed", last, False),
        (in_late, "check_in_missed", asking, False),
        (in_vigil, "statement_made", asking, False),
        (unheard_last_call, "last_call", last, True),
        (unheard_last_call, "last_call", asking, False),
        (in_last_call, "last_call", last, False),
    ),
)
def test_an_author_is_failing_only_where_a_wait_stands_still_for_the_letter(
    begin: Callable[[], Play], kind: str, of: Callable[[Play], int], counts: bool
) -> None:
    play = begin()
    play.do(e.LetterFailed("", kind, IRUKA, of(play)))
    assert (play.watch.failing == play.now, play.has_happened("author_failing")) == (counts, counts)
    assert play.days(14).watch.unreached is counts


def all_bounced(play: Play, kind: str) -> Play:
    return play.do(*[e.LetterBounced("", kind, keeper, play.watch.asking) for keeper in PACK[:3]])


@pytest.mark.parametrize("begin, kind", ((in_vigil, "keeper_called"), (in_closing, "home_question")))
def test_calls_that_come_back_begin_the_wait_of_the_keepers_again_twice_at_most(
    begin: Callable[[], Play], kind: str
) -> None:
    play = begin()

    def waits() -> bool:
        closing = play.watch.closing
        return (closing.wait if closing else play.watch.wait) is not None

    for _ in range(2):
        all_bounced(play, kind)
        assert not waits()
        play.do(*[e.LetterTaken("", kind, keeper, play.watch.asking) for keeper in PACK[:3]])
        assert waits()
    all_bounced(play, kind)
    assert waits()


@pytest.mark.parametrize("begin", (in_last_call, released))
def test_a_call_that_comes_back_is_asked_for_no_more_once_it_has_led_to_a_last_call(
    begin: Callable[[], Play],
) -> None:
    play = begin()
    wait = play.watch.wait
    assert wait is not None and all_bounced(play, "keeper_called").watch.wait == wait


def test_another_letter_that_comes_back_leaves_a_keeper_reached() -> None:
    play = in_vigil()
    assert all_bounced(play, "hold_placed").watch.heard == in_vigil().watch.heard


def test_a_sign_of_life_makes_the_mailboxes_count_as_untried() -> None:
    play = in_unheard_last_call().do(strong())
    assert not play.watch.unreached and play.watch.failing is None


def test_a_bounce_of_the_only_copy_begins_the_wait_again_twice_at_most() -> None:
    play = armed().days(30)
    play.mail = False
    for _ in range(2):
        play.days(6)
        play.unsent.clear()
        play.do(e.LetterBounced("", "check_in_missed", IRUKA, play.watch.asking))
        assert (play.watch.wait, play.watch.failing, play.watch.reminded) == (None, play.now, False)
        play.do(e.LetterTaken("", "check_in_missed", IRUKA, play.watch.asking))
    wait = play.watch.wait
    play.do(e.LetterBounced("", "check_in_missed", IRUKA, play.watch.asking))
    assert play.watch.wait == wait
    assert play.days(7).stage is Stage.VIGIL


def test_a_second_reminder_that_comes_back_begins_the_wait_again_though_notes_were_asked_for_meanwhile() -> (
    None
):
    play = in_late().do(e.BreakGlass(KAKASHI, False)).days(3)
    reminder = next(letter for letter in play.letters if letter.kind == "second_reminder")
    play.mail = False
    play.do(e.LetterBounced("", reminder.kind, IRUKA, reminder.round))
    assert play.watch.wait is None


def test_each_missed_check_in_and_each_last_call_has_two_bounces_of_its_own() -> None:
    play = armed()
    for _ in ("one missed check-in", "another"):
        play.days(30)
        for begins_anew in (True, True, False):
            play.seconds(60)
            play.do(e.LetterBounced("", "check_in_missed", IRUKA, play.watch.asking))
            assert play.watch.wait is not None
            assert (play.watch.wait.since == play.now) is begins_anew
        play.do(strong())
    play = in_vigil().do(*died(*PACK[:3])).days(4).do(e.RetractStatement(BULL), *died(BULL)).days(0)
    play.mail = False
    for _ in range(2):
        play.do(e.LetterBounced("", "last_call", IRUKA, play.track().round))
        assert play.track().wait is None
        play.do(e.LetterTaken("", "last_call", IRUKA, play.track().round))


def test_a_bounced_last_call_is_written_anew_and_runs_in_full() -> None:
    play = in_vigil().do(*died(*PACK[:3])).days(5)
    play.new_letters()
    play.mail = False
    bounced = play.track().round
    play.do(e.LetterBounced("", "last_call", IRUKA, bounced))
    assert "last_call" in play.new_letters()
    play.do(e.LetterTaken("", "last_call", IRUKA, bounced))
    assert (play.track().wait, play.watch.failing) == (None, play.now)
    play.days(10)
    assert play.track().releases == 0


def test_bounces_of_one_wait_are_not_counted_against_another() -> None:
    play = in_vigil()
    for _ in range(2):
        for keeper in PACK[:3]:
            play.do(e.LetterBounced("", "keeper_called", keeper, play.watch.asking))
        assert play.watch.wait is None
        play.do(*[e.LetterTaken("", "keeper_called", keeper, play.watch.asking) for keeper in PACK[:3]])
    play.do(*died(*PACK[:3])).days(4)
    play.mail = False
    for _ in range(2):
        play.do(e.LetterBounced("", "last_call", IRUKA, play.track().round))
        assert play.track().wait is None
        play.do(e.LetterTaken("", "last_call", IRUKA, play.track().round))
    play.do(e.LetterBounced("", "last_call", IRUKA, play.track().round))
    assert play.track().wait is not None


def test_a_question_about_home_that_reached_too_few_is_asked_again_after_thirty_days() -> None:
    """A stranger signed with the author's phone, and every keeper's mailbox gave up on the letter but one, who had
    been called into the vigil like the others."""
    play = in_vigil().days(20)
    play.mail = False
    play.do(strong()).do(e.LetterTaken("", "home_question", PAKKUN, play.watch.asking))
    assert play.days(29.9).watch.closing.wait is None  # type: ignore[union-attr]
    play.new_letters()
    play.mail = True
    play.days(0.2)
    assert play.new_letters() == {"home_question"}
    assert play.watch.closing is not None and play.watch.closing.wait is not None
    assert play.days(14).stage is Stage.VIGIL


def test_a_question_about_home_that_nobody_takes_is_asked_once_in_thirty_days() -> None:
    play = in_vigil()
    play.mail = False
    play.do(strong()).days(29.9)
    play.new_letters()
    play.days(0.2)
    assert play.new_letters() == {"home_question"}
    play.days(29.5)
    assert play.new_letters() == set()
    play.days(0.5)
    assert play.new_letters() == {"home_question"}


def test_after_a_hold_the_question_about_home_is_asked_and_waited_for_anew() -> None:
    play = in_closing().do(e.PlaceHold(PAKKUN)).days(20)
    play.mail = False
    play.do(e.LiftHold(PAKKUN, HoldCause.SWITCH))
    play.do(e.LetterTaken("", "home_question", PAKKUN, play.watch.asking))
    assert play.watch.closing is not None and play.watch.closing.wait is None
    play.new_letters()
    assert play.days(29.9).new_letters() == set()
    assert play.days(0.2).new_letters() == {"home_question"}


def test_a_bounced_question_about_home_makes_the_closing_wait_again() -> None:
    play = in_closing()
    for keeper in PACK[:3]:
        play.do(e.LetterBounced("", "home_question", keeper, play.watch.asking))
    assert play.watch.closing is not None and play.watch.closing.wait is None
    assert play.days(29).stage is Stage.CLOSING
    play.do(e.LetterTaken("", "home_question", PAKKUN, play.watch.asking))
    assert play.days(13.9).stage is Stage.CLOSING
    assert play.days(0.1).stage is Stage.VIGIL


def test_a_bounced_call_becomes_a_task_for_the_other_keepers() -> None:
    play = in_vigil()
    play.new_letters()
    play.do(e.LetterBounced("", "keeper_called", PAKKUN, play.watch.asking))
    assert play.new_letters() == {"letter_task"}


def test_an_author_who_asks_for_two_channels_and_has_one_left_is_waited_for_no_longer_than_one_with_none() -> (
    None
):
    play = armed(channels=2)
    play.mail = False
    play.days(30)
    play.unsent.clear()
    play.do(e.LetterTaken("", "check_in_missed", IRUKA, play.watch.asking, 1))
    assert play.days(13.9).stage is Stage.LATE
    assert play.days(0.1).stage is Stage.VIGIL
    assert play.watch.unreached


def test_a_recipients_own_attempt_stands_for_no_letter_about_their_own_words() -> None:
    play = armed(sealing(Condition.DIED, KAKASHI), sealing(Condition.DIED, BISUKE, (*PACK[2:], PAKKUN)))
    play.mail = False
    play.days(30)
    play.unsent.clear()
    play.do(e.LetterFailed("", "check_in_missed", IRUKA, play.watch.asking)).days(14)
    to_keepers(play).do(*died(*PACK, play=play)).days(4)
    key = "died.bisuke"
    assert play.track(key).stage is TrackStage.LAST_CALL
    play.do(*[e.SignTried(keeper) for keeper in PACK[:3]])
    assert play.track(FOR_KAKASHI).wait is not None
    assert play.track(key).wait is None
    assert play.do(e.SignTried(PACK[3])).track(key).wait is not None


def test_a_bounced_call_takes_a_keeper_out_of_those_reached() -> None:
    play = in_vigil()
    for keeper in PACK[:2]:
        play.do(e.LetterBounced("", "keeper_called", keeper, play.watch.asking))
    assert play.watch.wait is not None
    play.do(e.LetterBounced("", "keeper_called", PACK[2], play.watch.asking))
    assert play.watch.wait is None


def test_a_keepers_failing_letter_becomes_a_task_for_the_others() -> None:
    play = in_vigil()
    play.new_letters()
    play.do(e.LetterFailed("", "keeper_called", PAKKUN, play.watch.asking))
    assert play.new_letters() == {"letter_task"}
    assert PAKKUN not in {letter.to for letter in play.letters}


def test_the_failing_of_a_task_letter_makes_no_further_task() -> None:
    play = in_vigil()
    play.new_letters()
    play.do(e.LetterFailed("", "letter_task", PAKKUN, play.watch.asking))
    assert play.new_letters() == set()


def written_by(play: Play, event: e.Event) -> list[tuple[str, str]]:
    """The letters that one event wrote: kind and reader."""
    before = len(play.letters)
    play.do(event)
    return [(str(letter.kind), letter.to) for letter in play.letters[before:]]


def test_a_mailbox_that_sends_back_one_letter_after_the_other_is_one_task_for_the_other_keepers() -> None:
    play = in_vigil()
    for kind in ("keeper_called", "keeper_called", "hold_placed"):
        play.do(e.LetterTaken("", kind, BULL, play.watch.asking))
        play.do(e.LetterBounced("", kind, BULL, play.watch.asking))
    play.do(e.LetterFailed("", "asked_again", BULL, play.watch.asking))
    asked = [letter.to for letter in play.letters if letter.kind == "letter_task"]
    assert sorted(asked) == sorted({*asked}) and {PAKKUN, BISUKE, KAKASHI} <= {*asked} and BULL not in asked


def test_of_each_person_whom_no_letter_reaches_there_is_a_task() -> None:
    play = in_vigil()
    for keeper in (BULL, PAKKUN):
        letters = written_by(play, e.LetterBounced("", "keeper_called", keeper, play.watch.asking))
        assert ("letter_task", BISUKE) in letters


def test_keepers_who_are_asked_again_are_told_again_of_whom_no_letter_reaches() -> None:
    play = in_vigil()
    bounce = e.LetterBounced("", "keeper_called", BULL, play.watch.asking)
    assert ("letter_task", BISUKE) in written_by(play, bounce)
    assert ("letter_task", BISUKE) not in written_by(play, bounce)
    play.days(30)
    assert "asked_again" in play.new_letters()
    assert ("letter_task", BISUKE) in written_by(play, bounce)


def test_a_task_that_came_back_asks_nobody_to_look_for_its_own_reader() -> None:
    play = in_vigil()
    assert written_by(play, e.LetterBounced("", "letter_task", BULL, play.watch.asking)) == []


def test_an_alarm_whose_letter_came_back_is_asked_anew_as_an_alarm() -> None:
    play = armed().do(e.RaiseAlarm(IRUKA))
    assert play.watch.wait is not None
    letters = written_by(play, e.LetterBounced("", "alarm_asks", IRUKA, play.watch.asking))
    assert letters == [("alarm_asks", IRUKA)]


def test_a_last_call_that_was_undone_leaves_no_days_of_a_closed_mailbox_to_the_next() -> None:
    play = in_vigil().do(*died(*PACK[:3], play=in_vigil()))
    play.mail = False
    play.days(4)
    play.do(e.LetterFailed("", "last_call", IRUKA, play.track().round), e.RetractStatement(BULL))
    play.unsent.clear()
    play.mail = True
    play.days(40).do(*died(BULL, play=play))
    play.mail = False
    play.look()
    assert play.track().stage is TrackStage.LAST_CALL and play.watch.failing is None
    assert play.refused(e.SignTried(PAKKUN)) == "mail_reaches"
