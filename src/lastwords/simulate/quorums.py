"""Every order and subset of statements that up to seven keepers can make, over the machine as it ships.

A circle is a vigil about two tracks: words for somebody outside, and words for one of the keepers. Keepers state, state
anew, take back and state again in any order, in *late* and in the vigil, between any two ticks of the clock. Letters
are taken at once, since what the post can do is searched elsewhere. Every state is seen from its own present.

What is removed: which of two keepers of the same kind is which (they are sorted by what they have said), absolute time,
and the numbers of rounds. The judge remembers by itself who has said what; it asks of each release and of each last
call whether k keepers who count for these very words stand behind it, and whether anybody who is heard has spoken with
the author.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import LetterKind, Step
from lastwords.protocol.machine import step
from lastwords.protocol.moments import Moment, Wait
from lastwords.protocol.stages import (
    CaseCause,
    Condition,
    Evidence,
    Finding,
    HoldCause,
    SeatStage,
    Stage,
    TrackStage,
    WordsStage,
)
from lastwords.protocol.watch import Case, Hold, Seat, Statement, Track, Watch

from .ways import way
from .world import AUTHOR, NARUTO, terms

RECIPIENT, UNSEASONED, SUSPENDED, SILENT = "recipient", "unseasoned", "suspended", "silent"
COUNTS_FOR = {Finding.DIED: (Finding.DIED,), Finding.CANNOT_ACT: (Finding.DIED, Finding.CANNOT_ACT)}
NOW = Moment(0, 0)
LAST_CALL, HOLD = 1, 1

_FINDINGS = (None, *Finding)
_STAGES, _TRACKS = (Stage.LATE, Stage.VIGIL), tuple(TrackStage)


@dataclass(frozen=True, slots=True)
class Circle:
    """`alike` keepers who count and can be exchanged, and others of a named kind: who receives the second track, is
    unseasoned, suspended, or silent themselves. `condition` is that of both tracks."""

    alike: int
    quorum: int
    others: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = (Finding.DIED, Finding.SPOKEN_WITH)
    condition: Condition = Condition.DIED

    @property
    def keepers(self) -> tuple[str, ...]:
        """The exchangeable ones first, by names that sort like their places."""
        return (*(f"keeper{place}" for place in range(self.alike)), *self.others)

    @property
    def name(self) -> str:
        others = "".join(f", one {kind}" for kind in self.others)
        return f"{self.quorum} of {self.alike}{others}, {len(self.findings)} findings"

    def start(self) -> Watch:
        """A vigil has been called, and every keeper reached."""
        tracks = [Track(self.condition, NARUTO), Track(self.condition, RECIPIENT)]
        made = tuple(
            changed(
                track,
                manifest=(1, "m"),
                share_set="s",
                roster=tuple(one for one in self.keepers if one != track.recipient),
                items=(("words", "h"),),
                round=1 + place,
            )
            for place, track in enumerate(tracks if RECIPIENT in self.others else tracks[:1])
        )
        seats = tuple(sorted((self._seat(name, made) for name in self.keepers), key=lambda seat: seat.keeper))
        return Watch(
            AUTHOR,
            Stage.VIGIL,
            terms(quorum=self.quorum, last_call=LAST_CALL, spoken_hold=HOLD),
            armed=True,
            seats=seats,
            tracks=made,
            round=9,
            asking=0,
            wait=Wait(NOW, 1),
            heard=tuple(sorted(set(self.keepers) - {SILENT})),
            case=Case(1, CaseCause.VIGIL, NOW, called=self.keepers),
            silent=(SILENT,) if SILENT in self.others else (),
        )

    def _seat(self, name: str, tracks: tuple[Track, ...]) -> Seat:
        kinds = {UNSEASONED: SeatStage.VERIFIED, SUSPENDED: SeatStage.SUSPENDED}
        held = tuple((track.key, "s") for track in tracks if track.recipient != name)
        season = Wait(NOW, 10**6) if name == UNSEASONED else None
        return Seat(name, kinds.get(name, SeatStage.SEASONED), season=season, receipts=held)


class Said(NamedTuple):
    """What the judge remembers of one keeper: what they say, and for how long a *spoken with* of theirs has stood."""

    finding: Finding | None = None
    age: int = 0


@dataclass(slots=True)
class State:
    """A watch at its own present, and the judge's memory of each keeper."""

    watch: Watch
    said: dict[str, Said]


class Offence(Exception):
    """Words moved on without those who must stand behind them."""


# Who counts, by kinds alone.


def counts(track: Track, keeper: str) -> bool:
    return keeper not in (UNSEASONED, SUSPENDED, SILENT, track.recipient)


def standing(said: dict[str, Said], track: Track) -> int:
    """How many keepers who count for this track say what its condition asks for."""
    asked = COUNTS_FOR[Finding(track.condition.value)]
    return sum(one.finding in asked and counts(track, keeper) for keeper, one in said.items())


def against(said: dict[str, Said]) -> bool:
    """Somebody who is heard has spoken with the author, and it has not lapsed."""
    return any(
        one.finding is Finding.SPOKEN_WITH and one.age < HOLD and keeper != SUSPENDED
        for keeper, one in said.items()
    )


# Moves.


class Move(NamedTuple):
    label: str
    event: e.Event | None


TICK = Move("a tick", None)
LOOK = Move("a look", e.Look())


def moves(circle: Circle, state: State) -> Iterator[Move]:
    """What may happen next; of several exchangeable keepers who say the same, one acts for all."""
    yield TICK
    yield LOOK
    heads = tuple((track.key, *track.manifest) for track in state.watch.tracks)
    seen = set()
    for place, keeper in enumerate(circle.keepers):
        kind = _key_of(state, keeper)
        if place < circle.alike and kind in seen:
            continue
        seen.add(kind)
        for finding in circle.findings:
            event = e.MakeStatement(keeper, finding, Evidence.OWN_SIGHT, 1, 1, 1, heads)
            yield Move(f"{keeper} states {finding}", event)
        if kind[0]:
            yield Move(f"{keeper} retracts", e.RetractStatement(keeper))


def make(circle: Circle, state: State, move: Move) -> State | None:
    """The state a move leads to, None when it is refused or changes nothing. Raises `Offence`."""
    if move.event is None:
        return _tick(state)
    outcome = step(state.watch, move.event, NOW)
    if not isinstance(outcome, Step) or outcome.row is None:
        return None
    said = _remember(state, move.event, outcome.watch)
    for what, about in outcome.row.happened:
        if what in ("released", "last_call"):
            _judge(circle, outcome.watch, said, about, what)
    watch = _post(outcome)
    for track in watch.tracks:
        if track.stage is TrackStage.LAST_CALL and standing(said, track) < circle.quorum:
            raise Offence(f"the last call for {track.key} goes on with {standing(said, track)} behind it")
    return State(watch, said)


def _judge(circle: Circle, watch: Watch, said: dict[str, Said], key: str, what: str) -> None:
    track = watch.track(key)
    assert track is not None
    if standing(said, track) < circle.quorum:
        raise Offence(f"{what} of {key} with {standing(said, track)} behind it")
    if against(said):
        raise Offence(f"{what} of {key} against somebody who has spoken with the author")


def _remember(state: State, event: e.Event, after: Watch) -> dict[str, Said]:
    said = dict(state.said)
    if isinstance(event, e.MakeStatement):
        said[event.by] = Said(event.finding)
    elif isinstance(event, e.RetractStatement):
        said[event.by] = Said()
    heard = [one for one in said if said[one].finding is Finding.SPOKEN_WITH and one != SUSPENDED]
    if isinstance(event, e.MakeStatement):
        # A *spoken with* whose time is over stands until somebody looks; it may still be one of two.
        fresh, ended = sum(said[one].age < HOLD for one in heard), not after.statements
        if ended is not (len(heard) >= 2) and (ended or fresh >= 2):
            raise Offence(
                f"{len(heard)} have spoken with the author, and the vigil {'ends' if ended else 'goes on'}"
            )
        if ended:
            return dict.fromkeys(said, Said())
    stands = {made.keeper for made in after.statements}
    for keeper in heard:
        if said[keeper].age >= HOLD and keeper not in stands:
            said[keeper] = Said()
    return said


def _tick(state: State) -> State:
    """One unit of both clocks; every mark moves back by one, at most to the end of its wait."""
    said = state.said
    if state.watch.stage is Stage.VIGIL:
        said = {
            keeper: one._replace(age=min(HOLD, one.age + 1)) if one.finding is Finding.SPOKEN_WITH else one
            for keeper, one in said.items()
        }
    watch = state.watch
    tracks = tuple(changed(track, wait=_older(track.wait)) for track in watch.tracks)
    holds = tuple(changed(hold, wait=_older(hold.wait)) for hold in watch.holds)
    return State(changed(watch, wait=_older(watch.wait), tracks=tracks, holds=holds), said)


def _older(wait: Wait | None) -> Wait | None:
    if wait is None:
        return None
    gone = min(wait.length, 1 - wait.since.wall)
    return Wait(Moment(-gone, -gone), wait.length)


def _post(outcome: Step) -> Watch:
    """Every letter that starts a wait is taken at once, but that of a silent keeper's mailbox never."""
    watch = outcome.watch
    for letter in outcome.letters:
        if letter.kind in POSTED and letter.to != SILENT:
            taken = step(watch, e.LetterTaken("", letter.kind, letter.to, letter.round), NOW)
            watch = taken.watch if isinstance(taken, Step) else watch
    return watch


POSTED = (LetterKind.ALARM_ASKS, LetterKind.CHECK_IN_MISSED, LetterKind.LAST_CALL, LetterKind.KEEPER_CALLED)


# A state as a short key, and back.

Key = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]


def _key_of(state: State, keeper: str) -> tuple[int, ...]:
    watch = state.watch
    made = next((one.finding for one in watch.statements if one.keeper == keeper), None)
    assert watch.case is not None
    held = any(hold.placed_by == keeper for hold in watch.holds)
    said = state.said[keeper]
    finding, judged = _FINDINGS.index(made), _FINDINGS.index(said.finding)
    return (finding, keeper in watch.case.spoken, held, judged, said.age)


def key(circle: Circle, state: State) -> Key:
    """Equal keys, equal future: stage and marks, and what each keeper has said; exchangeable keepers are sorted."""
    watch = state.watch
    shared = [_STAGES.index(watch.stage), _mark(watch.wait)]
    for track in watch.tracks:
        shared += (_TRACKS.index(track.stage), _mark(track.wait))
    shared.append(max((_mark(hold.wait) for hold in watch.holds), default=0))
    people = [_key_of(state, keeper) for keeper in circle.keepers]
    return tuple(shared), (*sorted(people[: circle.alike]), *people[circle.alike :])


def _mark(wait: Wait | None) -> int:
    return 1 - wait.since.wall if wait else 0


def state_of(circle: Circle, start: Watch, data: Key) -> State:
    """The state that a key stands for."""
    shared, people = data
    plan, named = start.plan, list(zip(circle.keepers, people, strict=True))
    late = shared[0] == 0
    heads = tuple((track.key, *track.manifest) for track in start.tracks)
    tracks = tuple(_track(track, *shared[2 + 2 * i : 4 + 2 * i]) for i, track in enumerate(start.tracks))
    placer = next((keeper for keeper, one in named if one[2]), "")
    hold = _wait(shared[-1], plan.spoken_hold)
    assert start.case is not None
    watch = changed(
        start,
        stage=_STAGES[shared[0]],
        wait=_wait(shared[1], plan.late if late else plan.vigil),
        heard=() if late else start.heard,
        tracks=tracks,
        holds=(Hold(HoldCause.SPOKEN_WITH, placer, hold),) if placer else (),
        case=changed(start.case, spoken=tuple(sorted(keeper for keeper, one in named if one[1]))),
        statements=tuple(
            Statement(keeper, finding, Evidence.OWN_SIGHT, heads, NOW)
            for keeper, one in sorted(named)
            if (finding := _FINDINGS[one[0]]) is not None
        ),
    )
    return State(watch, {keeper: Said(_FINDINGS[one[3]], one[4]) for keeper, one in named})


def _wait(mark: int, length: int) -> Wait | None:
    return Wait(Moment(1 - mark, 1 - mark), length) if mark else None


def _track(track: Track, stage: int, mark: int) -> Track:
    return changed(
        track,
        stage=_TRACKS[stage],
        wait=_wait(mark, LAST_CALL),
        words=WordsStage.RELEASED if stage == 2 else WordsStage.SEALED,
        released=NOW if stage == 2 else None,
        releases=int(stage == 2),
    )


# The search.


@dataclass(slots=True)
class Found:
    """What a search found. `stuck` are states from which no way leads to a release of everything."""

    circle: Circle
    states: int = 0
    transitions: int = 0
    releases: int = 0
    frontier: int = 0
    stuck: int = 0
    offence: str = ""
    trace: tuple[str, ...] = ()


def search(circle: Circle, seen: Callable[[State], None] = lambda state: None) -> Found:
    """Every state of a circle, or a shortest way to the first offence. `seen` is called with each state."""
    found = Found(circle)
    start = circle.start()
    first = key(circle, State(start, dict.fromkeys(circle.keepers, Said())))
    known: dict[Key, tuple[Key | None, str]] = {first: (None, "")}
    back: dict[Key, list[Key]] = {}
    level, done = [first], []
    while level:
        found.frontier, after = len(level), []
        for here in level:
            state = state_of(circle, start, here)
            seen(state)
            if all(track.stage is TrackStage.RELEASED for track in state.watch.tracks):
                done.append(here)
            for move in moves(circle, state):
                try:
                    there_state = make(circle, state, move)
                except Offence as offence:
                    found.offence, found.states = str(offence), len(known)
                    found.trace = (*way(known, here), move.label)
                    return found
                if there_state is None:
                    continue
                found.transitions += 1
                there = key(circle, there_state)
                found.releases += _released(there) > _released(here)
                if there != here:
                    back.setdefault(there, []).append(here)
                if there not in known:
                    known[there] = (here, move.label)
                    after.append(there)
        level = after
    found.states, found.frontier = len(known), 0
    found.stuck = len(known) - len(_leading_to(back, done))
    return found


def _released(data: Key) -> int:
    return sum(stage == 2 for stage in data[0][2:-1:2])


def _leading_to(back: dict[Key, list[Key]], ends: list[Key]) -> set[Key]:
    reached, rest = set(ends), list(ends)
    while rest:
        for before in back.get(rest.pop(), ()):
            if before not in reached:
                reached.add(before)
                rest.append(before)
    return reached


EVERY = (*(Finding.DIED, Finding.CANNOT_ACT, Finding.SPOKEN_WITH), Finding.COULD_NOT_FIND_OUT)


def circles() -> Iterator[Circle]:
    """Every number of keepers up to seven with every majority that leaves one to spare; fewer keepers with every
    finding, for either condition; and one keeper of every kind that does not count."""
    for number in range(3, 8):
        for quorum in range(number // 2 + 1, number):
            yield Circle(number - 1, quorum, (RECIPIENT,))
    yield Circle(2, 2, (RECIPIENT,), EVERY, Condition.CANNOT_ACT)
    yield Circle(3, 3, (RECIPIENT,), EVERY[:3])
    for kind in (UNSEASONED, SUSPENDED, SILENT):
        yield Circle(2, 2, (RECIPIENT, kind))
