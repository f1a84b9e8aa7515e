"""The doctor: looks at everything a host depends on, and changes nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import audit, clock, credit, databases, health, integrity, models
from .channels import NoWayOut, SmtpWay
from .checks import ready
from .refusals import ServerRefused
from .settings import Settings

LEAST_FREE = 64 * 2**20
"""Bytes that must be free beside the database for the doctor to be content."""

BEGIN_AGAIN = (
    "Run: lastwords host hold {0} --data DIR, and then the same with --lift. Its waits begin again in full."
)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing the doctor looked at: a sentence, and the remedy when it is not well."""

    name: str
    well: bool
    says: str
    do: str = ""


def examine(data: Path) -> list[Found]:
    """Looks at everything a host depends on, changes nothing, and goes on after a fault."""
    try:
        chosen = ready(data)
    except ServerRefused as error:
        return [Found("data folder", False, error.happened, error.do)]
    found = [Found("data folder", True, f"{chosen.data} can be served.")]
    looks: list[Callable[[Settings], Found]] = [_database, _disk, _mail, _logs, _kept, _clock]
    for look in looks:
        try:
            found.append(look(chosen))
        except ServerRefused as error:
            found.append(Found(look.__name__.strip("_"), False, error.happened, error.do))
    return found


def _database(chosen: Settings) -> Found:
    says, remedy = databases.of(chosen).look()
    return Found("database", not remedy, says, remedy)


def _disk(chosen: Settings) -> Found:
    space = os.statvfs(chosen.data)
    free = space.f_bavail * space.f_frsize
    well = free >= LEAST_FREE
    says = f"{free // 2**20} MiB are free beside the database."
    return Found("disk", well, says, "" if well else "Make room: a full disk refuses every write.")


def _mail(chosen: Settings) -> Found:
    way = SmtpWay(chosen.mail, chosen.name)
    try:
        way.probe()
    except NoWayOut as error:
        return Found(
            "mail", False, f"No letter can leave: {error}.", "Correct [mail] in settings.toml, or the relay."
        )
    finally:
        way.close()
    return Found("mail", True, f"The relay {chosen.mail.host} takes letters.")


def _logs(chosen: Settings) -> Found:
    verdicts = audit.verify_all(chosen.heads)
    bad = [verdict for verdict in verdicts if not verdict.whole]
    rows = sum(verdict.rows for verdict in verdicts)
    if bad:
        return Found(
            "logs",
            False,
            f"{bad[0].name}: {bad[0].faults[0]}.",
            "Run: lastwords log verify --data DIR, and keep the file.",
        )
    return Found("logs", True, f"Every log is whole: {len(verdicts)}, with {rows} rows.")


def _kept(chosen: Settings) -> Found:
    faults = list(integrity.look(chosen, clock.now()))
    if faults:
        more = f" ({len(faults) - 1} more were found.)" if len(faults) > 1 else ""
        return Found(
            "kept",
            False,
            f"{faults[0].name[0].upper()}{faults[0].name[1:]}: {faults[0].says}.{more}",
            BEGIN_AGAIN.format(faults[0].author)
            if faults[0].waits
            else "Keep a copy of the whole data folder, look at its disk, and at what an older backup holds.",
        )
    files, papers = models.SealedFile.objects.filter(complete=True).count(), models.Paper.objects.count()
    return Found("kept", True, f"{files} sealed files and {papers} papers are what they were.")


def _clock(chosen: Settings) -> Found:
    pulse = models.Pulse.objects.first()
    if pulse is None:
        return Found("clock", True, "No pulse was made yet.")
    behind = pulse.wall - clock.here().source.read().wall
    if behind > credit.DISAGREEMENT:
        return Found(
            "clock",
            False,
            f"The machine's clock stands {behind} seconds before the last pulse.",
            "Look at the machine's time service, and run the doctor again: it compares other dates with this clock.",
        )
    if pulse.why in health.BYGONE:
        return Found("clock", True, "The host was started a moment ago; its next pulse earns credit.")
    if pulse.why:
        return Found(
            "clock",
            False,
            f"The last pulse earned nothing: {pulse.why.replace('_', ' ')}.",
            "The host's log says since when: lastwords log export --data DIR",
        )
    return Found("clock", True, "The last pulse earned credit.")
