"""`lastwords demo`: the cave, played through a real host, real mail and real sealing on this machine."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lastwords.cli.errors import Stopped
from lastwords.cli.show import answers, wants_json
from lastwords.story import checker, play
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import Moment
from lastwords.story.telling import TITLES, Teller

BOTH = "both"


@click.command()
@click.option(
    "--ending",
    type=click.Choice(["home", "gone", BOTH]),
    default=BOTH,
    show_default=True,
    help="How the story ends.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep everything of the play in this new folder.",
)
@answers
@click.pass_context
def demo(ctx: click.Context, ending: str, keep: Path | None) -> None:
    """Play the cave: ten people, a host and a mailbox on this machine, with a clock that moves on.

    Exit code 0 only if everything the story asks for was played and nothing is wrong."""
    names = tuple(TITLES) if ending == BOTH else (ending,)
    quiet, teller, began = wants_json(), Teller(), time.monotonic()
    heard: dict[str, list[Moment]] = {name: [] for name in names}
    with _folder(keep) as folder:
        try:
            if not quiet:
                teller.title("The cave. Ten people, one host, one mailbox, all on this machine.")
            before = play.beginning(folder / "before", (lambda _: None) if quiet else teller.moment)
            folders = play.endings(before, names, folder, lambda name: heard[name].append)
        except StoryStopped as stopped:
            raise Stopped(
                f"The play stopped: {stopped}",
                "Play it again with --keep DIR, and look into host.txt and answers.jsonl there.",
                "story_stopped",
            ) from stopped
        verdicts = {name: checker.judge(folders[name], name) for name in names}
    if quiet:
        click.echo(
            json.dumps({"endings": [verdict.plain() for verdict in verdicts.values()]}, ensure_ascii=False)
        )
    else:
        for name in names:
            teller.title(TITLES[name])
            for moment in heard[name]:
                teller.moment(moment)
        teller.verdicts(verdicts)
        teller.close(verdicts, time.monotonic() - began)
    if not all(verdict.holds for verdict in verdicts.values()):
        ctx.exit(1)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where the play takes place: the new folder that was asked for, or one that goes when it is over."""
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="lastwords-demo-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    if keep.exists() and any(keep.iterdir()):
        raise Stopped(
            f"There is something in {keep} already; it was left alone, and nothing was played.",
            "Name a new folder.",
            "folder_exists",
        )
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.absolute()
