"""Words on their way to a recipient: told by a person first, then opened, kept for later, or declined."""

from typing import Any

from lastwords.protocol.clocks import running
from lastwords.protocol.counting import death_signed
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Wait
from lastwords.protocol.refusals import refuse
from lastwords.protocol.small import STAYS, WORDS, admit
from lastwords.protocol.stages import SeatStage, Stage, WordsStage
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import Track

from .passage import has_heard


def tell(t: Turn) -> None:
    """A keeper who does not receive these words has told the recipient; in the same act the outer covers come off.

    Refused while anything stands still or the recipient's own watch is in vigil or closing (I10)."""
    track = _track(t)
    seat = t.seat_of_actor()
    if track.is_for(seat.keeper):
        raise refuse("recipient_cannot")
    cell = admit(WORDS, type(t.event), track.words)
    _may_hand_over(t, track)
    if cell == STAYS and track.told_by:
        raise refuse("told_already")
    words = track.words if cell == STAYS else WordsStage(cell)
    t.set_track(track, words=words, told_by=seat.keeper, covered=t.event.covered)
    t.note("told", track.key)
    t.letter(LetterKind.WORDS_WAITING, track.reader)
    has_heard(t, track.reader)


def give(t: Turn) -> None:
    """A keeper on the words' roster gives a share (again). The paper goes with the step; nothing moves."""
    track = _track(t)
    seat = t.seat_of_actor()
    if seat.keeper not in track.roster:
        raise refuse("not_a_keeper")
    admit(WORDS, type(t.event), track.words)
    _may_hand_over(t, track)
    t.note("share_given", track.key)


def _may_hand_over(t: Turn, track: Track) -> None:
    """Nothing goes to a recipient while a clock stands, while they are silent themselves, or when they died (I10)."""
    if t.watch.stage is not Stage.VIGIL or t.watch.holds:
        raise refuse("clocks_stand")
    if track.recipient in t.watch.silent:
        raise refuse("recipient_silent")
    if death_signed(t.watch, track):
        raise refuse("recipient_died")


def want_shares(t: Turn) -> None:
    """The recipient's client asks for the uncovered shares, or says which of them are false.

    Refused under a hold: shares that are out cannot be taken back, and the author may live."""
    track, cell = _of_recipient(t)
    if t.watch.holds and not (track.words is WordsStage.OPENED and track.handed):
        raise refuse("clocks_stand")
    t.note("shares_wanted", track.key)
    changes: dict[str, Any] = {"handed": True} if track.words is not WordsStage.RELEASED else {}
    if cell != STAYS:
        changes["words"] = WordsStage(cell)
    t.set_track(track, **changes)
    named = sorted(keeper for keeper in set(t.event.bad) if _has_held(t, track, keeper))
    for keeper in named:
        t.note("bad_share", keeper)
    lacking = [f"{track.key} {keeper}" for keeper in named]
    if track.covered and track.roster:
        lacking.append(track.key)
    if lacking and track.words is not WordsStage.OPENED:
        _ask_keepers(t, track, lacking)


def _has_held(t: Turn, track: Track, keeper: str) -> bool:
    """Whether a share of these words may be this keeper's: what rests on whoever has passed their seat on is kept."""
    seat = t.watch.seat(keeper)
    return keeper in track.roster or (seat is not None and seat.stage is SeatStage.SUCCEEDED)


def _ask_keepers(t: Turn, track: Track, lacking: list[str]) -> None:
    """Writes to the keepers of shares that they were not asked for yet, or not since they were last asked anything: a
    recipient could fill every mailbox, and nobody would read the letter that matters. Where time alone asks nobody
    anew, the same days after the last asking do."""
    asked_by_time = any(name == "ask_again" for name, _, _ in running(t.watch))
    if not asked_by_time and Wait(t.watch.asked_again, t.watch.plan.ask_again).over(t.now):
        t.asks_again()
    if set(lacking) - set(t.watch.tasked):
        t.set(tasked=tuple(sorted({*t.watch.tasked, *lacking})))
        for keeper in t.reachable_keepers():
            if not track.is_for(keeper):
                t.letter(LetterKind.SHARES_WANTED, keeper)


def open_words(t: Turn) -> None:
    """The recipient has opened them. After a recall, or while a clock stands, this is a fact only where the shares had
    been handed out: or whoever says so would have them handed out by that."""
    track, cell = _of_recipient(t)
    if track.words is WordsStage.RECALLED and not track.handed:
        raise refuse("recalled")
    if t.watch.holds and not track.handed:
        raise refuse("clocks_stand")
    if track.words is WordsStage.RELEASED and not t.watch.plan.timer_only:
        raise refuse("not_told")
    t.move_track(t.set_track(track, words=WordsStage(cell)), "opened")
    t.note("opened", track.key)


def later(t: Turn) -> None:
    """Not now: asked again on a date of the recipient's choosing, or never."""
    if t.event.until and t.event.until <= t.now.wall:
        raise refuse("later_date")
    track, cell = _of_recipient(t)
    t.set_track(track, words=WordsStage(cell), later_until=t.event.until)
    t.note("later", track.key)


def through_someone(t: Turn) -> None:
    track, cell = _of_recipient(t)
    t.set_track(track, words=WordsStage(cell), someone=t.event.someone)
    t.note("through_someone", track.key)


def decline(t: Turn) -> None:
    """No, thank you. Said of sealed words it is written down as "not now" and binds nothing."""
    track, cell = _of_recipient(t)
    if cell == STAYS:
        t.note("not_now", track.key)
        return
    t.set_track(track, words=WordsStage(cell))
    t.note("declined", track.key)


def _track(t: Turn) -> Track:
    track = t.watch.track(t.event.track)
    if track is None or not track.bears_words:
        raise refuse("nothing_sealed")
    return track


def _of_recipient(t: Turn) -> tuple[Track, str]:
    """The track and its cell, for its recipient alone; before *told* only once the first letter has gone out, and in
    the name of somebody who died only where the shares are out."""
    track = t.watch.track(t.event.track)
    if track is None or track.recipient != t.event.by or not track.bears_words:
        raise refuse("not_the_recipient")
    cell = admit(WORDS, type(t.event), track.words)
    if track.words is WordsStage.RELEASED and not track.first_letter:
        raise refuse("not_told")
    if track.words is not WordsStage.SEALED and death_signed(t.watch, track) and not track.handed:
        raise refuse("said_to_have_died")
    return track, cell
