"""What the time between two pulses is worth: pure, so that the service and the simulator earn by the same lines.

Every pulse compares how far two clocks went since the last one: the wall clock, which anyone may set, and the boot-time
clock, which counts sleep and cannot be set. Credit grows by the shorter of the two and only when the service could
have heard the author and written to them all along. Whatever is doubtful earns nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from lastwords.protocol.changed import made_at_once
from lastwords.protocol.moments import DAY, Moment

DISAGREEMENT = 120
"""Seconds by which the two clocks may drift apart between pulses before neither is believed."""
STALL = 30 * DAY
"""Seconds of pulses that earn nothing after which people are told: a silent stall would last for ever."""

GAP = "gap"
DISAGREE = "clocks_disagree"
RESTARTED = "machine_restarted"
BACKWARDS = "wall_backwards"
NO_WAY_OUT = "no_way_out"
DEAF = "not_reachable"
FIRST = "first_pulse"


@made_at_once
@dataclass(frozen=True, slots=True)
class Reading:
    """What the machine's clocks say: UTC seconds, seconds since boot (sleep included), and which boot it was."""

    wall: int
    boot_time: int
    boot_id: str


class Source(Protocol):
    """Where readings come from."""

    def read(self) -> Reading: ...


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
    if not agree(last, now):
        return Earned(0, DISAGREE)
    if max(wall, boot_time) > interval + slack(interval):
        return Earned(0, GAP)
    if not way_out:
        return Earned(0, NO_WAY_OUT)
    if not heard:
        return Earned(0, DEAF)
    return Earned(max(0, min(wall, boot_time)), "")


def agree(last: Reading, now: Reading) -> bool:
    """Whether both clocks have gone equally far since `last`, of the same boot."""
    return abs((now.wall - last.wall) - (now.boot_time - last.boot_time)) <= DISAGREEMENT


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


# One pulse after another.


@made_at_once
@dataclass(frozen=True, slots=True)
class Pulse:
    """What is kept from one pulse to the next: the reading, the credit of all time, why this pulse earned nothing, and
    for how long (seconds) pulses have earned nothing in a row."""

    reading: Reading
    credit: int = 0
    why: str = FIRST
    stalled: int = 0
    stall_told: bool = False


@made_at_once
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


def follow(
    last: Pulse | None, now: Reading, interval: int, *, way_out: bool, heard: bool
) -> tuple[Pulse, Pulsed]:
    """The pulse after `last` (None for the first of all), and what it found. `interval` as in `earn`."""
    if last is None:
        return Pulse(now), Pulsed(Moment(now.wall, 0), Earned(0, FIRST), "", 0, False, 0)
    earned = earn(last.reading, now, interval, way_out=way_out, heard=heard)
    stalled, told = last.stalled, last.stall_told
    if earned.credit:
        stalled, told = 0, False
    elif earned.why:
        stalled += stalled_for(last.reading, now)
    found = stalled >= STALL and not told
    pulse = Pulse(now, last.credit + earned.credit, earned.why, stalled, told or found)
    stood = now.wall - last.reading.wall
    return pulse, Pulsed(Moment(now.wall, pulse.credit), earned, last.why, stalled, found, stood)
