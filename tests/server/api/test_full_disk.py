"""Every route that changes something, while the database takes no write: a refusal in two parts, nothing changed."""

from collections import Counter

import pytest
from server.api.test_who_knows import AUTHORS, ask, routes
from server.api.world import Circle, sealed, sha256

pytestmark = pytest.mark.both_databases

READS = ("GET", "HEAD")
READS_BY_POST = {"POST /locked-keys", "POST /me/passkeys/asked", "POST /me/authenticator/asked"}
"""Routes that keep nothing, and so go on."""


BODY = sealed()


def stop_writing(full: bool) -> None:
    """The database refuses every write, or takes them again."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA query_only = {int(full)}")
        else:
            cursor.execute(f"SET default_transaction_read_only = {'on' if full else 'off'}")


def kept(circle: Circle) -> tuple[object, ...]:
    """What would show a change: every row of every table, and every file."""
    from django.apps import apps

    rows = [
        sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_models(include_auto_created=True)
    ]
    files = sorted(
        path.name for path in circle.house.data.rglob("*") if path.is_file() and "sqlite" not in path.name
    )
    return repr(rows), files


def everybody(circle: Circle):
    people = [circle.author, circle.keeper("sakura"), circle.keeper("guy"), circle.recipient]
    for person in people:
        assert person.sign_in().status == 201
    return people


def test_while_the_database_takes_no_write_every_route_refuses_in_two_parts_and_nothing_changes(
    circle, figure
):
    people = everybody(circle)
    circle.fall_silent()
    for person in people:
        person.away = False
        assert person.sign_in().status == 201
    before = kept(circle)
    stop_writing(True)
    try:
        told, went = Counter(), set()
        for method, path in sorted(routes()):
            if method in READS:
                continue
            for person in people:
                got = ask(person, method, path, AUTHORS)
                where = f"{method} {path} by {person.handle}: {got.status} {got.code}"
                assert got.status < 500 or (got.status, got.code) == (503, "unwritable"), where
                told[got.status] += 1
                if got.status < 400:
                    went.add(f"{method} {path}")
                else:
                    assert got["happened"] and got["do"], where
    finally:
        stop_writing(False)
    assert kept(circle) == before
    assert went == READS_BY_POST
    assert told[503] > 20
    figure(
        f"no write taken: {told[503]} of {told.total()} requests refused with 503, the rest before any write, 0 changed"
    )


def test_what_was_right_and_was_refused_is_taken_as_soon_as_the_database_takes_writes_again(circle):
    circle.fall_silent()
    keeper = circle.keeper("sakura")
    assert keeper.sign_in().status == 201 and circle.author.sign_in().status == 201
    for person in (keeper, circle.author):
        person.away = False
    statement, path = circle.statement(keeper), f"{circle.path}/case/statements"
    acts = (
        lambda: keeper.post(path, **statement),
        lambda: circle.author.piece(BODY, sha256(BODY), len(BODY), 0),
        lambda: circle.author.post(f"{circle.path}/invitations", role="keeper", id="5" * 32, name="Ebisu"),
    )
    for act in acts:
        before = kept(circle)
        stop_writing(True)
        refused = act()
        stop_writing(False)
        assert (refused.status, refused.code) == (503, "unwritable")
        assert kept(circle) == before
        assert act().status in (200, 201)
