"""Moments and lengths as people say them: the same words on every page, in every letter and on the command line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lastwords.server import letters
from lastwords.server.letters.dates import NIGHT


def local(second: int, zone: str) -> datetime:
    """A UTC second in a person's zone."""
    return datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone))


def place(zone: str) -> str:
    """The place a zone is named by: `Europe/Lisbon` is "Lisbon"."""
    return zone.rpartition("/")[2].replace("_", " ")


def day(second: int | None, zone: str) -> str:
    """`Sunday 14 June 2026, 20:00 (Lisbon)`."""
    if not second:
        return "no date yet"
    at = local(second, zone)
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M} ({place(zone)})"


def clock_of(second: int | None, zone: str) -> str:
    """`20:00 (Lisbon)`."""
    return f"{local(second, zone):%H:%M} ({place(zone)})" if second else "no time yet"


def date_of(second: int | None, zone: str) -> str:
    """`Sunday 14 June`, for dates close by."""
    if not second:
        return "no date yet"
    at = local(second, zone)
    return f"{at:%A} {at.day} {at:%B}"


def last_day(second: int | None, zone: str) -> str:
    """`Thursday 28 October`: the day by whose evening something is to be done that is due at this moment. It is the day
    that letters name in their subject."""
    return letters.day(second, zone) if second else "no date yet"


def until(second: int | None, zone: str) -> str:
    """`20:00 (Lisbon) that day`, or `00:00 (Lisbon) in the night to Friday 29 October`, after a day named as above."""
    if second and local(second, zone).hour < NIGHT:
        return f"{clock_of(second, zone)} in the night to {date_of(second, zone)}"
    return f"{clock_of(second, zone)} that day"


def short(second: int, zone: str) -> str:
    """`14 June 2026`."""
    at = local(second, zone)
    return f"{at.day} {at:%B %Y}"


def length_of(seconds: int) -> str:
    """A length in its one or two greatest units: `30 days`, `1 day 6 hours`, `12 minutes`."""
    parts, rest = [], seconds
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts[:2]) or "no time"
