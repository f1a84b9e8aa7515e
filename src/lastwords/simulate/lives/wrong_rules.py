"""Rules of the machine made wrong, beside those that small worlds know: what `sabotage` puts in their place."""

from collections.abc import Iterator
from typing import Any

from lastwords.protocol import clocks, counting
from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.moments import Wait
from lastwords.protocol.refusals import refuse
from lastwords.protocol.rules import (
    handover,
    passage,
    restoring,
    seats,
    statements,
    tracks,
)
from lastwords.protocol.stages import HoldCause, SeatStage, TrackStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Practice, Seat, Track, Watch


def quorum_less_one(watch: Watch, track: Track) -> bool:
    if watch.plan.timer_only:
        return True
    return not counting.dissents(watch) and len(counting.supporters(watch, track)) >= max(
        1, watch.plan.quorum - 1
    )


def any_signer(watch: Watch, signers: Any) -> bool:
    return bool(set(signers) & set(counting.counting(watch)))


_restore, _take_down = restoring.restore, passage.take_down


def restore_without_hold(t: Turn) -> None:
    _restore(t)
    t.set(holds=tuple(hold for hold in t.watch.holds if hold.cause is not HoldCause.RESTORE))


def take_nothing_down(t: Turn) -> None:
    passage.void_statements(t)


def recall_nothing(t: Turn) -> None:
    out = {track.key: track for track in t.watch.tracks if track.stage is TrackStage.RELEASED}
    _take_down(t)
    t.set(tracks=tuple(out.get(track.key, track) for track in t.watch.tracks))


def spend_nothing(t: Turn) -> None:
    """Weak signs count as often as they come."""


def closing_for_a_moment(watch: Watch) -> Iterator[Any]:
    if watch.closing:
        yield "closing_lapses", None, Wait(watch.last_sign, 1)


def unreached_at_once(watch: Watch) -> Iterator[Any]:
    yield from (
        ("author_unreached", None, Wait(wait.since, 1))
        if name == "author_unreached"
        else (name, subject, wait)
        for name, subject, wait in _late(watch)
    )


_late = clocks._late


def glass_at_once(watch: Watch) -> Iterator[Any]:
    for name, subject, wait in _running(watch):
        yield name, subject, Wait(wait.since, 1) if name == "glass_opens" else wait


def hold_for_an_hour(watch: Watch) -> Iterator[Any]:
    for name, subject, wait in _running(watch):
        yield name, subject, Wait(wait.since, 3600) if name == "hold_lapses" else wait


def seasons_whenever(watch: Watch) -> Iterator[Any]:
    yield from _running(watch)
    if watch.case_open and not watch.holds:
        yield from clocks._upkeep(watch)


_running = clocks.running


def bound_to_its_finding(watch: Watch, seat: Seat) -> set[str]:
    resting = _resting_on(watch, seat)
    said = {str(made.finding) for made in watch.statements if made.keeper == seat.keeper}
    return resting | said if resting else resting


_resting_on = statements._resting_on


def survives_nothing(one: Wait, other: Wait) -> Wait:
    return one


def receives_nothing(watch: Watch, person: str) -> bool:
    return False


def last_call_on_writing(t: Turn, track: Track) -> None:
    _last_call_begins(t, track)
    t.set_track(t.watch.track(track.key) or track, wait=t.wait(t.watch.plan.last_call))


_last_call_begins = tracks.last_call_begins


def one_channel_is_enough(t: Turn) -> None:
    if isinstance(t.event, e.LetterTaken):
        t.event = changed(t.event, channels=9)
    _taken(t)


_taken = handover.taken


def one_channel_is_left(t: Turn) -> None:
    if not t.event.channels:
        _bounced(t)


_bounced = handover.bounced


def seat_back_alone(t: Turn) -> None:
    seat = t.watch.seat(t.event.keeper)
    t.seat_of_actor()
    if seat is None or seat.stage is not SeatStage.SUSPENDED:
        raise refuse("seat_stage")
    t.set_seat(seat, stage=SeatStage.SEASONED, restored_by=())
    t.note("restored", seat.keeper)


def practice_without_rest(t: Turn, practice: Practice) -> None:
    _practice_ends(t, changed(practice, asked=()))


_practice_ends = seats.practice_ends


def closing_forgets_late(t: Turn, credential: str) -> None:
    _begin_closing(t, credential)
    t.set(closing=changed(t.watch.closing, asked=True))


_begin_closing = passage.begin_closing
