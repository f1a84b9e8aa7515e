"""Somebody comes to count who did not count a moment ago: their own watch is well again, their share was proven, their
seat was restored. What they had signed or taken before counts from now on, or a quorum that has signed everything
there is to sign would be waited for for ever (I10, L1)."""

from lastwords.protocol.turn import Turn

from .holds import settle_restore
from .home import settle_home
from .passage import recount
from .statements import hear_dissent
from .tracks import settle_end, settle_tried


def count_again(t: Turn) -> None:
    """Looks once at everything that waits for a quorum: letters taken, and signatures short of one until now."""
    hear_dissent(t)
    settle_restore(t)
    settle_home(t)
    recount(t)
    settle_tried(t)
    settle_end(t)
