"""The keeper's ladder: what to try, in order, and what has been tried. Each step ends: go on only if still worried.

The order is that of a float plan's last page. Nobody has to climb it: whoever thinks that the author is in danger
now calls the emergency number first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lastwords.case.entries import ContactAttempt, Entry, Step, Task, TaskReported

FIRST = "If you think that the author is in danger now, call the emergency number first."
GO_ON = "Go on only if you are still worried."


@dataclass(frozen=True)
class Rung:
    """One step: what to do, and how."""

    step: Step
    what: str
    how: str


LADDER: tuple[Rung, ...] = (
    Rung(
        Step.CALL,
        "Call",
        "Try every number and channel you have, at two times of the day. Leave word with your name and case number.",
    ),
    Rung(
        Step.VISIT,
        "Visit",
        "Go there, or ask someone near to go: knock, look for letters, lights and the car. Do not go in alone.",
    ),
    Rung(
        Step.ASK_FAMILY,
        "Ask family",
        "When did family, friends and work last hear from the author? Ask; do not tell them more than you must.",
    ),
    Rung(
        Step.ASK_HOSPITAL,
        "Ask hospital",
        "Ask the hospitals and the police nearby whether someone of that name, or unknown, was brought in.",
    ),
    Rung(
        Step.EMERGENCY_NUMBER,
        "Emergency number",
        "Call it, say who is missing since when, and take the find-me sheet and the trip notes in your hand.",
    ),
)


@dataclass(frozen=True)
class Climbed:
    """A rung with the numbers of the entries that tried it."""

    rung: Rung
    tried: tuple[int, ...]


def climbed(entries: Iterable[tuple[int, Entry]]) -> tuple[Climbed, ...]:
    """The ladder with what was tried: contact attempts of a step, and reported tasks of a step.

    `entries` are standing entries with their numbers.
    """
    standing = list(entries)
    step_of_task = {number: entry.what.step for number, entry in standing if isinstance(entry.what, Task)}

    def step(entry: Entry) -> Step | None:
        if isinstance(entry.what, ContactAttempt):
            return entry.what.step
        return step_of_task.get(entry.what.task) if isinstance(entry.what, TaskReported) else None

    return tuple(
        Climbed(rung, tuple(number for number, entry in standing if step(entry) is rung.step))
        for rung in LADDER
    )
