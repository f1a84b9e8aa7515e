"""A real host on loopback for every test that speaks to one, and people who have nothing but the command line.

The host runs in a thread of the test over its own data folder, with clocks that a test moves by hand; what travels is
real HTTP. A person is a home folder. Keys are made without a passphrase, because scrypt is slow on purpose; the tests
of the home lock theirs.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from click.testing import CliRunner, Result
from server.conftest import (
    HandMoved,
    House,
    a_folder,
    copy_folder,
    lay,
    migrated,
    no_cluster_is_left,
    no_database_is_left,
    once,
)

from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped
from lastwords.cli.main import cli
from lastwords.protocol.watch import Watch

__all__ = ["migrated", "no_cluster_is_left", "no_database_is_left"]

CIRCLE = ("pakkun", "bisuke", "bull", "ully")


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: a test's output is its own."""


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass
class Person:
    """One home folder, and the commands typed with it."""

    home: Path
    folder: Path

    def types(self, *words: str | Path, typing: str | None = None) -> Result:
        """Runs a command; `typing` is what the person types at prompts."""
        arguments = ["--home", str(self.home), *map(str, words)]
        result = CliRunner().invoke(cli, arguments, input=typing, prog_name="lastwords")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def does(self, *words: str | Path, typing: str | None = None) -> dict[str, Any]:
        """Runs a command that is expected to go well, and returns its JSON answer."""
        result = self.types(*words, "--json", typing=typing)
        assert result.exit_code == 0, result.output + result.stderr
        answer = json.loads(result.stdout)
        assert isinstance(answer, dict)
        return answer

    def refused(self, *words: str | Path, typing: str | None = None) -> dict[str, str]:
        """Runs a command that is expected to be refused, and returns what was said: code, happened, do."""
        result = self.types(*words, "--json", typing=typing)
        assert result.exit_code == 1, result.output + result.stderr
        said = json.loads(result.stderr.splitlines()[-1])["refused"]
        assert said["happened"] and said["do"]
        return dict(said)

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@dataclass
class Place:
    """A host and the people around it."""

    origin: str
    folder: Path
    house: House

    def person(self, name: str) -> Person:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Person(folder / "home", folder)

    def join_code(self) -> str:
        """A code the host has given out."""
        import hashlib
        import secrets

        from lastwords.server.models import JoinCode

        code = secrets.token_urlsafe(16)
        JoinCode.objects.create(hash=hashlib.sha256(code.encode()).hexdigest(), made=0, expires=2**40)
        return code

    def author(self, name: str) -> Person:
        """Someone who has joined as an author."""
        person = self.person(name)
        person.does("key", "new", "--no-passphrase")
        code = person.file("join.code", self.join_code())
        person.does("join", self.origin, "--name", name.capitalize(), "--handle", name, "--code", code)
        return person

    def invited(self, author: Person, name: str, role: str = "keeper") -> Person:
        """Someone who accepted an author's invitation."""
        person = self.person(name)
        link = author.folder / f"{name}.{role}.link"
        author.does("invite", role, name, "--out", link)
        person.does("accept", link, "--name", name.capitalize(), "--handle", name, "--no-passphrase")
        return person

    def keeper(self, author: Person, name: str) -> Person:
        """A keeper whose keys the author has checked and vouched for."""
        person = self.invited(author, name)
        author.does("keeper", "verify", name, "--vouch")
        return person

    def watch(self, author: str) -> Watch:
        from lastwords.server import store

        return store.read(author)

    # Time, and the letters it depends on.

    def hand_over(self, author: str) -> None:
        """See `House.hand_over`."""
        self.house.hand_over(author)

    def pass_time(self, author: str, seconds: int) -> None:
        """See `House.pass_time`."""
        self.house.pass_time(author, seconds)

    def fall_silent(self, author: str) -> None:
        """The author misses a check-in and answers nothing until the keepers are called."""
        plan = self.watch(author).plan
        self.pass_time(author, plan.check_in_every)
        self.pass_time(author, plan.late)
        assert self.watch(author).stage == "vigil"

    def run_out(self, author: str) -> None:
        """The vigil's least time and the last call run out."""
        plan = self.watch(author).plan
        self.pass_time(author, plan.vigil)
        self.pass_time(author, plan.last_call)


@dataclass
class Cave:
    """Iruka, who has written for Naruto; four keepers; a plan in force."""

    place: Place
    iruka: Person
    naruto: Person
    keepers: dict[str, Person]

    def naruto_files(self) -> list[dict[str, Any]]:
        """The sealed files of Naruto's words, as their author sees them."""
        return list(self.iruka.does("words", "list")["words"][0]["files"])


@dataclass
class Listening:
    """One port of this machine for the whole run; each test puts its own data folder behind it."""

    server: Threaded
    origin: str


@pytest.fixture(scope="session")
def listening() -> Iterator[Listening]:
    server = Threaded(("127.0.0.1", 0), Silent)
    yield Listening(server, f"http://127.0.0.1:{server.server_port}")
    server.server_close()


@contextmanager
def serving(listening: Listening, data: Path, source: HandMoved) -> Iterator[Place]:
    """A host over a data folder, for as long as the block runs."""
    from lastwords.server import clock
    from lastwords.server import settings as server_settings

    chosen = server_settings.configure(data)
    clock.use(clock.Clock(source, chosen.pulse))
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connections

    listening.server.set_app(WSGIHandler())
    thread = threading.Thread(target=listening.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Place(listening.origin, data.parent, House(data, chosen, source))
    finally:
        listening.server.shutdown()
        thread.join()
        clock.use(None)
        connections.close_all()


def begin(listening: Listening, data: Path, database: Path) -> None:
    """A data folder for this port, with an empty database."""
    a_folder(data)
    settings = data / "settings.toml"
    settings.write_text(settings.read_text().replace("http://127.0.0.1:8443", listening.origin))
    lay(database, data)


@pytest.fixture
def place(listening: Listening, migrated: Path, tmp_path: Path) -> Iterator[Place]:
    """A fresh host on loopback."""
    begin(listening, tmp_path / "data", migrated)
    with serving(listening, tmp_path / "data", HandMoved()) as found:
        open_the_house(found)
        yield found


def open_the_house(place: Place) -> None:
    """The host is there, and its clock has pulsed once."""
    from lastwords.server import clock

    place.house.person("host", "The host", "host@example.org", is_host=True)
    clock.here().pulse(way_out=True, heard=True)


def arm(place: Place) -> None:
    """Everything Iruka does before the journey, typed as a person would type it."""
    iruka = place.author("iruka")
    keepers = {name: place.keeper(iruka, name) for name in CIRCLE}
    card = iruka.folder / "naruto.card.txt"
    iruka.does(
        "recipient", "add", "Naruto", "--handle", "naruto", "--mail", "naruto@example.org", "--card", card
    )
    letter = iruka.file("letter.txt", "You will lead the village one day.")
    ramen = iruka.file("ramen.bin", bytes(range(256)) * 1000)
    wishes = iruka.file("wishes.txt", "Do not come looking for me.")
    iruka.does(
        "words", "write", "naruto", "--text", letter, "--file", ramen, "--note", "A happy one", "--wishes", wishes
    )  # fmt: skip
    for keeper in keepers.values():
        keeper.does("shares", "prove", "iruka")
    iruka.does("codes", "new", "--out", iruka.folder / "codes.txt")
    iruka.does("key", "sheet", iruka.folder / "sheet.txt")
    iruka.does("key", "prove", "--sheet", iruka.folder / "sheet.txt")
    iruka.does("plan", "arm")
    naruto = place.person("naruto")
    naruto.does("key", "from-card", card, "--no-passphrase")


@pytest.fixture(scope="session")
def armed(
    database: str, listening: Listening, migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a host and of everyone's homes, with Iruka's plan in force."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("armed")
        begin(listening, folder / "data", migrated)
        with serving(listening, folder / "data", HandMoved()) as found:
            open_the_house(found)
            arm(found)
        return folder

    return once(f"the cave at {listening.origin}", database, make)


@pytest.fixture
def cave(listening: Listening, armed: Path, tmp_path: Path) -> Iterator[Cave]:
    """Iruka's plan in force, in a folder of this test's own."""
    folder = tmp_path / "cave"
    shutil.copytree(armed, folder, ignore=shutil.ignore_patterns("data"))
    copy_folder(armed / "data", folder / "data")
    with serving(listening, folder / "data", HandMoved()) as place:
        people = {name: place.person(name) for name in (*CIRCLE, "iruka", "naruto")}
        yield Cave(place, people["iruka"], people["naruto"], {name: people[name] for name in CIRCLE})


def breaks_at(monkeypatch: pytest.MonkeyPatch, end: str, code: str) -> None:
    """The fault: whatever is sent to an address with this end is met with this refusal, and the host never hears it."""
    honest = Host.post

    def breaks(self: Host, *path: str | int, **body: object) -> object:
        if path[-1] == end:
            raise Stopped("The line is broken.", "Try again.", code)
        return honest(self, *path, **body)

    monkeypatch.setattr(Host, "post", breaks)
