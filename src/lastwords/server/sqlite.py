"""SQLite: which library, and how it is opened.

The library that comes with many systems (3.7.0 to 3.51.2) can damage a database in WAL mode when the log is reset
under load. So the newer one that `pysqlite3` brings takes the place of `sqlite3` before Django loads it, and where
even that is too old the older, slower journal is used instead.
"""

import sys
from typing import Any

import pysqlite3

SAFE_FOR_WAL = (3, 51, 3)
WAIT_SECONDS = 20
"""How long a writer waits for another one before the write is refused."""


def install() -> None:
    """Puts `pysqlite3` in the place of `sqlite3` in this process; does nothing the second time."""
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2


def journal(version: tuple[int, ...]) -> str:
    """The journal mode for a library of this version."""
    return "WAL" if version >= SAFE_FOR_WAL else "TRUNCATE"


def database(path: str) -> dict[str, Any]:
    """Django's settings for one database file: every transaction takes the write lock at its beginning, a commit is on
    the disk before it is acknowledged, and what is deleted is overwritten: a share taken back, a cover's old key."""
    mode = journal(pysqlite3.sqlite_version_info)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": WAIT_SECONDS,
            "init_command": f"PRAGMA journal_mode={mode}; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        },
    }
