"""Break glass: the emergency notes, never the words. Alarms first, always (I9)."""

from lastwords.protocol.counting import FIT, countable
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import Refusal, Refused, refuse
from lastwords.protocol.small import GLASS, SEATS, STAYS, admit
from lastwords.protocol.stages import GlassStage, SeatStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Glass, Seat, Watch

from .sealed import HOLDERS
from .statements import settle


def ask(t: Turn) -> None:
    """Without the card the asker's seat pays, the alarms go out and a wait runs before the host opens anything.

    With the card its own copy is open already, so everyone is told and that is all: the host never opens anything on
    the mere word that there is a card, or the cost could be had for a word."""
    seat, card = t.seat_of_actor(), int(t.event.card)
    # A round of its own, so that no letter about a card counts as the alarm of an asking.
    t.new_round()
    if card:
        t.note("glass_asked", "card")
    else:
        _begin(t, seat)
    t.letter(LetterKind.GLASS_ALARM, t.watch.author, keeper=seat.keeper, card=card)
    t.to_keepers(LetterKind.GLASS_ALARM, but=seat.keeper, alternates=True, keeper=seat.keeper, card=card)


def alarm_newcomer(t: Turn, keeper: str) -> None:
    """Whoever comes into the circle while somebody's asking waits for all of it to be alarmed is alarmed as well."""
    if keeper in t.reachable_keepers():
        for glass in t.watch.glass:
            if glass.stage is GlassStage.ASKED:
                _alarm(t, glass, keeper)


def _begin(t: Turn, seat: Seat) -> None:
    old = next((glass for glass in t.watch.glass if glass.keeper == seat.keeper), None)
    if old is not None:
        admit(GLASS, type(t.event), old.stage)
    stage = SeatStage(admit(SEATS, type(t.event), seat.stage))
    if seat.glass_only:
        raise refuse("seat_does_not_count")
    new = Glass(seat.keeper, GlassStage.ASKED, t.watch.round)
    others = tuple(glass for glass in t.watch.glass if glass.keeper != seat.keeper)
    t.set(glass=tuple(sorted((*others, new), key=lambda glass: glass.keeper)))
    t.note("glass_asked", "no_card")
    if _is_needed(t.watch, seat):
        t.set_seat(seat, glass_only=True)
        t.note("suspended_for_glass", seat.keeper)
        return
    suspend_seat(t, seat, stage)
    settle(t)


def suspend_seat(t: Turn, seat: Seat, stage: SeatStage) -> None:
    """No signature of others takes the place of a share that opens: what rests is restored to its rest (I1)."""
    rested = seat.stage is SeatStage.RESTING
    t.set_seat(seat, stage=stage, restored_by=(), glass_only=False, rested=rested)
    t.note("suspended", seat.keeper)


def _is_needed(watch: Watch, seat: Seat) -> bool:
    """Without this seat fewer than the quorum would count for some words, and fewer than could ever restore it: then
    the suspension is for break glass alone."""
    return not watch.plan.timer_only and any(
        countable(watch, seat, track)
        and sum(countable(watch, other, track) for other in watch.seats) <= watch.plan.quorum
        for track in watch.tracks
    )


def deny(t: Turn) -> None:
    """The author, or any other keeper whose seat is heard."""
    if t.event.by != t.watch.author:
        seat = t.seat_of_actor()
        if seat.stage not in FIT or seat.glass_only or seat.keeper == t.event.keeper:
            raise refuse("seat_does_not_count")
    glass = next((one for one in t.watch.glass if one.keeper == t.event.keeper), None)
    if glass is None:
        raise refuse("no_glass")
    t.set_glass(
        glass, stage=GlassStage(admit(GLASS, type(t.event), glass.stage)), wait=None, denied_by=t.event.by
    )
    t.note("glass_denied", glass.keeper)


def alarm_taken(t: Turn) -> None:
    for glass in t.watch.glass:
        if glass.round == t.event.round:
            t.set_glass(glass, taken=tuple(sorted({*glass.taken, t.event.to})))
    _start_waits(t)


def alarm_failed(t: Turn) -> None:
    for glass in t.watch.glass:
        if glass.round == t.event.round:
            t.set_glass(glass, failed=tuple(sorted({*glass.failed, t.event.to})))
    _start_waits(t)


def alarm_bounced(t: Turn) -> None:
    """An alarm that came back was never handed over: the wait begins anew, once enough of the others have theirs.
    Whoever has come into the circle since it began is alarmed now."""
    for glass in t.watch.glass:
        if glass.round != t.event.round or t.event.to not in glass.taken:
            continue
        stage = admit(GLASS, "alarm_bounced", glass.stage)
        if stage == STAYS:
            continue
        taken = tuple(person for person in glass.taken if person != t.event.to)
        failed = tuple(sorted({*glass.failed, t.event.to}))
        t.set_glass(glass, stage=GlassStage(stage), wait=None, taken=taken, failed=failed)
        t.note("bounced", f"glass.{glass.keeper}")
        if glass.stage is GlassStage.WAITING:
            for keeper in sorted(set(t.reachable_keepers()) - {glass.keeper, *taken, *failed}):
                _alarm(t, glass, keeper)
    _start_waits(t)


def _alarm(t: Turn, glass: Glass, keeper: str) -> None:
    t.letter(LetterKind.GLASS_ALARM, keeper, round=glass.round, keeper=glass.keeper, card=0)


def _start_waits(t: Turn) -> None:
    """The wait starts when everyone has been alarmed. Failing mailboxes are excused only once a quorum of others has
    been reached, so that one dead address cannot lock the notes away and no asking stays unseen."""
    for glass in t.watch.glass:
        if glass.stage is not GlassStage.ASKED or glass.round != t.event.round:
            continue
        # The circle: an alternate whom no case has called was not written to, and must not be waited for.
        people = set(t.reachable_keepers()) - {glass.keeper}
        missing = (people | {t.watch.author}) - set(glass.taken)
        enough = len(set(glass.taken)) >= min(t.watch.plan.quorum, len(people))
        if not missing or (enough and glass.taken and missing <= set(glass.failed)):
            t.set_glass(
                glass,
                stage=GlassStage(admit(GLASS, "alarms_taken", glass.stage)),
                wait=t.wait(t.watch.plan.glass),
            )
            t.note("wait_begins", f"glass.{glass.keeper}")


def opens(t: Turn, glass: Glass) -> None:
    t.set_glass(glass, stage=GlassStage(admit(GLASS, "wait_over", glass.stage)))
    t.note("glass_open", glass.keeper)


def may_take(watch: Watch, keeper: str) -> Refusal | None:
    """Why this keeper may not have the notes and the key of their cover; None when they may. The one place that
    says so: whoever hands them out asks here."""
    glass = next((glass for glass in watch.glass if glass.keeper == keeper), None)
    seat = watch.seat(keeper)
    try:
        if glass is None:
            raise refuse("glass_not_open")
        if seat is None or seat.stage not in HOLDERS:  # taken back since, or their keys are new
            raise refuse("seat_does_not_count")
        admit(GLASS, "take", glass.stage)
    except Refused as refused:
        return refused.refusal
    return None


def seal_notes(t: Turn) -> None:
    """The notes have a new cover, and an asking is good for one opening: a keeper who covers them anew has had
    theirs, and the author's new notes are open to nobody."""
    by = t.event.by
    if by != t.watch.author:
        t.seat_of_actor()
        refusal = may_take(t.watch, by)
        if refusal is not None:
            raise Refused(refusal)
    spent = tuple(
        glass
        for glass in t.watch.glass
        if glass.stage is GlassStage.OPEN and by in (t.watch.author, glass.keeper)
    )
    t.set(glass=tuple(glass for glass in t.watch.glass if glass not in spent))
    t.note("notes_sealed" if by == t.watch.author else "notes_covered_anew")
    for glass in spent:
        t.note("glass_spent", glass.keeper)
