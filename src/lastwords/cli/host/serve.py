"""`lastwords host serve`: the host at work."""

from pathlib import Path

import click

from lastwords.cli.host.folder import DATA_OPTION
from lastwords.cli.show import aside


@click.command()
@DATA_OPTION
def serve(data: Path) -> None:
    """Serve a data folder until stopped: web, clock, sweep and outbox as one command."""
    from lastwords.server import settings

    settings.configure(data)
    from lastwords.server import serve as server

    server.serve(
        data,
        lambda chosen: aside(f"Serving {chosen.origin} from {chosen.data}. Stop it with Ctrl-C."),
    )
