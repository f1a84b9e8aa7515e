"""Who counts, and whether a quorum stands. The quorum is never lowered, here or anywhere."""

from collections.abc import Iterable

from .stages import Condition, Evidence, Finding, SeatStage, TrackStage, WordsStage
from .watch import Seat, Statement, Track, Watch

FINDINGS_FOR = {
    Condition.DIED: (Finding.DIED,),
    Condition.CANNOT_ACT: (Finding.DIED, Finding.CANNOT_ACT),
}
"""Which findings count for which condition: *died* implies *cannot act*, never the other way round."""

FIT = (SeatStage.VERIFIED, SeatStage.SEASONED, SeatStage.RESTING)
"""Seats whose alarms, holds and "spoken with" are heard. A suspended seat's are not."""


def stands(seat: Seat) -> bool:
    """Whether the author has made sure of this keeper, and no season is left to run. Whoever has no more than the
    author's open session can fill a seat; they cannot make it stand."""
    return seat.stage in FIT and seat.season is None


def receives_words(watch: Watch, person: str) -> bool:
    return any(track.bears_words and track.is_for(person) for track in watch.tracks)


def holds_share(seat: Seat, track: Track) -> bool:
    """The keeper has proven that their share of this track's present share set opens."""
    return (track.key, track.share_set) in seat.receipts


def receipt_tells(watch: Watch, seat: Seat, pair: tuple[str, str]) -> bool:
    """Whether a receipt for this (track, share set) says anything new: of a share not proven yet, in a practice that
    waits for it, or by a seat that rests or will rest when it is restored."""
    practice = watch.practice
    awaited = practice is not None and seat.keeper in practice.asked and seat.keeper not in practice.answered
    return pair not in seat.receipts or awaited or seat.owes_proof


def countable(watch: Watch, seat: Seat, track: Track) -> bool:
    """Whether this seat's finding counts for this track.

    Seasoned, not suspended, not stepped back, holding a share that opened, not receiving these words, and not silent
    themselves (I10, I11)."""
    return (
        seat.stage is SeatStage.SEASONED
        and seat.aside is None
        and not track.is_for(seat.keeper)
        and seat.keeper not in watch.silent
        and holds_share(seat, track)
    )


def counting(watch: Watch) -> tuple[str, ...]:
    """Keepers who count for at least one track: those whose signatures make a quorum on the author. Of a track that
    bears no words nobody holds a share."""
    return tuple(
        seat.keeper for seat in watch.seats if any(countable(watch, seat, track) for track in watch.tracks)
    )


def is_quorum(watch: Watch, signers: Iterable[str]) -> bool:
    return len(set(signers) & set(counting(watch))) >= watch.plan.quorum


def is_quorum_for(watch: Watch, track: Track, signers: Iterable[str]) -> bool:
    """Whether k of the signers count for this very track: what moves it is never signed by its own recipient (I11)."""
    signed = set(signers)
    counted = [seat for seat in watch.seats if seat.keeper in signed and countable(watch, seat, track)]
    return len(counted) >= watch.plan.quorum


def dissents(watch: Watch) -> tuple[Statement, ...]:
    """Standing "spoken with" statements of seats that are heard."""
    return tuple(
        statement
        for statement in watch.statements
        if statement.finding is Finding.SPOKEN_WITH and is_fit(watch, statement.keeper)
    )


def is_fit(watch: Watch, keeper: str) -> bool:
    seat = watch.seat(keeper)
    return seat is not None and seat.stage in FIT


def supporters(watch: Watch, track: Track) -> tuple[str, ...]:
    """Keepers whose standing statement counts for this track, bound to its newest manifest."""
    if not watch.statements:
        return ()
    findings, head = FINDINGS_FOR[track.condition], (track.key, *track.manifest)
    return tuple(
        statement.keeper
        for statement in watch.statements
        if statement.finding in findings
        and statement.evidence is not Evidence.RUMOUR
        and head in statement.heads
        and (seat := watch.seat(statement.keeper)) is not None
        and countable(watch, seat, track)
    )


def quorum_stands(watch: Watch, track: Track) -> bool:
    """Whether this track's quorum stands now: k supporters and nobody who has spoken with the author."""
    if watch.plan.timer_only:
        return True
    return not dissents(watch) and len(supporters(watch, track)) >= watch.plan.quorum


def barred_by_force(watch: Watch, track: Track) -> bool:
    """While the word under force stands, a quorum is one of those whom it called. Whoever makes an author check in may
    make them change their circle too, and the new one has not been told."""
    mark = watch.force
    return mark is not None and len(set(supporters(watch, track)) & set(mark.called)) < watch.plan.quorum


def agreed_on(watch: Watch, track: Track) -> bool:
    """Whether a quorum of those who count agrees, and the last call has not begun."""
    asked = track.bears_words and track.stage is TrackStage.ASKED
    return asked and quorum_stands(watch, track) and not barred_by_force(watch, track)


def undecided(watch: Watch, track: Track) -> bool:
    """Whether keepers are still asked about these words: no quorum of them agrees."""
    return track.bears_words and track.stage is TrackStage.ASKED and not agreed_on(watch, track)


def waits_for_tries(watch: Watch, track: Track) -> bool:
    """Whether no mailbox of the author takes this track's last call: it begins when a quorum has tried in person."""
    return watch.unreached and track.unheard


def waits_to_be_told(watch: Watch, track: Track) -> bool:
    """Whether released words wait for a person to tell of them. Whoever asks for them after a letter alone waits for
    that as well: whoever tells them takes off every cover, where each of the others could give one share."""
    untold = track.words in (WordsStage.RELEASED, WordsStage.SHARES_WANTED) and not track.told_by
    return track.released is not None and untold and not death_signed(watch, track)


def primary_of(watch: Watch, track: Track) -> Track | None:
    """The track of the recipient in whose place an alternate stands."""
    return next(
        (
            other
            for other in watch.tracks
            if other.condition is track.condition
            and other.recipient == track.instead_of
            and not other.instead_of
        ),
        None,
    )


def death_signed(watch: Watch, track: Track) -> bool:
    """A quorum has signed that this track's recipient died. Nobody who would receive in their place counts."""
    gain = [other for other in watch.tracks if other.instead_of == track.recipient and other.bears_words]
    signers = set(track.deaths) & set(counting(watch)) - {track.recipient}
    return sum(not any(one.is_for(keeper) for one in gain) for keeper in signers) >= watch.plan.quorum


def alternate_may_follow(watch: Watch, track: Track) -> bool:
    """An alternate's words wait for the release to a first recipient who was not told and whose death is signed; and
    nobody follows whose own death is signed (I10)."""
    first = primary_of(watch, track)
    return (
        first is not None
        and first.stage is TrackStage.RELEASED
        and first.words is WordsStage.RELEASED
        and death_signed(watch, first)
        and not death_signed(watch, track)
    )


def follower_of(watch: Watch, track: Track) -> Track | None:
    """The alternate's track that follows if this track's recipient has died, unless they died as well, or have followed
    already: what an alternate has opened stays open, and they follow once."""
    return next(
        (
            other
            for other in watch.tracks
            if other.bears_words
            and other.stage is not TrackStage.RELEASED
            and primary_of(watch, other) == track
            and not death_signed(watch, other)
        ),
        None,
    )
