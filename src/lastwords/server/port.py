"""The narrow port the one door is written over, and the plain records that cross it.

Two backings hold to one contract test: `port_sql` (the database) and `port_memory` (a store in memory that fails on
purpose). Store, outbox and sweep know nothing but this file, so whatever runs them runs the shipped code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from lastwords.protocol.changed import made_at_once
from lastwords.protocol.moments import Moment


@made_at_once
@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log: the newest row's number (0 for none) and its link."""

    number: int
    link: bytes


@made_at_once
@dataclass(frozen=True, slots=True)
class Entry:
    """One log row ready to be kept; see `log` for how commitment and link are made."""

    number: int
    body: bytes
    salt: bytes
    commitment: bytes
    link: bytes
    sealed: bytes = b""
    """What was said beside it, for other eyes than the body: its salt commits to these bytes. Empty for most."""


@dataclass(frozen=True, slots=True)
class Word:
    """Word from another watch that this one has not heard yet."""

    ident: int
    person: str
    silent: bool


@made_at_once
@dataclass(frozen=True, slots=True)
class Kept:
    """A watch as it is kept. `state` is JSON text, not yet trusted to be readable."""

    author: str
    state: str
    revision: int
    look_at: int | None
    set_aside: str
    head: Head
    inbox: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed document or sealed body that goes with a step, byte for byte as it was sent."""

    kind: str
    name: str
    body: bytes


@made_at_once
@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter on its way. `author` is the watch it belongs to, empty for the host's own; `facts` are dates (UTC
    seconds), numbers and handles for its text."""

    ident: str
    author: str
    row: int
    kind: str
    to: str
    round: int
    case: int
    facts: tuple[tuple[str, int | str], ...]
    written: Moment
    next_try: int
    stage: str = "written"
    attempts: int = 0
    taken: int = 0
    reported: str = ""
    accepted: tuple[str, ...] = ()
    """The channels that have accepted it already."""
    lease: int = 0
    """Until which wall second it is taken by whoever was given this record; 0 when nobody took it."""


UNREADABLE = (("", "unreadable"),)
"""Stands instead of a letter's facts where they cannot be read: it is not written, and holds up no other."""


@made_at_once
@dataclass(frozen=True, slots=True)
class Answer:
    """What one channel answered. `state` is accepted, later, refused or bounced."""

    channel: str
    state: str
    reply: str


@made_at_once
@dataclass(frozen=True, slots=True)
class Mark:
    """What the outbox has learnt about one letter. `next_try` None: nothing more is tried."""

    ident: str
    to: str
    stage: str
    attempts: int
    next_try: int | None
    taken: int
    reported: str
    at: int
    answers: tuple[Answer, ...] = ()
    forget: bool = False
    """The facts are not needed any more and are deleted."""
    lease: int = 0
    """The lease under which it was learnt: when another has taken the letter since, the mark is not made. 0: always."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter is for: name and zone for its text, and the proven channels as `kind:address`. `quiet` is what this
    service calls itself towards somebody in quiet mode, empty for everyone else."""

    handle: str
    name: str
    zone: str
    channels: tuple[str, ...]
    quiet: str = ""


@made_at_once
@dataclass(frozen=True, slots=True)
class Write:
    """Everything one step writes, all of it or nothing. `revision` 0 begins a watch."""

    author: str
    revision: int
    state: str
    look_at: int | None
    at: int
    entries: tuple[Entry, ...] = ()
    letters: tuple[Outgoing, ...] = ()
    papers: tuple[Paper, ...] = ()
    by: str = ""
    drained: tuple[int, ...] = ()
    ripples: tuple[tuple[str, bool], ...] = ()
    shreds: tuple[str, ...] = ()
    parts: frozenset[str] | None = None
    """The people with a part in this watch, when that may have changed."""
    marks: tuple[Mark, ...] = ()
    beheld: tuple[tuple[str, int], ...] = ()
    """Other watches that this step was judged by, with the revision they had (0: there was none): they must still
    have it."""
    looks_on: bool = False
    """`look_at` is what it was, and the queue of watches to look at need not be touched."""
    counter: tuple[str, int] | None = None
    """A credential of the author's and what its counter rises to with this: see `Port.commit_free`."""

    @property
    def is_plain(self) -> bool:
        """Whether all of it is a new state, rows that anybody may read, papers, and a counter that rises."""
        more = self.letters or self.drained or self.ripples or self.shreds or self.marks or self.beheld
        plain = self.counter is not None and self.look_at is not None and self.parts is None and not more
        return plain and bool(self.entries) and not any(entry.sealed for entry in self.entries)


@dataclass(frozen=True, slots=True)
class HostWrite:
    """One row of the host's log, with the letters it causes, and perhaps a watch to set aside for a reason. A letter
    that is there already says from now on what it says here."""

    entry: Entry
    at: int
    letters: tuple[Outgoing, ...] = ()
    aside: tuple[str, str] | None = None


@made_at_once
@dataclass(frozen=True, slots=True)
class Due:
    """A place in the queue of watches to look at."""

    look_at: int
    author: str


SHREDDED_KINDS = ("given", "given_again", "uncovered")
"""The kinds of paper that hold a share given with a statement. Their names end in `/` and the keeper's handle."""
REPLACED_KINDS = ("given", "given_again")
"""Those of which a keeper's newer one takes the place of the older one of its name: whoever gives a share over and over
again fills nobody's disk."""


def is_shredded(kind: str, name: str, keeper: str) -> bool:
    """Whether a paper goes when the shares of `keeper` (of everyone, when empty) are deleted."""
    return kind in SHREDDED_KINDS and (not keeper or name.rpartition("/")[2] == keeper)


class Port(Protocol):
    """What a backing can do. Every method is one transaction."""

    def load(self, author: str) -> Kept | None:
        """The watch with its log's head and its inbox, or None."""
        ...

    def load_all(self, authors: Iterable[str]) -> list[Kept]:
        """These watches as `load` gives them, in any order; those that are not there are left out."""
        ...

    def commit(self, write: Write) -> bool:
        """Writes all of it if the revision is still the one named, and those of all it beheld; else nothing, and
        False. Raises Unreadable when the log has a row already where the next one belongs."""
        ...

    def commit_each(self, writes: Sequence[Write]) -> list[bool]:
        """What `commit` would do with one after the other, each of another author, in one transaction: all of that is
        kept or nothing. One may be refused though it stands, and is then to be made by itself; one that was judged by
        other watches always is."""
        ...

    def load_free(self, authors: Sequence[str]) -> Callable[[], Mapping[str, Kept]]:
        """Asks for those of these watches that are not set aside, and gives what fetches them, by author. Nobody is
        kept from writing them: `commit_free` sees whether somebody has."""
        ...

    def commit_free(self, writes: Sequence[Write]) -> list[bool]:
        """Writes those of these that are plain, each of another author, in one transaction: whose watch is at the
        revision named and whose counter is kept and lower than the one named. Nobody is waited for: what another
        writer holds is not written. Whatever is not is to be made by itself."""
        ...

    def due(self, wall: int, limit: int, after: Due | None = None) -> list[Due]:
        """At most `limit` watches to look at by `wall`, earliest first, behind `after`; none that is set aside."""
        ...

    def turn(self, place: Due) -> AbstractContextManager[bool]:
        """One watch's turn, in one transaction: nobody else looks at it meanwhile. Gives False when somebody else is
        at it, or has moved it from that place in the queue."""
        ...

    def turns(self, places: Sequence[Due]) -> AbstractContextManager[Sequence[Kept]]:
        """The turns of all of these at once, and the watches as `load_all` gives them. Those that somebody else is at,
        or has moved from their place, are left out. Where a writer cannot keep a row to itself, `commit_each` refuses
        what somebody else has written meanwhile."""
        ...

    def awaken(self, wall: int) -> None:
        """Whatever waits for a time after `wall` is due then: watches to look at, letters to try, leases to end. For
        when the wall clock was set back, and nobody knows how much was dated by the wrong one."""
        ...

    def host_head(self) -> Head:
        """The end of the host's log."""
        ...

    def commit_host(self, write: HostWrite) -> bool:
        """Appends the row if it follows the newest one, nobody set the same watch aside before, and nobody has taken
        one of its letters that was there already; else nothing, and False."""
        ...

    def commit_hosts(self, writes: Sequence[HostWrite]) -> bool:
        """All of these rows, one behind the other, or none of them: see `commit_host`. False also when they are to be
        made one at a time."""
        ...

    def lease(self, wall: int, until: int, limit: int) -> list[Outgoing]:
        """Takes at most `limit` letters to try by `wall`, so that nobody else tries them before `until`; each says so
        in its `lease`."""
        ...

    def mark(self, marks: tuple[Mark, ...]) -> None:
        """Writes down what was learnt about letters without a step."""
        ...

    def post(self, letters: tuple[Outgoing, ...]) -> None:
        """Writes letters that belong to no step and no row."""
        ...

    def letter(self, ident: str) -> Outgoing | None:
        """One letter by its identifier."""
        ...

    def reader(self, handle: str) -> Reader | None:
        """Whom to write to, or None when nobody of that name is known."""
        ...

    def readers_of(self, handles: Iterable[str]) -> Mapping[str, Reader]:
        """All of these who are known, by handle."""
        ...

    def hosts(self) -> tuple[str, ...]:
        """The handles of the people who run this service."""
        ...

    def authors(self) -> tuple[str, ...]:
        """The authors of all watches that are begun and not set aside."""
        ...

    def beat(self, wall: int, *names: str) -> None:
        """Writes down that parts of the service did their round."""
        ...

    def beats(self) -> dict[str, int]:
        """When each part last did its round."""
        ...


@dataclass(slots=True)
class Faults:
    """What the memory backing does wrong, and how many commits from now. Each happens once."""

    fail_before: int | None = None
    fail_after: int | None = None
    conflict: int | None = None
    commits: int = field(default=0)
