"""How long ago a backup was written, and proven to bring everything back: the same words on the host's page and by the
doctor."""

from dataclasses import dataclass

from lastwords.protocol.moments import DAY
from lastwords.server import backup, models
from lastwords.server.moments import length_of

BACKUP_OLD, PROOF_OLD = 8 * DAY, 100 * DAY
"""Seconds after which a backup, and the proof that one brings everything back, are better made anew."""


@dataclass(frozen=True, slots=True)
class Age:
    """One of the two: a sentence, and the command that makes it anew."""

    name: str
    well: bool
    says: str
    command: str


def written(now: int) -> Age:
    """The last backup, as of now in UTC seconds."""
    well, says = _since(backup.BACKED_UP, now, BACKUP_OLD, "written")
    return Age("Backup", well, says, "lastwords host backup --data DIR --to KEY --out FILE")


def proven(now: int) -> Age:
    """The last proof that a backup brings everything back."""
    well, says = _since(backup.PROVEN, now, PROOF_OLD, "proven")
    return Age("Proven restore", well, says, "lastwords host restore --prove --data DIR FILE")


def _since(beat: str, now: int, old: int, verb: str) -> tuple[bool, str]:
    at = models.Heartbeat.objects.filter(name=beat).values_list("at", flat=True).first()
    if not at:
        return False, f"None was ever {verb}."
    return now - at < old, f"The last one was {verb} {length_of(now - at)} ago."
