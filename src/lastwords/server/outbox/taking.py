"""Letters are taken, so that nobody else sends them, and put into words; what nobody needs any more is let go."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from lastwords.protocol import record
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY, MINUTE, Moment
from lastwords.protocol.stages import Stage
from lastwords.protocol.watch import Watch
from lastwords.server import letters
from lastwords.server.known import Known
from lastwords.server.letters import HostLetter
from lastwords.server.port import UNREADABLE, Outgoing, Reader
from lastwords.server.refusals import ServerRefused
from lastwords.server.sheets import TO_RECIPIENTS, Names, sheet_for

from . import marks
from .handing_over import Job
from .learning import Learning

FEW = 8
"""Fewer than these are handed over one at a time: a crash then sends one letter again, not a handful."""
LEASE = 10 * MINUTE
BEGUN_WITHIN = LEASE // 2
"""Seconds of a lease within which a letter may begin to leave: a far side may take minutes over one, and what it
answered has to be written down before somebody else may take the letter."""
STALE_AFTER = 3 * DAY

ASKING = frozenset(
    {
        LetterKind.CHECK_IN_DUE,
        LetterKind.CHECK_IN_MISSED,
        LetterKind.ALARM_ASKS,
        LetterKind.SECOND_REMINDER,
        LetterKind.LAST_CALL,
        LetterKind.KEEPER_CALLED,
        LetterKind.ASKED_AGAIN,
        LetterKind.LAST_CALL_BEGUN,
        LetterKind.TRY_IN_PERSON,
        LetterKind.HOME_QUESTION,
    }
)
"""Letters that ask for something. Once the watch asks anew, an old one would only confuse, and nothing waits for it.
Where the author is well again it is not sent for a day longer: nobody may be told to look for who is at home."""

OVER_AT_HOME = ASKING | {LetterKind.ALARM_RAISED}
"""Letters that nobody needs any more once the author is well."""

OF_A_RELEASE = frozenset(
    {
        LetterKind.WORDS_RELEASED,
        LetterKind.SHARES_WANTED,
        LetterKind.WORDS_WAITING,
        LetterKind.FIRST_LETTER,
        LetterKind.LATER_IS_OVER,
    }
)
"""Letters that speak of words that were released. Once those were taken home nobody may be told of them any more,
however long a mailbox was away."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters that were taken together. Those that are not sent `alone` leave at once, as `jobs`, but for what was not
    to be sent any more."""

    taken: int
    full: bool
    """Whether there may be more than these."""
    alone: list[Outgoing]
    jobs: list[Job]
    in_time: Callable[[], bool]
    """Whether one of these may still begin to leave."""


def since_boot() -> float:
    """Seconds that the machine has been up, its sleep included. Nobody sets that clock, and to read it asks no
    database."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes letters, and writes down through `learning` of those that will not leave why they do not."""

    learning: Learning
    service: str
    origin: str
    answers: bool
    boot_time: Callable[[], float]

    def batch(self, limit: int, now: Moment) -> Batch:
        """The next letters, written out: what they need is asked for once for all of them. The round may have begun
        at `now` long ago; they are held from this moment on."""
        until, store = self.boot_time() + BEGUN_WITHIN, self.learning.store
        taken = store.port.lease(now.wall, store.now().wall + LEASE, limit)
        # Nobody may be told of words that were taken home a moment ago: those letters look at their watch one by one.
        few = len(taken) < FEW
        alone = [letter for letter in taken if few or letter.kind in OF_A_RELEASE]
        together = [letter for letter in taken if not (few or letter.kind in OF_A_RELEASE)]
        known = Known(store.port, together) if together else None
        jobs = [job for letter in together if known and (job := self.job(letter, known, now)) is not None]
        return Batch(len(taken), len(taken) == limit, alone, jobs, lambda: self.boot_time() < until)

    def job(self, letter: Outgoing, known: Names, now: Moment) -> Job | None:
        """The letter with its text and its open channels; None when nothing is to be sent any more."""
        watch = self.watch(letter, known)
        if _is_stale(letter, watch, now):
            stage = "handed_over" if letter.accepted else "dropped"
            self.learning.mark((marks.mark(letter, now, stage=stage, next_try=None),))
            return None
        if _waits(letter, watch):
            self.learning.mark((marks.again(letter, now),))
            return None
        if letter.facts == UNREADABLE:
            self.learning.give_up(letter, now, "what it was to say cannot be read")
            return None
        reader = known.reader(letter.to)
        channels = _channels(letter, reader)
        if reader is None or not channels:
            return Job(letter, letters.Text("", ""), ())
        try:
            text = self.text(letter, reader, watch, known)
        except letters.CannotWrite as error:
            self.learning.give_up(letter, now, str(error))
            return None
        return Job(letter, text, [one for one in channels if one not in letter.accepted], channels)

    def watch(self, letter: Outgoing, known: Names) -> Watch | None:
        """The letter's own watch as it is now; None for the host's letters, or when it cannot be read."""
        kept = known.load(letter.author) if letter.author else None
        try:
            return self.learning.store.watch_of(kept) if kept else None
        except (ServerRefused, record.Unreadable):
            return None

    def text(
        self, letter: Outgoing, reader: Reader, watch: Watch | None, known: Names, *, again: bool = False
    ) -> letters.Text:
        """The letter in words, from what it carries and from its watch as that is now; `again` where it has left and is
        read once more. Raises CannotWrite, whatever it is that makes no sense: one letter that cannot be written holds
        up no other."""
        try:
            sheet = sheet_for(
                known, letter, reader, watch, self.service, self.origin, answers=self.answers, again=again
            )
            return letters.write(sheet)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise letters.CannotWrite(f"what it is to say makes no sense ({error})") from error


def _channels(letter: Outgoing, reader: Reader | None) -> tuple[str, ...]:
    """Where the letter goes: every proven channel; the proof of a channel goes to that one alone."""
    if letter.kind == HostLetter.CHANNEL_PROOF:
        return tuple(str(value) for key, value in letter.facts if key == "channel")
    return reader.channels if reader else ()


def _waits(letter: Outgoing, watch: Watch | None) -> bool:
    """While a hold stands nobody is told of words: the author may live, and a restored past may not know that they came
    home. Nor while their record cannot be read: nobody knows then whether they did."""
    return letter.kind in OF_A_RELEASE and (watch is None or bool(watch.holds))


def _is_stale(letter: Outgoing, watch: Watch | None, now: Moment) -> bool:
    if watch is not None and letter.kind in OF_A_RELEASE:
        out = [track for track in watch.tracks if track.released]
        if letter.kind in TO_RECIPIENTS:
            # Of a release that was taken back a letter may still wait, and nobody was told of the next one yet.
            out = [
                track for track in out if letter.to == track.reader and (track.told_by or track.first_letter)
            ]
        return not out
    if watch is None or letter.kind not in OVER_AT_HOME:
        return False
    well = watch.stage is Stage.WELL
    if letter.kind not in ASKING:
        return well
    if well and letter.kind == LetterKind.CHECK_IN_DUE and not watch.reminded:
        return True  # they have checked in since
    return letter.round < watch.asking and (well or marks.age(letter, now) > STALE_AFTER)
