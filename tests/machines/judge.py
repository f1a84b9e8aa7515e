"""What people were told, held against what the database says in the end.

A fact that was acknowledged and is not there is lost. One that was refused, with the word that nothing of it was kept,
and is there, was refused falsely. Of one that nobody could say anything about both are right.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Line = dict[str, Any]
KINDS = ("check_in", "statement", "plain")


@dataclass
class Kept:
    """What the database holds: the hashes of what was signed (as often as it is kept) and the rows of the plain
    program; the letters it knows, those it counts as handed over and those that wait; releases of each watch that had
    words due."""

    check_ins: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    handed_over: list[str] = field(default_factory=list)
    waiting: int = 0
    releases: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> list[str]:
        return {"check_in": self.check_ins, "statement": self.statements, "plain": self.plain}[kind]


@dataclass
class Judged:
    """Counts, and what is wrong in sentences."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    unknown_and_kept: int = 0
    sent_again: int = 0
    letters: int = 0
    copies: int = 0
    releases: int = 0
    wrong: list[str] = field(default_factory=list)


def read(path: Path) -> list[Line]:
    """The lines that one machine's people wrote, without a last one that was cut off."""
    whole, _, _ = path.read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def judge(told: list[Line], kept: Kept) -> Judged:
    """Everything that can be seen from the end."""
    judged = Judged()
    for kind in KINDS:
        _facts(kind, [line for line in told if line["kind"] == kind], kept.of(kind), judged)
    judged.wrong += [f"{name} counts twice" for name, n in Counter(kept.check_ins).items() if n > 1]
    judged.releases = sum(kept.releases.values())
    for author, times in sorted(kept.releases.items()):
        if times != 1:
            judged.wrong.append(f"the words of {author} were released {times} times")
    _letters([line for line in told if line["kind"] == "letter"], kept, judged)
    return judged


def _facts(kind: str, lines: list[Line], there: list[str], judged: Judged) -> None:
    last = {line["id"]: line["answer"] for line in lines}
    named = {line["id"] for line in lines if line["answer"] == "kept"}
    known = set(there)
    judged.acknowledged[kind] = len(named)
    judged.lost[kind] = len(named - known)
    judged.wrong += [f"{kind} {name[:12]} was acknowledged and is lost" for name in sorted(named - known)]
    doubtful = {line["id"] for line in lines if line["answer"] == "unknown"}
    judged.unknown += len(doubtful)
    judged.unknown_and_kept += len(doubtful & known)
    judged.sent_again += sum(line["again"] for line in lines)
    refused = {name for name, answer in last.items() if answer == "refused"} - named - doubtful
    judged.wrong += [f"{kind} {name[:12]} was refused and is kept" for name in sorted(refused & known)]


def _letters(lines: list[Line], kept: Kept, judged: Judged) -> None:
    arrived = Counter((line["id"], line["to"]) for line in lines)
    names = {name for name, _ in arrived}
    judged.letters, judged.copies = len(arrived), sum(arrived.values()) - len(arrived)
    judged.wrong += [
        f"letter {name} arrived and was never kept" for name in sorted(names - set(kept.letters))
    ]
    missing = sorted(set(kept.handed_over) - names)
    judged.wrong += [f"letter {name} counts as handed over and never left" for name in missing]
    if kept.waiting:
        judged.wrong.append(f"{kept.waiting} letters still wait")


def pause(lines: list[Line], kinds: tuple[str, ...], since: float, until: float) -> float:
    """The longest time without an acknowledgement that begins after `since`, or goes on then, in seconds; at the end of
    the span too."""
    times = sorted(
        line["at"]
        for line in lines
        if line["kind"] in kinds and line["answer"] == "kept" and line["at"] <= until
    )
    marks = [since, *(at for at in times if at > since), until]
    return max(later - earlier for earlier, later in zip(marks, marks[1:], strict=False))
