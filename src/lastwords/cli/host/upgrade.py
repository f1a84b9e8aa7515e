"""`lastwords host upgrade`: the database of an older version."""

from pathlib import Path

import click

from lastwords.cli.host.folder import DATA_OPTION
from lastwords.cli.show import answers, tell


@click.command()
@DATA_OPTION
@answers
def upgrade(data: Path) -> None:
    """Bring the database up to this version, after copying it."""
    from lastwords.server import founding

    copy = founding.upgrade(data)
    tell(
        {"copy": copy or None},
        f"The database is up to date; the old one is kept as {copy}."
        if copy
        else "The database is up to date.",
    )
