"""Alarms and trips. An alarm asks the author now and calls the keepers together; it shortens no wait (I11)."""

from lastwords.protocol.counting import FIT, receives_words
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Wait
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import CaseCause, Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Seat, Trip, Watch

from .holds import must_join_in
from .passage import begin_late


def raise_alarm(t: Turn) -> None:
    """In *well*: a case opens and the author is asked. In *late*: the case opens and the wait is left alone."""
    _may_raise(t)
    _call_together(t, CaseCause.ALARM)


def note_alarm(t: Turn) -> None:
    """In a vigil or a closing everyone is called already: an alarm is an entry, once of each person until the keepers
    are asked anew. Any seat may press it, verified or not, and each row is kept for ever."""
    if t.event.by != t.watch.author:
        t.seat_of_actor()
    raised = f"alarm {t.event.by}"
    if raised not in t.watch.tasked:
        t.set(tasked=tuple(sorted({*t.watch.tasked, raised})))
        t.note("alarm")


def trip_overdue(t: Turn, trip: Trip) -> None:
    _call_together(t, CaseCause.TRIP)


def _call_together(t: Turn, cause: CaseCause) -> None:
    t.note("alarm", cause)
    if not t.watch.case_open:
        t.open_case(cause)
        t.to_keepers(LetterKind.ALARM_RAISED, but=t.event.by)
    if t.watch.stage is Stage.WELL:
        begin_late(t, LetterKind.ALARM_ASKS)


def _may_raise(t: Turn) -> None:
    if t.event.by == t.watch.author:
        return
    seat = t.seat_of_actor()
    if seat.stage not in FIT:
        raise refuse("seat_does_not_count")
    again = seat.alarmed is not None and not Wait(seat.alarmed, t.watch.plan.alarm_rest).over(t.now)
    # Who receives words needs a second keeper from the first alarm on (I11), in the same words as everybody else
    # from the second: the refusal does not tell them that there are words.
    if again or receives_words(t.watch, seat.keeper):
        must_join_in(t, "alarm_stands" if _stands(t.watch, seat) else "alarm_again")
    t.set_seat(seat, alarmed=t.now)


def _stands(watch: Watch, seat: Seat) -> bool:
    """The open case has this keeper's alarm already: whoever never heard the answer to it gives it once more."""
    if not watch.case_open or watch.case is None or seat.alarmed is None:
        return False
    return seat.alarmed.credit >= watch.case.opened.credit


def set_trip(t: Turn) -> None:
    """A dated absence: the check-in falls due at the return time plus the extra time."""
    t.must_be_author()
    ahead = t.event.back - t.now.wall
    if ahead <= 0 or t.event.extra < 0 or ahead + t.event.extra > t.watch.plan.longest_trip:
        raise refuse("trip_terms")
    wait = t.wait(ahead + t.event.extra)
    t.set(trip=Trip(t.event.back, t.event.extra, wait), last_sign=t.now, weak_in_row=0, reminded=False)
    t.note("trip_set", str(t.event.back))
