"""Statements about many people at once, as they are: building a model for each row takes longer than all the rest of
what is done with it. The tables are those of `models`, and both kinds of database understand every statement.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection

from . import databases

MOST_VALUES = 30_000
"""Values in one statement; SQLite takes no more than 32,766."""

Rows = list[tuple[Any, ...]]


def find(statement: str, names: Sequence[str], *given: int | str, held: bool = False) -> Rows:
    """The rows of a statement that asks for what is given, and after that for `IN ({names})`. With `held` they are this
    transaction's to the end of it, and those that another one holds are left out; where a database has one writer, that
    is so of all of them."""
    return ask(statement, names, *given, held=held)()


def ask(statement: str, names: Sequence[str], *given: int | str, held: bool = False) -> Callable[[], Rows]:
    """Asks the same, and gives what fetches the rows: what is asked before anything is fetched travels together (see
    `Database.in_few_trips`)."""
    if not names:
        return list
    asked = statement.format(names=", ".join(["%s"] * len(names)))
    if held:
        asked += " " + locked()
    cursor = connection.cursor()
    cursor.execute(asked, [*given, *names])
    return lambda: list(cursor.fetchall())


def told(statement: str, *given: int | str) -> Rows:
    """The rows of a statement that asks for, or changes, what is given."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def locked() -> str:
    """What holds the rows that a SELECT finds, and leaves those out that another transaction holds; empty where a
    database has one writer."""
    if not connection.features.has_select_for_update:
        return ""
    return str(connection.ops.for_update_sql(skip_locked=True, no_key=True))


def change(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Runs a statement over `VALUES {rows}`, which all of these rows are, in a transaction of the caller's."""
    for _ in _over(statement, rows):
        pass


def changed(statement: str, rows: Sequence[Sequence[Any]]) -> Rows:
    """The same of a statement that says what it has changed."""
    return [row for cursor in _over(statement, rows) for row in cursor.fetchall()]


def _over(statement: str, rows: Sequence[Sequence[Any]]) -> Iterator[Any]:
    most = MOST_VALUES // len(rows[0]) if rows else 1
    for start in range(0, len(rows), most):
        places, given = databases.values_of(connection, rows[start : start + most])
        with connection.cursor() as cursor:
            cursor.execute(statement.format(rows=places), given)
            yield cursor
