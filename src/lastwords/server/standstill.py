"""When rounds fail: no time counts for anybody until one has gone well, and the host is written to past the database.

Every other letter is a row first. Of a database that cannot be read, or takes nothing, no row can tell: without this
the host would read of it on `/health` alone. The letter goes to the address in the settings, once a day at most.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import DatabaseError

from lastwords.protocol.moments import DAY, MINUTE

from . import databases, letters
from .channels import ACCEPTED, Envelope, NoWayOut, Way
from .credit import Reading
from .letters import HostLetter, Role, Sheet
from .settings import Settings

MOST_FAILURES = 10
"""Rounds in a row that may fail before it is told, and before the process ends and is started afresh."""
AWAY_FOR = 15 * MINUTE
"""Seconds that a database may be away before it is told: one that fails over is back within one minute."""


@dataclass(slots=True)
class Standstill:
    """What this process has met, and those before it: the file `failing` in the data folder holds something while
    rounds fail, and its date is when the host was last written to. Neither needs room on a full disk."""

    chosen: Settings
    way: Way
    in_a_row: int = 0
    since: int = 0
    """Second of the boot-time clock at which the first of these rounds failed."""
    stands: bool = field(init=False, default=False)
    """Whether the last round failed, for another reason than that the database was away."""

    def __post_init__(self) -> None:
        with suppress(OSError):
            if self.chosen.failing.exists():
                self.stands = self.chosen.failing.stat().st_size > 0
            else:
                self._note(stands=False, told=0)

    def over(self) -> None:
        """A round has gone well."""
        self.in_a_row = 0
        if self.stands:
            self._note(stands=False, told=self._told())

    def met(self, error: BaseException, now: Reading) -> None:
        """A round has failed with this."""
        self.since = self.since if self.in_a_row else now.boot_time
        self.in_a_row += 1
        away = caused(error, databases.was_cut_off)
        damaged = caused(error, databases.is_damaged)
        if not away and not self.stands:
            self._note(stands=True, told=self._told())
        long = now.boot_time - self.since >= AWAY_FOR if away else self.in_a_row >= MOST_FAILURES
        told = 0 <= now.wall - self._told() < DAY
        if (damaged or long) and not told and self._tell(error, damaged, now.wall):
            self._note(stands=self.stands, told=now.wall)

    def _tell(self, error: BaseException, damaged: bool, wall: int) -> bool:
        """Writes to the host. Returns whether the letter was taken."""
        chosen = self.chosen
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        facts: dict[str, int | str] = {"why": why, "damaged": int(damaged)}
        kind, name = HostLetter.ROUNDS_FAIL, chosen.name
        sheet = Sheet(kind, Role.HOST, name, chosen.zone, "", 0, facts, name, "")
        with suppress(NoWayOut):
            letter = Envelope(os.urandom(16).hex(), chosen.host_mail, letters.write(sheet), wall)
            return self.way.send(letter).state == ACCEPTED
        return False

    def _told(self) -> int:
        with suppress(OSError):
            return int(self.chosen.failing.stat().st_mtime)
        return 0

    def _note(self, *, stands: bool, told: int) -> None:
        self.stands = stands
        with suppress(OSError):
            self.chosen.failing.write_bytes(b"x" if stands else b"")
        with suppress(OSError):
            os.utime(self.chosen.failing, (told, told))


def caused(error: BaseException | None, by: Callable[[Exception], bool]) -> bool:
    """Whether the database is what an error comes from, and says so."""
    while error is not None:
        if isinstance(error, DatabaseError) and by(error):
            return True
        error = error.__cause__
    return False
