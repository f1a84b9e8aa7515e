"""Letters through a misbehaving relay: what the host believes is held against what the relay promised."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.faults.relay import EVERYBODY, Relay, make_certificate

from lastwords.protocol.moments import HOUR
from lastwords.server.port import Outgoing
from lastwords.server.settings import Mail

VICTIM = "first@example.org"
HOSTS = ("first", "second", "third")
SHORT, LONG = 0.5, 5.0
"""Seconds for one answer of the relay: of one that never answers, and of one that does, however busy the machine is."""
NEVER_ANSWERS = ("silence", "drip")


@dataclass
class Post:
    """Three people who get a letter each, one of whom the relay may treat badly; an outbox with a real SMTP client."""

    house: object
    relay: Relay
    box: object
    number: int = 0
    faults: list[str] = field(default_factory=list)

    def letters(self) -> list[str]:
        """Writes a letter to each. The victim's comes first in the queue. Returns their names, the victim's first."""
        now = self.house.now()
        self.number += 1
        names = [f"{place:02x}{self.number:030x}" for place in range(len(HOSTS))]
        self.box.port.post(
            tuple(
                Outgoing(n, "", 0, "clock_doubted", to, 0, 0, (("why", "x"),), now, now.wall)
                for n, to in zip(names, HOSTS, strict=True)
            )
        )
        return names

    def believed(self, names: list[str]) -> set[str]:
        """The letters that the host thinks were taken."""
        from lastwords.server.models import Delivery

        rows = Delivery.objects.filter(letter_id__in=names, state="accepted")
        return set(rows.values_list("letter_id", flat=True))

    def meets(self, stage: str, kind: str) -> None:
        """Sends three letters while `kind` happens at `stage`, then once more when all is well; notes what is wrong."""
        names = self.letters()
        self.relay.wrong = (stage, kind)
        self.box.ways["mail"].close()
        self.box.ways["mail"].timeout = SHORT if kind in NEVER_ANSWERS else LONG
        passed = self.box.run(self.house.now())
        self.look(stage, kind, names, passed)
        self.relay.wrong = None
        for _ in range(2):
            self.house.leap(HOUR)
            self.box.run_all(self.house.now())
        self.note(
            stage, kind, self.believed(names) == set(names), "not everything was handed over in the end"
        )
        self.note(stage, kind, set(names) <= set(self.relay.promised), "a letter is lost")
        copies = Counter(self.relay.copies)
        self.note(stage, kind, max(copies[n] for n in names) <= 2, "more than one copy too many")

    def look(self, stage: str, kind: str, names: list[str], passed: object) -> None:
        promised = set(self.relay.promised) & set(names)
        believed = self.believed(names)
        self.note(stage, kind, believed <= promised, "a letter counts as handed over that was not promised")
        self.note(
            stage, kind, promised <= believed, "a letter was promised and does not count as handed over"
        )
        if stage in EVERYBODY:
            right = bool(passed.no_way_out) or believed == set(names)
            self.note(stage, kind, right, "letters did not leave, and nobody says why")
        else:
            self.note(stage, kind, set(names[1:]) <= promised, "one letter kept back the others")

    def note(self, stage: str, kind: str, right: bool, what: str) -> None:
        if not right:
            self.faults.append(f"{kind} at {stage}: {what}")


@contextmanager
def a_post(house: object, folder: Path, way: object = None) -> Iterator[Post]:
    """The three people and their relay. `way` makes the client; the shipped one otherwise."""
    from lastwords.server import outbox, store
    from lastwords.server.channels import SmtpWay

    relay = Relay(VICTIM, make_certificate(folder / "relay.pem"))
    password = folder / "password"
    password.write_text("not a secret")
    mail = Mail("127.0.0.1", relay.port, "words@example.org", "starttls", "words", str(password))
    for name in HOSTS:
        house.person(name, is_host=True)
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(relay.certificate)
    ways = {"mail": (way or SmtpWay)(mail, "Last Words", SHORT)}
    try:
        yield Post(house, relay, outbox.Outbox(store.here(), ways, "Last Words", "http://127.0.0.1"))
    finally:
        ways["mail"].close()
        relay.close()
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before
