"""`lastwords practice`: the keepers prove, by the real way, that letters reach them and that their shares open."""

import click

from lastwords.cli import show
from lastwords.cli.me import me


@click.command()
@show.answers
def practice() -> None:
    """Ask your keepers for a practice. Nothing has happened to you, and their letter says so first.

    Each answers with `lastwords shares prove AUTHOR --practice`. Whoever does not rests, and counts again after it."""
    person = me()
    said = person.host.post("watches", person.handle, "practices")
    show.tell(
        said,
        f"Practice {said['number']} has begun. Asked: {', '.join(said['asked'])}.",
        f"It ends on {show.day(said['ends'], person.person.zone)}.",
    )
