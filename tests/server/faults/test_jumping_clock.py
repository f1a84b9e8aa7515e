"""The wall clock of a living process is set on and back, by a second and by twelve years: nothing moves, it is seen."""

import tempfile
import time
from pathlib import Path

import pytest
from server.cluster import Cluster
from server.conftest import moved_to
from server.faults import jumps
from server.faults.jumps import ASLEEP, PUNCTUAL, STAGES, WALL_ALONE, Living, WallClock

pytestmark = [pytest.mark.needs("command:faketime"), pytest.mark.slow]


@pytest.fixture
def wall():
    """Where others may read it too: PostgreSQL runs as somebody else."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        clock = WallClock(Path(folder) / "offset")
        clock.set(0)
        yield clock


@pytest.fixture
def at_stage(circle, house, box):
    """Brings the circle to a stage, in the machine's own present."""
    from lastwords.protocol.moments import DAY

    def bring(stage):
        house.source.wall = int(time.time()) - sum(jumps.LEAPS[stage]) * DAY
        house.leap(0)
        jumps.give_a_sign(circle)
        jumps.brought_to(stage, circle, house, box)

    return bring


def lives(house, wall, circle, planted="", host_clock=True):
    from django.db import connections

    connections.close_all()
    living = Living(house.data, wall if host_clock else None, planted)
    try:
        return jumps.judge(living, wall, circle)
    finally:
        living.close()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("stage", STAGES)
def test_however_the_clock_jumps_under_a_living_process_nothing_is_released_and_the_host_is_told(
    at_stage, circle, house, wall, figure, stage
):
    at_stage(stage)
    judged = lives(house, wall, circle)
    assert judged.faults == []
    assert judged.doubted == 2 * (judged.jumps - 4)
    figure(
        f"live clock jumps in {stage}: {judged.jumps} there and back, 0 releases, {judged.doubted} doubted at once"
    )


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("planted", "found"),
    [(WALL_ALONE, "became"), (ASLEEP, "wait for years"), (PUNCTUAL, "not doubted")],
)
def test_a_service_with_a_fault_in_its_clock_is_found_out(at_stage, circle, house, wall, planted, found):
    at_stage("last call")
    assert any(found in fault for fault in lives(house, wall, circle, planted).faults)


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("stage", ["late", "last call"])
def test_however_the_databases_clock_jumps_nothing_is_released_and_the_host_is_told(
    at_stage, circle, house, wall, figure, stage
):
    at_stage(stage)
    with moved_to(Cluster(wall.environment()), house):
        judged = lives(house, wall, circle, host_clock=False)
        assert judged.faults == []
        assert judged.doubted == 2 * (judged.jumps - 4)
    figure(f"jumps of the database's clock in {stage}: {judged.jumps} there and back, 0 releases")
