"""Long tables, walked a page at a time in the order of a key.

A statement that stays open while a whole table is read keeps everything that is written meanwhile from being folded
into the database, and what it has found has to lie somewhere: here it is never more than a page.
"""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

PAGE = 1_000
"""Rows that are asked for at once, unless they are large."""
M = TypeVar("M", bound=Model)


def pages(rows: QuerySet[M], key: str, most: int = 0) -> Iterator[list[M]]:
    """All of these rows in the order of a key that each has to itself, at most so many in a page; `PAGE` where it is
    not said. What is written behind the page that is being looked at is met, and what is written before it is not."""
    most = most or PAGE
    page = list(rows.order_by(key)[:most])
    while page:
        yield page
        later = rows.filter(**{f"{key}__gt": getattr(page[-1], key)})
        page = list(later.order_by(key)[:most]) if len(page) == most else []


def each(rows: QuerySet[M], key: str) -> Iterator[M]:
    """The same, one after the other."""
    for page in pages(rows, key):
        yield from page
