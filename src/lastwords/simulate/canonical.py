"""A state of a small world as a short string of bytes, and back: equal bytes, equal future.

What stands in no byte has been removed, so this file is the list of the symmetries and abstractions of the search
(`REMOVED` says it in words). Every state is written as seen from its own present: a mark becomes the time that has run
since, at most the length of its wait, on either clock.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lastwords.protocol.changed import changed
from lastwords.protocol.moments import Moment, Wait
from lastwords.protocol.stages import (
    CaseCause,
    Evidence,
    Finding,
    GlassStage,
    HoldCause,
    SeatStage,
    Stage,
    TrackStage,
    WordsStage,
)
from lastwords.protocol.watch import (
    HOST,
    Case,
    Closing,
    Credential,
    Glass,
    Hold,
    Plan,
    Seat,
    Statement,
    Track,
    Watch,
)

from .history import History, hold_length
from .world import (
    ASKING,
    AUTHOR,
    GLASS_BIT,
    GLASS_ROUND,
    KEEPER_BIT,
    LAST_CALL,
    NARUTO,
    NEVER,
    NEWEST,
    TSUNADE,
    World,
)

REMOVED = (
    "absolute time: only what has run since each mark, at most the length of its wait, on both clocks",
    "names of rounds, cases, epochs and manifests: only which of them are the newest",
    "two keepers who can be exchanged count as one pair",
    "marks and flags that nothing reads any more: the last sign outside well, a finished wait of a released track, "
    "who was called, who told, how often released",
    "whom the keepers were asked to reach already, and for which shares: one more letter changes no watch",
    "letters of an earlier round: an old letter of each kind may arrive at any time instead",
)

Who = Callable[[int, int], tuple[str, ...]]
"""Gives the keepers in whose byte of that place this bit is set."""

FRESH = Moment(0, 0)
OTHERS = (NARUTO, TSUNADE)
TELLER = "somebody"

_STAGES, _FINDINGS, _CAUSES = tuple(Stage), tuple(Finding), tuple(HoldCause)
_SEATS, _WORDS, _GLASS = tuple(SeatStage), tuple(WordsStage), tuple(GlassStage)
_TRACKS = tuple(TrackStage)
_STAGE = {member: index for index, member in enumerate(_STAGES)}
_FINDING = {member: index + 1 for index, member in enumerate(_FINDINGS)}
_CAUSE = {member: index for index, member in enumerate(_CAUSES)}
_SEAT = {member: index for index, member in enumerate(_SEATS)}
_WORD = {member: index for index, member in enumerate(_WORDS)}
_GLASSES = {member: index for index, member in enumerate(_GLASS)}
_TRACK = {member: index for index, member in enumerate(_TRACKS)}


class State(NamedTuple):
    """One state: the watch as the machine sees it, letters on their way, and what the explorer itself remembers."""

    watch: Watch
    letters: int
    history: History


# Marks.

_MOMENTS = [FRESH] + [Moment(-((byte - 1) >> 4), -((byte - 1) & 15)) for byte in range(1, 256)]


def _mark(mark: Moment | None, length: int, now: Moment) -> int:
    """0 for no mark, else what has run on both clocks since."""
    if mark is None:
        return 0
    if length >= NEVER:
        return 1
    wall, credit = now.wall - mark.wall, now.credit - mark.credit
    return 1 + ((wall if wall < length else length) << 4) + (credit if credit < length else length)


def _wait(byte: int, length: int) -> Wait | None:
    return Wait(_MOMENTS[byte], length) if byte else None


# Writing.


def encode(world: World, state: State, now: Moment) -> bytes:
    """The state's bytes, seen from `now`. Of two exchangeable keepers the smaller bytes stand first."""
    watch, plan, stage = state.watch, state.watch.plan, state.watch.stage
    case = watch.case
    well, vigil = stage is Stage.WELL, stage is Stage.VIGIL
    closing = watch.closing
    lapsed = dict(case.lapsed) if case and case.lapsed else {}
    data = [
        _STAGE[stage],
        _mark(watch.last_sign, plan.check_in_every, now) if well else 0,
        watch.weak_in_row,
        watch.reminded if well or stage is Stage.LATE else 0,
        *_write_wait(watch.wait, now),
        watch.bounces,
        _mark(watch.failing, plan.unreached, now),
        watch.unreached,
        _mark(watch.asked_again, plan.ask_again, now) if vigil else 0,
        (1 if case.closed is None else 3 if case.ended else 2) if case else 0,
        _bits([credential.void for credential in watch.credentials]),
        _bits([lapsed.get(credential.name, 0) for credential in watch.credentials], 2) if lapsed else 0,
        AUTHOR in watch.held,
        _bits([person in watch.silent for person in OTHERS]) if watch.silent else 0,
        state.letters & (KEEPER_BIT - 1) | (state.letters & GLASS_BIT and 128),
    ]
    if closing:
        name = closing.credential
        place = [credential.name for credential in watch.credentials].index(name)
        data.append(1 + place | closing.asked << 2)
        data.append(_mark(closing.wait.since, plan.closing, now) if closing.wait else 0)
    else:
        data += (0, 0)
    data.append(len(watch.holds))
    for hold in watch.holds:
        by = 0 if hold.placed_by == AUTHOR else 1 if hold.placed_by == HOST else 2
        data.append(_CAUSE[hold.cause] << 2 | by)
        data.append(_mark(hold.wait.since, hold_length(plan, hold.cause), now) if hold.wait else 0)
    for track in watch.tracks:
        _write_track(data, track, world.since_release, now)
    data.append(len(watch.glass))
    for glass in watch.glass:
        _write_glass(data, glass, world, plan, now)
    state.history.write(data)
    heads = [(name, *track.manifest) for name, track in zip(world.keys, watch.tracks, strict=True)]
    pairs = [(name, track.share_set) for name, track in zip(world.keys, watch.tracks, strict=True)]
    still_asked = world.bounces or not _reached(watch)
    people = [
        _write_keeper(world, state, place, now, heads, pairs, still_asked)
        for place in range(len(watch.seats))
    ]
    if world.alike:
        first, second = world.alike
        if people[second] < people[first]:
            people[first], people[second] = people[second], people[first]
    return bytes(data) + b"".join(people)


def _bits(values: Sequence[int], width: int = 1) -> int:
    """Small numbers in one, the first one lowest."""
    bits = 0
    for value in reversed(values):
        bits = bits << width | value
    return bits


def _write_wait(wait: Wait | None, now: Moment) -> tuple[int, int]:
    return (_mark(wait.since, wait.length, now), wait.length) if wait else (0, 0)


def _write_track(data: list[int], track: Track, since_release: int, now: Moment) -> None:
    last = track.stage is TrackStage.LAST_CALL
    data.append(_TRACK[track.stage] | _WORD[track.words] << 2)
    data += _write_wait(track.wait if last else None, now)
    data.append(_mark(track.released, since_release, now))
    bounces = track.bounces if last else 0
    covered = track.released is not None and track.covered
    flags = bool(track.told_by) | track.handed << 1 | track.first_letter << 2 | covered << 3
    data.append(flags | bounces << 4)


def _write_glass(data: list[int], glass: Glass, world: World, plan: Plan, now: Moment) -> None:
    people = (AUTHOR, *world.keepers)
    data += (
        world.keepers.index(glass.keeper) | _GLASSES[glass.stage] << 3,
        _bits([person in glass.taken for person in people]),
        _bits([person in glass.failed for person in people]),
        _mark(glass.wait.since, plan.glass, now) if glass.wait else 0,
    )


def _write_keeper(
    world: World,
    state: State,
    place: int,
    now: Moment,
    newest: list[tuple[str, int, str]],
    in_force: list[tuple[str, str]],
    still_asked: bool,
) -> bytes:
    watch, case, letters = state.watch, state.watch.case, state.letters
    seat = watch.seats[place]
    name = seat.keeper
    finding = heads = 0
    for statement in watch.statements:
        if statement.keeper == name:
            finding = _FINDING[statement.finding]
            for index, head in enumerate(newest):
                heads |= (head in statement.heads) << index
    receipts = tried = deaths = by_me = 0
    for index, track in enumerate(watch.tracks):
        receipts |= (in_force[index] in seat.receipts) << index
        deaths |= (name in track.deaths) << index
        if track.stage is TrackStage.LAST_CALL and (world.bounces or not track.wait):
            tried |= (name in track.tried) << index
    for index, hold in enumerate(watch.holds):
        by_me |= (hold.placed_by == name) << index | (name in hold.signed) << 4
    flags = int(name in watch.silent) | (name in watch.held) << 4
    if name in watch.heard and still_asked:
        flags |= 2
    if case:
        flags |= (name in case.home) << 2 | (name in case.spoken) << 3 | (name in case.ended_by) << 5
    if watch.closing:
        flags |= (name in watch.closing.not_them) << 6
    on_the_way = ((letters >> place) & KEEPER_BIT and 1) | ((letters >> place + 1) & GLASS_BIT and 2)
    if not still_asked:
        on_the_way &= 2
    return bytes(
        (
            _SEAT[seat.stage] | seat.rested << 4,
            _mark(seat.season.since, seat.season.length, now) if seat.season else 0,
            _mark(seat.alarmed, watch.plan.alarm_rest, now) if seat.alarmed else 0,
            receipts,
            finding | heads << 3,
            flags,
            tried | deaths << 3,
            by_me,
            on_the_way | _signed_for(world, watch, place) << 2,
            *state.history.of_keeper(place),
        )
    )


def _reached(watch: Watch) -> bool:
    """The wait that keepers' letters start has begun; without bounces nothing asks any more who was reached."""
    return bool(watch.closing.wait if watch.closing else watch.wait)


def _signed_for(world: World, watch: Watch, place: int) -> int:
    """Which suspended seats this keeper has signed for; the other of an exchangeable pair has a bit of its own."""
    bits = 0
    for target, seat in enumerate(watch.seats):
        if seat.restored_by and watch.seats[place].keeper in seat.restored_by:
            pair = world.alike is not None and place in world.alike and target in world.alike
            bits |= 1 << (5 if pair else target)
    return bits


# Reading.


def decode(world: World, data: bytes) -> State:
    """The state that these bytes stand for, with its present at zero on both clocks."""
    start, plan = world.start, world.start.plan
    stage = _STAGES[data[0]]
    keepers, tracks = world.keepers, start.tracks
    letters = data[15] & (KEEPER_BIT - 1) | (data[15] & 128 and GLASS_BIT)
    at = 19
    placed = []
    for _ in range(data[18]):
        placed.append((data[at], data[at + 1]))
        at += 2
    made_tracks = []
    for index in range(len(tracks)):
        made_tracks.append(_read_track(plan, tracks[index], index, data[at : at + 5]))
        at += 5
    glasses = []
    for _ in range(data[at]):
        glasses.append(_read_glass(world, data[at + 1 : at + 5]))
        at += 4
    at += 1
    history, at = History.read(data, at, len(tracks))
    width = (len(data) - at) // len(keepers)
    people = [data[at + place * width : at + (place + 1) * width] for place in range(len(keepers))]
    history.read_keepers([person[9:] for person in people])
    for place, person in enumerate(people):
        letters |= (person[8] & 1 and KEEPER_BIT << place) | (person[8] & 2 and GLASS_BIT << place + 1)

    def who(byte: int, bit: int) -> tuple[str, ...]:
        return tuple([keepers[place] for place, person in enumerate(people) if person[byte] & bit])

    for index, track in enumerate(made_tracks):
        tried, deaths = who(6, 1 << index), who(6, 8 << index)
        if tried or deaths:
            made_tracks[index] = changed(track, tried=tried, deaths=deaths)
    holds = tuple(
        _read_hold(plan, byte, mark, who(7, 1 << i), who(7, 16)) for i, (byte, mark) in enumerate(placed)
    )
    seats = tuple([_read_seat(world, people, place) for place in range(len(keepers))])
    silent = [person for place, person in enumerate(OTHERS) if data[14] >> place & 1]
    watch = Watch(
        AUTHOR,
        stage,
        plan,
        armed=True,
        seats=seats,
        tracks=tuple(made_tracks),
        credentials=_read_credentials(start.credentials, data[11]),
        recovery_proven=True,
        last_sign=_MOMENTS[data[1]],
        weak_in_row=data[2],
        reminded=bool(data[3]),
        round=NEWEST,
        asking=ASKING,
        wait=_wait(data[4], data[5]),
        heard=who(5, 2),
        bounces=data[6],
        failing=_MOMENTS[data[7]] if data[7] else None,
        unreached=bool(data[8]),
        asked_again=_MOMENTS[data[9]],
        holds=holds,
        held=(*who(5, 16), *((AUTHOR,) if data[13] else ())),
        case=_read_case(start.credentials, data[10], data[12], who) if data[10] else None,
        statements=_read_statements(world, people),
        closing=_read_closing(start, data[16], data[17], who) if data[16] else None,
        glass=tuple(glasses),
        silent=tuple(sorted((*who(5, 1), *silent))),
    )
    return State(watch, letters, history)


def _read_credentials(known: tuple[Credential, ...], void: int) -> tuple[Credential, ...]:
    if not void:
        return known
    return tuple([changed(one, void=True) if void >> place & 1 else one for place, one in enumerate(known)])


def _read_case(known: tuple[Credential, ...], stands: int, lapsed: int, who: Who) -> Case:
    """`stands` is 1 for an open case, 2 for a closed one, 3 for one that keepers have ended."""
    counts = [(one.name, lapsed >> 2 * place & 3) for place, one in enumerate(known)]
    return Case(
        1,
        CaseCause.VIGIL,
        FRESH,
        None if stands == 1 else FRESH,
        home=who(5, 4),
        spoken=who(5, 8),
        ended_by=who(5, 32),
        ended=stands == 3,
        lapsed=tuple(sorted([(name, count) for name, count in counts if count])),
    )


def _read_closing(start: Watch, byte: int, mark: int, who: Who) -> Closing:
    name = start.credentials[(byte & 3) - 1].name
    return Closing(name, ASKING, _wait(mark, start.plan.closing), who(5, 64), bool(byte & 4))


def _read_track(plan: Plan, track: Track, index: int, data: bytes) -> Track:
    stage, flags = _TRACKS[data[0] & 3], data[4]
    return changed(
        track,
        stage=stage,
        words=_WORDS[data[0] >> 2],
        round=ASKING if plan.timer_only else LAST_CALL + index,
        wait=_wait(data[1], data[2]),
        released=_MOMENTS[data[3]] if data[3] else None,
        told_by=TELLER if flags & 1 else "",
        handed=bool(flags & 2),
        first_letter=bool(flags & 4),
        covered=bool(flags & 8),
        bounces=flags >> 4,
    )


def _read_glass(world: World, data: bytes) -> Glass:
    people = (AUTHOR, *world.keepers)
    return Glass(
        world.keepers[data[0] & 7],
        _GLASS[data[0] >> 3],
        GLASS_ROUND,
        tuple(sorted(person for place, person in enumerate(people) if data[1] >> place & 1)),
        tuple(sorted(person for place, person in enumerate(people) if data[2] >> place & 1)),
        _wait(data[3], world.start.plan.glass),
    )


def _read_hold(plan: Plan, byte: int, mark: int, placer: tuple[str, ...], signed: tuple[str, ...]) -> Hold:
    cause, by = _CAUSES[byte >> 2], (AUTHOR, HOST, *placer)[byte & 3]
    wait = _wait(mark, hold_length(plan, cause))
    return Hold(cause, by, wait, signed if cause is HoldCause.RESTORE else ())


def _read_seat(world: World, people: list[bytes], place: int) -> Seat:
    seat, data, keepers = world.start.seats[place], people[place], world.keepers
    receipts = tuple(
        [
            (track.key, track.share_set)
            for index, track in enumerate(world.start.tracks)
            if data[3] >> index & 1
        ]
    )
    pair = world.alike or ()
    signed = []
    for signer, other in enumerate(people):
        bit = 5 if signer in pair and place in pair else place
        if other[8] >> 2 + bit & 1:
            signed.append(keepers[signer])
    return Seat(
        seat.keeper,
        _SEATS[data[0] & 15],
        0,
        seat.vouched,
        _wait(data[1], seat.season.length if seat.season else 0),
        tuple(sorted(receipts)),
        tuple(signed),
        _MOMENTS[data[2]] if data[2] else None,
        rested=bool(data[0] >> 4),
    )


def _read_statements(world: World, people: list[bytes]) -> tuple[Statement, ...]:
    made = []
    for place, person in enumerate(people):
        if person[4] & 7:
            heads = tuple(
                (track.key, *track.manifest)
                for index, track in enumerate(world.start.tracks)
                if person[4] >> 3 + index & 1
            )
            finding = _FINDINGS[(person[4] & 7) - 1]
            made.append(Statement(world.keepers[place], finding, Evidence.OWN_SIGHT, heads, FRESH))
    return tuple(made)
