"""The clock that can be moved: only in a demonstration, with everything that really happens on the way."""

import dataclasses
import json

import pytest

from lastwords.protocol.moments import DAY, HOUR
from lastwords.protocol.stages import Stage


@pytest.fixture
def demo(house, circle, box):
    """A demonstration over the house's database: the hand-moved clock underneath, the demo's own above it."""
    from lastwords.server import clock, demo, settings

    chosen = dataclasses.replace(house.settings, demo=True, pulse=HOUR)
    settings._current.settings = chosen
    clock.use(clock.Clock(clock.Demo(house.source), HOUR))
    return demo


def test_days_pass_an_hour_at_a_time_with_a_pulse_each(demo, circle):
    moved = demo.move(2 * DAY + 1)
    assert (moved.steps, moved.earned, moved.why) == (49, 2 * DAY + 1, "")


def test_everything_that_is_due_happens_on_the_way(demo, circle, house, way):
    from lastwords.server import clock

    clock.use(clock.Clock(clock.Demo(house.source), 6 * HOUR))
    demo.move(31 * DAY)
    assert circle.read("iruka").stage is Stage.LATE
    demo.move(7 * DAY)
    assert circle.read("iruka").stage is Stage.VIGIL
    subjects = way.to("iruka@example.org")
    assert subjects[0].startswith("Your check-in is due on ")
    assert subjects[1].startswith("Second reminder: ") and subjects[2].startswith("Another reminder: ")
    assert way.to("anko@example.org") == ["Please check on Iruka (case 1)"]


def test_a_raw_jump_earns_nothing_and_moves_nothing(demo, circle, house):
    demo.move(HOUR)
    before = house.now()
    moved = demo.jump(40 * DAY)
    assert (moved.earned, moved.moved, moved.why) == (0, 0, "clocks_disagree")
    assert moved.wall == before.wall + 40 * DAY and moved.credit == before.credit
    assert circle.read("iruka").stage is Stage.WELL
    back = demo.jump(-40 * DAY)
    assert (back.earned, back.why, back.wall) == (0, "wall_backwards", before.wall)


def test_a_real_host_has_no_clock_that_can_be_moved(house, box):
    from lastwords.server import demo
    from lastwords.server.refusals import BadSettings

    with pytest.raises(BadSettings) as refused:
        demo.move(60)
    assert refused.value.happened and refused.value.do
    with pytest.raises(BadSettings):
        demo.jump(60)


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"seconds": "1"}', '{"seconds": 1, "jump": 1}', '{"hours": 1}', "7"]
)
def test_a_request_that_is_not_one_number_is_refused(demo, circle, body):
    from django.test import RequestFactory

    answer = demo.view(RequestFactory().post("/api/demo/clock", body, content_type="application/json"))
    assert answer.status_code == 400
    assert set(json.loads(answer.content)) == {"code", "happened", "do"}


@pytest.mark.parametrize("seconds", [0, -5, 10**12])
def test_the_clock_is_not_moved_back_or_for_ever(demo, circle, seconds):
    from django.test import RequestFactory

    answer = demo.view(
        RequestFactory().post("/x", json.dumps({"seconds": seconds}), content_type="application/json")
    )
    assert answer.status_code == 409


def test_a_safe_method_moves_nothing(demo, circle, house):
    from django.test import RequestFactory

    before = house.now()
    assert demo.view(RequestFactory().get("/api/demo/clock")).status_code == 405
    assert house.now() == before
