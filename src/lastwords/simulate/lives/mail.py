"""The far side of the mail: mailboxes that take, refuse, lose, delay, double or send back, and a way out that may fail.

What a mailbox answered is what really happened to a letter; the service learns of it only through its outbox.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lastwords.protocol.moments import DAY, HOUR
from lastwords.server.channels import ACCEPTED, REFUSED, Envelope, NoWayOut
from lastwords.server.channels import LATER as TRY_LATER
from lastwords.server.port import Answer
from lastwords.server.port_memory import Crash

from .chance import Chance
from .door import Wire
from .past import Mark, Past, Sent

MODES = ("refuses", "later", "loses", "slow", "doubles", "bounces")
"""What a mailbox may do: refuse for good, say "later", take and lose, take and deliver days later, deliver twice, take
and send back."""


@dataclass(slots=True)
class Spell:
    """A time in which one address behaves badly."""

    address: str
    mode: str
    begins: int
    ends: int


@dataclass(slots=True)
class Mail:
    """The one way out (see `channels.Way`). `works` says whether letters can leave at all."""

    wire: Wire
    chance: Chance
    sent: dict[str, Sent]
    pasts: dict[str, Past]
    now: Callable[[], Mark]
    deliver: Callable[[int, str, Sent], None]
    send_back: Callable[[int, str, str], None]
    spells: list[Spell] = field(default_factory=list)
    works: bool = True
    accepted: int = 0
    refused: int = 0

    def probe(self) -> None:
        if not self.works:
            raise NoWayOut("the relay cannot be reached")

    def close(self) -> None:
        """There is no connection to let go of."""

    def send(self, envelope: Envelope) -> Answer:
        self.probe()
        how = self.wire.strike("send")
        if how == "before":
            raise Crash("before a letter was sent")
        answer = self._answer(envelope.ident, envelope.address)
        if how == "after":
            raise Crash("after a letter was sent")
        if how == "lost":
            raise NoWayOut("the relay broke off before it had answered")
        return answer

    def mode(self, address: str, at: int) -> str:
        return next(
            (one.mode for one in self.spells if one.address == address and one.begins <= at < one.ends), ""
        )

    def _answer(self, ident: str, address: str) -> Answer:
        now, channel = self.now(), f"mail:{address}"
        sent = self.sent[ident]
        past = self.pasts.get(sent.author)
        mode = self.mode(address, now.at)
        if mode in ("refuses", "later"):
            self.refused += 1
            sent.refused = sent.refused or now
            if past and len(sent.accepted) < past.plan.channels:
                past.refused(sent, now)
            return Answer(channel, REFUSED if mode == "refuses" else TRY_LATER, mode)
        self.accepted += 1
        sent.accepted.setdefault(address, now)
        if past:
            past.taken(sent, now)
        self._after(ident, address, sent, mode, now)
        return Answer(channel, ACCEPTED, "taken")

    def _after(self, ident: str, address: str, sent: Sent, mode: str, now: Mark) -> None:
        """What becomes of a letter that was taken."""
        wait = self.chance.between(1, 20, "minutes a letter takes") * 60
        if mode == "bounces":
            self.send_back(now.at + self.chance.between(HOUR, 2 * DAY, "bounce"), ident, address)
        elif mode != "loses":
            slow = self.chance.between(DAY, 9 * DAY, "slow") if mode == "slow" else 0
            self.deliver(now.at + wait + slow, sent.to, sent)
            if mode == "doubles":
                self.deliver(now.at + wait + HOUR, sent.to, sent)
