"""`lastwords log`: the record. Authors and keepers read it and check its chain here; a host verifies its own."""

import hashlib
from importlib import import_module
from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import me
from lastwords.signing import canonical

HOST_COMMANDS = {"verify": "log_verify", "export": "log_export"}


class Log(click.Group):
    """A group whose host half is loaded only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *HOST_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in HOST_COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module("lastwords.cli.host"), HOST_COMMANDS[cmd_name])
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Log)
def log() -> None:
    """The record: read it, or verify it as a host."""


@log.command("show")
@click.argument("author", required=False)
@click.option("--after", type=click.IntRange(0), default=0, help="Only rows after this number.")
@show.answers
def show_log(author: str | None, after: int) -> None:
    """Show the record of AUTHOR's watch (your own without AUTHOR), every link of its chain checked here."""
    person = me()
    whose = author or person.handle
    rows: list[dict[str, Any]] = []
    while page := person.host.get("watches", whose, "log", after=rows[-1]["number"] if rows else 0)["rows"]:
        rows += page
    check_chain(whose, rows)
    wanted = [row for row in rows if row["number"] > after]
    zone = person.person.zone
    head = rows[-1]["link"] if rows else ""
    show.tell(
        {"rows": wanted, "verified": len(rows), "head": head},
        *[_line(row, zone) for row in wanted],
        f"{len(rows)} rows, every link checked. Head: {head[:16]}…" if rows else "No rows yet.",
    )


def check_chain(author: str, rows: list[dict[str, Any]]) -> None:
    """Checks commitments and links from the first row on. Raises Stopped naming the row that does not fit.

    commitment = SHA-256(salt || body), link = SHA-256(link before || commitment || number as 8 bytes)."""
    link = hashlib.sha256(b"lastwords/v1/log\x00" + f"author:{author}".encode()).digest()
    for number, row in enumerate(rows, 1):
        commitment = bytes.fromhex(row["commitment"])
        link = hashlib.sha256(link + commitment + number.to_bytes(8, "big")).digest()
        body = canonical.encode(row["body"]) if "body" in row else None
        fits = body is None or hashlib.sha256(bytes.fromhex(row["salt"]) + body).digest() == commitment
        if row["number"] != number or row["link"] != link.hex() or not fits:
            raise Stopped(
                f"Row {number} of the record does not fit the chain: something was changed, dropped or put in.",
                "Compare the heads in your letters with the host's, and tell the other keepers.",
                "log_broken",
            )


def _line(row: dict[str, Any], zone: str) -> str:
    if "body" not in row:
        return f"{row['number']:>5}  {'erased' if row['erased'] else 'not for you at the moment'}"
    body = row["body"]
    at, event, by = _wall(body), show.spoken(body.get("event", "")), body.get("by") or "time"
    happened = "; ".join(
        " ".join(show.spoken(part) for part in what if part) for what in body.get("happened", [])
    )
    return f"{row['number']:>5}  {show.day(at, zone)}  {event} by {by}: {happened}"


def _wall(body: dict[str, Any]) -> int | None:
    at = body.get("at")
    if isinstance(at, dict):
        return int(at["wall"])
    return int(at[0] if isinstance(at, list) else at) if at else None
