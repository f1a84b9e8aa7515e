"""How a command answers: calm text for a person, or with `--json` one object whose shape is documented; figures alone
are a list.

`tell(data, *lines)` is the only way out. `--json` is remembered in the click context, so that no command passes it on.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from lastwords.cli.errors import JSON, Stopped

F = TypeVar("F", bound=Callable[..., Any])


def answers(command: F) -> F:
    """Gives a command the option `--json`."""

    def remember(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            ctx.meta[JSON] = True

    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=remember,
        help="Answer with one JSON object.",
    )(command)


def wants_json() -> bool:
    return bool(click.get_current_context().meta.get(JSON))


def tell(data: dict[str, Any] | list[Any], *lines: str) -> None:
    """Answers with `data` under `--json`, else with the lines."""
    if wants_json():
        click.echo(json.dumps(data, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(line)


def aside(line: str) -> None:
    """A remark that belongs to no answer: a warning, what is being done. Goes to stderr."""
    if not wants_json():
        click.echo(line, err=True)


def day(second: int | None, zone: str = "UTC") -> str:
    """A UTC second as people say it: `Sunday 14 June 2026, 20:00 (Lisbon)`."""
    if not second:
        return "no date yet"
    at = datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone))
    place = zone.rpartition("/")[2].replace("_", " ")
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M} ({place})"


def date(second: int, zone: str = "UTC") -> str:
    """A UTC second as its day: `14 June 2026`."""
    at = datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone))
    return f"{at.day} {at:%B %Y}"


def length(seconds: int) -> str:
    """A length of time as people say it, exact: `30 days`, `1 day 6 hours`."""
    parts, rest = [], seconds
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts) or "no time"


def spoken(word: str) -> str:
    """A word of the protocol for people: `cannot_act` is "cannot act"."""
    return word.replace("_", " ")


CAUSES = {
    "switch": "{by} placed a hold",
    "weak_sign": "a sign of life came that a machine could have given",
    "spoken_with": "{by} has spoken with the author",
    "clock": "the host's clock is in doubt",
    "restore": "the service was restored from a backup",
}


def holds(
    standing: Sequence[Mapping[str, Any]], zone: str, names: Mapping[str, str] | None = None, you: str = ""
) -> list[str]:
    """A line for each hold: why all clocks stand, who placed it, who can end it, and when it ends by itself."""
    return [fit_for_terminal(_hold(one, zone, names or {}, you)) for one in standing]


def _hold(one: Mapping[str, Any], zone: str, names: Mapping[str, str], you: str) -> str:
    def named(handle: str) -> str:
        return "you" if handle == you else names.get(handle, handle)

    by = named(one["placed_by"])
    why = CAUSES.get(one["cause"], spoken(one["cause"])).format(by=by).replace("you has", "you have")
    ways = [named(one["lifted_by"])] if one["lifted_by"] else []
    ways = [f"you, with `--lift {one['cause']}`" if way == "you" else way for way in ways]
    ways += ["a quorum of keepers"] if one["by_quorum"] else []
    ways += ["a strong sign of the author"] if one["by_strong_sign"] else []
    said = f"All clocks stand: {why}. It can be ended by {', or by '.join(ways)}."
    wait = one["wait"]
    if not wait:
        return said + " It does not end by itself."
    return said + f" It ends by itself on {day(wait['since'] + wait['length'], zone)} at the earliest."


def rows(table: Sequence[tuple[str, ...]], *heads: str) -> list[str]:
    """Lines of a plain table with aligned columns."""
    lines = [heads, *table] if heads else table
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))] if lines else []
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def fit_for_terminal(text: str) -> str:
    """Text from other people without control characters, so that no entry or name can drive a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, silence elsewhere. Yields a function that takes the bytes of each step."""
    if wants_json() or not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.update(task, advance=count)


def seconds(text: str) -> int:
    """A length typed by a person: `30d`, `6h`, `90m`, `45s`, or plain seconds."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    if not number.isascii() or not number.isdigit():
        raise Stopped(
            f"“{text}” is not a length of time; nothing was changed.",
            "Type it as 30d, 6h, 90m or 45s.",
            "length",
        )
    return int(number) * unit


def moment(text: str, zone: str) -> int:
    """A date and time typed by a person, in a zone, as a UTC second; a UTC second is taken as it is.

    A time that the zone skips is refused. Of a time that comes twice the later is meant: asking too late is kinder
    than an alarm an hour too early."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        civil = datetime.fromisoformat(text)
        there = ZoneInfo(zone)
    except (ValueError, KeyError, OSError) as error:
        raise Stopped(
            f"“{text}” in the zone “{zone}” is not a time; nothing was changed.",
            "Type it as 2026-12-24 18:00, and the zone as Europe/Lisbon.",
            "time",
        ) from error
    if civil.tzinfo is not None:
        return int(civil.timestamp())
    found = int(civil.replace(tzinfo=there, fold=1).timestamp())
    if datetime.fromtimestamp(found, UTC).astimezone(there).replace(tzinfo=None) != civil:
        raise Stopped(
            f"There is no {text} in {zone}: the clocks go forward over it. Nothing was changed.",
            "Choose a time before or after the change.",
            "time",
        )
    return found
