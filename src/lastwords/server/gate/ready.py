"""Answers of the gate's own. They look like those of the API and the pages, and the refusals among them are made at
the start: nothing has to be built for them while everything is busy.
"""

import io
import json
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from lastwords.server import settings
from lastwords.server.problems import Problem, problem

from .bridge import Bridge, Headers, Said

ASKED = b"{}"
AGAIN = ("busy", "database_away")
"""Refusals of which it is known that the same request may soon be taken."""


class Ready:
    """What the gate answers without asking anybody."""

    def __init__(self, bridge: Bridge) -> None:
        self.headers = _headers(bridge)
        self._pages = {code: self._page(problem(code)) for code in ("busy", "too_slow", "too_large")}

    def kept(self, body: dict[str, Any]) -> Said:
        """What the API answers to something that was done."""
        return Said(200, self.headers, json.dumps(body).encode())

    def refused(self, code: str, path: str) -> Said:
        """One of the gate's own refusals: a page for whoever asked for one, and the API's three parts for programs."""
        return self.by_api(problem(code)) if path.startswith("/api/") else self._pages[code]

    def by_api(self, refused: Problem) -> Said:
        """A refusal as the API gives it."""
        again = [("retry-after", "1")] if refused.code in AGAIN else []
        return Said(refused.status, [*self.headers, *again], json.dumps(refused.body()).encode())

    def _page(self, refused: Problem) -> Said:
        request = HttpRequest()
        text = render_to_string("problem.html", {"refused": refused}, request=request)
        kind = ("content-type", "text/html; charset=utf-8")
        rest = [(name, value) for name, value in self.headers if name.lower() != "content-type"]
        again = [("retry-after", "1")] if refused.code in AGAIN else []
        return Said(refused.status, [kind, *rest, *again], text.encode())


def _headers(bridge: Bridge) -> Headers:
    """The headers that go with every answer of the API: those that Django itself gives to a refusal."""
    said = bridge.answer(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/watches/nobody/check-ins",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(ASKED)),
            "wsgi.url_scheme": settings.current().scheme,
            "wsgi.input": io.BytesIO(ASKED),
        }
    )
    return said.headers
