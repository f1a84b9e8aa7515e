"""Planted faults: one rule or part of the service made wrong, which the lives must notice by the right invariant.

A fault is planted from outside, by putting another function in the place of one of the shipped ones, and only inside
`planted`; no shipped code knows of it. Those of the machine that small worlds already know are taken from there.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lastwords.protocol import clocks, counting
from lastwords.protocol import events as e
from lastwords.protocol.moments import Wait
from lastwords.protocol.rules import (
    handover,
    passage,
    restoring,
    seats,
    signs,
    statements,
    tracks,
)
from lastwords.protocol.stages import Stage
from lastwords.protocol.table import LOOKS, TABLE
from lastwords.server import credit, passes, port_memory, store
from lastwords.server.outbox import learning, marks
from lastwords.server.port_memory import MemoryPort
from lastwords.simulate import faults as small_worlds
from lastwords.simulate.faults import Swap

from . import wrong_rules, wrong_service
from .cast import AUTHOR
from .script import Script

Patch = tuple[Any, str, Any]
"""Where (a module, class or table), under which name, what stands there instead."""


@dataclass(frozen=True, slots=True)
class Sabotage:
    """What is wrong, and the invariants by one of which it must be noticed first."""

    name: str
    says: str
    noticed: tuple[str, ...]
    swaps: tuple[Swap, ...] = ()
    patches: tuple[Patch, ...] = field(default=())
    where: Callable[[Script], bool] = lambda made: True
    """In which lives it could show at all; the others are not played."""


@contextmanager
def planted(sabotage: Sabotage) -> Iterator[None]:
    """The service with this fault in it, put right again at the end."""
    undo: list[Callable[[], None]] = []
    try:
        for right, wrong in sabotage.swaps:
            undo.extend(_everywhere(right, wrong))
        for place, name, wrong in sabotage.patches:
            undo.append(_at(place, name, wrong))
        yield
    finally:
        for put_back in reversed(undo):
            put_back()


def _everywhere(right: Callable[..., Any], wrong: Callable[..., Any]) -> Iterator[Callable[[], None]]:
    """Replaces a function in every module and table of the machine and the server that refers to it."""
    ours = ("lastwords.protocol", "lastwords.server")
    spaces: list[dict[Any, Any]] = [
        vars(module) for name, module in list(sys.modules.items()) if name.startswith(ours)
    ]
    for space in [*spaces, *TABLE.values(), LOOKS, clocks._BY_STAGE]:
        for key in [key for key, value in space.items() if value is right]:
            yield _at(space, key, wrong)


def _at(place: Any, name: Any, wrong: Any) -> Callable[[], None]:
    if isinstance(place, dict):
        right = place[name]
        place[name] = wrong
        return lambda: place.__setitem__(name, right)
    right = place.__dict__[name]
    setattr(place, name, wrong)
    return lambda: setattr(place, name, right)


# In which lives a fault could show.


def _pairs(made: Script) -> bool:
    return len(made.casts) > 1


def _heirs(made: Script) -> bool:
    return any(words[2] for words in made.casts[0].words)


def _own_words(made: Script) -> bool:
    cast = made.casts[0]
    return any(words[1] in cast.keepers for words in cast.words)


def _unvouched(made: Script) -> bool:
    return bool(made.casts[0].unvouched)


def _dies_later(made: Script) -> bool:
    return made.fates[AUTHOR].ill is not None and made.fates[AUTHOR].dies is not None


def _two_channels(made: Script) -> bool:
    return made.casts[0].plan.channels == 2


def _happens(*what: str) -> Callable[[Script], bool]:
    return lambda made: any(one.what in what or one.word in what for one in made.happenings)


def _goes(*courses: str) -> Callable[[Script], bool]:
    return lambda made: made.course in courses


_WHERE: dict[str, Callable[[Script], bool]] = {
    "one_keeper_called": _happens("refuses", "later"),
    "recipient_counts": _own_words,
    "unseasoned_counts": _unvouched,
    "silent_keeper_counts": _pairs,
    "told_while_silent": _pairs,
    "dissent_ignored": _goes("accused", "lives"),
    "alternate_unsigned": _heirs,
    "glass_without_alarms": _happens("breaks glass"),
}


def _from_small_worlds() -> Iterator[Sabotage]:
    """The faults that small worlds know and lives can meet, with what lives notice first."""
    by_name = {fault.name: fault for fault in small_worlds.FAULTS}
    for name, noticed in _SHARED.items():
        fault = by_name[name]
        waits = [wrong for right, wrong in fault.swaps if right is Wait.remaining]
        swaps = tuple(swap for swap in fault.swaps if swap[0] is not Wait.remaining)
        patches = tuple((Wait, "remaining", wrong) for wrong in waits)
        yield Sabotage(name, fault.says, noticed, swaps, patches, _WHERE.get(name, lambda made: True))


_SHARED: dict[str, tuple[str, ...]] = {
    "last_call_skipped": ("I1",),
    "wall_time_instead_of_credit": ("I1",),
    "waits_from_writing": ("I1",),
    "one_keeper_called": ("I1",),
    "released_twice": ("I3", "I1"),
    "recipient_counts": ("I1", "I11"),
    "unseasoned_counts": ("I1",),
    "silent_keeper_counts": ("I1",),
    "hold_stops_nothing": ("I1", "I5"),
    "hold_restarts_nothing": ("I1", "I5"),
    "sign_keeps_statements": ("I2",),
    "dissent_ignored": ("I1",),
    "restore_keeps_statements": ("I5", "I2"),
    "told_while_silent": ("I10",),
    "alternate_unsigned": ("I10",),
    "glass_without_alarms": ("I9",),
    "timer_skips_the_vigil": ("I1",),
}

SABOTAGE: tuple[Sabotage, ...] = (
    *_from_small_worlds(),
    Sabotage(
        "credit_in_the_dark",
        "a gap between pulses earns",
        ("I4",),
        ((credit.earn, wrong_service.ignoring(credit.GAP)),),
    ),
    Sabotage(
        "credit_without_a_way_out",
        "time in which no letter could leave earns",
        ("I4",),
        ((credit.earn, wrong_service.ignoring(credit.NO_WAY_OUT)),),
    ),
    Sabotage(
        "credit_unheard",
        "time in which nobody could be heard earns",
        ("I4",),
        ((credit.earn, wrong_service.ignoring(credit.DEAF)),),
    ),
    Sabotage(
        "credit_by_the_wall",
        "a jump of the wall clock earns",
        ("I4",),
        ((credit.earn, wrong_service.ignoring(credit.DISAGREE)),),
    ),
    Sabotage(
        "compare_and_set_dropped",
        "a write does not look whether another came first",
        ("I8",),
        patches=((MemoryPort, "commit", wrong_service.commit_whatever_revision),),
        where=_happens("strike", "two servers"),
    ),
    Sabotage(
        "letters_beside_the_write",
        "letters are written after the state, not with it",
        ("I8",),
        patches=((store.Store, "_keep", wrong_service.keep_no_letters),),
    ),
    Sabotage(
        "statements_without_a_row",
        "a statement changes the watch and leaves no row",
        ("I8",),
        patches=((store.Store, "_keep", wrong_service.keep_no_row_for_holds),),
    ),
    Sabotage(
        "letters_lost_in_the_table",
        "some letters that a row names are not there",
        ("I8", "L1"),
        patches=((port_memory, "_keep_letter", wrong_service.lose_every_fifth),),
    ),
    Sabotage(
        "two_steps_in_a_pass",
        "the sweep looks at a watch until nothing moves",
        ("I1",),
        patches=((store.Store, "look", wrong_service.look_until_nothing),),
    ),
    Sabotage(
        "inbox_not_drained",
        "a watch is judged before it has heard of a silence",
        ("I10", "I1"),
        patches=((store.Store, "_drained", wrong_service.drained_of_nothing),),
        where=_pairs,
    ),
    Sabotage(
        "silence_goes_nowhere",
        "no watch hears of another's silence",
        ("I10", "I1"),
        patches=((port_memory, "_ripple", wrong_service.hear_nobody),),
        where=_pairs,
    ),
    Sabotage(
        "refused_counts_as_taken",
        "a letter that was refused is reported as handed over",
        ("I1", "I9"),
        ((marks.report, wrong_service.always_taken),),
    ),
    Sabotage(
        "given_up_quietly",
        "nobody is told of a letter that was given up",
        ("L3",),
        patches=((learning.Learning, "give_up", wrong_service.give_up_quietly),),
    ),
    Sabotage(
        "restore_untold",
        "a restored past is served as if nothing had been",
        ("I5",),
        ((passes.tell_restored, wrong_service.hear_nobody),),
        where=_happens("restore"),
    ),
    Sabotage(
        "restore_without_hold",
        "nothing stands still after a restore",
        ("I5",),
        ((restoring.restore, wrong_rules.restore_without_hold),),
        where=_happens("restore"),
    ),
    Sabotage(
        "quorum_less_one",
        "one finding fewer is enough",
        ("I1",),
        ((counting.quorum_stands, wrong_rules.quorum_less_one),),
    ),
    Sabotage(
        "one_signer_is_a_quorum",
        "one signature does for a quorum",
        ("I1", "I5", "I11"),
        ((counting.is_quorum, wrong_rules.any_signer),),
    ),
    Sabotage(
        "sign_takes_nothing_down",
        "a sign of life stops no last call",
        ("I2",),
        ((passage.take_down, wrong_rules.take_nothing_down),),
    ),
    Sabotage(
        "nothing_recalled",
        "words stay out after a sign of life",
        ("I2",),
        ((passage.take_down, wrong_rules.recall_nothing),),
    ),
    Sabotage(
        "weak_signs_unbounded",
        "a machine signs for the dead for ever",
        ("L1",),
        ((signs._spend_weak, wrong_rules.spend_nothing),),
        where=_goes("machine"),
    ),
    Sabotage(
        "closing_for_a_moment",
        "a closing lapses at once",
        ("I1",),
        patches=((clocks._BY_STAGE, Stage.CLOSING, wrong_rules.closing_for_a_moment),),
    ),
    Sabotage(
        "unreached_at_once",
        "the first letter that fails calls the keepers",
        ("I1",),
        patches=((clocks._BY_STAGE, Stage.LATE, wrong_rules.unreached_at_once),),
    ),
    Sabotage(
        "glass_at_once",
        "the notes open as soon as the alarms are out",
        ("I9",),
        ((clocks.running, wrong_rules.glass_at_once),),
        where=_happens("breaks glass"),
    ),
    Sabotage(
        "holds_for_an_hour",
        "a hold ends long before its time",
        ("I1",),
        ((clocks.running, wrong_rules.hold_for_an_hour),),
    ),
    Sabotage(
        "survives_nothing",
        "an alternate follows without the survivorship time",
        ("I10",),
        ((clocks._longer, wrong_rules.survives_nothing),),
        where=_heirs,
    ),
    Sabotage(
        "alarm_alone",
        "a recipient raises the alarm alone",
        ("I11",),
        ((counting.receives_words, wrong_rules.receives_nothing),),
        where=_own_words,
    ),
    Sabotage(
        "bounce_ignored",
        "a letter that came back counts all the same",
        ("I1",),
        ((handover.bounced, wrong_service.hear_nobody),),
        where=_happens("bounces"),
    ),
    Sabotage(
        "last_call_on_writing",
        "a last call runs before its letter is taken",
        ("I1",),
        ((tracks.last_call_begins, wrong_rules.last_call_on_writing),),
    ),
    Sabotage(
        "one_channel_is_enough",
        "one of two channels does",
        ("I1",),
        ((handover.taken, wrong_rules.one_channel_is_enough),),
        where=_two_channels,
    ),
    Sabotage(
        "one_channel_is_left",
        "one of two channels has sent the letter back, and the wait runs on",
        ("I1",),
        ((handover.bounced, wrong_rules.one_channel_is_left),),
        where=_two_channels,
    ),
    Sabotage(
        "seat_back_alone",
        "one keeper restores a suspended seat",
        ("I11",),
        ((seats.restore, wrong_rules.seat_back_alone),),
        where=_happens("breaks glass", "errand"),
    ),
    Sabotage(
        "practice_without_rest",
        "a seat counts on though its keeper missed the practice",
        ("I1",),
        ((seats.practice_ends, wrong_rules.practice_without_rest),),
    ),
    Sabotage(
        "terms_change_in_a_vigil",
        "keepers are invited and removed while a case is open",
        ("I11",),
        patches=(
            (TABLE[e.InviteKeeper], Stage.VIGIL, seats.invite),
            (TABLE[e.RemoveKeeper], Stage.VIGIL, seats.remove),
        ),
    ),
    Sabotage(
        "a_finding_for_good",
        "who has said that the author cannot act can never say that they have died",
        ("L1",),
        ((statements._resting_on, wrong_rules.bound_to_its_finding),),
        where=_dies_later,
    ),
    Sabotage(
        "seasons_in_a_case",
        "a seat comes to count while a case is open",
        ("I11",),
        ((clocks.running, wrong_rules.seasons_whenever),),
        where=_unvouched,
    ),
    Sabotage(
        "closing_forgets_late",
        "a sign that was not theirs saves the rest of late",
        ("I1",),
        ((passage.begin_closing, wrong_rules.closing_forgets_late),),
        where=_goes("stranger", "accused", "trips"),
    ),
)
