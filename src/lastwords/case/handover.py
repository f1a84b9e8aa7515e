"""What a handover report is made from, and what it is made of: sentences with the entries they rest on.

`report.compose` turns a Handover into a Report; `text`, `page` and `fhir` lay a Report out and add nothing.
"""

from dataclasses import dataclass

from lastwords.case.entries import Entry
from lastwords.case.moment import Moment, age_in_years
from lastwords.case.news2 import Person
from lastwords.case.observation import Observation
from lastwords.case.sheets import MedicalSheet
from lastwords.case.state import Logged, Now, fold

# Kinds that a clinician needs whoever they are sealed to; of the rest, what only keepers may read stays with them.
CLINICAL = ("harm", "observation", "treatment", "place", "withdrawal")

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Involved:
    """A person of the case: handle, name, what they are in it, and how to reach them if they agreed to be named."""

    handle: str
    name: str
    part: str
    reach: str | None = None


@dataclass(frozen=True)
class LogHead:
    """Where the author's log stood: the number of its last row, and that row's link as 64 hexadecimal digits."""

    row: int
    link: str


@dataclass(frozen=True)
class Handover:
    """Everything a report is composed from. `made` is the moment of handing over; its zone is that of all times."""

    case: int
    author: str
    handle: str
    made: Moment
    made_by: str
    opened: Moment
    host: str
    rows: tuple[Logged, ...]
    people: tuple[Involved, ...] = ()
    sheet: MedicalSheet | None = None
    log: LogHead | None = None
    with_keepers_only: bool = False


@dataclass(frozen=True)
class Remark:
    """A sentence and the numbers of the entries it rests on."""

    text: str
    entries: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.text} [{', '.join(map(str, self.entries))}]" if self.entries else self.text


@dataclass(frozen=True)
class Line:
    """A labelled line of the first page; `letter` is its ATMIST letter or empty."""

    label: str
    said: tuple[Remark, ...]
    letter: str = ""


@dataclass(frozen=True)
class StateRow:
    """One sign of the current state: its value, when it was seen, how long ago, how it is known, the entry."""

    sign: str
    value: str
    when: str
    ago: str
    known: str
    number: int


@dataclass(frozen=True)
class ScoreBlock:
    """NEWS2 on the first page: a sentence, its parts (name, value, points), and the three sentences that go with it."""

    sentence: str
    parts: tuple[tuple[str, str, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """A row of the timeline. `struck` says by which entry it was corrected and why."""

    number: int
    when: str
    kind: str
    text: str
    known: str
    struck: str | None


@dataclass(frozen=True)
class Drawn:
    """A point of the trend: when (UTC seconds), its value in the unit of its range, as shown, the entry's number.

    `low` and `high` differ for the two blood pressures alone; for the level of consciousness both mean nothing.
    """

    at: int
    low: int
    high: int
    shown: str
    number: int


@dataclass(frozen=True)
class Series:
    """One sign over time: its field, how it is called, and its points in order of time."""

    field: str
    name: str
    points: tuple[Drawn, ...]


@dataclass(frozen=True)
class Mark:
    """A treatment on the trend's time axis: when, its letter, and what was given."""

    at: int
    letter: str
    text: str
    when: str


@dataclass(frozen=True)
class Trend:
    """The plot and its twin: the series that have points, the treatments, and a table of (when, value by value).

    `note` says when there were more observations than these.
    """

    zone: str
    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True)
class Report:
    """A whole report, laid out by nobody yet."""

    title: str
    about: str
    preface: tuple[str, ...]
    atmist: tuple[Line, ...]
    state: tuple[StateRow, ...]
    not_measured: str
    score: ScoreBlock
    ahead: tuple[Line, ...]
    events: tuple[Event, ...]
    trend: Trend
    questions: tuple[Remark, ...]
    people: tuple[tuple[str, str, str], ...]
    verify: tuple[str, ...]


def person_of(given: Handover) -> Person:
    """What the medical sheet says of age and pregnancy at the moment of handing over."""
    sheet = given.sheet
    if sheet is None:
        return Person(None, None)
    age = age_in_years(sheet.born, given.made.at, given.made.zone) if sheet.born else None
    return Person(age, sheet.pregnant)


def goes_in(given: Handover, row: Logged) -> bool:
    """Whether a row is part of the report: readable, or at least sealed to its maker, and not for keepers alone."""
    if row.entry is None:
        return row.trouble is not None
    return given.with_keepers_only or not row.keepers_only or row.entry.kind in CLINICAL


def state_of(given: Handover) -> Now:
    """The state that the report tells. All corrections count; what is for keepers alone only where it is clinical."""
    return fold(given.rows, given.made.at, lambda row: goes_in(given, row))


def known(entry: Entry, passed_on_by: str | None, names: dict[str, str]) -> str:
    """How an entry is known: its writer, from whom or what they have it, by what device, and who passed it on."""
    name = names.get(entry.head.by, entry.head.by)
    device = entry.what.device if isinstance(entry.what, Observation) else None
    source = "" if entry.head.source.of is None else f", {entry.head.source.spoken}"
    passed = f", passed on by {names.get(passed_on_by, passed_on_by)}" if passed_on_by else ""
    return name + source + (f", by {device}" if device else "") + passed
