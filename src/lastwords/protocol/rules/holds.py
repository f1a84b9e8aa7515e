"""Holds: all clocks stand. Each names who placed it, who can lift it, and when it ends by itself."""

from dataclasses import replace
from typing import NamedTuple

from lastwords.protocol.counting import FIT, is_fit, is_quorum, receives_words
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import CaseCause, Finding, HoldCause, Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import HOST, Hold, Statement, Watch

from .passage import begin_late, ends_by_strong_sign, hold_for_dissent, restart_stage


def place(t: Turn) -> None:
    """The hold switch of author, keeper or host; or, from the host alone, a clock that cannot be trusted. When a hold
    ends the wait begins again in full, so of a second one by the same person somebody else has to know (L1). One that
    nobody lifts opens a case, so whoever receives words needs a second keeper, as for an alarm (I11)."""
    event, watch = t.event, t.watch
    if event.cause not in (HoldCause.SWITCH, HoldCause.CLOCK):
        raise refuse("no_such_hold")
    if event.cause is HoldCause.CLOCK and event.by != HOST:
        raise refuse("only_the_host")
    if event.by not in (watch.author, HOST) and t.seat_of_actor().stage not in FIT:
        raise refuse("seat_does_not_count")
    if watch.hold(event.cause):
        raise refuse("hold_stands")
    if event.by in watch.held or _may_open_a_case(watch) and receives_words(watch, event.by):
        must_join_in(t, "hold_again")
    if event.by != HOST:
        t.set(held=tuple(sorted({*watch.held, event.by})))
    t.set(holds=(*watch.holds, Hold(event.cause, event.by, t.wait(watch.plan.longest_hold))))
    t.note("hold_placed", event.cause)
    t.letter(LetterKind.HOLD_PLACED, watch.author)
    if watch.case_open:
        t.to_keepers(LetterKind.HOLD_PLACED, alternates=True)


def _may_open_a_case(watch: Watch) -> bool:
    """Whether a switch or a clock that nobody lifts calls the keepers together."""
    return not watch.case_open and watch.stage in (Stage.WELL, Stage.LATE)


def must_join_in(t: Turn, alone: str) -> None:
    """A second keeper, other than the acting one, whose seat is heard, must have joined in. One of the two must be
    somebody who receives no words (I11)."""
    by, second = t.event.by, t.event.second
    if not second:
        raise refuse(alone)
    unfit = second == by or not is_fit(t.watch, second)
    if unfit or receives_words(t.watch, by) and receives_words(t.watch, second):
        raise refuse("second_unfit")


def lift(t: Turn) -> None:
    """Ends a hold by whoever placed it, or signs that a restore's may end. The author needs no more than this: a
    strong sign ends every hold but the host's, and whoever only holds the author's session must not undo what a
    keeper has stopped (I11)."""
    hold = t.watch.hold(t.event.cause)
    if hold is None:
        raise refuse("no_such_hold")
    if hold.cause is HoldCause.RESTORE:
        _sign_restore(t, hold)
    elif t.event.by != hold.placed_by:
        raise refuse("not_yours_to_lift")
    else:
        end(t, hold)


class Ends(NamedTuple):
    """What ends a hold before its time: the person who can lift it (or empty), a quorum of keepers, a strong sign."""

    lifted_by: str
    by_quorum: bool
    by_strong_sign: bool


def ends_by(watch: Watch, hold: Hold) -> Ends:
    """What ends this hold before its time."""
    restore = hold.cause is HoldCause.RESTORE
    quorum = restore and not watch.plan.timer_only
    return Ends("" if restore else hold.placed_by, quorum, ends_by_strong_sign(hold))


def _sign_restore(t: Turn, hold: Hold) -> None:
    """After a restore only people who know can go on: the author by a strong sign, or a quorum of keepers."""
    if t.watch.plan.timer_only or t.event.by in (t.watch.author, HOST):
        raise refuse("not_yours_to_lift")
    t.seat_of_actor()
    if t.event.by in hold.signed:
        raise refuse("signed_already")
    new = replace(hold, signed=tuple(sorted((*hold.signed, t.event.by))))
    t.set(holds=tuple(new if old is hold else old for old in t.watch.holds))
    t.note("hold_signed", t.event.by)
    settle_restore(t)


def settle_restore(t: Turn) -> None:
    """Ends a restore's hold when a quorum of keepers has signed that things can go on."""
    hold = t.watch.hold(HoldCause.RESTORE)
    if hold is not None and not t.watch.plan.timer_only and is_quorum(t.watch, hold.signed):
        end(t, hold)


def end_restore(t: Turn) -> None:
    """The author's strong sign ends a restore's hold, wherever nothing else follows from the sign."""
    hold = t.watch.hold(HoldCause.RESTORE)
    if hold is not None:
        end(t, hold)


def end(t: Turn, hold: Hold) -> None:
    """Takes a hold away; when it was the last, the stage's wait begins again in full. A *spoken with* lapses with its
    hold; another keeper's that still stands has a hold of its own from here on, or it would stand for ever."""
    t.set(holds=tuple(other for other in t.watch.holds if other != hold))
    t.note("hold_ended", hold.cause)
    if hold.cause is HoldCause.SPOKEN_WITH:
        t.set(statements=tuple(made for made in t.watch.statements if not _lapses_with(made, hold)))
        hold_for_dissent(t)
    if not t.watch.holds:
        restart_stage(t)


def _lapses_with(made: Statement, hold: Hold) -> bool:
    """What else the keeper has stated since is no part of the hold."""
    return made.keeper == hold.placed_by and made.finding is Finding.SPOKEN_WITH


def lapse(t: Turn, hold: Hold) -> None:
    """A hold has stood for its time. After a switch or a clock, keepers are called: someone must look, whatever else
    stands still."""
    end(t, hold)
    t.letter(LetterKind.HOLD_ENDED, t.watch.author)
    if hold.cause not in (HoldCause.SWITCH, HoldCause.CLOCK):
        return
    if _may_open_a_case(t.watch):
        t.open_case(CaseCause.HOLD)
        t.to_keepers(LetterKind.ALARM_RAISED)
        if t.watch.stage is Stage.WELL:
            begin_late(t, LetterKind.ALARM_ASKS)


def lift_for_author(t: Turn) -> None:
    """A strong sign in *well* lifts every hold that yields to the author."""
    kept = tuple(hold for hold in t.watch.holds if not ends_by_strong_sign(hold))
    if kept != t.watch.holds:
        t.set(holds=kept)
        t.note("holds_lifted")
