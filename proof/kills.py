"""Kills: a process that writes and sends, and a whole served host, killed again and again on both databases."""

import random
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from _part import begun
from server import conftest
from server.cluster import cluster, ended
from server.faults import kills
from server.faults.served import Facts, Served
from server.faults.test_served import killed_under_load

SHARE, LONG = (200, 5), (10_000, 300)
"""Kills of a process, and of a whole host, on each database."""
AT_ONCE = 250
"""Kills in one folder: a record that grows for ever would measure something else."""


@contextmanager
def a_folder(database: str):
    """A data folder with an armed circle and no letters, and nothing open."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "empty").mkdir()
        migrated = conftest._migrate(database, home / "empty")
        with conftest.a_house(migrated, home / "data") as house:
            conftest.arm_a_circle(house)
            from lastwords.server.models import Letter

            Letter.objects.all().delete()
        yield home / "data"


def processes(database: str, wanted: int, seed: int, done: dict):
    """Kills a process `wanted` times, going on from what `done` says."""
    told = done.setdefault(database, {"kills": 0, "acknowledged": 0, "letters": 0, "copies": 0, "faults": []})
    while told["kills"] < wanted and not told["faults"]:
        with a_folder(database) as data:
            one = kills.campaign(data, min(AT_ONCE, wanted - told["kills"]), seed + told["kills"])
        for name in ("kills", "acknowledged", "letters", "copies", "faults"):
            told[name] += getattr(one, name)
        yield told


def hosts(database: str, wanted: int, seed: int, done: dict):
    """Kills a whole served host `wanted` times."""
    told = done.setdefault(f"host {database}", {"kills": 0, "acknowledged": 0, "lost": []})
    if told["kills"] >= wanted:
        return
    with tempfile.TemporaryDirectory() as place:
        where = cluster().address(cluster().empty()) if database == "postgresql" else ""
        host = Served(Path(place) / "data", where)
        try:
            host.serve()
            facts = Facts(host)
            dice, before = random.Random(seed), told["acknowledged"]
            while told["kills"] < wanted and not told["lost"]:
                told["lost"] += killed_under_load(host, facts, 1, dice)
                told["kills"] += 1
                told["acknowledged"] = before + len(facts.files) + len(facts.invited)
                yield told
            told["lost"] += facts.lost()
            if not host.verified():
                told["lost"].append("a log is not whole")
        finally:
            host.close()


def main() -> int:
    run = begun(__doc__)
    done: dict = run.kept({})
    many, few = run.length(SHARE, LONG)
    with ended():
        for database in ("sqlite", "postgresql"):
            for part, wanted in ((processes, many), (hosts, few)):
                for told in part(database, wanted, 11, done):
                    run.keep(done, f"{part.__name__} on {database}, {told['kills']} of {wanted}")
    figures = {
        f"{name} {what}": value
        for name, told in done.items()
        for what, value in told.items()
        if isinstance(value, int)
    }
    wrong = [fault for told in done.values() for fault in told.get("faults", []) + told.get("lost", [])]
    return run.tells(
        claim="Killed at any moment, a host loses nothing it acknowledged and no letter goes astray.",
        figures=figures | {"faults": len(wrong)},
        held=not wrong,
        wrong=wrong,
        not_covered=["Power that goes away: the machine itself stays up."],
        settings={"process kills": many, "host kills": few},
    )


if __name__ == "__main__":
    sys.exit(main())
