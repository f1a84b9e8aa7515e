"""Sheets that the author fills in ahead and seals for the keepers: find me, the trip, the medical sheet.

They open to the keepers when a case opens, before any words and without them. What the keepers learn on the day
itself (last seen, clothing, state of mind) belongs into entries, so every sheet stays what the author wrote.
The find-me sheet follows the first part of the Herbert Protocol and the lost-person questionnaires of search and
rescue; the trip notes follow a float plan, which ends with whom to call and when.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from lastwords.case.moment import Moment
from lastwords.case.plain import check_texts, from_bytes, from_plain, to_bytes, to_plain
from lastwords.case.refusals import unreadable, unwritable

FORMAT = "lastwords/v1/sheet"


class Said(Enum):
    """What an empty list means. A list that nobody filled in is never shown as 'none'."""

    LISTED = "listed"
    NONE_KNOWN = "none known"
    NOT_STATED = "not stated"


@dataclass(frozen=True)
class Listed:
    """A list, or what its emptiness means."""

    said: Said = Said.NOT_STATED
    items: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self)
        if (self.said is Said.LISTED) != bool(self.items):
            raise unwritable(
                "A list says that it is listed and is empty, or the other way round",
                "List something, or say 'none known', or 'not stated'",
            )


class Sex(Enum):
    """As the author states it; it decides nothing, a clinician expects it beside the age."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    NOT_STATED = "not stated"


@dataclass(frozen=True)
class WishesDocument:
    """A document about treatment or organs that the author has made elsewhere: what it is and where it lies."""

    what: str
    lies_at: str

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class MedicalSheet:
    """What a clinician asks first, in the author's own words. `born` is an ISO date; `filled_in` says how old it is."""

    filled_in: Moment
    born: str | None = None
    sex: Sex = Sex.NOT_STATED
    pregnant: bool | None = None
    allergies: Listed = Listed()
    medicines: Listed = Listed()
    conditions: Listed = Listed()
    devices: Listed = Listed()
    wishes: tuple[WishesDocument, ...] = ()
    languages: tuple[str, ...] = ()
    doctor: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if self.born is not None:
            check_date(self.born)


@dataclass(frozen=True)
class Someone:
    """A person who may know, and how to reach them."""

    name: str
    reach: str

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class FindMe:
    """What helps to find the author: looks, places, habits, devices, people to ask."""

    filled_in: Moment
    looks: str
    marks: str | None = None
    photo_sha256: str | None = None
    places: tuple[str, ...] = ()
    routine: str | None = None
    transport: str | None = None
    devices: tuple[str, ...] = ()
    when_unwell: str | None = None
    ask: tuple[Someone, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self)
        if self.photo_sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", self.photo_sha256):
            raise unwritable("The photo's SHA-256 does not have 64 digits", "Attach the photo again")


@dataclass(frozen=True)
class Leg:
    """A point of the route, and when the author means to be there."""

    place: str
    at: Moment | None = None

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class PlaceOfHelp:
    """Where help could be found, how many minutes it is away, and from where that is counted."""

    name: str
    minutes_away: int
    counted_from: str

    def __post_init__(self) -> None:
        check_texts(self)
        if not 0 <= self.minutes_away <= 60 * 24 * 90:
            raise unwritable(
                "A place of help is between 0 minutes and 90 days away", "Look at the number again"
            )


@dataclass(frozen=True)
class ToCall:
    """Whom a keeper calls, and from when on: a written time is the leave to make the call."""

    whom: Someone
    from_when: Moment
    say: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class TripNotes:
    """A dated absence, for the keepers: who goes, the way, gear, places of help, whom to call when, and the return."""

    filled_in: Moment
    back: Moment
    party: tuple[str, ...]
    route: tuple[Leg, ...] = ()
    gear: tuple[str, ...] = ()
    places_of_help: tuple[PlaceOfHelp, ...] = ()
    to_call: tuple[ToCall, ...] = ()
    text: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if not self.party:
            raise unwritable("The party of this trip is empty", "Name at least the one who goes")
        if self.back.at <= self.filled_in.at:
            raise unwritable("This trip ends before its notes were filled in", "Give the day of return again")


Sheet = MedicalSheet | FindMe | TripNotes

SHEETS: dict[str, type[Sheet]] = {"medical": MedicalSheet, "find_me": FindMe, "trip": TripNotes}
_NAME_OF = {record: name for name, record in SHEETS.items()}


def encode(sheet: Sheet) -> bytes:
    """The bytes that the author seals to the keepers."""
    return to_bytes({"format": FORMAT, "sheet": _NAME_OF[type(sheet)], "what": to_plain(sheet)})


def read(data: bytes) -> Sheet:
    """The sheet that opened bytes hold. Raises CaseRefused."""
    found: Any = from_bytes(data)
    if not isinstance(found, dict) or found.keys() != {"format", "sheet", "what"}:
        raise unreadable("it is not a sheet")
    if found["format"] != FORMAT:
        raise unreadable("it was written by another version")
    if not isinstance(found["sheet"], str) or found["sheet"] not in SHEETS:
        raise unreadable("this sheet is not known")
    return from_plain(SHEETS[found["sheet"]], found["what"], "it")


def check_date(text: str) -> None:
    """Refuse what is not an ISO date between 1880 and 2200."""
    try:
        fit = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and 1880 <= date.fromisoformat(text).year < 2200
    except ValueError:
        fit = False
    if not fit:
        raise unwritable(f"'{text[:20]}' is not a date of birth", "Write it as 1984-05-31")
