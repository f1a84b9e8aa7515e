"""A disk that fails at a sync: nothing is acknowledged that is not on it, it is told, and the next start is clean."""

import pytest
from server.faults import disk

pytestmark = [pytest.mark.needs("command:cc"), pytest.mark.slow]

UNSYNCED = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("PRAGMA synchronous=OFF")
"""
KEPT_ANYWAY = """
from lastwords.server.api import uploads
def keep(descriptor, before):
    try:
        os.fsync(descriptor)
    except OSError:
        pass
uploads._bring_home = keep
"""
"""The planted fault: what the disk refused once is thought to be there."""


@pytest.fixture
def lives(armed, tmp_path):
    def run(indices=None, planted=""):
        return disk.scripted(disk.shim(tmp_path), armed, tmp_path / "scratch", indices, planted)

    return run


@pytest.mark.only_on("sqlite")
def test_a_sync_that_fails_wherever_it_comes_costs_nothing_that_was_acknowledged(lives, figure):
    undisturbed, *disturbed = lives()
    assert (undisturbed.faults, undisturbed.refused) == ([], [])
    assert len(disturbed) == undisturbed.syncs > 30
    assert [(one.at, one.faults) for one in disturbed if one.faults] == []
    told = sum(bool(one.refused) for one in disturbed)
    assert told > len(disturbed) // 2, "a failure that nobody hears of is no failure"
    figure(
        f"EIO at every one of {undisturbed.syncs} syncs: nothing acknowledged was lost, {told} refusals, clean starts"
    )


@pytest.mark.only_on("sqlite")
def test_a_database_that_does_not_wait_for_the_disk_is_found_out(lives):
    undisturbed, *_ = lives([], UNSYNCED)
    assert any("not on the disk" in fault for fault in undisturbed.faults)


@pytest.mark.only_on("sqlite")
def test_a_piece_that_is_kept_although_its_sync_failed_is_found_out(lives):
    assert any(one.faults for one in lives(list(range(10, 16)), KEPT_ANYWAY))


NO_STEP = "from lastwords.server import store; store.act = lambda *_: None"
NO_PIECE = "from lastwords.server.api import uploads; uploads.take_piece = lambda *_: (0, False)"
NO_ROW = """
from lastwords.server.store import Store
kept = Store.host_row
Store.host_row = lambda door, what, *more, **fields: what == "noted" or kept(door, what, *more, **fields)
"""
UNDONE = {
    "sign 1": NO_STEP,
    "tamper": NO_STEP,
    "letters": "from lastwords.server import outbox; outbox.Outbox.run_all = lambda *_: outbox.NOTHING",
    "piece 1": NO_PIECE,
    "piece 2": NO_PIECE,
    "round": "from lastwords.server import rounds; rounds.run = lambda **_: None",
    "credential": NO_STEP,
    "host": NO_ROW,
}


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("act", UNDONE)
def test_an_act_that_is_acknowledged_and_never_done_is_missed_at_the_next_start(lives, act):
    """The planted faults, one for each look."""
    undisturbed, *_ = lives([], UNDONE[act])
    assert act in undisturbed.acknowledged
    assert f"{act} is lost" in undisturbed.faults
