"""What keepers sign: bound to one case, one epoch, one plan and the newest words; taken back until release."""

import pytest
from protocol.cave import (
    BISQUIT,
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    HOST,
    IF_HELPLESS,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    ULLY,
    Play,
    armed,
    died,
    in_last_call,
    in_late,
    in_vigil,
    released,
    sealing,
    spoken,
    stating,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.stages import Condition, Evidence, Finding, HoldCause, Stage, TrackStage, WordsStage


@pytest.mark.parametrize(
    "changes",
    (
        {"case": 2},
        {"epoch": 2},
        {"plan_version": 2},
        {"heads": ((FOR_NARUTO, 2, "h1"),)},
        {"heads": ((FOR_NARUTO, 1, "other"),)},
        {"heads": (("died.nobody", 1, "h1"),)},
        {"heads": ()},
    ),
)
def test_a_statement_signed_for_anything_else_is_not_counted(changes: dict[str, object]) -> None:
    assert in_vigil().refused(stating(PAKKUN, **changes)) == "stale_statement"  # type: ignore[arg-type]


def test_a_statement_counts_only_for_the_words_it_names() -> None:
    play = in_vigil()
    play.do(*[stating(keeper, heads=((FOR_NARUTO, 1, "h1"),)) for keeper in PACK]).days(4)
    assert play.track(FOR_NARUTO).stage is TrackStage.LAST_CALL
    assert play.track(FOR_KAKASHI).stage is TrackStage.ASKED


def test_a_statement_needs_an_open_case() -> None:
    assert in_late().refused(stating(PAKKUN)) == "no_case"
    assert in_late().refused(e.RetractStatement(PAKKUN)) == "no_case"
    assert armed().refused(stating(PAKKUN)) == "no_case"


def test_a_case_of_the_past_takes_no_statements() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN), strong(), *[e.SignHome(keeper) for keeper in PACK[:3]]).days(30)
    assert play.stage is Stage.LATE
    assert play.refused(stating(PAKKUN)) == "no_case"


def test_statements_of_the_time_of_asking_count_once_the_vigil_has_begun() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN), *died(*PACK[:3])).days(7)
    assert play.track().stage is TrackStage.ASKED
    play.days(4)
    assert play.track().stage is TrackStage.LAST_CALL


def test_a_rumour_is_not_a_finding() -> None:
    assert in_vigil().refused(stating(PAKKUN, evidence=Evidence.RUMOUR)) == "rumour"


def test_could_not_find_out_is_recorded_and_counts_for_nothing() -> None:
    play = in_vigil().do(*died(PAKKUN, BISUKE), stating(BULL, Finding.COULD_NOT_FIND_OUT)).days(10)
    assert play.track().stage is TrackStage.ASKED


def test_a_new_statement_takes_the_place_of_the_old_one() -> None:
    play = in_last_call()
    assert (play.shredded, play.watch.keys_due) == (0, ())
    play.do(stating(BULL, Finding.COULD_NOT_FIND_OUT))
    assert [made.keeper for made in play.watch.statements] == sorted((PAKKUN, BISUKE, BULL))
    assert play.track().stage is TrackStage.ASKED
    assert (play.shredded, play.watch.keys_due) == (1, (FOR_KAKASHI, FOR_NARUTO))


def test_who_no_longer_says_that_they_have_spoken_with_the_author_holds_nothing() -> None:
    play = in_vigil().do(spoken(PAKKUN))
    assert play.refused(spoken(PAKKUN)) == "signed_already"
    assert play.do(*died(PAKKUN)).watch.holds == ()


def test_words_that_were_taken_back_are_named_by_no_statement_and_need_no_new_keys() -> None:
    back = e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 1, "h1", "h1", "", (), ())
    play = armed().do(back).days(37)
    assert play.refused(stating(PAKKUN)) == "stale_statement"
    play.do(*died(PAKKUN, play=play), *died(BULL, play=play), e.RetractStatement(BULL))
    assert play.watch.keys_due == (FOR_NARUTO,)
    assert play.do(e.Restore(HOST)).watch.keys_due == (FOR_NARUTO,)


def test_a_silent_keeper_takes_no_last_call_from_a_plan_that_asks_nobody() -> None:
    play = armed(timer_only=True).days(37).do(e.HearOfSilence("", PAKKUN, True))
    assert play.track().stage is TrackStage.LAST_CALL


def test_the_author_hears_of_every_statement() -> None:
    play = in_vigil()
    play.new_letters()
    play.do(*died(PAKKUN))
    assert [(str(letter.kind), letter.to) for letter in play.letters] == [("statement_made", IRUKA)]


def test_a_statement_can_be_taken_back_until_release_and_its_share_is_deleted() -> None:
    play = in_last_call()
    shredded = play.shredded
    play.do(e.RetractStatement(BULL))
    assert play.shredded == shredded + 1
    assert play.watch.keys_due == (FOR_KAKASHI, FOR_NARUTO)
    assert play.refused(e.RetractStatement(BULL)) == "no_statement"


def test_a_statement_on_which_words_were_released_stands() -> None:
    play = released()
    assert play.refused(e.RetractStatement(BULL)) == "already_released"
    assert play.refused(stating(BULL, Finding.COULD_NOT_FIND_OUT)) == "already_released"
    shredded = play.shredded
    assert play.do(spoken(BULL)).watch.holds
    assert play.shredded == shredded + 1


def _released_to_act_for_them() -> Play:
    """Three have stated *cannot act*; Naruto's words for that are out, and those for the author's death wait."""
    play = in_vigil(sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, NARUTO))
    play.do(*[stating(keeper, Finding.CANNOT_ACT, play) for keeper in PACK[:3]]).days(6)
    assert (play.track(IF_HELPLESS).stage, play.track().stage) == (TrackStage.RELEASED, TrackStage.ASKED)
    return play


def test_an_author_who_could_not_act_dies_and_the_same_keepers_state_it() -> None:
    play = _released_to_act_for_them()
    shredded, keys_due = play.shredded, play.watch.keys_due
    play.days(40).do(*died(*PACK[:3], play=play)).days(2)
    assert (play.track().stage, play.track().releases) == (TrackStage.RELEASED, 1)
    assert play.track(IF_HELPLESS).releases == 1
    assert (play.shredded, play.watch.keys_due) == (shredded, keys_due)


def test_a_death_stated_of_an_author_who_cannot_act_is_put_right_and_stops_what_waits_for_it() -> None:
    play = _released_to_act_for_them()
    play.do(*died(*PACK[:3], play=play)).days(1)
    assert play.track().stage is TrackStage.LAST_CALL
    play.do(stating(BULL, Finding.CANNOT_ACT, play)).days(3)
    assert play.track().stage is TrackStage.ASKED


@pytest.mark.parametrize(
    "heads", ((), ((FOR_NARUTO, 1, "h1"),)), ids=("naming no words", "without the words that are out")
)
def test_a_newer_statement_that_released_words_would_not_rest_on_is_refused(
    heads: tuple[tuple[str, int, str], ...],
) -> None:
    play = _released_to_act_for_them()
    finding = Finding.DIED if heads else Finding.COULD_NOT_FIND_OUT
    assert play.refused(stating(BULL, finding, play, heads=heads)) == "already_released"
    assert play.refused(e.RetractStatement(BULL)) == "already_released"


@pytest.mark.parametrize("opened", ((e.Tell(PAKKUN, FOR_NARUTO), e.OpenWords(NARUTO, FOR_NARUTO)), ()))
def test_words_released_before_a_homecoming_bind_no_statement_of_the_next_case(
    opened: tuple[e.Event, ...],
) -> None:
    play = released().do(*opened, strong())
    play.do(*[e.SignHome(keeper) for keeper in PACK[:3]]).days(37)
    play.do(*died(BULL, play=play), e.RetractStatement(BULL))
    assert play.watch.statements == ()


def test_words_recalled_by_a_sign_that_nobody_confirmed_bind_no_statement_either() -> None:
    play = released().do(strong()).days(14)
    assert play.stage is Stage.VIGIL
    play.do(*died(BULL, play=play), e.RetractStatement(BULL))
    assert play.watch.statements == ()


def test_nobody_but_a_keeper_makes_statements() -> None:
    play = in_vigil()
    assert play.refused(stating(NARUTO)) == "not_a_keeper"
    assert play.refused(stating(IRUKA)) == "not_a_keeper"


def test_the_quorum_is_never_lowered_when_keepers_fall_silent() -> None:
    play = in_vigil()
    play.do(*[e.HearOfSilence("", keeper, True) for keeper in PACK[:3]], *died(*PACK)).days(20)
    assert play.track().stage is TrackStage.ASKED


def test_a_silent_keeper_counts_again_by_themselves_when_they_are_well() -> None:
    play = in_last_call().do(e.HearOfSilence("", BULL, True))
    assert play.track().stage is TrackStage.ASKED
    play.do(e.HearOfSilence("", BULL, False)).days(0)
    assert play.track().stage is TrackStage.LAST_CALL


def test_a_recipients_statement_never_completes_a_quorum_for_their_own_words() -> None:
    play = in_vigil().do(*died(PAKKUN, BISUKE, KAKASHI)).days(10)
    assert play.track(FOR_KAKASHI).stage is TrackStage.ASKED


def test_entries_and_answered_calls_move_nothing() -> None:
    play = in_vigil()
    before = play.watch
    play.do(e.NoteInCase(PAKKUN, "note", "hash"), e.NoteInCase(IRUKA, "note", "hash"))
    assert play.watch == before
    play.do(e.AnswerCall(PAKKUN))
    assert play.refused(e.AnswerCall(PAKKUN)) == "signed_already"
    for play in (armed(), in_late()):
        for act in (e.NoteInCase(PAKKUN, "note", "hash"), e.AnswerCall(PAKKUN), e.CallAlternate(IRUKA, BULL)):
            assert play.refused(act) == "no_case"


def test_statements_that_gave_no_share_make_no_new_keys_due_when_they_are_void() -> None:
    play = in_vigil().do(stating(PAKKUN, Finding.COULD_NOT_FIND_OUT))
    assert play.do(e.Restore(HOST)).watch.keys_due == ()


def test_two_who_have_ended_a_vigil_can_end_the_next_one_too() -> None:
    """Words may be out by then, and they are the ones who know that the author lives."""
    play = in_vigil()
    play.do(spoken(BISQUIT, play), spoken(ULLY, play)).days(7)
    play.do(*died(*PACK[:3], play=play)).days(6)
    assert play.track().words is WordsStage.RELEASED
    play.do(spoken(BISQUIT, play), spoken(ULLY, play))
    assert (play.stage, play.track().words) == (Stage.LATE, WordsStage.RECALLED)


def test_a_spoken_with_that_went_before_its_time_can_be_stated_again() -> None:
    """By a restore, or with a sign of life that was none."""
    play = in_vigil()
    play.do(spoken(BULL, play), e.Restore(HOST), *[e.LiftHold(one, HoldCause.RESTORE) for one in PACK[:3]])
    play.do(spoken(BULL, play))
    stranger = in_vigil()
    stranger.do(spoken(BULL, stranger), strong()).days(14)
    assert stranger.stage is Stage.VIGIL
    stranger.do(spoken(BULL, stranger))


def test_a_spoken_with_that_has_lapsed_is_used_up() -> None:
    play = in_vigil()
    play.do(spoken(BULL, play)).days(15)
    assert play.refused(spoken(BULL, play)) == "spoken_already"


def test_what_a_keeper_stated_after_a_restore_outlives_the_hold_of_what_it_voided() -> None:
    play = in_vigil()
    play.do(spoken(PAKKUN, play), e.Restore(HOST), *[e.LiftHold(one, HoldCause.RESTORE) for one in PACK[1:4]])
    assert play.watch.holds == ()
    play.do(*died(*PACK[:3], play=play)).days(20)
    assert play.track().words is WordsStage.RELEASED


def ended() -> Play:
    """The recipient keeps the words for later, and a quorum has signed that there is nothing more to do."""
    play = released(sealing(Condition.DIED, NARUTO))
    play.do(e.Tell(PAKKUN, FOR_NARUTO), e.KeepForLater(NARUTO, FOR_NARUTO, 0))
    return play.do(*[e.SignEnd(keeper) for keeper in PACK[:3]])


def test_whoever_has_spoken_with_the_author_is_heard_though_the_case_had_ended() -> None:
    play = ended()
    play.do(spoken(BULL, play))
    assert play.watch.case_open
    assert play.refused(e.WantShares(NARUTO, FOR_NARUTO)) == "clocks_stand"
    play.do(spoken(BISQUIT, play))
    assert (play.stage, play.track().words) == (Stage.LATE, WordsStage.RECALLED)


def test_a_case_that_had_ended_takes_no_other_statement() -> None:
    play = ended()
    assert play.refused(stating(BULL, Finding.COULD_NOT_FIND_OUT, play)) == "no_case"


def test_a_keeper_who_is_not_heard_opens_no_case_that_had_ended() -> None:
    play = ended().do(e.BreakGlass(BULL, card=False))
    assert play.refused(spoken(BULL, play)) == "no_case"


def test_a_share_that_words_rest_on_outlives_its_keepers_keys() -> None:
    play = released().do(e.ChangeKeys(HOST, PAKKUN))
    assert play.refused(e.RetractStatement(PAKKUN)) == "already_released"
    play.do(e.ChangeKeys(HOST, PAKKUN))
    assert play.shredded == 0
