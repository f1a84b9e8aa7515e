"""Killed in the middle of its writes, again and again, a process of ours or PostgreSQL itself: what was acknowledged is
there, whole."""

import random
import subprocess
import sys

import pytest
from server.cluster import Cluster
from server.conftest import moved_to, must_be_whole, name_in

CYCLES = 6
SERVER_CYCLES = 4
WRITER = """
import sys
from pathlib import Path
from lastwords.server import settings
settings.configure(Path(sys.argv[1]))
from lastwords.protocol.events import AddCredential
from lastwords.server import store
from lastwords.server.refusals import Busy
number = int(sys.argv[2])
while True:
    try:
        store.act("iruka", AddCredential("iruka", f"key-{number}", "device"))
    except Busy:
        continue  # the other writer was sooner, every time: nothing was acknowledged
    print(number, flush=True)
    number += 1
"""
UNACKNOWLEDGED = """
import sys
number = int(sys.argv[2])
while True:
    print(number, flush=True)
    number += 1
"""


def killed_writer(script, data, first, after):
    """Starts a writer, kills it once it has acknowledged `after` writes, and returns the last one acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(data), str(first)], stdout=subprocess.PIPE, text=True
    )
    last = first - 1
    for _ in range(after):
        last = int(writer.stdout.readline())
    writer.kill()
    rest = writer.stdout.read().split("\n")[:-1]
    writer.wait()
    return int(rest[-1]) if rest else last


def lives(script, circle, house, cycles):
    """Kills a writer `cycles` times. Returns the writes that were acknowledged and are not there."""
    from django.db import connections

    dice, first, lost = random.Random(11), 0, []
    for _ in range(cycles):
        connections.close_all()
        last = killed_writer(script, house.data, first, dice.randrange(1, 12))
        names = {credential.name for credential in circle.read("iruka").credentials}
        lost += [number for number in range(first, last + 1) if f"key-{number}" not in names]
        first = last + 2  # the one after the last may or may not have been written: both are right
        must_be_whole(house)
    return lost


@pytest.mark.slow
@pytest.mark.both_databases
def test_what_was_acknowledged_is_there_after_a_kill_at_any_moment(circle, house, figure):
    assert lives(WRITER, circle, house, CYCLES) == []
    figure(f"kill -9 in the middle of writes: {CYCLES} of {CYCLES} times nothing acknowledged was lost")


@pytest.mark.slow
def test_a_writer_that_acknowledges_before_it_writes_is_found_out(circle, house):
    assert lives(UNACKNOWLEDGED, circle, house, 1) != []


# PostgreSQL itself, with everything it started, killed under load as a machine that loses its power would stop it. What
# is in the system's memory survives that, so the test sees what a commit leaves in PostgreSQL's own, never whether the
# disk was reached: that `fsync` is on is looked at before the start.


@pytest.fixture
def own_server(circle, house):
    """A house whose database lies on a server of its own, which may be killed. It writes its log as late as it may."""
    with moved_to(Cluster(wal_writer_delay="10s"), house) as own:
        yield own


def server_lives(own, script, circle, house, cycles):
    """Kills the server `cycles` times while two processes write. Returns what was acknowledged and is not there."""
    from django.db import connections

    lost, dice = [], random.Random(12)
    for cycle in range(cycles):
        connections.close_all()
        firsts = (cycle * 1_000, cycle * 1_000 + 500)
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(house.data), str(first)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for first in firsts
        ]
        acknowledged = [int(writers[0].stdout.readline()) for _ in range(dice.randrange(2, 15))]
        own.kill()
        for writer in writers:
            writer.kill()
            acknowledged += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
            writer.wait()
        own.start()
        names = {credential.name for credential in circle.read("iruka").credentials}
        lost += [number for number in acknowledged if f"key-{number}" not in names]
    return lost


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_what_was_acknowledged_is_there_after_a_kill_of_the_database_server_under_load(
    circle, house, own_server, figure
):
    assert server_lives(own_server, WRITER, circle, house, SERVER_CYCLES) == []
    must_be_whole(house)
    figure(
        f"kill -9 of PostgreSQL under load: {SERVER_CYCLES} of {SERVER_CYCLES} times nothing acknowledged was lost"
    )


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_a_server_that_acknowledges_before_its_log_is_written_is_refused_and_would_be_found_out(
    circle, house, own_server
):
    from django.db import connections

    from lastwords.server import checks
    from lastwords.server.refusals import CannotStart

    own_server.tell(f"ALTER DATABASE {name_in(house.data)} SET synchronous_commit = off")
    connections.close_all()
    with pytest.raises(CannotStart):
        checks.check_database(house.settings)
    # A slow machine may give the server's own writer the time to be on the disk after all; not every time.
    assert any(server_lives(own_server, WRITER, circle, house, 1) for _ in range(SERVER_CYCLES))
    assert checks.find_restored_past(house.settings), "the heads file has seen what the database forgot"


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_a_writer_that_acknowledges_before_it_commits_is_found_out_when_the_server_is_killed(
    circle, house, own_server
):
    assert server_lives(own_server, UNACKNOWLEDGED, circle, house, 1) != []
