"""One round of the service's own work: what `passes` does over the port, and what needs the database and the folder."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from lastwords.protocol.moments import DAY, Moment

from . import (
    audit,
    clock,
    health,
    integrity,
    integrity_waits,
    lease,
    new_keys,
    outbox,
    passes,
    retention,
    settings,
    store,
    tamper,
)
from .integrity_waits import Fault
from .passes import Round

CHECKPOINT_EVERY = DAY


@contextmanager
def alone() -> Iterator[None]:
    """Only one process does rounds at a time, whichever it is: two would double the letters of a demonstration."""
    descriptor = os.open(settings.current().data / "rounds.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def run(*, pulse: bool, heard: Callable[[], bool], report: bool = False) -> Round:
    """One round. `pulse` says whether a pulse is due, `heard` finds out whether people can reach the service,
    `report` whether the health file is written too. A clock that has jumped is judged at once, before anything is dated
    by it, and nothing is thrown away for its age in that round. Of several hosts on one database only the one that
    keeps time pulses and does the daily work; all of them sweep and send."""
    box, door = outbox.here(), store.here()
    pulse = pulse or clock.here().is_doubted()
    who = lease.holder()
    keeps_time = lease.hold(who, clock.now().wall)
    done = passes.go(
        box,
        clock.here(),
        pulse=pulse,
        heard=heard,
        keeping_time=lambda: lease.fenced(who) if keeps_time else nullcontext(False),
        first=lambda now: _before(door, now) if keeps_time else None,
    )
    if done.pulsed and done.why not in passes.TELL_HOST:
        _daily(door, who, done.moment)
        retention.run(door, done.moment)
    if report:
        health.write(health.report())
    return done


def _before(door: store.Store, now: Moment) -> None:
    """What is written down before anyone is judged: what may be a stranger's doing, and new keys whose wait is over."""
    tamper.tell(door, now)
    new_keys.look(door, now)


def _daily(door: store.Store, who: str, now: Moment) -> None:
    """Once a day every log is verified (of very many an eighth), and the heads of those that have grown go into the
    host's log; an eighth of all else that is kept is looked at as well."""
    last = door.port.beats().get("checkpoint", 0)
    if 0 <= now.wall - last < CHECKPOINT_EVERY:
        return
    chosen = settings.current()
    due = integrity.due_parts(last, now.wall)
    verdicts, faults = audit.verify_as_can_be(chosen.heads, audit.parts_to_walk(due))
    found = [
        *(Fault("the heads file", fault) for fault in faults),
        *integrity.look(chosen, now, due),
    ]
    with lease.fenced(who) as still:
        # Verifying may take so long that another host keeps time by now, and does it as well.
        if not still:
            return
        audit.tell(door, verdicts, now)
        integrity.tell(door, found, now)
        audit.checkpoint(door, now)
        door.port.beat(now.wall, "checkpoint")
    integrity_waits.put_back(door, found, now)
