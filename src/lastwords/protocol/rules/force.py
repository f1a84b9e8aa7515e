"""The word under force: a check-in like any other, and a mark beside the stage that calls the keepers.

The mark stops nothing that its author could see. It bars the way to the words: no last call begins while it stands.
Two keepers who have spoken with the author lift it. A quorum of those it called, who have signed in a vigil that the
author died or cannot act, knows more than that, and it gives way to them; either way the stage's wait begins again.
"""

from lastwords.protocol.changed import changed
from lastwords.protocol.counting import stands
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.quiet import FREED_BY, as_seen
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import SeatStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Force

from . import signs
from .passage import restart_stage


def speak_in_well(t: Turn) -> None:
    t.event = as_seen(t.event)
    signs.in_well(t)
    lay(t)


def speak_in_late(t: Turn) -> None:
    t.event = as_seen(t.event)
    signs.in_late(t)
    lay(t)


def speak_in_vigil(t: Turn) -> None:
    t.event = as_seen(t.event)
    signs.in_vigil(t)
    lay(t)


def speak_in_closing(t: Turn) -> None:
    t.event = as_seen(t.event)
    signs.in_closing(t)
    lay(t)


def lay(t: Turn) -> None:
    """Lays the mark. A second word makes void what was signed since the first. Where fewer than two could lift it, it
    would bar the way for ever, so there the word is a check-in and no more. It calls nobody whose seat does not stand:
    whoever makes the author check in may have filled it, at an open session, to read of the word and to lift it."""
    called = tuple(keeper for keeper in t.reachable_keepers(alternates=True) if _stands(t, keeper))
    if t.watch.force is not None:
        t.set(force=Force(t.now, t.watch.force.called))
    elif not t.watch.plan.timer_only and len(called) >= FREED_BY:
        t.set(force=Force(t.now, called))


def _stands(t: Turn, keeper: str) -> bool:
    seat = t.watch.seat(keeper)
    return seat is not None and stands(seat)


def tell_keepers(t: Turn, mark: Force) -> None:
    """Writes to everybody it called and has not told: in a look of its own, so that the check-in itself does nothing
    more than any other and takes no longer, and no row that its author may read names the letter."""
    t.set(force=changed(mark, told=mark.called))
    for keeper in mark.called:
        if keeper not in mark.told:
            t.letter(LetterKind.UNDER_FORCE, keeper, spoken=mark.since.wall)


def hand_on(t: Turn, leaving: str, successor: str) -> None:
    """Whoever follows somebody whom it has called is called in their place: it gives way to a quorum of those it
    called, and must not stand for ever because they left. What the leaving keeper signed goes with them, or one seat
    would count for two. A successor who was called already has a word of their own, so nothing changes."""
    mark = t.watch.force
    if mark is None or leaving not in mark.called or successor in mark.called:
        return
    t.set(
        force=changed(
            mark,
            called=tuple(sorted({*mark.called, successor} - {leaving})),
            told=tuple(keeper for keeper in mark.told if keeper != leaving),
            signed=tuple(one for one in mark.signed if one[0] != leaving),
        )
    )


def sign_free(t: Turn) -> None:
    """A keeper has spoken with the author. Those who were not called are told no more than that there is nothing."""
    mark = t.watch.force
    if mark is None or t.event.by not in mark.called:
        raise refuse("not_under_force")
    seat = t.watch.seat(t.event.by)
    if seat is not None and seat.stage is SeatStage.ACCEPTED:  # new keys, of which nobody has made sure yet
        raise refuse("seat_does_not_count")
    if t.event.by in dict(mark.signed):
        raise refuse("signed_already")
    t.set(force=changed(mark, signed=(*mark.signed, (t.event.by, t.event.document))))
    if len(mark.signed) + 1 >= FREED_BY:
        lift(t)


def lift(t: Turn) -> None:
    """Takes the mark away. From here on the log says what was signed, and the stage's wait begins again in full."""
    mark = t.watch.force
    assert mark is not None
    t.set(force=None)
    t.note("force_ended")
    for keeper, document in mark.signed:
        t.note("freed_by", f"{keeper} {document}")
    for keeper in mark.called:
        t.letter(LetterKind.UNDER_FORCE, keeper, spoken=mark.since.wall, ended=1)
    if not t.watch.holds:
        restart_stage(t)
