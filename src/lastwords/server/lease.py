"""Who keeps time. Several hosts may serve one database; one at a time earns credit and does the daily work.

The lease is a row: whoever holds it makes it longer every few rounds, and when its holder is gone another takes it. A
holder that was stopped for a while may still believe in it, so whatever only the holder may do happens in one
transaction with a look at that row, which nobody can take meanwhile. Sweep and outbox need no lease: they run
everywhere, and what they take they take row by row.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from . import clock, models, settings
from .port_sql import writing

NAME = "time"
LASTS = 60
"""Seconds without a sign of its holder after which another may take it."""


def holder() -> str:
    """This host's name among others on the same database: its data folder on this machine since it was started.

    Made of what the system keeps, not of a file, so that a copied folder is not taken for the one it was copied from.
    Within one folder only one process does rounds."""
    place = settings.current().data.stat()
    boot = clock.here().source.read().boot_id
    return hashlib.sha256(f"{boot} {place.st_dev} {place.st_ino}".encode()).hexdigest()


def hold(who: str, wall: int) -> bool:
    """Takes the lease, or makes it longer. Returns whether `who` holds it now."""
    row = models.Lease.objects.filter(name=NAME).first()
    if row is None:
        models.Lease.objects.bulk_create([models.Lease(name=NAME, holder="", until=0)], ignore_conflicts=True)
    elif row.holder == who and LASTS // 2 < row.until - wall <= LASTS:
        return True
    elif row.holder != who and 0 < row.until - wall <= 2 * LASTS:
        return False
    # One that is longer than anybody takes it was written under a clock that was wrong.
    free = Q(holder=who) | Q(until__lte=wall) | Q(until__gt=wall + 2 * LASTS)
    with writing():
        return models.Lease.objects.filter(free, name=NAME).update(holder=who, until=wall + LASTS) == 1


@contextmanager
def fenced(who: str) -> Iterator[bool]:
    """One transaction, in which nobody can take the lease from `who`. Gives False when somebody has already."""
    with transaction.atomic():
        held = models.Lease.objects.select_for_update().filter(name=NAME, holder=who)
        yield held.first() is not None


def let_go(who: str) -> None:
    """Lets another take it at once."""
    models.Lease.objects.filter(name=NAME, holder=who).update(until=0)


def forget() -> None:
    """Nobody holds it: whoever did is not in a database that was unpacked from a backup."""
    models.Lease.objects.all().delete()
