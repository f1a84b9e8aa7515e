"""Two hosts on one database, interleaved by a seed: while one is between its load and its commit, the other acts.

Both are the shipped store, sweep and outbox over one port in memory. People act through either; every act has a paper
of its own, so that one which was acknowledged can be looked for.
"""

import copy
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from server.conftest import KEEPERS, Way, what_arms_a_circle

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Evidence, Finding, Stage, Strength
from lastwords.server import outbox, sweep
from lastwords.server.log import HOST_LOG, Row, author_log, verify
from lastwords.server.port import Paper, Reader
from lastwords.server.port_memory import MemoryPort, Tables
from lastwords.server.refusals import Busy
from lastwords.server.store import RefusedStep, Store
from lastwords.signing import canonical

AUTHOR = "iruka"
BEGAN = 1_800_000_000
PASSES = (27, 3, 3, 4, 0, 1, 3, 4, 7, 7, 1)
"""Days before each round: silence, the case, the last call, the release."""
MEETING = 0.3
"""How likely the other host does something whenever one is about to write."""


@cache
def _armed() -> Tables:
    """The tables of a plan in force, made once."""
    port = MemoryPort()
    plain = Store(port, lambda: Moment(BEGAN, BEGAN))
    plain.begin(AUTHOR)
    for event in what_arms_a_circle():
        plain.act(AUTHOR, event)
    return port.tables


class Meeting:
    """The port of one host. Before it writes or takes letters, the other may do something, once at a time."""

    def __init__(self, real: MemoryPort, split: "Split") -> None:
        self.real, self.split = real, split

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def commit(self, write: Any) -> bool:
        self.split.meet(self)
        return self.real.commit(write)

    def commit_host(self, write: Any) -> bool:
        self.split.meet(self)
        return self.real.commit_host(write)

    def lease(self, wall: int, until: int, limit: int) -> Any:
        self.split.meet(self)
        return self.real.lease(wall, until, limit)

    @contextmanager
    def turn(self, place: Any) -> Iterator[bool]:
        self.split.meet(self)
        with self.real.turn(place) as ours:
            yield ours


class Unchecked(Meeting):
    """The planted fault: whoever writes last wins."""

    def commit(self, write: Any) -> bool:
        self.split.meet(self)
        kept = self.real.load(write.author)
        return self.real.commit(changed(write, revision=kept.revision if kept else 0, beheld=()))


class Unleased(Meeting):
    """The planted fault: letters are looked for before they are taken, with the other host between."""

    def lease(self, wall: int, until: int, limit: int) -> Any:
        before = dict(self.real.tables.leases)
        found = self.real.lease(wall, until, limit)
        self.real.tables.leases.clear()
        self.real.tables.leases.update(before)
        self.split.meet(self)
        self.real.tables.leases.update({letter.ident: until for letter in found})
        return found


@dataclass
class Split:
    """One run: two hosts, one set of tables, one clock."""

    seed: int
    kind: type[Meeting] = Meeting
    now: Moment = Moment(BEGAN, BEGAN)
    way: Way = field(default_factory=Way)
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    met: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        readers = {
            who: Reader(who, who.capitalize(), "UTC", (f"mail:{who}@example.org",))
            for who in (AUTHOR, "naruto", "host", *KEEPERS)
        }
        self.port = MemoryPort(readers=readers, tables=copy.deepcopy(_armed()))
        self.hosts = [Store(self.kind(self.port, self), lambda: self.now) for _ in range(2)]
        self.boxes = [
            outbox.Outbox(host, {"mail": self.way}, "Last Words", "http://a") for host in self.hosts
        ]
        self.lively = self.dice.random() < 0.3
        self.busy = False

    def meet(self, port: Meeting) -> None:
        if self.busy or self.dice.random() >= MEETING:
            return
        self.busy = True
        self.met += 1
        try:
            self.something(1 - [host.port for host in self.hosts].index(port))
        finally:
            self.busy = False

    def something(self, at: int) -> None:
        """One thing that a host does, by itself or for a person."""
        self.dice.choice([self.work, self.keeper, self.keeper, self.sign])(at)

    def work(self, at: int) -> None:
        sweep.sweep(self.hosts[at], self.now)
        self.boxes[at].run_all(self.now)

    def sign(self, at: int) -> None:
        if self.lively and self.dice.random() < 0.3:
            self._act(at, e.CheckIn(AUTHOR, Strength.STRONG, "key"))

    def keeper(self, at: int) -> None:
        watch = self.hosts[at].read(AUTHOR)
        if watch.stage is not Stage.VIGIL or watch.case is None:
            return
        heads = tuple((track.key, *track.manifest) for track in watch.tracks)
        found = (Finding.DIED, Evidence.DOCUMENT_SEEN, watch.case.number, watch.epoch, 1, heads)
        self._act(at, e.MakeStatement(self.dice.choice(KEEPERS[:4]), *found))

    def _act(self, at: int, event: e.Event) -> None:
        name = f"act {len(self.acknowledged) + self.refused}.{self.dice.random()}"
        try:
            self.hosts[at].act(AUTHOR, event, [Paper("act", name, name.encode())])
        except (RefusedStep, Busy):
            self.refused += 1
        else:
            self.acknowledged.append(name)

    def live(self) -> "Split":
        for days in PASSES:
            self.now = Moment(self.now.wall + days * DAY, self.now.credit + days * DAY)
            for _ in range(3):
                at = self.dice.randrange(2)
                self.work(at)
                self.something(1 - at)
        return self

    # What came of it.

    @property
    def lost(self) -> list[str]:
        """Acknowledged acts that are not kept, or that no row names."""
        kept = {one.paper.name for one in self.port.tables.papers.get(AUTHOR, [])}
        named = {paper["name"] for row in self._rows() for paper in row["papers"]}
        return [name for name in self.acknowledged if name not in kept & named]

    @property
    def released(self) -> int:
        return sum(what == "released" for row in self._rows() for what, *_ in row["happened"])

    @property
    def released_twice(self) -> bool:
        since = 0
        for row in self._rows():
            since = 0 if row["event"] == "check_in" else since
            since += sum(what == "released" for what, *_ in row["happened"])
            if since > 1:
                return True
        return False

    @property
    def letters_twice(self) -> list[object]:
        sent = Counter((envelope.ident, envelope.address) for envelope, _ in self.way.sent)
        return [key for key, count in sent.items() if count > 1]

    @property
    def faults(self) -> list[str]:
        tables = self.port.tables
        logs = ((author_log(AUTHOR), tables.rows[AUTHOR]), (HOST_LOG, tables.host))
        return [
            fault
            for name, entries in logs
            for fault in verify(
                name, [Row(one.number, one.body, one.salt, one.commitment, one.link) for one in entries], {}
            ).faults
        ]

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be, in words."""
        found = [f"lost: {name}" for name in self.lost] + [f"log: {fault}" for fault in self.faults]
        found += ["released twice"] if self.released_twice else []
        return found + [f"sent twice: {key}" for key in self.letters_twice]

    def _rows(self) -> list[Any]:
        return [canonical.decode(entry.body) for entry in self.port.tables.rows[AUTHOR]]


@dataclass
class Tally:
    """Many runs."""

    runs: int = 0
    meetings: int = 0
    acknowledged: int = 0
    releases: int = 0
    letters: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, split: Split) -> None:
        self.runs += 1
        self.meetings += split.met
        self.acknowledged += len(split.acknowledged)
        self.releases += split.released
        self.letters += len(split.way.sent)
        self.wrong += [f"seed {split.seed}: {what}" for what in split.wrong]
