"""Sessions of the pages lie in the database by the hash of their key: reading it opens none of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from server.api.test_by_cookie import Page, a_page
from server.api.world import an_author, models
from server.conftest import House

COOKIE = "session"


def key_of(page: Page) -> str:
    """What this browser's cookie carries."""
    return str(page.client.cookies[COOKIE].value)


def with_key(page: Page, key: str) -> Page:
    """Another browser, in which somebody has put this key into the cookie."""
    other = Page(page.person, page.origin).load()
    other.client.cookies[COOKIE] = key
    return other


def rows() -> Iterator[Any]:
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    yield from Session.objects.all()
    yield from UserSession.objects.all()


def everything() -> str:
    """Every value of every table."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = []
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            found += [
                bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                for row in cursor.fetchall()
                for value in row
            ]
    return "\n".join(found)


@pytest.mark.both_databases
def test_no_table_holds_the_key_of_an_open_session(house: House) -> None:
    page = a_page(house, an_author())
    assert page.ask("GET", "/me").status == 200
    assert key_of(page) not in everything()
    assert all(one.session_key in everything() for one in rows()), "what stands there would be found"


@pytest.mark.both_databases
def test_nobody_comes_in_with_anything_that_stands_in_a_sessions_rows(house: House) -> None:
    page = a_page(house, an_author())
    tried = {str(value) for row in rows() for value in vars(row).values()}
    assert len({row.session_key for row in rows()} & tried) == 1
    assert {with_key(page, value).ask("GET", "/me").status for value in tried} == {401}
    assert with_key(page, key_of(page)).ask("GET", "/me").status == 200, "the key itself would let them in"


@pytest.mark.both_databases
def test_a_session_is_begun_listed_ended_and_cleaned_by_its_hash(house: House) -> None:
    author = an_author()
    one, other = a_page(house, author), a_page(house, author)
    assert [row["current"] for row in one.ask("GET", "/page-sessions").body] == [False, True]
    (theirs,) = [row["id"] for row in one.ask("GET", "/page-sessions").body if not row["current"]]
    assert one.ask("DELETE", f"/page-sessions/{theirs}").status == 200
    assert (other.ask("GET", "/me").status, one.ask("GET", "/me").status) == (401, 200)
    assert one.ask("DELETE", "/sessions/current").status == 200
    assert one.ask("GET", "/me").status == 401
    assert list(rows()) == []


@pytest.mark.both_databases
def test_signing_out_everywhere_leaves_no_row_behind(house: House) -> None:
    author = an_author()
    pages = [a_page(house, author) for _ in range(3)]
    assert pages[0].ask("DELETE", "/sessions")["ended"] == 4, "three pages, and the program that joined"
    assert {page.ask("GET", "/me").status for page in pages} == {401}
    assert list(rows()) == []


def test_a_session_that_ran_out_opens_nothing_and_goes_with_the_next_sign_in(house: House) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    author = an_author()
    old = a_page(house, author)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert old.ask("GET", "/me").status == 401
    new = a_page(house, author)
    assert len(list(rows())) == 2
    assert [row["current"] for row in new.ask("GET", "/page-sessions").body] == [True]


def test_a_key_that_a_browser_made_up_is_never_taken_for_a_new_session(house: House) -> None:
    """Or whoever puts one into somebody's browser beforehand would be signed in with them."""
    page = with_key(Page(an_author(), house.settings.origin), "planted-before-the-sign-in")
    assert page.sign_in().status == 201
    assert key_of(page) != "planted-before-the-sign-in"
    assert with_key(page, "planted-before-the-sign-in").ask("GET", "/me").status == 401


def test_a_session_from_before_keys_were_hashed_is_signed_out_once(house: House) -> None:
    """Its row has the key in clear; that opens nothing any more, for its person or for whoever has read it."""
    from django.contrib.sessions.models import Session

    author = an_author()
    page = a_page(house, author)
    Session.objects.update(session_key="abcdefghijklmnopqrstuvwxyz012345")
    old = with_key(page, "abcdefghijklmnopqrstuvwxyz012345")
    assert old.ask("GET", "/me").status == 401
    assert old.sign_in().status == 201
    assert old.ask("GET", "/me").status == 200


STEPS: dict[str, Callable[[Page], Any]] = {
    "signing in": lambda page: page.sign_in(),
    "reading": lambda page: page.ask("GET", "/me"),
    "writing": lambda page: page.post("/me/channels", kind="mail", address="a@example.org"),
    "the list of sessions": lambda page: page.ask("GET", "/page-sessions"),
    "signing out": lambda page: page.ask("DELETE", "/sessions/current"),
}


def asked(page: Page) -> dict[str, int]:
    """How often the database is asked in each of the steps."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for name, step in STEPS.items():
        with CaptureQueriesContext(connection) as queries:
            step(page)
        counts[name] = len(queries)
    return counts


@pytest.mark.both_databases
def test_hashing_keys_asks_the_database_nothing_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings
    from django.test import override_settings

    from lastwords.server import outbox

    monkeypatch.setattr(outbox, "write_channel_proof", lambda channel, number: None)
    author = an_author()
    ours = asked(Page(author, house.settings.origin).load())
    djangos = [
        "django.contrib.sessions.middleware.SessionMiddleware" if one.endswith(".Sessions") else one
        for one in settings.MIDDLEWARE
    ]
    for table in (models.Channel, models.Attempts):
        table.objects.all().delete()
    with override_settings(MIDDLEWARE=djangos, SESSION_ENGINE="django.contrib.sessions.backends.db"):
        theirs = asked(Page(author, house.settings.origin).load())
    # Django asks whether a new key is taken already; ours is too long to be.
    assert theirs == ours | {"signing in": ours["signing in"] + 1}
