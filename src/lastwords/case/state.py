"""How entries add up: what stands after all corrections, and the state of the person now.

Nothing is thrown away. An entry that was corrected is struck out and stays in the timeline; one that cannot be read
becomes an open question; two that disagree are both shown. `now` is given, never read from a clock.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lastwords.case.entries import (
    Decision,
    Document,
    Done,
    Entry,
    Harm,
    OnWatch,
    Place,
    Question,
    Sighting,
    Standing,
    Task,
    TaskReported,
    TaskTaken,
    Treatment,
    Withdrawal,
)
from lastwords.case.news2 import NoScore, Person, Score, news2
from lastwords.case.observation import RANGE_OF, RANGES, Consciousness, Observation

# Clocks of two devices may differ by this many seconds before an entry counts as dated ahead.
CLOCKS_DIFFER = 300


@dataclass(frozen=True)
class Logged:
    """A row of the case and what was in it.

    `at` is when the server took it (UTC seconds), `keepers_only` that it is sealed to keepers who receive no words.
    `entry` is None when it is sealed to others, or, with `trouble`, when it cannot be read. `passed_on_by` names who
    sealed it again for the reader, when the original is not sealed to them.
    """

    number: int
    by: str
    at: int
    keepers_only: bool
    entry: Entry | None
    trouble: str | None = None
    passed_on_by: str | None = None


@dataclass(frozen=True)
class Fact:
    """A standing, readable entry."""

    number: int
    entry: Entry
    passed_on_by: str | None = None

    @property
    def at(self) -> int:
        """When it was so, in UTC seconds."""
        return self.entry.head.when.at


@dataclass(frozen=True)
class Seen:
    """An observation and where it stands."""

    fact: Fact
    what: Observation


@dataclass(frozen=True)
class Unconscious:
    """The last unbroken row of observations without consciousness (P or U): its first and its last one.

    Between them nobody saw the person awake, so they were unconscious for at least that long. `over` says that they
    answered at a later look.
    """

    since: Seen
    until: Seen
    over: bool = False

    @property
    def seconds(self) -> int:
        """At least so long."""
        return self.until.fact.at - self.since.fact.at


@dataclass(frozen=True)
class TaskState:
    """A task: the entry it stands in, who took it last, and the entry that reported it."""

    number: int
    task: Task
    taken_by: str | None
    reported: int | None
    done: bool


@dataclass(frozen=True)
class Point:
    """One point of a trend: when (UTC seconds), the value in the unit of its range, and the entry's number."""

    at: int
    value: int
    number: int


@dataclass(frozen=True)
class Now:
    """What the entries say by `at`. `struck` tells for each corrected entry which one corrects it."""

    at: int
    standing: tuple[Fact, ...]
    struck: dict[int, int]
    harms: tuple[Fact, ...]
    observations: tuple[Seen, ...]
    latest: dict[str, Seen]
    unconscious: Unconscious | None
    treatments: tuple[Fact, ...]
    here: Fact | None
    on_the_way: Fact | None
    help: tuple[Fact, ...]
    documents: tuple[Fact, ...]
    decisions: tuple[Fact, ...]
    tasks: tuple[TaskState, ...]
    questions: tuple[Fact, ...]
    on_watch: tuple[str, ...]
    troubles: tuple[str, ...]

    def score(self, person: Person) -> tuple[Seen, Score | NoScore] | None:
        """NEWS2 of the newest observation that has one; else of the newest, with the reasons. None without any."""
        scored = [(seen, news2(seen.what, person)) for seen in self.observations]
        whole = [pair for pair in scored if isinstance(pair[1], Score)]
        return whole[-1] if whole else scored[-1] if scored else None

    def trend(self, person: Person) -> dict[str, tuple[Point, ...]]:
        """The points of every measured value, by field name, and of the score under `news2`."""
        found: dict[str, list[Point]] = {field: [] for field in (*RANGE_OF, "news2")}
        for seen in self.observations:
            for one in RANGES:
                value = seen.what.measured(one.field)
                if value is not None:
                    found[one.field].append(Point(seen.fact.at, value, seen.fact.number))
            score = news2(seen.what, person)
            if isinstance(score, Score):
                found["news2"].append(Point(seen.fact.at, score.total, seen.fact.number))
        return {field: tuple(points) for field, points in found.items()}


def fold(rows: Sequence[Logged], at: int, counts: Callable[[Logged], bool] = lambda row: True) -> Now:
    """Add up the rows of a case as they stand at `at`, in UTC seconds. Rows may come in any order.

    Rows for which `counts` is false state nothing, yet what they correct is corrected: leaving an entry out of a
    report never brings an error back into it.
    """
    ordered = sorted(rows, key=lambda row: row.number)
    struck, troubles = strike(ordered)
    readable = [
        Fact(row.number, row.entry, row.passed_on_by)
        for row in ordered
        if row.entry is not None
        and row.number not in struck
        and not isinstance(row.entry.what, Withdrawal)
        and counts(row)
    ]
    own = sorted(
        (fact for fact in readable if fact.entry.head.person is None), key=lambda one: (one.at, one.number)
    )
    seen = tuple(Seen(fact, fact.entry.what) for fact in own if isinstance(fact.entry.what, Observation))
    places = [fact for fact in own if isinstance(fact.entry.what, Place)]
    return Now(
        at=at,
        standing=tuple(readable),
        struck=struck,
        harms=_of(own, Harm),
        observations=seen,
        latest=_latest(seen),
        unconscious=_unconscious(seen),
        treatments=_of(own, Treatment),
        here=_last(fact for fact in own if _is_here(fact)),
        on_the_way=_last(_standing(places, Standing.ON_THE_WAY)),
        help=tuple(_standing(places, Standing.HELP)),
        documents=_of(own, Document),
        decisions=_of(own, Decision),
        tasks=_tasks(readable),
        questions=_questions(readable),
        on_watch=_on_watch(own),
        troubles=(*troubles, *_troubles(ordered, readable)),
    )


def strike(rows: Sequence[Logged]) -> tuple[dict[int, int], list[str]]:
    """Which entries are corrected, and by which; and what does not fit. Rows stand in order of their numbers.

    A correction takes the place of what it corrects, and of all that this one had corrected. A withdrawal takes only
    its own entry away: withdrawing a correction brings back what it had corrected. Of two corrections of one entry
    the later stands, and that there are two is said.
    """
    entries = {row.number: row.entry for row in rows if row.entry is not None}
    known = {row.number for row in rows}
    reaches: dict[int, set[int]] = {}
    troubles = []
    for number, entry in entries.items():
        wrong = entry.head.corrects
        if wrong is None:
            continue
        if wrong >= number or wrong not in known:
            troubles.append(
                f"Entry {number} corrects entry {wrong}, which is not before it; it stands as it is."
            )
            continue
        reaches[number] = {wrong}
        if not isinstance(entry.what, Withdrawal):
            reaches[number] |= reaches.get(wrong, set())
        rivals = [one for one, aims in reaches.items() if one not in (number, wrong) and wrong in aims]
        rivals = [one for one in rivals if not any(one in aims for aims in reaches.values())]
        for rival in rivals:
            reaches[number].add(rival)
            troubles.append(
                f"Entries {rival} and {number} both correct entry {wrong}; the later, {number}, stands."
            )
    struck: dict[int, int] = {}
    for number in sorted(
        reaches, reverse=True
    ):  # whatever corrects has the greater number, so it is settled first
        if number not in struck:
            for wrong in reaches[number]:
                struck.setdefault(wrong, number)
    return struck, troubles


def _of(facts: Iterable[Fact], kind: type) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if isinstance(fact.entry.what, kind))


def _last(facts: Iterable[Fact]) -> Fact | None:
    return next(iter(reversed(list(facts))), None)


def _standing(places: Iterable[Fact], standing: Standing) -> list[Fact]:
    return [
        fact for fact in places if isinstance(fact.entry.what, Place) and fact.entry.what.standing is standing
    ]


def _is_here(fact: Fact) -> bool:
    what = fact.entry.what
    return isinstance(what, Sighting) or (isinstance(what, Place) and what.standing is Standing.HERE)


LATEST_FIELDS = (
    *("consciousness", "oxygen", "breathing_quality", "pulse_quality", "pupils", "skin"),
    *(one.field for one in RANGES),
)


def _latest(observations: Sequence[Seen]) -> dict[str, Seen]:
    latest = {}
    for seen in observations:
        for field in LATEST_FIELDS:
            if getattr(seen.what, field) is not None:
                latest[field] = seen
    return latest


def _unconscious(observations: Sequence[Seen]) -> Unconscious | None:
    told = [seen for seen in observations if seen.what.consciousness is not None]
    row: list[Seen] = []
    for seen in reversed(told):
        if seen.what.consciousness in (Consciousness.PAIN, Consciousness.UNRESPONSIVE):
            row.append(seen)
        elif row:
            break
    return Unconscious(row[-1], row[0], over=row[0] is not told[-1]) if row else None


def _tasks(readable: Sequence[Fact]) -> tuple[TaskState, ...]:
    taken: dict[int, str] = {}
    reported: dict[int, tuple[int, bool]] = {}
    for fact in readable:
        what = fact.entry.what
        if isinstance(what, TaskTaken):
            taken[what.task] = fact.entry.head.by
        elif isinstance(what, TaskReported):
            reported[what.task] = (fact.number, what.done is Done.DONE)
    return tuple(
        TaskState(
            fact.number, fact.entry.what, taken.get(fact.number), *reported.get(fact.number, (None, False))
        )
        for fact in readable
        if isinstance(fact.entry.what, Task)
    )


def _questions(readable: Sequence[Fact]) -> tuple[Fact, ...]:
    answered = {fact.entry.head.answers for fact in readable}
    return tuple(
        fact for fact in readable if isinstance(fact.entry.what, Question) and fact.number not in answered
    )


def _on_watch(facts: Sequence[Fact]) -> tuple[str, ...]:
    watching: dict[str, None] = {}
    for fact in facts:
        what = fact.entry.what
        if isinstance(what, OnWatch):
            if what.begins:
                watching[what.who] = None
            else:
                watching.pop(what.who, None)
    return tuple(watching)


def _troubles(rows: Sequence[Logged], readable: Sequence[Fact]) -> list[str]:
    found = []
    tasks = {row.number for row in rows if row.entry is not None and isinstance(row.entry.what, Task)}
    received = {row.number: row.at for row in rows}
    for row in rows:
        if row.trouble is not None:
            found.append(f"Entry {row.number} by {row.by} cannot be read: {row.trouble}")
    for fact in readable:
        what = fact.entry.what
        if fact.at > received[fact.number] + CLOCKS_DIFFER:
            found.append(f"Entry {fact.number} is dated later than it was written.")
        if isinstance(what, TaskTaken | TaskReported) and what.task not in tasks:
            found.append(f"Entry {fact.number} speaks of task {what.task}, which is no task.")
    return found
