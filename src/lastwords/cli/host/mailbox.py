"""The mailbox of the letters' own address: what came back, and what authors answered."""

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
def mailbox(data: Path, maildir: Path | None, files: tuple[BinaryIO, ...]) -> None:
    """Read the mail that letters brought: from a Maildir, from each FILE, or from standard input (-).

    Letters of this host that came back are written down, and who must know is told. Where the settings name an address
    for answers, an author's answer with one of their codes is a check-in. No other mail is ever a sign of life."""
    if (maildir is None) == (not files):
        raise click.UsageError("Name either --maildir or at least one FILE.")
    ready(data)
    from lastwords.server import clock, outbox
    from lastwords.server import mailbox as mails

    box, now = outbox.here(), clock.now()
    report = mails.take_folder(box, maildir, now) if maildir else mails.take_files(box, files, now)
    tell(report.plain(), *map(fit_for_terminal, report.lines()))
