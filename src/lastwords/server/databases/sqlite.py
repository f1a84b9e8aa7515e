"""SQLite: which library, how it is opened, and how it is looked after. One file in the data folder, one machine.

The library that comes with many systems (3.7.0 to 3.51.2) can damage a database in WAL mode when the log is reset
under load. So the newer one that `pysqlite3` brings takes the place of `sqlite3` before Django loads it, and where
even that is too old the older, slower journal is used instead.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pysqlite3

from lastwords.server.refusals import CannotStart

from . import checkpoints

FILE = "lastwords.sqlite3"
SAFE_FOR_WAL = (3, 51, 3)
WAIT_SECONDS = 20
"""How long a writer waits for another one before the write is refused."""

EMPTY = (
    "The database is empty, and this data folder was in use with one that was not; nothing was started, and nothing "
    "was put into it."
)
"""What is said of one without tables, too."""

_KINDS = {
    "text": ("VARCHAR", "TEXT", "CHAR"),
    "integer": ("INTEGER", "BIGINT", "SMALLINT", "BOOL"),
    "blob": ("BLOB",),
}
"""What `typeof` says of a value in a column that was declared so."""


def _kind(declared: str) -> str:
    return next((kind for kind, words in _KINDS.items() if declared.upper().startswith(words)), "")


def install() -> None:
    """Puts `pysqlite3` in the place of `sqlite3` in this process; does nothing the second time."""
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2


def journal(version: tuple[int, ...]) -> str:
    """The journal mode for a library of this version."""
    return "WAL" if version >= SAFE_FOR_WAL else "TRUNCATE"


def values_of(rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Places for rows, and their values."""
    place = "(" + ",".join(["%s"] * len(rows[0])) + ")"
    return ",".join([place] * len(rows)), list(chain(*rows))


def is_busy(error: Exception) -> bool:
    """Whether another writer held the file for too long."""
    return any(word in str(error) for word in ("database is locked", "database table is locked", "busy"))


def is_damaged(error: Exception) -> bool:
    """Whether a page is none, or what hangs on it does not fit."""
    return any(word in str(error) for word in ("disk image is malformed", "file is not a database"))


def read_what_can_be_read(connection: Any, **_: object) -> None:
    """A byte that makes a text no text must not stop every round over the one row that has it: it is read as a mark
    for what cannot be read, and found when that row is judged or verified. `check_whole` says where it is."""
    if connection.vendor == "sqlite":
        connection.connection.text_factory = partial(str, encoding="utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Sqlite:
    """The database in one file. See `Database`."""

    path: Path
    copy_name: str = FILE

    def table(self) -> dict[str, Any]:
        """Every transaction takes the write lock at its beginning, a commit is on the disk before it is acknowledged,
        and what is deleted is overwritten: a share taken back, a cover's old key."""
        mode = journal(pysqlite3.sqlite_version_info)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(self.path),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": WAIT_SECONDS,
                "init_command": f"PRAGMA journal_mode={mode}; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
            },
        }

    def check_there(self) -> None:
        if not self.path.is_file():
            raise CannotStart(
                f"The database is not in {self.path.parent}, where it was once; nothing was started, and no new one "
                "was made.",
                "Put it back, or restore the backup of the whole folder.",
            )
        if not self.path.stat().st_size:
            # Opening it would write to it.
            raise CannotStart(EMPTY, "Put the right one back; without one, restore the newest backup.")
        if not os.access(self.path, os.R_OK | os.W_OK):
            raise CannotStart(
                f"{self.path} cannot be written by this user; nothing was started or changed.",
                "Give it to the user that runs the service, or start it as its owner.",
            )

    def check_whole(self) -> None:
        from django.db import DatabaseError, connection

        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA integrity_check(1)")
                found = str(cursor.fetchone()[0])
            if found == "ok":
                found = self._values() or "ok"
        except (DatabaseError, UnicodeDecodeError) as error:  # what is found may name a text that is none
            found = str(error)
        if found != "ok":
            raise CannotStart(
                f"The database is damaged ({found}); nothing was started, and nothing in it was changed.",
                "Keep the file as it is, and restore the newest backup. Then: lastwords host restored --data DIR",
            )

    def _values(self) -> str:
        """The first table that holds a text which is none, or a value of another kind than its column is of, as one
        changed bit makes of it and SQLite itself does not mind; empty when all can be read."""
        with closing(pysqlite3.connect(str(self.path), timeout=WAIT_SECONDS)) as own:
            table = "the list of tables"
            try:
                tables = own.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for (table,) in tables:
                    about = own.execute(f'PRAGMA table_info("{table}")').fetchall()
                    kinds = {f'"{one[1]}"': kind for one in about if (kind := _kind(one[2]))}
                    odd = " OR ".join(
                        f"typeof({name}) NOT IN ('{kind}', 'null')" for name, kind in kinds.items()
                    )
                    if odd and own.execute(f'SELECT 1 FROM "{table}" WHERE {odd} LIMIT 1').fetchone():
                        return f"{table} holds a value that is of another kind than its column"
                    texts = [name for name, kind in kinds.items() if kind == "text"]
                    for _ in own.execute(f'SELECT {", ".join(texts)} FROM "{table}"') if texts else ():
                        pass
            except pysqlite3.OperationalError:
                return f"what {table} holds cannot be read"
        return ""

    @contextmanager
    def founding(self) -> Iterator[None]:
        """The file lies in a folder that is moved into place only once it is whole."""
        yield
        os.chmod(self.path, 0o600)

    def copy(self, place: Path) -> None:
        place.touch(mode=0o600)
        with (
            closing(pysqlite3.connect(str(self.path))) as live,
            closing(pysqlite3.connect(str(place))) as still,
        ):
            live.backup(still)

    def load(self, place: Path) -> None:
        """A copy is the database itself, and lies where it belongs already."""
        if place != self.path:
            raise CannotStart(
                "This backup's database is one for PostgreSQL, and settings.toml names none; nothing was loaded.",
                "Name an empty PostgreSQL database as `database` in settings.toml.",
            )

    def empty(self) -> None:
        """The file goes with its folder."""

    def tended(self) -> AbstractContextManager[None]:
        return (
            nullcontext()
            if journal(pysqlite3.sqlite_version_info) != "WAL"
            else checkpoints.elsewhere(self.path)
        )

    def in_few_trips(self) -> AbstractContextManager[None]:
        """Nothing travels."""
        return nullcontext()

    def look(self) -> tuple[str, str]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version()")
            version = str(cursor.fetchone()[0])
            cursor.execute("PRAGMA journal_mode")
            mode = str(cursor.fetchone()[0]).upper()
        wanted = journal(tuple(int(part) for part in version.split(".")))
        return f"SQLite {version}, journal {mode}.", "" if mode == wanted else f"It should be {wanted}."
