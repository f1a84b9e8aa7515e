"""Upgrades: histories recorded with how one release judged them, judged again by the code that is here (T29).

A history is the log of a simulated watch: every event that was taken in, with its moment, and what came of it. A new
release may do more; what it may not do is judge the past otherwise: end a wait sooner, write to other people, release
what stood still. Records are read through the record format of the code that is here, so that is proven too.
"""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastwords.protocol import machine, record
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import Moment
from lastwords.protocol.watch import Watch
from lastwords.server import log
from lastwords.signing import canonical

from .broken import Broken
from .lives.life import Life
from .lives.script import script

FORM = "histories/1"
LIVES, DATABASE = "lives.jsonl.xz", "host.sql.xz"


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that is judged otherwise than it was."""

    history: str
    step: int
    event: str
    was: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.history}, step {self.step} ({self.event}): it was {self.was}, it is {self.now}"


def judgement(watch: Watch, step: Step, now: Moment) -> list[Any]:
    """What a step means to people, and nothing of how it is kept: stage, what happened, who is written to, who is told
    of a silence, whose shares go, how every track stands, what holds, and when time is looked at next."""
    happened = list(step.row.happened) if step.row else []
    plain: list[Any] = log.plain(
        [
            watch.stage,
            happened,
            sorted((letter.kind, letter.to) for letter in step.letters),
            sorted((ripple.person, ripple.silent) for ripple in step.ripples),
            sorted(shred.keeper for shred in step.shreds),
            [(track.key, track.stage) for track in watch.tracks],
            sorted(hold.cause for hold in watch.holds),
            watch.epoch,
            machine.due(watch, now),
        ]
    )
    return plain


def judged(events: list[Any], author: str) -> Iterator[list[Any]]:
    """Plays a watch from its log: each event is [what was given, wall, credit], the first one the beginning."""
    _, wall, credit = events[0]
    watch = Watch(author, last_sign=Moment(wall, credit))
    for given, wall, credit in events[1:]:
        now = Moment(wall, credit)
        step = machine.step(watch, record.event_from_plain(given), now)
        if isinstance(step, Step):
            # Read again as it would be kept, so that what a release wrote is what this one reads.
            watch = record.from_plain(json.loads(json.dumps(record.to_plain(step.watch))))
            yield judgement(watch, step, now)
        else:
            yield ["refused", step.code]


# Recording.


def histories(count: int) -> Iterator[dict[str, Any]]:
    """The watches of so many simulated lives, each with every event and how the code that is here judges it."""
    for seed in range(count):
        life = Life(script(seed))
        try:
            life.play()
        except Broken as broken:
            raise AssertionError(
                f"seed {seed}: {broken}; a release is not recorded from what is broken"
            ) from broken
        for author in life.stories:
            rows: list[Any] = [canonical.decode(row[1]) for row in life.backing.rows(author)]
            events = [[row.get("given"), *row["at"]] for row in rows]
            yield {
                "name": f"life {seed} of {author}",
                "author": author,
                "events": events,
                "judged": list(judged(events, author)),
            }


def write(path: Path, release: str, found: Iterator[dict[str, Any]]) -> int:
    """Writes histories into a new file, one a line. Returns how many."""
    count = 0
    with lzma.open(path, "wt", encoding="utf-8", preset=9 | lzma.PRESET_EXTREME) as file:
        file.write(json.dumps({"form": FORM, "release": release}) + "\n")
        for history in found:
            file.write(json.dumps(history, separators=(",", ":"), ensure_ascii=False) + "\n")
            count += 1
    return count


# Judging again.


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The histories of a file."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        begun = json.loads(file.readline())
        if begun["form"] != FORM:
            raise ValueError(f"{path.name} has the form {begun['form']}, not {FORM}")
        yield from map(json.loads, file)


def differences(history: dict[str, Any]) -> Iterator[Difference]:
    """Every step of a history that the code that is here judges otherwise. After the first, others follow from it."""
    found = judged(history["events"], history["author"])
    for number, (was, now) in enumerate(zip(history["judged"], found, strict=True), start=1):
        now = json.loads(json.dumps(now))
        if was != now:
            yield Difference(history["name"], number, history["events"][number][0]["event"], was, now)
