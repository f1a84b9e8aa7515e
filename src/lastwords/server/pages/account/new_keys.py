"""New keys: asked for without being signed in, judged by the people who know the person, refused by any old way.

Keys are made, compared and signed for in the browser. Saying no needs no script, signed in or with a paper code.
"""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastwords.server import new_keys
from lastwords.server.api import new_keys as api
from lastwords.server.api.door import person_of
from lastwords.server.models import KeyAsking
from lastwords.server.pages.entrance import signed_in
from lastwords.server.pages.forms import Form


class No(Form):
    account = forms.CharField(
        label="The handle you sign in with",
        max_length=40,
        error_messages={"required": "Enter your handle"},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label="A paper code",
        max_length=200,
        help_text="From your printed list. It is used up.",
        error_messages={"required": "Enter a paper code"},
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def place(self, code: str) -> str | None:
        return "code"


@require_safe
@ensure_csrf_cookie
def ask(request: HttpRequest) -> HttpResponse:
    """For somebody who has lost every copy of their key."""
    return render(request, "account/ask_new_keys.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
def no_by_code(request: HttpRequest) -> HttpResponse:
    """Whoever holds a paper code says no, without being signed in."""
    form = No(request.POST or None)
    refused = None
    if form.is_valid():
        with form.refusals():
            said = form.cleaned_data
            body = api.ByCode.model_construct(account=said["account"].strip().lower(), code=said["code"])
            refused = api.say_no_by_code(request, body)["refused"]
    return render(request, "account/no_new_keys.html", {"form": form, "refused": refused})


@signed_in
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """New keys that wait: one's own, and those of people one may vouch for. All of one name that nobody has vouched for
    are shown as one: anybody may ask, and the eight words say which is meant."""
    person = person_of(request)
    alike: dict[tuple[str, int], list[KeyAsking]] = {}
    for row in (*new_keys.about(person), *new_keys.to_judge(person)):
        alike.setdefault((row.person_id, row.pk if row.by else 0), []).append(row)
    shown = [
        {
            "newest": rows[0],
            "count": len(rows),
            "own": handle == person.handle,
            "ends": new_keys.ends(rows[0]),
        }
        for (handle, _), rows in alike.items()
    ]
    return render(request, "account/new_keys.html", {"person": person, "askings": shown})


@signed_in
@require_POST
def say_no(request: HttpRequest, asking_id: int) -> HttpResponse:
    api.say_no(request, asking_id, api.No(older="older" in request.POST))
    return HttpResponseRedirect("/account/new-keys")


urlpatterns = [
    path("new-keys", ask, name="ask-new-keys"),
    path("new-keys/no", no_by_code, name="no-new-keys"),
    path("account/new-keys", waiting, name="new-keys"),
    path("account/new-keys/<int:asking_id>/no", say_no, name="say-no-new-keys"),
]
