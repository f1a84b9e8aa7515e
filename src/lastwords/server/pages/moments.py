"""Moments and lengths as people say them: the same words on every page, in every letter and on the command line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


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
