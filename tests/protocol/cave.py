"""The people of the cave and a small stage to play them on: the machine itself, a clock in days, a willing postman.

Iruka is the author. The pack keeps: Pakkun, Bisuke, Bull, Bisquit and Ully, three of them a quorum. Kakashi has a sixth
seat without a share, and words of his own; Naruto receives words too. Tsunade and Shizune are alternates.
"""

from dataclasses import dataclass, field, replace

from lastwords.protocol import events as e
from lastwords.protocol.effects import Letter, LetterKind, Ripple, Step
from lastwords.protocol.machine import due, step
from lastwords.protocol.moments import DAY, HOUR, Moment
from lastwords.protocol.quiet import unmarked
from lastwords.protocol.refusals import REFUSALS, Refusal
from lastwords.protocol.stages import Condition, Evidence, Finding, HoldCause, Order, Stage, Strength
from lastwords.protocol.watch import HOST, Plan, Track, Watch, track_key

IRUKA, KAKASHI, NARUTO, TSUNADE, SHIZUNE = "iruka", "kakashi", "naruto", "tsunade", "shizune"
PAKKUN, BISUKE, BULL, BISQUIT, ULLY = "pakkun", "bisuke", "bull", "bisquit", "ully"
PACK = (PAKKUN, BISUKE, BULL, BISQUIT, ULLY)
PHONE, PAPER = "phone", "paper"
START = Moment(1_700_000_000, 0)
FOR_NARUTO = track_key(Condition.DIED, NARUTO)
FOR_KAKASHI = track_key(Condition.DIED, KAKASHI)
IF_HELPLESS = track_key(Condition.CANNOT_ACT, NARUTO)
FOR_TSUNADE = track_key(Condition.DIED, TSUNADE, NARUTO)


@dataclass
class Play:
    """A watch being played. Days count from the last sign of life; letters arrive at once unless the mail is down."""

    watch: Watch
    now: Moment = START
    mail: bool = True
    letters: list[Letter] = field(default_factory=list)
    unsent: list[Letter] = field(default_factory=list)
    happened: list[tuple[str, str]] = field(default_factory=list)
    shredded: int = 0
    ripples: list[Ripple] = field(default_factory=list)

    # Acting.

    def do(self, *events: e.Event) -> "Play":
        """Every event must be accepted."""
        for event in events:
            outcome = step(self.watch, event, self.now)
            assert not isinstance(outcome, Refusal), f"{event}: {outcome.code}"
            self._take(outcome)
            self.post()
        return self

    def refused(self, event: e.Event) -> str:
        """The code of the refusal that must follow; nothing has changed."""
        outcome = step(self.watch, event, self.now)
        assert isinstance(outcome, Refusal), f"{event} was accepted"
        assert outcome is REFUSALS[outcome.code]
        return outcome.code

    def _take(self, outcome: Step) -> None:
        quiet = {letter.kind for letter in outcome.letters} <= {LetterKind.UNDER_FORCE}
        unseen = quiet and unmarked(outcome.watch) == unmarked(self.watch)
        assert bool(outcome.row and outcome.row.happened) or (outcome.row is None) is unseen
        self.watch = outcome.watch
        self.shredded += len(outcome.shreds)
        self.ripples += outcome.ripples
        self.letters += outcome.letters
        self.unsent += outcome.letters
        self.happened += outcome.row.happened if outcome.row else ()

    def post(self) -> None:
        """The postman: every letter is taken at once, or keeps lying while the mail is down."""
        while self.mail and self.unsent:
            letter = self.unsent.pop(0)
            self.do(e.LetterTaken("", letter.kind, letter.to, letter.round))

    # Time.

    def days(self, number: float, *, credit: bool = True) -> "Play":
        """Lets days go by; looks when something is due, one thing at a time. Without credit, nobody could be heard."""
        return self.seconds(round(number * DAY), credit=credit)

    def seconds(self, number: int, *, credit: bool = True) -> "Play":
        end = self.now.wall + number
        for _ in range(10_000):
            at = due(self.watch, self.now)
            if at is None or at > end or not credit:
                break
            self.now = Moment(at, self.now.credit + at - self.now.wall)
            before, seen = self.watch, len(self.happened)
            self.look()
            assert self.watch != before or len(self.happened) > seen, "a look that was due did nothing"
        else:
            raise AssertionError("it spins: something is due again and again")
        left = end - self.now.wall
        self.now = Moment(end, self.now.credit + (left if credit else 0))
        self.look()
        return self

    def look(self) -> "Play":
        outcome = step(self.watch, e.Look(), self.now)
        assert isinstance(outcome, Step)
        self._take(outcome)
        self.post()
        return self

    # Seeing.

    @property
    def stage(self) -> Stage:
        return self.watch.stage

    def track(self, key: str = FOR_NARUTO) -> Track:
        track = self.watch.track(key)
        assert track is not None
        return track

    def new_letters(self) -> set[str]:
        """Kinds of letters written since this was last asked, without those that everybody gets about statements."""
        kinds = {str(letter.kind) for letter in self.letters}
        self.letters.clear()
        return kinds

    def has_happened(self, what: str) -> bool:
        return any(name == what for name, _ in self.happened)


# The plan, armed step by step as people would.


def sealing(
    condition: Condition, recipient: str, roster: tuple[str, ...] = PACK, instead_of: str = ""
) -> e.SealWords:
    return e.SealWords(
        IRUKA, condition, recipient, instead_of, 1, "h1", "", "s1", roster, (("letter.age", "sealed"),)
    )


def drafted(*words: e.SealWords, alternates: tuple[str, ...] = ()) -> Play:
    """Everything ready for arming: the pack verified and holding shares, two credentials, the recovery sheet."""
    words = words or (sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, KAKASHI))
    play = Play(Watch(IRUKA))
    play.do(
        e.AddCredential(IRUKA, PHONE, "pocket"),
        e.AddCredential(IRUKA, PAPER, "drawer"),
        e.ProveRecovery(IRUKA),
    )
    for keeper in (*PACK, KAKASHI):
        play.do(e.InviteKeeper(IRUKA, keeper), e.AcceptSeat(keeper), e.VerifyKeeper(IRUKA, keeper, True))
    for order, keeper in enumerate(alternates, 1):
        play.do(
            e.InviteKeeper(IRUKA, keeper, order), e.AcceptSeat(keeper), e.VerifyKeeper(IRUKA, keeper, True)
        )
    play.do(*words)
    for keeper in PACK:
        held = [track for track in play.watch.tracks if keeper in track.roster]
        if held:
            play.do(e.GiveReceipt(keeper, tuple((track.key, track.share_set) for track in held)))
    return play


def armed(*words: e.SealWords, alternates: tuple[str, ...] = (), **terms: object) -> Play:
    plan = replace(Plan(), **terms)  # type: ignore[arg-type]
    play = drafted(*words, alternates=alternates).do(e.Arm(IRUKA, plan))
    play.new_letters()
    play.happened.clear()
    return play


def in_late(**terms: object) -> Play:
    return armed(**terms).days(30)


def in_vigil(*words: e.SealWords, **terms: object) -> Play:
    return armed(*words, **terms).days(37)


def in_last_call(*words: e.SealWords, **terms: object) -> Play:
    """Three have stated *died*; the last call has begun."""
    play = in_vigil(*words, **terms)
    return play.do(*died(PAKKUN, BISUKE, BULL, play=play)).days(4)


def released(*words: e.SealWords, **terms: object) -> Play:
    return in_last_call(*words, **terms).days(2)


def in_closing(**terms: object) -> Play:
    return in_vigil(**terms).do(strong())


# What people do.


def strong(credential: str = PHONE, by: str = IRUKA) -> e.CheckIn:
    return e.CheckIn(by, Strength.STRONG, credential)


def weak() -> e.CheckIn:
    return e.CheckIn(IRUKA, Strength.WEAK, "watering can")


def stating(
    keeper: str,
    finding: Finding = Finding.DIED,
    play: Play | None = None,
    *,
    evidence: Evidence = Evidence.OWN_SIGHT,
    **changes: object,
) -> e.MakeStatement:
    """A statement as that keeper's client would bind it; for the plain plan when no play is given."""
    if play is None:
        heads: tuple[tuple[str, int, str], ...] = ((FOR_KAKASHI, 1, "h1"), (FOR_NARUTO, 1, "h1"))
        made = e.MakeStatement(keeper, finding, evidence, 1, 1, 1, heads)
    else:
        heads = tuple((track.key, *track.manifest) for track in play.watch.tracks if track.bears_words)
        case = play.watch.case.number if play.watch.case else 1
        made = e.MakeStatement(
            keeper, finding, evidence, case, play.watch.epoch, play.watch.plan.version, heads
        )
    return replace(made, **changes)  # type: ignore[arg-type]


def died(*keepers: str, play: Play | None = None) -> list[e.Event]:
    return [stating(keeper, Finding.DIED, play) for keeper in keepers]


def spoken(keeper: str, play: Play | None = None) -> e.MakeStatement:
    return stating(keeper, Finding.SPOKEN_WITH, play)


__all__ = ["HOST", "HOUR", "HoldCause", "LetterKind", "Order"]
