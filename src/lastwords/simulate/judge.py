"""The invariants of small worlds, judged on the explorer's own memory of what happened (see `history`).

- I1: no release without credited silence, each stage's letters handed over (or their stand-in), a quorum, and a
  full last call
- I2: a strong sign of life stands everything down
- I3: at most one standing release of each track
- I4: every counter here runs on credit alone, so a step that came sooner was given by a clock nobody could hear
- I5: a statement of an earlier case never counts
- I9: break glass never opens before its alarms were handed over and its wait has run
- I10: nobody silent or stated dead is handed words, and a silent keeper's finding does not count
- I11: a recipient's own finding never counts for their own words, nor may they raise the
  alarm alone
"""

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind, Step
from lastwords.protocol.stages import GlassStage, HoldCause, Stage, Strength, TrackStage, WordsStage
from lastwords.protocol.watch import Track, Watch

from .broken import Broken
from .canonical import State
from .history import SPOKEN, History, last_call_length
from .remembering import (
    CALLS,
    count_alarms,
    death_stands,
    must_recall,
    quorum_of,
    quorum_signed,
    remember,
)
from .world import ASK_BIT, AUTHOR, GLASS_BIT, KEEPER_BIT, LAST_BIT, Move, World

ASKS = (LetterKind.CHECK_IN_MISSED, LetterKind.ALARM_ASKS, LetterKind.SECOND_REMINDER)


def follow(world: World, before: State, move: Move, step: Step) -> State:
    """The state after an accepted step, with everything remembered. Raises `Broken` when an invariant breaks."""
    watch, now, event = before.watch, step.watch, move.event
    history = before.history.copy()
    remember(world, history, watch, event, now)
    if watch.stage is not now.stage:
        _judge_stage(world, history, watch.stage, now)
    for place, (old, new) in enumerate(zip(watch.tracks, now.tracks, strict=True)):
        if old is not new:
            _judge_track(world, history, place, old, new)
    for what, about in step.row.happened if step.row else ():
        if what == "released":
            _judge_release(world, history, about, watch)
    if isinstance(event, e.CheckIn) and event.strength is Strength.STRONG:
        _judge_sign(now)
    if now.glass is not watch.glass:
        _judge_glass(world, history, watch, now)
    letters = before.letters & ~move.bit if move.takes else before.letters
    return State(now, _letters(world, letters, watch, step), history)


# Judging.


def _judge_stage(world: World, h: History, old: Stage, now: Watch) -> None:
    plan, new = now.plan, now.stage
    if (
        h.held(plan)
        and (old, new) in ((Stage.LATE, Stage.VIGIL), (Stage.WELL, Stage.LATE))
        and not now.case_open
    ):
        raise Broken("I1", f"from {old} to {new} while a hold stands")
    if new is Stage.VIGIL:
        if old is Stage.LATE:
            if h.late <= plan.late and h.failing <= plan.unreached:
                raise Broken("I1", "the vigil began before the author was asked for the whole wait")
            h.answered = 1
        elif old is Stage.CLOSING:
            _judge_lapse(world, h, now)
            h.answered = h.answered or int(h.closing > plan.closing)
        else:
            raise Broken("I1", f"from {old} straight to the vigil")
        if any(keeper.finding == SPOKEN for keeper in h.keepers):
            h.hold(HoldCause.SPOKEN_WITH, 1)
    elif new is Stage.LATE:
        if old is Stage.CLOSING:
            _judge_lapse(world, h, now)
        h.answered = h.failing = 0
        h.forget_findings()
        h.hold(HoldCause.SPOKEN_WITH, 0)
    elif new is Stage.WELL:
        h.answered = h.failing = 0
        if old is Stage.VIGIL and not plan.timer_only:
            raise Broken("I2", "from the vigil straight home, with nobody asked")
        h.forget_findings()
        for cause in HoldCause:
            if cause is not HoldCause.CLOCK:
                h.hold(cause, 0)
    h.stop()
    for keeper in h.keepers:
        keeper.home = keeper.not_them = 0


def _judge_lapse(world: World, h: History, now: Watch) -> None:
    """A closing ends otherwise than at home: by its whole wait, or by a quorum that says it was not them."""
    not_them = [keeper.not_them for keeper in h.keepers]
    if h.closing <= now.plan.closing and not quorum_signed(world, h, now, not_them):
        raise Broken("I1", "a closing ended neither by its whole wait nor by a quorum")


def _judge_track(world: World, h: History, place: int, old: Track, new: Track) -> None:
    course = h.courses[place]
    if old.stage is not new.stage:
        if new.stage is TrackStage.LAST_CALL:
            _judge_last_call(world, h, new)
            course.last_call = course.stand_in = 0
        elif new.stage is TrackStage.RELEASED:
            if new.words not in (WordsStage.RELEASED, WordsStage.OPENED):
                raise Broken("I1", f"{new.key} was released in no known way")
        else:
            course.last_call = course.stand_in = 0
            for keeper in h.keepers:
                keeper.tried &= ~(1 << place)
    if new.words in (WordsStage.RECALLED, WordsStage.PASSED_ON) and old.words is not new.words:
        course.out = course.told = course.age = 0


def _judge_last_call(world: World, h: History, track: Track) -> None:
    plan = world.start.plan
    if plan.timer_only:
        return
    if h.held(plan):
        raise Broken("I1", "a last call began while a hold stands")
    if h.vigil <= plan.vigil:
        raise Broken("I1", "a last call began before a quorum of keepers had been asked for the whole wait")
    if not quorum_of(world, h, track, plan.quorum):
        raise Broken("I1", f"a last call began without a quorum for {track.key}")


def _judge_release(world: World, h: History, key: str, watch: Watch) -> None:
    """Judges a release that the log names, against the watch as it was before."""
    place = next(index for index, track in enumerate(watch.tracks) if track.key == key)
    old = track = watch.tracks[place]
    plan, course = world.start.plan, h.courses[place]
    if course.out:
        raise Broken("I3", f"{track.key} was released twice")
    if old.stage is not TrackStage.LAST_CALL:
        raise Broken("I1", f"{track.key} was released without a last call")
    if h.held(plan):
        raise Broken("I1", f"{track.key} was released while a hold stands")
    if course.last_call <= (plan.unreached if course.stand_in else last_call_length(plan)):
        raise Broken(
            "I1", f"the last call for {track.key} had not run in full, or its letter was not handed over"
        )
    if not h.answered:
        raise Broken("I1", f"{track.key} was released although the author was never asked for the whole wait")
    if not plan.timer_only and not quorum_of(world, h, track, plan.quorum):
        raise Broken("I1", f"{track.key} was released without a quorum")
    if any(keeper.finding == SPOKEN and not keeper.suspended for keeper in h.keepers) and h.held(plan):
        raise Broken("I1", f"{track.key} was released against somebody who has spoken with the author")
    if track.instead_of:
        _judge_alternate(world, h, track)
    course.out, course.told, course.age = 1, 0, 1


def _judge_alternate(world: World, h: History, track: Track) -> None:
    first = next(i for i, other in enumerate(world.start.tracks) if other.recipient == track.instead_of)
    if not death_stands(world, h, world.start, first):
        raise Broken(
            "I10", f"{track.key} was released although no quorum signed that {track.instead_of} died"
        )
    if h.courses[first].told:
        raise Broken("I10", f"{track.key} was released although {track.instead_of} had been told")


def _judge_sign(now: Watch) -> None:
    if now.stage not in (Stage.CLOSING, Stage.WELL) or now.statements:
        raise Broken("I2", "a strong sign of life left the watch, or a statement, standing")
    must_recall(now, "a strong sign of life")


def _judge_glass(world: World, h: History, watch: Watch, now: Watch) -> None:
    for glass in now.glass:
        old = next((one for one in watch.glass if one.keeper == glass.keeper), None)
        opened = glass.stage is GlassStage.OPEN and (old is None or old.stage is not GlassStage.OPEN)
        if opened and h.glass <= world.start.plan.glass:
            raise Broken("I9", "the notes opened before the alarms were out and their wait had run")
        if old is None or glass.taken != old.taken or glass.failed != old.failed:
            count_alarms(world, h, now, glass.keeper, set(glass.taken), set(glass.failed))


# Letters on their way.


def _letters(world: World, letters: int, watch: Watch, step: Step) -> int:
    """Which letters of the newest rounds are written and not yet taken."""
    now = step.watch
    if now.stage is not Stage.LATE or now.asking != watch.asking:
        letters &= ~ASK_BIT
    for place, (old, new) in enumerate(zip(watch.tracks, now.tracks, strict=True)):
        if new.stage is not TrackStage.LAST_CALL or new.round != old.round:
            letters &= ~(LAST_BIT << place)
    if now.asking != watch.asking or now.stage not in (Stage.VIGIL, Stage.CLOSING):
        letters &= ~(sum(KEEPER_BIT << place for place in range(len(world.keepers))))
    for letter in step.letters:
        letters |= _bit(world, now, letter.kind, letter.to, letter.round)
    if now.glass and not any(glass.stage is GlassStage.ASKED for glass in now.glass):
        letters &= GLASS_BIT - 1
    return letters


def _bit(world: World, now: Watch, kind: LetterKind, to: str, number: int) -> int:
    if kind in ASKS:
        return ASK_BIT if now.stage is Stage.LATE and number == now.asking and not now.wait else 0
    if kind is LetterKind.LAST_CALL:
        return sum(LAST_BIT << place for place, track in enumerate(now.tracks) if _awaits(track, number))
    if kind is LetterKind.GLASS_ALARM:
        place = 0 if to == AUTHOR else 1 + world.keepers.index(to)
        return GLASS_BIT << place
    if kind in CALLS or kind is LetterKind.HOME_QUESTION:
        return KEEPER_BIT << world.keepers.index(to) if number == now.asking else 0
    return 0


def _awaits(track: Track, number: int) -> bool:
    return track.stage is TrackStage.LAST_CALL and track.round == number and track.wait is None
