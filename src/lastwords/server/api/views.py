"""What each part may see of a watch, one function for each part, and what several answers show alike: holds, tracks, a
statement, a case.

Times are UTC seconds. What a part may not know is absent, not empty: a keeper of a watch in *well* gets no `stage`.
"""

from typing import Any

from lastwords.protocol import clocks, machine, record
from lastwords.protocol.counting import death_signed, supporters, waits_to_be_told
from lastwords.protocol.moments import Moment
from lastwords.protocol.quiet import FREED_BY
from lastwords.protocol.rules import holds
from lastwords.protocol.stages import GlassStage, HoldCause, Stage
from lastwords.protocol.turn import reachable_keepers
from lastwords.protocol.watch import Case, Glass, Hold, Practice, Seat, Statement, Track, Watch
from lastwords.server.models import Person

from . import parts
from .door import Seen

CHECK_IN_WAITS = ("check_in_missed", "trip_overdue")
LAST_CALLS = ("track_released", "alternate_follows")


def of_watch(seen: Seen, now: Moment) -> dict[str, Any]:
    """The watch for whoever asks: everything each of their parts may see."""
    shown: dict[str, Any] = {
        "author": seen.author,
        "name": name_of(seen.author),
        "roles": sorted(seen.parts),
        "now": now.wall,
    }
    if seen.has(parts.AUTHOR):
        shown |= for_author(seen.watch, now)
    if seen.has(parts.KEEPER):
        shown |= for_keeper(seen.watch, seen.person.handle)
    own = parts.own_tracks(seen.watch, seen.person.handle)
    if own:
        shown["own"] = [for_recipient(track) for track in own]
    elif parts.RECIPIENT in seen.parts:
        shown["roles"] = sorted(seen.parts - {parts.RECIPIENT})
    return shown


def name_of(handle: str) -> str:
    person = Person.objects.filter(handle=handle).first()
    return person.name if person else ""


def for_author(watch: Watch, now: Moment) -> dict[str, Any]:
    """Everything: the record as it stands, and the dates that follow from it."""
    next_due = next_check_in(watch, now)
    return {
        "stage": watch.stage.value,
        "state": record.to_plain(watch),
        "holds": holds_of(watch),
        "due": machine.due(watch, now),
        "next_due": next_due,
        "keys_due": list(watch.keys_due),
        "earliest_release": _first_end(watch, now, LAST_CALLS)
        if next_due is None
        else next_due + watch.plan.least,
    }


def next_check_in(watch: Watch, now: Moment) -> int | None:
    """When the next check-in falls due (UTC seconds); None while none does: in a draft, a vigil, under a hold."""
    return _first_end(watch, now, CHECK_IN_WAITS)


def _first_end(watch: Watch, now: Moment, waits: tuple[str, ...]) -> int | None:
    """When the first of these waits ends (UTC seconds); None while none of them runs."""
    return min((wait.ends(now) for name, _, wait in clocks.running(watch) if name in waits), default=None)


# For keepers.


def for_keeper(watch: Watch, keeper: str) -> dict[str, Any]:
    """A keeper's seat; more only while a case is open or keepers are asked. Never when the author was last heard,
    and never a track of which they hold no share: it may be words for themselves."""
    seat = watch.seat(keeper)
    shown: dict[str, Any] = {"seat": own_seat(watch, seat) if seat else None}
    if watch.practice and keeper in watch.practice.asked:
        shown["practice"] = practice(watch.practice, keeper)
    if not parts.knows_stage(watch, keeper):
        return shown
    return shown | {
        "stage": watch.stage.value,
        "plan": {"version": watch.plan.version, "quorum": watch.plan.quorum},
        "holds": holds_of(watch),
        "case": watch.case.number if watch.case else None,
        "tracks": [track_in_short(track) for track in parts.kept_tracks(watch, keeper)],
    }


def own_seat(watch: Watch, seat: Seat) -> dict[str, Any]:
    tracks = parts.kept_tracks(watch, seat.keeper)
    return {
        "stage": seat.stage.value,
        "glass_only": seat.glass_only,
        "alternate": seat.alternate,
        "tracks": [track.key for track in tracks],
        "proven": [track.key for track in tracks if (track.key, track.share_set) in seat.receipts],
    }


def practice(running: Practice, keeper: str) -> dict[str, Any]:
    """A running practice as an asked keeper sees it: whether it still waits for them, and for how long it runs."""
    return {
        "number": running.number,
        "answered": keeper in running.answered,
        "wait": {"since": running.wait.since.wall, "length": running.wait.length},
    }


def holds_of(watch: Watch) -> list[dict[str, Any]]:
    """Each standing hold: who placed it and why, and what ends it; `wait` says when it ends by itself, null for
    never."""
    return [hold(watch, one) for one in watch.holds]


def holds_for_keeper(watch: Watch, keeper: str) -> list[dict[str, Any]]:
    """The standing holds that this keeper may know of. Without a case those are their own, which they can lift, and
    that of a restore, of which every keeper of the circle had a letter that asks them to sign."""
    if parts.knows_stage(watch, keeper):
        return holds_of(watch)
    in_circle = keeper in reachable_keepers(watch)
    return [
        hold(watch, one)
        for one in watch.holds
        if one.placed_by == keeper or (one.cause is HoldCause.RESTORE and in_circle)
    ]


def has_to_sign(watch: Watch, keeper: str) -> bool:
    """Whether a restore's hold stands that waits for this keeper's signature."""
    return any(one["by_quorum"] and keeper not in one["signed"] for one in holds_for_keeper(watch, keeper))


def hold(watch: Watch, one: Hold) -> dict[str, Any]:
    wait = {"since": one.wait.since.wall, "length": one.wait.length} if one.wait else None
    return {
        "cause": one.cause.value,
        "placed_by": one.placed_by,
        "wait": wait,
        "signed": list(one.signed),
        **holds.ends_by(watch, one)._asdict(),
    }


def case(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "cause": case.cause.value,
        "opened": case.opened.wall,
        "closed": case.closed.wall if case.closed else None,
        "called": list(case.called),
        "answered": list(case.answered),
    }


def seen_home(watch: Watch) -> tuple[str, ...]:
    """Who has signed that they have seen or heard the author: while it is asked, and once the case is over. A closing
    that nobody confirmed leaves such names in its case, and that may end with the author's death."""
    case = watch.case
    stands = case is not None and not case.ended and (watch.stage is Stage.CLOSING or case.closed is not None)
    return case.home if case is not None and stands else ()


def force(watch: Watch) -> dict[str, Any]:
    """A word under force, for those whom it called: since when, who has spoken with the author, how many must. For
    everybody else there is not even the name."""
    mark = watch.force
    if mark is None:
        return {}
    signed = [keeper for keeper, _ in mark.signed]
    return {"force": {"since": mark.since.wall, "signed": signed, "needed": FREED_BY}}


def called(watch: Watch, case: Case) -> list[dict[str, Any]]:
    """Who was called, by the names they gave themselves: a report for a doctor is no place for handles."""
    names = Person.objects.in_bulk(list(case.called))
    seats = {seat.keeper: seat for seat in watch.seats}
    return [
        {
            "handle": one,
            "name": names[one].name if one in names else one,
            "alternate": bool(one in seats and seats[one].alternate),
        }
        for one in case.called
    ]


def track_in_short(track: Track) -> dict[str, Any]:
    return {
        "track": track.key,
        "condition": track.condition.value,
        "recipient": track.recipient,
        "instead_of": track.instead_of,
        "stage": track.stage.value,
        "words": track.words.value,
        "told_by": track.told_by,
        "deaths": list(track.deaths),
        "tried": list(track.tried),
        "someone": track.someone,
        "adult": track.adult,
    }


def track_in_case(watch: Watch, track: Track, person: str) -> dict[str, Any]:
    """A track with how many statements count for it, whether this person's own does, and of words that are out whether
    they wait for a person to tell of them, and whether a quorum has signed that their recipient died. Not whose count:
    why somebody's do not may be a matter of their own watch."""
    counted = supporters(watch, track)
    mine = {"counted": len(counted), "yours": person in counted}
    died = track.released is not None and death_signed(watch, track)
    waits = {"untold": waits_to_be_told(watch, track), "died": died}
    return track_in_short(track) | mine | waits


def statement(one: Statement) -> dict[str, Any]:
    return {
        "keeper": one.keeper,
        "finding": one.finding.value,
        "evidence": one.evidence.value,
        "heads": [{"track": track, "number": number, "sha256": sha} for track, number, sha in one.heads],
        "made": one.made.wall,
    }


# For a recipient.


def for_recipient(track: Track) -> dict[str, Any]:
    """A recipient's own words, once they were told of them. No other track is named."""
    return {
        "track": track.key,
        "condition": track.condition.value,
        "instead_of": track.instead_of,
        "stage": track.stage.value,
        "words": track.words.value,
        "told_by": track.told_by,
        "later_until": track.later_until,
        "someone": track.someone,
        "released": track.released.wall if track.released else None,
    }


def glass(one: Glass, now: Moment) -> dict[str, Any]:
    """One keeper's asking for the emergency notes. `alarmed` are those whose alarm was handed over; `opens` is the
    earliest second at which the notes open, null while the alarms are on their way."""
    waits = one.wait if one.stage is GlassStage.WAITING else None
    return {
        "keeper": one.keeper,
        "stage": one.stage.value,
        "alarmed": list(one.taken),
        "opens": waits.ends(now) if waits else None,
        "denied_by": one.denied_by,
    }
