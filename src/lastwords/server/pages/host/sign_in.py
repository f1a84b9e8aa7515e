"""How the host comes in: with a code that only somebody at the data folder can make. It is good once, for ten minutes.

The host has no key, because a key would be worth stealing: whoever holds the folder holds the host anyway.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lastwords.protocol.moments import HOUR
from lastwords.server import accounts
from lastwords.server.models import HostCode, Person
from lastwords.server.pages.forms import Form

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LASTS = HOUR
"""Seconds of a host's session."""
WRONG = "This code opens nothing. Codes are good once, for ten minutes; print a new one: lastwords host page"


class CodeForm(Form):
    code = forms.CharField(
        label="Code",
        max_length=100,
        help_text="It is printed at the machine itself, by: lastwords host page",
        widget=forms.TextInput(
            attrs={"class": "code-field", "autocomplete": "one-time-code", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter the code that the command printed"},
    )


def host_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the host alone; everybody else is asked for the code."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.is_host:
            return redirect("host-sign-in")
        response = view(request, *args, **more)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return entered


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _use(form.cleaned_data["code"]):
            login(request, Person.objects.get(is_host=True), backend=BACKEND)
            request.session.set_expiry(LASTS)
            return redirect("host")
        form.add_error("code", WRONG)
    return render(request, "host/sign_in.html", {"form": form})


def _use(code: str) -> bool:
    """Whether this is the code; it is gone with this. Of two who type it at once, one comes in."""
    known = HostCode.objects.filter(hash=accounts.hashed(code.strip().lower()), expires__gt=accounts.wall())
    return known.delete()[0] == 1


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("start")


urlpatterns = [
    path("host/sign-in", sign_in, name="host-sign-in"),
    path("host/sign-out", sign_out, name="host-sign-out"),
]
