"""Many rows in one statement: whatever stands in them comes back as it was."""

import pytest
from django.db import DatabaseError, connection

from lastwords.server import crowd

pytestmark = pytest.mark.both_databases

MADE = "INSERT INTO heartbeat (name, at) VALUES {rows} RETURNING name"
ODD = [
    *("'", "''); DROP TABLE heartbeat; --", '"', "\\", "\\'", "E'\\x41'"),
    *("%s", "%(at)s", "{rows}", "$1", "?", "\n\t", "ä ∞ 🕯", ""),
]


def kept(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """What is kept of rows, in their order."""
    made = [name for (name,) in crowd.changed(MADE, rows)]
    found = dict(crowd.find("SELECT name, at FROM heartbeat WHERE name IN ({names})", made))
    return [(name, found[name]) for name in made]


def test_odd_texts_and_numbers_at_their_ends_are_kept_as_they_are(house):
    rows = [(f"{at}{text}"[:32], (-1) ** at * (2**62 + at)) for at, text in enumerate(ODD)]
    assert kept(rows) == rows


def test_bytes_of_every_value_and_nothing_at_all_are_kept_as_they_are(house):
    house.person("iruka")
    every = bytes(range(256))
    statement = "WITH new (number, body, beside) AS (VALUES {rows}) SELECT number, body, beside FROM new"
    found = crowd.changed(statement, [(1, every, None), (2, b"", b"'")])
    assert [(number, bytes(body), beside and bytes(beside)) for number, body, beside in found] == [
        (1, every, None),
        (2, b"", b"'"),
    ]


def test_no_rows_ask_nothing(house):
    with connection.execute_wrapper(_nothing):
        assert crowd.changed(MADE, []) == []
        crowd.change(MADE, [])


def _nothing(*_: object) -> None:
    raise AssertionError("a statement was made")


@pytest.mark.only_on("postgresql")
def test_a_text_that_the_database_cannot_keep_is_refused_as_one(house):
    with pytest.raises(DatabaseError):
        crowd.change("INSERT INTO heartbeat (name, at) VALUES {rows}", [("a\x00b", 1)])


def unquoted(_connection: object, rows: list[tuple[object, ...]]) -> tuple[str, None]:
    """The planted fault: quotes where there should be the library's quoting."""
    return ",".join("(" + ",".join(f"'{value}'" for value in row) + ")" for row in rows), None


def test_a_quoting_of_our_own_is_found_out(house, monkeypatch):
    monkeypatch.setattr(crowd.databases, "values_of", unquoted)
    with pytest.raises(DatabaseError):
        kept([("it's", 1)])
