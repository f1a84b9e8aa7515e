"""New keys for a person: asked for, vouched for, told to every old address, waited for, and then carried through.

This is about a person's account and no plan's life, so it is a machine of its own beside the watch's: one asking, five
things that can happen to it, one table. It is as pure as the other: a value and a moment in, a value out.

Nothing in it is silent. The wait begins only once an old address of the person has taken the letter about it, ends if
that letter comes back, and has to run in full on both clocks; all the while whoever holds an old way of the person's,
and every keeper who knows them, can say no.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .counting import stands
from .moments import DAY, Moment, Wait
from .refusals import REFUSALS, refuse
from .small import STAYS
from .turn import REACHABLE
from .watch import Watch

WAIT = 14 * DAY
"""Seconds on both clocks between the letter that an old address took and the new keys."""
UNVOUCHED = 7 * DAY
"""Seconds after which an asking that nobody vouched for is forgotten."""
UNTOLD = 30 * DAY
"""Seconds after which an asking of which no old address would hear is forgotten."""


class KeysStage(StrEnum):
    ASKED = "asked"
    VOUCHED = "vouched"
    """Somebody vouched; the letter about it has reached no old address yet."""
    WAITING = "waiting"
    CARRIED = "carried"
    REFUSED = "refused"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Asking:
    """One asking for new keys. `wait` runs while it waits; `by` is who vouched, `refused_by` who said no."""

    person: str
    asked: Moment
    stage: KeysStage = KeysStage.ASKED
    by: str = ""
    wait: Wait | None = None
    refused_by: str = ""


_S, _V, _W, _C, _R, _L = KeysStage
_over, _vouched = "keys_asking_over", "keys_vouched"

# fmt: off
TABLE: dict[str, dict[KeysStage, str]] = {
    what: dict(zip(KeysStage, cells, strict=True)) for what, cells in {
        #                asked      vouched    waiting    carried refused lapsed
        "vouch":        (_V,        _vouched,  _vouched,  _over,  _over,  _over),
        "refuse":       (_R,        _R,        _R,        _over,  _over,  _over),
        "told":         (STAYS,     _W,        STAYS,     STAYS,  STAYS,  STAYS),
        "untold":       (STAYS,     STAYS,     _V,        STAYS,  STAYS,  STAYS),
        "voucher_gone": (STAYS,     _S,        _S,        STAYS,  STAYS,  STAYS),
        "wait_over":    (STAYS,     STAYS,     _C,        STAYS,  STAYS,  STAYS),
        "forgotten":    (_L,        _L,        STAYS,     STAYS,  STAYS,  STAYS),
    }.items()
}
# fmt: on

OPEN = (KeysStage.ASKED, KeysStage.VOUCHED, KeysStage.WAITING)


def vouch(asking: Asking, by: str) -> Asking:
    """Somebody vouches: the person with their old key, or a keeper who compared the words. Raises Refused."""
    return replace(asking, stage=_follows(asking, "vouch"), by=by)


def say_no(asking: Asking, by: str) -> Asking:
    """Somebody says no, and that ends it. Raises Refused."""
    return replace(asking, stage=_follows(asking, "refuse"), wait=None, refused_by=by)


def look(asking: Asking, now: Moment, *, told: bool, voucher_counts: bool) -> Asking:
    """Time has passed: the one thing that is due, if any. `told` says whether an old address of the person's has taken
    the letter that somebody vouched, and has not sent it back; `voucher_counts` whether whoever vouched still may."""
    if not voucher_counts:
        return _moved(asking, "voucher_gone", by="", wait=None)
    if not told:
        asking = _moved(asking, "untold", wait=None)
    elif asking.stage is KeysStage.VOUCHED:
        return _moved(asking, "told", wait=Wait(now, WAIT))
    if asking.wait is not None and asking.wait.over(now):
        return _moved(asking, "wait_over", wait=None)
    limit = UNVOUCHED if asking.stage is KeysStage.ASKED else UNTOLD
    if Wait(asking.asked, limit).over(now):
        return _moved(asking, "forgotten")
    return asking


def may_vouch(watch: Watch, voucher: str, person: str) -> bool:
    """Whether this voucher may vouch for that person, or say no, because of this watch: its author, or a keeper whose
    seat has no season left to run, for somebody they know to have a part in it."""
    seat = watch.seat(voucher)
    vouches = seat is not None and stands(seat) and not seat.glass_only
    return (vouches or voucher == watch.author) and person in known_to(watch, voucher)


def known_to(watch: Watch, one: str) -> frozenset[str]:
    """Those of whose part in this watch the author, or a keeper within reach, knows. An author's recipients are known
    to the keepers of their words alone."""
    seated = {seat.keeper for seat in watch.seats if seat.stage in REACHABLE}
    if one == watch.author:
        return frozenset(seated | {track.recipient for track in watch.tracks}) - {one}
    if one not in seated:
        return frozenset()
    kept = {track.recipient for track in watch.tracks if one in track.roster}
    return frozenset(seated | kept | {watch.author}) - {one}


def to_be_told(watch: Watch, person: str) -> frozenset[str]:
    """Everybody in this watch who is told when somebody vouches for new keys of this person."""
    circle = {watch.author, *(seat.keeper for seat in watch.seats)}
    return frozenset(one for one in circle if person in known_to(watch, one))


def _follows(asking: Asking, what: str) -> KeysStage:
    cell = TABLE[what][asking.stage]
    if cell in REFUSALS:
        raise refuse(cell)
    return KeysStage(cell)


def _moved(asking: Asking, what: str, **changes: str | Wait | None) -> Asking:
    """The asking after what happened; as it was where nothing follows from that."""
    cell = TABLE[what][asking.stage]
    return asking if cell == STAYS else replace(asking, stage=KeysStage(cell), **changes)  # type: ignore[arg-type]
