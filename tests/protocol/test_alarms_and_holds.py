"""An alarm asks and a hold stops. Neither brings anything nearer."""

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
    SHIZUNE,
    TSUNADE,
    ULLY,
    Play,
    armed,
    died,
    drafted,
    in_closing,
    in_last_call,
    in_late,
    in_vigil,
    released,
    spoken,
    strong,
    weak,
)
from protocol.test_mailboxes import in_unheard_last_call

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.rules.holds import ends_by
from lastwords.protocol.stages import CaseCause, Condition, HoldCause, Order, Stage, Tamper, TrackStage

SWITCH, CLOCK, SPOKEN = HoldCause.SWITCH, HoldCause.CLOCK, HoldCause.SPOKEN_WITH


@pytest.mark.parametrize("by", (IRUKA, PAKKUN))
def test_an_alarm_in_well_asks_the_author_and_opens_a_case_at_once(by: str) -> None:
    play = armed().days(10).do(e.RaiseAlarm(by))
    assert play.stage is Stage.LATE
    assert play.watch.case is not None and play.watch.case.cause is CaseCause.ALARM
    assert {"alarm_asks", "alarm_raised"} <= play.new_letters()


def test_nothing_is_released_earlier_than_thirteen_days_after_an_alarm() -> None:
    play = armed().days(10).do(e.RaiseAlarm(PAKKUN)).do(*died(*PACK[:3]))
    play.seconds(13 * DAY - 1)
    assert play.track().releases == 0
    play.seconds(1)
    assert play.track().releases == 1


def test_an_alarm_in_late_opens_the_case_and_leaves_the_wait_alone() -> None:
    play = in_late().days(3)
    wait = play.watch.wait
    play.do(e.RaiseAlarm(PAKKUN))
    assert play.watch.wait == wait
    assert play.watch.case_open


@pytest.mark.parametrize("begin", (in_vigil, in_last_call, in_closing))
def test_an_alarm_where_everyone_is_called_already_is_an_entry(begin) -> None:  # type: ignore[no-untyped-def]
    play = begin()
    before = play.watch
    play.do(e.RaiseAlarm(PAKKUN))
    assert replace(play.watch, tasked=before.tasked) == before, "nothing but that it was entered"
    assert play.has_happened("alarm")
    assert play.refused(e.RaiseAlarm(NARUTO)) == "not_a_keeper"


def test_a_second_alarm_within_thirty_days_needs_a_second_keeper() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN), strong(), *[e.SignHome(keeper) for keeper in PACK[:3]]).days(20)
    assert play.refused(e.RaiseAlarm(PAKKUN)) == "alarm_again"
    assert play.refused(e.RaiseAlarm(PAKKUN, PAKKUN)) == "second_unfit"
    assert play.do(e.RaiseAlarm(PAKKUN, BISUKE)).stage is Stage.LATE


def test_an_alarm_given_again_while_its_case_is_open_stands_already() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN))
    assert play.refused(e.RaiseAlarm(PAKKUN)) == "alarm_stands"
    assert play.do(e.RaiseAlarm(PAKKUN, BISUKE)).stage is Stage.LATE
    play.do(strong(), *[e.SignHome(keeper) for keeper in PACK[:3]]).days(1).do(e.RaiseAlarm(BULL))
    assert play.refused(e.RaiseAlarm(PAKKUN)) == "alarm_again", "the case that is open is another's"


def test_after_thirty_days_a_keeper_may_alarm_alone_again() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN), strong(), *[e.SignHome(keeper) for keeper in PACK[:3]])
    play.days(20).do(strong()).days(10)
    assert play.do(e.RaiseAlarm(PAKKUN)).stage is Stage.LATE


def test_a_keeper_who_receives_words_cannot_alarm_alone() -> None:
    play = armed()
    assert play.refused(e.RaiseAlarm(KAKASHI)) == "alarm_again"
    assert play.refused(e.RaiseAlarm(NARUTO)) == "not_a_keeper"


def test_an_alarm_calls_the_circle_and_then_the_alternates_in_their_order() -> None:
    play = armed(alternates=(TSUNADE, SHIZUNE)).do(e.RaiseAlarm(PAKKUN))
    assert play.watch.case is not None
    assert TSUNADE not in play.watch.case.called
    called = []
    for _ in range(60):
        play.days(0.1)
        for keeper in play.watch.case.called if play.watch.case else ():
            if keeper in (TSUNADE, SHIZUNE) and keeper not in called:
                called.append(keeper)
    assert called == [TSUNADE, SHIZUNE]


@pytest.mark.parametrize(
    ("stated", "answered", "called"),
    [((), (), True), (PACK[:2], PACK[:1], True), (PACK[:2], PACK[2:3], False), (PACK[:3], (), False)],
)
def test_the_first_alternate_is_called_six_hours_after_too_few_have_answered(
    stated: tuple[str, ...], answered: tuple[str, ...], called: bool
) -> None:
    play = armed(alternates=(TSUNADE,)).do(e.RaiseAlarm(PAKKUN))
    play.do(*died(*stated, play=play), *map(e.AnswerCall, answered))
    circle = {*PACK, KAKASHI}
    for seconds, alternates in ((6 * HOUR - 1, set()), (1, {TSUNADE} if called else set())):
        play.seconds(seconds)
        assert play.watch.case is not None and set(play.watch.case.called) == circle | alternates


@pytest.mark.parametrize("set_aside", (e.RemoveKeeper(IRUKA, TSUNADE), e.SuspendSeat(IRUKA, TSUNADE)))
def test_an_alternate_whose_seat_is_not_heard_is_called_by_nobody_and_the_next_one_is(
    set_aside: e.Event,
) -> None:
    play = armed(alternates=(TSUNADE, SHIZUNE)).do(set_aside, e.RaiseAlarm(PAKKUN))
    assert play.refused(e.CallAlternate(PAKKUN, TSUNADE)) == "not_to_be_called"
    play.days(7)
    assert play.watch.case is not None and set(play.watch.case.called) == {*PACK, KAKASHI, SHIZUNE}


def test_to_an_alternate_who_was_not_called_there_is_no_case() -> None:
    play = armed(alternates=(TSUNADE, SHIZUNE)).do(e.RaiseAlarm(PAKKUN))
    acts = (e.AnswerCall(TSUNADE), e.NoteInCase(TSUNADE, "note", "a" * 64), e.CallAlternate(TSUNADE, SHIZUNE))
    assert [play.refused(act) for act in acts] == ["no_case"] * 3
    play.do(e.CallAlternate(PAKKUN, TSUNADE), e.AnswerCall(TSUNADE))
    assert play.watch.case is not None and TSUNADE in play.watch.case.answered
    for keeper in ("nobody", BULL, TSUNADE):
        assert play.refused(e.CallAlternate(PAKKUN, keeper)) == "not_to_be_called"


def test_an_alternate_who_was_not_called_signs_nothing_in_a_case() -> None:
    in_case = (
        e.SignTried(TSUNADE),
        e.SignRecipientDied(TSUNADE, NARUTO, Order.UNKNOWN),
        e.RetractRecipientDied(TSUNADE, NARUTO),
        e.SignEnd(TSUNADE),
    )
    play = released(alternates=(TSUNADE,))
    assert [play.refused(act) for act in in_case] == ["no_case"] * 4
    play.do(strong())
    assert [play.refused(act) for act in (e.SignHome(TSUNADE), e.SignNotThem(TSUNADE))] == ["no_case"] * 2


# Trips.


def trip(play: Play, days: int, extra: int = 1) -> e.SetTrip:
    return e.SetTrip(IRUKA, play.now.wall + days * DAY, extra * DAY)


def test_a_trip_puts_the_check_in_off_until_the_return_and_its_extra_time() -> None:
    play = armed()
    play.do(trip(play, 60)).days(60.9)
    assert play.stage is Stage.WELL
    play.days(0.1)
    assert play.stage is Stage.LATE
    assert play.watch.case is not None and play.watch.case.cause is CaseCause.TRIP


@pytest.mark.parametrize("days, extra", ((0, 1), (-1, 1), (400, 1), (10, -1)))
def test_a_trip_lies_ahead_and_ends_within_four_hundred_days(days: int, extra: int) -> None:
    play = armed()
    assert play.refused(trip(play, days, extra)) == "trip_terms"


@pytest.mark.parametrize("ahead, extra", ((1, 0), (399 * DAY, DAY)))
def test_the_shortest_trip_is_a_second_and_the_longest_four_hundred_days(ahead: int, extra: int) -> None:
    play = armed()
    assert play.do(e.SetTrip(IRUKA, play.now.wall + ahead, extra)).watch.trip is not None


def test_setting_out_is_a_strong_sign_and_the_authors_alone() -> None:
    play = armed().do(weak(), weak()).days(28)
    assert play.watch.reminded
    assert play.refused(replace(trip(play, 10), by=PAKKUN)) == "not_the_author"
    watch = play.do(trip(play, 10)).watch
    assert (watch.last_sign, watch.weak_in_row, watch.reminded) == (play.now, 0, False)


def test_a_trip_can_be_moved_and_a_strong_sign_ends_it() -> None:
    play = armed()
    play.do(trip(play, 10), trip(play, 20)).days(15)
    assert play.stage is Stage.WELL
    assert play.do(strong()).watch.trip is None


@pytest.mark.parametrize("lifted, overdue", ((5, 11), (15, 16)))
def test_a_trip_ends_on_its_day_though_a_hold_stood_meanwhile_and_never_within_its_extra_time(
    lifted: int, overdue: int
) -> None:
    """Back on the tenth day with a day to spare; lifted after that, the spare day begins then."""
    play = armed()
    play.do(trip(play, 10), e.PlaceHold(PAKKUN)).days(lifted).do(e.LiftHold(PAKKUN, SWITCH))
    assert play.days(overdue - lifted - 0.1).stage is Stage.WELL
    assert play.days(0.1).stage is Stage.LATE


def test_whoever_is_asked_is_on_no_trip_and_in_no_practice_and_was_not_reminded() -> None:
    play = armed()
    play.do(e.BeginPractice(IRUKA), trip(play, 5), e.RaiseAlarm(PAKKUN))
    assert (play.watch.trip, play.watch.practice, play.watch.reminded) == (None, None, False)
    play = in_late().days(4)
    assert play.watch.reminded
    play = in_vigil().do(spoken(PAKKUN), spoken(BULL))
    assert not play.watch.reminded
    assert "second_reminder" in play.days(3).new_letters()
    play = in_unheard_last_call().do(spoken(PAKKUN), spoken(BULL))
    assert (play.watch.failing, play.watch.unreached) == (None, False)


# Holds.


def in_vigil_with_a_quorum() -> Play:
    play = in_vigil()
    return play.do(*died(PAKKUN, BISUKE, BULL, play=play))


@pytest.mark.parametrize(
    "begin, then, track",
    (
        (armed, Stage.LATE, TrackStage.ASKED),
        (in_late, Stage.VIGIL, TrackStage.ASKED),
        (in_vigil_with_a_quorum, Stage.VIGIL, TrackStage.LAST_CALL),
        (in_last_call, Stage.VIGIL, TrackStage.LAST_CALL),
        (in_closing, Stage.VIGIL, TrackStage.ASKED),
    ),
)
def test_under_a_hold_nothing_moves_and_afterwards_the_stage_begins_anew(  # type: ignore[no-untyped-def]
    begin, then: Stage, track: TrackStage
) -> None:
    play = begin()
    stage = play.stage
    play.do(e.PlaceHold(IRUKA)).days(29.9)
    assert play.stage is stage and play.track().releases == 0
    play.do(e.LiftHold(IRUKA, SWITCH))
    assert play.stage is stage
    wait = {
        Stage.WELL: play.watch.plan.check_in_every,
        Stage.LATE: play.watch.plan.late,
        Stage.VIGIL: play.watch.plan.vigil,
        Stage.CLOSING: play.watch.plan.closing,
    }[stage]
    play.seconds(wait - 1)
    assert play.stage is stage and play.track().stage is TrackStage.ASKED
    play.seconds(1)
    assert (play.stage, play.track().stage) == (then, track)


@pytest.mark.parametrize("by, cause", ((IRUKA, SWITCH), (PAKKUN, SWITCH), (HOST, SWITCH), (HOST, CLOCK)))
def test_a_hold_says_who_placed_it_and_ends_after_thirty_days_at_most(by: str, cause: HoldCause) -> None:
    play = in_vigil().do(e.PlaceHold(by, cause))
    hold = play.watch.hold(cause)
    assert hold is not None and hold.placed_by == by
    play.days(29.9)
    assert play.watch.holds
    play.days(0.1)
    assert not play.watch.holds


def test_after_a_hold_the_reminders_go_out_again_and_whoever_was_unheard_is_given_their_days_again() -> None:
    for play, reminder in ((armed().days(28), "check_in_due"), (in_late().days(4), "second_reminder")):
        assert reminder in play.new_letters()
        play.do(e.PlaceHold(PAKKUN), e.LiftHold(PAKKUN, SWITCH)).days(27 if play.stage is Stage.WELL else 3)
        assert reminder in play.new_letters()
    play = armed()
    play.mail = False
    play.days(30).do(e.LetterFailed("", "check_in_missed", IRUKA, play.watch.asking)).days(10)
    play.do(e.PlaceHold(PAKKUN), e.LiftHold(PAKKUN, SWITCH))
    assert play.watch.failing is None


def test_a_wait_for_the_emergency_notes_begins_again_after_a_hold() -> None:
    play = armed().do(e.BreakGlass(PAKKUN, False)).days(0.2)
    play.do(e.PlaceHold(BULL), e.LiftHold(BULL, SWITCH))
    assert play.watch.glass[0].wait is not None
    assert play.watch.glass[0].wait.remaining(play.now) == play.watch.plan.glass


def test_a_hold_on_a_quiet_watch_that_runs_out_calls_the_keepers() -> None:
    play = armed().do(e.PlaceHold(IRUKA))
    play.days(30)
    assert play.stage is Stage.LATE
    assert play.watch.case is not None and play.watch.case.cause is CaseCause.HOLD


def test_a_hold_that_runs_out_calls_the_keepers_though_another_stands() -> None:
    play = armed().do(e.PlaceHold(IRUKA)).days(20).do(e.PlaceHold(HOST, CLOCK)).days(10)
    assert play.watch.case is not None and play.watch.case.cause is CaseCause.HOLD
    play.days(10).do(e.LiftHold(HOST, CLOCK)).days(6.9)
    assert play.stage is Stage.LATE
    assert play.days(0.1).stage is Stage.VIGIL


def test_a_switch_is_lifted_by_whoever_placed_it() -> None:
    play = in_vigil().do(e.PlaceHold(PAKKUN))
    assert play.refused(e.LiftHold(BISUKE, SWITCH)) == "not_yours_to_lift"
    assert play.refused(e.LiftHold(HOST, SWITCH)) == "not_yours_to_lift"
    assert play.do(e.LiftHold(PAKKUN, SWITCH)).watch.holds == ()


def test_whoever_only_holds_the_authors_session_lifts_nothing_that_a_keeper_has_stopped() -> None:
    play = in_vigil().do(e.PlaceHold(PAKKUN), spoken(BISUKE))
    for cause in (SWITCH, SPOKEN):
        assert play.refused(e.LiftHold(IRUKA, cause)) == "not_yours_to_lift"


@pytest.mark.parametrize(
    "place, ends",
    (
        (e.PlaceHold(PAKKUN), (PAKKUN, False, True)),
        (e.PlaceHold(IRUKA), (IRUKA, False, True)),
        (e.PlaceHold(HOST), (HOST, False, False)),
        (e.PlaceHold(HOST, CLOCK), (HOST, False, False)),
        (spoken(BISUKE), (BISUKE, False, True)),
        (weak(), (IRUKA, False, True)),
        (e.Restore(HOST), ("", True, True)),
    ),
)
def test_a_hold_names_what_ends_it(place: e.Event, ends: tuple[str, bool, bool]) -> None:
    watch = in_vigil().do(place).watch
    assert ends_by(watch, watch.holds[0]) == ends


def test_only_the_host_places_and_lifts_a_clocks_hold() -> None:
    play = in_vigil()
    assert play.refused(e.PlaceHold(PAKKUN, CLOCK)) == "only_the_host"
    play.do(e.PlaceHold(HOST, CLOCK))
    assert play.refused(e.LiftHold(IRUKA, CLOCK)) == "not_yours_to_lift"
    assert play.do(e.LiftHold(HOST, CLOCK)).watch.holds == ()


def test_whoever_receives_words_stops_the_clocks_alone_only_while_a_case_is_open() -> None:
    """When nobody lifts a hold a case opens by it, so it is an alarm with thirty days in between."""
    play = armed()
    assert play.refused(e.PlaceHold(KAKASHI)) == "hold_again"
    assert play.refused(e.PlaceHold(KAKASHI, SWITCH, KAKASHI)) == "second_unfit"
    assert armed().do(e.PlaceHold(KAKASHI, SWITCH, PAKKUN)).watch.holds
    assert in_vigil().do(e.PlaceHold(KAKASHI)).watch.holds


def test_a_second_hold_in_a_case_by_the_same_person_needs_a_second_keeper() -> None:
    play = in_vigil().do(e.PlaceHold(PAKKUN), e.LiftHold(PAKKUN, SWITCH))
    assert play.refused(e.PlaceHold(PAKKUN)) == "hold_again"
    assert play.do(e.PlaceHold(PAKKUN, SWITCH, BISUKE)).watch.holds


@pytest.mark.parametrize("by", (PAKKUN, IRUKA))
def test_nobody_alone_holds_again_before_the_author_was_heard(by: str) -> None:
    """Or one keeper, or whoever has the author's session, would keep the words sealed for ever."""
    play = armed().do(e.PlaceHold(by)).days(25).do(e.LiftHold(by, SWITCH)).days(25)
    assert play.stage is Stage.WELL
    assert play.refused(e.PlaceHold(by)) == "hold_again"
    assert play.days(5).stage is Stage.LATE
    assert play.refused(e.PlaceHold(by)) == "hold_again"
    assert play.do(strong(), e.PlaceHold(by)).watch.holds


def test_a_case_that_opens_leaves_everybody_a_hold_of_its_own() -> None:
    play = armed().do(e.PlaceHold(PAKKUN), e.LiftHold(PAKKUN, SWITCH)).days(37)
    assert play.stage is Stage.VIGIL
    assert play.do(e.PlaceHold(PAKKUN)).watch.holds


def test_a_hold_that_stands_is_not_placed_twice_and_a_missing_one_not_lifted() -> None:
    play = in_vigil().do(e.PlaceHold(PAKKUN))
    assert play.refused(e.PlaceHold(BISUKE)) == "hold_stands"
    assert play.refused(e.PlaceHold(BISUKE, SPOKEN)) == "no_such_hold"
    assert play.refused(e.LiftHold(HOST, CLOCK)) == "no_such_hold"


def test_a_strong_sign_lifts_every_hold_but_the_hosts() -> None:
    play = in_vigil().do(e.PlaceHold(PAKKUN), e.PlaceHold(HOST, CLOCK), strong())
    assert [hold.cause for hold in play.watch.holds] == [CLOCK]


# Somebody has spoken with the author.


def test_a_lone_spoken_with_holds_the_vigil_for_fourteen_days_and_then_lapses() -> None:
    play = in_vigil().do(spoken(PAKKUN))
    play.days(13.9)
    assert play.watch.hold(SPOKEN)
    play.days(0.2)
    assert play.watch.holds == play.watch.statements == ()


def test_a_second_spoken_with_of_the_same_keeper_needs_a_second_keeper() -> None:
    play = in_vigil().do(spoken(PAKKUN)).days(15)
    assert play.refused(spoken(PAKKUN)) == "spoken_already"
    play.do(spoken(BISUKE), spoken(PAKKUN))
    assert play.stage is Stage.LATE


def test_two_who_have_spoken_with_the_author_end_the_vigil_and_are_used_up() -> None:
    play = in_last_call().do(spoken(BISQUIT), spoken(ULLY))
    assert play.stage is Stage.LATE
    assert play.watch.statements == ()
    assert play.watch.wait is not None and play.watch.wait.remaining(play.now) == 7 * DAY
    assert play.track().stage is TrackStage.ASKED
    assert play.watch.holds == ()
    play = in_vigil().do(e.PlaceHold(PAKKUN), spoken(BISQUIT), spoken(ULLY))
    assert (play.stage, [hold.cause for hold in play.watch.holds]) == (Stage.LATE, [SWITCH])


def test_a_spoken_with_of_the_time_of_asking_holds_the_vigil_that_follows() -> None:
    play = armed().do(e.RaiseAlarm(PAKKUN), spoken(BULL)).days(7)
    assert play.stage is Stage.VIGIL
    assert play.watch.hold(SPOKEN)


# A restored backup.


@pytest.mark.parametrize("begin", (armed, in_late, in_vigil, in_last_call, in_closing))
def test_a_restore_holds_until_people_have_spoken(begin) -> None:  # type: ignore[no-untyped-def]
    play = begin().do(e.Restore(HOST))
    stage = play.stage
    play.days(400)
    assert play.stage is stage
    assert play.watch.hold(HoldCause.RESTORE)


@pytest.mark.parametrize("begin", (armed, in_late, in_vigil, in_last_call, in_closing))
def test_a_restores_hold_is_written_of_again_every_thirty_days(begin) -> None:  # type: ignore[no-untyped-def]
    """It never ends by time, and one letter put aside must not leave the words of the dead sealed for ever."""
    play = begin().do(e.Restore(HOST))
    for _ in range(3):
        play.new_letters()
        assert play.days(29).new_letters() == set()
        assert play.days(1).new_letters() == {"restored"}


def test_a_restore_voids_statements_and_raises_the_epoch_they_are_bound_to() -> None:
    play = in_last_call().do(e.Restore(HOST))
    assert play.watch.statements == ()
    assert play.watch.epoch == 2
    assert play.track().stage is TrackStage.ASKED
    assert play.refused(*died(PAKKUN)) == "stale_statement"
    play.do(*died(PAKKUN, play=play))


def test_a_restores_hold_ends_by_a_quorum_of_keepers_never_by_the_host() -> None:
    play = in_vigil().do(e.Restore(HOST))
    restore = HoldCause.RESTORE
    assert play.refused(e.LiftHold(HOST, restore)) == "not_yours_to_lift"
    assert play.refused(e.LiftHold(NARUTO, restore)) == "not_a_keeper"
    play.do(e.LiftHold(PAKKUN, restore), e.LiftHold(BISUKE, restore), e.LiftHold(KAKASHI, restore))
    assert play.refused(e.LiftHold(PAKKUN, restore)) == "signed_already"
    assert play.watch.holds
    assert play.do(e.LiftHold(BULL, restore)).watch.holds == ()
    assert play.watch.wait is not None and play.watch.wait.remaining(play.now) == 4 * DAY


@pytest.mark.parametrize("begin", (armed, in_late, in_vigil, in_last_call, in_closing))
def test_a_restores_hold_ends_by_a_strong_sign(begin) -> None:  # type: ignore[no-untyped-def]
    assert begin().do(e.Restore(HOST), strong()).watch.holds == ()


def test_after_a_restore_in_closing_the_sign_ends_the_hold_and_confirms_nothing() -> None:
    play = in_closing().days(13).do(e.Restore(HOST), strong())
    assert play.stage is Stage.CLOSING
    assert play.days(13.9).stage is Stage.CLOSING
    assert play.days(0.1).stage is Stage.VIGIL


def test_under_a_timer_only_plan_a_restores_hold_ends_by_a_strong_sign_alone() -> None:
    play = armed(timer_only=True).do(e.Restore(HOST))
    assert play.refused(e.LiftHold(PAKKUN, HoldCause.RESTORE)) == "not_yours_to_lift"
    assert play.do(strong()).watch.holds == ()


def test_only_the_host_says_that_a_watch_was_restored() -> None:
    assert in_vigil().refused(e.Restore(PAKKUN)) == "only_the_host"


def test_only_the_host_tells_of_what_may_be_a_strangers_doing() -> None:
    assert in_vigil().refused(e.ReportTamper(PAKKUN, Tamper.FAILED_SIGN_INS)) == "only_the_host"


def test_a_restore_revives_no_signature_for_a_return_that_was_short_of_a_quorum() -> None:
    play = in_closing().do(e.SignHome(PAKKUN), e.SignNotThem(BISUKE), e.BreakGlass(ULLY, False))
    play.do(e.RestoreSeat(BULL, ULLY))
    before = play.watch
    assert before.case is not None and before.case.home == (PAKKUN,)
    after = play.do(e.Restore(HOST)).watch
    assert after.case is not None and after.closing is not None
    assert (after.case.home, after.closing.not_them, after.seat(ULLY).restored_by) == ((), (), ())  # type: ignore[union-attr]
    play = in_unheard_last_call().do(e.SignTried(PAKKUN), e.SignRecipientDied(PAKKUN, NARUTO, Order.UNKNOWN))
    assert (play.track().tried, play.track().deaths) == ((PAKKUN,), (PAKKUN,))
    play.do(e.Restore(HOST))
    assert (play.track().tried, play.track().deaths) == ((), ())
    play = in_unheard_last_call().do(*[e.SignTried(keeper) for keeper in PACK[:3]]).days(14)
    assert (play.track().releases, len(play.track().tried)) == (1, 3)
    assert play.do(e.Restore(HOST)).track().tried == ()
    play = released().do(e.Tell(PAKKUN, "died.kakashi"), e.KeepForLater(KAKASHI, "died.kakashi", 0))
    play.do(e.Tell(PAKKUN, "died.naruto"), e.OpenWords(NARUTO, "died.naruto"), e.SignEnd(PAKKUN))
    before, after = play.watch.case, play.do(e.Restore(HOST)).watch.case
    assert before is not None and before.ended_by == (PAKKUN,)
    assert after is not None and after.ended_by == ()


def test_a_restore_denies_every_asking_for_the_notes_that_is_on_its_way() -> None:
    play = in_vigil().do(e.BreakGlass(KAKASHI, False)).days(1)
    play.do(e.BreakGlass(ULLY, False))
    play.mail = False
    play.do(e.BreakGlass(BULL, False), e.Restore(HOST))
    assert [(one.keeper, str(one.stage), one.denied_by) for one in play.watch.glass] == [
        (BULL, "denied", HOST),
        (KAKASHI, "open", ""),
        (ULLY, "denied", HOST),
    ]
    assert [one.keeper for one in play.watch.glass if one.wait] == [KAKASHI]


def test_a_draft_that_comes_from_a_backup_is_held_by_nothing_and_a_second_restore_places_no_second_hold() -> (
    None
):
    assert drafted().do(e.Restore(HOST)).watch.holds == ()
    assert len(armed().do(e.Restore(HOST), e.Restore(HOST)).watch.holds) == 1


@pytest.mark.parametrize("signs", ((), (strong(),)), ids=("vigil", "closing"))
def test_an_unverified_seat_that_presses_the_alarm_over_and_over_makes_one_entry_until_keepers_are_asked_anew(
    signs: tuple[e.Event, ...],
) -> None:
    play = armed().do(e.InviteKeeper(IRUKA, "zabuza"), e.AcceptSeat("zabuza")).days(37).do(*signs)
    play.happened.clear()
    for _ in range(100):
        play.do(e.RaiseAlarm("zabuza"), e.RaiseAlarm(IRUKA))
    assert [what for what, _ in play.happened] == ["alarm", "alarm"], "one of the seat, one of the author"
    play.days(30.1)
    play.happened.clear()
    play.do(e.RaiseAlarm("zabuza"), e.RaiseAlarm("zabuza"))
    assert [what for what, _ in play.happened] == ["alarm"]


def test_a_keeper_whose_words_were_taken_back_raises_the_alarm_like_everybody_else() -> None:
    play = armed().do(e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 1, "h1", "h1", "", (), ()))
    play.do(e.RaiseAlarm(KAKASHI))
