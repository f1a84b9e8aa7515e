"""The only reading of time, and the only writer of credit.

What a pulse is worth is `credit`'s to say; here are the machine's own clocks and the one row in which credit is kept.
Whatever is doubtful earns nothing, and says so in the host's log.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from lastwords.protocol.moments import Moment

from . import credit, models, settings
from .credit import Pulse, Pulsed, Reading, Source

ONE = 1
"""The number of the only row of credit."""


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
        return self.ask()()

    def ask(self) -> Callable[[], Reading]:
        """Asks for a reading, and gives what fetches it."""
        reading, cursor = self._machine.read(), connection.cursor()
        cursor.execute("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")

        def fetch() -> Reading:
            with cursor:
                return Reading(int(cursor.fetchone()[0]), reading.boot_time, reading.boot_id)

        return fetch


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


# The clock.


class Clock:
    """Reads time through a source, keeps credit in one row."""

    def __init__(self, source: Source, interval: int) -> None:
        self.source = source
        self.interval = interval

    def now(self) -> Moment:
        """The moment it is. Credit is that of the last pulse: it does not grow in between."""
        return self.ask()()

    def ask(self) -> Callable[[], Moment]:
        """Asks which moment it is, and gives what fetches it: see `Database.in_few_trips`."""
        cursor = connection.cursor()
        cursor.execute("SELECT credit FROM pulse WHERE id = %s", [ONE])
        read = self.source.ask() if isinstance(self.source, Shared) else self.source.read

        def fetch() -> Moment:
            with cursor:
                row = cursor.fetchone()
            return Moment(read().wall, row[0] if row else 0)

        return fetch

    def is_doubted(self) -> bool:
        """Whether the clocks have come apart since the last pulse, so that one is due at once: until it has judged them
        everything would be dated by a clock that may be years off."""
        row, reading = models.Pulse.objects.first(), self.source.read()
        if row is None or row.boot_id != reading.boot_id:
            return False
        return not credit.agree(_kept(row).reading, reading)

    def pulse(self, *, way_out: bool, heard: bool) -> Pulsed:
        """Earns, or does not, for the time since the last pulse."""
        with transaction.atomic():
            row = models.Pulse.objects.select_for_update().first()
            last = _kept(row) if row else None
            pulse, pulsed = credit.follow(
                last, self.source.read(), self.interval, way_out=way_out, heard=heard
            )
            _keep(row, pulse)
        return pulsed


def _kept(row: models.Pulse) -> Pulse:
    reading = Reading(row.wall, row.boot_time, row.boot_id)
    return Pulse(reading, row.credit, row.why, row.stalled, row.stall_told)


def _keep(found: models.Pulse | None, pulse: Pulse) -> None:
    row = found or models.Pulse(id=ONE)
    row.wall, row.boot_time, row.boot_id = pulse.reading.wall, pulse.reading.boot_time, pulse.reading.boot_id
    row.credit, row.why = pulse.credit, pulse.why
    row.stalled, row.stall_told = pulse.stalled, pulse.stall_told
    row.save(force_insert=found is None)  # of two that both found none, one is refused


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
