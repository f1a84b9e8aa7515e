"""What an author leaves in the database in a year: twelve check-ins, each given only after a second letter.

    .venv/bin/python bench/year.py [--keep]

What makes a letter is a row, that a mailbox took it is another, and so is every check-in. Bytes are of the SQLite
file, with its indexes.
"""

import resource
import tempfile
from pathlib import Path
from typing import Any

import letters
import table
from table import Row

from lastwords.protocol.moments import DAY, Moment

AUTHORS = 100
ROUNDS = 12


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        table.found(data)
        return _rows(data)


def _rows(data: Path) -> list[Row]:
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength
    from lastwords.server import models, outbox, store
    from lastwords.server.sweep import sweep

    door = store.here()
    now = letters.fill(AUTHORS)
    models.Watch.objects.extra(where=["length(state) < 1500"]).update(look_at=None)  # the damaged ones
    authors = list(models.Watch.objects.exclude(look_at=None).values_list("author", flat=True))
    box = outbox.Outbox(door, {"mail": Taking()}, "Last Words", "http://127.0.0.1")
    before = size(data)
    for _ in range(ROUNDS):
        while sweep(door, now).moved:
            while box.run_all(now).more:
                pass
        for author in authors:
            door.act(author, CheckIn(author, Strength.STRONG, "key"), now=now)
        now = Moment(now.wall + 30 * DAY, now.credit + 30 * DAY)
    written = models.LogRow.objects.count(), models.Letter.objects.count()
    each = (size(data) - before) / len(authors) / 1_000
    settings: dict[str, Any] = {
        "rows a year": round(written[0] / len(authors), 1),
        "letters a year": round(written[1] / len(authors), 1),
        "authors": len(authors),
        "memory of the whole process (MiB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    return [
        table.row(
            "kB in the database for an author and a year",
            [each],
            None,
            "",
            None,
            why="nothing to compare",
            **settings,
        )
    ]


def size(data: Path) -> int:
    """Bytes of the database in use, without pages that are free."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA freelist_count")
        (free,) = cursor.fetchone()
        cursor.execute("PRAGMA page_size")
        return int((data / "lastwords.sqlite3").stat().st_size - free * cursor.fetchone()[0])


class Taking:
    """A way out that takes everything."""

    def send(self, envelope: Any) -> Any:
        from lastwords.server.port import Answer

        return Answer(f"mail:{envelope.address}", "accepted", "accepted")

    def probe(self) -> None:
        pass

    def close(self) -> None:
        pass


if __name__ == "__main__":
    arguments = table.plain_parser(__doc__)
    arguments.add_argument("--keep", action="store_true")
    table.show(Path(__file__), rows(), arguments.parse_args().keep)
