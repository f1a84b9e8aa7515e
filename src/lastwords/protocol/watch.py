"""The records a watch is made of: plain frozen data, every field of a closed kind, no behaviour but small questions.

A watch is everything the machine needs to judge one author, and nothing else. People are known by their handle (a
short name chosen by the host's database); the machine never sees a name, an address or a word. All lengths are in
seconds. Sets are kept as sorted tuples, so that equal watches have equal records.
"""

from dataclasses import dataclass, field

from .moments import DAY, HOUR, Moment, Wait
from .stages import (
    CaseCause,
    Condition,
    Evidence,
    Finding,
    GlassStage,
    HoldCause,
    SeatStage,
    Stage,
    TrackStage,
    WordsStage,
)

HOST = "host"


@dataclass(frozen=True, slots=True)
class Plan:
    """The author's frozen terms. Lengths in seconds; `quorum` is k; `channels` is how many of the author's channels
    must accept a letter before it counts (1, or 2 for those who ask for it)."""

    version: int = 1
    quorum: int = 3
    timer_only: bool = False
    channels: int = 1
    check_in_every: int = 30 * DAY
    remind_before: int = 3 * DAY
    remind_again: int = 3 * DAY
    late: int = 7 * DAY
    vigil: int = 4 * DAY
    last_call: int = 2 * DAY
    ask_again: int = 30 * DAY
    closing: int = 14 * DAY
    seasoning: int = 30 * DAY
    spoken_hold: int = 14 * DAY
    longest_hold: int = 30 * DAY
    unreached: int = 14 * DAY
    untold: int = 14 * DAY
    survivorship: int = 120 * HOUR
    alarm_rest: int = 30 * DAY
    succession: int = 30 * DAY
    home_signing: int = 90 * DAY
    practice: int = 14 * DAY
    call_next: int = 6 * HOUR
    glass: int = 6 * HOUR
    longest_trip: int = 400 * DAY
    weak_in_row: int = 3

    @property
    def least(self) -> int:
        """Seconds that must run on both clocks between the missed date or alarm and the earliest release."""
        return self.late + self.vigil + self.last_call


@dataclass(frozen=True, slots=True)
class Credential:
    """One strong way to say "I'm here". `place` says where it is kept: all credentials of one device are one."""

    name: str
    place: str
    void: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """One keeper's seat. `receipts` are the (track, share set) pairs whose share this keeper has proven to open.
    `alternate` is the order in which an alternate is called, 0 for a keeper of the circle; `season` is what is left to
    run before the seat can count, None once it has. `glass_only` says that the seat is suspended for break glass and
    for nothing else, because too few would count without it. `rested` says that a suspended seat rests again once it is
    restored. `aside` says that the keeper has stepped back unseen: the seat counts no more, and rests for everybody to
    see once that wait is over."""

    keeper: str
    stage: SeatStage = SeatStage.INVITED
    alternate: int = 0
    vouched: bool = False
    season: Wait | None = None
    receipts: tuple[tuple[str, str], ...] = ()
    restored_by: tuple[str, ...] = ()
    alarmed: Moment | None = None
    glass_only: bool = False
    rested: bool = False
    aside: Wait | None = None

    @property
    def owes_proof(self) -> bool:
        """Whether the seat rests until its share is proven, or will once it is restored."""
        return self.rested or self.stage is SeatStage.RESTING


def track_key(condition: Condition, recipient: str, instead_of: str = "") -> str:
    """The name of a track. Handles hold no dots, so the parts can be told apart again."""
    return f"{condition}.{recipient}.{instead_of}" if instead_of else f"{condition}.{recipient}"


@dataclass(frozen=True, slots=True)
class Track:
    """The way of one condition and recipient. `manifest` is the newest author-signed (number, hash); `share_set`
    names the release key and shares in force, `k` of which open the words (0 where no keeper holds one); `items` are
    the sealed files, by name and hash. `round`, `wait`, `tried`
    and `bounces` belong to the last call; `handed` says that the recipient's client was given the uncovered shares,
    after which a recall can no longer be promised, and `covered` that those of released words have to be asked for:
    nobody who has told the recipient took their covers off, or they were deleted since. `adult` is written to in the
    place of a recipient who is a child."""

    condition: Condition
    recipient: str
    instead_of: str = ""
    adult: str = ""
    manifest: tuple[int, str] = (0, "")
    share_set: str = ""
    k: int = 0
    roster: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    stage: TrackStage = TrackStage.ASKED
    words: WordsStage = WordsStage.SEALED
    round: int = 0
    wait: Wait | None = None
    tried: tuple[str, ...] = ()
    releases: int = 0
    released: Moment | None = None
    told_by: str = ""
    handed: bool = False
    first_letter: bool = False
    later_until: int = 0
    someone: str = ""
    deaths: tuple[str, ...] = ()
    bounces: int = 0
    covered: bool = False

    @property
    def reader(self) -> str:
        """Who is written to about these words."""
        return self.adult or self.recipient

    def is_for(self, person: str) -> bool:
        """Whether this person receives these words, for themselves or for a child."""
        return person == self.recipient or person == self.adult

    @property
    def unheard(self) -> bool:
        """Whether its last call has begun, and no mailbox has taken the letter yet."""
        return self.stage is TrackStage.LAST_CALL and self.wait is None

    @property
    def key(self) -> str:
        """The track's name, fit for a URL: condition.recipient, or condition.alternate.recipient."""
        return track_key(self.condition, self.recipient, self.instead_of)

    @property
    def bears_words(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one keeper has signed and not taken back. `heads` are the (track, manifest number, hash) it names."""

    keeper: str
    finding: Finding
    evidence: Evidence
    heads: tuple[tuple[str, int, str], ...]
    made: Moment


@dataclass(frozen=True, slots=True)
class Hold:
    """All clocks stand. `placed_by` and `cause` say why; `wait` is when it ends by itself, None for never."""

    cause: HoldCause
    placed_by: str
    wait: Wait | None
    signed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """The keepers' record and workplace. `closed` is None while it is open; `called_at` is when somebody was last
    called into it. `told` are those who heard of words in it, by a person or a letter, whatever became of the words."""

    number: int
    cause: CaseCause
    opened: Moment
    closed: Moment | None = None
    called: tuple[str, ...] = ()
    called_at: Moment = Moment(0, 0)
    answered: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    home: tuple[str, ...] = ()
    ended_by: tuple[str, ...] = ()
    ended: bool = False
    lapsed: tuple[tuple[str, int], ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """The author has given a strong sign by `credential`; `wait` runs once a quorum of keepers has been asked.
    `asked` says that the author had been asked for the whole of *late* before; if it was not them, they are asked."""

    credential: str
    round: int
    wait: Wait | None = None
    not_them: tuple[str, ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Trip:
    """A dated absence. `wait` ends at the return time plus the extra time."""

    back: int
    extra: int
    wait: Wait


@dataclass(frozen=True, slots=True)
class Practice:
    """The real path with practice words: who was asked, who has proven that their share opens, until when."""

    number: int
    wait: Wait
    asked: tuple[str, ...]
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Force:
    """The author has spoken the word under force. It lies beside the stage, and only those in `called` know of it:
    `told` are those whose letters were written; `signed` the keepers who have spoken with the author since, each with
    the hash of what they signed."""

    since: Moment
    called: tuple[str, ...]
    told: tuple[str, ...] = ()
    signed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Glass:
    """One keeper's asking for the emergency notes."""

    keeper: str
    stage: GlassStage
    round: int
    taken: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    wait: Wait | None = None
    denied_by: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything the machine knows of one author.

    `round` grows whenever letters that must be handed over are written anew, `asking` is the round of the stage's own;
    `wait` is the running wait of *late* or *vigil*, None until those letters were accepted by the author, or by the
    keepers in `heard`; `bounces` counts how often it was begun again because a letter came back. `failing` is when too
    few channels of the author were first found to accept, `unreached` that this has lasted too long. `tasked` are the
    people whom the keepers were asked to reach, since a letter to them had failed, after they were last asked anything;
    and the tracks, and each keeper of a false share in one, for which they were asked to give shares since; and whoever
    raised an alarm since, though everybody was called.
    `held` are those who have stopped the clocks since the author was last heard, or a case was opened.
    `silent` are the people whose own watch is in vigil or closing.
    """

    author: str
    stage: Stage = Stage.DRAFT
    plan: Plan = field(default_factory=Plan)
    armed: bool = False
    seats: tuple[Seat, ...] = ()
    tracks: tuple[Track, ...] = ()
    credentials: tuple[Credential, ...] = ()
    recovery_proven: bool = False
    last_sign: Moment = Moment(0, 0)
    weak_in_row: int = 0
    reminded: bool = False
    trip: Trip | None = None
    round: int = 0
    asking: int = 0
    wait: Wait | None = None
    heard: tuple[str, ...] = ()
    bounces: int = 0
    failing: Moment | None = None
    unreached: bool = False
    asked_again: Moment = Moment(0, 0)
    tasked: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    held: tuple[str, ...] = ()
    case: Case | None = None
    epoch: int = 1
    statements: tuple[Statement, ...] = ()
    closing: Closing | None = None
    glass: tuple[Glass, ...] = ()
    silent: tuple[str, ...] = ()
    practice: Practice | None = None
    practices: int = 0
    keys_due: tuple[str, ...] = ()
    force: Force | None = None

    @property
    def case_open(self) -> bool:
        return self.case is not None and self.case.closed is None

    def seat(self, keeper: str) -> Seat | None:
        for seat in self.seats:
            if seat.keeper == keeper:
                return seat
        return None

    def track(self, key: str) -> Track | None:
        for track in self.tracks:
            if track.key == key:
                return track
        return None

    def hold(self, cause: HoldCause) -> Hold | None:
        for hold in self.holds:
            if hold.cause is cause:
                return hold
        return None
