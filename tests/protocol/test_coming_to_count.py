"""Who comes to count late: what they had signed or taken before counts from then on, and nothing is waited for in vain.

A keeper whose own watch is silent does not count. When they are well again they count by themselves, and so does what
they signed meanwhile: everybody has signed, nobody can sign twice, and otherwise nothing would ever follow.
"""

from protocol.cave import (
    BISQUIT,
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    HOST,
    IRUKA,
    KAKASHI,
    PACK,
    PAKKUN,
    START,
    ULLY,
    Play,
    armed,
    died,
    in_closing,
    in_last_call,
    in_vigil,
    released,
    sealing,
    spoken,
    stating,
    strong,
)
from protocol.test_mailboxes import in_unheard_last_call

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, HoldCause, SeatStage, Stage, TrackStage
from lastwords.protocol.watch import Seat

SAKURA = "sakura"
SILENT, WELL = e.HearOfSilence("", PAKKUN, True), e.HearOfSilence("", PAKKUN, False)
RECEIPT = ((FOR_KAKASHI, "s1"), (FOR_NARUTO, "s1"))


def seat(play: Play, keeper: str) -> Seat:
    found = play.watch.seat(keeper)
    assert found is not None
    return found


def test_a_restores_hold_ends_when_a_signer_counts_again() -> None:
    play = in_vigil().do(e.Restore(HOST), SILENT)
    play.do(*[e.LiftHold(keeper, HoldCause.RESTORE) for keeper in PACK[:3]])
    assert play.watch.holds
    assert play.do(WELL).watch.holds == ()


def test_a_homecoming_is_confirmed_when_a_signer_counts_again() -> None:
    play = in_closing().do(SILENT, *[e.SignHome(keeper) for keeper in PACK[:3]])
    assert play.stage is Stage.CLOSING
    assert play.do(WELL).stage is Stage.WELL


def test_a_homecoming_that_lapsed_is_not_confirmed_when_a_signer_counts_again() -> None:
    play = in_closing().do(SILENT, *[e.SignHome(keeper) for keeper in PACK[:3]]).days(14)
    assert play.do(WELL).stage is Stage.VIGIL


def test_a_stranger_is_found_out_when_a_signer_counts_again() -> None:
    play = in_closing().do(SILENT, *[e.SignNotThem(keeper) for keeper in PACK[:3]])
    assert play.do(WELL).stage is Stage.VIGIL


def test_a_last_call_nobody_can_read_begins_when_who_tried_counts_again() -> None:
    play = in_unheard_last_call().days(14).do(SILENT, *died(PACK[3]))
    play.days(4)
    play.do(*[e.SignTried(keeper) for keeper in PACK[:3]])
    assert play.track().wait is None
    wait = play.do(WELL).track().wait
    assert wait is not None
    assert play.days(1).do(SILENT, WELL).track().wait == wait


def test_a_case_closes_when_a_signer_counts_again() -> None:
    play = in_vigil(sealing(Condition.DIED, KAKASHI)).do(e.HearOfSilence("", ULLY, True))
    play.do(*died(*PACK[:3], play=play)).days(6)
    play.do(e.Tell(PAKKUN, FOR_KAKASHI), e.KeepForLater(KAKASHI, FOR_KAKASHI, 0))
    play.do(SILENT, *[e.SignEnd(keeper) for keeper in PACK[:3]])
    assert play.watch.case_open
    assert not play.do(WELL).watch.case_open


def test_what_is_heard_after_the_end_of_a_case_holds_nothing() -> None:
    play = in_vigil(sealing(Condition.DIED, KAKASHI))
    play.do(*died(*PACK[:3], play=play))
    play.do(e.BreakGlass(ULLY, False), spoken(ULLY, play)).days(6)
    play.do(e.Tell(PAKKUN, FOR_KAKASHI), e.KeepForLater(KAKASHI, FOR_KAKASHI, 0))
    play.do(
        *[e.SignEnd(keeper) for keeper in PACK[:3]], *[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]]
    )
    assert play.watch.holds == ()


def test_a_seat_is_restored_when_a_signer_counts_again() -> None:
    play = armed().do(e.BreakGlass(ULLY, False), SILENT)
    play.do(*[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]])
    assert seat(play, ULLY).stage is SeatStage.SUSPENDED
    assert seat(play.do(WELL), ULLY).stage is SeatStage.SEASONED


def test_a_proven_share_brings_what_its_keeper_had_signed() -> None:
    play = armed().do(e.BeginPractice(IRUKA)).days(14).days(23).do(e.Restore(HOST))
    play.do(*[e.LiftHold(keeper, HoldCause.RESTORE) for keeper in PACK])
    assert play.watch.holds
    play.do(*[e.GiveReceipt(keeper, RECEIPT) for keeper in PACK[:2]])
    assert play.watch.holds
    assert play.do(e.GiveReceipt(PACK[2], RECEIPT)).watch.holds == ()


# A "spoken with" of a seat that is not heard.


def suspended_dissent() -> Play:
    """Ully is suspended, and states that they have spoken with the author."""
    return in_last_call().do(e.BreakGlass(ULLY, False), spoken(ULLY))


def test_a_suspended_keeper_who_has_spoken_with_the_author_is_shown_and_stops_nothing() -> None:
    play = suspended_dissent()
    assert [made.keeper for made in play.watch.statements if made.finding == "spoken_with"] == [ULLY]
    assert play.watch.holds == ()
    assert play.days(2).track().releases == 1


def test_a_suspended_keepers_spoken_with_of_the_time_of_asking_holds_no_vigil() -> None:
    play = armed().do(e.BreakGlass(ULLY, False), e.RaiseAlarm(PAKKUN), spoken(ULLY)).days(7)
    assert play.stage is Stage.VIGIL
    assert play.watch.holds == ()


def test_it_is_heard_from_the_moment_the_seat_is_restored_and_lapses_after_fourteen_days() -> None:
    play = suspended_dissent().do(*[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]])
    assert play.watch.hold(HoldCause.SPOKEN_WITH)
    play.days(14)
    assert play.watch.holds == ()
    assert {made.keeper for made in play.watch.statements} == set(PACK[:3])
    assert play.days(6).track().releases == 1


def test_two_who_are_heard_at_last_end_the_vigil() -> None:
    play = in_last_call().do(spoken(BISQUIT), e.BreakGlass(ULLY, False), spoken(ULLY))
    assert (play.stage, play.track().stage) == (Stage.VIGIL, TrackStage.LAST_CALL)
    play.do(*[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]])
    assert (play.stage, play.track().stage) == (Stage.LATE, TrackStage.ASKED)


def test_a_spoken_with_that_outlives_another_keepers_hold_has_fourteen_days_of_its_own() -> None:
    play = in_vigil().do(spoken(ULLY), e.BreakGlass(ULLY, False), spoken(BULL)).days(14)
    hold = play.watch.hold(HoldCause.SPOKEN_WITH)
    assert hold is not None and hold.placed_by == BULL
    play.days(14)
    assert play.watch.holds == play.watch.statements == ()


# What is given for good.


def test_a_statement_on_which_words_were_released_stands_though_its_seat_counts_no_more() -> None:
    play = released().do(e.BreakGlass(PAKKUN, False))
    assert play.refused(e.RetractStatement(PAKKUN)) == "already_released"
    play.do(e.HearOfSilence("", BISUKE, True))
    assert play.refused(e.RetractStatement(BISUKE)) == "already_released"
    play = in_last_call().do(*died(BISQUIT)).days(2).do(e.BreakGlass(BISQUIT, False))
    assert play.refused(e.RetractStatement(BISQUIT)) == "already_released"


def test_signatures_for_the_end_of_a_case_do_not_outlive_a_homecoming() -> None:
    play = in_vigil(sealing(Condition.DIED, KAKASHI))
    play.do(*died(*PACK[:3], play=play)).days(6)
    play.do(e.Tell(PAKKUN, FOR_KAKASHI), e.KeepForLater(KAKASHI, FOR_KAKASHI, 0))
    play.do(*[e.SignEnd(keeper) for keeper in PACK[:2]], strong()).days(14)
    assert play.stage is Stage.VIGIL
    assert play.watch.case is not None and play.watch.case.ended_by == ()


# Seasons.


def with_newcomer(**terms: object) -> Play:
    """Sakura's thirty days run while a case is open; her share is proven."""
    play = armed(sealing(Condition.DIED, KAKASHI, (*PACK[1:], PAKKUN)), **terms)
    play.do(e.InviteKeeper(IRUKA, SAKURA), e.AcceptSeat(SAKURA), e.VerifyKeeper(IRUKA, SAKURA, True))
    roster = (*PACK[:4], SAKURA)
    newer = e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 2, "h2", "h1", "s2", roster, (("a", "b"),))
    proven = ((FOR_KAKASHI, "s2"),)
    return play.do(newer, *[e.GiveReceipt(keeper, proven) for keeper in roster])


def test_what_a_newcomer_has_signed_counts_once_their_season_is_over() -> None:
    play = with_newcomer().do(e.BreakGlass(BULL, False))
    play.do(*[e.RestoreSeat(keeper, BULL) for keeper in (PAKKUN, BISUKE, SAKURA)])
    assert seat(play.days(20).do(strong()).days(9.9), BULL).stage is SeatStage.SUSPENDED
    assert seat(play.days(0.1), BULL).stage is SeatStage.SEASONED


def test_no_seat_seasons_in_a_case_by_breaking_glass_and_being_restored() -> None:
    play = with_newcomer().do(e.RaiseAlarm(PAKKUN)).days(40)
    play.do(e.BreakGlass(SAKURA, False), *[e.RestoreSeat(keeper, SAKURA) for keeper in PACK[:3]])
    assert seat(play, SAKURA).stage is SeatStage.VERIFIED
    play.do(strong(), *[e.SignHome(keeper) for keeper in PACK[:3]]).days(0)
    assert seat(play, SAKURA).stage is SeatStage.SEASONED


def test_no_seat_seasons_in_a_case_by_proving_a_share_after_a_missed_practice() -> None:
    play = with_newcomer().do(e.BeginPractice(IRUKA))
    play.do(*[e.GiveReceipt(keeper, ((FOR_KAKASHI, "s2"),)) for keeper in PACK[:4]]).days(14)
    assert seat(play, SAKURA).stage is SeatStage.RESTING
    play.do(e.RaiseAlarm(PAKKUN)).days(30).do(e.GiveReceipt(SAKURA, ((FOR_KAKASHI, "s2"),)))
    assert seat(play, SAKURA).stage is SeatStage.VERIFIED
    play.do(stating(SAKURA, play=play), *died(*PACK[:2], play=play)).days(10)
    assert play.track(FOR_KAKASHI).stage is TrackStage.ASKED


def test_a_seat_that_rests_seasons_only_once_its_share_is_proven() -> None:
    play = with_newcomer().do(e.BeginPractice(IRUKA))
    play.do(*[e.GiveReceipt(keeper, ((FOR_KAKASHI, "s2"),)) for keeper in PACK[:4]]).days(20)
    play.do(strong()).days(20)
    assert seat(play, SAKURA).stage is SeatStage.RESTING
    play.do(e.GiveReceipt(SAKURA, ((FOR_KAKASHI, "s2"),))).days(0)
    assert seat(play, SAKURA).stage is SeatStage.SEASONED


def test_a_restore_begins_every_wait_again_that_runs_beside_the_stage() -> None:
    play = armed().do(e.PlaceHold(PAKKUN))
    play.do(e.InviteKeeper(IRUKA, SAKURA), e.AcceptSeat(SAKURA), e.VerifyKeeper(IRUKA, SAKURA, True)).days(20)
    play.do(e.Restore(HOST))
    hold, season = play.watch.hold(HoldCause.SWITCH), seat(play, SAKURA).season
    assert hold is not None and hold.wait is not None and season is not None
    assert hold.wait.remaining(play.now) == season.remaining(play.now) == 30 * DAY
    practice = armed().do(e.BeginPractice(IRUKA)).days(10).do(e.Restore(HOST)).watch.practice
    assert practice is not None and practice.wait.since.wall == START.wall + 10 * DAY
    play = released().days(10).do(e.Restore(HOST), *[e.LiftHold(k, HoldCause.RESTORE) for k in PACK[:3]])
    play.new_letters()
    play.days(13.9)
    assert "first_letter" not in play.new_letters()
    play.days(0.1)
    assert "first_letter" in play.new_letters()
