"""What keepers sign, what it sets off, and how it is taken back. A finding counts only where the tracks say so."""

from lastwords.protocol.changed import changed
from lastwords.protocol.counting import dissents, is_fit, supporters
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import Evidence, Finding, HoldCause, SeatStage, Stage, TrackStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Seat, Statement, Watch

from .casework import reopen, seat_in_case
from .holds import end
from .passage import begin_late, hold_for_dissent, reached, recall, void_statements


def make(t: Turn) -> None:
    """Records one keeper's statement in place of any earlier one of theirs. Where words were released on the earlier
    one, only such takes its place as they rest on as well: who could not act may have died since, and words for that
    day still wait. Nothing was taken back then, so the shares given with the earlier one stay."""
    seat = seat_in_case(t)
    if t.event.finding is Finding.SPOKEN_WITH and is_fit(t.watch, seat.keeper):
        reopen(t)
    _check_case(t)
    _check_binding(t)
    event = t.event
    if event.finding in (Finding.DIED, Finding.CANNOT_ACT) and event.evidence is Evidence.RUMOUR:
        raise refuse("rumour")
    statement = Statement(event.by, event.finding, event.evidence, tuple(sorted(event.heads)), t.now)
    resting = _resting_on(t.watch, seat)
    if event.finding is Finding.SPOKEN_WITH:
        _check_spoken(t, seat)
    elif not resting <= _resting_on(_with(t.watch, statement), seat):
        raise refuse("already_released")
    if event.finding is Finding.SPOKEN_WITH or not resting:
        _drop(t, seat)
    t.set(statements=_with(t.watch, statement).statements)
    t.note("stated", event.finding)
    t.letter(LetterKind.STATEMENT_MADE, t.watch.author)
    if event.finding is Finding.SPOKEN_WITH and is_fit(t.watch, event.by):
        hear_dissent(t)
    settle(t)
    if t.watch.stage is Stage.VIGIL:
        reached(t, event.by)


def retract(t: Turn) -> None:
    """A keeper takes a statement back; the share given with it is deleted."""
    seat = seat_in_case(t)
    _check_case(t)
    if not any(made.keeper == seat.keeper for made in t.watch.statements):
        raise refuse("no_statement")
    if _resting_on(t.watch, seat):
        raise refuse("already_released")
    _drop(t, seat)
    t.note("retracted", seat.keeper)
    settle(t)


def settle(t: Turn) -> None:
    """After anything that may have undone a quorum: last calls whose quorum fell go back to asked."""
    if t.watch.plan.timer_only:
        return
    for track in t.watch.tracks:
        if track.stage is TrackStage.LAST_CALL and len(supporters(t.watch, track)) < t.watch.plan.quorum:
            t.move_track(track, "quorum_undone")
            t.note("last_call_undone", track.key)


def _check_case(t: Turn) -> None:
    """In *late* there is a case only after an alarm, and one that has closed takes no more statements."""
    if not t.watch.case_open:
        raise refuse("no_case")


def _check_binding(t: Turn) -> None:
    """A statement is bound to case, epoch, plan version and the newest manifest of every track it names."""
    event, watch = t.event, t.watch
    assert watch.case is not None
    bound = (event.case, event.epoch, event.plan_version)
    if bound != (watch.case.number, watch.epoch, watch.plan.version):
        raise refuse("stale_statement")
    newest = {(track.key, *track.manifest) for track in watch.tracks if track.bears_words}
    if not set(event.heads) <= newest:
        raise refuse("stale_statement")
    finds = event.finding in (Finding.DIED, Finding.CANNOT_ACT)
    if finds and newest and not event.heads:
        raise refuse("stale_statement")


def _check_spoken(t: Turn, seat: Seat) -> None:
    """Once per keeper and case; a second one needs a second keeper who has spoken with the author too."""
    case = t.watch.case
    assert case is not None
    if any(s.keeper == seat.keeper and s.finding is Finding.SPOKEN_WITH for s in t.watch.statements):
        raise refuse("signed_already")
    if seat.keeper in case.spoken and not dissents(t.watch):
        raise refuse("spoken_already")


def _with(watch: Watch, new: Statement) -> Watch:
    """The watch with this statement in place of its keeper's earlier one."""
    others = (made for made in watch.statements if made.keeper != new.keeper)
    return changed(watch, statements=tuple(sorted((*others, new), key=lambda made: made.keeper)))


def _resting_on(watch: Watch, seat: Seat) -> set[str]:
    """The released words that rest on this seat's statement, whatever has become of the seat since: a suspended keeper,
    or one who is silent themselves, does not get back a share that was given. Words opened before the author last came
    home were released on older statements, and their mark is gone."""
    if not any(track.released for track in watch.tracks):
        return set()
    then = changed(seat, stage=SeatStage.SEASONED)
    if seat.stage in (
        SeatStage.ACCEPTED,
        SeatStage.SUCCEEDED,
    ):  # new keys, or a new keeper: what they proved is gone
        proven = tuple((track.key, track.share_set) for track in watch.tracks if track.released)
        then = changed(then, receipts=proven)
    seats = tuple(then if one.keeper == seat.keeper else one for one in watch.seats)
    as_then = changed(watch, silent=(), seats=seats)
    return {
        track.key for track in watch.tracks if track.released and seat.keeper in supporters(as_then, track)
    }


def leave(t: Turn, seat: Seat) -> None:
    """A keeper passes their seat on: their statement and its shares go, unless words were released on them."""
    if not _resting_on(t.watch, seat):
        _drop(t, seat)


def _drop(t: Turn, seat: Seat) -> None:
    """Forgets a keeper's standing statement, its shares, and the hold it may have placed."""
    mine = [made for made in t.watch.statements if made.keeper == seat.keeper]
    if not mine:
        return
    t.set(statements=tuple(made for made in t.watch.statements if made.keeper != seat.keeper))
    if mine[0].finding in (Finding.DIED, Finding.CANNOT_ACT):
        t.shred(seat.keeper)
        due = {track.key for track in t.watch.tracks if track.bears_words} | set(t.watch.keys_due)
        t.set(keys_due=tuple(sorted(due)))
    hold = t.watch.hold(HoldCause.SPOKEN_WITH)
    if hold and hold.placed_by == seat.keeper:
        end(t, hold)


def hear_dissent(t: Turn) -> None:
    """One *spoken with* holds the vigil for a time; two end it, back to *late* with full waits, and are used up: what
    is out and not opened is taken back, or one keeper alone could tell of it afterwards. Also asked when a seat that
    was not heard is heard again, or its *spoken with* would stand without a hold, for ever."""
    case = t.watch.case
    if t.watch.stage not in (Stage.LATE, Stage.VIGIL) or case is None or not t.watch.case_open:
        return
    heard = {made.keeper for made in dissents(t.watch)}
    t.set_case(spoken=tuple(sorted({*case.spoken, *heard})))
    if len(heard) >= 2:
        void_statements(t)
        recall(t)
        t.set_case(ended_by=())
        t.set(holds=tuple(hold for hold in t.watch.holds if hold.cause is not HoldCause.SPOKEN_WITH))
        t.note("vigil_ended", Finding.SPOKEN_WITH)
        begin_late(t, LetterKind.ALARM_ASKS)
    elif hold_for_dissent(t):
        t.letter(LetterKind.HOLD_PLACED, t.watch.author)
        t.to_keepers(LetterKind.HOLD_PLACED, but=t.event.by, alternates=True)
