"""The small machines beside the watch, each one table: seats, tracks, words, break glass, letters.

A cell is the stage that follows, or the code of a refusal, or STAYS. Every cell is written out; a test counts them.
The rules read these tables, so what stands here is what happens.
"""

from enum import StrEnum
from typing import Any

from . import events as e
from .refusals import REFUSALS, refuse
from .stages import GlassStage, LetterStage, SeatStage, TrackStage, WordsStage

STAYS = "stays"
BACK = "back"
"""A suspended or resting seat goes back to what it was: seasoned, or verified while its time has not run. Whoever was
suspended while they rested rests again."""
RESTS_WHEN_BACK = "rests when back"
"""A suspended seat stays, and will rest when it is restored."""

Table = dict[Any, dict[Any, str]]


def admit(table: Table, what: Any, stage: StrEnum) -> str:
    """The cell for this event at this stage; raises the refusal that stands in it."""
    cell = table[what][stage]
    if cell in REFUSALS:
        raise refuse(cell)
    return cell


def _columns(stages: type[StrEnum], rows: dict[Any, tuple[str, ...]]) -> Table:
    return {what: dict(zip(stages, cells, strict=True)) for what, cells in rows.items()}


_A, _V, _S, _U, _R, _X, _Y = (
    SeatStage.ACCEPTED,
    SeatStage.VERIFIED,
    SeatStage.SEASONED,
    SeatStage.SUSPENDED,
    SeatStage.RESTING,
    SeatStage.REMOVED,
    SeatStage.SUCCEEDED,
)
_no, _rests, _rested = "seat_stage", "seat_does_not_count", RESTS_WHEN_BACK

# fmt: off
SEATS = _columns(SeatStage, {
    #               invited accepted verified seasoned suspended resting removed succeeded
    e.AcceptSeat:   (_A,    _no,     _no,     _no,     _no,      _no,    _no,    _no),
    e.VerifyKeeper: (_no,   _V,      _no,     _no,     _no,      _no,    _no,    _no),
    "season":       (_no,   _no,     _S,      _no,     _no,      _no,    _no,    _no),
    e.GiveReceipt:  (_no,   _no,     STAYS,   STAYS,   STAYS,    BACK,   _no,    _no),
    "practice_ends":(_no,   _no,     _R,      _R,      _rested, STAYS,  _no,    _no),
    e.SuspendSeat:  (_no,   _no,     _U,      _U,      _no,      _U,     _no,    _no),
    e.BreakGlass:   (_no,   _rests,  _U,      _U,      _rests,   _U,     _no,    _no),
    e.RestoreSeat:  (_no,   _no,     _no,     _no,     BACK,     _no,    _no,    _no),
    e.RemoveKeeper: (_X,    _X,      _X,      _X,      _X,       _X,     _no,    _no),
    e.ChangeKeys:   (STAYS, STAYS,   _A,     _A,      _A,       _A,     STAYS,  STAYS),
    e.PassSeat:     (_no,   _no,     _Y,      _Y,      _no,      _Y,     _no,    _no),
})

_ASKED, _LAST, _OUT = TrackStage.ASKED, TrackStage.LAST_CALL, TrackStage.RELEASED

TRACKS = _columns(TrackStage, {
    #                     asked   last_call  released
    "last_call_begins":   (_LAST,  STAYS,     STAYS),   # quorum stands, the vigil's least time is over
    "hand_over":          (STAYS,  STAYS,     STAYS),   # the last call's wait begins
    "quorum_undone":      (STAYS,  _ASKED,    STAYS),   # a statement, seat or hold took the quorum away
    "last_call_over":     (STAYS,  _OUT,      STAYS),   # one release, in the same transaction as its row
    "alternate_follows":  (STAYS,  _OUT,      STAYS),
    "asked_anew":         (STAYS,  _ASKED,    STAYS),   # a hold ended, or a stage began anew
    "recalled":           (STAYS,  _ASKED,    _ASKED),  # life wins: a strong sign, or two who have spoken with the author
    "opened":             (_OUT,   _OUT,      STAYS),   # after a recall, by one who had the shares: never released again
    "seal":               (STAYS,  _ASKED,    _ASKED),  # a newer version, after the author is back
})

_T, _W, _O, _L, _H, _D = (
    WordsStage.TOLD,
    WordsStage.SHARES_WANTED,
    WordsStage.OPENED,
    WordsStage.LATER,
    WordsStage.THROUGH_SOMEONE,
    WordsStage.DECLINED,
)
_early, _home, _past, _open, _told = "not_released", "recalled", "passed_on", "opened_already", "told_already"

WORDS = _columns(WordsStage, {
    #                   sealed  released told  wanted opened later through declined recalled passed_on
    e.Tell:             (_early, _T,     _told, _T,   _open, STAYS, STAYS, STAYS,   "author_is_back", _past),
    e.GiveShare:        (_early, STAYS, STAYS,  STAYS, _open, STAYS, STAYS, STAYS,  "author_is_back", _past),
    e.WantShares:       (_early, _W,     _W,    _W,   STAYS, _W,    _W,    _W,      _home,   _past),
    e.OpenWords:        (_early, _O,     _O,    _O,   _open, _O,    _O,    _O,      _O,      _past),
    e.KeepForLater:     (_early, _L,     _L,    _L,   _open, _L,    _L,    _L,      _home,   _past),
    e.GoThroughSomeone: (_early, _H,     _H,    _H,   _open, _H,    _H,    _H,      _home,   _past),
    e.DeclineWords:     (STAYS,  _D,     _D,    _D,   _open, _D,    _D,    _D,      _home,   _past),
})

_G = GlassStage

GLASS = _columns(GlassStage, {
    #                 asked        waiting        open           denied
    e.BreakGlass:    ("glass_asked", "glass_asked", "glass_asked", _G.ASKED),
    "alarms_taken":  (_G.WAITING,  STAYS,         STAYS,         STAYS),
    "alarm_bounced": (_G.ASKED,    _G.ASKED,      STAYS,         STAYS),
    "wait_over":     (STAYS,       _G.OPEN,       STAYS,         STAYS),
    e.DenyGlass:     (_G.DENIED,   _G.DENIED,     "no_glass",    "no_glass"),
    "take":          ("glass_waits", "glass_waits", STAYS,       "glass_denied"),   # cover key and notes are handed out
})

_I = LetterStage

LETTERS = _columns(LetterStage, {
    #            written         handed_over     failed          bounced         dropped
    "accepted": (_I.HANDED_OVER, STAYS,          _I.HANDED_OVER, _I.HANDED_OVER, STAYS),
    "refused":  (_I.FAILED,      STAYS,          STAYS,          STAYS,          STAYS),
    "bounced":  (STAYS,          _I.BOUNCED,     STAYS,          STAYS,          STAYS),
    "given_up": (_I.DROPPED,     STAYS,          _I.DROPPED,     _I.DROPPED,     STAYS),
})
# fmt: on
