"""A watch that comes from a backup: what it knows may be old, so nothing of it may be acted on (I5)."""

from dataclasses import replace

from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Wait
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import GlassStage, HoldCause, Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import HOST, Hold

from .passage import restart_stage, void_statements


def restore(t: Turn) -> None:
    """Voids statements and shares of open cases, starts every wait again, raises the epoch, and holds until the
    author or a quorum of keepers has spoken."""
    if t.event.by != HOST:
        raise refuse("only_the_host")
    void_statements(t)
    _forget_signatures(t)
    _begin_waits_anew(t)
    t.set(epoch=t.watch.epoch + 1)
    restart_stage(t)
    for glass in t.watch.glass:
        if glass.stage in (GlassStage.ASKED, GlassStage.WAITING):
            t.set_glass(glass, stage=GlassStage.DENIED, wait=None, denied_by=HOST)
    if t.watch.stage is not Stage.DRAFT:
        # A *spoken with* is void with every other statement, and its hold would stand for nobody.
        past = (HoldCause.RESTORE, HoldCause.SPOKEN_WITH)
        holds = tuple(hold for hold in t.watch.holds if hold.cause not in past)
        t.set(holds=(*holds, Hold(HoldCause.RESTORE, HOST, None)))
        t.asks_again()
        _write_of_it(t)
    t.note("restored", str(t.watch.epoch))


def ask_again(t: Turn, _: Hold) -> None:
    """Nobody has said yet that things can go on. This hold never ends by time, so it is written of again."""
    t.asks_again()
    t.note("asked_again")
    _write_of_it(t)


def _write_of_it(t: Turn) -> None:
    t.letter(LetterKind.RESTORED, t.watch.author)
    t.to_keepers(LetterKind.RESTORED)


def _begin_waits_anew(t: Turn) -> None:
    """Every wait that runs beside the stage's own: holds, seasons, a practice, and what is counted from a release."""
    watch = t.watch
    t.set(holds=tuple(replace(hold, wait=_anew(t, hold.wait)) for hold in watch.holds))
    for seat in watch.seats:
        t.set_seat(seat, season=_anew(t, seat.season))
    for track in watch.tracks:
        t.set_track(track, released=t.now if track.released else None)
    if watch.practice:
        t.set(practice=replace(watch.practice, wait=t.wait(watch.practice.wait.length)))


def _anew(t: Turn, wait: Wait | None) -> Wait | None:
    return wait and t.wait(wait.length)


def _forget_signatures(t: Turn) -> None:
    """Signatures that were still short of a quorum may have been taken back since: none of them is revived."""
    if t.watch.case_open:
        t.set_case(home=(), ended_by=())
    if t.watch.closing is not None:
        t.set(closing=replace(t.watch.closing, not_them=()))
    if t.watch.force is not None:
        t.set(force=replace(t.watch.force, signed=()))
    for track in t.watch.tracks:
        t.set_track(track, tried=(), deaths=())
    for seat in t.watch.seats:
        t.set_seat(seat, restored_by=())
