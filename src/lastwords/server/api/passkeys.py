"""Passkeys and locked keys: how a browser signs in and gets the person's own key back, unseen by the host."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from lastwords.server import accounts, locked_keys, passkeys, tamper
from lastwords.server.models import LockedKey, Person
from lastwords.server.problems import problem

from . import door
from .door import Body
from .sessions import begun, must_be_fresh, must_come_from_here

router = Router(tags=["passkeys"])

Place = Annotated[str, StringConstraints(pattern=r"^(device|phone|security-key)$")]
Ticket = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[A-Za-z0-9_=-]+$")]
Credential = Annotated[str, StringConstraints(max_length=1400, pattern=r"^[A-Za-z0-9_-]*$")]
Kind = Annotated[str, StringConstraints(pattern=r"^(passkey|passphrase)$")]


class Ceremony(Body):
    """What the browser answered, without anything that it holds for itself, and the ticket of the question."""

    credential: dict[str, Any]
    ticket: Ticket


class NewPasskey(Ceremony):
    name: door.Name
    place: Place


class ForAccount(Body):
    account: door.Handle


# Signing in.


@router.post("/passkeys/asked", auth=None)
def ask_for_passkey(request: HttpRequest) -> dict[str, Any]:
    """What a browser needs to ask for a passkey, whosever it is. Nobody is named in it."""
    must_come_from_here(request)
    return passkeys.begin_using(request)


@router.post("/passkeys/answered", auth=None, response={201: dict[str, Any]})
def sign_in_by_passkey(request: HttpRequest, body: Ceremony) -> Status[dict[str, Any]]:
    """Signs this browser in, or proves the signed-in person again, and gives the locked key that this passkey opens."""
    must_come_from_here(request)
    person, row = passkeys.finish_using(request, body.credential, body.ticket)
    tamper.signed_in(person.handle)
    ident = passkeys.ident(row)
    mine = LockedKey.objects.filter(person=person, kind=locked_keys.PASSKEY, credential=ident).first()
    sealed = door.base64_of(mine.sealed) if mine else None
    return Status(201, begun(request, person) | {"sealed": sealed})


@router.post("/locked-keys", auth=None)
def locked_key_by_passphrase(request: HttpRequest, body: ForAccount) -> dict[str, str]:
    """The key that a passphrase opens, before signing in. Every account has one to be given, existing or not."""
    return {"sealed": door.base64_of(locked_keys.by_passphrase(body.account))}


# Having passkeys.


@router.post("/me/passkeys/asked")
def begin_passkey(request: HttpRequest) -> dict[str, Any]:
    """What a browser needs to make a passkey for the signed-in person."""
    must_be_fresh(request)
    return passkeys.begin_making(request, door.person_of(request))


@router.post("/me/passkeys", response={201: dict[str, Any]})
def add_passkey(request: HttpRequest, body: NewPasskey) -> Status[dict[str, Any]]:
    """Keeps a passkey that was just made. In an author's watch it counts as a credential, and everyone is told."""
    must_be_fresh(request)
    person = door.person_of(request)
    row = passkeys.finish_making(request, person, body.name, body.place, body.credential, body.ticket)
    return Status(201, _passkey(row))


@router.get("/me/passkeys")
def list_passkeys(request: HttpRequest) -> list[dict[str, Any]]:
    """One's own passkeys, oldest first."""
    return [_passkey(row) for row in passkeys.of(door.person_of(request))]


@router.delete("/me/passkeys/{int:passkey_id}")
def take_out_passkey(request: HttpRequest, passkey_id: int) -> dict[str, bool]:
    """Takes a passkey out with the locked key it opened; the last way in stays."""
    must_be_fresh(request)
    passkeys.take_out(door.person_of(request), passkey_id)
    return {"taken_out": True}


def _passkey(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.data["name"],
        "place": row.data["place"],
        "counts_as": row.data["counts_as"] or None,
        "credential": passkeys.ident(row),
    }


# Having locked keys.


class NewLockedKey(Body):
    kind: Kind
    credential: Credential
    sealed: door.Base64


@router.get("/me/locked-keys")
def list_locked_keys(request: HttpRequest) -> list[dict[str, Any]]:
    """One's own locked keys, oldest first."""
    return [_locked_key(row) for row in _own(door.person_of(request)).order_by("pk")]


@router.put("/me/locked-keys", response={201: dict[str, Any]})
def keep_locked_key(request: HttpRequest, body: NewLockedKey) -> Status[dict[str, Any]]:
    """Keeps a locked key in the place of the one of the same kind and credential; author and keepers are told."""
    must_be_fresh(request)
    person = door.person_of(request)
    if body.kind == locked_keys.PASSKEY and body.credential not in map(passkeys.ident, passkeys.of(person)):
        raise problem("locked_key_unfit")
    row = locked_keys.keep(person, body.kind, body.credential, door.plain_body(body.sealed))
    return Status(201, _locked_key(row))


@router.delete("/me/locked-keys/{int:locked_key_id}")
def take_out_locked_key(request: HttpRequest, locked_key_id: int) -> dict[str, bool]:
    """Takes a locked key out; the last one stays, or this person's key would be on paper alone."""
    must_be_fresh(request)
    person = door.person_of(request)
    with door.together():
        accounts.alone(person)
        mine = _own(person)
        row = mine.filter(pk=locked_key_id).first()
        if row is None:
            raise problem("not_found")
        if mine.count() == 1:
            raise problem("last_way_in")
        row.delete()
    return {"taken_out": True}


def _own(person: Person) -> Any:
    return LockedKey.objects.filter(person=person)


def _locked_key(row: LockedKey) -> dict[str, Any]:
    sealed = door.base64_of(row.sealed)
    return {"id": row.pk, "kind": row.kind, "credential": row.credential, "made": row.made, "sealed": sealed}
