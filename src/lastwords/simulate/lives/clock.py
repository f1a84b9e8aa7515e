"""Virtual time: what really passed, what the machine's clocks make of it, and a pulse that can be run forward.

True time is counted in seconds from the life's first moment and never jumps. The wall clock is true time plus an error
that faults change; the boot-time clock runs with true time and begins anew when the machine does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lastwords.protocol.moments import Moment
from lastwords.server import credit
from lastwords.server.credit import Pulse, Pulsed, Reading

BEGINNING = 1_800_000_000
"""The wall second of true second 0: 15 January 2027."""
INTERVAL = 60
"""Seconds between two pulses, as the service ships."""


@dataclass(slots=True)
class Time:
    """Seconds. `error` is what the wall clock is wrong by, `booted` the true second of the last boot."""

    true: int = 0
    error: int = 0
    booted: int = -1_000
    boot: int = 1

    @property
    def wall(self) -> int:
        return BEGINNING + self.true + self.error

    def read(self) -> Reading:
        return Reading(self.wall, self.true - self.booted, f"boot-{self.boot}")

    def restart(self) -> None:
        """The whole machine starts again."""
        self.booted, self.boot = self.true, self.boot + 1


@dataclass(slots=True)
class Clock:
    """Earns as the service does, through `credit.follow`. `load` and `keep` are where the backing has the pulse."""

    time: Time
    load: Callable[[], Pulse | None]
    keep: Callable[[Pulse], None]
    pulsed_at: int = -INTERVAL
    _clocks: tuple[int, int] | None = None
    """Error of the wall and number of the boot at the last pulse."""
    _read: Reading | None = None
    """What was read at the last pulse. While the pulse that is kept has it, nobody has put back an older one."""
    _worth: dict[tuple[bool, bool], int] = field(default_factory=dict)
    """What a pulse earned that came a whole interval after another, by whether letters could leave and people were
    heard; only what was earned stands here."""

    def now(self) -> Moment:
        kept = self.load()
        return Moment(self.time.wall, kept.credit if kept else 0)

    def pulse(self, *, way_out: bool, heard: bool) -> Pulsed:
        self._read = self.time.read()
        pulse, pulsed = credit.follow(self.load(), self._read, INTERVAL, way_out=way_out, heard=heard)
        self.keep(pulse)
        self.pulsed_at, self._clocks = self.time.true, (self.time.error, self.time.boot)
        return pulsed

    @property
    def pulse_is_due(self) -> bool:
        return self.time.true - self.pulsed_at >= INTERVAL

    def run(self, until: int, *, way_out: bool, heard: bool) -> None:
        """Every pulse up to the true second `until`, under conditions that do not change meanwhile. One that reaches
        back over a moved clock is made by itself; all others are worth the same, and are made in one go."""
        if until - self.pulsed_at >= INTERVAL and self._clocks != (self.time.error, self.time.boot):
            self.time.true = self.pulsed_at + INTERVAL
            self.pulse(way_out=way_out, heard=heard)
        left, before = (until - self.pulsed_at) // INTERVAL, self.load()
        if left > 0 and before is not None:
            self._many(before, left, way_out=way_out, heard=heard)
        self.time.true = until

    def _many(self, before: Pulse, count: int, *, way_out: bool, heard: bool) -> None:
        worth, follows = self._worth.get((way_out, heard)), before.reading is self._read
        if worth and follows and not before.why:
            # As the pulse before the last, and the one before that: a pulse is worth what its two readings are apart.
            self.pulsed_at += count * INTERVAL
            self.time.true = self.pulsed_at
            self._read = self.time.read()
            self.keep(Pulse(self._read, before.credit + count * worth, ""))
            return
        self.time.true = self.pulsed_at + INTERVAL
        after, _ = credit.follow(before, self.time.read(), INTERVAL, way_out=way_out, heard=heard)
        self.pulsed_at += count * INTERVAL
        self.time.true = self.pulsed_at
        earned = after.credit - before.credit
        if earned and follows:
            self._worth[way_out, heard] = earned
        stalled = 0 if earned else before.stalled + count * (after.stalled - before.stalled)
        credit_now = before.credit + count * earned
        self._read = self.time.read()
        self.keep(Pulse(self._read, credit_now, after.why, stalled, after.stall_told))

    def stall_in(self) -> int | None:
        """Seconds of further pulses without credit until the service finds that it stalls; None when that was told."""
        kept = self.load()
        if kept is None or kept.stall_told:
            return None
        return max(0, credit.STALL - kept.stalled)
