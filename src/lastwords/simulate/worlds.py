"""The worlds that are exhausted, each a different corner of the machine."""

from collections.abc import Callable
from typing import Any

from lastwords.protocol.events import Restore
from lastwords.protocol.stages import Condition, Finding, HoldCause
from lastwords.protocol.watch import HOST, Watch

from .world import (
    AUTHOR,
    BISUKE,
    DARK,
    JUMP,
    KAKASHI,
    LOOK,
    NARUTO,
    PAKKUN,
    PAPER,
    PHONE,
    TICK,
    TSUNADE,
    Move,
    World,
    alarm,
    at_closing,
    author_letters,
    ends,
    glass,
    holds,
    keeper_letters,
    opens,
    recipient_died,
    recipient_lives,
    restores,
    restores_seat,
    retracts,
    seals,
    signs,
    signs_home,
    silence,
    states,
    tells,
    terms,
    tried,
    watch,
)

KEEPERS = (BISUKE, KAKASHI, PAKKUN)
ALIKE = (0, 2)
BOTH = ((Condition.DIED, KAKASHI, ""), (Condition.CANNOT_ACT, NARUTO, ""))
TIME = (TICK, DARK, LOOK)


def _world(
    name: str,
    builder: Callable[..., World],
    start: Watch,
    moves: list[Move],
    alike: tuple[int, int] | None,
    bounces: bool = False,
) -> World:
    return World(name, builder.__doc__ or "", start, tuple(moves), alike, bounces)


def _every(keepers: tuple[str, ...], move: Callable[..., Move], *args: Any) -> list[Move]:
    return [move(keeper, *args) for keeper in keepers]


def home() -> World:
    """From a missed check-in to opened words, and home from every point of it."""
    start = watch(terms(), BOTH)
    moves: list[Move] = [*TIME, JUMP, *signs(PHONE), *author_letters(2), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS]
    moves += _every(KEEPERS, retracts)
    moves += _every(KEEPERS, signs_home)
    moves += [tells(PAKKUN, start.tracks[1]), *opens(start.tracks[1])]
    return _world("home", home, start, moves, ALIKE)


def stranger() -> World:
    """Somebody else has the author's phone: signs that keepers doubt, lapsed closings, a second credential."""
    start = watch(terms(), BOTH[1:])
    moves: list[Move] = [*TIME, *signs(PHONE, PAPER), *author_letters(1), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS]
    moves += [states(keeper, Finding.DIED, start, case=0) for keeper in KEEPERS]
    moves += [move for keeper in KEEPERS for move in at_closing(keeper)]
    moves.append(alarm(AUTHOR))
    return _world("stranger", stranger, start, moves, (0, 1))


def findings(wide: bool = False) -> World:
    """Keepers who find different things, change their minds, or have spoken with the author."""
    start = watch(terms(), BOTH if wide else BOTH[1:])
    moves: list[Move] = [TICK, LOOK, *author_letters(len(start.tracks)), *keeper_letters(KEEPERS[:2])]
    for finding in (Finding.DIED, Finding.CANNOT_ACT, Finding.SPOKEN_WITH):
        moves += [states(keeper, finding, start) for keeper in KEEPERS]
    moves += _every(KEEPERS, retracts)
    return _world("findings", findings, start, moves, ALIKE)


def mailbox(wide: bool = False) -> World:
    """An author whose mailboxes fail (and, in the wide world, bounce), and keepers who say they tried in person."""
    start = watch(terms(unreached=2), BOTH[1:])
    letters = author_letters(1, failing=True, bouncing=wide)
    moves: list[Move] = [*TIME, *signs(PHONE), *letters, *keeper_letters(KEEPERS, bouncing=wide)]
    moves += [states(keeper, Finding.DIED, start) for keeper in (BISUKE, PAKKUN)]
    moves += [*_every(KEEPERS, tried), signs_home(BISUKE)]
    return _world("mailbox", mailbox, start, moves, ALIKE, bounces=wide)


def held(wide: bool = False) -> World:
    """Alarms, holds by the author (and, in the wide world, by the host's clock), at every stage."""
    start = watch(terms(), BOTH[1:])
    moves: list[Move] = [*TIME, *signs(PHONE), *author_letters(1), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.CANNOT_ACT, start) for keeper in KEEPERS[:2]]
    moves += [alarm(AUTHOR), *holds(AUTHOR), *(holds(HOST, HoldCause.CLOCK) if wide else ())]
    moves += [signs_home(BISUKE), tells(BISUKE, start.tracks[0])]
    return _world("held", held, start, moves, (0, 1))


def restored(wide: bool = False) -> World:
    """A restore from a backup at every stage (and, in the wide world, weak signs), and who lets things run again."""
    start = watch(terms(), BOTH[1:])
    moves: list[Move] = [*TIME, *signs(PHONE, weak=wide), *author_letters(1), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.CANNOT_ACT, start) for keeper in KEEPERS[:2]]
    moves += [*restores(KEEPERS[:2]), signs_home(BISUKE), signs_home(KAKASHI)]
    return _world("restored", restored, start, moves, (0, 1))


def pair() -> World:
    """A mutual pair: a recipient and keeper whose own silence comes and goes, and a keeper's too."""
    start = watch(terms(), BOTH)
    moves: list[Move] = [TICK, LOOK, *signs(PHONE), *author_letters(2), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS]
    moves += [*silence(KAKASHI), *silence(BISUKE)]
    moves += [tells(PAKKUN, start.tracks[1]), opens(start.tracks[1])[1], signs_home(PAKKUN)]
    return _world("pair", pair, start, moves, None)


def alternates() -> World:
    """A recipient who dies too, the alternate in their place, survivorship, and the end of a case."""
    tracks = ((Condition.DIED, NARUTO, ""), (Condition.DIED, TSUNADE, NARUTO))
    start = watch(terms(survivorship=2), tracks)
    moves: list[Move] = [TICK, LOOK, *author_letters(2), *keeper_letters(KEEPERS[:2])]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS[:2]]
    moves += [recipient_died(keeper, NARUTO) for keeper in KEEPERS[:2]]
    moves += [recipient_lives(keeper, NARUTO) for keeper in KEEPERS[:2]]
    moves += [*signs(PHONE), signs_home(BISUKE)]
    moves += [
        tells(BISUKE, start.tracks[0]),
        opens(start.tracks[0])[1],
        *_every(KEEPERS[:2], ends),
        *silence(NARUTO),
    ]
    return _world("alternates", alternates, start, moves, (0, 1))


def broken_glass(wide: bool = False) -> World:
    """Emergency notes: alarms that arrive or fail, denial, a suspended seat that others restore, at every stage."""
    start = watch(terms(), BOTH[1:])
    others = [(place, keeper) for place, keeper in enumerate(KEEPERS) if keeper != KAKASHI]
    moves: list[Move] = [TICK, LOOK, *author_letters(1), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in ((KAKASHI, PAKKUN) if wide else ())]
    moves += glass(KAKASHI, others)
    moves += [restores_seat(keeper, KAKASHI) for keeper in (BISUKE, PAKKUN)]
    return _world("glass", broken_glass, start, moves, None)


def alone() -> World:
    """A timer-only plan: nobody to ask, and the last call as long as vigil and last call together."""
    start = watch(terms(timer_only=True, untold=1, unreached=2), BOTH[1:])
    moves: list[Move] = [*TIME, *signs(PHONE), *author_letters(1, failing=True, one=True)]
    moves += [*holds(AUTHOR), Move("restored from a backup", Restore(HOST)), alarm(AUTHOR)]
    moves += [*opens(start.tracks[0]), seals(start.tracks[0])]
    return _world("alone", alone, start, moves, None)


def seasoning() -> World:
    """A keeper who has still to be seasoned, and words sealed anew when the author is back."""
    start = watch(terms(), BOTH, unseasoned=(PAKKUN,))
    moves: list[Move] = [
        TICK,
        LOOK,
        *signs(PHONE),
        *author_letters(2),
        *keeper_letters(KEEPERS),
        alarm(BISUKE),
    ]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS]
    moves += [seals(track) for track in start.tracks]
    moves += _every(KEEPERS[:2], signs_home)
    return _world("seasoning", seasoning, start, moves, None)


def own_words(wide: bool = False) -> World:
    """A keeper who receives words does what a keeper can: alarm, state, retract, confirm, doubt (and, wide, hold)."""
    start = watch(terms(alarm_rest=1), ((Condition.DIED, KAKASHI, ""), (Condition.DIED, NARUTO, "")))
    moves: list[Move] = [TICK, LOOK, *signs(PHONE), *author_letters(1), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS]
    moves += [alarm(KAKASHI, BISUKE), alarm(AUTHOR), retracts(KAKASHI), *(holds(KAKASHI) if wide else ())]
    moves += [move for keeper in KEEPERS for move in at_closing(keeper)]
    return _world("own words", own_words, start, moves, ALIKE)


def tried_in_person(wide: bool = False) -> World:
    """A keeper who receives words is among those who try to reach an author without a mailbox."""
    tracks = ((Condition.DIED, KAKASHI, ""), (Condition.DIED, NARUTO, ""))
    start = watch(terms(unreached=2), tracks)
    moves: list[Move] = [TICK, LOOK, *author_letters(1, failing=True), *keeper_letters(KEEPERS)]
    moves += [*[states(keeper, Finding.DIED, start) for keeper in KEEPERS], *_every(KEEPERS, tried)]
    moves += silence(BISUKE) if wide else ()
    return _world("tried in person", tried_in_person, start, moves, None if wide else ALIKE)


WORLDS = (
    *(home(), stranger(), findings(), mailbox(), held(), restored()),
    *(pair(), alternates(), broken_glass(), alone(), seasoning()),
)
"""What every run of the tests exhausts."""

WIDE = (findings(True), mailbox(True), held(True), restored(True), broken_glass(True))
"""The same corners with more in them, for a longer run."""
