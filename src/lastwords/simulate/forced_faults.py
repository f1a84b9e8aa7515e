"""Planted faults of the word under force: each one rule made wrong, which the search of `forced` alone must notice."""

from dataclasses import dataclass

from lastwords.protocol import counting, quiet
from lastwords.protocol.rules import force, passage, tracks
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Force, Track, Watch

from .faults import Swap
from .forced import CALLED, KEEPERS, LATER, SAME


@dataclass(frozen=True, slots=True)
class ForceFault:
    """What is wrong, what must catch it, and whom the word called in the world where it shows."""

    name: str
    judged: str
    swaps: tuple[Swap, ...]
    called: tuple[str, ...] = KEEPERS


_last_call_begins, _speak_in_late = tracks.last_call_begins, force.speak_in_late


def _last_call_all_the_same(t: Turn, track: Track) -> None:
    mark = t.watch.force
    t.set(force=None)
    _last_call_begins(t, track)
    t.set(force=mark)


def _as_it_is(watch: Watch) -> Watch:
    return watch


def _never(_watch: Watch, _track: Track) -> bool:
    return False


def _one_is_enough(t: Turn) -> None:
    if t.watch.force is not None:
        force.lift(t)


def _goes_on(t: Turn) -> None:
    pass


def _told_aloud(t: Turn, mark: Force) -> None:
    """The keepers' letters with a row of their own, as any other step has one."""
    force_told(t, mark)
    t.note("keepers_told")


force_told = force.tell_keepers


def _speak_and_hold(t: Turn) -> None:
    """A word that keeps the watch in *late*: what a hold would do."""
    stage = t.watch.stage
    _speak_in_late(t)
    t.set(stage=stage)


FAULTS = (
    ForceFault("the mark is ignored", LATER, ((_last_call_begins, _last_call_all_the_same),)),
    ForceFault("the author's view shows it", SAME, ((quiet.unmarked, _as_it_is),)),
    ForceFault(
        "a circle that was never told has it lifted", LATER, ((counting.barred_by_force, _never),), CALLED
    ),
    ForceFault("one keeper lifts it", LATER, ((force.sign_free, _one_is_enough),)),
    ForceFault("what was running goes on where it was", LATER, ((passage.restart_stage, _goes_on),)),
    ForceFault("the telling stands in the author's log", SAME, ((force.tell_keepers, _told_aloud),)),
    ForceFault("the word stops what a check-in would not", SAME, ((_speak_in_late, _speak_and_hold),)),
)
