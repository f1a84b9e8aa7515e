"""How the port's records become rows of tables and come back, and one way in for many rows at once."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lastwords.protocol.moments import Moment

from . import crowd
from .port import UNREADABLE, Entry, Head, Kept, Outgoing, Word, Write

Value = int | str | bytes | None
Row = Mapping[str, Value]
INBOX = "SELECT id, watch_id, person, silent FROM inbox WHERE watch_id IN ({names}) ORDER BY id"
KEPT = ("author", "state", "revision", "look_at", "set_aside", "head_number", "head_link")
KEPT_OF = f"SELECT {', '.join(KEPT)} FROM watch WHERE author IN ({{names}})"
OUTGOING = (
    "ident",
    "watch_id",
    "row",
    "kind",
    "to",
    "round",
    "case",
    "facts",
    "written",
    "written_credit",
    "next_try",
    "stage",
    "attempts",
    "taken",
    "reported",
)


def kept_all(found: Iterable[tuple[Any, ...]]) -> list[Kept]:
    """Watches with their inboxes, from rows of the columns `KEPT`."""
    rows = list(found)
    return kept_with(rows, crowd.find(INBOX, [row[0] for row in rows]))


def kept_with(rows: Iterable[tuple[Any, ...]], inbox: Iterable[tuple[Any, ...]]) -> list[Kept]:
    """The same, where the rows of the inboxes are here already."""
    words: dict[str, tuple[Word, ...]] = {}
    for ident, author, person, silent in inbox:
        words[author] = (*words.get(author, ()), Word(ident, person, bool(silent)))
    return [
        Kept(author, state, revision, look_at, aside, Head(number, bytes(link)), words.get(author, ()))
        for author, state, revision, look_at, aside, number, link in rows
    ]


def insert(table: str, rows: Sequence[Row], conflict: str = "") -> None:
    """Adds these rows, which all have the same columns. The ORM's own way makes an object of every row and asks each of
    its fields, which takes longer than all else that is done with it."""
    if rows:
        columns = ", ".join(f'"{name}"' for name in rows[0])
        statement = f'INSERT INTO "{table}" ({columns}) VALUES {{rows}} {conflict}'
        crowd.change(statement, [tuple(row.values()) for row in rows])


def log_row(author: str, entry: Entry) -> Row:
    return {
        "watch_id": author,
        "number": entry.number,
        "body": entry.body,
        "salt": entry.salt,
        "commitment": entry.commitment,
        "link": entry.link,
        "beside": entry.sealed or None,
    }


def paper_rows(write: Write) -> Iterator[Row]:
    number = write.entries[-1].number if write.entries else 0
    for paper in write.papers:
        yield {
            "watch_id": write.author,
            "kind": paper.kind,
            "name": paper.name,
            "by": write.by,
            "body": paper.body,
            "sha256": hashlib.sha256(paper.body).hexdigest(),
            "row": number,
            "made": write.at,
        }


def plain_rows(writes: Sequence[Write]) -> tuple[list[tuple[Any, ...]], ...]:
    """What plain writes put into the tables: see `databases.write_plain`."""
    steps, logged, papers = [], [], []
    for write in writes:
        last, (credential, counter) = write.entries[-1], write.counter or ("", 0)
        look_at = None if write.looks_on else write.look_at
        step = (write.author, write.revision, write.state, last.number, last.link, look_at)
        steps.append((*step, credential, counter))
        logged += [
            (write.author, one.number, one.body, one.salt, one.commitment, one.link) for one in write.entries
        ]
        papers += [tuple(row.values()) for row in paper_rows(write)]
    return steps, logged, papers


def host_row(entry: Entry) -> Row:
    return {
        "number": entry.number,
        "body": entry.body,
        "salt": entry.salt,
        "commitment": entry.commitment,
        "link": entry.link,
    }


_spelled = json.JSONEncoder(ensure_ascii=False).encode


def letter_row(letter: Outgoing) -> Row:
    return {
        "ident": letter.ident,
        "watch_id": letter.author or None,
        "row": letter.row,
        "kind": letter.kind,
        "to": letter.to,
        "round": letter.round,
        "case": letter.case,
        "facts": _spelled(dict(letter.facts)),
        "stage": letter.stage,
        "attempts": letter.attempts,
        "next_try": letter.next_try,
        "lease": 0,
        "written": letter.written.wall,
        "written_credit": letter.written.credit,
        "taken": letter.taken,
        "reported": letter.reported,
    }


def _facts(spelled: str) -> tuple[tuple[str, Any], ...]:
    if spelled == "{}":
        return ()
    try:
        return tuple(json.loads(spelled).items())
    except (ValueError, AttributeError):
        return UNREADABLE


def outgoing(row: tuple[Any, ...], accepted: tuple[str, ...], lease: int = 0) -> Outgoing:
    """A letter from the columns `OUTGOING` of its row."""
    ident, author, number, kind, to, asked, case, facts, wall, credit, next_try, stage, attempts, *rest = row
    taken, reported = rest
    return Outgoing(
        ident,
        author or "",
        number,
        kind,
        to,
        asked,
        case,
        _facts(facts),
        Moment(wall, credit),
        next_try or 0,
        stage,
        attempts,
        taken,
        reported,
        accepted,
        lease,
    )
