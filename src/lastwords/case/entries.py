"""The kinds of entries in a case, and the form they have inside the sealed body.

An entry is added and never changed. What was wrong is put right by another entry that names the one it corrects and
says why; both stay. `Entry` is what a keeper's client seals to the other keepers:

    {"format": "lastwords/v1/entry", "kind": "treatment", "head": {...}, "what": {...}}

The kind also stands outside the seal, so that the server can count tasks; the two must agree.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from lastwords.case.moment import Moment
from lastwords.case.observation import Observation
from lastwords.case.plain import check_texts, from_bytes, from_plain, to_bytes, to_plain
from lastwords.case.refusals import unreadable, unwritable

FORMAT = "lastwords/v1/entry"


class Way(Enum):
    """How the writer knows."""

    OWN_SIGHT = "own sight"
    HEARD_FROM = "heard from"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Source:
    """How the writer knows, and from whom or from what: `of` is empty for what they saw themselves."""

    way: Way
    of: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if (self.way is Way.OWN_SIGHT) != (self.of is None):
            raise unwritable(
                "What was seen oneself names no source, and everything else does",
                "Say from whom you heard it, or which document it is",
            )

    @property
    def spoken(self) -> str:
        """`seen by the writer`, `heard from Hound`, `document: ward chart`."""
        if self.way is Way.OWN_SIGHT:
            return "seen by the writer"
        return f"heard from {self.of}" if self.way is Way.HEARD_FROM else f"document: {self.of}"


@dataclass(frozen=True)
class Head:
    """What every entry says: when it was so, how the writer knows, who writes.

    `by` is the writer's handle. `corrects` names the entry this one replaces, with `why`; `answers` an open question
    or a task; `person` whom it is about, when not the author of the case.
    """

    when: Moment
    by: str
    source: Source = field(default_factory=lambda: Source(Way.OWN_SIGHT))
    corrects: int | None = None
    why: str | None = None
    answers: int | None = None
    person: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if (self.corrects is None) != (self.why is None):
            raise unwritable(
                "A correction names the entry and says why, and nothing else does", "Give both, or neither"
            )
        for number in (self.corrects, self.answers):
            if number is not None and number < 1:
                raise unwritable("Entries are numbered from 1", "Look the number up in the case")


class Step(Enum):
    """The steps of a keeper's ladder; `ladder.py` has their words."""

    CALL = "call"
    VISIT = "visit"
    ASK_FAMILY = "ask family"
    ASK_HOSPITAL = "ask hospital"
    EMERGENCY_NUMBER = "emergency number"


class Result(Enum):
    """How an attempt to reach someone ended."""

    SPOKE = "spoke with the author"
    SPOKE_WITH_ANOTHER = "spoke with someone else"
    NO_ANSWER = "no answer"
    LEFT_WORD = "left word"
    NOT_POSSIBLE = "not possible"


class Done(Enum):
    """How a task ended."""

    DONE = "done"
    NOT_DONE = "not done"


class Route(Enum):
    """The way a treatment went into or onto the body."""

    MOUTH = "by mouth"
    UNDER_TONGUE = "under the tongue"
    BREATHED = "breathed in"
    NOSE = "into the nose"
    ON_SKIN = "on the skin"
    UNDER_SKIN = "under the skin"
    MUSCLE = "into a muscle"
    VEIN = "into a vein"
    BONE = "into a bone"
    OTHER = "another way"


class Standing(Enum):
    """What a place is to the person."""

    HERE = "here"
    ON_THE_WAY = "on the way"
    HELP = "place of help"


@dataclass(frozen=True)
class Harm:
    """What happened to the person: how it came about, what was found, and whether that is only suspected."""

    mechanism: str
    finding: str
    suspected: bool

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class ContactAttempt:
    """A try to reach the author: over what, under which label of number or address, with what result."""

    channel: str
    label: str | None
    result: Result
    text: str | None = None
    step: Step | None = None

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class Sighting:
    """The author was seen: where, with whom, in what state."""

    place: str
    company: str | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)


AMOUNT = re.compile(r"(0|[1-9][0-9]{0,6})(\.[0-9]{1,4})?")


@dataclass(frozen=True)
class Treatment:
    """What was given: what, how much (a decimal text with its unit), by which route, by whom, with what effect."""

    what: str
    amount: str | None = None
    unit: str | None = None
    route: Route | None = None
    given_by: str | None = None
    effect: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if (self.amount is None) != (self.unit is None):
            raise unwritable("A dose needs a number and a unit", "Give both, as in 1.5 mg, or neither")
        if self.amount is not None and (not AMOUNT.fullmatch(self.amount) or not self.amount.strip("0.")):
            raise unwritable(
                f"'{self.amount[:20]}' is not a dose", "Write it with digits and at most one point, as in 1.5"
            )

    @property
    def dose(self) -> str | None:
        """`1.5 mg`."""
        return None if self.amount is None else f"{self.amount} {self.unit}"


@dataclass(frozen=True)
class Place:
    """Where the person is, is being taken, or could find help: how far it is, and when they arrive or arrived."""

    name: str
    standing: Standing
    minutes_away: int | None = None
    arrival: Moment | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if self.minutes_away is not None and not 0 <= self.minutes_away <= 60 * 24 * 90:
            raise unwritable("A place is between 0 minutes and 90 days away", "Look at the number again")
        if self.standing is Standing.HERE and self.minutes_away:
            raise unwritable("A person is not away from where they are", "Say where they are on the way to")


@dataclass(frozen=True)
class Document:
    """A paper or file that bears on the case: what it is, where it lies, and its SHA-256 when it is sealed beside."""

    name: str
    lies_at: str
    sha256: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)
        if self.sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise unwritable(
                "A SHA-256 has 64 digits from 0 to 9 and a to f", "Copy it again, or leave it out"
            )


@dataclass(frozen=True)
class Decision:
    """What was decided, on what evidence, and by whom."""

    what: str
    evidence: str
    decided_by: str

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class Note:
    """Whatever else the others should know."""

    text: str

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class Question:
    """Something nobody here knows yet. Any later entry may answer it."""

    text: str

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class Task:
    """Something to do: a step of the ladder or anything else, for one keeper or whoever takes it."""

    what: str
    step: Step | None = None
    for_whom: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class TaskTaken:
    """The writer takes the task that stands in that entry."""

    task: int
    text: str | None = None

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class TaskReported:
    """What became of the task that stands in that entry."""

    task: int
    done: Done
    text: str

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class OnWatch:
    """A person begins or ends their watch at the author's side."""

    who: str
    begins: bool

    def __post_init__(self) -> None:
        check_texts(self)


@dataclass(frozen=True)
class Withdrawal:
    """The corrected entry should never have been: it is struck out, and `stands` names the one that says it right."""

    stands: int | None = None


What = (
    Harm
    | ContactAttempt
    | Sighting
    | Observation
    | Treatment
    | Place
    | Document
    | Decision
    | Note
    | Question
    | Task
    | TaskTaken
    | TaskReported
    | OnWatch
    | Withdrawal
)

# A kind as it stands in the sealed body and in the server's rows, and its record.
KINDS: dict[str, type[What]] = {
    "harm": Harm,
    "contact_attempt": ContactAttempt,
    "sighting": Sighting,
    "observation": Observation,
    "treatment": Treatment,
    "place": Place,
    "document": Document,
    "decision": Decision,
    "note": Note,
    "question": Question,
    "task": Task,
    "task_taken": TaskTaken,
    "task_reported": TaskReported,
    "on_watch": OnWatch,
    "withdrawal": Withdrawal,
}
_KIND_OF = {record: kind for kind, record in KINDS.items()}


@dataclass(frozen=True)
class Entry:
    """One entry: its head, and what it says."""

    head: Head
    what: What

    def __post_init__(self) -> None:
        if isinstance(self.what, Withdrawal) and self.head.corrects is None:
            raise unwritable("A withdrawal names no entry", "Say which entry should not have been, and why")

    @property
    def kind(self) -> str:
        """The kind's name, as in KINDS."""
        return _KIND_OF[type(self.what)]


def encode(entry: Entry) -> bytes:
    """The bytes that are sealed. Reading them gives the same entry again."""
    return to_bytes(plain_entry(entry))


def plain_entry(entry: Entry) -> dict[str, Any]:
    """An entry as plain data."""
    return {
        "format": FORMAT,
        "kind": entry.kind,
        "head": to_plain(entry.head),
        "what": to_plain(entry.what),
    }


def read_plain(data: Any) -> Entry:
    """The entry that plain data spells. Raises CaseRefused."""
    if not isinstance(data, dict) or data.keys() != {"format", "kind", "head", "what"}:
        raise unreadable("it is not an entry")
    if data["format"] != FORMAT:
        raise unreadable("it was written by another version")
    if not isinstance(data["kind"], str) or data["kind"] not in KINDS:
        raise unreadable("its kind is not known")
    return Entry(
        from_plain(Head, data["head"], "its head"), from_plain(KINDS[data["kind"]], data["what"], "it")
    )


def read(body: bytes, kind: str, by: str) -> Entry:
    """The entry inside an opened body. `kind` and `by` are what the server's row says of it. Raises CaseRefused."""
    entry = read_plain(from_bytes(body))
    if (entry.kind, entry.head.by) != (kind, by):
        raise unreadable("the row around it names another kind or another writer than the seal holds")
    return entry
