"""Credit: what a pulse earns, and that nothing doubtful earns anything."""

import pytest

from lastwords.server import credit

pytestmark = pytest.mark.both_databases


@pytest.fixture
def clock(house):
    from lastwords.server import clock

    return clock


def reading(wall, boot_time, boot_id="boot-1"):
    return credit.Reading(wall, boot_time, boot_id)


CASES = [
    # wall elapsed, boot-time elapsed, way out, heard, credit, why
    (60, 60, True, True, 60, ""),
    (61, 60, True, True, 60, ""),
    (60, 61, True, True, 60, ""),
    (90, 90, True, True, 90, ""),
    (91, 91, True, True, 0, "gap"),
    (60, 60, False, True, 0, "no_way_out"),
    (60, 60, True, False, 0, "not_reachable"),
    (-1, 60, True, True, 0, "wall_backwards"),
    (0, 0, True, True, 0, ""),
    (86_400, 86_400, True, True, 0, "gap"),
]
JUMPS = [1, 59, 3_600, 86_400, 40 * 86_400, 12 * 365 * 86_400]


@pytest.mark.parametrize(("wall", "boot_time", "way_out", "heard", "earned", "why"), CASES)
def test_a_pulse_earns_what_both_clocks_ran_and_nothing_when_in_doubt(
    wall, boot_time, way_out, heard, earned, why
):
    last = reading(1_000_000, 5_000)
    now = reading(1_000_000 + wall, 5_000 + boot_time)
    assert credit.earn(last, now, 60, way_out=way_out, heard=heard) == credit.Earned(earned, why)


def most_earned(earn):
    """The most credit that any jump of the wall clock brought beyond the time that really passed."""
    most = 0
    for jump in [sign * size for size in JUMPS for sign in (1, -1)]:
        for elapsed in (0, 30, 60):
            last = reading(1_000_000_000, 5_000)
            now = reading(1_000_000_000 + elapsed + jump, 5_000 + elapsed)
            most = max(most, earn(last, now, 60, way_out=True, heard=True).credit - elapsed)
    return most


def test_a_clock_that_trusts_the_wall_would_be_found_out():
    def by_wall(last, now, interval, *, way_out, heard):
        return credit.Earned(max(0, now.wall - last.wall), "")

    def without_a_limit(last, now, interval, *, way_out, heard):
        return credit.Earned(max(0, max(now.wall - last.wall, now.boot_time - last.boot_time)), "")

    assert most_earned(credit.earn) == 0
    assert most_earned(by_wall) > 0
    assert most_earned(without_a_limit) > 0


@pytest.mark.parametrize("jump", [sign * size for size in JUMPS for sign in (1, -1)])
@pytest.mark.parametrize("elapsed", [0, 30, 60])
def test_no_jump_of_the_wall_clock_earns_more_than_the_time_that_really_passed(jump, elapsed):
    last = reading(1_000_000_000, 5_000)
    now = reading(1_000_000_000 + elapsed + jump, 5_000 + elapsed)
    assert credit.earn(last, now, 60, way_out=True, heard=True).credit <= elapsed


def test_a_restarted_machine_earns_nothing_for_the_time_in_between():
    last = reading(1_000_000, 5_000)
    now = reading(1_000_060, 40, boot_id="boot-2")
    assert credit.earn(last, now, 60, way_out=True, heard=True).why == "machine_restarted"


def test_credit_stands_between_pulses_and_grows_with_them(clock, house):
    house.source.move(60)
    assert house.now() == (house.source.wall, 0)
    clock.here().pulse(way_out=True, heard=True)
    assert house.now() == (house.source.wall, 60)


def test_credit_never_falls_whatever_the_wall_does(clock, house):
    house.live(600)
    before = house.now().credit
    house.source.wall -= 10_000_000
    clock.here().pulse(way_out=True, heard=True)
    assert house.now().credit == before
    house.live(60)
    assert house.now().credit == before + 60


def test_a_stall_of_thirty_days_is_found_once_and_forgotten_when_credit_grows(clock, house):
    found = []
    for _ in range(32):
        house.source.move(86_400)
        found.append(clock.here().pulse(way_out=False, heard=True).stall_found)
    assert found.count(True) == 1 and found.index(True) == 29
    house.live(60)
    from lastwords.server.models import Pulse

    row = Pulse.objects.get()
    assert (row.stalled, row.stall_told) == (0, False)


def test_one_jump_of_forty_days_is_not_a_stall(clock, house):
    house.source.wall += 40 * 86_400
    pulsed = clock.here().pulse(way_out=True, heard=True)
    assert (pulsed.earned.why, pulsed.stall_found, pulsed.stalled) == ("clocks_disagree", False, 0)


def test_the_machines_own_clocks_run_and_name_their_boot(clock):
    first = clock.Machine().read()
    second = clock.Machine().read()
    assert second.wall >= first.wall and second.boot_time >= first.boot_time
    assert first.boot_id and first.boot_id == second.boot_id
