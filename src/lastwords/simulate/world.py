"""The small worlds that the explorer exhausts: who is in them, how long the waits are, and what may happen.

A world names its moves; everything else is the machine's. Lengths are in units of one second, so that a wait is one or
two ticks long and every order of events around its beginning and end is tried. A wait whose length is `NEVER` does not
end in that world.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Moment, Wait
from lastwords.protocol.stages import (
    Condition,
    Evidence,
    Finding,
    HoldCause,
    Order,
    SeatStage,
    Stage,
    Strength,
)
from lastwords.protocol.watch import HOST, Credential, Plan, Seat, Track, Watch

NEVER = 10**6

AUTHOR, NARUTO, TSUNADE = "iruka", "naruto", "tsunade"
KAKASHI, BISUKE, PAKKUN = "kakashi", "bisuke", "pakkun"
PHONE, PAPER = "phone", "paper"

STALE = 0
ASKING = 1
"""In every state the stage's own letters have this round, and the last call of track *i* has round `LAST_CALL + i`."""
LAST_CALL = 2
GLASS_ROUND = 7
NEWEST = 9

ASK_BIT, LAST_BIT, KEEPER_BIT, GLASS_BIT = 1 << 0, 1 << 1, 1 << 4, 1 << 8
"""Letters on their way, one bit each: the asking, a last call per track, one per keeper, a glass alarm per person."""

LIVE = (Stage.WELL, Stage.LATE, Stage.VIGIL, Stage.CLOSING)
CASEWORK = (Stage.LATE, Stage.VIGIL)
VIGIL = (Stage.VIGIL,)


class Move(NamedTuple):
    """Something that may happen in some stages; `bit` is the letter it needs on its way, `takes` that it arrives.

    Time passing has no event: `now` says how far the two clocks moved."""

    label: str
    event: e.Event | None
    stages: tuple[Stage, ...] = LIVE
    bit: int = 0
    takes: bool = False
    now: Moment = Moment(0, 0)


@dataclass(frozen=True, slots=True)
class World:
    """One small world. `alike` are the places of two keepers who can be exchanged without changing anything. What is
    asked of it for every state is found out once: its `keepers`, the names of its tracks (`keys`), and the longest wait
    that is counted from a release (`since_release`)."""

    name: str
    about: str
    start: Watch
    moves: tuple[Move, ...]
    alike: tuple[int, int] | None
    bounces: bool = False
    keepers: tuple[str, ...] = field(init=False)
    keys: tuple[str, ...] = field(init=False)
    since_release: int = field(init=False)

    def __post_init__(self) -> None:
        plan = self.start.plan
        ends = [length for length in (plan.untold, plan.survivorship) if length < NEVER]
        object.__setattr__(self, "keepers", tuple(seat.keeper for seat in self.start.seats))
        object.__setattr__(self, "keys", tuple(track.key for track in self.start.tracks))
        object.__setattr__(self, "since_release", max(ends, default=NEVER))


# People and words.


def terms(**lengths: Any) -> Plan:
    """A plan of the smallest waits; whatever is not named never ends."""
    small: dict[str, Any] = {
        "quorum": 2,
        "check_in_every": 2,
        "remind_before": 1,
        "remind_again": NEVER,
        "late": 1,
        "vigil": 1,
        "last_call": 1,
        "ask_again": NEVER,
        "closing": 1,
        "seasoning": NEVER,
        "spoken_hold": 1,
        "longest_hold": 1,
        "unreached": NEVER,
        "untold": NEVER,
        "survivorship": 1,
        "alarm_rest": NEVER,
        "succession": NEVER,
        "home_signing": NEVER,
        "glass": 1,
    }
    return Plan(**{**small, **lengths})


def watch(
    plan: Plan,
    tracks: Iterable[tuple[Condition, str, str]],
    unseasoned: tuple[str, ...] = (),
    season: int = 2,
    resting: tuple[str, ...] = (),
) -> Watch:
    """An armed watch, well, with three keepers who hold a share of all words but their own; `season` is what is left
    of the time of those who are unseasoned, and whoever is resting has missed a practice."""
    names = (BISUKE, KAKASHI, PAKKUN)
    made = tuple(
        Track(
            condition,
            recipient,
            instead_of,
            manifest=(1, "m"),
            share_set="s",
            roster=tuple(name for name in names if name != recipient),
            items=(("words", "h"),),
        )
        for condition, recipient, instead_of in tracks
    )
    return Watch(
        AUTHOR,
        Stage.WELL,
        plan,
        armed=True,
        seats=tuple(
            _seat(name, made, season if name in unseasoned else 0, name in resting) for name in names
        ),
        tracks=tuple(sorted(made, key=lambda track: track.key)),
        credentials=(Credential(PHONE, "pocket"), Credential(PAPER, "drawer")),
        recovery_proven=True,
        last_sign=Moment(0, 0),
        round=NEWEST,
        asking=ASKING,
    )


def _seat(name: str, tracks: tuple[Track, ...], season: int, resting: bool) -> Seat:
    receipts = tuple(sorted((track.key, "s") for track in tracks if track.recipient != name))
    if season:
        return Seat(
            name, SeatStage.VERIFIED, vouched=True, season=Wait(Moment(0, 0), season), receipts=receipts
        )
    stage = SeatStage.RESTING if resting else SeatStage.SEASONED
    return Seat(name, stage, vouched=True, receipts=receipts)


# Moves, by what they are about.

TICK = Move("a tick of both clocks", None, now=Moment(1, 1))
DARK = Move("a tick of the wall clock alone", None, now=Moment(1, 0))
JUMP = Move("the wall clock jumps far ahead", None, now=Moment(14, 0))
LOOK = Move("look", e.Look())


def signs(*credentials: str, weak: bool = False) -> tuple[Move, ...]:
    strong = tuple(
        Move(f"strong sign by {name}", e.CheckIn(AUTHOR, Strength.STRONG, name)) for name in credentials
    )
    machine = Move("weak sign", e.CheckIn(AUTHOR, Strength.WEAK, "machine"))
    return (*strong, machine) if weak else strong


def author_letters(
    tracks: int, *, failing: bool = False, bouncing: bool = False, one: bool = False
) -> list[Move]:
    """The author's letters arrive (or fail, or bounce); `one` when all last calls are one letter."""
    moves = []
    asks = [(LetterKind.CHECK_IN_MISSED, ASKING, ASK_BIT, (Stage.LATE,), "asking")]
    for track in range(1 if one else tracks):
        number = ASKING if one else LAST_CALL + track
        asks.append((LetterKind.LAST_CALL, number, LAST_BIT << track, VIGIL, f"last call {track + 1}"))
    for kind, number, bit, stages, what in asks:
        taken = e.LetterTaken("", kind, AUTHOR, number)
        moves.append(Move(f"{what}: letter taken", taken, stages, bit, True))
        moves.append(Move(f"{what}: an old letter taken", e.LetterTaken("", kind, AUTHOR, STALE), stages))
        if failing:
            moves.append(Move(f"{what}: letter fails", e.LetterFailed("", kind, AUTHOR, number), stages, bit))
        if bouncing:
            moves.append(
                Move(f"{what}: letter bounces", e.LetterBounced("", kind, AUTHOR, number), stages, -bit)
            )
    return moves


def keeper_letters(keepers: Iterable[str], *, bouncing: bool = False) -> list[Move]:
    moves = []
    for place, keeper in enumerate(keepers):
        bit = KEEPER_BIT << place
        called, home = LetterKind.KEEPER_CALLED, LetterKind.HOME_QUESTION
        taken = e.LetterTaken("", called, keeper, ASKING)
        moves.append(Move(f"{keeper} is called", taken, VIGIL, bit, True))
        asked = e.LetterTaken("", home, keeper, ASKING)
        moves.append(Move(f"{keeper} is asked about home", asked, (Stage.CLOSING,), bit, True))
        if bouncing:
            bounced = e.LetterBounced("", called, keeper, ASKING)
            moves.append(Move(f"{keeper}'s call bounces", bounced, VIGIL, -bit))
    return moves


def states(keeper: str, finding: Finding, start: Watch, *, case: int = 1) -> Move:
    heads = tuple((track.key, *track.manifest) for track in start.tracks)
    event = e.MakeStatement(keeper, finding, Evidence.OWN_SIGHT, case, 1, 1, heads)
    old = "" if case else " (signed for an earlier case)"
    return Move(f"{keeper} states {finding}{old}", event, CASEWORK)


def retracts(keeper: str) -> Move:
    return Move(f"{keeper} retracts", e.RetractStatement(keeper), CASEWORK)


def tried(keeper: str) -> Move:
    return Move(f"{keeper} tried in person", e.SignTried(keeper), VIGIL)


def signs_home(keeper: str) -> Move:
    return Move(f"{keeper} signs home", e.SignHome(keeper), (Stage.CLOSING,))


def at_closing(keeper: str) -> tuple[Move, Move]:
    """What a keeper may sign of somebody who gave a sign: that it is them, or is not."""
    return signs_home(keeper), Move(f"{keeper} signs not them", e.SignNotThem(keeper), (Stage.CLOSING,))


def alarm(by: str, second: str = "") -> Move:
    return Move(f"alarm by {by}", e.RaiseAlarm(by, second), (Stage.WELL, Stage.LATE))


def holds(by: str, cause: HoldCause = HoldCause.SWITCH) -> tuple[Move, Move]:
    return (
        Move(f"hold by {by}", e.PlaceHold(by, cause)),
        Move(f"{by} lifts the {cause} hold", e.LiftHold(by, cause)),
    )


def lifts(by: str, cause: HoldCause) -> Move:
    return Move(f"{by} lifts the {cause} hold", e.LiftHold(by, cause))


def restores(keepers: Iterable[str]) -> list[Move]:
    signed = [lifts(keeper, HoldCause.RESTORE) for keeper in keepers]
    return [Move("restored from a backup", e.Restore(HOST)), *signed]


def silence(person: str) -> tuple[Move, Move]:
    """The other half of a mutual pair: word from that person's own watch."""
    return (
        Move(f"{person} falls silent", e.HearOfSilence("", person, True)),
        Move(f"{person} speaks again", e.HearOfSilence("", person, False)),
    )


def tells(keeper: str, track: Track) -> Move:
    return Move(f"{keeper} tells {track.recipient}", e.Tell(keeper, track.key))


def opens(track: Track) -> tuple[Move, ...]:
    by, key = track.recipient, track.key
    return (
        Move(f"{by} asks for the shares", e.WantShares(by, key)),
        Move(f"{by} opens", e.OpenWords(by, key)),
        Move(f"{by} declines", e.DeclineWords(by, key)),
    )


def recipient_died(keeper: str, recipient: str) -> Move:
    return Move(
        f"{keeper} signs that {recipient} died", e.SignRecipientDied(keeper, recipient, Order.UNKNOWN), VIGIL
    )


def recipient_lives(keeper: str, recipient: str) -> Move:
    return Move(
        f"{keeper} takes back that {recipient} died", e.RetractRecipientDied(keeper, recipient), VIGIL
    )


def ends(keeper: str) -> Move:
    return Move(f"{keeper} signs the end", e.SignEnd(keeper), VIGIL)


def seals(track: Track) -> Move:
    """The author seals the words anew under the same keys; statements about the older version count no more."""
    number, before = track.manifest
    event = e.SealWords(
        AUTHOR,
        track.condition,
        track.recipient,
        track.instead_of,
        number + 1,
        "next",
        before,
        track.share_set,
        track.roster,
        track.items,
    )
    return Move(f"new words for {track.recipient}", event, (Stage.WELL, Stage.CLOSING))


def seals_to_all(track: Track, keepers: tuple[str, ...], k: int = 0) -> Move:
    """The author seals the words anew, to more keepers than before; `k` of them open the words."""
    number, before = track.manifest
    parts = (AUTHOR, track.condition, track.recipient, track.instead_of, number + 1, "next", before)
    event = e.SealWords(*parts, "larger", keepers, track.items, k=k)
    return Move(
        f"words for {track.recipient} to {len(keepers)} keepers, {k or 'as many as before'} of whom open them",
        event,
    )


def glass(keeper: str, others: Iterable[tuple[int, str]], *, troubled: bool = True) -> list[Move]:
    """`keeper` asks for the emergency notes without the card; every alarm may arrive, or (`troubled`) fail, come back,
    or be answered with a denial. An opening is spent by a new cover, or by new notes."""
    moves = [
        Move(f"{keeper} breaks glass", e.BreakGlass(keeper, False)),
        Move(f"{keeper} covers the notes anew", e.SealNotes(keeper)),
        Move("the author seals new notes", e.SealNotes(AUTHOR)),
    ]
    people = [(0, AUTHOR), *((1 + place, name) for place, name in others)]
    for place, person in people:
        bit = GLASS_BIT << place
        letter = (LetterKind.GLASS_ALARM, person, GLASS_ROUND)
        moves.append(Move(f"{person} is alarmed", e.LetterTaken("", *letter), LIVE, bit, True))
        if troubled:
            moves.append(Move(f"the alarm to {person} fails", e.LetterFailed("", *letter), LIVE, bit))
            moves.append(alarm_comes_back(place, person))
            moves.append(Move(f"{person} denies", e.DenyGlass(person, keeper)))
    return moves


def alarm_comes_back(place: int, person: str) -> Move:
    event = e.LetterBounced("", LetterKind.GLASS_ALARM, person, GLASS_ROUND)
    return Move(f"the alarm to {person} comes back", event, LIVE, -(GLASS_BIT << place))


def proves(keeper: str, track: Track) -> Move:
    return Move(f"{keeper} proves their share", e.GiveReceipt(keeper, ((track.key, track.share_set),)))


def restores_seat(by: str, keeper: str) -> Move:
    return Move(f"{by} signs for {keeper}'s seat", e.RestoreSeat(by, keeper))
