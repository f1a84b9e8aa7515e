"""A log outside its database: JSON lines that anyone can keep, and verify without us.

The first line names the form. Every other line is one row: its log, number, body (text, null when erased), salt,
commitment and link (hexadecimal). See `log` for how they hang together.
"""

import json
from collections.abc import Iterable, Mapping
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


def verify_lines(lines: Iterable[str], heads: Mapping[str, Head]) -> list[Verdict]:
    """Verifies an exported file. `heads` are heads known from elsewhere, by log name. Raises Unreadable for a file
    of another form."""
    logs: dict[str, list[Row]] = {}
    try:
        rows = [json.loads(line) for line in lines if line.strip()]
        if not rows or rows[0] != FORM:
            raise ValueError("it does not begin as an exported log does")
        for row in rows[1:]:
            logs.setdefault(row["log"], []).append(_row(row))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"This file is not an exported log ({error}); nothing was changed.",
            "Export it again with: lastwords log export --data DIR",
        ) from error
    reasons = erasures(logs.get(HOST_LOG, []))
    names = sorted({*logs, *heads})
    return [verify(name, logs.get(name, []), reasons.get(name, {}), heads.get(name)) for name in names]


def _row(row: Mapping[str, Any]) -> Row:
    return Row(
        int(row["number"]),
        None if row["body"] is None else row["body"].encode("utf-8"),
        None if row["salt"] is None else bytes.fromhex(row["salt"]),
        bytes.fromhex(row["commitment"]),
        bytes.fromhex(row["link"]),
    )
