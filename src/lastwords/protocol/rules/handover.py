"""What the outbox reports: letters taken, failed, bounced. A wait starts when its letters were handed over."""

from dataclasses import replace

from lastwords.protocol.counting import is_quorum
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Stage, TrackStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Track

from .breakglass import alarm_bounced, alarm_failed, alarm_taken
from .passage import ask_author, begin_vigil, last_call_length, reached
from .tracks import ask_to_try, settle_tried

ASKS = (LetterKind.CHECK_IN_MISSED, LetterKind.ALARM_ASKS, LetterKind.SECOND_REMINDER)
CALLS = (LetterKind.KEEPER_CALLED, LetterKind.ASKED_AGAIN)
MOST_BOUNCES = 2


def taken(t: Turn) -> None:
    """A letter was accepted by enough of the person's channels; starts whatever wait was waiting for it."""
    event, watch = t.event, t.watch
    if event.kind == LetterKind.GLASS_ALARM:
        alarm_taken(t)
    elif event.to == watch.author:
        if event.channels >= watch.plan.channels:
            _author_reached(t)
        else:
            _author_failing(t)
    elif _calls_this_keeper(t):
        reached(t, event.to)


def _calls_this_keeper(t: Turn) -> bool:
    """The letter is a call into this vigil or the question of this closing, of its newest round."""
    event, watch = t.event, t.watch
    if watch.stage is Stage.VIGIL:
        return bool(event.kind in CALLS and event.round == watch.asking)
    asked = watch.closing.round if watch.closing else None
    return bool(event.kind == LetterKind.HOME_QUESTION and event.round == asked)


def _author_reached(t: Turn) -> None:
    event, watch = t.event, t.watch
    if event.kind in ASKS and watch.stage is Stage.LATE and event.round == watch.asking:
        t.set(failing=None)
        if watch.wait is None:
            t.set(wait=t.wait(watch.plan.late))
            t.note("wait_begins", Stage.LATE)
    elif event.kind == LetterKind.LAST_CALL:
        called = _called_by(t)
        for track in called:
            if track.wait is None:
                t.set_track(track, wait=t.wait(last_call_length(t)))
                t.note("wait_begins", track.key)
        if called:
            t.set(failing=_failing_still(t), unreached=False)


def _called_by(t: Turn) -> list[Track]:
    """The tracks whose last call this letter is, or was."""
    number = t.event.round
    return [one for one in t.watch.tracks if one.stage is TrackStage.LAST_CALL and one.round == number]


def _failing_still(t: Turn) -> Moment | None:
    """Since when channels fail that took a last call a moment ago: where another one still waits for its own letter,
    which may never be taken, its days are counted from now on, or it would be waited for without an end (L1)."""
    waits = any(track.unheard for track in t.watch.tracks)
    return t.now if waits and t.watch.failing else None


def failed(t: Turn) -> None:
    """Every channel of a person refuses the letter so far. It is retried; people are told (L3)."""
    event, watch = t.event, t.watch
    if event.kind == LetterKind.GLASS_ALARM:
        alarm_failed(t)
    if event.to == watch.author:
        _author_failing(t)
    else:
        _task_for_keepers(t)


def _author_failing(t: Turn) -> None:
    """Fewer of the author's channels accept than the plan asks for: a wait that stands still for this letter must not
    stand still for ever."""
    if t.watch.failing is None and _waits_for_author(t):
        t.set(failing=t.now)
        t.note("author_failing")


def _task_for_keepers(t: Turn) -> None:
    """Somebody other than the author cannot be written to: the keepers are asked to reach them (L3). Once, until they
    are asked anew: a mailbox that takes letters and sends them back does so twice a day, for each letter. Not where
    the letter is about a word under force: the author reads of every task. The host hears of that one."""
    event, watch = t.event, t.watch
    if event.kind in (LetterKind.LETTER_TASK, LetterKind.UNDER_FORCE):
        return
    if watch.case_open and event.to not in watch.tasked:
        t.set(tasked=tuple(sorted({*watch.tasked, event.to})))
        t.note("letter_task", event.to)
        t.to_keepers(LetterKind.LETTER_TASK, but=event.to, person=event.to)


def _waits_for_author(t: Turn) -> bool:
    """The failing letter is one whose hand-over a wait stands still for."""
    event, watch = t.event, t.watch
    if watch.stage is Stage.LATE:
        return event.kind in ASKS and event.round == watch.asking and watch.wait is None
    return any(track.wait is None for track in _called_by(t))


def bounced(t: Turn) -> None:
    """A letter came back, and too few channels have it still: the wait it had started begins again, each wait twice at
    most, and that of break glass for each alarm (I9)."""
    event, watch = t.event, t.watch
    if event.kind == LetterKind.GLASS_ALARM and not event.channels:
        alarm_bounced(t)
    if event.channels >= (watch.plan.channels if event.to == watch.author else 1):
        return
    if event.to == watch.author:
        _author_bounced(t)
        return
    if event.to in watch.heard and _calls_this_keeper(t):
        _keeper_bounced(t)
    _task_for_keepers(t)


def _keeper_bounced(t: Turn) -> None:
    """A keeper had not been reached after all: when too few are left, the wait of the vigil or closing begins anew
    once a quorum has been reached again. Where it has led to a last call already it is not asked for any more."""
    watch, closing = t.watch, t.watch.closing
    heard = tuple(keeper for keeper in watch.heard if keeper != t.event.to)
    t.set(heard=heard)
    t.note("bounced", t.event.to)
    if is_quorum(watch, heard) or watch.bounces >= MOST_BOUNCES:
        return
    moved_on = any(track.stage is TrackStage.LAST_CALL or track.released for track in watch.tracks)
    if closing and closing.wait:
        t.set(closing=replace(closing, wait=None), bounces=watch.bounces + 1)
    elif watch.stage is Stage.VIGIL and watch.wait and not moved_on:
        t.set(wait=None, bounces=watch.bounces + 1)


def _author_bounced(t: Turn) -> None:
    event, watch = t.event, t.watch
    bounces = watch.bounces + 1
    if event.kind in ASKS and watch.stage is Stage.LATE and event.round == watch.asking and watch.wait:
        if watch.bounces >= MOST_BOUNCES:
            return
        t.new_asking()
        t.set(bounces=bounces, failing=t.now, reminded=False)
        t.note("bounced", Stage.LATE)
        ask_author(t, LetterKind.ALARM_ASKS if watch.case_open else LetterKind.CHECK_IN_MISSED)
    elif event.kind == LetterKind.LAST_CALL:
        _last_call_bounced(t)


def _last_call_bounced(t: Turn) -> None:
    again = [track for track in _called_by(t) if track.wait and track.bounces < MOST_BOUNCES]
    if not again:
        return
    t.new_round()
    for track in again:
        t.set_track(track, round=t.watch.round, wait=None, bounces=track.bounces + 1)
        t.note("bounced", track.key)
    t.set(failing=t.now)
    t.letter(LetterKind.LAST_CALL, t.watch.author, released=t.now.wall + last_call_length(t))


def author_unreached(t: Turn, _: None) -> None:
    """Every channel of the author has failed for 14 credited days: dead people's mailboxes close. In *late* the
    vigil begins all the same and the keepers are told so; in a last call they are asked to try in person, and what
    they have signed of that already counts."""
    t.set(unreached=True)
    t.note("author_unreached")
    if t.watch.stage is Stage.LATE:
        begin_vigil(t)
    else:
        settle_tried(t)
        ask_to_try(t)
