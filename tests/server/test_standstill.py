"""When rounds fail nobody's silence counts, and the host is written to past the database, once a day."""

import os

import pytest
from django.db import DatabaseError, OperationalError

from lastwords.protocol.moments import DAY, MINUTE
from lastwords.server.credit import Reading

DAMAGED = DatabaseError("database disk image is malformed")
BUSY = OperationalError("database is locked")


def reading(second):
    return Reading(1_800_000_000 + second, 1_000 + second, "boot-1")


@pytest.fixture
def trouble(house, way):
    from lastwords.server.standstill import Standstill

    return lambda: Standstill(house.settings, way)


def away():
    import psycopg

    error = OperationalError("the connection is lost")
    error.__cause__ = psycopg.OperationalError("the connection is lost")
    return error


def cannot_be_read():
    import psycopg

    error = DatabaseError("invalid page in block 3 of relation base/5/16400")
    error.__cause__ = psycopg.errors.DataCorrupted("invalid page in block 3 of relation base/5/16400")
    return error


@pytest.mark.parametrize("error", [DAMAGED, cannot_be_read()], ids=["sqlite", "postgresql"])
def test_a_damaged_page_is_told_at_once_and_once_a_day_whatever_process_meets_it(trouble, way, error):
    for second in (0, 30, DAY - 1):
        trouble().met(error, reading(second))
    assert way.to("host@example.org") == ["A page of the database cannot be read"]
    trouble().met(error, reading(DAY))
    assert len(way.to("host@example.org")) == 2
    (body, _) = (" ".join(envelope.text.body.split()) for envelope, _ in way.sent)
    assert "restore the newest backup" in body and "no time counts for anybody" in body


def test_what_a_refusal_hides_is_found_beneath_it(trouble, way):
    from lastwords.server.refusals import Unwritable

    refused = Unwritable("The database could not be written.", "Look at it.")
    refused.__cause__ = DAMAGED
    trouble().met(refused, reading(0))
    assert way.to("host@example.org") == ["A page of the database cannot be read"]


def test_other_failures_are_told_after_ten_in_a_row(trouble, way):
    one = trouble()
    for second in range(9):
        one.met(BUSY, reading(second))
    assert way.sent == []
    one.over()
    for second in range(10):
        one.met(BUSY, reading(second))
    assert way.to("host@example.org") == ["The service cannot do its rounds"]
    assert "database is locked" in " ".join(way.sent[0][0].text.body.split())


def test_a_database_that_is_away_is_told_after_a_quarter_of_an_hour(trouble, way):
    one = trouble()
    for second in range(0, 15 * MINUTE, 4):
        one.met(away(), reading(second))
    assert way.sent == []
    one.met(away(), reading(15 * MINUTE))
    assert way.to("host@example.org") == ["The service cannot do its rounds"]


def test_a_letter_that_could_not_leave_is_tried_with_the_next_failure(trouble, way):
    way.broken = "the relay cannot be reached"
    trouble().met(DAMAGED, reading(0))
    way.broken = ""
    trouble().met(DAMAGED, reading(1))
    assert len(way.sent) == 1


def test_nobodys_silence_counts_until_a_round_has_gone_well_even_for_a_new_process(trouble):
    first = trouble()
    assert not first.stands
    first.met(BUSY, reading(0))
    assert first.stands and trouble().stands
    first.over()
    assert not first.stands and not trouble().stands


def test_that_it_was_told_is_known_on_a_folder_that_takes_nothing_more(trouble, way, house, monkeypatch):
    """Only the date of a file that is there has to be set."""
    one = trouble()

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(house.settings.failing), "write_bytes", full)
    for second in range(3):
        one.met(DAMAGED, reading(second))
    assert len(way.sent) == 1
    assert os.stat(house.settings.failing).st_mtime == reading(0).wall


@pytest.fixture
def damaged(circle, house):
    """A page of the watches' table is none any more; gives what makes it one again. There are thirty other watches."""
    import pysqlite3
    from django.db import connections
    from server.test_sweep import copies

    copies(circle, 30)
    connections.close_all()
    path = house.data / "lastwords.sqlite3"
    own = pysqlite3.connect(str(path))
    own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ((size,),) = own.execute("PRAGMA page_size").fetchall()
    own.close()
    whole = path.read_bytes()
    page = whole.find(b'"author":"author-005"') // size * size
    path.write_bytes(whole[:page] + b"\xff" * 12 + whole[page + 12 :])

    def mend():
        connections.close_all()
        path.write_bytes(path.read_bytes()[:page] + whole[page : page + 12] + path.read_bytes()[page + 12 :])

    return mend


@pytest.mark.only_on("sqlite")
def test_one_damaged_page_stops_the_rounds_counts_for_nobody_and_health_says_so(
    circle, house, box, way, trouble, damaged
):
    import json

    from django.test import RequestFactory

    from lastwords.server import health, rounds

    house.leap(27 * DAY)
    one = trouble()

    def a_round(second):
        house.source.move(60)
        before = house.now().credit
        try:
            rounds.run(pulse=True, heard=lambda: not one.stands)
            one.over()
        except Exception as error:
            one.met(error, reading(second))
        return house.now().credit - before

    assert a_round(0) == 60, "until it is met"
    assert [a_round(second) for second in (1, 2, 3)] == [0, 0, 0]
    assert way.to("host@example.org") == ["A page of the database cannot be read"]
    answer = health.view(RequestFactory().get("/health"))
    assert answer.status_code == 503
    assert json.loads(answer.content)["stopped"] == ["database"]
    assert circle.read("iruka").reminded is False
    damaged()
    assert a_round(4) == 0, "it has gone well, and the next one counts"
    assert a_round(5) == 60
    assert circle.read("iruka").reminded is True
