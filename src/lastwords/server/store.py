"""The one door: loads a watch, lets the machine step it, and writes state, log row and letters in one transaction.

Nothing else in the server changes a watch. Views, sweep, outbox and commands come through `Store.act`, which decides
nothing itself: whether and how a watch changes is `protocol.machine.step`, whether a record can be judged is
`protocol.record`. Time is read once per call and handed in.
"""

import json
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lastwords.protocol import machine, record, spelling
from lastwords.protocol.changed import made_at_once
from lastwords.protocol.effects import Letter, Outcome, Row, Step
from lastwords.protocol.events import CheckIn, Event, HearOfSilence, Look
from lastwords.protocol.moments import Moment
from lastwords.protocol.quiet import as_seen, unmarked
from lastwords.protocol.refusals import Refusal
from lastwords.protocol.stages import GONE, Stage
from lastwords.protocol.turn import SILENT_STAGES, event_name
from lastwords.protocol.watch import HOST, Watch

from . import log, rows
from .port import Entry, Head, HostWrite, Kept, Mark, Outgoing, Paper, Port, Write
from .refusals import Busy, Exists, ServerRefused, Unknown, Unreadable

__all__ = ["Act", "RefusedStep", "Store", "act", "begin", "here", "read"]

TRIES = 12
"""How often a write that lost its compare-and-set is made again from a fresh load."""
PAUSE = 30
"""Least seconds until the next look at a watch whose look changed nothing: a stalled credit must not spin."""


class RefusedStep(ServerRefused):
    """The machine refused; `refusal` carries its code. Nothing was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.happened, refusal.do)
        self.refusal = refusal


@dataclass(slots=True)
class _Pending:
    """What one call has gathered so far: several steps, when words from other watches are heard first."""

    watch: Watch
    text: str
    """The record of `watch`, spelled once per step and used wherever the step is written or named."""
    head: Head
    entries: list[Entry] = field(default_factory=list)
    letters: list[Outgoing] = field(default_factory=list)
    ripples: list[tuple[str, bool]] = field(default_factory=list)
    shreds: list[str] = field(default_factory=list)


@made_at_once
@dataclass(frozen=True, slots=True)
class _Judged:
    """A step with all that it writes, and the head its log has then."""

    write: Write
    step: Step
    head: Head


@made_at_once
@dataclass(frozen=True, slots=True)
class Act:
    """Something that is to happen to one watch, with what `Store.act` takes beside it. `counter` is for
    `Store.act_together`: the credential it was signed by, and the counter that rises with it."""

    author: str
    event: Event
    papers: tuple[Paper, ...] = ()
    marks: tuple[Mark, ...] = ()
    counter: tuple[str, int] | None = None


@dataclass(slots=True)
class Store:
    """The door over one port. `now` reads the clock, `entropy` makes salts and letter names; `kept` is told the heads
    of the logs, by author, after every commit that moved them."""

    port: Port
    now: Callable[[], Moment]
    entropy: Callable[[int], bytes] = secrets.token_bytes
    kept: Callable[[Mapping[str, Head]], None] = lambda heads: None

    # Reading.

    def read(self, author: str) -> Watch:
        """The watch as it is kept. Raises Unknown, or Unreadable when it cannot be judged."""
        return self.watch_of(self._load(author))

    def watch_of(self, kept: Kept) -> Watch:
        """The same of a watch that was loaded already. Raises Unreadable."""
        return self._judgeable(kept)

    # Writing.

    def begin(self, author: str) -> Watch:
        """Begins a draft watch for an author who has none."""
        if self.port.load(author) is not None:
            raise Exists(
                "This author has a watch already; nothing was changed.",
                "Sign in and go on with it.",
            )
        now = self.now()
        # The author's joining is their first sign: nothing is ever counted from the year 1970.
        watch = Watch(author, last_sign=now)
        pending = _Pending(watch, _records.spell(watch), log.beginning(log.author_log(author)))
        self._keep(pending, Step(watch, Row("begin", author, Stage.DRAFT, Stage.DRAFT, ())), None, now, ())
        write = Write(author, 0, pending.text, None, now.wall, tuple(pending.entries))
        if not self.port.commit(write):
            raise Busy("Someone else began this watch at the same moment.", "Sign in and go on with it.")
        self.kept({author: pending.head})
        return watch

    def act(
        self,
        author: str,
        event: Event,
        papers: Sequence[Paper] = (),
        *,
        marks: Sequence[Mark] = (),
        now: Moment | None = None,
    ) -> Step:
        """Lets something happen to a watch.

        `papers` are stored in the same transaction and their hashes stand in the row; `marks` is what the outbox has
        learnt about the letters this event reports. Raises RefusedStep, Unknown, Unreadable, or Busy."""
        moment, act = now or self.now(), Act(author, event, tuple(papers), tuple(marks))
        for _ in range(TRIES):
            judged = self._judge(self._load(author), act, moment, alone=True)
            if self.port.commit(judged.write):
                if judged.write.entries:
                    self.kept({author: judged.head})
                return judged.step
        raise Busy(
            "Too many others wrote to this watch at the same moment; nothing of this request was kept.",
            "Try again in a minute.",
        )

    def act_all(
        self, acts: Sequence[Act], watches: Sequence[Kept], now: Moment
    ) -> list[Step | ServerRefused]:
        """What `act` would do with one after the other, each about another one of these watches, in one transaction.

        Returns what each step did or why there was none, RefusedStep and Unreadable as from `act`; Busy when it has
        to be made by itself."""
        kept = {watch.author: watch for watch in watches}
        outcomes: list[Step | ServerRefused] = []
        judged: list[_Judged] = []
        for act in acts:
            try:
                judged.append(self._judge(kept[act.author], act, now))
                outcomes.append(judged[-1].step)
            except (RefusedStep, Unreadable) as error:
                # Where it was raised would hold all the others here, and itself, until somebody looks for that.
                error.__traceback__ = error.__cause__ = error.__context__ = None
                outcomes.append(error)
            except KeyError:
                outcomes.append(_alone())
        written = self.port.commit_each([one.write for one in judged])
        self._tell([one for one, stands in zip(judged, written, strict=True) if stands])
        lost = {one.write.author for one, stands in zip(judged, written, strict=True) if not stands}
        return [_alone() if act.author in lost else got for act, got in zip(acts, outcomes, strict=True)]

    def act_together(
        self, acts: Sequence[Act], watches: Mapping[str, Kept], now: Moment
    ) -> list[Step | None]:
        """Lets something happen to several watches, one act each, in one transaction: all that was written stands or
        falls together. Gives each act its step, or None where nothing was written and the act is to go through `act` by
        itself: the commonest of all acts are alike, and whatever is not like them is not done in a crowd. `watches` are
        as `Port.load_free` has given them; nobody is waited for who holds one of them. Raises Busy, and what the
        database refuses with."""
        kept = dict(watches)
        judged: dict[str, _Judged] = {}
        for act in acts:
            plain = self._plain(mine, act, now) if (mine := kept.pop(act.author, None)) else None
            if plain is not None:
                judged[act.author] = plain
        written = self.port.commit_free([one.write for one in judged.values()])
        done = [one for one, stands in zip(judged.values(), written, strict=True) if stands]
        self._tell(done)
        steps = {one.write.author: one.step for one in done}
        return [steps.pop(act.author, None) for act in acts]

    def _plain(self, kept: Kept, act: Act, now: Moment) -> _Judged | None:
        """The act judged, if all that follows from it is a new state and a row of a watch that stays *well*."""
        if kept.inbox:
            return None
        try:
            judged = self._judge(kept, act, now)
        except Exception:
            return None  # whatever it is, `act` says it to the one whose act it is, and the others are not held up
        row = judged.step.row
        stays = row is not None and row.before is row.after is Stage.WELL
        return judged if stays and judged.write.is_plain else None

    def look(self, author: str, now: Moment) -> Step:
        """Time has passed: lets the machine do the one thing that is due, if any."""
        return self.act(author, Look(), now=now)

    def set_aside(self, author: str, reason: str, now: Moment) -> None:
        """Stops judging a watch that cannot be judged, and tells the host. Its record is left exactly as it is."""
        if self._is_aside(author):
            return
        letters = self._letters_of_aside(author, self.port.hosts(), now)
        self.host_row("set_aside", now, letters, (author, reason), author=author, reason=reason)

    def set_aside_all(self, found: Mapping[str, str], now: Moment) -> None:
        """The same for many, by author and reason, each with a row of its own."""
        hosts, head = self.port.hosts(), self.port.host_head()
        writes: list[HostWrite] = []
        for author, reason in found.items():
            body = {"kind": "set_aside", "at": list(now), "author": author, "reason": reason}
            entry = log.follow(head, body, self.entropy(log.SALT))
            head = Head(entry.number, entry.link)
            letters = self._letters_of_aside(author, hosts, now)
            writes.append(HostWrite(entry, now.wall, letters, (author, reason)))
        if self.port.commit_hosts(writes):
            self.kept({"": head})
            return
        for author, reason in found.items():
            self.set_aside(author, reason, now)

    def _letters_of_aside(self, author: str, hosts: Sequence[str], now: Moment) -> tuple[Outgoing, ...]:
        return tuple(self.host_letter("watch_set_aside", host, now, author=author) for host in hosts)

    def host_letter(self, kind: str, to: str, now: Moment, **facts: int | str) -> Outgoing:
        """A letter from the host's own side, ready for `host_row`."""
        return Outgoing(self._name(), "", 0, kind, to, 0, 0, tuple(sorted(facts.items())), now, now.wall)

    def host_row(
        self,
        kind: str,
        now: Moment,
        letters: Sequence[Outgoing] = (),
        aside: tuple[str, str] | None = None,
        /,
        **facts: object,
    ) -> None:
        """Appends a row to the host's log, with the letters it causes."""
        for _ in range(TRIES):
            if aside and self._is_aside(aside[0]):
                return  # another process found it at the same moment
            body = {"kind": kind, "at": list(now), **log.plain(facts)}
            entry = log.follow(self.port.host_head(), body, self.entropy(log.SALT))
            if self.port.commit_host(HostWrite(entry, now.wall, tuple(letters), aside)):
                self.kept({"": Head(entry.number, entry.link)})
                return
        raise Busy("Too many others wrote to the host's log at the same moment.", "Try again in a minute.")

    # The parts of a call.

    def _judge(self, kept: Kept, act: Act, now: Moment, *, alone: bool = False) -> _Judged:
        """What is to be written when this happens to a watch that stands so. In a crowd what stays as it is kept is not
        written. An act that is made alone asks the database the same whatever it is: whether a code was the word under
        force, or a keeper has stepped back, must not be seen from that."""
        event, beginning = act.event, self._judgeable(kept)
        pending = self._drained(kept, beginning, now)
        step = self._step(pending.watch, event, now)
        if isinstance(step, Refusal):
            raise RefusedStep(step)
        newcomers = _newcomers(pending.watch, step.watch)
        beheld = self._hear_of(pending, newcomers, now) if newcomers else ()
        if beheld:
            step = self._step(pending.watch, event, now)
            assert isinstance(step, Step)
        before = pending.watch
        self._keep(pending, step, event, now, act.papers)
        look_at = _look_at(kept, before, step, event, now)
        parts_stay = not pending.entries or (not alone and _same_parts(beginning, step.watch))
        write = Write(
            kept.author,
            kept.revision,
            pending.text,
            look_at,
            now.wall,
            tuple(pending.entries),
            tuple(pending.letters),
            act.papers,
            event.by,
            tuple(word.ident for word in kept.inbox),
            tuple(pending.ripples),
            tuple(pending.shreds),
            None if parts_stay else _parts(step.watch),
            act.marks,
            beheld,
            not alone and look_at == kept.look_at,
            act.counter,
        )
        return _Judged(write, step, pending.head)

    def _tell(self, judged: Sequence[_Judged]) -> None:
        heads = {one.write.author: one.head for one in judged if one.write.entries}
        if heads:
            self.kept(heads)

    def _load(self, author: str) -> Kept:
        kept = self.port.load(author)
        if kept is None:
            raise Unknown("There is no such watch; nothing was changed.", "Check the author's name.")
        return kept

    def _judgeable(self, kept: Kept) -> Watch:
        if kept.set_aside:
            raise Unreadable(
                "This watch was set aside because its record cannot be judged; nothing was changed or released.",
                "The host has been told and can repair it; what is sealed is unharmed.",
            )
        try:
            return _records.read(kept.state)
        except (record.Unreadable, ValueError, RecursionError) as error:
            raise Unreadable(
                f"The record of this watch cannot be read ({error}); nothing was changed or released.",
                "The host can repair it; what is sealed is unharmed.",
            ) from error

    def _step(self, watch: Watch, event: Event, now: Moment) -> Outcome:
        """One step. When time itself, or word from another watch, cannot be judged, it is the record that is at
        fault; what a person sent must never be able to set a watch aside, so that is left to raise as it is."""
        try:
            return machine.step(watch, event, now)
        except Exception as error:
            if not isinstance(event, Look | HearOfSilence):
                raise
            raise Unreadable(
                f"This watch cannot be judged ({type(error).__name__}: {error}); nothing was changed or released.",
                "The host can repair it; what is sealed is unharmed.",
            ) from error

    def _drained(self, kept: Kept, watch: Watch, now: Moment) -> _Pending:
        """The watch after it has heard every word from other watches: nobody is judged before."""
        pending = _Pending(watch, kept.state, kept.head)
        for word in kept.inbox:
            event = HearOfSilence(HOST, word.person, word.silent)
            step = self._step(pending.watch, event, now)
            if isinstance(step, Step):
                self._keep(pending, step, event, now, ())
        return pending

    def _hear_of(
        self, pending: _Pending, newcomers: frozenset[str], now: Moment
    ) -> tuple[tuple[str, int], ...]:
        """A person who gets a part in this watch while silent themselves is heard of in the same transaction: word is
        sent to other watches only when a silence begins or ends (I10). So is one who has spoken again since they last
        had a part here, or their seat would not count any more. Returns the newcomers' own watches as they were beheld;
        the write is made only if they still are so, since a silence may begin at this very moment."""
        beheld = []
        for person in sorted(newcomers):
            kept = self.port.load(person)
            beheld.append((person, kept.revision if kept else 0))
            silent = self._is_silent(kept)
            if silent or person in pending.watch.silent:
                event = HearOfSilence(HOST, person, silent)
                step = machine.step(pending.watch, event, now)
                if isinstance(step, Step):
                    self._keep(pending, step, event, now, ())
        return tuple(beheld)

    def _is_silent(self, kept: Kept | None) -> bool:
        """Whether a person's own watch is in vigil or closing. One that cannot be judged says nothing of them."""
        try:
            return kept is not None and self._judgeable(kept).stage in SILENT_STAGES
        except Unreadable:
            return False

    def _is_aside(self, author: str) -> bool:
        kept = self.port.load(author)
        return kept is None or bool(kept.set_aside)

    def _keep(
        self, pending: _Pending, step: Step, event: Event | None, now: Moment, papers: Sequence[Paper]
    ) -> None:
        """Adds one step to what will be written: its row, its letters, its effects."""
        moves = step.watch is not pending.watch
        if moves:
            pending.watch, pending.text = step.watch, _records.spell(step.watch)
        row = step.row
        if row is None and papers and not moves:
            # A paper always has a row that names it, even when nothing else changed.
            assert event is not None
            row = Row(event_name(event), event.by, step.watch.stage, step.watch.stage, ())
        number = pending.head.number + (row is not None)
        letters = [self._outgoing(step.watch, letter, number, now) for letter in step.letters]
        pending.letters.extend(letters)
        if row is None:
            return  # nothing, or a mark alone has moved, of which there must be nothing to read
        seen = event and as_seen(event)
        named = as_rows_name_it(step.watch, pending.text)
        body = rows.body(step, named, row, seen, now, papers, letters, number)
        beside = rows.beside(event, now, number) if event and event is not seen else b""
        entry = log.chained(pending.head, body, self.entropy(log.SALT), beside)
        pending.head = Head(entry.number, entry.link)
        pending.entries.append(entry)
        pending.ripples.extend((ripple.person, ripple.silent) for ripple in step.ripples)
        pending.shreds.extend(shred.keeper for shred in step.shreds)

    def _outgoing(self, watch: Watch, letter: Letter, row: int, now: Moment) -> Outgoing:
        return Outgoing(
            self._name(),
            watch.author,
            row,
            letter.kind.value,
            letter.to,
            letter.round,
            letter.case,
            letter.facts,
            now,
            now.wall,
        )

    def _name(self) -> str:
        return self.entropy(16).hex()


def _alone() -> Busy:
    return Busy("Somebody else is writing to this watch; nothing was changed.", "Make it again by itself.")


def as_rows_name_it(watch: Watch, text: str) -> str:
    """The text whose hash stands in a row: of the watch as its author reads it. `text` is the record as it is kept."""
    seen = unmarked(watch)
    return text if seen is watch else _records.spell(seen)


class _Records:
    """How a record is spelled and read. One text is always one watch, so those that this process has read or written
    last need not be read again: the outbox asks for the same one letter after letter."""

    MOST = 2048

    def __init__(self) -> None:
        self._known: OrderedDict[str, Watch] = OrderedDict()
        self.speller: spelling.Speller = spelling.spell

    def spell(self, watch: Watch) -> str:
        """The one spelling of a record: compared by hash, so it must not vary."""
        return self._remember(self.speller(watch), watch)

    def read(self, text: str) -> Watch:
        """The watch of a record. Raises what `record.from_plain` and JSON raise."""
        watch = self._known.get(text)
        if watch is None:
            watch = record.from_plain(json.loads(text))
            self._remember(text, watch)
        return watch

    def _remember(self, text: str, watch: Watch) -> str:
        self._known[text] = watch
        if len(self._known) > self.MOST:
            self._known.popitem(last=False)
        return text


_records = _Records()


def remember_parts() -> None:
    """For a process in which few watches take many steps: what a step leaves alone is not spelled again."""
    _records.speller = spelling.remembering()


def _look_at(kept: Kept, before: Watch, step: Step, event: Event, now: Moment) -> int | None:
    """When to look next. A check-in in *well* leaves an earlier look where it is: the look itself will find it, and
    the commonest of all acts does not have to move the queue."""
    next_look = machine.due(step.watch, now)
    if isinstance(event, Look) and next_look is not None:
        # One step per pass, and no spinning on a wait that credit does not let end.
        next_look = max(next_look, now.wall + (1 if step.row else PAUSE))
    stays_well = before.stage is Stage.WELL and step.watch.stage is Stage.WELL
    if isinstance(event, CheckIn) and stays_well and kept.look_at is not None and next_look is not None:
        return min(kept.look_at, next_look)
    return next_look


def _parts(watch: Watch) -> frozenset[str]:
    """Everyone with a seat or words in this watch, who must be heard of when their own watch falls silent."""
    keepers = {seat.keeper for seat in watch.seats if seat.stage not in GONE}
    return frozenset(keepers | {track.recipient for track in watch.tracks}) - {watch.author}


def _newcomers(before: Watch, after: Watch) -> frozenset[str]:
    """Who has a part now and had none."""
    return _NOBODY if _same_parts(before, after) else _parts(after) - _parts(before)


_NOBODY: frozenset[str] = frozenset()


def _same_parts(before: Watch, after: Watch) -> bool:
    """Whether nobody can have come or gone; the step leaves what it does not touch the very same object."""
    return before.seats is after.seats and before.tracks is after.tracks


# The door of this process: the database, the clock, and the heads file.


def here() -> Store:
    """The store over the database this process was configured with."""
    # Only here does the door know its backing: whoever runs the store over memory needs no Django.
    from . import clock, witness
    from .port_sql import SqlPort

    return Store(SqlPort(), clock.now, kept=witness.note)


def act(author: str, event: Event, papers: Sequence[Paper] = (), *, now: Moment | None = None) -> Step:
    """See `Store.act`. Wrap it in `transaction.atomic()` together with rows of your own that must stand or fall
    with the step; the watch is then stepped in that same transaction."""
    return here().act(author, event, papers, now=now)


def begin(author: str) -> Watch:
    """See `Store.begin`."""
    return here().begin(author)


def read(author: str) -> Watch:
    """See `Store.read`."""
    return here().read(author)
