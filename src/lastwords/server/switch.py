"""The host's hold switch: all clocks of a watch stand still, or of every watch, until the host lets them go on.

It is pressed by a person and by nothing else. A clock that jumped earns nothing, which alone keeps every wait from
ending sooner; a hold on every watch for each correction of a time service would call keepers out for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lastwords.protocol.events import Event, LiftHold, PlaceHold
from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import HOST, Hold

from .refusals import ServerRefused
from .store import Store


@dataclass(slots=True)
class Switched:
    """The watches where it was done, with the holds that stand in each now; and those where it was refused, each with
    the reason."""

    done: dict[str, tuple[Hold, ...]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def press(door: Store, authors: Iterable[str], cause: HoldCause, *, lift: bool) -> Switched:
    """Places a hold on each watch, or lifts the one that the host has placed. One that refuses stops no other."""
    switched = Switched()
    for author in authors:
        event: Event = LiftHold(HOST, cause) if lift else PlaceHold(HOST, cause)
        try:
            switched.done[author] = door.act(author, event).watch.holds
        except ServerRefused as refused:
            switched.refused[author] = refused.happened
    return switched


def all_armed(door: Store) -> tuple[str, ...]:
    """The authors whose plan is in force: the others have no clocks that run."""
    found = []
    for author in door.port.authors():
        try:
            if door.read(author).armed:
                found.append(author)
        except ServerRefused:
            continue  # set aside or unreadable: it stands still anyway, and the host has its own letter about that
    return tuple(found)
