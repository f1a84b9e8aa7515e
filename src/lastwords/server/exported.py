"""A log outside its database: JSON lines that anyone can keep, and verify without us.

The first line names the form. Every other line is one row: its log, number, body (text, null when erased), salt,
commitment and link (hexadecimal), written in one way only. See `log` for how they hang together.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .log import HOST_LOG, Row, Verdict, erasures, verify
from .port import Head
from .refusals import Unreadable

FORM = {"form": "log/1"}


def beginning() -> str:
    """The first line."""
    return json.dumps(FORM)


def line(name: str, row: Row) -> str:
    """One row of the log called `name`."""
    return json.dumps(
        {
            "log": name,
            "number": row.number,
            "body": None if row.body is None else row.body.decode("utf-8"),
            "salt": None if row.salt is None else row.salt.hex(),
            "commitment": row.commitment.hex(),
            "link": row.link.hex(),
        },
        ensure_ascii=False,
    )


def verify_file(data: bytes, heads: Sequence[tuple[str, Head]] = ()) -> list[Verdict]:
    """Verifies an exported file as its bytes lie there. See `verify_lines`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(str(error)) from error
    # Not splitlines: a text may hold characters that it would take for the end of a line.
    lines = text.split("\n")
    if lines.pop() != "":
        raise _unreadable("its last line has no end")
    return verify_lines(lines, heads)


def verify_lines(lines: Iterable[str], heads: Sequence[tuple[str, Head]] = ()) -> list[Verdict]:
    """Verifies the lines of an exported file. `heads` are heads known from elsewhere, with their log's name.

    A line that says the same in other letters than ours is refused too: no byte of such a file is without meaning.
    Raises Unreadable."""
    logs: dict[str, list[Row]] = {}
    begun = False
    for number, text in enumerate(lines, start=1):
        if not begun:
            if text != beginning():
                raise _unreadable("it does not begin as an exported log does")
            begun = True
            continue
        name, row = parsed(text, number)
        logs.setdefault(name, []).append(row)
    if not begun:
        raise _unreadable("it is empty")
    reasons = erasures(logs.get(HOST_LOG, []))
    names = sorted({*logs, *(name for name, _ in heads)})
    return [
        verify(
            name,
            logs.get(name, []),
            reasons.get(name, {}),
            *(head for known, head in heads if known == name),
        )
        for name in names
    ]


def parsed(text: str, number: int) -> tuple[str, Row]:
    """The log's name and the row of one line, which is line `number` of its file. Raises Unreadable."""
    try:
        plain = json.loads(text)
        name, row = str(plain["log"]), _row(plain)
        as_we_write_it = line(name, row)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise _unreadable(f"line {number}: {error}") from error
    if as_we_write_it != text:
        raise _unreadable(f"line {number} is not written as an exported log writes it")
    return name, row


def _unreadable(why: str) -> Unreadable:
    return Unreadable(
        f"This file is not an exported log, or was changed since it was exported ({why}); nothing else was touched.",
        "Compare it with another copy, or export it again: lastwords log export --data DIR --out FILE",
    )


def _row(row: Mapping[str, Any]) -> Row:
    return Row(
        int(row["number"]),
        None if row["body"] is None else row["body"].encode("utf-8"),
        None if row["salt"] is None else bytes.fromhex(row["salt"]),
        bytes.fromhex(row["commitment"]),
        bytes.fromhex(row["link"]),
    )
