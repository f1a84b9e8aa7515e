"""Break glass: the emergency notes, never the words. Alarms first, always (I9)."""

from lastwords.protocol.counting import FIT
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import refuse
from lastwords.protocol.small import GLASS, SEATS, admit
from lastwords.protocol.stages import GlassStage, SeatStage
from lastwords.protocol.turn import REACHABLE, Turn
from lastwords.protocol.watch import Glass

from .statements import settle


def ask(t: Turn) -> None:
    """With the card the notes are open already and everyone is told; without it the asker's seat pays, the alarms
    go out and a wait runs before the server opens anything."""
    seat = t.seat_of_actor()
    admit(SEATS, type(t.event), seat.stage)
    old = next((glass for glass in t.watch.glass if glass.keeper == seat.keeper), None)
    if old is not None:
        admit(GLASS, type(t.event), old.stage)
    t.new_round()
    new = Glass(seat.keeper, GlassStage.ASKED, t.watch.round)
    others = tuple(glass for glass in t.watch.glass if glass.keeper != seat.keeper)
    t.set(glass=tuple(sorted((*others, new), key=lambda glass: glass.keeper)))
    t.note("glass_asked", "card" if t.event.card else "no_card")
    if not t.event.card:
        t.set_seat(seat, stage=SeatStage.SUSPENDED, restored_by=())
        t.note("suspended", seat.keeper)
        settle(t)
    t.letter(LetterKind.GLASS_ALARM, t.watch.author, keeper=seat.keeper)
    t.to_keepers(LetterKind.GLASS_ALARM, but=seat.keeper, alternates=True, keeper=seat.keeper)


def deny(t: Turn) -> None:
    """The author, or any other keeper whose seat is heard."""
    if t.event.by != t.watch.author:
        seat = t.seat_of_actor()
        if seat.stage not in FIT or seat.keeper == t.event.keeper:
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


def _start_waits(t: Turn) -> None:
    """The wait starts when everyone has been alarmed. Failing mailboxes are excused only once a quorum of others has
    been reached, so that one dead address cannot lock the notes away and no asking stays unseen."""
    for glass in t.watch.glass:
        if glass.stage is not GlassStage.ASKED or glass.round != t.event.round:
            continue
        people = {
            seat.keeper for seat in t.watch.seats if seat.stage in REACHABLE and seat.keeper != glass.keeper
        }
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
