"""How a row of the table is written down, and the small changes that many lies are made of."""

import base64
from collections.abc import Callable, Iterable
from typing import Any

from hostile.proxy import Answer, Lie, Request, said
from hostile.stage import Behaviour, Stage

ROWS: list[Behaviour] = []
Tell = Callable[[Stage], None]
Unharmed = Callable[[Stage, dict[str, Any]], bool]


def behaviour(
    name: str,
    family: str,
    moment: str,
    who: str,
    types: str,
    *refused: str,
    unharmed: Unharmed | None = None,
    asks: bool = True,
) -> Callable[[Tell], Tell]:
    """Puts a row into the table; the function decorated tells the lie."""
    assert bool(refused) != bool(unharmed), name
    assert all(row.name != name for row in ROWS), name

    def add(tell: Tell) -> Tell:
        ROWS.append(Behaviour(name, family, moment, who, types, tell, refused, unharmed, asks))
        return tell

    return add


# Lies.


def shows(**changes: Any) -> Lie:
    """The honest answer with some members changed."""
    return lambda _, answer: answer.with_json({**answer.plain, **changes})


def rows(change: Callable[[list[dict[str, Any]]], Iterable[dict[str, Any]]], *under: str) -> Lie:
    """The honest answer with its list of rows changed; `under` names the members above the list."""

    def lie(_: Request, answer: Answer) -> Answer:
        plain = answer.plain
        above = plain
        for name in under[:-1]:
            above = above[name]
        if not under:
            return answer.with_json(list(change(plain)))
        above[under[-1]] = list(change(above[under[-1]]))
        return answer.with_json(plain)

    return lie


def each(change: Callable[[dict[str, Any]], dict[str, Any]], *under: str) -> Lie:
    """The honest answer with every row of its list changed by the members that `change` gives."""
    return rows(lambda found: [{**row, **change(row)} for row in found], *under)


def nothing_said(value: Any = None) -> Callable[[Request], Answer]:
    """An answer that the honest host is not asked for."""
    return lambda _: said({} if value is None else value)


def flipped(data: bytes, at: int = -1) -> bytes:
    """The same bytes with one bit of another value."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
