"""The terms that an author is offered, and records in which nothing has happened yet."""

from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any

from lastwords.protocol import effects, events, health, new_keys, rehearsal, retention, watch
from lastwords.protocol.moments import DAY, HOUR, MINUTE, Moment
from lastwords.protocol.quiet import FREED_BY
from lastwords.protocol.watch import Plan

NUMBERS = {"version": 1, "quorum": 3, "channels": 1, "timer_only": False, "weak_in_row": 3}
DAYS = {
    "check_in_every": 30, "remind_before": 3, "remind_again": 3, "late": 7, "vigil": 4, "last_call": 2,
    "ask_again": 30, "closing": 14, "seasoning": 30, "spoken_hold": 14, "longest_hold": 30, "unreached": 14,
    "untold": 14, "alarm_rest": 30, "succession": 30, "home_signing": 90, "practice": 14, "longest_trip": 400,
}  # fmt: skip
HOURS = {"survivorship": 120, "call_next": 6, "glass": 6}


def test_the_terms_that_an_author_is_offered_are_these() -> None:
    assert (MINUTE, HOUR, DAY) == (60, 3_600, 86_400)
    lengths = {name: days * 86_400 for name, days in DAYS.items()}
    lengths |= {name: hours * 3_600 for name, hours in HOURS.items()}
    offered = {field.name: getattr(Plan(), field.name) for field in fields(Plan)}
    assert offered == NUMBERS | lengths


def test_what_no_plan_chooses_is_this() -> None:
    days = (
        new_keys.WAIT,
        new_keys.UNVOUCHED,
        new_keys.UNTOLD,
        retention.KEPT_FOR,
        health.QUARTER,
        rehearsal.HORIZON,
    )
    assert [length / 86_400 for length in days] == [14, 7, 30, 90, 91, 3 * 365]
    assert FREED_BY == 2


def defaults() -> dict[tuple[str, str], Any]:
    """What each field of each record begins with, where that is neither a word nor left to whoever makes it."""
    kinds = {kind for room in (watch, events, effects) for kind in vars(room).values() if is_dataclass(kind)}
    return {
        (kind.__name__, field.name): field.default
        for kind in kinds - {Plan}
        for field in fields(kind)
        if field.default is not MISSING and not isinstance(field.default, StrEnum)
    }


def test_in_a_new_record_nothing_has_happened_and_nothing_is_counted() -> None:
    found = defaults()
    assert len(found) > 60
    nothing = (Moment(0, 0), (0, ""))
    counted = {where: begins for where, begins in found.items() if begins and begins not in nothing}
    assert counted == {("Watch", "epoch"): 1, ("Closing", "asked"): True, ("LetterTaken", "channels"): 1}
