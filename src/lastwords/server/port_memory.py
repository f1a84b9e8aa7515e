"""The port in memory, failing on purpose: what the simulator and the fault tests run the shipped store over."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from lastwords.protocol.changed import changed

from .log import HOST_LOG, beginning
from .port import (
    REPLACED_KINDS,
    Due,
    Entry,
    Faults,
    Head,
    HostWrite,
    Kept,
    Mark,
    Outgoing,
    Paper,
    Reader,
    Word,
    Write,
    is_shredded,
)


class Crash(Exception):
    """The planted end of the process: what was committed stays, everything else is gone."""


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A paper as kept: whose it is, and the row that names its hash."""

    by: str
    paper: Paper
    sha256: str
    row: int


@dataclass(slots=True)
class Tables:
    """Everything that is kept."""

    watches: dict[str, Kept] = field(default_factory=dict)
    rows: dict[str, list[Entry]] = field(default_factory=dict)
    papers: dict[str, list[KeptPaper]] = field(default_factory=dict)
    parts: dict[str, frozenset[str]] = field(default_factory=dict)
    letters: dict[str, Outgoing] = field(default_factory=dict)
    """Each as `MemoryPort.letter` gives it."""
    waiting: dict[str, int] = field(default_factory=dict)
    """When each letter that is still to be tried is tried next; one with nothing more to try does not stand here."""
    leases: dict[str, int] = field(default_factory=dict)
    host: list[Entry] = field(default_factory=list)
    beats: dict[str, int] = field(default_factory=dict)
    words: int = 0


@dataclass(slots=True)
class MemoryPort:
    """See `port.Port`. `readers` and `host_handles` are given by whoever runs it; `faults` says what goes wrong."""

    readers: dict[str, Reader] = field(default_factory=dict)
    host_handles: tuple[str, ...] = ("host",)
    faults: Faults = field(default_factory=Faults)
    tables: Tables = field(default_factory=Tables)

    def load(self, author: str) -> Kept | None:
        return self.tables.watches.get(author)

    def load_all(self, authors: Iterable[str]) -> list[Kept]:
        return [self.tables.watches[author] for author in authors if author in self.tables.watches]

    def commit_each(self, writes: Sequence[Write]) -> list[bool]:
        """Each begins where the one before it ended, as in one transaction: no fault strikes in between."""
        self._before()
        if self._planted_conflict():
            return [False] * len(writes)
        done = [not write.beheld and self._commit(write) for write in writes]
        self._after()
        return done

    def commit(self, write: Write) -> bool:
        self._before()
        if self._planted_conflict() or not self._commit(write):
            return False
        self._after()
        return True

    def _commit(self, write: Write) -> bool:
        kept = self.tables.watches.get(write.author)
        if (kept.revision if kept else 0) != write.revision or (kept and kept.set_aside):
            return False
        watches = self.tables.watches
        if write.beheld and any(
            revision != (watches[author].revision if author in watches else 0)
            for author, revision in write.beheld
        ):
            return False
        _apply(self.tables, write, kept)
        return True

    def load_free(self, authors: Sequence[str]) -> Callable[[], Mapping[str, Kept]]:
        found = {author: self.tables.watches[author] for author in authors if author in self.tables.watches}
        free = {author: kept for author, kept in found.items() if not kept.set_aside}
        return lambda: free

    def commit_free(self, writes: Sequence[Write]) -> list[bool]:
        """No counters are kept here: each is taken for a lower one."""
        return self.commit_each(writes)

    def due(self, wall: int, limit: int, after: Due | None = None) -> list[Due]:
        places = [
            (kept.look_at, author)
            for author, kept in self.tables.watches.items()
            if kept.look_at is not None and kept.look_at <= wall
        ]
        if after is not None:
            places = [place for place in places if place > (after.look_at, after.author)]
        places.sort()
        return [Due(look_at, author) for look_at, author in places[:limit]]

    @contextmanager
    def turn(self, place: Due) -> Iterator[bool]:
        kept = self.tables.watches.get(place.author)
        yield kept is not None and kept.look_at == place.look_at

    @contextmanager
    def turns(self, places: Sequence[Due]) -> Iterator[Sequence[Kept]]:
        found = ((place, self.tables.watches.get(place.author)) for place in places)
        yield [kept for place, kept in found if kept is not None and kept.look_at == place.look_at]

    def awaken(self, wall: int) -> None:
        tables = self.tables
        for author, kept in tables.watches.items():
            if kept.look_at is not None and kept.look_at > wall:
                tables.watches[author] = changed(kept, look_at=wall)
        for ident in [ident for ident, when in tables.waiting.items() if when > wall]:
            tables.waiting[ident] = wall
            tables.letters[ident] = changed(tables.letters[ident], next_try=wall)
        tables.leases.update({ident: 0 for ident, until in tables.leases.items() if until > wall})

    # The host's log.

    def host_head(self) -> Head:
        if not self.tables.host:
            return beginning(HOST_LOG)
        last = self.tables.host[-1]
        return Head(last.number, last.link)

    def commit_host(self, write: HostWrite) -> bool:
        return self.commit_hosts([write])

    def commit_hosts(self, writes: Sequence[HostWrite]) -> bool:
        self._before()
        tables, head = self.tables, self.host_head()
        for place, write in enumerate(writes, start=1):
            taken = write.aside and tables.watches[write.aside[0]].set_aside
            gone = any(self._has_left(letter) for letter in write.letters)
            if taken or gone or write.entry.number != head.number + place:
                return False
        for write in writes:
            tables.host.append(write.entry)
            for letter in write.letters:
                _keep_letter(tables, letter)
            if write.aside:
                author, reason = write.aside
                kept = tables.watches[author]
                aside = changed(kept, set_aside=reason, look_at=None, revision=kept.revision + 1)
                tables.watches[author] = aside
        self._after()
        return True

    def _has_left(self, letter: Outgoing) -> bool:
        """Whether it is there already, and somebody has taken it."""
        kept = self.tables.letters.get(letter.ident)
        taken = self.tables.leases.get(letter.ident, 0)
        return kept is not None and bool(taken or kept.attempts or kept.stage != "written")

    # Letters.

    def lease(self, wall: int, until: int, limit: int) -> list[Outgoing]:
        letters, leases = self.tables.letters, self.tables.leases
        ready = [
            (next_try, ident)
            for ident, next_try in self.tables.waiting.items()
            if next_try <= wall and leases.get(ident, 0) <= wall
        ]
        ready.sort()
        taken = [ident for _, ident in ready[:limit]]
        leases.update(dict.fromkeys(taken, until))
        return [changed(letters[ident], lease=until) for ident in taken]

    def mark(self, marks: tuple[Mark, ...]) -> None:
        self._before()
        for mark in marks:
            _mark(self.tables, mark)
        self._after()

    def post(self, letters: tuple[Outgoing, ...]) -> None:
        self._before()
        for letter in letters:
            _keep_letter(self.tables, letter)
        self._after()

    def letter(self, ident: str) -> Outgoing | None:
        return self.tables.letters.get(ident)

    def reader(self, handle: str) -> Reader | None:
        return self.readers.get(handle)

    def readers_of(self, handles: Iterable[str]) -> Mapping[str, Reader]:
        return {handle: self.readers[handle] for handle in handles if handle in self.readers}

    # People and rounds.

    def hosts(self) -> tuple[str, ...]:
        return self.host_handles

    def authors(self) -> tuple[str, ...]:
        return tuple(sorted(author for author, kept in self.tables.watches.items() if not kept.set_aside))

    def beat(self, wall: int, *names: str) -> None:
        for name in names:
            self.tables.beats[name] = wall

    def beats(self) -> dict[str, int]:
        return dict(self.tables.beats)

    # Faults.

    def _before(self) -> None:
        self.faults.commits += 1
        if self.faults.fail_before == self.faults.commits:
            raise Crash("before the commit")

    def _after(self) -> None:
        if self.faults.fail_after == self.faults.commits:
            raise Crash("after the commit, before it was acknowledged")

    def _planted_conflict(self) -> bool:
        return self.faults.conflict == self.faults.commits


# Parts of a commit. Nothing in them can fail halfway: a planted fault strikes before them or after them.


def _apply(tables: Tables, write: Write, kept: Kept | None) -> None:
    if write.entries:
        head = Head(write.entries[-1].number, write.entries[-1].link)
    else:
        assert kept is not None, "a watch begins with a row"
        head = kept.head
    aside, inbox = (kept.set_aside, kept.inbox) if kept else ("", ())
    left = inbox and tuple(word for word in inbox if word.ident not in write.drained)
    revision = write.revision + 1
    tables.watches[write.author] = Kept(write.author, write.state, revision, write.look_at, aside, head, left)
    if write.entries:
        tables.rows.setdefault(write.author, []).extend(write.entries)
    for letter in write.letters:
        _keep_letter(tables, letter)
    if write.shreds or write.papers:
        _apply_papers(tables.papers.setdefault(write.author, []), write)
    if write.parts is not None:
        tables.parts[write.author] = write.parts
    for person, silent in write.ripples:
        _ripple(tables, write, person, silent)
    for mark in write.marks:
        _mark(tables, mark)


def _apply_papers(papers: list[KeptPaper], write: Write) -> None:
    for keeper in write.shreds:
        papers[:] = [kept for kept in papers if not is_shredded(kept.paper.kind, kept.paper.name, keeper)]
    newer = {(paper.kind, paper.name) for paper in write.papers if paper.kind in REPLACED_KINDS}
    papers[:] = [kept for kept in papers if (kept.paper.kind, kept.paper.name) not in newer]
    number = write.entries[-1].number if write.entries else 0
    papers.extend(
        KeptPaper(write.by, paper, hashlib.sha256(paper.body).hexdigest(), number) for paper in write.papers
    )


def _keep_letter(tables: Tables, letter: Outgoing) -> None:
    tables.letters[letter.ident] = letter
    tables.waiting[letter.ident] = letter.next_try


def _ripple(tables: Tables, write: Write, person: str, silent: bool) -> None:
    for author, parts in tables.parts.items():
        if author == write.author or person not in parts:
            continue
        kept = tables.watches[author]
        tables.words += 1
        word = Word(tables.words, person, silent)
        look_at = write.at if kept.look_at is None else min(kept.look_at, write.at)
        tables.watches[author] = changed(
            kept,
            inbox=(*kept.inbox, word),
            revision=kept.revision + (0 if kept.set_aside else 1),
            look_at=None if kept.set_aside else look_at,
        )


def _mark(tables: Tables, mark: Mark) -> None:
    if mark.lease and tables.leases.get(mark.ident) != mark.lease:
        return
    letter = tables.letters[mark.ident]
    tables.letters[mark.ident] = changed(
        letter,
        stage=mark.stage,
        attempts=mark.attempts,
        taken=mark.taken,
        reported=mark.reported,
        facts=() if mark.forget else letter.facts,
        accepted=_accepted(letter, mark) if mark.answers else letter.accepted,
        next_try=mark.next_try or 0,
    )
    if mark.next_try is None:
        tables.waiting.pop(mark.ident, None)
    else:
        tables.waiting[mark.ident] = mark.next_try
    tables.leases.pop(mark.ident, None)


def _accepted(letter: Outgoing, mark: Mark) -> tuple[str, ...]:
    """The channels whose newest answer is that they have accepted it."""
    accepted = set(letter.accepted)
    for answer in mark.answers:
        (accepted.add if answer.state == "accepted" else accepted.discard)(answer.channel)
    return tuple(sorted(accepted))
