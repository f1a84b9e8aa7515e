"""Short ways to write entries and rows in the tests of the case."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from lastwords.case.entries import Entry, Head, What
from lastwords.case.moment import Moment
from lastwords.case.observation import Observation
from lastwords.case.plain import from_plain
from lastwords.case.state import Logged

VECTORS = Path(__file__).parents[2] / "vectors" / "case"
HOUR = 3600
DAWN = 1_772_582_400  # Wed 4 Mar 2026, 09:00 in Tokyo
ZONE = "Asia/Tokyo"


def vectors(name: str) -> Any:
    """A file of vectors, read."""
    return json.loads((VECTORS / name).read_text("utf-8"))


def when(hours: float, about: bool = False) -> Moment:
    """A moment so many hours after DAWN."""
    return Moment(DAWN + int(hours * HOUR), ZONE, about)


def entry(what: What, hours: float = 0, by: str = "pakkun", about: bool = False, **head: Any) -> Entry:
    return Entry(Head(when(hours, about), by, **head), what)


def row(number: int, what: What, hours: float = 0, *, keepers_only: bool = False, **more: Any) -> Logged:
    """A row of the case, taken by the server when it was so."""
    made = entry(what, hours, **more)
    return Logged(number, made.head.by, made.head.when.at, keepers_only, made)


def observation(seen: dict[str, Any]) -> Observation:
    """An observation from the fields that are named; the others are null."""
    empty = {part.name: None for part in dataclasses.fields(Observation)} | {"as_reported": []}
    return from_plain(Observation, empty | seen)
