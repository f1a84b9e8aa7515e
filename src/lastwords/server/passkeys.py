"""Passkeys: made and used by django-allauth's own checks, over ceremonies that we lead ourselves.

A passkey of ours is always resident and always verifies its person, so that it signs in alone. What the browser gets
out of it besides (its PRF, which opens the locked key) is never sent; a request that carries it is refused unread.

Between the two halves of a ceremony nothing is kept here: the question goes out closed under the host's key, comes back
with the answer, and counts once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from fido2.utils import websafe_encode
from fido2.webauthn import CollectedClientData

from lastwords.signing.keys import from_base64url

from . import accounts, adapters, credentials, locked_keys, settings
from .models import LockedKey, Person
from .problems import problem

SECONDS = 300
"""How long a question of a ceremony may be answered."""
MOST = 10
"""Passkeys of one person."""

Json = dict[str, Any]


# Making one.


def begin_making(request: HttpRequest, person: Person) -> Json:
    """What the browser needs to make a passkey: `{"options", "ticket"}`."""
    with _state(request) as state:
        options = auth.begin_registration(person, passwordless=True)
    return {"options": options, "ticket": _ticket(state)}


def finish_making(
    request: HttpRequest, person: Person, name: str, place: str, credential: Json, ticket: str
) -> Authenticator:
    """Keeps a passkey that was just made. Refuses one that is not resident or did not verify its person."""
    _must_hold_no_secret(credential)
    with _state(request, _question(ticket)), _told_as_refused():
        _must_be_from_here(credential)
        made = auth.complete_registration(credential)
    known = credential.get("clientExtensionResults", {}).get("credProps", {})
    if known.get("rk") is False or made.credential_data is None:
        raise problem("passkey_refused")
    with transaction.atomic():
        if of(person).count() >= MOST:
            raise problem("too_many")
        row = auth.WebAuthn.add(person, name, credential).instance
        row.data["place"] = place
        row.data["counts_as"] = credentials.add(person, credentials.PASSKEY, place)
        row.save(update_fields=["data"])
    return row


# Using one.


def begin_using(request: HttpRequest) -> Json:
    """What the browser needs to ask for a passkey, whosever it is: `{"options", "ticket"}`."""
    with _state(request) as state:
        options = auth.begin_authentication(None)
    return {"options": options, "ticket": _ticket(state)}


def finish_using(request: HttpRequest, credential: Json, ticket: str) -> tuple[Person, Authenticator]:
    """Whose passkey answered, and which. Every failure is the one refusal `passkey_refused`."""
    _must_hold_no_secret(credential)
    with _state(request, _question(ticket)), _told_as_refused():
        _must_be_from_here(credential)
        person = auth.extract_user_from_response(credential)
        row = auth.complete_authentication(person, auth.parse_authentication_response(credential))
    if not isinstance(person, Person) or person.is_host:
        raise problem("passkey_refused")
    return person, row


# Having them.


def of(person: Person) -> Any:
    """A person's passkeys, oldest first."""
    return Authenticator.objects.filter(user_id=person.handle, type=Authenticator.Type.WEBAUTHN).order_by(
        "pk"
    )


def ident(row: Authenticator) -> str:
    """The credential id of a passkey, base64url: what a locked key names it by."""
    data = row.wrap().authenticator_data.credential_data
    return str(websafe_encode(data.credential_id))


def take_out(person: Person, number: int) -> None:
    """Takes a passkey out, and the locked key that it opened."""
    with transaction.atomic():
        accounts.alone(person)
        row = of(person).filter(pk=number).first()
        if row is None:
            raise problem("not_found")
        mine = LockedKey.objects.filter(person=person, kind=locked_keys.PASSKEY, credential=ident(row))
        if mine.exists() and not LockedKey.objects.filter(person=person).exclude(pk__in=mine).exists():
            raise problem("last_way_in")
        mine.delete()
        row.delete()


# Beneath.


def _must_hold_no_secret(credential: Json) -> None:
    """The browser's own `toJSON()` carries the PRF's output. Nothing but `credProps` may come here."""
    results = credential.get("clientExtensionResults", {})
    if not isinstance(results, dict) or set(results) - {"credProps"}:
        raise problem("secret_sent")


def _must_be_from_here(credential: Json) -> None:
    """The ceremony took place on a page of exactly this origin: a subdomain is somebody else."""
    data = CollectedClientData(from_base64url(credential["response"]["clientDataJSON"]))
    if data.origin != settings.current().origin or data.cross_origin:
        raise ValueError("another origin")


@contextmanager
def _state(request: HttpRequest, question: Json | None = None) -> Iterator[Json]:
    """allauth keeps a ceremony's question in the session. Here it stands there only while allauth is asked."""
    state: Json = {}
    if question is not None:
        request.session[auth.STATE_SESSION_KEY] = question
    try:
        yield state
    finally:
        state.update(request.session.pop(auth.STATE_SESSION_KEY, None) or {})


def _ticket(state: Json) -> str:
    return adapters.closed(json.dumps(state))


def _question(ticket: str) -> Json:
    """The question that a ticket holds. It is used up by this, whatever the answer is worth: the question itself, since
    one ticket can be spelled in several ways."""
    try:
        question = adapters.opened(ticket, SECONDS)
        state: Json = json.loads(question)
    except (InvalidToken, ValueError) as error:
        raise problem("passkey_refused") from error
    accounts.use_up(question, accounts.wall() + 2 * SECONDS, "passkey_refused")
    return state


@contextmanager
def _told_as_refused() -> Iterator[None]:
    """Whatever is wrong with what a browser sent, the answer is one."""
    try:
        yield
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise problem("passkey_refused") from error
