"""Signs of life: a strong one stops everything, a weak one very little, and coming home needs somebody who knows."""

from dataclasses import replace

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    HOST,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    PAPER,
    PHONE,
    TSUNADE,
    Play,
    armed,
    died,
    in_closing,
    in_last_call,
    in_late,
    in_vigil,
    released,
    sealing,
    spoken,
    strong,
    weak,
)
from protocol.test_mailboxes import unreached

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, HoldCause, Stage, TrackStage, WordsStage


def test_a_strong_sign_in_well_begins_the_rhythm_anew() -> None:
    play = armed().days(28).do(strong())
    play.new_letters()
    assert play.days(29).stage is Stage.WELL
    assert "check_in_due" in play.new_letters()


def test_a_strong_sign_in_late_leads_home_while_only_the_author_knows() -> None:
    play = in_late().do(strong())
    assert play.stage is Stage.WELL
    assert play.watch.case is None


def test_a_strong_sign_with_a_case_open_leads_to_closing() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN), strong())
    assert play.stage is Stage.CLOSING


@pytest.mark.parametrize("begin", (in_vigil, in_last_call, released))
def test_a_strong_sign_takes_everything_down(begin) -> None:  # type: ignore[no-untyped-def]
    play = begin().do(strong())
    assert play.stage is Stage.CLOSING
    assert play.watch.statements == ()
    assert play.watch.keys_due == (() if begin is in_vigil else (FOR_KAKASHI, FOR_NARUTO))
    assert {track.stage for track in play.watch.tracks} == {TrackStage.ASKED}
    assert {track.words for track in play.watch.tracks} <= {WordsStage.SEALED, WordsStage.RECALLED}
    assert play.shredded


def test_opened_words_stay_opened() -> None:
    play = released().do(e.Tell(PAKKUN, FOR_NARUTO), e.WantShares(NARUTO, FOR_NARUTO))
    play.do(e.OpenWords(NARUTO, FOR_NARUTO), strong())
    assert play.track().words is WordsStage.OPENED


def test_only_the_author_gives_signs_of_life() -> None:
    assert armed().refused(strong(by=PAKKUN)) == "not_the_author"


def test_an_unknown_credential_proves_nobody() -> None:
    assert in_vigil().refused(strong("found on the path")) == "credential_unknown"


# Weak signs.


def test_a_weak_sign_counts_three_times_in_a_row_in_well() -> None:
    play = armed()
    for reminders in range(1, 4):
        play.days(28).do(weak())
        assert [str(letter.kind) for letter in play.letters] == ["check_in_due"] * reminders
    assert play.refused(weak()) == "weak_spent"
    assert play.days(30).stage is Stage.LATE


def test_a_strong_sign_makes_weak_ones_count_again() -> None:
    play = armed().do(weak(), weak(), weak(), strong(), weak())
    assert play.watch.weak_in_row == 1


@pytest.mark.parametrize("begin", (in_late, in_vigil, in_closing))
def test_a_weak_sign_counts_three_times_in_a_row_while_anybody_is_asked(begin) -> None:  # type: ignore[no-untyped-def]
    assert begin().do(weak(), weak(), weak()).refused(weak()) == "weak_spent"


def test_a_weak_sign_in_late_is_written_down_and_changes_no_wait() -> None:
    play = in_late()
    wait = play.watch.wait
    play.days(1).do(weak())
    assert play.watch.wait == wait
    assert play.days(6).stage is Stage.VIGIL


def test_a_weak_sign_in_a_vigil_holds_it_for_fourteen_days_once() -> None:
    play = in_vigil().do(weak())
    assert play.watch.hold(HoldCause.WEAK_SIGN)
    play.days(13.9)
    assert play.watch.holds
    play.days(0.2)
    assert not play.watch.holds
    play.do(weak())
    assert not play.watch.holds


def test_a_weak_sign_never_closes_a_vigil() -> None:
    play = in_last_call().do(weak())
    assert play.stage is Stage.VIGIL


def test_a_weak_sign_in_closing_confirms_nothing() -> None:
    assert in_closing().do(weak()).stage is Stage.CLOSING


# Coming home.


def home_signed(play: Play, *keepers: str) -> Play:
    return play.do(*[e.SignHome(keeper) for keeper in keepers])


def test_a_quorum_of_seen_or_heard_brings_the_author_home() -> None:
    play = home_signed(in_closing(), PAKKUN, BISUKE)
    assert play.stage is Stage.CLOSING
    play.new_letters()
    assert play.refused(e.SignHome(PAKKUN)) == "signed_already"
    home_signed(play, BULL)
    assert play.stage is Stage.WELL
    assert play.watch.case is not None and play.watch.case.closed
    assert play.new_letters() == {"welcome_home"}


def test_a_keeper_without_a_share_adds_nothing_to_the_quorum() -> None:
    assert home_signed(in_closing(), PAKKUN, BISUKE, KAKASHI).stage is Stage.CLOSING


def test_a_second_credential_kept_apart_brings_the_author_home_alone() -> None:
    assert in_closing().do(strong(PAPER)).stage is Stage.WELL


def test_the_same_credential_again_adds_nothing() -> None:
    assert in_closing().do(strong(PHONE)).stage is Stage.CLOSING


def test_a_second_credential_of_the_same_place_adds_nothing() -> None:
    play = armed().do(e.AddCredential(IRUKA, "watch", "pocket")).days(37).do(strong(), strong("watch"))
    assert play.stage is Stage.CLOSING


def test_a_second_credential_proves_nothing_when_the_first_has_ended_meanwhile() -> None:
    play = in_closing().do(e.ChangeKeys(HOST, IRUKA, (PHONE,)), strong(PAPER))
    assert play.stage is Stage.CLOSING


def test_a_closing_that_nobody_confirms_lapses_into_a_vigil_with_full_waits() -> None:
    play = in_closing()
    play.seconds(14 * DAY - 1)
    assert play.stage is Stage.CLOSING
    play.seconds(1)
    assert play.stage is Stage.VIGIL
    assert play.watch.wait is not None and play.watch.wait.remaining(play.now) == 4 * DAY


def test_after_two_lapsed_closings_the_same_credential_opens_no_third() -> None:
    play = in_closing().days(14).do(strong()).days(14)
    assert play.refused(strong(PHONE)) == "credential_spent"
    assert play.do(strong(PAPER)).stage is Stage.CLOSING


def test_who_saw_the_author_in_one_closing_has_not_seen_them_in_the_next() -> None:
    play = home_signed(in_closing(), PAKKUN, BISUKE).days(14).do(strong(PAPER))
    assert home_signed(play, BULL).stage is Stage.CLOSING
    assert home_signed(play, PAKKUN, BISUKE).stage is Stage.WELL


def test_whoever_comes_home_is_reached_again_and_nothing_of_the_closing_is_left() -> None:
    play = unreached(14).do(strong(), strong(PAPER))
    assert (play.watch.closing, play.watch.failing, play.watch.unreached) == (None, None, False)
    for play in (in_late().do(strong()), in_closing().do(strong(PAPER))):
        assert (play.stage, play.watch.wait, play.watch.heard) == (Stage.WELL, None, ())
    play = armed(timer_only=True)
    play.mail = False
    play.days(30).do(e.LetterFailed("", "check_in_missed", IRUKA, play.watch.asking)).days(14)
    assert play.watch.unreached
    play.do(strong())
    assert (play.stage, play.watch.failing, play.watch.unreached) == (Stage.WELL, None, False)


def not_them(play: Play, *keepers: str) -> Play:
    return play.do(*[e.SignNotThem(keeper) for keeper in keepers])


def test_a_quorum_of_not_them_voids_the_credential_and_the_vigil_begins_anew() -> None:
    play = not_them(in_closing(), *PACK[:3])
    assert play.stage is Stage.VIGIL
    assert play.refused(strong(PHONE)) == "credential_void"
    assert [one.name for one in play.watch.credentials if not one.void] == [PAPER]
    assert play.watch.wait is not None and play.watch.wait.remaining(play.now) == 4 * DAY


def test_a_strangers_sign_in_late_does_not_save_the_asking() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN)).days(1).do(strong())
    not_them(play, *PACK[:2])
    assert play.refused(e.SignNotThem(PAKKUN)) == "signed_already"
    not_them(play, PACK[2])
    assert play.stage is Stage.LATE
    assert play.watch.wait is not None and play.watch.wait.remaining(play.now) == 7 * DAY


def test_a_sign_in_late_that_nobody_confirms_lapses_into_late_for_the_whole_of_it() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN)).days(1).do(strong()).days(14)
    assert play.stage is Stage.LATE
    assert play.watch.wait is not None and play.watch.wait.remaining(play.now) == 7 * DAY


def test_statements_rest_while_the_keepers_are_asked_about_home() -> None:
    assert in_closing().refused(*died(PAKKUN)) == "words_not_home"


def test_the_welcome_home_page_can_be_signed_for_ninety_days() -> None:
    play = home_signed(in_closing(), PAKKUN, BISUKE, BULL)
    home_signed(play, PACK[3])
    assert play.refused(e.SignHome(PACK[3])) == "signed_already"
    assert armed().refused(e.SignHome(PACK[3])) == "not_closing"
    for _ in range(4):
        play.days(25).do(strong())
    assert play.refused(e.SignHome(PACK[4])) == "home_signing_over"


def test_who_was_told_hears_of_the_return() -> None:
    play = released().do(e.Tell(PAKKUN, FOR_NARUTO), strong())
    play.letters.clear()
    home_signed(play, *PACK[:3])
    assert NARUTO in {letter.to for letter in play.letters}
    play.days(37).do(strong(), strong(PAPER))
    assert homecomings(play).count(NARUTO) == 1


def homecomings(play: Play) -> list[str]:
    """Who was written to that the author is back, once for each letter."""
    return [letter.to for letter in play.letters if letter.kind == "welcome_home"]


def test_who_had_only_the_first_letter_hears_of_the_return_once() -> None:
    play = home_signed(released().days(14).do(strong()), *PACK[:3])
    assert homecomings(play).count(NARUTO) == 1
    play.days(37).do(strong(), strong(PAPER))
    assert homecomings(play).count(NARUTO) == 1


@pytest.mark.parametrize(
    "meanwhile",
    [
        [
            strong(),
            14,
            *died(*PACK[:3]),
            6,
        ],  # the sign was not confirmed, and the words were released once more
        [spoken(PACK[0]), spoken(PACK[1])],
        [strong(), replace(sealing(Condition.DIED, NARUTO), number=2, before="h1")],
        [strong(), e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 1, "h1", "h1", "", (), ())],
    ],
)
def test_who_was_told_hears_of_the_return_whatever_became_of_the_words(
    meanwhile: list[e.Event | int],
) -> None:
    play = released().do(e.Tell(PAKKUN, FOR_NARUTO))
    for one in meanwhile:
        play = play.days(one) if isinstance(one, int) else play.do(one)
    home_signed(play.do(strong()), *PACK[:3])
    assert homecomings(play).count(NARUTO) == 1


def test_a_keeper_who_worked_in_the_case_and_passed_their_seat_on_hears_of_the_return() -> None:
    play = in_vigil().days(31).do(e.PassSeat(PACK[4], TSUNADE), strong())
    home_signed(play, *PACK[:3])
    assert homecomings(play).count(PACK[4]) == homecomings(play).count(TSUNADE) == 1


def test_under_a_timer_only_plan_who_had_the_first_letter_hears_of_the_return() -> None:
    play = armed(timer_only=True).days(43).do(strong())
    assert homecomings(play).count(NARUTO) == 1


def test_a_called_alternate_who_was_told_hears_of_the_return_once() -> None:
    play = in_vigil(alternates=(NARUTO,)).do(e.CallAlternate(PAKKUN, NARUTO))
    play.do(*died(*PACK[:3], play=play)).days(6)
    home_signed(play.do(e.Tell(PAKKUN, FOR_NARUTO), strong()), *PACK[:3])
    assert homecomings(play).count(NARUTO) == 1


def test_who_was_told_and_is_an_alternate_whom_nobody_called_hears_of_the_return() -> None:
    play = released(alternates=(NARUTO,)).do(e.Tell(PAKKUN, FOR_NARUTO))
    assert play.watch.case is not None and NARUTO not in play.watch.case.called
    home_signed(play.do(strong()), *PACK[:3])
    assert homecomings(play).count(NARUTO) == 1
