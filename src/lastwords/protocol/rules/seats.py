"""Keepers' seats: invited, accepted, verified, seasoned; and the ways out of and back into counting."""

from dataclasses import replace
from typing import Any

from lastwords.protocol.counting import FIT, countable, is_quorum
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Wait
from lastwords.protocol.quiet import as_seen, unmarked
from lastwords.protocol.refusals import refuse
from lastwords.protocol.small import BACK, RESTS_WHEN_BACK, SEATS, STAYS, admit
from lastwords.protocol.stages import SeatStage, Stage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import HOST, Practice, Seat, Track

from .breakglass import alarm_newcomer, suspend_seat
from .force import hand_on
from .passage import let_tell
from .recounting import count_again
from .statements import leave, make, settle


def invite(t: Turn) -> None:
    t.must_be_author()
    keeper = t.event.keeper
    if keeper == t.watch.author:
        raise refuse("own_keeper")
    old = t.watch.seat(keeper)
    _check_not_passed_on(old)
    if old is not None and old.stage is not SeatStage.REMOVED:
        raise refuse("seat_taken")
    others = tuple(seat for seat in t.watch.seats if seat.keeper != keeper)
    seats = (*others, Seat(keeper, alternate=t.event.alternate))
    t.set(seats=tuple(sorted(seats, key=lambda seat: seat.keeper)))


def _check_not_passed_on(seat: Seat | None) -> None:
    """What rests on whoever has passed their seat on is kept under their name, so nobody takes a second one by it."""
    if seat is not None and seat.stage is SeatStage.SUCCEEDED:
        raise refuse("seat_passed_on")


def accept(t: Turn) -> None:
    """Whoever says "I will" while a case is open is called into it like the circle before: its letters go to them."""
    seat, to = _seat(t, t.event.by)
    t.set_seat(seat, stage=to)
    if t.watch.case_open and not seat.alternate:
        t.call_in(seat.keeper)
    alarm_newcomer(t, seat.keeper)


def verify(t: Turn) -> None:
    """The keys are the keeper's. After the first arming the seat is seasoned before it counts."""
    t.must_be_author()
    season = t.wait(t.watch.plan.seasoning) if t.watch.armed else None
    seat, to = _seat(t, t.event.keeper)
    t.set_seat(seat, stage=to, vouched=t.event.vouched, season=season)


def season(t: Turn, seat: Seat) -> None:
    t.set_seat(seat, stage=SeatStage(admit(SEATS, "season", seat.stage)), season=None)
    t.note("seasoned", seat.keeper)
    count_everyone_again(t)


def give_receipt(t: Turn) -> None:
    """The keeper's client has opened these shares. A seat that rested counts again, unless its keeper stepped back."""
    seat, stage = _seat(t, t.event.by)
    stage = seat.stage if seat.aside else stage
    in_force = {(track.key, track.share_set): seat.keeper in track.roster for track in t.watch.tracks}
    if not t.event.proven or not all(in_force.get(pair, False) for pair in t.event.proven):
        raise refuse("receipt_unknown")
    kept = {pair for pair in seat.receipts if pair in in_force}
    receipts = tuple(sorted(kept | set(t.event.proven)))
    t.set_seat(seat, receipts=receipts, stage=stage, rested=seat.rested and seat.aside is not None)
    count_everyone_again(t)
    practice = t.watch.practice
    if practice and seat.keeper in practice.asked and seat.keeper not in practice.answered:
        t.set(practice=replace(practice, answered=tuple(sorted((*practice.answered, seat.keeper)))))
        t.note("practised", seat.keeper)


def step_back(t: Turn) -> None:
    """For everybody the answer *could not find out*; the seat counts no more. Whoever had stated is heard no more
    either, and a quorum that stood on them has fallen."""
    t.event = as_seen(t.event)
    make(t)
    seat = t.watch.seat(t.event.by)
    assert seat is not None
    t.set_seat(seat, aside=seat.aside or t.wait(t.watch.plan.practice))


def rest(t: Turn, seat: Seat) -> None:
    """Some time after a keeper stepped back unseen the seat rests for everybody to see, as after a missed practice."""
    t.set_seat(seat, stage=SeatStage.RESTING)
    t.note("rests", seat.keeper)


def begin_practice(t: Turn) -> None:
    """Asks every keeper who holds a share; whoever has not answered when it ends rests until theirs is proven."""
    t.must_be_author()
    if t.watch.practice:
        raise refuse("practice_runs")
    asked = tuple(seat.keeper for seat in t.watch.seats if seat.stage in FIT and seat.receipts)
    number = t.watch.practices + 1
    wait = t.wait(t.watch.plan.practice)
    t.set(practice=Practice(number, wait, asked), practices=number)
    t.note("practice_began", str(number))
    for keeper in asked:
        t.letter(LetterKind.PRACTICE, keeper, practice=number, ends=wait.ends(t.now))


def practice_ends(t: Turn, practice: Practice) -> None:
    """Seats that have not answered rest; the author is told how many did."""
    for keeper in practice.asked:
        seat = t.watch.seat(keeper)
        if keeper in practice.answered or seat is None:
            continue
        missed = SEATS["practice_ends"][seat.stage]
        if missed == SeatStage.RESTING:
            t.set_seat(seat, stage=SeatStage.RESTING)
        elif missed == RESTS_WHEN_BACK and not seat.rested:
            t.set_seat(seat, rested=True)
        else:
            continue
        t.note("practice_missed", keeper)
    t.set(practice=None)
    t.note("practice_ended", str(practice.number))
    t.letter(
        LetterKind.PRACTICE_ENDED,
        t.watch.author,
        practice=practice.number,
        answered=len(practice.answered),
        asked=len(practice.asked),
    )


def suspend(t: Turn) -> None:
    t.must_be_author()
    seat, to = _seat(t, t.event.keeper)
    _check_enough_left(t, seat)
    suspend_seat(t, seat, to)


def restore(t: Turn) -> None:
    """k other keepers bring a suspended seat back, at any stage. Suspended seats that fewer had signed for are looked
    at again when somebody comes to count."""
    actor = t.seat_of_actor()
    if actor.keeper == t.event.keeper:
        raise refuse("own_seat")
    if actor.stage not in FIT:
        raise refuse("seat_does_not_count")
    seat = t.watch.seat(t.event.keeper)
    if seat is None or not seat.glass_only:
        seat, _ = _seat(t, t.event.keeper)
    if actor.keeper in seat.restored_by:
        raise refuse("signed_already")
    t.set_seat(seat, restored_by=tuple(sorted({*seat.restored_by, actor.keeper})))
    if _restored(t):
        count_everyone_again(t)


def count_everyone_again(t: Turn) -> None:
    """Somebody has come to count. A seat that is restored by that counts too, so seats are looked at first."""
    while _restored(t):
        pass
    count_again(t)


def _restored(t: Turn) -> bool:
    """Restores the seats for which a quorum has signed; True when there was one."""
    ready = [seat for seat in t.watch.seats if seat.restored_by and is_quorum(t.watch, seat.restored_by)]
    for seat in ready:
        stage = seat.stage if seat.glass_only else back_to(seat)
        t.set_seat(seat, stage=stage, restored_by=(), glass_only=False, rested=False)
        t.note("restored", seat.keeper)
    return bool(ready)


def remove(t: Turn) -> None:
    t.must_be_author()
    seat, to = _seat(t, t.event.keeper)
    _check_enough_left(t, seat)
    _strip(t, seat, stage=to, aside=None)
    t.set(glass=tuple(glass for glass in t.watch.glass if glass.keeper != seat.keeper))
    t.note("removed", seat.keeper)


def pass_on(t: Turn) -> None:
    """A leaving keeper's seat goes to a successor: to an alternate, or to someone new. As many seats hold a share as
    before, but of words that the successor receives. The leaving keeper has seen the share, so new keys are due once
    the author is there."""
    seat, to = _seat(t, t.event.by)
    successor = t.event.successor
    known = t.watch.seat(successor)
    _check_not_passed_on(known)
    if successor == t.watch.author or (known is not None and not _may_follow(known, seat)):
        raise refuse("seat_taken")
    case, plan = t.watch.case, t.watch.plan
    new = Seat(
        successor,
        SeatStage.VERIFIED,
        alternate=seat.alternate,
        season=t.wait(plan.seasoning),
        aside=seat.aside,  # or who stepped back unseen could be made to pass on a seat that counts
    )
    if known is not None:
        new = replace(known, alternate=seat.alternate)
    if t.watch.case_open and case is not None:
        if not Wait(case.opened, plan.succession).over(t.now):
            raise refuse("too_soon_to_pass")
        if seat.season is None:
            resting = new.stage is SeatStage.RESTING
            new = replace(new, stage=new.stage if resting else SeatStage.SEASONED, season=None)
    if (
        case is not None
        and seat.keeper in case.called
        and (t.watch.case_open or t.watch.stage is Stage.VIGIL)
    ):
        t.call_in(successor)
    leave(t, seat)
    t.set_seat(seat, stage=to, receipts=(), restored_by=(), glass_only=False, aside=None)
    others = tuple(one for one in t.watch.seats if one.keeper != successor)
    held = {track.key for track in t.watch.tracks if track.bears_words and seat.keeper in track.roster}
    t.set(
        tracks=tuple(_hand_share(track, seat.keeper, successor) for track in t.watch.tracks),
        seats=tuple(sorted((*others, new), key=lambda one: one.keeper)),
        keys_due=tuple(sorted({*t.watch.keys_due, *held})),
    )
    t.note("succeeded", successor)
    alarm_newcomer(t, successor)
    _speaks_for_one(t, seat, successor)
    hand_on(t, seat.keeper, successor)
    settle(t)


def _speaks_for_one(t: Turn, leaving: Seat, successor: str) -> None:
    """What one person may do alone but once, a seat may do but once: or whoever passes theirs on again and again would
    hold everything for ever (L1)."""
    if leaving.keeper in t.watch.held:
        t.set(held=tuple(sorted({*t.watch.held, successor})))
    case = t.watch.case
    if case is not None and leaving.keeper in case.spoken:
        t.set_case(spoken=tuple(sorted({*case.spoken, successor})))
    seat = t.watch.seat(successor)
    if leaving.alarmed is not None and seat is not None:
        t.set_seat(seat, alarmed=max(leaving.alarmed, seat.alarmed or leaving.alarmed))


def _may_follow(known: Seat, leaving: Seat) -> bool:
    """An alternate can take a seat of the circle; nobody else who has a seat can take a second one."""
    return bool(known.alternate) and known.stage in FIT and not leaving.alternate


def change_keys(t: Turn) -> None:
    """A person's keys are others from now on. It is no sign of life: no stage moves by it and no wait begins.

    A keeper's seat goes back to *accepted*: their share is sealed to a key that is gone, and nobody has made sure of
    the new one yet. What was sealed to the old key is due anew; an author's own shares name the old key, so all of
    theirs are. The ways to check in that ended with an author's old keys are void."""
    if t.event.by != HOST:
        raise refuse("only_the_host")
    person = t.event.person
    seat = t.watch.seat(person)
    t.note("keys_changed", person)
    if person == t.watch.author:
        ended = t.event.ended
        void = (replace(one, void=True) if one.name in ended else one for one in t.watch.credentials)
        t.set(credentials=tuple(void))
    elif seat is not None:
        stage = _seat(t, person)[1]
        leave(t, seat)
        _strip(t, seat, stage=stage)
    due = {
        track.key
        for track in t.watch.tracks
        if track.bears_words and person in (t.watch.author, track.recipient, *track.roster)
    }
    t.set(keys_due=tuple(sorted({*t.watch.keys_due, *due})))
    settle(t)


def _strip(t: Turn, seat: Seat, **changes: Any) -> None:
    """Nothing is left of what the keeper has shown, or the others have said of them."""
    t.set_seat(
        seat,
        receipts=(),
        vouched=False,
        season=None,
        restored_by=(),
        glass_only=False,
        rested=False,
        **changes,
    )


def hear_of_silence(t: Turn) -> None:
    """A keeper or recipient has fallen silent themselves, or spoken again: their seat does not count meanwhile, and
    nobody tells them of words."""
    person = t.event.person
    silent = set(t.watch.silent) - {person}
    if t.event.silent:
        silent.add(person)
    elif person in t.watch.silent:
        for track in t.watch.tracks:
            if track.is_for(person):
                let_tell(t, track)
    t.set(silent=tuple(sorted(silent)))
    settle(t)
    count_everyone_again(t)


def _hand_share(track: Track, leaving: str, successor: str) -> Track:
    """The successor takes the leaving keeper's place in a roster, except in that of words they receive."""
    heir = () if track.is_for(successor) else (successor,)
    kept = tuple(keeper for keeper in track.roster if keeper != leaving)
    return replace(track, roster=tuple(sorted(kept + heir))) if leaving in track.roster else track


def _seat(t: Turn, keeper: str) -> tuple[Seat, SeatStage]:
    """The seat concerned, and the stage that the seat table lets follow."""
    seat = t.watch.seat(keeper)
    if seat is None:
        raise refuse("not_a_keeper")
    cell = admit(SEATS, type(t.event), seat.stage)
    if cell == STAYS:
        return seat, seat.stage
    return seat, back_to(seat) if cell == BACK else SeatStage(cell)


def back_to(seat: Seat) -> SeatStage:
    """Where a seat returns to: to its rest, or else seasoned if it had been. One whose days have run meanwhile is
    seasoned by the next look, when no case is open."""
    if seat.rested:
        return SeatStage.RESTING
    return SeatStage.SEASONED if seat.season is None else SeatStage.VERIFIED


def _check_enough_left(t: Turn, seat: Seat) -> None:
    """A change that would leave fewer counting keepers than the quorum for any of the words is refused. Whoever stepped
    back unseen is counted still: the refusal would tell of them."""
    seats = unmarked(t.watch).seats
    for track in t.watch.tracks:
        if not track.bears_words or not t.watch.armed or t.watch.plan.timer_only:
            continue
        left = sum(countable(t.watch, other, track) for other in seats if other.keeper != seat.keeper)
        if left < t.watch.plan.quorum:
            raise refuse("too_few_left")
