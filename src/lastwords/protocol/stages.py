"""Every closed list of the machine, in one place: a word here is the word in tables, URLs, letters and documents."""

from enum import StrEnum


class Stage(StrEnum):
    """The five stages of a watch."""

    DRAFT = "draft"
    WELL = "well"
    LATE = "late"
    VIGIL = "vigil"
    CLOSING = "closing"


class Condition(StrEnum):
    """What must be found before a track's words are released."""

    DIED = "died"
    CANNOT_ACT = "cannot_act"


class TrackStage(StrEnum):
    """How far one condition and recipient have come within a vigil."""

    ASKED = "asked"
    LAST_CALL = "last_call"
    RELEASED = "released"


class WordsStage(StrEnum):
    """What has become of one recipient's words under one condition."""

    SEALED = "sealed"
    RELEASED = "released"
    TOLD = "told"
    SHARES_WANTED = "shares_wanted"
    OPENED = "opened"
    LATER = "later"
    THROUGH_SOMEONE = "through_someone"
    DECLINED = "declined"
    RECALLED = "recalled"
    PASSED_ON = "passed_on"


class SeatStage(StrEnum):
    """A keeper's seat. Only a seasoned seat can count."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    SEASONED = "seasoned"
    SUSPENDED = "suspended"
    RESTING = "resting"
    REMOVED = "removed"
    SUCCEEDED = "succeeded"


GONE = (SeatStage.REMOVED, SeatStage.SUCCEEDED)
"""Stages of a seat in which nobody sits any more."""


class GlassStage(StrEnum):
    """Break glass: asked, its alarms handed over and the wait running, then open or denied."""

    ASKED = "asked"
    WAITING = "waiting"
    OPEN = "open"
    DENIED = "denied"


class LetterStage(StrEnum):
    """A letter on its way to one person."""

    WRITTEN = "written"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    BOUNCED = "bounced"
    DROPPED = "dropped"


class Finding(StrEnum):
    """What a keeper's statement says."""

    SPOKEN_WITH = "spoken_with"
    DIED = "died"
    CANNOT_ACT = "cannot_act"
    COULD_NOT_FIND_OUT = "could_not_find_out"


class Evidence(StrEnum):
    """How a keeper knows, weakest first."""

    RUMOUR = "rumour"
    OWN_SIGHT = "own_sight"
    NAMED_OFFICIAL = "named_official"
    DOCUMENT_SEEN = "document_seen"
    REGISTER = "register"


class Strength(StrEnum):
    """A strong check-in proves a person; a weak one only a machine or a forwarded press."""

    STRONG = "strong"
    WEAK = "weak"


class HoldCause(StrEnum):
    """Why all clocks of a watch stand still."""

    WEAK_SIGN = "weak_sign"
    SPOKEN_WITH = "spoken_with"
    SWITCH = "switch"
    CLOCK = "clock"
    RESTORE = "restore"


class CaseCause(StrEnum):
    """What opened a case."""

    ALARM = "alarm"
    TRIP = "trip"
    HOLD = "hold"
    VIGIL = "vigil"
    FORCE = "force"


class Tamper(StrEnum):
    """What author and keepers are told of, because it may be a stranger's doing."""

    NEW_CREDENTIAL = "new_credential"
    CHANNEL_CHANGED = "channel_changed"
    FAILED_SIGN_INS = "failed_sign_ins"
    RECORD_DIFFERS = "record_differs"


class Sheet(StrEnum):
    """What an author seals for the keepers ahead, to be read while a case is open."""

    FIND_ME = "find_me"
    TRIP_NOTES = "trip_notes"
    MEDICAL = "medical"


class Order(StrEnum):
    """When a recipient died, seen from the author's death; an unknown order counts as before."""

    BEFORE = "before"
    WITHIN_SURVIVORSHIP = "within_survivorship"
    UNKNOWN = "unknown"
    BEFORE_TOLD = "before_told"
