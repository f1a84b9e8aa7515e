"""Quiet mode: turned on, changed and turned off. All of it works without script."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lastwords.server import quiet_mode
from lastwords.server.api import quiet as api
from lastwords.server.api.door import person_of
from lastwords.server.pages.account.fresh import fresh
from lastwords.server.pages.entrance import signed_in
from lastwords.server.pages.once import Once, once_only


class QuietForm(Once):
    name = forms.CharField(
        label="What this service is called instead",
        max_length=quiet_mode.LONGEST_NAME,
        help_text="It stands in your mail, in the tab, on a phone's home screen, and at the head of every page.",
        error_messages={"required": "Enter a name that nobody wonders about"},
        widget=forms.TextInput(attrs={"class": "medium", "autocomplete": "off", "spellcheck": "false"}),
    )
    leave_to = forms.CharField(
        label="Where “Leave this page” goes",
        max_length=quiet_mode.LONGEST_ADDRESS,
        help_text="The whole address of a page that you might as well have been reading.",
        error_messages={"required": "Enter the address of a page elsewhere"},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )

    def place(self, code: str) -> str | None:
        return {"quiet_name_unfit": "name", "leave_to_unfit": "leave_to"}.get(code)


@signed_in
@fresh
@require_http_methods(["GET", "HEAD", "POST"])
def quiet(request: HttpRequest) -> HttpResponse:
    """Shows what quiet mode does and does not do, and turns it on or changes it."""
    now = quiet_mode.of(person_of(request))
    proposed = now or quiet_mode.Quiet(quiet_mode.NAME, quiet_mode.ELSEWHERE)
    form = QuietForm(request.POST or None, initial={"name": proposed.name, "leave_to": proposed.leave_to})

    def act() -> None:
        wish = api.Wish(name=form.cleaned_data["name"], leave_to=form.cleaned_data["leave_to"])
        api.turn_on(request, wish)
        messages.success(request, "Quiet mode is on. Nobody was written to about it.")

    if request.method == "POST" and once_only(request, form, act):
        return redirect("quiet")
    return render(request, "account/quiet.html", {"form": form, "now": now, "proposed": proposed})


@signed_in
@fresh
@require_POST
def off(request: HttpRequest) -> HttpResponse:
    """Turned off twice is turned off once."""
    api.turn_off(request)
    messages.success(request, "Quiet mode is off. Letters and pages say again what they are about.")
    return redirect("quiet")


urlpatterns = [
    path("account/quiet", quiet, name="quiet"),
    path("account/quiet/off", off, name="quiet-off"),
]
