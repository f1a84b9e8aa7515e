"""The doctor: looks at everything a host depends on, and changes nothing."""

import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import audit, backup_age, clock, credit, databases, health, integrity, models
from .channels import NoWayOut, SmtpWay
from .checks import ready
from .refusals import ServerRefused
from .settings import Settings

LEAST_FREE = 64 * 2**20
"""Bytes that must be free beside the database for the doctor to be content."""
PATIENCE = 5.0
"""Seconds that the host's own address may take for each answer."""
LATE = 6
"""A certificate of which less than this part of its life is left should have been renewed: what renews by itself does
so with a third left."""

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
    looks: list[Callable[[Settings], Found]] = [
        _database, _disk, _mail, _certificate, _logs, _kept, _clock, _backup, _proof,
    ]  # fmt: skip
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


def _certificate(chosen: Settings) -> Found:
    """What browsers are shown at the host's own address, as this machine sees it. A browser that has once been here
    takes nothing less than a good one (RFC 6797, section 8.4): there is no way past one that has run out."""
    if urlsplit(chosen.origin).scheme != "https":
        return Found("certificate", True, "People come by http, from this machine alone: none is needed.")
    try:
        shown = _shown(chosen.origin)
    except ssl.SSLCertVerificationError as error:
        says = f"Browsers refuse the one of {chosen.origin}: {error.verify_message.rstrip('.')}."
        remedy = (
            "Look at what renews it. One of an authority of yours will do where people's devices trust that."
        )
        return Found("certificate", False, says, f"{remedy} Then let this machine trust it too.")
    except ssl.SSLError as error:
        says = f"{chosen.origin} is answered, but not in TLS that this machine understands ({error.reason})."
        return Found("certificate", False, says, "Look at the proxy: it has to end TLS there.")
    except OSError as error:
        says = (
            f"Not looked at: {chosen.origin} cannot be reached from this machine ({error.strerror or error})."
        )
        return Found("certificate", True, says)
    begins, ends = (ssl.cert_time_to_seconds(shown[name]) for name in ("notBefore", "notAfter"))
    says = f"The one of {chosen.origin} is good until {datetime.fromtimestamp(ends, UTC):%Y-%m-%d %H:%M} UTC."
    late = (ends - clock.here().source.read().wall) * LATE < ends - begins
    return Found("certificate", not late, says, "Renew it: nobody can come in after that." if late else "")


def _shown(origin: str) -> dict[str, Any]:
    """The certificate that `origin` shows, once it is found good. Raises OSError."""
    address = urlsplit(origin)
    host = address.hostname or ""
    with (
        socket.create_connection((host, address.port or 443), PATIENCE) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as line,
    ):
        return line.getpeercert() or {}


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


def _backup(chosen: Settings) -> Found:
    return _aged(backup_age.written(clock.here().source.read().wall))


def _proof(chosen: Settings) -> Found:
    return _aged(backup_age.proven(clock.here().source.read().wall))


def _aged(one: backup_age.Age) -> Found:
    return Found(one.name.lower(), one.well, one.says, "" if one.well else f"Run: {one.command}")
