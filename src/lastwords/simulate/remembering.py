"""What each event leaves in the explorer's own memory (see `history`), and who counts by it.

What may never be taken at all is refused here: it would leave a memory of what cannot have been.
"""

from collections.abc import Callable
from typing import Any

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.stages import (
    Condition,
    Finding,
    HoldCause,
    SeatStage,
    Stage,
    Strength,
    TrackStage,
    WordsStage,
)
from lastwords.protocol.watch import Track, Watch

from .broken import Broken
from .canonical import OTHERS
from .history import CANNOT_ACT, DIED, SPOKEN, History, last_call_length
from .world import AUTHOR, STALE, World

CALLS = (LetterKind.KEEPER_CALLED, LetterKind.ASKED_AGAIN)
OPENABLE = (
    *(WordsStage.RELEASED, WordsStage.TOLD, WordsStage.SHARES_WANTED, WordsStage.LATER),
    *(WordsStage.THROUGH_SOMEONE, WordsStage.DECLINED, WordsStage.PASSED_ON),
)
FINDINGS = {Finding.SPOKEN_WITH: SPOKEN, Finding.DIED: DIED, Finding.CANNOT_ACT: CANNOT_ACT}


def remember(world: World, h: History, watch: Watch, event: e.Event | None, now: Watch) -> None:
    """Writes into `h` what an accepted event means, `watch` being what it met and `now` what came of it."""
    rule = _REMEMBER.get(type(event)) if event else None
    if rule:
        rule(world, h, watch, event, now)


def _sign(world: World, h: History, watch: Watch, event: e.CheckIn, now: Watch) -> None:
    if event.strength is Strength.WEAK:
        if not watch.hold(HoldCause.WEAK_SIGN) and now.hold(HoldCause.WEAK_SIGN):
            h.hold(HoldCause.WEAK_SIGN, 1)
            h.stop()
        return
    if watch.stage is Stage.CLOSING:
        if watch.hold(HoldCause.RESTORE):
            h.hold(HoldCause.RESTORE, 0)
            h.stop()
            _forget_restores(h)
        return
    h.forget_findings()
    h.stop()
    h.failing = 0
    for place, cause in enumerate(HoldCause):
        if cause is not HoldCause.CLOCK:
            h.holds[place] = 0
    for keeper in h.keepers:
        keeper.not_them = keeper.home = keeper.deaths = 0
    if watch.hold(HoldCause.RESTORE):
        _forget_restores(h)


def _forget_restores(h: History) -> None:
    for keeper in h.keepers:
        keeper.restores = 0


def _statement(world: World, h: History, watch: Watch, event: e.MakeStatement, now: Watch) -> None:
    if event.case == STALE or watch.case is None or watch.case.closed is not None:
        raise Broken("I5", "a statement was taken that is not bound to an open case")
    keeper = h.keepers[world.keepers.index(event.by)]
    was_spoken = keeper.finding == SPOKEN
    keeper.finding = FINDINGS.get(event.finding, 0)
    spoken = [one for one in h.keepers if one.finding == SPOKEN and not one.suspended]
    if keeper.finding == SPOKEN and len(spoken) >= 2:
        must_recall(now, "two who have spoken with the author")
        h.forget_findings()
        h.hold(HoldCause.SPOKEN_WITH, 0)
        h.stop()
    elif keeper.finding == SPOKEN and not keeper.suspended and watch.stage is Stage.VIGIL:
        if not h.holds[list(HoldCause).index(HoldCause.SPOKEN_WITH)]:
            h.hold(HoldCause.SPOKEN_WITH, 1)
            h.stop()
    elif was_spoken and not spoken:
        h.hold(HoldCause.SPOKEN_WITH, 0)
    if now.stage is Stage.VIGIL and not h.held(now.plan):
        keeper.called = 1
        _recount(world, h, now)


def _retraction(world: World, h: History, watch: Watch, event: e.RetractStatement, now: Watch) -> None:
    h.keepers[world.keepers.index(event.by)].finding = 0
    if not any(one.finding == SPOKEN for one in h.keepers):
        h.hold(HoldCause.SPOKEN_WITH, 0)


def _tried(world: World, h: History, watch: Watch, event: e.SignTried, now: Watch) -> None:
    keeper = h.keepers[world.keepers.index(event.by)]
    for place, track in enumerate(watch.tracks):
        waits = track.stage is TrackStage.LAST_CALL and not h.courses[place].last_call
        if waits and not h.held(watch.plan):
            keeper.tried |= 1 << place
    _count_tried(world, h, watch)


def _count_tried(world: World, h: History, watch: Watch) -> None:
    """A quorum of those who count for these very words has tried to reach an author whose channels all fail."""
    for place, track in enumerate(watch.tracks):
        course = h.courses[place]
        if track.stage is not TrackStage.LAST_CALL or course.last_call or h.held(watch.plan):
            continue
        signed = [
            p for p, one in enumerate(h.keepers) if one.tried >> place & 1 and counts(world, h, p, track)
        ]
        if len(signed) >= watch.plan.quorum and h.failing > watch.plan.unreached:
            course.last_call = course.stand_in = 1


def _taken(world: World, h: History, watch: Watch, event: e.LetterTaken, now: Watch) -> None:
    if event.round == STALE:
        return
    if event.to == AUTHOR and event.kind != LetterKind.GLASS_ALARM:
        h.failing = int(h.failing > 0 and _another_call_waits(h, watch, event))
    if h.held(watch.plan):
        return
    if event.to != AUTHOR:
        _taken_by_keeper(world, h, watch, event)
    elif watch.stage is Stage.LATE:
        h.late = h.late or 1
    for track, course in zip(watch.tracks, h.courses, strict=True):
        called = event.kind == LetterKind.LAST_CALL and track.round == event.round
        if called and track.stage is TrackStage.LAST_CALL:
            left = watch.plan.unreached + 1 - course.last_call
            if not course.last_call or course.stand_in and left > last_call_length(watch.plan):
                # People stood in for a letter that was handed over after all: the last call may run from there.
                course.last_call, course.stand_in = 1, 0


def _another_call_waits(h: History, watch: Watch, event: e.LetterTaken) -> bool:
    """A last call whose letter was taken says nothing of another one's: for that the days are counted anew."""
    return any(
        track.stage is TrackStage.LAST_CALL and track.round != event.round and not course.last_call
        for track, course in zip(watch.tracks, h.courses, strict=True)
    )


def _taken_by_keeper(world: World, h: History, watch: Watch, event: e.LetterTaken) -> None:
    keeper = h.keepers[world.keepers.index(event.to)]
    if event.kind in CALLS and watch.stage is Stage.VIGIL:
        keeper.called = 1
    elif event.kind == LetterKind.HOME_QUESTION and watch.stage is Stage.CLOSING:
        keeper.asked_home = 1
    _recount(world, h, watch)


def _recount(world: World, h: History, watch: Watch) -> None:
    """A quorum has been reached: when the last of them took the letter, or came to count again afterwards."""
    restored = watch.hold(HoldCause.RESTORE) is not None
    if restored and quorum_signed(world, h, watch, [one.restores for one in h.keepers]):
        h.hold(HoldCause.RESTORE, 0)
        h.stop()
    if h.held(watch.plan):
        return
    _count_tried(world, h, watch)
    if not h.vigil and quorum_signed(world, h, watch, [one.called for one in h.keepers]):
        h.vigil = 1
    if not h.closing and quorum_signed(world, h, watch, [one.asked_home for one in h.keepers]):
        h.closing = 1


def _looked(world: World, h: History, watch: Watch, event: e.Look, now: Watch) -> None:
    """The days of a mailbox that fails can be over at a look alone: who has tried counts from there."""
    _count_tried(world, h, watch)


def _fails(world: World, h: History, watch: Watch, event: e.LetterFailed, now: Watch) -> None:
    if event.to == AUTHOR and event.kind != LetterKind.GLASS_ALARM and not h.failing:
        h.failing = 1


def _bounces(world: World, h: History, watch: Watch, event: e.LetterBounced, now: Watch) -> None:
    """A letter that came back was not handed over; the machine grants that twice for each wait, and always where it
    was an alarm about break glass."""
    if event.kind == LetterKind.GLASS_ALARM:
        for glass in watch.glass:
            if event.to in glass.taken:
                h.glass = 0
                taken, failed = {*glass.taken} - {event.to}, {*glass.failed, event.to}
                count_alarms(world, h, now, glass.keeper, taken, failed)
    elif event.kind == LetterKind.LAST_CALL:
        for place, (old, new) in enumerate(zip(watch.tracks, now.tracks, strict=True)):
            if new.bounces != old.bounces:
                h.failing = h.failing or 1
                h.courses[place].last_call = h.courses[place].stand_in = 0
    elif now.bounces == watch.bounces:
        return
    elif event.to == AUTHOR:
        h.failing = h.failing or 1
        h.late = 0
    elif watch.stage is Stage.VIGIL:
        h.keepers[world.keepers.index(event.to)].called = 0
        h.vigil = 0


def _held(world: World, h: History, watch: Watch, event: e.PlaceHold, now: Watch) -> None:
    h.hold(event.cause, 1)
    h.stop()


def _lifted(world: World, h: History, watch: Watch, event: e.LiftHold, now: Watch) -> None:
    if event.cause is not HoldCause.RESTORE:
        h.hold(event.cause, 0)
        return
    h.keepers[world.keepers.index(event.by)].restores = 1
    if quorum_signed(world, h, watch, [one.restores for one in h.keepers]):
        h.hold(event.cause, 0)


def _restored(world: World, h: History, watch: Watch, event: e.Restore, now: Watch) -> None:
    if now.statements:
        raise Broken("I5", "a restore left statements standing")
    h.forget_findings()
    h.hold(HoldCause.SPOKEN_WITH, 0)
    h.hold(HoldCause.RESTORE, 1)
    h.stop()
    _forget_restores(h)


def _silence(world: World, h: History, watch: Watch, event: e.HearOfSilence, now: Watch) -> None:
    if event.person in OTHERS:
        bit = 1 << OTHERS.index(event.person)
        h.others = h.others | bit if event.silent else h.others & ~bit
    if event.person in world.keepers:
        h.keepers[world.keepers.index(event.person)].silent = int(event.silent)
    _recount(world, h, watch)


def _home(world: World, h: History, watch: Watch, event: e.SignHome, now: Watch) -> None:
    h.keepers[world.keepers.index(event.by)].home = 1


def _not_them(world: World, h: History, watch: Watch, event: e.SignNotThem, now: Watch) -> None:
    h.keepers[world.keepers.index(event.by)].not_them = 1


def _death(world: World, h: History, watch: Watch, event: e.SignRecipientDied, now: Watch) -> None:
    for place, track in enumerate(watch.tracks):
        if track.recipient == event.recipient:
            h.keepers[world.keepers.index(event.by)].deaths |= 1 << place


def _death_retracted(
    world: World, h: History, watch: Watch, event: e.RetractRecipientDied, now: Watch
) -> None:
    for place, track in enumerate(watch.tracks):
        heirs = [p for p, other in enumerate(watch.tracks) if other.instead_of == track.recipient]
        if track.recipient == event.recipient and not any(h.courses[p].out for p in heirs):
            h.keepers[world.keepers.index(event.by)].deaths &= ~(1 << place)


def _told(world: World, h: History, watch: Watch, event: e.Tell, now: Watch) -> None:
    place = next(index for index, track in enumerate(watch.tracks) if track.key == event.track)
    recipient, course = watch.tracks[place].recipient, h.courses[place]
    if is_silent(world, h, recipient):
        raise Broken("I10", f"{recipient} was told while their own watch is silent")
    if death_stands(world, h, watch, place):
        raise Broken("I10", f"{recipient} was told although a quorum signed that they died")
    if not course.out:
        raise Broken("I2", f"{recipient} was told of words that are not out")
    if h.held(watch.plan):
        raise Broken("I1", f"{recipient} was told while a hold stands")
    course.told = 1


def _wanted(world: World, h: History, watch: Watch, event: e.WantShares, now: Watch) -> None:
    place = next(index for index, track in enumerate(watch.tracks) if track.key == event.track)
    course = h.courses[place]
    if not course.out or not course.told and not watch.tracks[place].first_letter:
        raise Broken(
            "I2", "shares were asked for before the words were out and the recipient had heard of them"
        )
    if h.held(watch.plan) and not course.handed:
        raise Broken("I2", "shares were handed out while a hold stands")
    course.handed = 1


def _opened(world: World, h: History, watch: Watch, event: e.OpenWords, now: Watch) -> None:
    place = next(index for index, track in enumerate(watch.tracks) if track.key == event.track)
    course = h.courses[place]
    if not (course.out and course.told) and not course.handed and not (watch.plan.timer_only and course.out):
        raise Broken("I2", "words were opened that were not handed over")
    if h.held(watch.plan) and not course.handed:
        raise Broken("I2", "words whose shares are not out were opened while a hold stands")
    course.out = course.told = 1


def _sealed(world: World, h: History, watch: Watch, event: e.SealWords, now: Watch) -> None:
    if 2 * max(watch.plan.quorum, event.k) <= len(event.roster):
        raise Broken("I1", "words were sealed to so many keepers that a quorum is no majority of them")
    for place, track in enumerate(watch.tracks):
        if (track.condition, track.recipient, track.instead_of) == (
            event.condition,
            event.recipient,
            event.instead_of,
        ):
            course = h.courses[place]
            course.out = course.told = course.handed = course.age = 0


def _alarm(world: World, h: History, watch: Watch, event: e.RaiseAlarm, now: Watch) -> None:
    if not event.second and any(track.recipient == event.by for track in watch.tracks):
        raise Broken("I11", f"{event.by} raised the alarm alone although they receive words")


def _glass(world: World, h: History, watch: Watch, event: e.BreakGlass, now: Watch) -> None:
    if not event.card:
        keeper = h.keepers[world.keepers.index(event.by)]
        keeper.suspended = 1
        _forget_restores(h)
    h.glass = 0


def _receipt(world: World, h: History, watch: Watch, event: e.GiveReceipt, now: Watch) -> None:
    h.keepers[world.keepers.index(event.by)].resting = 0
    _recount(world, h, watch)


def _seat_restored(world: World, h: History, watch: Watch, event: e.RestoreSeat, now: Watch) -> None:
    """Small worlds suspend one seat at most, so one set of signers is enough."""
    h.keepers[world.keepers.index(event.by)].restores = 1
    if quorum_signed(world, h, watch, [one.restores for one in h.keepers]):
        h.keepers[world.keepers.index(event.keeper)].suspended = 0
        _forget_restores(h)
        _recount(world, h, watch)


def must_recall(now: Watch, life: str) -> None:
    for track in now.tracks:
        locked = track.roster and not track.handed and not now.plan.timer_only
        if track.stage is TrackStage.LAST_CALL or track.words in OPENABLE:
            raise Broken("I2", f"{life} left {track.key} on its way")
        if track.words is WordsStage.OPENED and locked:
            raise Broken("I2", f"{life} left {track.key} to whoever said that it was open")


def count_alarms(world: World, h: History, now: Watch, asker: str, taken: set[str], failed: set[str]) -> None:
    """The wait may begin when everyone was alarmed, or a quorum was and every other address fails."""
    if h.glass:
        return
    people = {
        seat.keeper for seat in now.seats if seat.keeper != asker and seat.stage is not SeatStage.REMOVED
    }
    everyone = people | {AUTHOR}
    enough = len(taken) >= min(world.start.plan.quorum, len(people))
    if everyone <= taken or (enough and everyone <= taken | failed):
        h.glass = 1


_REMEMBER: dict[type[e.Event], Callable[[World, History, Watch, Any, Watch], None]] = {
    e.CheckIn: _sign,
    e.MakeStatement: _statement,
    e.RetractStatement: _retraction,
    e.SignTried: _tried,
    e.Look: _looked,
    e.LetterTaken: _taken,
    e.LetterFailed: _fails,
    e.LetterBounced: _bounces,
    e.PlaceHold: _held,
    e.LiftHold: _lifted,
    e.Restore: _restored,
    e.HearOfSilence: _silence,
    e.SignHome: _home,
    e.SignNotThem: _not_them,
    e.SignRecipientDied: _death,
    e.RetractRecipientDied: _death_retracted,
    e.Tell: _told,
    e.WantShares: _wanted,
    e.OpenWords: _opened,
    e.SealWords: _sealed,
    e.RaiseAlarm: _alarm,
    e.BreakGlass: _glass,
    e.RestoreSeat: _seat_restored,
    e.GiveReceipt: _receipt,
}


# Who counts, by the explorer's own memory.


def counts(world: World, h: History, place: int, track: Track | None = None) -> bool:
    """Whether this keeper's signature counts, for one track or for any."""
    keeper = h.keepers[place]
    if keeper.suspended or keeper.silent or keeper.resting or keeper.season:
        return False
    return track is None or track.recipient != world.keepers[place]


def quorum_signed(world: World, h: History, watch: Watch, signed: list[int]) -> bool:
    return sum(bool(bit) and counts(world, h, place) for place, bit in enumerate(signed)) >= watch.plan.quorum


def is_silent(world: World, h: History, person: str) -> bool:
    if person in OTHERS:
        return bool(h.others >> OTHERS.index(person) & 1)
    return bool(h.keepers[world.keepers.index(person)].silent)


def death_stands(world: World, h: History, watch: Watch, place: int) -> bool:
    """A quorum has signed that this track's recipient died, not counting who would receive in their place."""
    track = watch.tracks[place]
    heirs = {other.recipient for other in watch.tracks if other.instead_of == track.recipient}
    signed = [
        p
        for p, keeper in enumerate(h.keepers)
        if keeper.deaths >> place & 1
        and counts(world, h, p)
        and world.keepers[p] not in (*heirs, track.recipient)
    ]
    return len(signed) >= watch.plan.quorum


def quorum_of(world: World, h: History, track: Track, quorum: int) -> bool:
    findings = (DIED,) if track.condition is Condition.DIED else (DIED, CANNOT_ACT)
    found = [
        p for p, keeper in enumerate(h.keepers) if keeper.finding in findings and counts(world, h, p, track)
    ]
    return len(found) >= quorum
