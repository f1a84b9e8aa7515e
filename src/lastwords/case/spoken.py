"""Entries in one sentence each, as the timeline shows them."""

from lastwords.case.entries import (
    ContactAttempt,
    Decision,
    Document,
    Done,
    Entry,
    Harm,
    Note,
    OnWatch,
    Place,
    Question,
    Sighting,
    Standing,
    Task,
    TaskReported,
    TaskTaken,
    Treatment,
    What,
    Withdrawal,
)
from lastwords.case.moment import shown, spoken_length
from lastwords.case.observation import RANGE_OF, Observation

KIND_SPOKEN = {
    "harm": "What happened",
    "contact_attempt": "Attempt to reach",
    "sighting": "Seen",
    "observation": "Observation",
    "treatment": "Treatment",
    "place": "Place",
    "document": "Document",
    "decision": "Decision",
    "note": "Note",
    "question": "Question",
    "task": "Task",
    "task_taken": "Task taken",
    "task_reported": "Task reported",
    "on_watch": "Watch",
    "withdrawal": "Correction",
}


def sentence(entry: Entry, zone: str) -> str:
    """What an entry says, with whom it is about when not the author of the case. `zone` is for times within it."""
    text = _what(entry.what, zone)
    return f"About {entry.head.person}: {text}" if entry.head.person else text


def _what(what: What, zone: str) -> str:
    match what:
        case Harm():
            return f"{what.mechanism}; {'suspected: ' if what.suspected else ''}{what.finding}"
        case ContactAttempt():
            label = f" ({what.label})" if what.label else ""
            return _joined(f"{what.channel}{label}: {what.result.value}", what.text)
        case Sighting():
            return _joined(what.place, f"with {what.company}" if what.company else None, what.state)
        case Observation():
            return _joined(*observed(what), what.text)
        case Treatment():
            return treated(what)
        case Place():
            return _place(what, zone)
        case Document():
            return f"{what.name}, lies at: {what.lies_at}"
        case Decision():
            return f"{what.what}. Because: {what.evidence}. Decided by {what.decided_by}"
        case Note() | Question():
            return what.text
        case _:
            return _work(what)


def _work(what: Task | TaskTaken | TaskReported | OnWatch | Withdrawal) -> str:
    match what:
        case Task():
            return what.what + (f" (for {what.for_whom})" if what.for_whom else "")
        case TaskTaken():
            return _joined(f"takes task {what.task}", what.text)
        case TaskReported():
            return f"task {what.task} {'done' if what.done is Done.DONE else 'not done'}: {what.text}"
        case OnWatch():
            return f"{what.who} {'begins' if what.begins else 'ends'} the watch"
        case Withdrawal():
            return "strikes it out" + (f"; entry {what.stands} says it right" if what.stands else "")


def observed(seen: Observation) -> tuple[str, ...]:
    """Everything an observation says, sign by sign, in the order airway people expect."""
    found = []
    if seen.consciousness:
        found.append(f"{seen.consciousness.spoken} ({seen.consciousness.value})")
    for field in SIGNS:
        text = sign(seen, field)
        if text:
            found.append(f"{SIGN_NAMES[field]} {text}")
    return tuple(found)


SIGNS = ("breathing", "saturation", "pressure", "pulse", "temperature", "pain", "pupils", "skin")
SIGN_NAMES = {
    "breathing": "breathing",
    "saturation": "SpO2",
    "pressure": "blood pressure",
    "pulse": "pulse",
    "temperature": "temperature",
    "pain": "pain",
    "pupils": "pupils",
    "skin": "skin",
}
# Which fields of an observation make up a sign; the first one that is there carries it.
SIGN_FIELDS = {
    "breathing": ("breaths_per_minute", "breathing_quality"),
    "saturation": ("spo2_percent", "oxygen"),
    "pressure": ("systolic_mmhg", "diastolic_mmhg"),
    "pulse": ("pulse_per_minute", "pulse_quality"),
    "temperature": ("temperature_tenths",),
    "pain": ("pain",),
    "pupils": ("pupils",),
    "skin": ("skin",),
}


def sign(seen: Observation, name: str) -> str | None:
    """One sign of an observation with its unit and quality, or None when nothing is said of it."""
    if name in ("pupils", "skin"):
        text = getattr(seen, name)
        return None if text is None else str(text)
    if name == "pressure":
        return _pressure(seen)
    if name == "saturation":
        return _saturation(seen)
    field = SIGN_FIELDS[name][0]
    quality = {"breathing": seen.breathing_quality, "pulse": seen.pulse_quality}.get(name)
    return _joined(number(seen, field), quality) or None


def number(seen: Observation, field: str) -> str | None:
    """A measured value with its unit, and the mark of one that is only as reported."""
    value = seen.value(field)
    if value is None:
        return None
    return RANGE_OF[field].shown(value) + (" (as reported)" if field in seen.as_reported else "")


def _pressure(seen: Observation) -> str | None:
    upper, lower = seen.systolic_mmhg, seen.diastolic_mmhg
    if upper is None and lower is None:
        return None
    marked = {"systolic_mmhg", "diastolic_mmhg"} & set(seen.as_reported)
    both = f"{'?' if upper is None else upper}/{'?' if lower is None else lower} mmHg"
    return both + (" (as reported)" if marked else "")


def _saturation(seen: Observation) -> str | None:
    air = {True: "on oxygen", False: "on air", None: None}[seen.oxygen]
    if seen.oxygen_how:
        air = f"{air} ({seen.oxygen_how})"
    value = number(seen, "spo2_percent")
    if value is None:
        return None if air is None else f"not measured, {air}"
    return f"{value} {air}" if air else value


def treated(what: Treatment) -> str:
    """`adrenaline 1.5 mg, into a muscle, given by Pakkun; effect: pulse rises`."""
    text = _joined(
        substance(what),
        what.route.value if what.route else None,
        f"given by {what.given_by}" if what.given_by else None,
    )
    return f"{text}; effect: {what.effect}" if what.effect else text


def substance(what: Treatment) -> str:
    """`adrenaline 1.5 mg`."""
    return f"{what.what} {what.dose}" if what.dose else what.what


def _place(what: Place, zone: str) -> str:
    standing = {
        Standing.HERE: "now at",
        Standing.ON_THE_WAY: "on the way to",
        Standing.HELP: "place of help:",
    }
    arrival = None
    if what.arrival:
        verb = "arrived" if what.standing is Standing.HERE else "arrives"
        arrival = f"{verb} {shown(what.arrival, zone)}"
    away = f"{spoken_length(what.minutes_away * 60)} away" if what.minutes_away else None
    return _joined(f"{standing[what.standing]} {what.name}", away, arrival, what.text)


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
