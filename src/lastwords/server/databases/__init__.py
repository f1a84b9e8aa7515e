"""Which database a host keeps its tables in: one file in the data folder, or PostgreSQL.

Everything that differs between the two stands in this package, a module each. The rest of the server says what it
wants done, never to which of them.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lastwords.server.refusals import BadSettings

from . import connection_string, plain_steps, postgresql, sqlite
from .postgresql import PostgreSql
from .sqlite import Sqlite

if TYPE_CHECKING:
    from lastwords.server.settings import Settings


COPIES = (sqlite.FILE, postgresql.COPY)
"""What a copy may be called in a backup."""


class Database(Protocol):
    """What a host needs of its database, besides the tables."""

    @property
    def copy_name(self) -> str:
        """What a copy of it is called in a backup; its ending says what it is."""
        ...

    def table(self) -> dict[str, Any]:
        """Django's settings for it. Raises BadSettings."""
        ...

    def check_there(self) -> None:
        """What can be seen before it is opened. Raises CannotStart."""
        ...

    def check_whole(self) -> None:
        """It can be read, and what it acknowledges is on the disk. Django is pointed at it. Raises CannotStart."""
        ...

    def founding(self) -> AbstractContextManager[None]:
        """A new host's tables and first rows are made inside. Raises CannotStart if it is not a place for one."""
        ...

    def copy(self, place: Path) -> None:
        """Writes it, as of one moment and while others go on writing, into a new file that only this user can read."""
        ...

    def load(self, place: Path) -> None:
        """Fills it with what a copy holds; only ever an empty one. Raises CannotStart, and then nothing was loaded."""
        ...

    def empty(self) -> None:
        """Takes everything out again that `load` has put in. Django is pointed at it."""
        ...

    def tended(self) -> AbstractContextManager[None]:
        """For a thread that commits all the time: inside, another one does what a commit would have to do besides."""
        ...

    def in_few_trips(self) -> AbstractContextManager[None]:
        """Inside a transaction of the thread that calls, or around what is only read: statements travel together until
        somebody fetches rows, or to the end. So does what any of them is refused with; it may be raised by a later one,
        or at the end."""
        ...

    def look(self) -> tuple[str, str]:
        """What the doctor says of it, and the remedy; the remedy is empty while all is well."""
        ...


def of(chosen: "Settings") -> Database:
    """The database that the settings name."""
    if chosen.database:
        return PostgreSql(chosen.database, chosen.database_password_file)
    return Sqlite(chosen.data / sqlite.FILE)


def check(chosen: "Settings") -> None:
    """Refuses a `database` that cannot be used, before anything is opened. Raises BadSettings."""
    if chosen.database:
        connection_string.check(connection_string.parts_of(chosen.database), chosen.database_password_file)
    elif chosen.database_password_file:
        raise BadSettings.of(
            "database_password_file", "`database` is empty, so nothing asks for a password", "remove it"
        )


def values_of(connection: Any, rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any] | None]:
    """Rows as they stand behind VALUES in a statement over this connection, and what is given beside it."""
    if connection.vendor == "postgresql":
        return postgresql.values_of(connection, rows)
    return sqlite.values_of(rows)


def write_plain(
    connection: Any, steps: Sequence[tuple[Any, ...]], *beside: Sequence[tuple[Any, ...]]
) -> set[str]:
    """Writes plain steps of many watches in one transaction: author, revision, state, newest row's number and link,
    next look (None where it stays as it is), credential, counter. `beside` are rows of their logs (author, number,
    body, salt, commitment, link) and papers (author, kind, name, by, body, SHA-256, row, moment). Each is written if
    its watch is at that revision and not set aside, and the credential's counter is kept and lower; nobody is waited
    for who holds either. Returns whose were."""
    if not steps:
        return set()
    if connection.vendor == "postgresql":
        return plain_steps.in_postgresql(connection, steps, *beside)
    return plain_steps.in_sqlite(connection, steps, *beside)


def is_busy(error: Exception) -> bool:
    """Whether the database refused only because another writer was there: asked again, it may well agree."""
    return sqlite.is_busy(error) or postgresql.is_busy(error)


def was_overtaken(error: Exception) -> bool:
    """Whether two writers waited for each other and this one was chosen to begin again."""
    return postgresql.was_overtaken(error)


def was_cut_off(error: Exception) -> bool:
    """Whether the database went away in the middle: what was under way may have been committed or not."""
    return postgresql.was_cut_off(error)


def is_damaged(error: Exception) -> bool:
    """Whether a page of the database cannot be read as what it should be."""
    return sqlite.is_damaged(error) or postgresql.is_damaged(error)
