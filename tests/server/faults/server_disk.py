"""A disk that fails once under PostgreSQL, at any sync of any of its processes, and what became of the signs that
somebody was told were kept."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from server.cluster import Cluster, memory
from server.conftest import House, moved_to
from server.faults.disk import Disk, a_disk
from server.test_serve import wait_for

STEPS = ("sign", "CHECKPOINT", "sign", "SELECT pg_switch_wal()", "sign", "CHECKPOINT")
"""What a turn does: people's acts, and what the server does by itself now and then."""
KINDS = ("checkpointer", "walwriter", "startup", "background writer")
NEVER = 1_000_000
AT_ITS_END = 40
"""Syncs of a start after a kill that are worth looking at one by one. Before those it syncs every file that is there,
hundreds of them, without reading any."""


@dataclass
class Lived:
    """The signs that were acknowledged; how many steps were refused; how many syncs were to fail, and how many did."""

    kept: list[str] = field(default_factory=list)
    refused: int = 0
    asked: int = 0
    failed: int = 0


@contextmanager
def failing(house: House) -> Iterator["Below"]:
    """A house whose database lies on a server of its own, with a disk below it that can fail."""
    folder = Path(tempfile.mkdtemp(prefix="lastwords-disk-"))
    folder.chmod(0o755)
    disk = a_disk(folder, (memory() or Path(tempfile.gettempdir())) / "lastwords-pg-")
    disk.fail_at(NEVER)
    try:
        with moved_to(Cluster(disk.environment(), wal_writer_delay="10s"), house) as own:
            yield Below(own, disk)
    finally:
        shutil.rmtree(folder)


@dataclass
class Below:
    """The server and its disk."""

    own: Cluster
    disk: Disk
    told: Lived = field(default_factory=Lived)

    def syncs(self) -> tuple[int, int]:
        """How many syncs an undisturbed turn makes, and an undisturbed start after a kill."""
        self.turn("before")  # the first turn has more to bring to the disk than those after it
        self.disk.fail_at(NEVER)
        self.turn("undisturbed")
        turned = NEVER - self.disk.left()
        self.own.kill()
        self.disk.fail_at(NEVER)
        self.own.start()
        return turned, NEVER - self.disk.left()

    @staticmethod
    def worth_a_start(syncs: int, every: int) -> list[int]:
        """Those of a start's syncs at which it is worth failing: one of how many, and each at its end."""
        end = max(1, syncs - AT_ITS_END)
        return [*range(1, end, every), *range(end, syncs + 1)]

    def turn(self, name: str) -> None:
        """The steps, one after the other, whatever becomes of each."""
        for number, step in enumerate(STEPS):
            sign = f"{name} {number}"
            if step != "sign":
                self.told.refused += not self._tells(step)
            elif _signed(sign):
                self.told.kept.append(sign)
            else:
                self.told.refused += 1
            wait_for(self.answers, "PostgreSQL to have recovered")

    def fails_in_a_turn(self, at: int) -> None:
        """A turn in which one sync fails."""
        self.disk.fail_at(at)
        self.turn(f"turn {at}")
        self._count()

    def fails_in_a_start(self, at: int) -> None:
        """A sign, a kill, and a start in which one sync fails; then another start, if that was the end of it."""
        name = f"start {at}"
        if _signed(name):
            self.told.kept.append(name)
        self.own.kill()
        self.disk.fail_at(at)
        try:
            self.own.start()
        except AssertionError:
            self.told.refused += 1
        wait_for(self.answers, "PostgreSQL to have recovered")
        self._count()

    def _count(self) -> None:
        self.told.asked += 1
        self.told.failed += self.disk.left() < 1
        self.disk.fail_at(NEVER)

    def answers(self) -> bool:
        """Whether it does; a server that has ended is started again, as whoever looks after it would."""
        assert self.own.process is not None
        if self.own.process.poll() is not None:
            self.own.start()
        return self._tells("SELECT 1")

    def _tells(self, sql: str) -> bool:
        try:
            self.own.tell(sql, role="postgres")
        except psycopg.Error:
            return False
        return True

    def lost(self) -> list[str]:
        """What was acknowledged and is not there."""
        from lastwords.server.models import Paper

        there = set(Paper.objects.filter(kind="sign").values_list("name", flat=True))
        return [name for name in self.told.kept if name not in there]

    def whose(self) -> Counter[str]:
        """Which processes the failures met, by kind: a backend calls itself by its role, its database and its state."""
        met: Counter[str] = Counter()
        for who, _ in self.disk.failures():
            name = who.removeprefix("postgres: ")
            kind = next((one for one in KINDS if name.startswith(one)), "a backend")
            met[kind if name != who else "the postmaster"] += 1
        return met


def _signed(name: str) -> bool:
    """Whether a sign of life was acknowledged; whoever comes next finds the connection made anew."""
    from django.db import DatabaseError, connections

    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength
    from lastwords.server import store
    from lastwords.server.port import Paper
    from lastwords.server.refusals import ServerRefused

    try:
        store.act("iruka", CheckIn("iruka", Strength.STRONG, "key"), [Paper("sign", name, b"x" * 200)])
    except (DatabaseError, ServerRefused):
        return False
    finally:
        connections.close_all()
    return True
