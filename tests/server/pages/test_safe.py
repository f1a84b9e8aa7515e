"""Safe methods change nothing (I6): the whole database is the same before and after every page was looked at."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from server.api.world import Circle, models
from server.pages.conftest import Visitor

PARTS = {
    "author": "kakashi",
    "track": "died.naruto",
    "address": "died.naruto",
    "token": "not-a-token",
    "credential": "phone-1",
    "passkey_id": "1",
    "channel_id": "1",
    "session_id": "1",
    "locked_key_id": "1",
    "asking_id": "1",
    "keeper": "sakura",
    "handle": "sakura",
    "recipient": "naruto",
    "number": "1",
    "case": "1",
    "ident": "0" * 32,
    "key": "x",
    "name": "x",
}
"""What stands for each variable part of an address."""

AHEAD = [
    {},
    {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
    {"HTTP_PURPOSE": "prefetch", "HTTP_X_MOZ": "prefetch"},
]
"""How a browser or a mail program looks ahead of its person."""


def addresses(**parts: str) -> list[str]:
    """Every address of the pages, found where they are served. `parts` are of other people than those above."""
    from django.urls import URLResolver

    from lastwords.server.pages import urls

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for one in patterns:
            here = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, here)
            else:
                yield here

    found = []
    for pattern in walk(urls.urlpatterns, "/"):
        address = pattern
        for part in [piece.partition(">")[0] for piece in pattern.split("<")[1:]]:
            address = address.replace(f"<{part}>", (PARTS | parts)[part.rpartition(":")[2]])
        found.append(address.replace("^", "").replace("$", "").replace("\\Z", ""))
    return found


def everything() -> dict[str, str]:
    """A digest of every table of the database, by its name."""
    from django.apps import apps

    found = {}
    for model in apps.get_models():
        rows = [str(row) for row in model._default_manager.order_by("pk").values_list()]
        found[model._meta.db_table] = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    return found


def look_at_everything(visitor: Visitor) -> int:
    asked = 0
    for address in addresses():
        for ahead in AHEAD:
            for method in (visitor.client.get, visitor.client.head):
                assert method(address, **ahead).status_code in (200, 302, 404, 405), address
                asked += 1
    return asked


@pytest.mark.parametrize("who", ["kakashi", "sakura", "naruto", "host", ""])
def test_looking_at_every_page_changes_nothing_in_the_whole_database(circle: Circle, who: str) -> None:
    circle.release()
    visitor = Visitor(who)
    before = everything()
    assert look_at_everything(visitor) >= 6 * 20
    assert everything() == before


def test_a_page_that_wrote_when_it_was_looked_at_would_be_found(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without it this file could pass on pages that are never reached."""
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength
    from lastwords.server import store
    from lastwords.server.pages.author import home

    def names_of(watch: Any) -> dict[str, str]:
        store.act("kakashi", CheckIn("kakashi", Strength.STRONG, "key"))
        return {}

    monkeypatch.setattr(home, "names_of", names_of)
    before = everything()
    Visitor("kakashi").client.get("/home")
    assert {name for name, digest in everything().items() if digest != before[name]} >= {"watch", "log_row"}


def test_no_page_takes_a_get_for_a_post(circle: Circle) -> None:
    visitor = Visitor("kakashi")
    for address in ("/trip/back", "/trip/later", "/calendar/make", "/calendar/take-back", "/check-in/phone"):
        assert visitor.client.get(address).status_code == 405, address
    assert models.Feed.objects.count() == 0


REVALIDATED = {"/phone-worker.js", "/manifest.webmanifest", "/calendar/not-a-token.ics"}
"""What says by itself how long it may be kept, and names nobody."""


def test_nobody_keeps_a_copy_of_what_a_signed_in_person_was_shown(circle: Circle) -> None:
    """Pages that anybody may read as well: whoever comes to the screen next would go back to a name, or to "Words for
    you"."""
    circle.release()
    visitor = Visitor("kakashi")
    for address in addresses():
        said = visitor.client.get(address).headers.get("Cache-Control", "")
        assert "no-store" in said or address in REVALIDATED, (address, said)
    assert "Cache-Control" not in Visitor().client.get("/help").headers
