"""Once a year an author is asked about words that they sealed: whether they are still right. Nothing follows."""

from collections.abc import Callable
from typing import Any

import pytest
from server.api.test_under_force import PLAIN, WORD, every_reading, look, marked, print_codes, speak, whole
from server.api.test_words import take_back
from server.api.world import Circle, models
from server.pages.test_safe import everything

from lastwords.protocol import events
from lastwords.protocol.health import YEAR
from lastwords.protocol.moments import DAY

pytestmark = pytest.mark.both_databases

TRACK = "died.naruto"


def live_on(circle: Circle, days: int) -> None:
    """The author checks in all the while."""
    whole, rest = divmod(days, 25)
    for some in (*[25] * whole, rest):
        circle.pass_time(some * DAY)
        assert circle.sign_of_life().status == 200


def asked(circle: Circle) -> list[dict[str, Any]]:
    found = circle.author.get(f"{circle.path}/health")["asked_again"]
    assert isinstance(found, list)
    return found


def leave(circle: Circle, track: str = TRACK) -> Any:
    return circle.author.post(f"{circle.path}/words/{track}/leave")


def sealed_at(track: str = TRACK) -> int:
    return int(models.Paper.objects.filter(kind="manifest", name=track).latest("id").made)


def test_words_are_asked_about_when_a_year_has_gone_by_since_the_host_took_them_in(circle: Circle) -> None:
    assert asked(circle) == []
    live_on(circle, 365)
    since = sealed_at()
    circle.house.leap(since + YEAR - circle.house.now().wall)
    assert asked(circle) == []
    circle.house.leap(1)
    assert asked(circle) == [{"track": TRACK, "recipient": "naruto", "sealed": since, "left": None}]


def test_words_that_were_left_as_they_are_are_asked_about_when_another_year_has_gone_by(
    circle: Circle,
) -> None:
    live_on(circle, 366)
    left = leave(circle)
    assert (left.status, left.body) == (200, {"track": TRACK, "left": circle.house.now().wall})
    assert asked(circle) == []
    live_on(circle, 365)
    assert asked(circle) == []
    live_on(circle, 1)
    assert asked(circle) == [
        {"track": TRACK, "recipient": "naruto", "sealed": sealed_at(), "left": left["left"]}
    ]
    assert leave(circle).status == 200 and asked(circle) == []
    assert models.LeftAsItIs.objects.count() == 1


def test_leaving_words_as_they_are_changes_nothing_else_whatever(circle: Circle) -> None:
    live_on(circle, 366)
    circle.author.get(circle.path)
    before = everything()
    assert leave(circle).status == 200
    assert {name for name, digest in everything().items() if digest != before[name]} == {"left_as_it_is"}


def test_words_that_are_sealed_anew_are_asked_about_a_year_after_that(circle: Circle) -> None:
    live_on(circle, 366)
    assert leave(circle).status == 200
    live_on(circle, 100)
    assert circle.seal().status == 201
    live_on(circle, 364)
    assert asked(circle) == []
    live_on(circle, 2)
    assert asked(circle) == [{"track": TRACK, "recipient": "naruto", "sealed": sealed_at(), "left": None}]


def test_words_that_were_taken_back_are_not_asked_about_and_cannot_be_left(circle: Circle) -> None:
    live_on(circle, 366)
    assert take_back(circle).status == 200
    assert asked(circle) == []
    assert leave(circle).code == "not_found"
    assert leave(circle, "died.sakura").code == "not_found"
    assert models.LeftAsItIs.objects.count() == 0


def test_words_taken_back_and_written_anew_are_new_words(circle: Circle) -> None:
    live_on(circle, 366)
    assert take_back(circle).status == 200
    assert circle.seal().status == 201
    assert asked(circle) == []


def test_each_of_the_words_is_asked_about_by_itself(circle: Circle) -> None:
    live_on(circle, 200)
    assert circle.seal("cannot act").status == 201
    live_on(circle, 166)
    assert [one["track"] for one in asked(circle)] == [TRACK]
    live_on(circle, 200)
    assert [one["track"] for one in asked(circle)] == ["cannot_act.naruto", TRACK]
    assert leave(circle).status == 200
    assert [one["track"] for one in asked(circle)] == ["cannot_act.naruto"]


def test_nothing_is_asked_under_a_hold_in_a_case_or_while_the_author_is_asked(circle: Circle) -> None:
    from lastwords.server import store

    live_on(circle, 366)
    store.act("kakashi", events.PlaceHold("sakura"))
    assert asked(circle) == []
    assert circle.sign_of_life().status == 200
    assert [one["track"] for one in asked(circle)] == [TRACK]
    store.act("kakashi", events.RaiseAlarm("sakura"))
    assert circle.watch.case_open and asked(circle) == []


def test_nothing_is_asked_while_a_check_in_is_missed(circle: Circle) -> None:
    live_on(circle, 366)
    circle.pass_time(circle.watch.plan.check_in_every)
    assert circle.watch.stage == "late" and asked(circle) == []


def test_while_a_word_under_force_stands_the_author_is_asked_the_same_and_answered_the_same(
    worlds: Callable[[str], Circle],
) -> None:
    def seen(circle: Circle, code: str) -> list[Any]:
        live_on(circle, 366)
        print_codes(circle)
        models.Feed.objects.create(person_id="kakashi", token="x", made=0)
        assert speak(circle, code).status == 200
        look(circle)
        assert [one["track"] for one in asked(circle)] == [TRACK]
        before = every_reading(circle)
        answer = whole(lambda: leave(circle))
        assert leave(circle).status == 200
        return [before, answer, every_reading(circle)]

    plain = seen(worlds("plain"), PLAIN)
    circle = worlds("force")
    assert seen(circle, WORD) == plain
    assert marked(circle)
