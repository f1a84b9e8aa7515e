"""What a record shows of care: what was left ahead, written down, corrected, reported, and seen at the bed."""

import json
from dataclasses import dataclass
from typing import Any

from lastwords.story.record import Record, Row, Said

from .parts import AUTHOR, Missing, must, some

REPORTED = (
    "unconscious for at least 14 h",
    "breathing 5/min, pulse 76/min",
    "patch of A.12, on the skin, once, 14 h ago",
    "adrenaline 1.5 mg, into a muscle, twice, the second about 5 h ago",
    "not “patch of P.12”",
)
"""What the report of the fifteenth hour has to say on its first page."""
SEVEN = (
    *("consciousness", "breaths_per_minute", "spo2_percent", "oxygen"),
    *("systolic_mmhg", "pulse_per_minute", "temperature_tenths"),
)


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry with fields: the command, its kind, what was written, and the log's row that holds its hash."""

    said: Said
    kind: str
    what: dict[str, Any]
    row: Row

    @property
    def of(self) -> int:
        """Of when it speaks, in UTC seconds."""
        return int(self.said.after("--at")[0])

    @property
    def person(self) -> str:
        """Whom it is about, when not the author."""
        return (self.said.after("--person") or [""])[0]


def entered(record: Record, kind: str, **wanted: Any) -> list[Entered]:
    """The entries of a kind in which these fields stand."""
    rows = {row.number: row for row in record.rows(AUTHOR, "note_in_case")}
    found = []
    for said in record.said(None, "case", AUTHOR, "write", kind):
        what = json.loads(record.here(said.after("--what")[0]).read_text("utf-8"))
        row = rows.get(said.answer["entry"])
        if (
            row is not None
            and row.by == said.who
            and all(what.get(name) == of for name, of in wanted.items())
        ):
            found.append(Entered(said, kind, what, row))
    return found


def s6(record: Record) -> list[str]:
    """The notes of the trip opened with the case and not before; what was given stands with dose, route and hour, each
    to the one who got it; a slip was corrected by another entry; and the report of the fifteenth hour says it all."""
    return [*_notes_of_the_trip(record), *_given(record), *_corrected(record), *_reported(record)]


def _notes_of_the_trip(record: Record) -> list[str]:
    alarm = some(record.said(None, "alarm", AUTHOR), "an alarm")[0]
    early = some(
        [one for one in record.refused(None, "case", AUTHOR, "trip-notes") if one.order < alarm.order],
        "a keeper who could not read the notes of the trip before there was a case",
    )[0]
    opened = some(record.said(None, "case", AUTHOR, "trip-notes"), "a keeper who read the notes of the trip")[
        0
    ]
    must(opened.order > alarm.order, "the notes of the trip opened with the case")
    notes = opened.answer["what"]
    must(
        len(notes["party"]) == 2 and bool(notes["route"]) and bool(notes["gear"]),
        "party, route and gear are there",
    )
    near, far, *_ = sorted(place["minutes_away"] for place in notes["places_of_help"])
    must(
        near == 18 * 60 and far > 2 * near,
        "the notes name two places of help, 18 hours away and more than double",
    )
    must(
        all(call["whom"]["reach"] and call["from_when"] for call in notes["to_call"]),
        "it says whom to call when",
    )
    return [f"refusal {early.refused['code']} in {early.name}", opened.name]


def _given(record: Record) -> list[str]:
    patch = some(entered(record, "treatment", what="patch of A.12", route="on the skin"), "the patch of A.12")
    adrenaline = some(
        entered(record, "treatment", what="adrenaline", amount="1.5", unit="mg", route="into a muscle"),
        "adrenaline with dose and route",
    )
    must(
        len(adrenaline) == 2 and adrenaline[1].of - adrenaline[0].of == 9 * 3600, "adrenaline was given twice"
    )
    dose = some(
        [one for one in entered(record, "treatment", what="A.19") if one.person == "Kakashi"],
        "A.19 given to Kakashi",
    )
    asleep = [one for one in entered(record, "treatment") if "sedative" in one.what["what"]]
    must(
        bool(asleep) and asleep[0].person == "Kakashi" and asleep[0].of <= dose[0].of,
        "he was sedated before it",
    )
    places = entered(record, "place", standing="place of help")
    must(len(places) >= 2, "two places of help stand in the case")
    arrived = [
        one for one in entered(record, "place", standing="here") if one.what["arrival"]["at"] == one.of
    ]
    here = some(arrived, "the arrival, with its time")
    looks = some(
        entered(record, "observation", pulse_per_minute=76, breaths_per_minute=5), "the look on arrival"
    )
    harm = some(entered(record, "harm"), "what happened")
    return [
        one.row.name
        for one in (harm[0], *places, asleep[0], dose[0], patch[0], *adrenaline, here[0], looks[0])
    ]


def _corrected(record: Record) -> list[str]:
    patch = entered(record, "treatment", what="patch of A.12")[0]
    slip = some(entered(record, "treatment", what="patch of P.12"), "the slip in the spoken report")[0]
    right = [
        one
        for one in entered(record, "withdrawal", stands=patch.row.number)
        if one.said.after("--corrects") == [str(slip.row.number)] and one.said.after("--why")
    ]
    correction = some(right, "a correction of the slip")[0]
    must(patch.row.number < slip.row.number < correction.row.number, "the correction is an entry of its own")
    return [slip.row.name, correction.row.name]


def _reported(record: Record) -> list[str]:
    evidence: list[str] = []
    read: dict[str, bytes] = {}
    for said in record.said(None, "case", AUTHOR, "report"):
        content = record.here(said.answer["file"]).read_bytes()
        read[said.answer["form"]] = content
        evidence.append(said.name)
        must(not said.answer["unread"], "whoever made the report could read every entry")
    some(evidence, "a handover report")
    text = " ".join(read.get("text", b"").decode().split())
    for line in REPORTED:
        must(line in text, f"the report says “{line}”")
    clinic = json.loads(read.get("fhir", b"{}"))
    must(
        (clinic.get("resourceType"), clinic.get("type")) == ("Bundle", "document"),
        "there is one for a clinic",
    )
    must("pdf" not in read or read["pdf"].startswith(b"%PDF-"), "the one on paper is a PDF")
    for said in record.said(None, "case", AUTHOR, "entry"):
        note = record.here(said.after("--text")[0]).read_text("utf-8").strip()
        must("--only-keepers" not in said.words or note not in text, "nothing for the keepers alone is in it")
    return evidence


def s11(record: Record) -> list[str]:
    """The page of the bed names who keeps watch, and shows the observations as they were written, in their order; it
    scores only a look at which all seven values were taken, and shows every part."""
    for seen in reversed(record.said(None, "case", AUTHOR, "now")):
        watches = [one for one in entered(record, "on_watch") if one.said.order < seen.order]
        watching = {one.what["who"] for one in watches if one.what["begins"]}
        must(bool(watching) and set(seen.answer["on_watch"]) == watching, "the page names who keeps watch")
        looks = {one.row.number: one for one in entered(record, "observation") if one.said.order < seen.order}
        trend: dict[str, list[dict[str, Any]]] = {one["sign"]: one["points"] for one in seen.answer["trend"]}
        pulses = trend.get("pulse", [])
        must(len(pulses) >= 3, "there is a trend of the pulse")
        for point in pulses:
            must(point["entry"] in looks, "every point of the trend is an observation that was written")
            look = looks[point["entry"]]
            must(
                (point["at"], point["shown"]) == (look.of, f"{look.what['pulse_per_minute']}/min"),
                "it is as written",
            )
        must(
            [point["at"] for point in pulses] == sorted(point["at"] for point in pulses),
            "the trend is in order",
        )
        scored = [look for look in looks.values() if all(look.what.get(name) is not None for name in SEVEN)]
        last = some(scored, "an observation with all seven values")[-1]
        parts = seen.answer["score"]["parts"]
        total = sum(part["points"] for part in parts)
        must(len(parts) == len(SEVEN), "every part of the score is shown")
        said = f"NEWS2: {total} in all, from entry {last.row.number} "
        must(
            seen.answer["score"]["sentence"].startswith(said),
            "the score is of the last look with seven values",
        )
        must(max(looks) > last.row.number, "a later look with fewer values was not scored")
        return [
            *(one.row.name for one in watches),
            *(looks[point["entry"]].row.name for point in pulses),
            seen.name,
        ]
    raise Missing("nobody looked at the page of the bed")
