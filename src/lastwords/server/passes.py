"""What a round does over the port alone: a pulse, what people must hear of it, the sweep, the outbox, in that order;
and what a restored past is told before the first one.

No database, no file and no clock of its own stands here: whoever brings a store, an outbox and something that pulses
runs the rounds that the service runs.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from lastwords.protocol.changed import made_at_once
from lastwords.protocol.events import Restore
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import GONE
from lastwords.protocol.watch import HOST

from . import credit, sweep
from .credit import Pulsed
from .letters import HostLetter
from .outbox import MOST_PASSES, NOTHING, Outbox, Passed
from .port import Outgoing
from .refusals import ServerRefused, Unreadable
from .store import RefusedStep, Store
from .sweep import Swept

TELL_HOST = (credit.DISAGREE, credit.BACKWARDS)
"""Reasons that a person should look at; the others happen at every restart or are seen on the health page."""


class Pulser(Protocol):
    """What tells time and earns credit."""

    def now(self) -> Moment: ...

    def pulse(self, *, way_out: bool, heard: bool) -> Pulsed: ...


@made_at_once
@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    moment: Moment
    earned: int
    """Seconds of credit; 0 when no pulse was due or it earned nothing."""
    why: str
    """Why the pulse earned nothing; empty otherwise."""
    looked: int
    moved: int
    accepted: int
    no_way_out: str
    more: bool
    """Whether something is left that can be done at once."""
    pulsed: bool
    """Whether this process made a pulse: of several on one database only the one that keeps time does."""


def go(
    box: Outbox,
    clock: Pulser,
    *,
    pulse: bool,
    heard: Callable[[], bool],
    keeping_time: Callable[[], AbstractContextManager[bool]] = lambda: nullcontext(True),
    first: Callable[[Moment], None] = lambda now: None,
) -> Round:
    """One round. `pulse` says whether a pulse is due, `heard` finds out whether people can reach the service;
    `keeping_time` gives, for as long as a pulse takes, whether this process is the one that makes them; `first` is
    what has to be written down before anyone is judged."""
    door = box.store
    no_way_out = box.probe() if pulse else ""
    pulsed = _pulse(door, clock, no_way_out, heard(), keeping_time) if pulse else None
    now = pulsed.moment if pulsed else clock.now()
    first(now)
    swept, passed = look_and_send(box, now)
    worked = passed.accepted > 0 or (pulse and not no_way_out)
    door.port.beat(now.wall, "outbox", *(["mail"] if worked else []))
    return Round(
        now,
        pulsed.earned.credit if pulsed else 0,
        pulsed.earned.why if pulsed else "",
        swept.looked,
        swept.moved,
        passed.accepted,
        passed.no_way_out,
        passed.more or swept.looked >= sweep.MOST,
        pulsed is not None,
    )


def look_and_send(
    box: Outbox, now: Moment, *, page: int = sweep.BATCH, most: int = MOST_PASSES
) -> tuple[Swept, Passed]:
    """Everybody who is due, and then letters. The first letters of a burst leave after its first page, which is a
    small one: nobody waits for word until all the others have been looked at too."""
    passed = NOTHING

    def send() -> None:
        nonlocal passed
        if not passed.no_way_out:
            passed = passed.and_then(box.run(now))

    swept = sweep.sweep(box.store, now, batch=page, first=sweep.FIRST, between=send)
    if not passed.no_way_out:
        passed = passed.and_then(box.run_all(now, most))
    return swept, passed


def _pulse(
    door: Store,
    clock: Pulser,
    no_way_out: str,
    heard: bool,
    keeping_time: Callable[[], AbstractContextManager[bool]],
) -> Pulsed | None:
    """A pulse, and what people must hear of it; None when another process keeps time."""
    with keeping_time() as mine:
        if not mine:
            return None
        pulsed = clock.pulse(way_out=not no_way_out, heard=heard)
        if pulsed.stood < 0:
            # What was dated by a clock that was ahead would wait until it is right.
            door.port.awaken(pulsed.moment.wall)
        _tell(door, pulsed, no_way_out)
    return pulsed


def _tell(door: Store, pulsed: Pulsed, no_way_out: str) -> None:
    """Writes into the host's log when the reason for earning changes, and letters when people must know."""
    why, now = pulsed.earned.why, pulsed.moment
    if why and (why != pulsed.before or why in (*TELL_HOST, credit.GAP, credit.RESTARTED)):
        letters: tuple[Outgoing, ...] = ()
        if why in TELL_HOST:
            letters = tuple(
                door.host_letter(HostLetter.CLOCK_DOUBTED, host, now, why=_words(why))
                for host in door.port.hosts()
            )
        door.host_row("no_credit", now, letters, why=why, stood=pulsed.stood, detail=no_way_out)
    elif pulsed.before and not why:
        door.host_row("credit_again", now, why=pulsed.before)
    if pulsed.stall_found:
        _tell_stall(door, pulsed)


def _tell_stall(door: Store, pulsed: Pulsed) -> None:
    """Thirty days without credit: hosts and the keepers of every armed watch hear of it, or L1 would die quietly."""
    now = pulsed.moment
    letters = [
        door.host_letter(HostLetter.CREDIT_STALLED, host, now, why=_words(pulsed.earned.why))
        for host in door.port.hosts()
    ]
    for author in door.port.authors():
        try:
            watch = door.read(author)
        except ServerRefused:
            continue  # set aside or unreadable: the host has its own letter about that
        if watch.armed:
            letters += [
                door.host_letter(
                    HostLetter.CREDIT_STALLED, seat.keeper, now, author=author, why=_words(pulsed.earned.why)
                )
                for seat in watch.seats
                if seat.stage not in GONE
            ]
    door.host_row("credit_stalled", now, tuple(letters), stalled=pulsed.stalled, why=pulsed.earned.why)


def _words(why: str) -> str:
    return why.replace("_", " ")


# A restored past.


def tell_restored(door: Store, now: Moment, why: str) -> int:
    """Tells every watch that it comes from a backup. Returns how many could be told; a watch that cannot be read is set
    aside. Raises Busy or Unwritable when the database takes nothing at this moment: it is then done again for all of
    them, since to be told twice is harmless, and to be set aside for that is not."""
    door.host_row("restored", now, why=why)
    told = 0
    for author in door.port.authors():
        try:
            door.act(author, Restore(HOST), now=now)
            told += 1
        except RefusedStep:
            continue  # a draft has nothing to void
        except Unreadable as error:
            door.set_aside(author, error.happened, now)
    return told
