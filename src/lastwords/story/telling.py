"""What people see of a play: the timeline as it goes on, then the tables. Plain where there is no terminal."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .cast import name_of
from .checker import PLAYED, SYSTEMS, Verdict
from .stage import Moment

WIDTH = 100
TITLES = {
    "home": "The ending home: he wakes in time.",
    "gone": "The ending gone: the antidote came too late.",
}
KINDS_IN_A_ROW = 3
MOST_ROWS = 6
ROW = re.compile(r"row (\d+) of (\w+)'s log")
PLURALS = {"letter": "letters", "refusal": "refusals", "answer": "answers"}


class Teller:
    """Tells a play to someone. On a terminal as wide as it is, up to 100 columns; elsewhere exactly 100."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self.console = Console(file=out or sys.stdout, highlight=False)
        terminal = self.console.is_terminal
        self.console.width = min(self.console.width, WIDTH) if terminal else WIDTH

    def say(self, what: RenderableType = "") -> None:
        """Prints without the blanks that rich leaves at the ends of lines."""
        with self.console.capture() as captured:
            self.console.print(what)
        self.console.file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
        self.console.file.flush()

    # The timeline.

    def title(self, text: str) -> None:
        self.say(f"\n[bold]{text}[/]\n")

    def moment(self, moment: Moment) -> None:
        """One line of the timeline: when, who, what they did; below it what they saw."""
        line = Table.grid(padding=(0, 2))
        line.add_column(width=14, justify="right", style="cyan")
        line.add_column(width=self.console.width - 18)
        said = Text.assemble((moment.who, "bold"), " ", moment.did)
        if moment.saw:
            said.append(f"\n{moment.saw}", style="dim")
        line.add_row(when(moment.hours), said)
        self.say(line)

    # The tables.

    def verdicts(self, verdicts: Mapping[str, Verdict]) -> None:
        """Everything the checker found, for one ending or both."""
        self.title("What was played, found by a checker that reads only logs, letters, answers and homes")
        self.say(_systems(verdicts))
        for ending, verdict in verdicts.items():
            self.title(TITLES[ending])
            for heading, lines in _facts(verdict):
                self.say(Text(heading, style="bold"))
                for line in lines:
                    self.say(Padding(Text(line), (0, 0, 0, 2)))

    def close(self, verdicts: Mapping[str, Verdict], seconds: float) -> None:
        """The last line."""
        well = all(verdict.holds for verdict in verdicts.values())
        self.say()
        said = (
            "Everything this story asks for was played, and nothing is wrong."
            if well
            else "This play does not hold."
        )
        self.say(Text(f"{said} ({seconds:.0f} s)", style="bold green" if well else "bold red"))


def when(hours: float) -> str:
    """A moment as the story counts it: days before the poison, hours after it, then days."""
    if hours < 0:
        days = round(-hours / 24)
        return f"{days} days before" if days > 1 else "the day before"
    return f"{hours:.0f} h" if hours < 48 else f"day {int(hours // 24)}"


def _systems(verdicts: Mapping[str, Verdict]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("", no_wrap=True)
    table.add_column("System", ratio=5)
    for ending in verdicts:
        table.add_column(ending, no_wrap=True)
    table.add_column("Evidence", ratio=4)
    for system, what in SYSTEMS.items():
        words = [verdict.systems[system] for verdict in verdicts.values()]
        found = next((v.evidence[system] for v in verdicts.values() if system in v.evidence), None)
        missing = next(iter(verdicts.values())).missing.get(system, "")
        styled = [Text(word, style="green" if word == PLAYED else "dim") for word in words]
        table.add_row(system, what, *styled, _in_short(found) if found else Text(missing, style="dim"))
    return table


def _in_short(evidence: list[str]) -> str:
    """Evidence for a column: rows by number, then how many letters, refusals and answers. --json has all of it."""
    rows: dict[str, set[int]] = {}
    for found in filter(None, map(ROW.match, evidence)):
        rows.setdefault(found[2], set()).add(int(found[1]))
    rest = Counter(one.partition(" ")[0] for one in evidence if not ROW.match(one))
    parts = [_rows(author, sorted(numbers), len(rows) > 1) for author, numbers in rows.items()]
    parts += [f"{count} {PLURALS[kind] if count > 1 else kind}" for kind, count in rest.items()]
    return "; ".join(parts)


def _rows(author: str, numbers: list[int], named: bool) -> str:
    """Rows of one author's log, named where there are rows of another's too."""
    shown = ", ".join(map(str, numbers[:MOST_ROWS]))
    shown += f" and {len(numbers) - MOST_ROWS} more" if len(numbers) > MOST_ROWS else ""
    whose = f"{name_of(author)}'s log" if named else "log"
    return f"{whose} row{'s' if len(numbers) > 1 else ''} {shown}"


def _facts(verdict: Verdict) -> Iterable[tuple[str, list[str]]]:
    yield "Letters that arrived", _letters(verdict.letters)
    yield (
        "Refusals met",
        [f"{name_of(one['who'])}: {one['did']}: {one['code']}. {one['happened']}" for one in verdict.refusals]
        or ["none"],
    )
    yield (
        "Released",
        [f"{one['track']} of {name_of(one['author'])}" for one in verdict.released] or ["nothing, to anyone"],
    )
    if verdict.opened:
        yield (
            "Opened",
            [
                f"{name_of(one['recipient'])} opened version {one['number']} ({', '.join(one['files'])}), "
                + (
                    "word for word the last that was sealed"
                    if one["last"]
                    else "NOT the last that was sealed"
                )
                for one in verdict.opened
            ],
        )
    if verdict.recalled:
        yield "Recalled", [f"{one['track']} of {name_of(one['author'])}" for one in verdict.recalled]
    yield "The clock", verdict.evidence.get("clock", ["was never set wrong"])
    yield (
        "The log",
        [f"{verdict.log['rows']} rows, {'every link verified' if verdict.log['verified'] else 'NOT WHOLE'}"],
    )
    if verdict.wrong:
        yield "Wrong", verdict.wrong


def _letters(counts: Mapping[str, int]) -> list[str]:
    cells = [f"{count:>3}  {kind.replace('_', ' '):<24}" for kind, count in counts.items()]
    rows = [cells[place : place + KINDS_IN_A_ROW] for place in range(0, len(cells), KINDS_IN_A_ROW)]
    return ["".join(row).rstrip() for row in rows] + [f"{sum(counts.values()):>3}  in all"]
