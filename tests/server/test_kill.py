"""A process killed in the middle of its writes, again and again: what it had acknowledged is there, whole."""

import random
import subprocess
import sys

import pytest

CYCLES = 6
WRITER = """
import sys
from pathlib import Path
from lastwords.server import settings
settings.configure(Path(sys.argv[1]))
from lastwords.protocol.events import AddCredential
from lastwords.server import store
number = int(sys.argv[2])
while True:
    store.act("iruka", AddCredential("iruka", f"key-{number}", "device"))
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

    from lastwords.server import audit, checks

    dice, first, lost = random.Random(11), 0, []
    for _ in range(cycles):
        connections.close_all()
        last = killed_writer(script, house.data, first, dice.randrange(1, 12))
        names = {credential.name for credential in circle.read("iruka").credentials}
        lost += [number for number in range(first, last + 1) if f"key-{number}" not in names]
        first = last + 2  # the one after the last may or may not have been written: both are right
        checks.check_database(house.settings)
        assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))
        assert not checks.find_restored_past(house.settings), "the heads file never leads the database"
    return lost


@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_a_kill_at_any_moment(circle, house, figure):
    assert lives(WRITER, circle, house, CYCLES) == []
    figure(f"kill -9 in the middle of writes: {CYCLES} of {CYCLES} times nothing acknowledged was lost")


@pytest.mark.slow
def test_a_writer_that_acknowledges_before_it_writes_is_found_out(circle, house):
    assert lives(UNACKNOWLEDGED, circle, house, 1) != []
