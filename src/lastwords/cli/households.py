"""`lastwords keeper household`: which keepers live together. Written down in the author's home only.

A fire, a journey or an illness takes a whole house at once. The host does not need to know who lives with whom, so it
is not told; the warning is made here.
"""

from collections.abc import Mapping
from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.me import Me, me
from lastwords.cli.pins import PINS
from lastwords.protocol.health import one_household

PART = "households"
"""The part of `pins.json` they stand in."""


@click.command()
@click.argument("handle")
@click.argument("name", required=False)
@show.answers
def household(handle: str, name: str | None) -> None:
    """Write down that HANDLE lives in the household NAME, a word of your own; without NAME, forget it.

    It stays in your home folder. `lastwords keeper list` then warns when too much hangs on one house."""
    person = me()
    with person.home.change(PINS) as record:
        known = record.setdefault(PART, {})
        known.pop(handle, None)
        known |= {handle: name} if name else {}
    show.tell(
        {"keeper": handle, "household": name},
        f"Written down here, and nowhere else: {handle}, {name or 'no household'}.",
    )


def lines(person: Me, circle: Mapping[str, Any]) -> list[str]:
    """A warning for each household without which the words could not be opened."""
    known = {str(handle): str(name) for handle, name in person.home.read(PINS).get(PART, {}).items()}
    found = [
        warning.sentence
        for track in circle["tracks"]
        for warning in one_household(tuple(track["counting"]), track["quorum"], known)
    ]
    return list(dict.fromkeys(found))
