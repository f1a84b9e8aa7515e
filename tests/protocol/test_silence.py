"""From silence to words: nothing early, nothing without letters, nothing without people."""

from dataclasses import replace

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    IF_HELPLESS,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    START,
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
from lastwords.protocol.machine import due
from lastwords.protocol.moments import DAY, HOUR, Moment, Wait
from lastwords.protocol.stages import Condition, Finding, HoldCause, Stage, TrackStage, WordsStage


def test_silence_reaches_the_recipients_on_the_thirteenth_day_after_the_missed_date() -> None:
    play = armed()
    rows = (
        # day, what people do,                    stage,       Naruto's track, letters of that day
        (26, (), "well", "asked", set()),
        (27, (), "well", "asked", {"check_in_due"}),
        (30, (), "late", "asked", {"check_in_missed"}),
        (33, (), "late", "asked", {"second_reminder"}),
        (36, (), "late", "asked", set()),
        (37, (), "vigil", "asked", {"keeper_called"}),
        (38, (PAKKUN, BISUKE), "vigil", "asked", {"statement_made"}),
        (39, (BULL,), "vigil", "asked", {"statement_made"}),
        (40, (), "vigil", "asked", set()),
        (41, (), "vigil", "last_call", {"last_call", "last_call_begun"}),
        (42, (), "vigil", "last_call", set()),
        (43, (), "vigil", "released", {"words_released"}),
    )
    day = 0
    for on, keepers, stage, track, letters in rows:
        play.days(on - day)
        play.do(*died(*keepers))
        day = on
        assert (play.stage, play.track().stage, play.new_letters()) == (stage, track, letters), f"day {on}"
    assert 43 - 30 == play.watch.plan.least / DAY == 13


def test_nothing_is_released_a_second_before_the_thirteenth_day() -> None:
    play = in_last_call()
    play.seconds(2 * DAY - 1)
    assert play.track().stage is TrackStage.LAST_CALL
    play.seconds(1)
    assert play.track().stage is TrackStage.RELEASED


def test_one_look_does_one_thing_however_late_it_comes() -> None:
    play = armed()
    play.now = Moment(START.wall + 400 * DAY, 400 * DAY)
    assert play.look().stage is Stage.WELL  # the reminder
    assert play.look().stage is Stage.LATE
    assert play.look().stage is Stage.LATE


def test_without_a_quorum_the_words_stay_sealed_and_keepers_are_asked_every_thirty_days() -> None:
    play = in_vigil().do(*died(PAKKUN, BISUKE))
    play.new_letters()
    play.days(29.5)
    assert play.new_letters() == set()
    play.days(1)
    assert play.new_letters() == {"asked_again"}
    play.days(300)
    assert play.track().words is WordsStage.SEALED


@pytest.mark.parametrize("timer_only", (False, True))
def test_words_that_were_taken_back_are_neither_asked_about_nor_released(timer_only: bool) -> None:
    play = armed(timer_only=timer_only).do(
        e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 1, "h1", "h1", "s1", (), ())
    )
    play.days(37).do(*died(*() if timer_only else PACK[:3], play=play)).days(6)
    assert (play.track().releases, play.track(FOR_KAKASHI).stage) == (1, TrackStage.ASKED)
    play.do(*() if timer_only else [e.Tell(PAKKUN, FOR_NARUTO)]).new_letters()
    assert play.days(100).new_letters() == set()


def test_who_signs_in_a_vigil_was_reached_whatever_became_of_their_letter() -> None:
    """The mailboxes of all may have closed, and the wait must begin (L1)."""
    play = in_late()
    play.mail = False
    play.days(7).do(*died(*PACK[:2], play=play))
    assert play.watch.wait is None
    play.do(*died(PACK[2], play=play))
    assert play.watch.wait is not None
    assert play.days(3.9).track().stage is TrackStage.ASKED
    assert play.days(0.2).track().stage is TrackStage.LAST_CALL


def test_keepers_whose_calls_reached_too_few_are_called_again_though_some_have_signed() -> None:
    play = in_late()
    play.mail = False
    play.days(7).do(*died(*PACK[:2], play=play))
    play.new_letters()
    play.days(29.9)
    assert play.new_letters() == set()
    assert play.days(0.2).new_letters() == {"asked_again"}


def test_a_letter_that_nobody_took_starts_no_wait() -> None:
    play = armed()
    play.mail = False
    play.days(300)
    assert play.stage is Stage.LATE
    assert play.watch.wait is None


@pytest.mark.parametrize("lost", range(3))
def test_a_vigil_waits_until_a_quorum_of_keepers_was_reached(lost: int) -> None:
    play = in_late()
    play.mail = False
    play.days(7)
    assert play.stage is Stage.VIGIL
    for keeper in PACK[:lost]:
        play.do(e.LetterTaken("", "keeper_called", keeper, play.watch.asking))
    assert play.watch.wait is None
    for keeper in PACK[lost:3]:
        play.do(e.LetterTaken("", "keeper_called", keeper, play.watch.asking))
    assert play.watch.wait is not None


def test_keepers_who_were_reached_while_silent_begin_the_vigil_when_they_are_back() -> None:
    play = in_late()
    play.mail = False
    play.days(7).do(*[e.HearOfSilence("", keeper, True) for keeper in PACK[:3]])
    play.do(*[e.LetterTaken("", "keeper_called", keeper, play.watch.asking) for keeper in PACK])
    assert play.watch.wait is None
    assert play.do(e.HearOfSilence("", PACK[0], False)).watch.wait is not None


def test_a_letter_of_an_earlier_asking_starts_nothing() -> None:
    play = armed()
    play.mail = False
    play.days(30).do(e.LetterTaken("", "check_in_missed", IRUKA, play.watch.asking - 1))
    assert play.watch.wait is None


def test_an_author_who_asks_for_two_channels_is_reached_by_two() -> None:
    play = armed(channels=2)
    play.mail = False
    play.days(30).do(e.LetterTaken("", "check_in_missed", IRUKA, play.watch.asking, 1))
    assert play.watch.wait is None
    play.do(e.LetterTaken("", "check_in_missed", IRUKA, play.watch.asking, 2))
    assert play.watch.wait is not None


# Outages, jumps, and clocks that go back.


def at_stage(stage: str) -> Play:
    return {"well": armed, "late": in_late, "vigil": in_vigil, "last call": in_last_call}[stage]()


@pytest.mark.parametrize(
    ("wall", "credit", "left"),
    [
        (0, 0, 10), (1, 1, 9), (9, 9, 1), (10, 10, 0), (15, 12, 0), (12, 1, 9), (12, 0, 10), (1, 12, 9), (0, 12, 10),
        (-1, 4, 6), (-1, 12, 0), (5, -1, 10), (-5, -1, 10),
    ],
)  # fmt: skip
def test_a_wait_runs_as_long_as_either_clock_says_and_by_credit_alone_where_the_wall_went_back(
    wall: int, credit: int, left: int
) -> None:
    now = Moment(START.wall + wall, START.credit + credit)
    wait = Wait(START, 10)
    assert (wait.remaining(now), wait.over(now), wait.ends(now)) == (left, left == 0, now.wall + left)


@pytest.mark.parametrize("stage", ("well", "late", "vigil", "last call"))
def test_an_outage_moves_nothing_however_long(stage: str) -> None:
    play = at_stage(stage)
    before = play.watch
    play.days(400, credit=False)
    assert play.watch == before


@pytest.mark.parametrize("stage, length", (("late", 7), ("vigil", 4), ("last call", 2)))
def test_after_an_outage_the_wait_runs_in_full_on_credit(stage: str, length: int) -> None:
    play = at_stage(stage)
    play.do(*(died(PAKKUN, BISUKE, BULL) if stage == "vigil" else ()))
    before = play.watch
    play.days(1).days(100, credit=False)
    play.seconds((length - 1) * DAY - 1)
    assert (play.stage, play.track().stage) == (before.stage, before.tracks[0].stage)
    play.seconds(1)
    assert (play.stage, play.track().stage) != (before.stage, before.tracks[0].stage)


@pytest.mark.parametrize("stage", ("well", "late", "vigil", "last call"))
@pytest.mark.parametrize("jump", (1, HOUR, 40 * DAY, 12 * 365 * DAY))
def test_a_clock_that_jumps_ahead_moves_nothing(stage: str, jump: int) -> None:
    play = at_stage(stage)
    before = play.watch
    play.now = Moment(play.now.wall + jump, play.now.credit)
    assert play.look().watch == before


@pytest.mark.parametrize("stage", ("well", "late", "vigil", "last call"))
@pytest.mark.parametrize("jump", (1, HOUR, 40 * DAY, 12 * 365 * DAY))
def test_a_clock_that_jumps_back_moves_nothing_and_from_then_on_credit_counts(stage: str, jump: int) -> None:
    play = at_stage(stage)
    play.do(*(died(PAKKUN, BISUKE, BULL) if stage == "vigil" else ()))
    before, ends = play.watch, due(play.watch, play.now)
    play.now = Moment(play.now.wall - jump, play.now.credit)
    assert play.look().watch == before
    assert ends is not None
    credit = ends - START.wall
    play.now = Moment(ends - jump, credit - 1)
    assert play.look().watch == before
    play.now = Moment(min(ends - jump, START.wall - 1), credit)
    assert play.look().watch != before, (
        "a mark from the future would hold it for as long as the clock was wrong"
    )


# Conditions, and who receives.


def test_died_counts_for_cannot_act_and_never_the_other_way_round() -> None:
    words = sealing(Condition.DIED, NARUTO), sealing(Condition.CANNOT_ACT, NARUTO)
    helpless = in_vigil(*words)
    helpless.do(*[stating(keeper, Finding.CANNOT_ACT, helpless) for keeper in PACK]).days(4)
    assert helpless.track(IF_HELPLESS).stage is TrackStage.LAST_CALL
    assert helpless.track(FOR_NARUTO).stage is TrackStage.ASKED
    gone = in_vigil(*words)
    gone.do(*died(*PACK[:3], play=gone)).days(4)
    assert gone.track(IF_HELPLESS).stage is gone.track(FOR_NARUTO).stage is TrackStage.LAST_CALL


def test_a_keeper_who_is_the_recipient_never_counts_for_their_own_words() -> None:
    pack_words = sealing(Condition.DIED, PAKKUN, PACK[1:])
    play = in_vigil(pack_words, sealing(Condition.DIED, NARUTO))
    play.do(*died(PAKKUN, BISUKE, BULL, play=play)).days(4)
    assert play.track(FOR_NARUTO).stage is TrackStage.LAST_CALL
    assert play.track("died.pakkun").stage is TrackStage.ASKED


def test_a_seat_without_a_share_does_not_count() -> None:
    play = in_vigil().do(*died(PAKKUN, BISUKE, KAKASHI)).days(20)
    assert play.track(FOR_NARUTO).stage is play.track(FOR_KAKASHI).stage is TrackStage.ASKED


def test_a_track_is_released_once() -> None:
    play = released()
    play.days(400)
    assert play.happened.count(("released", FOR_NARUTO)) == 1


def test_after_a_recall_the_words_are_released_again_only_by_a_whole_new_round() -> None:
    play = released().do(strong())
    assert play.track().words is WordsStage.RECALLED
    play.days(14)
    assert play.stage is Stage.VIGIL
    play.do(*died(PAKKUN, BISUKE, BULL, play=play)).days(4)
    assert play.track().stage is TrackStage.LAST_CALL
    play.days(2)
    assert play.track().words is WordsStage.RELEASED
    assert play.happened.count(("released", FOR_NARUTO)) == 2


@pytest.mark.parametrize(
    "stop",
    [
        [e.PlaceHold(PAKKUN), 20, e.LiftHold(PAKKUN, HoldCause.SWITCH)],
        [e.HearOfSilence("", NARUTO, True), 20, e.HearOfSilence("", NARUTO, False)],
    ],
)
def test_a_letter_goes_in_a_persons_place_only_after_two_weeks_in_which_one_could_tell(
    stop: list[e.Event | int],
) -> None:
    play = released()
    for one in stop:
        play = play.days(one) if isinstance(one, int) else play.do(one)
    assert not play.days(13).track().first_letter
    assert play.days(1).track().first_letter


def test_a_second_release_knows_of_the_first_only_that_the_shares_are_out() -> None:
    play = released().days(14).do(e.Tell(PAKKUN, FOR_NARUTO), e.WantShares(NARUTO, FOR_NARUTO), strong())
    play.days(14).do(*died(PAKKUN, BISUKE, BULL, play=play)).days(6)
    track = play.track()
    assert (track.releases, track.told_by, track.handed, track.first_letter) == (2, "", True, False)
    assert track.released == play.now


def test_a_release_asks_once_more_whether_its_quorum_stands() -> None:
    """Whatever took it away should have taken the last call with it; if anything did not, this does."""
    play = in_last_call()
    play.watch = replace(play.watch, statements=play.watch.statements[1:])
    play.days(2)
    assert (play.track().stage, play.track().releases) == (TrackStage.ASKED, 0)
    assert play.happened[-1] == ("last_call_undone", FOR_NARUTO)


def test_a_quorum_that_falls_takes_the_track_back_to_asked() -> None:
    play = in_last_call().do(e.RetractStatement(BULL))
    assert play.track().stage is TrackStage.ASKED
    play.do(*died(BULL)).days(0)
    assert play.track().stage is TrackStage.LAST_CALL
    play.days(1.9)
    assert play.track().stage is TrackStage.LAST_CALL


def test_one_who_has_spoken_with_the_author_stops_a_last_call() -> None:
    play = in_last_call().do(spoken(BISUKE)).days(10)
    assert play.track().stage is TrackStage.ASKED
    assert play.track().releases == 0


# A plan for people who have nobody.


def test_a_timer_only_plan_releases_no_earlier_than_any_other() -> None:
    play = armed(timer_only=True).days(37)
    assert play.track().stage is TrackStage.LAST_CALL
    play.seconds(6 * DAY - 1)
    assert play.track().stage is TrackStage.LAST_CALL
    play.new_letters()
    play.seconds(1)
    assert play.track().stage is TrackStage.RELEASED
    assert play.new_letters() == {"first_letter"}


def test_a_timer_only_plan_goes_home_on_a_strong_sign_alone() -> None:
    play = armed(timer_only=True).days(44).do(strong())
    assert play.stage is Stage.WELL
    assert play.track().words is WordsStage.RECALLED


def test_a_timer_only_plan_without_a_letter_taken_releases_nothing() -> None:
    play = armed(timer_only=True).days(36)
    play.mail = False
    play.days(100)
    assert play.track().releases == 0
