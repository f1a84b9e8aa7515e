"""What time alone does in *well* and *late*: a reminder, a missed check-in, a second reminder, the vigil."""

from lastwords.protocol.effects import LetterKind
from lastwords.protocol.turn import Turn

from .passage import begin_late, begin_vigil


def check_in_due_soon(t: Turn, _: None) -> None:
    plan = t.watch.plan
    t.set(reminded=True)
    t.note("reminded")
    due = t.watch.last_sign.wall + plan.check_in_every
    t.letter(LetterKind.CHECK_IN_DUE, t.watch.author, due=due, keepers_asked=due + plan.late)


def check_in_missed(t: Turn, _: None) -> None:
    t.note("check_in_missed")
    begin_late(t, LetterKind.CHECK_IN_MISSED)


def remind_again(t: Turn, _: None) -> None:
    wait = t.watch.wait
    assert wait is not None
    t.set(reminded=True)
    t.note("reminded_again")
    t.letter(LetterKind.SECOND_REMINDER, t.watch.author, round=t.watch.asking, keepers_asked=wait.ends(t.now))


def late_is_over(t: Turn, _: None) -> None:
    t.note("late_over")
    begin_vigil(t)
