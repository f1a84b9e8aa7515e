"""Work in a case: entries, answered calls. Everything here is written down and moves nothing."""

from lastwords.protocol.clocks import waits_to_be_called
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import refuse
from lastwords.protocol.retention import forgettable
from lastwords.protocol.stages import Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import HOST, Case, Seat


def seat_in_case(t: Turn) -> Seat:
    """The actor's seat, if the case is theirs to know of: to an alternate who was not called there is none."""
    seat = t.seat_of_actor()
    if seat.alternate and (t.watch.case is None or seat.keeper not in t.watch.case.called):
        raise refuse("no_case")
    return seat


def reopen(t: Turn) -> None:
    """A case that a quorum had ended goes on: words wait for somebody again, or the author is said to live."""
    case = t.watch.case
    if case is not None and case.ended:
        t.set_case(closed=None, ended=False, ended_by=())
        t.note("case_opened", case.cause)


def note_in_case(t: Turn) -> None:
    """An entry by a keeper, or by the author who has come back. Bodies are sealed; only their hash is known here."""
    if not t.watch.case_open:
        raise refuse("no_case")
    if t.event.by != t.watch.author:
        seat_in_case(t)
    t.note(t.event.kind, t.event.entry)


def call(t: Turn) -> None:
    """A keeper, or the author who is back, calls an alternate in at once."""
    if not t.watch.case_open:
        raise refuse("no_case")
    if t.event.by != t.watch.author:
        seat_in_case(t)
    seat = t.watch.seat(t.event.keeper)
    if seat is None or not waits_to_be_called(t.watch, seat):
        raise refuse("not_to_be_called")
    alternate_called(t, seat)


def alternate_called(t: Turn, seat: Seat) -> None:
    """The alternate joins the case: its letters, its audience and its work, but never the count."""
    t.call_in(seat.keeper)
    t.set_case(called_at=t.now)
    t.note("alternate_called", seat.keeper)
    vigil = t.watch.stage is Stage.VIGIL
    kind = LetterKind.KEEPER_CALLED if vigil else LetterKind.ALARM_RAISED
    released = t.now.wall + (t.watch.plan.last_call if vigil else t.watch.plan.least)
    t.letter(kind, seat.keeper, round=t.watch.asking if vigil else 0, released=released)


def seal_sheet(t: Turn) -> None:
    """A sheet for the keepers lies at the host, sealed to them. It is part of what is frozen while a case is open: a
    stranger with the author's phone must not send the keepers the wrong way."""
    t.must_be_author()
    t.note("sheet_sealed", t.event.sheet)


def keep_case(t: Turn) -> None:
    """The author asks that the entries of a case stay. A case that is still open can be kept too."""
    t.must_be_author()
    _check_case(t)
    t.note("case_kept", str(t.event.case))


def forget_case(t: Turn) -> None:
    """The entries of a closed case go when their time has run on both clocks. The newest case's own mark decides; of
    an older one only the log knows when it closed."""
    if t.event.by != HOST:
        raise refuse("only_the_host")
    newest = _check_case(t)
    closed = newest.closed if t.event.case == newest.number else t.event.closed
    if closed is None or not forgettable(closed, t.now):
        raise refuse("case_remembered")
    t.note("case_forgotten", str(t.event.case))


def _check_case(t: Turn) -> Case:
    """The newest case, after checking that the one named is it or an older one."""
    case = t.watch.case
    if case is None or not 1 <= t.event.case <= case.number:
        raise refuse("no_case")
    return case


def answer_call(t: Turn) -> None:
    if not t.watch.case_open:
        raise refuse("no_case")
    keeper = seat_in_case(t).keeper
    case = t.watch.case
    assert case is not None
    if keeper in case.answered:
        raise refuse("signed_already")
    t.set_case(answered=tuple(sorted({*case.answered, keeper})))
    t.note("answered", keeper)
