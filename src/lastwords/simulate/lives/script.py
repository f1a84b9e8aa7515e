"""What a seed makes of a life: who the people are, what becomes of the author, and everything that goes wrong.

A script is drawn once, before the life begins, as a list of happenings that can be taken out one by one: that is how a
failing life is made short.
"""

import random
from dataclasses import dataclass, field

from lastwords.protocol.moments import DAY, HOUR, MINUTE
from lastwords.protocol.stages import Condition

from .cast import ALTERNATE, AUTHOR, CIRCLE, EVERYONE, OTHER, RECIPIENT, Cast, casts
from .mail import MODES

YEAR = 365 * DAY
LENGTH = 10 * YEAR
"""Seconds of true time that a life lasts at most."""

COURSES = {
    "dies": 34,
    "returns": 26,
    "lives": 10,
    "cannot act": 6,
    "accused": 8,
    "stranger": 6,
    "machine": 4,
    "trips": 6,
}
"""What becomes of authors, and how many of a hundred lives go so."""
WORDS = (
    b'"released"',
    b'"last_call"',
    b'["stage","vigil"]',
    b'["stage","late"]',
    b'["stage","closing"]',
    b'"told"',
)
"""What the rows of a write may say that a fault waits for, so that rare writes are struck as often as others."""
TROUBLES = {
    "dark": 1,
    "no way out": 1,
    "deaf": 1,
    "clock": 2,
    "strike": 4,
    "two servers": 1,
    "mailbox": 5,
}
"""What goes wrong, and how often of fifteen times."""
REACHED = ("nobody", "some", "half", "everyone")
"""Who comes to the second copy when they look for the host."""
OUTAGES = (MINUTE, 10 * MINUTE, HOUR, 9 * HOUR, DAY, 4 * DAY, 15 * DAY, 45 * DAY, 120 * DAY, 400 * DAY)
JUMPS = (1, 59, 3 * MINUTE, HOUR, DAY, 10 * DAY, 40 * DAY, YEAR, 12 * YEAR)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens: at a true second, or (`rows`) once so many rows were written since the last sign."""

    at: int
    what: str
    who: str = ""
    length: int = 0
    word: str = ""
    rows: int = 0


@dataclass(slots=True)
class Fate:
    """What is true of one person. Times are true seconds; `away` are (from, until) without a word from them."""

    dies: int | None = None
    ill: int | None = None
    away: list[tuple[int, int]] = field(default_factory=list)
    careless: bool = False
    """Forgets their own sign, and does not read what is asked of them as an author."""
    lies: bool = False
    errs: float = 0.0
    knows_after: int = 2 * DAY

    def dead(self, at: int) -> bool:
        return self.dies is not None and at >= self.dies

    def lost(self, at: int) -> bool:
        """Whether this person cannot be reached and gives no sign: dead, unable, or away."""
        if self.dead(at) or (self.ill is not None and at >= self.ill):
            return True
        return any(begins <= at < ends for begins, ends in self.away)


@dataclass(slots=True)
class Script:
    """A whole life before it is played."""

    seed: int
    course: str
    casts: tuple[Cast, ...]
    fates: dict[str, Fate]
    happenings: list[Happening]
    silent_from: int
    """When the author's story turns."""
    draft: bool = False
    """The author never arms their plan."""


def script(seed: int) -> Script:
    """The life of this seed."""
    chance = random.Random(f"lives/{seed}")
    cast = chance.choice(casts())
    course = chance.choices(tuple(COURSES), tuple(COURSES.values()))[0]
    turn = int(20 * DAY + chance.random() ** 2 * 3 * YEAR)
    life = Script(seed, course, cast, {person: Fate() for person in EVERYONE}, [], turn)
    life.draft = chance.random() < 0.02
    if cast[0].unvouched and chance.random() < 0.7:
        _early_end(life, chance)
    _authors(life, chance)
    _keepers(life, chance)
    _special(life, chance)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3, 4, 6))):
        life.happenings.append(_trouble(life, chance))
    _restores(life, chance)
    for _ in range(chance.choice((12,) if life.draft else (2, 4, 6, 9))):
        life.happenings.append(_errand(life, chance))
    _copies(life)
    _dies_later(life)
    life.happenings.sort(key=lambda one: (one.at, one.rows, one.what, one.who, one.word))
    return life


# People.


def _authors(life: Script, chance: random.Random) -> None:
    turn, fate = life.silent_from, life.fates[AUTHOR]
    fate.knows_after = chance.randrange(12 * HOUR, 9 * DAY)
    if life.course in ("dies", "stranger", "machine"):
        fate.dies = turn
    elif life.course == "cannot act":
        fate.ill = turn
        if chance.random() < 0.4:
            fate.dies = turn + chance.randrange(DAY, 90 * DAY)
    elif life.course in ("returns", "accused"):
        _return(life, fate, chance)
    elif life.course == "trips":
        _trip(life, fate, chance)
    if life.course == "stranger":
        for _ in range(chance.randrange(1, 5)):
            at = turn + chance.randrange(HOUR, 200 * DAY)
            life.happenings.append(Happening(at, "a stranger signs", AUTHOR))
    if life.course == "machine":
        life.happenings.append(
            Happening(turn, "a machine signs on", AUTHOR, chance.randrange(2 * DAY, 20 * DAY))
        )
    if fate.dies is not None and chance.random() < 0.15:
        at = fate.dies + chance.randrange(0, 30 * DAY)
        life.happenings.append(Happening(at, "mailbox", AUTHOR, LENGTH, "refuses"))
    if len(life.casts) > 1:
        _pair(life, chance)


def _return(life: Script, fate: Fate, chance: random.Random) -> None:
    """Away without a word, and back at any row of what follows, or at any time."""
    turn, every = life.silent_from, life.casts[0].plan.check_in_every
    ends = turn + every + chance.randrange(5 * DAY, 150 * DAY)
    fate.away.append((turn, ends))
    if chance.random() < 0.75:
        life.happenings.append(Happening(turn, "returns", AUTHOR, rows=chance.randrange(1, 60)))
    if chance.random() < 0.5:
        fate.dies = ends + chance.randrange(DAY, 2 * YEAR)


def _trip(life: Script, fate: Fate, chance: random.Random) -> None:
    turn = life.silent_from
    length = chance.choice((3 * DAY, 20 * DAY, 90 * DAY, 390 * DAY))
    life.happenings.append(Happening(turn, "sets a trip", AUTHOR, length))
    late = chance.choice((0, 0, DAY, 10 * DAY, 60 * DAY))
    fate.away.append((turn + HOUR, turn + length + late))
    if chance.random() < 0.4:
        fate.dies = turn + chance.randrange(HOUR, length)


def _pair(life: Script, chance: random.Random) -> None:
    """The other half lives, falls silent at about the same time, or dies with the author."""
    turn, other = life.silent_from, life.fates[OTHER]
    how = chance.choice(("lives", "dies too", "silent too", "dies first", "careless", "careless"))
    if how == "dies too":
        other.dies = turn + chance.randrange(0, 20 * DAY)
    elif how == "dies first":
        other.dies = max(DAY, turn - chance.randrange(DAY, 300 * DAY))
    elif how == "careless":
        other.careless = True
        life.fates[chance.choice(CIRCLE[:2])].away.append((turn, LENGTH))
    elif how == "silent too":
        other.away.append(
            (turn, turn + life.casts[0].plan.check_in_every + chance.randrange(20 * DAY, 200 * DAY))
        )


def _keepers(life: Script, chance: random.Random) -> None:
    """Keepers who lie, err, vanish and return; recipients who died before the author."""
    for keeper in (*CIRCLE, ALTERNATE):
        fate = life.fates[keeper]
        fate.errs = chance.choice((0.0, 0.0, 0.0, 0.05, 0.3))
        if chance.random() < 0.12:
            begins = life.silent_from + chance.randrange(-60 * DAY, 200 * DAY)
            fate.away.append((begins, begins + chance.choice((10 * DAY, 60 * DAY, 300 * DAY, LENGTH))))
    if life.course == "accused" or chance.random() < 0.05:
        for keeper in chance.sample(CIRCLE[:3], chance.choice((1, 1, 2))):
            life.fates[keeper].lies = True
            at = life.silent_from + chance.randrange(0, 60 * DAY)
            life.happenings.append(Happening(at, "raises the alarm", keeper))
    if chance.random() < 0.2:
        life.fates[RECIPIENT].dies = life.silent_from + chance.randrange(-200 * DAY, 200 * DAY)


def _early_end(life: Script, chance: random.Random) -> None:
    """An author who dies before all keepers are seasoned, and an alarm that finds it out."""
    life.course, life.silent_from = "dies", chance.randrange(DAY, 8 * DAY)
    life.happenings.append(
        Happening(life.silent_from + chance.randrange(HOUR, 2 * DAY), "raises the alarm", "asuma")
    )
    if chance.random() < 0.6:
        life.fates[chance.choice(CIRCLE[:2])].away.append((0, 300 * DAY))


def _special(life: Script, chance: random.Random) -> None:
    """Rare meetings that chance alone would hardly bring about: a provider of several keepers that fails when they are
    called, and emergency notes asked for while somebody cannot be alarmed."""
    every = life.casts[0].plan.check_in_every
    if chance.random() < 0.05:
        spared = chance.choice(CIRCLE[:3])
        length = every + chance.choice((20 * DAY, 50 * DAY))
        for keeper in life.casts[0].keepers:
            if keeper != spared:
                life.happenings.append(Happening(life.silent_from, "mailbox", keeper, length, "refuses"))
    if chance.random() < 0.06:
        at = life.silent_from + chance.choice((0, every)) + chance.randrange(0, 20 * DAY)
        life.happenings.append(Happening(at, "breaks glass", chance.choice(CIRCLE[:3])))
        if chance.random() < 0.6:
            who = chance.choice((AUTHOR, *CIRCLE[:3]))
            word = chance.choice(("refuses", "later"))
            life.happenings.append(
                Happening(at - DAY, "mailbox", who, chance.choice((DAY, 3 * DAY, 20 * DAY)), word)
            )


# What goes wrong.


def _when(life: Script, chance: random.Random) -> int:
    """Mostly around the turn of the story, where something waits; sometimes at any time."""
    if chance.random() < 0.2:
        gone = life.course in ("dies", "stranger", "machine", "cannot act")
        return chance.randrange(DAY, life.silent_from + YEAR if gone else LENGTH // 2)
    every = life.casts[0].plan.check_in_every
    return life.silent_from + chance.choice((0, every // 2, every)) + chance.randrange(0, 50 * DAY)


def _trouble(life: Script, chance: random.Random) -> Happening:
    at = _when(life, chance)
    what = chance.choice([one for one, often in TROUBLES.items() for _ in range(often)])
    if what in ("dark", "no way out", "deaf"):
        word = chance.choice(("", "restarts")) if what == "dark" else ""
        return Happening(at, what, length=_around(chance.choice(OUTAGES), chance), word=word)
    if what == "clock":
        return Happening(at, what, length=chance.choice((1, -1)) * _around(chance.choice(JUMPS), chance))
    if what == "two servers":
        return Happening(at, what, length=chance.choice((DAY, 12 * DAY, 60 * DAY, 200 * DAY)))
    if what == "mailbox":
        who = chance.choice((AUTHOR, AUTHOR, AUTHOR, *CIRCLE[:3], RECIPIENT, "host"))
        length = chance.choice((HOUR, DAY, 3 * DAY, 20 * DAY, 50 * DAY, 200 * DAY))
        return Happening(at, what, who, length, chance.choice(MODES))
    how = chance.choice(("before", "after", "lost", "conflict", "meanwhile", "meanwhile"))
    if chance.random() < 0.6:
        return Happening(at, "strike", who=how, word=chance.choice(WORDS).decode())
    return Happening(at, "strike", who=how, rows=chance.randrange(1, 60))


def _around(length: int, chance: random.Random) -> int:
    return max(1, int(length * (0.7 + 0.6 * chance.random())))


def _restores(life: Script, chance: random.Random) -> None:
    """A backup, and its return after anything from a minute to a year."""
    if life.draft:
        life.happenings += [
            Happening(DAY, "backup"),
            Happening(life.silent_from + YEAR, "restore", length=HOUR),
        ]
    if life.draft or chance.random() > 0.22:
        return
    at = _when(life, chance)
    if chance.random() < 0.5:
        life.happenings.append(Happening(life.silent_from, "backup", rows=chance.randrange(1, 50)))
        at = life.silent_from + life.casts[0].plan.check_in_every + chance.randrange(DAY, 60 * DAY)
    else:
        life.happenings.append(Happening(max(1, at - chance.choice(OUTAGES[:9])), "backup"))
    life.happenings.append(Happening(at, "restore", length=chance.choice((5 * MINUTE, HOUR, DAY, 6 * DAY))))


def _copies(life: Script) -> None:
    """A second copy of the host, served beside the first. Drawn apart from everything else."""
    chance = random.Random(f"copies/{life.seed}")
    if life.draft or chance.random() > 0.1:
        return
    length = _around(chance.choice((DAY, 15 * DAY, 45 * DAY, 120 * DAY, 400 * DAY)), chance)
    word = chance.choice(("a copy", "a copy", "a backup"))
    life.happenings.append(Happening(_when(life, chance), "two copies", chance.choice(REACHED), length, word))


def _dies_later(life: Script) -> None:
    """Where words wait for an author who cannot act, they are often out for a while before the author dies, and others
    wait for that day. Drawn apart from everything else."""
    chance, cast = random.Random(f"later/{life.seed}"), life.casts[0]
    fate = life.fates[AUTHOR]
    both = {words[0] for words in cast.words} == set(Condition)
    if both and fate.ill is not None and chance.random() < 0.6:
        fate.dies = fate.ill + cast.plan.check_in_every + chance.randrange(20 * DAY, 200 * DAY)


# What people do besides.


def _errand(life: Script, chance: random.Random) -> Happening:
    """Something somebody does unasked: mostly at the wrong time, often not theirs to do."""
    at = _when(life, chance)
    if chance.random() < 0.03:
        at = 0
    who = chance.choice((AUTHOR, AUTHOR, AUTHOR, AUTHOR, *CIRCLE[:4], ALTERNATE, RECIPIENT, OTHER, "host"))
    return Happening(at, "errand", who, rows=chance.choice((0, 0, chance.randrange(1, 60))))
