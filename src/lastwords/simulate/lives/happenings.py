"""What each kind of happening does to a life."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Strength
from lastwords.protocol.watch import HOST
from lastwords.server import passes
from lastwords.server.port_memory import Crash
from lastwords.server.refusals import ServerRefused

from . import apart, people, service
from .cast import AUTHOR, OTHER, PHONE
from .door import Strike
from .errands import errand
from .mail import Spell
from .past import remember
from .script import LENGTH, Happening
from .telling import how_long

if TYPE_CHECKING:
    from .life import Life

LASTING = ("dark", "no way out", "deaf", "mailbox", "two servers", "two copies", "restore")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of everything the service knew, and of what was true of it then. `known` counts what could be lost."""

    at: int
    data: Any
    pasts: bytes
    """See `Judge.remembered`."""
    texts: dict[str, str]
    numbers: dict[str, int]
    known: int


def happen(life: "Life", one: Happening) -> None:
    """Its time has come: at once, or once so many rows more have been written."""
    if one.rows and one.what != "strike":
        life.armed.append((life.rows + one.rows, one))
    else:
        do(life, one)


def do(life: "Life", one: Happening) -> None:
    life.faults[one.word if one.what == "mailbox" else one.who if one.what == "strike" else one.what] += 1
    life.disturbed = max(life.disturbed, life.now + (one.length if one.what in LASTING else 0))
    _DO[one.what](life, one)


# The service and its surroundings.


def _dark(life: "Life", one: Happening) -> None:
    life.say(f"the service goes dark for {how_long(one.length)}")
    service.go_dark(life, one.length, one.word)


def _no_way_out(life: "Life", one: Happening) -> None:
    if not life.mail.works:
        return
    life.say(f"no letter can leave for {how_long(one.length)}")
    service.count_spell(life)
    if life.hearing:
        life.edge()
    life.mail.works = False
    life.at(life.now + one.length, _way_out_again)


def _way_out_again(life: "Life") -> None:
    life.mail.works = True
    life.say("letters can leave again")
    life.edge()


def _deaf(life: "Life", one: Happening) -> None:
    if not life.web:
        return
    life.say(f"nobody can reach the service for {how_long(one.length)}")
    service.count_spell(life)
    if life.hearing:
        life.edge()
    life.web = False
    life.at(life.now + one.length, _web_again)


def _web_again(life: "Life") -> None:
    life.web = True
    life.say("the service can be reached again")
    life.edge()


def _clock_jumps(life: "Life", one: Happening) -> None:
    life.say(f"the wall clock jumps by {how_long(one.length)}")
    life.time.error += one.length
    life.jumped += abs(one.length)
    life.edge()


def _strike(life: "Life", one: Happening) -> None:
    number = life.wire.effects + one.rows if one.rows else 0
    life.wire.strikes.append(Strike(one.who, number, one.word.encode()))


def _two_servers(life: "Life", one: Happening) -> None:
    if len(life.servers) == 1:
        life.say("a second server runs over the same database")
        life.servers.append(service.started(life))
        life.at(life.now + one.length, _one_server)


def _one_server(life: "Life") -> None:
    life.say("one server is left")
    del life.servers[1:]


def meanwhile(life: "Life") -> None:
    """Something gets in between a load and its write: the author comes back, a keeper acts, another server sweeps."""
    other, looked = service.started(life), life.judge.looked
    life.judge.looked = set()
    choice, fate = life.chance.draw("meanwhile"), life.fate(AUTHOR)
    life.say("in the same moment, through another process:")
    if choice < 0.5 and not fate.dead(life.now) and fate.ill is None:
        _ends_absence(life, AUTHOR)
        life.ask(AUTHOR, e.CheckIn(AUTHOR, Strength.STRONG, PHONE), other)
    elif choice < 0.75:
        keepers, watch = life.stories[AUTHOR].keepers, life.look(AUTHOR)
        if keepers and watch is not None:
            life.ask(AUTHOR, errand(watch, keepers[0], life.time.wall, life.chance), other)
    else:
        try:
            passes.go(other.box, life.clock, pulse=False, heard=lambda: life.web)
        except (ServerRefused, Crash):
            life.say("it could not be done")
    life.judge.looked = looked


# Letters.


def _mailbox(life: "Life", one: Happening) -> None:
    life.say(f"the mailbox of {one.who}: {one.word}, for {how_long(one.length)}")
    domains = ("org", "net") if one.length >= LENGTH else ("org",)
    for domain in domains:
        life.mail.spells.append(
            Spell(f"{one.who}@example.{domain}", one.word, life.now, life.now + one.length)
        )


def come_back(life: "Life", ident: str, address: str) -> None:
    """A letter that was taken is sent back; the host passes it on once the service runs."""
    if not life.up:
        life.at(life.now + DAY, come_back, ident, address)
        return
    sent = life.judge.sent[ident]
    past = life.judge.pasts.get(sent.author)
    try:
        left = set(sent.accepted) - {address}
        if past and address in sent.accepted and len(left) < past.plan.channels:
            past.came_back(sent, life.mark())
        life.servers[0].box.bounced(ident, f"mail:{address}", life.clock.now())
        sent.accepted.pop(address, None)
        sent.bounced += 1
        life.say(f"a letter to {sent.to} comes back ({sent.kind.replace('_', ' ')})")
    except (ServerRefused, Crash):
        life.servers[0] = service.started(life)


# A restored past.


def _back_up(life: "Life", one: Happening) -> None:
    if life.up:
        life.say("a backup is made")
        judge = life.judge
        life.backup = Backup(
            life.now,
            life.backing.copy(),
            judge.remembered(),
            dict(judge.texts),
            dict(judge.numbers),
            judge.known,
        )


def _restored(life: "Life", one: Happening) -> None:
    """The service is taken down, and what it knows is put back to the backup. Before its first round it is told, if
    a newer row had been seen than is there."""
    backup = life.backup
    if backup is None or not life.up:
        return
    life.say(f"the service is restored from a backup of {how_long(life.now - backup.at)} ago")
    service.go_dark(life, one.length, "restarts")
    put_back(life, backup)


def put_back(life: "Life", backup: Backup) -> None:
    """What the service knows is that of the backup; what people did and received stays done."""
    judge = life.judge
    life.backing.put_back(backup.data)
    service.rebase(life)
    if backup.numbers == judge.numbers:
        return
    if judge.known > backup.known:
        judge.exercised["I5"] += 1
    judge.restored(backup.pasts, backup.texts, backup.numbers)
    for past in judge.pasts.values():
        remember(past, e.Restore(HOST), life.mark())
    life.untold = True


def _two_copies(life: "Life", one: Happening) -> None:
    """The folder is copied, or an older backup of it is put back elsewhere, and both are served."""
    if life.apart or not life.up:
        return
    life.say(f"a second copy of the host is served for {how_long(one.length)}, from {one.word}")
    apart.begin(life, one)


# People.


def _ends_absence(life: "Life", who: str) -> None:
    fate = life.fate(who)
    fate.away = [(begins, min(ends, life.now)) for begins, ends in fate.away]


def _returns(life: "Life", one: Happening) -> None:
    fate = life.fate(one.who)
    if fate.lost(life.now) and not fate.dead(life.now) and fate.ill is None:
        life.say(f"{one.who} is back")
        _ends_absence(life, one.who)
        people.sign(life, one.who)


def _sets_trip(life: "Life", one: Happening) -> None:
    life.ask(one.who, e.SetTrip(one.who, life.time.wall + one.length, DAY))


def _raises_alarm(life: "Life", one: Happening) -> None:
    life.ask(AUTHOR, e.RaiseAlarm(one.who))


def _breaks_glass(life: "Life", one: Happening) -> None:
    life.ask(AUTHOR, e.BreakGlass(one.who, False))


def run_errand(life: "Life", one: Happening) -> None:
    """Somebody tries something on a watch of this life. At the desk of an author who is gone somebody else may sit and
    try everything; a sign of life is a matter of its own."""
    author = AUTHOR if len(life.stories) == 1 or life.chance.draw("whose watch") < 0.7 else OTHER
    watch = life.look(author)
    if watch is None:
        return
    act = errand(watch, one.who, life.time.wall, life.chance)
    if one.who in life.stories and life.fate(one.who).lost(life.now) and isinstance(act, e.CheckIn):
        return
    life.ask(author, act)


_DO: dict[str, Callable[["Life", Happening], None]] = {
    "dark": _dark,
    "no way out": _no_way_out,
    "deaf": _deaf,
    "clock": _clock_jumps,
    "strike": _strike,
    "two servers": _two_servers,
    "two copies": _two_copies,
    "mailbox": _mailbox,
    "backup": _back_up,
    "restore": _restored,
    "returns": _returns,
    "sets a trip": _sets_trip,
    "a stranger signs": lambda life, one: people.stranger(life, one.who),
    "a machine signs on": lambda life, one: people.machine(life, one.who, one.length),
    "raises the alarm": _raises_alarm,
    "breaks glass": _breaks_glass,
    "errand": run_errand,
}
