"""How long what was written in a case is kept."""

from .moments import DAY, Moment, Wait

KEPT_FOR = 90 * DAY
"""Seconds after a case has closed, on both clocks, until the bodies of its entries are erased. The signatures, the
hashes and the log stay."""


def forgettable(closed: Moment, now: Moment) -> bool:
    """Whether a case that closed then may be forgotten now, if its author has not asked to keep it."""
    return Wait(closed, KEPT_FOR).over(now)
