"""The account page: what a person has here to come in by and be reached by, and where each of it is kept."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol.quiet import unmarked
from lastwords.protocol.watch import Credential, Watch
from lastwords.server import locked_keys, models, page_sessions, passkeys, second_factors, store
from lastwords.server.api.door import person_of
from lastwords.server.models import LockedKey, Person
from lastwords.server.pages.entrance import signed_in

PLACES = {
    "device": "a device of yours",
    "phone": "your phone",
    "security-key": "a security key",
    "paper": "paper",
}
"""Places as people say them."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say "I'm here", as its author sees it."""

    name: str
    place: str
    void: bool


def own_watch(person: Person) -> Watch | None:
    """The watch of this person, if they are an author and it can be judged."""
    row = models.Watch.objects.filter(author=person.handle, set_aside="").first()
    return unmarked(store.read(person.handle)) if row else None


def way_of(credential: Credential) -> Way:
    """A credential in words: `passkey-2` is "a passkey"."""
    kind = credential.name.rstrip("-0123456789")
    names = {
        "key": "your own key",
        "paper": "a list of paper codes",
        "passkey": "a passkey",
        "authenticator": "an authenticator",
    }
    return Way(names.get(kind, kind), PLACES.get(credential.place, credential.place), credential.void)


@signed_in
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    watch = own_watch(person)
    return render(request, "account/account.html", {"person": person} | _ways(watch) | _held(request, person))


def _ways(watch: Watch | None) -> dict[str, Any]:
    if watch is None:
        return {"ways": None}
    places = sorted({PLACES.get(c.place, c.place) for c in watch.credentials if not c.void})
    return {
        "ways": [way_of(one) for one in watch.credentials],
        "places": places,
        "sheet_proven": watch.recovery_proven,
    }


def _held(request: HttpRequest, person: Person) -> dict[str, Any]:
    locked = LockedKey.objects.filter(person=person)
    return {
        "passkeys": list(passkeys.of(person)),
        "passphrase": locked.filter(kind=locked_keys.PASSPHRASE).exists(),
        "locked": locked.exists(),
        "channels": list(person.channels.order_by("id")),
        "factors": second_factors.shown(person),
        "open_sessions": len(page_sessions.of(person, request)),
    }


urlpatterns = [path("account", overview, name="account")]
