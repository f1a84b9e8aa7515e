"""Who may come into a page, and how a refusal looks there. Every view of a signed-in person begins with one of these.

A page calls what the API calls, so the person stands where the API's own check would have put them (`request.auth`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings as conf
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from lastwords.server import health
from lastwords.server.api import door, parts
from lastwords.server.api.door import Seen
from lastwords.server.port_sql import is_the_databases, refusal_of
from lastwords.server.problems import Problem, problem
from lastwords.server.refusals import ServerRefused, Unreadable, Unwritable
from lastwords.server.store import RefusedStep

from . import quietly

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """For anybody who is signed in. Nobody else's copy of such a page is kept on the way."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            back = f"?next={quote(request.path)}" if request.method in ("GET", "HEAD") else ""
            return HttpResponseRedirect(f"/sign-in{back}")
        request.auth = request.user  # type: ignore[attr-defined]
        try:
            response = view(request, *args, **more)
        except Problem as refused:
            response = refusal(request, refused)
        except RefusedStep as refused:
            response = refusal(request, Problem(refused.refusal.code, 409, refused.happened, refused.do))
        except Unreadable:
            response = refusal(request, problem("set_aside"))
        except Unwritable as refused:
            health.writing_failed()
            response = refusal(request, Problem("unwritable", 503, refused.happened, refused.do))
        except DatabaseError as error:
            if not is_the_databases(error):
                raise
            health.writing_failed()
            told = refusal_of(error)
            response = refusal(request, Problem("unwritable", 503, told.happened, told.do))
        except ServerRefused as refused:
            response = refusal(request, Problem("refused", 503, refused.happened, refused.do))
        response.headers.setdefault("Cache-Control", "no-store")
        quietly.remember(request, response)
        return response

    return entered


def author(view: View) -> View:
    """For somebody with a watch of their own; the view gets it as `seen`. For anyone else there is no such page."""

    @signed_in
    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        seen: Seen = door.enter(request, door.person_of(request).handle, parts.AUTHOR)
        return view(request, seen, *args, **more)

    return entered


class Unkept:
    """Pages that anybody may read name whoever is signed in, and where they can go: those too are kept by no browser
    and by nobody on the way, or the next one at the same screen goes back to them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if conf.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def refusal(request: HttpRequest, refused: Problem) -> HttpResponse:
    """A page that says what happened and what to do next."""
    return render(request, "problem.html", {"refused": refused}, status=refused.status)
