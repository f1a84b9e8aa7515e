"""What is learnt of one letter: when it is tried again, what is written down of it, and what of it is news."""

from collections.abc import Sequence

from lastwords.protocol.events import Event, LetterFailed, LetterTaken
from lastwords.protocol.moments import DAY, HOUR, MINUTE, Moment
from lastwords.protocol.watch import HOST
from lastwords.server.letters import HostLetter
from lastwords.server.port import Answer, Mark, Outgoing

BACK_OFF = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR)
"""Seconds until the next try, by how often it was tried; the last one stays."""
GONE_AGAIN = 5 * DAY
"""Seconds until an address is tried again that said of itself that nobody lives there."""
TRIED_FOR = 30 * DAY
"""How long a letter that nobody accepts is tried."""
OTHERS_FOR = 3 * DAY
"""How long the other channels are tried once one has accepted."""


def age(letter: Outgoing, now: Moment) -> int:
    """Seconds that a letter is old, on the clock that went less far: a wall clock that jumped gives no letter up."""
    return min(now.wall - letter.written.wall, now.credit - letter.written.credit)


def mark(
    letter: Outgoing,
    now: Moment,
    *,
    stage: str,
    next_try: int | None,
    attempts: int | None = None,
    taken: int | None = None,
    reported: str | None = None,
    answers: tuple[Answer, ...] = (),
) -> Mark:
    """What is written down of a letter; what is not named stays as it was."""
    return Mark(
        letter.ident,
        letter.to,
        stage,
        letter.attempts if attempts is None else attempts,
        next_try,
        letter.taken if taken is None else taken,
        letter.reported if reported is None else reported,
        now.wall,
        answers,
        # The number that proves a channel is kept no longer than it is needed.
        forget=next_try is None and letter.kind == HostLetter.CHANNEL_PROOF,
        lease=letter.lease,
    )


def again(letter: Outgoing, now: Moment) -> Mark:
    """The letter was not tried, and waits for the next pass."""
    return mark(letter, now, stage=letter.stage, next_try=now.wall + BACK_OFF[0])


def answered(letter: Outgoing, accepted: int, whole: bool, answers: tuple[Answer, ...], now: Moment) -> Mark:
    """It was tried, and so many channels have accepted it; `whole` when none is left that has not."""
    attempts = letter.attempts + 1
    later = now.wall + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return mark(
        letter,
        now,
        stage="handed_over" if accepted else "failed",
        attempts=attempts,
        next_try=None if whole or (accepted and age(letter, now) > OTHERS_FOR) else later,
        taken=accepted,
        reported=report_name(accepted),
        answers=answers,
    )


def sent_back(letter: Outgoing, left: int, answer: Answer, now: Moment, *, gone: bool) -> Mark:
    """A channel that had accepted it has sent it back, and so many others have it still. That is so under whatever
    lease it was learnt."""
    later = GONE_AGAIN if gone else BACK_OFF[-1]
    over = left > 0 and age(letter, now) + later > OTHERS_FOR
    return Mark(
        letter.ident,
        letter.to,
        "handed_over" if left else "bounced",
        letter.attempts,
        None if over else now.wall + later,
        left,
        report_name(left) if left else "bounced",
        now.wall,
        (answer,),
    )


def given_up(letter: Outgoing, now: Moment, answers: Sequence[Answer]) -> Mark:
    """Nothing more is tried."""
    return mark(letter, now, stage="failed", next_try=None, reported="failed", answers=tuple(answers))


def unreported(made: Mark, letter: Outgoing, now: Moment) -> Mark:
    """The same, of which the machine could not be told; that is done again soon."""
    return Mark(
        made.ident,
        made.to,
        made.stage,
        made.attempts,
        now.wall + BACK_OFF[0],
        made.taken,
        letter.reported,
        now.wall,
        made.answers,
        lease=made.lease,
    )


def report_name(accepted: int) -> str:
    """How `reported` calls what the machine was told."""
    return f"taken:{accepted}" if accepted else "failed"


def report(letter: Outgoing, accepted: int) -> Event | None:
    """What is news to the machine: another channel has accepted, or every one has refused for the first time."""
    if letter.reported == report_name(accepted):
        return None
    if accepted:
        return LetterTaken(HOST, letter.kind, letter.to, letter.round, accepted)
    return LetterFailed(HOST, letter.kind, letter.to, letter.round)
