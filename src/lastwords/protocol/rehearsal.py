"""“If I vanish today”: the machine itself run forward, so that what is shown is what would happen.

Nothing is computed twice: the rehearsal calls `step` with the author's real watch and a clock that moves to each next
look, hands letters over as the what-ifs say, and lets the keepers who are not silent state what they find as soon as
they are asked. The dates are therefore the earliest possible; every real delay only makes them later.
"""

from dataclasses import dataclass, field

from . import events as e
from .counting import counting
from .effects import Letter, LetterKind, Step
from .machine import due, step
from .moments import DAY, Moment
from .stages import Evidence, Finding, Stage, Strength, TrackStage
from .watch import Watch

HORIZON = 3 * 365 * DAY


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Suppositions: these keepers do not answer; the author's mail accepts nothing; the author returns on that day
    (days from now, 0 for never)."""

    silent: tuple[str, ...] = ()
    mail_down: bool = False
    return_day: int = 0


@dataclass(frozen=True, slots=True)
class Dated:
    """One row of the rehearsal. `wall` is UTC seconds; `learns` is who comes to know of it: author, keepers or
    recipients; `about` is a track's key or empty; `stops` says what would stop it."""

    wall: int
    what: str
    about: str
    sentence: str
    learns: str
    stops: str


_SIGN = "any check-in of yours"
_UNOPENED = "your return, as long as they are unopened"
_STRONG = "a strong check-in of yours, or one keeper who has spoken with you"
_OWN = "a strong check-in of yours"
_FAILED, _ACCEPTS = "Every channel of yours has failed for two weeks.", "any channel that accepts"
_BACK = ("You are back: everything stands down.", "author", "")

SENTENCES: dict[str, tuple[str, str, str]] = {
    # what             sentence, who learns of it, what would stop it
    "reminded": ("You are reminded that a check-in is due soon.", "author", _SIGN),
    "check_in_missed": ("Your check-in is missed; you are asked on every channel.", "author", _SIGN),
    "trip_overdue": (
        "You are overdue from your trip; you are asked, and the keepers are told.",
        "keepers",
        _STRONG,
    ),
    "reminded_again": ("You are reminded a second time.", "author", _OWN),
    "author_unreached": (_FAILED, "keepers", _ACCEPTS),
    "vigil": ("Your keepers are asked to check on you.", "keepers", _STRONG),
    "quorum": ("Enough keepers could have signed what they found.", "keepers", _STRONG),
    "last_call": ("You are asked one last time, on every channel.", "author", _STRONG),
    "tried_in_person": ("Keepers sign that they tried to reach you in person.", "keepers", _STRONG),
    "released": (
        "The words are released; a keeper tells the recipient first.",
        "recipients",
        _UNOPENED,
    ),
    "asked_again": (
        "The keepers do not agree; the words stay sealed and they are asked again.",
        "keepers",
        _STRONG,
    ),
    "home": (
        "You are back: everything stands down, and keepers are asked whether it is really you.",
        "keepers",
        "",
    ),
}

ALONE: dict[str, tuple[str, str, str]] = SENTENCES | {
    "trip_overdue": ("You are overdue from your trip; you are asked.", "author", _OWN),
    "author_unreached": (_FAILED, "author", _ACCEPTS),
    "vigil": ("Your last call begins, on every channel. Nobody is asked to check on you.", "author", _OWN),
    "last_call": ("You are asked one last time, on every channel.", "author", _OWN),
    "released": ("The words are released; a letter tells the recipient.", "recipients", _UNOPENED),
    "home": _BACK,
}
"""The same of a plan that asks nobody."""


@dataclass(slots=True)
class _Run:
    watch: Watch
    now: Moment
    what_if: WhatIf
    rows: list[Dated] = field(default_factory=list)

    def take(self, event: e.Event) -> None:
        """Applies one event, if the machine accepts it."""
        outcome = step(self.watch, event, self.now)
        if not isinstance(outcome, Step):
            return
        before, self.watch = self.watch, outcome.watch
        if outcome.row:
            self._write_down(before, outcome)
        for letter in outcome.letters:
            self._hand_over(letter)

    def _write_down(self, before: Watch, outcome: Step) -> None:
        assert outcome.row is not None
        for what, about in outcome.row.happened:
            if (what, about) == ("alarm", "trip"):
                what, about = "trip_overdue", ""
            if what == "stage":
                what, about = str(about), ""
            if what == "closing":
                what = "home"
            sentences = ALONE if self.watch.plan.timer_only else SENTENCES
            if what in sentences:
                self.rows.append(Dated(self.now.wall, what, about, *sentences[what]))

    def _hand_over(self, letter: Letter) -> None:
        known = (str(letter.kind), letter.to, letter.round)
        if letter.to == self.watch.author and self.what_if.mail_down:
            self.take(e.LetterFailed("host", *known))
        else:
            self.take(e.LetterTaken("host", *known, self.watch.plan.channels))
        if letter.kind is LetterKind.KEEPER_CALLED and letter.to not in self.what_if.silent:
            self._state(letter.to)
        if self.watch.unreached and not self.watch.plan.timer_only:  # or nobody asks them to try
            for keeper in counting(self.watch):
                if keeper not in self.what_if.silent:
                    self.take(e.SignTried(keeper))

    def _state(self, keeper: str) -> None:
        case = self.watch.case
        assert case is not None
        heads = tuple((track.key, *track.manifest) for track in self.watch.tracks if track.bears_words)
        bound = (case.number, self.watch.epoch, self.watch.plan.version)
        self.take(e.MakeStatement(keeper, Finding.DIED, Evidence.OWN_SIGHT, *bound, heads))

    def ended(self) -> bool:
        """All words are released, or the keepers have been asked in vain, or the author has returned."""
        vain = any(row.what == "asked_again" for row in self.rows)
        home = any(row.what == "home" for row in self.rows)
        words = [track for track in self.watch.tracks if track.bears_words and not track.instead_of]
        released = all(track.stage is TrackStage.RELEASED for track in words)
        return vain or home or (self.watch.stage is Stage.VIGIL and released)


def rehearse(watch: Watch, now: Moment, what_if: WhatIf | None = None) -> tuple[Dated, ...]:
    """The dated rows of a watch in which the author gives no sign from `now` on. Empty for a plan not armed.

    Both clocks are supposed to run together from now on. A hold that stands runs its time first."""
    run = _Run(watch, now, what_if or WhatIf())
    end = now.wall + (run.what_if.return_day * DAY or HORIZON)
    while watch.armed and not run.ended():
        at = due(run.watch, run.now)
        if at is None or at >= end:
            break
        run.now = _later(run.now, at)
        run.take(e.Look())
    if watch.armed and run.what_if.return_day and not run.ended():
        run.now = _later(run.now, end)
        _return(run)
    return tuple(run.rows)


def _return(run: _Run) -> None:
    """The author gives a strong sign on the supposed day."""
    credential = next((one.name for one in run.watch.credentials if not one.void), "")
    was_asked = run.watch.stage is Stage.LATE
    run.take(e.CheckIn(run.watch.author, Strength.STRONG, credential))
    if was_asked and run.watch.stage is Stage.WELL:
        run.rows.append(Dated(run.now.wall, "home", "", *_BACK))


def _later(now: Moment, wall: int) -> Moment:
    return Moment(wall, now.credit + wall - now.wall)
