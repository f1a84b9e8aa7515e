"""What the log says of a step: everything that happened in it, in the order in which it happened, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from protocol.cave import (
    BISQUIT,
    BISUKE,
    BULL,
    FOR_NARUTO,
    HOST,
    IRUKA,
    NARUTO,
    PACK,
    PAKKUN,
    PAPER,
    START,
    TSUNADE,
    ULLY,
    Play,
    died,
    drafted,
    in_closing,
    spoken,
    strong,
    weak,
)
from protocol.test_letters import (
    HELD,
    PROVEN,
    asked,
    bouncing,
    doing,
    home,
    last_call,
    out,
    practising,
    timed,
    told,
    unanswered,
    under_force,
    vigil,
    well,
)
from protocol.test_mailboxes import in_unheard_last_call, unreached

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, HoldCause, Order, Sheet, Tamper
from lastwords.protocol.watch import Plan

SEALED = e.SealWords(IRUKA, Condition.DIED, NARUTO, "", 2, "h2", "h1", "s2", PACK, (("letter.age", "newer"),))


def newcomer() -> Play:
    """Sakura was verified twenty days ago."""
    play = well().do(e.InviteKeeper(IRUKA, "sakura"), e.AcceptSeat("sakura"))
    return play.do(e.VerifyKeeper(IRUKA, "sakura", True)).days(20).do(strong())


@pytest.mark.parametrize(
    "begin, what, happened",
    (
        (drafted, doing(e.Arm(IRUKA, Plan())), "armed 1, stage well"),
        (well, timed(27), "reminded"),
        (lambda: well().days(27), timed(3), "check_in_missed, stage late, wait_begins late"),
        (lambda: well().days(30), timed(3), "reminded_again"),
        (
            lambda: well().days(30),
            timed(7),
            "reminded_again, late_over, stage vigil, case_opened vigil, wait_begins vigil",
        ),
        (lambda: well().days(30), bouncing("check_in_missed"), "bounced late"),
        (well, doing(weak()), "checked_in weak"),
        (well, doing(strong()), "checked_in strong"),
        (lambda: well().days(30), doing(weak()), "checked_in weak"),
        (lambda: well().days(30), doing(strong()), "checked_in strong, stage well"),
        (asked, doing(strong()), "checked_in strong, stage closing, wait_begins closing"),
        (vigil, doing(strong()), "checked_in strong, stage closing, wait_begins closing"),
        (vigil, doing(weak()), "checked_in weak, hold_placed weak_sign"),
        (
            out,
            doing(strong()),
            "checked_in strong, stage closing, statements_void, recalled died.kakashi, recalled died.naruto, "
            "wait_begins closing",
        ),
        (lambda: vigil().do(strong()), doing(weak()), "checked_in weak"),
        (
            lambda: vigil().do(strong()),
            doing(strong(PAPER)),
            "checked_in strong, second_credential paper, stage well, case_closed",
        ),
        (lambda: vigil().do(strong()), timed(14), "closing_lapsed phone, stage vigil, wait_begins vigil"),
        (home, doing(e.SignHome(BULL)), "home_signed bull, home_confirmed, stage well, case_closed"),
        (
            lambda: vigil().do(strong(), e.SignNotThem(PAKKUN), e.SignNotThem(BULL)),
            doing(e.SignNotThem(BISUKE)),
            "not_them bisuke, credential_void phone, stage vigil, wait_begins vigil",
        ),
        (well, doing(e.RaiseAlarm(BULL)), "alarm alarm, case_opened alarm, stage late, wait_begins late"),
        (vigil, doing(e.RaiseAlarm(BULL)), "alarm"),
        (well, doing(e.SetTrip(IRUKA, START.wall + 9 * DAY, 0)), "trip_set 1700777600"),
        (
            lambda: well().do(e.SetTrip(IRUKA, START.wall + 9 * DAY, 0)),
            timed(9),
            "alarm trip, case_opened trip, stage late, wait_begins late",
        ),
        (asked, doing(e.CallAlternate(PAKKUN, TSUNADE)), "alternate_called tsunade"),
        (vigil, doing(e.AnswerCall(ULLY)), "answered ully"),
        (vigil, doing(e.AnswerCall(TSUNADE)), "answered tsunade"),
        (vigil, doing(e.NoteInCase(BULL, "note", "h")), "note h"),
        (vigil, doing(*died(PAKKUN)), "stated died"),
        (
            last_call,
            doing(e.RetractStatement(BULL)),
            "retracted bull, last_call_undone died.kakashi, last_call_undone died.naruto",
        ),
        (vigil, doing(spoken(PAKKUN)), "stated spoken_with, hold_placed spoken_with"),
        (
            lambda: vigil().do(spoken(PAKKUN)),
            doing(spoken(BULL)),
            "stated spoken_with, statements_void, vigil_ended spoken_with, stage late, wait_begins late",
        ),
        (lambda: vigil().do(spoken(PAKKUN)), timed(14), "hold_ended spoken_with, wait_begins vigil"),
        (well, doing(e.PlaceHold(PAKKUN)), "hold_placed switch"),
        (lambda: well().do(e.PlaceHold(PAKKUN)), doing(strong()), "holds_lifted, checked_in strong"),
        (
            lambda: vigil().do(e.PlaceHold(PAKKUN)),
            doing(e.LiftHold(PAKKUN, HELD)),
            "hold_ended switch, wait_begins vigil",
        ),
        (
            lambda: well().do(e.PlaceHold(PAKKUN)),
            timed(30),
            "hold_ended switch, case_opened hold, stage late, wait_begins late",
        ),
        (vigil, doing(e.Restore(HOST)), "restored 2, wait_begins vigil"),
        (lambda: vigil().do(e.Restore(HOST)), timed(30), "asked_again"),
        (
            lambda: vigil().do(e.Restore(HOST)),
            doing(e.LiftHold(PAKKUN, HoldCause.RESTORE)),
            "hold_signed pakkun",
        ),
        (
            lambda: vigil().do(*died(*PACK[:3])).days(3),
            timed(1),
            "last_call died.kakashi, last_call died.naruto, wait_begins died.kakashi, wait_begins died.naruto",
        ),
        (last_call, bouncing("last_call"), "bounced died.kakashi, bounced died.naruto"),
        (last_call, timed(2), "released died.kakashi, released died.naruto"),
        (out, timed(14), "first_letter died.kakashi, first_letter died.naruto"),
        (out, doing(e.Tell(PAKKUN, FOR_NARUTO)), "told died.naruto"),
        (told, doing(e.GiveShare(PAKKUN, FOR_NARUTO)), "share_given died.naruto"),
        (told, doing(e.WantShares(NARUTO, FOR_NARUTO, (BULL,))), "shares_wanted died.naruto, bad_share bull"),
        (told, doing(e.OpenWords(NARUTO, FOR_NARUTO)), "opened died.naruto"),
        (told, doing(e.KeepForLater(NARUTO, FOR_NARUTO, 0)), "later died.naruto"),
        (told, doing(e.GoThroughSomeone(NARUTO, FOR_NARUTO, "sakura")), "through_someone died.naruto"),
        (told, doing(e.DeclineWords(NARUTO, FOR_NARUTO)), "declined died.naruto"),
        (out, doing(e.SignRecipientDied(PAKKUN, NARUTO, Order.UNKNOWN)), "recipient_died naruto"),
        (
            lambda: told().do(e.KeepForLater(NARUTO, FOR_NARUTO, START.wall + 30 * DAY)),
            timed(30),
            "later_is_over died.naruto",
        ),
        (unanswered, timed(30), "asked_again, wait_begins closing"),
        (vigil, timed(30), "asked_again"),
        (practising, timed(14), "practice_missed bisquit, practice_ended 1"),
        (well, doing(e.BeginPractice(IRUKA)), "practice_began 1"),
        (practising, doing(e.GiveReceipt(BISQUIT, PROVEN)), "practised bisquit"),
        (well, doing(e.SuspendSeat(IRUKA, PAKKUN)), "suspended pakkun"),
        (
            lambda: well().do(
                e.SuspendSeat(IRUKA, PAKKUN), e.RestoreSeat(BULL, PAKKUN), e.RestoreSeat(BISUKE, PAKKUN)
            ),
            doing(e.RestoreSeat(ULLY, PAKKUN)),
            "restored pakkun",
        ),
        (well, doing(SEALED), "sealed died.naruto"),
        (well, doing(replace(SEALED, number=1, hash="h1", items=())), "taken_back died.naruto"),
        (
            vigil,
            doing(e.LetterBounced("", "keeper_called", PAKKUN, 2)),
            "bounced pakkun, letter_task pakkun",
        ),
        (newcomer, timed(10), "seasoned sakura"),
        (well, doing(e.RemoveKeeper(IRUKA, PAKKUN)), "removed pakkun"),
        (well, doing(e.PassSeat(PAKKUN, "sakura")), "succeeded sakura"),
        (well, doing(e.ChangeKeys(HOST, PAKKUN)), "keys_changed pakkun"),
        (
            vigil,
            doing(e.BreakGlass(PAKKUN, False)),
            "glass_asked no_card, suspended pakkun, wait_begins glass.pakkun",
        ),
        (
            lambda: well().do(e.BreakGlass(ULLY, False), e.BreakGlass(BISQUIT, False)),
            doing(e.BreakGlass(PAKKUN, False)),
            "glass_asked no_card, suspended_for_glass pakkun, wait_begins glass.pakkun",
        ),
        (vigil, doing(e.BreakGlass(PAKKUN, True)), "glass_asked card"),
        (
            lambda: vigil().do(e.BreakGlass(PAKKUN, False)),
            doing(e.DenyGlass(BULL, PAKKUN)),
            "glass_denied pakkun",
        ),
        (lambda: vigil().do(e.BreakGlass(PAKKUN, False)), timed(0.25), "glass_open pakkun"),
        (
            lambda: vigil().do(e.BreakGlass(PAKKUN, False)).days(1),
            doing(e.SealNotes(PAKKUN)),
            "notes_covered_anew, glass_spent pakkun",
        ),
        (
            lambda: vigil().do(e.BreakGlass(PAKKUN, False)).days(1),
            doing(e.SealNotes(IRUKA)),
            "notes_sealed, glass_spent pakkun",
        ),
        (vigil, doing(e.LetterFailed("", "home_begun", TSUNADE, 1)), "letter_task tsunade"),
        (well, doing(e.ReportTamper(HOST, Tamper.FAILED_SIGN_INS)), "tamper failed_sign_ins"),
        (well, doing(e.SealSheet(IRUKA, Sheet.FIND_ME)), "sheet_sealed find_me"),
        (under_force, doing(e.SignFree(BULL, "1")), "force_ended, freed_by pakkun 0, freed_by bull 1"),
        (in_closing, timed(14), "closing_lapsed phone, stage vigil, wait_begins vigil"),
        (lambda: unreached(0), timed(14), "author_unreached, stage vigil, case_opened vigil"),
        (in_unheard_last_call, doing(e.SignTried(PAKKUN)), "tried_in_person pakkun"),
        (
            lambda: in_unheard_last_call().do(e.SignTried(PAKKUN), e.SignTried(BISUKE)),
            doing(e.SignTried(BULL)),
            "tried_in_person bull, wait_begins died.kakashi, wait_begins died.naruto",
        ),
    ),
)
def test_the_log_says_what_happened(
    begin: Callable[[], Play], what: Callable[[Play], Play], happened: str
) -> None:
    play = begin()
    play.happened.clear()
    assert ", ".join(f"{name} {about}".strip() for name, about in what(play).happened) == happened
