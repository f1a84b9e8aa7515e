"""`lastwords host restore`: a host back from its backup, or the proof that it would come back."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from lastwords.cli import show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.host.folder import DATA_OPTION, from_anywhere, ready
from lastwords.cli.host.heads import HEADS_OPTION, head_of

if TYPE_CHECKING:
    from lastwords.sealing.age import OpeningReader
    from lastwords.server.port import Head
    from lastwords.server.restore import Behind, Found, Wanted

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@DATA_OPTION
@click.argument("file", type=FILE)
@click.option("--key", "keys", type=FILE, multiple=True, help="A file with the secret key that opens it.")
@typed.source_option("--passphrase", "The passphrase that opens it: from a file, or typed.")
@click.option("--secret", type=FILE, help="The host's file `secret`, which is in no backup.")
@click.option("--witness", type=FILE, help="The file `heads` of the lost host, if it was saved.")
@HEADS_OPTION
@click.option("--database", default="", metavar="CONNECTION", help="An empty PostgreSQL database to load.")
@click.option("--database-password-file", default="", help="File with the password for that database.")
@click.option("--allow-missing", is_flag=True, help="Restore although sealed files are missing in it.")
@click.option("--prove", is_flag=True, help="Only try it, beside the living folder DIR, and throw it away.")
@click.option("--yes", is_flag=True, help="Put it in place without asking.")
@show.answers
def restore(
    data: Path,
    file: Path,
    keys: tuple[Path, ...],
    passphrase: str | None,
    secret: Path | None,
    witness: Path | None,
    heads: tuple[str, ...],
    database: str,
    database_password_file: str,
    allow_missing: bool,
    prove: bool,
    yes: bool,
) -> None:
    """Bring a host back from the backup FILE, into a folder that does not exist yet.

    Every hash and every chain is verified before anything is put in place. Every watch then stands still until its
    author or a quorum of its keepers lets it go on."""
    if keys and passphrase is not None:
        raise click.UsageError("Name either --key or --passphrase.")
    chosen = ready(data) if prove else None
    from lastwords.server import restore as restoring

    wanted = restoring.Wanted(
        typed.secret(str(secret), "") if secret else None,
        database,
        from_anywhere(database_password_file),
        tuple(_seen(witness, heads)),
        allow_missing,
    )
    with file.open("rb") as sealed:
        source = _opened(sealed, keys, passphrase)
        if chosen is not None:
            _proven(restoring.prove(source, chosen, wanted), file)
        else:
            _restored(source, data.absolute(), wanted, witness, yes)


def _proven(found: "Found", file: Path) -> None:
    show.tell(
        {"file": str(file), "rows": found.rows, "files": found.files, "made": found.made},
        *_lines(found),
        f"{file} would bring everything back. It was unpacked, verified, told that it is a past, and thrown away.",
    )


def _restored(source: "OpeningReader", data: Path, wanted: "Wanted", witness: Path | None, yes: bool) -> None:
    from lastwords.server import restore as restoring

    with restoring.unpacked(source, data, wanted) as found:
        for line in _lines(found):
            show.aside(line)
        if not yes and show.wants_json():
            raise Stopped(
                "Nobody can be asked under --json; nothing was restored.",
                "Say --yes if it is to be put in place.",
                "ask",
            )
        if not yes and not click.confirm(f"Put it in place as {data}?", err=True):
            raise Stopped(
                "Nothing was restored; the backup is unharmed.", "Run it again when you are sure.", "no"
            )
        restoring.put_in_place(found, data)
        if witness:
            restoring.keep_seen(data, witness)
    show.tell(
        {
            "data": str(data),
            "made": found.made,
            "age": found.now - found.made,
            "authors": found.authors,
            "rows": found.rows,
            "files": found.files,
            "lacking": list(found.lacking),
            "behind": [_plain(one) for one in found.behind],
            "compared": found.compared,
            "migrated": list(found.migrated),
            "new_secret": found.new_secret,
        },
        f"The host is back in {data}. All {found.authors} watches stand still: each goes on by its author's strong "
        "sign or by a quorum of its keepers, and everybody is written to when it is served.",
        f"See that nothing is wanting: lastwords host doctor --data {data}",
        f"Then serve it: lastwords host serve --data {data}",
    )


# What was found, in sentences.


def _lines(found: "Found") -> Iterator[str]:
    age = max(0, found.now - found.made)
    yield f"A backup of {found.settings.origin}, made on {show.day(found.made, found.settings.zone)}."
    yield (
        f"{found.authors} authors, {found.rows} rows of logs, {found.files} sealed files ({found.size} bytes): "
        "every hash and every chain in it is whole."
    )
    if found.made > found.now:
        yield "By this machine's clock that day has not come yet. Set the clock right before you serve anything."
    else:
        yield (
            f"That was {_about(age)} ago. Nothing that happened since is in it: no check-in, no statement, no letter. "
            "For as long as no server ran, no time counted for anybody."
        )
    yield from _behind(found)
    for name in found.lacking:
        yield f"Missing or not whole: the sealed file {name}. Words that need it cannot be opened from here."
    if found.migrated:
        yield (
            f"It was made by version {found.version}; its database was brought up to this one "
            f"({', '.join(found.migrated)})."
        )
    if found.new_secret and found.authenticators:
        yield (
            f"Without --secret a new one was made: {found.authenticators} authenticators and lists of recovery "
            "codes give no code any more and have to be set up anew."
        )
    for path in found.outside:
        yield f"The settings name {path}, which is not on this machine. Put it there before you serve."


def _behind(found: "Found") -> Iterator[str]:
    if not found.compared:
        yield (
            "It was compared with nothing from outside. If you saved the file `heads` of the lost host, name it with "
            "--witness; and every letter to a keeper ends with a row and a head that --head takes."
        )
        return
    for one in found.behind:
        if one.another:
            yield (
                f"{one.log}: row {one.seen} is not the one that was seen outside. Either the host was restored before, "
                "or this backup holds another past: ask whoever saw it before you go on."
            )
        else:
            lost = one.seen - one.here
            yield f"{one.log}: it ends with row {one.here}, and row {one.seen} was seen outside. {lost} are lost."
    if not found.behind:
        yield f"All {found.compared} heads that were seen outside stand in it: no row that anybody saw is lost."


def _plain(one: "Behind") -> dict[str, object]:
    return {"log": one.log, "seen": one.seen, "here": one.here, "another": one.another}


def _about(seconds: int) -> str:
    """A length of time in its two largest units."""
    return " ".join(show.length(seconds).split()[:4])


# What is typed.


def _seen(witness: Path | None, texts: tuple[str, ...]) -> Iterator[tuple[str, "Head"]]:
    """Heads from outside, by log name."""
    from lastwords.server import witness as heads

    if witness is not None:
        yield from heads.read(witness).items()
    for text in texts:
        yield head_of(text)


def _opened(sealed: BinaryIO, keys: tuple[Path, ...], passphrase: str | None) -> "OpeningReader":
    from lastwords.sealing.age import OpeningReader

    if keys:
        texts = [line.strip() for path in keys for line in typed.secret(str(path), "").splitlines()]
        return OpeningReader(sealed, [text for text in texts if text and not text.startswith("#")])
    said = typed.secret(passphrase, "Passphrase of the backup").splitlines()
    return OpeningReader.with_passphrase(sealed, said[0] if said else "")
