"""Rounds: what the host hears of the clock and the way out, and what a watcher outside can see."""

import json

import pytest

from lastwords.protocol.moments import DAY, MINUTE
from lastwords.protocol.stages import Stage
from lastwords.signing import canonical

pytestmark = pytest.mark.both_databases


@pytest.fixture
def rounds(box):
    from lastwords.server import rounds

    return rounds


def host_rows():
    from lastwords.server.models import HostRow

    rows = [canonical.decode(bytes(row.body)) for row in HostRow.objects.order_by("number")]
    return [row for row in rows if row["kind"] != "checkpoint"]


def a_round(rounds, house, seconds=60, heard=True):
    house.source.move(seconds)
    return rounds.run(pulse=True, heard=lambda: heard, report=True)


def test_a_good_round_earns_credit_and_leaves_heartbeats(rounds, house, box):
    done = a_round(rounds, house)
    assert (done.earned, done.why, done.no_way_out) == (60, "", "")
    assert {"sweep", "outbox", "mail"} <= set(box.port.beats())


def test_no_credit_grows_while_letters_cannot_leave_and_the_log_says_when_it_began_and_ended(
    rounds, house, way
):
    a_round(rounds, house)
    way.broken = "the relay cannot be reached"
    assert [a_round(rounds, house).earned for _ in range(3)] == [0, 0, 0]
    way.broken = ""
    assert a_round(rounds, house).earned == 60
    kinds = [(row["kind"], row["why"]) for row in host_rows()]
    assert kinds[-2:] == [("no_credit", "no_way_out"), ("credit_again", "no_way_out")]
    assert host_rows()[-2]["detail"] == "the relay cannot be reached"


def test_no_credit_grows_while_nobody_could_be_heard(rounds, house):
    assert a_round(rounds, house, heard=False).why == "not_reachable"


def test_a_jumped_clock_earns_nothing_moves_nothing_and_the_host_is_written_to(rounds, house, circle, way):
    house.source.wall += 40 * DAY
    done = a_round(rounds, house)
    assert (done.earned, done.why, done.moved) == (0, "clocks_disagree", 0)
    assert circle.read("iruka").stage is Stage.WELL
    assert way.to("host@example.org") == ["The clock of the service was doubted"]
    assert host_rows()[-1]["why"] == "clocks_disagree"


@pytest.mark.parametrize("days", [-4_383, -40, -1, 1, 40, 365, 4_383])
@pytest.mark.parametrize("stage", ["well", "late", "vigil"])
def test_whatever_the_wall_clock_does_in_whatever_stage_nothing_is_due_sooner(
    rounds, house, circle, way, days, stage
):
    steps = {"well": [], "late": [27, 3], "vigil": [27, 3, 7]}[stage]
    for gone in steps:
        house.leap(gone * DAY)
        rounds.run(pulse=True, heard=lambda: True)
    before = circle.read("iruka")
    assert before.stage == stage
    house.source.wall += days * DAY
    for _ in range(5):
        a_round(rounds, house)
    after = circle.read("iruka")
    assert (after.stage, [track.stage for track in after.tracks]) == (
        stage,
        [track.stage for track in before.tracks],
    )


def test_an_hour_in_which_the_clock_was_twelve_years_ahead_holds_no_watch_and_no_letter_for_years(
    rounds, house, circle, way
):
    """What was dated meanwhile is looked at again once the clock is right, and the daily work goes on."""
    from lastwords.server.models import Heartbeat, Letter, Watch

    way.script["host@example.org"] = ["later", "later", "accepted"]
    house.leap(25 * DAY)
    house.source.wall += 12 * 365 * DAY
    for _ in range(3):
        a_round(rounds, house)
    assert Watch.objects.get().look_at > house.source.wall and Letter.objects.filter(next_try__isnull=False)
    house.source.wall -= 12 * 365 * DAY
    assert a_round(rounds, house).why == "wall_backwards"
    for _ in range(2):
        house.leap(DAY)
        a_round(rounds, house)
    assert "The clock of the service was doubted" in way.to("host@example.org")
    for days in (1, 2):
        house.leap(days * DAY)
        a_round(rounds, house)
    assert circle.read("iruka").stage is Stage.LATE
    assert {beat.name for beat in Heartbeat.objects.filter(at__gt=house.source.wall)} == set()


def test_a_clock_that_jumps_between_two_pulses_is_judged_in_the_next_round(rounds, house, circle):
    a_round(rounds, house)
    house.source.wall += 40 * DAY
    done = rounds.run(pulse=False, heard=lambda: True)
    assert (done.pulsed, done.why, done.moved) == (True, "clocks_disagree", 0)
    assert not rounds.run(pulse=False, heard=lambda: True).pulsed


def test_a_clock_that_jumps_ahead_gives_no_letter_up(rounds, house, circle, way):
    from lastwords.server.models import Letter

    way.script["iruka@example.org"] = ["refused"]
    house.leap(27 * DAY)
    a_round(rounds, house)
    house.source.wall += 365 * DAY
    a_round(rounds, house)
    assert set(Letter.objects.filter(to="iruka").values_list("stage", flat=True)) == {"failed"}
    assert not Letter.objects.filter(to="iruka", next_try__isnull=True).exists()


def test_a_stall_of_thirty_days_is_told_to_host_and_keepers_once(rounds, house, circle, way):
    from lastwords.server.models import Letter

    way.broken = "the relay cannot be reached"
    for _ in range(32):
        a_round(rounds, house, DAY - 1)
    told = Letter.objects.filter(kind="credit_stalled")
    # Thirty days of gaps: a pulse a day is no service either.
    assert sorted(letter.to for letter in told) == ["anko", "asuma", "gai", "host", "ibiki", "kurenai"]
    assert [row["kind"] for row in host_rows()].count("credit_stalled") == 1


def test_the_health_file_and_the_health_page_say_the_same_and_name_nobody(rounds, house, circle):
    from django.test import RequestFactory

    from lastwords.server import health

    a_round(rounds, house)
    shown = json.loads(health.view(RequestFactory().get("/health")).content)
    kept = json.loads(house.settings.health.read_text())
    assert shown["well"] and kept["well"] and shown["log"] == kept["log"]
    assert "iruka" not in json.dumps(shown).lower()


def test_health_shows_the_sweeps_own_heartbeat_and_not_the_web_servers(rounds, house):
    from django.test import RequestFactory

    from lastwords.server import health

    a_round(rounds, house)
    house.source.move(6 * 60)
    answer = health.view(RequestFactory().get("/health"))
    state = json.loads(answer.content)
    assert answer.status_code == 503
    assert state["stopped"] == ["sweep", "outbox", "mail"] and state["ages"]["sweep"] == 360


def test_a_sign_left_by_a_clock_that_was_ahead_is_no_sign_of_now(rounds, house):
    from lastwords.server import health

    a_round(rounds, house)
    house.source.move(-DAY)
    assert health.report()["stopped"] == ["sweep", "outbox", "mail"]


def test_asking_for_health_by_anything_but_a_safe_method_is_refused(rounds, house):
    from django.test import RequestFactory

    from lastwords.server import health

    assert health.view(RequestFactory().post("/health")).status_code == 405


def test_once_a_day_the_heads_go_into_the_hosts_log(rounds, house, circle):
    from lastwords.server.models import HostRow

    def checkpoints():
        rows = [canonical.decode(bytes(row.body)) for row in HostRow.objects.all()]
        return [row["heads"] for row in rows if row["kind"] == "checkpoint"]

    a_round(rounds, house)
    a_round(rounds, house)
    assert len(checkpoints()) == 1
    assert checkpoints()[0][0][0] == "iruka"


def test_a_log_that_is_not_whole_is_told_to_the_host_within_a_day(rounds, house, circle, way):
    from lastwords.server.models import LogRow

    a_round(rounds, house)
    LogRow.objects.filter(number=3).update(salt=b"x" * 16)
    a_round(rounds, house)
    assert way.to("host@example.org") == []
    house.leap(DAY)
    a_round(rounds, house)
    a_round(rounds, house)
    assert way.to("host@example.org") == ["A log on the server is not whole"]
    assert [row["fault"] for row in host_rows() if row["kind"] == "log_not_whole"] == [
        "row 3 is not what was committed to"
    ]


def test_of_very_many_rows_every_one_is_walked_within_eight_days(rounds, house, circle, way, monkeypatch):
    from lastwords.server import audit
    from lastwords.server.models import LogRow

    monkeypatch.setattr(audit, "MANY", LogRow.objects.count() - 1)
    a_round(rounds, house)
    LogRow.objects.filter(number=3).update(salt=b"x" * 16)
    days = 0
    while not way.to("host@example.org"):
        days += 1
        assert days <= audit.PARTS
        today = house.now().wall // DAY + 1
        house.leap(DAY)
        a_round(rounds, house)
        a_round(rounds, house)
    assert today % audit.PARTS == audit.part_of("iruka"), "not before its day"


@pytest.mark.parametrize("facts", ['{"asked":', "[]", '{"by": 1e300, "released": "soon"}'])
def test_a_letter_whose_facts_are_damaged_holds_up_no_other_and_the_host_is_told(
    rounds, house, circle, way, facts
):
    from lastwords.server import clock
    from lastwords.server.models import Letter

    house.leap(27 * DAY)
    circle.here().look("iruka", clock.now())
    damaged = Letter.objects.filter(to="iruka", kind="check_in_due").update(facts=facts)
    assert damaged == 1
    a_round(rounds, house)
    house.leap(10 * MINUTE)
    a_round(rounds, house)
    assert way.to("iruka@example.org") == []
    assert way.to("host@example.org") == ["A letter to Iruka was given up"]
    assert "letter_given_up" in [row["kind"] for row in host_rows()]
    house.leap(3 * DAY)
    a_round(rounds, house)
    assert way.to("iruka@example.org") != []
