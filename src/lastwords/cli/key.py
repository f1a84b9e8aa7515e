"""`lastwords key`: the key is made here, printed here, and never leaves this machine but on paper."""

import secrets
from datetime import date
from pathlib import Path

import click

from lastwords.cli import cards, show, typed
from lastwords.cli.client import read_origin
from lastwords.cli.errors import Stopped
from lastwords.cli.home import Home, PersonFile
from lastwords.cli.me import Me, is_open, me
from lastwords.cli.pins import Pin, Pins
from lastwords.sealing.person import PersonKeys
from lastwords.signing.fingerprints import person_fingerprint

WITHOUT_PASSPHRASE = (
    "No passphrase: whoever can read this folder has your key. Fit for a locked disk or a try-out."
)

WITHOUT_HOST = (
    "At which host it is known, and as whom, was not said. If the paper says it, make another folder with its "
    "lines “Host” and “Handle”, or with --origin and --handle."
)

ASKED = range(4, 30)
"""Places of the words that may be asked back. The others are not of the key alone: the first two and the last three
come out differently with every sheet that is printed, two more are the same on every sheet there is."""

no_passphrase = click.option("--no-passphrase", is_flag=True, help="Leave the key file unlocked.")


@click.group()
def key() -> None:
    """Your key: make it, show it, print it, prove the print."""


@key.command()
@no_passphrase
@show.answers
def new(no_passphrase: bool) -> None:
    """Make your key and your home folder."""
    person = me()
    keys = make_key(person.home, PersonFile(), locked=not no_passphrase)
    show.tell(
        {
            "fingerprint": fingerprint_of(keys),
            "eight_words": list(keys.public.eight_words),
            "public_key": keys.public_key,
            "locked": not no_passphrase,
        },
        f"Your key is in {person.home.folder}.",
        f"Its eight words are: {' '.join(keys.public.eight_words)}.",
        "Print it now with `lastwords key sheet FILE`: if this device is lost, the sheet is the only way back.",
    )


@key.command("show")
@show.answers
def show_key() -> None:
    """Show your public keys and your eight words. The secret key is never shown."""
    person = me()
    public, known = person.keys.public, person.person
    words = public.eight_words
    show.tell(
        {
            "origin": known.origin,
            "handle": known.handle,
            "name": known.name,
            "public_key": public.sealing,
            "signing_key": public.signing,
            "sign_in_key": public.sign_in,
            "fingerprint": fingerprint_of(person.keys),
            "signing_fingerprint": public.signing_fingerprint,
            "eight_words": list(words),
            "locked": not is_open(person.home.read_key()),
        },
        f"{known.name or 'Nobody yet'} ({known.handle or 'no handle'}) at {known.origin or 'no host'}.",
        f"Eight words, to read out: {' '.join(words)}.",
        f"Public key: {public.sealing[:24]}… ({len(public.sealing)} characters; --json shows it whole)",
    )


@key.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@show.answers
def sheet(file: Path) -> None:
    """Print your recovery sheet into FILE (.html with a QR code, else text)."""
    person = me()
    known = person.person
    cards.save(
        file,
        cards.Card(person.keys, known.origin, known.handle, known.name, known.zone),
        date.today(),
    )
    show.tell(
        {"file": str(file)},
        f"Your recovery sheet is in {file}. Print it, keep the paper away from your devices, and delete the file.",
        "Then prove the paper with `lastwords key prove`.",
    )


@key.command()
@typed.source_option("--sheet", "The whole sheet instead of two of its words.")
@show.answers
def prove(sheet: str | None) -> None:
    """Prove that your recovery sheet can be read: two of its words, or the whole of it."""
    person = me()
    if sheet is None:
        _ask_two_words(person.keys)
    elif cards.read(typed.secret(sheet, "Type the sheet's key")).keys.secret_key != person.keys.secret_key:
        raise Stopped(
            "That is the sheet of another key; nothing was changed.",
            "Print a new sheet of this key with `lastwords key sheet FILE`, and destroy the old one.",
            "another_sheet",
        )
    told = _tell_the_host(person)
    show.tell(
        {"proven": True, "told": told},
        "Your recovery sheet is proven." + (" The host has written it down." if told else ""),
    )


def _ask_two_words(keys: PersonKeys) -> None:
    words = keys.words()
    for place in sorted(secrets.SystemRandom().sample(ASKED, 2)):
        typed_word = typed.secret(None, f"Word {place + 1} of the sheet", hide=False)
        if typed_word.lower() != words[place]:
            raise Stopped(
                f"Word {place + 1} is another one on the sheet of this key; nothing was changed.",
                "Look at the sheet again; print a new one if it is not legible.",
                "another_word",
            )


def _tell_the_host(person: Me) -> bool:
    """An author's host writes the proof down; for anyone else it stays between them and the paper."""
    if not person.person.handle:
        return False
    watches = person.host.get("me")["watches"]
    if not any(watch["author"] == person.handle for watch in watches):
        return False
    document = person.sign_act("recovery proven", person.handle, "author")
    person.host.post("watches", person.handle, "recovery-proof", document=document)
    return True


@key.command("from-card")
@click.argument("source", required=False)
@click.option("--origin", help="The host, if the card's line “Host” is not typed: https://words.example.org")
@click.option("--handle", help="Your handle there, if the card's line “Handle” is not typed.")
@no_passphrase
@show.answers
def from_card(source: str | None, origin: str | None, handle: str | None, no_passphrase: bool) -> None:
    """Make this home from a printed card or sheet: from SOURCE (a file, or - for standard input) or typed line by line.

    With --origin and --handle the 33 words are enough: so an account made in a browser is used from here as well."""
    home = me().home
    home.must_be_new()
    card = cards.read(
        typed.secret(source, "")
        if source
        else typed.text(
            None, "Type the card: its lines from “Host” to the fingerprint, then the key or the 33 words."
        )
    )
    origin = read_origin(origin or card.origin) if origin or card.origin else ""
    handle = handle or card.handle
    known = PersonFile(origin, handle, card.name or handle, card.zone)
    save_key(home, card.keys, known, locked=not no_passphrase)
    if card.author and card.author_signing:
        Pins(home).keep(card.author, Pin(card.author_signing, "card"))
    show.tell(
        {"origin": origin, "handle": handle, "fingerprint": fingerprint_of(card.keys)},
        f"This folder is now {known.name or 'yours'}: {home.folder}.",
        *(["Words that wait for you are shown by `lastwords words waiting`."] if card.author else []),
        *([] if origin and handle else [WITHOUT_HOST]),
    )


def make_key(home: Home, person: PersonFile, *, locked: bool) -> PersonKeys:
    """Makes a new key and a home around it."""
    keys = PersonKeys.new()
    save_key(home, keys, person, locked=locked)
    return keys


def save_key(home: Home, keys: PersonKeys, person: PersonFile, *, locked: bool) -> None:
    """Makes a home around a key, locked by a passphrase that is asked for, or open with a plain warning."""
    home.must_be_new()
    if locked:
        data = keys.locked(typed.passphrase(new=True))
    else:
        show.aside(WITHOUT_PASSPHRASE)
        data = keys.secret_key.encode() + b"\n"
    home.make(data, person)


def fingerprint_of(keys: PersonKeys) -> str:
    """The fingerprint of a person: both the sealing and the signing key go in."""
    return person_fingerprint(keys.public.sealing_fingerprint, keys.public.signing_fingerprint)
