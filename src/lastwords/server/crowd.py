"""Statements about many people at once, as they are: building a model for each row takes longer than all the rest of
what is done with it. The tables are those of `models`, and both kinds of database understand every statement.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from django.db import connection

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
    if held and connection.features.has_select_for_update:
        asked += " " + connection.ops.for_update_sql(skip_locked=True, no_key=True)
    cursor = connection.cursor()
    cursor.execute(asked, [*given, *names])
    return lambda: list(cursor.fetchall())


def change(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Runs a statement over `VALUES {rows}`, in a transaction of the caller's."""
    if rows:
        with connection.cursor() as cursor:
            _run(cursor, statement, rows)


def changed(statement: str, rows: Sequence[Sequence[Any]]) -> set[str]:
    """The same with one that ends in RETURNING a name. Returns those names."""
    if not rows:
        return set()
    with connection.cursor() as cursor:
        _run(cursor, statement, rows)
        return {name for (name,) in cursor.fetchall()}


def _run(cursor: Any, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    one = f"({','.join(['%s'] * len(rows[0]))})"
    if connection.vendor == "postgresql":
        # Its library writes the values into a statement anyway, and takes long to find their places in a long one.
        cursor.execute(statement.format(rows=",".join([cursor.mogrify(one, row) for row in rows])))
    else:
        cursor.execute(statement.format(rows=",".join([one] * len(rows))), list(chain.from_iterable(rows)))
