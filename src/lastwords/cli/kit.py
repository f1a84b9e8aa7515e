"""`lastwords kit`: everything a keeper needs to help open the words when there is no host any more."""

import tempfile
from pathlib import Path

import click

from lastwords.cli import show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me
from lastwords.cli.shares import Held, held
from lastwords.sealing.kit import write_kit
from lastwords.sealing.shares import open_share
from lastwords.sealing.tracks import share_name
from lastwords.signing.manifest import WISHES, WORDS


@click.command()
@click.argument("author")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder for the kits."
)
@show.answers
def kit(author: str, out: Path) -> None:
    """Save one zip for each of AUTHOR's tracks that you hold a share of: sealed files, your share, and a README.

    A kit opens nothing by itself. It carries the version of today; save it again when the author seals a new one."""
    person = me()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    kits = [str(_save(person, one, out)) for one in held(person, author)]
    show.tell({"kits": kits}, *(kits or [f"You hold no shares for {author}; there is nothing to save."]))


def _save(person: Me, one: Held, out: Path) -> Path:
    manifest = one.manifest.document
    target = out / f"{manifest.author}-{manifest.track}-{manifest.number}.zip"
    if target.exists():
        raise Stopped(
            f"There is a kit {target} already; it was left alone.", "Choose another folder.", "file_exists"
        )
    seat = one.place
    # A kit is for the day when nobody can be asked any more: a share in it that does not open must be met now.
    for part, share in ((WORDS, one.words), (WISHES, one.wishes)):
        if share is not None:
            open_share(share, person.keys, manifest, seat.keeper, part)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        folder = Path(scratch)
        for file in manifest.files:
            with show.progress(f"Fetching {file.name}", file.size) as progress:
                person.host.download(folder / file.name, file.sha256, file.size, "files", progress=progress)
        (folder / share_name(seat.index)).write_bytes(one.words)
        if one.wishes is not None:
            (folder / share_name(seat.index, WISHES)).write_bytes(one.wishes)
        with (folder / "kit.zip").open("wb") as zipped:
            write_kit(
                zipped,
                folder,
                one.manifest,
                person.author_key(manifest.author, one.manifest.data),
                seat.keeper,
            )
        (folder / "kit.zip").replace(target)
    return target
