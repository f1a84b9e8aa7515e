"""Kills: a process that writes and sends, and a whole served host, killed again and again on both databases."""

import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from _part import begun, side_by_side
from server import conftest
from server.cluster import cluster, ended
from server.faults import jumps, kills
from server.faults.forked import Forked
from server.faults.served import Facts
from server.faults.test_served import killed_under_load

SHARE, LONG = {"processes": 200, "hosts": 5}, {"processes": 10_000, "hosts": 300}
"""Kills of a process, and of a whole host, on each database."""
AT_ONCE = {"processes": 250, "hosts": 25}
"""Kills in one folder: a record that grows for ever would measure something else."""
DATABASES, STAGES = ("sqlite", "postgresql"), ("well", "vigil")
SEED = 11


@dataclass(frozen=True)
class Lot:
    """The kills of one folder."""

    kind: str
    database: str
    number: int
    kills: int

    @property
    def name(self) -> str:
        return f"{self.kind} on {self.database}, lot {self.number + 1}"

    @property
    def stage(self) -> str:
        return STAGES[self.number % len(STAGES)]

    @property
    def seed(self) -> int:
        return SEED + self.number * AT_ONCE[self.kind]


def lots(kind: str, wanted: int) -> list[Lot]:
    """So many kills on each database, a lot on one and then a lot on the other; of processes, in every stage."""
    most = min(AT_ONCE[kind], max(1, wanted // len(STAGES)))
    sizes = [min(most, wanted - begin) for begin in range(0, wanted, most)]
    return [Lot(kind, database, at, size) for at, size in enumerate(sizes) for database in DATABASES]


@dataclass(frozen=True)
class Ground:
    """Where lots are done, beside each other: each in a copy of a folder that is made once."""

    place: Path

    def folder(self, database: str, stage: str) -> Path:
        return self.place / f"{database}-{stage}"

    def lay(self, what: tuple[str, str]) -> None:
        """A data folder with an armed circle in a stage of its watch and no letters, and nothing open."""
        database, stage = what
        migrated = conftest._migrate(database, self.folder(database, stage) / "empty")
        with conftest.a_house(migrated, self.folder(database, stage) / "data") as house:
            from lastwords.server import outbox, store
            from lastwords.server.models import Letter

            conftest.arm_a_circle(house)
            if stage != "well":
                box = outbox.Outbox(store.here(), {"mail": conftest.Way()}, "Last Words", "http://127.0.0.1")
                jumps.brought_to(stage, store, house, box)
            Letter.objects.all().delete()

    def do(self, lot: Lot) -> dict[str, Any]:
        """What came of a lot, by name; `wrong` are sentences."""
        return {"processes": self.processes, "hosts": self.hosts}[lot.kind](lot)

    def processes(self, lot: Lot) -> dict[str, Any]:
        data = self.place / lot.name
        conftest.copy_folder(self.folder(lot.database, lot.stage) / "data", data)
        told = asdict(kills.campaign(data, lot.kills, lot.seed))
        if name := conftest.name_in(data):
            cluster().tell(f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(data)
        return told | {"wrong": told.pop("faults")}

    def hosts(self, lot: Lot) -> dict[str, Any]:
        database = cluster().empty() if lot.database == "postgresql" else ""
        host = Forked(self.place / lot.name, database and cluster().address(database))
        try:
            host.serve()
            facts = Facts(host)
            wrong = killed_under_load(host, facts, lot.kills, random.Random(lot.seed)) + facts.lost()
            if not host.verified():
                wrong.append("a log is not whole")
        finally:
            host.close()
        if database:
            cluster().tell(f"DROP DATABASE {database} WITH (FORCE)")
        return {"kills": lot.kills, "acknowledged": len(facts.files) + len(facts.invited), "wrong": wrong}


def main() -> int:
    run = begun(__doc__)
    length = run.length(SHARE, LONG)
    done: dict[str, dict[str, Any]] = run.kept({})
    every = [lot for kind, wanted in length.items() for lot in lots(kind, wanted)]
    left = [lot for lot in every if lot.name not in done]
    with ended(), tempfile.TemporaryDirectory() as place:
        ground = Ground(Path(place))
        if left:
            cluster()  # started here, and used by all
        list(side_by_side(ground.lay, sorted({(lot.database, lot.stage) for lot in left})))
        for lot, told in side_by_side(ground.do, left):
            done[lot.name] = told
            run.keep(done, f"{lot.name}: {told['kills']} kills, {len(done)} lots of {len(every)}")
    figures: Counter[str] = Counter()
    for lot in every:
        for what, value in done[lot.name].items():
            if what != "wrong":
                figures[f"{lot.kind} on {lot.database}: {what}"] += value
    wrong = [f"{lot.name}: {sentence}" for lot in every for sentence in done[lot.name]["wrong"]]
    return run.tells(
        claim="Killed at any moment, a host loses nothing it acknowledged and no letter goes astray.",
        figures=figures | {"wrong": len(wrong)},
        held=not wrong,
        wrong=wrong,
        not_covered=["Power that goes away: the machine itself stays up."],
        settings={f"kills of {kind}, on each database": wanted for kind, wanted in length.items()},
    )


if __name__ == "__main__":
    sys.exit(main())
