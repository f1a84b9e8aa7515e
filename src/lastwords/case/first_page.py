"""The first page of the handover report: ATMIST, the current state, the score, and what the author wrote ahead."""

from lastwords.case.entries import Harm, Place, Sighting, Treatment
from lastwords.case.handover import NOT_STATED, Handover, Line, Remark, ScoreBlock, StateRow, goes_in, known
from lastwords.case.moment import ago, shown, shown_day, shown_short, spoken_length
from lastwords.case.news2 import ADVICE, CREDIT, THRESHOLDS, Person, Score
from lastwords.case.sheets import Listed, MedicalSheet, Said, Sex
from lastwords.case.spoken import SIGN_FIELDS, SIGN_NAMES, SIGNS, sign, substance
from lastwords.case.state import Fact, Now, Seen, Unconscious


def atmist(given: Handover, now: Now, person: Person) -> tuple[Line, ...]:
    moments = tuple(
        Remark(
            f"{ago(one.entry.head.when, now.at)} ({shown(one.entry.head.when, given.made.zone)})",
            (one.number,),
        )
        for one in now.harms
    )
    harms = [(one, one.entry.what) for one in now.harms if isinstance(one.entry.what, Harm)]
    nothing = (Remark("not written down"),)
    return (
        Line("Age", (Remark(_age(given, person)),), "A"),
        Line("Time", moments or nothing, "T"),
        Line(
            "Mechanism", tuple(Remark(what.mechanism, (one.number,)) for one, what in harms) or nothing, "M"
        ),
        Line(
            "Injuries, illness",
            tuple(
                Remark(("suspected " if what.suspected else "") + what.finding, (one.number,))
                for one, what in harms
            )
            or nothing,
            "I",
        ),
        Line("Signs", _signs(now) or nothing, "S"),
        Line("Treatment", (*_treatments(now), *_corrected(given, now)) or nothing, "T"),
    )


def _age(given: Handover, person: Person) -> str:
    sheet = given.sheet
    age = f"{person.age_years} years" if person.age_years is not None else f"age {NOT_STATED}"
    sex = sheet.sex.value if sheet is not None and sheet.sex is not Sex.NOT_STATED else None
    return ", ".join(part for part in (age, sex) if part)


def _signs(now: Now) -> tuple[Remark, ...]:
    """Consciousness first, then what each observation contributed last, newest observation first."""
    found = [_unconscious(now.unconscious, now.at)] if now.unconscious else []
    for seen in reversed(now.observations):
        signs = [
            f"{SIGN_NAMES[name]} {sign(seen.what, name)}" for name in SIGNS if _carrier(now, name) is seen
        ]
        awake = now.latest.get("consciousness") is seen and not (now.unconscious and not now.unconscious.over)
        if awake and seen.what.consciousness:
            signs.insert(0, seen.what.consciousness.spoken)
        if signs:
            found.append(
                Remark(f"{ago(seen.fact.entry.head.when, now.at)}: {', '.join(signs)}", (seen.fact.number,))
            )
    return tuple(found)


def _unconscious(how: Unconscious, now: int) -> Remark:
    entries = tuple(dict.fromkeys((how.since.fact.number, how.until.fact.number)))
    length = f" for at least {spoken_length(how.seconds)}" if how.seconds else ""
    if not how.over:
        return Remark(f"unconscious{length}", entries)
    return Remark(
        f"was unconscious{length}, last seen so {ago(how.until.fact.entry.head.when, now)}", entries
    )


def _carrier(now: Now, name: str) -> Seen | None:
    """The newest observation that says anything of a sign."""
    found = [now.latest[field] for field in SIGN_FIELDS[name] if field in now.latest]
    return max(found, key=lambda seen: (seen.fact.at, seen.fact.number)) if found else None


_TIMES = {1: "once", 2: "twice"}
_ORDINAL = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def _treatments(now: Now) -> tuple[Remark, ...]:
    """The same substance, dose and route counts as one line: how often, and how long ago the last time was."""
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in now.treatments:
        what = fact.entry.what
        if isinstance(what, Treatment):
            route = what.route.value if what.route else "route not written down"
            groups.setdefault((substance(what), route), []).append(fact)
    found = []
    for (name, route), facts in groups.items():
        count, last = len(facts), ago(facts[-1].entry.head.when, now.at)
        times = _TIMES.get(count, f"{count} times")
        which = "" if count == 1 else f"the {_ORDINAL.get(count, 'last')} "
        found.append(Remark(f"{name}, {route}, {times}, {which}{last}", tuple(fact.number for fact in facts)))
    return tuple(found)


def _corrected(given: Handover, now: Now) -> tuple[Remark, ...]:
    """Corrected treatments stand on the first page too: whoever heard the first version must meet the second."""
    rows = {row.number: row for row in given.rows}
    found = []
    for wrong, by in sorted(now.struck.items()):
        entry, correction = rows[wrong].entry, rows[by].entry
        if (
            entry is None
            or correction is None
            or not isinstance(entry.what, Treatment)
            or not goes_in(given, rows[wrong])
        ):
            continue
        why = correction.head.why if goes_in(given, rows[by]) else "corrected; ask the keepers"
        found.append(Remark(f"not “{substance(entry.what)}”: {why}", (wrong, by)))
    return tuple(found)


def state(now: Now, zone: str, names: dict[str, str]) -> tuple[StateRow, ...]:
    rows = []
    conscious = now.latest.get("consciousness")
    if conscious and conscious.what.consciousness:
        level = conscious.what.consciousness
        rows.append(
            _row("Consciousness", f"{level.spoken} ({level.value})", conscious.fact, now, zone, names)
        )
    for name in SIGNS:
        seen = _carrier(now, name)
        if seen:
            label = SIGN_NAMES[name]
            rows.append(
                _row(label[0].upper() + label[1:], sign(seen.what, name) or "", seen.fact, now, zone, names)
            )
    for label, fact in (("Where", now.here), ("On the way to", now.on_the_way)):
        if fact and not (label == "On the way to" and now.here and now.here.at >= fact.at):
            rows.append(_row(label, _where(fact, zone), fact, now, zone, names))
    return tuple(rows)


def _where(fact: Fact, zone: str) -> str:
    what = fact.entry.what
    if isinstance(what, Sighting):
        return what.place
    assert isinstance(what, Place)
    return what.name + (
        f", arrives {shown(what.arrival, zone)}" if what.arrival and what.minutes_away else ""
    )


def _row(label: str, value: str, fact: Fact, now: Now, zone: str, names: dict[str, str]) -> StateRow:
    when = fact.entry.head.when
    how = known(fact.entry, fact.passed_on_by, names)
    return StateRow(label, value, shown_short(when, zone), ago(when, now.at), how, fact.number)


_WANTED = (
    *(("consciousness", "consciousness"), ("breaths_per_minute", "breathing rate"), ("spo2_percent", "SpO2")),
    *(
        ("systolic_mmhg", "blood pressure"),
        ("pulse_per_minute", "pulse"),
        ("temperature_tenths", "temperature"),
    ),
    *(("pupils", "pupils"), ("pain", "pain")),
)


def not_measured(now: Now) -> str:
    missing = [name for field, name in _WANTED if field not in now.latest]
    return (
        f"Never observed: {', '.join(missing)}."
        if missing
        else "Every usual sign was observed at least once."
    )


def score(now: Now, person: Person, zone: str) -> ScoreBlock:
    found = now.score(person)
    if found is None:
        return ScoreBlock("NEWS2: not computed, since nothing was observed.", (), (ADVICE,))
    seen, scored = found
    when = shown_short(seen.fact.entry.head.when, zone)
    if not isinstance(scored, Score):
        reasons = "; ".join(scored.reasons)
        return ScoreBlock(f"NEWS2: not computed. {reasons[0].upper()}{reasons[1:]}.", (), (ADVICE,))
    scale = f" SpO2 scale 2 on the word of {scored.scale_2_by}." if scored.scale == 2 else ""
    newest = (
        "" if seen is now.observations[-1] else " Later observations were not complete enough for a score."
    )
    return ScoreBlock(
        f"NEWS2: {scored.total} in all, from entry {seen.fact.number} ({when}).{scale}{newest}",
        tuple((part.name, part.shown, part.points) for part in scored.parts),
        (THRESHOLDS, ADVICE, CREDIT),
    )


def ahead(given: Handover) -> tuple[Line, ...]:
    """What the author wrote down ahead. What is not stated is said to be so: nobody may read it as 'none'."""
    sheet = given.sheet or MedicalSheet(filled_in=given.made)
    wishes = tuple(Remark(f"{one.what}: lies {one.lies_at}") for one in sheet.wishes)
    lines = [
        Line("Allergies", _listed(sheet.allergies)),
        Line("Medicines", _listed(sheet.medicines)),
        Line("Conditions", _listed(sheet.conditions)),
        Line("Devices", _listed(sheet.devices)),
        Line("Wishes documents", wishes or (Remark(NOT_STATED),)),
    ]
    if sheet.languages:
        lines.append(Line("Languages", (Remark(", ".join(sheet.languages)),)))
    if sheet.doctor:
        lines.append(Line("Doctor", (Remark(sheet.doctor),)))
    if sheet.text:
        lines.append(Line("Also", (Remark(sheet.text),)))
    source = (
        f"the author's own medical sheet, filled in {shown_day(given.sheet.filled_in.at, given.made.zone)}"
        if given.sheet
        else "the author left no medical sheet"
    )
    return (*lines, Line("Source", (Remark(source),)))


def _listed(listed: Listed) -> tuple[Remark, ...]:
    if listed.said is Said.LISTED:
        return tuple(Remark(item) for item in listed.items)
    return (Remark(listed.said.value),)
