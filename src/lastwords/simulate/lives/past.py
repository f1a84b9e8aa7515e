"""What really happened in a life, kept apart from everything the service believes.

It is fed by what people did and the door took in, by what the far side of the mail accepted, and by the true time in
which the service ran, could write and could be heard. Outputs of the machine (a stage entered, a last call begun, a
release) appear only as what is to be judged. Nothing is ever looked up in a watch.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.stages import Condition, Finding, HoldCause, Stage, Strength
from lastwords.protocol.watch import HOST, Plan, track_key

SLACK = 90
"""Seconds by which credit may lead true hearing, for each time that hearing began or ended: one pulse and its slack."""
ASKS = (LetterKind.CHECK_IN_MISSED, LetterKind.ALARM_ASKS, LetterKind.SECOND_REMINDER)
CALLS = (LetterKind.KEEPER_CALLED, LetterKind.ASKED_AGAIN)
SILENT = (Stage.VIGIL, Stage.CLOSING)


class Mark(NamedTuple):
    """One instant: true seconds, seconds of them in which the author could have been heard and written to, how often
    that changed, and how many writes were taken in."""

    at: int
    heard: int
    edges: int
    commit: int

    def __deepcopy__(self, memo: object) -> "Mark":
        return self  # it never changes, and a life that is copied has thousands of them


def ran(since: Mark | None, now: Mark, length: int) -> bool:
    """Whether so many seconds in which the author could be heard lie between two instants."""
    return since is not None and now.heard - since.heard + SLACK * (now.edges - since.edges + 1) >= length


@dataclass(slots=True)
class Sent:
    """A letter as it was written, and what the far side did with it: accepted by which address when; refused when."""

    kind: str
    to: str
    author: str
    round: int
    written: Mark
    facts: dict[str, Any]
    accepted: dict[str, Mark] = field(default_factory=dict)
    refused: Mark | None = None
    bounced: int = 0


@dataclass(slots=True)
class Chair:
    """A keeper's seat as people made it: what was said, proven and taken away."""

    alternate: bool = False
    verified: bool = False
    vouched: bool = False
    season: Mark | None = None
    seasoned: bool = False
    suspended: bool = False
    resting: bool = False
    gone: bool = False
    aside: bool = False
    """Its keeper has stepped back unseen."""
    receipts: set[tuple[str, str]] = field(default_factory=set)
    restored_by: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Course:
    """One track: what is sealed, the last call of the moment, and what became of the words."""

    recipient: str
    instead_of: str = ""
    condition: Condition = Condition.DIED
    sealed: tuple[int, str] = (0, "")
    share_set: str = ""
    words: bool = False
    called: Mark | None = None
    heard: Mark | None = None
    stand_in: bool = False
    tried: set[str] = field(default_factory=set)
    deaths: set[str] = field(default_factory=set)
    out: Mark | None = None
    """When the words went out, until they are recalled; still set once they are opened."""
    times_out: int = 0
    told: bool = False
    answered: bool = False
    handed: bool = False
    opened: bool = False


@dataclass(slots=True)
class Asking:
    """One keeper's asking for the notes: the alarms written for it."""

    alarms: tuple[Sent, ...]
    begun: Mark


@dataclass(slots=True)
class Past:
    """The true history of one author's watch. `silent` says whose own watch is in vigil or closing."""

    author: str
    plan: Plan = field(default_factory=Plan)
    armed: bool = False
    stage: Stage = Stage.DRAFT
    sign: Mark | None = None
    late_from: Mark | None = None
    late_heard: Mark | None = None
    vigil_from: Mark | None = None
    vigil_heard: Mark | None = None
    closing_heard: Mark | None = None
    closing_after: Stage = Stage.DRAFT
    called: set[str] = field(default_factory=set)
    asked_home: set[str] = field(default_factory=set)
    failing: Mark | None = None
    bounces: int = 0
    case: bool = False
    chairs: dict[str, Chair] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    statements: dict[str, e.MakeStatement] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    """Who had stated a finding that a restore made void, and has not stated it again."""
    holds: dict[HoldCause, tuple[Mark, str]] = field(default_factory=dict)
    restore_signed: set[str] = field(default_factory=set)
    not_them: set[str] = field(default_factory=set)
    home: set[str] = field(default_factory=set)
    glass: dict[str, Asking] = field(default_factory=dict)
    practising: set[str] = field(default_factory=set)
    """Whom a practice has asked, without those who have proven a share since."""
    silent: set[str] = field(default_factory=set)
    word: set[str] | None = None
    """Whom a word under force has called, while it stands."""
    freed: set[str] = field(default_factory=set)

    # Who counts.

    def fit(self, keeper: str) -> bool:
        """Whether this person's alarm, hold and "spoken with" are heard."""
        chair = self.chairs.get(keeper)
        return chair is not None and chair.verified and not (chair.suspended or chair.gone)

    def receives(self, person: str) -> bool:
        """Whether words wait for this person that the author has not taken back."""
        return any(course.words and course.recipient == person for course in self.courses.values())

    def counts(self, keeper: str, course: Course | None = None) -> bool:
        """Whether this keeper's signature counts, for one track or for any."""
        chair = self.chairs.get(keeper)
        if chair is None or chair.gone or chair.suspended or chair.resting or chair.aside:
            return False
        if keeper in self.silent or not chair.seasoned:
            return False
        courses = [course] if course else [one for one in self.courses.values() if one.words]
        return any(
            keeper != one.recipient and (key_of(one), one.share_set) in chair.receipts for one in courses
        )

    def quorum(self, signers: Iterable[str]) -> bool:
        return sum(self.counts(keeper) for keeper in set(signers)) >= self.plan.quorum

    def can_spare(self, keeper: str) -> bool:
        """Whether a quorum would count for every track without this keeper."""
        others = [other for other in self.chairs if other != keeper]
        return all(
            sum(self.counts(other, course) for other in others) >= self.plan.quorum
            for course in self.courses.values()
            if course.words and self.counts(keeper, course)
        )

    def supporters(self, course: Course) -> list[str]:
        """Keepers who count for this track and whose standing statement names its newest words."""
        found = (Finding.DIED,) if course.condition is Condition.DIED else (Finding.DIED, Finding.CANNOT_ACT)
        head = (key_of(course), *course.sealed)
        return [
            keeper
            for keeper, said in self.statements.items()
            if said.finding in found and head in said.heads and self.counts(keeper, course)
        ]

    def dissenters(self) -> list[str]:
        return [
            keeper
            for keeper, said in self.statements.items()
            if said.finding is Finding.SPOKEN_WITH and self.fit(keeper)
        ]

    def death_signed(self, course: Course) -> bool:
        """A quorum has signed that this recipient died, whoever would receive in their place left out."""
        heirs = {one.recipient for one in self.courses.values() if one.instead_of == course.recipient}
        return self.quorum(course.deaths - heirs - {course.recipient})

    # What waits and for how long.

    @property
    def last_call_length(self) -> int:
        return self.plan.vigil + self.plan.last_call if self.plan.timer_only else self.plan.last_call

    def _left(self, course: Course, now: Mark) -> int:
        """Seconds that are left of a last call for which people stand in."""
        return self.plan.unreached - (now.heard - course.heard.heard if course.heard else 0)

    @property
    def waiting(self) -> bool:
        """Whether something runs that must not run while nobody could be heard."""
        return self.armed and (
            self.stage is not Stage.WELL or bool(self.holds) or any(self.glass) or self.sign is not None
        )

    def restart(self, now: Mark) -> None:
        """Whatever wait was running begins again, and only letters written from now on count for it."""
        self.late_from, self.late_heard = now, None
        self.vigil_from, self.vigil_heard = now, None
        self.closing_heard = None
        self.bounces = 0
        self.called.clear()
        self.asked_home.clear()
        for course in self.courses.values():
            course.called = course.heard = None
            if self.plan.timer_only and self.stage is Stage.VIGIL and course.words and not course.out:
                course.called = now
            course.tried.clear()
            course.stand_in = False

    def restart_all(self, now: Mark) -> None:
        """After a hold the waits beside the stage begin again as well."""
        self.restart(now)
        for asking in self.glass.values():
            asking.begun = now

    def void(self) -> None:
        self.statements.clear()

    def take_back(self) -> None:
        """What is out and not opened is the author's again. That it is open counts where the shares are out."""
        for course in self.courses.values():
            if course.out and not (course.opened and (course.handed or self.plan.timer_only)):
                course.out, course.told, course.opened, course.answered = None, False, False, False

    # Letters that the far side took or refused.

    def taken(self, sent: Sent, now: Mark) -> None:
        """A letter was accepted: whatever waited for it has begun, at the earliest now."""
        if sent.to == self.author:
            self._author_took(sent, now)
        elif sent.kind in CALLS and self.vigil_from and sent.written.commit >= self.vigil_from.commit:
            self.called.add(sent.to)
        elif sent.kind == LetterKind.HOME_QUESTION and sent.written.commit >= (self.vigil_from or now).commit:
            self.asked_home.add(sent.to)
        self.recount(now)

    def _author_took(self, sent: Sent, now: Mark) -> None:
        if len(sent.accepted) < self.plan.channels:
            return
        if sent.kind in ASKS and self.late_from and sent.written.commit >= self.late_from.commit:
            self.failing = None
            self.late_heard = self.late_heard or now
        elif sent.kind == LetterKind.LAST_CALL:
            for course in self.courses.values():
                if course.called and sent.written.commit >= course.called.commit:
                    if (
                        course.heard is None
                        or course.stand_in
                        and self._left(course, now) > self.last_call_length
                    ):
                        # Where people stood in for a letter that was taken after all, its own time is enough.
                        course.heard, course.stand_in = now, False
                    # What took this one may refuse another for ever, and does so from now on.
                    waits = any(one.called and not one.heard for one in self.courses.values())
                    self.failing = now if waits and self.failing else None

    def refused(self, sent: Sent, now: Mark) -> None:
        if sent.to == self.author and (sent.kind in ASKS or sent.kind == LetterKind.LAST_CALL):
            self.failing = self.failing or now

    def came_back(self, sent: Sent, now: Mark) -> None:
        """The only accepted copy was sent back: what it had begun has not begun. Twice at most the service asks anew,
        so only the first time in an asking is sure."""
        if self.bounces or sent.to != self.author:
            return
        if sent.kind in ASKS and self.stage is Stage.LATE and self.late_heard:
            if sent.written.commit >= (self.late_from or now).commit:
                self.bounces += 1
                self.late_heard = None
                self.failing = self.failing or now
        elif sent.kind == LetterKind.LAST_CALL:
            for course in self.courses.values():
                if course.called and course.heard and sent.written.commit == course.called.commit:
                    self.bounces += 1
                    course.heard = None
                    self.failing = self.failing or now

    def stated(self, keeper: str, now: Mark) -> None:
        """Whoever makes a statement in a vigil knows that they are asked, whatever became of their letter."""
        self.called.add(keeper)
        self.recount(now)

    def recount(self, now: Mark) -> None:
        """Those who were reached make a quorum of the vigil's, or of the closing's, from now on."""
        if self.vigil_heard is None and self.quorum(self.called):
            self.vigil_heard = now
        if self.closing_heard is None and self.quorum(self.asked_home):
            self.closing_heard = now
        for course in self.courses.values():
            waits = course.tried and not course.heard and ran(self.failing, now, self.plan.unreached)
            if waits and self.quorum(course.tried):
                course.heard, course.stand_in = now, True


def key_of(course: Course) -> str:
    return track_key(course.condition, course.recipient, course.instead_of)


# What people did, once the door has taken it in.


def remember(past: Past, event: e.Event, now: Mark) -> None:
    """Writes an act down, before what the machine made of it is judged."""
    rule = _RULES.get(type(event))
    if rule:
        rule(past, event, now)


def _sign(past: Past, event: e.CheckIn, now: Mark) -> None:
    if event.strength is not Strength.STRONG:
        return
    past.sign = now
    past.void()
    past.voided.clear()
    past.failing = None
    if past.stage is not Stage.CLOSING:
        past.not_them.clear()
        past.home.clear()
        end_holds(past)
    for course in past.courses.values():
        course.called = course.heard = None
        course.deaths.clear()
    past.take_back()


def end_holds(past: Past) -> None:
    for cause, (_, by) in list(past.holds.items()):
        if cause is HoldCause.RESTORE or (cause is not HoldCause.CLOCK and by != HOST):
            del past.holds[cause]
    past.restore_signed.clear()


def _arm(past: Past, event: e.Arm, now: Mark) -> None:
    if not past.armed:
        for chair in past.chairs.values():
            if chair.verified:
                chair.seasoned = chair.vouched
                chair.season = now
        past.stage = Stage.WELL
    past.plan, past.armed = event.plan, True
    past.sign = now


def _seal(past: Past, event: e.SealWords, now: Mark) -> None:
    key = track_key(event.condition, event.recipient, event.instead_of)
    old = past.courses.get(key)
    course = Course(event.recipient, event.instead_of, event.condition, (event.number, event.hash))
    course.share_set = event.share_set
    course.words = bool(event.items)
    course.times_out = old.times_out if old else 0
    past.courses[key] = course


def _invite(past: Past, event: e.InviteKeeper, now: Mark) -> None:
    past.chairs[event.keeper] = Chair(bool(event.alternate))


def _verify(past: Past, event: e.VerifyKeeper, now: Mark) -> None:
    chair = past.chairs[event.keeper]
    chair.verified, chair.vouched, chair.season = True, event.vouched, now


def _receipt(past: Past, event: e.GiveReceipt, now: Mark) -> None:
    chair = past.chairs[event.by]
    chair.receipts |= set(event.proven)
    chair.resting = False
    past.practising.discard(event.by)
    past.recount(now)


def _practise(past: Past, event: e.BeginPractice, now: Mark) -> None:
    past.practising = {keeper for keeper, chair in past.chairs.items() if chair.receipts and past.fit(keeper)}


def _suspend(past: Past, event: e.SuspendSeat, now: Mark) -> None:
    chair = past.chairs[event.keeper]
    chair.suspended = True
    chair.restored_by.clear()


def _restore_seat(past: Past, event: e.RestoreSeat, now: Mark) -> None:
    past.chairs[event.keeper].restored_by.add(event.by)


def _remove(past: Past, event: e.RemoveKeeper, now: Mark) -> None:
    chair = past.chairs[event.keeper]
    chair.gone, chair.verified = True, False
    chair.receipts.clear()


def _pass_seat(past: Past, event: e.PassSeat, now: Mark) -> None:
    leaving = past.chairs[event.by]
    leaving.gone = True
    known = past.chairs.get(event.successor)
    chair = known if known and not known.gone else Chair(verified=True, season=now)
    chair.alternate = leaving.alternate
    chair.verified = True
    chair.seasoned = chair.seasoned or past.case and leaving.seasoned
    chair.aside = chair.aside or known is None and leaving.aside
    past.chairs[event.successor] = chair


def _state(past: Past, event: e.MakeStatement, now: Mark) -> None:
    past.statements[event.by] = event
    past.voided.discard(event.by)


def _retract(past: Past, event: e.RetractStatement, now: Mark) -> None:
    past.statements.pop(event.by, None)


def _lift(past: Past, event: e.LiftHold, now: Mark) -> None:
    if event.cause is HoldCause.RESTORE:
        past.restore_signed.add(event.by)


def _restored(past: Past, event: e.Restore, now: Mark) -> None:
    past.voided = set(past.statements)
    past.void()
    past.not_them.clear()
    past.home.clear()
    past.restore_signed.clear()
    past.restart_all(now)
    if past.stage is not Stage.DRAFT:
        past.holds.pop(HoldCause.SPOKEN_WITH, None)
        past.holds[HoldCause.RESTORE] = (now, HOST)
    for course in past.courses.values():
        course.tried.clear()
        course.deaths.clear()
    for chair in past.chairs.values():
        chair.restored_by.clear()


def _tried(past: Past, event: e.SignTried, now: Mark) -> None:
    for course in past.courses.values():
        if course.called and not course.heard:
            course.tried.add(event.by)
    past.recount(now)


def _died(past: Past, event: e.SignRecipientDied, now: Mark) -> None:
    for course in past.courses.values():
        if course.recipient == event.recipient and not course.instead_of:
            course.deaths.add(event.by)


def _lives(past: Past, event: e.RetractRecipientDied, now: Mark) -> None:
    for course in past.courses.values():
        if course.recipient == event.recipient:
            course.deaths.discard(event.by)


def _not_them(past: Past, event: e.SignNotThem, now: Mark) -> None:
    past.not_them.add(event.by)


def _home(past: Past, event: e.SignHome, now: Mark) -> None:
    past.home.add(event.by)


_RULES: dict[type[e.Event], Any] = {
    e.CheckIn: _sign,
    e.Arm: _arm,
    e.SealWords: _seal,
    e.InviteKeeper: _invite,
    e.VerifyKeeper: _verify,
    e.GiveReceipt: _receipt,
    e.BeginPractice: _practise,
    e.SuspendSeat: _suspend,
    e.RestoreSeat: _restore_seat,
    e.RemoveKeeper: _remove,
    e.PassSeat: _pass_seat,
    e.MakeStatement: _state,
    e.RetractStatement: _retract,
    e.LiftHold: _lift,
    e.Restore: _restored,
    e.SignTried: _tried,
    e.SignRecipientDied: _died,
    e.RetractRecipientDied: _lives,
    e.SignNotThem: _not_them,
    e.SignHome: _home,
}
