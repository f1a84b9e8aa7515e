"""Bytes of PostgreSQL's own files, changed one at a time: its checksums find them, and nothing is read as sound."""

import random
import signal

import pytest
from server.cluster import PATIENCE, Cluster
from server.conftest import moved_to, name_in

pytestmark = [pytest.mark.slow, pytest.mark.only_on("postgresql")]

PAGE, ROUNDS = 8_192, 4
ELSEWHERE = ("mail", "disk", "backup", "proven restore")
TABLES = ("watch", "log_row", "host_row", "paper", "letter", "person")


@pytest.fixture
def own_server(circle, house):
    """A house whose database lies on a server of its own, stopped and started around every flip."""
    with moved_to(Cluster(), house) as own:
        yield own


def files_of(here, name):
    """The file of each table that holds anything, below the cluster's folder."""
    found = {}
    for table in TABLES:
        ((path, pages),) = here.tell(
            f"SELECT pg_relation_filepath('{table}'), pg_relation_size('{table}') / {PAGE}", name, "postgres"
        )
        if pages:
            found[table] = (path, int(pages))
    return found


def stopped(here):
    """In order, so that no log is left that would be written over what is changed."""
    here.process.send_signal(signal.SIGINT)
    here.process.wait(PATIENCE)
    here.process = None


def flipped(here, path, place, mask):
    file = f"{here.data}/{path}"
    with open(file, "r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)
        opened.seek(place)
        opened.write(bytes([byte[0] ^ mask]))


def what_is_said(here, name, table):
    """Reads every row; the error of the server, or nothing."""
    import psycopg

    try:
        here.tell(f"SELECT * FROM {table}", name, "postgres")
    except (psycopg.Error, ValueError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("checksums", [True, False], ids=["with checksums", "without"])
def test_a_flipped_byte_in_a_page_is_refused_by_the_server_and_reported_by_the_doctor(
    circle, house, own_server, figure, checksums
):
    """Without its checksums, the planted fault, the same server reads changed pages as if they were sound."""
    from django.db import connections

    from lastwords.server import doctor

    def wrong():
        """What the doctor finds wrong with this host, but for what this machine cannot give it."""
        return [one.name for one in doctor.examine(house.data) if not one.well and one.name not in ELSEWHERE]

    house.settings.begun.write_text("real\n")
    assert wrong() == []
    name, dice = name_in(house.data), random.Random(5)
    files = files_of(own_server, name)
    assert set(files) >= {"watch", "log_row", "person"}
    connections.close_all()
    stopped(own_server)
    if not checksums:
        own_server.run([own_server.tool("pg_checksums"), "--disable", "-D", own_server.data])
    silent, reported = [], 0
    for _ in range(ROUNDS):
        changed = [
            (
                table,
                path,
                dice.randrange(pages) * PAGE + dice.randrange(PAGE - 2_000, PAGE),
                1 << dice.randrange(8),
            )
            for table, (path, pages) in files.items()
        ]
        for _, *where in changed:
            flipped(own_server, *where)
        own_server.start()
        silent += [
            table for table, *_ in changed if "invalid page" not in what_is_said(own_server, name, table)
        ]
        reported += wrong() != []
        connections.close_all()
        stopped(own_server)
        for _, *where in changed:
            flipped(own_server, *where)
    if checksums:
        assert silent == [] and reported == ROUNDS
        flips = ROUNDS * len(files)
        figure(
            f"{flips} flipped bytes in pages of PostgreSQL: every one refused when it is read, 0 read as sound"
        )
    else:
        assert silent
