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
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import Wait
from lastwords.protocol.refusals import refuse
from lastwords.protocol.rules import (
    handover,
    passage,
    restoring,
    seats,
    signs,
    tracks,
)
from lastwords.protocol.stages import HoldCause, SeatStage, Stage, Strength, TrackStage
from lastwords.protocol.table import LOOKS, TABLE
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Track, Watch
from lastwords.server import credit, outbox, passes, port_memory, store
from lastwords.server.credit import Earned, Reading
from lastwords.server.port import Write
from lastwords.server.port_memory import MemoryPort
from lastwords.simulate import faults as small_worlds

from .script import Script

Swap = tuple[Callable[..., Any], Callable[..., Any]]
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


# Wrong credit.


def _ignoring(*reasons: str) -> Callable[..., Earned]:
    """Credit that does not care for these reasons to earn nothing."""
    right = credit.earn

    def earn(last: Reading, now: Reading, interval: int, *, way_out: bool, heard: bool) -> Earned:
        earned = right(last, now, interval, way_out=way_out, heard=heard)
        if earned.why in reasons:
            return Earned(max(0, now.boot_time - last.boot_time, now.wall - last.wall), "")
        return earned

    return earn


# A wrong store.

_commit, _keep, _drained, _act, _kept_letter = (
    MemoryPort.commit,
    store.Store._keep,
    store.Store._drained,
    store.Store.act,
    port_memory._keep_letter,
)


def _commit_whatever_revision(self: MemoryPort, write: Write) -> bool:
    kept = self.tables.watches.get(write.author)
    return _commit(self, changed(write, revision=kept.revision) if kept else write)


def _keep_no_letters(self: Any, pending: Any, step: Step, event: Any, now: Any, papers: Any) -> None:
    """Letters leave beside the transaction: a crash in between loses them."""
    _keep(self, pending, step, event, now, papers)
    self.port.post(tuple(pending.letters))
    pending.letters.clear()


def _keep_no_row_for_holds(self: Any, pending: Any, step: Step, event: Any, now: Any, papers: Any) -> None:
    _keep(self, pending, step, event, now, papers)
    if isinstance(event, e.MakeStatement) and pending.entries:
        last = pending.entries.pop()
        pending.head = type(pending.head)(
            last.number - 1, pending.entries[-1].link if pending.entries else b""
        )


def _drained_of_nothing(self: Any, kept: Any, now: Any) -> Any:
    return _drained(self, changed(kept, inbox=()), now)


def _lose_every_fifth(tables: Any, letter: Any) -> None:
    if int(letter.ident[:2], 16) % 5:
        _kept_letter(tables, letter)


def _look_until_nothing(self: Any, author: str, now: Any) -> Step:
    step: Step = self.act(author, e.Look(), now=now)
    while step.row is not None and (more := self.act(author, e.Look(), now=now)).row is not None:
        step = more
    return step


def _hear_nobody(*_: Any) -> None:
    """Word of a silence goes nowhere."""


# A wrong outbox.

_report_name, _report = outbox._report_name, outbox._report


def _always_taken(letter: Any, accepted: int) -> Any:
    return _report(letter, max(1, accepted))


def _give_up_quietly(self: Any, letter: Any, now: Any, why: str, answers: Any = ()) -> None:
    self.port.mark((outbox._mark(letter, now, stage="failed", next_try=None),))


# Wrong rules, beside those that small worlds know.


def _quorum_less_one(watch: Watch, track: Track) -> bool:
    if watch.plan.timer_only:
        return True
    return not counting.dissents(watch) and len(counting.supporters(watch, track)) >= max(
        1, watch.plan.quorum - 1
    )


def _any_signer(watch: Watch, signers: Any) -> bool:
    return bool(set(signers) & set(counting.counting(watch)))


_restore, _take_down = restoring.restore, passage.take_down


def _restore_without_hold(t: Turn) -> None:
    _restore(t)
    t.set(holds=tuple(hold for hold in t.watch.holds if hold.cause is not HoldCause.RESTORE))


def _take_nothing_down(t: Turn) -> None:
    passage.void_statements(t)


def _recall_nothing(t: Turn) -> None:
    out = {track.key: track for track in t.watch.tracks if track.stage is TrackStage.RELEASED}
    _take_down(t)
    t.set(tracks=tuple(out.get(track.key, track) for track in t.watch.tracks))


def _spend_nothing(t: Turn) -> None:
    """Weak signs count as often as they come."""


def _closing_for_a_moment(watch: Watch) -> Iterator[Any]:
    if watch.closing:
        yield "closing_lapses", None, Wait(watch.last_sign, 1)


def _unreached_at_once(watch: Watch) -> Iterator[Any]:
    yield from (
        ("author_unreached", None, Wait(wait.since, 1))
        if name == "author_unreached"
        else (name, subject, wait)
        for name, subject, wait in _late(watch)
    )


_late = clocks._late


def _glass_at_once(watch: Watch) -> Iterator[Any]:
    for name, subject, wait in _running(watch):
        yield name, subject, Wait(wait.since, 1) if name == "glass_opens" else wait


def _hold_for_an_hour(watch: Watch) -> Iterator[Any]:
    for name, subject, wait in _running(watch):
        yield name, subject, Wait(wait.since, 3600) if name == "hold_lapses" else wait


_running = clocks.running


def _survives_nothing(one: Wait, other: Wait) -> Wait:
    return one


def _receives_nothing(watch: Watch, person: str) -> bool:
    return False


def _last_call_on_writing(t: Turn, track: Track) -> None:
    _last_call_begins(t, track)
    t.set_track(t.watch.track(track.key) or track, wait=t.wait(t.watch.plan.last_call))


_last_call_begins = tracks.last_call_begins


def _one_channel_is_enough(t: Turn) -> None:
    if isinstance(t.event, e.LetterTaken):
        t.event = changed(t.event, channels=9)
    _taken(t)


_taken = handover.taken


def _seat_back_alone(t: Turn) -> None:
    seat = t.watch.seat(t.event.keeper)
    t.seat_of_actor()
    if seat is None or seat.stage is not SeatStage.SUSPENDED:
        raise refuse("seat_stage")
    t.set_seat(seat, stage=SeatStage.SEASONED, restored_by=())
    t.note("restored", seat.keeper)


def _strong_whatever(t: Turn) -> Strength:
    t.must_be_author()
    return Strength.STRONG


def _closing_forgets_late(t: Turn, credential: str) -> None:
    _begin_closing(t, credential)
    t.set(closing=changed(t.watch.closing, asked=True))


_begin_closing = passage.begin_closing


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
        "credit_in_the_dark", "a gap between pulses earns", ("I4",), ((credit.earn, _ignoring(credit.GAP)),)
    ),
    Sabotage(
        "credit_without_a_way_out",
        "time in which no letter could leave earns",
        ("I4",),
        ((credit.earn, _ignoring(credit.NO_WAY_OUT)),),
    ),
    Sabotage(
        "credit_unheard",
        "time in which nobody could be heard earns",
        ("I4",),
        ((credit.earn, _ignoring(credit.DEAF)),),
    ),
    Sabotage(
        "credit_by_the_wall",
        "a jump of the wall clock earns",
        ("I4",),
        ((credit.earn, _ignoring(credit.DISAGREE)),),
    ),
    Sabotage(
        "compare_and_set_dropped",
        "a write does not look whether another came first",
        ("I8",),
        patches=((MemoryPort, "commit", _commit_whatever_revision),),
        where=_happens("strike", "two servers"),
    ),
    Sabotage(
        "letters_beside_the_write",
        "letters are written after the state, not with it",
        ("I8",),
        patches=((store.Store, "_keep", _keep_no_letters),),
    ),
    Sabotage(
        "statements_without_a_row",
        "a statement changes the watch and leaves no row",
        ("I8",),
        patches=((store.Store, "_keep", _keep_no_row_for_holds),),
    ),
    Sabotage(
        "letters_lost_in_the_table",
        "some letters that a row names are not there",
        ("I8", "L1"),
        patches=((port_memory, "_keep_letter", _lose_every_fifth),),
    ),
    Sabotage(
        "two_steps_in_a_pass",
        "the sweep looks at a watch until nothing moves",
        ("I1",),
        patches=((store.Store, "look", _look_until_nothing),),
    ),
    Sabotage(
        "inbox_not_drained",
        "a watch is judged before it has heard of a silence",
        ("I10", "I1"),
        patches=((store.Store, "_drained", _drained_of_nothing),),
        where=_pairs,
    ),
    Sabotage(
        "silence_goes_nowhere",
        "no watch hears of another's silence",
        ("I10", "I1"),
        patches=((port_memory, "_ripple", _hear_nobody),),
        where=_pairs,
    ),
    Sabotage(
        "refused_counts_as_taken",
        "a letter that was refused is reported as handed over",
        ("I1", "I9"),
        ((outbox._report, _always_taken),),
    ),
    Sabotage(
        "given_up_quietly",
        "nobody is told of a letter that was given up",
        ("L3",),
        patches=((outbox.Outbox, "_give_up", _give_up_quietly),),
    ),
    Sabotage(
        "restore_untold",
        "a restored past is served as if nothing had been",
        ("I5",),
        ((passes.tell_restored, _hear_nobody),),
        where=_happens("restore"),
    ),
    Sabotage(
        "restore_without_hold",
        "nothing stands still after a restore",
        ("I5",),
        ((restoring.restore, _restore_without_hold),),
        where=_happens("restore"),
    ),
    Sabotage(
        "quorum_less_one",
        "one finding fewer is enough",
        ("I1",),
        ((counting.quorum_stands, _quorum_less_one),),
    ),
    Sabotage(
        "one_signer_is_a_quorum",
        "one signature does for a quorum",
        ("I1", "I5", "I11"),
        ((counting.is_quorum, _any_signer),),
    ),
    Sabotage(
        "sign_takes_nothing_down",
        "a sign of life stops no last call",
        ("I2",),
        ((passage.take_down, _take_nothing_down),),
    ),
    Sabotage(
        "nothing_recalled",
        "words stay out after a sign of life",
        ("I2",),
        ((passage.take_down, _recall_nothing),),
    ),
    Sabotage(
        "weak_signs_unbounded",
        "a machine signs for the dead for ever",
        ("L1",),
        ((signs._spend_weak, _spend_nothing),),
        where=_goes("machine"),
    ),
    Sabotage(
        "closing_for_a_moment",
        "a closing lapses at once",
        ("I1",),
        patches=((clocks._BY_STAGE, Stage.CLOSING, _closing_for_a_moment),),
    ),
    Sabotage(
        "unreached_at_once",
        "the first letter that fails calls the keepers",
        ("I1",),
        patches=((clocks._BY_STAGE, Stage.LATE, _unreached_at_once),),
    ),
    Sabotage(
        "glass_at_once",
        "the notes open as soon as the alarms are out",
        ("I9",),
        ((clocks.running, _glass_at_once),),
        where=_happens("breaks glass"),
    ),
    Sabotage(
        "holds_for_an_hour",
        "a hold ends long before its time",
        ("I1",),
        ((clocks.running, _hold_for_an_hour),),
    ),
    Sabotage(
        "survives_nothing",
        "an alternate follows without the survivorship time",
        ("I10",),
        ((clocks._longer, _survives_nothing),),
        where=_heirs,
    ),
    Sabotage(
        "alarm_alone",
        "a recipient raises the alarm alone",
        ("I11",),
        ((counting.receives_words, _receives_nothing),),
        where=_own_words,
    ),
    Sabotage(
        "bounce_ignored",
        "a letter that came back counts all the same",
        ("I1",),
        ((handover.bounced, _hear_nobody),),
        where=_happens("bounces"),
    ),
    Sabotage(
        "last_call_on_writing",
        "a last call runs before its letter is taken",
        ("I1",),
        ((tracks.last_call_begins, _last_call_on_writing),),
    ),
    Sabotage(
        "one_channel_is_enough",
        "one of two channels does",
        ("I1",),
        ((handover.taken, _one_channel_is_enough),),
        where=_two_channels,
    ),
    Sabotage(
        "seat_back_alone",
        "one keeper restores a suspended seat",
        ("I11",),
        ((seats.restore, _seat_back_alone),),
        where=_happens("breaks glass", "errand"),
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
        "closing_forgets_late",
        "a sign that was not theirs saves the rest of late",
        ("I1",),
        ((passage.begin_closing, _closing_forgets_late),),
        where=_goes("stranger", "accused", "trips"),
    ),
)
