"""The made-up family of the browser's tests, and a real host for them.

Jonas Lind writes for Ana Reis. Mira, Paul, Ines and Leila keep for him: verified, their shares proven. Tom has accepted
and is not verified yet. Everything is done once by the command line, with real keys and really sealed words, and copied
for every host that a test wants: the same people at another address. Nothing on disk is locked by a passphrase, because
scrypt is slow on purpose.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cli.conftest import Listening, Person, Place, Silent, Threaded, serving

from lastwords.sealing.person import PersonKeys

# Playwright's loop runs in this thread; our look into a database may too.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

NAMES = {
    "jonas": "Jonas Lind",
    "mira": "Mira Costa",
    "paul": "Paul Lind",
    "ines": "Ines Rocha",
    "leila": "Leila Haddad",
    "tom": "Tom Berg",
    "ana": "Ana Reis",
}
KEEPERS = ("mira", "paul", "ines", "leila")
ZONE = "Europe/Lisbon"
PULSE = 6 * 3600
A_FEW_DAYS = 4 * 86_400
PATIENCE = 180.0
"""Seconds that a busy machine may take for what usually takes one."""
LETTER = (
    "The house is yours. The key to the garden hangs behind the clock. You cannot answer this, so do not try."
)
ORIGIN = "http://localhost:1"
"""Where the family lives before it is copied: nowhere."""


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], because: str) -> Any:
    """Waits until `what()` is truthy and returns it; who waits in vain says for what."""
    deadline, rest = time.monotonic() + PATIENCE, threading.Event()
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        rest.wait(0.05)
    raise AssertionError(f"waited in vain: {because}")


# The seed of all copies.


def found(folder: Path, origin: str, bind: str, smtp: int) -> None:
    """A new demonstration host, as `lastwords host init` makes it, with its first pulse."""
    from lastwords.server import founding
    from lastwords.server.settings import Mail, Settings

    mail = Mail("127.0.0.1", smtp, "words@example.org")
    chosen = Settings(folder, origin, mail, "host@example.org", bind=bind, demo=True, pulse=PULSE, zone=ZONE)
    founding.found(chosen)
    from lastwords.server import clock

    clock.here().pulse(way_out=True, heard=True)


def build(folder: Path) -> None:
    """The whole family under `folder`: `data` is the host's, every other folder a person's."""
    server = Threaded(("127.0.0.1", 0), Silent)
    port = server.server_port
    origin = f"http://localhost:{port}"
    found(folder / "data", origin, f"127.0.0.1:{port}", 1)
    from lastwords.server import clock

    listening = Listening(server, origin)
    with serving(listening, folder / "data", clock.Demo(clock.Machine())) as place:  # type: ignore[arg-type]
        gather(place)
    server.server_close()
    move_house(folder, origin, ORIGIN)


def gather(place: Place) -> None:
    """Everything the family does before the tests begin, typed as people would type it."""
    jonas = place.person("jonas")
    jonas.does("key", "new", "--no-passphrase")
    code = jonas.file("join.code", place.join_code())
    jonas.does(
        "join", place.origin, "--name", NAMES["jonas"], "--handle", "jonas", "--zone", ZONE, "--code", code
    )
    for name in (*KEEPERS, "tom"):
        keeper, link = place.person(name), jonas.folder / f"{name}.link"
        jonas.does("invite", "keeper", NAMES[name], "--out", link)
        keeper.does(
            *("accept", link, "--name", NAMES[name], "--handle", name, "--zone", ZONE, "--no-passphrase")
        )
        if name in KEEPERS:
            jonas.does("keeper", "verify", name, "--vouch")
    card = jonas.folder / "ana.card.txt"
    ana = ("--handle", "ana", "--mail", "ana@example.org")
    jonas.does("recipient", "add", NAMES["ana"], *ana, "--card", card)
    letter, picture = jonas.file("letter.txt", LETTER), jonas.file("garden.bin", bytes(range(256)) * 40)
    wishes = jonas.file("wishes.txt", "Plant something in the garden.")
    jonas.does(
        *("words", "write", "ana", "--text", letter, "--file", picture),
        *("--note", "About the house", "--wishes", wishes),
    )
    for name in KEEPERS:
        place.person(name).does("shares", "prove", "jonas")
    jonas.does("codes", "new", "--out", jonas.folder / "codes.txt")
    jonas.does("key", "sheet", jonas.folder / "sheet.txt")
    jonas.does("key", "prove", "--sheet", jonas.folder / "sheet.txt")
    jonas.does("plan", "arm")
    place.person("ana").does("key", "from-card", card, "--no-passphrase")
    reach_everyone()


def reach_everyone() -> None:
    """Everyone's own mailbox is proven: it would take a letter and a number for each."""
    from lastwords.server.models import Channel

    for name in NAMES:
        Channel.objects.update_or_create(
            person_id=name, kind="mail", address=f"{name}@example.org", defaults={"proven_at": 1}
        )


def move_house(folder: Path, old: str, new: str) -> None:
    """The same host and people at another address."""
    for path in folder.rglob("*.*"):
        if path.is_file() and path.suffix in (".toml", ".json", ".txt", ".link"):
            text = path.read_text("utf-8")
            if old in text:
                path.write_text(text.replace(old, new), "utf-8")


def seed(shared: Path) -> Path:
    """The family's folder, built once for all workers of a run."""
    folder = shared / "family"
    with open(shared / "family.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            (folder / "whole").touch()
    return folder


# A host that is served.


@dataclass
class Sink:
    """The mailbox of everyone: keeps each letter as it came."""

    arrived: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.arrived.append((list(envelope.rcpt_tos), message))
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for to, message in self.arrived if address in to]


class Host:
    """A real host of its own processes over a folder of its own, the family's or a new one, with its mailbox."""

    def __init__(self, folder: Path, family: Path | None) -> None:
        self.folder, self.data = folder, folder / "data"
        self.port, smtp = a_port(), a_port()
        self.origin, self.bind = f"http://localhost:{self.port}", f"127.0.0.1:{self.port}"
        self.mailbox = Sink()
        self.mail = Controller(self.mailbox, hostname="127.0.0.1", port=smtp)
        self.mail.start()
        self.process: subprocess.Popen[bytes] | None = None
        self.ahead = 0
        """Seconds by which this host's clock was moved on since it is served here."""
        if family is None:
            found(self.data, self.origin, self.bind, smtp)
        else:
            shutil.copytree(family, folder, dirs_exist_ok=True)
            move_house(folder, ORIGIN, self.origin)
            settings = self.data / "settings.toml"
            lines = [self._own(line, smtp) for line in settings.read_text("utf-8").splitlines()]
            settings.write_text("\n".join(lines) + "\n", "utf-8")

    def _own(self, line: str, smtp: int) -> str:
        key = line.partition(" = ")[0]
        return {"bind": f'bind = "{self.bind}"', "port": f"port = {smtp}"}.get(key, line)

    def serve(self) -> None:
        command = [sys.executable, "-c", "from lastwords.cli.main import main; main()"]
        command += ["host", "serve", "--data", str(self.data)]
        with open(self.folder / "serve.log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        wait_for(lambda: self.get("/health")[0] == 200, f"the host to be well; see {self.folder}/serve.log")

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)
        self.mail.stop()

    def get(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one plain request; POST when there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.bind}{path}", data)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except (OSError, ValueError):
            return 0, None

    def pass_time(self, seconds: int) -> None:
        """The demonstration's clock runs on, with a real round at every pulse; a few days for each request, so that a
        busy machine answers in time."""
        while seconds > 0:
            step = min(seconds, A_FEW_DAYS)
            status, moved = self.get("/api/demo/clock", {"seconds": step})
            assert status == 200, (status, moved)
            seconds -= step
            self.ahead += step

    def clock(self) -> int:
        """What this host's clock says, in UTC seconds."""
        return int(time.time()) + self.ahead

    # People.

    def person(self, name: str) -> Person:
        """The command line of one of the family."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Person(folder / "home", folder)

    def keys(self, name: str) -> PersonKeys:
        """The keys of one of the family, from their own folder."""
        return PersonKeys.from_card((self.folder / name / "home" / "key").read_text("ascii"))

    def paper_codes(self, name: str = "jonas") -> list[str]:
        """The codes of a printed list that are left; each is good for one check-in."""
        lines = (self.folder / name / "codes.txt").read_text("utf-8").splitlines()
        return [line.split()[-1] for line in lines if line.startswith("[ ]")]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """This process looks into the host's own database, as nobody can from outside."""
        from lastwords.server import settings

        settings.configure(self.data)
        from django.db import connections

        try:
            yield
        finally:
            connections.close_all()

    def session_of(self, name: str, *, proven: bool = False) -> str:
        """A session of the pages for this person, as a sign-in some time ago would leave it, or, with `proven`, one a
        moment ago; gives the cookie's value."""
        with self.inside():
            from allauth.usersessions.models import UserSession
            from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

            from lastwords.server import accounts
            from lastwords.server.models import Person as Row
            from lastwords.server.page_sessions import PROVEN
            from lastwords.server.session_keys import SessionStore

            person, session = Row.objects.get(handle=name), SessionStore()
            session[SESSION_KEY] = person.pk
            session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
            session[HASH_SESSION_KEY] = person.get_session_auth_hash()
            if proven:
                session[PROVEN] = accounts.wall()
            session.create()
            UserSession.objects.create(
                user=person,
                session_key=session.session_key,
                ip="127.0.0.1",
                user_agent="",
                data={"begun": int(time.time())},
            )
            return session.key
