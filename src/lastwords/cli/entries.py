"""Entries of a case on a keeper's own machine: written as records, sealed to the audience, opened, and read.

What is sealed is always a record (`lastwords.case.entries`) signed by its writer, never bare text. Only what reads so
is ever shown, or sealed again for others: a host that slips some other sealed file of this keeper's among the entries,
a share of theirs, gets nothing out of it.
"""

import base64
import dataclasses
import json
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import click

from lastwords.case import entries, spoken
from lastwords.case.entries import Entry, Head, Source, Way
from lastwords.case.moment import Moment
from lastwords.case.observation import RANGE_OF, Consciousness
from lastwords.case.plain import from_plain, to_plain
from lastwords.case.refusals import CaseRefused, being_written
from lastwords.case.rows import Listed
from lastwords.case.state import Logged
from lastwords.cli import keys_of, show, signed_entry, typed
from lastwords.cli.client import Said
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me
from lastwords.sealing import age
from lastwords.sealing.refusals import SealedFileRefused

# Reading.


def running(person: Me, author: str) -> Said:
    """The newest case as the host shows it to this keeper, with all of its entries: they come a few MiB at a time."""
    case: Said = person.host.get("watches", author, "case")
    page = case
    while page["more"]:
        last = page["entries"][-1]["number"] if page["entries"] else 0
        page = person.host.get("watches", author, "case", after=last)
        # Numbered on from the page before, or a host could send the same entries for ever.
        if page["number"] != case["number"] or not page["entries"] or page["entries"][0]["number"] <= last:
            raise Stopped(
                f"The host did not go on after entry {last} where it had stopped. Nothing was written.",
                "Try again. If it stays so, call the other keepers and tell the host.",
                "case_not_whole",
            )
        case["entries"] += page["entries"]
    return case


def opened(person: Me, body: str | None) -> bytes | None:
    """What is inside a sealed body (base64); None when it is not sealed to this person, or not to be read."""
    if not body:
        return None
    try:
        return age.open_bytes(base64.b64decode(body), [person.keys.secret_key])
    except SealedFileRefused:
        return None


def listed(person: Me, author: str, case: Mapping[str, Any]) -> list[Listed]:
    """The rows of a case as the host lists them, opened with this person's key, every signature checked."""
    signers = signed_entry.Signers(person, author, case)
    return [_listed(row, opened(person, row.get("body")), signers) for row in case["entries"]]


def _listed(row: Mapping[str, Any], body: bytes | None, signers: signed_entry.Signers) -> Listed:
    record, trouble, keepers_only = None, None, row["audience"] == "keepers"
    try:
        record = None if body is None else signed_entry.unwrap(body, signers, keepers_only=keepers_only)
    except CaseRefused as refused:
        trouble = refused.happened
    return Listed(
        number=row["number"],
        kind=row["kind"],
        by=row["by"],
        at=row["at"],
        keepers_only=keepers_only,
        about=row.get("about"),
        body=record,
        trouble=trouble,
    )


def shown(person: Me, case: Mapping[str, Any], found: Iterable[Logged]) -> list[dict[str, Any]]:
    """The rows of a case as this person can read them, copies put in the place of their originals.

    `text` is the entry in one sentence (a note's own words), null when it is sealed to others; `record` the whole."""
    zone = person.person.zone
    rows = {row["number"]: row for row in case["entries"]}
    return [_shown(one, rows[one.number], zone) for one in found]


def _shown(one: Logged, row: Mapping[str, Any], zone: str) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("number", "kind", "by", "at", "audience", "about")},
        "when": one.entry.head.when.at if one.entry else None,
        "text": spoken.sentence(one.entry, zone) if one.entry else one.trouble,
        "readable": one.entry is not None,
        "erased": bool(row.get("erased")),
        "passed_on_by": one.passed_on_by,
        "record": entries.plain_entry(one.entry) if one.entry else None,
    }


def lines(found: Iterable[Mapping[str, Any]], zone: str, names: Mapping[str, str]) -> list[str]:
    """The entries for a terminal: who wrote what when, how they know, and of when it speaks if that is another time."""
    said = []
    for entry in found:
        head = entry["record"]["head"] if entry["record"] else None
        marks = [show.spoken(entry["kind"])]
        marks += [f"on {entry['about']}"] if entry["about"] else []
        marks += ["keepers only"] if entry["audience"] == "keepers" else []
        marks += [f"passed on by {entry['passed_on_by']}"] if entry["passed_on_by"] else []
        if head and (abs(entry["when"] - entry["at"]) >= 60 or head["when"]["about"]):
            marks.append(f"of {'about ' if head['when']['about'] else ''}{show.day(entry['when'], zone)}")
        if head and head["source"]["of"]:
            marks.append(f"{head['source']['way']} {head['source']['of']}")
        who = names.get(entry["by"], entry["by"])
        said.append(
            show.fit_for_terminal(
                f"[{entry['number']}] {show.day(entry['at'], zone)}, {who}: {', '.join(marks)}"
            )
        )
        if head and head["why"]:
            said.append(show.fit_for_terminal(f"    corrects {head['corrects']}: {head['why']}"))
        nothing = "erased: its time after the case was over" if entry["erased"] else "sealed to others"
        text = entry["text"] if entry["text"] is not None else nothing
        said.append("    " + show.fit_for_terminal(text.strip()).replace("\n", "\n    "))
    return said


# Writing.


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """What an entry says of itself beside its content, as it was typed."""

    at: str | None = None
    roughly: bool = False
    heard_from: str | None = None
    document: str | None = None
    corrects: int | None = None
    why: str | None = None
    answers: int | None = None
    person: str | None = None


def made(person: Me, what: entries.What, about: About) -> Entry:
    """An entry by this person. Without a time it is of now, by this machine's clock. Raises CaseRefused."""
    zone = person.person.zone
    at = show.moment(about.at, zone) if about.at else int(datetime.now(UTC).timestamp())
    if about.heard_from and about.document:
        raise Stopped(
            "An entry has one source: somebody or a document. Nothing was written.",
            "Name one of the two.",
            "source",
        )
    source = Source(Way.OWN_SIGHT)
    if about.heard_from:
        source = Source(Way.HEARD_FROM, about.heard_from)
    elif about.document:
        source = Source(Way.DOCUMENT, about.document)
    head = Head(
        when=Moment(at, zone, about.roughly),
        by=person.handle,
        source=source,
        corrects=about.corrects,
        why=about.why,
        answers=about.answers,
        person=about.person,
    )
    return Entry(head, what)


def write(person: Me, author: str, case: Mapping[str, Any], entry: Entry, audience: str) -> dict[str, Any]:
    """Seals an entry to its audience and adds it to the case. Returns its number and whom it was not sealed to."""
    head = entry.head
    about = head.corrects or head.answers or getattr(entry.what, "task", None)
    if about and about not in {row["number"] for row in case["entries"]}:
        raise Stopped(
            f"Case {case['number']} has no entry {about}; nothing was written.",
            f"The numbers stand in `lastwords case {author} show`.",
            "no_entry",
        )
    task = getattr(entry.what, "task", None)
    kind = next((row["kind"] for row in case["entries"] if row["number"] == task), "task")
    if kind != "task":
        raise Stopped(
            f"Entry {task} is a {show.spoken(kind)} and no task; nothing was written.",
            f"The tasks stand under “To do” in `lastwords case {author} show`. To make it one: "
            f"`lastwords case {author} write task`.",
            "no_entry",
        )
    data = signed_entry.wrap(person, author, case, entry, keepers_only=audience == "keepers")
    return post(person, author, case, data, entry.kind, audience, about)


def post(
    person: Me,
    author: str,
    case: Mapping[str, Any],
    data: bytes,
    kind: str,
    audience: str,
    about: int | None,
) -> dict[str, Any]:
    """Seals the bytes of an entry to everyone of an audience whom the author vouched for, and sends them."""
    body, left_out = seal_to(person, author, case["audience"][audience], data)
    said = person.host.post(
        "watches", author, "case", "entries",
        kind=kind, audience=audience, body=body, **({"about": about} if about else {}),
    )  # fmt: skip
    return {"entry": int(said["number"]), "left_out": left_out}


def seal_to(person: Me, author: str, members: Iterable[dict[str, Any]], data: bytes) -> tuple[str, list[str]]:
    """Something sealed to the vouched keys of an audience, as base64, and whom it had to leave out."""
    keys, left_out = keys_of.audience(person, author, members, person.sealed(author))
    if left_out:
        show.aside(f"Not sealed to {', '.join(left_out)}: the author has not vouched for their keys.")
    return base64.b64encode(age.seal_bytes(data, keys)).decode(), left_out


def seal_again(person: Me, author: str, case: Mapping[str, Any]) -> list[int]:
    """Seals every record this keeper can open once more, for all who are called by now, each about its original.

    Copies are not copied. Nothing is taken out: the case puts a copy in the place of its original. A copy bears the
    signature of whoever wrote the original."""
    read = {row["number"]: opened(person, row.get("body")) for row in case["entries"]}
    signers = signed_entry.Signers(person, author, case)
    again = []
    for row in case["entries"]:
        data = read[row["number"]]
        if data is None or (row["about"] and read.get(row["about"]) == data):
            continue
        if _is_record(data, row, signers):
            post(person, author, case, data, row["kind"], row["audience"], row["number"])
            again.append(int(row["number"]))
    return again


def _is_record(data: bytes, row: Mapping[str, Any], signers: signed_entry.Signers) -> bool:
    """Whether these bytes are an entry that its row's writer signed for this case. Nothing else is sealed again."""
    try:
        record = signed_entry.unwrap(data, signers, keepers_only=row["audience"] == "keepers")
        return bool(entries.read(record, row["kind"], row["by"]))
    except CaseRefused:
        return False


# Asking for the fields of a record.

REPORTED = "as_reported"
MOST_TRIES = 5
"""How often one field is asked for."""


def asked(kind: str, source: str | None, zone: str) -> entries.What:
    """The content of an entry of this kind: from a JSON object in SOURCE, else asked field by field."""
    record = entries.KINDS[kind]
    if source is None:
        return record(**_prompted(record, zone))
    try:
        given = json.loads(typed.secret(source, "", hide=False))
    except ValueError as error:
        raise Stopped(
            f"What was given is not JSON ({error}); nothing was written.",
            "Give one object with the fields.",
            "json",
        ) from error
    if not isinstance(given, dict):
        raise Stopped(
            "What was given is not an object; nothing was written.", "Give its fields in { }.", "json"
        )
    left_out = {
        field.name: to_plain(field.default)
        for field in dataclasses.fields(record)
        if field.default is not dataclasses.MISSING
    }
    fields = ", ".join(field.name for field in dataclasses.fields(record))
    with being_written(
        f"Its fields are: {fields}. What may stand in each is asked for where --what is left out"
    ):
        found: entries.What = from_plain(record, left_out | given, f"the {show.spoken(kind)}")
    return found


def _prompted(record: type, zone: str) -> dict[str, Any]:
    """The fields of a record, asked one by one. What does not fit is asked again: nobody starts a list of eighteen
    values anew because of one slip."""
    hints = typing.get_type_hints(record)
    found: dict[str, Any] = {}
    reported = []
    for field in dataclasses.fields(record):
        if field.name == REPORTED:
            continue
        given = field.default is not dataclasses.MISSING
        may_lack = types.NoneType in typing.get_args(hints[field.name])
        value = _field(field.name, hints[field.name], given or may_lack, zone)
        if value is not None or not given:
            found[field.name] = value
            reported += [field.name] if value is not None and not _plausible(field.name, value) else []
    return found | ({REPORTED: tuple(reported)} if reported else {})


def _field(name: str, hint: Any, optional: bool, zone: str) -> Any:
    """Asks for one field. Nothing typed leaves an optional one out."""
    kinds = [one for one in typing.get_args(hint) if one is not types.NoneType]
    kind = kinds[0] if isinstance(hint, types.UnionType) else hint
    label = _label(name, kind) + (", or nothing" if optional else "")
    for _ in range(MOST_TRIES):
        text = str(
            click.prompt(label, default="" if optional else None, show_default=False, err=True)
        ).strip()
        if not text:
            return None
        try:
            value = _read(name, kind, text, zone)
        except Stopped as stopped:
            show.aside(f"{stopped.happened} {stopped.do}")
            continue
        if _plausible(name, value) or _was_reported(name, value):
            return value
    raise Stopped(
        f"What was typed for {show.spoken(name)} did not fit {MOST_TRIES} times; nothing was written.",
        "Begin again when you have the value at hand, or leave it out.",
        "field",
    )


LABELS = {
    "channel": "Way (telephone, mail, at the door, …)",
    "label": "Which number or address (mobile, at work, …)",
    "company": "Who was with them",
    "stands": "Number of the entry that says it right",
    "pain": "Pain (0 none to 10 the worst)",
    "oxygen": "Oxygen given",
    "oxygen_how": "How the oxygen was given",
    "scale_2_by": "Clinician who said that SpO2 scale 2 applies",
}
UNITS = {"/min": "per minute", "%": "percent"}


def _label(name: str, kind: Any) -> str:
    label = LABELS.get(name, show.spoken(name).capitalize())
    if name in RANGE_OF and name not in LABELS:
        one, tenth = RANGE_OF[name], 10 if name.endswith("_tenths") else 1
        unit = UNITS.get(one.unit, one.unit)
        return f"{one.name.capitalize()} ({unit}, {one.least // tenth} to {one.greatest // tenth})"
    if kind is Consciousness:
        return f"{label} ({', '.join(f'{member.value} {member.spoken}' for member in Consciousness)})"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{label} ({', '.join(str(member.value) for member in kind)})"
    return f"{label} (y, n)" if kind is bool else label


def _plausible(name: str, value: Any) -> bool:
    one = RANGE_OF.get(name)
    return one is None or one.least <= value <= one.greatest


def _was_reported(name: str, value: int) -> bool:
    """Whether somebody told them an implausible value: then it stands as reported, and enters no score."""
    one = RANGE_OF[name]
    least, greatest = one.shown(one.least), one.shown(one.greatest)
    show.aside(f"{one.name.capitalize()} of {one.shown(value)} lies outside {least} to {greatest}.")
    return name != "pain" and click.confirm("Was it told to you so", err=True)


def _read(name: str, kind: Any, text: str, zone: str) -> Any:
    try:
        if kind is bool:
            return {"y": True, "yes": True, "n": False, "no": False}[text.lower()]
        if kind is int:
            return round(float(text.replace(",", ".")) * 10) if name.endswith("_tenths") else int(text)
        if kind is Moment:
            return Moment(show.moment(text, zone), zone)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(text.upper() if len(text) == 1 else text)
        if typing.get_origin(kind) is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
    except (ValueError, KeyError) as error:
        raise Stopped(
            f"“{text}” does not fit {show.spoken(name.removesuffix('_tenths'))}; nothing was written.",
            "Look at what may stand there.",
            "field",
        ) from error
    return text
