"""A fresh host per test: its own data folder, a migrated database, and clocks that are moved by hand."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from server import cluster

from lastwords.protocol.moments import Moment
from lastwords.server import settings as server_settings
from lastwords.server.settings import Mail, Settings

NOBODY_LISTENS = 1
"""The port of these hosts' mail relay. A mail catcher of whoever runs the tests may sit at a likelier one."""
BEGINNING = 1_800_000_000
"""The wall second at which every test begins: Friday 15 January 2027, 08:00 UTC."""


def a_folder(data: Path) -> Settings:
    """A new data folder with settings and no database."""
    data.mkdir(parents=True, exist_ok=True)
    chosen = Settings(
        data=data,
        origin="http://127.0.0.1:8443",
        mail=Mail("127.0.0.1", NOBODY_LISTENS, "words@example.org"),
        host_mail="host@example.org",
    )
    server_settings.write(server_settings.check(chosen))
    chosen.files.mkdir()
    return chosen


Made = TypeVar("Made")
_made: dict[tuple[str, str], Any] = {}


def once(what: str, database: str, make: Callable[[], Made]) -> Made:
    """What one run makes once for each kind of database, however often tests change from one to the other."""
    if (what, database) not in _made:
        _made[what, database] = make()
    made: Made = _made[what, database]
    return made


@pytest.fixture(scope="session", autouse=True)
def no_cluster_is_left() -> Iterator[None]:
    with cluster.ended():
        yield


@pytest.fixture(autouse=True)
def no_database_is_left(migrated: Path) -> Iterator[None]:
    with cluster.tidied():
        yield


@pytest.fixture(scope="session")
def migrated(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated database, made once and copied for every test with `lay`: the file itself, or beside it a file
    with PostgreSQL's name for it."""
    return once("migrated", database, lambda: _migrate(database, tmp_path_factory.mktemp("migrated")))


def _migrate(database: str, data: Path) -> Path:
    a_folder(data)
    place = data / "lastwords.sqlite3"
    if database == "postgresql":
        place = data / "name"
        place.write_text(cluster.cluster().empty())
        name_database(data, place.read_text())
    server_settings.configure(data)
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    connections.close_all()
    return place


def lay(migrated: Path, data: Path) -> None:
    """Gives a folder an empty database of its own."""
    if migrated.suffix == ".sqlite3":
        shutil.copy(migrated, data / "lastwords.sqlite3")
    else:
        name_database(data, cluster.cluster().twin(migrated.read_text()))


def name_database(data: Path, name: str, on: "cluster.Cluster | None" = None) -> None:
    """Has a folder's settings name a database of the run's cluster, or of another one."""
    path = data / "settings.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    named = f'database = "{(on or cluster.cluster()).address(name)}"'
    path.write_text("\n".join(named if line.startswith("database =") else line for line in lines) + "\n")


def name_in(data: Path) -> str:
    """The name of the database that a folder's settings name; empty for SQLite."""
    _, found, rest = server_settings.read(data).database.partition("dbname=")
    return rest if found else ""


def copy_folder(old: Path, new: Path) -> None:
    """A folder with everything, its database too, as a whole of its own."""
    shutil.copytree(old, new)
    if name := name_in(old):
        name_database(new, cluster.cluster().twin(name))


def everything_kept(data: Path) -> bytes:
    """Every byte of a folder, and of its database when that lies elsewhere: what a thief of the host would have."""
    found = [path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()]
    if name := name_in(data):
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        for (table,) in cluster.cluster().tell(tables, name):
            for row in cluster.cluster().tell(f'SELECT * FROM "{table}"', name):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\0".join(found)


def take_over(old: Path, house: "House", heads: bool = True) -> None:
    """Gives a house the database of another folder, and its heads."""
    from django.db import connections

    connections.close_all()
    if name := name_in(old):
        name_database(house.data, cluster.cluster().twin(name))
    else:
        shutil.copy(old / "lastwords.sqlite3", house.data / "lastwords.sqlite3")
        for rest in house.data.glob("lastwords.sqlite3-*"):
            rest.unlink()
    if heads:
        shutil.copy(old / "heads", house.data / "heads")
    house.settings = server_settings.configure(house.data)


def move_to(own: cluster.Cluster, house: "House") -> str:
    """Carries a house's PostgreSQL database over to a server of the test's own. Returns its name there."""
    from django.db import connections

    from lastwords.server import databases

    copy = house.data.parent / databases.of(house.settings).copy_name
    databases.of(house.settings).copy(copy)
    connections.close_all()
    name = own.empty()
    name_database(house.data, name, own)
    house.settings = server_settings.configure(house.data)
    databases.of(house.settings).load(copy)
    return name


@contextmanager
def moved_to(own: cluster.Cluster, house: "House") -> Iterator[cluster.Cluster]:
    """A house whose database lies on a server of the test's own (see `move_to`), which ends with the test."""
    from django.db import connections

    try:
        move_to(own, house)
        yield own
    finally:
        connections.close_all()
        own.close()


def must_be_whole(house: "House") -> None:
    """All that is kept is sound and agrees, whatever became of the processes that wrote it."""
    from lastwords.server import audit, checks

    checks.check_database(house.settings)
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))
    assert not checks.find_restored_past(house.settings), "the heads file never leads the database"


@contextmanager
def crashing(box, what: str) -> Iterator[None]:
    """The outbox's process dies where it asks the port for `what`: what went before was done, and is not written."""
    real = box.store.port

    class Crash(Exception):
        pass

    class Crashing:
        def __getattr__(self, name):
            if name == what:
                raise Crash
            return getattr(real, name)

    box.store.port = Crashing()
    with pytest.raises(Crash):
        yield
    box.store.port = real


@dataclass
class HandMoved:
    """Clocks that stand still until a test moves them."""

    wall: int = BEGINNING
    boot_time: int = 1_000
    boot_id: str = "boot-1"

    def read(self) -> object:
        from lastwords.server.credit import Reading

        return Reading(self.wall, self.boot_time, self.boot_id)

    def move(self, seconds: int) -> None:
        """Both clocks run on together."""
        self.wall += seconds
        self.boot_time += seconds


@dataclass
class House:
    """One host: its folder, its clocks, and shorthands for what most tests need."""

    data: Path
    settings: Settings
    source: HandMoved = field(default_factory=HandMoved)

    def now(self) -> Moment:
        from lastwords.server import clock

        return clock.now()

    def live(self, seconds: int, step: int = 60) -> Moment:
        """Time passes with a good pulse at every step: wall and credit run on together."""
        from lastwords.server import clock

        while seconds > 0:
            self.source.move(min(step, seconds))
            seconds -= step
            clock.here().pulse(way_out=True, heard=True)
        return self.now()

    def leap(self, seconds: int) -> Moment:
        """Time passes as if every pulse of it had been good, in one write."""
        from lastwords.server.models import Pulse

        self.source.move(seconds)
        row = Pulse.objects.get()
        row.wall, row.boot_time, row.credit = self.source.wall, self.source.boot_time, row.credit + seconds
        row.save()
        return self.now()

    # Letters, on which most waits depend.

    def hand_over(self, author: str) -> None:
        """Every letter of a watch that waits is accepted by the far side."""
        from lastwords.protocol.events import LetterTaken
        from lastwords.server import store
        from lastwords.server.models import Letter

        for row in Letter.objects.filter(watch_id=author, stage="written"):
            store.act(author, LetterTaken("host", row.kind, row.to, row.round))
            Letter.objects.filter(pk=row.pk).update(stage="handed_over")

    def pass_time(self, author: str, seconds: int) -> None:
        """Time runs on with good pulses; whatever falls due is done, and its letters are accepted."""
        from lastwords.server import store

        self.hand_over(author)
        now = self.leap(seconds)
        while store.here().look(author, now).row is not None:
            self.hand_over(author)
        self.hand_over(author)

    def person(self, handle: str, name: str = "", address: str | None = "", **fields: object) -> object:
        """Somebody with one proven mailbox (or, with address None, without any)."""
        from lastwords.server.models import Channel, Person

        person = Person.objects.create(handle=handle, name=name or handle.capitalize(), **fields)
        if address is not None:
            Channel.objects.create(
                person=person, address=address or f"{handle}@example.org", proven_at=self.source.wall
            )
        return person


@dataclass
class Way:
    """A way out that answers as a test says, and keeps what it was given. `script` maps an address to the answers it
    gives one after the other, the last one for ever; everything else is accepted."""

    script: dict[str, list[str]] = field(default_factory=dict)
    sent: list[object] = field(default_factory=list)
    broken: str = ""

    def send(self, envelope):
        from lastwords.server.channels import NoWayOut
        from lastwords.server.port import Answer

        if self.broken:
            raise NoWayOut(self.broken)
        answers = self.script.get(envelope.address, ["accepted"])
        state = answers.pop(0) if len(answers) > 1 else answers[0]
        self.sent.append((envelope, state))
        return Answer(f"mail:{envelope.address}", state, state)

    def probe(self):
        from lastwords.server.channels import NoWayOut

        if self.broken:
            raise NoWayOut(self.broken)

    def close(self):
        pass

    def to(self, address):
        """The subjects that this address accepted, in order."""
        return [e.text.subject for e, state in self.sent if e.address == address and state == "accepted"]


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.fixture
def box(house, way):
    """An outbox over the house's store with the scripted way out."""
    from lastwords.server import outbox, store

    made = outbox.Outbox(store.here(), {"mail": way}, "Last Words", house.settings.origin)
    outbox.use(made)
    yield made
    outbox.use(None)


KEEPERS = ("anko", "gai", "kurenai", "asuma", "ibiki")


def what_arms_a_circle(**terms: int) -> list[object]:
    """Iruka's plan, event by event: five keepers, words for Naruto, quorum three, and what else the terms say."""
    from lastwords.protocol import events as e
    from lastwords.protocol.stages import Condition
    from lastwords.protocol.watch import Plan, track_key

    track = track_key(Condition.DIED, "naruto", "")
    acts = [
        e.AddCredential("iruka", "key", "device"),
        e.AddCredential("iruka", "paper", "paper"),
        e.ProveRecovery("iruka"),
    ]
    for keeper in KEEPERS:
        acts += [e.InviteKeeper("iruka", keeper), e.AcceptSeat(keeper), e.VerifyKeeper("iruka", keeper, True)]
    items = (("words.age", "a" * 64),)
    roster = tuple(sorted(KEEPERS))
    acts.append(e.SealWords("iruka", Condition.DIED, "naruto", "", 1, "b" * 64, "", "set-1", roster, items))
    acts += [e.GiveReceipt(keeper, ((track, "set-1"),)) for keeper in KEEPERS]
    return [*acts, e.Arm("iruka", Plan(**terms))]


def arm_a_circle(house: House, **terms: int) -> None:
    """Iruka's plan, armed through the real door."""
    from lastwords.server import store

    for handle in ("iruka", "naruto", *KEEPERS):
        house.person(handle)
    store.begin("iruka")
    for event in what_arms_a_circle(**terms):
        store.act("iruka", event)


@pytest.fixture(scope="session")
def armed(database: str, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which Iruka's plan is armed, made once and copied for every test that wants it."""

    def make() -> Path:
        data = tmp_path_factory.mktemp("armed")
        with a_house(migrated, data) as house:
            arm_a_circle(house)
        return data

    return once("armed", database, make)


@pytest.fixture
def circle(armed: Path, house: House):
    """The store of a house in which Iruka's plan is armed."""
    from lastwords.server import store

    take_over(armed, house)
    return store


@contextmanager
def a_house(migrated: Path, data: Path) -> Iterator[House]:
    """A host in the folder `data`, with the host as its only person and one pulse made."""
    a_folder(data)
    lay(migrated, data)
    chosen = server_settings.configure(data)
    from django.db import connections

    from lastwords.server import clock, health

    health.writing_works()
    house = House(data, chosen)
    clock.use(clock.Clock(house.source, chosen.pulse))
    house.person("host", "The host", "host@example.org", is_host=True)
    clock.here().pulse(way_out=True, heard=True)
    yield house
    clock.use(None)
    connections.close_all()


@pytest.fixture
def house(migrated: Path, tmp_path: Path) -> Iterator[House]:
    """A host in a folder of its own."""
    with a_house(migrated, tmp_path / "data") as house:
        yield house
