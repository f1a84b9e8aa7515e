"""Coming in and going out: join, accept an invitation, sign in or unlock, sign out.

What needs a key happens in the browser, which speaks with the API; these views show where. An invitation's secret is
the fragment of its address, which no browser sends.
"""

from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from lastwords.server import models, page_sessions
from lastwords.server.pages.context import navigation
from lastwords.server.pages.entrance import signed_in
from lastwords.server.second_factors import has_authenticator

NO_PLACE = {"Factory", "localtime"}
"""Zones of this machine's own, in which nobody lives."""


@require_safe
@ensure_csrf_cookie
def join(request: HttpRequest) -> HttpResponse:
    """For an author: with a join code of the host's. Somebody who is here already becomes an author as well."""
    return render(request, "account/join.html", _about(request) | {"as_author": True})


@require_safe
@ensure_csrf_cookie
def invited(request: HttpRequest, author: str = "") -> HttpResponse:
    """For somebody whom an author invited. The author's handle may stand in the address, or in the link pasted here."""
    return render(request, "account/join.html", _about(request) | {"as_author": False, "author": author})


def _about(request: HttpRequest) -> dict[str, object]:
    person = page_sessions.person_of(request)
    author = person is not None and models.Watch.objects.filter(author=person.handle).exists()
    return {"person": person, "is_author": author, "zones": sorted(available_timezones() - NO_PLACE)}


@require_safe
@ensure_csrf_cookie
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in; and for somebody who is signed in, unlocks the key in this tab or proves that it is still they."""
    person = page_sessions.person_of(request)
    number = person is not None and has_authenticator(person)
    back = _back(request)
    return render(request, "account/sign_in.html", {"person": person, "back": back, "number": number})


@signed_in
@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """Where a person goes who has just come in: back to where they were sent from, or to their first page."""
    return HttpResponseRedirect(_back(request) or navigation(request).first)


def _back(request: HttpRequest) -> str:
    """The page of this host that sent somebody here; empty for anything else."""
    back = request.GET.get("next", "")
    fits = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if fits else ""


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this browser's session. The key of the tab is locked by the page itself."""
    page_sessions.end(request)
    return HttpResponseRedirect("/")


urlpatterns = [
    path("join", join, name="join"),
    path("invited", invited, name="invited"),
    path("invitation/<str:author>", invited, name="invitation"),
    path("sign-in", sign_in, name="sign-in"),
    path("enter", enter, name="enter"),
    path("sign-out", sign_out, name="sign-out"),
]
