"""From stage to stage: what is written, forgotten and begun anew each time a watch enters one."""

from dataclasses import replace

from lastwords.protocol.counting import death_signed, dissents, is_quorum
from lastwords.protocol.effects import LetterKind, Ripple
from lastwords.protocol.stages import CaseCause, Finding, HoldCause, Stage, TrackStage, WordsStage
from lastwords.protocol.turn import SILENT_STAGES, Turn
from lastwords.protocol.watch import HOST, Closing, Hold, Track

OPENABLE = (
    WordsStage.RELEASED,
    WordsStage.TOLD,
    WordsStage.SHARES_WANTED,
    WordsStage.LATER,
    WordsStage.THROUGH_SOMEONE,
    WordsStage.DECLINED,
    WordsStage.PASSED_ON,
)
"""Released and not opened: what life takes back."""


def enter(t: Turn, stage: Stage) -> None:
    """Changes the stage and sends word to other watches when the author falls silent or speaks again."""
    before = t.watch.stage
    t.set(stage=stage)
    t.note("stage", stage)
    if (before in SILENT_STAGES) != (stage in SILENT_STAGES):
        t.ripples.append(Ripple(t.watch.author, stage in SILENT_STAGES))


def begin_late(t: Turn, letter: LetterKind) -> None:
    """The author is asked. The wait starts only when a letter was handed over."""
    enter(t, Stage.LATE)
    for track in t.watch.tracks:
        if track.stage is TrackStage.LAST_CALL:
            t.move_track(track, "asked_anew")
    t.new_asking()
    t.set(failing=None, unreached=False, reminded=False, trip=None, practice=None)
    ask_author(t, letter)


def ask_author(t: Turn, letter: LetterKind) -> None:
    plan, wall = t.watch.plan, t.now.wall
    t.letter(letter, t.watch.author, keepers_asked=wall + plan.late, released=wall + plan.least)


def begin_vigil(t: Turn) -> None:
    """Keepers are asked for statements. With a timer-only plan there is nobody to ask, and the last call begins."""
    enter(t, Stage.VIGIL)
    t.open_case(CaseCause.VIGIL)
    call_keepers(t)
    hold_for_dissent(t)


def hold_for_dissent(t: Turn) -> bool:
    """In a vigil a standing *spoken with* of a seat that is heard holds everything for its time. True when it is held
    from now on."""
    spoken = dissents(t.watch)
    if t.watch.stage is not Stage.VIGIL or not spoken or t.watch.hold(HoldCause.SPOKEN_WITH):
        return False
    hold = Hold(HoldCause.SPOKEN_WITH, spoken[0].keeper, t.wait(t.watch.plan.spoken_hold))
    t.set(holds=(*t.watch.holds, hold))
    t.note("hold_placed", HoldCause.SPOKEN_WITH)
    return True


def call_keepers(t: Turn) -> None:
    """Writes the vigil's letters anew; its least time starts when a quorum of keepers has been reached."""
    t.new_asking()
    t.set(asked_again=t.now)
    for track in t.watch.tracks:
        if track.stage is TrackStage.LAST_CALL:
            t.move_track(track, "asked_anew")
    plan = t.watch.plan
    if plan.timer_only:
        begin_timer_last_calls(t)
        return
    t.to_keepers(
        LetterKind.KEEPER_CALLED,
        alternates=True,
        released=t.now.wall + plan.vigil + plan.last_call,
        unreached=int(t.watch.unreached),
    )


def reached(t: Turn, keeper: str) -> None:
    """A keeper knows that they are asked: a letter was taken, or, whatever becomes of their mailbox, they have made a
    statement in this vigil (L1)."""
    t.set(heard=tuple(sorted({*t.watch.heard, keeper})))
    recount(t)


def recount(t: Turn) -> None:
    """Begins the wait of a vigil or a closing once those who were reached make a quorum."""
    watch, closing = t.watch, t.watch.closing
    if watch.stage is Stage.VIGIL and watch.wait is None and is_quorum(watch, watch.heard):
        t.set(wait=t.wait(watch.plan.vigil))
        t.note("wait_begins", Stage.VIGIL)
    elif closing and closing.wait is None and is_quorum(watch, watch.heard):
        t.set(closing=replace(closing, wait=t.wait(watch.plan.closing)))
        t.note("wait_begins", Stage.CLOSING)


def begin_timer_last_calls(t: Turn) -> None:
    """A timer-only plan's vigil: every track at last call from the first moment, the author asked once more."""
    for track in t.watch.tracks:
        if track.bears_words:
            t.move_track(track, "last_call_begins", round=t.watch.round)
    t.letter(LetterKind.LAST_CALL, t.watch.author, released=t.now.wall + last_call_length(t))


def last_call_length(t: Turn) -> int:
    """Seconds of a last call. A timer-only plan has no vigil to wait through, so its last call is as long as both:
    nothing is released earlier under it than under any other plan."""
    plan = t.watch.plan
    return plan.vigil + plan.last_call if plan.timer_only else plan.last_call


def begin_closing(t: Turn, credential: str) -> None:
    """The author has given a strong sign: nothing moves, what is not opened is recalled, keepers are asked."""
    asked = t.watch.stage is Stage.VIGIL
    enter(t, Stage.CLOSING)
    take_down(t)
    if t.watch.case:
        t.set_case(closed=None, ended=False, ended_by=(), home=())
    t.new_asking()
    t.set(
        closing=Closing(credential, t.watch.round, asked=asked),
        failing=None,
        unreached=False,
        asked_again=t.now,
    )
    t.letter(LetterKind.HOME_BEGUN, t.watch.author)
    t.to_keepers(LetterKind.HOME_QUESTION, alternates=True)


def take_down(t: Turn) -> None:
    """Voids every statement, deletes every given share, takes every track down and recalls what is unopened. What was
    signed of a recipient's death goes too: somebody may have been wrong, and it would turn words away years later."""
    void_statements(t)
    for track in t.watch.tracks:
        if track.deaths:
            track = t.set_track(track, deaths=())
        if track.stage is TrackStage.LAST_CALL:
            t.move_track(track, "recalled")
    recall(t)
    t.set(holds=tuple(hold for hold in t.watch.holds if not ends_by_strong_sign(hold)))


def recall(t: Turn) -> None:
    """Takes back what is out and not opened. What was opened stays so, and no statement holds it up any more. That it
    was opened is the recipient's word: where the shares are still with the keepers, it counts for nothing."""
    for track in t.watch.tracks:
        if track.words in OPENABLE or _only_said_to_be_open(t, track):
            t.note("recalled", track.key)
            t.move_track(track, "recalled", words=WordsStage.RECALLED, released=None)
        elif track.released:
            t.set_track(track, released=None)


def _only_said_to_be_open(t: Turn, track: Track) -> bool:
    """Out, called open, and locked all the same: keepers hold shares of it, and none of them was handed out."""
    locked = bool(track.roster) and not track.handed and not t.watch.plan.timer_only
    return track.words is WordsStage.OPENED and track.released is not None and locked


def void_statements(t: Turn) -> None:
    """Forgets all statements and deletes the shares given with them. Where a share was given, new keys are due. Whose
    *spoken with* goes before its time can state it again."""
    voided = {made.keeper for made in t.watch.statements if made.finding is Finding.SPOKEN_WITH}
    if t.watch.case is not None and voided & set(t.watch.case.spoken):
        t.set_case(spoken=tuple(one for one in t.watch.case.spoken if one not in voided))
    if any(statement.finding in (Finding.DIED, Finding.CANNOT_ACT) for statement in t.watch.statements):
        due = {track.key for track in t.watch.tracks if track.bears_words} | set(t.watch.keys_due)
        t.set(keys_due=tuple(sorted(due)))
    if t.watch.statements:
        t.set(statements=())
        t.note("statements_void")
    t.shred()


def ends_by_strong_sign(hold: Hold) -> bool:
    """The host's own holds end by the host or by time, but for that of a restore; every other hold yields to the living
    author."""
    return hold.placed_by != HOST or hold.cause is HoldCause.RESTORE


def come_home(t: Turn) -> None:
    """The author is back: the case closes, and whoever was called into it or told of words gets one calm letter, though
    they have passed their seat on since, or what they were told of was released again, taken back or sealed anew."""
    case = t.watch.case if t.watch.case_open or t.watch.stage in SILENT_STAGES else None
    enter(t, Stage.WELL)
    take_down(t)
    if t.watch.case_open:
        t.set_case(closed=t.now)
        t.note("case_closed")
    t.new_asking()
    if case is not None:
        t.letter(LetterKind.WELCOME_HOME, t.watch.author)
        t.to_keepers(LetterKind.WELCOME_HOME, alternates=True)
        for person in sorted({*case.called, *case.told} - {*t.reachable_keepers(alternates=True)}):
            t.letter(LetterKind.WELCOME_HOME, person, told=int(person not in case.called))
    for track in t.watch.tracks:
        if track.told_by or track.first_letter:
            t.set_track(track, told_by="", first_letter=False)
    t.set(closing=None, failing=None, unreached=False)
    start_well(t)


def let_tell(t: Turn, track: Track) -> None:
    """Nobody could tell of these words for a while: the time in which a person may, before a letter does, begins anew.
    Of somebody whose death is signed nobody may at all, and what waits for that goes on."""
    waits = track.words is WordsStage.RELEASED and not track.first_letter
    if waits and not death_signed(t.watch, track):
        t.set_track(track, released=t.now)


def has_heard(t: Turn, *people: str) -> None:
    """These people have heard of words in this case: if the author comes home, they hear of that, too."""
    assert t.watch.case is not None
    t.set_case(told=tuple(sorted({*t.watch.case.told, *people})))


def start_well(t: Turn) -> None:
    """The check-in wait begins anew, counted from now."""
    t.set(last_sign=t.now, weak_in_row=0, reminded=False, trip=None, held=())


def restart_stage(t: Turn) -> None:
    """After a hold: the stage's wait begins again in full, its letters written again."""
    watch = t.watch
    if watch.stage is Stage.WELL:
        t.set(last_sign=t.now, reminded=False)
        if watch.trip:
            length = max(0, watch.trip.back - t.now.wall) + watch.trip.extra
            t.set(trip=type(watch.trip)(watch.trip.back, watch.trip.extra, t.wait(length)))
    elif watch.stage is Stage.LATE:
        t.new_asking()
        t.set(failing=None, reminded=False)
        ask_author(t, LetterKind.CHECK_IN_MISSED)
    elif watch.stage is Stage.VIGIL:
        call_keepers(t)
        for track in t.watch.tracks:
            let_tell(t, track)
    elif watch.closing:
        t.new_asking()
        t.set(closing=replace(watch.closing, round=t.watch.round, wait=None), asked_again=t.now)
        t.to_keepers(LetterKind.HOME_QUESTION, alternates=True)
    for glass in t.watch.glass:
        if glass.wait:
            t.set_glass(glass, wait=t.wait(t.watch.plan.glass))
