"""The outbox: hands letters over, and reports every hand-over to the machine as the event it is.

A letter is sent at least once. It is taken and put into words (`taking`), handed to each of the person's channels that
has not accepted it (`handing_over`), and what they answered (`marks`) is written in one transaction with the machine's
step (`learning`). A crash in between sends one copy more of each that had left, under the same Message-ID. What is
refused is tried again for thirty days; what is given up is told to a person.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lastwords.protocol.events import LetterBounced
from lastwords.protocol.moments import Moment
from lastwords.protocol.watch import HOST
from lastwords.server.channels import BOUNCED, NoWayOut, Way
from lastwords.server.letters import HostLetter
from lastwords.server.port import Answer, Outgoing, Port
from lastwords.server.refusals import Unknown
from lastwords.server.store import Store

from . import marks
from .gathering import Gathering
from .handing_over import HandOver
from .learning import Learning
from .taking import Batch, Taking, since_boot

if TYPE_CHECKING:
    from lastwords.server.models import Channel

BATCH = 40
"""Letters that are taken, sent and written down together."""
LANES = 4
"""Connections that are kept to the relay."""
MOST_PASSES = 25


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass did. `no_way_out` says why no letter could leave; empty when the way out worked or was not
    needed."""

    tried: int = 0
    accepted: int = 0
    no_way_out: str = ""
    more: bool = False
    """Whether there may be more to try at once."""

    def and_then(self, other: "Passed") -> "Passed":
        """This pass and the one after it as one."""
        if not self.tried:
            return other
        return Passed(self.tried + other.tried, self.accepted + other.accepted, other.no_way_out, other.more)


NOTHING = Passed()


@dataclass(slots=True)
class Outbox:
    """Hands over what the store has written. `ways` are the ways out by kind; `service` and `address` are what
    letters call this service and where people find it."""

    store: Store
    ways: Mapping[str, Way]
    service: str
    origin: str
    batch: int = BATCH
    answers: bool = False
    """Whether a mailbox is read for answers with a code, so that letters may say so."""
    lanes: int = 1
    """Letters that are on their way at the same time."""
    boot_time: Callable[[], float] = since_boot
    """By which it is told for how long letters have been ours; lanes read it."""
    taking: Taking = field(init=False)
    learning: Learning = field(init=False)

    def __post_init__(self) -> None:
        self.learning = Learning(self.store, Gathering(self.store))
        self.taking = Taking(self.learning, self.service, self.origin, self.answers, self.boot_time)

    @property
    def port(self) -> Port:
        return self.store.port

    def run(self, now: Moment) -> Passed:
        """One pass over the letters that can be tried at `now`."""
        return self.run_all(now, 1)

    def run_all(self, now: Moment, most: int = MOST_PASSES) -> Passed:
        """Passes until nothing is left to try, or `most` of them; what is left is first in the next round.

        While the letters of one batch leave, what was learnt of the one before is written down and the next is taken:
        a far side takes longer to answer than we to write. At no moment more than two have left of which that is not
        written down. With one lane there is nothing to gain, and one is written down before the next leaves."""
        passed, gone, batch = NOTHING, None, self.taking.batch(self.batch, now)
        for left in reversed(range(most)):
            if not batch.taken:
                break
            going, after = HandOver(self.ways, self.probe, batch.in_time), None
            try:
                with going.leaving(batch.jobs, self.lanes):
                    if gone:
                        passed = passed.and_then(self._learn(*gone, now))
                    if left and batch.full:
                        after = self.taking.batch(self.batch, now)
            except Exception:
                # What has left meanwhile, and is not written down, would leave again.
                with suppress(Exception):
                    self.learning.all(batch.jobs, going, now)
                raise
            goes_on = after is not None and not (going.stopped or going.failed)
            if goes_on and self.lanes > 1 and not batch.alone:
                gone = batch, going
            else:
                passed, gone = passed.and_then(self._learn(batch, going, now, after)), None
            if after is None or going.stopped:
                break
            batch = after
        return passed.and_then(self._learn(*gone, now)) if gone else passed

    def probe(self) -> str:
        """Why no letter could leave at this moment; empty when one could."""
        try:
            for way in self.ways.values():
                way.probe()
        except NoWayOut as error:
            return str(error)
        return ""

    def bounced(
        self, ident: str, channel: str, now: Moment, why: str = "sent back", *, gone: bool = False
    ) -> None:
        """A channel that had accepted the letter has sent it back. The machine judges whether too few have it still,
        and the letter is tried again: seldom when nobody lives at that address any more (`gone`), and not for ever.
        Raises Unknown, and Busy or Unwritable when it cannot be kept at this moment; it is then to be said again."""
        letter = self.port.letter(ident)
        if letter is None or channel not in letter.accepted:
            raise Unknown(
                "No letter of that name was accepted by that channel; nothing was changed.",
                "Take the Message-ID and the address from the returned mail's own header lines.",
            )
        left, answer = len(set(letter.accepted) - {channel}), Answer(channel, BOUNCED, why)
        over = not left and marks.age(letter, now) > marks.TRIED_FOR
        made = (
            marks.given_up(letter, now, (answer,))
            if over
            else marks.sent_back(letter, left, answer, now, gone=gone)
        )
        event = LetterBounced(HOST, letter.kind, letter.to, letter.round, left)
        self.learning.report(letter, event, made, now)
        if over:  # only now: what could not be kept is said again, and would be counted twice
            self.learning.tell_host(letter, now, why)

    def _learn(self, batch: Batch, going: HandOver, now: Moment, after: Batch | None = None) -> Passed:
        """Writes down what was learnt of a batch that has left, and sends those of it that go alone. `after` is one
        that was taken meanwhile: it waits, too, when no letter can leave any more."""
        accepted = self.learning.all(batch.jobs, going, now)
        for letter in batch.alone:
            if going.stopped:
                going.left.append(letter)
            else:
                accepted += self._send_alone(letter, going, now)
        tried = batch.taken - len(going.left)
        if going.stopped and after:
            going.left += [*after.alone, *(job.letter for job in after.jobs)]
        # That no letter can leave says nothing about anyone's channels: the rest waits, and nothing counts as tried.
        self.learning.mark([marks.again(letter, now) for letter in going.left])
        return Passed(tried, accepted, going.stopped, batch.full and not going.stopped)

    def _send_alone(self, letter: Outgoing, going: HandOver, now: Moment) -> int:
        """Tries one letter on every channel that has not accepted it. Returns how many accepted it now."""
        job = self.taking.job(letter, self.port, now)
        if job is None:
            return 0
        going.one(job)
        if job.channels and not job.answers:
            going.left.append(letter)
            return 0
        return self.learning.one(job, now)


# The outbox of this process.


@dataclass(slots=True)
class _Here:
    outbox: Outbox | None = field(default=None)


_here = _Here()


def use(outbox: Outbox | None) -> None:
    """Makes this the outbox of the process; None for the one that the settings ask for."""
    _here.outbox = outbox


def here() -> Outbox:
    """The outbox over this process's store, with one mail relay as its way out."""
    if _here.outbox is None:
        from lastwords.server import settings, store
        from lastwords.server.channels import SmtpWay

        chosen = settings.current()
        way = SmtpWay(chosen.mail, chosen.name)
        _here.outbox = Outbox(
            store.here(),
            {"mail": way},
            chosen.name,
            chosen.origin,
            answers=bool(chosen.mail.reply_to),
            lanes=LANES,
        )
    return _here.outbox


def write_channel_proof(channel: "Channel", number: str) -> None:
    """Writes the letter with the number that proves a channel, to that channel alone."""
    outbox = here()
    letter = outbox.store.host_letter(
        HostLetter.CHANNEL_PROOF,
        channel.person_id,
        outbox.store.now(),
        channel=f"{channel.kind}:{channel.address}",
        number=number,
    )
    outbox.port.post((letter,))
