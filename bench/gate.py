"""How many check-ins a second the gate keeps on the disk, with 16 connections: beside the API's own view, beside
healthchecks, and with many authors beside few.

    .venv/bin/python bench/gate.py
    .venv/bin/python bench/gate.py --postgresql --healthchecks DIR --python DIR/bin/python --keep

`--healthchecks` is a checkout of it, and `--python` one that has its requirements and uWSGI. `--keep` writes
bench/results/gate.json. Two hosts that are compared are served side by side and knocked at in turn (A, B, A, B), so
what else the machine has to do weighs on both. The load generator takes a part of the same cores.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests")]

import table  # noqa: E402
from crowd.hosts import CONNECTIONS, Healthchecks, Ours  # noqa: E402
from table import Row  # noqa: E402

GOALS = {"SQLite": 40.0, "PostgreSQL": 20.0}
"""What a bare prototype reached beside healthchecks on a quiet machine; ours checks a signature, judges, and keeps a
chained row besides."""
GOAL_OF_MANY = 0.9
KEPT = {"DB_CONN_MAX_AGE": "600"}
"""healthchecks makes a connection to PostgreSQL for every request, unless it is told to keep them."""


@dataclass
class Pair:
    """Two hosts that were knocked at in turn."""

    ours: list[dict[str, Any]] = field(default_factory=list)
    other: list[dict[str, Any]] = field(default_factory=list)

    def row(self, name: str, goal: float, **settings: Any) -> Row:
        """As `table` says; the ratio is the middle one of all rounds, each of two runs that followed one another."""
        more: dict[str, Any] = {"of_ours": _middle(self.ours), "of_the_other": _middle(self.other)}
        for what in ("p99", "own"):
            parts = [two[what] / one[what] for one, two in zip(self.ours, self.other, strict=True)]
            more[f"{what}_of_the_other_to_ours"] = round(median(parts), 1)
        rates = [[run["rate"] for run in runs] for runs in (self.ours, self.other)]
        return table.in_turn(name, *rates, f"{goal} times", goal, connections=CONNECTIONS, **settings, **more)


def _middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Milliseconds within which half and 99 in 100 were answered and that the server itself used for one, the load, the
    answers; whether requests ran out."""
    found = {what: round(median(run[what] for run in runs), 2) for what in ("p50", "p99", "own", "load")}
    statuses: dict[str, int] = {}
    for run in runs:
        for status, count in run["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    return found | {"statuses": statuses, "ran_dry": any(run["ran_dry"] for run in runs)}


def in_turn(one: Any, two: Any, rounds: int, seconds: float) -> Pair:
    """Both served at once, and knocked at one after the other."""
    pair = Pair()
    with one.served(), two.served():
        for _ in range(rounds):
            pair.ours.append(one.run(1.0, seconds))
            pair.other.append(two.run(1.0, seconds))
    return pair


def rows() -> list[Row]:
    """The comparison that needs nothing but this repository."""
    with redirect_stdout(sys.stderr):
        return list(compared(arguments().parse_args(["--rounds", "5", "--seconds", "2"])))


def compared(asked: argparse.Namespace) -> Iterator[Row]:
    """Every comparison that was asked for, as soon as it is made."""
    yield from _on("SQLite", asked, lambda _: "", lambda _: {})
    if asked.postgresql:
        with table.postgresql() as here:

            def theirs(name: str) -> dict[str, str]:
                there = {"DB_HOST": "127.0.0.1", "DB_PORT": str(here.port), "DB_NAME": here.empty()}
                return {
                    "DB": "postgres",
                    "DB_USER": "lastwords",
                    "DB_PASSWORD": "not a secret",
                    **KEPT,
                    **there,
                }

            yield from _on("PostgreSQL", asked, lambda _: here.address(here.empty()), theirs)


def _on(kind: str, asked: argparse.Namespace, ours: Any, theirs: Any) -> Iterator[Row]:
    """The comparisons on one kind of database."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place)
        few = Ours(folder / "few" / "data", asked.authors, ours("few"))
        alone = Ours(folder / "alone" / "data", asked.authors, ours("alone"), as_ever=True)
        for host in (few, alone):
            host.data.parent.mkdir()
            host.fill()
        authors = {"authors": asked.authors, "seconds": asked.seconds}
        yield _told(
            in_turn(few, alone, min(3, asked.rounds), asked.seconds),
            f"durable check-ins a second, {kind}: the lane beside the API's own view",
            3.0,
            **authors,
        )
        if asked.healthchecks:
            other = Healthchecks(asked.healthchecks, asked.python, folder / "hc", asked.authors, theirs("hc"))
            other.fill()
            how = "with kept connections" if other.database else "as it ships"
            name = f"durable check-ins a second, {kind}: beside healthchecks {how} (uWSGI, 2 processes)"
            yield _told(in_turn(few, other, asked.rounds, asked.seconds), name, GOALS[kind], **authors)
        if asked.many:
            many = Ours(folder / "many" / "data", asked.many, ours("many"))
            many.data.parent.mkdir()
            many.fill()
            name = f"durable check-ins a second, {kind}: {asked.many} authors beside {asked.authors}"
            yield _told(
                in_turn(many, few, asked.rounds, asked.seconds),
                name,
                GOAL_OF_MANY,
                **authors,
                many=asked.many,
            )


def _told(pair: Pair, name: str, goal: float, **settings: Any) -> Row:
    row = pair.row(name, goal, **settings)
    print(
        table.said(row), row["settings"]["of_ours"], row["settings"]["of_the_other"], sep="\n  ", flush=True
    )
    return row


def arguments() -> argparse.ArgumentParser:
    parser = table.plain_parser(__doc__)
    parser.add_argument("--authors", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=0, help="authors of a second, larger host; 0 for none")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each run, after one second to warm up")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--healthchecks", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--folder", type=Path, help="where the hosts lie while it runs")
    parser.add_argument("--keep", action="store_true", help="write bench/results/gate.json")
    return parser


def main() -> None:
    asked = arguments().parse_args()
    for row in compared(asked):
        if asked.keep:
            with redirect_stdout(sys.stderr):
                table.show(Path(__file__), [row], keep=True)


if __name__ == "__main__":
    main()
