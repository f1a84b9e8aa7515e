"""A host on two PostgreSQL servers of which the second follows the first: the leader falls, the other takes its place.

Whole clusters that fail over by themselves, cut in two and under load, are `proof/cluster.py`'s; here is what one host
does.
"""

import threading

import pytest
from server.cluster import Cluster
from server.conftest import move_to, moved_to
from server.test_serve import wait_for

from lastwords.protocol.events import AddCredential

pytestmark = [pytest.mark.only_on("postgresql")]


class Pair:
    """A leader and its follower. While it `waits`, the leader acknowledges nothing that the follower has not kept."""

    def __init__(self, house, waits=True):
        self.house = house
        self.leader = Cluster(wal_level="replica", max_wal_senders="4", wal_receiver_timeout="0")
        self.follower = None
        try:
            self.name = move_to(self.leader, house)
            self.follower = Cluster(follows=self.leader, wal_level="replica", max_wal_senders="4")
            if waits:
                self.tell("ALTER SYSTEM SET synchronous_standby_names = '*'")
                self.tell("SELECT pg_reload_conf()")
                wait_for(self.is_waited_for, "the follower to be waited for")
            self.name_both()
        except BaseException:
            self.close()
            raise

    def tell(self, sql):
        return self.leader.tell(sql, role="postgres")

    def is_waited_for(self):
        return self.tell("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == [(1,)]

    def name_both(self):
        """The settings name both servers, the follower first."""
        from lastwords.server import settings

        both = (self.follower, self.leader)
        hosts, ports = (",".join(str(getattr(one, what)) for one in both) for what in ("folder", "port"))
        path = self.house.data / "settings.toml"
        named = f'database = "host={hosts} port={ports} user=lastwords dbname={self.name}"'
        lines = path.read_text().splitlines()
        path.write_text("\n".join(named if line.startswith("database =") else line for line in lines) + "\n")
        self.house.settings = settings.configure(self.house.data)

    def promote(self):
        self.follower.tell("SELECT pg_promote(true, 30)", role="postgres")

    def close(self):
        from django.db import connections

        connections.close_all()
        for one in (self.follower, self.leader):
            if one is not None:
                one.close()


@pytest.fixture
def pair(house, request, circle):
    made = Pair(house, *getattr(request, "param", ()))
    yield made
    made.close()


def add(circle, number):
    """One act, as a request does it: before and after it Django looks at its connection."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        circle.act("iruka", AddCredential("iruka", f"key-{number}", "device"))
    finally:
        close_old_connections()


def has(circle, number):
    return f"key-{number}" in {one.name for one in circle.read("iruka").credentials}


def refused(circle):
    """What a person is told of an act that could not be kept."""
    acknowledged, told = [], []
    attempt(circle, acknowledged, told)
    assert acknowledged == []
    return told[0]


def test_when_the_leader_falls_a_host_finds_the_other_by_itself_and_has_everything(pair, circle, box):
    from lastwords.server import databases, rounds, standstill

    for number in (0, 2, 3, 4):
        add(circle, number)
    pair.leader.kill()
    assert "not certain" in refused(circle)
    assert "not certain" in refused(circle), "nobody leads yet"
    with pytest.raises(Exception) as broken:
        rounds.run(pulse=False, heard=lambda: True)
    assert standstill.caused(broken.value, databases.was_cut_off), "rounds are tried again soon"
    pair.promote()
    add(circle, 6)
    rounds.run(pulse=False, heard=lambda: True)
    assert all(has(circle, number) for number in (0, 2, 3, 4, 6))


@pytest.mark.parametrize("pair", [(True,), (False,)], ids=["waits", "planted: does not wait"], indirect=True)
def test_nothing_acknowledged_is_lost_with_the_leader_and_a_lost_answer_is_never_called_kept_or_not_kept(
    pair, circle, request
):
    """The follower is away, so the leader waits with its answer; then it falls, and the follower takes its place."""
    from django.db import connections

    planted = "planted" in request.node.name
    assert bool(doctors_remedy(pair)) is planted, "the doctor tells a leader that acknowledges alone"
    pair.follower.kill()
    acknowledged, told = [], []
    acts = threading.Thread(target=lambda: attempt(circle, acknowledged, told))
    acts.start()
    if planted:
        acts.join()
    else:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        wait_for(lambda: pair.tell(waits) == [(1,)], "the commit to wait for the follower")
    pair.leader.kill()
    acts.join()
    pair.follower.start()
    pair.promote()
    connections.close_all()
    lost = [number for number in acknowledged if not has(circle, number)]
    assert lost == ([1] if planted else []), "a fault that nobody planted, or a planted one that nobody saw"
    if not planted:
        assert "not certain" in told[0] and not has(circle, 1)
        pair.leader.start()
        (state,) = pair.leader.tell("SELECT state FROM watch WHERE author = 'iruka'", pair.name)[0]
        assert "key-1" in str(state), "the one that fell had kept it: nobody could know"
        add(circle, 1)  # whoever is told so sends it again, and it is kept
        assert has(circle, 1)


def doctors_remedy(pair):
    from lastwords.server import databases

    said, remedy = databases.of(pair.house.settings).look()
    assert ("No other server" in said) is ("synchronous_mode" in remedy)
    return remedy


def attempt(circle, acknowledged, told):
    from django.db import DatabaseError, connections

    from lastwords.server.port_sql import refusal_of
    from lastwords.server.refusals import Unwritable

    try:
        add(circle, 1)
        acknowledged.append(1)
    except Unwritable as error:
        told.append(error.happened)
    except DatabaseError as error:
        told.append(refusal_of(error).happened)
    connections.close_all()


def test_a_host_goes_on_by_itself_once_its_only_server_is_started_again(house, circle):
    with moved_to(Cluster(), house) as own:
        add(circle, 3)
        own.kill()
        assert "not certain" in refused(circle)
        own.start()
        add(circle, 2)
        assert has(circle, 2) and has(circle, 3)
