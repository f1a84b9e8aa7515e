"""`lastwords practice`: the keepers prove, by the real way, that letters reach them and that their shares open."""

from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.me import me


@click.group()
def practice() -> None:
    """Practise with your keepers, by the real way: real letters, real shares. Nobody else hears of it."""


@practice.command()
@show.answers
def begin() -> None:
    """Ask your keepers for a practice. Nothing has happened to you, and their letter says so first.

    Each answers with `lastwords shares prove AUTHOR --practice`. Whoever does not rests, and counts again after it."""
    person = me()
    said = person.host.post("watches", person.handle, "practices")
    show.tell(
        said,
        f"Practice {said['number']} has begun. Asked: {', '.join(said['asked'])}.",
        f"It ends on {show.day(said['ends'], person.person.zone)}. See how it goes with `lastwords practice show`.",
    )


@practice.command("show")
@show.answers
def show_practice() -> None:
    """How the running practice goes, or how the last one went."""
    person = me()
    found = person.host.get("watches", person.handle, "practices")
    zone = person.person.zone
    show.tell(found, *_lines(found, zone))


def _lines(found: dict[str, Any], zone: str) -> list[str]:
    if not found["number"]:
        return ["There was no practice yet: `lastwords practice begin`."]
    ends = f"ends on {show.day(found['ends'], zone)}" if found["ends"] else "is over"
    rows = [
        (one["keeper"], f"letter {show.spoken(one['letter'])}", _proven(one, zone))
        for one in found["keepers"]
    ]
    answered = sum(one["proven"] is not None for one in found["keepers"])
    return [
        f"Practice {found['number']}, begun on {show.day(found['begun'], zone)}, {ends}.",
        *show.rows(rows),
        f"{answered} of {len(rows)} have answered.",
    ]


def _proven(one: dict[str, Any], zone: str) -> str:
    return (
        "has not answered"
        if one["proven"] is None
        else f"proved their share on {show.day(one['proven'], zone)}"
    )
