"""Authors who keep for each other, in pairs and in circles of three and four, searched to their end.

Each author has a watch of their own, stepped by the machine as it ships; when one falls silent or speaks again, the
machine's own word of it goes to every other watch in which they have a part, before anything else happens there, as
the store does it. Every author may fall silent at any moment and in any order, keepers state and sign that a recipient
died in any order (those who are silent themselves too), and recipients are told as soon as a keeper tries.

Asked of every state: nobody is told whose own watch is silent or whose death a quorum has signed; nothing is released
without a quorum of keepers who are not silent themselves; every watch knows exactly who is silent; and whoever has
enough able keepers comes to a release, and to the telling, by what those keepers do alone. So nothing waits for the
seat of somebody silent.

What is removed: lengths of time (a wait that has begun may be over at any look, so every order in which waits end is
tried), the numbers of rounds, which of two outsiders who keep for the same author is which, where a ring begins and in
which direction it runs. The post takes every letter at once. A watch is written as seen by its author, who knows others
as the next and the one before; so rings of every length share the watches they are made of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import Step
from lastwords.protocol.machine import step
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import (
    Condition,
    Evidence,
    Finding,
    Order,
    SeatStage,
    Stage,
    Strength,
    TrackStage,
    WordsStage,
)
from lastwords.protocol.turn import SILENT_STAGES
from lastwords.protocol.watch import Credential, Seat, Track, Watch

from .ways import way
from .world import NARUTO, NEVER, PHONE, TSUNADE, terms

OUTSIDERS = ("ann", "bob", "cat")
"""Keepers without a watch of their own. In one watch they are exchangeable."""
AUTHOR, NEXT, BEFORE = "author", "next", "before"
NEIGHBOURS = {NEXT: 1, BEFORE: -1}
QUORUM = 2
NOW = Moment(0, 0)
LONGEST = 40
"""More moves than any way of able keepers to a release and a telling takes."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Everybody's plan is the same, seen from their own place: which neighbours keep, who receives, and who follows
    when the recipient has died. In the first `whole` watches everything may happen; in the others the author falls
    silent, and with `returns` comes home. That is all one watch ever hears of another."""

    length: int
    keepers: tuple[str, ...]
    recipient: str
    alternate: str = ""
    whole: int = 1
    returns: bool = False

    @property
    def name(self) -> str:
        keep = " and ".join(self.keepers) or "nobody"
        follows = f", then {self.alternate}" if self.alternate else ""
        home = ", and they return" if self.returns else ""
        return f"{self.length} in a ring: {keep} keep, {self.recipient} receives{follows}{home} ({self.whole} whole)"

    @property
    def shape(self) -> tuple[object, ...]:
        """What a single watch of this ring depends on."""
        return self.keepers, self.recipient, self.alternate, self.returns

    def start(self) -> Watch:
        """One author's watch, well and armed."""
        keepers = sorted({*self.keepers, *OUTSIDERS[: 3 - len(self.keepers)]})
        tracks = [_track(self.recipient, "", keepers)]
        if self.alternate:
            tracks.append(_track(self.alternate, self.recipient, keepers))
        seats = tuple(
            Seat(
                keeper,
                SeatStage.SEASONED,
                receipts=tuple((track.key, "s") for track in tracks if track.recipient != keeper),
            )
            for keeper in keepers
        )
        now = {"check_in_every": 0, "remind_before": 0, "late": 0, "vigil": 0, "last_call": 0, "closing": 0}
        return Watch(
            AUTHOR,
            Stage.WELL,
            terms(quorum=QUORUM, survivorship=0, ask_again=NEVER, **now),
            armed=True,
            seats=seats,
            tracks=tuple(sorted(tracks, key=lambda track: track.key)),
            credentials=(Credential(PHONE, "pocket"),),
            recovery_proven=True,
            reminded=True,
        )


def _track(recipient: str, instead_of: str, keepers: list[str]) -> Track:
    return Track(
        Condition.DIED,
        recipient,
        instead_of,
        manifest=(1, "m"),
        share_set="s",
        roster=tuple(keeper for keeper in keepers if keeper != recipient),
        items=(("words", "h"),),
    )


class Offence(Exception):
    """Words reached somebody they must not reach, or will never reach anybody."""


class Taken(NamedTuple):
    """One move of one watch: the number of the watch it leads to, what the row says happened, and the word that goes
    out of it to other watches: silent, speaking again, or none."""

    there: int
    happened: tuple[tuple[str, str], ...] = ()
    word: bool | None = None


@dataclass(slots=True)
class Watches:
    """The watches of one shape by number, the moves they may make, and each move made once by the machine. `quiet` are
    the moves of a watch that is not searched whole."""

    watches: list[Watch] = field(default_factory=list)
    numbers: dict[Watch, int] = field(default_factory=dict)
    moves: list[tuple[str, e.Event]] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)
    made: dict[tuple[int, int], Taken | None] = field(default_factory=dict)
    heard: dict[tuple[int, str, bool], Taken] = field(default_factory=dict)
    judged: set[int] = field(default_factory=set)

    def number(self, watch: Watch) -> int:
        plain = normal(watch)
        found = self.numbers.get(plain)
        if found is None:
            found = self.numbers[plain] = len(self.watches)
            self.watches.append(plain)
        return found

    def make(self, here: int, move: int) -> Taken | None:
        """What a move leads to; None when it is refused or changes nothing."""
        if (here, move) not in self.made:
            self.made[here, move] = self._make(here, self.moves[move][1])
        return self.made[here, move]

    def _make(self, here: int, event: e.Event) -> Taken | None:
        outcome = step(self.watches[here], event, NOW)
        if not isinstance(outcome, Step) or outcome.row is None:
            return None
        taken = self._taken(outcome)
        return taken if taken.there != here else None

    def _taken(self, outcome: Step) -> Taken:
        words = [ripple.silent for ripple in outcome.ripples]
        happened = outcome.row.happened if outcome.row else ()
        return Taken(self.number(_post(outcome)), happened, words[-1] if words else None)

    def hear(self, here: int, person: str, silent: bool) -> Taken:
        """The watch after word of somebody's silence."""
        if (here, person, silent) not in self.heard:
            outcome = step(self.watches[here], e.HearOfSilence("", person, silent), NOW)
            assert isinstance(outcome, Step)
            self.heard[here, person, silent] = self._taken(outcome)
        return self.heard[here, person, silent]


def _post(outcome: Step) -> Watch:
    """Every letter is taken at once."""
    watch = outcome.watch
    for letter in outcome.letters:
        taken = step(watch, e.LetterTaken("", letter.kind, letter.to, letter.round), NOW)
        watch = taken.watch if isinstance(taken, Step) else watch
    return watch


def normal(watch: Watch) -> Watch:
    """The watch without what cannot matter here: numbers of rounds and releases, and which outsider is which."""
    tracks = tuple(
        changed(track, round=0, releases=0, told_by="ann" if track.told_by else "") for track in watch.tracks
    )
    case = watch.case and changed(watch.case, number=1, called=(), called_at=NOW, told=())
    heard = () if watch.wait or watch.closing and watch.closing.wait else watch.heard
    plain = changed(
        watch,
        round=0,
        asking=0,
        tracks=tracks,
        case=case,
        heard=heard,
        reminded=True,
        keys_due=(),
        closing=watch.closing and changed(watch.closing, round=0),
    )
    outsiders = [seat.keeper for seat in watch.seats if seat.keeper in OUTSIDERS]
    order = sorted(outsiders, key=lambda keeper: _said(plain, keeper))
    return plain if order == outsiders else _renamed(plain, dict(zip(order, outsiders, strict=True)))


def _said(watch: Watch, keeper: str) -> tuple[bool, ...]:
    case, closing = watch.case, watch.closing
    return (
        any(made.keeper == keeper for made in watch.statements),
        *(keeper in track.deaths for track in watch.tracks),
        bool(case and keeper in case.home),
        bool(closing and keeper in closing.not_them),
        keeper in watch.heard,
    )


def _renamed(watch: Watch, names: dict[str, str]) -> Watch:
    def new(keepers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(names.get(keeper, keeper) for keeper in keepers))

    made = [changed(one, keeper=names.get(one.keeper, one.keeper)) for one in watch.statements]
    return changed(
        watch,
        statements=tuple(sorted(made, key=lambda one: one.keeper)),
        tracks=tuple(changed(track, deaths=new(track.deaths)) for track in watch.tracks),
        case=watch.case and changed(watch.case, home=new(watch.case.home)),
        closing=watch.closing and changed(watch.closing, not_them=new(watch.closing.not_them)),
        heard=new(watch.heard),
    )


def _moves(ring: Ring, watch: Watch) -> Iterator[tuple[str, e.Event]]:
    """What may happen in one watch, apart from word of somebody's silence."""
    heads = tuple((track.key, *track.manifest) for track in watch.tracks)
    yield "time passes", e.Look()
    if ring.returns:
        yield "they give a strong sign", e.CheckIn(watch.author, Strength.STRONG, PHONE)
        yield from ((f"{one.keeper} has seen them", e.SignHome(one.keeper)) for one in watch.seats)
    for seat in watch.seats:
        keeper = seat.keeper
        made = e.MakeStatement(keeper, Finding.DIED, Evidence.OWN_SIGHT, 1, 1, 1, heads)
        yield f"{keeper} states that they died", made
        for person in sorted({track.recipient for track in watch.tracks}):
            signed = e.SignRecipientDied(keeper, person, Order.UNKNOWN)
            yield f"{keeper} signs that {person} died", signed
    for track in watch.tracks:
        yield f"{track.recipient} is told", e.Tell(_teller(watch, track), track.key)


def _teller(watch: Watch, track: Track) -> str:
    return next(seat.keeper for seat in watch.seats if seat.keeper != track.recipient)


# Judging.


def _able(watch: Watch, silent: frozenset[str], track: Track, *not_them: str) -> list[str]:
    """Keepers whose word counts for this track: not the recipient, not silent themselves."""
    return [
        seat.keeper
        for seat in watch.seats
        if seat.keeper not in silent and seat.keeper != track.recipient and seat.keeper not in not_them
    ]


def _dead(watch: Watch, silent: frozenset[str], track: Track) -> bool:
    """A quorum of able keepers has signed this recipient's death; whoever follows them does not count."""
    heirs = [other.recipient for other in watch.tracks if other.instead_of == track.recipient]
    return len(set(track.deaths) & set(_able(watch, silent, track, *heirs))) >= QUORUM


def judge(before: Watch, silent: frozenset[str], taken: Taken) -> None:
    """Raises `Offence` when a move released or told what it must not, seen from the watch as it was before."""
    for what, about in taken.happened:
        track = before.track(about) if what in ("released", "told") else None
        if track is None:
            continue
        if what == "released":
            signed = {made.keeper for made in before.statements} & set(_able(before, silent, track))
            if len(signed) < QUORUM:
                raise Offence(f"{about} released on the word of {len(signed)}")
            first = next((one for one in before.tracks if one.recipient == track.instead_of), None)
            if first and (first.told_by or not _dead(before, silent, first)):
                raise Offence(f"{about} released though no quorum signed that {first.recipient} died untold")
        elif track.recipient in silent:
            raise Offence(f"{track.recipient} told while their own watch is silent")
        elif _dead(before, silent, track):
            raise Offence(f"{track.recipient} told although a quorum signed that they died")


def _judge_way(local: Watches, here: int, silent: frozenset[str]) -> None:
    """Whoever has enough able keepers comes to a release, and a recipient who is well to the telling."""
    watch = local.watches[here]
    if watch.stage is Stage.WELL or here in local.judged:
        return
    local.judged.add(here)
    for track in watch.tracks:
        if track.instead_of or len(_able(watch, silent, track)) < QUORUM:
            continue
        end = local.watches[_helped(local, here, set(_able(watch, silent, track)))]
        reached = end.track(track.key)
        assert reached is not None
        if reached.stage is not TrackStage.RELEASED:
            raise Offence(f"{track.key} is never released")
        untold = reached.words is WordsStage.RELEASED
        if untold and track.recipient not in silent and not _dead(end, silent, reached):
            raise Offence(f"{track.recipient} is never told of {track.key}")
        _judge_alternate(end, silent, reached)


def _judge_alternate(end: Watch, silent: frozenset[str], first: Track) -> None:
    """When the first recipient's death is signed, the one in their place is told, if they live and are well."""
    for track in end.tracks:
        follows = track.instead_of == first.recipient and _dead(end, silent, first)
        if not follows or first.words is not WordsStage.PASSED_ON and first.told_by:
            continue
        if track.recipient in silent or _dead(end, silent, track):
            continue
        if (
            track.words in (WordsStage.SEALED, WordsStage.RELEASED)
            and len(_able(end, silent, track)) >= QUORUM
        ):
            raise Offence(f"{track.recipient} is never told of {track.key}")


def _helped(local: Watches, here: int, able: set[str]) -> int:
    """Where a watch comes to when time passes and these keepers alone state and tell, whoever else stays away."""
    own = [
        index
        for index, (_, event) in enumerate(local.moves)
        if isinstance(event, e.Look | e.Tell) or isinstance(event, e.MakeStatement) and event.by in able
    ]
    for _ in range(LONGEST):
        after = here
        for index in own:
            taken = local.make(after, index)
            after = taken.there if taken else after
        if after == here:
            break
        here = after
    return here


# The search.


@dataclass(slots=True)
class Found:
    """What a search found. `watches` counts the different states of single watches behind the states of the ring."""

    ring: Ring
    states: int = 0
    transitions: int = 0
    watches: int = 0
    releases: int = 0
    told: int = 0
    frontier: int = 0
    offence: str = ""
    trace: tuple[str, ...] = ()


Global = tuple[int, ...]


def search(ring: Ring, local: Watches | None = None) -> Found:
    """Every state of a ring, or a shortest way to the first offence. `local` may hold watches of this shape already."""
    local = local or watches_of(ring)
    found = Found(ring)
    first: Global = (0,) * ring.length
    known: dict[Global, tuple[Global | None, str]] = {first: (None, "")}
    seen, level = {0}, [first]
    while level:
        found.frontier, after = len(level), []
        for here in level:
            seen.update(here)
            try:
                for label, there in _steps(found, local, here):
                    if there not in known:
                        known[there] = (here, label)
                        after.append(there)
            except Offence as offence:
                found.offence, found.trace = str(offence), way(known, here)
                found.states = len(known)
                return found
        level = after
    found.states, found.frontier, found.watches = len(known), 0, len(seen)
    return found


def watches_of(ring: Ring) -> Watches:
    """The watches of a ring's shape, of which only the first is known."""
    local = Watches()
    start = ring.start()
    local.number(start)
    local.moves = list(_moves(ring, start))
    local.quiet = [i for i, (_, event) in enumerate(local.moves) if isinstance(event, QUIET)]
    return local


QUIET = (e.Look, e.CheckIn, e.SignHome)


def _silent(ring: Ring, local: Watches, here: Global) -> list[frozenset[str]]:
    """Who is silent, by their own watches, as each author knows them; and each watch must know just that."""
    quiet = [local.watches[number].stage in SILENT_STAGES for number in here]
    found = []
    for place, number in enumerate(here):
        silent = frozenset(
            part
            for part, step_ in NEIGHBOURS.items()
            if quiet[(place + step_) % ring.length] and part in _people(local.watches[number])
        )
        if set(local.watches[number].silent) != silent:
            raise Offence(
                f"a watch takes {local.watches[number].silent} for silent, and {sorted(silent)} are"
            )
        found.append(silent)
    return found


def _people(watch: Watch) -> set[str]:
    """Everybody with a part in a watch, to whom the store listens for it."""
    return {seat.keeper for seat in watch.seats} | {track.recipient for track in watch.tracks}


def _steps(found: Found, local: Watches, here: Global) -> Iterator[tuple[str, Global]]:
    ring = found.ring
    for place, silent in enumerate(_silent(ring, local, here)):
        whole = place < ring.whole
        if whole:
            _judge_way(local, here[place], silent)
        before = local.watches[here[place]]
        for move in range(len(local.moves)) if whole else local.quiet:
            taken = local.make(here[place], move)
            if taken is None:
                continue
            found.transitions += 1
            judge(before, silent, taken)
            found.releases += any(what == "released" for what, _ in taken.happened)
            found.told += any(what == "told" for what, _ in taken.happened)
            there = (*here[:place], taken.there, *here[place + 1 :])
            if taken.word is not None:
                there = _rippled(ring, local, there, place, taken.word)
            yield f"author {place}: {local.moves[move][0]}", there


def _rippled(ring: Ring, local: Watches, there: Global, place: int, word: bool) -> Global:
    """Word of a silence that began or ended reaches every watch in which that author has a part; and what it sets off
    there may end another silence, when somebody who comes to count completes a quorum that says who is home."""
    heard, words = list(there), [(place, word)]
    for speaker, silent in words:
        for part, away in NEIGHBOURS.items():
            listener = (speaker - away) % ring.length
            if part in _people(local.watches[heard[listener]]):
                taken = local.hear(heard[listener], part, silent)
                heard[listener] = taken.there
                words += [(listener, taken.word)] if taken.word is not None else []
    return tuple(heard)


def rings() -> Iterator[Ring]:
    """Every way in which two, three or four authors can stand in each other's plans as neighbours, one watch whole, of
    two mirror images one. Without alternates pairs and rings of three are searched with more watches whole too, and
    pairs with returns."""
    for length in (2, 3, 4):
        parts = (NEXT,) if length == 2 else (NEXT, BEFORE)
        keeping = ((), (NEXT,)) if length == 2 else ((), (NEXT,), (BEFORE,), (NEXT, BEFORE))
        for keepers in keeping:
            for recipient in (NARUTO, *parts):
                for alternate in ("", TSUNADE, *parts):
                    in_ring = {*keepers, recipient, alternate} & set(NEIGHBOURS)
                    ring = Ring(length, keepers, recipient, alternate)
                    if in_ring and alternate != recipient and not _is_mirrored(ring):
                        yield ring
    for keepers, recipient in (((NEXT,), NARUTO), ((NEXT,), NEXT), ((), NEXT)):
        yield Ring(2, keepers, recipient, whole=2)
        yield Ring(2, keepers, recipient, returns=True)
        yield Ring(3, keepers, recipient, whole=2)
    yield Ring(3, (), NEXT, whole=3)


def _is_mirrored(ring: Ring) -> bool:
    """Whether the other direction is searched instead: the first neighbour named in a plan is the next."""
    named = [part for part in (*ring.keepers, ring.recipient, ring.alternate) if part in NEIGHBOURS]
    if len(ring.keepers) == 2:
        named = named[2:]
    return bool(named) and named[0] == BEFORE
