"""The parts a person has in a watch, and what each part may know of it at which stage ("who knows").

author      everything, always
keeper      that they hold a seat; stage, case, holds and tracks only while a case is open or keepers are asked
recipient   nothing at all before a keeper has told them; then their own words, and who keeps them
"""

from lastwords.protocol.stages import Stage, WordsStage
from lastwords.protocol.turn import REACHABLE, reachable_keepers
from lastwords.protocol.watch import Seat, Track, Watch

AUTHOR = "author"
KEEPER = "keeper"
RECIPIENT = "recipient"
ALL = (AUTHOR, KEEPER, RECIPIENT)

HEARD_OF = (
    WordsStage.TOLD,
    WordsStage.SHARES_WANTED,
    WordsStage.OPENED,
    WordsStage.LATER,
    WordsStage.THROUGH_SOMEONE,
)
"""Stages of words whose recipient has been told for certain."""


def of(watch: Watch, person: str) -> frozenset[str]:
    """The parts this person has. A recipient counts from the moment their words are sealed; what they may know is
    another question."""
    found = set()
    if person == watch.author:
        found.add(AUTHOR)
    seat = watch.seat(person)
    called = watch.force.called if watch.force else ()
    if seat is not None and (seat.stage in REACHABLE or person in called):
        found.add(KEEPER)
    if any(track.recipient == person and track.bears_words for track in watch.tracks):
        found.add(RECIPIENT)
    return frozenset(found)


def knows_stage(watch: Watch, person: str) -> bool:
    """Whether this person may know the stage: the author always; a keeper whom the newest case has called, while it is
    open or keepers are being asked."""
    if person == watch.author:
        return True
    case = watch.case
    if case is None or person not in case.called:
        return False
    return watch.case_open or watch.stage in (Stage.VIGIL, Stage.CLOSING)


def told(track: Track) -> bool:
    """Whether this track's recipient has been told of it, by a person or a first letter, and it was not taken home."""
    if track.words is WordsStage.RELEASED:
        return track.first_letter
    return track.words in HEARD_OF or (track.words is WordsStage.DECLINED and track.released is not None)


def own_tracks(watch: Watch, person: str) -> tuple[Track, ...]:
    """The tracks this person receives and has been told of."""
    return tuple(track for track in watch.tracks if track.recipient == person and told(track))


def kept_tracks(watch: Watch, keeper: str) -> tuple[Track, ...]:
    """The tracks this keeper holds a share of: those they know of, and whose sealed files are in their kit."""
    return tuple(track for track in watch.tracks if track.bears_words and keeper in track.roster)


def kept_track(watch: Watch, keeper: str, key: str) -> Track | None:
    """The track of that name, if this keeper holds a share of it."""
    return next((track for track in kept_tracks(watch, keeper) if track.key == key), None)


def seats_in_reach(watch: Watch) -> tuple[Seat, ...]:
    """Seats of keepers who have said "I will" and were not removed, in their order."""
    return tuple(seat for seat in watch.seats if seat.stage in REACHABLE)


def audience(watch: Watch) -> tuple[str, ...]:
    """Whom a case's entries are sealed to: the circle, and the alternates whom an open case has called."""
    return reachable_keepers(watch, alternates=True)


def receives(watch: Watch, person: str) -> bool:
    """Whether this person receives any words in this watch, for themselves or for a child."""
    return any(track.is_for(person) and track.bears_words for track in watch.tracks)


def cover(watch: Watch, track: Track) -> tuple[str, ...]:
    """Whose keys the outer cover of a given share is sealed to: everyone in reach who holds a share of these words
    and receives none of them."""
    reachable = {seat.keeper for seat in seats_in_reach(watch)}
    return tuple(keeper for keeper in track.roster if keeper in reachable and not track.is_for(keeper))


def shares_watch(watch: Watch, person: str, other: str) -> bool:
    """Whether `person` may look up the keys of `other` because of this watch."""
    has = of(watch, person)
    seats = {seat.keeper for seat in seats_in_reach(watch)}
    recipients = {track.recipient for track in watch.tracks if track.bears_words}
    if AUTHOR in has and other in seats | recipients:
        return True
    if KEEPER in has:
        known = {track.recipient for track in kept_tracks(watch, person)}
        if other in seats | known | {watch.author}:
            return True
    own = own_tracks(watch, person)
    return bool(own) and other in {watch.author}.union(*(track.roster for track in own))
