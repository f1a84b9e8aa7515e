"""The armed circle of the API's tests, and browsers without script for its people."""

from typing import Any

import pytest
from django.contrib.auth import login
from django.http import HttpRequest
from django.test import Client
from server.api.conftest import armed, circle, worlds
from server.api.world import Circle, models

__all__ = ["armed", "circle", "worlds"]

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Visitor:
    """Somebody before a page: a real client of the real pages, with the check of forms left on."""

    def __init__(self, handle: str = "") -> None:
        self.client = Client(enforce_csrf_checks=True)
        if handle:
            self._come_in(models.Person.objects.get(handle=handle))

    def _come_in(self, person: Any) -> None:
        """As `Client.force_login`, which takes what a cookie carries for what the row has."""
        from lastwords.server.session_keys import SessionStore

        request = HttpRequest()
        session = request.session = SessionStore()
        login(request, person, BACKEND)
        session.save()
        self.client.cookies["session"] = session.key

    @property
    def session(self) -> Any:
        """The session as it is kept, to be looked into or changed beforehand."""
        from lastwords.server.session_keys import SessionStore, hashed

        return SessionStore(hashed(self.client.cookies["session"].value))

    def get(self, path: str, **query: Any) -> str:
        """The page's text; fails unless it is there."""
        got = self.client.get(path, query)
        assert got.status_code == 200, (path, got.status_code)
        return got.content.decode()

    def form(self, path: str, **query: Any) -> dict[str, str]:
        """What a page's form carries unseen: its number, and the proof that it came from here."""
        import re

        text = self.get(path, **query)
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
        assert "csrfmiddlewaretoken" in dict(found), path
        return dict(found)

    def send(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, fields)


@pytest.fixture
def kakashi(circle: Circle) -> Visitor:
    """The author, signed in, with four paper codes."""
    circle.paper_codes("aaaa1111", "bbbb2222", "cccc3333", "dddd4444")
    return Visitor("kakashi")
