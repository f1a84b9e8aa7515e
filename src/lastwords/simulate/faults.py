"""Planted faults: one rule or condition of the machine made wrong, which the explorer alone must notice.

A fault is planted only inside `planted`, by putting another function in the place of one of the machine's wherever the
machine looks it up; no product code knows of it. Each has its own smallest world, in which the machine as it ships is
exhausted without an offence.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from lastwords.protocol import clocks, counting
from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.moments import Moment, Wait
from lastwords.protocol.rules import (
    alarms,
    breakglass,
    handover,
    passage,
    sealed,
    seats,
    statements,
    telling,
    tracks,
)
from lastwords.protocol.stages import Condition, Finding, SeatStage, Stage, TrackStage, WordsStage
from lastwords.protocol.table import LOOKS, TABLE
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Seat, Track, Watch

from .world import (
    AUTHOR,
    BISUKE,
    DARK,
    KAKASHI,
    LOOK,
    NARUTO,
    PAKKUN,
    PHONE,
    TICK,
    TSUNADE,
    Move,
    World,
    alarm,
    alarm_comes_back,
    at_closing,
    author_letters,
    glass,
    keeper_letters,
    opens,
    proves,
    restores,
    restores_seat,
    retracts,
    seals_to_all,
    signs,
    silence,
    states,
    tells,
    terms,
    watch,
)
from .world import holds as placed

Swap = tuple[Callable[..., Any], Callable[..., Any]]

KEEPERS = (BISUKE, KAKASHI, PAKKUN)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in which world it shows, and which invariant it breaks there. `swaps` are (right, wrong)."""

    name: str
    says: str
    world: World
    invariant: str
    swaps: tuple[Swap, ...]


class Planted(Protocol):
    """Anything that names what is put in the place of what."""

    @property
    def swaps(self) -> tuple[Swap, ...]: ...


@contextmanager
def planted(fault: Planted) -> Iterator[None]:
    """The machine with this fault in it, put right again at the end."""
    undo: list[Callable[[], None]] = []
    try:
        for right, wrong in fault.swaps:
            undo.extend(_swap(right, wrong))
        yield
    finally:
        for put_back in reversed(undo):
            put_back()


def _swap(right: Callable[..., Any], wrong: Callable[..., Any]) -> Iterator[Callable[[], None]]:
    """Replaces a function in every module, table and class of the machine that refers to it."""
    modules = [module for name, module in sys.modules.items() if name.startswith("lastwords.protocol")]
    spaces: list[dict[Any, Any]] = [vars(module) for module in modules]
    spaces += [*TABLE.values(), LOOKS, clocks._BY_STAGE]
    for space in spaces:
        for key in [key for key, value in space.items() if value is right]:
            space[key] = wrong
            yield lambda space=space, key=key: space.__setitem__(key, right)  # type: ignore[misc]
    if right is Wait.remaining:
        Wait.remaining = wrong  # type: ignore[method-assign]
        yield lambda: setattr(Wait, "remaining", right)


# Worlds just large enough.


def _world(name: str, *extra: Move, recipient: str = NARUTO, alike: bool = True, **more: Any) -> World:
    """From a missed check-in to a release, two keepers stating what they found, and whatever else is named."""
    start = watch(terms(**more.pop("plan", {})), ((Condition.DIED, recipient, ""),), **more)
    moves = [TICK, DARK, LOOK, *author_letters(1), *keeper_letters((BISUKE, KAKASHI))]
    moves += [states(keeper, Finding.DIED, start) for keeper in (BISUKE, KAKASHI)]
    return World(name, "", start, (*moves, *extra), (0, 1) if alike else None)


PLAIN = _world("plain")
SIGNED = _world("signed", *signs(PHONE))
HELD = _world("held", *placed(AUTHOR))
ALARMED = _world("alarmed", alarm(AUTHOR), alarm(PAKKUN), alike=False)
FOUND = _world("found", states(BISUKE, Finding.SPOKEN_WITH, PLAIN.start), retracts(BISUKE), alike=False)
ALIVE = _world("alive", *[states(one, Finding.SPOKEN_WITH, PLAIN.start) for one in (BISUKE, KAKASHI)])
RESTORED = _world("restored", *restores((BISUKE, KAKASHI)))
UNSEASONED = _world("unseasoned", unseasoned=(BISUKE,), season=9, alike=False)
OWN_WORDS = _world("own words", recipient=KAKASHI, alike=False)
PAIR = _world("pair", *silence(NARUTO), tells(PAKKUN, PLAIN.start.tracks[0]))
HANDING = _world(
    "handing", *placed(AUTHOR), tells(PAKKUN, PLAIN.start.tracks[0]), *opens(PLAIN.start.tracks[0])[:2]
)
SAID_OPEN = _world(
    "said open", *signs(PHONE), tells(PAKKUN, PLAIN.start.tracks[0]), *opens(PLAIN.start.tracks[0])[:2]
)
GROWING = World(
    "growing",
    "",
    watch(terms(quorum=1), ((Condition.DIED, NARUTO, ""),)),
    (
        TICK,
        LOOK,
        *[seals_to_all(PLAIN.start.tracks[0], KEEPERS[:count], k) for count in (1, 2, 3) for k in (0, 2)],
    ),
    None,
)
SILENT = _world("silent", *silence(BISUKE), alike=False)
EARLIER = _world("earlier", alarm(AUTHOR), states(BISUKE, Finding.DIED, PLAIN.start, case=0), alike=False)
STRANGER = _world(
    "stranger",
    alarm(AUTHOR),
    *signs(PHONE),
    *[move for keeper in (BISUKE, KAKASHI) for move in at_closing(keeper)],
)
GLASS = _world(
    "glass",
    *glass(KAKASHI, [(0, BISUKE), (2, PAKKUN)], troubled=False),
    restores_seat(BISUKE, KAKASHI),
    restores_seat(PAKKUN, KAKASHI),
    alike=False,
)
GLASS_BACK = _world(
    "glass that comes back",
    *glass(KAKASHI, [(0, BISUKE), (2, PAKKUN)], troubled=False),
    *[alarm_comes_back(place, person) for place, person in ((1, BISUKE), (3, PAKKUN))],
    alike=False,
)
RESTING = _world(
    "resting",
    *glass(KAKASHI, [(0, BISUKE), (2, PAKKUN)], troubled=False),
    restores_seat(BISUKE, KAKASHI),
    restores_seat(PAKKUN, KAKASHI),
    proves(KAKASHI, PLAIN.start.tracks[0]),
    resting=(KAKASHI,),
    alike=False,
)
ALONE = World(
    "alone",
    "",
    watch(terms(timer_only=True), ((Condition.DIED, NARUTO, ""),)),
    (TICK, DARK, LOOK, *author_letters(1, one=True)),
    None,
)


def _with_alternate() -> World:
    start = watch(terms(), ((Condition.DIED, NARUTO, ""), (Condition.DIED, TSUNADE, NARUTO)))
    moves = [TICK, LOOK, *author_letters(2), *keeper_letters((BISUKE, KAKASHI))]
    moves += [states(keeper, Finding.DIED, start) for keeper in (BISUKE, KAKASHI)]
    return World("alternate", "", start, tuple(moves), (0, 1))


ALTERNATE = _with_alternate()


# Wrong rules.


def _release_at_once(t: Turn, track: Track) -> None:
    tracks.track_released(t, t.set_track(track, stage=TrackStage.LAST_CALL))


def _wall_alone(wait: Wait, now: Moment) -> int:
    return max(0, wait.length - max(0, now.wall - wait.since.wall))


def _lowered_quorum(watch: Watch, track: Track) -> bool:
    suspended = sum(seat.stage is SeatStage.SUSPENDED for seat in watch.seats)
    return len(counting.supporters(watch, track)) >= watch.plan.quorum - suspended


def _countable(
    watch: Watch, seat: Seat, track: Track, *, unseasoned: bool, recipient: bool, silent: bool
) -> bool:
    ripe = (SeatStage.SEASONED, SeatStage.VERIFIED) if unseasoned else (SeatStage.SEASONED,)
    own = recipient and seat.keeper == track.recipient
    heard = silent or seat.keeper not in watch.silent
    return (
        seat.stage in ripe
        and heard
        and (own or seat.keeper != track.recipient and counting.holds_share(seat, track))
    )


def countable_but(**wrong: bool) -> Callable[[Watch, Seat, Track], bool]:
    flags = {"unseasoned": False, "recipient": False, "silent": False, **wrong}
    return lambda watch, seat, track: _countable(watch, seat, track, **flags)


def _running_on(watch: Watch) -> Iterator[Any]:
    yield from clocks._BY_STAGE[watch.stage](watch)


def nothing(*_: Any) -> None:
    pass


def nobody(_: Watch) -> tuple[Any, ...]:
    return ()


_ask_author = passage.ask_author


def _ask_and_wait(t: Turn, letter: Any) -> None:
    _ask_author(t, letter)
    t.set(wait=t.wait(t.watch.plan.late))


_tell = telling.tell


def tell_anyone(t: Turn) -> None:
    silent = t.watch.silent
    t.set(silent=())
    _tell(t)
    t.set(silent=silent)


def _whatever_is_held(rule: Callable[[Turn], None]) -> Callable[[Turn], None]:
    def wrong(t: Turn) -> None:
        holds = t.watch.holds
        t.set(holds=())
        rule(t)
        t.set(holds=holds)

    return wrong


_track_released = tracks.track_released


def _release_and_stay(t: Turn, track: Track) -> None:
    _track_released(t, track)
    t.set_track(track, stage=TrackStage.LAST_CALL, words=WordsStage.SEALED)


_raise_alarm = alarms.raise_alarm


def _alarm_in_haste(t: Turn) -> None:
    _raise_alarm(t)
    if t.watch.wait:
        passage.begin_vigil(t)


_taken = handover.taken


def _taken_whatever_round(t: Turn) -> None:
    if isinstance(t.event, e.LetterTaken) and not t.event.round:
        t.event = changed(t.event, round=t.watch.asking)
    _taken(t)


def _first_is_enough(t: Turn) -> None:
    if t.watch.stage is Stage.VIGIL:
        t.set(wait=t.watch.wait or t.wait(t.watch.plan.vigil))


def _no_quorum_of_deaths(watch: Watch, track: Track) -> bool:
    first = counting.primary_of(watch, track)
    return first is not None and first.words is WordsStage.RELEASED


def _glass_waits(t: Turn) -> None:
    for one in t.watch.glass:
        if one.wait is None:
            t.set_glass(one, stage=type(one.stage).WAITING, wait=t.wait(t.watch.plan.glass))


_begin_late = passage.begin_late


def _hears_nothing(t: Turn) -> None:
    """What came back is not asked about."""


def _back_to_counting(seat: Seat) -> SeatStage:
    return SeatStage.SEASONED


def _vigil_after_closing(t: Turn, letter: Any) -> None:
    if t.watch.stage is Stage.CLOSING:
        passage.begin_vigil(t)
    else:
        _begin_late(t, letter)


def _short_timer(t: Turn) -> int:
    return t.watch.plan.last_call


FAULTS = (
    Fault(
        "last_call_skipped",
        "a quorum releases at once",
        PLAIN,
        "I1",
        ((tracks.last_call_begins, _release_at_once),),
    ),
    Fault(
        "wall_time_instead_of_credit",
        "waits run while nobody could hear",
        PLAIN,
        "I1",
        ((Wait.remaining, _wall_alone),),
    ),
    Fault(
        "waits_from_writing",
        "late runs before its letter is taken",
        PLAIN,
        "I1",
        ((passage.ask_author, _ask_and_wait),),
    ),
    Fault(
        "old_letter_counts",
        "a letter of an earlier asking starts the wait",
        SIGNED,
        "I1",
        ((handover.taken, _taken_whatever_round),),
    ),
    Fault(
        "one_keeper_called",
        "the vigil runs when one keeper was reached",
        PLAIN,
        "I1",
        ((passage.recount, _first_is_enough),),
    ),
    Fault(
        "released_twice",
        "a released track stays in its last call",
        PLAIN,
        "I3",
        ((tracks.track_released, _release_and_stay),),
    ),
    Fault(
        "quorum_lowered",
        "a suspended seat lowers the quorum",
        GLASS,
        "I1",
        ((counting.quorum_stands, _lowered_quorum),),
    ),
    Fault(
        "recipient_counts",
        "a recipient's finding counts for their own words",
        OWN_WORDS,
        "I1",
        ((counting.countable, countable_but(recipient=True)),),
    ),
    Fault(
        "unseasoned_counts",
        "a keeper counts before they are seasoned",
        UNSEASONED,
        "I1",
        ((counting.countable, countable_but(unseasoned=True)),),
    ),
    Fault(
        "silent_keeper_counts",
        "a keeper counts who is silent themselves",
        SILENT,
        "I1",
        ((counting.countable, countable_but(silent=True)),),
    ),
    Fault("hold_stops_nothing", "clocks run on under a hold", HELD, "I1", ((clocks.running, _running_on),)),
    Fault(
        "hold_restarts_nothing",
        "after a hold the old wait goes on",
        HELD,
        "I1",
        ((passage.restart_stage, nothing),),
    ),
    Fault(
        "sign_keeps_statements",
        "a strong sign leaves statements standing",
        SIGNED,
        "I2",
        ((passage.void_statements, nothing),),
    ),
    Fault(
        "dissent_ignored",
        "somebody has spoken with the author, and it goes on",
        FOUND,
        "I1",
        ((counting.dissents, nobody),),
    ),
    Fault(
        "dissent_recalls_nothing",
        "two have spoken with the author, and what is out stays out",
        ALIVE,
        "I2",
        ((passage.recall, nothing),),
    ),
    Fault(
        "retraction_ignored", "a retracted finding still counts", FOUND, "I1", ((statements._drop, nothing),)
    ),
    Fault(
        "alarm_shortens_late",
        "an alarm in late calls the vigil at once",
        ALARMED,
        "I1",
        ((alarms.raise_alarm, _alarm_in_haste),),
    ),
    Fault(
        "restore_keeps_statements",
        "a restore revives what was signed",
        RESTORED,
        "I5",
        ((passage.void_statements, nothing),),
    ),
    Fault(
        "earlier_case_counts",
        "a statement of an earlier case is taken",
        EARLIER,
        "I5",
        ((statements._check_binding, nothing),),
    ),
    Fault(
        "told_while_silent",
        "a recipient is told whose own watch is silent",
        PAIR,
        "I10",
        ((telling.tell, tell_anyone),),
    ),
    Fault(
        "shares_under_hold",
        "the shares are handed out while all clocks stand",
        HANDING,
        "I2",
        ((telling.want_shares, _whatever_is_held(telling.want_shares)),),
    ),
    Fault(
        "opened_under_a_hold",
        "words whose shares are not out are open because somebody says so, though a clock stands",
        HANDING,
        "I2",
        ((telling.open_words, _whatever_is_held(telling.open_words)),),
    ),
    Fault(
        "open_by_word_alone",
        "the author lives, and words that are only said to be open are not taken back",
        SAID_OPEN,
        "I2",
        ((passage._only_said_to_be_open, lambda *_: False),),
    ),
    Fault(
        "minority_agrees",
        "words are sealed to more keepers than the quorum is a majority of",
        GROWING,
        "I1",
        ((sealed._check_majority, nothing),),
    ),
    Fault(
        "alternate_unsigned",
        "an alternate follows though nobody signed a death",
        ALTERNATE,
        "I10",
        ((counting.alternate_may_follow, _no_quorum_of_deaths),),
    ),
    Fault(
        "glass_without_alarms",
        "break glass waits for no alarm",
        GLASS,
        "I9",
        ((breakglass._start_waits, _glass_waits),),
    ),
    Fault(
        "bounced_alarm_stands",
        "an alarm about break glass that came back counts as handed over",
        GLASS_BACK,
        "I9",
        ((breakglass.alarm_bounced, _hears_nothing),),
    ),
    Fault(
        "restored_from_its_rest",
        "a seat that rests counts once others have restored it, though its share was not proven",
        RESTING,
        "I1",
        ((seats.back_to, _back_to_counting),),
    ),
    Fault(
        "strangers_sign_shortens",
        "a sign that was not theirs saves the asking",
        STRANGER,
        "I1",
        ((passage.begin_late, _vigil_after_closing),),
    ),
    Fault(
        "timer_skips_the_vigil",
        "a timer-only plan waits for its last call alone",
        ALONE,
        "I1",
        ((passage.last_call_length, _short_timer),),
    ),
)
