"""How well the circle would carry the words today: who counts, how many may be missing, and what is better mended soon.

Said in sentences, because that is what an author reads. Nothing here decides anything; who counts is `counting`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .counting import countable, primary_of
from .moments import DAY
from .stages import GONE, SeatStage, Stage, WordsStage
from .watch import Seat, Track, Watch

QUARTER = 91 * DAY
"""Seconds after which a proven share is an old proof: a practice is offered every quarter."""

YEAR = 365 * DAY
"""Seconds after which an author is asked whether words that they sealed are still right."""

TO_PROVE_ONE = "Ask them to sign in and prove one: it stands under “Account”, “Letters”."


@dataclass(frozen=True, slots=True)
class TrackHealth:
    """One track today. `missing` says of each seat of the circle that does not count why it does not."""

    track: str
    quorum: int
    counting: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def spare(self) -> int:
        """How many of those who count may be out of reach; below 0 when there are too few already."""
        return len(self.counting) - self.quorum

    @property
    def sentence(self) -> str:
        """`Works if 2 cannot be reached: any 3 of 5.`, or what is missing; then who does not count and why."""
        said = f"Does not work today: {self.quorum} are needed and {len(self.counting)} count."
        if self.spare > 0:
            said = f"Works if {self.spare} cannot be reached: any {self.quorum} of {len(self.counting)}."
        elif self.spare == 0:
            said = f"Works only if all {self.quorum} can be reached."
        why = "; ".join(f"{keeper}: {reason}" for keeper, reason in self.missing)
        return f"{said} {why[:1].upper()}{why[1:]}." if why else said


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that works today and may not when it is needed. `code` is for programs, `sentence` for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Circle:
    """What is known of the circle beyond the watch: when each keeper last proved a share (UTC seconds), the part behind
    the @ of each proven mail address, and whom a letter can reach."""

    proven: Mapping[str, int]
    providers: Mapping[str, tuple[str, ...]]
    reached: frozenset[str]


def health(watch: Watch) -> tuple[TrackHealth, ...]:
    """Each track that bears words, as it would go today. Empty for a timer-only plan, which asks nobody."""
    if watch.plan.timer_only:
        return ()
    return tuple(_of(watch, track) for track in watch.tracks if track.bears_words)


def worst(watch: Watch) -> TrackHealth | None:
    """The track that would fail first, None when there is none."""
    return min(health(watch), key=lambda one: one.spare, default=None)


def _of(watch: Watch, track: Track) -> TrackHealth:
    circle = [seat for seat in watch.seats if not seat.alternate and seat.stage not in GONE]
    counting = tuple(seat.keeper for seat in watch.seats if countable(watch, seat, track))
    missing = tuple((seat.keeper, _why(watch, seat, track)) for seat in circle if seat.keeper not in counting)
    return TrackHealth(track.key, watch.plan.quorum, counting, missing)


_STAGES = {
    SeatStage.INVITED: "has not answered the invitation",
    SeatStage.ACCEPTED: "is not verified yet",
    SeatStage.VERIFIED: "is too new to count yet",
    SeatStage.SUSPENDED: "is suspended",
    SeatStage.RESTING: "rests until their share is proven again",
}


def _why(watch: Watch, seat: Seat, track: Track) -> str:
    """Why a seat does not count for a track: the first reason that has to be mended. An author's watch, which alone
    comes here, names nobody who has stepped back (see `quiet`)."""
    if seat.keeper == track.recipient:
        return "receives these words"
    if seat.stage in _STAGES:
        return _STAGES[seat.stage]
    if seat.keeper in watch.silent:
        return "is not answering their own keepers"
    return "has not proven their share" if seat.keeper in track.roster else "holds no share of them"


def warnings(watch: Watch, circle: Circle, wall: int) -> tuple[Warning, ...]:
    """What the author should look at although the plan stands. `wall` is now, in UTC seconds."""
    found = [
        *_out_of_reach(watch, circle),
        *_one_provider(watch, circle),
        *_only_recipient(watch),
        *_following_nobody(watch),
        *_old_proof(watch, circle, wall),
        *_keys_due(watch),
    ]
    return tuple(found)


def _counting_for_any(watch: Watch) -> tuple[str, ...]:
    return tuple(sorted({keeper for one in health(watch) for keeper in one.counting}))


def out_of_reach(watch: Watch, circle: Circle) -> tuple[str, ...]:
    """The keepers and alternates whom no letter would find: when they are needed, nothing calls them. A plan that asks
    nobody misses none."""
    if watch.plan.timer_only:
        return ()
    seated = (seat.keeper for seat in watch.seats if seat.stage not in GONE)
    return tuple(keeper for keeper in seated if keeper not in circle.reached)


def _out_of_reach(watch: Watch, circle: Circle) -> list[Warning]:
    missed = out_of_reach(watch, circle)
    if not missed:
        return []
    said = f"No letter can reach {_together(missed)}: no address of theirs is proven. {TO_PROVE_ONE}"
    return [Warning("out_of_reach", said)]


def _together(names: Sequence[str]) -> str:
    """`a`, or `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _one_provider(watch: Watch, circle: Circle) -> list[Warning]:
    """All letters go through one house of mail: when that is down, nobody is called."""
    keepers = [keeper for keeper in _counting_for_any(watch) if circle.providers.get(keeper)]
    if len(keepers) < 2:
        return []
    used = {provider for keeper in keepers for provider in circle.providers[keeper]}
    if len(used) > 1:
        return []
    said = f"All your keepers are reached through {used.pop()} alone: if it is down, nobody can be called."
    return [Warning("one_provider", f"{said} Ask one of them for a second way.")]


def _only_recipient(watch: Watch) -> list[Warning]:
    recipients = {track.recipient for track in watch.tracks if track.bears_words}
    seats = {seat.keeper for seat in watch.seats if seat.stage not in GONE}
    if len(recipients) != 1 or not recipients <= seats:
        return []
    said = f"{recipients.pop()} is a keeper and the only one you have written for"
    return [
        Warning("only_recipient", f"{said}: what they sign does not count, so count on the others alone.")
    ]


def _following_nobody(watch: Watch) -> list[Warning]:
    """Whoever stands in another's place follows once words were given to that one; where there are none, never."""
    return [
        Warning(
            "follows_nobody",
            f"Words for {track.recipient} in the place of {track.instead_of} follow those for {track.instead_of}, and "
            "there are none: they would never be given. Seal them in their own right.",
        )
        for track in watch.tracks
        if track.instead_of and track.bears_words and not _is_led(watch, track)
    ]


def _is_led(watch: Watch, track: Track) -> bool:
    first = primary_of(watch, track)
    return first is not None and first.bears_words


def _old_proof(watch: Watch, circle: Circle, wall: int) -> list[Warning]:
    """A share that opened once may lie on a device that is gone by now."""
    old = [keeper for keeper in _counting_for_any(watch) if wall - circle.proven.get(keeper, 0) > QUARTER]
    if not old or not watch.armed:
        return []
    said = f"For more than a quarter nobody knows whether these shares still open: {', '.join(old)}."
    return [Warning("practice_old", f"{said} Ask for a practice.")]


def _keys_due(watch: Watch) -> list[Warning]:
    if not watch.keys_due:
        return []
    said = f"New keys are due for {', '.join(watch.keys_due)}, and kits saved before are old."
    return [
        Warning("keys_due", f"{said} Seal them with new keys, and let your keepers save their kits again.")
    ]


_GIVEN = (WordsStage.OPENED, WordsStage.PASSED_ON)


def asked_again(watch: Watch, since: Mapping[str, int], wall: int) -> tuple[Track, ...]:
    """The tracks of which their author is asked whether the words are still right: a year has gone by since these were
    sealed, or were left as they are when it was asked last. `since` says when that was, by track, in UTC seconds.

    What was sealed years ago may be wrong today, and only its author can know. Nothing follows from the question. It
    waits while anything else is the matter, and is not asked of words that somebody has read."""
    if watch.stage is not Stage.WELL or watch.case_open or watch.holds:
        return ()
    waiting = (track for track in watch.tracks if track.bears_words and track.words not in _GIVEN)
    return tuple(track for track in waiting if wall - since.get(track.key, wall) > YEAR)


def still_right(name: str, sealed: str, left: str = "") -> str:
    """The question about one track, with its recipient's name and the days as the author reads them."""
    since = f"You sealed this for {name} on {sealed}"
    return (
        f"{since}, and left it as it is on {left}. Is it still right?"
        if left
        else f"{since}. Is it still right?"
    )


def one_household(
    counting: tuple[str, ...], quorum: int, households: Mapping[str, str]
) -> tuple[Warning, ...]:
    """A warning for every household whose keepers can all be out of reach at once and would leave too few.

    Nobody but the author's own client knows who lives together, so it is asked there. A household of one is nobody's
    business; a circle that is too small already is told so elsewhere."""
    found = []
    for name in sorted({households[keeper] for keeper in counting if keeper in households}):
        together = [keeper for keeper in counting if households.get(keeper) == name]
        left = len(counting) - len(together)
        if len(together) > 1 and left < quorum <= len(counting):
            said = f"if that house cannot be reached, {left} remain and {quorum} are needed."
            found.append(Warning("one_household", f"{_together(together)} live together: {said}"))
    return tuple(found)
