"""PostgreSQL: how it is opened, what it must promise, and how it is looked after. For more than one machine.

Every transaction is READ COMMITTED: what must not happen twice is held by a compare-and-set or a row lock in the
statement that writes it, so that a write that lost can be made again inside the same transaction (decision 14).
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastwords.server.refusals import CannotStart

from . import connection_string, pg_tools

WAIT_SECONDS = 20
"""How long a writer waits for another one's row before the write is refused; the same as with SQLite."""
COPY = "lastwords.pgdump"
OLDEST = 14
"""The oldest version that Django still speaks to."""
SAFE_COMMITS = ("on", "remote_write", "remote_apply")
OVERTAKEN = ("40P01", "40001")
BUSY = (*OVERTAKEN, "55P03", "57014")
"""SQLSTATE: deadlock, serialization failure; lock not available, query cancelled."""
DAMAGED = ("XX001", "XX002")
"""SQLSTATE: data corrupted, index corrupted."""
BY_CODE = ("C", "POSIX", "C.UTF-8", "C.UTF8", "C.utf8")
NEW_ONE = "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 lastwords"

_ASKED = """
SELECT current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery(),
       current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
       pg_encoding_to_char(encoding), datcollate, to_jsonb(pg_database) ->> 'datlocprovider',
       current_setting('data_checksums'), current_setting('synchronous_standby_names')
FROM pg_database WHERE datname = current_database()
"""


def code_of(error: BaseException) -> str:
    """The SQLSTATE behind an error of Django's; empty when there is none."""
    return str(getattr(error.__cause__, "sqlstate", None) or "")


def values_of(connection: Any, rows: Sequence[Sequence[Any]]) -> tuple[str, None]:
    """Rows, quoted by psycopg as it quotes what is given beside a statement. From fifty values on it looks for their
    places in every statement anew, which takes longer than all else that it does with them."""
    from psycopg.adapt import Transformer

    quoted = Transformer(connection.connection).as_literal
    with connection.wrap_database_errors:
        spelled = [b",".join([b"NULL" if value is None else quoted(value) for value in row]) for row in rows]
    return "(" + b"),(".join(spelled).decode() + ")", None


def is_busy(error: Exception) -> bool:
    """Whether another writer was in the way."""
    return code_of(error) in BUSY


def was_overtaken(error: Exception) -> bool:
    """Whether two writers waited for each other."""
    return code_of(error) in OVERTAKEN


def was_cut_off(error: Exception) -> bool:
    """Whether the server went away in the middle: what was under way may have been committed or not."""
    code, cause = code_of(error), type(error.__cause__)
    # A statement that travelled with one that was refused is refused too, by the client itself.
    ours = cause.__module__.startswith("psycopg") and cause.__name__ != "PipelineAborted"
    return ours and (not code or code.startswith(("08", "57P")))


def is_damaged(error: Exception) -> bool:
    """Whether a page was refused by its checksum, or does not fit what hangs on it."""
    return code_of(error) in DAMAGED


@dataclass(frozen=True, slots=True)
class _Said:
    """What a server says of itself and of the database."""

    number: int
    version: str
    is_replica: bool
    commit: str
    fsync: str
    full_pages: str
    encoding: str
    collation: str
    provider: str | None
    checksums: str
    standbys: str = ""
    """The servers of which one or more must have a commit before it is acknowledged; empty when none must."""


@dataclass(frozen=True, slots=True)
class PostgreSql:
    """The database behind a connection string. See `Database`."""

    text: str
    password_file: str = ""
    copy_name: str = COPY

    def table(self) -> dict[str, Any]:
        """Connections are kept, and looked at before they are used again: a server may have failed over."""
        from psycopg import IsolationLevel

        parts = connection_string.parts_of(self.text)
        rest = {key: value for key, value in parts.items() if key not in ("dbname", "user", "host", "port")}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts["dbname"],
            "USER": parts.get("user", ""),
            "PASSWORD": self._password(),
            "HOST": parts.get("host", ""),
            "PORT": parts.get("port", ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                **rest,
                "isolation_level": IsolationLevel.READ_COMMITTED,
                "options": f"-c lock_timeout={WAIT_SECONDS}s -c idle_in_transaction_session_timeout=120s",
            },
        }

    def _password(self) -> str:
        return connection_string.password(self.password_file) if self.password_file else ""

    def _whole(self) -> str:
        """The connection string with what was filled in, for tools; the password travels apart."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo("", **connection_string.parts_of(self.text))

    def check_there(self) -> None:
        """Nothing of it can be seen before it is opened."""

    def check_whole(self) -> None:
        said = self._ask()
        for wrong, remedy in _faults(said):
            raise CannotStart(f"{wrong} Nothing was started or changed.", remedy)

    def _ask(self) -> _Said:
        from django.db import DatabaseError, connection

        try:
            with connection.cursor() as cursor:
                cursor.execute(_ASKED)
                return _Said(*cursor.fetchone())
        except DatabaseError as error:
            raise CannotStart(
                f"The database cannot be reached ({_line(error)}); nothing was started or changed.",
                "Start PostgreSQL, or correct `database` and its password file in settings.toml. "
                f"A database that was never made: {NEW_ONE}",
            ) from error

    @contextmanager
    def founding(self) -> Iterator[None]:
        """Tables are made in a transaction too, so a founding cut short leaves an empty database."""
        from django.db import DatabaseError, transaction

        self.check_whole()
        self._check_empty("no host was founded")
        try:
            with transaction.atomic():
                yield
        except DatabaseError as error:
            raise CannotStart(
                f"The tables could not be made ({_line(error)}); no host was founded and the database is as it was.",
                "Make the role that `database` names the owner of that database.",
            ) from error

    def _check_empty(self, then: str) -> None:
        from django.db import connection

        if connection.introspection.table_names():
            raise CannotStart(
                f"There are tables in the database already; {then} and nothing in it was changed.",
                f"Name an empty database. A new one: {NEW_ONE}",
            )

    def copy(self, place: Path) -> None:
        """One snapshot, by PostgreSQL's own tool, which knows every version's catalogue."""
        place.touch(mode=0o600)
        what = ["--format=custom", "--no-owner", "--no-privileges", "--file", str(place)]
        pg_tools.run("pg_dump", what, self._whole(), self._password(), "no copy was made")

    def load(self, place: Path) -> None:
        if place.name != self.copy_name:
            raise CannotStart(
                "This backup's database is a file of SQLite, and a PostgreSQL database was named; nothing was loaded.",
                "Leave --database out: a host stays with the kind of database it was founded on.",
            )
        self.check_whole()
        self._check_empty("nothing was loaded")
        what = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(place)]
        pg_tools.run(
            "pg_restore", what, self._whole(), self._password(), "the database is as empty as it was"
        )

    def empty(self) -> None:
        """`load` has found it without tables, so all there are came from the copy."""
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for name in connection.introspection.table_names(cursor):
                cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")

    def tended(self) -> AbstractContextManager[None]:
        """The server looks after its log by itself."""
        return nullcontext()

    @contextmanager
    def in_few_trips(self) -> Iterator[None]:
        from django.db import connection

        connection.ensure_connection()
        with connection.wrap_database_errors, connection.connection.pipeline():
            yield

    def look(self) -> tuple[str, str]:
        said = self._ask()
        says = (
            f"PostgreSQL {said.version}, synchronous_commit {said.commit}, page checksums {said.checksums}."
        )
        if said.checksums != "on":
            return (
                says,
                "Without checksums a rotten page is found late: stop the server and run pg_checksums --enable.",
            )
        if not said.standbys and len(connection_string.servers(connection_string.parts_of(self.text))) > 1:
            return says + " No other server has to have a commit before it is acknowledged.", (
                "If this server is lost, so is what was acknowledged last: let the cluster replicate synchronously "
                "(in Patroni: synchronous_mode and synchronous_mode_strict)."
            )
        return says, ""


def _line(error: Exception) -> str:
    """The first line of what the database said; the others are hints to somebody else."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _faults(said: _Said) -> Iterator[tuple[str, str]]:
    """What is wrong with the server, each with its remedy."""
    if said.number < OLDEST * 10_000:
        yield f"PostgreSQL {said.version} is too old.", f"Use version {OLDEST} or newer."
    if said.is_replica:
        yield (
            "This PostgreSQL server is a replica that takes no writes.",
            "Name the primary, or all servers of the cluster, in `database`.",
        )
    if said.commit not in SAFE_COMMITS:
        yield (
            f"PostgreSQL acknowledges before a commit is safe (synchronous_commit = {said.commit}).",
            "Run in the database: ALTER ROLE CURRENT_USER SET synchronous_commit = on",
        )
    for name, value in (("fsync", said.fsync), ("full_page_writes", said.full_pages)):
        if value != "on":
            yield (
                f"PostgreSQL would lose or tear what it has acknowledged when the machine stops ({name} = {value}).",
                f"Set {name} = on in postgresql.conf and reload it.",
            )
    if said.encoding != "UTF8":
        yield f"The database's encoding is {said.encoding}, not UTF8.", f"Make another one: {NEW_ONE}"
    if said.collation not in BY_CODE and said.provider != "b":
        yield (
            f"The database sorts text as {said.collation} does; an upgrade of the system can change that and spoil "
            "its indexes unseen.",
            f"Make one that sorts by code: {NEW_ONE}",
        )
