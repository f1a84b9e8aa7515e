"""Forms for the sheets that an author fills in ahead: a text file (TOML) with a line for each thing a keeper may need.

The shape of a sheet stands in `lastwords.case.sheets` alone. A form leaves out what is not known; times are written as
people write them, in the author's zone; a list that is known to be empty is written as "none known".
"""

import dataclasses
import tomllib
import types
import typing
from datetime import datetime
from enum import Enum
from typing import Any

from lastwords.case import moment, sheets
from lastwords.case.moment import Moment
from lastwords.case.plain import from_plain, to_plain
from lastwords.case.refusals import being_written
from lastwords.case.sheets import Listed, PlaceOfHelp, Said, Sheet, ToCall
from lastwords.cli import show
from lastwords.cli.errors import Stopped

BLANK = {
    "find_me": """\
# Find me: what helps your keepers to look for you. Opened by them only while a case is open.
# Leave out what you do not want to say. Every line that begins with # is a hint and is not read.
# looks is the one thing that has to be said, such as: 1.78 m, scar across the nose, brown hair tied back
looks = ""
# marks = ""
# places = ["Ichiraku, most evenings", "the memorial stone"]
# routine = ""
# transport = ""
# devices = ["phone: who can locate it", "watch"]
# when_unwell = ""
#
# [[ask]]
# name = ""
# reach = ""
""",
    "trip": """\
# Trip notes: opened by your keepers only while a case is open, as when you are overdue.
# Leave out what you do not want to say. The time of your return comes from the command.
# party is the one thing that has to be said: everybody who goes, you among them.
party = []
# gear = ["tent", "food for 6 days"]
# text = ""
#
# [[route]]
# place = ""
# at = "2026-12-22 18:00"
#
# An hour is 60 minutes.
# [[places_of_help]]
# name = ""
# minutes_away = 240
# counted_from = ""
#
# [[to_call]]
# from_when = "2026-12-25 18:00"
# say = ""
# whom = { name = "", reach = "" }
""",
    "medical": """\
# Medical sheet: what a clinician asks first. Opened by your keepers only while a case is open.
# A list is written as ["…", "…"], or as "none known". What is left out is shown as not stated.
# born = "1984-05-26"
# sex = "male"
# allergies = "none known"
# medicines = ["…, 5 mg, mornings"]
# conditions = []
# devices = []
# languages = ["Japanese"]
# doctor = ""
# text = ""
#
# [[wishes]]
# what = ""
# lies_at = ""
""",
}
"""An empty form for each sheet, by its name in `case.sheets`."""


def read(name: str, text: str, zone: str, **known: Any) -> Sheet:
    """The sheet that a filled-in form makes. `known` is what the form does not ask for, such as the moment.

    Raises Stopped for what is no form, CaseRefused for what the sheet refuses."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Stopped(
            f"The form cannot be read ({error}); nothing was sealed.",
            "Look at that line: texts stand between quotation marks, lists between brackets.",
            "form",
        ) from error
    kind = sheets.SHEETS[name]
    data = _plain(kind, table, zone)
    if not table:
        raise Stopped(
            "The form is not filled in: every line of it is a hint. Nothing was sealed.",
            "Write what is known, and take the # away before each line you fill in.",
            "form",
        )
    with being_written("Correct that line: an empty form says what may stand where"):
        return from_plain(kind, data | {part: to_plain(value) for part, value in known.items()}, "the form")


def _plain(kind: Any, data: Any, zone: str) -> Any:
    """What a form says, in the plain form of a record; what does not fit is left as it is, to be refused there."""
    kind = _bare(kind)
    if kind is Moment and isinstance(data, str | datetime):
        return to_plain(Moment(show.moment(str(data), zone), zone))
    if kind is Listed:
        return _listed(data)
    if typing.get_origin(kind) is tuple and isinstance(data, list):
        return [_plain(typing.get_args(kind)[0], one, zone) for one in data]
    if not dataclasses.is_dataclass(kind) or not isinstance(data, dict):
        return data
    hints = typing.get_type_hints(kind)
    filled = {name: _plain(hints.get(name), value, zone) for name, value in data.items()}
    for part in dataclasses.fields(kind):
        if part.name not in filled and part.default is not dataclasses.MISSING:
            filled[part.name] = to_plain(part.default)
    return filled


def _bare(kind: Any) -> Any:
    """A kind without its "or nothing"."""
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not types.NoneType)
    return kind


def _listed(data: Any) -> Any:
    if isinstance(data, list):
        return {"said": (Said.LISTED if data else Said.NOT_STATED).value, "items": data}
    return {"said": data, "items": []}


# Shown.


def lines(sheet: Sheet, zone: str) -> list[str]:
    """A sheet for people, one line for each thing it says."""
    found = []
    for part in dataclasses.fields(sheet):
        value = getattr(sheet, part.name)
        if value in (None, ()):
            continue
        label = show.spoken(part.name).capitalize()
        if isinstance(value, tuple):
            found += [f"{label}:", *(f"  {_said(one, zone)}" for one in value)]
        else:
            found.append(f"{label}: {_said(value, zone)}")
    return [show.fit_for_terminal(line) for line in found]


def _said(value: Any, zone: str) -> str:
    if isinstance(value, Moment):
        return f"{moment.shown(value)} ({value.zone})"
    if isinstance(value, Listed):
        return ", ".join(value.items) or str(value.said.value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, PlaceOfHelp):
        return f"{value.name}, {moment.spoken_length(value.minutes_away * 60)} from {value.counted_from}"
    if isinstance(value, ToCall):
        what = f": {value.say}" if value.say else ""
        return f"from {_said(value.from_when, zone)} on, {_said(value.whom, zone)}{what}"
    if dataclasses.is_dataclass(value):
        parts = [getattr(value, part.name) for part in dataclasses.fields(value)]
        return ", ".join(_said(one, zone) for one in parts if one is not None)
    return str(value)
