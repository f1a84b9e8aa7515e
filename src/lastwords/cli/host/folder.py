"""The data folder that every command of the host is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lastwords.server.settings import Settings

DATA_OPTION = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LASTWORDS_DATA",
    required=True,
    help="The host's data folder.",
)


def ready(data: Path) -> "Settings":
    """The settings of a folder that could be served, with Django pointed at it."""
    chosen = configure(data)
    from lastwords.server import checks

    checks.ready(data)
    return chosen


def configure(data: Path) -> "Settings":
    """The folder's settings, with Django pointed at it."""
    from lastwords.server import settings

    return settings.configure(data)


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """The name under which a file is written that is to be `out`: it takes that place when all of it is there, and
    otherwise nothing of it stays."""
    rough = out.with_name(f".{out.name}.new")
    try:
        yield rough
        rough.replace(out)
    finally:
        rough.unlink(missing_ok=True)


def from_anywhere(path: str) -> str:
    """A path as settings keep it, since the service that reads it later is started elsewhere; nothing stays nothing."""
    return str(Path(path).absolute()) if path else ""
