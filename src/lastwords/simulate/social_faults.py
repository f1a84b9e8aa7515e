"""Planted faults about who counts, for the searches of statements (`quorums`) and of rings (`circles`)."""

from dataclasses import dataclass

from lastwords.protocol import counting
from lastwords.protocol.refusals import refuse
from lastwords.protocol.rules import passage, seats, statements, telling
from lastwords.protocol.stages import Condition, Finding, SeatStage, Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Seat, Track, Watch

from .circles import NEXT, Ring
from .faults import Swap, countable_but, nobody, nothing, tell_anyone
from .quorums import EVERY, RECIPIENT, SILENT, SUSPENDED, UNSEASONED, Circle
from .world import NARUTO, TSUNADE


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, where it shows, and words of the offence it must be caught with."""

    name: str
    where: Circle | Ring
    caught: str
    swaps: tuple[Swap, ...]


_supporters = counting.supporters
_quorum_stands = counting.quorum_stands
_death_signed = counting.death_signed


def _one_fewer(watch: Watch, track: Track) -> bool:
    return not counting.dissents(watch) and len(_supporters(watch, track)) >= watch.plan.quorum - 1


def _helpless_are_dead(watch: Watch, track: Track) -> tuple[str, ...]:
    made = [one.keeper for one in watch.statements if one.finding is Finding.CANNOT_ACT]
    counted = [seat.keeper for seat in watch.seats if counting.countable(watch, seat, track)]
    return (*_supporters(watch, track), *(keeper for keeper in made if keeper in counted))


def _suspended_counts(watch: Watch, seat: Seat, track: Track) -> bool:
    fit = seat.stage in (SeatStage.SEASONED, SeatStage.SUSPENDED) and seat.keeper not in watch.silent
    return fit and seat.keeper != track.recipient and counting.holds_share(seat, track)


def _everybody(watch: Watch, track: Track) -> bool:
    """Waits for every seat, that of a silent keeper too."""
    stated = {made.keeper for made in watch.statements}
    return {seat.keeper for seat in watch.seats if seat.keeper != track.recipient} <= stated


def _nobody_is_dead(watch: Watch, track: Track) -> bool:
    return False


def _heirs_sign(watch: Watch, track: Track) -> bool:
    return len(set(track.deaths) & set(counting.counting(watch)) - {track.recipient}) >= watch.plan.quorum


def _alternates_live(t: Turn, track: Track) -> None:
    """Looks at the first recipient's death alone."""
    if t.watch.stage is not Stage.VIGIL or t.watch.holds:
        raise refuse("clocks_stand")
    if track.recipient in t.watch.silent:
        raise refuse("recipient_silent")
    if not track.instead_of and _death_signed(t.watch, track):
        raise refuse("recipient_died")


def _unsigned_follow(watch: Watch, track: Track) -> bool:
    first = counting.primary_of(watch, track)
    return first is not None and first.words == "released"


_enter = passage.enter


def _enter_unheard(t: Turn, stage: Stage) -> None:
    _enter(t, stage)
    t.ripples.clear()


_hear = seats.hear_of_silence


def _silent_for_ever(t: Turn) -> None:
    if t.event.silent:
        _hear(t)


PLAIN = Circle(2, 2, (RECIPIENT,))
PAIR = Ring(2, (NEXT,), NARUTO)

OF_QUORUMS = (
    Wrong("quorum_lowered", PLAIN, "with 1 behind it", ((_quorum_stands, _one_fewer),)),
    Wrong(
        "recipient_counts", PLAIN, "with 1 behind it", ((counting.countable, countable_but(recipient=True)),)
    ),
    Wrong(
        "unseasoned_counts",
        Circle(2, 2, (RECIPIENT, UNSEASONED)),
        "with 1 behind it",
        ((counting.countable, countable_but(unseasoned=True)),),
    ),
    Wrong(
        "suspended_counts",
        Circle(2, 2, (RECIPIENT, SUSPENDED)),
        "with 1 behind it",
        ((counting.countable, _suspended_counts),),
    ),
    Wrong(
        "silent_counts",
        Circle(2, 2, (RECIPIENT, SILENT)),
        "with 1 behind it",
        ((counting.countable, countable_but(silent=True)),),
    ),
    Wrong("dissent_ignored", PLAIN, "spoken with the author", ((counting.dissents, nobody),)),
    Wrong("fallen_quorum_unseen", PLAIN, "goes on with 1 behind it", ((statements.settle, nothing),)),
    Wrong("retraction_ignored", PLAIN, "have spoken with the author", ((statements._drop, nothing),)),
    Wrong(
        "helpless_are_dead",
        Circle(2, 2, (RECIPIENT,), EVERY[:3], Condition.DIED),
        "with 1 behind it",
        ((_supporters, _helpless_are_dead),),
    ),
)

OF_RINGS = (
    Wrong("silent_counts", PAIR, "is never told", ((counting.countable, countable_but(silent=True)),)),
    Wrong(
        "told_while_silent",
        Ring(2, (), NEXT),
        "told while their own watch is silent",
        ((telling.tell, tell_anyone),),
    ),
    Wrong(
        "told_though_dead",
        Ring(2, (), NEXT),
        "told although a quorum signed",
        ((_death_signed, _nobody_is_dead),),
    ),
    Wrong(
        "dead_alternate_told",
        Ring(2, (NEXT,), NARUTO, TSUNADE),
        "told although a quorum signed",
        ((telling._may_hand_over, _alternates_live),),
    ),
    Wrong(
        "alternate_unsigned",
        Ring(2, (NEXT,), NARUTO, TSUNADE),
        "though no quorum signed",
        ((counting.alternate_may_follow, _unsigned_follow),),
    ),
    Wrong(
        "heirs_sign",
        Ring(2, (NEXT,), NARUTO, NEXT),
        "is never told",
        ((_death_signed, _heirs_sign),),
    ),
    Wrong("seat_waited_for", PAIR, "is never released", ((_quorum_stands, _everybody),)),
    Wrong("silence_unheard", PAIR, "for silent", ((_enter, _enter_unheard),)),
    Wrong(
        "silent_for_ever",
        Ring(2, (NEXT,), NARUTO, returns=True),
        "for silent",
        ((_hear, _silent_for_ever),),
    ),
)
