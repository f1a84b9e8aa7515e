"""`lastwords log`: the record. Authors and keepers read it and check its chain here; a host verifies its own."""

import hashlib
from importlib import import_module
from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me
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
    rows = _checked(person, whose)
    wanted = [row for row in rows if row["number"] > after]
    zone = person.person.zone
    head = rows[-1]["link"] if rows else ""
    show.tell(
        {"rows": wanted, "verified": len(rows), "head": head},
        *[_line(row, zone) for row in wanted],
        f"{len(rows)} rows, every link checked. Head: {head[:16]}…" if rows else "No rows yet.",
    )


@log.command("check")
@click.argument("author", required=False)
@show.answers
def check_log(author: str | None) -> None:
    """Check the record of AUTHOR's watch (your own without AUTHOR) against the newest head seen from here.

    If the host shows another past than it did before, you are told, and so are the author and all keepers."""
    person = me()
    whose = author or person.handle
    before, _ = person.pins.log_head(whose)
    rows = _checked(person, whose)
    head = rows[-1]["link"] if rows else ""
    show.tell(
        {"rows": len(rows), "seen_before": before, "head": head},
        f"{len(rows)} rows, every link checked; what was seen here before stands in it. Head: {head[:16]}…",
    )


def _checked(person: Me, author: str) -> list[dict[str, Any]]:
    """The whole record, its chain checked, and the newest head seen from here found in it and kept."""
    rows = fetched(person, author)
    number, link = person.pins.log_head(author)
    if number and (len(rows) < number or rows[number - 1]["link"] != link):
        raise _differs(person, author, number, link)
    check_chain(author, rows)
    if rows:
        person.pins.see_log(author, rows[-1]["number"], rows[-1]["link"])
    return rows


def fetched(person: Me, author: str) -> list[dict[str, Any]]:
    """The whole record as the host shows it. Of its chain only the numbers are checked yet (see `check_chain`)."""
    rows: list[dict[str, Any]] = []
    while page := person.host.get("watches", author, "log", after=len(rows))["rows"]:
        # Numbered on from the page before, or a host could send the same rows for ever.
        for expected, row in enumerate(page, len(rows) + 1):
            if row["number"] != expected:
                raise _broken(expected)
        rows += page
    return rows


def _differs(person: Me, author: str, number: int, link: str) -> Stopped:
    """Tells everyone through the host, if it passes that on, and returns what this person is told in any case."""
    role = "author" if author == person.handle else "keeper"
    document = person.sign_act("record differs", author, role, subject=str(number), body=link)
    try:
        told = person.host.post("watches", author, "record-differs", document=document)["told"]
    except Stopped as stopped:
        passed_on = f"The host did not take word of it: {stopped.happened}"
    else:
        passed_on = "The host was told, and " + (
            "it writes to author and keepers." if told else "author and keepers have heard it today already."
        )
    return Stopped(
        f"The record that the host shows is not the one seen here before: row {number} is missing from it or another "
        f"one. {passed_on} What is sealed is unharmed.",
        "Do not rely on the host for it: call the author and the other keepers, and compare the heads in your letters. "
        "A host that was restored from a backup says so in a letter.",
        "record_differs",
    )


def check_chain(author: str, rows: list[dict[str, Any]]) -> None:
    """Checks commitments and links from the first row on. Raises Stopped naming the row that does not fit.

    commitment = SHA-256(salt || body), link = SHA-256(link before || commitment || number as 8 bytes)."""
    link = hashlib.sha256(b"lastwords/v1/log\x00" + f"author:{author}".encode()).digest()
    for number, row in enumerate(rows, 1):
        commitment = _bytes(row["commitment"], number)
        link = hashlib.sha256(link + commitment + number.to_bytes(8, "big")).digest()
        body = canonical.encode(row["body"]) if "body" in row else None
        fits = body is None or hashlib.sha256(_bytes(row["salt"], number) + body).digest() == commitment
        if row["number"] != number or row["link"] != link.hex() or not fits:
            raise _broken(number)


def _bytes(text: Any, number: int) -> bytes:
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError) as error:
        raise _broken(number) from error


def _broken(number: int) -> Stopped:
    return Stopped(
        f"Row {number} of the record does not fit the chain: something was changed, dropped or put in. What is sealed "
        "is unharmed.",
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
