"""The outbox: hands letters over, and reports every hand-over to the machine as the event it is.

A letter is sent at least once. It is leased, handed to each of the person's channels that has not accepted it, and what
they answered is written in one transaction with the machine's step. A crash in between sends one copy more, under the
same Message-ID. What is refused is tried again for thirty days; what is given up is told to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lastwords.protocol import record
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.events import Event, LetterBounced, LetterFailed, LetterTaken
from lastwords.protocol.moments import DAY, HOUR, MINUTE, Moment
from lastwords.protocol.watch import HOST, Watch

from . import letters
from .channels import ACCEPTED, BOUNCED, NoWayOut, Way
from .hand_over import HandOver, Job
from .known import Known
from .letters import HostLetter
from .port import Answer, Mark, Outgoing, Port, Reader
from .refusals import Busy, ServerRefused, Unknown
from .sheets import TO_RECIPIENTS, Names, sheet_for
from .store import Act, Store

if TYPE_CHECKING:
    from .models import Channel

BATCH = 40
"""Letters that are taken, sent and written down together."""
FEW = 8
"""Fewer than these are handed over one at a time: a crash then sends one letter again, not a handful."""
LANES = 4
"""Connections that are kept to the relay."""
MOST_PASSES = 25
LEASE = 10 * MINUTE
BACK_OFF = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR)
"""Seconds until the next try, by how often it was tried; the last one stays."""
GONE_AGAIN = 5 * DAY
"""Seconds until an address is tried again that said of itself that nobody lives there."""
TRIED_FOR = 30 * DAY
"""How long a letter that nobody accepts is tried."""
OTHERS_FOR = 3 * DAY
"""How long the other channels are tried once one has accepted."""
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
        LetterKind.HOME_QUESTION,
    }
)
"""Letters that ask for something. Once the watch asks anew, an old one would only confuse, and nothing waits for it."""

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


Report = tuple[Outgoing, Event | None, Mark]
"""A letter, what of it is news to the machine, and what is written down."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass did. `no_way_out` says why no letter could leave; empty when the way out worked or was not
    needed."""

    tried: int = 0
    accepted: int = 0
    no_way_out: str = ""
    more: bool = False
    """Whether there may be more to try at once."""

    def and_then(self, other: "Passed") -> "Passed":
        """This pass and the one after it as one."""
        if not self.tried:
            return other
        return Passed(self.tried + other.tried, self.accepted + other.accepted, other.no_way_out, other.more)


NOTHING = Passed()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Letters that were taken together. Those of `together` leave at once, as `jobs`, but for what was not to be sent
    any more."""

    full: bool
    """Whether there may be more than these."""
    alone: list[Outgoing]
    together: list[Outgoing]
    jobs: list[Job]


@dataclass(slots=True)
class Outbox:
    """Hands over what the store has written. `ways` are the ways out by kind; `service` and `address` are what
    letters call this service and where people find it."""

    store: Store
    ways: Mapping[str, Way]
    service: str
    origin: str
    batch: int = BATCH
    answers: bool = False
    """Whether a mailbox is read for answers with a code, so that letters may say so."""
    lanes: int = 1
    """Letters that are on their way at the same time."""

    @property
    def port(self) -> Port:
        return self.store.port

    def run(self, now: Moment) -> Passed:
        """One pass over the letters that can be tried at `now`."""
        passed, _ = self._send(self._take(now), now, ahead=False)
        return passed

    def run_all(self, now: Moment, most: int = MOST_PASSES) -> Passed:
        """Passes until nothing is left to try, or `most` of them; what is left is first in the next round."""
        passed, batch = NOTHING, self._take(now)
        for left in reversed(range(most)):
            one, after = self._send(batch, now, ahead=left > 0)
            passed = passed.and_then(one)
            if after is None:
                break
            batch = after
        return passed

    def probe(self) -> str:
        """Why no letter could leave at this moment; empty when one could."""
        try:
            for way in self.ways.values():
                way.probe()
        except NoWayOut as error:
            return str(error)
        return ""

    def bounced(
        self, ident: str, channel: str, now: Moment, why: str = "sent back", *, gone: bool = False
    ) -> None:
        """A channel that had accepted the letter has sent it back. The machine hears of it when it was the only one,
        and the letter is tried again: seldom when nobody lives at that address any more (`gone`), and not for ever."""
        letter = self.port.letter(ident)
        if letter is None or channel not in letter.accepted:
            raise Unknown(
                "No letter of that name was accepted by that channel; nothing was changed.",
                "Take the Message-ID and the address from the returned mail's own header lines.",
            )
        left = tuple(other for other in letter.accepted if other != channel)
        if not left and _age(letter, now) > TRIED_FOR:
            self._give_up(letter, now, why, (Answer(channel, BOUNCED, why),))
            return
        mark = Mark(
            ident,
            letter.to,
            "handed_over" if left else "bounced",
            letter.attempts,
            None if left else now.wall + (GONE_AGAIN if gone else BACK_OFF[-1]),
            len(left),
            f"taken:{len(left)}" if left else "bounced",
            now.wall,
            (Answer(channel, BOUNCED, why),),
        )
        event = None if left else LetterBounced(HOST, letter.kind, letter.to, letter.round)
        self._write(letter, event, mark, now)

    # Letters.

    def _take(self, now: Moment) -> _Batch:
        """The next letters, written out: what they need is asked for once for all of them."""
        taken = self.port.lease(now.wall, now.wall + LEASE, self.batch)
        # Nobody may be told of words that were taken home a moment ago: those letters look at their watch one by one.
        few = len(taken) < FEW
        alone = [letter for letter in taken if few or letter.kind in OF_A_RELEASE]
        together = [letter for letter in taken if not (few or letter.kind in OF_A_RELEASE)]
        known = Known(self.port, together) if together else None
        jobs = [
            job for letter in together if known and (job := self._prepare(letter, known, now)) is not None
        ]
        return _Batch(len(taken) == self.batch, alone, together, jobs)

    def _send(self, batch: _Batch, now: Moment, *, ahead: bool) -> tuple[Passed, _Batch | None]:
        """Hands one batch over and writes down what was learnt. With `ahead` the next one is taken while these letters
        leave, if there may be more: a far side takes longer to answer than we to write."""
        if not (batch.alone or batch.together):
            return NOTHING, None
        going, after = HandOver(self.ways, self.probe), None
        with going.leaving(batch.jobs, self.lanes):
            if ahead and batch.full:
                after = self._take(now)
        accepted = self._learn_all(batch.jobs, going, now)
        for letter in batch.alone:
            if going.stopped:
                going.left.append(letter)
            else:
                accepted += self._hand_over(letter, going, now)
        tried = len(batch.alone) + len(batch.together) - len(going.left)
        if going.stopped and after:
            going.left += [*after.alone, *(job.letter for job in after.jobs)]
            after = None
        # That no letter can leave says nothing about anyone's channels: the rest waits, and nothing counts as tried.
        self._mark([_again(letter, now) for letter in going.left])
        return Passed(tried, accepted, going.stopped, batch.full and not going.stopped), after

    def _hand_over(self, letter: Outgoing, going: HandOver, now: Moment) -> int:
        """Tries one letter on every channel that has not accepted it. Returns how many accepted it now."""
        job = self._prepare(letter, self.port, now)
        if job is None:
            return 0
        going.one(job)
        if going.stopped and not job.answers:
            going.left.append(letter)
            return 0
        report = self._learn(job, now)
        if report is not None:
            self._write(*report, now)
        return _accepted(job)

    def _learn_all(self, jobs: Sequence[Job], going: HandOver, now: Moment) -> int:
        """What was learnt of many at once is written down together. A crash before that sends one copy more of each,
        under the same Message-ID. Returns how many accepted."""
        tried = [job for job in jobs if job.answers or not job.channels]
        going.left += [job.letter for job in jobs if job.channels and not job.answers]
        self._write_all([report for job in tried if (report := self._learn(job, now)) is not None], now)
        going.raise_what_failed()
        return sum(map(_accepted, tried))

    def _prepare(self, letter: Outgoing, known: Names, now: Moment) -> Job | None:
        """The letter with its text and its open channels; None when nothing is to be sent any more."""
        watch = self.watch(letter, known)
        if _is_stale(letter, watch, now):
            self.port.mark((_mark(letter, now, stage="dropped", next_try=None),))
            return None
        reader = known.reader(letter.to)
        channels = _channels(letter, reader)
        if reader is None or not channels:
            return Job(letter, letters.Text("", ""), ())
        try:
            text = self.text(letter, reader, watch, known)
        except letters.CannotWrite as error:
            self._give_up(letter, now, str(error))
            return None
        return Job(letter, text, [one for one in channels if one not in letter.accepted], channels)

    def text(self, letter: Outgoing, reader: Reader, watch: Watch | None, known: Names) -> letters.Text:
        """The letter in words, from what it carries and from its watch as that is now. Raises CannotWrite."""
        return letters.write(
            sheet_for(known, letter, reader, watch, self.service, self.origin, answers=self.answers)
        )

    def _learn(self, job: Job, now: Moment) -> Report | None:
        """What is to be written down of the channels' answers, and what of it is news to the machine; None when the
        letter was given up."""
        letter, answers = job.letter, job.answers
        accepted = {*letter.accepted, *(answer.channel for answer in answers if answer.state == ACCEPTED)}
        age = _age(letter, now)
        if not accepted and age > TRIED_FOR:
            self._give_up(letter, now, answers[-1].reply if answers else "no proven channel", answers)
            return None
        whole = bool(accepted) and accepted >= set(job.every)
        attempts = letter.attempts + 1
        later = now.wall + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
        mark = _mark(
            letter,
            now,
            stage="handed_over" if accepted else "failed",
            attempts=attempts,
            next_try=None if whole or (accepted and age > OTHERS_FOR) else later,
            taken=len(accepted),
            reported=_report_name(len(accepted)),
            answers=tuple(answers),
        )
        return letter, _report(letter, len(accepted)), mark

    def _write_all(self, reports: Sequence[Report], now: Moment) -> None:
        """What `_write` does with each, in one transaction for many: no two of one watch go together."""
        self._mark([mark for letter, event, mark in reports if event is None or not letter.author])
        waiting = [report for report in reports if report[1] is not None and report[0].author]
        while waiting:
            wave = {letter.author: (letter, event, mark) for letter, event, mark in reversed(waiting)}
            acts = [Act(author, event, (), (mark,)) for author, (_, event, mark) in wave.items() if event]
            outcomes = self.store.act_all(acts, self.port.load_all(wave), now)
            for report, outcome in zip(wave.values(), outcomes, strict=True):
                if isinstance(outcome, ServerRefused):
                    self._write(*report, now)  # by itself it meets the same refusal, or none any more
            done = {letter.ident for letter, _, _ in wave.values()}
            waiting = [report for report in waiting if report[0].ident not in done]

    def _mark(self, marks: Sequence[Mark]) -> None:
        if marks:
            self.port.mark(tuple(marks))

    def _write(self, letter: Outgoing, event: Event | None, mark: Mark, now: Moment) -> None:
        if event is None or not letter.author:
            self.port.mark((mark,))
            return
        try:
            self.store.act(letter.author, event, marks=(mark,), now=now)
        except Busy:
            # What the channels answered is kept; the report is made again soon, without sending anything twice.
            self.port.mark((_unreported(mark, letter, now),))
        except ServerRefused:
            # The machine has no use for the report, or the watch is set aside: the letter itself was sent.
            self.port.mark((mark,))

    def _give_up(self, letter: Outgoing, now: Moment, why: str, answers: Sequence[Answer] = ()) -> None:
        """Nothing more is tried, and the host is written to (unless that is the very letter that failed)."""
        told: tuple[Outgoing, ...] = ()
        if letter.kind != HostLetter.LETTER_UNDELIVERED:
            told = tuple(
                self.store.host_letter(
                    HostLetter.LETTER_UNDELIVERED,
                    host,
                    now,
                    person=letter.to,
                    letter=_said_to_the_host(letter.kind),
                )
                for host in self.port.hosts()
            )
        self.store.host_row("letter_given_up", now, told, letter=letter.ident, to=letter.to, why=why[:300])
        report = _report(letter, 0)
        mark = _mark(letter, now, stage="failed", next_try=None, reported="failed", answers=tuple(answers))
        self._write(letter, report, mark, now)

    def watch(self, letter: Outgoing, known: Names) -> Watch | None:
        """The letter's own watch as it is now; None for the host's letters, or when it cannot be read."""
        kept = known.load(letter.author) if letter.author else None
        try:
            return self.store.watch_of(kept) if kept else None
        except (ServerRefused, record.Unreadable):
            return None


def _accepted(job: Job) -> int:
    return sum(answer.state == ACCEPTED for answer in job.answers)


def _said_to_the_host(kind: str) -> str:
    """The kind of a letter that was given up. Whoever keeps a host for themselves reads the host's mail too: that a
    keeper was called because of a word under force is not said there."""
    shown = LetterKind.KEEPER_CALLED.value if kind == LetterKind.UNDER_FORCE else kind
    return shown.replace("_", " ")


def _channels(letter: Outgoing, reader: Reader | None) -> tuple[str, ...]:
    """Where the letter goes: every proven channel; the proof of a channel goes to that one alone."""
    if letter.kind == HostLetter.CHANNEL_PROOF:
        return tuple(str(value) for key, value in letter.facts if key == "channel")
    return reader.channels if reader else ()


def _is_stale(letter: Outgoing, watch: Watch | None, now: Moment) -> bool:
    if watch is not None and letter.kind in OF_A_RELEASE:
        to_recipient = letter.kind in TO_RECIPIENTS
        return not any(
            track.released and (not to_recipient or letter.to == (track.adult or track.recipient))
            for track in watch.tracks
        )
    return (
        watch is not None
        and letter.kind in ASKING
        and not letter.accepted
        and letter.round < watch.asking
        and _age(letter, now) > STALE_AFTER
    )


def _age(letter: Outgoing, now: Moment) -> int:
    """Seconds that a letter is old, on the clock that went less far: a wall clock that jumped gives no letter up."""
    return min(now.wall - letter.written.wall, now.credit - letter.written.credit)


# Marks and reports.


def _mark(
    letter: Outgoing,
    now: Moment,
    *,
    stage: str,
    next_try: int | None,
    attempts: int | None = None,
    taken: int | None = None,
    reported: str | None = None,
    answers: tuple[Answer, ...] = (),
) -> Mark:
    return Mark(
        letter.ident,
        letter.to,
        stage,
        letter.attempts if attempts is None else attempts,
        next_try,
        letter.taken if taken is None else taken,
        letter.reported if reported is None else reported,
        now.wall,
        answers,
        # The number that proves a channel is kept no longer than it is needed.
        forget=next_try is None and letter.kind == HostLetter.CHANNEL_PROOF,
        lease=letter.lease,
    )


def _again(letter: Outgoing, now: Moment) -> Mark:
    return _mark(letter, now, stage=letter.stage, next_try=now.wall + BACK_OFF[0])


def _unreported(mark: Mark, letter: Outgoing, now: Moment) -> Mark:
    return Mark(
        mark.ident,
        mark.to,
        mark.stage,
        mark.attempts,
        now.wall + BACK_OFF[0],
        mark.taken,
        letter.reported,
        now.wall,
        mark.answers,
        lease=mark.lease,
    )


def _report_name(accepted: int) -> str:
    return f"taken:{accepted}" if accepted else "failed"


def _report(letter: Outgoing, accepted: int) -> Event | None:
    """What is news to the machine: another channel has accepted, or every one has refused for the first time."""
    if letter.reported == _report_name(accepted):
        return None
    if accepted:
        return LetterTaken(HOST, letter.kind, letter.to, letter.round, accepted)
    return LetterFailed(HOST, letter.kind, letter.to, letter.round)


# The outbox of this process.


@dataclass(slots=True)
class _Here:
    outbox: Outbox | None = field(default=None)


_here = _Here()


def use(outbox: Outbox | None) -> None:
    """Makes this the outbox of the process; None for the one that the settings ask for."""
    _here.outbox = outbox


def here() -> Outbox:
    """The outbox over this process's store, with one mail relay as its way out."""
    if _here.outbox is None:
        from . import settings, store
        from .channels import SmtpWay

        chosen = settings.current()
        way = SmtpWay(chosen.mail, chosen.name)
        _here.outbox = Outbox(
            store.here(),
            {"mail": way},
            chosen.name,
            chosen.origin,
            answers=bool(chosen.mail.reply_to),
            lanes=LANES,
        )
    return _here.outbox


def write_channel_proof(channel: "Channel", number: str) -> None:
    """Writes the letter with the number that proves a channel, to that channel alone."""
    outbox = here()
    letter = outbox.store.host_letter(
        HostLetter.CHANNEL_PROOF,
        channel.person_id,
        outbox.store.now(),
        channel=f"{channel.kind}:{channel.address}",
        number=number,
    )
    outbox.port.post((letter,))
