"""Who is written to, and what the letter says: days from now, names and numbers. A letter too few is a silence that
nobody explains, and a letter too many tells somebody of what is not theirs to know."""

from collections.abc import Callable

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    HOST,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    PHONE,
    SHIZUNE,
    TSUNADE,
    ULLY,
    Play,
    armed,
    died,
    sealing,
    spoken,
    stating,
    strong,
    weak,
)

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, Finding, HoldCause, Tamper

CIRCLE = (*PACK, KAKASHI)
CALLED = (*CIRCLE, TSUNADE)
PROVEN = ((FOR_KAKASHI, "s1"), (FOR_NARUTO, "s1"))
SEEN = {str(sign): int(sign is Tamper.FAILED_SIGN_INS) for sign in Tamper}
NEW = {str(sign): int(sign is Tamper.NEW_CREDENTIAL) for sign in Tamper}

Written = dict[tuple[str, tuple[str, ...]], dict[str, float | str]]


def written(play: Play) -> Written:
    """Kind and readers of what was written since the letters were last cleared, with the facts; moments in days."""
    found: dict[tuple[str, tuple[tuple[str, float | str], ...]], list[str]] = {}
    for letter in play.letters:
        facts = tuple(
            (name, (value - play.now.wall) / DAY if isinstance(value, int) and value > 1_000_000 else value)
            for name, value in letter.facts
        )
        found.setdefault((str(letter.kind), facts), []).append(letter.to)
    return {(kind, tuple(sorted(to))): dict(facts) for (kind, facts), to in found.items()}


def to(kind: str, *readers: str, **facts: float | str) -> Written:
    return {(kind, tuple(sorted(readers))): facts}


def but(*left_out: str, of: tuple[str, ...] = CALLED) -> tuple[str, ...]:
    return tuple(keeper for keeper in of if keeper not in left_out)


# Tsunade is an alternate whom the open case has called, and Shizune one whom it has not.


def well() -> Play:
    return armed(alternates=(TSUNADE, SHIZUNE))


def asked() -> Play:
    """An alarm of the first day; the author is being asked."""
    return well().do(e.RaiseAlarm(BULL), e.AnswerCall(PAKKUN), e.AnswerCall(BISUKE), e.AnswerCall(BULL))


def vigil() -> Play:
    return asked().do(e.CallAlternate(PAKKUN, TSUNADE)).days(7)


def last_call() -> Play:
    play = vigil()
    return play.do(*died(*PACK[:3], play=play)).days(4)


def out() -> Play:
    return last_call().days(2)


def told() -> Play:
    return out().do(e.Tell(PAKKUN, FOR_NARUTO), e.Tell(PAKKUN, FOR_KAKASHI))


def home() -> Play:
    return told().do(strong(), e.SignHome(PAKKUN), e.SignHome(BISUKE))


def unanswered() -> Play:
    """The author has signed, and nobody took the question whether it was them."""
    play = vigil()
    play.mail = False
    play.do(strong())
    play.unsent.clear()
    play.mail = True
    return play


def practising() -> Play:
    """Ully is suspended and was not asked. Bull answers twice, and Bisquit not yet."""
    play = well().do(e.SuspendSeat(IRUKA, ULLY), e.BeginPractice(IRUKA))
    return play.do(*[e.GiveReceipt(keeper, PROVEN) for keeper in (PAKKUN, BISUKE, BULL, BULL, ULLY)])


def under_force() -> Play:
    return well().do(e.SpeakUnderForce(IRUKA, PHONE)).look().do(e.SignFree(PAKKUN, "0"))


def timed(days: float) -> Callable[[Play], Play]:
    return lambda play: play.days(days)


def doing(*events: e.Event) -> Callable[[Play], Play]:
    return lambda play: play.do(*events)


def bouncing(kind: str) -> Callable[[Play], Play]:
    """The author's newest letter of this kind comes back."""

    def back(play: Play) -> Play:
        play.mail = False
        round_ = play.track().round if kind == "last_call" else play.watch.asking
        return play.do(e.LetterBounced("", kind, IRUKA, round_))

    return back


ASKS = {"keepers_asked": 7.0, "released": 13.0}
GLASS = {"keeper": PAKKUN, "card": 0}
HELD = HoldCause.SWITCH


@pytest.mark.parametrize(
    "begin, what, letters",
    (
        (well, timed(27), to("check_in_due", IRUKA, due=3, keepers_asked=10)),
        (lambda: well().days(27), timed(3), to("check_in_missed", IRUKA, **ASKS)),
        (lambda: well().days(30), timed(3), to("second_reminder", IRUKA, keepers_asked=4)),
        (lambda: well().days(30), bouncing("check_in_missed"), to("check_in_missed", IRUKA, **ASKS)),
        (asked, bouncing("alarm_asks"), to("alarm_asks", IRUKA, **ASKS)),
        (
            well,
            doing(e.RaiseAlarm(BULL)),
            to("alarm_raised", *but(BULL, of=CIRCLE)) | to("alarm_asks", IRUKA, **ASKS),
        ),
        (well, doing(e.RaiseAlarm(IRUKA)), to("alarm_raised", *CIRCLE) | to("alarm_asks", IRUKA, **ASKS)),
        (asked, doing(e.CallAlternate(PAKKUN, TSUNADE)), to("alarm_raised", TSUNADE, released=13)),
        (vigil, doing(e.CallAlternate(PAKKUN, SHIZUNE)), to("keeper_called", SHIZUNE, released=2)),
        (
            lambda: asked().do(e.CallAlternate(PAKKUN, TSUNADE)).days(6),
            timed(1),
            to("keeper_called", *CALLED, released=6, unreached=0),
        ),
        (vigil, timed(30), to("asked_again", *CALLED)),
        (vigil, doing(*died(PAKKUN)), to("statement_made", IRUKA)),
        (
            vigil,
            doing(spoken(PAKKUN)),
            to("statement_made", IRUKA) | to("hold_placed", IRUKA, *but(PAKKUN)),
        ),
        (asked, doing(spoken(PAKKUN)), to("statement_made", IRUKA)),
        (
            lambda: vigil().do(spoken(PAKKUN)),
            doing(spoken(BULL)),
            to("statement_made", IRUKA) | to("alarm_asks", IRUKA, **ASKS),
        ),
        (vigil, doing(weak()), to("hold_placed", *CALLED)),
        (vigil, doing(e.PlaceHold(PAKKUN)), to("hold_placed", IRUKA, *CALLED)),
        (well, doing(e.PlaceHold(PAKKUN)), to("hold_placed", IRUKA)),
        (
            lambda: vigil().do(e.PlaceHold(PAKKUN)),
            doing(e.LiftHold(PAKKUN, HELD)),
            to("keeper_called", *CALLED, released=6, unreached=0),
        ),
        (
            lambda: well().do(e.PlaceHold(PAKKUN)),
            timed(30),
            to("hold_ended", IRUKA) | to("alarm_raised", *CIRCLE) | to("alarm_asks", IRUKA, **ASKS),
        ),
        (
            lambda: asked().do(e.PlaceHold(PAKKUN)),
            timed(30),
            to("hold_ended", IRUKA) | to("check_in_missed", IRUKA, **ASKS),
        ),
        (
            lambda: well().days(30).do(e.PlaceHold(PAKKUN)),
            doing(e.LiftHold(PAKKUN, HELD)),
            to("check_in_missed", IRUKA, **ASKS),
        ),
        (
            vigil,
            doing(e.Restore(HOST)),
            to("keeper_called", *CALLED, released=6, unreached=0) | to("restored", IRUKA, *CIRCLE),
        ),
        (lambda: vigil().do(e.Restore(HOST)), timed(30), to("restored", IRUKA, *CIRCLE)),
        (
            lambda: vigil().do(*died(*PACK[:3])).days(3),
            timed(1),
            to("last_call", IRUKA, released=2) | to("last_call_begun", *CALLED),
        ),
        (
            last_call,
            bouncing("last_call"),
            to("last_call", IRUKA, released=2),
        ),
        (lambda: armed(timer_only=True).days(36), timed(1), to("last_call", IRUKA, released=6)),
        (last_call, timed(2), to("words_released", *CALLED)),
        (out, doing(e.Tell(PAKKUN, FOR_NARUTO)), to("words_waiting", NARUTO)),
        (out, timed(14), to("first_letter", KAKASHI, NARUTO)),
        (told, doing(e.WantShares(NARUTO, FOR_NARUTO)), {}),
        (told, doing(e.WantShares(NARUTO, FOR_NARUTO, (BULL,))), to("shares_wanted", *CIRCLE)),
        (told, doing(e.WantShares(KAKASHI, FOR_KAKASHI, (BULL,))), to("shares_wanted", *PACK)),
        (
            vigil,
            doing(strong()),
            to("home_begun", IRUKA) | to("home_question", *CALLED),
        ),
        (unanswered, timed(30), to("home_question", *CALLED)),
        (lambda: vigil().do(e.SpeakUnderForce(IRUKA, PHONE)), timed(0), to("under_force", *CALLED, spoken=0)),
        (
            home,
            doing(e.SignHome(BULL)),
            to("welcome_home", IRUKA, *CALLED) | to("welcome_home", NARUTO, told=1),
        ),
        (
            lambda: vigil().do(strong(), e.PlaceHold(PAKKUN)),
            doing(e.LiftHold(PAKKUN, HELD)),
            to("home_question", *CALLED),
        ),
        (lambda: well().days(30), doing(strong()), {}),
        (well, doing(e.BeginPractice(IRUKA)), to("practice", *PACK, practice=1, ends=14)),
        (practising, timed(14), to("practice_ended", IRUKA, practice=1, answered=3, asked=4)),
        (vigil, doing(e.BreakGlass(PAKKUN, False)), to("glass_alarm", IRUKA, *but(PAKKUN), **GLASS)),
        (
            vigil,
            doing(e.BreakGlass(PAKKUN, True)),
            to("glass_alarm", IRUKA, *but(PAKKUN), **{**GLASS, "card": 1}),
        ),
        (
            vigil,
            doing(e.LetterFailed("", "home_begun", TSUNADE, 1)),
            to("letter_task", *CIRCLE, person=TSUNADE),
        ),
        (
            vigil,
            doing(e.ReportTamper(HOST, Tamper.FAILED_SIGN_INS)),
            to("tamper_alarm", IRUKA, *CIRCLE, **SEEN),
        ),
        (
            well,
            doing(e.AddCredential(IRUKA, "ring", "hand")),
            to("tamper_alarm", IRUKA, *CIRCLE, **NEW),
        ),
        (
            lambda: under_force().days(30),
            doing(e.SignFree(BULL, "1")),
            to("under_force", *CIRCLE, spoken=-30, ended=1) | to("check_in_missed", IRUKA, **ASKS),
        ),
        (
            lambda: under_force().days(30).do(e.PlaceHold(PAKKUN)),
            doing(e.SignFree(BULL, "1")),
            to("under_force", *CIRCLE, spoken=-30, ended=1),
        ),
        (
            lambda: out().days(14),
            doing(e.WantShares(NARUTO, FOR_NARUTO)),
            to("shares_wanted", *CIRCLE),
        ),
        (under_force, doing(e.SignFree(BULL, "1")), to("under_force", *CIRCLE, spoken=0, ended=1)),
    ),
)
def test_everybody_whom_it_concerns_is_written_to_and_nobody_else(
    begin: Callable[[], Play], what: Callable[[Play], Play], letters: Written
) -> None:
    play = begin()
    play.letters.clear()
    assert written(what(play)) == letters


def readers(play: Play, kind: str) -> list[str]:
    """Who was written to in letters of this kind, once for each letter."""
    return sorted(letter.to for letter in play.letters if letter.kind == kind)


def test_one_letter_speaks_of_all_the_words_that_move_at_the_same_moment() -> None:
    words = [sealing(Condition.DIED, person) for person in (NARUTO, SHIZUNE, KAKASHI)]
    play = to_release(*words)
    assert readers(play, "last_call") == [IRUKA]
    assert readers(play, "last_call_begun") == readers(play, "words_released") == sorted(CIRCLE)
    assert all(track.released for track in play.watch.tracks)
    assert readers(play.days(14), "first_letter") == sorted((NARUTO, SHIZUNE, KAKASHI))


def test_who_keeps_no_words_but_their_own_is_told_of_no_last_call_for_them() -> None:
    play = to_release(sealing(Condition.DIED, KAKASHI))
    assert readers(play, "last_call_begun") == readers(play, "words_released") == sorted(PACK)


def test_words_on_which_keepers_agree_later_have_a_last_call_of_their_own() -> None:
    words = sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, SHIZUNE)
    play = armed(*words).days(37)
    play.do(*[stating(keeper, Finding.CANNOT_ACT, play) for keeper in PACK[:3]]).days(6)
    assert [bool(track.released) for track in play.watch.tracks] == [True, False]
    assert readers(play, "last_call") == [IRUKA]
    play.do(*died(*PACK[:3], play=play)).days(6)
    assert readers(play, "last_call") == [IRUKA, IRUKA] and all(one.released for one in play.watch.tracks)


def to_release(*words: e.SealWords) -> Play:
    """Three have stated *died*, and the last call has run out."""
    play = armed(*words).days(37)
    return play.do(*died(*PACK[:3], play=play)).days(6)
