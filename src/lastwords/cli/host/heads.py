"""Heads of logs as people read them in letters, typed in."""

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lastwords.server.port import Head

HEAD = re.compile(r"(?P<log>\S+)\s+(?:row\s+)?(?P<row>\d+),?\s+(?:head\s+)?(?P<link>(?:[0-9a-f]{2}){8,32})")
HOST_LOG = "host"

HEADS_OPTION = click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="TEXT",
    help="A row somebody has seen: author, row and head, as at the end of a letter to a keeper.",
)


def head_of(text: str) -> tuple[str, "Head"]:
    """A head as letters show it: `iruka row 128, head 4f2a91c07be3d6a5`; `host` for the host's own log."""
    from lastwords.server import log
    from lastwords.server.port import Head

    match = HEAD.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(
            "it is not author, row and head, as in: iruka row 128, head 4f2a91c07be3d6a5",
            param_hint="--head",
        )
    name = log.HOST_LOG if match["log"] == HOST_LOG else log.author_log(match["log"])
    return name, Head(int(match["row"]), bytes.fromhex(match["link"]))
