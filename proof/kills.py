"""Kills: a process that writes and sends, and a whole served host, killed again and again on both databases."""

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from server import conftest  # noqa: E402
from server.cluster import cluster, ended  # noqa: E402
from server.faults import kills  # noqa: E402
from server.faults.served import Facts, Served  # noqa: E402
from server.faults.test_served import killed_under_load  # noqa: E402

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
            if not host.verified():
                told["lost"].append("a log is not whole")
        finally:
            host.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--state", type=Path)
    asked = parser.parse_args()
    began, done = time.monotonic(), {}
    if asked.state and asked.state.exists():
        done = json.loads(asked.state.read_text())
    many, few = LONG if asked.long else SHARE
    with ended():
        for database in ("sqlite", "postgresql"):
            for part, wanted in ((processes, many), (hosts, few)):
                for told in part(database, wanted, 11, done):
                    print(f"{part.__name__} on {database}: {told['kills']} of {wanted}", file=sys.stderr)
                    if asked.state:
                        asked.state.write_text(json.dumps(done))
    figures = {
        f"{name} {what}": value
        for name, told in done.items()
        for what, value in told.items()
        if isinstance(value, int)
    }
    wrong = [fault for told in done.values() for fault in told.get("faults", []) + told.get("lost", [])]
    print(
        json.dumps(
            {
                "part": "kills",
                "claim": "Killed at any moment, a host loses nothing it acknowledged and no letter goes astray.",
                "command": "make prove-kills",
                "figures": figures | {"faults": len(wrong)},
                "held": not wrong,
                "wrong": wrong[:20],
                "not_covered": ["Power that goes away: the machine itself stays up."],
                "seconds": round(time.monotonic() - began, 1),
                "settings": {"long": asked.long, "process kills": many, "host kills": few},
            }
        )
    )
    return 0 if not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
