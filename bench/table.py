"""The table of figures: every file in this folder that offers `rows()`, and what each of them says.

    .venv/bin/python bench/table.py              the quick ones, as a table; the same as make bench
    .venv/bin/python bench/table.py --json       as one JSON list
    .venv/bin/python bench/table.py --kept       what long runs have left in bench/results, and nothing is run

A row is {name, ours, other, ratio, spread, goal, met, settings}. `ours` is the middle of at least five runs and
`spread` the least and the most; `ratio` is ours to the other's. `met` is null for a row that did not run, and `why`
says why; every goal of a long run that was kept once stands there as well, as one that did not run. A file joins by
offering `rows()` that can be called with nothing; it raises, and its row says so.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"
RESULTS = BENCH / "results"
Row = dict[str, Any]


def row(
    name: str,
    ours: Sequence[float],
    other: float | None,
    goal: str,
    met: bool | None,
    *,
    ratio: float | None = None,
    why: str = "",
    **settings: Any,
) -> Row:
    """One row of the table, from the runs of ours."""
    middle = statistics.median(ours) if ours else None
    if ratio is None and other and middle is not None:
        ratio = middle / other
    made: Row = {
        "name": name,
        "ours": _short(middle),
        "other": _short(other),
        "ratio": _short(ratio),
        "spread": [_short(min(ours)), _short(max(ours))] if ours else None,
        "goal": goal,
        "met": met,
        "settings": settings | {"runs": len(ours), "load": round(os.getloadavg()[0], 1)},
    }
    return made | ({"why": why} if why else {})


def in_turn(
    name: str, ours: Sequence[float], theirs: Sequence[float], goal: str, least: float, **settings: Any
) -> Row:
    """One row from runs of ours and theirs that followed one another: the ratio is the middle one of all pairs."""
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    ratio = statistics.median(ratios)
    more = settings | {"ratios": [round(one, 2) for one in ratios]}
    return row(name, ours, statistics.median(theirs), goal, ratio >= least, ratio=ratio, **more)


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def collected() -> list[Row]:
    """The rows of every file here that offers any."""
    sys.path.insert(0, str(BENCH))
    found: list[Row] = []
    for path in sorted(BENCH.glob("*.py")):
        if path.name != "table.py" and "def rows(" in path.read_text(encoding="utf-8"):
            found += _rows_of(path.stem)
    return [*found, *not_run(found)]


def _rows_of(name: str) -> list[Row]:
    """In a process of its own: Django can be pointed at one database in a process."""
    asked = f"import json, sys; sys.path.insert(0, {str(BENCH)!r}); import {name}; print(json.dumps({name}.rows()))"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT)
    if ran.returncode == 0:
        return list(json.loads(ran.stdout.strip().splitlines()[-1]))
    why = (ran.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    return [row(name, [], None, "", None, why=why)]


def not_run(found: Sequence[Row]) -> Iterator[Row]:
    """A row without figures for every goal that long runs have left and that is in none of these rows."""
    names = {one["name"] for one in found}
    for path in sorted(RESULTS.glob("*.json")):
        for one in _kept_in(path):
            if one["goal"] and one["name"] not in names:
                why = f"a long run, which was not made now; --kept shows what bench/{path.stem}.py found last"
                yield row(one["name"], [], None, one["goal"], None, why=why)


def kept() -> list[Row]:
    """The rows that long runs have left."""
    return [one for path in sorted(RESULTS.glob("*.json")) for one in _kept_in(path)]


def _kept_in(path: Path) -> list[Row]:
    said = json.loads(path.read_text(encoding="utf-8"))
    return list(said["rows"]) if isinstance(said, dict) and "rows" in said else []


def show(file: Path, found: Sequence[Row], keep: bool) -> None:
    """Prints rows, and keeps them under the name of the file that found them: a row takes the place of one that has its
    name."""
    for one in found:
        print(said(one))
    if keep:
        path = RESULTS / f"{file.stem}.json"
        old = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
        fresh = {one["name"] for one in found}
        rows = sorted(
            [*(one for one in old if one["name"] not in fresh), *found], key=lambda one: str(one["name"])
        )
        where = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.release()}
        path.write_text(json.dumps({"machine": where, "rows": rows}, indent=1) + "\n", encoding="utf-8")


def said(one: Row) -> str:
    met = {True: "met", False: "not met", None: "not compared"}[one["met"]]
    low, high = one["spread"] or ("?", "?")
    text = f"{one['name']}: {one['ours']} ({low} to {high})"
    if one["other"] is not None:
        text += f" against {one['other']}, ratio {one['ratio']}"
    if one["goal"]:
        text += f"; the goal is {one['goal']}, {met}"
    return text + (f"; {one['why']}" if one.get("why") else "")


# What several files need.


def plain_parser(about: str | None) -> argparse.ArgumentParser:
    """One that shows a file's own words as they stand."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def parser(about: str | None) -> argparse.ArgumentParser:
    """With what every comparison beside healthchecks is asked for; a file adds its own numbers."""
    parser = plain_parser(about)
    parser.add_argument("--against", type=Path, help="a checkout of healthchecks")
    parser.add_argument("--python", type=Path, help="a Python that has what it requires")
    parser.add_argument(
        "--folder", type=lambda place: Path(place).absolute(), help="where databases lie while it runs"
    )
    parser.add_argument("--keep", action="store_true", help="write what was found to bench/results")
    return parser


def random_file(path: Path, mebibytes: int) -> None:
    """Writes random bytes, in constant memory."""
    with path.open("wb") as out:
        for _ in range(mebibytes):
            out.write(os.urandom(1 << 20))


@contextmanager
def healthchecks(
    asked: argparse.Namespace, folder: str, checks: int, port: int = 1, cluster: Any = None
) -> Iterator[Callable[[str], Any]]:
    """healthchecks with that many checks overdue, on SQLite or in that cluster; gives what tells it to do something and
    returns what it says."""
    script = str(BENCH / "rivals" / "healthchecks_due.py")
    command = [str(asked.python.absolute()), script, str(checks), str(port)]
    where = {"DB_NAME": f"{folder}/hc.sqlite"}
    if cluster:
        name, place = cluster.empty(), {"DB_HOST": str(cluster.folder), "DB_PORT": str(cluster.port)}
        where = {"DB": "postgres", "DB_NAME": name, "DB_USER": "lastwords", **place}
    running = subprocess.Popen(
        command,
        cwd=asked.against,
        env=os.environ | where,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin and running.stdout
    assert running.stdout.readline() == "ready\n"

    def tell(line: str) -> Any:
        assert running.stdin and running.stdout
        running.stdin.write(f"{line}\n")
        running.stdin.flush()
        return json.loads(running.stdout.readline())

    try:
        yield tell
    finally:
        running.stdin.close()
        running.wait(60)


@contextmanager
def postgresql() -> Iterator[Any]:
    """A private cluster of the tests, on the disk and not in memory."""
    sys.path.insert(0, str(ROOT / "tests"))
    from server import cluster

    cluster.memory = lambda: None
    here = cluster.Cluster()
    try:
        yield here
    finally:
        here.close()


def found(data: Path, cluster: Any = None, port: int = 1) -> Any:
    """A fresh host in that folder, and this process pointed at it. Returns its settings."""
    from lastwords.server import founding
    from lastwords.server.settings import Mail, Settings

    mail = Mail("127.0.0.1", port, "a@example.org")
    address = cluster.address(cluster.empty()) if cluster else ""
    chosen = Settings(data, "http://127.0.0.1:1", mail, "b@example.org", database=address)
    founding.found(chosen)
    return chosen


def main() -> None:
    parser = plain_parser(__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kept", action="store_true")
    asked = parser.parse_args()
    rows = kept() if asked.kept else collected()
    print(json.dumps(rows, indent=1) if asked.json else "\n".join(map(said, rows)))


if __name__ == "__main__":
    main()
