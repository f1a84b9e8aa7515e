"""Sealed words: a newer manifest for one condition and recipient. The last sealed version is the only one."""

from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import SeatStage, Stage, TrackStage, WordsStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Track, track_key

HOLDERS = (SeatStage.VERIFIED, SeatStage.SEASONED, SeatStage.RESTING, SeatStage.SUSPENDED)


def seal(t: Turn) -> None:
    """Takes a manifest that follows the newest one. No items: the words are taken back."""
    t.must_be_author()
    event = t.event
    key = track_key(event.condition, event.recipient, event.instead_of)
    old = t.watch.track(key) or Track(event.condition, event.recipient, event.instead_of)
    if event.number != old.manifest[0] + 1 or event.before != old.manifest[1]:
        raise refuse("manifest_not_next")
    if not event.items and not old.bears_words:
        raise refuse("nothing_sealed")
    _check_roster(t, event.roster, event.recipient)
    new = Track(
        event.condition,
        event.recipient,
        event.instead_of,
        manifest=(event.number, event.hash),
        share_set=event.share_set,
        roster=tuple(sorted(event.roster)),
        items=tuple(sorted(event.items)),
        stage=TrackStage.ASKED,
        words=WordsStage.SEALED,
        releases=old.releases,
    )
    others = tuple(track for track in t.watch.tracks if track.key != key)
    t.set(tracks=tuple(sorted((*others, new), key=lambda track: track.key)))
    if event.share_set != old.share_set:
        t.set(keys_due=tuple(due for due in t.watch.keys_due if due != key))
    t.note("sealed" if event.items else "taken_back", key)


def _check_roster(t: Turn, roster: tuple[str, ...], recipient: str) -> None:
    """Shares go only to verified keepers, and never to the recipient of these very words (I11)."""
    for keeper in roster:
        seat = t.watch.seat(keeper)
        if seat is None or seat.stage not in HOLDERS or keeper == recipient:
            raise refuse("roster_unknown")


def seal_at_home(t: Turn) -> None:
    """In *well*, unless an alarm's case is somehow open; in *closing* the author has given a strong sign."""
    if t.watch.case_open and t.watch.stage is Stage.WELL:
        raise refuse("sign_first")
    seal(t)
