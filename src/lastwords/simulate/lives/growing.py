"""How a life begins: from a draft to an armed plan."""

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import happenings
from .backing import Memory
from .cast import AUTHOR, Cast, childhood
from .chance import Chance
from .script import Happening

if TYPE_CHECKING:
    from .life import Life


@dataclass(frozen=True, slots=True)
class Grown:
    """What a childhood leaves: the service's memory, and what the judge and the life remember of it."""

    data: Any
    pasts: bytes
    """See `Judge.remembered`: each life changes its own."""
    texts: dict[str, str]
    numbers: dict[str, int]
    cells: frozenset[tuple[str, str]]
    counts: tuple[int, int, int]


GROWN: dict[tuple[Cast, ...], Grown] = {}
"""Every life with the same people begins alike, so that a childhood is played once and copied."""


def is_early(happening: Happening) -> bool:
    """An errand at the first second belongs to the draft."""
    return happening.at == 0 and happening.what == "errand"


def grow_up(life: "Life") -> None:
    """Plays the childhood, or copies it: not if it is to be told, if somebody interferes with it, if the plan stays a
    draft, or if the service keeps what it knows elsewhere than in memory."""
    early = [
        one for place, one in enumerate(life.script.happenings) if is_early(one) and place not in life.without
    ]
    alike = life.tell is None and not early and not life.script.draft and isinstance(life.backing, Memory)
    known = GROWN.get(life.script.casts) if alike else None
    if known:
        _copy(life, known)
        return
    own, life.entropy = life.entropy, Chance(0).bytes
    life.clock.pulse(way_out=True, heard=True)
    for cast in life.script.casts:
        _play(life, cast, early)
    life.entropy = own
    if alike:
        GROWN[life.script.casts] = _grown(life)


def _play(life: "Life", cast: Cast, early: list[Happening]) -> None:
    life.servers[0].store.begin(cast.author)
    acts = childhood(cast)[: -1 if life.script.draft and cast.author == AUTHOR else None]
    for place, act in enumerate(acts):
        life.ask(cast.author, act)
        for happening in early:
            if int(life.chance.draw("early") * len(acts)) == place:
                happenings.run_errand(life, happening)


def _grown(life: "Life") -> Grown:
    return Grown(
        life.backing.copy(),
        life.judge.remembered(),
        dict(life.judge.texts),
        dict(life.judge.numbers),
        frozenset(life.cells),
        (life.commits, life.rows, life.wire.effects),
    )


def _copy(life: "Life", grown: Grown) -> None:
    life.backing.put_back(grown.data)
    life.clock.pulsed_at = 0
    life.judge.pasts.update(pickle.loads(grown.pasts))
    life.judge.put_back(grown.texts, grown.numbers)
    life.cells |= grown.cells
    life.commits, life.rows, life.wire.effects = grown.counts
