"""Words on their way: told by a person first, opened by their own act, and every refusal says why."""

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
    Play,
    armed,
    died,
    drafted,
    in_closing,
    in_last_call,
    in_vigil,
    released,
    sealing,
    spoken,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, HoldCause, Stage, TrackStage, WordsStage

OPEN, TELL = e.OpenWords(NARUTO, FOR_NARUTO), e.Tell(PAKKUN, FOR_NARUTO)
LATER, DECLINE = e.KeepForLater(NARUTO, FOR_NARUTO, 0), e.DeclineWords(NARUTO, FOR_NARUTO)


def told() -> Play:
    return released().do(TELL)


def handed() -> Play:
    """The recipient's client has been given the uncovered shares."""
    return told().do(e.WantShares(NARUTO, FOR_NARUTO))


@pytest.mark.parametrize("begin", (armed, in_vigil, in_last_call, in_closing))
def test_words_that_are_not_released_are_refused_with_the_reason(begin) -> None:  # type: ignore[no-untyped-def]
    play = begin()
    for event in (
        OPEN,
        LATER,
        TELL,
        e.WantShares(NARUTO, FOR_NARUTO),
        e.GoThroughSomeone(NARUTO, FOR_NARUTO, "sakura"),
        e.GiveShare(PAKKUN, FOR_NARUTO),
    ):
        assert play.refused(event) == "not_released"


def test_declining_sealed_words_is_written_down_and_binds_nothing() -> None:
    play = in_vigil().do(DECLINE)
    assert play.has_happened("not_now")
    assert play.track().words is WordsStage.SEALED


def test_released_words_are_opened_only_after_a_person_has_told() -> None:
    play = released()
    for answer in (OPEN, LATER, DECLINE, e.WantShares(NARUTO, FOR_NARUTO)):
        assert play.refused(answer) == "not_told"
    play.do(TELL)
    assert play.track().told_by == PAKKUN
    assert "words_waiting" in {str(letter.kind) for letter in play.letters if letter.to == NARUTO}
    assert play.do(OPEN).track().words is WordsStage.OPENED


def test_only_the_recipient_opens() -> None:
    play = told()
    assert play.refused(e.OpenWords(PAKKUN, FOR_NARUTO)) == "not_the_recipient"
    assert play.refused(e.OpenWords(KAKASHI, FOR_NARUTO)) == "not_the_recipient"
    assert play.refused(e.OpenWords(NARUTO, "died.nobody")) == "not_the_recipient"


def test_a_recipient_never_tells_themselves() -> None:
    assert released().refused(e.Tell(KAKASHI, FOR_KAKASHI)) == "recipient_cannot"


def test_a_recipient_is_told_once() -> None:
    assert told().refused(e.Tell(BISUKE, FOR_NARUTO)) == "told_already"
    assert told().do(LATER).refused(TELL) == "told_already"
    assert told().do(OPEN).refused(TELL) == "opened_already"


def test_words_that_were_never_sealed_are_told_to_nobody() -> None:
    assert released().refused(e.Tell(PAKKUN, "died.nobody")) == "nothing_sealed"


def test_a_recipient_whose_own_watch_is_silent_is_not_told() -> None:
    play = released().do(e.HearOfSilence("", NARUTO, True))
    assert play.refused(TELL) == "recipient_silent"
    play.do(e.HearOfSilence("", NARUTO, False), TELL)


def test_nobody_is_told_while_everything_stands_still_or_the_author_is_asked_once_more() -> None:
    play = released()
    assert play.refused(e.GiveShare(KAKASHI, FOR_NARUTO)) == "not_a_keeper"
    for keeper, code in ((PAKKUN, "clocks_stand"), (BULL, "author_is_back")):
        play.do(spoken(keeper))
        for act in (TELL, e.GiveShare(PAKKUN, FOR_NARUTO)):
            assert play.refused(act) == code
    assert play.stage is Stage.LATE


@pytest.mark.parametrize("out", (released, told, handed))
def test_two_who_have_spoken_with_the_author_take_back_what_is_not_opened(out) -> None:  # type: ignore[no-untyped-def]
    play = out().do(spoken(PAKKUN), spoken(BULL))
    track = play.track()
    assert (play.stage, track.stage, track.words) == (Stage.LATE, TrackStage.ASKED, WordsStage.RECALLED)
    play.days(7 + 13)
    assert play.refused(TELL) == "author_is_back"
    play.do(*died(PAKKUN, BISUKE, BULL, play=play))
    assert play.days(2).track().words is WordsStage.RELEASED


def test_two_who_have_spoken_with_the_author_undo_what_was_signed_towards_the_end() -> None:
    play = released(sealing(Condition.DIED, NARUTO)).do(TELL, DECLINE, e.SignEnd(PAKKUN), e.SignEnd(BULL))
    play.do(spoken(PAKKUN, play), spoken(BULL, play))
    assert play.watch.case is not None and play.watch.case.ended_by == ()


def test_two_who_have_spoken_with_the_author_leave_what_is_opened() -> None:
    play = handed().do(OPEN, spoken(PAKKUN), spoken(BULL))
    assert (play.track().stage, play.track().words) == (TrackStage.RELEASED, WordsStage.OPENED)


def test_words_whose_covers_did_not_come_off_are_asked_for_of_the_keepers() -> None:
    for closed in (False, True):
        play = released().do(e.Tell(PAKKUN, FOR_NARUTO, covered=closed))
        play.new_letters()
        asked = play.do(e.WantShares(NARUTO, FOR_NARUTO)).new_letters()
        assert asked == ({"shares_wanted"} if closed else set())


def test_the_adult_who_is_with_a_child_holds_no_share_of_their_words_and_does_not_tell_them() -> None:
    words = replace(sealing(Condition.DIED, NARUTO), adult=KAKASHI)
    assert released(words).refused(e.Tell(KAKASHI, FOR_NARUTO)) == "recipient_cannot"
    for adult in PACK:
        assert armed().refused(replace(words, number=2, before="h1", adult=adult)) == "roster_unknown"


def test_a_timer_only_plans_words_are_opened_without_anybody_who_tells() -> None:
    play = armed(timer_only=True).days(43).do(OPEN)
    assert play.track().words is WordsStage.OPENED


def test_who_asks_for_shares_before_they_were_told_is_handed_none() -> None:
    play = released().days(14).do(e.WantShares(NARUTO, FOR_NARUTO))
    assert (play.track().words, play.track().handed) == (WordsStage.SHARES_WANTED, False)
    assert play.do(strong()).refused(OPEN) == "recalled"


def test_later_can_be_a_date_or_none_and_the_words_wait() -> None:
    play = told()
    assert play.refused(e.KeepForLater(NARUTO, FOR_NARUTO, play.now.wall)) == "later_date"
    play.do(e.KeepForLater(NARUTO, FOR_NARUTO, play.now.wall + 100 * DAY))
    assert play.track().words is WordsStage.LATER
    assert play.do(LATER).track().later_until == 0
    assert play.do(OPEN).track().words is WordsStage.OPENED


def asked_again(play: Play) -> list[str]:
    """Who has been written to on a day that they chose."""
    return [letter.to for letter in play.letters if letter.kind is LetterKind.LATER_IS_OVER]


def test_on_the_day_that_a_recipient_chose_one_letter_goes_to_them_and_none_after_it() -> None:
    play = told()
    play.do(e.KeepForLater(NARUTO, FOR_NARUTO, play.now.wall + 100 * DAY))
    assert asked_again(play.days(99)) == []
    assert asked_again(play.days(1.1)) == [NARUTO]
    assert asked_again(play.days(200)) == [NARUTO]
    assert play.track().words is WordsStage.LATER
    assert play.do(OPEN).track().words is WordsStage.OPENED


def test_whoever_opened_before_the_day_they_chose_is_not_written_to() -> None:
    play = told()
    play.do(e.KeepForLater(NARUTO, FOR_NARUTO, play.now.wall + 100 * DAY), OPEN)
    assert asked_again(play.days(200)) == []


def test_no_thank_you_can_be_undone() -> None:
    play = told().do(DECLINE)
    assert play.track().words is WordsStage.DECLINED
    assert play.do(OPEN).track().words is WordsStage.OPENED


def test_words_can_go_through_someone_else() -> None:
    play = told().do(e.GoThroughSomeone(NARUTO, FOR_NARUTO, "sakura"))
    assert (play.track().words, play.track().someone) == (WordsStage.THROUGH_SOMEONE, "sakura")


def test_opened_words_take_no_other_answer() -> None:
    play = told().do(OPEN)
    assert {play.refused(OPEN), play.refused(LATER), play.refused(DECLINE)} == {"opened_already"}


def test_two_weeks_after_release_a_first_letter_without_content_goes_out() -> None:
    play = released()
    play.new_letters()
    play.seconds(14 * DAY - 1)
    assert "first_letter" not in {str(letter.kind) for letter in play.letters}
    play.seconds(1)
    assert {letter.to for letter in play.letters if letter.kind == "first_letter"} == {NARUTO, KAKASHI}
    assert play.refused(OPEN) == "not_told"


def test_who_answers_a_first_letter_with_later_can_still_be_told() -> None:
    play = released().days(14).do(LATER, TELL)
    assert (play.track().words, play.track().told_by) == (WordsStage.LATER, PAKKUN)
    assert play.refused(TELL) == "told_already"


@pytest.mark.parametrize("answer", (None, LATER, DECLINE))
def test_who_was_told_by_a_letter_alone_asks_the_keepers_by_asking_for_the_shares(
    answer: e.Event | None,
) -> None:
    """No keeper has taken a cover off, so that there is nothing yet that could be opened."""
    play = released().days(14).do(*([answer] if answer else []))
    for _ in range(2):
        play.new_letters()
        assert play.do(e.WantShares(NARUTO, FOR_NARUTO)).new_letters() == {"shares_wanted"}
        play.days(30)
    play.do(TELL, e.WantShares(NARUTO, FOR_NARUTO))
    assert "shares_wanted" not in play.new_letters()


def test_a_told_recipient_who_asks_and_complains_all_day_fills_no_keepers_mailbox() -> None:
    play = released().days(14)
    play.letters.clear()
    wants = (e.WantShares(NARUTO, FOR_NARUTO), e.WantShares(NARUTO, FOR_NARUTO, (BULL, BULL, "zabuza")))
    for _ in range(50):
        play.do(*wants, LATER)
    asked = [letter.to for letter in play.letters if letter.kind == "shares_wanted"]
    assert sorted(asked) == sorted(2 * (*PACK, "kakashi")), "once for the covers, once for the false share"
    assert not [about for what, about in play.happened if what == "bad_share" and about == "zabuza"]
    assert play.do(e.WantShares(NARUTO, FOR_NARUTO, (PAKKUN,))).letters[-1].kind == "shares_wanted"


def test_a_recipient_with_a_long_breath_has_the_keepers_asked_once_in_thirty_days() -> None:
    play = released().days(14)
    play.letters.clear()
    for _ in range(90):
        play.do(e.WantShares(NARUTO, FOR_NARUTO, (BULL,))).days(1)
    asked = [letter.to for letter in play.letters if letter.kind == "shares_wanted"]
    assert asked.count(PAKKUN) == 4, "at once, and thirty days after the circle was last asked anything"


def test_shares_that_nobody_has_to_be_asked_for_do_not_put_off_the_day_that_keepers_are_asked_anew() -> None:
    play = told().days(90)
    before = play.watch.asked_again
    assert play.do(e.WantShares(NARUTO, FOR_NARUTO)).watch.asked_again == before
    assert play.do(e.WantShares(NARUTO, FOR_NARUTO, (BULL,))).watch.asked_again != before


def test_nobody_is_asked_for_a_share_of_words_that_are_open_already() -> None:
    play = released().days(14).do(e.WantShares(NARUTO, FOR_NARUTO), OPEN)
    play.new_letters()
    assert play.do(e.WantShares(NARUTO, FOR_NARUTO, (BULL,))).new_letters() == set()


def test_shares_that_were_deleted_are_asked_for_though_they_were_before() -> None:
    play = released().days(14).do(e.WantShares(NARUTO, FOR_NARUTO), TELL, *died(KAKASHI, play=in_vigil()))
    play.new_letters()
    play.do(e.RetractStatement(KAKASHI), e.WantShares(NARUTO, FOR_NARUTO))
    assert "shares_wanted" in play.new_letters()


def test_whoever_was_told_before_a_restore_asks_the_keepers_who_have_to_give_anew() -> None:
    """It has deleted every share that was given, of words that are out as well."""
    play = told().do(e.Restore(HOST), *[e.LiftHold(keeper, HoldCause.RESTORE) for keeper in PACK[:3]])
    play.new_letters()
    assert play.do(e.WantShares(NARUTO, FOR_NARUTO)).new_letters() == {"shares_wanted"}
    assert play.do(e.GiveShare(BULL, FOR_NARUTO), OPEN).track().words is WordsStage.OPENED


def test_words_that_are_open_are_read_again_without_asking_anybody() -> None:
    play = released().days(14).do(e.WantShares(NARUTO, FOR_NARUTO), OPEN)
    play.new_letters()
    assert play.do(e.WantShares(NARUTO, FOR_NARUTO)).new_letters() == set()


def test_a_bad_share_is_named_and_the_keepers_are_asked_again() -> None:
    play = handed()
    play.new_letters()
    play.do(e.WantShares(NARUTO, FOR_NARUTO, (BULL,)))
    assert play.has_happened("bad_share")
    assert play.new_letters() == {"shares_wanted"}
    assert play.do(OPEN).track().words is WordsStage.OPENED


def test_a_bad_share_of_a_keeper_who_has_passed_their_seat_on_is_named_too() -> None:
    """Their share stays while words rest on it. Whoever never held one can be named by nobody."""
    play = told().days(30).do(e.PassSeat(PAKKUN, "sakura"))
    play.new_letters()
    play.do(e.WantShares(NARUTO, FOR_NARUTO, (PAKKUN, "zabuza")))
    assert [about for what, about in play.happened if what == "bad_share"] == [PAKKUN]
    assert "shares_wanted" in play.new_letters()


def test_no_shares_are_handed_out_while_a_hold_stands() -> None:
    wants = e.WantShares(NARUTO, FOR_NARUTO)
    for play in (told(), handed()):
        play.do(e.PlaceHold(BULL, HoldCause.SWITCH))
        assert play.refused(wants) == "clocks_stand"
        assert play.do(e.LiftHold(BULL, HoldCause.SWITCH), wants).track().words is WordsStage.SHARES_WANTED


def test_words_that_are_open_already_can_be_read_again_under_a_hold() -> None:
    play = handed().do(OPEN, e.PlaceHold(BULL, HoldCause.SWITCH), e.WantShares(NARUTO, FOR_NARUTO))
    assert play.track().words is WordsStage.OPENED


# Recall.


def test_recalled_words_are_refused_with_the_reason() -> None:
    play = released().do(strong())
    assert play.refused(OPEN) == "recalled"
    assert play.refused(LATER) == "recalled"
    assert play.refused(TELL) == "author_is_back"


def test_words_whose_shares_were_handed_over_may_turn_out_to_be_opened_after_the_recall() -> None:
    play = handed().do(strong(), OPEN)
    assert play.track().words is WordsStage.OPENED


def test_words_opened_after_a_recall_are_never_released_again() -> None:
    play = handed().do(strong()).days(14)
    play.do(*died(*PACK[:3], play=play)).days(5)
    assert play.track().stage is TrackStage.LAST_CALL
    play.do(OPEN).days(30)
    assert play.track().words is WordsStage.OPENED
    assert play.happened.count(("released", FOR_NARUTO)) == 1


@pytest.mark.parametrize("answer", (None, LATER, DECLINE, e.GoThroughSomeone(NARUTO, FOR_NARUTO, "sakura")))
def test_whatever_is_not_opened_is_recalled(answer: e.Event | None) -> None:
    play = told()
    if answer:
        play.do(answer)
    assert play.do(strong()).track().words is WordsStage.RECALLED


def test_the_author_who_is_back_can_seal_new_words_in_closing() -> None:
    play = released().do(strong())
    seal = e.SealWords(
        IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", PACK, (("letter.age", "better"),)
    )
    play.do(seal)
    assert (play.track().words, play.track().manifest) == (WordsStage.SEALED, (2, "h2"))
    assert (play.track().releases, play.watch.keys_due) == (1, (FOR_KAKASHI,))
    assert play.refused(seal) == "manifest_not_next"
    same = replace(seal, condition=Condition.DIED, recipient=KAKASHI, share_set="s1")
    assert play.do(same).watch.keys_due == (FOR_KAKASHI,), "the same shares as before are no new keys"
    assert play.refused(replace(seal, number=3, before="h1")) == "manifest_not_next"
    assert play.refused(replace(seal, by=PAKKUN)) == "not_the_author"
    play.do(replace(seal, before="h2", share_set="", roster=(), items=()))
    assert (play.track().items, play.track().releases) == ((), 1)


@pytest.mark.parametrize("days", (30, 37))
def test_words_cannot_change_while_the_author_is_being_asked(days: int) -> None:
    assert armed().days(days).refused(sealing(Condition.DIED, NARUTO)) == "sign_first"


def test_words_taken_back_are_never_released() -> None:
    back = e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 1, "h1", "h1", "", (), ())
    play = armed().do(back).days(37)
    play.do(*died(*PACK, play=play)).days(30)
    assert play.track(FOR_NARUTO).releases == 0
    assert play.track(FOR_KAKASHI).releases == 1
    play = armed()
    for other in ({"number": 2}, {"hash": "h2"}, {"before": ""}):
        assert play.refused(replace(back, **other)) == "manifest_not_next"
    play.do(back)
    assert play.refused(back) == "nothing_sealed"
    assert play.refused(DECLINE) == "not_the_recipient"
    assert play.refused(sealing(Condition.DIED, NARUTO)) == "manifest_not_next"
    assert play.do(_newer(PACK)).track().manifest == (2, "h2")


def test_a_share_is_sealed_to_nobody_who_receives_these_words_or_holds_no_seat() -> None:
    play = armed()
    for roster in ((KAKASHI,), (NARUTO,)):
        seal = e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 2, "h2", "h1", "s2", roster, (("a", "b"),))
        assert play.refused(seal) == "roster_unknown"


def test_no_words_are_sealed_to_so_many_that_the_quorum_is_no_majority() -> None:
    play, six = armed(), (*PACK, KAKASHI)
    assert play.refused(_newer(six)) == "too_many_shares"
    assert play.track().manifest == (1, "h1")
    assert drafted().do(_newer(six)).track().roster == tuple(sorted(six))
    assert armed(timer_only=True).do(_newer(six)).track().roster == tuple(sorted(six))


def test_a_circle_grows_by_words_that_more_of_it_must_open_and_then_a_plan_that_asks_as_many() -> None:
    six = (*PACK, KAKASHI)
    play = armed(sealing(Condition.DIED, NARUTO), quorum=3).do(_newer(six, k=4))
    play.do(*[e.GiveReceipt(keeper, ((FOR_NARUTO, "s2"),)) for keeper in PACK])
    play.do(e.Arm(IRUKA, replace(play.watch.plan, version=2, quorum=4)))
    assert play.watch.plan.quorum == 4


def _newer(roster: tuple[str, ...], k: int = 3) -> e.SealWords:
    return e.SealWords(
        IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", roster, (("letter.age", "better"),), k=k
    )


# The end of a case.


def test_a_case_ends_when_all_words_are_done_and_a_quorum_signs() -> None:
    play = told().do(OPEN, e.Tell(PAKKUN, FOR_KAKASHI))
    assert play.refused(e.SignEnd(PAKKUN)) == "not_ended"
    play.do(e.KeepForLater(KAKASHI, FOR_KAKASHI, 0), e.SignEnd(PAKKUN))
    assert play.refused(e.SignEnd(PAKKUN)) == "signed_already"
    play.do(*[e.SignEnd(keeper) for keeper in PACK[1:3]])
    assert play.watch.case is not None and play.watch.case.ended and play.watch.case.closed == play.now
    assert play.happened[-1] == ("case_closed", "1")
    assert play.refused(e.SignEnd(PACK[3])) == "signed_already"
    play.new_letters()
    play.days(90)
    assert "asked_again" not in play.new_letters()


def test_a_case_that_was_to_end_does_not_while_the_author_is_asked_once_more() -> None:
    play = told().do(OPEN, e.Tell(PAKKUN, FOR_KAKASHI), e.KeepForLater(KAKASHI, FOR_KAKASHI, 0))
    play.do(e.HearOfSilence("", PAKKUN, True), *[e.SignEnd(keeper) for keeper in PACK[:3]])
    play.do(spoken(PACK[3]), spoken(PACK[4]), e.HearOfSilence("", PAKKUN, False))
    assert play.stage is Stage.LATE and play.watch.case_open


def test_a_strong_sign_after_the_end_still_leads_to_closing() -> None:
    play = told().do(OPEN, e.Tell(PAKKUN, FOR_KAKASHI), e.KeepForLater(KAKASHI, FOR_KAKASHI, 0))
    play.do(*[e.SignEnd(keeper) for keeper in PACK[:3]], strong())
    assert play.stage is Stage.CLOSING
    assert play.watch.case is not None and play.watch.case_open and not play.watch.case.ended
    assert play.track(FOR_KAKASHI).words is WordsStage.RECALLED


# Two who keep for each other.


def test_a_pair_that_falls_silent_together_blocks_nobody_and_is_handed_nothing() -> None:
    play = in_vigil().do(e.HearOfSilence("", KAKASHI, True), *died(*PACK[:3])).days(6)
    assert play.track(FOR_KAKASHI).words is play.track(FOR_NARUTO).words is WordsStage.RELEASED
    assert play.refused(e.Tell(PAKKUN, FOR_KAKASHI)) == "recipient_silent"
    play.do(TELL, OPEN).days(100)
    play.do(
        e.HearOfSilence("", KAKASHI, False), e.Tell(PAKKUN, FOR_KAKASHI), e.OpenWords(KAKASHI, FOR_KAKASHI)
    )


def test_a_watch_says_so_when_its_author_falls_silent_and_when_they_are_back() -> None:
    play = armed().days(37)
    assert [(one.person, one.silent) for one in play.ripples] == [(IRUKA, True)]
    play.do(strong())
    assert len(play.ripples) == 1
    play.do(*[e.SignHome(keeper) for keeper in PACK[:3]])
    assert [(one.person, one.silent) for one in play.ripples] == [(IRUKA, True), (IRUKA, False)]


def test_a_hold_of_any_kind_is_no_reason_to_forget_what_was_released() -> None:
    play = released().do(e.PlaceHold(PAKKUN)).days(30)
    assert play.watch.hold(HoldCause.SWITCH) is None
    assert play.track().words is WordsStage.RELEASED


@pytest.mark.parametrize("holds", ("switch", "spoken with"))
def test_while_a_clock_stands_nobody_gets_shares_by_saying_that_the_words_are_open(holds: str) -> None:
    play = told()
    play.do(e.PlaceHold(BULL) if holds == "switch" else spoken(BULL, play))
    assert play.refused(OPEN) == "clocks_stand"
    said_before = told().do(OPEN)
    said_before.do(e.PlaceHold(BULL) if holds == "switch" else spoken(BULL, said_before))
    assert said_before.refused(e.WantShares(NARUTO, FOR_NARUTO)) == "clocks_stand"


def test_words_whose_shares_were_out_before_the_clocks_stood_still_are_opened_and_read_again() -> None:
    play = handed().do(e.PlaceHold(BULL), OPEN, e.WantShares(NARUTO, FOR_NARUTO))
    assert play.track().words is WordsStage.OPENED


def test_words_that_are_only_said_to_be_open_are_taken_back_when_the_author_lives() -> None:
    """The shares are still with the keepers."""
    home = told().do(OPEN, strong(), strong("paper"))
    assert (home.stage, home.track().words) == (Stage.WELL, WordsStage.RECALLED)
    assert home.refused(e.WantShares(NARUTO, FOR_NARUTO)) == "recalled"
    play = told().do(OPEN)
    play.do(spoken(BULL, play), spoken(BISUKE, play))
    assert play.track().words is WordsStage.RECALLED


def test_the_only_letter_about_a_childs_words_waits_for_an_adult_who_can_be_reached() -> None:
    child = replace(sealing(Condition.DIED, NARUTO), adult=KAKASHI)
    play = released(child).do(e.HearOfSilence("", KAKASHI, True)).days(60)
    assert not play.track().first_letter
    play.do(e.HearOfSilence("", KAKASHI, False))
    assert not play.days(13).track().first_letter
    assert play.days(1).track().first_letter


def test_a_person_may_tell_of_a_childs_words_though_their_adult_is_silent() -> None:
    child = replace(sealing(Condition.DIED, NARUTO), adult=KAKASHI)
    play = released(child).do(e.HearOfSilence("", KAKASHI, True), TELL)
    assert play.track().words is WordsStage.TOLD
