"""What must hold before a data folder is served, and what the doctor looks at.

Unreadable or half-missing state stops the start and is told; it is never guessed at, and never taken for a new host.
"""

import os
import socket
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError, connection

from lastwords.signing import canonical
from lastwords.signing.refusals import Refused

from . import audit, backup, clock, databases, lease, models, passes, place, store, witness
from . import settings as server_settings
from .founding import DEMO, REAL
from .refusals import CannotStart
from .settings import Settings


def ready(data: Path) -> Settings:
    """The settings of a folder that can be served, with Django configured. Raises BadSettings or CannotStart."""
    chosen = server_settings.read(data)
    check_marker(chosen)
    check_files(chosen)
    server_settings.configure(data)
    check_database(chosen)
    return chosen


def check_marker(chosen: Settings) -> None:
    """The folder was founded, as what it is served as: a demonstration or a real host, for ever."""
    try:
        kind = chosen.begun.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(
            f"The data folder {chosen.data} was never founded, or its file `begun` is gone ({error}).",
            "Make a new folder with: lastwords host init --data DIR. If this one was in use, restore its backup.",
        ) from error
    if kind not in (REAL, DEMO):
        raise CannotStart(
            "The file `begun` in the data folder cannot be read; nothing was started or changed.",
            "Put back its last good copy.",
        )
    if (kind == DEMO) != chosen.demo:
        raise CannotStart(
            f"This data folder was founded as {kind}, and its settings say demo = {str(chosen.demo).lower()}. "
            "A clock that can be moved must never meet a real person's watch. Nothing was started or changed.",
            "Set demo back in settings.toml, or make another folder with: lastwords host init --data DIR",
        )


def check_files(chosen: Settings) -> None:
    databases.of(chosen).check_there()
    if not chosen.files.is_dir():
        raise CannotStart(
            f"The folder `files` with the sealed files is not in {chosen.data}; nothing was started or changed.",
            "Put it back, or restore the backup of the whole folder.",
        )
    for path in (chosen.data, chosen.files):
        if not os.access(path, os.R_OK | os.W_OK):
            raise CannotStart(
                f"{path} cannot be written by this user; nothing was started or changed.",
                "Give it to the user that runs the service, or start it as its owner.",
            )
    if backup.is_not_loaded(chosen):
        raise CannotStart(
            "This folder was unpacked from a backup, and its database has not been loaded yet; nothing was started.",
            "Restore it anew, into an empty database: lastwords host restore --data DIR --database CONNECTION FILE",
        )


def check_database(chosen: Settings) -> None:
    """The database can be read whole, keeps what it acknowledges, has the tables of this version, and is this host's
    kind of database."""
    databases.of(chosen).check_whole()
    try:
        check_not_empty()
        waiting = pending_migrations()
    except (DatabaseError, ValueError) as error:
        raise CannotStart(
            f"It cannot be read of which version the database is ({error}); nothing was started or changed.",
            "Keep the database as it is, and restore the newest backup.",
        ) from error
    if waiting:
        raise CannotStart(
            f"The database is of another version ({', '.join(waiting)}); nothing was started or changed.",
            "Run: lastwords host upgrade --data DIR",
        )
    check_tables()
    founded = founded_as()
    if founded is not None and founded != (DEMO if chosen.demo else REAL):
        raise CannotStart(
            f"The database was founded as {founded}, and this data folder was not; nothing was started or changed. "
            "A clock that can be moved must never meet a real person's watch.",
            "Name the database that belongs to this folder in settings.toml.",
        )


def check_not_empty() -> None:
    """There are tables: a database that was emptied, or never filled, is not one of an older version."""
    from django.db.migrations.recorder import MigrationRecorder

    if not MigrationRecorder(connection).applied_migrations():
        raise CannotStart(
            databases.sqlite.EMPTY,
            "Put the right one back, or name it in settings.toml; without one, restore the newest backup.",
        )


def check_tables() -> None:
    """Every column can be asked for: what describes a table can be damaged too."""
    for model in apps.get_models(include_auto_created=True):
        try:
            model._default_manager.first()
        except (DatabaseError, ValueError) as error:  # a value may be no text, or no JSON, any more
            raise CannotStart(
                f"The table {model._meta.db_table} cannot be read ({error}); nothing was started or changed.",
                "Keep the database as it is, and restore the newest backup.",
            ) from error


def founded_as() -> str | None:
    """What the first row of the host's log says this database was made for; None where it does not say."""
    row = models.HostRow.objects.filter(number=1, body__isnull=False).first()
    try:
        body = canonical.decode(bytes(row.body)) if row and row.body is not None else None
    except Refused:
        return None  # found when the logs are verified
    if not isinstance(body, dict) or body.get("kind") != "begun":
        return None
    return DEMO if body.get("demo") else REAL


def pending_migrations() -> list[str]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [migration.name for migration, _ in plan]


def check_port(chosen: Settings) -> None:
    """Nobody else listens where this host wants to."""
    family = socket.AF_INET6 if ":" in chosen.bind_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.bind_host, chosen.bind_port))
        except OSError as error:
            raise CannotStart(
                f"The address {chosen.bind} cannot be used ({error.strerror}); nothing was started or changed.",
                "Stop whatever listens there, or set another `bind` in settings.toml.",
            ) from error


# A restored past.


def find_restored_past(chosen: Settings) -> bool:
    """Finds out whether this is a backup unpacked, or a database older than its heads file. Then every watch is told,
    which voids statements and shares and puts it on hold (I5). Returns whether that happened."""
    if backup.is_unpacked(chosen):
        lease.forget()
        tell_restored("this folder was unpacked from a backup")
        backup.told(chosen)
        return True
    for name in audit.not_there(witness.read(chosen.heads)):
        tell_restored(f"the newest row of {name} that was seen is not in the database")
        witness.tidy_to_database(chosen.heads)
        return True
    return False


def find_copy(chosen: Settings) -> bool:
    """Finds out whether this folder is a copy of the one that was served last. Then every watch is told, since the
    other may be served still. Returns whether that happened."""
    if not place.was_copied(chosen):
        return False
    tell_restored(place.WHY)
    return True


def host_says_restored(chosen: Settings) -> int:
    """Tells every watch because the host says so. A heads file that cannot be read, for which that is the remedy, is
    kept under another name, or it would stop the next start as well. Returns how many could be told."""
    try:
        witness.read(chosen.heads)
    except CannotStart:
        witness.tidy_to_database(chosen.heads)
    told = tell_restored("the host said so")
    place.note(chosen)
    return told


def tell_restored(why: str) -> int:
    """Tells every watch that it comes from a backup. Returns how many could be told; the rest is set aside."""
    _end_what_may_have_been_ended()
    return passes.tell_restored(store.here(), clock.now(), why)


def _end_what_may_have_been_ended() -> None:
    """Ends every session and every calendar's address. One that its owner ended since, because somebody else had it,
    would open again, and no letter can say which; whoever still wants theirs signs in, or makes another address."""
    models.Feed.objects.all().delete()
    models.Session.objects.all().delete()
    for name in ("usersessions.UserSession", "sessions.Session"):
        apps.get_model(name)._default_manager.all().delete()
