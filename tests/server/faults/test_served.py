"""A served host, all its processes: killed under load, on a full disk, under a clock that jumps; seen from outside."""

import os
import random
import signal
import tempfile
import threading
from pathlib import Path

import pytest
from server.cluster import cluster
from server.faults.disk import a_disk
from server.faults.forked import Forked
from server.faults.jumps import YEAR, WallClock
from server.faults.served import Facts, Served
from server.test_serve import wait_for

pytestmark = pytest.mark.slow(minutes=2)

KILLS = 30
FORGETFUL = """
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper as Wrapper
from lastwords.server.models import Invitation
save, commit = Invitation.save, Wrapper._commit
def saves(self, *what, **how):
    connection.forgets = True
    return save(self, *what, **how)
def commits(self):
    forgets = self.__dict__.pop("forgets", False)
    return self.connection.rollback() if forgets else commit(self)
Invitation.save, Wrapper._commit = saves, commits
"""
"""The planted fault: an invitation is taken back where it should be kept, and acknowledged."""


@pytest.fixture
def serving(tmp_path):
    hosts = []

    def serve(database="sqlite", made=Served, **how):
        where = cluster().address(cluster().empty()) if database == "postgresql" else ""
        hosts.append(made(tmp_path / "data", where, **how))
        hosts[-1].serve()
        wait_for(lambda: hosts[-1].state().get("well"), "the host to be well")
        return hosts[-1]

    yield serve
    for host in hosts:
        host.close()


def killed_under_load(host, facts, kills, dice):
    """Kills every process of the host while its author is at work, and starts it again. Returns what was lost of the
    work before each kill; whether all that is older is still there too, `lost` of the facts says at the end."""
    lost = []
    for _ in range(kills):
        over = threading.Event()
        work = threading.Thread(target=facts.go_on, args=(over,))
        before = facts.kept()
        work.start()
        wait_for(
            lambda before=before: len(facts.files) > before[0] + dice.randrange(3), "some work to be done"
        )
        host.dies()
        over.set()
        work.join()
        host.serve()
        lost += facts.lost(before)
    return lost


@pytest.mark.both_databases
def test_a_host_that_is_killed_with_all_its_processes_loses_nothing_it_acknowledged(
    serving, database, figure
):
    host = serving(database, Forked)
    facts = Facts(host)
    assert killed_under_load(host, facts, KILLS, random.Random(5)) == []
    assert facts.lost() == []
    assert host.verified()
    kept = len(facts.files) + len(facts.invited)
    figure(f"whole host killed {KILLS} times under load on {database}: {kept} acts acknowledged, 0 lost")


@pytest.mark.only_on("sqlite")
def test_a_host_that_acknowledges_what_it_does_not_keep_is_found_out(serving):
    host = serving(made=Forked, planted=FORGETFUL)
    facts = Facts(host)
    assert killed_under_load(host, facts, 2, random.Random(5)) != []


@pytest.mark.only_on("sqlite")
@pytest.mark.needs("command:cc")
def test_on_a_full_disk_every_write_is_refused_with_what_to_do_and_nothing_is_credited_or_forgotten(
    serving, tmp_path, figure
):
    disk = a_disk(tmp_path, tmp_path / "data")
    host = serving(more=disk.environment())
    facts = Facts(host)
    for _ in range(3):
        assert facts.bring().status == 200 and facts.invite().status == 201
    disk.fill()
    refused = [facts.bring(200_000), *(facts.invite() for _ in range(40))]
    refused = [got for got in refused if got.status >= 400]
    assert refused, "a disk that is full takes nothing"
    assert {got.status for got in refused} <= {503, 507}
    assert all(got["happened"] and got["do"] for got in refused)
    credit = host.state()["credit"]["seconds"]
    wait_for(lambda: not host.state()["disk"]["takes"], "the host to say that its disk takes nothing")
    wait_for(lambda: host.state()["credit"]["pulse_age"] > 15, "the pulses to stop")
    facts.bring(200_000)
    assert host.state()["credit"]["seconds"] == credit
    disk.make_room()
    assert facts.bring().status == 200 and facts.invite().status == 201
    assert facts.lost() == []
    wait_for(lambda: host.state()["credit"]["pulse_age"] <= 10, "the pulses to come again")
    host.stop()
    host.serve()
    assert facts.lost() == []
    assert host.verified()
    figure(
        f"full disk: {len(refused)} writes refused with what to do, 0 credited, 0 lost, goes on when there is room"
    )


@pytest.mark.only_on("sqlite")
@pytest.mark.needs("command:faketime")
def test_a_served_host_whose_clock_jumps_a_year_says_so_within_a_pulse_and_writes_to_its_host(serving):
    with tempfile.TemporaryDirectory() as folder:
        wall = WallClock(Path(folder) / "offset")
        wall.set(0)
        host = serving(more=wall.environment())
        for offset, why in ((YEAR, "clocks_disagree"), (0, "wall_backwards")):
            wall.set(offset)
            wait_for(lambda why=why: host.state()["credit"]["why_not"] == why, f"the host to say {why}")
        wait_for(
            lambda: sum("clock of the service was doubted" in text for text in host.mailbox.arrived) == 2,
            "both letters to the host",
        )
        wait_for(lambda: host.state()["well"], "the host to be well again")


@pytest.mark.only_on("sqlite")
def test_a_page_that_cannot_be_read_any_more_is_told_to_the_host_by_mail_once_and_on_its_health_page(serving):
    import pysqlite3

    host = serving()
    Facts(host)
    path = host.data / "lastwords.sqlite3"
    own = pysqlite3.connect(str(path))
    own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ((size,),) = own.execute("PRAGMA page_size").fetchall()
    ((page,),) = own.execute("SELECT rootpage FROM sqlite_master WHERE name = 'letter_queue'").fetchall()
    own.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 12)
    for pid, name in host.parts().items():
        if name:
            os.kill(pid, signal.SIGKILL)  # what a process has read already it keeps

    def told():
        return [text for text in host.mailbox.arrived if "A page of the database cannot be read" in text]

    wait_for(told, "the letter to the host")
    wait_for(lambda: host.get("/health")[0] == 503, "the health page")
    assert not host.state()["well"]
    assert host.process.poll() is None
    assert len(told()) == 1
