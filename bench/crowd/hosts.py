"""Hosts that are knocked at: ours, filled with authors, and healthchecks from a checkout, with as many checks."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lastwords.server.settings import DATA, Mail, Settings

from . import authors

BENCH = Path(__file__).resolve().parents[1]
PATIENCE = 120.0
"""Seconds a busy machine may take until a host answers."""
CONNECTIONS = 16


def knock(
    place: Path, port: int, lanes: list[list[str]], warm: float, seconds: float, server: int
) -> dict[str, Any]:
    """What came of it, as `load` prints it; beside it the load average, and the milliseconds that the processes of the
    server used for each answer."""
    authors.write_lanes(place, port, lanes, warm, seconds)
    before = used(server)
    done = subprocess.run(
        [sys.executable, "-m", "crowd.load", str(place)],
        cwd=BENCH,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    own = (used(server) - before) * 1_000 / max(1, found["answered"])
    return found | {"load": round(os.getloadavg()[0], 1), "own": own}


def used(server: int) -> float:
    """Seconds of the processor that a process and those it has started have used."""
    total = 0
    for place in family(server):
        said = (place / "stat").read_text().rsplit(")", 1)[1].split()
        total += int(said[11]) + int(said[12])
    return total / os.sysconf("SC_CLK_TCK")


def family(process: int) -> list[Path]:
    """The folders under /proc of a process and of those it has started."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                said = (place / "stat").read_text().rsplit(")", 1)[1].split()
                if process in (int(place.name), int(said[1])):
                    found.append(place)
    return found


@dataclass
class Ours:
    """Our web server alone, over a folder full of authors. With `as_ever` each request carries a cookie, which sends it
    by the API's own view."""

    data: Path
    count: int
    database: str = ""
    as_ever: bool = False
    rate: float = 600.0
    turn: int = 0
    server: int = 0
    people: list[authors.Author] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = _port()
        here = f"127.0.0.1:{self.port}"
        mail = Mail("127.0.0.1", 9, "words@example.org")
        self.chosen = Settings(
            self.data, f"http://{here}", mail, "host@example.org", bind=here, database=self.database
        )

    def fill(self) -> None:
        from lastwords.server import founding
        from lastwords.server import settings as server_settings

        founding.found(self.chosen)
        server_settings.configure(self.data)
        from lastwords.server import clock  # its tables can only be loaded once the folder is known

        clock.use(None)
        self.people = authors.fill(self.count, clock.now())
        from django.db import connections

        connections.close_all()

    @contextmanager
    def served(self) -> Iterator["Ours"]:
        process = subprocess.Popen(
            [sys.executable, "-m", "lastwords.server.web"], env={**os.environ, DATA: str(self.data)}
        )
        self.server = process.pid
        try:
            _wait(self.port, "/health")
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def run(self, warm: float, seconds: float, connections: int = CONNECTIONS) -> dict[str, Any]:
        each = int(self.rate * (warm + seconds) * 2 / connections) + 20
        header = "Cookie: none=1\r\n" if self.as_ever else ""
        self.turn += 1
        lanes = authors.lanes(
            self.people, connections, each, self.chosen.origin, int(time.time()), header, self.turn
        )
        found = knock(self.data.parent / "lanes", self.port, lanes, warm, seconds, self.server)
        self.rate = max(100.0, float(found["rate"]))
        return found | self.kept()

    def kept(self) -> dict[str, Any]:
        """Bytes of SQLite's log after the run: with checkpoints beside the commits it must not grow for ever."""
        log = self.data / "lastwords.sqlite3-wal"
        return {"log_bytes": log.stat().st_size} if log.exists() else {}


_CHECKS = """
import json, sys
from django.contrib.auth.models import User
from hc.accounts.models import Project
from hc.api.models import Check
user = User.objects.create_user("bench", "bench@example.org")
project = Project.objects.create(owner=user)
checks = Check.objects.bulk_create([Check(project=project) for _ in range(int(%d))], batch_size=500)
print("CODES" + json.dumps([str(check.code) for check in checks]))
"""


@dataclass
class Healthchecks:
    """A checkout of healthchecks with a Python that has what it wants, served by uWSGI with the options that it ships
    and two processes, without the processes beside it that send."""

    checkout: Path
    python: Path
    folder: Path
    count: int
    database: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    server: int = 0

    def __post_init__(self) -> None:
        self.port = _port()
        settings = {
            "DB_NAME": str(self.folder / "hc.sqlite"),
            "DEBUG": "False",
            "SECRET_KEY": "bench",
            "ALLOWED_HOSTS": "*",
            "SITE_ROOT": f"http://127.0.0.1:{self.port}",
        }
        self.environment = {**os.environ, **settings, **self.database}

    def _manage(self, *words: str, given: str = "") -> str:
        done = subprocess.run(
            [self.python, "manage.py", *words],
            cwd=self.checkout,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def fill(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._manage("migrate", "--verbosity", "0")
        said = self._manage("shell", "--no-imports", given=_CHECKS % self.count)
        self.codes = json.loads(said[said.index("CODES") + 5 :].splitlines()[0])

    @contextmanager
    def served(self) -> Iterator["Healthchecks"]:
        options = f"""[uwsgi]
strict
master
die-on-term
http-socket = 127.0.0.1:{self.port}
harakiri = 10
buffer-size = 32768
post-buffering = 16192
processes = 2
enable-threads
threads = 1
chdir = {self.checkout}
module = hc.wsgi:application
thunder-lock
disable-write-exception
disable-logging
max-fd = 10000
"""
        ini = self.folder / "uwsgi.ini"
        ini.write_text(options)
        with (self.folder / "uwsgi.log").open("wb") as log:
            process = subprocess.Popen(
                [self.python.parent / "uwsgi", str(ini)],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self.server = process.pid
        try:
            _wait(self.port, "/")
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def run(self, warm: float, seconds: float, connections: int = CONNECTIONS) -> dict[str, Any]:
        lanes = [
            [
                self._ping(code)
                for _ in range(1 + 400 // len(self.codes))
                for code in self.codes[at::connections]
            ]
            for at in range(connections)
        ]
        many = [lane * (1 + int(6000 / connections / len(lane))) for lane in lanes]
        return knock(self.folder / "lanes", self.port, many, warm, seconds, self.server)

    def _ping(self, code: str) -> str:
        return base64.b64encode(f"GET /ping/{code} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()).decode()


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, path: str) -> None:
    """Until it answers, whatever it says."""
    late = time.monotonic() + PATIENCE
    while time.monotonic() < late:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"Nothing answered on port {port} within {PATIENCE:.0f} s.")
