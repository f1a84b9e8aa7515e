"""The sweep: lets time pass for every watch that is due, in bounded batches, one step each, each for itself.

Several processes may sweep one database: each takes a watch's turn by locking its row, and passes over what another is
at. No watch is stepped twice for one place in the queue.
"""

from dataclasses import dataclass

from lastwords.protocol.moments import Moment

from .port import Due
from .refusals import Busy, Unknown, Unreadable
from .store import Store

BATCH = 100
MOST = 2_000
"""Watches looked at in one pass; what is left is first in the next."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one pass did: watches looked at, those that moved, and those that had to be set aside."""

    looked: int = 0
    moved: int = 0
    set_aside: int = 0


def sweep(store: Store, now: Moment, *, batch: int = BATCH, most: int = MOST) -> Swept:
    """One pass at `now`. No watch is stepped twice in it, and none can keep another from its turn."""
    looked = moved = aside = 0
    after: Due | None = None
    while looked < most:
        places = store.port.due(now.wall, min(batch, most - looked), after)
        if not places:
            break
        for place in places:
            looked += 1
            after = place
            try:
                with store.port.turn(place) as ours:
                    if ours:
                        moved += store.look(place.author, now).row is not None
            except Unreadable as error:
                store.set_aside(place.author, error.happened, now)
                aside += 1
            except (Busy, Unknown):
                continue  # someone is writing to it at this moment; it is still due in the next pass
    store.port.beat(now.wall, "sweep")
    return Swept(looked, moved, aside)
