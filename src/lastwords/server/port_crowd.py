"""The part of `port_sql` that loads and writes many watches in one go, each no more than its row, rows of its log and
papers. The rows are those that `port_sql` writes one watch at a time, and a test holds the two against each other.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from . import crowd
from .port import Head, Kept, Word, Write

_KEPT = (
    "SELECT author, state, revision, look_at, head_number, head_link FROM watch "
    "WHERE author IN ({names}) AND set_aside = '' ORDER BY author"
)
_INBOX = "SELECT watch_id, id, person, silent FROM inbox WHERE watch_id IN ({names}) ORDER BY id"

_WATCH = (
    "UPDATE watch SET state = %s, revision = revision + 1, head_number = %s, head_link = %s{look_at} "
    "WHERE author = %s AND revision = %s AND set_aside = ''"
)
_STAYS, _MOVES = _WATCH.format(look_at=""), _WATCH.format(look_at=", look_at = %s")
_ROW = (
    "INSERT INTO log_row (watch_id, number, body, salt, commitment, link, beside) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_PAPER = (
    'INSERT INTO paper (watch_id, kind, name, "by", body, sha256, "row", made) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def load(authors: Sequence[str]) -> dict[str, Kept]:
    """See `Port.load_free`. Words are looked for when the watches are held: one that came until then is seen."""
    found = crowd.find(_KEPT, authors, held=True)
    waiting: dict[str, list[Word]] = {}
    for author, ident, person, silent in crowd.find(_INBOX, authors):
        waiting.setdefault(author, []).append(Word(ident, person, bool(silent)))
    return {
        author: Kept(
            author, state, revision, look_at, "", Head(number, bytes(link)), tuple(waiting.get(author, ()))
        )
        for author, state, revision, look_at, number, link in found
    }


def write(writes: Sequence[Write]) -> bool:
    """Writes all of them, within a transaction of the caller's. False when one was not at its revision any more: then
    the transaction is to be undone."""
    done = crowd.change(_STAYS, (_watch(one) for one in writes if one.looks_on))
    done += crowd.change(_MOVES, (_watch(one) for one in writes if not one.looks_on))
    if done != len(writes):
        return False
    crowd.change(_ROW, (row for one in writes for row in _rows(one)))
    crowd.change(_PAPER, (paper for one in writes for paper in _papers(one)))
    return True


def _watch(one: Write) -> tuple[Any, ...]:
    last = one.entries[-1]
    look_at = () if one.looks_on else (one.look_at,)
    return (one.state, last.number, last.link, *look_at, one.author, one.revision)


def _rows(one: Write) -> Iterable[tuple[Any, ...]]:
    for entry in one.entries:
        yield (
            one.author,
            entry.number,
            entry.body,
            entry.salt,
            entry.commitment,
            entry.link,
            entry.sealed or None,
        )


def _papers(one: Write) -> Iterable[tuple[Any, ...]]:
    for paper in one.papers:
        sha256 = hashlib.sha256(paper.body).hexdigest()
        number = one.entries[-1].number
        yield (one.author, paper.kind, paper.name, one.by, paper.body, sha256, number, one.at)
