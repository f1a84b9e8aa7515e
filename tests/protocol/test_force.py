"""The word under force: a check-in for everybody who looks, a mark for those it calls. And a keeper who steps back."""

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    IRUKA,
    PACK,
    PAKKUN,
    PAPER,
    PHONE,
    SHIZUNE,
    TSUNADE,
    ULLY,
    Play,
    armed,
    died,
    in_closing,
    in_late,
    in_vigil,
    stating,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol import quiet
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import Step
from lastwords.protocol.machine import step
from lastwords.protocol.stages import CaseCause, Finding, SeatStage, Stage, TrackStage
from lastwords.protocol.watch import HOST, Case

WORD = e.SpeakUnderForce(IRUKA, PAPER)


def free(keeper: str) -> e.SignFree:
    return e.SignFree(keeper, "0" * 64)


def stepping_back(keeper: str, play: Play) -> e.StepBackUnseen:
    made = stating(keeper, Finding.COULD_NOT_FIND_OUT, play)
    return e.StepBackUnseen(keeper, made.evidence, made.case, made.epoch, made.plan_version, made.heads)


# The word.


@pytest.mark.parametrize("begin", (armed, in_late, in_vigil, in_closing))
def test_the_step_is_that_of_a_check_in_but_for_the_mark(begin) -> None:  # type: ignore[no-untyped-def]
    play = begin()
    word, sign = (step(play.watch, event, play.now) for event in (WORD, strong(PAPER)))
    assert isinstance(word, Step) and isinstance(sign, Step)
    assert word.watch.force is not None and sign.watch.force is None
    assert quiet.unmarked(word.watch) == sign.watch
    assert (word.row, word.letters, word.shreds, word.ripples) == (
        sign.row,
        sign.letters,
        sign.shreds,
        sign.ripples,
    )


def test_the_next_look_writes_to_the_circle_and_to_nobody_else() -> None:
    play = armed().do(WORD)
    assert play.letters == []
    play.look()
    assert {letter.to for letter in play.letters} == {*PACK, "kakashi"}
    assert play.new_letters() == {"under_force"}
    assert play.happened[-1] == ("checked_in", "strong")
    play.look()
    assert play.letters == []


def test_what_the_author_reads_holds_no_mark_and_whoever_was_called_reads_a_case() -> None:
    play = armed(alternates=(TSUNADE,)).do(WORD)
    assert quiet.seen_by(play.watch, IRUKA).force is None
    assert quiet.seen_by(play.watch, IRUKA).case is None
    seen = quiet.seen_by(play.watch, PAKKUN)
    assert seen.case is not None and seen.case.cause is CaseCause.FORCE and seen.case_open
    for stranger in (TSUNADE, SHIZUNE, "naruto"):
        assert quiet.seen_by(play.watch, stranger) == quiet.unmarked(play.watch)


def test_whoever_was_called_reads_the_case_that_is_open_or_else_the_one_that_would_be_next() -> None:
    play = armed(alternates=(TSUNADE,)).do(WORD)
    began, circle = play.now, (*sorted((*PACK, "kakashi")),)
    shown = Case(1, CaseCause.FORCE, began, called=circle, called_at=began)
    assert quiet.seen_by(play.watch, PAKKUN).case == shown
    play.days(1).do(e.RaiseAlarm(PAKKUN))
    assert quiet.seen_by(play.watch, PAKKUN) == play.watch
    play.do(strong(PHONE), *[e.SignHome(keeper) for keeper in PACK[:3]])
    assert quiet.seen_by(play.watch, PAKKUN).case == changed(shown, number=2)


def test_no_last_call_begins_under_the_mark_before_the_vigil_has_run_once_more() -> None:
    play = armed().do(WORD).days(37)
    assert play.stage is Stage.VIGIL
    play.do(*died(PAKKUN, BISUKE, BULL, play=play))
    play.days(3.9)
    assert play.watch.force is not None
    play.days(0.2)
    assert play.watch.force is None
    assert play.has_happened("force_ended")
    assert play.track().stage is TrackStage.ASKED
    play.days(3.8)
    assert play.track().stage is TrackStage.ASKED
    play.days(0.3)
    assert play.track().stage is TrackStage.LAST_CALL


def test_a_circle_that_was_not_called_cannot_have_it_give_way() -> None:
    play = armed(alternates=(TSUNADE, SHIZUNE)).do(WORD)
    assert play.watch.force is not None
    called = (PAKKUN, BISUKE)
    play.watch = changed(play.watch, force=changed(play.watch.force, called=called))
    play.days(37).do(*died(BULL, ULLY, PAKKUN, play=play)).days(60)
    assert play.watch.force is not None
    assert play.track().stage is TrackStage.ASKED
    play.do(*died(BISUKE, play=play)).days(60)
    assert play.watch.force is not None, "two of those who were called are no quorum of three"
    play.do(free(PAKKUN), free(BISUKE)).days(5)
    assert play.track().stage is TrackStage.LAST_CALL


def test_two_who_were_called_lift_it_and_one_alone_does_not() -> None:
    play = armed().do(WORD).look()
    play.do(free(PAKKUN))
    assert play.watch.force is not None
    assert play.refused(free(PAKKUN)) == "signed_already"
    assert play.refused(free(TSUNADE)) == "not_under_force"
    play.do(free(BISUKE))
    assert play.watch.force is None
    assert [about.split()[0] for what, about in play.happened if what == "freed_by"] == [PAKKUN, BISUKE]
    assert play.refused(free(BULL)) == "not_under_force"


def test_the_authors_own_signs_do_not_lift_it() -> None:
    play = armed().do(WORD).look()
    play.do(strong(PHONE), strong(PAPER), e.CheckIn(IRUKA, e.Strength.WEAK, "can"))
    play.days(37).do(strong(PHONE), strong(PAPER))
    assert play.stage is Stage.WELL
    assert play.watch.force is not None


def test_a_second_word_makes_void_what_was_signed_since_the_first() -> None:
    play = armed().do(WORD).look().do(free(PAKKUN))
    play.seconds(60)
    play.do(WORD).look().do(free(BISUKE))
    assert play.watch.force is not None
    assert play.do(free(PAKKUN)).watch.force is None


def test_a_keeper_whose_seat_was_taken_back_meanwhile_still_lifts_it() -> None:
    play = armed().do(WORD).look().do(e.RemoveKeeper(IRUKA, PAKKUN))
    assert play.do(free(PAKKUN), free(BISUKE)).watch.force is None


@pytest.mark.parametrize("told", (True, False))
def test_who_follows_a_keeper_it_has_called_is_called_by_it_once(told: bool) -> None:
    play = in_vigil().do(WORD).days(30) if told else in_vigil().days(30).do(WORD)
    for leaving, successor in ((PAKKUN, "sakura"), (BISUKE, "sai")):
        play.do(e.PassSeat(leaving, successor))
    play.look()
    letters = [letter for letter in play.letters if letter.kind == "under_force"]
    assert {dict(letter.facts)["spoken"] for letter in letters} == {play.watch.force.since.wall}  # type: ignore[union-attr]
    called = [letter.to for letter in letters]
    assert [called.count(person) for person in ("sakura", "sai", BULL)] == [1, 1, 1]
    assert play.watch.force is not None and {"sakura", "sai"} <= {*play.watch.force.called}


def test_a_seat_that_was_passed_on_speaks_for_one_and_not_for_two() -> None:
    """A called keeper who is made to do it cannot lift the mark with somebody of their choosing."""
    before = armed().do(WORD).look()
    for acts in (
        (free(PAKKUN), e.PassSeat(PAKKUN, "zabuza"), free("zabuza")),
        (e.PassSeat(PAKKUN, "zabuza"), e.PassSeat("zabuza", "haku"), free("haku")),
    ):
        play = Play(before.watch, before.now).do(*acts)
        assert play.watch.force is not None
        assert play.refused(free(PAKKUN)) == "not_under_force"
        assert play.do(free(BISUKE)).watch.force is None


def test_whose_keys_are_new_lifts_nothing_before_the_author_has_verified_them() -> None:
    """Somebody who vouched for keys of their own making would speak with two voices."""
    play = armed().do(WORD).look().do(e.ChangeKeys(HOST, BULL), free(PAKKUN))
    assert play.refused(free(BULL)) == "seat_does_not_count"
    assert play.do(free(BISUKE)).watch.force is None


def test_a_seat_that_goes_to_somebody_called_already_leaves_as_many_who_can_lift_it() -> None:
    play = armed(alternates=(TSUNADE,)).do(WORD)
    assert play.watch.force is not None
    play.watch = changed(play.watch, force=changed(play.watch.force, called=(PAKKUN, TSUNADE)))
    play.do(e.PassSeat(PAKKUN, TSUNADE), free(PAKKUN), free(TSUNADE))
    assert play.watch.force is None


def test_no_row_that_its_author_may_read_names_a_letter_about_the_mark() -> None:
    """The follower is written to by the next look, which writes no row."""
    play = armed().do(WORD).look()
    outcome = step(play.watch, e.PassSeat(PAKKUN, "sakura"), play.now)
    assert isinstance(outcome, Step) and outcome.row is not None
    assert "under_force" not in {str(letter.kind) for letter in outcome.letters}
    look = step(outcome.watch, e.Look(), play.now)
    assert isinstance(look, Step) and look.row is None
    assert [(str(letter.kind), letter.to) for letter in look.letters] == [("under_force", "sakura")]


def test_where_fewer_than_two_could_lift_it_the_word_is_a_check_in_and_no_more() -> None:
    assert armed(timer_only=True).do(WORD).watch.force is None
    for keepers in (1, 2):
        play = armed()
        play.watch = quiet.changed(play.watch, seats=play.watch.seats[:keepers])
        assert (play.do(WORD).watch.force is not None) is (keepers == 2)


@pytest.mark.parametrize("way", ("accepted", "in season", "suspended"))
def test_whoever_fills_seats_at_the_authors_open_session_is_not_called_by_the_word_and_cannot_lift_it(
    way: str,
) -> None:
    play, puppets = armed(), ("zabuza", "haku")
    for puppet in puppets:
        play.do(e.InviteKeeper(IRUKA, puppet), e.AcceptSeat(puppet))
        if way != "accepted":
            play.do(e.VerifyKeeper(IRUKA, puppet, True))
        if way == "suspended":
            play.do(e.SuspendSeat(IRUKA, puppet))
    play.do(WORD).look()
    assert {letter.to for letter in play.letters if letter.kind == "under_force"} == {*PACK, "kakashi"}
    for puppet in puppets:
        assert quiet.seen_by(play.watch, puppet) == quiet.unmarked(play.watch)
        assert play.refused(free(puppet)) == "not_under_force"
    assert play.do(free(PAKKUN), free(BISUKE)).watch.force is None


def test_who_only_said_i_will_is_no_second_to_lift_it_so_there_the_word_is_a_check_in() -> None:
    play = armed()
    play.watch = changed(play.watch, seats=play.watch.seats[:1])
    play.do(e.InviteKeeper(IRUKA, "zabuza"), e.AcceptSeat("zabuza"))
    assert play.do(WORD).watch.force is None


def test_who_rests_or_lived_through_their_season_is_called_like_anybody() -> None:
    play = armed(practice=1).do(e.BeginPractice(IRUKA)).days(1)
    assert {seat.stage for seat in play.watch.seats if seat.keeper in PACK} == {SeatStage.RESTING}
    play.do(e.InviteKeeper(IRUKA, "sai"), e.AcceptSeat("sai"), e.VerifyKeeper(IRUKA, "sai", False))
    play.days(20).do(strong()).days(20).do(WORD)
    assert play.watch.force is not None and {*play.watch.force.called} == {*PACK, "kakashi", "sai"}


def test_a_restore_keeps_the_mark_and_forgets_who_signed() -> None:
    play = armed().do(WORD).look().do(free(PAKKUN), e.Restore(HOST))
    assert play.watch.force is not None and play.watch.force.signed == ()


@pytest.mark.parametrize("kind", (e.LetterFailed, e.LetterBounced))
def test_a_letter_of_it_that_fails_becomes_no_task_that_the_author_reads_of(kind) -> None:  # type: ignore[no-untyped-def]
    """While a case is open a letter to a keeper that fails is a task of all; but not this one."""
    play = in_vigil().do(WORD)
    play.mail = False
    play.look()
    assert play.watch.case_open and "under_force" in play.new_letters()
    before = play.watch
    play.do(kind("", "under_force", PAKKUN, play.watch.round))
    assert play.watch == before
    play.do(kind("", "home_question", PAKKUN, play.watch.round))
    assert play.watch.tasked == (PAKKUN,)
    assert "letter_task" in play.new_letters()


def test_what_is_not_quiet_is_seen_as_it_is() -> None:
    assert quiet.as_seen(strong()) == strong()


# A keeper who steps back unseen.


def test_who_stepped_back_reads_their_own_seat_as_it_was_and_all_else_as_it_is() -> None:
    play = in_vigil()
    play.do(stepping_back(PAKKUN, play))
    own = quiet.seen_by(play.watch, PAKKUN)
    assert play.watch.seat(PAKKUN).aside is not None and own.seat(PAKKUN).aside is None  # type: ignore[union-attr]
    assert [seat for seat in own.seats if seat.keeper != PAKKUN] == [
        seat for seat in play.watch.seats if seat.keeper != PAKKUN
    ]
    assert quiet.seen_by(play.watch, BISUKE) == play.watch


def test_an_author_reads_of_nobody_who_stepped_back_though_all_of_them_did() -> None:
    play = in_vigil()
    for keeper in (*PACK, "kakashi"):
        play.do(stepping_back(keeper, play))
    assert all(seat.aside for seat in play.watch.seats)
    assert not any(seat.aside for seat in quiet.seen_by(play.watch, IRUKA).seats)


def test_stepping_back_is_could_not_find_out_for_everybody_and_the_seat_counts_no_more() -> None:
    play = in_vigil()
    back, said = stepping_back(PAKKUN, play), stating(PAKKUN, Finding.COULD_NOT_FIND_OUT, play)
    one, other = step(play.watch, back, play.now), step(play.watch, said, play.now)
    assert isinstance(one, Step) and isinstance(other, Step)
    assert quiet.unmarked(one.watch) == other.watch
    assert (one.row, one.letters) == (other.row, other.letters)
    play.do(back, *died(PAKKUN, BISUKE, BULL, play=play)).days(5)
    assert play.track().stage is TrackStage.ASKED
    play.do(*died(ULLY, play=play)).days(0.1)
    assert play.track().stage is TrackStage.LAST_CALL


def test_the_keeper_who_was_missing_begins_the_wait_by_stepping_back_as_by_any_statement() -> None:
    """They count until this very act; a wait that did not begin would tell of it (decision 0048)."""
    play = in_late()
    play.mail = False
    play.days(7).do(*died(*PACK[:2], play=play))
    back, said = stepping_back(PACK[2], play), stating(PACK[2], Finding.COULD_NOT_FIND_OUT, play)
    one, other = step(play.watch, back, play.now), step(play.watch, said, play.now)
    assert isinstance(one, Step) and isinstance(other, Step) and one.row and other.row
    assert one.row == other.row and ("wait_begins", Stage.VIGIL) in one.row.happened
    assert one.watch.wait == other.watch.wait is not None


def test_whoever_steps_back_out_of_a_quorum_takes_the_last_call_down() -> None:
    play = in_vigil()
    play.do(*died(PAKKUN, BISUKE, BULL, play=play)).days(4.1)
    assert play.track().stage is TrackStage.LAST_CALL
    play.do(stepping_back(PAKKUN, play))
    assert play.track().stage is TrackStage.ASKED


def test_the_seat_rests_for_all_to_see_some_weeks_after_and_a_proven_share_does_not_wake_it() -> None:
    play = in_vigil()
    play.do(stepping_back(PAKKUN, play)).days(1).do(stepping_back(PAKKUN, play))
    play.do(strong(PHONE), strong(PAPER)).days(12)
    assert play.watch.seat(PAKKUN).stage is SeatStage.SEASONED  # type: ignore[union-attr]
    play.days(1.1)
    assert play.watch.seat(PAKKUN).stage is SeatStage.RESTING  # type: ignore[union-attr]
    assert play.happened[-1] == ("rests", PAKKUN)
    held = tuple((track.key, track.share_set) for track in play.watch.tracks)
    play.do(e.GiveReceipt(PAKKUN, held))
    assert play.watch.seat(PAKKUN).stage is SeatStage.RESTING  # type: ignore[union-attr]
    assert quiet.unmarked(play.watch).seat(PAKKUN).aside is None  # type: ignore[union-attr]


def test_an_author_who_takes_the_seat_back_can_offer_it_anew() -> None:
    play = in_vigil()
    play.do(stepping_back(PAKKUN, play), strong(PHONE), strong(PAPER)).days(15)
    play.do(e.RemoveKeeper(IRUKA, PAKKUN), e.InviteKeeper(IRUKA, PAKKUN))
    assert play.watch.seat(PAKKUN).aside is None  # type: ignore[union-attr]


def test_a_keeper_who_stepped_back_is_still_heard_when_they_have_spoken_with_the_author() -> None:
    """It only ever makes things later, so nothing is lost by hearing it."""
    play = in_vigil()
    play.do(stepping_back(PAKKUN, play), stating(PAKKUN, Finding.SPOKEN_WITH, play))
    assert play.watch.holds


def test_there_is_nothing_to_answer_and_nothing_to_hide_behind_while_no_case_is_open() -> None:
    play = armed()
    assert play.refused(stepping_back(PAKKUN, play)) == "no_case"
