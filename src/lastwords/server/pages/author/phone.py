"""The phone's own page, which needs no session and opens without signal; and how a phone becomes a way to check in.

The page knows nobody: for whom this phone checks in is kept on the phone itself.
"""

import json

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_cookie

from lastwords.server import settings
from lastwords.server.api import phones
from lastwords.server.api.checkins import Sign
from lastwords.server.api.door import Seen
from lastwords.server.browser import STATIC
from lastwords.server.pages import quietly, tags
from lastwords.server.pages.account.fresh import fresh
from lastwords.server.pages.entrance import author
from lastwords.server.pages.once import once_only

from . import check_in, signs

WORKER_POLICY = {"trusted-types": ["phone-worker"]}
"""This one page may name a script to be installed, and only by this policy of its own."""


@csp_replace(WORKER_POLICY)
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    return render(request, "author/phone.html")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the phone's page. It has an address of its own because its reach is counted from there."""
    return HttpResponse(
        (STATIC / "phone-worker.js").read_bytes(), content_type="text/javascript; charset=utf-8"
    )


@require_safe
@vary_on_cookie
@cache_control(private=True, no_cache=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone is told when the page is put on its home screen. In quiet mode name and icon say nothing."""
    quiet = quietly.of(request)
    name, icon = (quiet.name, "plain") if quiet else (settings.current().name, "icon")
    icons = [
        {
            "src": tags.asset(f"{icon}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    told = {
        "name": name,
        "short_name": name,
        "id": "/phone",
        "start_url": "/phone",
        "scope": "/phone",
        "display": "standalone",
        "background_color": "#faf7f2",
        "theme_color": "#faf7f2",
        "icons": icons,
    }
    return HttpResponse(json.dumps(told), content_type="application/manifest+json")


# Becoming a way to check in, and ceasing to be one.


@author
@require_POST
def add(request: HttpRequest, seen: Seen) -> HttpResponse:
    form = signs.PairForm(request.POST)

    def act() -> None:
        wish = phones.NewPhone(
            public_key=form.cleaned_data["public_key"],
            name=form.cleaned_data["name"],
            sign=Sign(code=form.cleaned_data["code"]),
        )
        phones.add_phone(request, seen.author, wish)
        messages.success(request, "This phone can check in now. You and your keepers are told of it.")

    if once_only(request, form, act):
        return redirect("check-in")
    return check_in.shown(request, seen, form)


@author
@fresh
@require_POST
def take_out(request: HttpRequest, seen: Seen, credential: str) -> HttpResponse:
    """Taken out twice is taken out once."""
    phones.take_out_phone(request, seen.author, credential)
    messages.success(request, "That phone can check in no more.")
    return redirect("check-in")


urlpatterns = [
    path("phone", phone, name="phone"),
    path("phone-worker.js", worker, name="phone-worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("check-in/phone", add, name="phone-add"),
    path("check-in/phone/<slug:credential>/take-out", take_out, name="phone-take-out"),
]
