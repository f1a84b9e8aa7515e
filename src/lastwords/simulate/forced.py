"""The word under force in a small world, searched to its end: no reading of its author's differs, nothing is sooner.

Every state is a watch without the mark, as the explorer writes it, and the mark beside it. At each move the machine
steps twice: the watch with its mark, and the same watch without one, in which the word is the check-in that it looks
like. Both must come out the same but for the mark (`Same`), with the same row and the same letters to the author; and
the common part is judged by the invariants of every other world. Only where the mark is lifted may they part, and there
the stage must begin anew, with nothing nearer to its end (`Later`).

`python -m lastwords.simulate.forced` prints what it found.
"""

import sys
from dataclasses import dataclass
from typing import NamedTuple

from lastwords.protocol import events as e
from lastwords.protocol import quiet
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import LetterKind, Step
from lastwords.protocol.machine import step
from lastwords.protocol.stages import Condition, Finding, TrackStage
from lastwords.protocol.watch import Force, Watch

from .broken import Broken
from .canonical import FRESH, State, decode, encode
from .history import History
from .judge import follow
from .ways import way
from .world import (
    AUTHOR,
    BISUKE,
    KAKASHI,
    LIVE,
    LOOK,
    NARUTO,
    PAKKUN,
    PAPER,
    PHONE,
    TICK,
    Move,
    World,
    author_letters,
    keeper_letters,
    signs,
    signs_home,
    states,
    terms,
    watch,
)

KEEPERS = (BISUKE, KAKASHI, PAKKUN)
CALLED = (BISUKE, KAKASHI)
"""Whom the word has called in the worlds where the circle changed meanwhile: everybody but the third keeper."""

SAME, LATER = "same", "later"
"""Names of what is judged here, beside the invariants."""


class Mark(NamedTuple):
    """What a mark is beside its watch: nothing laid, or laid; whom it has told, and who has signed since."""

    laid: bool = False
    told: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """What a search found; `broken` is empty, or what it stopped at, and `trace` the shortest way there."""

    states: int = 0
    transitions: int = 0
    marked: int = 0
    lifted: int = 0
    given_way: int = 0
    barred: int = 0
    frontier: int = 0
    broken: str = ""
    judged: str = ""
    trace: tuple[str, ...] = ()


def world(called: tuple[str, ...] = KEEPERS) -> World:
    """From a missed check-in to a release, the word spoken at any point of it, twice if need be, and lifted or not."""
    start = watch(terms(), ((Condition.CANNOT_ACT, NARUTO, ""),))
    moves: list[Move] = [TICK, LOOK, *signs(PHONE), *author_letters(1), *keeper_letters(KEEPERS)]
    moves += [states(keeper, Finding.DIED, start) for keeper in KEEPERS[1:]]
    if called == KEEPERS:
        moves += [signs_home(keeper) for keeper in (BISUKE, PAKKUN)]
    moves.append(Move("the word under force", e.SpeakUnderForce(AUTHOR, PAPER), LIVE))
    moves += [Move(f"{keeper} has spoken with them", e.SignFree(keeper, "d"), LIVE) for keeper in KEEPERS[:2]]
    return World("force" if called == KEEPERS else "force, another circle", "", start, tuple(moves), None)


def explore(small: World, called: tuple[str, ...] = KEEPERS) -> Found:
    """Searches the world to its end, or to the first thing that is not as it must be."""
    found = Found()
    first = (encode(small, State(small.start, 0, History(len(small.start.tracks), 3)), FRESH), Mark())
    known: dict[tuple[bytes, Mark], tuple[tuple[bytes, Mark] | None, str]] = {first: (None, "")}
    level = [first]
    while level:
        ahead = []
        for here in level:
            state = decode(small, here[0])
            for move in small.moves:
                if state.watch.stage not in move.stages:
                    continue
                try:
                    there = _make(small, state, here[1], move, called, found)
                except Broken as broken:
                    found.broken, found.judged = str(broken), broken.invariant
                    found.trace = (*way(known, here), move.label)
                    found.states, found.frontier = len(known), 1
                    return found
                if there is None or there in known:
                    continue
                known[there] = (here, move.label)
                found.marked += there[1].laid
                ahead.append(there)
        level = ahead
    found.states = len(known)
    return found


def _make(
    small: World, state: State, mark: Mark, move: Move, called: tuple[str, ...], found: Found
) -> tuple[bytes, Mark] | None:
    """Where a move leads; None when it is refused or not possible now."""
    if move.event is None:
        history = state.history.copy()
        history.tick(small.start.plan)
        return encode(small, State(state.watch, state.letters, history), move.now), mark
    if move.bit and bool(state.letters & abs(move.bit)) is (move.bit < 0):
        return None
    with_mark = _laid(state.watch, mark, called)
    outcome, plain = step(with_mark, move.event, FRESH), step(state.watch, quiet.as_seen(move.event), FRESH)
    if not isinstance(outcome, Step):
        if isinstance(plain, Step) and not isinstance(move.event, e.SignFree):
            raise Broken(SAME, f"“{move.label}” is refused under the mark alone")
        return None
    found.transitions += 1
    after = outcome.watch
    left = Mark() if after.force is None else Mark(True, after.force.told, _signers(after.force))
    if mark.laid and not left.laid:
        return _lifted(small, state, mark, move, called, outcome, found), left
    if left != mark and quiet.unmarked(after) == state.watch and outcome.row is None:
        return encode(small, state, FRESH), left  # the mark alone has moved: nothing for the author to read
    if not isinstance(plain, Step):
        raise Broken(SAME, f"“{move.label}” is refused without the mark alone")
    if after.force is not None and any(track.stage is not TrackStage.ASKED for track in after.tracks):
        raise Broken(LATER, f"under the mark “{move.label}” leads on to the words")
    if _is_barred(small, with_mark, called, plain):
        found.barred += 1
        return encode(small, state, FRESH), left
    _judge_same(move, outcome, plain)
    if plain.row is None and not move.takes:
        return encode(small, state, FRESH), left
    seen = move._replace(event=quiet.as_seen(move.event))
    return encode(small, follow(small, state, seen, plain), FRESH), left


def _is_barred(small: World, with_mark: Watch, called: tuple[str, ...], plain: Step) -> bool:
    """Without the mark a last call would begin, and too few of those whom the word called have asked for it: the one
    place where an author could notice something, and that is a letter which does not come."""
    begins = plain.row is not None and any(what == "last_call" for what, _ in plain.row.happened)
    stated = {made.keeper for made in with_mark.statements if made.finding is Finding.DIED}
    return begins and with_mark.force is not None and len(stated & set(called)) < small.start.plan.quorum


def _laid(plain: Watch, mark: Mark, called: tuple[str, ...]) -> Watch:
    if not mark.laid:
        return plain
    return changed(plain, force=Force(FRESH, called, mark.told, tuple((one, "d") for one in mark.signed)))


def _signers(force: Force) -> tuple[str, ...]:
    return tuple(sorted(keeper for keeper, _ in force.signed))


def _judge_same(move: Move, outcome: Step, plain: Step) -> None:
    """Everything that an author may read: the watch, the row, and letters that are not about the mark."""
    if quiet.unmarked(outcome.watch) != quiet.unmarked(plain.watch):
        raise Broken(SAME, f"after “{move.label}” the author's watch differs by the mark")
    if outcome.row != plain.row:
        raise Broken(SAME, f"the row of “{move.label}” differs by the mark")
    told = [letter for letter in outcome.letters if letter.kind is not LetterKind.UNDER_FORCE]
    if told != list(plain.letters):
        raise Broken(SAME, f"the letters of “{move.label}” differ by the mark")
    if outcome.row is not None and len(told) < len(outcome.letters):
        raise Broken(SAME, f"the row of “{move.label}” would name a letter about the mark")


def _lifted(
    small: World,
    state: State,
    mark: Mark,
    move: Move,
    called: tuple[str, ...],
    outcome: Step,
    found: Found,
) -> bytes:
    """The mark is gone: by two who have spoken with the author, or because a quorum of those it called would have begun
    a last call. Nothing that was running may go on from where it was."""
    after = outcome.watch
    if isinstance(move.event, e.SignFree):
        found.lifted += 1
        if len({*mark.signed, move.event.by}) < quiet.FREED_BY:
            raise Broken(LATER, "the mark was lifted by fewer than two")
    else:
        found.given_way += 1
        stated = {made.keeper for made in state.watch.statements}
        if len(stated & set(called)) < small.start.plan.quorum:
            raise Broken(LATER, "the mark gave way to fewer than a quorum")
    if after.wait is not None or any(track.stage is TrackStage.LAST_CALL for track in after.tracks):
        raise Broken(LATER, f"after “{move.label}” something goes on from where it was")
    history = state.history.copy()
    history.stop()
    lifting = Move(move.label, None, move.stages)
    return encode(small, follow(small, State(state.watch, state.letters, history), lifting, outcome), FRESH)


def main() -> int:
    """Searches both worlds; 1 when one of them is not as it must be."""
    whole = True
    for called in (KEEPERS, CALLED):
        small = world(called)
        found = explore(small, called)
        print(
            f"{small.name}: states {found.states} ({found.marked} under the mark), transitions {found.transitions}, "
            f"lifted {found.lifted} times, given way {found.given_way} times, barred {found.barred} times",
            flush=True,
        )
        if found.broken:
            whole = False
            print(f"  BROKEN {found.broken}")
            print("\n".join(f"    {number:2} {line}" for number, line in enumerate(found.trace, 1)))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
