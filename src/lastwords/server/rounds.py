"""One round of the service's own work: pulse, sweep, outbox, in that order; and what it tells the host on the way."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lastwords.protocol.moments import DAY, Moment

from . import audit, clock, health, lease, outbox, retention, settings, store, sweep, tamper
from .clock import Pulsed
from .letters import HostLetter
from .port import Outgoing
from .refusals import ServerRefused

CHECKPOINT_EVERY = DAY
TELL_HOST = (clock.DISAGREE, clock.BACKWARDS)
"""Reasons that a person should look at; the others happen at every restart or are seen on the health page."""


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
    `report` whether the health file is written too. Of several hosts on one database only the one that keeps time
    pulses and does the daily work; all of them sweep and send."""
    box, door = outbox.here(), store.here()
    who = lease.holder()
    keeps_time = lease.hold(who, clock.now().wall)
    no_way_out = box.probe() if pulse else ""
    pulsed = _pulse(door, who, no_way_out, heard()) if pulse and keeps_time else None
    now = pulsed.moment if pulsed else clock.now()
    if keeps_time:
        tamper.tell(door, now)
    swept = sweep.sweep(door, now)
    passed = box.run_all(now)
    worked = passed.accepted > 0 or (pulse and not no_way_out)
    door.port.beat(now.wall, "outbox", *(["mail"] if worked else []))
    if pulsed:
        _daily(door, who, now)
        retention.run(door, now)
    if report:
        health.write(health.report())
    return Round(
        now,
        pulsed.earned.credit if pulsed else 0,
        pulsed.earned.why if pulsed else "",
        swept.looked,
        swept.moved,
        passed.accepted,
        passed.no_way_out,
    )


def _pulse(door: store.Store, who: str, no_way_out: str, heard: bool) -> Pulsed | None:
    """A pulse, and what people must hear of it; None when another host keeps time by now."""
    with lease.fenced(who) as still:
        if not still:
            return None
        pulsed = clock.here().pulse(way_out=not no_way_out, heard=heard)
        _tell(door, pulsed, no_way_out)
    return pulsed


def _tell(door: store.Store, pulsed: Pulsed, no_way_out: str) -> None:
    """Writes into the host's log when the reason for earning changes, and letters when people must know."""
    why, now = pulsed.earned.why, pulsed.moment
    if why and (why != pulsed.before or why in (*TELL_HOST, clock.GAP, clock.RESTARTED)):
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


def _tell_stall(door: store.Store, pulsed: Pulsed) -> None:
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
                if seat.stage not in store.GONE
            ]
    door.host_row("credit_stalled", now, tuple(letters), stalled=pulsed.stalled, why=pulsed.earned.why)


def _words(why: str) -> str:
    return why.replace("_", " ")


def _daily(door: store.Store, who: str, now: Moment) -> None:
    """Once a day every log is verified, and the heads of those that have grown go into the host's log."""
    if now.wall - door.port.beats().get("checkpoint", 0) < CHECKPOINT_EVERY:
        return
    verdicts = audit.verify_all(settings.current().heads)
    with lease.fenced(who) as still:
        # Verifying may take so long that another host keeps time by now, and does it as well.
        if not still:
            return
        for verdict in verdicts:
            if not verdict.whole:
                letters = tuple(
                    door.host_letter(
                        HostLetter.LOG_NOT_WHOLE, host, now, log=verdict.name, fault=verdict.faults[0]
                    )
                    for host in door.port.hosts()
                )
                door.host_row("log_not_whole", now, letters, log=verdict.name, fault=verdict.faults[0])
        audit.checkpoint(door, now)
        door.port.beat(now.wall, "checkpoint")
