"""Codes that the host hands out: for a new author, and for the host's own page."""

from pathlib import Path

import click

from lastwords.cli.host.folder import DATA_OPTION, ready
from lastwords.cli.show import answers, tell


@click.command("join-code")
@DATA_OPTION
@answers
def join_code(data: Path) -> None:
    """Print a code by which one person may join as an author."""
    ready(data)
    from lastwords.server import founding

    code = founding.new_join_code()
    tell({"code": code}, code)


@click.command()
@DATA_OPTION
@answers
def page(data: Path) -> None:
    """Print a code that opens the host's page once, within ten minutes."""
    chosen = ready(data)
    from lastwords.server import founding

    code = founding.new_host_code()
    address = f"{chosen.origin}/host/sign-in"
    tell({"code": code, "address": address}, code, f"Type it within ten minutes at {address}.")
