"""Single bytes of a data folder, changed one at a time: what the start, the doctor and a round make of each.

A flip is *refused* (not served), *reported* (the doctor or a round says so, or every watch is held), or it
*makes no difference* (everything in every table and every file that is read reads as before). Else it is unnoticed, and
named after the column, setting or file that it changed.
"""

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3
from server.conftest import HandMoved, _migrate, a_house

DATABASE = "lastwords.sqlite3"
READ = ("begun", "heads", "secret", "settings.toml")
"""The files beside the database and the sealed files that a start reads; every other one is written anew."""


PULSE = 60
ELSEWHERE = ("mail", "disk", "backup", "proven restore")
"""What this machine cannot give a host: whether that is well tells nothing of a flip."""
WHICH = {
    "watch": "1",
    "log_row": "number = 7",
    "host_row": "number = 1",
    "paper": "kind = 'receipt'",
    "sealed_file": "1",
    "letter": "row > 0",
}
"""The row of each table that `change` changes."""


@dataclass(frozen=True)
class Flip:
    """One byte of one file, and what it is changed by."""

    path: str
    place: int
    mask: int


@dataclass
class Tally:
    """How many flips came to which end; `unnoticed` by name, `crashed` in sentences."""

    ends: Counter = field(default_factory=Counter)
    unnoticed: Counter = field(default_factory=Counter)
    crashed: list[str] = field(default_factory=list)

    @property
    def flips(self) -> int:
        return sum(self.ends.values())


class Life:
    """A small served life that is closed in a folder, and copies of it with a byte changed."""

    def __init__(self, place: Path) -> None:
        self.place, self.whole, self.copy = place, place / "whole", place / "copy"
        self.source = _live(place, self.whole)
        self.meaning = self._meaning(self.whole)
        self.clean = self._judge(self.whole, self.meaning)

    def files(self) -> list[str]:
        """Every file that a start, a round or a person reads."""
        sealed = sorted(path for path in (self.whole / "files").iterdir() if path.is_file())
        return [DATABASE, *READ, *(str(path.relative_to(self.whole)) for path in sealed)]

    def size(self, name: str) -> int:
        return (self.whole / name).stat().st_size

    def sample(self, seed: int, pages: int, each: int) -> list[Flip]:
        """`pages` flips in each page of the database, and `each` in every other file."""
        dice, found = random.Random(seed), []
        for name in self.files():
            size, step = self.size(name), 4_096 if name == DATABASE else self.size(name)
            for begin in range(0, size, step):
                for _ in range(pages if name == DATABASE else each):
                    place = dice.randrange(begin, min(begin + step, size))
                    found.append(Flip(name, place, 1 << dice.randrange(8)))
        return found

    def every(self, step: int, seed: int) -> list[Flip]:
        """One byte of every `step` of every file."""
        dice = random.Random(seed)
        return [
            Flip(name, place, 1 << dice.randrange(8))
            for name in self.files()
            for place in range(dice.randrange(step), self.size(name), step)
        ]

    def try_out(self, flip: Flip, tally: Tally) -> None:
        """Changes the byte in a copy, and counts what comes of it."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.whole, self.copy)
        path = self.copy / flip.path
        data = bytearray(path.read_bytes())
        data[flip.place] ^= flip.mask
        path.write_bytes(data)
        try:
            end = self._judge(self.copy, None)
        except Exception as error:
            tally.ends["crashed"] += 1
            tally.crashed.append(f"{flip}: {type(error).__name__} {error}"[:300])
            return
        if isinstance(end, frozenset):
            tally.unnoticed.update(end)
            end = "unnoticed" if end else "no difference"
        tally.ends[end] += 1

    def change(self, table: str, column: str) -> bool:
        """Whether the doctor finds a value of one column changed, and nothing else."""
        from lastwords.server import clock, doctor

        _close()
        clock.use(clock.Clock(self.source, PULSE))
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.whole, self.copy)
        database = pysqlite3.connect(str(self.copy / DATABASE))
        names = [one[1] for one in database.execute(f'PRAGMA table_info("{table}")')]
        name = column if column in names else f"{column}_id"
        row, value = database.execute(
            f'SELECT rowid, "{name}" FROM "{table}" WHERE {WHICH[table]}'
        ).fetchone()
        database.execute(f'UPDATE "{table}" SET "{name}" = ? WHERE rowid = ?', (_other(value, name), row))
        database.commit()
        database.close()
        found = doctor.examine(self.copy)
        return not all(one.well for one in found if one.name not in ELSEWHERE)

    def recast(self, table: str, column: str, kind: str) -> str | frozenset[str]:
        """What comes of one column whose values are of another kind."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.whole, self.copy)
        database = pysqlite3.connect(str(self.copy / DATABASE))
        database.execute(f'UPDATE "{table}" SET "{column}" = CAST("{column}" AS {kind})')
        database.commit()
        database.close()
        return self._judge(self.copy, self.meaning)

    def _judge(self, folder: Path, meaning: dict | None) -> str | frozenset[str]:
        from lastwords.server import checks, clock, doctor
        from lastwords.server.refusals import ServerRefused

        _close()
        before = meaning or _or_none(self._meaning, folder)
        try:
            chosen = checks.ready(folder)
            clock.use(clock.Clock(self.source, chosen.pulse))
            found = doctor.examine(folder)
            if not all(one.well for one in found if one.name not in ELSEWHERE):
                return "reported"
            if checks.find_restored_past(chosen):
                return "reported"
        except ServerRefused:
            return "refused"
        if before is None:
            return frozenset({"what cannot be read"})
        changed = frozenset(_differing(self.meaning, before))
        if changed and self._round_tells(folder):
            return "reported"
        return changed

    def _round_tells(self, folder: Path) -> bool:
        """Whether a round a day later writes to the host."""
        from lastwords.server import models, outbox, rounds, store

        self.source.move(60)
        box = outbox.Outbox(store.here(), {"mail": _Takes()}, "Last Words", "http://127.0.0.1")
        outbox.use(box)
        try:
            rounds.run(pulse=True, heard=lambda: True)
            kinds = {"log_not_whole", "kept_not_whole", "watch_waits", "watch_set_aside", "clock_doubted"}
            return models.Letter.objects.filter(kind__in=kinds).exists()
        finally:
            self.source.move(-60)
            outbox.use(None)

    def _meaning(self, folder: Path) -> dict[str, object]:
        """Everything that a program reads there: every column of every row, every setting, every file."""
        from lastwords.server import settings, witness

        chosen = settings.read(folder)
        said: dict[str, object] = {
            f"settings.{name}": getattr(chosen, name)
            for name in chosen.__dataclass_fields__
            if name != "data"
        }
        said["secret"] = (folder / "secret").read_text().strip()
        said["begun"] = chosen.begun.read_text().strip()
        said["heads"] = witness.read(chosen.heads)
        for path in (folder / "files").iterdir():
            said[f"files/{path.name}"] = path.read_bytes() if path.is_file() else b""
        return said | _columns(folder / DATABASE)


def _columns(path: Path) -> dict[str, object]:
    database = pysqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.text_factory = bytes
    try:
        found: dict[str, object] = {}
        tables = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        found["sqlite_master.sql"] = tables
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            cursor = database.execute(f'SELECT * FROM "{name.decode()}" NOT INDEXED')
            # A name with one capital letter more is the same name to SQLite.
            columns = [f"{name.decode()}.{one[0]}".lower() for one in cursor.description]
            rows = cursor.fetchall()
            for at, column in enumerate(columns):
                found[column] = [row[at] for row in rows]
        return found
    finally:
        database.close()


def _differing(one: dict, other: dict) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _other(value: object, column: str) -> object:
    """A value that is like this one and another."""
    if column == "complete":
        return 1 - value
    if isinstance(value, int):
        return value + 1_000
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    return ("a" if value[0] != "a" else "b") + value[1:]


def _or_none(read: object, folder: Path) -> dict | None:
    from lastwords.server.refusals import ServerRefused

    try:
        return read(folder)
    except (ServerRefused, UnicodeDecodeError, pysqlite3.DatabaseError):
        return None


class _Takes:
    """A way out that takes everything."""

    def send(self, envelope: object) -> object:
        from lastwords.server.port import Answer

        return Answer(f"mail:{envelope.address}", "accepted", "")

    def probe(self) -> None:
        pass

    def close(self) -> None:
        pass


def _close() -> None:
    from django.db import connections

    from lastwords.server import clock

    clock.use(None)
    connections.close_all()


def _live(place: Path, folder: Path) -> HandMoved:
    """A plan in force, a case with what keepers signed, a day's checkpoint; then the folder is closed. Returns its
    clocks."""
    from server.api.world import an_armed_circle

    (place / "empty").mkdir()
    with a_house(_migrate("sqlite", place / "empty"), folder) as house:
        from django.db import connection

        from lastwords.server import outbox, rounds, store

        circle = an_armed_circle()
        circle.house = house
        circle.fall_silent()
        for keeper in circle.keepers[:2]:
            assert circle.state(keeper).status == 201
        box = outbox.Outbox(store.here(), {"mail": _Takes()}, "Last Words", house.settings.origin)
        outbox.use(box)
        house.source.move(60)
        rounds.run(pulse=True, heard=lambda: True, report=True)
        outbox.use(None)
        with connection.cursor() as cursor:
            # As it is while a folder lies in a drawer: everything in the main file.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        house.settings.begun.write_text("real\n")
    return house.source
