"""The lane: check-ins wait here, no more than it has places for, until the one thread that writes them takes them all.

While one group is on its way to the disk the next one gathers, so the busier it is the more of them share a commit.
Whoever was answered comes again a moment later, and a commit for the first of them alone would keep all others waiting
for a second one: so the lane waits a little until it is as full as it was.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import structlog
from django.db import close_old_connections, connections

from . import group
from .group import Answer
from .knocks import Knock

logger = structlog.get_logger("lastwords.gate")

PLACES = 512
"""Check-ins that may wait at once."""
SHARE = 4
"""How many parts of the places one sender can not take more than one of."""
GROUP = 64
"""Most check-ins in one transaction: nearly all is won with so many, and the last of them waits for the first."""

LOOK_AFTER = 1.0
"""Seconds without a group after which the connection is looked at before it is used again."""

PART = 10
"""What part of the time that a group took the next one is waited for. Measured, with 16 who come again at once: on
PostgreSQL half as much again is kept as without, on SQLite the same; with the half of the time a quarter less there."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check-in in the lane: who sent it (an address), and who is told what it is answered."""

    knock: Knock
    sender: str
    told: Callable[[Answer], None]


@dataclass
class Lane:
    """`tell` is given a whole group with its answers, on the lane's own thread, after the commit; `around` is what that
    thread works in; `look` makes sure of its connection."""

    tell: Callable[[Sequence[tuple[Waiting, Answer]]], None]
    places: int = PLACES
    settle: Callable[[Sequence[Knock]], list[Answer]] = group.settle
    around: Callable[[], AbstractContextManager[None]] = nullcontext
    clock: Callable[[], float] = time.monotonic
    look: Callable[[], None] = close_old_connections
    _waiting: deque[Waiting] = field(default_factory=deque)
    _senders: Counter[str] = field(default_factory=Counter)
    _change: threading.Condition = field(default_factory=threading.Condition)
    _closed: bool = False
    _expected: int = 0
    _until: float = 0.0
    _good_until: float = 0.0
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to write what comes."""
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._thread.start()

    def offer(self, waiting: Waiting) -> bool:
        """Takes a place in the lane; False when all are taken, or as many as one sender may have."""
        with self._change:
            full = len(self._waiting) >= self.places or self._closed
            if full or self._senders[waiting.sender] >= max(1, self.places // SHARE):
                return False
            self._senders[waiting.sender] += 1
            self._waiting.append(waiting)
            if len(self._waiting) == 1 or len(self._waiting) >= self._expected:
                self._change.notify()
            return True

    def close(self) -> None:
        """Takes nothing more, and writes what waits."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self.around():
            while some := self._next():
                begun = self.clock()
                self.tell(list(zip(some, self._answers(some), strict=True)))
                self.expect(len(some), self.clock() - begun)
        connections.close_all()

    def expect(self, answered: int, took: float) -> None:
        """After a group of so many, which took so many seconds: as many as were here are expected here again, and are
        waited for a tenth as long at most. So whoever comes alone waits for nobody, and who does not come again costs
        the others that tenth once."""
        with self._change:
            self._expected = min(GROUP, answered + len(self._waiting))
            self._until = self.clock() + took / PART

    def rest(self) -> float | None:
        """Seconds for which more are waited for; None while nobody is here."""
        if len(self._waiting) >= self._expected:
            return 0.0 if self._waiting else None
        return max(0.0, self._until - self.clock()) if self._waiting else None

    def _answers(self, some: Sequence[Waiting]) -> list[Answer]:
        """What each is answered. This thread must not end: whatever it was, they go on to the API by themselves.

        A connection is looked at, as before every request, unless a whole group was kept over it a moment ago."""
        try:
            if self.clock() >= self._good_until:
                self.look()
            answers = self.settle([waiting.knock for waiting in some])
            whole = all(isinstance(answer, dict) for answer in answers)
            self._good_until = self.clock() + LOOK_AFTER if whole else 0.0
            return answers
        except Exception as error:
            self._good_until = 0.0
            logger.error("a group was not written", kind=type(error).__name__, of=len(some))
            return [None] * len(some)

    def _next(self) -> list[Waiting]:
        """The next group, one check-in of an author at most; empty once it is closed and nobody waits."""
        with self._change:
            while not self._closed and (rest := self.rest()) != 0.0:
                self._change.wait(rest)
            some: dict[str, Waiting] = {}
            later = []
            while self._waiting and len(some) < GROUP:
                waiting = self._waiting.popleft()
                if waiting.knock.author in some:
                    later.append(waiting)
                else:
                    some[waiting.knock.author] = waiting
                    self._senders[waiting.sender] -= 1
                    if not self._senders[waiting.sender]:
                        del self._senders[waiting.sender]
            self._waiting.extendleft(reversed(later))
            return list(some.values())
