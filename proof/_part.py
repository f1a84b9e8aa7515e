"""What every part of the proof shares: how it is asked, how it goes on where it was stopped, how it says what it found.

A part holds its claim, its work and its limits. It begins with `begun(__doc__)` and ends with what `tells` returns:

    run = begun(__doc__)
    tally = Tally(**run.kept({}))
    while tally.runs < run.length(100, 1_000):
        tally.add(one(tally.runs))
        run.keep(asdict(tally), f"{tally.runs} runs")
    return run.tells(claim=..., figures=..., held=..., not_covered=[...])

To import this lets a part import from `tests` too. The runner, `scripts/prove`, takes no file for a part whose name
begins with an underscore.
"""

import argparse
import functools
import json
import os
import pickle
import platform
import select
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lastwords.server.children import die_with_parent

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

MOST_WRONG = 20
"""Sentences of what went wrong that are told; the number of all of them is among the figures."""
Value = TypeVar("Value")
Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass
class Run:
    """One run of a part. `seconds` are those that earlier runs of the same state have taken."""

    part: str
    long: bool
    given: argparse.Namespace
    state: Path | None
    seconds: float = 0.0
    began: float = field(default_factory=time.monotonic)
    _kept: Any = None

    def length(self, short: Value, long: Value) -> Value:
        return long if self.long else short

    # Going on where it was stopped.

    def kept(self, otherwise: Value) -> Value:
        """What the run before this one kept last; `otherwise` when there was none."""
        return otherwise if self._kept is None else self._kept

    def keep(self, value: Any, progress: str = "") -> None:
        """Keeps a value that JSON can hold, if there is a file for it, and says how far it is."""
        if self.state:
            whole(self.state, json.dumps({"seconds": self.spent(), "kept": value}).encode())
        if progress:
            self.says(progress)

    def beside(self, name: str) -> Path | None:
        """A file beside the state, for what JSON cannot hold; written by `whole`."""
        return self.state and self.state.with_name(f"{self.state.name}.{name}")

    def spent(self) -> float:
        return round(self.seconds + time.monotonic() - self.began, 1)

    # Saying what was found.

    def says(self, progress: str) -> None:
        print(f"{self.part}: {progress}", file=sys.stderr, flush=True)

    def tells(
        self,
        *,
        claim: str,
        figures: dict[str, Any],
        held: bool,
        not_covered: list[str],
        settings: dict[str, Any] | None = None,
        wrong: list[str] | tuple[str, ...] = (),
        goes_on: bool = False,
        **more: Any,
    ) -> int:
        """Prints the finding as the runner reads it, and gives the status to end with. A part that `goes_on` keeps its
        state: the next run begins there and not anew."""
        found = {
            "part": self.part,
            "claim": claim,
            "command": f"make prove-{self.part}",
            "figures": figures,
            "held": held,
            "not_covered": not_covered,
            "seconds": self.spent(),
            "settings": {**(settings or {}), "python": platform.python_version()},
            **({"wrong": list(wrong[:MOST_WRONG])} if wrong else {}),
            **({"goes_on": True} if goes_on else {}),
            **more,
        }
        print(json.dumps(found, ensure_ascii=False))
        return 0 if held else 1


def begun(about: str | None, *options: tuple[str, dict[str, Any]]) -> Run:
    """A run as it was asked for on the command line; `options` are more than those that every part takes."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="at full length, not in its short share")
    parser.add_argument("--state", type=Path, help="go on from this file, and keep it up to date")
    for name, how in options:
        parser.add_argument(name, **how)
    given = parser.parse_args()
    run = Run(Path(sys.argv[0]).stem, given.long, given, given.state)
    if given.state and given.state.exists():
        kept = json.loads(given.state.read_text("utf-8"))
        run.seconds, run._kept = kept["seconds"], kept["kept"]
    return run


def side_by_side(work: Callable[[Item], Found], items: Iterable[Item]) -> Iterator[tuple[Item, Found]]:
    """Does each item's work in a process of its own, forked from this one, and gives what was found as it comes. As
    many run at a time as this process may use processors (`taskset` says how many), and end with it, however it ends.
    Raises RuntimeError when one of them breaks."""
    waiting, running = deque(items), dict[int, tuple[int, Item]]()
    try:
        while waiting or running:
            while waiting and len(running) < len(os.sched_getaffinity(0)):
                item = waiting.popleft()
                reading, child = _forked(functools.partial(work, item))
                running[reading] = child, item
            for reading in select.select(list(running), [], [])[0]:
                child, item = running.pop(reading)
                with os.fdopen(reading, "rb") as pipe:
                    found = pipe.read()
                if os.waitpid(child, 0)[1]:
                    raise RuntimeError(f"{item} was not done; what went wrong stands above.")
                yield item, pickle.loads(found)
    finally:
        for reading, (child, _) in running.items():
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reading)


def _forked(work: Callable[[], Any]) -> tuple[int, int]:
    """Where what a new process finds can be read once it is done, and the process."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            die_with_parent()
            found = pickle.dumps(work())
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(found)
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    os.close(writing)
    return reading, child


def whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: a part may be stopped at any moment, also in the middle of this."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
