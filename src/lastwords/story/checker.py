"""Which systems of the story a record shows. Apart from the acts: it is told nothing, it reads what lies there.

Each system has one question, a function that returns its evidence (rows, letters, refusals, answers) or raises
`Missing` with what it did not find: then the system is *not yet*.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .checks import always, care, case, circle, guards, home, pair, words
from .checks.parts import AUTHOR, Missing, opened, plain, track, tracks
from .record import Record

PLAYED, NOT_YET = "played", "not yet"

SYSTEMS = {
    "S1": "words for several people, one by one; keepers accept, with a receipt",
    "S2": "words taken back and replaced; the last version holds",
    "S3": "notes that only keepers read",
    "S4": "refused while the author breathes; “not now”, “later”",
    "S5": "the alarm, one runs for help, one stays, one is replaced",
    "S6": "observations, treatments, places and the report on arrival",
    "S7": "two who chose each other, both silent; survivorship, alternates",
    "S8": "break glass, with the card and without",
    "S9": "layered access, the alarm button, the hold switch",
    "S10": "keepers and alternates are called, over every channel",
    "S11": "who is on watch, the trend of the observations",
    "S12": "wishes, shown before the words are opened",
    "S13": "home: recall, stand-down, closing, the page that everyone signs",
    "S14": "a new keeper counts only after a season",
}

QUESTIONS: dict[str, Callable[[Record], list[str]]] = {
    "S1": words.s1,
    "S2": words.s2,
    "S3": case.s3,
    "S4": words.s4,
    "S5": case.s5,
    "S6": care.s6,
    "S7": pair.s7,
    "S8": guards.s8,
    "S9": guards.s9,
    "S10": circle.s10,
    "S11": care.s11,
    "S12": words.s12,
    "S13": home.s13,
    "S14": circle.s14,
}


@dataclass(slots=True)
class Verdict:
    """What one ending's record shows. The shapes are those of `lastwords demo --json`; `missing` says why a system is
    not yet, `wrong` names everything that must not be so."""

    ending: str
    systems: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)
    released: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)
    recalled: list[dict[str, Any]] = field(default_factory=list)
    log: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every system was played, and nothing is wrong."""
        return not self.wrong and set(self.systems.values()) == {PLAYED}

    def plain(self) -> dict[str, Any]:
        """As `--json` shows it."""
        names = (
            "ending",
            "systems",
            "letters",
            "refusals",
            "released",
            "opened",
            "recalled",
            "evidence",
            "log",
        )
        return {name: getattr(self, name) for name in names}


def judge(folder: Path, ending: str) -> Verdict:
    """Reads the record of one ending and says what it shows."""
    record = Record(folder, ending)
    verdict = Verdict(ending)
    for system, question in QUESTIONS.items():
        try:
            verdict.evidence[system] = question(record)
            verdict.systems[system] = PLAYED
        except Missing as missing:
            verdict.missing[system] = str(missing)
            verdict.systems[system] = NOT_YET
    verdict.letters = always.count_letters(record, verdict.wrong)
    verdict.refusals = [
        {"who": one.who, "did": plain(one.words), "code": one.refused["code"], "happened": one.refused["happened"]}
        for one in record.answers
        if one.exit
    ]  # fmt: skip
    recalled = tracks(record, "recalled")
    verdict.recalled = [track(row, key) for row, key in recalled]
    verdict.released = [
        track(row, key)
        for row, key in tracks(record, "released")
        if not any(
            back.author == row.author and back.number > row.number and key == of for back, of in recalled
        )
    ]
    verdict.opened = [opened(record, row, key) for row, key in tracks(record, "opened")]
    verdict.log = {"rows": record.verified["rows"], "verified": bool(record.verified["whole"])}
    verdict.wrong += [
        *always.faults(record),
        *always.reached_others(record),
        *always.silent_faults(record),
        *always.clock_faults(record, verdict.evidence),
    ]
    if ending == "home" and (verdict.released or record.happened(AUTHOR, "released")):
        verdict.wrong.append("words were released, and the author came home")
    if ending == "gone":
        verdict.wrong += always.gone_faults(record, verdict.released, verdict.opened)
    return verdict
