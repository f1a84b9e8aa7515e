"""The lines of a case's page: who stated what, which words there are, and who asks for the emergency notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Condition, GlassStage, TrackStage, WordsStage
from lastwords.protocol.watch import Glass, Watch
from lastwords.server.api.standing import names_of
from lastwords.server.moments import day

CAUSES = {
    "alarm": "an alarm",
    "trip": "an overdue trip",
    "vigil": "a vigil, after a silence",
    "hold": "a hold that ran out",
    "force": "a word under force",
}
FINDINGS = {
    "spoken_with": "has spoken with {author}",
    "died": "says that {author} has died",
    "cannot_act": "says that {author} is alive and cannot act",
    "could_not_find_out": "could not find out",
}
YOURS = {
    "spoken_with": "have spoken with {author}",
    "died": "say that {author} has died",
    "cannot_act": "say that {author} is alive and cannot act",
    "could_not_find_out": "could not find out",
}
"""The same, said to whoever stated it."""
EVIDENCE = {
    "rumour": "heard of it",
    "own_sight": "by own sight",
    "named_official": "told by a named official",
    "document_seen": "saw a document",
    "register": "from a register",
}
WHERE = {
    "tried": "It stands under “Something else”, “Sign something else”.",
    "restore": "It stands under “Something else”, “Stop all clocks”.",
}
"""Where on the page of a case that is signed which a keeper is asked to sign; the rest is a link of its own."""
IF = {Condition.DIED: "if {author} has died", Condition.CANNOT_ACT: "if {author} cannot act"}
"""What words wait for."""

# Emergency notes.

_RUNS = (GlassStage.ASKED, GlassStage.WAITING)


@dataclass(frozen=True, slots=True)
class Asking:
    """One keeper's asking for the emergency notes in words, and whether whoever reads it can still say no."""

    keeper: str
    who: str
    said: str
    stage: str
    to_deny: bool


def askings(watch: Watch, you: str, author: str, now: Moment, zone: str) -> list[Asking]:
    """Who asks for the notes, and how far that has come. Each was told to the author and to every keeper by name."""
    handles = {handle for one in watch.glass for handle in (one.keeper, one.denied_by)}
    names = {**names_of(handles), watch.author: author}
    return [_asking(one, you, names, now, zone) for one in watch.glass]


def deniable(watch: Watch, you: str) -> list[str]:
    """Whose asking this person can still say no to."""
    return [one.keeper for one in watch.glass if _can_deny(one, you)]


def _can_deny(one: Glass, you: str) -> bool:
    return one.stage in _RUNS and one.keeper != you


def _asking(one: Glass, you: str, names: Mapping[str, str], now: Moment, zone: str) -> Asking:
    opens = one.wait.ends(now) if one.wait else None
    no = "You have" if one.denied_by == you else f"{names.get(one.denied_by, one.denied_by)} has"
    said = {
        GlassStage.ASKED: "asked. The alarms are on their way.",
        GlassStage.WAITING: f"asked, and everyone was alarmed. The notes open on {day(opens, zone)} at the earliest.",
        GlassStage.OPEN: "asked, everyone was alarmed, and the wait is over. The notes can be opened.",
        GlassStage.DENIED: f"asked. {no} said no, and the notes stay closed.",
    }
    return Asking(
        keeper=one.keeper,
        who="You" if one.keeper == you else names.get(one.keeper, one.keeper),
        said=said[one.stage],
        stage=one.stage.value,
        to_deny=_can_deny(one, you),
    )


# Lines of the case.


def statement_lines(case: Mapping[str, Any], author: str, names: Mapping[str, str]) -> list[dict[str, str]]:
    """One line for each standing statement: who, what they found, how they know."""
    return [
        {
            "who": names.get(made["keeper"], made["keeper"]),
            "said": FINDINGS[made["finding"]].format(author=author),
            "yours": YOURS[made["finding"]].format(author=author),
            "how": EVIDENCE[made["evidence"]],
            "keeper": made["keeper"],
            "at": made["made"],
        }
        for made in case.get("statements", [])
    ]


WORDS_NOW = {
    "sealed": "sealed",
    "released": "given; nobody has told them yet",
    "told": "told; not opened yet",
    "shares_wanted": "they ask for the keepers' shares",
    "opened": "opened",
    "later": "kept for later",
    "through_someone": "wanted through {someone}",
    "declined": "declined for now",
    "recalled": "taken back unopened",
    "passed_on": "passed on to the one who follows",
}
NOT_GIVEN = {
    "released": "given; enough of you have signed that {name} has died",
    "shares_wanted": "enough of you have signed that {name} has died, so no more shares are given",
}
"""Of words whose recipient's death is signed: the machine hands none of them over any more (I10)."""


@dataclass(frozen=True, slots=True)
class TrackLine:
    """Words of which this keeper holds a share: for whom, how far they are, what this keeper can do about them."""

    key: str
    name: str
    whom: str
    counted: str
    now: str
    tell: bool
    give: bool
    first: str


def track_lines(case: Mapping[str, Any], author: str, names: Mapping[str, str]) -> list[TrackLine]:
    quorum = int(case["quorum"])
    return [_track(one, quorum, author, names) for one in case.get("tracks", [])]


def _track(one: Mapping[str, Any], quorum: int, author: str, names: Mapping[str, str]) -> TrackLine:
    released = one["stage"] == TrackStage.RELEASED.value
    counted = f"{one['counted']} of the {quorum} that it takes" + (
        ", yours among them" if one["yours"] else ""
    )
    name = names.get(one["recipient"], one["recipient"])
    wanted = released and one["words"] == WordsStage.SHARES_WANTED.value
    now = (one["died"] and NOT_GIVEN.get(one["words"])) or WORDS_NOW[one["words"]]
    return TrackLine(
        key=one["track"],
        name=name,
        whom=f"Words for {name}, {IF[Condition(one['condition'])].format(author=author)}",
        counted="" if released else counted,
        now=now.format(name=name, someone=one["someone"]),
        tell=one["untold"],
        give=wanted and not one["untold"] and not one["died"],
        first=names.get(one["adult"], one["adult"]) if one["adult"] else "",
    )
