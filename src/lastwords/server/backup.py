"""A backup is one file that carries everything; a folder unpacked from one knows that it is no longer the present."""

import hashlib
import os
import tarfile
import tempfile
from pathlib import Path

from . import databases
from .databases import postgresql
from .refusals import CannotStart
from .settings import Settings

MARK = "from-backup"
"""The file in every backup, and so in every folder unpacked from one, until its watches have been told."""
KEPT = ("settings.toml", "secret", "begun")
BACKED_UP, PROVEN = "backup", "backup_proven"
"""Names under which it is kept when a backup was last written, and last proven to bring everything back."""


def write(chosen: Settings, out: Path) -> int:
    """Writes everything of a data folder into one tar file, which only this user can read. Returns its size in bytes.

    The database is copied as of one moment, while the service goes on; sealed files are added after it, so that every
    file it speaks of is there. The heads file stays behind: it is the witness, and must not travel with what it
    bears witness to."""
    if out.exists():
        raise CannotStart(
            f"{out} is there already; nothing was written.", "Name a file that does not exist yet."
        )
    rough = out.with_name(f".{out.name}.new")
    descriptor = os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with (
                tarfile.open(fileobj=file, mode="w") as tar,
                tempfile.TemporaryDirectory(dir=out.parent) as folder,
            ):
                _fill(tar, chosen, Path(folder))
            file.flush()
            os.fsync(file.fileno())
        rough.replace(out)
    finally:
        rough.unlink(missing_ok=True)
    _note(BACKED_UP)
    return out.stat().st_size


def prove(chosen: Settings, file: Path) -> int:
    """Unpacks a backup beside the data folder, looks at everything in it as if it were to be served, and throws it away
    again. Returns how many rows of logs were verified; that it was proven is written down. Raises CannotStart."""
    from . import audit, checks
    from . import settings as server_settings

    with tempfile.TemporaryDirectory(dir=chosen.data.parent) as folder:
        try:
            with tarfile.open(file) as tar:
                tar.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise CannotStart(
                f"{file} could not be unpacked ({error}); the host is unharmed.",
                "Write a new backup, and prove that one.",
            ) from error
        try:
            restored = server_settings.configure(Path(folder))
            checks.ready(Path(folder))
            verdicts = audit.verify_all(restored.heads)
            lacking = _lacking(restored)
        finally:
            server_settings.configure(chosen.data)
    bad = [verdict for verdict in verdicts if not verdict.whole]
    if bad or lacking:
        what = (
            f"{bad[0].name}: {bad[0].faults[0]}"
            if bad
            else f"the sealed file {lacking} is missing or not whole"
        )
        raise CannotStart(
            f"This backup would not bring the host back: {what}. The host itself is unharmed.",
            "Write a new backup, and prove that one.",
        )
    _note(PROVEN)
    return sum(verdict.rows for verdict in verdicts)


def _lacking(restored: Settings) -> str:
    """The first sealed file that the database speaks of and that is not there as it should be; empty when all are."""
    from . import models

    for row in models.SealedFile.objects.filter(complete=True).order_by("hash").iterator():
        path = restored.files / row.hash
        try:
            with path.open("rb") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == row.hash
        except OSError:
            whole = False
        if not whole:
            return row.hash
    return ""


def _note(what: str) -> None:
    from . import clock
    from .port_sql import SqlPort

    SqlPort().beat(clock.now().wall, what)


def _fill(tar: tarfile.TarFile, chosen: Settings, folder: Path) -> None:
    database = databases.of(chosen)
    copy, mark = folder / database.copy_name, folder / MARK
    database.copy(copy)
    mark.write_text("This folder was unpacked from a backup.\n", encoding="ascii")
    for path in (copy, mark, *(chosen.data / name for name in KEPT)):
        tar.add(path, path.name)
    tar.add(chosen.files, chosen.files.name)


def is_unpacked(chosen: Settings) -> bool:
    """Whether this folder came out of a backup and its watches have not been told yet."""
    return (chosen.data / MARK).exists()


def is_not_loaded(chosen: Settings) -> bool:
    """Whether this folder still holds the copy of a PostgreSQL database, which no server has loaded yet."""
    return _dump(chosen).exists()


def load(chosen: Settings) -> None:
    """Loads an unpacked backup's database into the empty one that the settings name. Raises CannotStart.

    The settings in the backup name the database it was made of. That one has tables, so it is refused: a backup never
    writes over the living."""
    if not is_not_loaded(chosen):
        raise CannotStart(
            "There is no database here that waits to be loaded; nothing was changed.",
            "Serve the folder as it is: lastwords host serve --data DIR",
        )
    databases.of(chosen).load(_dump(chosen))
    _dump(chosen).unlink()


def _dump(chosen: Settings) -> Path:
    return chosen.data / postgresql.COPY


def told(chosen: Settings) -> None:
    """Every watch knows now that it comes from a backup."""
    (chosen.data / MARK).unlink()
