"""Quiet mode on pages: who has it, how a browser knows of it while nobody is signed in, and leaving at once.

A browser in which somebody in quiet mode has signed in keeps the neutral name in a cookie of its own, signed by this
host, so that the page of signing in and the phone's page name nothing either.
"""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from lastwords.server import page_sessions, quiet_mode, settings
from lastwords.server.models import Person
from lastwords.server.quiet_mode import Quiet

SALT, YEAR = "lastwords.quiet", 365 * 86_400


def _cookie() -> str:
    return "__Host-plain" if settings.current().origin.startswith("https:") else "plain"


def of(request: HttpRequest) -> Quiet | None:
    """The quiet mode of whoever is signed in, or else the one that this browser keeps."""
    person = getattr(request, "user", None)
    if isinstance(person, Person):
        return quiet_mode.of(person)
    return _kept(request)


def _kept(request: HttpRequest) -> Quiet | None:
    sealed = request.COOKIES.get(_cookie(), "")
    try:
        return Quiet(*signing.loads(sealed, salt=SALT)) if sealed else None
    except (signing.BadSignature, TypeError):
        return None


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Lets this browser keep what the person who is signed in has chosen, or forget it."""
    quiet = of(request)
    if quiet == _kept(request):
        return
    name = _cookie()
    same: dict[str, Any] = {"path": "/", "samesite": "Strict"}
    if quiet is None:
        response.delete_cookie(name, **same)
        return
    sealed = signing.dumps([quiet.name, quiet.leave_to], salt=SALT)
    secure = name.startswith("__Host-")
    response.set_cookie(name, sealed, max_age=YEAR, httponly=True, secure=secure, **same)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Ends this browser's session and goes elsewhere. The page's script has gone already by the time this is answered;
    without one this is what goes."""
    quiet = of(request) or Quiet(quiet_mode.NAME, quiet_mode.ELSEWHERE)
    page_sessions.end(request)
    response = render(request, "leave.html", {"to": quiet.leave_to})
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [path("leave", leave, name="leave")]
