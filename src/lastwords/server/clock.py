"""The only reading of time, and the only writer of credit.

Every pulse compares how far two clocks went since the last one: the wall clock, which anyone may set, and the boot-time
clock, which counts sleep and cannot be set. Credit grows by the shorter of the two and only when the service could
have heard the author and written to them all along. Whatever is doubtful earns nothing, and says so in the host's log.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.db import connection, transaction

from lastwords.protocol.moments import DAY, Moment

from . import models, settings

DISAGREEMENT = 120
"""Seconds by which the two clocks may drift apart between pulses before neither is believed."""
STALL = 30 * DAY
"""Seconds of pulses that earn nothing after which people are told: a silent stall would last for ever."""

ONE = 1
"""The number of the only row of credit."""

GAP = "gap"
DISAGREE = "clocks_disagree"
RESTARTED = "machine_restarted"
BACKWARDS = "wall_backwards"
NO_WAY_OUT = "no_way_out"
DEAF = "not_reachable"
FIRST = "first_pulse"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the machine's clocks say: UTC seconds, seconds since boot (sleep included), and which boot it was."""

    wall: int
    boot_time: int
    boot_id: str


class Source(Protocol):
    """Where readings come from."""

    def read(self) -> Reading: ...


class Machine:
    """The machine's own clocks."""

    def __init__(self) -> None:
        self._boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()

    def read(self) -> Reading:
        return Reading(int(time.time()), int(time.clock_gettime(time.CLOCK_BOOTTIME)), self._boot_id)


class Shared:
    """The wall clock of the database, with the machine's own boot-time clock: hosts on several machines date
    everything by one clock, and each of them still judges it by one that nobody can set."""

    def __init__(self, machine: Source) -> None:
        self._machine = machine

    def read(self) -> Reading:
        reading = self._machine.read()
        with connection.cursor() as cursor:
            cursor.execute("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")
            return Reading(int(cursor.fetchone()[0]), reading.boot_time, reading.boot_id)


class Demo:
    """The machine's clocks, moved on by what a demonstration has written down. Only `demo` moves them."""

    def __init__(self, machine: Source) -> None:
        self._machine = machine

    def read(self) -> Reading:
        moved = models.DemoClock.objects.first()
        reading = self._machine.read()
        if moved is None:
            return reading
        return Reading(reading.wall + moved.wall, reading.boot_time + moved.boot_time, reading.boot_id)


# What a pulse earns.


@dataclass(frozen=True, slots=True)
class Earned:
    """Seconds of credit, and why there are none (empty when there are)."""

    credit: int
    why: str


def earn(last: Reading, now: Reading, interval: int, *, way_out: bool, heard: bool) -> Earned:
    """What the time between two pulses is worth. `interval` is how often pulses come, in seconds; `way_out` says
    whether letters could leave, `heard` whether people could reach the service."""
    if now.boot_id != last.boot_id:
        return Earned(0, RESTARTED)
    wall = now.wall - last.wall
    boot_time = now.boot_time - last.boot_time
    if wall < 0:
        return Earned(0, BACKWARDS)
    if abs(wall - boot_time) > DISAGREEMENT:
        return Earned(0, DISAGREE)
    if max(wall, boot_time) > interval + slack(interval):
        return Earned(0, GAP)
    if not way_out:
        return Earned(0, NO_WAY_OUT)
    if not heard:
        return Earned(0, DEAF)
    return Earned(max(0, min(wall, boot_time)), "")


def slack(interval: int) -> int:
    """How late a pulse may be, in seconds, before the time since the last one counts as a gap."""
    return interval // 2


def stalled_for(last: Reading, now: Reading) -> int:
    """How long a pulse that earned nothing has stood for, in seconds: what both clocks agree on, and at most a day
    across a restart of the machine, where only the wall clock is left."""
    wall = max(0, now.wall - last.wall)
    if now.boot_id != last.boot_id:
        return min(wall, DAY)
    return max(0, min(wall, now.boot_time - last.boot_time))


# The clock.


@dataclass(frozen=True, slots=True)
class Pulsed:
    """One pulse: the moment it made, what it earned, and whether a stall of 30 days was found with it."""

    moment: Moment
    earned: Earned
    before: str
    """Why the pulse before earned nothing; a change of reason is what the log wants to know."""
    stalled: int
    stall_found: bool
    stood: int
    """Seconds on the wall since the pulse before."""


class Clock:
    """Reads time through a source, keeps credit in one row."""

    def __init__(self, source: Source, interval: int) -> None:
        self.source = source
        self.interval = interval

    def now(self) -> Moment:
        """The moment it is. Credit is that of the last pulse: it does not grow in between."""
        row = models.Pulse.objects.first()
        return Moment(self.source.read().wall, row.credit if row else 0)

    def pulse(self, *, way_out: bool, heard: bool) -> Pulsed:
        """Earns, or does not, for the time since the last pulse."""
        with transaction.atomic():
            row = models.Pulse.objects.select_for_update().first()
            now = self.source.read()
            if row is None:
                row = models.Pulse(
                    id=ONE, wall=now.wall, boot_time=now.boot_time, boot_id=now.boot_id, why=FIRST
                )
                row.save(force_insert=True)  # of two that both found none, one is refused
                return Pulsed(Moment(now.wall, 0), Earned(0, FIRST), "", 0, False, 0)
            last = Reading(row.wall, row.boot_time, row.boot_id)
            earned = earn(last, now, self.interval, way_out=way_out, heard=heard)
            before, row.why = row.why, earned.why
            row.credit += earned.credit
            if earned.credit:
                row.stalled, row.stall_told = 0, False
            elif earned.why:
                row.stalled += stalled_for(last, now)
            stall_found = row.stalled >= STALL and not row.stall_told
            row.stall_told = row.stall_told or stall_found
            row.wall, row.boot_time, row.boot_id = now.wall, now.boot_time, now.boot_id
            row.save()
        moment = Moment(now.wall, row.credit)
        return Pulsed(moment, earned, before, row.stalled, stall_found, now.wall - last.wall)


# The clock of this process.


@dataclass(slots=True)
class _Here:
    clock: Clock | None = field(default=None)


_here = _Here()


def use(clock: Clock | None) -> None:
    """Makes this the clock of the process; None for the one that the settings ask for."""
    _here.clock = clock


def here() -> Clock:
    """The clock of this process: the machine's, or a demonstration's."""
    if _here.clock is None:
        chosen = settings.current()
        source: Source = Machine()
        if chosen.database:
            source = Shared(source)
        _here.clock = Clock(Demo(source) if chosen.demo else source, chosen.pulse)
    return _here.clock


def now() -> Moment:
    """The moment it is."""
    return here().now()
