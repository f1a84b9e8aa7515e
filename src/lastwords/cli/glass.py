"""`lastwords glass AUTHOR …`: break glass. It opens the author's emergency notes and never the words.

With the card's own copy a keeper opens at once, with or without a host; everyone is told. Without it everyone is
alarmed first, a wait runs, and the keeper's seat does not count until the others restore it.
"""

import base64
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.client import Said
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me, name_author, named_author
from lastwords.sealing import notes as sealed_notes
from lastwords.sealing.notes import Covered
from lastwords.sealing.refusals import NotesRefused
from lastwords.signing.canonical import digest
from lastwords.signing.documents import read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.notes import EmergencyNotes

to_option = click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A folder that does not exist yet.",
)


@click.group()
@click.argument("author")
@click.pass_context
def glass(ctx: click.Context, author: str) -> None:
    """Break glass for AUTHOR's emergency notes, or say no to somebody who did."""
    name_author(ctx, author)


@glass.command("show")
@show.answers
def show_glass() -> None:
    """Show who has asked, and how far it has come."""
    person, author = me(), named_author()
    _report_cards(person)
    found = person.host.get("watches", author, "glass")
    zone = person.person.zone
    lines = [_line(one, zone) for one in found["glass"]] or ["Nobody is asking for the emergency notes now."]
    if not found["notes"]:
        lines.append(f"{author} has left no emergency notes here.")
    show.tell(found, *lines)


def _line(one: dict[str, Any], zone: str) -> str:
    said = {
        "asked": "the alarms are on their way",
        "waiting": f"everyone was alarmed; the notes open on {show.day(one['opens'], zone)} at the earliest",
        "open": "open",
        "denied": f"denied by {one['denied_by']}",
    }
    return f"{one['keeper']}: {said[one['stage']]}."


@glass.command()
@show.answers
def ask() -> None:
    """Ask without the card: everyone is alarmed, a wait runs, and your seat does not count until others restore it.

    If someone is in danger now, call the emergency number first."""
    person, author = me(), named_author()
    _report_cards(person)
    answer = _ask(person, author, card=False)
    wait = show.length(person.host.get("watches", author, "glass")["wait"])
    show.tell(
        answer,
        f"Asked. {author} and all other keepers are being alarmed, and each of them can say no.",
        f"The notes open {wait} after the alarms were handed over: `lastwords glass {author} open --to DIR`.",
        "Your seat does not count until the other keepers restore it.",
    )


@glass.command("open")
@to_option
@show.answers
def open_glass(to: Path) -> None:
    """Open the notes once everyone was alarmed and the wait has run. Afterwards they get a new cover."""
    person, author = me(), named_author()
    _report_cards(person)
    _must_be_new(to)
    found = person.host.get("watches", author, "glass", "notes")
    text = found.text("document").encode()
    word = read(text, EmergencyNotes, person.author_key(author, text)).document
    _check_word(person, author, word)
    inner, bad = _uncovered(found.rows("covers"), word)
    entries = sealed_notes.open_notes(inner, person.keys, to)
    person.pins.see_notes(author, word.number, word.digest)
    turned = _cover_anew(person, author, word, inner)
    show.tell(
        {
            "number": word.number,
            "files": [entry.name for entry in entries],
            "turned": turned,
            "bad_covers": bad,
        },
        *[show.fit_for_terminal(str(to / entry.name)) for entry in entries],
        "These are the notes that the author signed for. They have a new cover now."
        if turned
        else "They could not be covered anew; open them again once the host answers.",
    )


@glass.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@to_option
@show.answers
def card(file: Path, to: Path) -> None:
    """Open the card's own copy in FILE, at once and without a host. Everyone is told as soon as a host answers."""
    person, author = me(), named_author()
    _must_be_new(to)
    entries = sealed_notes.open_notes(file.read_bytes(), person.keys, to)
    person.pins.owe_report(author)
    lines = [show.fit_for_terminal(str(to / entry.name)) for entry in entries]
    reported = _report_cards(person)
    lines.append(
        f"{author} and all other keepers are being told that you opened this."
        if author in reported
        else f"No host answers, so nobody has been told yet. {author} and all other keepers are told with your next "
        f"`lastwords glass {author} show`."
    )
    show.tell({"files": [entry.name for entry in entries], "reported": author in reported}, *lines)


@glass.command()
@click.argument("keeper")
@show.answers
def deny(keeper: str) -> None:
    """Say no to KEEPER's asking, as the author or as another keeper."""
    person, author = me(), named_author()
    role = "author" if author == person.handle else "keeper"
    document = person.sign_act("deny", author, role, subject=keeper)
    answer = person.host.post("watches", author, "glass", keeper, "deny", document=document)
    show.tell(answer, f"Denied. The notes stay closed to {keeper}.")


# Beneath.


def _ask(person: Me, author: str, *, card: bool) -> dict[str, Any]:
    document = person.sign_act("break glass", author, "keeper", subject="card" if card else None)
    answer: dict[str, Any] = person.host.post("watches", author, "glass", card=card, document=document)
    return answer


def _report_cards(person: Me) -> list[str]:
    """Tells the host of copies that were opened while none answered. What it refuses stays owed."""
    reported = []
    for author in person.pins.owed_reports():
        with suppress(Stopped):
            _ask(person, author, card=True)
            person.pins.report_made(author)
            reported.append(author)
    return reported


def _must_be_new(to: Path) -> None:
    if to.exists():
        raise Stopped(
            f"{to} exists already and was left alone; nothing was opened.",
            "Name another folder.",
            "folder_exists",
        )


def _check_word(person: Me, author: str, word: EmergencyNotes) -> None:
    """The word must be about this author and this keeper's own key, and no older than the newest seen here."""
    reader = word.reader(person.handle)
    if word.author != author or reader is None or reader.sealing != fingerprint(person.keys.public_key):
        raise Stopped(
            "The host shows notes of another author, or notes that are sealed to others; nothing was opened.",
            "Tell whoever runs the host. A card's own copy, if you hold one, is not touched by this.",
            "wrong_notes",
        )
    person.pins.check_notes(author, word.number, word.digest)


def _uncovered(covers: list[Said], word: EmergencyNotes) -> tuple[bytes, list[str]]:
    """The notes without their cover, from the newest cover that fits, and who made the ones that do not."""
    bad: list[str] = []
    for one in covers:
        covered = Covered(one.data("covered"), one.text("cover"))
        try:
            return sealed_notes.take_off(covered, word), bad
        except NotesRefused:
            bad.append(one["by"])
            show.aside(f"The cover that {one['by']} put on does not come off; the one before it is tried.")
    raise NotesRefused(
        "None of the covers comes off to show the notes that the author signed for. Nothing was opened.",
        "Tell the author and whoever runs the host. A card's own copy, if you hold one, is not touched by this.",
    )


def _cover_anew(person: Me, author: str, word: EmergencyNotes, inner: bytes) -> bool:
    """Puts a new cover on, so that this asking was good for one opening; False when the host did not take it."""
    covered = sealed_notes.cover(inner)
    document = person.sign_act(
        "cover notes anew", author, "keeper", subject=str(word.number), body=digest(covered.data)
    )
    try:
        person.host.put(
            "watches", author, "glass", "notes",
            document=document,
            covered=base64.b64encode(covered.data).decode(),
            cover=covered.secret_key,
        )  # fmt: skip
    except Stopped as stopped:
        show.aside(f"{stopped.happened} {stopped.do}")
        return False
    return True
