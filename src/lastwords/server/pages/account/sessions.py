"""Sessions: where a person is signed in, each of which can be ended. All of it works without script."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lastwords.server import page_sessions
from lastwords.server.api import sessions as sessions_api
from lastwords.server.api.door import person_of
from lastwords.server.pages.entrance import signed_in

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome or one like it",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "an Android phone or tablet",
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Windows": "Windows",
    "Mac OS": "a Mac",
    "Linux": "Linux",
}
"""What a browser's word of itself holds, and what people call it; the first that fits counts."""


def called(browser: str) -> str:
    """A browser as its person knows it again: "Firefox on Windows"."""
    name = next((name for mark, name in BROWSERS.items() if mark in browser), "A browser")
    system = next((f" on {name}" for mark, name in SYSTEMS.items() if mark in browser), "")
    return f"{name}{system}"


@signed_in
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows = [replace(one, browser=called(one.browser)) for one in page_sessions.of(person, request)]
    return render(request, "account/sessions.html", {"sessions": rows, "person": person})


@signed_in
@require_POST
def end_one(request: HttpRequest, session_id: int) -> HttpResponse:
    sessions_api.end_page_session(request, session_id)
    return HttpResponseRedirect("/account/sessions")


@signed_in
@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """Ends all of them, this one too, and those of programs."""
    sessions_api.end_all_sessions(request)
    return HttpResponseRedirect("/sign-in")


urlpatterns = [
    path("account/sessions", sessions, name="sessions"),
    path("account/sessions/<int:session_id>/end", end_one, name="end-session"),
    path("account/sessions/end", end_all, name="end-sessions"),
]
