"""A disk that fails under PostgreSQL at a sync: nothing acknowledged is lost, and what could not be kept is refused."""

import pytest
from server.conftest import must_be_whole, name_in
from server.faults.server_disk import failing

pytestmark = [pytest.mark.slow, pytest.mark.only_on("postgresql"), pytest.mark.needs("command:cc")]

EVERY = 6
"""One sync of how many is tried here; the proof tries all."""


@pytest.fixture
def below(circle, house):
    with failing(house) as below:
        yield below


def test_a_sync_that_fails_under_postgresql_costs_nothing_that_was_acknowledged(house, below, figure):
    turned, started = below.syncs()
    for at in range(1, turned + 1, EVERY):
        below.fails_in_a_turn(at)
    for at in below.worth_a_start(started, 400)[::EVERY]:
        below.fails_in_a_start(at)
    assert below.lost() == []
    assert below.told.refused and below.told.failed > below.told.asked // 2
    must_be_whole(house)
    figure(
        f"EIO under PostgreSQL: {below.told.failed} syncs failed, {below.told.refused} refusals, 0 of "
        f"{len(below.told.kept)} lost"
    )


def test_a_server_that_does_not_wait_for_the_disk_acknowledges_what_is_lost(house, below):
    """The planted fault; a host refuses to start on such a server."""
    from django.db import connections

    below.own.tell(f"ALTER DATABASE {name_in(house.data)} SET synchronous_commit = off")
    connections.close_all()
    for at in range(1, EVERY):
        below.fails_in_a_turn(at)
    assert below.lost() != []
