"""What the explorer itself remembers of the past, kept apart from the machine's own bookkeeping.

It is fed only by what goes in (events, ticks of credit) and by which stage the watch and its tracks are seen in. The
invariants are judged on this memory, so a wrong mark, counter or set inside the machine cannot vouch for itself.
A counter is 0 for "not begun", else 1 more than the ticks of credit since, up to its length.
"""

from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import Plan

from .world import NEVER

CAUSES = tuple(HoldCause)
SPOKEN, DIED, CANNOT_ACT = 1, 2, 3


class Memory:
    """What is remembered of one keeper."""

    __slots__ = (
        *("finding", "called", "asked_home", "not_them", "home", "restores", "tried", "deaths"),
        *("suspended", "silent", "resting", "season"),
    )

    def __init__(self, data: bytes = bytes(4)) -> None:
        self.finding = data[0] & 7
        self.called, self.asked_home = data[0] >> 3 & 1, data[0] >> 4 & 1
        self.not_them, self.home, self.restores = data[0] >> 5 & 1, data[0] >> 6 & 1, data[0] >> 7
        self.tried, self.deaths = data[1] & 7, data[1] >> 3
        self.suspended, self.silent, self.resting = data[2] & 1, data[2] >> 1 & 1, data[2] >> 2
        self.season = data[3]

    def copy(self) -> "Memory":
        new = Memory.__new__(Memory)
        new.finding, new.called, new.asked_home = self.finding, self.called, self.asked_home
        new.not_them, new.home, new.restores = self.not_them, self.home, self.restores
        new.tried, new.deaths, new.suspended = self.tried, self.deaths, self.suspended
        new.silent, new.resting, new.season = self.silent, self.resting, self.season
        return new

    def bytes(self) -> tuple[int, int, int, int]:
        return (
            self.finding
            | self.called << 3
            | self.asked_home << 4
            | self.not_them << 5
            | self.home << 6
            | self.restores << 7,
            self.tried | self.deaths << 3,
            self.suspended | self.silent << 1 | self.resting << 2,
            self.season,
        )


class Course:
    """What is remembered of one track: the last call's counter, whether people stood in for its letter, what is out."""

    __slots__ = ("last_call", "stand_in", "out", "told", "handed", "age")

    def __init__(self, data: bytes = bytes(3)) -> None:
        self.last_call, self.age = data[0], data[1]
        self.stand_in, self.out = data[2] & 1, data[2] >> 1 & 1
        self.told, self.handed = data[2] >> 2 & 1, data[2] >> 3 & 1

    def copy(self) -> "Course":
        new = Course.__new__(Course)
        new.last_call, new.age, new.stand_in = self.last_call, self.age, self.stand_in
        new.out, new.told, new.handed = self.out, self.told, self.handed
        return new

    def bytes(self) -> tuple[int, int, int]:
        flags = self.stand_in | self.out << 1 | self.told << 2 | self.handed << 3
        return self.last_call, self.age, flags


class History:
    """The whole memory: the stages' counters, standing holds, tracks and keepers."""

    __slots__ = (
        "late",
        "failing",
        "answered",
        "vigil",
        "closing",
        "glass",
        "holds",
        "courses",
        "keepers",
        "others",
    )

    def __init__(self, tracks: int = 0, keepers: int = 0) -> None:
        self.late = self.failing = self.answered = self.vigil = self.closing = self.glass = 0
        self.holds = [0] * len(CAUSES)
        self.courses = [Course() for _ in range(tracks)]
        self.keepers = [Memory() for _ in range(keepers)]
        self.others = 0

    def write(self, data: list[int]) -> None:
        """Appends everything but the keepers' part to a state's bytes."""
        data += (self.late, self.failing, self.answered, self.vigil, self.closing, self.glass, self.others)
        data += self.holds
        for course in self.courses:
            data += course.bytes()

    def of_keeper(self, place: int) -> tuple[int, ...]:
        return self.keepers[place].bytes()

    @classmethod
    def read(cls, data: bytes, at: int, tracks: int) -> "tuple[History, int]":
        """The memory in a state's bytes from `at` on, without the keepers' part, and where it ends."""
        history = cls()
        (
            history.late,
            history.failing,
            history.answered,
            history.vigil,
            history.closing,
            history.glass,
            history.others,
        ) = data[at : at + 7]
        at += 7
        history.holds = list(data[at : at + len(CAUSES)])
        at += len(CAUSES)
        history.courses = [Course(data[at + 3 * index : at + 3 * index + 3]) for index in range(tracks)]
        return history, at + 3 * tracks

    def read_keepers(self, people: list[bytes]) -> None:
        self.keepers = [Memory(data) for data in people]

    def copy(self) -> "History":
        new = History.__new__(History)
        new.late, new.failing, new.answered = self.late, self.failing, self.answered
        new.vigil, new.closing, new.glass, new.others = self.vigil, self.closing, self.glass, self.others
        new.holds = self.holds.copy()
        new.courses = [course.copy() for course in self.courses]
        new.keepers = [keeper.copy() for keeper in self.keepers]
        return new

    # Time.

    def tick(self, plan: Plan) -> None:
        """One unit of credit has been earned."""
        held = self.held(plan)
        if not held:
            self.late = _run(self.late, plan.late)
            self.vigil = _run(self.vigil, plan.vigil)
            self.closing = _run(self.closing, plan.closing)
            self.glass = _run(self.glass, plan.glass)
        self.failing = _run(self.failing, plan.unreached)
        for course in self.courses:
            if not held:
                course.last_call = _run(
                    course.last_call, plan.unreached if course.stand_in else last_call_length(plan)
                )
            course.age = _run(course.age, plan.survivorship)
        for place, cause in enumerate(CAUSES):
            self.holds[place] = _run(self.holds[place], hold_length(plan, cause))
        if self.holds[CAUSES.index(HoldCause.SPOKEN_WITH)] > plan.spoken_hold:
            for keeper in self.keepers:
                keeper.finding = 0 if keeper.finding == SPOKEN else keeper.finding
        for keeper in self.keepers:
            keeper.season = max(0, keeper.season - 1)

    # Questions.

    def held(self, plan: Plan) -> bool:
        """A hold stands: it was placed, nobody lifted it, and its time has not run."""
        return any(
            ticks and ticks <= hold_length(plan, CAUSES[place]) for place, ticks in enumerate(self.holds)
        )

    def hold(self, cause: HoldCause, ticks: int) -> None:
        self.holds[CAUSES.index(cause)] = ticks

    def stop(self) -> None:
        """Everything that was running begins anew after this: a hold, a restore, a new stage."""
        self.late = self.vigil = self.closing = 0
        for course in self.courses:
            course.last_call = course.stand_in = 0
        for keeper in self.keepers:
            keeper.called = keeper.asked_home = keeper.tried = 0

    def forget_findings(self) -> None:
        for keeper in self.keepers:
            keeper.finding = 0


def hold_length(plan: Plan, cause: HoldCause) -> int:
    """Units of credit a hold stands when nobody lifts it; a restore's has no end."""
    if cause is HoldCause.RESTORE:
        return NEVER
    return plan.spoken_hold if cause in (HoldCause.SPOKEN_WITH, HoldCause.WEAK_SIGN) else plan.longest_hold


def last_call_length(plan: Plan) -> int:
    return plan.last_call + (plan.vigil if plan.timer_only else 0)


def _run(counter: int, length: int) -> int:
    return counter + 1 if 0 < counter <= length < NEVER else counter
