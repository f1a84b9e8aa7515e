"""Restores: histories brought back to what they were at each of their commits, and watched from there (T5).

A history is a simulated life without backups of its own. At each commit of it the service's memory is copied; when the
life is over, every copy in turn takes the place of the present, and is served as a restored one is. Two ways to look at
it: `points` looks at every commit, with nobody but a keeper or the author confirming; `replays` goes back in the
middle of a life and plays it on to its end under the judge, who knows what really happened.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY, HOUR, Moment
from lastwords.protocol.stages import HoldCause, Stage, Strength, TrackStage
from lastwords.protocol.watch import Watch
from lastwords.server import credit, passes, settings, sweep, witness
from lastwords.server.log import HOST_LOG, author_log
from lastwords.server.outbox import Outbox
from lastwords.server.port import Answer, Head, HostWrite, Outgoing, Port, Write
from lastwords.server.store import RefusedStep, Store

from .broken import Broken
from .lives import happenings, service
from .lives.cast import AUTHOR, PAPER, PHONE
from .lives.door import Steps
from .lives.life import Life
from .lives.script import Happening, Script, script
from .lives.sql import Sql

SILENCE = (20 * DAY, 45 * DAY, 400 * DAY)
"""How long nobody says anything, seconds of wall and credit; the sweep and the outbox run meanwhile."""
WARNED = 12 * DAY
"""No release may come within so many seconds of the moment at which a restored past may go on, whatever the plan."""
GONE_ON = (TrackStage.LAST_CALL, TrackStage.RELEASED)


@dataclass(slots=True)
class Tally:
    """What was looked at. `wrong` are sentences; everything else counts."""

    histories: int = 0
    points: int = 0
    """Commits that were gone back to."""
    alike: int = 0
    """Of those, the ones whose watches stood as at the point before, so that only their being told was looked at."""
    on_hold: int = 0
    """Watches that stood still afterwards."""
    voided: int = 0
    """Statements that stood at that commit, and were void afterwards."""
    refused_again: int = 0
    """Statements signed before the restore that were sent again after it, and refused."""
    by_sign: int = 0
    by_quorum: int = 0
    """Holds ended by a strong sign, and by a quorum."""
    replays: int = 0
    forgot: int = 0
    """Lives played on to their end, and those of them that had lost a sign, a statement or a release."""
    released_again: int = 0
    """Tracks that were released in the restored past although they had been before, each by a new round in full."""
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def calm(seed: int) -> Script:
    """The life of a seed, without backups and restores of its own."""
    made = script(seed)
    made.happenings = [one for one in made.happenings if one.what not in ("backup", "restore")]
    return made


# Every commit of a history.


class Recorded(Life):
    """A life that copies the service's memory at every commit; `copies` are in their order."""

    copies: list[Any]
    once_committed: Callable[[Callable[[], None]], object] = staticmethod(lambda copy: copy())
    """Runs it once the transaction that is open, if any, is over."""

    def play(self) -> "Recorded":
        self.copies = []
        super().play()
        return self

    def _copy(self) -> None:
        self.once_committed(lambda: self.copies.append(self.backing.copy()))

    def _committed(self, write: Write, steps: Steps, struck: str) -> None:
        super()._committed(write, steps, struck)
        self._copy()

    def _hosted(self, write: HostWrite) -> None:
        super()._hosted(write)
        self._copy()

    def _posted(self, letters: tuple[Outgoing, ...]) -> None:
        super()._posted(letters)
        self._copy()


class Taking:
    """A way out that takes every letter."""

    def probe(self) -> None:
        """It works."""

    def send(self, envelope: Any) -> Answer:
        return Answer(f"mail:{envelope.address}", "accepted", "250")

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Past:
    """A restored service: the shipped door, sweep and outbox over the copy, and hands to move its clocks."""

    port: Port
    now: Moment
    door: Store = field(init=False)
    box: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.door = Store(self.port, lambda: self.now)
        self.box = Outbox(self.door, {"mail": Taking()}, service.NAME, service.ORIGIN, boot_time=lambda: 0)

    def watches(self) -> dict[str, Watch]:
        return {author: self.door.read(author) for author in self.port.authors()}

    def run(self, seconds: int) -> None:
        """So much time passes, all of it heard; then the service does what is due."""
        self.now = Moment(self.now.wall + seconds, self.now.credit + seconds)
        sweep.sweep(self.door, self.now)
        self.box.run_all(self.now)


def points(seed: int, *, every: bool = False, tell: Callable[[Past], None] | None = None) -> Tally:
    """Goes back to every commit of one history. `every` also looks closely at those that stand as the one before;
    `tell` is how a start finds out that it is a past, the shipped way over the port by default."""
    tally = Tally(histories=1)
    life = Recorded(calm(seed))
    try:
        life.play()
    except Broken as broken:
        tally.wrong.append(f"seed {seed}, before anything was restored: {broken}")
        return tally
    signed = [(past.author, said) for past in life.judge.pasts.values() for said in past.statements.values()]
    looked: tuple[str, ...] = ()
    for number, copied in enumerate(life.copies, start=1):
        try:
            looked = _point(life, copied, signed, tally, looked if not every else (), tell or _tell)
        except Broken as broken:
            tally.wrong.append(f"seed {seed}, commit {number}: {broken}")
    return tally


def _tell(past: Past) -> None:
    passes.tell_restored(past.door, past.now, "the newest row that was seen is not in the database")


def _point(
    life: Recorded,
    copied: Any,
    signed: list[tuple[str, e.MakeStatement]],
    tally: Tally,
    looked: tuple[str, ...],
    tell: Callable[[Past], None],
) -> tuple[str, ...]:
    """One commit: told, then silence, then a confirmation either way. Returns the records it began with."""
    life.backing.put_back(copied)
    past = _past_of(life)
    before = past.watches()
    records = tuple(kept.state for author in before if (kept := past.port.load(author)))
    tell(past)
    tally.points += 1
    told = past.watches()
    for author, watch in told.items():
        _judge_told(before[author], watch, tally)
    if records == looked:
        tally.alike += 1
        return records
    kept = life.backing.copy()
    _judge_old_statements(past, told, signed, tally)
    for length in SILENCE:
        past.run(length)
        _judge_still(told, past.watches(), f"after {length // DAY} days of silence")
    for author in told:
        for confirm in (_by_sign, _by_quorum):
            life.backing.put_back(kept)
            past = _past_of(life)
            if confirm(past, author, tally):
                _judge_confirmed(past, author)
    return records


def _past_of(life: Life) -> Past:
    pulse = life.backing.pulse
    return Past(life.backing.port, Moment(life.time.wall, pulse.credit if pulse else 0))


def _judge_told(before: Watch, told: Watch, tally: Tally) -> None:
    if before.stage is Stage.DRAFT:
        return
    if told.hold(HoldCause.RESTORE) is None:
        raise Broken("I5", f"the watch of {told.author} does not stand still")
    if told.epoch <= before.epoch:
        raise Broken("I5", f"the watch of {told.author} takes statements of its older epoch")
    if told.statements:
        raise Broken("I5", f"statements about {told.author} still stand")
    tally.on_hold += 1
    tally.voided += len(before.statements)


def _judge_old_statements(
    past: Past, told: dict[str, Watch], signed: list[tuple[str, e.MakeStatement]], tally: Tally
) -> None:
    """What keepers had signed before counts for nothing, sent again or sent for the first time."""
    for author, said in signed:
        if author not in told or said.epoch >= told[author].epoch:
            continue
        try:
            past.door.act(author, said)
        except RefusedStep:
            tally.refused_again += 1
        else:
            raise Broken("I5", f"a statement of {said.by} from before the restore was taken")


def _judge_still(told: dict[str, Watch], now: dict[str, Watch], when: str) -> None:
    """Nothing has gone forward while the hold stands."""
    for author, watch in now.items():
        if told[author].hold(HoldCause.RESTORE) is None:
            continue
        if watch.hold(HoldCause.RESTORE) is None:
            raise Broken("I5", f"{when} the hold of a restore had ended by itself")
        if watch.stage is Stage.VIGIL and told[author].stage is not Stage.VIGIL:
            raise Broken("I5", f"{when} the keepers had been called")
        _judge_tracks(told[author], watch, when)


def _judge_tracks(before: Watch, after: Watch, when: str) -> None:
    stood = {track.key: track.stage for track in before.tracks}
    for track in after.tracks:
        if track.stage in GONE_ON and stood.get(track.key) is not track.stage:
            raise Broken("I5", f"{when} the words for {track.recipient} were at {track.stage}")


def _by_sign(past: Past, author: str, tally: Tally) -> bool:
    """The author signs. Returns whether the hold was ended by it."""
    for credential in (PHONE, PAPER):
        if _did(past, author, e.CheckIn(author, Strength.STRONG, credential)) and _goes_on(past, author):
            tally.by_sign += 1
            return True
    return False


def _by_quorum(past: Past, author: str, tally: Tally) -> bool:
    """The keepers lift the hold, one after the other. Returns whether they have ended it."""
    watch = past.door.read(author)
    if watch.hold(HoldCause.RESTORE) is None:
        return False
    for seat in watch.seats:
        if _did(past, author, e.LiftHold(seat.keeper, HoldCause.RESTORE)) and _goes_on(past, author):
            tally.by_quorum += 1
            return True
    return False


def _did(past: Past, author: str, event: e.Event) -> bool:
    try:
        past.door.act(author, event)
    except RefusedStep:
        return False
    return True


def _goes_on(past: Past, author: str) -> bool:
    return past.door.read(author).hold(HoldCause.RESTORE) is None


def _judge_confirmed(past: Past, author: str) -> None:
    """It goes on, and from now on every wait runs in full: nothing is released before anybody could be warned, and
    nothing at all while no keeper states anything anew."""
    begun = past.door.read(author)
    for length in (HOUR, DAY, WARNED - DAY - HOUR):
        past.run(length)
        if any(track.stage is TrackStage.RELEASED for track in _newly(begun, past.door.read(author))):
            raise Broken("I5", f"words were released within {WARNED // DAY} days of a restore")
    if begun.plan.timer_only:
        return
    for length in SILENCE:
        past.run(length)
        if _newly(begun, past.door.read(author)):
            raise Broken("I5", "a restored past went on although no keeper had stated anything anew")


def _newly(before: Watch, after: Watch) -> list[Any]:
    stood = {track.key: track.stage for track in before.tracks}
    return [
        track
        for track in after.tracks
        if track.stage in GONE_ON and stood.get(track.key) is not track.stage and track.recipient != AUTHOR
    ]


# Played on to the end.


class Rewound(Life):
    """A life whose service is backed up at one commit of it and restored at a later one."""

    at_commit = (0, 0)
    away = HOUR
    """Seconds between the two services."""
    seen = 0

    def _tick(self) -> None:
        self.seen += 1
        kept, restored = self.at_commit
        if self.seen == kept:
            happenings.do(self, Happening(self.now, "backup"))
        if self.seen == restored:
            self.at(self.now, happenings.do, Happening(self.now, "restore", length=self.away))

    def _committed(self, write: Write, steps: Steps, struck: str) -> None:
        super()._committed(write, steps, struck)
        self._tick()

    def _hosted(self, write: HostWrite) -> None:
        super()._hosted(write)
        self._tick()

    def _posted(self, letters: tuple[Outgoing, ...]) -> None:
        super()._posted(letters)
        self._tick()


def replays(seed: int, share: float = 1.0) -> Tally:
    """Goes back to each commit of one history (or to a share of them, drawn from the seed) from a later commit of it,
    and plays the life on to its end."""
    tally, chance = Tally(), random.Random(f"restores/{seed}")
    for _ in range(2):  # the first one may have played the childhood too, which the others copy
        counting = Rewound(calm(seed))
        counting.play()
    length = counting.seen
    for kept in range(1, length + 1):
        if chance.random() >= share:
            continue
        restored = chance.randint(min(kept + 1, length), length)
        life = Rewound(calm(seed))
        life.at_commit, life.away = (kept, restored), chance.choice((60, HOUR, 5 * DAY, 40 * DAY))
        try:
            life.play()
        except Broken as broken:
            tally.wrong.append(f"seed {seed}, from commit {restored} to {kept}: {broken}")
        tally.replays += 1
        tally.forgot += life.judge.exercised["I5"]
        tally.released_again += sum(_twice(life))
    return tally


def _twice(life: Life) -> Iterator[int]:
    for past in life.judge.pasts.values():
        for course in past.courses.values():
            yield course.times_out > 1


# Over a real file.


def over_sqlite(seed: int) -> Tally:
    """As `points`, over the shipped port and a file of SQLite, and the past is found as a start finds it: by the heads
    file beside the database. Inside `lives.sql.database` only."""
    from django.db import transaction

    from lastwords.server import clock

    chosen = settings.current()
    life = Recorded(calm(seed), Sql)
    life.once_committed = transaction.on_commit
    life.play()
    assert isinstance(life.backing, Sql)
    ends = {author_log(author): list(life.backing.rows(author))[-1] for author in life.stories}
    if hosted := list(life.backing.rows("")):
        ends[HOST_LOG] = hosted[-1]
    tally = Tally(histories=1)
    for number, copied in enumerate(life.copies, start=1):
        life.backing.put_back(copied)
        chosen.heads.unlink(missing_ok=True)
        for name, row in ends.items():
            witness._append(chosen.heads, {name: Head(row[0], row[4])})
        clock.use(_still(_past_of(life).now))
        try:
            _judge_start(life, life.backing, ends, tally)
        except Broken as broken:
            tally.wrong.append(f"seed {seed}, commit {number}, SQLite: {broken}")
        tally.points += 1
    clock.use(None)
    return tally


def _judge_start(life: Life, backing: Sql, ends: dict[str, Any], tally: Tally) -> None:
    """A start over this past tells of it exactly if a newer row had been seen, and once."""
    from lastwords.server import checks

    chosen, past = settings.current(), _past_of(life)
    before = past.watches()
    newest = all(_has(life, name, row) for name, row in ends.items())
    found = checks.find_restored_past(chosen)
    backing.written_by_another()
    if found is newest:
        raise Broken("I5", "a start " + ("told of a past that is none" if newest else "found nothing"))
    if newest:
        return
    told = past.watches()
    for author, watch in told.items():
        _judge_told(before[author], watch, tally)
    past.run(SILENCE[-1])
    _judge_still(told, past.watches(), "after a year of silence")
    if checks.find_restored_past(chosen):
        raise Broken("I5", "the second start told everybody once more")


def _has(life: Life, name: str, row: tuple[int, bytes, bytes, bytes, bytes]) -> bool:
    author = name.partition(":")[2]
    return any(found[0] == row[0] and found[4] == row[4] for found in life.backing.rows(author))


def _still(moment: Moment) -> Any:
    """A clock that stands at one moment."""
    from lastwords.server import clock

    class Still(clock.Clock):
        def now(self) -> Moment:
            return moment

    class Source:
        def read(self) -> credit.Reading:
            return credit.Reading(moment.wall, 1_000, "boot-1")

    return Still(Source(), 60)
