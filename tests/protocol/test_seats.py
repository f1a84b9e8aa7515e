"""Keepers' seats: who is invited, who counts, who rests, who leaves; the quorum itself is never touched."""

from dataclasses import replace

import pytest
from protocol.cave import (
    BISQUIT,
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
    SHIZUNE,
    TSUNADE,
    ULLY,
    Play,
    armed,
    died,
    drafted,
    in_late,
    in_vigil,
    released,
    sealing,
    spoken,
    stating,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.stages import Condition, Evidence, Finding, HoldCause, SeatStage, Stage, TrackStage
from lastwords.protocol.watch import Plan, Seat, Watch

SAKURA = "sakura"


def seat(play: Play, keeper: str) -> SeatStage:
    found = play.watch.seat(keeper)
    assert found is not None
    return found.stage


# Arming.


def test_the_first_circle_counts_at_once_when_the_author_vouches_for_each() -> None:
    assert seat(armed(), PAKKUN) is SeatStage.SEASONED


def test_a_keeper_nobody_vouched_for_is_seasoned_first() -> None:
    play = drafted()
    seats = tuple(replace(one, vouched=one.keeper != PACK[4]) for one in play.watch.seats)
    play.watch = replace(play.watch, seats=seats)
    play.do(e.Arm(IRUKA, Plan())).days(20).do(strong()).days(9.9)
    assert seat(play, PACK[4]) is SeatStage.VERIFIED
    assert seat(play.days(0.1), PACK[4]) is SeatStage.SEASONED


@pytest.mark.parametrize(
    "terms",
    (
        {"vigil": 0},
        {"vigil": -1},
        {"quorum": 0},
        {"quorum": True},
        {"last_call": 1.5},
        {"remind_before": Plan().check_in_every},
        {"remind_again": Plan().late},
        {"channels": 3},
        {"quorum": 2},
    ),
)
def test_terms_that_cannot_be_kept_are_not_armed(terms: dict[str, object]) -> None:
    plan = replace(Plan(), **terms)  # type: ignore[arg-type]
    assert drafted().refused(e.Arm(IRUKA, plan)) == "plan_terms"


@pytest.mark.parametrize(
    "quorum, why", ((5, "too_few_keepers"), (6, "too_few_shares"), (7, "too_few_keepers"))
)
def test_arming_needs_one_keeper_more_than_the_quorum(quorum: int, why: str) -> None:
    """Six have a seat and five of them a share."""
    assert drafted().refused(e.Arm(IRUKA, Plan(quorum=quorum))) == why


def test_the_quorum_is_a_majority_of_all_who_hold_a_share_proven_or_not() -> None:
    play = drafted(sealing(Condition.DIED, NARUTO, (*PACK, KAKASHI)))
    assert play.refused(e.Arm(IRUKA, Plan())) == "plan_terms"
    play.do(e.Arm(IRUKA, Plan(quorum=4)))


def test_arming_needs_shares_that_were_proven_to_open() -> None:
    play = drafted()
    play.watch = replace(play.watch, seats=tuple(replace(one, receipts=()) for one in play.watch.seats))
    assert play.refused(e.Arm(IRUKA, Plan())) == "too_few_shares"


def test_arming_needs_two_places_from_which_to_say_i_am_here() -> None:
    play = drafted()
    phone, paper = play.watch.credentials
    for second in (replace(paper, place=phone.place), replace(paper, void=True)):
        play.watch = replace(play.watch, credentials=(phone, second))
        assert play.refused(e.Arm(IRUKA, Plan())) == "one_credential"


def test_arming_needs_the_recovery_sheet_and_words() -> None:
    play = drafted()
    whole = play.watch
    play.watch = replace(whole, recovery_proven=False)
    assert play.refused(e.Arm(IRUKA, Plan())) == "recovery_not_proven"
    play.watch = replace(whole, tracks=())
    assert play.refused(e.Arm(IRUKA, Plan())) == "no_words"


def test_a_plan_is_later_than_the_one_in_force() -> None:
    play = armed()
    assert play.refused(e.Arm(IRUKA, Plan())) == "plan_version"
    play.do(e.Arm(IRUKA, Plan(version=2, late=10 * 86400)))
    assert play.days(39.9).stage is Stage.LATE


def test_after_a_restore_a_plan_is_later_than_those_that_were_forgotten() -> None:
    """Who has signed versions of which the host knows nothing any more signs one after them, which no device takes for
    an old one."""
    assert drafted().do(e.Arm(IRUKA, Plan(version=3))).watch.plan.version == 3
    play = armed().do(e.Arm(IRUKA, Plan(version=7)))
    assert play.refused(e.Arm(IRUKA, Plan(version=7))) == "plan_version"
    assert play.refused(e.Arm(IRUKA, Plan(version=0))) == "plan_terms"


def test_no_plan_is_armed_while_a_hold_stands() -> None:
    assert armed().do(e.PlaceHold(PAKKUN)).refused(e.Arm(IRUKA, Plan(version=2))) == "terms_frozen"


def test_nobody_but_the_author_arms() -> None:
    assert drafted().refused(e.Arm(PAKKUN, Plan())) == "not_the_author"


@pytest.mark.parametrize("begin", (in_late, in_vigil))
def test_terms_are_frozen_while_the_author_is_being_asked(begin) -> None:  # type: ignore[no-untyped-def]
    play = begin()
    for event in (
        e.Arm(IRUKA, Plan(version=2)),
        e.InviteKeeper(IRUKA, SAKURA),
        e.VerifyKeeper(IRUKA, SAKURA, True),
        e.SuspendSeat(IRUKA, PAKKUN),
        e.RemoveKeeper(IRUKA, PAKKUN),
        e.AddCredential(IRUKA, "new", "new"),
    ):
        assert play.refused(event) == "terms_frozen"


# Coming.


def test_a_seat_is_offered_accepted_verified_and_seasoned() -> None:
    play = armed().do(e.InviteKeeper(IRUKA, SAKURA))
    assert play.refused(e.VerifyKeeper(IRUKA, SAKURA, True)) == "seat_stage"
    play.do(e.AcceptSeat(SAKURA), e.VerifyKeeper(IRUKA, SAKURA, True))
    assert seat(play, SAKURA) is SeatStage.VERIFIED
    play.days(20).do(strong()).days(10)
    assert seat(play, SAKURA) is SeatStage.SEASONED
    play.do(e.SuspendSeat(IRUKA, SAKURA), *[e.RestoreSeat(keeper, SAKURA) for keeper in PACK[:3]])
    assert seat(play, SAKURA) is SeatStage.SEASONED


def test_an_unseasoned_keepers_finding_does_not_count() -> None:
    play = armed().do(
        e.InviteKeeper(IRUKA, SAKURA), e.AcceptSeat(SAKURA), e.VerifyKeeper(IRUKA, SAKURA, True)
    )
    newer = e.SealWords(
        IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", (*PACK, SAKURA), (("a", "b"),), k=4
    )
    play.do(newer, *[e.GiveReceipt(keeper, ((FOR_NARUTO, "s2"),)) for keeper in (*PACK, SAKURA)])
    play.do(e.RaiseAlarm(PAKKUN)).days(7)
    play.do(*died(PAKKUN, BISUKE, SAKURA, play=play)).days(20)
    assert play.track().stage is TrackStage.ASKED


def test_nobody_but_the_author_changes_the_circle() -> None:
    play = armed().do(e.InviteKeeper(IRUKA, SAKURA), e.AcceptSeat(SAKURA))
    for act in (
        e.VerifyKeeper(PAKKUN, SAKURA, True),
        e.SuspendSeat(PAKKUN, BULL),
        e.RemoveKeeper(PAKKUN, BULL),
        e.ProveRecovery(PAKKUN),
    ):
        assert play.refused(act) == "not_the_author"
    assert play.refused(e.ChangeKeys(PAKKUN, BULL)) == "only_the_host"


def test_a_seat_is_offered_once_and_never_to_the_author() -> None:
    play = armed()
    assert play.refused(e.InviteKeeper(IRUKA, PAKKUN)) == "seat_taken"
    assert play.refused(e.InviteKeeper(IRUKA, IRUKA)) == "own_keeper"
    assert play.refused(e.InviteKeeper(PAKKUN, SAKURA)) == "not_the_author"
    assert play.refused(e.AcceptSeat(NARUTO)) == "not_a_keeper"


def test_a_receipt_is_only_for_a_share_in_force() -> None:
    play = armed()
    for proven in (((FOR_NARUTO, "old"),), (("died.nobody", "s1"),), ()):
        assert play.refused(e.GiveReceipt(PAKKUN, proven)) == "receipt_unknown"
    assert play.refused(e.GiveReceipt(KAKASHI, ((FOR_NARUTO, "s1"),))) == "receipt_unknown"


def test_new_shares_count_only_when_they_were_proven_to_open() -> None:
    newer = e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", PACK, (("a", "b"),))
    play = armed().do(newer).days(37)
    play.do(*died(*PACK, play=play)).days(10)
    assert play.track(FOR_NARUTO).stage is TrackStage.ASKED
    play.do(*[e.GiveReceipt(keeper, ((FOR_NARUTO, "s2"), (FOR_KAKASHI, "s1"))) for keeper in PACK]).days(0)
    assert play.track(FOR_NARUTO).stage is TrackStage.LAST_CALL


# Going and resting.


def test_a_practice_that_a_keeper_misses_lets_their_seat_rest_until_the_share_is_proven() -> None:
    play = armed().do(e.BeginPractice(IRUKA))
    proven = ((FOR_KAKASHI, "s1"), (FOR_NARUTO, "s1"))
    play.do(*[e.GiveReceipt(keeper, proven) for keeper in PACK[1:]])
    assert play.refused(e.BeginPractice(IRUKA)) == "practice_runs"
    assert play.refused(e.BeginPractice(PAKKUN)) == "not_the_author"
    play.days(14)
    assert [seat(play, keeper) for keeper in PACK[:2]] == [SeatStage.RESTING, SeatStage.SEASONED]
    assert seat(play.do(e.GiveReceipt(PAKKUN, proven)), PAKKUN) is SeatStage.SEASONED
    practice = play.do(e.BeginPractice(IRUKA)).watch.practice
    assert practice is not None and practice.number == 2


def missed(play: Play, *events: e.Event) -> Play:
    """A practice that Pakkun misses, with whatever else happens in its time."""
    play.do(e.BeginPractice(IRUKA), *events)
    return play.do(*[e.GiveReceipt(keeper, PROVEN) for keeper in PACK[1:]]).days(14)


PROVEN = ((FOR_KAKASHI, "s1"), (FOR_NARUTO, "s1"))
RESTORED = [e.RestoreSeat(keeper, PAKKUN) for keeper in PACK[1:4]]
SUSPENSIONS = (e.BreakGlass(PAKKUN, False), e.SuspendSeat(IRUKA, PAKKUN))


@pytest.mark.parametrize("event", SUSPENSIONS)
def test_a_seat_that_was_suspended_while_it_rested_is_restored_to_its_rest(event: e.Event) -> None:
    """No signature of others takes the place of a share that opens."""
    play = missed(armed()).do(event, *RESTORED)
    assert seat(play, PAKKUN) is SeatStage.RESTING
    assert seat(play.do(e.GiveReceipt(PAKKUN, PROVEN)), PAKKUN) is SeatStage.SEASONED
    assert seat(play.do(SUSPENSIONS[1], *RESTORED), PAKKUN) is SeatStage.SEASONED, "the rest is over for good"


@pytest.mark.parametrize("event", SUSPENSIONS)
def test_a_practice_that_is_missed_while_the_seat_is_suspended_lets_it_rest_when_it_is_restored(
    event: e.Event,
) -> None:
    play = missed(armed(), event)
    assert (seat(play, PAKKUN), play.has_happened("practice_missed")) == (SeatStage.SUSPENDED, True)
    assert seat(play.do(*RESTORED), PAKKUN) is SeatStage.RESTING


def test_a_share_that_is_proven_while_the_seat_is_suspended_ends_its_rest() -> None:
    play = missed(armed()).do(SUSPENSIONS[0], e.GiveReceipt(PAKKUN, PROVEN))
    assert seat(play, PAKKUN) is SeatStage.SUSPENDED
    assert seat(play.do(*RESTORED), PAKKUN) is SeatStage.SEASONED


def test_an_alternate_who_rests_takes_a_seat_in_a_case_and_rests_on() -> None:
    play = armed(sealing(Condition.DIED, NARUTO, (*PACK[1:], TSUNADE)), alternates=(TSUNADE,))
    proven = ((FOR_NARUTO, "s1"),)
    play.do(e.GiveReceipt(TSUNADE, proven), e.BeginPractice(IRUKA))
    play.do(*[e.GiveReceipt(keeper, proven) for keeper in PACK[1:]]).days(14)
    assert seat(play, TSUNADE) is SeatStage.RESTING
    play.days(53).do(e.PassSeat(PAKKUN, TSUNADE))
    assert seat(play, TSUNADE) is SeatStage.RESTING
    assert seat(play.do(e.GiveReceipt(TSUNADE, proven)), TSUNADE) is SeatStage.SEASONED


def test_a_resting_keepers_finding_does_not_count() -> None:
    play = armed().do(e.BeginPractice(IRUKA)).days(14).days(23)
    assert play.stage is Stage.VIGIL
    play.do(*died(*PACK)).days(20)
    assert play.track().stage is TrackStage.ASKED


def test_the_author_suspends_a_seat_only_while_enough_are_left() -> None:
    play = armed().do(e.SuspendSeat(IRUKA, PAKKUN), e.SuspendSeat(IRUKA, BISUKE))
    assert play.refused(e.SuspendSeat(IRUKA, BULL)) == "too_few_left"
    assert play.refused(e.RemoveKeeper(IRUKA, BULL)) == "too_few_left"
    assert seat(play.do(e.RemoveKeeper(IRUKA, PAKKUN)), PAKKUN) is SeatStage.REMOVED


def test_a_removed_keeper_can_be_invited_again_and_begins_anew() -> None:
    play = armed().do(e.RemoveKeeper(IRUKA, PAKKUN), e.InviteKeeper(IRUKA, PAKKUN))
    assert [one.stage for one in play.watch.seats if one.keeper == PAKKUN] == [SeatStage.INVITED]


@pytest.mark.parametrize(
    "event, stage",
    (
        (e.RemoveKeeper(IRUKA, PAKKUN), SeatStage.REMOVED),
        (e.PassSeat(PAKKUN, SAKURA), SeatStage.SUCCEEDED),
        (e.ChangeKeys(HOST, PAKKUN), SeatStage.ACCEPTED),
    ),
)
def test_a_seat_that_was_given_up_or_begins_anew_holds_nothing_of_what_it_was(
    event: e.Event, stage: SeatStage
) -> None:
    """Pakkun had asked for the notes, was needed all the same, and one had signed for him."""
    play = armed().do(*[e.BreakGlass(keeper, False) for keeper in (ULLY, BISQUIT, PAKKUN)])
    play.do(e.RestoreSeat(BISUKE, PAKKUN), *[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]])
    assert play.watch.seat(PAKKUN).restored_by == (BISUKE,)  # type: ignore[union-attr]
    assert play.do(event).watch.seat(PAKKUN) == Seat(PAKKUN, stage, vouched=stage is SeatStage.SUCCEEDED)


def test_whoever_comes_anew_after_stepping_back_begins_with_no_days_behind_them() -> None:
    play = armed().do(
        e.InviteKeeper(IRUKA, SAKURA), e.AcceptSeat(SAKURA), e.VerifyKeeper(IRUKA, SAKURA, True)
    )
    play.do(e.RaiseAlarm(PAKKUN), e.StepBackUnseen(SAKURA, Evidence.OWN_SIGHT, 1, 1, 1, ()))
    play.do(strong(), strong(PAPER))
    before = play.watch
    found = before.seat(SAKURA)
    assert found is not None and found.season and found.aside
    for event in (e.RemoveKeeper(IRUKA, SAKURA), e.ChangeKeys(HOST, SAKURA), e.PassSeat(SAKURA, "sai")):
        play.watch = before
        found = play.do(event).watch.seat(SAKURA)
        assert found is not None
        assert found.season is None or isinstance(event, e.PassSeat)
        assert found.aside is None or isinstance(event, e.ChangeKeys)
    sai = play.watch.seat("sai")
    assert sai is not None and sai.stage is SeatStage.VERIFIED, "the case is closed: they season like anyone"


def test_where_nothing_moves_by_keepers_each_of_them_may_be_taken_out() -> None:
    bare = armed()
    for to in (NARUTO, KAKASHI):
        bare.do(e.SealWords(IRUKA, Condition.DIED, to, "", 1, "h1", "h1", "", (), ()))
    for play in (drafted(), armed(timer_only=True), bare):
        play.do(*[e.RemoveKeeper(IRUKA, keeper) for keeper in PACK])


def test_signatures_for_a_seat_that_was_needed_do_not_restore_it_once_the_author_suspends_it() -> None:
    play = armed().do(*[e.BreakGlass(keeper, False) for keeper in (ULLY, BISQUIT, PAKKUN)])
    play.do(e.RestoreSeat(BISUKE, PAKKUN), *[e.RestoreSeat(keeper, ULLY) for keeper in PACK[:3]])
    play.do(e.SuspendSeat(IRUKA, PAKKUN), e.RestoreSeat(BULL, PAKKUN), e.RestoreSeat(ULLY, PAKKUN))
    assert seat(play, PAKKUN) is SeatStage.SUSPENDED
    assert seat(play.do(e.RestoreSeat(BISUKE, PAKKUN)), PAKKUN) is SeatStage.SEASONED


def test_a_suspended_keeper_restores_nobody() -> None:
    play = armed().do(e.SuspendSeat(IRUKA, PAKKUN), e.SuspendSeat(IRUKA, BISUKE))
    assert play.refused(e.RestoreSeat(BISUKE, PAKKUN)) == "seat_does_not_count"
    assert play.refused(e.RestoreSeat(BULL, "nobody")) == "not_a_keeper"


def test_a_receipt_for_a_share_that_is_no_longer_in_force_is_forgotten() -> None:
    newer = e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", PACK, (("a", "b"),))
    play = armed().do(newer, e.GiveReceipt(PAKKUN, ((FOR_NARUTO, "s2"),)))
    assert play.watch.seat(PAKKUN).receipts == ((FOR_KAKASHI, "s1"), (FOR_NARUTO, "s2"))  # type: ignore[union-attr]


@pytest.mark.parametrize("event", (e.PassSeat(BULL, SAKURA), e.ChangeKeys(HOST, BULL)))
def test_a_last_call_falls_with_the_seat_of_one_who_had_signed(event: e.Event) -> None:
    play = in_vigil().days(29).do(*died(*PACK[:3])).days(1)
    assert play.track().stage is TrackStage.LAST_CALL
    assert play.do(event).track().stage is TrackStage.ASKED


def test_an_alternates_successor_is_called_in_their_turn() -> None:
    play = armed(alternates=(TSUNADE, SHIZUNE)).do(e.PassSeat(SHIZUNE, SAKURA))
    assert play.watch.seat(SAKURA).alternate == 2  # type: ignore[union-attr]


def test_a_seat_passes_on_without_raising_the_number_of_shares() -> None:
    play = armed().do(e.PassSeat(PAKKUN, SAKURA))
    assert (seat(play, PAKKUN), seat(play, SAKURA)) == (SeatStage.SUCCEEDED, SeatStage.VERIFIED)
    assert play.track().roster == tuple(sorted((SAKURA, *PACK[1:])))
    assert play.refused(e.PassSeat(BISUKE, BULL)) == "seat_taken"
    assert play.refused(e.InviteKeeper(IRUKA, PAKKUN)) == "seat_passed_on"
    assert play.refused(e.PassSeat(BISUKE, PAKKUN)) == "seat_passed_on"


def test_new_keys_are_due_for_the_words_of_which_a_leaving_keeper_held_a_share_and_for_no_others() -> None:
    play = armed(sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, KAKASHI, PACK[1:]))
    assert play.do(e.PassSeat(PAKKUN, SAKURA)).watch.keys_due == (FOR_NARUTO,)


def test_in_a_case_a_seat_passes_on_after_thirty_credited_days() -> None:
    play = in_vigil()
    assert play.refused(e.PassSeat(PAKKUN, SAKURA)) == "too_soon_to_pass"
    play.days(30, credit=False)
    assert play.refused(e.PassSeat(PAKKUN, SAKURA)) == "too_soon_to_pass"
    play.days(30).do(e.PassSeat(PAKKUN, SAKURA))
    assert play.watch.seat(SAKURA) == Seat(SAKURA, SeatStage.SEASONED)


def test_whoever_takes_a_seat_in_a_case_is_called_into_it_as_the_leaving_keeper_was() -> None:
    """Three have answered, so that no alternate was called."""
    play = armed(alternates=(TSUNADE, SHIZUNE)).days(37).do(*[e.AnswerCall(keeper) for keeper in PACK[:3]])
    play.days(30).do(e.PassSeat(BISQUIT, TSUNADE), e.PassSeat(ULLY, "sai"), e.PassSeat(SHIZUNE, SAKURA))
    assert play.watch.case is not None
    called = set(play.watch.case.called)
    assert {TSUNADE, "sai"} <= called and not {SHIZUNE, SAKURA} & called
    assert play.do(*died(TSUNADE, "sai", play=play)).watch.statements != ()


def test_whoever_takes_a_seat_after_the_end_of_a_case_may_still_be_asked_for_a_share_of_it() -> None:
    play = released(sealing(Condition.DIED, NARUTO)).do(e.Tell(PAKKUN, FOR_NARUTO))
    play.do(e.DeclineWords(NARUTO, FOR_NARUTO), *[e.SignEnd(keeper) for keeper in PACK[:3]])
    play.do(e.PassSeat(ULLY, SAKURA))
    assert play.watch.case is not None and play.watch.case.ended
    assert SAKURA in play.watch.case.called
    home = play.do(strong(), strong(PAPER), e.PassSeat(BISQUIT, "sai"))
    assert home.watch.case is not None and "sai" not in home.watch.case.called


def test_a_leaving_keepers_statement_leaves_with_them() -> None:
    play = in_vigil().do(*died(*PACK[:3])).days(1)
    play.do(e.PlaceHold(IRUKA)).days(29).do(e.PassSeat(PAKKUN, SAKURA))
    assert {made.keeper for made in play.watch.statements} == {BISUKE, BULL}


# Credentials.


def test_credentials_have_names_of_their_own_and_proofs_are_given_once() -> None:
    play = armed()
    assert play.refused(e.AddCredential(IRUKA, PAPER, "attic")) == "credential_exists"
    assert play.refused(e.ProveRecovery(IRUKA)) == "recovery_known"
    assert play.refused(e.AddCredential(PAKKUN, "mine", "here")) == "not_the_author"


def test_a_new_credential_is_told_to_author_and_keepers() -> None:
    play = armed().do(e.AddCredential(IRUKA, "ring", "hand"))
    assert {letter.to for letter in play.letters} == {IRUKA, KAKASHI, *PACK}


def test_a_draft_tells_nobody_of_a_new_credential() -> None:
    assert drafted().letters == []


def test_a_draft_asks_nothing_of_anyone() -> None:
    play = Play(Watch(IRUKA))
    assert play.refused(strong()) == "not_armed"
    assert play.refused(e.RaiseAlarm(IRUKA)) == "not_armed"
    assert play.days(1000).stage is Stage.DRAFT


def test_whoever_passes_a_seat_on_again_and_again_holds_nothing_for_ever() -> None:
    """What a keeper may do alone but once, whoever follows them may not do alone once more."""
    play = armed().do(e.PlaceHold(BULL), e.LiftHold(BULL, HoldCause.SWITCH), e.PassSeat(BULL, SAKURA))
    assert play.refused(e.PlaceHold(SAKURA)) == "hold_again"
    play = in_vigil().days(31)
    play.do(spoken(BULL, play)).days(14).do(e.PassSeat(BULL, SAKURA))
    assert play.refused(spoken(SAKURA, play)) == "spoken_already"
    play = armed().do(e.RaiseAlarm(BULL), strong(), strong(PAPER), e.PassSeat(BULL, SAKURA))
    assert play.refused(e.RaiseAlarm(SAKURA)) == "alarm_again"


@pytest.mark.parametrize(("k", "plan"), [(3, Plan(quorum=2)), (2, Plan())])
def test_no_plan_is_armed_for_which_another_number_of_keepers_opens_the_words(k: int, plan: Plan) -> None:
    """Words would be released that those who agreed cannot open, or be opened by keepers too few to agree."""
    play = drafted(replace(sealing(Condition.DIED, NARUTO), k=k))
    assert play.refused(e.Arm(IRUKA, plan)) == "shares_differ"
    as_many = drafted(replace(sealing(Condition.DIED, NARUTO), k=3))
    assert as_many.do(e.Arm(IRUKA, Plan())).watch.armed


def test_who_stepped_back_unseen_can_pass_on_no_seat_that_counts() -> None:
    """They are forced, and the successor may be whoever forces them."""
    play = in_vigil().days(30)
    made = stating(PAKKUN, Finding.COULD_NOT_FIND_OUT, play)
    play.do(e.StepBackUnseen(PAKKUN, made.evidence, made.case, made.epoch, made.plan_version, made.heads))
    play.do(*died(*PACK[1:3], play=play), e.PassSeat(PAKKUN, "zabuza"))
    play.do(e.GiveReceipt("zabuza", ((FOR_NARUTO, "s1"), (FOR_KAKASHI, "s1"))), *died("zabuza", play=play))
    assert play.days(30).track().stage is TrackStage.ASKED


def test_a_season_that_is_not_over_is_not_passed_over_with_the_seat() -> None:
    play = armed().days(20)
    play.do(e.InviteKeeper(IRUKA, "haku"), e.AcceptSeat("haku"), e.VerifyKeeper(IRUKA, "haku", False))
    play.days(47)
    assert (play.stage, seat(play, "haku")) == (Stage.VIGIL, SeatStage.VERIFIED)
    assert seat(play.do(e.PassSeat("haku", "zabuza")), "zabuza") is SeatStage.VERIFIED


def test_who_says_i_will_while_a_case_is_open_is_called_into_it() -> None:
    play = armed().do(e.InviteKeeper(IRUKA, "haku"), e.RaiseAlarm(PAKKUN), e.AcceptSeat("haku"))
    assert play.watch.case is not None and "haku" in play.watch.case.called
