"""Making a data folder, once, and bringing an old one up to this version."""

import os
import secrets
from dataclasses import replace
from pathlib import Path

from lastwords.protocol.moments import DAY, MINUTE

from . import databases
from . import settings as server_settings
from .refusals import CannotStart
from .settings import Settings

REAL, DEMO = "real", "demo"
JOIN_CODE_LASTS = 30 * DAY
HOST_CODE_LASTS = 10 * MINUTE


def found(chosen: Settings) -> Settings:
    """Makes the data folder of a new host: settings, secret, database, and the host as its first person.

    Everything is made in a folder beside it and moved into place at the end, so that a founding cut short leaves
    nothing that could be taken for a host."""
    server_settings.check(chosen)
    place = chosen.data
    if place.exists() and any(place.iterdir()):
        raise CannotStart(
            f"{place} is not empty; nothing in it was changed.",
            "Name a folder that does not exist yet, or serve the one that is there: lastwords host serve --data DIR",
        )
    rough = place.with_name(f".{place.name}.founding-{secrets.token_hex(4)}")
    rough.mkdir(mode=0o700, parents=True)
    made = replace(chosen, data=rough.resolve())
    server_settings.write(made)
    made.files.mkdir(mode=0o700)
    server_settings.configure(rough)
    with databases.of(made).founding():
        _fill(made)
    made.begun.write_text((DEMO if chosen.demo else REAL) + "\n", encoding="ascii")
    from django.db import connections

    connections.close_all()
    if place.exists():
        place.rmdir()
    os.rename(rough, place)
    return server_settings.configure(place)


def _fill(made: Settings) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from . import clock, models, store

    now = clock.now()
    host = models.Person.objects.create(
        handle="host", name=made.name, zone=made.zone, is_host=True, joined=now.wall
    )
    models.Channel.objects.create(person=host, address=made.host_mail, proven_at=now.wall, added=now.wall)
    store.here().host_row("begun", now, demo=made.demo)


def new_join_code() -> str:
    """A code by which one person may join within 30 days; only its hash is kept."""
    from . import accounts, clock, models

    code = "-".join(secrets.token_hex(3) for _ in range(4))
    now = clock.now().wall
    models.JoinCode.objects.create(hash=accounts.hashed(code), made=now, expires=now + JOIN_CODE_LASTS)
    return code


def new_host_code() -> str:
    """A code that lets whoever holds the data folder into the host's page once, within ten minutes. A new one ends the
    one before it."""
    from . import accounts, clock, models

    code = "-".join(secrets.token_hex(3) for _ in range(4))
    models.HostCode.objects.all().delete()
    models.HostCode.objects.create(hash=accounts.hashed(code), expires=clock.now().wall + HOST_CODE_LASTS)
    return code


def upgrade(data: Path) -> str:
    """Brings the database up to this version, after copying it. Returns the copy's name, empty if nothing was due.
    Raises CannotStart for one that is damaged, not there or empty, and while the folder is served."""
    chosen = server_settings.configure(data)
    from django.core.management import call_command

    from . import checks
    from .serve import the_only_one

    checks.check_marker(chosen)
    checks.check_files(chosen)
    database = databases.of(chosen)
    database.check_whole()
    checks.check_not_empty()
    if not checks.pending_migrations():
        return ""
    with the_only_one(chosen):
        copy = chosen.data / f"before-upgrade-{secrets.token_hex(4)}{Path(database.copy_name).suffix}"
        database.copy(copy)
        call_command("migrate", verbosity=0)
    return copy.name
