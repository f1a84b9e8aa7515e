"""One step in the making. Rules read the watch through a turn and write their changes and effects into it.

A turn lives only inside `step`: from outside, the step is a function from values to values.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .changed import changed
from .effects import Letter, LetterKind, Ripple, Row, Shred, Step
from .events import Event
from .moments import Moment, Wait
from .quiet import unmarked
from .refusals import refuse
from .small import STAYS, TRACKS
from .stages import CaseCause, SeatStage, Stage, TrackStage
from .watch import Case, Glass, Seat, Track, Watch


@dataclass(slots=True)
class Turn:
    """The watch as it is being changed, the event, and the moment."""

    watch: Watch
    event: Any
    now: Moment
    letters: list[Letter] = field(default_factory=list)
    ripples: list[Ripple] = field(default_factory=list)
    shreds: list[Shred] = field(default_factory=list)
    happened: list[tuple[str, str]] = field(default_factory=list)

    # Changing the watch.

    def set(self, **changes: Any) -> None:
        self.watch = changed(self.watch, **changes)

    def set_seat(self, seat: Seat, **changes: Any) -> None:
        new = changed(seat, **changes)
        self.set(seats=tuple(new if old.keeper == seat.keeper else old for old in self.watch.seats))

    def set_track(self, track: Track, **changes: Any) -> Track:
        new = changed(track, **changes)
        self.set(tracks=tuple(new if old.key == track.key else old for old in self.watch.tracks))
        return new

    def set_glass(self, glass: Glass, **changes: Any) -> None:
        new = changed(glass, **changes)
        self.set(glass=tuple(new if old.keeper == glass.keeper else old for old in self.watch.glass))

    def set_case(self, **changes: Any) -> None:
        assert self.watch.case is not None
        self.set(case=changed(self.watch.case, **changes))

    def call_in(self, keeper: str) -> None:
        """Calls one more keeper into the case: to whom it has not called there is none, and nothing to sign in it."""
        assert self.watch.case is not None
        self.set_case(called=tuple(sorted({*self.watch.case.called, keeper})))

    # Effects.

    def note(self, what: str, about: str = "") -> None:
        """Adds to what this step's log row says happened."""
        self.happened.append((what, about))

    def letter(self, kind: LetterKind, to: str, *, round: int = 0, **facts: int | str) -> None:
        """Writes one letter. It belongs to the newest round unless another is named."""
        case = self.watch.case.number if self.watch.case else 0
        self.letters.append(Letter(kind, to, round or self.watch.round, case, tuple(sorted(facts.items()))))

    def to_keepers(
        self, kind: LetterKind, *, but: str = "", alternates: bool = False, round: int = 0, **facts: int | str
    ) -> None:
        """Writes to every keeper who has accepted; alternates only those whom a case has called."""
        for keeper in self.reachable_keepers(alternates):
            if keeper != but:
                self.letter(kind, keeper, round=round, **facts)

    def reachable_keepers(self, alternates: bool = False) -> tuple[str, ...]:
        """The circle; with `alternates` also those whom the case has called."""
        return reachable_keepers(self.watch, alternates)

    def shred(self, keeper: str = "") -> None:
        """Deletes the shares that this keeper has given, or all that anybody has: of words that are out, too, and for
        those the keepers may be asked once more."""
        self.shreds.append(Shred(keeper))
        for track in self.watch.tracks:
            if track.released:
                self.set_track(track, covered=True)
                kept = (one for one in self.watch.tasked if one.partition(" ")[0] != track.key)
                self.set(tasked=tuple(kept))

    def new_round(self) -> None:
        """Letters that must be handed over are being written anew: older hand-overs no longer count."""
        self.set(round=self.watch.round + 1)

    def new_asking(self) -> None:
        """A new round whose hand-over starts the stage's own wait."""
        self.new_round()
        self.set(asking=self.watch.round, wait=None, heard=(), bounces=0, tasked=())

    def asks_again(self) -> None:
        """Those who were asked are asked once more, and told once more of whom no letter reaches."""
        self.set(asked_again=self.now, tasked=())

    def move_track(self, track: Track, what: str, **changes: Any) -> None:
        """Moves a track as the track table says, forgetting its last call unless it has just begun or ended."""
        cell = TRACKS[what][track.stage]
        if cell == STAYS:
            return
        if cell == TrackStage.ASKED:
            changes = {"wait": None, "tried": (), "bounces": 0, **changes}
        self.set_track(track, stage=TrackStage(cell), **changes)

    # Questions asked by many rules.

    def wait(self, length: int) -> Wait:
        return Wait(self.now, length)

    def must_be_author(self) -> None:
        if self.event.by != self.watch.author:
            raise refuse("not_the_author")

    def seat_of_actor(self) -> Seat:
        """The acting keeper's seat, at any stage between accepted and removed."""
        seat = self.watch.seat(self.event.by)
        if seat is None or seat.stage not in REACHABLE:
            raise refuse("not_a_keeper")
        return seat

    def open_case(self, cause: CaseCause) -> None:
        """Opens a case, unless one is open, and calls the circle into it; alternates are called in their order."""
        if self.watch.case_open:
            return
        number = self.watch.case.number + 1 if self.watch.case else 1
        circle = self.reachable_keepers()
        self.set(case=Case(number, cause, self.now, called=circle, called_at=self.now), held=())
        self.note("case_opened", cause)

    def done(self, before: Watch) -> Step:
        """The finished step: exactly one row when anything changed that the author may read, none otherwise."""
        watch = self.watch
        quiet = not self.happened and all(letter.kind is LetterKind.UNDER_FORCE for letter in self.letters)
        if quiet and watch is before:
            return Step(before, None, tuple(self.letters))
        if quiet and unmarked(watch) == unmarked(before):
            return Step(before if watch == before else watch, None, tuple(self.letters))
        row = Row(event_name(self.event), self.event.by, before.stage, self.watch.stage, tuple(self.happened))
        return Step(self.watch, row, tuple(self.letters), tuple(self.ripples), tuple(self.shreds))


REACHABLE = (
    SeatStage.ACCEPTED,
    SeatStage.VERIFIED,
    SeatStage.SEASONED,
    SeatStage.SUSPENDED,
    SeatStage.RESTING,
)


def reachable_keepers(watch: Watch, alternates: bool = False) -> tuple[str, ...]:
    """The circle: who has said "I will" and was not removed; with `alternates` also those whom the case has called."""
    called = watch.case.called if alternates and watch.case else ()
    return tuple(
        seat.keeper
        for seat in watch.seats
        if seat.stage in REACHABLE and (not seat.alternate or seat.keeper in called)
    )


SILENT_STAGES = (Stage.VIGIL, Stage.CLOSING)


def event_name(event: Event) -> str:
    """The event's word in the log: `CheckIn` is `check_in`."""
    return _word_for(type(event).__name__)


@cache
def _word_for(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
