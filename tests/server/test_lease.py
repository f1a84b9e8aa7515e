"""Who keeps time: one host at a time, for a minute after its last sign, and whoever lost it writes nothing more."""

import random

import pytest

from lastwords.protocol.moments import DAY

pytestmark = pytest.mark.both_databases


@pytest.fixture
def lease(house):
    from lastwords.server import lease

    return lease


def test_the_first_who_asks_keeps_time_until_a_minute_after_the_last_sign_of_them(lease):
    assert lease.hold("konoha", 1_000)
    assert not lease.hold("suna", 1_000)
    assert lease.hold("konoha", 1_050)
    assert not lease.hold("suna", 1_109)
    assert lease.hold("suna", 1_110)
    assert not lease.hold("konoha", 1_110)


def test_whoever_stops_in_order_lets_another_follow_at_once(lease):
    assert lease.hold("konoha", 1_000)
    lease.let_go("suna")
    assert not lease.hold("suna", 1_001)
    lease.let_go("konoha")
    assert lease.hold("suna", 1_001)


def test_a_lease_written_under_a_clock_that_was_years_ahead_does_not_stand_for_years(lease):
    assert lease.hold("konoha", 1_000 + 4_000 * DAY)
    assert lease.hold("suna", 1_000)


def test_whoever_slept_through_their_lease_finds_it_gone_when_they_act_on_it(lease):
    assert lease.hold("konoha", 1_000)
    with lease.fenced("konoha") as still:
        assert still
    assert lease.hold("suna", 2_000)
    with lease.fenced("konoha") as still:
        assert not still


def test_a_copied_folder_is_another_host(lease, house, tmp_path):
    import shutil

    from lastwords.server import settings

    here = lease.holder()
    assert lease.holder() == here
    shutil.copytree(house.data, tmp_path / "copy")
    settings.configure(tmp_path / "copy")
    assert lease.holder() != here
    settings.configure(house.data)
    house.source.boot_id = "boot-2"
    assert lease.holder() != here


def test_a_host_that_does_not_keep_time_sweeps_and_sends_and_makes_no_pulse(circle, house, box, way, lease):
    from lastwords.server import rounds
    from lastwords.server.models import Pulse

    now = house.leap(27 * DAY)
    assert lease.hold("another host", now.wall)
    before = Pulse.objects.get().wall
    house.source.move(30)
    done = rounds.run(pulse=True, heard=lambda: True)
    assert (done.earned, done.moved, done.accepted) == (0, 1, 1)
    assert Pulse.objects.get().wall == before
    assert {"sweep", "outbox", "mail"} <= set(box.port.beats())


def test_a_host_that_loses_its_lease_before_the_pulse_makes_none(house, box, lease):
    from lastwords.server import rounds

    def overtaken():
        house.source.move(90)
        assert lease.hold("another host", house.now().wall)
        return True

    rounds.run(pulse=True, heard=lambda: True)
    house.source.move(60)
    before = house.now().credit
    assert rounds.run(pulse=True, heard=overtaken).earned == 0
    assert house.now().credit == before


def an_hour_of_two_hosts(house, dice):
    """Two hosts do their rounds for an hour, each on its own machine; now and then one is away. Returns the credit."""
    from lastwords.server import clock, rounds

    away = {"boot-1": 0, "boot-2": 0}
    before, began = house.now().credit, house.source.wall
    while house.source.wall < began + 3_600:
        house.source.move(20)
        for boot in away:
            if dice.random() < 0.01:
                away[boot] = house.source.wall + dice.choice([30, 300])
            if away[boot] <= house.source.wall:
                house.source.boot_id = boot
                clock.use(clock.Clock(house.source, 60))
                rounds.run(pulse=True, heard=lambda: True)
    return house.now().credit - before


@pytest.mark.parametrize("seed", range(3))
def test_two_hosts_earn_together_what_one_would_and_never_more(house, box, seed):
    assert 2_000 < an_hour_of_two_hosts(house, random.Random(seed)) <= 3_600


def test_two_hosts_that_both_kept_time_would_earn_nothing(house, box, monkeypatch):
    """Each would find the other machine's boot in the last pulse: safe, and never coming to an end."""
    from lastwords.server import lease

    monkeypatch.setattr(lease, "hold", lambda who, wall: True)
    monkeypatch.setattr(lease, "fenced", lambda who: _always())
    assert an_hour_of_two_hosts(house, random.Random(0)) < 2_000


def _always():
    from contextlib import nullcontext

    return nullcontext(True)


def test_of_two_first_pulses_at_the_same_moment_one_stands(house):
    from django.db import IntegrityError, transaction

    from lastwords.server.clock import ONE
    from lastwords.server.models import Pulse

    with pytest.raises(IntegrityError), transaction.atomic():
        Pulse(id=ONE, wall=1, boot_time=1, boot_id="boot-2").save(force_insert=True)
    assert Pulse.objects.count() == 1


@pytest.mark.only_on("postgresql")
def test_hosts_on_postgresql_date_everything_by_the_databases_clock(house):
    from lastwords.server.clock import Machine, Reading, Shared

    class Elsewhere:
        def read(self):
            return Reading(1, 77, "boot-9")

    read = Shared(Elsewhere()).read()
    assert (read.boot_time, read.boot_id) == (77, "boot-9")
    assert abs(read.wall - Machine().read().wall) < 60
