"""Before the journey: what Iruka leaves for a case, new ways to reach him and for him to answer, and the way out."""

import json
import shutil
from functools import partial

from lastwords.story.cast import BISUKE, IRUKA, KAKASHI, PAKKUN, SCHOOL
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import DAY, HOUR, Stage
from lastwords.story.texts import (
    COUNTED_FROM,
    EMERGENCY_NOTES,
    GEAR,
    HOW_TO_REACH,
    MEDICINES,
    PARTY,
    ROUTE,
    TREATMENT_WISHES,
    WHAT_TO_SAY,
    WHOM_TO_CALL,
    WISHES_LIE,
)

from . import act, prove_address

CARD = "card-of-iruka.age"
"""Pakkun's own copy of the emergency notes, as it lies on his desk."""
HOME_AWAY, SUNA_AWAY = 18 * 60, 38 * 60
"""Minutes from the ford to the two places of help."""
MEDICAL = f"""\
born = "1995-05-26"
sex = "male"
pregnant = false
allergies = "none known"
medicines = ["{MEDICINES}"]
devices = "none known"
[[wishes]]
what = "{TREATMENT_WISHES}"
lies_at = "{WISHES_LIE}"
"""


@act()
def for_a_case(stage: Stage) -> None:
    """A medical sheet, and emergency notes for every keeper; Pakkun is given a copy that opens without the host."""
    sheet = stage.paper(IRUKA, "medical.toml", MEDICAL)
    stage.does(IRUKA, "medical", "write", sheet)
    notes = stage.paper(IRUKA, "emergency-notes.txt", EMERGENCY_NOTES)
    printed = stage.someone(IRUKA).desk / CARD
    said = stage.does(IRUKA, "notes", "write", "--text", notes, "--card-for", PAKKUN.handle, str(printed))
    shutil.move(printed, stage.someone(PAKKUN).desk / CARD)
    stage.tell(
        IRUKA,
        "seals a medical sheet and emergency notes, and gives Pakkun a copy of the notes by hand.",
        f"The notes are sealed for {', '.join(said['keepers'])}. No words are in them.",
    )


@act("S9")
def new_ways_in(stage: Stage) -> None:
    """A new list of paper codes and a new address: what could be a stranger's doing is told to everyone."""
    stage.does(IRUKA, "codes", "new", "--out", str(stage.someone(IRUKA).desk / "codes-2.txt"))
    prove_address(stage, IRUKA, SCHOOL)
    stage.letter(IRUKA, "Something about your watch", SCHOOL, saying="A channel was changed")
    stage.letter(BISUKE, "Something about the watch of Iruka", saying="A new credential was added")
    arrived = stage.letter(BISUKE, "Something about the watch of Iruka", saying="A channel was changed")
    stage.tell(
        IRUKA,
        "prints a new list of paper codes, and adds the address of his school.",
        f"He and every keeper have two letters: “{arrived.subject}”",
    )


@act()
def they_set_out(stage: Stage) -> None:
    """Two in the party, on an errand to Suna; home is eighteen hours away when it goes wrong."""
    back = stage.now() + 5 * DAY
    notes = stage.paper(IRUKA, "trip-notes.toml", _trip_notes(stage.poisoned, back + DAY))
    on_the_way = ("trip", "--back", str(back), "--extra", "24h")
    stage.together(
        partial(stage.does, IRUKA, *on_the_way, "--notes", notes), partial(stage.does, KAKASHI, *on_the_way)
    )
    stage.tell(
        IRUKA,
        "and Kakashi set out for Suna, back in five days.",
        "Route, gear, places of help and whom to call are sealed until a case opens. "
        "Overdue would mean an alarm, not a release.",
    )
    ahead = stage.poisoned - stage.now()
    if ahead < HOUR:
        raise StoryStopped("They set out later than the story has it.")
    stage.time_passes(hours=ahead / HOUR)


def _trip_notes(at_the_ford: int, call_from: int) -> str:
    """The form of the trip's notes, filled in. Moments are UTC seconds, as the form takes them."""
    lines = [f"party = {json.dumps(PARTY)}", f"gear = {json.dumps(GEAR)}"]
    for place, at in zip(ROUTE, (at_the_ford, at_the_ford + DAY), strict=True):
        lines += ["[[route]]", f'place = "{place}"', f'at = "{at}"']
    for name, away in (("home", HOME_AWAY), ("Suna", SUNA_AWAY)):
        lines += ["[[places_of_help]]", f'name = "{name}"', f"minutes_away = {away}"]
        lines += [f'counted_from = "{COUNTED_FROM}"']
    lines += ["[[to_call]]", f'from_when = "{call_from}"', f'say = "{WHAT_TO_SAY}"']
    lines += [f'whom = {{ name = "{WHOM_TO_CALL}", reach = "{HOW_TO_REACH}" }}']
    return "\n".join(lines) + "\n"
