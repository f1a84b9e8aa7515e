"""Plain steps of many watches, each with its rows and papers, written where nobody came in between: the commonest of
all writes, and the only one that either database is spoken to in a way of its own for.

PostgreSQL is sent one statement, which is a transaction by itself: one way there and back, where a statement for each
table, a beginning and a commit are six. Its text never changes, so it is read and planned once for each connection;
what is given travels as one text for each column, since a place for each value would be looked for by psycopg in every
statement anew. SQLite is in this very process, and takes a statement for each table with all its rows.
"""

from collections.abc import Sequence
from typing import Any

Rows = Sequence[tuple[Any, ...]]

# SQLite.

_MOVED = """
UPDATE watch SET state = %s, revision = revision + 1, head_number = %s, head_link = %s
WHERE author = %s AND revision = %s AND set_aside = ''
AND EXISTS (SELECT 1 FROM counter WHERE person_id = author AND credential = %s AND last < %s)
"""
_MINE = "SELECT author, head_link FROM watch WHERE author IN ({names})"
_LOOKS = "UPDATE watch SET look_at = %s WHERE author = %s"
_RISEN = "UPDATE counter SET last = %s WHERE person_id = %s AND credential = %s"
_LOGGED = (
    "INSERT INTO log_row (watch_id, number, body, salt, commitment, link) VALUES (%s, %s, %s, %s, %s, %s)"
)
_PAPERS = """
INSERT INTO paper (watch_id, kind, name, "by", body, sha256, "row", made) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def in_sqlite(connection: Any, steps: Rows, logged: Rows, papers: Rows) -> set[str]:
    """See `write_plain`. The transaction takes the write lock at its beginning, so what is seen in it stands."""
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            _MOVED,
            [
                (state, number, link, author, revision, credential, counter)
                for author, revision, state, number, link, _, credential, counter in steps
            ],
        )
        done = {step[0] for step in steps}
        if cursor.rowcount != len(steps):
            done = _mine(cursor, steps)
        stand = [step for step in steps if step[0] in done]
        cursor.executemany(_LOOKS, [(step[5], step[0]) for step in stand if step[5] is not None])
        cursor.executemany(_RISEN, [(step[7], step[0], step[6]) for step in stand])
        cursor.executemany(_LOGGED, [row for row in logged if row[0] in done])
        cursor.executemany(_PAPERS, [row for row in papers if row[0] in done])
    return done


def _mine(cursor: Any, steps: Rows) -> set[str]:
    """Whose step was written: no other row has the link of its row."""
    links = {step[0]: step[4] for step in steps}
    cursor.execute(_MINE.format(names=", ".join(["%s"] * len(links))), list(links))
    return {author for author, link in cursor.fetchall() if bytes(link) == links[author]}


# PostgreSQL.

_BETWEEN = "\x1e"
"""What stands between two values of a column: in JSON, in names and in numbers it cannot occur, and bytes are written
in hexadecimal."""


def _columns(*columns: str) -> str:
    """A table in a statement, of columns that are given as one text each; `name:kind` where it is no text."""
    taken = ", ".join(
        [_KINDS[kind].format(name) for name, _, kind in (one.partition(":") for one in columns)]
    )
    names = ", ".join(one.partition(":")[0] for one in columns)
    given = ", ".join([f"string_to_array(%s, '{_BETWEEN}')"] * len(columns))
    return f"SELECT {taken} FROM unnest({given}) AS given ({names})"


_KINDS = {
    "": "{0}",
    "moved": "CAST(NULLIF({0}, '') AS bigint) AS {0}",
    "bigint": "CAST({0} AS bigint) AS {0}",
    "bytea": "decode({0}, 'hex') AS {0}",
}
_STEPS = _columns(
    "author",
    "revision:bigint",
    "state",
    "number:bigint",
    "link:bytea",
    "look_at:moved",
    "credential",
    "counter:bigint",
)
_ROWS = _columns("author", "number:bigint", "body:bytea", "salt:bytea", "commitment:bytea", "link:bytea")
_GIVEN = _columns(
    "author", "kind", "name", "signed_by", "body:bytea", "sha256", "number:bigint", "made:bigint"
)
_WRITTEN = f"""
WITH step AS MATERIALIZED ({_STEPS}),
free AS MATERIALIZED (
    SELECT step.author FROM step
    CROSS JOIN LATERAL (
        SELECT 1 FROM counter
        WHERE person_id = step.author AND credential = step.credential AND last < step.counter
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS lower
    CROSS JOIN LATERAL (
        SELECT 1 FROM watch
        WHERE watch.author = step.author AND watch.revision = step.revision AND set_aside = ''
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS there
),
risen AS (
    UPDATE counter SET last = step.counter FROM step JOIN free USING (author)
    WHERE counter.person_id = step.author AND counter.credential = step.credential
),
moved AS (
    UPDATE watch SET state = step.state, revision = watch.revision + 1,
        head_number = step.number, head_link = step.link, look_at = COALESCE(step.look_at, watch.look_at)
    FROM step JOIN free USING (author) WHERE watch.author = step.author
),
logged AS (
    INSERT INTO log_row (watch_id, number, body, salt, commitment, link)
    SELECT new.* FROM ({_ROWS}) AS new JOIN free USING (author)
),
kept AS (
    INSERT INTO paper (watch_id, kind, name, "by", body, sha256, "row", made)
    SELECT new.* FROM ({_GIVEN}) AS new JOIN free USING (author)
)
SELECT author FROM free
"""


def in_postgresql(connection: Any, steps: Rows, logged: Rows, papers: Rows) -> set[str]:
    """See `write_plain`. What is not free is seen before anything is written, in the same statement."""
    from psycopg import Cursor

    given = [_joined(column) for rows in (steps, logged, papers) for column in zip(*rows, strict=True)]
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(_WRITTEN, given, prepare=True)
        return {author for (author,) in cursor.fetchall()}


def _joined(column: tuple[Any, ...]) -> str:
    """The values of a column in one text, all of one kind. Raises ValueError where they could not be told apart."""
    if isinstance(column[0], bytes):
        return _BETWEEN.join([value.hex() for value in column])
    texts = (
        column if isinstance(column[0], str) else ["" if value is None else str(value) for value in column]
    )
    text = _BETWEEN.join(texts)
    if text.count(_BETWEEN) != len(column) - 1:
        raise ValueError("A value holds what stands between two of them.")
    return text
