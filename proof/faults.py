"""Faults: a failing disk at every sync, a clock that jumps in every state, and a hostile mail relay."""

import sys
import tempfile
import time
from pathlib import Path

from _part import begun
from server import conftest
from server.faults import disk, jumps, mail
from server.faults.relay import KINDS, STAGES

from lastwords.protocol.moments import DAY


def armed(home: Path, wall: int = conftest.BEGINNING):
    """A house with an armed circle, as a context."""
    (home / "empty").mkdir(parents=True)
    migrated = conftest._migrate("sqlite", home / "empty")
    return conftest.a_house(migrated, home / "data")


def syncs(home: Path) -> tuple[dict[str, int], list[str]]:
    """Every sync of the scripted life, failing."""
    with armed(home) as house:
        conftest.arm_a_circle(house)
        from django.db import connections

        connections.close_all()
        lived = disk.scripted(disk.shim(home), house.data, home / "scratch", None)
    wrong = [f"sync {one.at}: {fault}" for one in lived for fault in one.faults]
    return {"syncs failed": len(lived) - 1, "acts refused": sum(len(one.refused) for one in lived)}, wrong


def clocks(home: Path) -> tuple[dict[str, int], list[str]]:
    """Every jump in every state, under a living process."""
    total, doubted, wrong = 0, 0, []
    for stage in jumps.STAGES:
        wall = jumps.WallClock(home / "offset")
        wall.set(0)
        with armed(home / stage.replace(" ", "-")) as house:
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
        total, doubted = total + judged.jumps, doubted + judged.doubted
        wrong += [f"{stage}: {fault}" for fault in judged.faults]
        print(f"clocks: {stage}", file=sys.stderr)
    return {"clock jumps": total, "doubted at once": doubted}, wrong


def relays(home: Path, times: int) -> tuple[dict[str, int], list[str]]:
    """Every kind of answer at every stage."""
    with armed(home) as house, mail.a_post(house, home) as post:
        for number in range(times):
            for stage in STAGES:
                for kind in KINDS:
                    post.meets(stage, kind)
            print(f"relays: {number + 1} of {times}", file=sys.stderr)
        waited = [f"{kind} at {stage}: waited too long" for stage, kind in post.relay.outlasted]
        return {"letters": post.number * len(mail.HOSTS), "answers": post.number}, [*post.faults, *waited]


def main() -> int:
    run = begun(__doc__)
    done: dict = run.kept({})
    parts = {"disk": syncs, "clock": clocks, "relay": lambda home: relays(home, run.length(1, 20))}
    for name, part in parts.items():
        if name in done:
            continue
        with tempfile.TemporaryDirectory() as place:
            done[name] = part(Path(place))
        run.keep(done, f"{name}, {done[name][0]}")
    wrong = [fault for _, faults in done.values() for fault in faults]
    return run.tells(
        claim="Whatever disk, clock or mail relay do, nothing is released early and nothing acknowledged is lost.",
        figures={key: value for figures, _ in done.values() for key, value in figures.items()},
        held=not wrong,
        wrong=wrong,
        not_covered=["Disk and clock are failed on SQLite here, on PostgreSQL in the tests."],
    )


if __name__ == "__main__":
    sys.exit(main())
