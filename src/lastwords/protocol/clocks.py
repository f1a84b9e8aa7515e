"""Every wait that is running in a watch, by name. The one place that knows a deadline.

A look does the first that is over; `due` is the earliest of their ends. While a hold stands, only the hold runs.
"""

from collections.abc import Iterator
from typing import Any

from .counting import (
    FIT,
    agreed_on,
    alternate_may_follow,
    death_signed,
    primary_of,
    waits_for_tries,
)
from .moments import Moment, Wait
from .stages import GlassStage, SeatStage, Stage, TrackStage, WordsStage
from .watch import Seat, Watch

Running = tuple[str, Any, Wait]


def running(watch: Watch) -> Iterator[Running]:
    """Yields (name, subject, wait). The names are those of the look table."""
    if watch.force and watch.force.told != watch.force.called:
        yield "keepers_told", watch.force, Wait(watch.force.since, 0)
    if watch.holds:
        yield from _held(watch)
        return
    yield from _BY_STAGE[watch.stage](watch)
    if watch.case_open and watch.stage in (Stage.LATE, Stage.VIGIL):
        yield from _calling(watch)
    for glass in watch.glass:
        if glass.stage is GlassStage.WAITING and glass.wait:
            yield "glass_opens", glass, glass.wait
    if watch.armed and not watch.case_open:
        yield from _upkeep(watch)


def due(watch: Watch, now: Moment) -> int | None:
    """The wall second of the next look that could do something, or None when only people can move this watch."""
    lefts = [wait.remaining(now) for _, _, wait in running(watch)]
    return now.wall + min(lefts) if lefts else None


def _held(watch: Watch) -> Iterator[Running]:
    """A hold that ends by itself, and one that only people end: of that they are reminded, or it would stand for ever
    once a single letter was lost or put aside (L1)."""
    for hold in watch.holds:
        if hold.wait:
            yield "hold_lapses", hold, hold.wait
        else:
            yield "restore_asks_again", hold, Wait(watch.asked_again, watch.plan.ask_again)


def _draft(watch: Watch) -> Iterator[Running]:
    yield from ()


def _well(watch: Watch) -> Iterator[Running]:
    plan = watch.plan
    if watch.trip:
        yield "trip_overdue", watch.trip, watch.trip.wait
        return
    if not watch.reminded:
        yield "check_in_due_soon", None, Wait(watch.last_sign, plan.check_in_every - plan.remind_before)
    yield "check_in_missed", None, Wait(watch.last_sign, plan.check_in_every)


def _upkeep(watch: Watch) -> Iterator[Running]:
    """What runs beside the stages while no case is open: seats that season or rest, a practice that ends."""
    for seat in watch.seats:
        if seat.stage is SeatStage.VERIFIED and seat.season:
            yield "seat_seasons", seat, seat.season
        if seat.aside and seat.stage in (SeatStage.VERIFIED, SeatStage.SEASONED):
            yield "seat_rests", seat, seat.aside
    if watch.practice:
        yield "practice_ends", watch.practice, watch.practice.wait


def _late(watch: Watch) -> Iterator[Running]:
    plan = watch.plan
    if watch.wait:
        yield "late_is_over", None, watch.wait
        if not watch.reminded:
            yield "remind_again", None, Wait(watch.wait.since, plan.remind_again)
    elif watch.failing:
        yield "author_unreached", None, Wait(watch.failing, plan.unreached)


def _vigil(watch: Watch) -> Iterator[Running]:
    plan = watch.plan
    asked = False
    for track in watch.tracks:
        if not track.bears_words:
            continue
        if track.stage is TrackStage.RELEASED:
            untold = track.words is WordsStage.RELEASED and not track.first_letter
            silent = track.recipient in watch.silent or track.reader in watch.silent
            may_hear = not silent and not death_signed(watch, track)
            if untold and track.released and may_hear:
                yield "recipient_untold", track, Wait(track.released, plan.untold)
            if track.words is WordsStage.LATER and track.later_until and track.released and may_hear:
                yield "later_is_over", track, Wait(track.released, track.later_until - track.released.wall)
        elif track.stage is TrackStage.LAST_CALL:
            yield from _last_call(watch, track)
            asked = asked or waits_for_tries(watch, track)
        elif agreed_on(watch, track):
            if watch.wait:
                yield "last_call_begins", track, watch.wait
        else:
            asked = True
    if (asked or not watch.wait) and not plan.timer_only and not (watch.case and watch.case.ended):
        yield "ask_again", None, Wait(watch.asked_again, plan.ask_again)


def _last_call(watch: Watch, track: Any) -> Iterator[Running]:
    if not track.wait:
        if watch.failing and not watch.unreached:
            yield "author_unreached", None, Wait(watch.failing, watch.plan.unreached)
    elif not track.instead_of:
        yield "track_released", track, track.wait
    elif alternate_may_follow(watch, track):
        first = primary_of(watch, track)
        assert first is not None and first.released is not None
        yield "alternate_follows", track, _longer(track.wait, Wait(first.released, watch.plan.survivorship))


def _longer(one: Wait, other: Wait) -> Wait:
    """Of two waits the one that is over last. Credit tells which: it is earned no faster than the wall moves, so the
    other has run by then on both clocks, unless the wall was set back; and then credit is the one that is right."""
    return max(one, other, key=lambda wait: wait.since.credit + wait.length)


def _calling(watch: Watch) -> Iterator[Running]:
    """While fewer than a quorum of keepers have answered, the next alternate is called, one after the other."""
    case = watch.case
    assert case is not None
    waiting = [seat for seat in watch.seats if waits_to_be_called(watch, seat)]
    if not waiting:
        return
    there = {made.keeper for made in watch.statements} | set(case.answered)
    if len(there) < watch.plan.quorum:
        first = min(waiting, key=lambda seat: seat.alternate)
        yield "alternate_called", first, Wait(case.called_at, watch.plan.call_next)


def waits_to_be_called(watch: Watch, seat: Seat) -> bool:
    """An alternate who has said "I will" and whom the open case has not called yet."""
    assert watch.case is not None
    return bool(seat.alternate) and seat.stage in FIT and seat.keeper not in watch.case.called


def _closing(watch: Watch) -> Iterator[Running]:
    if watch.closing and watch.closing.wait:
        yield "closing_lapses", None, watch.closing.wait
    elif watch.closing:
        yield "closing_asks_again", None, Wait(watch.asked_again, watch.plan.ask_again)


_BY_STAGE = {
    Stage.DRAFT: _draft,
    Stage.WELL: _well,
    Stage.LATE: _late,
    Stage.VIGIL: _vigil,
    Stage.CLOSING: _closing,
}
