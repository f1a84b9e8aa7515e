"""`lastwords words`: the author writes for one person at a time, replaces, reads and takes back.

Everything is sealed on this machine before it is sent: to the recipient's pinned key and under a release key whose
shares go to the keepers' pinned keys. Files of any size are streamed.
"""

import tempfile
from pathlib import Path
from typing import Any

import click

from lastwords.cli import keys_of, sending, show, terms, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, Sealed, me, now
from lastwords.cli.opening import waiting
from lastwords.cli.watch import asked_again_lines
from lastwords.sealing import container, tracks
from lastwords.sealing.container import Item, Pack
from lastwords.signing.documents import Signed
from lastwords.signing.manifest import (
    KEEPERS_ONLY,
    TIMER_ONLY,
    TWO_LOCKS,
    WISHES,
    WORDS,
    Manifest,
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
@click.option("--adult", help="For a child: the keeper or recipient who is with them when they are told.")
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
    before = _before_first(person, name)
    mode = TIMER_ONLY if timer_only else KEEPERS_ONLY if keepers_only else TWO_LOCKS
    k = 0 if timer_only else quorum or _plan_quorum(person)
    track = tracks.Track(
        author=person.handle,
        track=name,
        condition=show.spoken(CONDITIONS[condition]),
        mode=mode,
        recipient=handle,
        recipient_public_key=None if keepers_only else keys_of.pinned(person, handle).public_key,
        k=k,
        keepers=_keepers(person, k, handle, adult, shares_to) if k else [],
        alternate_of=instead_of,
    )
    content = _words(text, files)
    if not content:
        content = [_letter("", "Write to them.")]
    with person.home.sealing():
        _seal_anew(
            person, track, container.items(content), _wishes(wishes, note), before, not no_own_copy, adult
        )


@words.command()
@click.argument("track")
@text_option
@file_option
@note_option
@wishes_option
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
    new_keys: bool,
    quorum: int | None,
    shares_to: str | None,
    no_own_copy: bool,
) -> None:
    """Seal a better version; the last sealed one is the only one that can ever be given.

    New words replace all words of the track; wishes and note are one, and are replaced together. What is not named
    stays. New keys are made by themselves when they are due, and with another number or other keepers."""
    person = me()
    old = person.sealed_track(person.handle, track)
    content, wanted = _words(text, files), _wishes(wishes, note)
    if not content and wanted is None:
        raise Stopped(
            "Nothing was given to replace; the sealed version in force is unharmed.",
            "Add --text, --file, --wishes or --note. For new keys alone: `lastwords words new-keys`.",
            "nothing_given",
        )
    pack = container.items(content) if content else None
    adds_wishes = wanted is not None and not old.manifest.document.has_wishes
    with person.home.sealing():
        if (
            new_keys
            or quorum
            or shares_to
            or old.row.get("keys_due")
            or adds_wishes
            or _adult_holds_share(old)
        ):
            _with_new_keys(person, old, pack, wanted, quorum, shares_to, not no_own_copy)
        else:
            _same_keys(person, old, pack, wanted, not no_own_copy)


@words.command("new-keys")
@click.argument("track")
@quorum_option
@shares_option
@show.answers
def new_keys(track: str, quorum: int | None, shares_to: str | None) -> None:
    """Seal the same words with a new release key and new shares: after a case, or when your keepers changed."""
    person = me()
    old = person.sealed_track(person.handle, track)
    with person.home.sealing():
        _with_new_keys(person, old, None, None, quorum, shares_to, True)


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
        for part in _own_parts(old):
            copy = _own_copy(person, old, part, Path(scratch))
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


def _wishes(wishes: str | None, note: str | None) -> Pack | None:
    found = []
    if note:
        found.append(Item(NOTE, note.encode(), "text/plain; charset=utf-8", "Note on the envelope"))
    if wishes is not None:
        written = typed.text(wishes, "Write your wishes.").encode()
        found.append(Item(WISHES_TEXT, written, "text/plain; charset=utf-8", "Wishes"))
    return container.items(found) if found else None


# For whom, and by whose hands.


def _keepers(
    person: Me, k: int, recipient: str, adult: str | None, chosen: str | None
) -> list[tracks.Keeper]:
    """The keepers who get a share, `k` at least: verified, of the circle, never whoever receives these very words, for
    themselves or as the adult who is with a child."""
    seats = person.host.get("watches", person.handle, "keepers")["keepers"]
    able = {
        seat["handle"]
        for seat in seats
        if seat["stage"] in keys_of.HOLDERS
        and not seat["alternate"]
        and seat["handle"] not in (recipient, adult)
    }
    wanted = sorted(able) if chosen is None else [name.strip() for name in chosen.split(",") if name.strip()]
    for name in wanted:
        if name not in able:
            raise Stopped(
                f"{name} cannot hold a share of these words; nothing was sealed.",
                f"A share can go to: {', '.join(sorted(able)) or 'nobody yet. Verify keepers first'}.",
                "no_holder",
            )
    if len(wanted) < k:
        without = f": {adult}, who is with {recipient}, holds none" if adult else ""
        raise Stopped(
            f"{k} keepers are needed to open these words, and {len(wanted)} would hold a share{without}. Nothing was "
            "sealed; what was sealed before is unharmed.",
            "Name more keepers, verify more of them first, or let fewer be needed with --quorum.",
            "no_holder",
        )
    pins = keys_of.as_keepers(person, wanted)
    return [tracks.Keeper(name, pin.public_key, pin.signing_key) for name, pin in pins.items()]


def _adult_holds_share(old: Sealed) -> bool:
    """Whether the adult who is with a child holds a share of these words: older versions let them."""
    return any(seat.keeper == old.row.get("adult") for seat in old.manifest.document.roster)


def _plan_quorum(person: Me) -> int:
    return int(terms.believed(person, person.host.get("watches", person.handle))["quorum"])


def _before_first(person: Me, name: str) -> Signed[Manifest] | None:
    """The last manifest of a track whose words were taken back; None for a new track. Refuses one with words."""
    old = next((one for one in person.sealed(person.handle) if one.row["track"] == name), None)
    if old is not None and not old.row.get("taken_back"):
        raise Stopped(
            f"There are words sealed as {name} already; they are unharmed.",
            f"Replace them with `lastwords words replace {name}`.",
            "sealed_already",
        )
    return old.manifest if old else None


# Sealing.


def _seal_anew(
    person: Me,
    track: tracks.Track,
    words: Pack,
    wishes: Pack | None,
    before: Signed[Manifest] | None,
    keep_own_copy: bool,
    adult: str | None,
) -> None:
    folder = sending.folder_for(person, track.track)
    with show.progress("Sealing", None) as progress:
        signed = tracks.seal_track(
            folder,
            track,
            person.keys,
            now(),
            words,
            wishes,
            keep_own_copy=keep_own_copy,
            before=before,
            succession=person.succession(before),
            progress=progress,
        )
    sending.make_ready(folder, signed, sending.Kept.of(None), keep_own_copy=keep_own_copy, adult=adult)
    _sent(person, folder)


def _same_keys(person: Me, old: Sealed, words: Pack | None, wishes: Pack | None, keep_own_copy: bool) -> None:
    """A new version under the same release key: no keeper is needed, and every share stays good."""
    manifest = old.manifest.document
    if words is None:
        sending.must_not_wait(person, manifest.track)
    kept = sending.Kept.of(old.row, person.pins.own_copies(manifest.track, manifest.number))
    for part, sha256 in kept.noted.items():
        if kept.own.get(part, sha256) != sha256:
            raise _another_own_copy(part, manifest.track)
    key = None if manifest.mode == KEEPERS_ONLY else keys_of.pinned(person, manifest.recipient).public_key
    folder = sending.folder_for(person, manifest.track)
    with show.progress("Sealing", None) as progress:
        signed = tracks.replace_words(
            folder,
            folder.with_name(f"{folder.name}.before"),
            old.manifest,
            person.keys,
            key,
            now(),
            words,
            wishes,
            keep_own_copy=keep_own_copy,
            progress=progress,
        )
    sending.make_ready(folder, signed, kept, keep_own_copy=keep_own_copy, adult=old.row.get("adult"))
    _sent(person, folder)


def _with_new_keys(
    person: Me,
    old: Sealed,
    words: Pack | None,
    wishes: Pack | None,
    quorum: int | None,
    shares_to: str | None,
    keep_own_copy: bool,
) -> None:
    """A new release key, secret and shares; what is not given anew comes from the author's own copy."""
    manifest = old.manifest.document
    if words is None:
        sending.must_not_wait(person, manifest.track)
    k = 0 if manifest.mode == TIMER_ONLY else quorum or _plan_quorum(person)
    adult = old.row.get("adult")
    track = tracks.Track(
        author=person.handle,
        track=manifest.track,
        condition=manifest.condition,
        mode=manifest.mode,
        recipient=manifest.recipient,
        recipient_public_key=None
        if manifest.mode == KEEPERS_ONLY
        else keys_of.pinned(person, manifest.recipient).public_key,
        k=k,
        keepers=_keepers(person, k, manifest.recipient, adult, shares_to) if k else [],
        alternate_of=manifest.alternate_of,
    )
    with tempfile.TemporaryDirectory(dir=person.home.folder) as scratch:
        if words is None:
            words = tracks.own_copy(
                _own_copy(person, old, WORDS, Path(scratch)), person.keys, person.older_keys
            )
        if wishes is None and manifest.has_wishes:
            wishes = tracks.own_copy(
                _own_copy(person, old, WISHES, Path(scratch)), person.keys, person.older_keys
            )
        _seal_anew(person, track, words, wishes, old.manifest, keep_own_copy, adult)


def _own_parts(old: Sealed) -> list[str]:
    return [one["name"] for one in old.row.get("own", [])]


def _own_copy(person: Me, old: Sealed, part: str, folder: Path) -> Path:
    """Fetches one's own copy of a part, and makes sure that it is the one that left this machine.

    Its lock alone proves nothing: whoever knows the author's public key can seal to it."""
    kept: dict[str, Any] | None = next((one for one in old.row.get("own", []) if one["name"] == part), None)
    manifest = old.manifest.document
    noted = person.pins.own_copies(manifest.track, manifest.number).get(part)
    if kept is None or noted is None:
        raise Stopped(
            f"There is no copy of your own of the {part} of {manifest.track} that this machine could check; "
            "the sealed version is unharmed.",
            "Give the words again with `lastwords words replace … --new-keys`.",
            "no_own_copy",
        )
    if kept["sha256"] != noted:
        raise _another_own_copy(part, manifest.track)
    target = folder / tracks.OWN_FILES[part]
    with show.progress("Fetching", kept["size"]) as progress:
        person.host.download(target, kept["sha256"], kept["size"], "files", progress=progress)
    return target


def _another_own_copy(part: str, track: str) -> Stopped:
    return Stopped(
        f"The host shows another file as your own copy of the {part} of {track}; it was not used.",
        "Tell whoever runs the host, and seal these words again from what you have.",
        "another_own_copy",
    )


def _sent(person: Me, folder: Path) -> None:
    signed = sending.send(person, folder)
    manifest = signed.document
    show.tell(
        {"track": manifest.track, "number": manifest.number, "sha256": signed.digest},
        f"Sealed for {manifest.recipient}: version {manifest.number} of {manifest.track}.",
        *(
            [f"Any {manifest.k} of {manifest.n} keepers together can let it go; each now proves their share."]
            if manifest.n and manifest.number == 1
            else []
        ),
    )
