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
    """Writes to everybody it called: in a look of its own, so that the check-in itself does nothing more than any other
    and takes no longer."""
    t.set(force=changed(mark, told=True))
    for keeper in mark.called:
        t.letter(LetterKind.UNDER_FORCE, keeper, spoken=mark.since.wall)


def sign_free(t: Turn) -> None:
    """A keeper has spoken with the author. Those who were not called are told no more than that there is nothing."""
    mark = t.watch.force
    if mark is None or t.event.by not in mark.called:
        raise refuse("not_under_force")
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
