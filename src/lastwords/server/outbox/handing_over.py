"""Handing letters over: several at once over kept connections, few of them to one domain, and none any more once no
letter can leave.

Nothing here touches the database, so a lane is a thread that only waits for far sides.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock

from lastwords.server.channels import LATER, REFUSED, Envelope, NoWayOut, Way
from lastwords.server.letters import Text
from lastwords.server.port import Answer, Outgoing

PER_DOMAIN = 2
"""Letters on their way to one domain at a time."""
PUT_OFF = 3
"""How often a domain may say "later" before the rest of a batch waits for the next one: it asks for less, and each
letter more would only be told the same."""


@dataclass(slots=True)
class Job:
    """One letter and the channels it is still to be tried on; `answers` is what those answered that were tried."""

    letter: Outgoing
    text: Text
    channels: Sequence[str]
    every: Sequence[str] = ()
    """All channels of its reader, those too that have accepted it."""
    answers: list[Answer] = field(default_factory=list)
    domain: str = field(init=False)

    def __post_init__(self) -> None:
        self.domain = self.channels[0].rpartition("@")[2].lower() if self.channels else ""


@dataclass(slots=True)
class HandOver:
    """One pass over the ways out. `probe` says why no letter could leave at this moment; empty when one could.
    `in_time` says whether these letters are still ours for long enough: what is left waits for whoever takes it next.

    A relay that breaks off over one letter and would take another leaves that one for later, or the first letter it
    cannot stand would keep back all behind it for ever. The second in one pass is the relay's own trouble."""

    ways: Mapping[str, Way]
    probe: Callable[[], str]
    in_time: Callable[[], bool]
    stopped: str = ""
    """Why no letter can leave any more."""
    left: list[Outgoing] = field(default_factory=list)
    """Letters that were not tried, and wait for the next pass."""
    failed: Exception | None = None
    """What a way out raised beside NoWayOut; it is raised again once what was learnt is written down."""
    _broke: bool = False
    """Whether a letter of this pass was broken off, and others could still leave."""
    _asking: Lock = field(default_factory=Lock)

    def one(self, job: Job) -> None:
        """Tries one letter on all of its channels."""
        for channel in job.channels:
            if not self.in_time():
                return
            kind, _, address = channel.partition(":")
            way = self.ways.get(kind)
            if way is None:
                job.answers.append(
                    Answer(channel, REFUSED, f"this service has no way out of the kind {kind}")
                )
                continue
            try:
                envelope = Envelope(job.letter.ident, address, job.text, job.letter.written.wall)
                job.answers.append(way.send(envelope))
            except NoWayOut as error:
                if not self._goes_on(str(error)):
                    return
                job.answers.append(Answer(channel, LATER, str(error)))

    @contextmanager
    def leaving(self, jobs: Sequence[Job], lanes: int) -> Iterator[None]:
        """Tries all of these, `lanes` at a time, while the caller does something else inside; those without an answer
        afterwards were not tried. When the caller's own work fails, none leaves any more but those under way."""
        if not jobs:
            yield
            return
        waiting = _Lanes(self, list(jobs))
        if lanes == 1:
            waiting.work_off()
            yield
            return
        with ThreadPoolExecutor(lanes) as threads:
            for _ in range(min(lanes, len(jobs))):
                threads.submit(waiting.work_off)
            try:
                yield
            except BaseException as error:
                self.stopped = self.stopped or f"what was learnt could not be kept ({type(error).__name__})"
                raise

    def _goes_on(self, why: str) -> bool:
        with self._asking:
            if self.stopped or self._broke or self.probe():
                self.stopped = self.stopped or why
                return False
            self._broke = True
            return True


@dataclass(slots=True)
class _Lanes:
    """Letters that wait for a lane, and how busy the domains are that they go to."""

    going: HandOver
    waiting: list[Job]
    under_way: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    turn: Condition = field(default_factory=Condition)

    def work_off(self) -> None:
        """One lane, until no letter is left that may leave."""
        while (job := self._next()) is not None:
            try:
                self.going.one(job)
            except Exception as error:
                self.going.failed = self.going.failed or error
            with self.turn:
                self.under_way[job.domain] -= 1
                self.later[job.domain] += any(answer.state == LATER for answer in job.answers)
                self.turn.notify_all()

    def _next(self) -> Job | None:
        """The next letter that may leave now; waits while there are only some whose domain is busy."""
        with self.turn:
            while self.waiting and not (self.going.stopped or self.going.failed):
                for place, job in enumerate(self.waiting):
                    if self.later[job.domain] >= PUT_OFF:
                        continue
                    if self.under_way[job.domain] < PER_DOMAIN:
                        self.under_way[job.domain] += 1
                        return self.waiting.pop(place)
                if not self.under_way.total():
                    return None  # only domains that asked for less are left
                self.turn.wait()
            return None
