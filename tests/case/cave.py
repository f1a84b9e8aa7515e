"""The cave's case as its keepers write it until the fifteenth hour, and a later one of a night at the bed."""

import dataclasses
from typing import Any

from case.made import DAWN, HOUR, ZONE, observation, row, when

from lastwords.case.entries import (
    Harm,
    Note,
    Place,
    Question,
    Route,
    Source,
    Standing,
    Task,
    TaskTaken,
    Treatment,
    Way,
    Withdrawal,
)
from lastwords.case.handover import Handover, Involved, LogHead
from lastwords.case.moment import Moment
from lastwords.case.sheets import Listed, MedicalSheet, Said, Sex, WishesDocument
from lastwords.case.state import Logged

HOUND = Source(Way.HEARD_FROM, "Hound, at the window")
PATCH = Treatment("patch of A.12", None, None, Route.ON_SKIN, "Bisuke and Pakkun")
ADRENALINE = Treatment("adrenaline", "1.5", "mg", Route.MUSCLE, "Pakkun", "pulse rises")


def rows() -> tuple[Logged, ...]:
    """The entries until the report is made: poisoned at hour 0, found out of consciousness at 1, at the tower at 15."""
    shizune: dict[str, Any] = {"by": "shizune", "source": HOUND}
    return (
        row(1, Harm("poisoned in an ambush", "partial dose of P.19", True), 0, about=True),
        row(2, Place("home", Standing.HELP, 18 * 60), 0.5),
        row(3, Place("Suna", Standing.HELP, 38 * 60, text="more than double the way home"), 0.5),
        row(4, Treatment("A.19", None, None, None, "Iruka"), 0.5, person="Kakashi"),
        row(5, observation({"consciousness": "U"}), 1),
        row(6, PATCH, 1),
        row(7, ADRENALINE, 1),
        row(8, Task("Run for help"), 1),
        row(9, TaskTaken(8), 1, by="bisuke"),
        row(10, Note("He wept, and nobody is to tell Kakashi."), 1, keepers_only=True),
        row(11, dataclasses.replace(ADRENALINE, given_by="Kakashi"), 10, by="kakashi", about=True),
        row(12, Place("Tsunade's desk, the tower", Standing.HERE), 15, by="shizune"),
        row(13, Treatment("patch of P.12", None, None, Route.ON_SKIN), 1, about=True, **shizune),
        row(
            14,
            Withdrawal(stands=6),
            15,
            by="bull",
            corrects=13,
            why="called P.12 in the spoken report; the log of the first hour says A.12",
        ),
        row(
            15,
            observation({"consciousness": "U", "pulse_per_minute": 76, "breaths_per_minute": 5}),
            15,
            by="shizune",
        ),
        row(16, Question("How large was the part of the dose that he got?"), 15, by="shizune"),
    )


PEOPLE = (
    Involved("pakkun", "Pakkun", "keeper"),
    Involved("bisuke", "Bisuke", "keeper"),
    Involved("bull", "Bull", "keeper"),
    Involved("shizune", "Shizune", "alternate, called", "the tower, second floor"),
    Involved("kakashi", "Kakashi", "keeper without a share"),
)

SHEET = MedicalSheet(
    filled_in=when(-24 * 40),
    born="1995-05-26",
    sex=Sex.MALE,
    pregnant=False,
    allergies=Listed(Said.NONE_KNOWN),
    medicines=Listed(Said.LISTED, ("none daily; headache powder when needed",)),
    devices=Listed(Said.NONE_KNOWN),
    wishes=(WishesDocument("treatment wishes", "with Tsunade, sealed folder 3"),),
)


def handover(**changed: Any) -> Handover:
    """The report of the fifteenth hour, or a variant of it."""
    given: dict[str, Any] = {
        "case": 3,
        "author": "Iruka Umino",
        "handle": "iruka",
        "made": when(15),
        "made_by": "Shizune",
        "opened": when(1),
        "host": "https://words.example.org",
        "rows": rows(),
        "people": PEOPLE,
        "sheet": SHEET,
        "log": LogHead(57, "0123456789abcdef" * 4),
    }
    return Handover(**(given | changed))


def night() -> Handover:
    """A night at the bed: whole sets of observations, so that there is a score and a trend to draw."""
    looks = [
        (15, "U", 5, 84, True, 92, 58, 76, 352),
        (16, "U", 8, 91, True, 98, 60, 104, 355),
        (18, "U", 10, 93, True, 104, 64, 112, 361),
        (22, "P", 12, 95, True, 110, 70, 108, 368),
        (27, "V", 16, 96, True, 118, 74, 94, 381),
        (33, "A", 18, 97, False, 122, 76, 82, 374),
    ]
    fields = (
        *("consciousness", "breaths_per_minute", "spo2_percent", "oxygen"),
        *("systolic_mmhg", "diastolic_mmhg", "pulse_per_minute", "temperature_tenths"),
    )
    more = [
        row(
            20 + number,
            observation(dict(zip(fields, look[1:], strict=True)) | {"device": "monitor"}),
            look[0],
            by="hound",
        )
        for number, look in enumerate(looks)
    ]
    more.append(row(30, Treatment("A.19", "40", "ml", Route.VEIN, "Shizune"), 15.5, by="shizune"))
    return handover(rows=(*rows(), *more), made=Moment(DAWN + 33 * HOUR, ZONE), made_by="Hound")
