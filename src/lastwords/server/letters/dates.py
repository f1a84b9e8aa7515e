"""Moments as people say them, in letters and on pages: never as a number, and with the place whose time it is."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NIGHT = 4
"""Hours of a day that belong to the night before it."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@lru_cache(256)
def moment(seconds: int, zone: str) -> str:
    """A moment as people say it: weekday, date, time, and the place whose time it is."""
    there = _there(seconds, zone)
    return f"{_day(there)} {there.year}, {there.hour:02}:{there.minute:02} ({_clock_of(zone)[1]})"


@lru_cache(256)
def day(seconds: int, zone: str) -> str:
    """The day of a moment, for subject lines: of the first hours of a day the day before. Whoever reads "by Friday"
    means to do it in the course of Friday, and what is due at midnight would be a day late."""
    there = _there(seconds, zone)
    return _day(there - timedelta(hours=NIGHT) if there.hour < NIGHT else there)


def _day(there: datetime) -> str:
    return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]}"


def _there(seconds: int, zone: str) -> datetime:
    clock, _ = _clock_of(zone)
    try:
        return datetime.fromtimestamp(seconds, clock)
    except (ValueError, OSError):
        return datetime.fromtimestamp(seconds, UTC)


@lru_cache(256)
def _clock_of(zone: str) -> tuple[tzinfo, str]:
    """The clocks of a zone, and the place that it is called by. Those of Greenwich for one that nobody knows."""
    try:
        return ZoneInfo(zone), zone.rpartition("/")[2].replace("_", " ")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC, "UTC"
