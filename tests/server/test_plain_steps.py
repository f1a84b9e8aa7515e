"""Plain steps of many watches in one transaction: each is written whole where nobody came in between, or not at all."""

import threading
from dataclasses import replace

import pytest

from lastwords.server import log
from lastwords.server.port import Head, Mark, Paper, Write

pytestmark = pytest.mark.both_databases

AUTHORS = ("iruka", "mizuki", "anko")


@pytest.fixture
def port(house):
    """The database with a watch of each, and a counter that stands at five."""
    from lastwords.server.models import Counter
    from lastwords.server.port_sql import SqlPort

    port = SqlPort()
    for author in AUTHORS:
        Counter.objects.create(person=house.person(author), credential="phone-1", last=5)
        first = log.follow(log.beginning(log.author_log(author)), {"event": "begin"}, bytes(16))
        assert port.commit(Write(author, 0, "{}", 500, 100, (first,)))
    return port


def a_step(author, counter=6, **more):
    """What a check-in writes."""
    begun = log.follow(log.beginning(log.author_log(author)), {"event": "begin"}, bytes(16))
    entry = log.follow(Head(1, begun.link), {"event": "check_in", "by": "ä"}, b"0123456789abcdef")
    paper = Paper("check_in", "phone-1", b'{"signed": "\xff"}')
    plain = Write(author, 1, '{"said": "ä\\u001e"}', 500, 200, (entry,), (), (paper,), author)
    return replace(plain, looks_on=True, counter=("phone-1", counter), **more)


def found(author):
    """All that a plain step touches, as it is kept."""
    from lastwords.server import models

    watch = models.Watch.objects.values_list("state", "revision", "look_at", "head_number").get(author=author)
    rows = models.LogRow.objects.filter(watch_id=author).order_by("number")
    papers = models.Paper.objects.filter(watch_id=author)
    counter = models.Counter.objects.get(person_id=author).last
    return watch, [bytes(row.body) for row in rows][1:], [bytes(one.body) for one in papers], counter


def test_each_is_written_with_its_row_its_paper_and_its_counter(port):
    from lastwords.server import models

    steps = [a_step(author) for author in AUTHORS]
    assert port.commit_free(steps) == [True, True, True]
    for step in steps:
        (entry,), (paper,) = step.entries, step.papers
        assert found(step.author) == ((step.state, 2, 500, 2), [entry.body], [paper.body], 6)
        assert port.load(step.author).head == Head(2, entry.link)
        row = models.LogRow.objects.get(watch_id=step.author, number=2)
        assert [bytes(one) for one in (row.salt, row.commitment, row.link)] == [
            entry.salt,
            entry.commitment,
            entry.link,
        ]
        assert row.beside is None
        kept = models.Paper.objects.values("kind", "name", "by", "row", "made").get(watch_id=step.author)
        assert kept == {"kind": "check_in", "name": "phone-1", "by": step.author, "row": 2, "made": 200}


def test_a_place_in_the_queue_moves_with_the_step_and_only_if_it_was_written(port):
    steps = [replace(a_step(author), look_at=300, looks_on=False) for author in AUTHORS]
    assert port.commit_free([steps[0], replace(steps[1], revision=2), a_step("anko")]) == [True, False, True]
    assert [port.load(author).look_at for author in AUTHORS] == [300, 500, 500]


@pytest.mark.parametrize(
    "step",
    [
        a_step("mizuki", revision=2),
        a_step("mizuki", counter=5),
        replace(a_step("mizuki"), counter=("phone-2", 6)),
        replace(a_step("mizuki"), counter=None),
        replace(a_step("mizuki"), look_at=None),
        a_step("mizuki", marks=(Mark("a", "a", "failed", 1, None, 0, "", 1),)),
        a_step("nobody"),
    ],
    ids=["overtaken", "replayed", "no counter", "not counted", "no look", "a mark", "nobody"],
)
def test_one_that_does_not_stand_is_left_out_and_its_neighbours_are_written(port, step):
    before = found("mizuki")
    assert port.commit_free([a_step("iruka"), step, a_step("anko")]) == [True, False, True]
    assert found("mizuki") == before
    assert found("iruka")[3] == found("anko")[3] == 6


def test_one_that_was_set_aside_meanwhile_is_left_out(port):
    from lastwords.server.models import Watch

    Watch.objects.filter(author="mizuki").update(set_aside="a test sets it aside")
    before = found("mizuki")
    assert port.commit_free([a_step(author) for author in AUTHORS]) == [True, False, True]
    assert found("mizuki") == before


def test_another_step_that_made_the_same_revision_is_not_taken_for_this_one(port):
    other = replace(a_step("mizuki"), state="other", entries=(a_step("iruka").entries[0],))
    assert port.commit_free([other]) == [True]
    before = found("mizuki")
    assert port.commit_free([a_step("iruka"), a_step("mizuki", counter=7)]) == [True, False]
    assert found("mizuki") == before


def test_a_row_that_is_there_already_undoes_all_of_them(port):
    from lastwords.server.models import LogRow

    row = LogRow.objects.get(watch_id="mizuki")
    row.pk, row.number = None, 2
    row.save()
    before = [found(author) for author in AUTHORS]
    assert port.commit_free([a_step(author) for author in AUTHORS]) == [False, False, False]
    assert [found(author) for author in AUTHORS] == before


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("table", ["watch", "counter"])
def test_nobody_is_waited_for_who_holds_one_of_them(port, table):
    from django.db import connection, transaction

    held, over = threading.Event(), threading.Event()
    whose = {"watch": "author", "counter": "person_id"}[table]

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE {whose} = 'mizuki' FOR UPDATE")
            held.set()
            over.wait(60)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(60)
        before = found("mizuki")
        assert port.commit_free([a_step(author) for author in AUTHORS]) == [True, False, True]
        assert found("mizuki") == before and not over.is_set()
    finally:
        over.set()
        other.join()


@pytest.mark.only_on("postgresql")
def test_values_that_could_not_be_told_apart_are_not_written(port):
    before = found("iruka")
    with pytest.raises(ValueError, match="what stands between"):
        port.commit_free([a_step("iruka", state="one\x1etwo"), a_step("anko")])
    assert found("iruka") == before


def test_none_at_all_are_no_question(port):
    assert port.commit_free([]) == []
