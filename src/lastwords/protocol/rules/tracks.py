"""The way of one condition and recipient through a vigil: asked, last call, released. Moved by looks alone."""

from lastwords.protocol.counting import (
    agreed_on,
    death_signed,
    follower_of,
    is_quorum,
    is_quorum_for,
    primary_of,
    quorum_stands,
    undecided,
    waits_for_tries,
)
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import Order, Stage, TrackStage, WordsStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Track

from .casework import reopen, seat_in_case
from .force import lift
from .passage import has_heard, last_call_length, let_tell

ENDED = (
    WordsStage.OPENED,
    WordsStage.LATER,
    WordsStage.THROUGH_SOMEONE,
    WordsStage.DECLINED,
    WordsStage.PASSED_ON,
)


def last_call_begins(t: Turn, track: Track) -> None:
    """The quorum stands and the vigil's least time is over: the author is asked one last time, once for all the words
    of which that is so. A word under force gives way to it, and the vigil's time runs once more."""
    if t.watch.force is not None:
        lift(t)
        return
    if not t.watch.unreached and not any(one.unheard for one in t.watch.tracks):
        t.set(failing=None)  # what failed an earlier call, which was undone, says nothing of this one
    t.new_round()
    begun = [one for one in t.watch.tracks if one.key == track.key or agreed_on(t.watch, one)]
    for one in begun:
        t.move_track(one, "last_call_begins", round=t.watch.round)
        t.note("last_call", one.key)
    t.letter(LetterKind.LAST_CALL, t.watch.author, released=t.now.wall + last_call_length(t))
    for keeper in _who_reads_of(t, begun):
        if t.watch.unreached:
            t.letter(LetterKind.TRY_IN_PERSON, keeper)
        else:
            t.letter(LetterKind.LAST_CALL_BEGUN, keeper)


def track_released(t: Turn, track: Track) -> None:
    """The last call has run in full, of these words and of all others that were called for with them."""
    over = [one for one in t.watch.tracks if one.key == track.key or _is_called(t, one)]
    _release(t, over, "last_call_over")


def _is_called(t: Turn, track: Track) -> bool:
    called = track.stage is TrackStage.LAST_CALL and not track.instead_of
    return called and track.wait is not None and track.wait.over(t.now)


def _release(t: Turn, tracks: list[Track], what: str) -> None:
    """One release of each, if its quorum still stands (I3); people hear of all of them together."""
    out = []
    for track in tracks:
        if not quorum_stands(t.watch, track):
            t.move_track(track, "quorum_undone")
            t.note("last_call_undone", track.key)
            continue
        t.move_track(
            track,
            what,
            words=WordsStage.RELEASED,
            releases=track.releases + 1,
            released=t.now,
            told_by="",
            first_letter=t.watch.plan.timer_only,
            covered=True,
        )
        t.note("released", track.key)
        out.append(track)
    if t.watch.plan.timer_only:
        readers = sorted({track.reader for track in out})
        for reader in readers:
            t.letter(LetterKind.FIRST_LETTER, reader)
        has_heard(t, *readers)
        return
    for keeper in _who_reads_of(t, out):
        t.letter(LetterKind.WORDS_RELEASED, keeper)


def _who_reads_of(t: Turn, tracks: list[Track]) -> list[str]:
    """The keepers who get one letter about all of these: nobody who would read of words for themselves alone."""
    keepers = t.reachable_keepers(alternates=True)
    return [keeper for keeper in keepers if not all(track.is_for(keeper) for track in tracks)]


def alternate_follows(t: Turn, track: Track) -> None:
    """The first recipient's death was signed and the survivorship time has run: the alternate's words are released."""
    first = primary_of(t.watch, track)
    assert first is not None
    t.set_track(first, words=WordsStage.PASSED_ON)
    t.note("passed_on", first.key)
    _release(t, [track], "alternate_follows")


def recipient_untold(t: Turn, track: Track) -> None:
    """Nobody has said "told" for two weeks of service: a first letter without content goes to the recipient."""
    t.set_track(track, first_letter=True)
    t.note("first_letter", track.key)
    t.letter(LetterKind.FIRST_LETTER, track.reader)
    has_heard(t, track.reader)


def later_is_over(t: Turn, track: Track) -> None:
    """The day that the recipient chose: one letter, without content, and none after it."""
    t.set_track(track, later_until=0)
    t.note("later_is_over", track.key)
    t.letter(LetterKind.LATER_IS_OVER, track.reader)


def ask_again(t: Turn, _: None) -> None:
    """The keepers have not agreed, or have not tried in person. The words stay sealed, and they are asked once more."""
    t.asks_again()
    t.note("asked_again")
    if not ask_to_try(t) or any(undecided(t.watch, track) for track in t.watch.tracks):
        t.to_keepers(LetterKind.ASKED_AGAIN, alternates=True, round=t.watch.asking)


def ask_to_try(t: Turn) -> bool:
    """Where no mailbox of the author takes a last call, the keepers are asked to try in person, but for whoever would
    count for none of the words. Whether any last call waits for that."""
    waiting = [track for track in t.watch.tracks if waits_for_tries(t.watch, track)]
    for keeper in _who_reads_of(t, waiting):
        t.letter(LetterKind.TRY_IN_PERSON, keeper)
    return bool(waiting)


def sign_tried(t: Turn) -> None:
    """When no mailbox of the author accepts anything, a quorum's "we tried in person" stands for the hand-over, and
    the last call lasts as long as an unreached author is waited for."""
    keeper = seat_in_case(t).keeper
    waiting = [track for track in t.watch.tracks if track.unheard]
    if not waiting:
        raise refuse("not_in_last_call")
    if not t.watch.unreached:
        raise refuse("mail_reaches")
    if all(keeper in track.tried for track in waiting):
        raise refuse("signed_already")
    for track in waiting:
        t.set_track(track, tried=tuple(sorted({*track.tried, keeper})))
    t.note("tried_in_person", keeper)
    settle_tried(t)


def settle_tried(t: Turn) -> None:
    """Begins the last calls for which a quorum of those who count for these very words has tried in person."""
    for track in t.watch.tracks:
        if waits_for_tries(t.watch, track) and is_quorum_for(t.watch, track, track.tried):
            t.set_track(track, wait=t.wait(t.watch.plan.unreached))
            t.note("wait_begins", track.key)


def sign_recipient_died(t: Turn) -> None:
    """A keeper signs that a recipient died, of all words for them, in their own right or in another's place. Whoever
    would receive in their place does not count (I11), and is not told so: a refusal would tell them of words they are
    not to know of."""
    seat = seat_in_case(t)
    if seat.keeper == t.event.recipient:
        raise refuse("recipient_cannot")
    of_recipient = [track for track in t.watch.tracks if track.recipient == t.event.recipient]
    if not of_recipient:
        raise refuse("nothing_sealed")
    if all(seat.keeper in track.deaths for track in of_recipient):
        raise refuse("signed_already")
    if t.event.order is Order.BEFORE_TOLD and all(track.told_by for track in of_recipient):
        raise refuse("told_already")
    for track in of_recipient:
        t.set_track(track, deaths=tuple(sorted({*track.deaths, seat.keeper})))
    t.note("recipient_died", t.event.recipient)


def retract_recipient_died(t: Turn) -> None:
    """A keeper was wrong about a recipient. Where a quorum falls by that, people have their time to tell them anew.
    Once somebody has followed in this case it is too late, but for one who would follow: they never counted, and are
    not told."""
    keeper = seat_in_case(t).keeper
    signed = [one for one in t.watch.tracks if one.recipient == t.event.recipient and keeper in one.deaths]
    if not signed:
        raise refuse("death_not_signed")
    follows = any(one.instead_of == t.event.recipient and one.is_for(keeper) for one in t.watch.tracks)
    back = [track for track in signed if follows or track.words is not WordsStage.PASSED_ON]
    if not back:
        raise refuse("alternate_follows")
    for track in back:
        stood = death_signed(t.watch, track)
        left = t.set_track(track, deaths=tuple(one for one in track.deaths if one != keeper))
        if stood and not death_signed(t.watch, left):
            let_tell(t, left)
    t.note("death_retracted", t.event.recipient)
    _go_on(t)


def _go_on(t: Turn) -> None:
    """Words wait for somebody again: what was signed towards the case's end is void, and one that had ended is open."""
    if not all(_is_done(t, track) for track in t.watch.tracks):
        t.set_case(ended_by=())
        reopen(t)


def sign_end(t: Turn) -> None:
    """When every released word is opened, kept for later, passed on or declined, a quorum closes the case."""
    keeper = seat_in_case(t).keeper
    case = t.watch.case
    assert case is not None
    if case.ended:
        raise refuse("signed_already")
    if not all(_is_done(t, track) for track in t.watch.tracks):
        raise refuse("not_ended")
    if keeper in case.ended_by:
        raise refuse("signed_already")
    signed = tuple(sorted({*case.ended_by, keeper}))
    t.set_case(ended_by=signed)
    settle_end(t)


def settle_end(t: Turn) -> None:
    """Closes the case when a quorum has signed its end and nothing waits for anyone any more."""
    case = t.watch.case
    if (
        t.watch.stage is not Stage.VIGIL
        or case is None
        or case.ended
        or not is_quorum(t.watch, case.ended_by)
    ):
        return
    if all(_is_done(t, track) for track in t.watch.tracks):
        t.set_case(closed=t.now, ended=True)
        t.note("case_closed", str(case.number))


def _is_done(t: Turn, track: Track) -> bool:
    """Words that still wait for someone keep a case open; an alternate's wait only once they have followed, and those
    for somebody who died only while an alternate may follow them."""
    if not track.bears_words or track.words in ENDED:
        return True
    if track.stage is TrackStage.RELEASED and death_signed(t.watch, track):
        return track.words is not WordsStage.RELEASED or follower_of(t.watch, track) is None
    return bool(track.instead_of) and track.stage is not TrackStage.RELEASED
