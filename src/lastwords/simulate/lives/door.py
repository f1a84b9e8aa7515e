"""The shipped store over a port that fails on purpose, with a witness at each write.

`Unsteady` stands between the store and its backing and lets nothing through unseen: it counts the effects, strikes
where a life's faults say so, and tells the judge what was really written. `Watched` is the shipped store that says
which steps went into a write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lastwords.protocol import events as e
from lastwords.protocol.effects import Outcome, Step
from lastwords.protocol.moments import Moment
from lastwords.protocol.watch import Watch
from lastwords.server.port import Due, Head, HostWrite, Kept, Mark, Outgoing, Paper, Port, Reader, Write
from lastwords.server.port_memory import Crash
from lastwords.server.refusals import Unwritable
from lastwords.server.store import Store

Result = TypeVar("Result")
Steps = list[tuple[e.Event | None, Watch, Step]]


@dataclass(slots=True)
class Strike:
    """One planned fault: at the effect of that number, or at the next write whose rows say `words`."""

    how: str
    at: int = 0
    words: bytes = b""
    done: bool = False


@dataclass(slots=True)
class Wire:
    """What all servers of a life share: the count of effects, the strikes to come, who is told, and which cells of the
    machine's table were met."""

    committed: Callable[[Write, Steps, str], None]
    hosted: Callable[[HostWrite], None]
    posted: Callable[[tuple[Outgoing, ...]], None]
    meanwhile: Callable[[], None]
    cells: set[tuple[str, str]]
    strikes: list[Strike] = field(default_factory=list)
    effects: int = 0
    struck: list[str] = field(default_factory=list)
    within: bool = False

    def strike(self, effect: str, rows: bytes = b"") -> str:
        """How this effect is struck, if it is."""
        self.effects += 1
        for one in self.strikes:
            if not one.done and (one.at == self.effects if one.at else bool(rows) and one.words in rows):
                if one.how in ("conflict", "meanwhile") and effect not in ("commit", "host"):
                    continue
                one.done = True
                self.struck.append(f"{one.how}:{effect}")
                return one.how
        return ""


@dataclass(slots=True)
class Unsteady:
    """See `port.Port`. `steps` are those of the write to come."""

    inner: Port
    wire: Wire
    steps: Steps = field(default_factory=list)
    turning: bool = False
    struck: Exception | None = None
    """What strikes when the turn that goes on is over."""

    @contextmanager
    def turn(self, place: Due) -> Iterator[bool]:
        """A turn is one transaction: what strikes after a write in it strikes when it is over, and all of it stands."""
        self.turning, self.struck = True, None
        try:
            with self.inner.turn(place) as ours:
                yield ours
        finally:
            self.turning = False
        if self.struck:
            raise self.struck

    def commit(self, write: Write) -> bool:
        steps, self.steps = self.steps, []
        rows = b"".join(entry.body for entry in write.entries) if self.wire.strikes else b""
        how = self.wire.strike("commit", rows)
        if how == "conflict":
            return False
        if how == "before":
            raise Crash("before the commit")
        if how == "meanwhile" and not self.wire.within:
            self._meanwhile()
        if not self.inner.commit(write):
            return False
        self.wire.committed(write, steps, how)
        self._after(how)
        return True

    def commit_each(self, writes: Sequence[Write]) -> list[bool]:
        """Here every write is made by itself, beside the steps that it carries."""
        return [False] * len(writes)

    def load_free(self, authors: Sequence[str]) -> Callable[[], Mapping[str, Kept]]:
        return self.inner.load_free(authors)

    def commit_free(self, writes: Sequence[Write]) -> list[bool]:
        return [False] * len(writes)  # as above

    def _meanwhile(self) -> None:
        """Another server's work gets in between the load and this write."""
        self.wire.within = True
        try:
            self.wire.meanwhile()
        finally:
            self.wire.within = False

    def commit_host(self, write: HostWrite) -> bool:
        how = self._before("host")
        if how == "conflict" or not self.inner.commit_host(write):
            return False
        self.wire.hosted(write)
        self._after(how)
        return True

    def commit_hosts(self, writes: Sequence[HostWrite]) -> bool:
        return False  # each by itself, as above

    def mark(self, marks: tuple[Mark, ...]) -> None:
        how = self._before("mark")
        self.inner.mark(marks)
        self._after(how)

    def post(self, letters: tuple[Outgoing, ...]) -> None:
        how = self._before("post")
        self.inner.post(letters)
        self.wire.posted(letters)
        self._after(how)

    def lease(self, wall: int, until: int, limit: int) -> list[Outgoing]:
        taken = self.inner.lease(wall, until, limit)
        if taken:
            self._after(self._before("lease"))
        return taken

    def _before(self, effect: str) -> str:
        how = self.wire.strike(effect)
        if how == "before":
            raise Crash(f"before the {effect}")
        return how

    def _after(self, how: str) -> None:
        error: Exception
        if how == "after":
            error = Crash("after the write, before it was acknowledged")
        elif how == "lost":
            error = Unwritable(
                "The write was made and its acknowledgement was lost.", "Look at what stands, and try again."
            )
        else:
            return
        if not self.turning:
            raise error
        self.struck = self.struck or error

    # Reading, and what no fault strikes.

    def load(self, author: str) -> Kept | None:
        return self.inner.load(author)

    def load_all(self, authors: Iterable[str]) -> list[Kept]:
        return self.inner.load_all(authors)

    def turns(self, places: Sequence[Due]) -> AbstractContextManager[Sequence[Kept]]:
        return self.inner.turns(places)

    def due(self, wall: int, limit: int, after: Due | None = None) -> list[Due]:
        return self.inner.due(wall, limit, after)

    def awaken(self, wall: int) -> None:
        self.inner.awaken(wall)

    def host_head(self) -> Head:
        return self.inner.host_head()

    def letter(self, ident: str) -> Outgoing | None:
        return self.inner.letter(ident)

    def reader(self, handle: str) -> Reader | None:
        return self.inner.reader(handle)

    def readers_of(self, handles: Iterable[str]) -> Mapping[str, Reader]:
        return self.inner.readers_of(handles)

    def hosts(self) -> tuple[str, ...]:
        return self.inner.hosts()

    def authors(self) -> tuple[str, ...]:
        return self.inner.authors()

    def beat(self, wall: int, *names: str) -> None:
        self.inner.beat(wall, *names)

    def beats(self) -> dict[str, int]:
        return self.inner.beats()


@dataclass(slots=True)
class Watched(Store):
    """The shipped store; every step it takes is noted beside the write that carries it."""

    door: Any = None

    def _load(self, author: str) -> Kept:
        self.door.steps = []
        return Store._load(self, author)

    def _step(self, watch: Watch, event: e.Event, now: Moment) -> Outcome:
        self.door.wire.cells.add((type(event).__name__, watch.stage))
        return Store._step(self, watch, event, now)

    def _keep(
        self, pending: Any, step: Step, event: e.Event | None, now: Moment, papers: Sequence[Paper]
    ) -> None:
        self.door.steps.append((event, pending.watch, step))
        Store._keep(self, pending, step, event, now, papers)


def server(inner: Port, wire: Wire, now: Callable[[], Moment], entropy: Callable[[int], bytes]) -> Watched:
    """A server's door over a backing that it may share with another one."""
    door = Unsteady(inner, wire)
    return Watched(door, now, entropy, door=door)
