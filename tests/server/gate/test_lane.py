"""Many at once: who is answered, what is kept, and what is told to come again."""

import json
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from server.api.test_full_disk import kept, stop_writing
from server.api.test_phones import APhone
from server.api.world import models
from server.gate.crowd import MANY, rows_of
from server.gate.knocking import a_press, ask, by_itself

pytestmark = pytest.mark.both_databases


def presses(house: Any, crowd: dict[str, APhone]) -> list[Any]:
    """A press of each, from as many places."""
    wall = house.now().wall
    asked = [a_press(name, phone.presses(wall, author=name)) for name, phone in crowd.items()]
    return [replace(one, headers={"x-forwarded-for": f"10.0.0.{at}"}) for at, one in enumerate(asked)]


def settled(groups: list[int]) -> Any:
    """The lane's own way, with the size of each group and how many of it were kept."""
    from lastwords.server.gate import group

    def settle(knocks: Any) -> list[Any]:
        answers = group.settle(knocks)
        groups.append(sum(isinstance(answer, dict) for answer in answers))
        return answers

    return settle


def test_a_crowd_is_kept_in_few_commits_and_each_is_answered_for_itself(house, crowd):
    from lastwords.server import audit

    house.leap(60)
    groups: list[int] = []
    answers = ask(presses(house, crowd), settle=settled(groups))
    assert [status for status, _, _ in answers] == [200] * MANY
    assert sum(groups) == MANY and len(groups) <= MANY // 2
    for name in crowd:
        assert rows_of(name)[-1]["event"] == "check_in"
        assert models.Paper.objects.filter(watch_id=name, kind="check_in").count() == 1
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))


def test_the_queue_of_looks_is_not_touched_by_a_check_in_in_the_lane(house, crowd):
    before = dict(models.Watch.objects.values_list("author", "look_at"))
    house.leap(3600)
    ask(presses(house, crowd))
    assert dict(models.Watch.objects.values_list("author", "look_at")) == before


def test_one_press_that_comes_many_times_at_once_is_counted_once(house, crowd):
    name, phone = next(iter(crowd.items()))
    press = a_press(name, phone.presses(house.now().wall, author=name))
    answers = ask([press] * 6)
    assert sorted(status for status, _, _ in answers) == [200, *[409] * 5]
    assert models.Paper.objects.filter(watch_id=name).count() == 1


def test_one_that_cannot_be_judged_does_not_spoil_its_neighbours(house, crowd):
    names = list(crowd)
    models.Watch.objects.filter(author=names[3]).update(state='{"form":"1"}')
    models.Watch.objects.filter(author=names[5]).update(set_aside="a test sets it aside")
    answers = ask(presses(house, crowd))
    spoilt = {name for name, (status, _, _) in zip(names, answers, strict=True) if status != 200}
    assert spoilt == {names[3], names[5]}


def test_one_that_the_database_refuses_does_not_spoil_its_neighbours(house, crowd):
    """A row under a number that is there already: the whole group is undone, and everybody goes on alone."""
    names, groups = list(crowd), []
    row = models.LogRow.objects.filter(watch_id=names[2]).order_by("-number").first()
    row.pk, row.number = None, row.number + 1
    row.save()
    answers = ask(presses(house, crowd), settle=settled(groups))
    assert [name for name, (status, _, _) in zip(names, answers, strict=True) if status != 200] == [names[2]]
    assert 0 in groups


def test_while_the_database_takes_no_write_everyone_is_refused_and_nothing_is_changed(house, crowd):
    from lastwords.server.gate import group

    here = SimpleNamespace(house=house)
    asked = presses(house, crowd)
    before = kept(here)

    def full(knocks: Any) -> list[Any]:
        stop_writing(True)
        try:
            return group.settle(knocks)
        finally:
            stop_writing(False)

    # On the thread of the lane alone: nothing can be written, so each goes on, and is taken by the API.
    answers = ask(asked, settle=full)
    assert {status for status, _, _ in answers} == {200}
    assert kept(here) != before

    # On every thread: each is refused in two parts, and is taken when it comes again.
    again = presses(house, crowd)
    before = kept(here)
    refused = ask(again, settle=full, pages=refusing_writes())
    assert {(status, json.loads(body)["code"]) for status, _, body in refused} == {(503, "unwritable")}
    assert kept(here) == before
    assert {status for status, _, _ in ask(again)} == {200}


def refusing_writes() -> Any:
    """The pages, on threads whose database takes no write."""
    from lastwords.server.wsgi import application

    def pages(environ: Any, start: Any) -> Any:
        if "wsgi.errors" not in environ:
            return application(environ, start)  # the gate's own first question
        stop_writing(True)
        try:
            return application(environ, start)
        finally:
            stop_writing(False)

    return pages


# Bounds.


def test_when_every_place_is_taken_the_next_is_told_to_come_again_and_nothing_is_lost(house, crowd):
    """The lane stands still until some were told to come again, however many it had taken up by then."""
    from lastwords.server.gate import group

    asked, moving = presses(house, crowd), threading.Event()

    def stuck(knocks: Any) -> list[Any]:
        moving.wait(30)
        return group.settle(knocks)

    answers = ask(asked, settle=stuck, places=2, refused=lambda count: count >= MANY - 4 and moving.set())
    told = [status for status, _, _ in answers]
    assert set(told) == {200, 503} and told.count(503) >= MANY - 4
    for status, headers, body in answers:
        if status == 503:
            assert headers["retry-after"] == "1"
            assert json.loads(body)["code"] == "busy"
    taken = models.Paper.objects.filter(kind="check_in").count()
    assert taken == told.count(200), "whoever was told to come again was not counted"
    late = [one for one, status in zip(asked, told, strict=True) if status == 503]
    assert {status for status, _, _ in ask(late)} == {200}


def knock(author: str) -> Any:
    """A check-in that nobody reads."""
    from lastwords.server.gate.knocks import Knock

    return Knock(author, "")


def is_bounded(lane: Any) -> bool:
    """Whether a flood from one address takes its share and no more, and all together no more than all places."""
    from lastwords.server.gate.lane import SHARE, Waiting

    def taken(senders: list[str]) -> int:
        asked = [Waiting(knock(f"author-{at}"), one, print) for at, one in enumerate(senders)]
        return sum(map(lane.offer, asked))

    one = taken(["flood"] * 3 * lane.places)
    rest = taken([f"sender-{at}" for at in range(3 * lane.places)])
    return one == lane.places // SHARE and one + rest == lane.places


def test_the_lane_is_bounded_for_one_sender_and_for_all_and_one_that_is_not_is_found_out():
    from lastwords.server.gate.lane import Lane

    class Endless(Lane):
        def offer(self, waiting: Any) -> bool:
            self._waiting.append(waiting)
            return True

    assert is_bounded(Lane(lambda _: None, places=8, settle=by_itself))
    assert not is_bounded(Endless(lambda _: None, places=8, settle=by_itself))


def test_the_lane_waits_a_moment_for_as_many_as_there_were_and_for_nobody_who_comes_alone():
    from lastwords.server.gate.lane import PART, Lane, Waiting

    clock = SimpleNamespace(now=100.0)
    lane = Lane(lambda _: None, settle=by_itself, clock=lambda: clock.now)
    come = iter([Waiting(knock(f"author-{at}"), f"sender-{at}", print) for at in range(9)])
    assert lane.rest() is None, "nobody is here"
    lane.offer(next(come))
    assert lane.rest() == 0, "whoever is the first of all is written at once"
    lane.expect(answered=2, took=5.0)
    assert lane.rest() == pytest.approx(5.0 / PART), "two were answered, and one was here: three are expected"
    lane.offer(next(come))
    clock.now += 0.1
    assert lane.rest() == pytest.approx(5.0 / PART - 0.1)
    lane.offer(next(come))
    assert lane.rest() == 0, "all are here"
    lane.expect(answered=4, took=5.0)
    clock.now += 5.0
    assert lane.rest() == 0, "nobody else came in time"


def test_a_lane_that_is_closed_writes_what_waits_and_takes_nothing_more():
    from lastwords.server.gate.lane import Lane, Waiting

    told: list[Any] = []
    lane = Lane(told.extend, settle=by_itself)
    waiting = Waiting(knock("iruka"), "here", print)
    assert lane.offer(waiting)
    lane.start()
    lane.close()
    assert told == [(waiting, None)]
    assert not lane.offer(waiting)


def test_the_connection_is_looked_at_again_after_a_rest_and_after_whatever_was_not_kept():
    from lastwords.server.gate.lane import LOOK_AFTER, Lane, Waiting

    clock, looks, answers = SimpleNamespace(now=100.0), [], [{}]
    lane = Lane(
        print,
        settle=lambda knocks: list(answers),
        clock=lambda: clock.now,
        look=lambda: looks.append(clock.now),
    )

    def one() -> int:
        lane._answers([Waiting(knock("iruka"), "here", print)])
        return len(looks)

    assert (one(), one()) == (1, 1), "a group was kept over it at this very moment"
    clock.now += LOOK_AFTER
    answers[:] = [None]
    assert one() == 2, "it had rested"
    assert one() == 3, "the group before was not kept"
    answers[:] = [{}]
    assert (one(), one()) == (4, 4)
