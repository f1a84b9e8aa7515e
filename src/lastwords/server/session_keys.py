"""Where the sessions of the pages are kept: Django's own store, with a session's hash in the place of its key.

So whoever reads the database, or a copy of it, can take over no session that is open. On this side of the cookie a
session is known by its hash alone, to the rows, to the list of a person's sessions and to whatever ends one; Django and
allauth call it `session_key`. The key itself comes with the cookie and goes with it, and the middleware below is all
that sees it.
"""

import base64
import hashlib
import secrets

from django.conf import settings as conf
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse


def hashed(key: str) -> str:
    """SHA-256 of a key, the whole of it in the 40 characters of Django's columns, where hexadecimal would not fit."""
    return base64.b85encode(hashlib.sha256(key.encode()).digest()).decode("ascii")


class SessionStore(db.SessionStore):
    """`key` is what the cookie carries: empty until one has come or was made."""

    key = ""

    def _get_new_session_key(self) -> str:
        # Nobody has drawn the same 256 bits before, so unlike Django this need not ask the database.
        self.key = secrets.token_urlsafe(32)
        return hashed(self.key)


class Sessions(SessionMiddleware):
    """Hashes the key that a browser sends, and gives a browser the key of what was begun for it."""

    def process_request(self, request: HttpRequest) -> None:
        key = request.COOKIES.get(conf.SESSION_COOKIE_NAME, "")
        session = SessionStore(hashed(key) if key else None)
        session.key = key
        request.session = session

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        cookie = response.cookies.get(conf.SESSION_COOKIE_NAME)
        if cookie is not None and cookie.value:
            assert isinstance(request.session, SessionStore)
            response.cookies[conf.SESSION_COOKIE_NAME] = request.session.key
        return response
