"""What a step asks the one door to write, in one transaction: the new watch, one log row, and letters (I8)."""

from dataclasses import dataclass
from enum import StrEnum

from .changed import made_at_once
from .refusals import Refusal
from .stages import Stage
from .watch import Watch


class LetterKind(StrEnum):
    """Every letter there is. The server has one plain text for each, and a test compares the two lists."""

    # To the author.
    CHECK_IN_DUE = "check_in_due"
    CHECK_IN_MISSED = "check_in_missed"
    ALARM_ASKS = "alarm_asks"
    SECOND_REMINDER = "second_reminder"
    LAST_CALL = "last_call"
    STATEMENT_MADE = "statement_made"
    HOME_BEGUN = "home_begun"
    PRACTICE_ENDED = "practice_ended"
    # To keepers.
    ALARM_RAISED = "alarm_raised"
    KEEPER_CALLED = "keeper_called"
    ASKED_AGAIN = "asked_again"
    LAST_CALL_BEGUN = "last_call_begun"
    TRY_IN_PERSON = "try_in_person"
    WORDS_RELEASED = "words_released"
    SHARES_WANTED = "shares_wanted"
    HOME_QUESTION = "home_question"
    LETTER_TASK = "letter_task"
    PRACTICE = "practice"
    UNDER_FORCE = "under_force"
    # To several.
    HOLD_PLACED = "hold_placed"
    HOLD_ENDED = "hold_ended"
    RESTORED = "restored"
    TAMPER_ALARM = "tamper_alarm"
    GLASS_ALARM = "glass_alarm"
    WELCOME_HOME = "welcome_home"
    # To a recipient.
    FIRST_LETTER = "first_letter"
    WORDS_WAITING = "words_waiting"
    LATER_IS_OVER = "later_is_over"


@made_at_once
@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person. `round` ties its hand-over to the wait it starts; `facts` are dates and numbers."""

    kind: LetterKind
    to: str
    round: int
    case: int = 0
    facts: tuple[tuple[str, int | str], ...] = ()


@made_at_once
@dataclass(frozen=True, slots=True)
class Row:
    """One row for the log: what came in, from whom, and everything that followed from it."""

    event: str
    by: str
    before: Stage
    after: Stage
    happened: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ripple:
    """Word to every other watch in which this person has a part: their own watch fell silent, or spoke again."""

    person: str
    silent: bool


@dataclass(frozen=True, slots=True)
class Shred:
    """Deposited shares to delete: those of `keeper`, of every keeper when empty."""

    keeper: str = ""


@made_at_once
@dataclass(frozen=True, slots=True)
class Step:
    """An accepted step. `row` is None exactly when nothing changed that the author may read: for a look with nothing
    due, and where a mark alone has moved (see `quiet`)."""

    watch: Watch
    row: Row | None
    letters: tuple[Letter, ...] = ()
    ripples: tuple[Ripple, ...] = ()
    shreds: tuple[Shred, ...] = ()


Outcome = Step | Refusal
