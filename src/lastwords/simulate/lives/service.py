"""The service of a life: its processes, their rounds as `passes` runs them, what crashes and the dark do to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lastwords.protocol.moments import HOUR
from lastwords.server import passes
from lastwords.server.outbox import Outbox
from lastwords.server.port_memory import Crash
from lastwords.server.refusals import ServerRefused
from lastwords.simulate.broken import Broken

from .clock import INTERVAL
from .door import Watched, server

if TYPE_CHECKING:
    from .life import Life

NAME, ORIGIN = "Last Words", "https://words.example.org"
LONGEST_PAUSE = 20 * 24 * HOUR


@dataclass(slots=True)
class Server:
    """One process: its door and its outbox."""

    store: Watched
    box: Outbox


def started(life: "Life") -> Server:
    """A fresh process over the life's database. It remembers nothing of the one before."""
    store = server(life.backing.port, life.wire, life.clock.now, life.salts)
    return Server(store, Outbox(store, {"mail": life.mail}, NAME, ORIGIN, boot_time=lambda: 0))


def go_round(life: "Life") -> None:
    """One round of every server that runs. What a round cannot do is tried again in the next one."""
    moved = False
    for place, one in enumerate(list(life.servers)):
        life.judge.looked.clear()
        try:
            done = passes.go(one.box, life.clock, pulse=life.clock.pulse_is_due, heard=lambda: life.web)
            moved |= bool(done.moved or done.accepted)
        except Crash as crash:
            life.say(f"the service crashes {crash}")
            _crashed(life, place)
            break
        except ServerRefused as refused:
            life.say(f"a round fails: {refused.happened}")
        except Broken:
            raise
        except Exception as error:
            raise Broken("machine", f"a round stops with {type(error).__name__}: {error}") from error
    _judge_credit(life)
    life.last_round = life.now
    # While nothing can move, the sweep may come late: each look would only find the same.
    idle = not (moved or life.hearing)
    life.pause = min(max(2 * life.pause, HOUR), LONGEST_PAUSE) if idle else INTERVAL


def first_round(life: "Life") -> None:
    if life.up:
        go_round(life)


def _judge_credit(life: "Life") -> None:
    pulse = life.backing.pulse
    if pulse is not None:
        credit, heard, edges = life.base
        life.judge.earned(pulse.credit - credit, life.heard - heard, life.edges - edges)


def rebase(life: "Life") -> None:
    """Credit is that of a backup now, and is counted from here."""
    pulse = life.backing.pulse
    life.base = (pulse.credit if pulse else 0, life.heard, life.edges)


def _crashed(life: "Life", place: int) -> None:
    """The process is started anew, at once or after some minutes in the dark."""
    life.servers[place] = started(life)
    if life.chance.draw("how long down") < 0.4:
        go_dark(life, life.chance.between(60, 15 * 60, "down"), "")


# In the dark.


def go_dark(life: "Life", length: int, word: str) -> None:
    """Nothing of the service runs; `word` says whether the whole machine starts anew after it."""
    count_spell(life)
    if life.hearing:
        life.edge()
    life.dark += 1
    life.at(life.now + max(1, length), _come_up, word)


def _come_up(life: "Life", word: str) -> None:
    life.dark -= 1
    if life.dark:
        return
    if word == "restarts":
        life.time.restart()
    life.servers = [started(life) for _ in life.servers]
    life.say("the service runs again")
    life.edge()
    if life.untold:
        _tell_restored(life)
    go_round(life)


def _tell_restored(life: "Life") -> None:
    """What the process does before it serves a restored folder. A crash in it means that it is done again."""
    for _ in range(5):
        try:
            passes.tell_restored(
                life.servers[0].store, life.clock.now(), "the newest row that was seen is missing"
            )
            life.untold = False
            return
        except (Crash, ServerRefused):
            life.servers[0] = started(life)


def count_spell(life: "Life") -> None:
    """A spell without hearing begins over something that waits (I4)."""
    if life.hearing and any(past.waiting for past in life.judge.pasts.values()):
        life.judge.exercised["I4"] += 1
