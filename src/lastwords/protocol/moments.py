"""Time as the machine sees it: two readings that must both have run.

`wall` is UTC in whole seconds since 1970. `credit` is whole seconds during which the service ran, its way out to
people worked and its clocks agreed; it never falls, and only the server's clock earns it. A wait is over when both
readings have moved by its length, so a dark server, a dead mail path, a jumped clock or a restored backup can make
things later and never earlier (invariant I4).
"""

from typing import NamedTuple

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Moment(NamedTuple):
    """One reading of both clocks, in seconds."""

    wall: int
    credit: int


class Wait(NamedTuple):
    """A length of time that begins at a mark taken on both clocks, in seconds."""

    since: Moment
    length: int

    def remaining(self, now: Moment) -> int:
        """Seconds still to run on whichever clock is behind; 0 when the wait is over.

        A wall clock that stands before the mark was wrong either then or now, so it says nothing and credit is counted
        alone: a mark taken while the clock was years ahead would otherwise hold the wait for years."""
        since, length = self
        elapsed, passed = now.credit - since.credit, now.wall - since.wall
        if 0 <= passed < elapsed:
            elapsed = passed
        left = length - elapsed if elapsed > 0 else length
        return left if left > 0 else 0

    def over(self, now: Moment) -> bool:
        return self.remaining(now) == 0

    def ends(self, now: Moment) -> int:
        """The earliest wall second at which this wait can be over, seen from `now`."""
        return now.wall + self.remaining(now)
