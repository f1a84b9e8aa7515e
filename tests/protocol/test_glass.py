"""Break glass opens the emergency notes, never the words, and never before everyone was alarmed."""

from dataclasses import replace

import pytest
from protocol.cave import (
    BISQUIT,
    BISUKE,
    BULL,
    HOST,
    HOUR,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    ULLY,
    Play,
    armed,
    died,
    drafted,
    in_last_call,
)

from lastwords.protocol import events as e
from lastwords.protocol.rules.breakglass import may_take
from lastwords.protocol.stages import GlassStage, SeatStage, TrackStage
from lastwords.protocol.watch import Plan

ASK = e.BreakGlass(KAKASHI, False)


def stage(play: Play) -> GlassStage:
    return play.watch.glass[0].stage


def silent_asking() -> Play:
    """Asked, and no alarm has reached anyone yet."""
    play = armed()
    play.mail = False
    return play.do(ASK)


def alarmed(play: Play, *people: str) -> Play:
    return play.do(
        *[e.LetterTaken("", "glass_alarm", person, play.watch.glass[0].round) for person in people]
    )


def test_alarms_go_out_first_and_then_a_wait_of_six_hours_runs() -> None:
    play = armed().do(ASK)
    assert play.new_letters() == {"glass_alarm"}
    assert stage(play) is GlassStage.WAITING
    play.seconds(6 * HOUR - 1)
    assert stage(play) is GlassStage.WAITING
    play.seconds(1)
    assert stage(play) is GlassStage.OPEN


def test_without_a_single_alarm_taken_the_notes_stay_closed_for_ever() -> None:
    assert stage(silent_asking().days(20)) is GlassStage.ASKED


def test_the_wait_begins_when_the_last_alarm_was_taken() -> None:
    play = alarmed(silent_asking(), IRUKA, *PACK[:4])
    assert stage(play) is GlassStage.ASKED
    assert stage(alarmed(play, PACK[4])) is GlassStage.WAITING


def test_a_dead_mailbox_locks_nothing_once_a_quorum_was_alarmed() -> None:
    play = alarmed(silent_asking(), *PACK[:3])
    for person in (IRUKA, *PACK[3:]):
        assert stage(play) is GlassStage.ASKED
        play.do(e.LetterFailed("", "glass_alarm", person, play.watch.glass[0].round))
    assert stage(play) is GlassStage.WAITING
    wait = play.watch.glass[0].wait
    assert alarmed(play.days(0.1), IRUKA).watch.glass[0].wait == wait, (
        "one who reads it late puts nothing off"
    )


def sent_back(play: Play, *people: str) -> Play:
    return play.do(
        *[e.LetterBounced("", "glass_alarm", person, play.watch.glass[0].round) for person in people]
    )


def test_an_alarm_that_comes_back_was_not_handed_over_and_the_wait_begins_anew() -> None:
    play = sent_back(armed().do(ASK).days(0.2), IRUKA)
    assert stage(play) is GlassStage.WAITING, "a quorum of the others has theirs"
    assert stage(play.seconds(6 * HOUR - 1)) is GlassStage.WAITING
    assert stage(play.seconds(1)) is GlassStage.OPEN


def test_when_too_many_alarms_come_back_nothing_opens_until_enough_are_taken_again() -> None:
    play = sent_back(armed().do(ASK), IRUKA, *PACK[:3])
    assert (stage(play), play.watch.glass[0].wait) == (GlassStage.ASKED, None)
    assert stage(play.days(20)) is GlassStage.ASKED
    assert stage(alarmed(play, PACK[0])) is GlassStage.WAITING


def test_who_has_come_into_the_circle_since_is_alarmed_when_a_wait_begins_anew() -> None:
    play = armed().do(
        ASK, e.RemoveKeeper(IRUKA, ULLY), e.InviteKeeper(IRUKA, "sakura"), e.AcceptSeat("sakura")
    )
    play.mail = False
    play.letters.clear()
    sent_back(play, IRUKA)
    assert [(one.kind, one.to) for one in play.letters] == [("glass_alarm", "sakura")]
    assert stage(play) is GlassStage.ASKED
    assert stage(alarmed(play, "sakura")) is GlassStage.WAITING


def test_an_alarm_that_comes_back_after_the_notes_are_open_or_denied_changes_nothing() -> None:
    for play in (armed().do(ASK).days(1), armed().do(ASK, e.DenyGlass(PAKKUN, KAKASHI))):
        before = play.watch.glass
        assert sent_back(play, IRUKA).watch.glass == before


def test_an_alarm_that_one_channel_still_has_did_not_come_back() -> None:
    play = armed().do(ASK).days(0.2)
    wait = play.watch.glass[0].wait
    play.do(e.LetterBounced("", "glass_alarm", IRUKA, play.watch.glass[0].round, 1))
    assert play.watch.glass[0].wait == wait


def test_when_every_alarm_fails_nothing_opens() -> None:
    play = silent_asking()
    play.do(
        *[e.LetterFailed("", "glass_alarm", person, play.watch.glass[0].round) for person in (IRUKA, *PACK)]
    )
    assert stage(play) is GlassStage.ASKED


def test_who_comes_into_the_circle_meanwhile_is_alarmed_and_waited_for() -> None:
    play = silent_asking().do(e.BreakGlass(BISUKE, True))  # newer letters, about something else
    play.do(e.RemoveKeeper(IRUKA, ULLY), e.InviteKeeper(IRUKA, "sakura"), e.AcceptSeat("sakura"))
    (alarm,) = [letter for letter in play.letters if letter.kind == "glass_alarm" and letter.to == "sakura"]
    asking = play.watch.glass[0]
    assert (alarm.round, dict(alarm.facts)) == (asking.round, {"keeper": KAKASHI, "card": 0})
    everybody = {letter.to for letter in play.letters if letter.kind == "glass_alarm"} - {ULLY, "sakura"}
    assert stage(alarmed(play, *everybody)) is GlassStage.ASKED
    play.do(e.LetterTaken("", "glass_alarm", "sakura", alarm.round))
    assert stage(play) is GlassStage.WAITING


def test_who_takes_over_a_seat_meanwhile_is_alarmed_as_well() -> None:
    play = silent_asking().do(e.PassSeat(BULL, "sai"))
    assert [letter.kind for letter in play.letters if letter.to == "sai"] == ["glass_alarm"]


def test_author_and_every_other_keeper_can_deny_and_the_asker_cannot() -> None:
    for by in (IRUKA, PAKKUN):
        play = armed().do(ASK, e.DenyGlass(by, KAKASHI)).days(2)
        (denied,) = play.watch.glass
        assert (denied.stage, denied.denied_by, denied.wait) == (GlassStage.DENIED, by, None)
    assert armed().do(ASK).refused(e.DenyGlass(KAKASHI, KAKASHI)) == "seat_does_not_count"
    assert armed().refused(e.DenyGlass(PAKKUN, KAKASHI)) == "no_glass"


def test_the_asker_pays_with_their_seat_until_three_others_restore_it() -> None:
    play = armed().do(e.BreakGlass(PAKKUN, False))
    assert play.watch.seat(PAKKUN).stage is SeatStage.SUSPENDED  # type: ignore[union-attr]
    assert play.refused(e.RestoreSeat(PAKKUN, PAKKUN)) == "own_seat"
    play.do(e.RestoreSeat(BISUKE, PAKKUN), e.RestoreSeat(BULL, PAKKUN), e.RestoreSeat(KAKASHI, PAKKUN))
    assert play.refused(e.RestoreSeat(BISUKE, PAKKUN)) == "signed_already"
    assert play.watch.seat(PAKKUN).stage is SeatStage.SUSPENDED  # type: ignore[union-attr]
    play.do(e.RestoreSeat(PACK[4], PAKKUN))
    assert play.watch.seat(PAKKUN).stage is SeatStage.SEASONED  # type: ignore[union-attr]


def test_a_seat_without_which_too_few_would_count_is_suspended_for_break_glass_alone() -> None:
    play = in_last_call().do(*[e.BreakGlass(keeper, False) for keeper in (ULLY, BISQUIT, PAKKUN)])
    stages = {seat.keeper: (seat.stage, seat.glass_only) for seat in play.watch.seats}
    assert stages[ULLY] == stages[BISQUIT] == (SeatStage.SUSPENDED, False)
    assert stages[PAKKUN] == (SeatStage.SEASONED, True)
    assert play.days(2).track().releases == 1


def test_a_seat_that_does_not_count_is_needed_by_nobody() -> None:
    """Two of the pack have asked and a third is silent, so that too few count with Kakashi or without."""
    play = armed().do(*[e.BreakGlass(keeper, False) for keeper in (ULLY, BISQUIT)])
    play.do(e.HearOfSilence("", PAKKUN, True), ASK)
    assert play.watch.seat(KAKASHI).stage is SeatStage.SUSPENDED  # type: ignore[union-attr]


def test_under_a_timer_only_plan_no_seat_is_needed() -> None:
    play = armed(timer_only=True).do(*[e.BreakGlass(keeper, False) for keeper in PACK])
    assert {seat.stage for seat in play.watch.seats if seat.keeper in PACK} == {SeatStage.SUSPENDED}


def test_a_keeper_who_is_not_seasoned_yet_takes_nobodys_place_in_that() -> None:
    """The days run on in a case and end in none, so that Ully, whose month is long over, still does not count."""
    play = drafted()
    seats = tuple(replace(one, vouched=one.keeper != ULLY) for one in play.watch.seats)
    play.watch = replace(play.watch, seats=seats)
    play.do(e.Arm(IRUKA, Plan()), e.RaiseAlarm(PAKKUN)).days(60)
    assert play.watch.seat(ULLY).stage is SeatStage.VERIFIED  # type: ignore[union-attr]
    play.do(*[e.BreakGlass(keeper, False) for keeper in (BISQUIT, BULL)])
    stages = [(seat.stage, seat.glass_only) for seat in play.watch.seats if seat.keeper in (BISQUIT, BULL)]
    assert stages == [(SeatStage.SUSPENDED, False), (SeatStage.SEASONED, True)]


def test_who_is_suspended_for_break_glass_alone_asks_and_denies_no_more_until_three_others_sign() -> None:
    play = in_last_call().do(*[e.BreakGlass(keeper, False) for keeper in (ULLY, BISQUIT, PAKKUN)])
    play.do(e.DenyGlass(IRUKA, PAKKUN))
    assert play.refused(e.BreakGlass(PAKKUN, False)) == "seat_does_not_count"
    assert play.refused(e.DenyGlass(PAKKUN, ULLY)) == "seat_does_not_count"
    play.do(*[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]])
    assert play.refused(e.RestoreSeat(PAKKUN, PAKKUN)) == "own_seat"
    play.do(*[e.RestoreSeat(keeper, PAKKUN) for keeper in (BISUKE, BULL, ULLY)])
    assert play.refused(e.RestoreSeat(BISUKE, PAKKUN)) == "seat_stage"
    play.do(e.BreakGlass(PAKKUN, False))
    assert [glass.keeper for glass in play.watch.glass] == [BISQUIT, PAKKUN, ULLY]


def test_a_suspended_keepers_statement_counts_no_more() -> None:
    play = in_last_call().do(e.BreakGlass(BULL, False))
    assert play.track().stage is TrackStage.ASKED
    assert play.days(20).track().releases == 0


def test_a_suspended_keeper_places_no_hold_and_raises_no_alarm() -> None:
    play = armed().do(e.BreakGlass(PAKKUN, False))
    assert play.refused(e.PlaceHold(PAKKUN)) == "seat_does_not_count"
    assert play.refused(e.RaiseAlarm(PAKKUN)) == "seat_does_not_count"
    assert play.refused(e.BreakGlass(PAKKUN, False)) == "glass_asked"


def test_with_the_card_everyone_is_told_and_nobody_pays() -> None:
    play = armed().do(e.BreakGlass(PAKKUN, True))
    assert play.watch.seat(PAKKUN).stage is SeatStage.SEASONED  # type: ignore[union-attr]
    assert {letter.to for letter in play.letters} == {IRUKA, KAKASHI, *PACK} - {PAKKUN}


@pytest.mark.parametrize(
    ("gone", "code"),
    [(e.RemoveKeeper(IRUKA, BULL), "glass_not_open"), (e.ChangeKeys(HOST, BULL), "seat_does_not_count")],
)
def test_nobody_takes_the_notes_who_has_lost_their_seat_or_whose_keys_are_new(
    gone: e.Event, code: str
) -> None:
    play = armed().do(e.BreakGlass(BULL, False)).days(1)
    assert may_take(play.watch, BULL) is None
    refused = may_take(play.do(gone).watch, BULL)
    assert refused is not None and refused.code == code


def test_only_keepers_break_glass() -> None:
    assert armed().refused(e.BreakGlass(NARUTO, False)) == "not_a_keeper"


def test_break_glass_opens_no_words() -> None:
    play = armed().do(ASK).days(1).do(*[e.RestoreSeat(keeper, KAKASHI) for keeper in PACK[:3]])
    assert stage(play) is GlassStage.OPEN
    assert {track.stage for track in play.watch.tracks} == {TrackStage.ASKED}
    assert play.refused(*died(PAKKUN)) == "no_case"
