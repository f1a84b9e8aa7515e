"""Channels: how letters reach a person. All of it works without script."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lastwords.server.api import people
from lastwords.server.api.door import person_of
from lastwords.server.pages.account.fresh import fresh
from lastwords.server.pages.entrance import signed_in
from lastwords.server.pages.forms import Form
from lastwords.server.pages.once import Once, once_only


class Address(Once):
    address = forms.CharField(
        label="Mail address",
        max_length=320,
        help_text="A letter with a number goes there at once.",
        error_messages={"required": "Enter a mail address"},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def place(self, code: str) -> str | None:
        return "address" if code in ("address_unfit", "channel_exists") else None


class Number(Form):
    code = forms.CharField(
        label="The number in the letter",
        max_length=32,
        error_messages={"required": "Enter the number from the letter"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def place(self, code: str) -> str | None:
        return "code"


@signed_in
@fresh
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """Shows how letters reach this person, and adds a way."""
    form, rows = Address(request.POST or None), person_of(request).channels.order_by("id")

    def act() -> None:
        people.add_channel(request, people.NewChannel(kind="mail", address=form.cleaned_data["address"]))

    if request.method == "POST" and once_only(request, form, act):
        waits = rows.filter(address=form.cleaned_data["address"], proven_at=None).first()
        return HttpResponseRedirect(f"/account/channels/{waits.pk}" if waits else "/account/channels")
    return render(request, "account/channels.html", {"form": form, "channels": rows})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Takes the number that was sent to a new channel."""
    channel = person_of(request).channels.filter(pk=channel_id).first()
    if channel is None or channel.proven_at is not None:
        return HttpResponseRedirect("/account/channels")
    form = Number(request.POST or None)
    if form.is_valid():
        with form.refusals():
            people.prove_channel(request, channel_id, people.Proof(code=form.cleaned_data["code"]))
            messages.success(request, f"Letters to {channel.address} reach you.")
            return HttpResponseRedirect("/account/channels")
    return render(request, "account/channel.html", {"form": form, "channel": channel})


@signed_in
@fresh
@require_POST
def take_out(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Takes a channel out; a proven one is written to for fourteen days more."""
    people.take_out_channel(request, channel_id)
    return HttpResponseRedirect("/account/channels")


urlpatterns = [
    path("account/channels", channels, name="channels"),
    path("account/channels/<int:channel_id>", prove, name="prove-channel"),
    path("account/channels/<int:channel_id>/end", take_out, name="take-out-channel"),
]
