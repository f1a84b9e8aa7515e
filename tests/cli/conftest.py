"""A real host on loopback for every test that speaks to one, and people who have nothing but the command line.

The host runs in a thread of the test over its own data folder, with clocks that a test moves by hand; what travels is
real HTTP. A person is a home folder. Keys are made without a passphrase, because scrypt is slow on purpose; the tests
of the home lock theirs.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from click.testing import CliRunner, Result
from server.conftest import HandMoved, House, a_folder, migrated

from lastwords.cli.main import cli
from lastwords.protocol.watch import Watch

__all__ = ["migrated"]

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
        """Every letter that waits is accepted by the far side."""
        from lastwords.protocol.events import LetterTaken
        from lastwords.server import models, store

        for row in models.Letter.objects.filter(watch_id=author, stage="written"):
            store.act(author, LetterTaken("host", row.kind, row.to, row.round))
            models.Letter.objects.filter(pk=row.pk).update(stage="handed_over")

    def pass_time(self, author: str, seconds: int) -> None:
        """Time runs on with good pulses; whatever falls due is done, and its letters are accepted."""
        from lastwords.server import store

        self.hand_over(author)
        now = self.house.leap(seconds)
        while store.here().look(author, now).row is not None:
            self.hand_over(author)
        self.hand_over(author)

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


def serve(data: Path, database: Path, source: HandMoved, old_origin: str = "") -> tuple[Place, Threaded]:
    """Starts a host over a data folder on a free port of this machine."""
    from lastwords.server import clock
    from lastwords.server import settings as server_settings

    server = Threaded(("127.0.0.1", 0), Silent)
    origin = f"http://127.0.0.1:{server.server_port}"
    written = (data / "settings.toml").read_text()
    (data / "settings.toml").write_text(written.replace(old_origin or "http://127.0.0.1:8443", origin))
    if not (data / "lastwords.sqlite3").exists():
        shutil.copy(database, data / "lastwords.sqlite3")
    chosen = server_settings.configure(data)
    house = House(data, chosen, source)
    clock.use(clock.Clock(source, chosen.pulse))
    from django.core.handlers.wsgi import WSGIHandler

    server.set_app(WSGIHandler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Place(origin, data.parent, house), server


def stop(server: Threaded) -> None:
    from django.db import connections

    from lastwords.server import clock

    server.shutdown()
    server.server_close()
    clock.use(None)
    connections.close_all()


@pytest.fixture
def place(migrated: Path, tmp_path: Path) -> Iterator[Place]:
    """A fresh host on loopback."""
    from lastwords.server import clock

    a_folder(tmp_path / "data")
    found, server = serve(tmp_path / "data", migrated, HandMoved())
    found.house.person("host", "The host", "host@example.org", is_host=True)
    clock.here().pulse(way_out=True, heard=True)
    yield found
    stop(server)
