"""`step`: a watch, an event and a moment in; the next watch and what must be written with it out, or a refusal.

No clock, database, network or random source. The server, the simulator, the explorer and the tests run this code.
"""

from .clocks import due, running
from .effects import Outcome
from .events import Event, Look
from .moments import Moment
from .refusals import Refused, refuse
from .table import LOOKS, TABLE
from .turn import Turn
from .watch import Watch

__all__ = ["due", "step"]


def step(watch: Watch, event: Event, now: Moment) -> Outcome:
    """One step. A refusal changes nothing. A look does at most the one thing whose wait is over."""
    turn = Turn(watch, event, now)
    try:
        if isinstance(event, Look):
            _look(turn)
        else:
            cell = TABLE[type(event)][watch.stage]
            if isinstance(cell, str):
                raise refuse(cell)
            cell(turn)
    except Refused as refused:
        return refused.refusal
    return turn.done(watch)


def _look(turn: Turn) -> None:
    for name, subject, wait in running(turn.watch):
        if wait.over(turn.now):
            LOOKS[name](turn, subject)
            return
