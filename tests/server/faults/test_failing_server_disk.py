"""A disk that fails under PostgreSQL at a sync: nothing acknowledged is lost, and what could not be kept is refused."""

import shutil
import tempfile
from pathlib import Path

import pytest
from server.cluster import Cluster, memory
from server.conftest import moved_to, name_in
from server.faults.disk import a_disk
from server.test_serve import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.only_on("postgresql"), pytest.mark.needs("command:cc")]

ROUNDS = 4


@pytest.fixture
def failing(circle, house):
    """A house whose database lies on a server of its own, and the disk below that server."""
    folder = Path(tempfile.mkdtemp(prefix="lastwords-disk-"))
    folder.chmod(0o755)
    disk = a_disk(folder, (memory() or Path(tempfile.gettempdir())) / "lastwords-pg-")
    try:
        with moved_to(Cluster(disk.environment(), wal_writer_delay="10s"), house) as own:
            yield own, disk
    finally:
        shutil.rmtree(folder)


def acted(circle, name):
    """Whether it was acknowledged; the next act finds the connection made anew."""
    from django.db import DatabaseError, connections

    from lastwords.protocol.events import AddCredential
    from lastwords.server.refusals import ServerRefused

    try:
        circle.act("iruka", AddCredential("iruka", name, "device"))
    except (DatabaseError, ServerRefused):
        return False
    finally:
        connections.close_all()
    return True


def answers(own):
    import psycopg

    try:
        return own.tell("SELECT 1", role="postgres")
    except psycopg.Error:
        return False


def lived(own, disk, circle):
    """A sync fails in a commit, and one in a checkpoint, again and again. What was acknowledged, refused, and lost."""
    import psycopg

    acknowledged, refused = [], 0
    for number in range(ROUNDS):
        for moment in ("commit", "checkpoint"):
            name = f"{moment}-{number}"
            if acted(circle, f"before-{name}"):
                acknowledged.append(f"before-{name}")
            disk.fail_once()
            if moment == "checkpoint":
                with pytest.raises(psycopg.Error):
                    own.tell("CHECKPOINT", role="postgres")
            elif acted(circle, name):
                acknowledged.append(name)
            else:
                refused += 1
            wait_for(disk.has_failed, "the sync to fail")
            wait_for(lambda: answers(own), "PostgreSQL to have recovered")
    there = {credential.name for credential in circle.read("iruka").credentials}
    return acknowledged, refused, [name for name in acknowledged if name not in there]


def test_a_sync_that_fails_under_postgresql_costs_nothing_that_was_acknowledged(
    circle, house, failing, figure
):
    from lastwords.server import audit, checks

    acknowledged, refused, lost = lived(*failing, circle)
    assert lost == [] and refused == ROUNDS and len(acknowledged) == 2 * ROUNDS
    checks.check_database(house.settings)
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))
    assert not checks.find_restored_past(house.settings)
    figure(
        f"EIO under PostgreSQL: {2 * ROUNDS} syncs failed, {refused} acts refused, 0 of {len(acknowledged)} lost"
    )


def test_a_server_that_does_not_wait_for_the_disk_acknowledges_what_is_lost(circle, house, failing):
    """The planted fault; a host refuses to start on such a server."""
    from django.db import connections

    own, disk = failing
    own.tell(f"ALTER DATABASE {name_in(house.data)} SET synchronous_commit = off")
    connections.close_all()
    assert lived(own, disk, circle)[2] != []
