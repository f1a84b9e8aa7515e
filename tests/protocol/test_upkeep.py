"""Between the cases: a circle's health in a sentence, seats handed on, sheets, and cases that are forgotten."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

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
    TSUNADE,
    ULLY,
    Play,
    armed,
    died,
    drafted,
    in_closing,
    in_late,
    in_vigil,
    sealing,
    spoken,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.health import (
    QUARTER,
    YEAR,
    Circle,
    TrackHealth,
    asked_again,
    health,
    one_household,
    out_of_reach,
    still_right,
    warnings,
    worst,
)
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.retention import KEPT_FOR, forgettable
from lastwords.protocol.stages import Condition, Finding, SeatStage, Sheet, Stage, WordsStage
from lastwords.protocol.watch import Seat, Track, Watch

NOW = 1_800_000_000
FRESH = Circle(dict.fromkeys(PACK, NOW), {}, frozenset((*PACK, KAKASHI, TSUNADE)))
LONE = (sealing(Condition.DIED, NARUTO),)


def of_naruto(play: Play) -> TrackHealth:
    return next(one for one in health(play.watch) if one.track == FOR_NARUTO)


def given_on(*words: e.SealWords) -> Play:
    """Three have stated *died*, and the last call has run out."""
    play = in_vigil(*words)
    return play.do(*died(*PACK[:3], play=play)).days(6)


# Health.


@pytest.mark.parametrize(
    ("silent", "sentence"),
    [
        ((), "Works if 2 cannot be reached: any 3 of 5. Kakashi: holds no share of them."),
        (
            (ULLY,),
            "Works if 1 cannot be reached: any 3 of 4. Kakashi: holds no share of them; ully: is not answering their "
            "own keepers.",
        ),
        (
            (ULLY, BULL),
            "Works only if all 3 can be reached. Bull: is not answering their own keepers; kakashi: holds no share of "
            "them; ully: is not answering their own keepers.",
        ),
        (
            (ULLY, BULL, BISUKE),
            "Does not work today: 3 are needed and 2 count. Bisuke: is not answering their own keepers; bull: is not "
            "answering their own keepers; kakashi: holds no share of them; ully: is not answering their own keepers.",
        ),
    ],
)
def test_a_circle_works_if_all_but_a_quorum_cannot_be_reached(silent: tuple[str, ...], sentence: str) -> None:
    play = armed(*LONE).do(*[e.HearOfSilence(HOST, keeper, True) for keeper in silent])
    found = worst(play.watch)
    assert found is not None and found.sentence == sentence


def test_each_keeper_who_does_not_count_is_named_with_the_reason() -> None:
    play = armed().do(e.SuspendSeat(IRUKA, ULLY), e.HearOfSilence(HOST, BULL, True))
    found = of_naruto(play)
    assert found.sentence == (
        "Works only if all 3 can be reached. Bull: is not answering their own keepers; kakashi: holds no share of "
        "them; ully: is suspended."
    )
    assert dict(found.missing) == {
        ULLY: "is suspended",
        BULL: "is not answering their own keepers",
        KAKASHI: "holds no share of them",
    }


def test_nobody_misses_an_alternate_a_keeper_who_was_taken_back_or_words_that_were() -> None:
    play = armed(*LONE, sealing(Condition.DIED, KAKASHI), alternates=(TSUNADE,))
    play.do(e.RemoveKeeper(IRUKA, ULLY), e.RemoveKeeper(IRUKA, KAKASHI))
    play.do(e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 1, "h1", "h1", "s1", (), ()))
    assert [(one.track, one.spare, one.missing) for one in health(play.watch)] == [(FOR_NARUTO, 1, ())]


def test_a_share_that_was_sealed_anew_is_missed_until_it_is_proven() -> None:
    play = armed(*LONE)
    play.do(e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", PACK, (("a", "b"),)))
    assert dict(of_naruto(play).missing)[PAKKUN] == "has not proven their share"


def test_the_worst_track_is_the_one_that_fails_first() -> None:
    words = (sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, KAKASHI, PACK[:4]))
    found = worst(armed(*words).watch)
    assert found is not None and (found.track, found.spare) == ("died.kakashi", 1)


def test_a_keeper_does_not_count_for_words_of_their_own() -> None:
    words = (sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, PAKKUN, PACK[1:]))
    found = {one.track: one for one in health(armed(*words).watch)}
    assert PAKKUN not in found["died.pakkun"].counting and PAKKUN in found[FOR_NARUTO].counting
    assert dict(found["died.pakkun"].missing)[PAKKUN] == "receives these words"


def test_health_counts_exactly_those_whose_findings_move_a_track() -> None:
    """Held against the machine: take away as many as the sentence allows and the track still moves; one more and it
    does not."""
    for silent, moves in ((PACK[3:], True), (PACK[2:], False)):
        play = in_vigil()
        spare = of_naruto(play).spare
        assert (len(silent) <= spare) is moves
        play.do(*died(*[one for one in PACK if one not in silent])).days(4)
        assert (play.track().stage == "last_call") is moves


def test_a_timer_only_plan_asks_nobody_and_has_no_health() -> None:
    watch = armed().watch
    assert health(replace(watch, plan=replace(watch.plan, timer_only=True))) == ()
    assert worst(Watch(IRUKA)) is None


def codes(watch: Watch, circle: Circle = FRESH, wall: int = NOW) -> list[str]:
    return [one.code for one in warnings(watch, circle, wall)]


def test_a_sound_circle_has_no_warning() -> None:
    assert codes(armed().watch) == []


def test_a_proof_older_than_a_quarter_is_warned_of_by_name() -> None:
    old = replace(FRESH, proven={**dict.fromkeys(PACK, NOW), BULL: NOW - QUARTER - 1})
    assert codes(armed().watch, replace(old, proven={**old.proven, BULL: NOW - QUARTER})) == []
    unknown = replace(FRESH, proven={keeper: NOW for keeper in PACK if keeper != BULL})
    for circle in (old, unknown):
        (warning,) = warnings(armed().watch, circle, NOW)
        assert warning.code == "practice_old" and warning.sentence.endswith(f"{BULL}. Ask for a practice.")
    assert codes(drafted().watch, old) == []


# Once a year.

LONG_AGO = {FOR_NARUTO: NOW - YEAR - 1, FOR_KAKASHI: NOW - YEAR}


def asked(watch: Watch, since: dict[str, int] = LONG_AGO) -> list[str]:
    return [track.key for track in asked_again(watch, since, NOW)]


def test_an_author_is_asked_about_words_when_a_year_has_gone_by_and_not_a_second_sooner() -> None:
    assert asked(armed().watch) == [FOR_NARUTO]
    assert asked(armed().watch, {}) == [], "of what nobody knows the date nothing is asked"


@pytest.mark.parametrize(
    ("says", "watch"),
    [
        ("a plan that is not armed", lambda: drafted().watch),
        ("while the author is asked", lambda: in_late().watch),
        ("in a vigil", lambda: in_vigil().watch),
        ("while keepers confirm", lambda: in_closing().watch),
        ("under a hold", lambda: armed().do(e.PlaceHold(PAKKUN)).watch),
        ("while a case is open", lambda: armed().do(e.RaiseAlarm(PAKKUN)).watch),
    ],
)
def test_an_author_who_has_other_worries_is_asked_about_no_words(
    says: str, watch: Callable[[], Watch]
) -> None:
    assert asked(watch()) == [], says


def test_an_author_is_not_asked_about_words_that_were_taken_back_or_read() -> None:
    watch = armed(*LONE).watch

    def with_track(**changed: Any) -> Watch:
        tracks: tuple[Track, ...] = tuple(replace(one, **changed) for one in watch.tracks)
        return replace(watch, tracks=tracks)

    assert asked(watch) == [FOR_NARUTO]
    assert asked(with_track(items=())) == []
    for words in WordsStage:
        read = words in (WordsStage.OPENED, WordsStage.PASSED_ON)
        assert asked(with_track(words=words)) == ([] if read else [FOR_NARUTO]), words


def test_the_question_names_the_person_and_the_days() -> None:
    assert (
        still_right("Naruto", "3 May 2025") == "You sealed this for Naruto on 3 May 2025. Is it still right?"
    )
    assert still_right("Naruto", "3 May 2025", "4 May 2026") == (
        "You sealed this for Naruto on 3 May 2025, and left it as it is on 4 May 2026. Is it still right?"
    )


def test_keepers_whom_no_letter_can_reach_are_warned_of_by_name_in_one_sentence() -> None:
    deaf = replace(FRESH, reached=FRESH.reached - {BULL})
    (warning,) = warnings(armed().watch, deaf, NOW)
    assert warning.code == "out_of_reach" and warning.sentence.startswith(f"No letter can reach {BULL}: ")
    (warning,) = warnings(
        drafted().watch, replace(FRESH, reached=FRESH.reached - {BULL, "bisuke", PAKKUN}), NOW
    )
    assert warning.sentence.startswith("No letter can reach bisuke, bull and pakkun: ")


def test_nobody_is_out_of_reach_who_has_no_seat_any_more_or_where_nobody_is_asked() -> None:
    nobody = replace(FRESH, reached=frozenset())
    seated = {seat.keeper for seat in armed().watch.seats}
    assert set(out_of_reach(armed().watch, nobody)) == seated > {BULL}
    assert set(out_of_reach(armed().do(e.RemoveKeeper(IRUKA, BULL)).watch, nobody)) == seated - {BULL}
    alone = replace(armed().watch, plan=replace(armed().watch.plan, timer_only=True))
    assert out_of_reach(alone, nobody) == ()


def test_one_provider_for_all_who_count_is_warned_of_and_two_are_not() -> None:
    mail = dict.fromkeys(PACK, ("leaf.example",))
    assert codes(armed().watch, replace(FRESH, providers=mail)) == ["one_provider"]
    other = {**mail, BULL: ("leaf.example", "sand.example")}
    assert codes(armed().watch, replace(FRESH, providers=other)) == []
    for few, warned in (((BULL,), []), ((BULL, ULLY), ["one_provider"])):
        assert codes(armed().watch, replace(FRESH, providers=dict.fromkeys(few, ("leaf.example",)))) == warned


def test_a_keeper_who_is_the_only_recipient_is_warned_of() -> None:
    assert codes(armed(sealing(Condition.DIED, KAKASHI)).watch) == ["only_recipient"]
    assert codes(armed(sealing(Condition.DIED, NARUTO)).watch) == []
    both = armed().do(e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 1, "h1", "h1", "s1", (), ()))
    assert codes(both.watch) == ["only_recipient"]
    assert codes(both.do(e.RemoveKeeper(IRUKA, KAKASHI)).watch) == []


def test_a_recipient_who_is_the_only_keeper_is_warned_of_too() -> None:
    watch = drafted(sealing(Condition.DIED, KAKASHI)).watch
    alone = replace(watch, seats=tuple(seat for seat in watch.seats if seat.keeper == KAKASHI))
    assert codes(alone) == ["only_recipient"]


def test_words_in_the_place_of_one_for_whom_there_are_none_are_warned_of() -> None:
    """They died in the author's own lifetime, say, and the author takes their words back."""
    follows = sealing(Condition.DIED, TSUNADE, instead_of=NARUTO)
    both = armed(sealing(Condition.DIED, NARUTO), follows, sealing(Condition.DIED, "sai"))
    assert codes(both.watch) == []
    taken_back = e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 1, "h1", "h1", "s1", PACK, ())
    assert codes(both.do(taken_back).watch) == ["follows_nobody"]
    elsewhere = armed(sealing(Condition.CANNOT_ACT, NARUTO), follows).watch
    (warning,) = warnings(elsewhere, FRESH, NOW)
    assert warning.sentence.startswith("Words for tsunade in the place of naruto follow those for naruto")


def test_keys_that_are_due_are_warned_of_until_new_ones_are_sealed() -> None:
    play = armed(*LONE, alternates=(TSUNADE,)).do(e.PassSeat(BULL, TSUNADE))
    assert codes(play.watch) == ["keys_due"]
    roster = (*(one for one in PACK if one != BULL), TSUNADE)
    play.do(e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", roster, (("a", "b"),)))
    assert "keys_due" not in codes(play.watch)


@pytest.mark.parametrize(
    ("counting", "households", "warned"),
    [
        (PACK, {}, ""),
        (PACK, {PAKKUN: "kennel"}, ""),
        (PACK, {PAKKUN: "kennel", BULL: "kennel"}, ""),
        (
            PACK,
            {PAKKUN: "kennel", BISUKE: "kennel", BULL: "kennel"},
            "pakkun, bisuke and bull live together: ",
        ),
        (PACK, {PAKKUN: "kennel", BULL: "hut", ULLY: "kennel"}, ""),
        (PACK[:4], {PAKKUN: "kennel", BULL: "kennel", NARUTO: "kennel"}, "pakkun and bull live together: "),
        (PACK[:3], {PAKKUN: "kennel"}, ""),
    ],
)
def test_a_household_is_warned_of_when_too_few_remain_without_it(
    counting: tuple[str, ...], households: dict[str, str], warned: str
) -> None:
    said = "if that house cannot be reached, 2 remain and 3 are needed."
    found = [one.sentence for one in one_household(counting, 3, households)]
    assert found == ([warned + said] if warned else [])


def test_a_circle_that_is_too_small_already_is_not_blamed_on_a_house() -> None:
    assert one_household((PAKKUN, BULL), 3, {PAKKUN: "kennel", BULL: "kennel"}) == ()
    (exactly,) = one_household((PAKKUN, BULL), 2, {PAKKUN: "kennel", BULL: "kennel"})
    assert exactly.code == "one_household"


# Seats that are handed on.


def test_an_alternate_takes_a_leaving_keeper_s_place_and_their_own_season() -> None:
    play = armed(*LONE, alternates=(TSUNADE,))
    before = play.watch.seat(TSUNADE)
    assert before is not None
    play.do(e.PassSeat(BULL, TSUNADE))
    after = play.watch.seat(TSUNADE)
    assert after == replace(before, alternate=0)
    assert TSUNADE in play.track().roster and BULL not in play.track().roster
    assert play.watch.keys_due == (FOR_NARUTO,)


def test_a_successor_counts_only_once_their_share_has_opened() -> None:
    play = armed(*LONE, alternates=(TSUNADE,)).do(e.PassSeat(BULL, TSUNADE))
    assert TSUNADE not in of_naruto(play).counting
    play.do(e.GiveReceipt(TSUNADE, ((FOR_NARUTO, "s1"),)))
    assert TSUNADE in of_naruto(play).counting and len(of_naruto(play).counting) == 5


def test_a_newcomer_who_follows_has_to_season_like_anyone() -> None:
    play = armed(*LONE).do(e.PassSeat(BULL, "urushi")).do(e.GiveReceipt("urushi", ((FOR_NARUTO, "s1"),)))
    assert "urushi" not in of_naruto(play).counting
    play.days(20).do(strong()).days(10)
    assert "urushi" in of_naruto(play).counting


def test_nobody_takes_a_second_seat_and_an_alternate_hands_theirs_to_no_alternate() -> None:
    play = armed(*LONE, alternates=(TSUNADE, "shizune"))
    assert play.refused(e.PassSeat(BULL, PAKKUN)) == "seat_taken"
    assert play.refused(e.PassSeat(BULL, IRUKA)) == "seat_taken"
    assert play.refused(e.PassSeat(TSUNADE, "shizune")) == "seat_taken"
    play.do(e.InviteKeeper(IRUKA, "sai", 3), e.AcceptSeat("sai"))
    assert play.refused(e.PassSeat(BULL, "sai")) == "seat_taken"


def test_in_a_case_a_seat_passes_after_thirty_credited_days_and_not_by_the_wall_alone() -> None:
    play = armed(*LONE, alternates=(TSUNADE,)).do(e.RaiseAlarm(PAKKUN))
    play.days(29.9)
    assert play.refused(e.PassSeat(BULL, TSUNADE)) == "too_soon_to_pass"
    dark = armed(*LONE, alternates=(TSUNADE,)).do(e.RaiseAlarm(PAKKUN)).days(60, credit=False)
    assert dark.refused(e.PassSeat(BULL, TSUNADE)) == "too_soon_to_pass"
    assert play.days(0.2).do(e.PassSeat(BULL, TSUNADE)).watch.seat(TSUNADE) is not None


def test_passing_a_seat_takes_the_statement_and_its_share_with_it() -> None:
    play = in_vigil(*LONE).days(30)
    play.do(*died(PAKKUN, BISUKE, play=play), *died(BULL, play=play))
    before = play.shredded
    play.do(e.PassSeat(BULL, "urushi"))
    assert BULL not in {made.keeper for made in play.watch.statements}
    assert play.shredded == before + 1


def test_a_spoken_with_does_not_outlive_its_keeper_s_seat() -> None:
    play = in_vigil(*LONE).days(30)
    play.do(spoken(BULL, play=play))
    assert play.watch.holds
    play.do(e.PassSeat(BULL, "urushi"))
    assert not play.watch.holds and not any(s.finding is Finding.SPOKEN_WITH for s in play.watch.statements)


def test_words_released_on_a_statement_keep_its_share_when_the_seat_passes() -> None:
    play = given_on(*LONE).days(30)
    before = play.shredded
    play.do(e.PassSeat(BULL, "urushi"))
    assert play.shredded == before
    assert play.watch.seat(BULL).stage is SeatStage.SUCCEEDED  # type: ignore[union-attr]


def test_whoever_receives_the_words_gets_no_share_of_them_by_a_seat() -> None:
    play = armed(*LONE).do(e.PassSeat(BULL, NARUTO))
    assert NARUTO not in play.track().roster and isinstance(play.watch.seat(NARUTO), Seat)


# Sheets.


@pytest.mark.parametrize("sheet", list(Sheet))
def test_an_author_seals_a_sheet_in_draft_and_in_well(sheet: Sheet) -> None:
    for play in (drafted(), armed()):
        assert play.do(e.SealSheet(IRUKA, sheet)).happened[-1] == ("sheet_sealed", sheet)
        assert play.refused(e.SealSheet(PAKKUN, sheet)) == "not_the_author"


@pytest.mark.parametrize("begin", (in_late, in_vigil, in_closing))
def test_a_sheet_is_frozen_while_anyone_is_being_asked(begin) -> None:  # type: ignore[no-untyped-def]
    assert begin().refused(e.SealSheet(IRUKA, Sheet.FIND_ME)) == "terms_frozen"


# Cases that are over.


def closed() -> Play:
    """One alarm, and the author home again."""
    play = armed().do(e.RaiseAlarm(PAKKUN), strong())
    return play.do(*[e.SignHome(keeper) for keeper in PACK[:3]])


def forgetting(play: Play, number: int = 1) -> e.ForgetCase:
    assert play.watch.case is not None and play.watch.case.closed is not None
    return e.ForgetCase(HOST, number, play.watch.case.closed)


def test_a_case_is_forgotten_ninety_days_after_it_closed_on_both_clocks() -> None:
    play = closed()
    assert play.stage is Stage.WELL
    event = forgetting(play)
    play.now = Moment(play.now.wall + KEPT_FOR, play.now.credit + KEPT_FOR - 1)
    assert play.refused(event) == "case_remembered"
    play.now = Moment(play.now.wall - 1, play.now.credit + 1)
    assert play.refused(event) == "case_remembered"
    play.now = Moment(play.now.wall + 1, play.now.credit)
    assert play.do(event).happened[-1] == ("case_forgotten", "1")


def test_only_the_service_forgets_and_an_open_case_never() -> None:
    play = closed()
    late = replace(play, now=Moment(play.now.wall + 2 * KEPT_FOR, play.now.credit + 2 * KEPT_FOR))
    assert late.refused(replace(forgetting(play), by=PAKKUN)) == "only_the_host"
    assert late.refused(replace(forgetting(play), case=2)) == "no_case"
    late.do(e.RaiseAlarm(BISUKE))
    long = replace(late, now=Moment(late.now.wall + 2 * KEPT_FOR, late.now.credit + 2 * KEPT_FOR))
    assert long.refused(e.ForgetCase(HOST, 2, Moment(0, 0))) == "case_remembered"


def test_the_newest_case_is_judged_by_its_own_mark_whatever_is_claimed() -> None:
    """The fault: a host claims that the case closed long ago."""
    play = closed()
    assert play.refused(e.ForgetCase(HOST, 1, Moment(0, 0))) == "case_remembered"


def test_the_author_alone_keeps_a_case_that_there_is() -> None:
    play = closed()
    assert play.do(e.KeepCase(IRUKA, 1)).happened[-1] == ("case_kept", "1")
    assert play.refused(e.KeepCase(PAKKUN, 1)) == "not_the_author"
    assert play.refused(e.KeepCase(IRUKA, 2)) == "no_case"
    assert armed().refused(e.KeepCase(IRUKA, 1)) == "no_case"


def test_keeping_and_forgetting_move_nothing_but_the_record() -> None:
    play = closed()
    before = play.watch
    assert play.do(e.KeepCase(IRUKA, 1)).watch == before
    assert not forgettable(Moment(0, 0), Moment(90 * DAY, 0))


# Adults.


def test_whatever_goes_to_a_child_goes_to_the_adult_in_their_place() -> None:
    words = replace(sealing(Condition.DIED, NARUTO), adult=TSUNADE)
    play = given_on(words).days(14)
    later = e.KeepForLater(NARUTO, FOR_NARUTO, play.now.wall + DAY)
    play.do(e.Tell(PAKKUN, FOR_NARUTO), later).days(2)
    play.letters += armed(words, timer_only=True).days(43).letters
    kinds = ("first_letter", "words_waiting", "later_is_over", "first_letter")
    assert [(str(one.kind), one.to) for one in play.letters if one.kind in kinds] == [
        (kind, TSUNADE) for kind in kinds
    ]


def test_a_return_is_told_to_the_adult_in_a_child_s_place() -> None:
    words = replace(sealing(Condition.DIED, NARUTO), adult=TSUNADE)
    play = given_on(words).do(e.Tell(PAKKUN, FOR_NARUTO))
    assert [letter.to for letter in play.letters if letter.kind == "words_waiting"] == [TSUNADE]
    play.do(strong()).do(*[e.SignHome(keeper) for keeper in PACK[:3]])
    homes = [letter.to for letter in play.letters if letter.kind == "welcome_home"]
    assert TSUNADE in homes and NARUTO not in homes
