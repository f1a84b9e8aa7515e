"""Clocks that jump under a living process: the system's own calls answer with a time that a file says.

The process does the shipped rounds with the machine's real clocks. Only what the wall clock says is moved, from
outside and while it runs; the boot-time clock is the machine's. On PostgreSQL it is the database server whose clock
jumps, since hosts there date everything by it.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from lastwords.protocol.moments import DAY, HOUR, MINUTE

YEAR = 365 * DAY
AFTER_2038 = 2**31 + 5
STAGES = ("well", "late", "vigil", "last call")
LEAPS = {"well": (20,), "late": (27, 3), "vigil": (27, 3, 7), "last call": (27, 3, 7, 4)}
"""Days that pass before each state, each ended by a round."""


def jumps() -> list[int]:
    """Seconds by which the wall clock is set on or back."""
    sizes = (1, 2 * MINUTE, HOUR, DAY, YEAR, 12 * YEAR)
    return [sign * size for size in sizes for sign in (1, -1)] + [AFTER_2038 - int(time.time())]


def library() -> str:
    """The shared library that answers for the clock."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert found, "libfaketime is not on this machine"
    return str(found[0])


@dataclass
class WallClock:
    """The file that says how far the wall clock of some processes is off."""

    file: Path

    def set(self, offset: int) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{offset:+d}\n")
        fresh.chmod(0o644)
        os.replace(fresh, self.file)

    def environment(self) -> dict[str, str]:
        """What such a process is started with. Its boot-time and monotonic clocks stay the machine's, and it must not
        call `time.sleep`, which this breaks; nothing of the server's does."""
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


ROUNDS = """
import json, sys
from pathlib import Path
from lastwords.server import settings
settings.configure(Path(sys.argv[1]))
from lastwords.server import clock, outbox, port, rounds, store
class Way:
    def __init__(self):
        self.subjects = []
    def send(self, envelope):
        self.subjects.append(envelope.text.subject)
        return port.Answer(f"mail:{envelope.address}", "accepted", "kept")
    def probe(self): pass
    def close(self): pass
way = Way()
outbox.use(outbox.Outbox(store.here(), {"mail": way}, "Last Words", settings.current().origin))
exec(sys.argv[2])
for line in sys.stdin:
    done = rounds.run(pulse=line.strip() == "pulse", heard=lambda: True)
    told, way.subjects = way.subjects, []
    print(json.dumps([done.why, done.earned, done.moved, done.pulsed, done.moment.wall, told]), flush=True)
"""
WALL_ALONE = """
from lastwords.server import credit
credit.earn = lambda last, now, interval, **more: credit.Earned(max(0, now.wall - last.wall), "")
"""
"""The planted fault: whatever the wall clock did counts."""
ASLEEP = """
from lastwords.server import integrity_waits
type(store.here().port).awaken = lambda self, wall: None
integrity_waits.put_back = lambda door, faults, now: None
"""
"""The planted fault: what was dated by a clock that was ahead stays so. Two things would mend it, the pulse at once and
the day's look at the queue, and either alone hides that the other is missing: both are taken away."""
PUNCTUAL = "clock.Clock.is_doubted = lambda self: False"
"""The planted fault: nobody looks at the clocks between two pulses."""


@dataclass(frozen=True)
class Done:
    """One round: why it earned nothing, what it earned, how many watches moved, and the subjects that left."""

    why: str
    earned: int
    moved: int
    pulsed: bool
    wall: int
    told: list[str]


class Living:
    """The process. `planted` is run in it before it begins."""

    def __init__(self, data: Path, wall: WallClock | None, planted: str = "") -> None:
        environment = {**os.environ, **(wall.environment() if wall else {})}
        self.process = subprocess.Popen(
            [sys.executable, "-c", ROUNDS, str(data), planted],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def round(self, kind: str = "round") -> Done:
        """One round, as the service does them every second; `pulse` when one is due."""
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        return Done(*json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@dataclass
class Judged:
    """What a life of jumps came to; `faults` are sentences."""

    jumps: int = 0
    doubted: int = 0
    faults: list[str] = field(default_factory=list)


def brought_to(stage: str, circle: object, house: object, box: object) -> None:
    """Brings Iruka's watch to a stage that ends at the machine's own present."""
    from server.test_side_by_side import the_keepers_find_the_author_dead

    from lastwords.server import sweep

    for days in LEAPS[stage]:
        if days == 4:
            the_keepers_find_the_author_dead(circle, "iruka")
        sweep.sweep(circle.here(), house.leap(days * DAY))
        box.run_all(house.now())
    if stage == "vigil":
        the_keepers_find_the_author_dead(circle, "iruka")
    assert stands(circle)[0] == stage.replace("last call", "vigil")


def give_a_sign(circle: object) -> None:
    """Iruka's strong check-in, now."""
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength

    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))


def stands(circle: object) -> tuple[str, list[str], int]:
    """The stage of the watch and of its tracks, and how much credit there is."""
    from django.db import connections

    connections.close_all()
    watch = circle.read("iruka")
    return str(watch.stage), [str(track.stage) for track in watch.tracks], _credit()


def _credit() -> int:
    from lastwords.server.models import Pulse

    return Pulse.objects.get().credit


def judge(living: Living, wall: WallClock, circle: object) -> Judged:
    """Every jump, there and back, while the process does its rounds: nothing may move, and more than two minutes must
    be doubted by the very next round, whether or not a pulse was due, and told to the host."""
    judged = Judged()
    living.round("pulse")
    living.round("pulse")
    *before, credit = stands(circle)
    began = time.monotonic()
    for jump in jumps():
        judged.jumps += 1
        for offset in (jump, 0):
            wall.set(offset)
            _meets(judged, living, abs(jump) > 125, f"{jump:+d} s, then {offset:+d}")
    *after, earned = stands(circle)
    if after != before:
        judged.faults.append(f"{before} became {after}")
    if earned - credit > time.monotonic() - began + 1:
        judged.faults.append(f"{earned - credit} s were credited")
    judged.faults += _what_waits_for_years()
    return judged


def _meets(judged: Judged, living: Living, is_doubtful: bool, what: str) -> None:
    done = living.round()
    rounds = [done, living.round("pulse"), living.round()]
    if any(one.moved for one in rounds):
        judged.faults.append(f"{what}: a watch moved")
    if not is_doubtful:
        return
    if done.why not in ("clocks_disagree", "wall_backwards") or done.earned:
        judged.faults.append(f"{what}: not doubted ({done.why or 'earned'})")
    elif "The clock of the service was doubted" not in [subject for one in rounds for subject in one.told]:
        judged.faults.append(f"{what}: the host was not told")
    else:
        judged.doubted += 1


def _what_waits_for_years() -> list[str]:
    """Whatever a clock that was ahead has dated and nobody would look at again in its time."""
    from lastwords.server.models import Letter, Watch

    late = int(time.time()) + 40 * DAY
    watches = Watch.objects.filter(look_at__gt=late).count()
    letters = Letter.objects.filter(next_try__gt=late).count()
    return [f"{watches} watches and {letters} letters wait for years"] if watches or letters else []
