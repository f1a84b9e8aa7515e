"""What is told to some and not to others: the two marks that lie beside the stage, and a watch without them.

An author who is made to check in, and a keeper who is made to answer, do it under somebody's eyes. So the event that
says so is the ordinary one for everybody who may be made to show it. What it means beside that is a mark on the watch,
and here is who reads a watch with which marks on it. Erasing the mark of a word under force and taking a step can be
done in either order and give the same: `simulate.forced` looks at every state of its worlds for that. So nothing that
an author reads can differ, and nothing comes sooner.
"""

from operator import attrgetter

from .changed import changed
from .events import CheckIn, Event, MakeStatement, SpeakUnderForce, StepBackUnseen
from .stages import CaseCause, Finding, Strength
from .watch import Case, Watch

_ASIDE = attrgetter("aside")
FREED_BY = 2
"""Keepers who have spoken with the author, before a word under force is lifted."""


def as_seen(event: Event) -> Event:
    """The event as everybody may read it: the ordinary one in the place of either quiet one."""
    if isinstance(event, SpeakUnderForce):
        return CheckIn(event.by, Strength.STRONG, event.credential)
    if isinstance(event, StepBackUnseen):
        finding = Finding.COULD_NOT_FIND_OUT
        bound = (event.case, event.epoch, event.plan_version)
        return MakeStatement(event.by, finding, event.evidence, *bound, event.heads)
    return event


def unmarked(watch: Watch) -> Watch:
    """The watch without either mark: what its author reads, and what the rows of the log name."""
    if watch.force is None and not any(map(_ASIDE, watch.seats)):
        return watch
    seats = tuple(changed(seat, aside=None) if seat.aside else seat for seat in watch.seats)
    return changed(watch, force=None, seats=seats)


def seen_by(watch: Watch, person: str) -> Watch:
    """The watch as this person may read it. Whoever was called by a word under force sees a case for it; a keeper who
    stepped back sees their own seat as it was. Nobody's stepping back is shown, though it counts where others count."""
    if person == watch.author:
        return unmarked(watch)
    seats = tuple(
        changed(seat, aside=None) if seat.aside and seat.keeper == person else seat for seat in watch.seats
    )
    seen = watch if seats == watch.seats else changed(watch, seats=seats)
    mark = watch.force
    if mark is None:
        return seen
    if person not in mark.called:
        return changed(seen, force=None)
    if seen.case_open:
        return seen
    number = seen.case.number + 1 if seen.case else 1
    case = Case(number, CaseCause.FORCE, mark.since, called=mark.called, called_at=mark.since)
    return changed(seen, case=case)
