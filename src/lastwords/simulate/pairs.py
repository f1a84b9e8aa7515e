"""Two authors who keep for each other, in time: both watches whole, searched together to the last pair of states.

One watch of the pair is a world of its own (see `world`): its author, three keepers of whom one is the other author,
two recipients, waits that run on two clocks. Every move in it is made once by the machine as it ships and judged as in
every world. The pair then is every way in which two such watches can stand beside each other: either author's people
act in any order, the clocks tick for both, and when one author falls silent or speaks again the machine's own word of
it reaches the other watch before anything else happens there.

The states are kept as rows of bits: for each state of one watch, the states of the other that can stand beside it. So a
move of one watch moves whole rows at once. The two authors' plans are alike, so of a pair and its mirror image one is
counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lastwords.protocol.effects import Step
from lastwords.protocol.events import HearOfSilence
from lastwords.protocol.machine import step
from lastwords.protocol.stages import Condition, Finding, TrackStage
from lastwords.protocol.turn import SILENT_STAGES

from .canonical import FRESH, decode
from .explore import Graph, explore, way_to
from .paths import FAR, actor, distances
from .world import (
    BISUKE,
    KAKASHI,
    LOOK,
    PAKKUN,
    PHONE,
    TICK,
    World,
    author_letters,
    keeper_letters,
    retracts,
    signs,
    signs_home,
    silence,
    states,
    tells,
    terms,
    watch,
)
from .worlds import ALIKE, BOTH, KEEPERS

BITS = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


@dataclass(slots=True)
class Half:
    """One watch of the pair. `own` are the states its own moves lead to when nobody else hears of them, `words` those
    with the word that goes out; `ticks` and `hears` are whole maps, from every state to the next."""

    world: World
    graph: Graph
    own: list[list[int]] = field(default_factory=list)
    words: list[list[tuple[int, bool | None]]] = field(default_factory=list)
    ticks: list[list[int]] = field(default_factory=list)
    hears: dict[bool, list[int]] = field(default_factory=dict)
    is_silent: list[bool] = field(default_factory=list)
    knows_silence: int = 0
    """The states, as bits, in which this watch believes the other author to be silent."""
    released: int = 0

    @property
    def size(self) -> int:
        return len(self.graph.parents)


@dataclass(slots=True)
class Pair:
    """What the search found. `states` counts a pair and its mirror image once, `ordered` twice."""

    world: World
    halves: int = 0
    states: int = 0
    ordered: int = 0
    transitions: int = 0
    levels: int = 0
    frontier: int = 0
    both_released: int = 0
    offence: str = ""
    trace: tuple[str, ...] = ()


def small_pair() -> World:
    """One recipient, the other author; nobody is told."""
    return _pair("small pair", small_pair.__doc__ or "", ((Condition.DIED, KAKASHI, ""),))


def pair_in_time() -> World:
    """Two recipients, of whom one is the other author; three keepers, of whom one is; two who can be exchanged."""
    return _pair("pair in time", pair_in_time.__doc__ or "", BOTH)


def wide_pair() -> World:
    """The same in longer waits, between which the other author can act more often; and only one of the two outsiders
    tells a recipient, so that they cannot be exchanged."""
    return _pair(
        "wide pair", wide_pair.__doc__ or "", BOTH, telling=True, vigil=3, last_call=3, survivorship=3
    )


def _pair(
    name: str,
    about: str,
    tracks: tuple[tuple[Condition, str, str], ...],
    *,
    telling: bool = False,
    **lengths: int,
) -> World:
    start = watch(terms(**lengths), tracks)
    moves = [TICK, LOOK, *signs(PHONE), *author_letters(len(tracks)), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS]
    moves += [retracts(keeper) for keeper in KEEPERS]
    moves += silence(KAKASHI)
    moves += [signs_home(keeper) for keeper in (BISUKE, PAKKUN)]
    moves += [tells(keeper, start.tracks[-1]) for keeper in ((PAKKUN,) if telling else (BISUKE, PAKKUN))]
    return World(name, about, start, tuple(moves), None if telling else ALIKE)


def half(world: World) -> Half:
    """The whole of one watch, whatever the other does. Raises ValueError when an invariant breaks in it already."""
    graph = Graph(edges=[])
    findings = explore(world, graph)
    if not findings.exhausted:
        raise ValueError(f"{findings.broken}: {'; '.join(findings.trace)}")
    made = Half(world, graph)
    states = [decode(world, data) for data in graph.known]
    made.is_silent = [state.watch.stage in SILENT_STAGES for state in states]
    made.knows_silence = _bits_of(place for place, one in enumerate(states) if KAKASHI in one.watch.silent)
    made.released = _bits_of(
        place
        for place, one in enumerate(states)
        if any(track.stage is TrackStage.RELEASED for track in one.watch.tracks)
    )
    same = list(range(made.size))
    made.own = [[] for _ in same]
    made.words = [[] for _ in same]
    ticks = {index: same.copy() for index, move in enumerate(world.moves) if move.event is None}
    made.hears = {True: same.copy(), False: same.copy()}
    for here, index, there in graph.edges or ():
        move = world.moves[index]
        if move.event is None:
            ticks[index][here] = there
        elif isinstance(move.event, HearOfSilence):
            made.hears[move.event.silent][here] = there
        elif made.is_silent[here] is made.is_silent[there]:
            made.own[here].append(there)
        else:
            outcome = step(states[here].watch, move.event, FRESH)
            assert isinstance(outcome, Step)
            said = [ripple.silent for ripple in outcome.ripples]
            made.words[here].append((there, said[-1] if said else None))
    made.own = [sorted(set(targets)) for targets in made.own]
    made.ticks = list(ticks.values())
    return made


@dataclass(slots=True)
class Search:
    """A search under way: what is known, what is still to be moved on from, and what was found so far. It can be kept
    between two levels and gone on with later."""

    known: list[int]
    level: dict[int, int]
    found: Pair

    @staticmethod
    def begun(one: Half) -> "Search":
        return Search([1] + [0] * (one.size - 1), {0: 1}, Pair(one.world, one.size))


def search(
    one: Half,
    most: int = 0,
    heard: Callable[[Search], None] = lambda search: None,
    from_here: Search | None = None,
) -> Pair:
    """Every pair of states, breadth first, to the end, or (only to look around) to `most` of them. After every level
    `heard` is given the whole search."""
    now = from_here or Search.begun(one)
    found, known, level = now.found, now.known, now.level
    while level:
        found.levels += 1
        new = _mirrored(one, known, _after(one, level, found))
        if offence := _offence(one, new):
            found.offence, found.trace = offence
            found.frontier = sum(row.bit_count() for row in new.values())
            break
        level = now.level = new
        found.frontier = sum(row.bit_count() for row in level.values())
        found.ordered += found.frontier
        heard(now)
        if most and found.ordered // 2 >= most:
            break
    found.ordered += 1
    middle = sum(row >> place & 1 for place, row in enumerate(known))
    found.states = (found.ordered + middle) // 2
    released = one.released
    found.both_released = sum(
        (row & released).bit_count() for place, row in enumerate(known) if released >> place & 1
    )
    return found


def _after(one: Half, level: dict[int, int], found: Pair) -> dict[int, int]:
    """Where the moves of the first watch, and the clocks, lead from these pairs."""
    after: defaultdict[int, int] = defaultdict(int)
    for here, row in level.items():
        for there in one.own[here]:
            after[there] |= row
        for there, word in one.words[here]:
            after[there] |= row if word is None else _image(row, one.hears[word])
        for tick in one.ticks:
            after[tick[here]] |= _image(row, tick)
        moves = len(one.own[here]) + len(one.words[here])
        found.transitions += (2 * moves + len(one.ticks)) * row.bit_count() // 2
    return after


def _mirrored(one: Half, known: list[int], after: dict[int, int]) -> dict[int, int]:
    """What is new of this, with its mirror images: whatever one watch may do, the other may do."""
    new: defaultdict[int, int] = defaultdict(int)
    rows: dict[int, bytearray] = {}
    width = (one.size + 7) // 8
    for here, row in after.items():
        fresh = row & ~known[here]
        if not fresh:
            continue
        new[here] |= fresh
        byte, bit = here >> 3, 1 << (here & 7)
        for there in _places(fresh):
            mirror = rows.get(there)
            if mirror is None:
                mirror = rows[there] = bytearray(width)
            mirror[byte] |= bit
    for there, mirror in rows.items():
        fresh = int.from_bytes(mirror, "little") & ~known[there]
        if fresh:
            new[there] |= fresh
    for here, row in new.items():
        known[here] |= row
    return dict(new)


def _offence(one: Half, level: dict[int, int]) -> tuple[str, tuple[str, ...]] | None:
    """Each watch knows exactly whether the other author is silent (I10): asked of every pair."""
    for here, row in level.items():
        wrong = row & ~one.knows_silence if one.is_silent[here] else row & one.knows_silence
        if wrong:
            there = next(iter(_places(wrong)))
            says = "is silent and the other watch does not know it"
            if not one.is_silent[here]:
                says = "is heard of as silent and is not"
            ways = [
                f"{who}: {label}"
                for who, state in (("one", here), ("the other", there))
                for label in way_to(one.world, one.graph, state)
            ]
            return f"I10: an author {says}", tuple(ways)
    return None


def dead_ends(one: Half, key: str) -> int:
    """From how many states this track is never released, when neither author does anything any more and nothing more
    is heard of the other: what is left are time, letters and the two keepers who have no watch of their own."""
    silent = (one.world.start.author, KAKASHI)
    kept = [
        edge
        for edge in one.graph.edges or ()
        if actor(one.world.moves[edge[1]]) not in silent
        and not isinstance(one.world.moves[edge[1]].event, HearOfSilence)
    ]
    graph = Graph(one.graph.known, one.graph.parents, one.graph.by, kept)
    far = distances(
        one.world,
        graph,
        lambda state: any(
            track.key == key and track.stage is TrackStage.RELEASED for track in state.watch.tracks
        ),
    )
    return far.count(FAR)


# Rows of bits.


def _places(row: int) -> list[int]:
    data = row.to_bytes((row.bit_length() + 7) // 8, "little")
    return [8 * at + bit for at, byte in enumerate(data) if byte for bit in BITS[byte]]


def _bits_of(places: Iterable[int]) -> int:
    row = 0
    for place in places:
        row |= 1 << place
    return row


def _image(row: int, to: list[int]) -> int:
    out = bytearray((len(to) + 7) // 8)
    for place in _places(row):
        there = to[place]
        out[there >> 3] |= 1 << (there & 7)
    return int.from_bytes(out, "little")
