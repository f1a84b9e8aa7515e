"""`lastwords words`: the author writes for one person at a time, replaces, reads and takes back.

Everything is sealed on this machine before it is sent: to the recipient's pinned key and under a release key whose
shares go to the keepers' pinned keys. Files of any size are streamed.
"""

import tempfile
from pathlib import Path
from typing import Any

import click

from lastwords.cli import keys_of, sealing, sending, show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Sealed, me
from lastwords.cli.opening import waiting
from lastwords.cli.watch import asked_again_lines
from lastwords.sealing import container, tracks
from lastwords.sealing.container import Item, Pack
from lastwords.signing.manifest import (
    KEEPERS_ONLY,
    TIMER_ONLY,
    TWO_LOCKS,
)

CONDITIONS = {"died": "died", "cannot-act": "cannot_act"}

LETTER, WISHES_TEXT, NOTE = "letter.txt", "wishes.txt", "note.txt"


@click.group()
def words() -> None:
    """Write, replace, read and take back words; see what waits for you."""


words.add_command(waiting)

text_option = typed.source_option("--text", "The letter, from a file, standard input, or typed.")
file_option = click.option(
    "--file", "files", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of any kind and size. May be given again.",
)  # fmt: skip
note_option = click.option(
    "--note", help="A line on the envelope: “A happy one”. Shown before opening, sealed until told."
)
wishes_option = typed.source_option("--wishes", "Wishes that go with the words and are shown before them.")
quorum_option = click.option(
    "--quorum", type=click.IntRange(1, 16), help="How many keepers open. Default: as in your plan."
)
own_option = click.option("--no-own-copy", is_flag=True, help="Keep no copy that your own key opens.")
adult_option = click.option(
    "--adult", help="For a child: the keeper or recipient who is with them when they are told."
)
no_adult_option = click.option(
    "--no-adult", is_flag=True, help="They are told alone from now on, as a child who has grown up."
)
shares_option = click.option(
    "--shares-to", metavar="A,B,…", help="Which keepers hold a share. Default: all verified ones."
)


@words.command()
@click.argument("handle")
@click.option("--condition", type=click.Choice(list(CONDITIONS)), default="died", show_default=True)
@text_option
@file_option
@note_option
@wishes_option
@adult_option
@click.option("--instead-of", help="Given to HANDLE if that recipient died before or with you.")
@click.option(
    "--keepers-only", is_flag=True, help="No inner lock, for someone without a key: k keepers could read."
)
@click.option(
    "--timer-only", is_flag=True, help="No outer lock, for a plan without keepers: only the host waits."
)
@quorum_option
@shares_option
@own_option
@show.answers
def write(
    handle: str,
    condition: str,
    text: str | None,
    files: tuple[Path, ...],
    note: str | None,
    wishes: str | None,
    instead_of: str | None,
    adult: str | None,
    keepers_only: bool,
    timer_only: bool,
    quorum: int | None,
    shares_to: str | None,
    no_own_copy: bool,
) -> None:
    """Write for HANDLE under one condition, and seal."""
    person = me()
    name = ".".join(part for part in (CONDITIONS[condition], handle, instead_of) if part)
    before = sealing.before_first(person, name)
    mode = TIMER_ONLY if timer_only else KEEPERS_ONLY if keepers_only else TWO_LOCKS
    k = 0 if timer_only else quorum or sealing.plan_quorum(person)
    track = tracks.Track(
        author=person.handle,
        track=name,
        condition=show.spoken(CONDITIONS[condition]),
        mode=mode,
        recipient=handle,
        recipient_public_key=None if keepers_only else keys_of.pinned(person, handle).public_key,
        k=k,
        keepers=sealing.holders(person, k, handle, adult, shares_to) if k else [],
        alternate_of=instead_of,
    )
    content = _words(text, files)
    if not content:
        content = [_letter("", "Write to them.")]
    with person.home.sealing():
        sealed = sealing.anew(
            person,
            track,
            container.items(content),
            _pack(_wishes(wishes, note)),
            before,
            not no_own_copy,
            adult,
        )
    sealing.tell(sealed, *sealing.of_shares(sealed.document))


@words.command()
@click.argument("track")
@text_option
@file_option
@note_option
@wishes_option
@adult_option
@no_adult_option
@click.option("--new-keys", is_flag=True, help="Also a new release key and new shares.")
@quorum_option
@shares_option
@own_option
@show.answers
def replace(
    track: str,
    text: str | None,
    files: tuple[Path, ...],
    note: str | None,
    wishes: str | None,
    adult: str | None,
    no_adult: bool,
    new_keys: bool,
    quorum: int | None,
    shares_to: str | None,
    no_own_copy: bool,
) -> None:
    """Seal a better version; the last sealed one is the only one that can ever be given.

    Letter and files are one and are replaced together, and so are wishes and note. A pair of which nothing is named
    stays. New keys are made by themselves when they are due, and with another number or other keepers."""
    person = me()
    old = person.sealed_track(person.handle, track)
    beside = _adult(old, adult, no_adult)
    content, wanted = _words(text, files), _wishes(wishes, note)
    if not content and not wanted:
        raise Stopped(
            "Nothing was given to replace; the sealed version in force is unharmed.",
            "Add --text, --file, --wishes or --note. For new keys alone: `lastwords words new-keys`.",
            "nothing_given",
        )
    before, shares = old.manifest.document, []
    with person.home.sealing():
        if (
            new_keys
            or quorum
            or shares_to
            or old.row.get("keys_due")
            or (wanted and not before.has_wishes)
            or sealing.holds_share(old, beside)
        ):
            sealed = sealing.with_new_keys(
                person, old, _pack(content), _pack(wanted), beside, quorum, shares_to, not no_own_copy
            )
            shares = sealing.of_shares(sealed.document)
        else:
            sealed = sealing.same_keys(person, old, _pack(content), _pack(wanted), beside, not no_own_copy)
    names = [[one.name for one in items] for items in (content, wanted)]
    sealing.tell(sealed, *sealing.of_replaced(before, *names), *shares)


@words.command("new-keys")
@click.argument("track")
@adult_option
@no_adult_option
@quorum_option
@shares_option
@show.answers
def new_keys(
    track: str, adult: str | None, no_adult: bool, quorum: int | None, shares_to: str | None
) -> None:
    """Seal the same words with a new release key and new shares: after a case, when your keepers changed, or for
    another adult beside a child."""
    person = me()
    old = person.sealed_track(person.handle, track)
    with person.home.sealing():
        sealed = sealing.with_new_keys(
            person, old, None, None, _adult(old, adult, no_adult), quorum, shares_to, True
        )
    sealing.tell(sealed, *sealing.of_shares(sealed.document))


@words.command("take-back")
@click.argument("track")
@show.answers
def take_back(track: str) -> None:
    """Take words back: the host deletes the sealed files, and nothing is given to anyone."""
    person = me()
    name = person.sealed_track(person.handle, track).row["track"]
    document = person.sign_act("take back", person.handle, "author", subject=name)
    person.host.post("watches", person.handle, "words", take_back=name, document=document)
    person.pins.take_back(person.handle, name)
    show.tell(
        {"track": name, "taken_back": True},
        f"Taken back: {name}. Kits that keepers saved may still hold a copy.",
    )


@words.command("leave")
@click.argument("track")
@show.answers
def leave(track: str) -> None:
    """Leave words as they are when you are asked, once a year, whether they are still right."""
    person = me()
    name = person.sealed_track(person.handle, track).row["track"]
    left = person.host.post("watches", person.handle, "words", name, "leave")
    show.tell(left, f"Left as it is: {name}. You are asked again in a year.")


@words.command("list")
@show.answers
def list_words() -> None:
    """List your sealed words, each checked against your own signature and the newest version seen here."""
    person = me()
    kept = (
        "track",
        "condition",
        "recipient",
        "instead_of",
        "number",
        "sha256",
        "stage",
        "words",
        "keys_due",
        "files",
    )
    rows: list[dict[str, Any]] = [
        {name: one.row.get(name) for name in kept}
        for one in person.sealed(person.handle)
        if not one.row.get("taken_back")
    ]
    table = [
        (
            row["track"],
            f"version {row['number']}",
            show.spoken(row["words"]),
            "new keys due" if row["keys_due"] else "",
        )
        for row in rows
    ]
    circle = person.host.get("watches", person.handle, "health")
    show.tell(
        {"words": rows, "asked_again": circle["asked_again"]},
        *(show.rows(table) if table else ["Nothing is sealed yet."]),
        *asked_again_lines(circle, person.person.zone),
    )


@words.command("read")
@click.argument("track")
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, help="A folder that does not exist yet."
)
@show.answers
def read_own(track: str, to: Path) -> None:
    """Open your own copy into a new folder."""
    person = me()
    old = person.sealed_track(person.handle, track)
    names: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(dir=person.home.folder) as scratch:
        for part in sealing.own_parts(old):
            copy = sealing.own_copy(person, old, part, Path(scratch))
            found = tracks.open_own_copy(copy, to / part, person.keys, older=person.older_keys)
            names[part] = [entry.name for entry in found]
    show.tell(
        {"track": old.row["track"], "folder": str(to), "files": names},
        *[f"{to / part / name}" for part, listed in names.items() for name in listed],
    )


@words.command("send")
@show.answers
def send_waiting() -> None:
    """Go on sending what an interruption left unsent."""
    person = me()
    with person.home.sealing():
        sent = [sending.send(person, folder).document.track for folder in sending.waiting(person)]
    show.tell({"sent": sent}, *[f"Sealed and sent: {name}" for name in sent] or ["Nothing waits to be sent."])


# What is sealed.


def _letter(source: str, prompt: str) -> Item:
    return Item(LETTER, typed.text(source, prompt).encode(), "text/plain; charset=utf-8", "Letter")


def _words(text: str | None, files: tuple[Path, ...]) -> list[Item]:
    found = [] if text is None else [_letter(text, "Write to them.")]
    return found + [Item(path.name, path) for path in files]


def _wishes(wishes: str | None, note: str | None) -> list[Item]:
    found = []
    if note:
        found.append(Item(NOTE, note.encode(), "text/plain; charset=utf-8", "Note on the envelope"))
    if wishes is not None:
        written = typed.text(wishes, "Write your wishes.").encode()
        found.append(Item(WISHES_TEXT, written, "text/plain; charset=utf-8", "Wishes"))
    return found


def _pack(items: list[Item]) -> Pack | None:
    return container.items(items) if items else None


def _adult(old: Sealed, adult: str | None, no_adult: bool) -> str | None:
    """Who is with a child from now on: named anew, nobody any more, or as it was."""
    if adult and no_adult:
        raise Stopped(
            "With whom they are told is not clear; nothing was sealed.",
            "Give either --adult or --no-adult.",
            "which_adult",
        )
    return None if no_adult else adult or old.row.get("adult")
