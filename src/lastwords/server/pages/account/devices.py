"""Devices: passkeys and passphrases of a person, and the authenticator. The browser makes them, since it has the key;
taking one out is a form."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lastwords.server import locked_keys, passkeys, second_factors
from lastwords.server.api import passkeys as passkeys_api
from lastwords.server.api import second_factors as factors_api
from lastwords.server.api.door import person_of
from lastwords.server.models import LockedKey
from lastwords.server.pages.account.fresh import fresh
from lastwords.server.pages.account.overview import PLACES
from lastwords.server.pages.entrance import signed_in


@signed_in
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    locked = LockedKey.objects.filter(person=person)
    opening = set(locked.filter(kind=locked_keys.PASSKEY).values_list("credential", flat=True))
    rows = [
        {
            "id": row.pk,
            "name": row.data["name"],
            "place": PLACES.get(row.data["place"], ""),
            "opens": passkeys.ident(row) in opening,
        }
        for row in passkeys.of(person)
    ]
    passphrase = locked.filter(kind=locked_keys.PASSPHRASE).first()
    return render(
        request, "account/devices.html", {"person": person, "passkeys": rows, "passphrase": passphrase}
    )


@signed_in
@fresh
@require_POST
def take_out_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    passkeys_api.take_out_passkey(request, passkey_id)
    return HttpResponseRedirect("/account/devices")


@signed_in
@fresh
@require_POST
def take_out_passphrase(request: HttpRequest, locked_key_id: int) -> HttpResponse:
    passkeys_api.take_out_locked_key(request, locked_key_id)
    return HttpResponseRedirect("/account/devices")


@signed_in
@require_safe
def authenticator(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    return render(
        request,
        "account/authenticator.html",
        {"person": person, "factors": second_factors.shown(person), "places": PLACES},
    )


@signed_in
@fresh
@require_POST
def take_out_authenticator(request: HttpRequest) -> HttpResponse:
    factors_api.take_out_authenticator(request)
    return HttpResponseRedirect("/account/authenticator")


urlpatterns = [
    path("account/devices", devices, name="devices"),
    path("account/devices/passkeys/<int:passkey_id>", take_out_passkey, name="take-out-passkey"),
    path("account/devices/passphrase/<int:locked_key_id>", take_out_passphrase, name="take-out-passphrase"),
    path("account/authenticator", authenticator, name="authenticator"),
    path("account/authenticator/end", take_out_authenticator, name="take-out-authenticator"),
]
