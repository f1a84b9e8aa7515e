"""The judge of lives: every invariant by its name, on what really happened, never on what the machine believes.

`exercised` counts only the cases in which a guard could have been broken, and what each count means is said in `CASES`.
A broken invariant raises `Broken`; the life ends there.
"""

import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind, Step
from lastwords.protocol.quiet import FREED_BY, as_seen
from lastwords.protocol.stages import Finding, HoldCause, Stage, Strength, TrackStage
from lastwords.protocol.watch import Watch
from lastwords.server.port import Outgoing, Write
from lastwords.simulate.broken import Broken

from . import wholeness
from .door import Steps
from .handing import HANDING
from .past import SILENT, SLACK, Asking, Course, Mark, Past, Sent, end_holds, ran, remember
from .wholeness import Rows

CASES = {
    "I1": "stages left by the run of a wait, last calls begun and releases: each could have come too early",
    "I2": "strong signs taken in while a release was within reach, or words were out and not opened",
    "I3": "releases made in spite of a fault at that very write, by one of two servers, or again after a recall",
    "I4": "spells without hearing that lay over a running wait",
    "I5": "restores that had something to forget: a sign, a statement or a release since the backup",
    "I8": "writes at which a fault struck: before, after, or with the answer lost",
    "I9": "askings for emergency notes without the card",
    "I10": "tellings tried of somebody silent or stated dead, findings of silent keepers, releases to an alternate",
    "I11": "acts of a keeper who receives words while a case was open, and changes of terms tried in one",
    "L1": "authors who died with words sealed and enough honest keepers, and whose time to a release came",
    "L3": "letters that no address took for thirty days",
}
FROZEN = (
    *(e.Arm, e.AddCredential, e.ProveRecovery, e.InviteKeeper, e.VerifyKeeper, e.BeginPractice),
    *(e.SuspendSeat, e.RemoveKeeper, e.SealSheet),
)
"""Terms: none of these is taken while the author is asked, the keepers are called or a sign waits for them."""


@dataclass(slots=True)
class Judge:
    """Judges one life. `pasts` holds the true history of every author in it, `sent` every letter by its name."""

    exercised: Counter[str] = field(default_factory=Counter)
    pasts: dict[str, Past] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    known: int = 0
    """Signs, statements and releases taken in: what a restore could forget or repeat."""
    looked: set[str] = field(default_factory=set)
    """Whose watch the running pass has moved."""

    # What crosses the port (I8).

    def committed(self, write: Write, steps: Steps, now: Mark, struck: str) -> None:
        """One write of a watch, with the steps it was made of. `struck` says what fault lay over it, if any."""
        stood, number = self.texts.get(write.author), self.numbers.get(write.author, 0)
        self.numbers[write.author] = wholeness.one_transaction(write, steps, stood, number)
        self.texts[write.author] = write.state
        if struck:
            self.exercised["I8"] += 1
        self.written(write.letters, now)
        for event, _, step in steps:
            self._step(write.author, event, step, now, struck)

    def written(self, letters: tuple[Outgoing, ...], now: Mark) -> None:
        """Letters that belong to no watch's step."""
        for letter in letters:
            self.sent[letter.ident] = _sent(letter, now)

    def audit(self, author: str, rows: Rows, letters: list[Outgoing], thorough: bool) -> None:
        """See `wholeness.audit`; the record must end where it was seen to end."""
        wholeness.audit(author, rows, letters, self.numbers.get(author, 0), thorough)

    def remembered(self) -> bytes:
        """The true history of everybody as of now, pickled: each who reads it has it for their own."""
        return pickle.dumps(self.pasts, pickle.HIGHEST_PROTOCOL)

    def put_back(self, texts: dict[str, str], numbers: dict[str, int]) -> None:
        """The service's memory is an older one now."""
        self.texts, self.numbers = dict(texts), dict(numbers)

    def restored(self, pasts: bytes, texts: dict[str, str], numbers: dict[str, int]) -> None:
        """What was true of the service is that of the backup again; what people did and received stays done. `pasts`
        is what `remembered` gave."""
        self.put_back(texts, numbers)
        older: dict[str, Past] = pickle.loads(pasts)
        for author, past in older.items():
            newer = self.pasts[author]
            past.sign = newer.sign
            for key, course in past.courses.items():
                if key in newer.courses:
                    course.times_out = newer.courses[key].times_out
        self.pasts.clear()
        self.pasts.update(older)

    # Credit (I4).

    def earned(self, credit: int, heard: int, edges: int) -> None:
        """`credit` seconds were earned where `heard` seconds were true hearing that began or ended `edges` times."""
        if credit > heard + SLACK * (edges + 1):
            raise Broken("I4", f"{credit} seconds of credit where {heard} were heard")

    # Steps.

    def _step(self, author: str, event: e.Event | None, step: Step, now: Mark, struck: str) -> None:
        past = self.pasts.get(author)
        if past is None:
            past = self.pasts[author] = Past(author)
        of_the_service = type(event) in _OF_THE_SERVICE
        if event is None or (of_the_service and step.row is None):
            return  # time that has passed, or a letter that was taken, and nothing came of it
        if not of_the_service:
            event = self._acted(past, event, step, now)
        elif isinstance(event, e.Look):
            if author in self.looked:
                raise Broken("I1", "one pass of the sweep moved a watch twice")
            self.looked.add(author)
        if step.row is None:
            return
        if isinstance(event, e.BreakGlass) and not event.card:
            self._asked_for_notes(past, event, now)
        for what, about in step.row.happened:
            rule = _NOTES.get(what)
            if rule:
                rule(self, past, event, about, now, struck)
        if isinstance(event, e.MakeStatement) and past.stage is Stage.VIGIL:
            past.stated(event.by, now)
        if isinstance(event, e.CheckIn) and event.strength is Strength.STRONG and past.stage in _AFTER_SIGN:
            _judge_sign(step.watch)
        if isinstance(event, e.Restore) and step.watch.statements:
            raise Broken("I5", "a restore left statements standing")

    def _acted(self, past: Past, event: e.Event, step: Step, now: Mark) -> e.Event:
        """Somebody did this. Returns it as everybody may read it."""
        _remember_marks(past, event, step, now)
        event = as_seen(event)
        self._guards(past, event)
        if isinstance(event, e.CheckIn) and event.strength is Strength.STRONG:
            self._count_sign(past)
        self.known += isinstance(event, (e.CheckIn, e.MakeStatement))
        remember(past, event, now)
        return event

    def _guards(self, past: Past, event: e.Event) -> None:
        """Acts that must have been refused."""
        if isinstance(event, FROZEN) and past.stage in (Stage.LATE, Stage.VIGIL, Stage.CLOSING):
            raise Broken("I11", f"terms changed in {past.stage}: {type(event).__name__}")
        if isinstance(event, (e.RaiseAlarm, e.PlaceHold)) and not event.second and event.by != past.author:
            opens_case = isinstance(event, e.RaiseAlarm) or not past.case
            if past.receives(event.by) and opens_case and past.stage in (Stage.WELL, Stage.LATE):
                raise Broken("I11", f"{event.by}, who receives words, did alone what opens a case")
        if isinstance(event, e.MakeStatement) and not past.case and not _opens_again(past, event):
            raise Broken("I5", f"a statement of {event.by} was taken without an open case")
        rule = HANDING.get(type(event))
        if rule:
            rule(past, event)

    def _count_sign(self, past: Past) -> None:
        within = past.stage in (Stage.LATE, Stage.VIGIL)
        if within or any(course.out and not course.opened for course in past.courses.values()):
            self.exercised["I2"] += 1

    def _asked_for_notes(self, past: Past, event: e.BreakGlass, now: Mark) -> None:
        alarms = tuple(
            sent
            for sent in self.sent.values()
            if sent.kind == LetterKind.GLASS_ALARM and sent.author == past.author and sent.written == now
        )
        past.glass[event.by] = Asking(alarms, now)
        chair = past.chairs.get(event.by)
        if chair and past.can_spare(event.by):
            # Where too few would be left, a suspension may be for break glass alone.
            chair.suspended = True
            chair.restored_by.clear()
        self.exercised["I9"] += 1

    def tried(self, author: str, event: e.Event) -> None:
        """Cases of I10 and I11 lie in the trying: they are counted whether or not they are refused."""
        past = self.pasts.get(author)
        if past is None:
            return
        if past.case or past.stage in (Stage.LATE, Stage.VIGIL, Stage.CLOSING):
            own = past.receives(event.by) and event.by in past.chairs
            self.exercised["I11"] += own or isinstance(event, FROZEN)
        course = past.courses.get(event.track) if isinstance(event, e.Tell) else None
        if course and (course.recipient in past.silent or past.death_signed(course)):
            self.exercised["I10"] += 1
        if isinstance(event, e.MakeStatement) and event.by in past.silent:
            self.exercised["I10"] += 1

    # Notes of the machine, each judged.

    def _no_hold(self, past: Past, what: str) -> None:
        if past.holds:
            invariant = "I5" if HoldCause.RESTORE in past.holds else "I1"
            raise Broken(invariant, f"{what} while a hold stands ({', '.join(past.holds)})")

    def _stage(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        to = Stage(about)
        was, past.stage = past.stage, to
        if isinstance(event, e.Look) and to is not Stage.LATE:
            self._no_hold(past, f"the stage {to} began")
        if to is Stage.VIGIL:
            self.exercised["I1"] += 1
            self._judge_vigil(past, was, now)
        if to in (Stage.LATE, Stage.VIGIL, Stage.CLOSING):
            past.restart(now)
        if to is Stage.CLOSING:
            past.closing_after = was
            past.case = True
        if to is Stage.WELL:
            past.case = False
            past.void()
            end_holds(past)
            past.take_back()
        for other in self.pasts.values():
            if to in SILENT:
                other.silent.add(past.author)
            else:
                other.silent.discard(past.author)
            other.recount(now)

    def _judge_vigil(self, past: Past, was: Stage, now: Mark) -> None:
        if was is Stage.LATE:
            asked = ran(past.late_heard, now, past.plan.late)
            if not asked and not ran(past.failing, now, past.plan.unreached):
                raise Broken(
                    "I1", "the keepers were called before the author had been asked for the whole of late"
                )
        elif was is Stage.CLOSING:
            if past.closing_after is not Stage.VIGIL:
                raise Broken("I1", "a sign that was not confirmed saved the asking of late")
            lapsed = ran(past.closing_heard, now, past.plan.closing)
            if not lapsed and not past.quorum(past.not_them):
                raise Broken("I1", "a closing ended before the keepers had been asked for all of it")
        else:
            raise Broken("I1", f"a vigil began straight from {was}")

    def _last_call(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        course = past.courses[about]
        self.exercised["I1"] += 1
        self._no_hold(past, "a last call began")
        if past.word is not None:
            raise Broken("I1", "a last call began under a word under force")
        if past.stage is not Stage.VIGIL:
            raise Broken("I1", f"a last call began in {past.stage}")
        if not ran(past.vigil_heard, now, past.plan.vigil):
            raise Broken("I1", "a last call began before a quorum had been called for the whole of the vigil")
        self._judge_quorum(past, course)
        course.called, course.heard, course.stand_in = now, None, False
        course.tried.clear()

    def _judge_quorum(self, past: Past, course: Course) -> None:
        if past.plan.timer_only:
            return
        standing = past.supporters(course)
        if past.dissenters():
            raise Broken("I1", f"it went on although {past.dissenters()[0]} has spoken with the author")
        if len(standing) < past.plan.quorum:
            if len({*standing, *past.voided}) >= past.plan.quorum:
                raise Broken("I5", "a restored past revived statements")
            raise Broken("I1", f"{len(standing)} findings stood and {past.plan.quorum} are needed")
        if past.silent & set(past.statements):
            self.exercised["I10"] += 1

    def _released(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        course = past.courses[about]
        self.known += 1
        self.exercised["I1"] += 1
        if struck or course.times_out:
            self.exercised["I3"] += 1
        if course.out:
            raise Broken("I3", f"{about} was released twice")
        if past.sign and past.vigil_from and past.sign.commit >= past.vigil_from.commit:
            raise Broken("I2", f"{about} was released after a strong sign of life")
        self._no_hold(past, f"{about} was released")
        if past.stage is not Stage.VIGIL:
            raise Broken("I1", f"{about} was released in {past.stage}")
        if not course.called:
            raise Broken("I1", f"{about} was released without a last call")
        length = past.plan.unreached if course.stand_in else past.last_call_length
        if not ran(course.heard, now, length):
            raise Broken("I1", f"{about} was released before its last call had run in full")
        self._judge_quorum(past, course)
        if course.instead_of:
            self._judge_alternate(past, course, now)
        course.out, course.told, course.opened, course.answered = now, False, False, False
        course.times_out += 1

    def _judge_alternate(self, past: Past, course: Course, now: Mark) -> None:
        self.exercised["I10"] += 1
        first = next(
            one
            for one in past.courses.values()
            if one.recipient == course.instead_of and one.condition is course.condition and not one.instead_of
        )
        if not past.death_signed(first):
            raise Broken(
                "I10", f"words went to an alternate although nobody signed that {first.recipient} died"
            )
        if first.told:
            raise Broken("I10", f"words went to an alternate although {first.recipient} had been told")
        if not ran(first.out, now, past.plan.survivorship):
            raise Broken("I10", "words went to an alternate before the survivorship time had run")

    def _undone(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        course = past.courses[about]
        course.called = course.heard = None

    def _bounced(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        if about == Stage.LATE:
            past.late_from, past.late_heard = now, None
            past.failing = past.failing or now
        elif about in past.courses:
            past.courses[about].called, past.courses[about].heard = now, None
            past.failing = past.failing or now

    def _hold_placed(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        by = event.by
        if about == HoldCause.SPOKEN_WITH and not isinstance(event, e.MakeStatement):
            by = min(past.dissenters(), default="")
        past.holds[HoldCause(about)] = (now, by)

    def _hold_ended(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        cause = HoldCause(about)
        begun, by = past.holds.pop(cause, (now, ""))
        said = past.statements.get(by)
        if cause is HoldCause.SPOKEN_WITH and said and said.finding is Finding.SPOKEN_WITH:
            del past.statements[by]  # unless it ended because they have stated something else since
        signed = isinstance(event, e.CheckIn) and event.strength is Strength.STRONG
        if cause is HoldCause.RESTORE and not signed and not past.quorum(past.restore_signed):
            raise Broken("I5", "a restore's hold ended without a strong sign or a quorum")
        if isinstance(event, e.Look):
            spoken = cause in (HoldCause.SPOKEN_WITH, HoldCause.WEAK_SIGN)
            if not ran(begun, now, past.plan.spoken_hold if spoken else past.plan.longest_hold):
                raise Broken("I1", f"a hold ({cause}) ended before its time")
        if not past.holds:
            past.restart_all(now)

    def _force_ended(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        """By two whom it called, or by a quorum of those, after the whole of a vigil."""
        word, past.word = past.word or set(), None
        if isinstance(event, e.SignFree):
            if len(past.freed & word) < FREED_BY:
                raise Broken("I1", "a word under force was lifted by fewer than two of those whom it called")
        elif not ran(past.vigil_heard, now, past.plan.vigil) or not any(
            len(set(past.supporters(course)) & word) >= past.plan.quorum for course in past.courses.values()
        ):
            raise Broken("I1", "a word under force gave way to fewer than a quorum of those whom it called")
        past.freed.clear()
        if not past.holds:
            past.restart_all(now)

    def _vigil_ended(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        """Two have spoken with the author: what is out and not opened is taken back."""
        past.void()
        past.holds.pop(HoldCause.SPOKEN_WITH, None)
        past.take_back()

    def _case_opened(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        past.case = True

    def _case_closed(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        past.case = False

    def _glass_open(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        asking = past.glass.get(about)
        if asking is None:
            raise Broken("I9", f"the notes opened to {about}, who had not asked")
        self._no_hold(past, "emergency notes opened")
        alarms = [sent for sent in self._alarms(past, about, asking) if self._is_here(past, sent.to)]
        people = [sent for sent in alarms if sent.to != past.author]
        taken = sorted(min(sent.accepted.values()) for sent in alarms if sent.accepted)
        missing = [sent for sent in alarms if not (sent.accepted or sent.refused or sent.bounced)]
        needed = max(1, min(past.plan.quorum, len(people)))
        if missing or len(taken) < needed:
            raise Broken("I9", f"the notes opened to {about} before the alarms were handed over")
        since = max(taken[needed - 1], asking.begun)
        if not ran(since, now, past.plan.glass):
            raise Broken("I9", f"the notes opened to {about} before the wait after the alarms had run")

    def _alarms(self, past: Past, asker: str, asking: Asking) -> Iterator[Sent]:
        """Those that went out with the asking, and those of everybody who came into the circle since."""
        yield from asking.alarms
        asked = asking.alarms[0].written.commit
        for sent in self.sent.values():
            alarm = sent.author == past.author and sent.kind == LetterKind.GLASS_ALARM
            later = alarm and sent.written.commit > asked
            if later and sent.facts["keeper"] == asker and not sent.facts["card"]:
                yield sent

    def _is_here(self, past: Past, person: str) -> bool:
        chair = past.chairs.get(person)
        return chair is None or not chair.gone

    def _seat_restored(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        if isinstance(event, e.Restore):
            return
        chair = past.chairs[about]
        if not past.quorum(chair.restored_by):
            raise Broken("I11", f"the seat of {about} was restored by fewer than a quorum")
        chair.suspended = False
        chair.restored_by.clear()
        past.recount(now)

    def _practice_ended(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        """Whoever was asked and has proven nothing since rests, whatever the machine made of it."""
        for keeper in past.practising:
            past.chairs[keeper].resting = True
        past.practising.clear()

    def _seasoned(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        if not ran(past.chairs[about].season, now, past.plan.seasoning):
            raise Broken("I1", f"{about} was seasoned before their time had run")
        if past.case:
            raise Broken("I11", f"{about} came to count while a case was open")
        past.chairs[about].seasoned = True

    def _opened(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        past.courses[about].opened = True

    def _told(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        past.courses[about].told = True

    def _wanted(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        """After a letter alone the keepers are asked; from the second asking on, or once told, the shares are out."""
        course = past.courses[about]
        course.handed = course.handed or course.told or course.answered or course.opened
        course.answered = True

    def _answered(self, past: Past, event: e.Event, about: str, now: Mark, struck: str) -> None:
        past.courses[about].answered = True


_AFTER_SIGN = (Stage.WELL, Stage.CLOSING)
_OF_THE_SERVICE = frozenset({e.Look, e.LetterTaken, e.LetterFailed, e.LetterBounced})
"""What nobody asks for, so that none of it must have been refused."""

_NOTES: dict[str, Any] = {
    "stage": Judge._stage,
    "last_call": Judge._last_call,
    "released": Judge._released,
    "last_call_undone": Judge._undone,
    "bounced": Judge._bounced,
    "hold_placed": Judge._hold_placed,
    "hold_ended": Judge._hold_ended,
    "force_ended": Judge._force_ended,
    "vigil_ended": Judge._vigil_ended,
    "case_opened": Judge._case_opened,
    "case_closed": Judge._case_closed,
    "glass_open": Judge._glass_open,
    "restored": Judge._seat_restored,
    "practice_ended": Judge._practice_ended,
    "seasoned": Judge._seasoned,
    "opened": Judge._opened,
    "told": Judge._told,
    "shares_wanted": Judge._wanted,
    "later": Judge._answered,
    "through_someone": Judge._answered,
    "declined": Judge._answered,
}


def _remember_marks(past: Past, event: e.Event, step: Step, now: Mark) -> None:
    """What lies beside the stage: a word under force and whom it called, who has signed since, who stepped back."""
    force = step.watch.force
    if force and past.word is None and not all(past.fit(keeper) for keeper in force.called):
        raise Broken("I1", "a word under force called somebody whom the author had not verified")
    if force and step.row and any(letter.kind is LetterKind.UNDER_FORCE for letter in step.letters):
        raise Broken("I1", "a row that its author may read names a letter about a word under force")
    if isinstance(event, (e.SpeakUnderForce, e.Restore)):
        past.word = set(force.called) if force else None
        past.freed.clear()
    elif isinstance(event, e.PassSeat) and past.word and event.by in past.word:
        if event.successor not in past.word:
            past.word.remove(event.by)
            past.freed.discard(event.by)
        past.word.add(event.successor)
    elif isinstance(event, e.SignFree):
        past.freed.add(event.by)
    elif isinstance(event, e.StepBackUnseen):
        if past.stage is Stage.VIGIL:
            # It may not look different from not having found out: they count until the end of this very act.
            past.stated(event.by, now)
        past.chairs[event.by].aside = True


def _opens_again(past: Past, event: e.MakeStatement) -> bool:
    """Keepers had ended the case, and somebody who is heard has spoken with the author."""
    return event.finding is Finding.SPOKEN_WITH and past.stage is Stage.VIGIL and past.fit(event.by)


def _judge_sign(watch: Watch) -> None:
    """What a strong sign of life leaves: nothing on its way, nothing out and unopened, nothing stated."""
    if watch.statements:
        raise Broken("I2", "a strong sign of life left statements standing")
    for track in watch.tracks:
        if track.stage is TrackStage.LAST_CALL or (track.released and track.stage is TrackStage.RELEASED):
            raise Broken("I2", f"a strong sign of life left {track.key} on its way")


def _sent(letter: Outgoing, now: Mark) -> Sent:
    return Sent(letter.kind, letter.to, letter.author, letter.round, now, dict(letter.facts))
