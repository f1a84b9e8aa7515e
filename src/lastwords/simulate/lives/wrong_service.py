"""Credit, store and outbox made wrong: what `sabotage` puts in the place of the shipped ones."""

from collections.abc import Callable
from typing import Any

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import Step
from lastwords.server import credit, port_memory, store
from lastwords.server.credit import Earned, Reading
from lastwords.server.outbox import marks
from lastwords.server.port import Write
from lastwords.server.port_memory import MemoryPort

# Wrong credit.


def ignoring(*reasons: str) -> Callable[..., Earned]:
    """Credit that does not care for these reasons to earn nothing."""
    right = credit.earn

    def earn(last: Reading, now: Reading, interval: int, *, way_out: bool, heard: bool) -> Earned:
        earned = right(last, now, interval, way_out=way_out, heard=heard)
        if earned.why in reasons:
            return Earned(max(0, now.boot_time - last.boot_time, now.wall - last.wall), "")
        return earned

    return earn


# A wrong store.

_commit, _keep, _drained, _act, _kept_letter = (
    MemoryPort.commit,
    store.Store._keep,
    store.Store._drained,
    store.Store.act,
    port_memory._keep_letter,
)


def commit_whatever_revision(self: MemoryPort, write: Write) -> bool:
    kept = self.tables.watches.get(write.author)
    return _commit(self, changed(write, revision=kept.revision) if kept else write)


def keep_no_letters(self: Any, pending: Any, step: Step, event: Any, now: Any, papers: Any) -> None:
    """Letters leave beside the transaction: a crash in between loses them."""
    _keep(self, pending, step, event, now, papers)
    self.port.post(tuple(pending.letters))
    pending.letters.clear()


def keep_no_row_for_holds(self: Any, pending: Any, step: Step, event: Any, now: Any, papers: Any) -> None:
    _keep(self, pending, step, event, now, papers)
    if isinstance(event, e.MakeStatement) and pending.entries:
        last = pending.entries.pop()
        pending.head = type(pending.head)(
            last.number - 1, pending.entries[-1].link if pending.entries else b""
        )


def drained_of_nothing(self: Any, kept: Any, watch: Any, now: Any) -> Any:
    return _drained(self, changed(kept, inbox=()), watch, now)


def lose_every_fifth(tables: Any, letter: Any) -> None:
    if int(letter.ident[:2], 16) % 5:
        _kept_letter(tables, letter)


def look_until_nothing(self: Any, author: str, now: Any) -> Step:
    step: Step = self.act(author, e.Look(), now=now)
    while step.row is not None and (more := self.act(author, e.Look(), now=now)).row is not None:
        step = more
    return step


def hear_nobody(*_: Any) -> None:
    """Word of a silence goes nowhere."""


# A wrong outbox.

_report = marks.report


def always_taken(letter: Any, accepted: int) -> Any:
    return _report(letter, max(1, accepted))


def give_up_quietly(self: Any, letter: Any, now: Any, why: str, answers: Any = ()) -> None:
    self.mark((marks.mark(letter, now, stage="failed", next_try=None),))
