"""A private PostgreSQL for the tests: made in a folder of its own, on a socket and a loopback port of its own.

PostgreSQL refuses to run as root, so a run as root starts it as somebody without rights. `fsync` is on, as on a host;
but where there is room the folder lies in memory, since processes are killed here, never the machine, and hundreds of
databases that are thrown away need no disk.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from lastwords.server.databases import pg_tools

ROLE, PASSWORD = "lastwords", "not a secret"
PATIENCE = 60.0
"""Seconds a busy machine may take to start or stop it."""
LEAST_FREE = 3 * 2**30
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "64MB",
    "max_connections": "80",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def somebody() -> str | None:
    """Whom PostgreSQL runs as: None for oneself."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def memory() -> Path | None:
    """A folder that lies in memory, if there is one with room enough."""
    place = Path("/dev/shm")
    return place if place.is_dir() and shutil.disk_usage(place).free > LEAST_FREE else None


class Cluster:
    """One server with as many databases as tests want. `settings` are its own, beside those every cluster has, and so
    is what `environment` adds to that of its processes. One that `follows` another is its standby, with everything
    that is there."""

    def __init__(
        self,
        environment: dict[str, str] | None = None,
        follows: "Cluster | None" = None,
        **settings: str,
    ) -> None:
        self.environment = {**os.environ, **(environment or {})}
        self.user = somebody()
        self.folder = Path(tempfile.mkdtemp(prefix="lastwords-pg-", dir=memory()))
        if self.user:
            shutil.chown(self.folder, self.user)
        self.folder.chmod(0o711)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.settings = SETTINGS | settings
        self.process: subprocess.Popen[bytes] | None = None
        self.old: list[str] = []
        if follows:
            where = follows.address("postgres", "postgres")
            copied = ["--wal-method=stream", "--checkpoint=fast", "--no-sync", "--write-recovery-conf"]
            self.run([self.tool("pg_basebackup"), "-D", self.data, "-d", where, *copied])
            self.start()
            return
        made = [self.tool("initdb"), "-D", self.data, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        how = ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--data-checksums"]
        self.run([*made, *how])
        self.start()
        self.tell(f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{PASSWORD}'", role="postgres")

    def tool(self, name: str) -> str:
        found = pg_tools.find(name)
        assert found, f"{name} is not on this machine"
        return found

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def run(self, command: list[str]) -> None:
        subprocess.run(command, user=self.user, cwd=self.folder, check=True, capture_output=True)

    # Starting, stopping, killing.

    def start(self) -> None:
        told = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        where = ["-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.tool("postgres"), "-D", self.data, *where, *told],
                user=self.user,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while True:
            try:
                self.tell("SELECT 1", role="postgres")
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()[-2_000:]) from None
                pause.wait(0.05)

    def parts(self) -> list[int]:
        """The process ids of the server and of everything it started."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def kill(self) -> None:
        """Ends every process of it at once, as a machine that loses its power would; the disk stays as it is."""
        assert self.process is not None
        for number in self.parts():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(PATIENCE)
        self.process = None

    def close(self) -> None:
        """Nothing of it is wanted any more, so it need not put anything in order first."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Databases.

    def address(self, database: str, role: str = ROLE) -> str:
        """The connection string over the socket."""
        return f"host={self.folder} port={self.port} user={role} dbname={database}"

    def tell(self, sql: str, database: str = "postgres", role: str = ROLE) -> list[tuple[object, ...]]:
        """One statement, in a connection of its own."""
        with psycopg.connect(self.address(database, role), autocommit=True) as connection:
            found = connection.execute(sql)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def empty(self) -> str:
        """The name of a new database without tables."""
        return self._make("template0")

    def twin(self, name: str) -> str:
        """The name of a new database that is as that one is now."""
        self.tell(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        return self._make(name)

    def _make(self, template: str) -> str:
        name = f"t{secrets.token_hex(6)}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C.UTF-8'")
        return name

    def discard(self, names: list[str]) -> None:
        """These are not needed any more. They are dropped many at a time, since each time costs a checkpoint."""
        self.old += names
        if len(self.old) > 20:
            for name in self.old:
                self.tell(f"DROP DATABASE {name} WITH (FORCE)")
            self.old = []

    def names(self) -> set[str]:
        found = self.tell("SELECT datname FROM pg_database WHERE datname LIKE 't____________'")
        return {str(name) for (name,) in found} - set(self.old)


_here: list[Cluster] = []


def cluster() -> Cluster:
    """The one of this run, started when it is first wanted."""
    if not _here:
        _here.append(Cluster())
    return _here[0]


@contextmanager
def ended() -> Iterator[None]:
    """Whatever was started is gone when the block ends."""
    try:
        yield
    finally:
        while _here:
            _here.pop().close()


@contextmanager
def tidied() -> Iterator[None]:
    """Databases that were made inside the block are not kept after it."""
    if not _here:
        yield
        return
    before = cluster().names()
    yield
    if _here:
        cluster().discard(sorted(cluster().names() - before))
