"""`lastwords open` and `lastwords words waiting`: a recipient's side, from being told to reading.

Nothing a host says is believed here: the manifest must be signed by the pinned author and be the one that k keepers
name with their own signatures; every share is checked against the author's commitments before any is combined, and a
false one is named; every sealed file must be the one in the manifest. Wishes come first: seeing them is not opening.
"""

from pathlib import Path
from typing import Any

import click

from lastwords.cli import keys_of, show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, Sealed, me, nothing_told
from lastwords.sealing import covers, tracks
from lastwords.sealing import shares as sealed_shares
from lastwords.sealing.shares import ShareFile
from lastwords.signing.act import Act
from lastwords.signing.documents import read
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import KEEPERS_ONLY, TIMER_ONLY, WISHES, WORDS, Manifest, RosterSeat
from lastwords.signing.refusals import Refused


@click.command()
@click.argument("author", required=False)
@show.answers
def waiting(author: str | None) -> None:
    """See which words wait for you. Nothing is opened."""
    person = me()
    authors = [author] if author else _authors(person)
    rows = []
    for one in authors:
        rows += [
            {
                "author": one,
                "track": found.row["track"],
                "words": found.row["words"],
                "told_by": found.row.get("told_by"),
                "wishes": found.manifest.document.has_wishes,
                "size": sum(file.size for file in found.manifest.document.files),
            }
            for found in person.sealed(one)
            if _is_mine(person, found)
        ]
    lines = [
        f"From {row['author']}: {row['track']}, {show.spoken(row['words'])}."
        + (" Wishes go with them and are shown first." if row["wishes"] else "")
        for row in rows
    ]
    if any(row["words"] == "opened" for row in rows):
        lines.append("What you have opened can be read again: lastwords open, into another folder.")
    if any(row["words"] != "opened" for row in rows):
        lines.append(
            "You can open them now, later, or not at all. There is no deadline: lastwords open, later, decline."
        )
    show.tell({"waiting": rows}, *(lines or ["Nothing waits for you."]))


@click.command()
@click.argument("author")
@click.argument("track", required=False)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to open into."
)
@click.option(
    "--wishes-first", is_flag=True, help="Only wishes and the note on the envelope; this is not opening."
)
@click.option("--say-opened", is_flag=True, help="Only tell the host of words that DIR holds open already.")
@show.answers
def open_words(author: str, track: str | None, to: Path, wishes_first: bool, say_opened: bool) -> None:
    """Open the words that AUTHOR wrote for you, into a folder of ordinary files."""
    person = me()
    if (to / WORDS).exists() != say_opened:
        raise _folder_is(to, say_opened)
    found = _mine(person, author, track)
    manifest = found.manifest.document
    result: dict[str, Any] = {
        "track": manifest.track,
        "number": manifest.number,
        "wishes": None,
        "words": None,
    }
    bad: list[str] = []
    if manifest.has_wishes and not (to / WISHES).exists():
        result["wishes"] = _open_part(person, author, found, WISHES, to, bad)
    if not wishes_first and not say_opened:
        found = _with_shares(person, author, found)
        result["words"] = _open_part(person, author, found, WORDS, to, bad)
    if result["words"] or say_opened:
        _say_opened(person, author, manifest.track, to)
    show.tell({**result, "named_bad": bad}, *_opened_lines(result, to))


def _folder_is(to: Path, say_opened: bool) -> Stopped:
    if say_opened:
        return Stopped(
            f"There are no opened words in {to}; nothing was said.",
            "Open them first, without --say-opened.",
            "not_open",
        )
    return Stopped(
        f"There are opened words in {to} already; they were left alone.",
        "Name another folder.",
        "folder_exists",
    )


def _say_opened(person: Me, author: str, track: str, to: Path) -> None:
    """Tells the host that the words are open. They stay open when it does not hear."""
    document = person.sign_act("open", author, "recipient", subject=track)
    try:
        person.host.post("watches", author, "tracks", track, "opened", document=document)
    except Stopped as stopped:
        if stopped.code == "opened_already":
            return  # The host heard it before: they are read again, maybe because the first folder is gone.
        if not stopped.passing:
            raise
        raise Stopped(
            f"The words are open in {to / WORDS}, whole. Only the host could not be told: {stopped.happened}",
            f"Later, when the line is back: lastwords open {author} {track} --to {to} --say-opened",
            stopped.code,
        ) from stopped


def _opened_lines(result: dict[str, Any], to: Path) -> list[str]:
    lines = []
    for part, title in ((WISHES, "Wishes and the note on the envelope:"), (WORDS, "The words:")):
        if result[part]:
            lines += [
                title,
                *(f"  {show.fit_for_terminal(str(to / part / name))}" for name in result[part]["files"]),
            ]
    return lines or ["Nothing further was opened."]


# Which words.


def _authors(person: Me) -> list[str]:
    watches = person.host.get("me")["watches"]
    return [watch["author"] for watch in watches if "recipient" in watch["roles"]]


def _is_mine(person: Me, found: Sealed) -> bool:
    return found.manifest.document.recipient == person.handle and "released" in found.row


def _mine(person: Me, author: str, track: str | None) -> Sealed:
    """The track meant. One that is not shown is asked for by name, so that the host can say why it is not."""
    listed = [found for found in _sealed_or_none(person, author) if _is_mine(person, found)]
    meant = [found for found in listed if track in (None, found.row["track"], person.handle)]
    if not meant and track:
        _want(person, author, track, [])
        meant = [
            found
            for found in person.sealed(author)
            if _is_mine(person, found) and found.row["track"] == track
        ]
    if len(meant) != 1:
        raise _which_words(person, author, [found.row["track"] for found in listed])
    return meant[0]


def _which_words(person: Me, author: str, names: list[str]) -> Stopped:
    """None are shown, or several. Whether there are any at all is not for the host to say before a person has; but what
    was shown here once, this machine knows."""
    if not names and any(head.track.split(".")[1] == person.handle for head in person.pins.heads(author)):
        return Stopped(
            f"The words from {author} that were shown to you before are not given any more. What you opened of them is "
            "unharmed: keep those files.",
            "So it is when the author has come back, or has taken words back. Speak with the keeper who told you.",
            "which_words",
        )
    if not names:
        return Stopped(*nothing_told(author, "nothing was opened"), "which_words")
    return Stopped(
        "Which words are meant is not clear; nothing was opened.",
        f"Waiting from {author}: {', '.join(names)}. Name one of them.",
        "which_words",
    )


def _sealed_or_none(person: Me, author: str) -> list[Sealed]:
    """What is shown to this person. Before being told it is nothing, and looks like an author who does not exist."""
    try:
        return person.sealed(author)
    except Stopped as stopped:
        if stopped.code == "not_found":
            return []
        raise


# Shares.


def _want(person: Me, author: str, track: str, bad: list[str]) -> None:
    """Asks for the shares of the words, or names the keepers whose shares are false."""
    document = person.sign_act("shares wanted", author, "recipient", subject=track)
    person.host.post("watches", author, "tracks", track, "shares-wanted", document=document, bad=bad)


def _with_shares(person: Me, author: str, found: Sealed) -> Sealed:
    """The track with the shares of its words. They are handed out on being asked for, which is written down: until
    then the author could still take everything home."""
    if not any(share["part"] == WORDS for share in found.row["shares"]):
        _want(person, author, found.row["track"], [])
        return person.sealed_track(author, found.row["track"])
    return found


def _good_shares(
    person: Me, author: str, found: Sealed, part: str, named_bad: list[str]
) -> list[tuple[str, ShareFile]]:
    """At least k shares of a part that are what the author committed to. False ones are named to the keepers."""
    manifest = found.manifest.document
    opened: list[tuple[str, ShareFile]] = []
    bad: list[str] = []
    for row in found.row["shares"]:
        if row["part"] == part:
            try:
                opened.append((row["keeper"], covers.open_given(row.data("body"), person.keys.secret_key)))
            except Refused:
                bad.append(row["keeper"])
    held = keys_of.of(found)
    # One place is one share, through whatever hands it went; whoever gave a false one is named as who they are now.
    known = {held[keeper].keeper: (keeper, share) for keeper, share in opened if keeper in held}
    bad += [keeper for keeper, _ in opened if keeper not in held]
    sorted_out = sealed_shares.sort_shares(
        [(place, share) for place, (_, share) in known.items()], manifest, part
    )
    bad += [known[place][0] for place, _ in sorted_out.bad]
    if bad:
        _want(
            person,
            author,
            manifest.track,
            [name for name in bad if name in held],
        )
        named_bad += [name for name in bad if name not in named_bad]
        show.aside(
            f"The share of {', '.join(bad)} is not the one the author gave; it was left out and named."
        )
    if len(sorted_out.good) < manifest.k:
        raise Stopped(
            f"{manifest.k} keepers' shares are needed and {len(sorted_out.good)} good ones are here"
            + (f"; that of {', '.join(bad)} is false" if bad else "")
            + ". Nothing was combined or opened; what is sealed is unharmed.",
            "The keepers are asked to give theirs. Try again when one of them says that it is done.",
            "too_few_shares",
        )
    return list(sorted_out.good)


def _check_there(found: Sealed, part: str) -> None:
    """Says of words that were opened and whose shares are gone that they are: what follows would call that an older
    version. Whether it is true is the host's to know; nothing is opened either way."""
    if found.row["words"] == "opened" and not any(share["part"] == part for share in found.row["shares"]):
        raise Stopped(
            f"The keepers' shares of {found.row['track']} are not with the host any more, so it could not be opened "
            "once more. What you opened before is unharmed: keep those files.",
            "So it is when the author has given a sign of life since. Speak with the keeper who told you.",
            "shares_gone",
        )


def _check_newest(found: Sealed, part: str) -> None:
    """Refuses a manifest that is not the one k keepers name: each share comes with its keeper's signed word for it."""
    manifest = found.manifest.document
    keys = found.row.get("roster_keys", {})
    held = keys_of.of(found)
    agree: set[int] = set()
    differ: set[str] = set()
    for row in found.row["shares"]:
        keeper = row["keeper"]
        if row["part"] == part and row.get("head") and keeper in keys and keeper in held:
            named = _named(manifest, held[keeper], keeper, keys[keeper], row["head"])
            if named == found.manifest.digest:
                agree.add(held[keeper].index)
            elif named:
                differ.add(keeper)
    if len(agree) < manifest.k:
        raise Stopped(
            f"Version {manifest.number} of {manifest.track} is named as the newest by {len(agree)} keepers, and "
            f"{manifest.k} are needed"
            + (f"; {', '.join(sorted(differ))} named another one" if differ else "")
            + ". Nothing was opened; what is sealed is unharmed.",
            "Ask the keepers which version they signed for. The host may show an older one.",
            "not_the_newest",
        )


def _named(manifest: Manifest, seat: RosterSeat, keeper: str, key_text: str, head: str) -> str | None:
    """The manifest a keeper's word names; None when it is not their word about this track."""
    try:
        key = PublicKey.read(key_text)
        if key.fingerprint != seat.signing:
            return None
        act = read(head.encode(), Act, key).document
    except Refused:
        return None
    said = (act.actor, act.role, act.author, act.act, act.subject)
    return act.body if said == (keeper, "keeper", manifest.author, "give share", manifest.track) else None


# Opening.


def _open_part(
    person: Me, author: str, found: Sealed, part: str, to: Path, named_bad: list[str]
) -> dict[str, Any]:
    manifest = found.manifest.document
    release = None
    if manifest.mode != TIMER_ONLY:
        _check_there(found, part)
        _check_newest(found, part)
        good = _good_shares(person, author, found, part, named_bad)
        release_file = _fetched(person, manifest, tracks.RELEASE_KEY_FILES[part])
        release = sealed_shares.recover_release_key(good, manifest, release_file.read_bytes(), part)
    sealed = _fetched(person, manifest, tracks.SEALED_FILES[part])
    own = None if manifest.mode == KEEPERS_ONLY else person.keys.secret_key
    with show.progress("Opening", None) as progress:
        entries = tracks.open_part(sealed, to / part, manifest, release, own, part, progress)
    sealed.unlink()
    return {"folder": str(to / part), "files": [entry.name for entry in entries]}


def _fetched(person: Me, manifest: Manifest, name: str) -> Path:
    """A sealed file of the manifest, fetched into the home; a broken download goes on where it stopped."""
    file = manifest.file(name)
    folder = person.home.folder / "incoming"
    folder.mkdir(exist_ok=True, mode=0o700)
    target = folder / file.sha256
    if not target.exists():
        with show.progress(f"Fetching {name}", file.size) as progress:
            person.host.download(target, file.sha256, file.size, "files", progress=progress)
    return target
