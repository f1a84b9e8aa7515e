"""What the outbox reports: letters taken, failed, bounced. A wait starts when its letters were handed over."""

from dataclasses import replace

from lastwords.protocol.counting import counting, is_quorum
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.stages import Stage, TrackStage
from lastwords.protocol.turn import Turn

from .breakglass import alarm_failed, alarm_taken
from .passage import ask_author, begin_vigil, last_call_length

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
    elif _calls_this_keeper(t):
        t.set(heard=tuple(sorted({*watch.heard, event.to})))
        recount(t)


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
        t.set(failing=None, unreached=False)
        if watch.wait is None:
            t.set(wait=t.wait(watch.plan.late))
            t.note("wait_begins", Stage.LATE)
    elif event.kind == LetterKind.LAST_CALL:
        for track in watch.tracks:
            if track.stage is TrackStage.LAST_CALL and track.round == event.round:
                t.set(failing=None, unreached=False)
                if track.wait is None:
                    t.set_track(track, wait=t.wait(last_call_length(t)))
                    t.note("wait_begins", track.key)


def recount(t: Turn) -> None:
    """Begins the wait of a vigil or a closing once those who were reached make a quorum; also when a keeper who had
    been reached before comes to count only now, or nothing would ever begin it."""
    watch, closing = t.watch, t.watch.closing
    if watch.stage is Stage.VIGIL and watch.wait is None and is_quorum(watch, watch.heard):
        t.set(wait=t.wait(watch.plan.vigil))
        t.note("wait_begins", Stage.VIGIL)
    elif closing and closing.wait is None and is_quorum(watch, watch.heard):
        t.set(closing=replace(closing, wait=t.wait(watch.plan.closing)))
        t.note("wait_begins", Stage.CLOSING)


def failed(t: Turn) -> None:
    """Every channel of a person refuses the letter so far. It is retried; people are told (L3)."""
    event, watch = t.event, t.watch
    if event.kind == LetterKind.GLASS_ALARM:
        alarm_failed(t)
    if event.to == watch.author:
        if watch.failing is None and _waits_for_author(t):
            t.set(failing=t.now)
            t.note("author_failing")
    elif watch.case_open and event.kind != LetterKind.LETTER_TASK:
        t.note("letter_task", event.to)
        t.to_keepers(LetterKind.LETTER_TASK, but=event.to, person=event.to)


def _waits_for_author(t: Turn) -> bool:
    """The failing letter is one whose hand-over a wait stands still for."""
    event, watch = t.event, t.watch
    if watch.stage is Stage.LATE:
        return event.kind in ASKS and event.round == watch.asking and watch.wait is None
    return any(
        track.stage is TrackStage.LAST_CALL and track.round == event.round and track.wait is None
        for track in watch.tracks
    )


def bounced(t: Turn) -> None:
    """The only accepted copy came back: the wait it had started begins again, twice at most. Who did not get it
    becomes a task for the other keepers while a case is open, however often it has happened (L3)."""
    event, watch = t.event, t.watch
    if event.to != watch.author and watch.case_open and event.kind != LetterKind.LETTER_TASK:
        t.note("letter_task", event.to)
        t.to_keepers(LetterKind.LETTER_TASK, but=event.to, person=event.to)
    if watch.bounces >= MOST_BOUNCES:
        return
    if event.to == watch.author:
        _author_bounced(t)
    elif event.kind in CALLS and watch.stage is Stage.VIGIL and event.to in watch.heard:
        heard = tuple(keeper for keeper in watch.heard if keeper != event.to)
        asked = any(track.stage is not TrackStage.ASKED for track in watch.tracks)
        t.set(heard=heard)
        if watch.wait and not asked and len(set(heard) & set(counting(watch))) < watch.plan.quorum:
            t.set(wait=None, bounces=watch.bounces + 1)
        t.note("bounced", event.to)


def _author_bounced(t: Turn) -> None:
    event, watch = t.event, t.watch
    bounces = watch.bounces + 1
    if event.kind in ASKS and watch.stage is Stage.LATE and event.round == watch.asking and watch.wait:
        t.new_asking()
        t.set(bounces=bounces, failing=t.now, reminded=False)
        t.note("bounced", Stage.LATE)
        ask_author(t, LetterKind.ALARM_ASKS if watch.case_open else LetterKind.CHECK_IN_MISSED)
    elif event.kind == LetterKind.LAST_CALL:
        for track in watch.tracks:
            if track.stage is TrackStage.LAST_CALL and track.round == event.round and track.wait:
                t.new_round()
                t.set_track(track, round=t.watch.round, wait=None)
                t.set(bounces=bounces, failing=t.now)
                t.note("bounced", track.key)
                t.letter(LetterKind.LAST_CALL, watch.author, released=t.now.wall + last_call_length(t))


def author_unreached(t: Turn, _: None) -> None:
    """Every channel of the author has failed for 14 credited days: dead people's mailboxes close. In *late* the
    vigil begins all the same and the keepers are told so; in a last call they may sign that they tried in person."""
    t.set(unreached=True)
    t.note("author_unreached")
    if t.watch.stage is Stage.LATE:
        begin_vigil(t)
