"""The second page of the handover report: the timeline, and the trend with its twin table."""

from collections.abc import Sequence
from dataclasses import replace

from lastwords.case.entries import Treatment
from lastwords.case.handover import Drawn, Event, Mark, Series, Trend, known
from lastwords.case.moment import Moment, shown_short
from lastwords.case.news2 import Person
from lastwords.case.observation import RANGE_OF
from lastwords.case.spoken import KIND_SPOKEN, sentence, substance
from lastwords.case.state import Logged, Now, Point


def by_time(rows: Sequence[Logged]) -> list[Logged]:
    return sorted(rows, key=lambda row: (row.entry.head.when.at if row.entry else row.at, row.number))


def event(row: Logged, rows: Sequence[Logged], now: Now, zone: str, names: dict[str, str]) -> Event:
    if row.entry is None:
        when = shown_short(Moment(row.at, zone), zone)
        name = names.get(row.by, row.by)
        return Event(row.number, when, "Unreadable", "this entry cannot be read, see page 3", name, None)
    entry = row.entry
    text = sentence(entry, zone)
    if entry.head.corrects is not None:
        text = f"Corrects {entry.head.corrects}: {text}. Why: {entry.head.why}"
    if entry.head.answers is not None:
        text = f"On entry {entry.head.answers}: {text}"
    struck = None
    if row.number in now.struck:
        by = now.struck[row.number]
        struck = f"corrected by entry {by}"
    return Event(
        row.number,
        shown_short(entry.head.when, zone),
        KIND_SPOKEN[entry.kind],
        text,
        known(entry, row.passed_on_by, names),
        struck,
    )


# The strips of the trend from top to bottom. Both blood pressures share one.
_NAMES = {
    "consciousness": "consciousness",
    "breaths_per_minute": "breathing",
    "spo2_percent": "SpO2",
    "systolic_mmhg": "blood pressure",
    "pulse_per_minute": "pulse",
    "temperature_tenths": "temperature",
    "pain": "pain",
    "news2": "NEWS2",
}


# More than these cannot be told apart on a page. The timeline has them all.
MOST_LOOKS = 40


def trend(now: Now, person: Person, zone: str) -> Trend:
    """Every measured value over time, the treatments on the same axis, and a table that says the same."""
    looks = now.observations[-MOST_LOOKS:]
    left_out = len(now.observations) - len(looks)
    now = replace(now, observations=looks)
    points = now.trend(person)
    found = [Series(field, _NAMES[field], _drawn(field, points, now)) for field in _NAMES]
    series = tuple(one for one in found if one.points)
    marks = tuple(
        Mark(fact.at, _letter(number), substance(fact.entry.what), shown_short(fact.entry.head.when, zone))
        for number, fact in enumerate(now.treatments)
        if isinstance(fact.entry.what, Treatment) and (not left_out or fact.at >= looks[0].fact.at)
    )
    head = ("When", *(one.name[0].upper() + one.name[1:] for one in series), "Entry")
    rows = []
    for seen in now.observations:
        number = seen.fact.number
        cells = [next((one.shown for one in each.points if one.number == number), "") for each in series]
        if any(cells):
            rows.append((shown_short(seen.fact.entry.head.when, zone), *cells, str(number)))
    note = (
        f"These are the newest {len(looks)} of {len(looks) + left_out} observations; the timeline has them all."
        if left_out
        else ""
    )
    return Trend(zone, series, marks, head, tuple(rows), note)


def _drawn(field: str, points: dict[str, tuple[Point, ...]], now: Now) -> tuple[Drawn, ...]:
    if field == "consciousness":
        levels = [(seen.fact, seen.what.consciousness) for seen in now.observations]
        return tuple(Drawn(fact.at, 0, 0, level.value, fact.number) for fact, level in levels if level)
    if field != "systolic_mmhg":
        return tuple(
            Drawn(one.at, one.value, one.value, _shown(field, one.value), one.number) for one in points[field]
        )
    lower = {one.number: one.value for one in points["diastolic_mmhg"]}
    return tuple(
        Drawn(
            one.at,
            lower.get(one.number, one.value),
            one.value,
            f"{one.value}/{lower.get(one.number, '?')} mmHg",
            one.number,
        )
        for one in points[field]
    )


def _shown(field: str, value: int) -> str:
    return RANGE_OF[field].shown(value) if field in RANGE_OF else str(value)


def _letter(number: int) -> str:
    """a, b, … z, aa, ab …: letters, so that a treatment is never read as an entry's number."""
    letters = ""
    number += 1
    while number:
        number, last = divmod(number - 1, 26)
        letters = chr(ord("a") + last) + letters
    return letters
