"""Care: what was seen, given and done, hour by hour, and the report that is ready when they arrive."""

from lastwords.story.cast import BISUKE, BULL, KAKASHI, PAKKUN, SHIZUNE
from lastwords.story.stage import HOUR, Stage
from lastwords.story.texts import (
    AMBUSH,
    AT_THE_WINDOW,
    HOW_MUCH,
    LABOURED,
    PULSE_ANSWERS,
    SEDATIVE,
    SUSPECTED,
    THE_DESK,
    THREADY,
    WHY_CORRECTED,
)

from . import act, part_of, writes
from .ahead import HOME_AWAY, SUNA_AWAY

PATCH = {"what": "patch of A.12", "route": "on the skin"}
ADRENALINE = {"what": "adrenaline", "amount": "1.5", "unit": "mg", "route": "into a muscle"}
ARRIVAL = 15
ENDS = {"text": "txt", "fhir": "json", "pdf": "pdf"}


@act()
def notes_stay_sealed(stage: Stage) -> None:
    """Before there is a case, nobody reads the notes of the trip."""
    refused = stage.is_refused(PAKKUN, "case", "iruka", "trip-notes")
    stage.tell(
        PAKKUN, "looks for the notes of the trip, before there is a case.", f"Refused: {refused['happened']}"
    )


@act("S6")
def first_care(stage: Stage) -> None:
    """The first hour: where help is, what happened, what was given to whom."""
    notes = stage.does(PAKKUN, "case", "iruka", "trip-notes")["what"]
    away = {place["name"]: place["minutes_away"] // 60 for place in notes["places_of_help"]}
    stage.tell(
        PAKKUN,
        "reads the notes of the trip, open now: route, gear, whom to call, and where help is.",
        " ".join(f"{name}: {hours} hours away." for name, hours in away.items()),
    )
    harm = {"mechanism": AMBUSH, "finding": SUSPECTED, "suspected": True}
    writes(stage, PAKKUN, "harm", "ambush", harm, 0, "--roughly")
    for name, minutes in (("home", HOME_AWAY), ("Suna", SUNA_AWAY)):
        help_is = {"name": name, "standing": "place of help", "minutes_away": minutes}
        writes(stage, PAKKUN, "place", f"help-{name}", help_is, 1)
    of_kakashi = ("--person", "Kakashi", "--roughly")
    writes(stage, PAKKUN, "treatment", "sedative", {"what": SEDATIVE, "given_by": "Iruka"}, 0.25, *of_kakashi)
    dose = {"what": "A.19", "amount": "1", "unit": "dose", "route": "into a vein", "given_by": "Iruka"}
    writes(stage, PAKKUN, "treatment", "the-one-dose", dose, 0.25, *of_kakashi)
    writes(stage, PAKKUN, "observation", "found", {"consciousness": "U"}, 1)
    writes(stage, BISUKE, "treatment", "patch", {**PATCH, "given_by": "Bisuke and Pakkun"}, 1)
    given = {**ADRENALINE, "given_by": "Pakkun", "effect": PULSE_ANSWERS}
    writes(stage, BISUKE, "treatment", "adrenaline", given, 1)
    stage.tell(
        BISUKE,
        "and Pakkun put on a patch of A.12 and give adrenaline, 1.5 mg.",
        "It stands in the case with dose, route and time; so does the one dose of A.19, given to Kakashi.",
    )


@part_of("first_care")
def second_look(stage: Stage) -> None:
    """Kakashi is awake and looks at him."""
    look = {"consciousness": "U", "pulse_quality": THREADY, "breathing_quality": LABOURED}
    writes(stage, KAKASHI, "observation", "second-look", look, 2)


@part_of("first_care")
def on_the_way(stage: Stage) -> None:
    """He carries Iruka home."""
    arrival = {"at": stage.poisoned + ARRIVAL * HOUR, "zone": "Asia/Tokyo", "about": True}
    way = {"name": "home", "standing": "on the way", "minutes_away": 13 * 60, "arrival": arrival}
    writes(stage, KAKASHI, "place", "on-the-way", way, 2)
    stage.tell(KAKASHI, "carries Iruka home himself: thirteen hours, he writes.")


@part_of("first_care")
def second_dose(stage: Stage) -> None:
    """On the way, at about the tenth hour."""
    given = {**ADRENALINE, "given_by": "Kakashi"}
    writes(stage, KAKASHI, "treatment", "second-dose", given, 10, "--roughly")
    stage.tell(KAKASHI, "gives adrenaline once more on the way, 1.5 mg.")


@act("S6")
def the_report(stage: Stage) -> None:
    """What is said at the window, the slip in it and its correction, and the report of the fifteenth hour."""
    called = stage.does(BULL, "case", "iruka", "show")["case"]["called"]
    reads = ("seal-again",) if SHIZUNE.handle in called else ("call", SHIZUNE.handle)
    stage.does(BULL, "case", "iruka", *reads)
    arrived = {"at": stage.poisoned + ARRIVAL * HOUR, "zone": "Asia/Tokyo", "about": False}
    here = {"name": THE_DESK, "standing": "here", "arrival": arrived}
    writes(stage, SHIZUNE, "place", "the-desk", here, ARRIVAL)
    # What is only ever typed behind an option is jotted down too, as people do; so it has a home to be found in.
    stage.paper(SHIZUNE, "who-said-it.txt", AT_THE_WINDOW)
    told = ("--heard-from", AT_THE_WINDOW, "--roughly")
    slip = writes(stage, SHIZUNE, "treatment", "told-patch", {**PATCH, "what": "patch of P.12"}, 1, *told)
    seen = {"consciousness": "U", "pulse_per_minute": 76, "breaths_per_minute": 5}
    writes(stage, SHIZUNE, "observation", "at-the-desk", seen, ARRIVAL)
    writes(stage, SHIZUNE, "question", "how-much", {"text": HOW_MUCH}, ARRIVAL)
    if patch := _entry_of(stage, "patch of A.12"):
        stage.paper(BULL, "what-was-wrong.txt", WHY_CORRECTED)
        right = ("--corrects", str(slip), "--why", WHY_CORRECTED)
        writes(stage, BULL, "withdrawal", "slip", {"stands": patch}, ARRIVAL, *right)
    for form in ("text", "fhir"):
        stage.does(SHIZUNE, "case", "iruka", "report", *_made(stage, form))
    stage.tell(
        SHIZUNE,
        "writes down the spoken report; Bull corrects it: it was A.12, not P.12. Nothing is crossed out for good.",
        "The handover report is on the desk at the fifteenth hour: as text, and as JSON for a clinic"
        + (", and on paper." if _on_paper(stage) else ". This machine cannot draw it on paper."),
    )


def _made(stage: Stage, form: str) -> tuple[str, ...]:
    out = stage.someone(SHIZUNE).desk / f"handover.{ENDS[form]}"
    return (f"--{form}", "--out", str(out), "--at", str(stage.poisoned + ARRIVAL * HOUR))


def _on_paper(stage: Stage) -> bool:
    """The report as PDF, where this machine has what draws it; text and JSON need nothing."""
    return stage.may(SHIZUNE, "case", "iruka", "report", *_made(stage, "pdf"), unless="no_pdf")


def _entry_of(stage: Stage, what: str) -> int:
    """The number of the entry that wrote down this treatment; 0 without one."""
    entries = stage.does(BULL, "case", "iruka", "show")["entries"]
    numbers = [
        entry["number"]
        for entry in entries
        if entry["record"] and entry["record"]["what"].get("what") == what
    ]
    return numbers[0] if numbers else 0
