"""The trend as a picture: one strip for each sign over a common time axis, as SVG for black and white print.

Points bear their values as far as there is room, the newest always; so nothing has to be read off an axis. Every sign
has a strip of its own, so nothing has to be told apart by colour. Treatments are dashed lines with the letters of the
list below. The table beside it says the same; the picture is for the eye that looks for a direction.
"""

from dataclasses import dataclass
from html import escape

from lastwords.case.handover import Drawn, Series, Trend
from lastwords.case.moment import DAY, HOUR, MINUTE, Moment, offset, shown_short

WIDTH = 680  # units of the picture; about a quarter of a millimetre each on A4
LEFT, RIGHT = 118, 24
STRIP, TOP, AXIS = 50, 22, 34

# How much of its unit a strip shows at least, so that a change of one is not drawn as a cliff.
_LEAST_SPAN = {
    "breaths_per_minute": 12,
    "spo2_percent": 10,
    "systolic_mmhg": 60,
    "pulse_per_minute": 40,
    "temperature_tenths": 20,
    "pain": 10,
    "news2": 20,
}
_STEPS = (
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
)
_MOST_TICKS = 8
_LEAST_ROOM = 14.0


@dataclass(frozen=True)
class _Axis:
    """The time axis: from one instant to another, in UTC seconds."""

    start: int
    end: int

    def x(self, at: int) -> float:
        """Where an instant lies."""
        return LEFT + (at - self.start) / (self.end - self.start) * (WIDTH - LEFT - RIGHT)


def picture(trend: Trend) -> str:
    """The plot as an SVG element with title and description, or an empty text when nothing was observed."""
    strips = trend.series
    if not strips:
        return ""
    instants = [point.at for one in strips for point in one.points] + [mark.at for mark in trend.marks]
    start, end = min(instants), max(instants)
    room = max((end - start) // 20, 10 * MINUTE)
    axis = _Axis(start - room, end + room)
    height = TOP + STRIP * len(strips) + AXIS
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="9">',
        f"<title>{escape(_title(trend))}</title>",
        "<desc>The table beside it gives the same values.</desc>",
        *_ticks(axis, trend.zone, height),
        *_marks(trend, axis, height),
    ]
    for number, one in enumerate(strips):
        parts += _strip(one, axis, TOP + number * STRIP)
    return "\n".join([*parts, "</svg>"])


def _title(trend: Trend) -> str:
    names = ", ".join(one.name for one in trend.series)
    return f"Trend of {names}, from {trend.rows[0][0]} to {trend.rows[-1][0]}"


def _strip(series: Series, axis: _Axis, top: int) -> list[str]:
    base = top + STRIP
    name = escape(series.name[0].upper() + series.name[1:])
    parts = [
        f'<line x1="{LEFT}" y1="{base}" x2="{WIDTH - RIGHT}" y2="{base}" stroke="#888" stroke-width="0.6"/>',
        f'<text x="4" y="{top + STRIP / 2 + 3}" font-size="10">{name}</text>',
    ]
    if series.field == "consciousness":
        kept = _with_room(series.points, axis)
        return parts + [_text(axis.x(one.at), top + STRIP / 2 + 5, one.shown, 13) for one in kept]
    low, high = _span(series)

    def y(value: int) -> float:
        return base - 7 - (value - low) / (high - low) * (STRIP - 25)

    line = " ".join(f"{axis.x(one.at):.1f},{y(one.high):.1f}" for one in series.points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#000" stroke-width="1"/>')
    for one in series.points:
        parts += _point(axis.x(one.at), y(one.low), y(one.high))
    for one in _with_room(series.points, axis):
        parts.append(_text(axis.x(one.at), y(one.high) - 6, _label(one.shown), 9))
    return parts


def _with_room(points: tuple[Drawn, ...], axis: _Axis) -> list[Drawn]:
    """The points whose labels do not touch; the newest always is one of them."""
    kept: list[Drawn] = []
    for one in reversed(points):
        if not kept:
            kept.append(one)
            continue
        room = 0.62 * 9 * (len(_label(kept[-1].shown)) + len(_label(one.shown))) / 2 + 6
        if axis.x(kept[-1].at) - axis.x(one.at) >= max(room, _LEAST_ROOM):
            kept.append(one)
    return kept


def _label(shown: str) -> str:
    """The value without its unit: the strip's name says what it is."""
    return shown.split(" ")[0].removesuffix("/min")


def _point(x: float, low: float, high: float) -> list[str]:
    dot = f'<circle cx="{x:.1f}" cy="{high:.1f}" r="2.6" fill="#000"/>'
    if low == high:
        return [dot]
    return [
        dot,
        f'<line x1="{x:.1f}" y1="{high:.1f}" x2="{x:.1f}" y2="{low:.1f}" stroke="#000" stroke-width="1"/>',
        f'<line x1="{x - 3:.1f}" y1="{low:.1f}" x2="{x + 3:.1f}" y2="{low:.1f}" stroke="#000" stroke-width="1"/>',
    ]


def _span(series: Series) -> tuple[int, int]:
    low, high = min(one.low for one in series.points), max(one.high for one in series.points)
    lacking = max(_LEAST_SPAN[series.field] - (high - low), 0)
    return low - lacking // 2, high + lacking - lacking // 2


def _ticks(axis: _Axis, zone: str, height: int) -> list[str]:
    """Full hours or days of the report's zone, at most eight of them."""
    length = axis.end - axis.start
    step = next((one for one in _STEPS if length / one <= _MOST_TICKS), _STEPS[-1])
    away = _seconds(offset(axis.start, zone))
    first = -((-axis.start - away) // step) * step - away
    parts = []
    for at in range(first, axis.end, step):
        day, month, clock = shown_short(Moment(at, zone), zone).split(" ")
        x = axis.x(at)
        parts += [
            f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{height - AXIS}" stroke="#ccc" stroke-width="0.5"/>',
            _text(x, height - AXIS + 13, clock, 9),
            _text(x, height - AXIS + 25, f"{day} {month}", 9),
        ]
    return parts


def _marks(trend: Trend, axis: _Axis, height: int) -> list[str]:
    parts = []
    letters: list[tuple[float, str]] = []
    for mark in sorted(trend.marks, key=lambda one: one.at):
        x = axis.x(mark.at)
        if letters and x - letters[-1][0] < 9:
            letters[-1] = (letters[-1][0], f"{letters[-1][1]}, {mark.letter}")
        else:
            letters.append((x, mark.letter))
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{height - AXIS}" stroke="#000" '
            'stroke-width="0.7" stroke-dasharray="3 3"/>'
        )
    return parts + [_text(x, TOP - 8, letter, 10) for x, letter in letters]


def _text(x: float, y: float, text: str, size: int) -> str:
    """A centred text on a white plate, so that no line runs through a number."""
    width = 0.62 * size * len(text)
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - 0.8 * size:.1f}" width="{width:.1f}" height="{size}" fill="#fff"/>'
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle">{escape(text)}</text>'
    )


def _seconds(away: str) -> int:
    hours, minutes = away.removeprefix("UTC").split(":")
    return (abs(int(hours)) * HOUR + int(minutes) * MINUTE) * (-1 if hours.startswith("-") else 1)
