"""The whole machine on one page: every event in every stage of a watch.

Two rules:

1. A cell is a rule or the code of a refusal. There are no empty cells, and nothing happens that is not in a cell.
2. A rule never asks in which stage it is to decide whether it applies: that is what the columns are for.

Events stand in rows, stages in columns. The looks below the table are what time alone does: each is run when the wait
of its name (see `clocks`) is over, one in a step. The diagram in the documentation is generated from this page.
"""

from collections.abc import Callable
from typing import Any

from . import events as e
from .rules import (
    alarms,
    arming,
    breakglass,
    casework,
    clockwork,
    force,
    handover,
    holds,
    home,
    restoring,
    sealed,
    seats,
    signs,
    statements,
    telling,
    tracks,
)
from .stages import Stage
from .turn import Turn

Rule = Callable[[Turn], None]
Cell = Rule | str

# Refusal codes that stand in many cells, short enough for a column.
_draft, _froze, _first, _still = "not_armed", "terms_frozen", "sign_first", "no_case"
_vigil, _close, _rest, _armed = "not_in_vigil", "not_closing", "words_not_home", "already_armed"

# fmt: off
_ROWS: dict[type[e.Event], tuple[Cell, Cell, Cell, Cell, Cell]] = {
    #                      draft                   well                    late                   vigil                      closing
    e.CheckIn:            (_draft,                 signs.in_well,          signs.in_late,         signs.in_vigil,            signs.in_closing),
    e.SpeakUnderForce:    (_draft,                 force.speak_in_well,    force.speak_in_late,    force.speak_in_vigil,      force.speak_in_closing),
    e.Arm:                (arming.arm,             arming.arm,             _froze,                _froze,                    _froze),
    e.SealWords:          (sealed.seal,            sealed.seal,            _first,                _first,                    sealed.seal),
    e.AddCredential:      (signs.add_credential,   signs.add_credential,   _froze,                _froze,                    _froze),
    e.ProveRecovery:      (signs.prove_recovery,   signs.prove_recovery,   _froze,                _froze,                    _froze),
    e.SetTrip:            (_draft,                 alarms.set_trip,        _first,                _first,                    _rest),

    e.InviteKeeper:       (seats.invite,           seats.invite,           _froze,                _froze,                    _froze),
    e.AcceptSeat:         (seats.accept,           seats.accept,           seats.accept,          seats.accept,              seats.accept),
    e.VerifyKeeper:       (seats.verify,           seats.verify,           _froze,                _froze,                    _froze),
    e.GiveReceipt:        (seats.give_receipt,     seats.give_receipt,     seats.give_receipt,    seats.give_receipt,        seats.give_receipt),
    e.BeginPractice:      (_draft,                 seats.begin_practice,   _froze,                _froze,                    _froze),
    e.SuspendSeat:        (_draft,                 seats.suspend,          _froze,                _froze,                    _froze),
    e.RestoreSeat:        (_draft,                 seats.restore,          seats.restore,         seats.restore,             seats.restore),
    e.RemoveKeeper:       (seats.remove,           seats.remove,           _froze,                _froze,                    _froze),
    e.PassSeat:           (_draft,                 seats.pass_on,          seats.pass_on,         seats.pass_on,             seats.pass_on),
    e.ChangeKeys:         (seats.change_keys,      seats.change_keys,      seats.change_keys,     seats.change_keys,         seats.change_keys),
    e.HearOfSilence:      (seats.hear_of_silence,  seats.hear_of_silence,  seats.hear_of_silence, seats.hear_of_silence,     seats.hear_of_silence),

    e.RaiseAlarm:         (_draft,                 alarms.raise_alarm,     alarms.raise_alarm,    alarms.note_alarm,         alarms.note_alarm),
    e.PlaceHold:          (_draft,                 holds.place,            holds.place,           holds.place,               holds.place),
    e.LiftHold:           (_draft,                 holds.lift,             holds.lift,            holds.lift,                holds.lift),
    e.NoteInCase:         (_still,                 _still,                 casework.note_in_case, casework.note_in_case,     casework.note_in_case),
    e.CallAlternate:      (_still,                 _still,                 casework.call,         casework.call,             casework.call),
    e.SealSheet:          (casework.seal_sheet,    casework.seal_sheet,    _froze,                _froze,                    _froze),
    e.KeepCase:           (_still,                 casework.keep_case,     casework.keep_case,    casework.keep_case,        casework.keep_case),
    e.ForgetCase:         (_still,                 casework.forget_case,   casework.forget_case,  casework.forget_case,      casework.forget_case),
    e.AnswerCall:         (_still,                 _still,                 casework.answer_call,  casework.answer_call,      casework.answer_call),

    e.MakeStatement:      (_still,                 _still,                 statements.make,       statements.make,           _rest),
    e.StepBackUnseen:     (_still,                 _still,                 seats.step_back,        seats.step_back,           _rest),
    e.SignFree:           (_draft,                 force.sign_free,        force.sign_free,        force.sign_free,           force.sign_free),
    e.RetractStatement:   (_still,                 _still,                 statements.retract,    statements.retract,        _rest),
    e.SignHome:           (_close,                 home.sign_home_later,   _close,                _close,                    home.sign_home),
    e.SignNotThem:        (_close,                 _close,                 _close,                _close,                    home.sign_not_them),
    e.SignTried:          (_vigil,                 _vigil,                 _vigil,                tracks.sign_tried,         _rest),
    e.SignRecipientDied:  (_vigil,                 _vigil,                 _vigil,                tracks.sign_recipient_died, _rest),
    e.RetractRecipientDied: (_vigil,               _vigil,                 _vigil,                tracks.retract_recipient_died, _rest),
    e.SignEnd:            (_vigil,                 _vigil,                 _vigil,                tracks.sign_end,           _rest),

    e.BreakGlass:         (_draft,                 breakglass.ask,         breakglass.ask,        breakglass.ask,            breakglass.ask),
    e.DenyGlass:          (_draft,                 breakglass.deny,        breakglass.deny,       breakglass.deny,           breakglass.deny),
    e.SealNotes:          (breakglass.seal_notes,  breakglass.seal_notes,  breakglass.seal_notes, breakglass.seal_notes,     breakglass.seal_notes),

    e.Tell:               ("not_released",         telling.tell,           telling.tell,          telling.tell,              telling.tell),
    e.GiveShare:          ("not_released",         telling.give,           telling.give,          telling.give,              telling.give),
    e.WantShares:         ("not_released",         telling.want_shares,    telling.want_shares,   telling.want_shares,       telling.want_shares),
    e.OpenWords:          ("not_released",         telling.open_words,     telling.open_words,    telling.open_words,        telling.open_words),
    e.KeepForLater:       ("not_released",         telling.later,          telling.later,         telling.later,             telling.later),
    e.GoThroughSomeone:   ("not_released",         telling.through_someone, telling.through_someone, telling.through_someone, telling.through_someone),
    e.DeclineWords:       (telling.decline,        telling.decline,        telling.decline,       telling.decline,           telling.decline),

    e.LetterTaken:        (handover.taken,         handover.taken,         handover.taken,        handover.taken,            handover.taken),
    e.LetterFailed:       (handover.failed,        handover.failed,        handover.failed,       handover.failed,           handover.failed),
    e.LetterBounced:      (handover.bounced,       handover.bounced,       handover.bounced,      handover.bounced,          handover.bounced),
    e.ReportTamper:       (_draft,                 signs.tamper,           signs.tamper,          signs.tamper,              signs.tamper),
    e.Restore:            (restoring.restore,      restoring.restore,      restoring.restore,     restoring.restore,         restoring.restore),
}
# fmt: on

TABLE: dict[type[e.Event], dict[Stage, Cell]] = {
    event: dict(zip(Stage, cells, strict=True)) for event, cells in _ROWS.items()
}

LOOKS: dict[str, Callable[[Turn, Any], None]] = {
    "check_in_due_soon": clockwork.check_in_due_soon,
    "check_in_missed": clockwork.check_in_missed,
    "trip_overdue": alarms.trip_overdue,
    "remind_again": clockwork.remind_again,
    "late_is_over": clockwork.late_is_over,
    "author_unreached": handover.author_unreached,
    "alternate_called": casework.alternate_called,
    "last_call_begins": tracks.last_call_begins,
    "track_released": tracks.track_released,
    "alternate_follows": tracks.alternate_follows,
    "recipient_untold": tracks.recipient_untold,
    "later_is_over": tracks.later_is_over,
    "ask_again": tracks.ask_again,
    "closing_lapses": home.closing_lapses,
    "closing_asks_again": home.ask_again,
    "hold_lapses": holds.lapse,
    "restore_asks_again": restoring.ask_again,
    "glass_opens": breakglass.opens,
    "keepers_told": force.tell_keepers,
    "seat_seasons": seats.season,
    "seat_rests": seats.rest,
    "practice_ends": seats.practice_ends,
}
