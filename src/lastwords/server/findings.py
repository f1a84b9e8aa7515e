"""What the keepers say on whose word something was released, as it may be told on: in a letter, and on a page.

Words for the day on which the author *cannot act* are released by *died* as well, so their condition alone would have a
recipient read that the dead are alive; and what was signed once may stand no more.
"""

from lastwords.protocol.counting import dissents, supporters
from lastwords.protocol.stages import Condition, Finding
from lastwords.protocol.watch import Track, Watch


def agreed(watch: Watch, track: Track) -> Condition | None:
    """Whether they say that the author has died, or lives and cannot act. None where they do not say the same, where a
    keeper has spoken with the author, and where their statements stand no more."""
    heard = supporters(watch, track)
    said = [made.finding for made in watch.statements if made.keeper in heard]
    if not said or dissents(watch):
        return None
    if track.condition is Condition.DIED or said.count(Finding.DIED) >= watch.plan.quorum:
        return Condition.DIED
    return None if Finding.DIED in said else Condition.CANNOT_ACT
