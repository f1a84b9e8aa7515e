"""Letters that came back."""

from pathlib import Path
from typing import BinaryIO

import click

from lastwords.cli.host.folder import DATA_OPTION, ready
from lastwords.cli.show import answers, fit_for_terminal, tell


@click.command()
@DATA_OPTION
@click.argument("message_id")
@click.argument("address")
@answers
def bounced(data: Path, message_id: str, address: str) -> None:
    """Say that a letter came back: the MESSAGE-ID and the ADDRESS of the returned mail."""
    ready(data)
    from lastwords.server import clock, outbox

    ident = message_id.strip("<>").partition("@")[0]
    outbox.here().bounced(ident, f"mail:{address}", clock.now())
    tell({"letter": ident}, "It is written down; the letter is tried again, and who must know is told.")


@click.command()
@DATA_OPTION
@click.option(
    "--maildir",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Every mail of this Maildir that nobody has seen yet.",
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.File("rb"))
@answers
def bounces(data: Path, maildir: Path | None, files: tuple[BinaryIO, ...]) -> None:
    """Read returned mail: from a Maildir, from each FILE, or from standard input (-).

    Letters of this host that came back are written down, and who must know is told. No mail is ever a sign of life."""
    if (maildir is None) == (not files):
        raise click.UsageError("Name either --maildir or at least one FILE.")
    ready(data)
    from lastwords.server import bounces as mails
    from lastwords.server import clock, outbox

    box, now = outbox.here(), clock.now()
    report = mails.take_folder(box, maildir, now) if maildir else mails.take_files(box, files, now)
    tell(report.plain(), *map(fit_for_terminal, report.lines()))
