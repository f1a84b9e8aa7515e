"""Statements about many people at once, as they are: building a model for each row takes longer than all the rest of
what is done with it. The tables are those of `models`, and both kinds of database understand every statement.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection


def find(statement: str, names: Sequence[str], *, held: bool = False) -> list[tuple[Any, ...]]:
    """The rows of a statement that asks for `IN ({names})`. With `held` they are this transaction's to the end of it,
    and those that another one holds are left out; where a database has one writer, that is so of all of them."""
    if not names:
        return []
    asked = statement.format(names=", ".join(["%s"] * len(names)))
    if held and connection.features.has_select_for_update:
        asked += " " + connection.ops.for_update_sql(skip_locked=True, no_key=True)
    with connection.cursor() as cursor:
        cursor.execute(asked, list(names))
        return list(cursor.fetchall())


def change(statement: str, rows: Iterable[tuple[Any, ...]]) -> int:
    """Runs a statement for each of the rows, in a transaction of the caller's. Returns how many it changed."""
    found = list(rows)
    if not found:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, found)
        return int(cursor.rowcount)
