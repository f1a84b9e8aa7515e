"""Sealed words: a newer manifest for one condition and recipient. The last sealed version is the only one."""

from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import SeatStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Track, track_key

HOLDERS = (SeatStage.VERIFIED, SeatStage.SEASONED, SeatStage.RESTING, SeatStage.SUSPENDED)


def seal(t: Turn) -> None:
    """Takes a manifest that follows the newest one. No items: the words are taken back."""
    t.must_be_author()
    event = t.event
    key = track_key(event.condition, event.recipient, event.instead_of)
    old = t.watch.track(key) or Track(event.condition, event.recipient, event.instead_of)
    if event.items:
        _seal_newer(t, old)
    else:
        _take_back(t, old)


def _seal_newer(t: Turn, old: Track) -> None:
    event = t.event
    if event.number != old.manifest[0] + 1 or event.before != old.manifest[1]:
        raise refuse("manifest_not_next")
    _check_majority(t)
    new = Track(
        event.condition,
        event.recipient,
        event.instead_of,
        adult=event.adult,
        manifest=(event.number, event.hash),
        share_set=event.share_set,
        k=event.k,
        roster=tuple(sorted(event.roster)),
        items=tuple(sorted(event.items)),
        releases=old.releases,
    )
    _check_roster(t, new)
    _replace(t, new)
    if event.share_set != old.share_set:
        t.set(keys_due=tuple(due for due in t.watch.keys_due if due != new.key))
    t.note("sealed", new.key)


def _take_back(t: Turn, old: Track) -> None:
    """The manifest stays the newest and the next one follows it; but a track without items bears no words, so that
    no statement about them counts and nothing of them can be released."""
    event = t.event
    if not old.bears_words:
        raise refuse("nothing_sealed")
    if (event.number, event.hash, event.before) != (*old.manifest, old.manifest[1]):
        raise refuse("manifest_not_next")
    bare = Track(old.condition, old.recipient, old.instead_of, manifest=old.manifest, releases=old.releases)
    _replace(t, bare)
    t.note("taken_back", old.key)


def _replace(t: Turn, new: Track) -> None:
    others = tuple(track for track in t.watch.tracks if track.key != new.key)
    t.set(tracks=tuple(sorted((*others, new), key=lambda track: track.key)))


def _check_roster(t: Turn, new: Track) -> None:
    """Shares go only to verified keepers, and never to whoever receives these very words (I11)."""
    for keeper in new.roster:
        seat = t.watch.seat(keeper)
        if seat is None or seat.stage not in HOLDERS or new.is_for(keeper):
            raise refuse("roster_unknown")


def _check_majority(t: Turn) -> None:
    """The number that moves these words stays a majority of all who hold a share of them, or two circles that know
    nothing of each other could both agree. That number is the plan's, or a greater one that the shares themselves take:
    by that a circle grows, since a plan with a greater quorum is armed only once enough hold a share. Before arming
    there is no number yet, and arming looks at it."""
    plan = t.watch.plan
    if t.watch.armed and not plan.timer_only and 2 * max(plan.quorum, t.event.k) <= len(set(t.event.roster)):
        raise refuse("too_many_shares")
