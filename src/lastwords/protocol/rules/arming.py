"""Arming a plan: the terms are checked against the circle as it really stands, and then they are frozen."""

from dataclasses import fields

from lastwords.protocol.counting import countable, holds_share
from lastwords.protocol.quiet import unmarked
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import SeatStage, Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Plan, Track, Watch

from .passage import enter, start_well
from .sealed import HOLDERS


def arm(t: Turn) -> None:
    """From draft, or anew from *well* with a later version. The first circle counts at once where vouched for. What was
    signed before a restore went back may have been a later one still, so numbers may be missing."""
    t.must_be_author()
    if t.watch.holds:
        raise refuse("terms_frozen")
    plan, first = t.event.plan, not t.watch.armed
    check_terms(plan)
    if not first and plan.version <= t.watch.plan.version:
        raise refuse("plan_version")
    if first:
        for seat in t.watch.seats:
            if seat.stage is SeatStage.VERIFIED and seat.vouched:
                t.set_seat(seat, stage=SeatStage.SEASONED)
    _check_author(t.watch)
    if not plan.timer_only:
        _check_opening(t.watch, plan)
        _check_circle(unmarked(t.watch), plan)
    t.set(plan=plan, armed=True)
    t.note("armed", str(plan.version))
    if first:
        enter(t, Stage.WELL)
        for seat in t.watch.seats:
            if seat.stage is SeatStage.VERIFIED:
                t.set_seat(seat, season=t.wait(plan.seasoning))
    start_well(t)


def check_terms(plan: Plan) -> None:
    """Every length and count is a whole number above zero, and the reminders fit into their waits."""
    numbers = [getattr(plan, field.name) for field in fields(plan) if field.name != "timer_only"]
    if any(type(number) is not int or number <= 0 for number in numbers):
        raise refuse("plan_terms")
    if plan.remind_before >= plan.check_in_every or plan.remind_again >= plan.late or plan.channels > 2:
        raise refuse("plan_terms")


def _check_author(watch: Watch) -> None:
    if len({credential.place for credential in watch.credentials if not credential.void}) < 2:
        raise refuse("one_credential")
    if not watch.recovery_proven:
        raise refuse("recovery_not_proven")
    if not any(track.bears_words for track in watch.tracks):
        raise refuse("no_words")


def _check_opening(watch: Watch, plan: Plan) -> None:
    """As many shares open the words as keepers have to agree. With more, words would be released that those who agreed
    cannot open; with fewer, keepers could open them whom the plan does not let."""
    if any(track.bears_words and track.k not in (0, plan.quorum) for track in watch.tracks):
        raise refuse("shares_differ")


def _check_circle(watch: Watch, plan: Plan) -> None:
    seasoned = sum(seat.stage is SeatStage.SEASONED for seat in watch.seats)
    if seasoned < plan.quorum:
        raise refuse("too_few_keepers")
    for track in watch.tracks:
        if track.bears_words:
            _check_track(watch, plan, track)


def _check_track(watch: Watch, plan: Plan, track: Track) -> None:
    """k countable keepers, one more who could be missed, and k a majority of all who hold a share, though they rest,
    are suspended or have not proven it yet: they may come to count after this."""
    holders = [
        seat
        for seat in watch.seats
        if seat.stage in (SeatStage.VERIFIED, SeatStage.SEASONED)
        and not track.is_for(seat.keeper)
        and holds_share(seat, track)
    ]
    if sum(countable(watch, seat, track) for seat in holders) < plan.quorum:
        raise refuse("too_few_shares")
    if len(holders) < plan.quorum + 1:
        raise refuse("too_few_keepers")
    seats = [seat for seat in watch.seats if seat.keeper in track.roster and seat.stage in HOLDERS]
    if 2 * plan.quorum <= len(seats):
        raise refuse("plan_terms")
