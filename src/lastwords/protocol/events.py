"""Everything that can happen to a watch. The edges turn requests, hand-overs and the passing of time into these.

`by` is the handle of the person who acts, already authenticated by the edge: the machine decides what that person
may do, never who they are. Signatures were verified before an event is made.
"""

from dataclasses import dataclass

from .changed import made_at_once
from .moments import Moment
from .stages import Condition, Evidence, Finding, HoldCause, Order, Sheet, Strength, Tamper
from .watch import Plan


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `by` is the acting person's handle, the host's, or empty for time itself."""

    by: str


# The author's acts.


@dataclass(frozen=True, slots=True)
class CheckIn(Event):
    """A sign of life. `credential` names the strong way used; a weak sign names the machine."""

    strength: Strength
    credential: str


@dataclass(frozen=True, slots=True)
class SpeakUnderForce(Event):
    """A strong check-in by the one code that the author has kept for the day on which somebody makes them check in."""

    credential: str


@dataclass(frozen=True, slots=True)
class Arm(Event):
    """The author signs these terms and asks that they be kept."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class SealWords(Event):
    """A newer manifest for one condition and recipient: new words, replaced words, or none (taken back). `adult` is
    the person through whom a recipient who is a child is reached, or empty. `k` is how many shares open them, 0 where
    no keeper holds one."""

    condition: Condition
    recipient: str
    instead_of: str
    number: int
    hash: str
    before: str
    share_set: str
    roster: tuple[str, ...]
    items: tuple[tuple[str, str], ...]
    adult: str = ""
    k: int = 0


@dataclass(frozen=True, slots=True)
class AddCredential(Event):
    """The author adds a strong way to say "I'm here", kept at `place`."""

    credential: str
    place: str


@dataclass(frozen=True, slots=True)
class ProveRecovery(Event):
    """The author has proven that the printed recovery sheet is readable."""


@dataclass(frozen=True, slots=True)
class SetTrip(Event):
    """A dated absence, begun or moved: back at `back` (UTC seconds), `extra` seconds of patience after it."""

    back: int
    extra: int


# Seats.


@dataclass(frozen=True, slots=True)
class InviteKeeper(Event):
    """The author offers a seat; `alternate` is the calling order of an alternate, 0 for the circle."""

    keeper: str
    alternate: int = 0


@dataclass(frozen=True, slots=True)
class AcceptSeat(Event):
    """The invited person says "I will"."""


@dataclass(frozen=True, slots=True)
class VerifyKeeper(Event):
    """The author has verified the keeper's keys; `vouched` also vouches for the person."""

    keeper: str
    vouched: bool


@dataclass(frozen=True, slots=True)
class GiveReceipt(Event):
    """A keeper proves that the share of these (track, share set) pairs opens: at arming or in a practice."""

    proven: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BeginPractice(Event):
    """The author asks the keepers to prove, by the real way, that mail reaches them and that their share opens."""


@dataclass(frozen=True, slots=True)
class SuspendSeat(Event):
    """The author suspends a seat."""

    keeper: str


@dataclass(frozen=True, slots=True)
class RestoreSeat(Event):
    """A keeper signs that a suspended seat may count again."""

    keeper: str


@dataclass(frozen=True, slots=True)
class RemoveKeeper(Event):
    """The author takes a seat back."""

    keeper: str


@dataclass(frozen=True, slots=True)
class PassSeat(Event):
    """A leaving keeper hands seat and share to a successor."""

    successor: str


@dataclass(frozen=True, slots=True)
class ChangeKeys(Event):
    """A person's keys were replaced after a wait that everybody heard of. `ended` names the author's ways to check in
    that ended with them. Comes from the service alone."""

    person: str
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HearOfSilence(Event):
    """A person's own watch has entered (or left) vigil or closing. Comes from that watch, never from a person."""

    person: str
    silent: bool


# Alarm, hold, case.


@dataclass(frozen=True, slots=True)
class RaiseAlarm(Event):
    """Ask the author now and call the keepers together. `second` is a keeper who joins in, or empty."""

    second: str = ""


@dataclass(frozen=True, slots=True)
class PlaceHold(Event):
    """The hold switch (or, from the host, a clock that cannot be trusted). `second` is a keeper who joins in."""

    cause: HoldCause = HoldCause.SWITCH
    second: str = ""


@dataclass(frozen=True, slots=True)
class LiftHold(Event):
    """Whoever may lift this hold lifts it; a restore's hold needs a quorum of these from keepers."""

    cause: HoldCause


@dataclass(frozen=True, slots=True)
class NoteInCase(Event):
    """Something for the case log: an entry, an answered call, a task taken or reported. `entry` names the sealed
    body (its hash); `kind` is one of the kinds the case log knows."""

    kind: str
    entry: str


@dataclass(frozen=True, slots=True)
class CallAlternate(Event):
    """A keeper calls an alternate into the open case at once, without waiting for their turn."""

    keeper: str


@dataclass(frozen=True, slots=True)
class SealSheet(Event):
    """The author has sealed a sheet for the keepers ahead of any case: `sheet` says which."""

    sheet: Sheet


@dataclass(frozen=True, slots=True)
class KeepCase(Event):
    """The author wants what was written in a closed case to be kept."""

    case: int


@dataclass(frozen=True, slots=True)
class ForgetCase(Event):
    """What was written in a case that closed at `closed` is erased."""

    case: int
    closed: Moment


@dataclass(frozen=True, slots=True)
class AnswerCall(Event):
    """A called keeper or alternate says that they are there."""


# What keepers sign.


@dataclass(frozen=True, slots=True)
class MakeStatement(Event):
    """A signed finding, bound to case, epoch, plan version and the manifests it names."""

    finding: Finding
    evidence: Evidence
    case: int
    epoch: int
    plan_version: int
    heads: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class StepBackUnseen(Event):
    """A keeper who cannot act freely answers *could not find out*, and their seat counts no more from then on."""

    evidence: Evidence
    case: int
    epoch: int
    plan_version: int
    heads: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class SignFree(Event):
    """A keeper signs that they have spoken with the author, who says that nobody forces them. `document` is the hash of
    what they signed."""

    document: str


@dataclass(frozen=True, slots=True)
class RetractStatement(Event):
    """A keeper takes a statement back."""


@dataclass(frozen=True, slots=True)
class SignHome(Event):
    """A keeper signs "I have seen or heard them myself"."""


@dataclass(frozen=True, slots=True)
class SignNotThem(Event):
    """A keeper signs "it is not them"."""


@dataclass(frozen=True, slots=True)
class SignTried(Event):
    """A keeper signs "we tried to reach the author in person", for a last call that no mailbox accepts."""


@dataclass(frozen=True, slots=True)
class SignRecipientDied(Event):
    """A keeper signs that a recipient died, and in what order."""

    recipient: str
    order: Order


@dataclass(frozen=True, slots=True)
class RetractRecipientDied(Event):
    """A keeper takes back that a recipient died."""

    recipient: str


@dataclass(frozen=True, slots=True)
class SignEnd(Event):
    """A keeper signs that there is nothing more to do in this case."""


# Break glass.


@dataclass(frozen=True, slots=True)
class BreakGlass(Event):
    """A keeper asks for the emergency notes. `card` says that the card's own copy was opened offline."""

    card: bool


@dataclass(frozen=True, slots=True)
class SealNotes(Event):
    """The emergency notes lie under a new cover: sealed by the author, or covered anew by a keeper who has opened
    them."""


@dataclass(frozen=True, slots=True)
class DenyGlass(Event):
    """The author or another keeper denies an asking."""

    keeper: str


# Words for a recipient.


@dataclass(frozen=True, slots=True)
class Tell(Event):
    """A keeper has told the recipient in person and takes off the outer cover; `covered` says that too few came off."""

    track: str
    covered: bool = False


@dataclass(frozen=True, slots=True)
class GiveShare(Event):
    """A keeper gives their share of released words (again), after a false one or to a recipient who comes later."""

    track: str


@dataclass(frozen=True, slots=True)
class WantShares(Event):
    """The recipient's client lacks shares that match the commitments; `bad` names the keepers of false ones."""

    track: str
    bad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenWords(Event):
    """The recipient has opened the words."""

    track: str


@dataclass(frozen=True, slots=True)
class KeepForLater(Event):
    """The recipient says "not now": asked again at `until` (UTC seconds), or never for 0."""

    track: str
    until: int


@dataclass(frozen=True, slots=True)
class GoThroughSomeone(Event):
    """The recipient wants the words through another person."""

    track: str
    someone: str


@dataclass(frozen=True, slots=True)
class DeclineWords(Event):
    """The recipient says "no, thank you". It can be undone."""

    track: str


# Letters, reported by the outbox.


@made_at_once
@dataclass(frozen=True, slots=True)
class LetterTaken(Event):
    """Channels of `to` have accepted the letter: `channels` of them so far."""

    kind: str
    to: str
    round: int
    channels: int = 1


@dataclass(frozen=True, slots=True)
class LetterFailed(Event):
    """Every proven channel of `to` has refused the letter so far; it is retried."""

    kind: str
    to: str
    round: int


@dataclass(frozen=True, slots=True)
class LetterBounced(Event):
    """A channel that had accepted the letter has sent it back; `channels` have it still."""

    kind: str
    to: str
    round: int
    channels: int = 0


# Time and the host.


@dataclass(frozen=True, slots=True)
class Look(Event):
    """Time has passed: do the one thing that is due, if any."""

    by: str = ""


@dataclass(frozen=True, slots=True)
class ReportTamper(Event):
    """The service has seen something that may be a stranger's doing."""

    sign: Tamper


@dataclass(frozen=True, slots=True)
class Restore(Event):
    """This watch comes from a backup: what it knows may be old."""
