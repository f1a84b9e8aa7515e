"""How a life is told: one line for everything that happened in it."""

from collections.abc import Iterable

from lastwords.protocol import events as e
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import DAY, HOUR, MINUTE
from lastwords.protocol.turn import event_name

from .script import YEAR

SERVICE = (e.Look, e.LetterTaken, e.LetterFailed, e.LetterBounced, e.HearOfSilence, e.Restore)
"""What nobody asks for: the service does it by itself."""


def writes_itself(event: e.Event, step: Step) -> bool:
    """Whether this step is told by the write that carries it: the service's own, when something happened."""
    return isinstance(event, SERVICE) and step.row is not None and bool(step.row.happened)


def spoken(event: e.Event) -> str:
    """Who does what."""
    about = getattr(event, "finding", "")
    if isinstance(event, e.CheckIn):
        about = f"({event.strength}, {event.credential})"
    elif isinstance(event, e.LiftHold | e.PlaceHold):
        about = f"({event.cause})"
    who = event.by or "time"
    return f"{who}: {event_name(event).replace('_', ' ')} {about}".rstrip()


def step_spoken(event: e.Event, step: Step) -> str:
    """Who does what, and what followed."""
    happened = step.row.happened if step.row else ()
    followed = ", ".join(f"{what.replace('_', ' ')} {about}".strip() for what, about in happened)
    return f"{spoken(event)} -> {followed}" if followed else spoken(event)


def when(true: int) -> str:
    """A true second as a reader of a story wants it: year, day, hour and minute of the life."""
    year, rest = divmod(true, YEAR)
    day, rest = divmod(rest, DAY)
    hour, rest = divmod(rest, HOUR)
    return f"year {year + 1:2}, day {day + 1:3}, {hour:02}:{rest // MINUTE:02}"


def how_long(seconds: int) -> str:
    """A length as people say it, in its largest unit."""
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    for unit, size in (("years", YEAR), ("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= 2 * size:
            return f"{sign}{seconds // size} {unit}"
    return f"{sign}{seconds} seconds"


def story(lines: Iterable[tuple[int, str]]) -> list[str]:
    return [f"{when(true)}  {text}" for true, text in lines]
