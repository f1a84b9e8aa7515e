"""Faults: a failing disk at every sync, a clock that jumps in every state, and a hostile mail relay."""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from _part import begun, side_by_side
from server import conftest
from server.cluster import ended
from server.faults import disk, jumps, mail, server_disk
from server.faults.relay import KINDS, STAGES

from lastwords.protocol.moments import DAY

EVERY = 20
"""A start of PostgreSQL after a kill syncs every file there is before it reads any; one of how many fails here."""
Found = tuple[dict[str, int], list[str]]
"""Figures, and what went wrong."""


def armed(home: Path, database: str = "sqlite"):
    """A house for an armed circle, as a context."""
    (home / "empty").mkdir(parents=True)
    migrated = conftest._migrate(database, home / "empty")
    return conftest.a_house(migrated, home / "data")


def syncs(home: Path) -> Found:
    """Every sync of the scripted life, failing."""
    with armed(home) as house:
        conftest.arm_a_circle(house)
        from django.db import connections

        connections.close_all()
        lived = disk.scripted(disk.shim(home), house.data, home / "scratch", None)
    wrong = [f"sync {life.at}: {fault}" for life in lived for fault in life.faults]
    return {
        "SQLite: syncs failed": len(lived) - 1,
        "SQLite: acts refused": sum(len(life.refused) for life in lived),
    }, wrong


def server_syncs(home: Path) -> Found:
    """Every sync that PostgreSQL makes while people act and it checkpoints, and those of a start after a kill, failing,
    each in whichever of its processes it comes."""
    with ended(), armed(home, "postgresql") as house:
        conftest.arm_a_circle(house)
        with server_disk.failing(house) as below:
            turned, started = below.syncs()
            for at in range(1, turned + 1):
                below.fails_in_a_turn(at)
            for at in below.worth_a_start(started, EVERY):
                below.fails_in_a_start(at)
            wrong = [f"PostgreSQL: {name} was acknowledged and is lost" for name in below.lost()]
            conftest.must_be_whole(house)
            told, whose = below.told, below.whose()
    met = {f"of them in {kind}": number for kind, number in whose.items()}
    return {"PostgreSQL: syncs failed": told.failed, **met, "PostgreSQL: steps refused": told.refused}, wrong


def clocks(home: Path, stage: str) -> Found:
    """Every jump in one state of the watch, under a living process."""
    wall = jumps.WallClock(home / "offset")
    wall.set(0)
    with armed(home) as house:
        from django.db import connections

        from lastwords.server import outbox, store

        conftest.arm_a_circle(house)
        house.source.wall = int(time.time()) - sum(jumps.LEAPS[stage]) * DAY
        house.leap(0)
        jumps.give_a_sign(store)
        box = outbox.Outbox(store.here(), {"mail": conftest.Way()}, "Last Words", house.settings.origin)
        jumps.brought_to(stage, store, house, box)
        connections.close_all()
        living = jumps.Living(house.data, wall)
        try:
            judged = jumps.judge(living, wall, store)
        finally:
            living.close()
    wrong = [f"{stage}: {fault}" for fault in judged.faults]
    return {"clock jumps": judged.jumps, "doubted at once": judged.doubted}, wrong


def relays(home: Path) -> Found:
    """Every kind of answer at every stage, once."""
    with armed(home) as house, mail.a_post(house, home) as post:
        for stage in STAGES:
            for kind in KINDS:
                post.meets(stage, kind)
        waited = [f"{kind} at {stage}: waited too long" for stage, kind in post.relay.outlasted]
        return {"letters": post.number * len(mail.HOSTS), "answers": post.number}, [*post.faults, *waited]


def one(part: str) -> Found:
    """What came of one part of it, in a folder of its own."""
    what, _, which = part.partition(": ")
    with tempfile.TemporaryDirectory() as place:
        if what == "disk":
            return server_syncs(Path(place)) if which == "postgresql" else syncs(Path(place))
        return clocks(Path(place), which) if what == "clock" else relays(Path(place))


def main() -> int:
    run = begun(__doc__)
    done: dict[str, Found] = run.kept({})
    passes = [f"relay: {number}" for number in range(run.length(1, 20))]
    every = ["disk: postgresql", "disk: sqlite", *(f"clock: {stage}" for stage in jumps.STAGES), *passes]
    for part, found in side_by_side(one, [part for part in every if part not in done]):
        done[part] = found
        run.keep(done, f"{part}, {len(done)} of {len(every)}")
    figures: Counter[str] = Counter()
    for told, _ in done.values():
        figures.update(told)
    wrong = [fault for _, faults in done.values() for fault in faults]
    return run.tells(
        claim="Whatever disk, clock or mail relay do, nothing is released early and nothing acknowledged is lost.",
        figures=figures,
        held=not wrong,
        wrong=wrong,
        not_covered=[
            "Clocks jump on SQLite here, on PostgreSQL in the tests.",
            f"Of the files that PostgreSQL syncs at a start after a kill, unread, one in {EVERY} fails.",
            "One sync fails at a time.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
