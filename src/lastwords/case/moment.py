"""Moments: an instant, the zone whose clock the writer had before them, and whether it is only *about* then.

`at` counts UTC seconds since 1970. Nothing is computed from civil time here, so no hour is missing or counted twice;
the zone only decides how the moment is shown.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lastwords.case.refusals import unwritable

EARLIEST = 946_684_800  # 2000-01-01 UTC; whatever is earlier is a slip
LATEST = 7_258_118_400  # 2200-01-01 UTC
MINUTE, HOUR, DAY = 60, 3600, 86400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Moment:
    """An instant in UTC seconds, an IANA zone name, and whether the writer only knows it roughly."""

    at: int
    zone: str
    about: bool = False

    def __post_init__(self) -> None:
        if not EARLIEST <= self.at < LATEST:
            raise unwritable("This time lies before the year 2000 or after 2200", "Type the date again")
        _zone(self.zone)


def shown(moment: Moment, zone: str | None = None) -> str:
    """`about Wed 4 Mar 2026, 07:00`, in the given zone or its own."""
    local = _local(moment.at, zone or moment.zone)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{'about ' if moment.about else ''}{day}, {local:%H:%M}"


def shown_short(moment: Moment, zone: str) -> str:
    """`4 Mar 07:00`, with a tilde before it when it is only about then; for tables that name the zone once."""
    local = _local(moment.at, zone)
    return f"{'~' if moment.about else ''}{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def shown_day(at: int, zone: str) -> str:
    """`4 Mar 2026`."""
    local = _local(at, zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def offset(at: int, zone: str) -> str:
    """How far that zone's clock is from UTC at that instant: `UTC+09:00`."""
    away = _local(at, zone).utcoffset() or timedelta(0)
    minutes = int(away.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def iso(at: int, zone: str) -> str:
    """The instant as ISO 8601 with the zone's offset, to the second."""
    return _local(at, zone).isoformat(timespec="seconds")


def spoken_length(seconds: int) -> str:
    """A length as people say it: `40 min`, `2 h 10 min`, `15 h`, `3 days`. What is left over is cut, never added."""
    seconds = max(seconds, 0)
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < 2 * DAY:
        hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    days, hours = seconds // DAY, seconds % DAY // HOUR
    return f"{days} days" + (f" {hours} h" if hours else "")


def ago(moment: Moment, now: int) -> str:
    """How long ago, seen from `now`: `about 15 h ago`, `2 h 10 min ago`, `just now`; `in 2 h` when it is still to come.

    What is only about then is given in whole hours, to the nearest one, once it is an hour old.
    """
    passed = now - moment.at
    if passed < 0:
        return f"{'about ' if moment.about else ''}in {spoken_length(-passed)}"
    if passed < MINUTE:
        return "just now"
    if not moment.about:
        return f"{spoken_length(passed)} ago"
    if HOUR <= passed < 2 * DAY:
        passed = (passed + HOUR // 2) // HOUR * HOUR
    return f"about {spoken_length(passed)} ago"


def age_in_years(born: str, at: int, zone: str) -> int:
    """Full years between an ISO date of birth and an instant, by the calendar of that zone."""
    year, month, day = (int(part) for part in born.split("-"))
    local = _local(at, zone)
    return local.year - year - ((local.month, local.day) < (month, day))


def _local(at: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(seconds=at)).astimezone(_zone(zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise unwritable(
            f"There is no time zone called '{name[:60]}'", "Name one as Europe/Lisbon is named"
        ) from error
