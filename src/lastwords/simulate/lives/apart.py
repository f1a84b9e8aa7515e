"""Two copies of a host: its folder is copied, or an old backup is served elsewhere, and each copy takes itself for the
host. Letters leave from both; each person comes to one of them, whichever their address leads to.

The second copy is the life itself, copied at that instant and played beside it until one of the two is switched off.
Each copy is judged whole, by what could be heard and was taken at that copy. What one copy knows and the other cannot,
a sign of life above all, breaks no invariant of either; it is counted, since nobody should take it for covered.
"""

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lastwords.protocol import events as e
from lastwords.protocol.moments import HOUR
from lastwords.protocol.stages import Strength
from lastwords.server.port_memory import MemoryPort
from lastwords.simulate.broken import Broken

from . import happenings, service
from .backing import Memory
from .cast import EVERYONE
from .door import Steps
from .script import Happening

if TYPE_CHECKING:
    from .life import Life

SHARES = {"nobody": 0.0, "some": 0.25, "half": 0.5, "everyone": 1.0}


@dataclass(slots=True)
class Apart:
    """A time in which there are two copies. `there` are those who come to the second; `copy` is that one, seen from
    the first (None in the second itself, and where a life is kept in the database); `found` is what came of it."""

    begins: int
    ends: int
    there: frozenset[str]
    is_copy: bool = False
    copy: "Life | None" = None
    found: Counter[str] = field(default_factory=Counter)


def begin(life: "Life", one: Happening) -> None:
    """From now on there are two."""
    share = SHARES[one.who]
    there = frozenset(person for person in EVERYONE if life.chance.draw(f"{person} comes to") < share)
    life.apart = Apart(life.now, life.now + one.length, there)
    life.edge()
    if isinstance(life.backing, Memory):
        life.apart.copy = _copied(life, one)


def _copied(life: "Life", one: Happening) -> "Life":
    """The same life, going its own way. What never changes is shared."""
    first = life.backing
    assert isinstance(first, Memory)
    backing = Memory(MemoryPort(readers=first.port.readers, host_handles=first.port.host_handles))
    backing.put_back(life.backing.copy())
    shared = (life.script.casts, life.tell, life.backup)
    memo: dict[int, Any] = {id(life.backing): backing, id(life.backing.port): backing.port}
    memo |= {id(thing): thing for thing in shared}
    # Its processes are started afresh, as they would be beside a copied folder.
    memo |= {id(server): None for server in life.servers}
    twin = copy.deepcopy(life, memo)
    twin.tell = None
    twin.chance.turn_aside()
    assert twin.apart is not None
    twin.apart.is_copy = True
    twin.judge.exercised.clear()
    twin.servers = [service.started(twin)]
    if one.word == "a backup" and twin.backup:
        service.go_dark(twin, HOUR, "restarts")
        happenings.put_back(twin, twin.backup)
    return twin


def is_elsewhere(life: "Life", person: str) -> bool:
    """Whether this person's address leads to the other copy."""
    apart = life.apart
    return apart is not None and life.now < apart.ends and (person in apart.there) is not apart.is_copy


def note(life: "Life", author: str, steps: Steps) -> None:
    """Strong signs and releases, as this copy took them in."""
    for event, _, step in steps:
        if step.row is None:
            continue
        if isinstance(event, e.CheckIn) and event.strength is Strength.STRONG:
            life.signs.append((author, life.now))
        life.releases += [
            (author, about, life.now) for what, about in step.row.happened if what == "released"
        ]


def judge_copies(life: "Life") -> None:
    """At the end of a life: the second copy is played to its own end and judged, and both are compared."""
    apart = life.apart
    if apart is None or apart.copy is None:
        return
    twin = apart.copy
    try:
        twin.go_on(apart.ends)
        letters = list(twin.backing.letters())
        for author in twin.stories:
            twin.judge.audit(author, list(twin.backing.rows(author)), letters, thorough=True)
    except Broken as broken:
        raise Broken(broken.invariant, f"in a second copy of the host: {broken.text}") from broken
    life.judge.exercised.update(twin.judge.exercised)
    life.cells |= twin.cells
    apart.found.update(copies=1, **{f"copies that {_who(apart)} came to": 1})
    _compare(apart, life, twin)
    _compare(apart, twin, life)
    both = {one[:2] for one in _within(apart, life)} & {one[:2] for one in _within(apart, twin)}
    apart.found["releases by both"] += len(both)
    apart.found["forks that two heads show"] += _fork_shows(life, twin)


def _who(apart: Apart) -> str:
    if not apart.there:
        return "nobody"
    return "everybody" if len(apart.there) == len(EVERYONE) else "some"


def _within(apart: Apart, life: "Life") -> list[tuple[str, str, int]]:
    return [one for one in life.releases if apart.begins <= one[2] < apart.ends]


def _compare(apart: Apart, one: "Life", other: "Life") -> None:
    """Releases by one copy after the other had a strong sign that this one has not."""
    for author, _, at in _within(apart, one):
        apart.found["releases while there were two"] += 1
        seen = [when for who, when in other.signs if who == author and apart.begins <= when <= at]
        own = [when for who, when in one.signs if who == author and apart.begins <= when <= at]
        if seen and (not own or max(seen) > max(own)):
            apart.found["releases after a sign at the other"] += 1


def _fork_shows(life: "Life", twin: "Life") -> bool:
    """Whether somebody who compares the heads in letters of both would see that there are two records."""
    for author in life.stories:
        ours = {row[0]: row[4] for row in life.backing.rows(author)}
        theirs = {row[0]: row[4] for row in twin.backing.rows(author)}
        if any(number in theirs and theirs[number] != link for number, link in ours.items()):
            return True
    return False
