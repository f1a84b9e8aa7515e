"""`lastwords find-me`, `lastwords medical` and the notes of a trip: what the author seals for the keepers ahead.

Each is sealed here to every verified keeper, alternates too, and to the author; the host keeps what it cannot read and
hands it out while a case is open. The author's signature says which sheet it is, so that no host can slip in another.
"""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from lastwords.case import sheets
from lastwords.case.moment import Moment
from lastwords.case.plain import to_plain
from lastwords.case.sheets import Sheet
from lastwords.cli import forms, keys_of, show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.home import write_new
from lastwords.cli.me import Me, me, named_author
from lastwords.sealing import age
from lastwords.sealing.refusals import SealedFileRefused
from lastwords.signing.act import AUTHOR, Act
from lastwords.signing.canonical import digest
from lastwords.signing.documents import read as read_signed

ACT = "seal sheet"
AT_HOST = {"find_me": "find_me", "trip": "trip_notes", "medical": "medical"}
"""What the host calls each sheet of `case.sheets`."""


def _group(name: str, command: str, about: str) -> click.Group:
    """The commands of one sheet: an empty form, sealing a filled-in one, reading one's own. The notes of a trip are
    sealed by `lastwords trip`, which knows the return."""

    @click.group(command, help=about)
    def group() -> None: ...

    @group.command()
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    @show.answers
    def form(file: Path) -> None:
        """Write an empty form to FILE, to be filled in with any editor."""
        write_form(name, file)

    @click.command()
    @click.argument("source", default="")
    @show.answers
    def write(source: str) -> None:
        """Seal the filled-in form SOURCE for your keepers. It takes the place of the one before."""
        person = me()
        zone = person.person.zone
        text = typed.text(source, "Paste the filled-in form.")
        sealed_to = seal(person, forms.read(name, text, zone, filled_in=_now(zone)))
        show.tell(
            {"sheet": AT_HOST[name], "sealed_to": sealed_to},
            f"Sealed for {', '.join(sealed_to)}. They can read it only while a case is open.",
            "Seal it again when you have a new keeper.",
        )

    @group.command("show")
    @show.answers
    def show_own() -> None:
        """Show the sheet that is in force."""
        person = me()
        tell(person, person.handle, name, None)

    if name != "trip":
        group.add_command(write)
    return group


find_me = _group("find_me", "find-me", "What helps your keepers to find you, sealed until a case is open.")
trip_notes = _group("trip", "trip-notes", "The notes of a trip, sealed with `lastwords trip --notes`.")
medical = _group("medical", "medical", "What a clinician asks first, sealed until a case is open.")


def seal_trip_notes(person: Me, text: str, zone: str, back: int) -> list[str]:
    """Seals the notes that go with a trip; the return time is the trip's own. Returns the keepers they are for."""
    return seal(person, forms.read("trip", text, zone, filled_in=_now(zone), back=Moment(back, zone)))


def write_form(name: str, file: Path) -> None:
    """Writes an empty form, never over another file."""
    write_new(file, forms.BLANK[name].encode())
    show.tell({"file": str(file)}, f"An empty form is in {file}. Fill it in, seal it, then delete the file.")


def _now(zone: str) -> Moment:
    return Moment(int(datetime.now(UTC).timestamp()), zone)


# Sealing.


def seal(person: Me, sheet: Sheet) -> list[str]:
    """Seals a sheet to every verified keeper and the author, and leaves it with the host. Returns the keepers."""
    name = next(name for name, kind in sheets.SHEETS.items() if kind is type(sheet))
    seats = person.host.get("watches", person.handle, "keepers")["keepers"]
    readers = sorted(seat["handle"] for seat in seats if seat["stage"] in keys_of.HOLDERS)
    if not readers:
        raise Stopped(
            "No keeper is verified yet, so nobody could ever read this sheet; nothing was sealed.",
            "Verify a keeper first: `lastwords keeper verify HANDLE`.",
            "no_holder",
        )
    keys = [person.keys.public_key, *(pin.public_key for pin in keys_of.as_keepers(person, readers).values())]
    body = age.seal_bytes(sheets.encode(sheet), keys)
    document = person.sign_act(ACT, person.handle, AUTHOR, subject=AT_HOST[name], body=digest(body))
    person.host.post(
        "watches",
        person.handle,
        "sheets",
        sheet=AT_HOST[name],
        body=base64.b64encode(body).decode(),
        document=document,
    )
    return readers


# Reading.


def opened(person: Me, author: str, name: str) -> Sheet:
    """The newest sheet of that name, opened here: the one the author signed, and no other. Raises Stopped."""
    rows = person.host.get("watches", author, "sheets")["sheets"]
    row = next((row for row in rows if row["sheet"] == AT_HOST[name]), None)
    if row is None:
        raise Stopped(
            f"There is no such sheet of {author} that you may read now; nothing was opened.",
            "Keepers can read it while a case is open, if the author has written one.",
            "no_sheet",
        )
    body = row.data("body")
    act = read_signed(
        row["document"].encode(), Act, person.author_key(author, row["document"].encode())
    ).document
    said = (act.actor, act.author, act.role, act.act, act.subject, act.body)
    if said != (author, author, AUTHOR, ACT, AT_HOST[name], digest(body)):
        raise Stopped(
            f"The host shows a sheet that {author} did not sign as this one; it was not opened.",
            "Tell the other keepers and whoever runs the host.",
            "another_sheet",
        )
    try:
        return sheets.read(age.open_bytes(body, [person.keys.secret_key]))
    except SealedFileRefused as refused:
        raise Stopped(
            "This sheet is not sealed to your key; what it says is unharmed.",
            "Ask another keeper to read it to you: it was sealed before you joined.",
            "not_sealed_to_you",
        ) from refused


def tell(person: Me, author: str, name: str, out: Path | None) -> None:
    """Answers with an opened sheet; with `out` the bytes go there too, for the handover report."""
    sheet = opened(person, author, name)
    if out is not None:
        write_new(out, sheets.encode(sheet))
    data: dict[str, Any] = {"sheet": AT_HOST[name], "what": to_plain(sheet)}
    show.tell(data | ({"file": str(out)} if out else {}), *forms.lines(sheet, person.person.zone))


def _in_case(name: str, command: str, about: str) -> click.Command:
    @click.command(command, help=about)
    @click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Also keep it in this new file, opened.",
    )
    @show.answers
    def read_in_case(out: Path | None) -> None:
        tell(me(), named_author(), name, out)

    return read_in_case


IN_CASE = (
    _in_case("find_me", "find-me", "Read the find-me sheet, while the case is open."),
    _in_case("trip", "trip-notes", "Read the notes of the author's trip, while the case is open."),
    _in_case("medical", "medical", "Read the medical sheet, while the case is open."),
)
"""Subcommands of `lastwords case AUTHOR`."""
