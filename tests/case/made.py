"""Short ways to write entries and rows in the tests of the case."""

import dataclasses
import json
from pathlib import Path
from typing import Any, get_type_hints

from lastwords.case.entries import Entry, Head, What, plain_entry, read_plain
from lastwords.case.handover import Handover
from lastwords.case.moment import Moment
from lastwords.case.observation import Observation
from lastwords.case.plain import from_plain, read_as, to_plain
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


def plain_handover(given: Handover) -> Any:
    """A handover as plain data, for the vectors. Entries have the form they have inside their seal."""
    rows = [
        {
            **{
                name: getattr(one, name)
                for name in ("number", "by", "at", "keepers_only", "trouble", "passed_on_by")
            },
            "entry": None if one.entry is None else plain_entry(one.entry),
        }
        for one in given.rows
    ]
    plain = {
        part.name: to_plain(getattr(given, part.name))
        for part in dataclasses.fields(Handover)
        if part.name != "rows"
    }
    return plain | {"rows": rows}


def read_handover(plain: dict[str, Any]) -> Handover:
    """The handover that the vectors hold."""
    rows = tuple(
        Logged(**one | {"entry": one["entry"] and read_plain(one["entry"])}) for one in plain["rows"]
    )
    hints = get_type_hints(Handover)
    rest = {name: read_as(hints[name], value, name) for name, value in plain.items() if name != "rows"}
    return Handover(**rest, rows=rows)
