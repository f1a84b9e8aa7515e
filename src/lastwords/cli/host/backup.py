"""`lastwords host backup`: everything in one sealed file, while the host goes on serving."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from lastwords.cli import show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.host.folder import DATA_OPTION, beside, ready

if TYPE_CHECKING:
    from lastwords.sealing.age import SealingWriter

SHORTEST = 12
"""Characters of a passphrase that seals a backup."""


@click.command()
@DATA_OPTION
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write; new each time.",
)
@click.option(
    "--to",
    "keys",
    multiple=True,
    metavar="KEY|FILE",
    help="A public key that it is sealed to, or a file with one; more than one may be named.",
)
@typed.source_option("--passphrase", "Seal it with a passphrase instead: from a file, or typed.")
@show.answers
def backup(data: Path, out: Path, keys: tuple[str, ...], passphrase: str | None) -> None:
    """Write everything into one sealed file, while the host goes on serving.

    It is an age file around a tar stream. The host's file `secret` is not in it: keep a copy of that elsewhere."""
    if keys and passphrase is not None:
        raise click.UsageError("Name either --to or --passphrase.")
    if out.exists():
        raise Stopped(
            f"{out} is there already; nothing was written.", "Name a file that does not exist yet.", "exists"
        )
    public = [_public_key(text) for text in keys]
    chosen = ready(data)
    said = "" if public else _passphrase(passphrase)
    from lastwords.server import backup as backups

    with (
        beside(out) as rough,
        open(os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
    ):
        sealed = _sealed(file, public, said)
        written = backups.write(chosen, sealed)
        sealed.close()
        file.flush()
        os.fsync(file.fileno())
    backups.note(backups.BACKED_UP)
    size = out.stat().st_size
    for name in written.lacking:
        show.aside(
            f"NOT WHOLE: the sealed file {name} is missing here, or damaged. Everything else is in the backup."
        )
    show.tell(
        {"file": str(out), "bytes": size, "files": written.sealed, "lacking": written.lacking},
        f"Everything is in {out}, sealed ({size} bytes, {written.sealed} sealed files), but for one file: `secret`.",
        f"Keep a copy of {chosen.data / 'secret'} in another place. It never changes.",
        f"See that it would bring everything back: lastwords host restore --prove --data {data}"
        f"{' --key FILE' if keys else ''} {out}",
    )


@click.command("backup-key")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file for the secret key; the public key goes beside it, with .pub at its end.",
)
@show.answers
def backup_key(out: Path) -> None:
    """Make a key that backups are sealed to, so that the machine that writes them cannot read them.

    Only the public half belongs on the host. Keep the other where you would look for it if the machine were gone."""
    from lastwords.sealing.age.keys import HybridSecretKey

    beside = out.with_name(f"{out.name}.pub")
    for path in (out, beside):
        if path.exists():
            raise Stopped(
                f"{path} is there already; nothing was written.",
                "Name a file that does not exist yet.",
                "exists",
            )
    key = HybridSecretKey(os.urandom(32))
    with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"# The secret key of backups.\n{key.text}\n")
    beside.write_text(f"{key.public_text}\n", encoding="ascii")
    show.tell(
        {"secret": str(out), "public": str(beside)},
        f"The secret key is in {out}: take it away from the host, and keep it in two places.",
        f"The public key is in {beside}: lastwords host backup --data DIR --to {beside} --out FILE",
    )


def _public_key(text: str) -> str:
    if text.startswith("age1"):
        return text
    lines = typed.secret(text, "").splitlines()
    if any(line.startswith("AGE-SECRET-KEY-") for line in lines):
        raise Stopped(
            f"{text} holds a secret key, and a backup is sealed to the public one; nothing was written.",
            "Name the file that ends in .pub. The secret one belongs away from this machine.",
            "secret_key",
        )
    return next((line.strip() for line in lines if line.strip() and not line.startswith("#")), "")


def _passphrase(source: str | None) -> str:
    if source:
        said = (typed.secret(source, "").splitlines() or [""])[0]
    else:
        said = typed.hidden("Passphrase of the backup", confirmation_prompt=True)
    if len(said) < SHORTEST:
        raise Stopped(
            f"A passphrase of fewer than {SHORTEST} characters keeps nobody out; nothing was written.",
            "Take eight words drawn by chance, or seal to a key: lastwords host backup-key --out FILE",
            "passphrase",
        )
    return said


def _sealed(file: BinaryIO, public: Sequence[str], passphrase: str) -> "SealingWriter":
    from lastwords.sealing.age import SealingWriter

    return SealingWriter(file, public) if public else SealingWriter.with_passphrase(file, passphrase)
