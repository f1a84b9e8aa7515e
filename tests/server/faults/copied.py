"""A data folder that is copied while it is served, and started a second time while the first host goes on."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from cli.conftest import Person
from pysqlite3 import dbapi2 as sqlite3
from server.conftest import HandMoved, House, Way, arm_a_circle
from server.faults.jumps import LEAPS, brought_to
from server.faults.served import Served
from server.test_serve import Mailbox, a_port

from lastwords.cli.home import PersonFile
from lastwords.cli.me import Me
from lastwords.protocol.moments import DAY
from lastwords.server import settings

DATABASE = "lastwords.sqlite3"
DARK = 3
"""Days for which nobody was served before the first start: the last call is over by the wall clock, not by credit."""
RECORD = re.compile(r"Record of this watch: row (\d+), head ([0-9a-f]+)")


@contextmanager
def inside(host: Served, wall: int | None = None) -> Iterator[House]:
    """This process looks into a host's folder; with `wall` it lives there from that second on, on clocks of its own."""
    chosen = settings.configure(host.data)
    from django.db import connections

    from lastwords.server import clock

    house = House(host.data, chosen, HandMoved(wall or int(time.time())))
    try:
        if wall is not None:
            clock.use(clock.Clock(house.source, chosen.pulse))
            clock.here().pulse(way_out=True, heard=True)
        yield house
    finally:
        clock.use(None)
        connections.close_all()


def near_its_end(host: Served) -> None:
    """Before anybody is served: three keepers have found Iruka dead, and his last call lacks nothing but credit."""
    with inside(host, int(time.time()) - (sum(LEAPS["last call"]) + DARK) * DAY) as house:
        from lastwords.server import outbox, store

        arm_a_circle(house)
        box = outbox.Outbox(store.here(), {"mail": Way()}, "Last Words", house.settings.origin)
        brought_to("last call", store, house, box)


def at_home(host: Served, name: str, folder: Path) -> Person:
    """The command line of somebody whom the host knows by their keys."""
    folder.mkdir()
    person = Person(folder / "home", folder)
    person.does("key", "new", "--no-passphrase")
    me = Me(_home(person))
    me.home.write_person(PersonFile(f"http://127.0.0.1:{host.port}", name, name.capitalize()))
    with inside(host):
        from lastwords.server.models import Person as Row

        keys = me.keys.public
        Row.objects.filter(handle=name).update(
            public_key=keys.sealing, signing_key=keys.signing, sign_in_key=keys.sign_in
        )
    return person


def led_to(host: "Served", person: Person) -> Person:
    """The same person with everything they know, whose address leads to another host from now on."""
    home = _home(person)
    known = home.read_person()
    home.write_person(PersonFile(f"http://127.0.0.1:{host.port}", known.handle, known.name))
    return person


def _home(person: Person):
    from lastwords.cli.home import Home

    return Home(person.home)


class Copied(Served):
    """A second host, from a copy of the first one's folder as it is at this moment: an address and a relay of its own,
    else all the same."""

    def __init__(self, first: Served, data: Path) -> None:
        self.more, self.process = first.more, None
        self.data, self.port, self.mailbox = data, a_port(), Mailbox()
        self.mail = Controller(self.mailbox, hostname="127.0.0.1", port=a_port())
        self.mail.start()
        _snapshot(first.data, data)
        path = data / "settings.toml"
        text = path.read_text("utf-8").replace(f"127.0.0.1:{first.port}", f"127.0.0.1:{self.port}")
        path.write_text(text.replace(f"port = {first.mail.port}", f"port = {self.mail.port}"), "utf-8")

    def last_call_runs_out(self) -> None:
        """As it would after two days of serving here. The watch is due then, also where the first host's sweep was
        quick enough to look at it before it was copied, and has put that off."""
        with inside(self):
            from django.db.models import F

            from lastwords.server.models import Pulse, Watch

            Pulse.objects.update(credit=F("credit") + DARK * DAY)
            Watch.objects.update(look_at=0)


def _snapshot(old: Path, new: Path) -> None:
    """As the snapshot of a disk is: nobody writes meanwhile."""
    held = sqlite3.connect(str(old / DATABASE), isolation_level=None, timeout=30)
    held.execute("BEGIN IMMEDIATE")
    try:
        shutil.copytree(old, new, ignore=shutil.ignore_patterns("*-shm"))
    finally:
        held.execute("ROLLBACK")
        held.close()


def subjects(host: Served) -> list[str]:
    """What arrived from this host."""
    found = (re.search(r"(?im)^subject: (.*(?:\n[ \t].*)*)", text) for text in list(host.mailbox.arrived))
    return [re.sub(r"\s+", " ", one[1]) for one in found if one]


def heads(host: Served) -> list[str]:
    """What this host's letters say of the record, as it is typed."""
    texts = (re.sub(r"=\r?\n", "", text) for text in list(host.mailbox.arrived))
    return [f"iruka row {row}, head {head}" for text in texts for row, head in RECORD.findall(text)]


def stands(host: Served) -> tuple[str, set[str], set[str]]:
    """The stage of Iruka's watch, those of his words, and the causes of its holds."""
    with inside(host):
        from lastwords.server import store

        watch = store.read("iruka")
        return (
            str(watch.stage),
            {str(track.stage) for track in watch.tracks if track.bears_words},
            {str(hold.cause) for hold in watch.holds},
        )
