"""One life of the cluster under load: its leader is killed, its leader is cut off, its leader is changed on purpose.

On each of the three machines a whole host of ours serves and does its rounds, and people act through it. Both times
that a leader falls it comes back with a clock that is ten minutes ahead, so that the clock by which hosts date
everything jumps with a later change.
"""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import judge, watches
from .judge import Judged, Kept, Line
from .network import MACHINES
from .nodes import ROLE, TTL, WAIT, Node, Nodes, wait_for

AUTHORS, CASES, DUE = 12, 12, 90
"""Watches of each kind."""
DUE_OVER = 200.0
"""Seconds over which words fall due for release."""
QUIET, HELD = 20.0, 15.0
"""Seconds of undisturbed life between two blows; and for which a machine stays cut off once there is a new leader."""
WITHIN = TTL + 10
"""Seconds within which everybody must be able to act again."""
ALL = ("killed", "cut off", "changed")
BACK = 120.0
"""Seconds in which a node that fell should be back by itself."""
AHEAD = 600
TESTS = Path(__file__).parent.parent


@dataclass
class Blow:
    """One thing that was done to the cluster. `pauses` are the longest seconds without an acknowledgement through the
    host of each machine that was not cut off itself; `plain` those of the plain program there. `jumped` says whether
    the leader's clock is another one by ten minutes, `made_anew` which node could not come back by itself; `rounds`
    when watches were looked at and letters sent again, in seconds after the blow; `why` the reason for which the last
    pulse before it earned nothing, if it did not."""

    name: str
    at: float
    until: float = 0.0
    out: str = ""
    jumped: bool = False
    made_anew: str = ""
    rounds: float = 0.0
    why: str = ""
    pauses: dict[str, float] = field(default_factory=dict)
    plain: dict[str, float] = field(default_factory=dict)


@dataclass
class Told:
    """What a campaign came to. Credit and time in seconds."""

    judged: Judged = field(default_factory=Judged)
    blows: list[Blow] = field(default_factory=list)
    credit: int = 0
    lasted: float = 0.0


def campaign(
    synchronous: bool = True,
    planted: str = "",
    blows: tuple[str, ...] = ALL,
    say: Callable[[str], None] = print,
) -> Told:
    """Lives it once, from an empty cluster to a verdict. `planted` is a fault of the people (see there)."""
    with tempfile.TemporaryDirectory() as place, _nodes(synchronous) as nodes:
        say("three nodes stand")
        life = _Life(nodes, Path(place), say, planted, blows)
        try:
            return life.lived()
        finally:
            life.close()


@contextlib.contextmanager
def _nodes(synchronous: bool) -> Iterator[Nodes]:
    nodes = Nodes(synchronous)
    try:
        nodes.start()
        yield nodes
    except BaseException:
        for node in nodes.nodes:
            log = node.place / "patroni.log"
            print(node.name, log.read_text()[-1_500:] if log.exists() else "", file=sys.stderr)
        raise
    finally:
        nodes.close()


@dataclass
class _Life:
    nodes: Nodes
    place: Path
    say: Callable[[str], None]
    planted: str
    chosen: tuple[str, ...]
    hosts: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    people: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    blows: list[Blow] = field(default_factory=list)

    def lived(self) -> Told:
        address = self.nodes.address()
        folders = watches.found_hosts(self.place, address)
        self.say("a host is founded")
        here = watches.made(folders[0], AUTHORS, CASES, DUE, DUE_OVER)
        here.keep(self.place / "watches")
        self.say("the watches are made")
        self.nodes.tell("CREATE TABLE plain (id text PRIMARY KEY)")
        self.nodes.tell(f"GRANT ALL ON plain TO {ROLE}")
        _leave()
        began, before = time.monotonic(), self.credit()
        self.begin(folders, address)
        self.say("people are at work")
        wrong = self.hurt()
        (self.place / "over").touch()
        self.drain(here)
        told = Told(blows=self.blows, credit=self.credit() - before, lasted=time.monotonic() - began)
        self.stop()
        lines = {machine.name: judge.read(self.place / f"{machine.name}.told") for machine in MACHINES}
        told.judged = judge.judge(
            [line for each in lines.values() for line in each], self.kept(here, folders)
        )
        self.measure(lines)
        told.judged.wrong += [*wrong, *self.too_slow(), *_logs(folders)]
        if told.credit > told.lasted:
            told.judged.wrong.append(f"{told.credit} s were credited in {told.lasted:.0f} s")
        return told

    def hurt(self) -> list[str]:
        """Every blow in turn. What it did not recover from ends it, and is said."""
        every = {"killed": self.killed, "cut off": self.cut_off, "changed": self.changed}
        for name in self.chosen:
            WAIT.wait(QUIET)
            self.say(f"{name}: {self.leader().name}")
            try:
                every[name]()
            except TimeoutError as error:
                self.say(f"{name}: {error}; {self.nodes.state()}")
                return [f"{name}: {error}"]
            self.say(f"whole again, led by {self.leader().name}")
        WAIT.wait(QUIET)
        return []

    # The hosts and the people.

    def begin(self, folders: list[Path], address: str) -> None:
        serve = "from lastwords.cli.main import main; main()"
        for number, (machine, folder) in enumerate(zip(MACHINES, folders, strict=True)):
            told = self.place / f"{machine.name}.told"
            told.touch()
            live = [sys.executable, "-m", "machines.people", str(self.place / "watches"), str(number)]
            live += [str(told), address, self.planted]
            log = self.place / f"{machine.name}.people"
            where = {"PYTHONPATH": str(TESTS)}
            self.people.append(machine.start(live, log, environment=where, nice=-5))
            host = [sys.executable, "-c", serve, "host", "serve", "--data", str(folder)]
            self.hosts.append(machine.start(host, self.place / f"{machine.name}.host", nice=-5))
        wait_for(lambda: all(self.heard(machine.name, 0) for machine in MACHINES), "people to be heard", 240)

    def lines(self, name: str) -> list[Line]:
        return judge.read(self.place / f"{name}.told")

    def heard(self, name: str, since: float) -> bool:
        """Whether somebody on that machine was told since then that a check-in and a statement are kept."""
        told = {one["kind"] for one in self.lines(name) if one["at"] > since and one.get("answer") == "kept"}
        return {"check_in", "statement"} <= told

    def stop(self) -> None:
        for one in self.hosts:
            one.send_signal(signal.SIGTERM)
        for one in self.people:
            one.kill()
        for one in (*self.hosts, *self.people):
            one.wait(60)
        self.hosts, self.people = [], []

    def close(self) -> None:
        for one in (*self.hosts, *self.people):
            one.kill()
        _leave()

    # The blows.

    def leader(self) -> Node:
        wait_for(lambda: self.nodes.leader() is not None, "a leader", BACK)
        found = self.nodes.leader()
        assert found is not None
        return found

    def killed(self) -> None:
        """Every process of the leader's node at once; the host on that machine goes on."""
        old = self.leader()
        blow = self.blow("killed", old)
        old.kill()
        self.others_lead(old, blow)
        old.clock.set(AHEAD)
        self.nodes.begin(old)
        self.whole_again(blow)

    def cut_off(self) -> None:
        """The leader's machine, with the host and the people on it, reaches nobody and is reached by nobody."""
        old = self.leader()
        blow = self.blow("cut off", old)
        blow.out = old.name
        old.machine.cut_off()
        try:
            self.others_lead(old, blow)
            WAIT.wait(HELD)
            old.clock.set(AHEAD)
        finally:
            old.machine.heal()
        self.whole_again(blow)

    def changed(self) -> None:
        """A planned change."""
        old, to = self.leader(), self.successor()
        blow = self.blow("changed", old)
        self.nodes.switch_over(to)
        self.others_lead(old, blow)
        self.whole_again(blow)

    def successor(self) -> Node:
        wait_for(lambda: self.nodes.is_whole(), "the cluster to be whole", 120)
        found = self.nodes.sync_standby() if self.nodes.synchronous else None
        return found or next(node for node in self.nodes.nodes if node is not self.leader())

    def blow(self, name: str, old: Node) -> Blow:
        self.offset = self.drift()
        why = str(self.nodes.tell("SELECT why FROM pulse")[0][0])
        self.blows.append(Blow(name, time.monotonic(), why=why))
        return self.blows[-1]

    def others_lead(self, old: Node, blow: Blow) -> None:
        rest = [node for node in self.nodes.nodes if node is not old]
        wait_for(lambda: self.nodes.leader(rest) not in (None, old), "another leader", 90)
        since, beat = time.monotonic(), self.beat()
        names = [machine.name for machine in MACHINES if machine.name != blow.out]
        wait_for(lambda: all(self.heard(name, since) for name in names), "people to be heard again", 120)
        blow.until = time.monotonic()
        wait_for(lambda: self.beat() != beat, "rounds to be made again", 90)
        blow.rounds = round(time.monotonic() - blow.at, 1)
        blow.jumped = abs(self.drift(rest) - self.offset) > AHEAD // 2

    def whole_again(self, blow: Blow) -> None:
        try:
            wait_for(self.nodes.is_whole, "the cluster to be whole again", BACK)
        except TimeoutError:
            away = [node for node in self.nodes.nodes if not self.follows(node)]
            if not away:
                raise
            lost = away[0]
            self.say(f"{lost.name} does not come back by itself and is made anew: {self.nodes.state()}")
            blow.made_anew = lost.name
            self.nodes.make_anew(lost)
            wait_for(self.nodes.is_whole, "the cluster to be whole again", BACK)
        since = time.monotonic()
        wait_for(lambda: all(self.heard(one.name, since) for one in MACHINES), "everybody to be heard", 120)

    # Looking.

    def follows(self, node: Node) -> bool:
        """Whether it leads or follows, as the leader's own node has it."""
        members = self.nodes.state([self.leader()])
        states = [one["state"] for one in members if one["name"] == node.name]
        lines = {one.get("timeline") for one in members if one["role"] == "leader"}
        mine = {one.get("timeline") for one in members if one["name"] == node.name}
        return states in (["running"], ["streaming"]) and mine == lines

    def drift(self, via: list[Node] | None = None) -> float:
        """By how many seconds the leader's clock is ahead of this machine's."""
        found = self.nodes.tell("SELECT extract(epoch FROM clock_timestamp())", via=via)
        return float(found[0][0]) - time.time()

    def beat(self) -> int:
        return int(self.nodes.tell("SELECT max(at) FROM heartbeat WHERE name = 'sweep'")[0][0] or 0)

    def credit(self) -> int:
        return int(self.nodes.tell("SELECT credit FROM pulse")[0][0])

    def drain(self, here: watches.Watches) -> None:
        """Everything that is due is released and every letter leaves. A letter that was taken by somebody who fell is
        free again after ten minutes; that wait is left out."""
        self.nodes.tell("UPDATE watch SET look_at = 0 WHERE author LIKE 'due-%' AND look_at IS NOT NULL")
        released = "SELECT count(*) FROM watch WHERE author LIKE 'due-%' AND state LIKE '%\"released\"%'"
        with contextlib.suppress(TimeoutError):  # then the verdict says which were not
            wait_for(lambda: self.nodes.tell(released)[0][0] == len(here.due), "words to be released", 90)
        self.nodes.tell("UPDATE letter SET lease = 0, next_try = 0 WHERE next_try IS NOT NULL")
        waits = "SELECT count(*) FROM letter WHERE next_try IS NOT NULL"
        with contextlib.suppress(TimeoutError):  # and how many still wait
            wait_for(lambda: self.nodes.tell(waits)[0][0] == 0, "letters to leave", 90)

    def kept(self, here: watches.Watches, folders: list[Path]) -> Kept:
        """In this process, from the database alone."""
        from server.test_side_by_side import released_twice

        from lastwords.server import settings
        from lastwords.server.models import Delivery, Letter, Paper, Watch

        settings.configure(folders[0])
        signed = Paper.objects.filter(watch_id__in=[*here.authors, *here.cases])
        twice = released_twice(here.due)
        released = Watch.objects.filter(author__in=here.due, state__contains='"released"')
        free = {watch.author: 1 + twice.count(watch.author) for watch in released}
        return Kept(
            check_ins=list(signed.filter(kind="check_in").values_list("sha256", flat=True)),
            statements=list(signed.filter(kind="statement").values_list("sha256", flat=True)),
            plain=[str(name) for (name,) in self.nodes.tell("SELECT id FROM plain")],
            letters=list(Letter.objects.values_list("ident", flat=True)),
            handed_over=list(Delivery.objects.filter(state="accepted").values_list("letter_id", flat=True)),
            waiting=Letter.objects.filter(next_try__isnull=False).count(),
            releases={author: free.get(author, 0) for author in here.due},
        )

    def measure(self, lines: dict[str, list[Line]]) -> None:
        for blow in self.blows:
            blow.until = blow.until or time.monotonic()  # it did not recover
            for name, told in lines.items():
                if name != blow.out:
                    acts = ("check_in", "statement")
                    blow.pauses[name] = round(judge.pause(told, acts, blow.at, blow.until), 1)
                    blow.plain[name] = round(judge.pause(told, ("plain",), blow.at, blow.until), 1)

    def too_slow(self) -> list[str]:
        return [
            f"{blow.name}: through the host on {name} nothing was acknowledged for {seconds} s"
            for blow in self.blows
            for name, seconds in blow.pauses.items()
            if seconds > WITHIN
        ]


def _logs(folders: list[Path]) -> list[str]:
    """What is wrong with the logs, and whether any host's file of heads has seen what the database forgot."""
    from lastwords.server import audit, witness

    wrong = [v.faults[0] for v in audit.verify_all(folders[0] / "heads") if not v.whole]
    for folder in folders:
        led = list(audit.not_there(witness.read(folder / "heads")))
        wrong += [f"the heads file of {folder.name} has seen a row of {name} that is gone" for name in led]
    return wrong


def _leave() -> None:
    from django.db import connections

    connections.close_all()


__all__ = ["AHEAD", "AUTHORS", "CASES", "DUE", "WITHIN", "Told", "campaign"]
