"""Those who live on one machine: authors and keepers with their own keys, a mail server, and a plain program.

    python -m machines.people WATCHES NUMBER TOLD DATABASE PLANTED

They speak to the host of their machine alone, and write down in the file TOLD what was answered to each act, by the
hash of what they signed; also every letter that arrives, by its Message-ID. An act that nobody could say anything about
is sent once more, as it was. The plain program writes a row at a time by the same address as the host, and nothing
else: it shows what the database alone costs. They act until the file `over` lies beside TOLD; mail is taken to the end.

PLANTED, when it is not empty, is the fault "acknowledged before it is kept": what was sent is taken for done.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from server.api import world
from server.faults import served
from server.faults.served import Wire

from lastwords.sealing.person import PersonKeys
from lastwords.server.databases import connection_string

from .network import MACHINES
from .nodes import PASSWORD, WAIT
from .watches import ORIGIN, SMTP, Watches, kept

BETWEEN = {"check_in": 0.3, "statement": 0.6, "plain": 0.3}
"""Seconds between two acts of one kind."""
LONGEST = 40.0
"""Seconds that a person waits for an answer."""
NOT_CERTAIN = ("database_away", "unwritable", "fault")


class Told:
    """What these people were told, a line of JSON for each act; times on the clock that all machines share here."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock = path, threading.Lock()

    def write(self, **facts: Any) -> None:
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps({"at": time.monotonic(), **facts}) + "\n")


class Mailbox:
    """Takes every letter."""

    def __init__(self, told: Told) -> None:
        self.told = told

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = re.search(rb"(?im)^message-id: <([0-9a-f]+)@", envelope.content)
        self.told.write(kind="letter", id=found[1].decode() if found else "", to=envelope.rcpt_tos[0])
        return "250 kept"


class Case(world.Circle):
    """A circle whose case and epoch are known, so that nobody has to ask the database for them."""

    known: dict[str, Any]

    def in_case(self) -> dict[str, Any]:
        return self.known


class People:
    """Everybody of one machine. Of the watches, each machine has its share."""

    def __init__(self, watches: Watches, number: int, told: Told, planted: str = "") -> None:
        self.watches, self.told, self.planted = watches, told, planted
        self.over = told.path.with_name("over")
        self.authors = watches.authors[number::3]
        self.cases = watches.cases[number::3]
        self.counters: dict[str, int] = {}

    def person(self, name: str) -> world.Person:
        person = world.Person(name)
        person.keys = PersonKeys(self.watches.seeds[name])
        person.token, person.client = self.watches.tokens.get(name, ""), Wire(ORIGIN)
        return person

    def case_of(self, author: str) -> Case:
        keepers = [self.person(name) for name in self.watches.keepers]
        one = Case(self.person(author), keepers, world.Person("naruto"), self.watches.manifests)
        one.known = self.watches.case
        return one

    # What they do.

    def check_ins(self) -> Iterator[tuple[world.Person, str, dict[str, Any]]]:
        """One after the other, each with a counter higher than all before it."""
        circles = [self.case_of(author) for author in self.authors]
        while True:
            for one in circles:
                one.counter += 1
                document = world.CheckIn(
                    host=ORIGIN,
                    author=one.author.handle,
                    moment=world.MOMENT,
                    counter=one.counter,
                    heads=world.heads_digest(one.heads()),
                )
                yield one.author, f"{one.path}/check-ins", {"document": one.author.signed(document)}

    def statements(self) -> Iterator[tuple[world.Person, str, dict[str, Any]]]:
        """Every keeper about every case, again and again: the newest statement of a keeper is the one that stands."""
        circles = [self.case_of(author) for author in self.cases]
        while True:
            for place in range(len(self.watches.keepers)):
                for one in circles:
                    keeper = one.keepers[place]
                    yield keeper, f"{one.path}/case/statements", one.statement(keeper)

    def live(self, kind: str, acts: Iterator[tuple[world.Person, str, dict[str, Any]]]) -> None:
        while not self.over.exists():
            person, path, body = next(acts)
            name = world.sha256(body["document"].encode())
            for again in (False, True):
                answer, code = self.ask(person, path, body)
                if again and code == "counter_low":
                    answer = "kept"  # it had been kept, and the host says so
                self.told.write(kind=kind, id=name, who=path, answer=answer, code=code, again=again)
                if answer != "unknown":
                    break
                WAIT.wait(BETWEEN[kind])
            WAIT.wait(BETWEEN[kind])

    def ask(self, person: world.Person, path: str, body: dict[str, Any]) -> tuple[str, str]:
        """What was answered: kept, refused (nothing was kept), or unknown; and its code."""
        try:
            got = person.post(path, **body)
            if got.status == 401:
                person.sign_in()
                return "refused", got.code
        except (OSError, ValueError, KeyError, TypeError) as error:
            return "kept" if self.planted else "unknown", type(error).__name__
        if got.status in (200, 201) or (self.planted and got.status >= 500):
            return "kept", str(got.status)
        return ("unknown" if got.code in NOT_CERTAIN else "refused"), got.code

    def plain(self, database: str) -> None:
        """A program that writes a row, waits for its commit and writes the next."""
        where = {**connection_string.parts_of(database), "password": PASSWORD}
        connection = None
        while not self.over.exists():
            name = world.secrets.token_hex(16)
            try:
                connection = connection or psycopg.connect(**where, autocommit=True)
                connection.execute("INSERT INTO plain VALUES (%s)", [name])
                self.told.write(kind="plain", id=name, who="", answer="kept", code="", again=False)
            except psycopg.Error as error:
                answer, code = "unknown", str(error.sqlstate)
                self.told.write(kind="plain", id=name, who="", answer=answer, code=code, again=False)
                if connection is not None:
                    connection.close()
                connection = None
            WAIT.wait(BETWEEN["plain"])


def main(watches: Path, number: int, told: Path, database: str, planted: str) -> None:
    served.PATIENCE = LONGEST
    people = People(kept(watches), number, Told(told), planted)
    mail = Controller(Mailbox(people.told), hostname="127.0.0.1", port=SMTP)
    mail.start()
    works = (
        lambda: people.live("check_in", people.check_ins()),
        lambda: people.live("statement", people.statements()),
        lambda: people.plain(database),
    )
    for work in works:
        threading.Thread(target=work, daemon=True, name=MACHINES[number].name).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5])
