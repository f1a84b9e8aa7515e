"""A process that writes and sends, killed again and again: `python -m server.faults.kills JSON`.

Each life is forked from this process, which has loaded everything and opened nothing. It acts, acknowledges and hands
letters over as fast as it can, telling each by a line down a pipe that outlives it; then it is killed wherever it is.
What it told is held against what the database says: nothing acknowledged may be missing, no letter may count as handed
over that never left, none may have left that was not kept.
"""

import gc
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from server.conftest import HandMoved

from lastwords.protocol import events as e
from lastwords.protocol.stages import Evidence, Finding, Strength, Tamper
from lastwords.server import settings
from lastwords.server.outbox import BATCH

TESTS = Path(__file__).parent.parent.parent
LOOK_EVERY = 25
"""Kills between two looks at everything that was told so far."""
LONG_EVERY = 8
"""Lives of which one goes on until batches were written down. The others end within their first words: an end costs
little more than the words before it."""
WARMING = 25
"""Acts of the one life that ends in peace."""
LEASE = 660
KEEPERS = ("anko", "gai", "kurenai", "asuma", "ibiki")


@dataclass
class Told:
    """What a campaign came to. `faults` are sentences; `copies` are letters that came once more under their name."""

    kills: int = 0
    acknowledged: int = 0
    letters: int = 0
    copies: int = 0
    faults: list[str] = field(default_factory=list)


def campaign(data: Path, kills: int, seed: int, planted: str = "") -> Told:
    """Runs it in a process of its own."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), environment.get("PYTHONPATH", "")])
    asked = json.dumps({"data": str(data), "kills": kills, "seed": seed, "planted": planted})
    done = subprocess.run(
        [sys.executable, "-m", "server.faults.kills", asked],
        env=environment,
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Told(**json.loads(done.stdout))


class Pipe:
    """A way out into a pipe: what was written there has left, whatever becomes of the writer."""

    def __init__(self, out: int) -> None:
        self.out = out

    def send(self, envelope):
        from lastwords.server.port import Answer

        os.write(self.out, f"sent {envelope.ident} {envelope.address}\n".encode())
        return Answer(f"mail:{envelope.address}", "accepted", "kept")

    def probe(self):
        pass

    def close(self):
        pass


class Life:
    """One process's work on the folder, until it is killed. The folder is the one that was configured."""

    def __init__(self, cycle: int, out: int, seed: int) -> None:
        from lastwords.server import clock, models, outbox, store

        pulse = models.Pulse.objects.get()
        gone = cycle * LEASE
        source = HandMoved(pulse.wall + gone, pulse.boot_time + gone, pulse.boot_id)
        clock.use(clock.Clock(source, 60))
        self.out, self.cycle, self.store = out, cycle, store
        self.dice = random.Random(seed * 100_003 + cycle)
        self.now = clock.now
        self.box = outbox.Outbox(store.here(), {"mail": Pipe(out)}, "Last Words", "http://127.0.0.1")

    def event(self) -> e.Event:
        """Something that a person does: in a vigil keepers state and take back, else the author gives signs."""
        watch = self.store.read("iruka")
        if self.dice.random() < 0.25:
            return e.ReportTamper("host", self.dice.choice(list(Tamper)))
        if watch.stage != "vigil":
            return e.CheckIn("iruka", Strength.STRONG, "key")
        keeper = self.dice.choice(KEEPERS)
        if any(one.keeper == keeper for one in watch.statements):
            return e.RetractStatement(keeper)
        heads = tuple((track.key, *track.manifest) for track in watch.tracks)
        number, epoch = watch.case.number, watch.epoch
        return e.MakeStatement(keeper, Finding.DIED, Evidence.DOCUMENT_SEEN, number, epoch, 1, heads)

    def go(self, acts: int = 10_000) -> None:
        """Acts and sends until the end. Each act carries a signed paper, by whose name it is looked for."""
        from lastwords.server.port import Paper
        from lastwords.server.refusals import Busy
        from lastwords.server.store import RefusedStep

        for number in range(acts):
            name = f"{self.cycle}.{number}"
            try:
                self.store.act("iruka", self.event(), [Paper("signed", name, b"x" * 200)])
            except (Busy, RefusedStep):
                continue
            os.write(self.out, f"done {name}\n".encode())
            if number % 2:
                self.box.run_all(self.now())


def killed(cycle: int, seed: int, planted: str, dice: random.Random) -> list[str]:
    """One life and its end: a few words and a moment after it began, wherever it is then."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            life = Life(cycle, writing, seed)
            exec(planted, {"life": life, "os": os})
            life.go()
        except BaseException as error:
            os.write(
                writing, f"broke {type(error).__name__}: {str(error)[:200]}\n".replace("\n", " ").encode()
            )
        os._exit(0)
    os.close(writing)
    words = dice.randrange(1, 9) if cycle % LONG_EVERY else dice.randrange(BATCH, 2 * BATCH)
    found, late = b"", time.monotonic() + 30
    while found.count(b"\n") < words and time.monotonic() < late:
        piece = os.read(reading, 65_536)
        if not piece:
            break
        found += piece
    select.select([], [], [], dice.random() * 0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(reading, 65_536):
        found += piece
    os.close(reading)
    return found.decode().splitlines()


class Judge:
    """Keeps what was told, and holds it against what the database says."""

    def __init__(self) -> None:
        self.told = Told()
        self.done: list[str] = []
        self.sent: Counter[str] = Counter()

    def hear(self, lines: list[str]) -> None:
        for line in lines:
            what, _, rest = line.partition(" ")
            if what == "done":
                self.done.append(rest)
            elif what == "sent":
                self.sent[rest.split()[0]] += 1
            elif what == "broke":
                self.told.faults.append(rest)

    def look(self) -> list[str]:
        """In a process that goes on from the folder alone."""
        from lastwords.server.models import Delivery, Letter, LogRow, Paper

        papers = set(Paper.objects.filter(kind="signed").values_list("name", flat=True))
        wrong = [f"{name} was acknowledged and is lost" for name in self.done if name not in papers]
        logged = b"".join(bytes(body) for body in LogRow.objects.values_list("body", flat=True))
        wrong += [
            f"{name} is in no row of the log"
            for name in self.done[-200:]
            if f'"{name}"'.encode() not in logged
        ]
        known = set(Letter.objects.values_list("ident", flat=True))
        wrong += [f"letter {ident} left and was never kept" for ident in self.sent if ident not in known]
        taken = set(Delivery.objects.filter(state="accepted").values_list("letter_id", flat=True))
        wrong += [f"letter {ident} counts as handed over and never left" for ident in taken - set(self.sent)]
        return wrong

    def close(self, cycle: int, seed: int) -> list[str]:
        """At the very end: everything waiting is sent, and the whole record is verified."""
        from lastwords.server import audit, checks

        reading, writing = os.pipe()
        life = Life(cycle, writing, seed)
        while life.box.run(life.now()).tried:
            pass
        os.close(writing)
        with os.fdopen(reading, "rb") as lines:
            for line in lines.read().decode().splitlines():
                self.sent[line.split()[1]] += 1
        from lastwords.server.models import Letter

        wrong = self.look()
        waiting = Letter.objects.filter(next_try__isnull=False).count()
        wrong += [f"{waiting} letters still wait"] * bool(waiting)
        left = set(Letter.objects.exclude(stage="dropped").values_list("ident", flat=True)) - set(self.sent)
        wrong += [f"letter {ident} never left" for ident in left]
        chosen = settings.current()
        wrong += [v.faults[0] for v in audit.verify_all(chosen.heads) if not v.whole]
        checks.check_database(chosen)
        if checks.find_restored_past(chosen):
            wrong.append("the heads file led the database")
        return [*wrong, f"copies {sum(self.sent.values()) - len(self.sent)} {len(self.sent)}"]

    def apart(self, method: str, *more: int) -> list[str]:
        """Does one of these in a process of its own, so that this one never opens the database."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                answer = getattr(self, method)(*more)
            except BaseException as error:
                answer = [f"{type(error).__name__}: {error}"]
            with os.fdopen(writing, "w") as out:
                json.dump(answer, out)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as lines:
            found = json.load(lines)
        os.waitpid(child, 0)
        return found


def warmed(judge: Judge, seed: int) -> None:
    """One life in peace, in this process and before all others: what a program makes only once, from its imports to the
    form of each letter, is made then, and no life after it spends its time on that. What is open is closed again, and
    what was read is forgotten: whoever comes reads it from the folder."""
    from django.db import connections

    from lastwords.server import audit, checks, store  # noqa: F401

    reading, writing = os.pipe()
    Life(0, writing, seed).go(WARMING)
    os.close(writing)
    with os.fdopen(reading, "rb") as lines:
        judge.hear(lines.read().decode().splitlines())
    connections.close_all()
    store._records = store._Records()
    gc.collect()
    gc.freeze()


def main(asked: dict[str, object]) -> None:
    data, seed, planted = Path(str(asked["data"])), int(str(asked["seed"])), str(asked["planted"])
    settings.configure(data)
    dice, judge, kills = random.Random(seed), Judge(), int(str(asked["kills"]))
    warmed(judge, seed)
    for cycle in range(1, kills + 1):
        judge.hear(killed(cycle, seed, planted, dice))
        judge.told.kills += 1
        if cycle % LOOK_EVERY == 0:
            judge.told.faults += judge.apart("look")
            print(f"{cycle} kills", file=sys.stderr)
        if judge.told.faults:
            break
    *wrong, counted = judge.apart("close", judge.told.kills + 2, seed)
    judge.told.faults += wrong
    if counted.startswith("copies "):
        judge.told.copies, judge.told.letters = map(int, counted.split()[1:])
    else:
        judge.told.faults.append(counted)
    if judge.told.copies > judge.told.kills * BATCH:
        judge.told.faults.append("more copies than kills explain")
    judge.told.acknowledged = len(judge.done)
    json.dump(asdict(judge.told), sys.stdout)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
