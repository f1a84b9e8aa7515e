"""`lastwords notes`: the author's emergency notes, for keepers and never for recipients. They are not words.

They are sealed here to every verified keeper, then covered with a key made for this one time. The host gets the covered
notes and the cover's key, which opens nothing else.
"""

import base64
from pathlib import Path
from typing import Any

import click

from lastwords.cli import keys_of, show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.home import write_atomically
from lastwords.cli.me import Me, me, now
from lastwords.cli.words import file_option
from lastwords.sealing import container
from lastwords.sealing import notes as sealed_notes
from lastwords.sealing.container import Item
from lastwords.signing.canonical import digest
from lastwords.signing.documents import Signed, read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.notes import EmergencyNotes, NotesReader

TEXT = "notes.txt"


@click.group()
def notes() -> None:
    """Emergency notes: what your keepers may need while you live."""


@notes.command()
@typed.source_option("--text", "The notes, from a file, standard input, or typed.")
@file_option
@click.option(
    "--card-for",
    "cards",
    nargs=2,
    multiple=True,
    metavar="KEEPER FILE",
    help="Also write this keeper's own copy to FILE, to be given to them by hand. May be given again.",
)
@show.answers
def write(text: str | None, files: tuple[Path, ...], cards: tuple[tuple[str, str], ...]) -> None:
    """Seal emergency notes to all your verified keepers. The notes before are replaced.

    A keeper who needs them asks; you and all other keepers are alarmed first, and there is a wait. A card's own copy
    opens at once, without a host: give one only to whom you would give a key to your house."""
    person = me()
    content = [Item(path.name, path) for path in files]
    if text is not None or not content:
        said = typed.text(text, "Write what your keepers may need.").encode()
        content.insert(0, Item(TEXT, said, "text/plain; charset=utf-8", "Emergency notes"))
    keys = _keepers(person)
    _check_cards(cards, keys)
    pack = container.items(content)
    sealed = sealed_notes.seal(pack, list(keys.values()))
    number = _keep(person, keys, sealed)
    for keeper, target in cards:
        write_atomically(Path(target), sealed_notes.seal_for_card(pack, keys[keeper]))
    show.tell(
        {"number": number, "keepers": sorted(keys), "cards": [{"keeper": k, "file": f} for k, f in cards]},
        f"Sealed for {', '.join(sorted(keys))}: version {number} of your emergency notes.",
        *[f"Give {file} to {keeper} by hand, with their printed key." for keeper, file in cards],
        *(["Copies that you gave out earlier still open with what they held then."] if number > 1 else []),
    )


@notes.command("show")
@show.answers
def show_notes() -> None:
    """Show which version of your notes the host keeps, and which keepers they are sealed to."""
    person = me()
    signed = _kept(person)
    person.pins.check_notes(
        person.handle, *((signed.document.number, signed.document.digest) if signed else (0, ""))
    )
    named = [reader.keeper for reader in signed.document.readers] if signed else []
    keepers = set(_keepers(person))
    left_out, gone = sorted(keepers - set(named)), sorted(set(named) - keepers)
    number = signed.document.number if signed else 0
    lines = (
        [f"Version {number}, sealed for {', '.join(named)}."] if signed else ["There are no emergency notes."]
    )
    if signed and left_out:
        lines.append(f"Not sealed for {', '.join(left_out)}: write them anew.")
    if gone:
        lines.append(
            f"Sealed for {', '.join(gone)} too, who cannot ask any more. Write them anew to leave them out."
        )
    show.tell({"number": number, "keepers": named, "left_out": left_out, "gone": gone}, *lines)


def _kept(person: Me) -> Signed[EmergencyNotes] | None:
    """The word that one signed for the notes at the host, None without any."""
    found = person.host.get("watches", person.handle, "glass", "notes")
    if found["document"] is None:
        return None
    text = found.text("document").encode()
    return read(text, EmergencyNotes, person.author_key(person.handle, text))


def _keepers(person: Me) -> dict[str, str]:
    """The pinned sealing keys of all verified keepers, alternates among them, by handle."""
    seats: list[dict[str, Any]] = person.host.get("watches", person.handle, "keepers")["keepers"]
    pins = keys_of.as_keepers(person, [seat["handle"] for seat in seats if seat["stage"] in keys_of.HOLDERS])
    if not pins:
        raise Stopped(
            "You have no verified keeper who could open emergency notes; nothing was sealed.",
            "Invite and verify keepers first.",
            "no_keepers",
        )
    return {handle: pin.public_key for handle, pin in pins.items()}


def _check_cards(cards: tuple[tuple[str, str], ...], keys: dict[str, str]) -> None:
    for keeper, target in cards:
        if keeper not in keys:
            raise Stopped(
                f"{keeper} is not one of your verified keepers; nothing was sealed.",
                f"A card's own copy can be for: {', '.join(sorted(keys))}.",
                "no_holder",
            )
        if Path(target).exists():
            raise Stopped(
                f"{target} exists already and was left alone; nothing was sealed.",
                "Name another file.",
                "file_exists",
            )


def _keep(person: Me, keys: dict[str, str], sealed: bytes) -> int:
    """Covers the sealed notes and hands them to the host; returns their number."""
    covered = sealed_notes.cover(sealed)
    before = _kept(person)
    # The highest number that was ever given, also when a restored host, or a lying one, knows of none so high.
    highest = max(before.document.number if before else 0, person.pins.notes_seen(person.handle)["number"])
    document = EmergencyNotes(
        author=person.handle,
        number=highest + 1,
        sha256=digest(sealed),
        readers=tuple(
            NotesReader(keeper=keeper, sealing=fingerprint(key)) for keeper, key in sorted(keys.items())
        ),
        moment=now(),
    )
    person.host.put(
        "watches", person.handle, "glass", "notes",
        document=person.sign(document),
        covered=base64.b64encode(covered.data).decode(),
        cover=covered.secret_key,
    )  # fmt: skip
    person.pins.see_notes(person.handle, document.number, document.digest)
    return document.number
