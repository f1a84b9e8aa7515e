"""The `database` setting for PostgreSQL: a libpq connection string or URL, checked whole before anything is opened.

Several servers may be named, as a cluster that fails over has them; then the one that takes writes is used. A
password never stands in it: it has a file of its own, as the mail relay's has.
"""

from pathlib import Path

from lastwords.server.addresses import is_loopback
from lastwords.server.refusals import BadSettings

KNOWN = frozenset(
    {
        *("host", "hostaddr", "port", "dbname", "user", "application_name", "target_session_attrs"),
        *("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        *("tcp_user_timeout", "load_balance_hosts", "channel_binding", "require_auth", "requirepeer"),
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "sslsni", "sslnegotiation"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "gssencmode", "krbsrvname"),
    }
)
"""What may be named. `options` may not, since it could take away what makes a commit safe; nor may a service or a
password file of libpq's own, since then the settings would not say where the tables are."""
WRITES = ("read-write", "primary")
PATIENCE = {
    "target_session_attrs": WRITES[0],
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What holds unless it is said otherwise. A server whose machine or network is gone answers nothing, not even that it
is gone; left to itself the system would wait a quarter of an hour for it. Seconds, and milliseconds for the last."""
AMONG_SEVERAL = "3"
"""Seconds to wait for one of several servers before the next one is asked: behind it others wait."""
TLS = "verify-full"


def parts_of(text: str) -> dict[str, str]:
    """The keywords of a connection string or URL, with what keeps it from waiting for ever filled in. Raises
    BadSettings."""
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise BadSettings(
            f"PostgreSQL needs the package psycopg, and it cannot be loaded ({error}); nothing was started or changed.",
            "Run make setup where this software was set up: it brings psycopg.",
        ) from error
    try:
        found = {key: str(value) for key, value in conninfo_to_dict(text).items() if value is not None}
    except ProgrammingError as error:
        raise BadSettings.of(
            "database",
            # libpq repeats what it could not read, and that could be a password.
            "it is not a connection string that PostgreSQL's own tools would read",
            'database = "postgresql://lastwords@db.example.org/lastwords?sslmode=verify-full"',
        ) from error
    several = {"connect_timeout": AMONG_SEVERAL} if len(servers(found)) > 1 else {}
    return {**PATIENCE, **several, **found}


def check(parts: dict[str, str], password_file: str) -> None:
    """Refuses what cannot be kept. Raises BadSettings for the first thing."""
    if "password" in parts:
        raise BadSettings.of(
            "database",
            "a password stands in it",
            "take it out, write it into a file that only this user can read, and name that as "
            "database_password_file",
        )
    for key in sorted(set(parts) - KNOWN):
        raise BadSettings.of("database", f"{key} may not be set here", f"take {key} out of it")
    if not parts.get("dbname"):
        raise BadSettings.of(
            "database", "it names no database", "add its name: dbname=lastwords, or /lastwords in a URL"
        )
    hosts, ports = servers(parts), _list(parts, "port")
    if len(ports) > 1 and len(ports) != len(hosts):
        raise BadSettings.of(
            "database", "it names more or fewer ports than servers", "one port for all, or one for each"
        )
    if parts["target_session_attrs"] not in WRITES:
        raise BadSettings.of(
            "database",
            "target_session_attrs would lead to a server that takes no writes",
            "take it out of it",
        )
    names = _list(parts, "host") or hosts
    if any(not _is_here(name) for name in (*hosts, *names)) and parts.get("sslmode") != TLS:
        raise BadSettings.of(
            "database",
            "a server on another machine may be reached only under TLS with its name checked",
            f"add sslmode={TLS}, and sslrootcert=PATH (or sslrootcert=system) for whoever signed its certificate",
        )
    if password_file:
        password(password_file)


def servers(parts: dict[str, str]) -> list[str]:
    """Where the servers are that are named, in their order; empty for the one on this machine."""
    return _list(parts, "hostaddr") or _list(parts, "host")


def _list(parts: dict[str, str], key: str) -> list[str]:
    return parts[key].split(",") if parts.get(key) else []


def _is_here(host: str) -> bool:
    """Whether this is a socket in the file system, or this machine's own address."""
    return not host or host.startswith(("/", "@")) or is_loopback(host)


def password(path: str) -> str:
    """What the password file holds, without the end of its line."""
    try:
        rights = Path(path).stat().st_mode & 0o077
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"The database's password file cannot be read ({error}); nothing was started or changed.",
            "Correct database_password_file in settings.toml, or the file's rights.",
        ) from error
    if rights:
        raise BadSettings(
            "Others on this machine can read the database's password file; nothing was started or changed.",
            f"Run: chmod 600 {path}",
        )
    return text
