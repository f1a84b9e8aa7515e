"""Sessions: where a person is signed in, each of which can be ended. All of it works without script."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lastwords.server import page_sessions
from lastwords.server.api import sessions as sessions_api
from lastwords.server.api.door import person_of
from lastwords.server.pages.entrance import signed_in


@signed_in
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    return render(
        request, "account/sessions.html", {"sessions": page_sessions.of(person, request), "person": person}
    )


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
