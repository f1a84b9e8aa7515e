"""The drawings of docs/scale.md, from what is kept in bench/results.

    .venv/bin/python bench/plots.py

Writes docs/pictures/scale-*.svg; the same results always give the same bytes.
"""

import json
import math
from collections.abc import Mapping, Sequence

import table

PLACE = table.ROOT / "docs" / "pictures"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 340, 70, 50, 44, 230
COLOURS = ("#1b6ca8", "#b3541e", "#4f7942", "#7a3e9d")
Points = Sequence[tuple[float, float]]


def plot(title: str, across: str, lines: Mapping[str, Points], up: str) -> str:
    """An SVG of these lines, both axes by powers of ten."""
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points]
    low_x, high_x = _tens(xs)
    low_y, high_y = _tens(ys)

    def at(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - low_x) / (high_x - low_x)
        high = (math.log10(y) - low_y) / (high_y - low_y)
        return LEFT + along * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - high * (HEIGHT - BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        'font-size="13">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="16" y="24" font-size="15" fill="#222">{title}</text>',
    ]
    for power in range(low_x, high_x + 1):
        x, _ = at(10**power, 10**low_y)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 30}" text-anchor="middle" fill="#444">{10**power:,}</text>'
        )
    for power in range(low_y, high_y + 1):
        _, y = at(10**low_x, 10**power)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{10**power:g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle" fill="#444">{across}</text>')
    parts.append(f'<text x="{LEFT + 6}" y="{TOP + 14}" fill="#444" font-size="12">{up}</text>')
    for place, (name, points) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        marks = [at(x, y) for x, y in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in marks)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in marks]
        row = TOP + 16 + 22 * place
        parts.append(f'<path d="M{WIDTH - RIGHT + 14} {row}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 40}" y="{row + 4}" fill="#222">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _tens(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around these values, at least one apart."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def main() -> None:
    rows = json.loads((table.RESULTS / "grow.json").read_text(encoding="utf-8"))["rows"]
    times, sizes = {}, {}
    for row in rows:
        name, _, unit = row["name"].partition(":")[0].partition(" (")
        points = [(authors, value) for authors, value in row["settings"]["points"]]
        if name.startswith("kB"):
            sizes[name] = points
        elif unit == "ms of the processor)":  # those of the clock say more about the machine that day
            times[name] = points
    for file, title, lines, up in (
        (
            "scale-cost",
            "What one thing costs, by the number of authors",
            times,
            "milliseconds of the processor",
        ),
        ("scale-bytes", "Room on the disk for each author", sizes, "kB"),
    ):
        if not lines:
            continue
        short = {
            name.replace(" on the disk for each author", " for each author"): points
            for name, points in lines.items()
        }
        (PLACE / f"{file}.svg").write_text(plot(title, "authors", short, up), encoding="utf-8")


if __name__ == "__main__":
    main()
