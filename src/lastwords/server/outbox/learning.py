"""What was learnt of letters, written down in one transaction with the machine's step; and those that are given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from lastwords.protocol.events import Event
from lastwords.protocol.moments import Moment
from lastwords.server.channels import ACCEPTED
from lastwords.server.letters import HostLetter
from lastwords.server.port import Answer, Mark, Outgoing
from lastwords.server.refusals import Busy, ServerRefused, Unwritable
from lastwords.server.store import Act, Store

from . import marks
from .gathering import Gathering
from .handing_over import HandOver, Job

Report = tuple[Outgoing, Event | None, Mark]
"""A letter, what of it is news to the machine, and what is written down."""


@dataclass(frozen=True, slots=True)
class Learning:
    """Writes down through this store."""

    store: Store
    gathering: Gathering

    def all(self, jobs: Sequence[Job], going: HandOver, now: Moment) -> int:
        """What was learnt of many at once is written down together. A crash before that sends one copy more of each,
        under the same Message-ID. Returns how many accepted."""
        if not jobs:
            return 0
        tried = [job for job in jobs if job.answers or not job.channels]
        going.left += [job.letter for job in jobs if job.channels and not job.answers]
        reports = [report for job in tried if (report := self._learnt(job, now)) is not None]
        try:
            self._write_all(reports, now)
        except Busy:
            self._write_all(reports, now)  # what has left and is not written down would leave again
        if going.failed:
            raise going.failed
        return sum(map(_accepted, tried))

    def one(self, job: Job, now: Moment) -> int:
        """The same of one."""
        report = self._learnt(job, now)
        if report is not None:
            self.write(*report, now)
        return _accepted(job)

    def _learnt(self, job: Job, now: Moment) -> Report | None:
        """What is to be written down of the channels' answers, and what of it is news to the machine; None when the
        letter was given up."""
        letter, answers = job.letter, job.answers
        accepted = {*letter.accepted, *(answer.channel for answer in answers if answer.state == ACCEPTED)}
        if not accepted and marks.age(letter, now) > marks.TRIED_FOR:
            self.give_up(letter, now, answers[-1].reply if answers else "no proven channel", answers)
            return None
        whole = bool(accepted) and accepted >= set(job.every)
        made = marks.answered(letter, len(accepted), whole, tuple(answers), now)
        if not accepted and len(answers) < len(job.channels):  # one that was not tried has refused nothing
            return letter, None, marks.unreported(made, letter, now)
        return letter, marks.report(letter, len(accepted)), made

    def _write_all(self, reports: Sequence[Report], now: Moment) -> None:
        """What `write` does with each, in one transaction for many: no two of one watch go together."""
        self.mark([mark for letter, event, mark in reports if event is None or not letter.author])
        waiting = [report for report in reports if report[1] is not None and report[0].author]
        while waiting:
            wave = {letter.author: (letter, event, mark) for letter, event, mark in reversed(waiting)}
            acts = [Act(author, event, (), (mark,)) for author, (_, event, mark) in wave.items() if event]
            outcomes = self.store.act_all(acts, self.store.port.load_all(wave), now)
            for report, outcome in zip(wave.values(), outcomes, strict=True):
                if isinstance(outcome, ServerRefused):
                    self.write(*report, now)  # by itself it meets the same refusal, or none any more
            done = {letter.ident for letter, _, _ in wave.values()}
            waiting = [report for report in waiting if report[0].ident not in done]

    def write(self, letter: Outgoing, event: Event | None, mark: Mark, now: Moment) -> None:
        """What was learnt of one letter, with the machine's step if it is news."""
        try:
            self.report(letter, event, mark, now)
        except (Busy, Unwritable):
            # What the channels answered is kept; the report is made again soon, without sending anything twice.
            self.mark((marks.unreported(mark, letter, now),))

    def report(self, letter: Outgoing, event: Event | None, mark: Mark, now: Moment) -> None:
        """The same. Raises Busy or Unwritable when it cannot be kept at this moment: what the machine has not heard
        must not stand there as told, or a wait would be waited for that nobody begins any more."""
        if event is None or not letter.author:
            self.mark((mark,))
            return
        try:
            self.store.act(letter.author, event, marks=(mark,), now=now)
        except (Busy, Unwritable):
            raise
        except ServerRefused:
            # The machine has no use for the report, or the watch is set aside: the letter itself was sent.
            self.mark((mark,))

    def mark(self, made: Sequence[Mark]) -> None:
        """What is no news to the machine."""
        if made:
            self.store.port.mark(tuple(made))

    def give_up(self, letter: Outgoing, now: Moment, why: str, answers: Sequence[Answer] = ()) -> None:
        """Nothing more is tried, and the host is written to (unless that is the very letter that failed)."""
        self.tell_host(letter, now, why)
        self.write(letter, marks.report(letter, 0), marks.given_up(letter, now, answers), now)

    def tell_host(self, letter: Outgoing, now: Moment, why: str) -> None:
        """That a letter was given up: in the host's log at once, and in a letter for all that are given up that day."""
        told: list[Outgoing] = []
        if letter.kind != HostLetter.LETTER_UNDELIVERED:
            told = [self.gathering.with_one_more(host, letter, now) for host in self.store.port.hosts()]
        self.store.host_row("letter_given_up", now, told, letter=letter.ident, to=letter.to, why=why[:300])


def _accepted(job: Job) -> int:
    return sum(answer.state == ACCEPTED for answer in job.answers)
