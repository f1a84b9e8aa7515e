"""The same lives through the database: the shipped SQL port over SQLite in a folder of its own.

Django can be configured once in a process, so there is one database, and every life begins by emptying it. Whatever
needs Django is imported where it is used, since it cannot be before that. What both backings keep at a life's end is
compared word for word: records, rows, letters.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lastwords.protocol.changed import changed
from lastwords.protocol.watch import HOST
from lastwords.server import settings
from lastwords.server.credit import Pulse
from lastwords.server.port import Due, Kept, Outgoing, Port, Reader
from lastwords.simulate.broken import Broken

from .backing import Memory
from .life import Life
from .script import script

HURRY = (
    "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA secure_delete=OFF; PRAGMA temp_store=MEMORY;"
)
"""This database is thrown away at the end, so it need not survive the machine."""


@contextmanager
def database() -> Iterator[None]:
    """A migrated database in a folder that goes afterwards. To be entered once in a process."""
    with tempfile.TemporaryDirectory(prefix="lastwords-lives-") as folder:
        chosen = settings.Settings(
            Path(folder),
            "https://words.example.org",
            settings.Mail("127.0.0.1", 25, "words@example.org"),
            "host@example.org",
        )
        settings.write(settings.check(chosen))
        settings.configure(Path(folder))
        from django.core.management import call_command
        from django.db import connection, connections

        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            for pragma in HURRY.split("; "):
                cursor.execute(pragma.rstrip(";"))
        yield
        connections.close_all()


class Remembering:
    """The shipped SQL port. What was read from it is remembered until anything is written, by whomever: between two
    instants of a life nothing is, and asking when it goes on would be most of the work. People and their addresses
    do not change in a life. Everything else goes straight through."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._known: dict[Any, Any] = {}
        self._people: dict[str, Reader | None] = {}

    def __getattr__(self, name: str) -> Any:
        """Whatever does not only read is a write."""
        if name not in ("due", "host_head", "letter", "hosts", "authors", "beats", "beat"):
            self.forget()
        return getattr(self._port, name)

    def forget(self) -> None:
        self._known.clear()

    def known(self, what: Any, read: Callable[[], Any]) -> Any:
        if what not in self._known:
            self._known[what] = read()
        return self._known[what]

    def load(self, author: str) -> Kept | None:
        return cast(Kept | None, self.known(("load", author), lambda: self._port.load(author)))

    def reader(self, handle: str) -> Reader | None:
        if handle not in self._people:
            self._people[handle] = self._port.reader(handle)
        return self._people[handle]

    @contextmanager
    def turn(self, place: Due) -> Iterator[bool]:
        try:
            with self._port.turn(place) as ours:
                yield ours
        finally:
            self.forget()  # what was written in a turn that failed does not stand


class Sql:
    """The shipped SQL port, and a pulse beside it."""

    def __init__(self, readers: dict[str, Reader]) -> None:
        from lastwords.server.port_sql import SqlPort

        self.pulse: Pulse | None = None
        self._remembering = Remembering(SqlPort())
        self.port: Port = cast(Port, self._remembering)
        self._empty()
        self._people(readers)

    def written_by_another(self) -> None:
        """Something has written past this port, so what was read says nothing any more."""
        self._remembering.forget()

    def next_try(self) -> int | None:
        return cast(int | None, self._remembering.known("next try", self._next_try))

    def _next_try(self) -> int | None:
        from lastwords.server.crowd import told

        (least,) = told("SELECT min(max(next_try, lease)) FROM letter WHERE next_try IS NOT NULL")[0]
        return cast(int | None, least)

    def copy(self) -> tuple[Any, Pulse | None]:
        import pysqlite3
        from django.db import connection

        kept = pysqlite3.connect(":memory:")
        connection.connection.backup(kept)
        return kept, self.pulse

    def put_back(self, backup: tuple[Any, Pulse | None]) -> None:
        """The old database takes the place of the new one, page by page."""
        from django.db import connection

        backup[0].backup(connection.connection)
        self._remembering.forget()
        self.pulse = backup[1]

    def rows(self, author: str) -> Iterable[tuple[int, bytes, bytes, bytes, bytes]]:
        from lastwords.server.models import HostRow, LogRow

        rows: Any = LogRow.objects.filter(watch_id=author) if author else HostRow.objects
        for row in rows.order_by("number"):
            yield row.number, bytes(row.body), bytes(row.salt), bytes(row.commitment), bytes(row.link)

    def letters(self) -> Iterable[Outgoing]:
        """All of them in two statements: to ask `port.letter` for each would be a quarter of a life."""
        from lastwords.server.models import Letter
        from lastwords.server.port_rows import OUTGOING, outgoing
        from lastwords.server.port_sql import accepted_of

        rows = list(Letter.objects.order_by("ident").values_list(*OUTGOING))
        accepted = accepted_of([row[0] for row in rows])
        return [outgoing(row, tuple(accepted.get(row[0], ()))) for row in rows]

    def _empty(self) -> None:
        from django.apps import apps
        from django.db import connection

        tables = [model._meta.db_table for model in apps.get_app_config("server").get_models()]
        with connection.constraint_checks_disabled(), connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f'DELETE FROM "{table}"')

    def _people(self, readers: dict[str, Reader]) -> None:
        from lastwords.server.models import Channel, Person

        for handle, reader in readers.items():
            person = Person.objects.create(
                handle=handle, name=reader.name, zone=reader.zone, is_host=handle == HOST
            )
            for channel in reader.channels:
                kind, _, address = channel.partition(":")
                Channel.objects.create(person=person, kind=kind, address=address, proven_at=1, added=1)


@dataclass(frozen=True, slots=True)
class Compared:
    """One life over both backings: how many records, rows and letters the first one kept, and a sentence for each kind
    of which the second one kept others."""

    counted: Counter[str]
    differing: list[str]


def compared(seed: int) -> Compared:
    """Plays one life over both backings, and compares what they keep. Inside `database` only."""
    kept = []
    for backing in (Memory.of, Sql):
        life = Life(script(seed), backing)
        try:
            life.play()
            ended = ""
        except Broken as broken:
            ended = str(broken)
        kept.append((ended, _contents(life)))
    (ended, memory), (other, sql) = kept
    found = [f"seed {seed}: {name} differ" for name in memory if memory[name] != sql[name]]
    if ended != other:
        found.append(f"seed {seed}: {ended or 'whole'} and {other or 'whole'}")
    rows = sum(map(len, memory["rows"].values()))
    counted = Counter(records=len(memory["records"]), rows=rows, letters=len(memory["letters"]))
    return Compared(counted, found)


def _contents(life: Life) -> dict[str, Any]:
    """Everything the service keeps of a life, as plain values."""
    kept = {author: life.backing.port.load(author) for author in life.stories}
    letters = list(life.backing.letters())
    return {
        "records": {
            name: (one.state, one.revision, one.look_at, one.set_aside) for name, one in kept.items() if one
        },
        "heads": {name: one.head for name, one in kept.items() if one},
        "rows": {name: list(life.backing.rows(name)) for name in (*kept, "")},
        "letters": [(one, sorted(one.facts), sorted(one.accepted)) for one in map(_plain, letters)],
        "inboxes": {
            name: [(word.person, word.silent) for word in one.inbox] for name, one in kept.items() if one
        },
    }


def _plain(letter: Outgoing) -> Outgoing:
    return changed(
        letter,
        facts=tuple(sorted(letter.facts)),
        accepted=tuple(sorted(letter.accepted)),
        kind=str(letter.kind),
    )
