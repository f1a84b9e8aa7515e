"""The sweep: lets time pass for every watch that is due, in bounded pages, one step each, each for itself.

A page is read at once, judged watch by watch, and written in one transaction; a watch that cannot go with the others
is done by itself, and costs them nothing but its own turn. Several processes may sweep one database: each takes the
turns of a page by locking its rows, and passes over what another is at. No watch is stepped twice for one place in the
queue.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lastwords.protocol.effects import Step
from lastwords.protocol.events import Look
from lastwords.protocol.moments import Moment

from .port import Due
from .refusals import Busy, Unknown, Unreadable
from .store import Act, Store

BATCH = 400
"""Watches of one page: written in one transaction, for so long another writer of SQLite waits."""
FIRST = 40
"""Watches of a burst's first page: nobody's letter waits for more than these to be looked at."""
MOST = 2_000
"""Watches looked at in one pass; what is left is first in the next."""
FEW = 8
"""Fewer than these are done one at a time: in that there is nothing to gain."""


@dataclass(slots=True)
class Swept:
    """What one pass did: watches looked at, those that moved, and those that had to be set aside."""

    looked: int = 0
    moved: int = 0
    set_aside: int = 0


def sweep(
    store: Store,
    now: Moment,
    *,
    batch: int = BATCH,
    first: int = BATCH,
    most: int = MOST,
    between: Callable[[], object] = lambda: None,
) -> Swept:
    """One pass at `now`. No watch is stepped twice in it, and none can keep another from its turn. `between` is called
    between two pages, of which the first may be smaller (`first`): what one has written may leave before the next is
    looked at."""
    swept = Swept()
    after: Due | None = None
    page = min(first, batch)
    while (limit := min(page, most - swept.looked)) > 0:
        if after is not None:
            between()
        places = store.port.due(now.wall, limit, after)
        swept.looked += len(places)
        for place in places if len(places) < FEW else _page(store, places, now, swept):
            _alone(store, place, now, swept)
        if len(places) < limit:
            break
        after, page = places[-1], batch
    store.port.beat(now.wall, "sweep")
    return swept


@contextmanager
def unsorted() -> Iterator[None]:
    """Nothing is looked for that only holds itself: a page makes tens of thousands of small records, none of which do,
    and to go through them again and again takes a third of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


@unsorted()
def _page(store: Store, places: Sequence[Due], now: Moment, swept: Swept) -> list[Due]:
    """All of these at once. Returns the places of those that are to be done by themselves."""
    with store.port.turns(places) as page:
        outcomes = store.act_all([Act(kept.author, Look()) for kept in page], page, now)
    left, damaged = set(), {}
    for kept, outcome in zip(page, outcomes, strict=True):
        if isinstance(outcome, Step):
            swept.moved += outcome.row is not None
        elif isinstance(outcome, Unreadable):
            damaged[kept.author] = outcome.happened
        else:
            left.add(kept.author)
    if damaged:
        store.set_aside_all(damaged, now)
        swept.set_aside += len(damaged)
    return [place for place in places if place.author in left]


def _alone(store: Store, place: Due, now: Moment, swept: Swept) -> None:
    try:
        with store.port.turn(place) as ours:
            if ours:
                swept.moved += store.look(place.author, now).row is not None
    except Unreadable as error:
        store.set_aside(place.author, error.happened, now)
        swept.set_aside += 1
    except (Busy, Unknown):
        pass  # someone is writing to it at this moment; it is still due in the next pass
