"""One life: virtual time from instant to instant, the service's own rounds, people who act, and faults on the way.

Nothing happens between two instants but pulses. An instant is when somebody acts, when a fault begins or ends, or when
the service has something due; then its rounds are run as the process runs them (see `service`).
"""

import heapq
from collections import Counter
from collections.abc import Callable
from typing import Any

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.watch import HOST, Watch
from lastwords.server.credit import Pulse
from lastwords.server.port import HostWrite, Outgoing, Reader, Write
from lastwords.server.port_memory import Crash
from lastwords.server.refusals import ServerRefused
from lastwords.server.store import RefusedStep
from lastwords.simulate.broken import Broken

from . import apart, growing, happenings, people, service
from .backing import Backing, Memory
from .cast import AUTHOR, EVERYONE, Cast
from .chance import Chance
from .clock import INTERVAL, Clock, Time
from .door import Steps, Wire
from .ending import judge_end
from .judge import Judge
from .mail import Mail
from .past import Mark, Sent
from .script import LENGTH, YEAR, Fate, Happening, Script
from .telling import spoken, step_spoken, writes_itself

FOLLOWED = 2 * YEAR
"""How long a life is followed when its author is gone and nothing new can happen any more."""
BY_PEOPLE = frozenset({people.read_letter, people.visit, people.by_own, people.receive, people.open_words})
"""What reaches the service only through `Life.ask` and `Life.look`."""
MOST_INSTANTS = 10_000
"""A life of ten years has some hundreds; one that does not come to rest is a find."""


def readers(casts: tuple[Cast, ...]) -> dict[str, Reader]:
    """Everyone, with one address each; an author who wants two channels has two."""
    two = {cast.author for cast in casts if cast.plan.channels == 2}
    made = {}
    for person in (*EVERYONE, HOST):
        addresses = (f"mail:{person}@example.org", f"mail:{person}@example.net")
        made[person] = Reader(
            person, person.capitalize(), "UTC", addresses if person in two else addresses[:1]
        )
    return made


class Life:
    """The life of one script. `without` are happenings left out, by their place; `tell` hears the story."""

    def __init__(
        self,
        script: Script,
        backing: Callable[[dict[str, Reader]], Backing] = Memory.of,
        without: frozenset[int] = frozenset(),
        tell: Callable[[int, str], None] | None = None,
    ) -> None:
        self.script, self.without, self.tell = script, without, tell
        self.stories = {cast.author: cast for cast in script.casts}
        self.chance = Chance(script.seed)
        self.entropy = self.chance.bytes
        self.judge = Judge()
        # The service, and the far side of its mail.
        self.backing = backing(readers(script.casts))
        self.time = Time()
        # Methods and no lambdas: a life that is copied (see `apart`) must not go on writing into the first one.
        self.clock = Clock(self.time, self._pulse, self._keep_pulse)
        self.cells: set[tuple[str, str]] = set()
        self.wire = Wire(self._committed, self._hosted, self._posted, self._meanwhile, self.cells)
        sent, pasts = self.judge.sent, self.judge.pasts
        self.mail = Mail(self.wire, self.chance, sent, pasts, self.mark, self._deliver, self._send_back)
        self.servers = [service.started(self)]
        self.dark = 0
        self.web = True
        self.untold = False
        self.backup: happenings.Backup | None = None
        # What is to come, and what was counted.
        self.queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.pushed = self.rows = self.instants = 0
        self.armed: list[tuple[int, Happening]] = []
        self.pause = self.last_round = self.disturbed = self.unpulsed = 0
        self.next_round: int | None = None
        self.heard = self.edges = self.commits = 0
        self.base = (0, 0, 0)
        self.visits: Counter[tuple[str, str]] = Counter()
        self.coming: set[tuple[str, str]] = set()
        self.faults: Counter[str] = Counter()
        # A second copy of the host, and what it and this one know of people (see `apart`).
        self.apart: apart.Apart | None = None
        self.signs: list[tuple[str, int]] = []
        self.releases: list[tuple[str, str, int]] = []
        self.jumped = 0

    # Small answers.

    @property
    def now(self) -> int:
        return self.time.true

    @property
    def up(self) -> bool:
        return not self.dark

    @property
    def hearing(self) -> bool:
        """Whether at this moment the author could be written to and heard."""
        return not self.dark and self.web and self.mail.works

    def mark(self) -> Mark:
        return Mark(self.time.true, self.heard, self.edges, self.commits)

    def fate(self, person: str) -> Fate:
        return self.script.fates.get(person) or Fate()

    def every(self, author: str) -> int:
        return self.stories[author].plan.check_in_every

    def say(self, text: str) -> None:
        if self.tell:
            self.tell(self.time.true, text)

    def at(self, when: int, do: Callable[..., None], *about: Any) -> None:
        """`do(life, *about)` is to happen at this true second, or now if that is past."""
        self.pushed += 1
        heapq.heappush(self.queue, (max(when, self.time.true), self.pushed, do, about))

    # The whole of it.

    def play(self) -> "Life":
        """Plays it to its end. Raises Broken when an invariant breaks."""
        growing.grow_up(self)
        for place, happening in enumerate(self.script.happenings):
            if place not in self.without and not growing.is_early(happening):
                self.at(happening.at, happenings.happen, happening)
        for author in self.stories:
            people.plan_next_sign(self, author)
        self.go_on()
        judge_end(self)
        apart.judge_copies(self)
        return self

    def go_on(self, until: int = LENGTH) -> None:
        """From instant to instant, to the life's end or to the true second `until`."""
        while True:
            when, a_round = self._next()
            if when > until or when > self._ends():
                break
            if self.instants >= MOST_INSTANTS:
                raise Broken(
                    "machine", f"nothing comes to rest: {self.commits} writes in {self.now // DAY} days"
                )
            self.instants += 1
            self._go_to(when)
            while self.queue and self.queue[0][0] <= when:
                _, _, do, about = heapq.heappop(self.queue)
                if do not in BY_PEOPLE:
                    self._catch_up()
                do(self, *about)
            if a_round and self.up:
                self._catch_up()
                service.go_round(self)
        self._catch_up()

    def _ends(self) -> int:
        fate = self.fate(AUTHOR)
        gone = fate.dies if fate.dies is not None else fate.ill
        return LENGTH if gone is None else min(LENGTH, max(gone, self.disturbed) + FOLLOWED)

    # Time.

    def _next(self) -> tuple[int, bool]:
        """The next instant, and whether the service has something to do in it."""
        acts = self.queue[0][0] if self.queue else LENGTH + 1
        if self.dark:
            return acts, False
        due = self.next_round
        if due is None:
            due = self._due()
        return (due, True) if due <= acts else (acts, False)

    def _due(self) -> int:
        """The true second of the service's next round that has something to do, on the grid of its pulses. It stays the
        same while nothing is asked, unless nobody is heard or a letter is to be tried later."""
        true, wall, pulsed_at, when = self.time.true, self.time.wall, self.clock.pulsed_at, LENGTH + 1
        for kept in map(self.backing.port.load, self.stories):
            if kept is not None and kept.look_at is not None and true + kept.look_at - wall < when:
                when = true + kept.look_at - wall
        if (tried := self.backing.next_try()) is not None:
            when = min(when, self._retry(tried - wall))
        when = max(when, true, self.last_round + self.pause)
        hearing = self.hearing
        if not hearing and (stall := self.clock.stall_in()) is not None:
            when = min(when, max(pulsed_at + stall, self.last_round + INTERVAL))
        due = pulsed_at + max(1, -((pulsed_at - when) // INTERVAL)) * INTERVAL
        if hearing and (tried is None or tried <= wall):
            self.next_round = due
        return due

    def _retry(self, ahead: int) -> int:
        """When letters are tried. New ones leave at once; what was refused before waits for the round of the next day,
        so that a dead mailbox does not fill a life: the outbox may be late, never early."""
        when = self.time.true + max(0, ahead)
        return when if ahead <= 0 else -(-when // DAY) * DAY

    def _go_to(self, when: int) -> None:
        passed = when - self.time.true
        if passed <= 0:
            return
        if self.hearing:
            self.heard += passed
        if passed > 1 and not self.dark:
            self.unpulsed = when - 1
        self.time.true = when

    def _catch_up(self) -> None:
        """Makes the pulses of the time that has passed. Again and again somebody only reads a letter, or looks at the
        page and leaves it at that: for them nothing is worked out that only the service would see."""
        self.next_round = None
        if self.unpulsed:
            now = self.time.true
            self.clock.run(self.unpulsed, way_out=self.mail.works, heard=self.web)
            self.unpulsed, self.time.true = 0, now

    def edge(self) -> None:
        """Hearing has begun or ended, or the wall clock was moved: the next pulse is a round's own."""
        self.edges += 1
        self.pause = 0
        self.disturbed = max(self.disturbed, self.time.true)
        self.at(self.time.true + INTERVAL, service.first_round)

    def _pulse(self) -> Pulse | None:
        return self.backing.pulse

    def _keep_pulse(self, pulse: Pulse) -> None:
        self.backing.pulse = pulse

    def salts(self, size: int) -> bytes:
        """What the store makes salts and letter names of."""
        return self.entropy(size)

    def _meanwhile(self) -> None:
        happenings.meanwhile(self)

    # Requests.

    def ask(self, author: str, event: e.Event, by: service.Server | None = None) -> str:
        """One request: empty when it was taken, the code of a refusal, or `unheard`."""
        if not (self.up and self.web) or apart.is_elsewhere(self, event.by):
            return "unheard"
        self._catch_up()
        place = int(self.chance.draw("which server") * len(self.servers)) if len(self.servers) > 1 else 0
        self.judge.tried(author, event)
        try:
            step = (by or self.servers[place]).store.act(author, event)
        except RefusedStep as refused:
            self.say(f"{spoken(event)}: refused, {refused.refusal.code}")
            return refused.refusal.code
        except Crash as crash:
            self.say(f"{spoken(event)}: the server crashes {crash}")
            if by is None:
                self.servers[place] = service.started(self)
            return "unheard"
        except ServerRefused as refused:
            self.say(f"{spoken(event)}: no answer, {type(refused).__name__}")
            return "unheard"
        except Broken:
            raise
        except Exception as error:
            raise Broken("machine", f"{spoken(event)} stops with {type(error).__name__}: {error}") from error
        if self.tell:
            self.say(step_spoken(event, step))
        return ""

    def look(self, author: str) -> Watch | None:
        """What the page shows; None while it cannot be reached."""
        if not (self.up and self.web):
            return None
        try:
            return self.servers[0].store.read(author)
        except ServerRefused:
            return None

    # What the wire and the mail report.

    def _committed(self, write: Write, steps: Steps, struck: str) -> None:
        self.commits += 1
        over = struck or ("two" if len(self.servers) > 1 else "")
        self.judge.committed(write, steps, self.mark(), over)
        if not write.entries:
            return
        apart.note(self, write.author, steps)
        self.rows += len(write.entries)
        for one in self.armed and [one for one in self.armed if one[0] <= self.rows]:
            self.armed.remove(one)
            self.at(self.time.true, happenings.do, one[1])
        if self.tell:
            for event, _, step in steps:
                if event is not None and writes_itself(event, step):
                    self.say(step_spoken(event, step))

    def _hosted(self, write: HostWrite) -> None:
        self.commits += 1
        self.judge.written(write.letters, self.mark())

    def _posted(self, letters: tuple[Outgoing, ...]) -> None:
        self.commits += 1
        self.judge.written(letters, self.mark())

    def _deliver(self, when: int, person: str, sent: Sent) -> None:
        self.at(when, people.read_letter, person, sent)

    def _send_back(self, when: int, ident: str, address: str) -> None:
        self.at(when, happenings.come_back, ident, address)
