"""Joining, oneself, one's channels, and the keys of people one shares a watch with."""

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from lastwords.protocol.events import AddCredential
from lastwords.server import accounts, credentials, models, outbox, settings, store, tamper
from lastwords.server.models import Channel, Invitation, JoinCode, Person
from lastwords.server.problems import problem

from . import door, parts
from .door import Body, Handle, Name
from .sessions import must_be_fresh

router = Router(tags=["people"])

MOST_CHANNELS = 8
DEVICE = "device"
"""Where the author's own key is kept; all credentials of one place are one."""

KeyText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Zone = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class WithKeys(Body):
    """A body that brings somebody's three public keys."""

    public_key: KeyText
    signing_key: KeyText
    sign_in_key: KeyText

    def keys(self) -> accounts.Keys:
        return accounts.Keys(self.public_key, self.signing_key, self.sign_in_key)


class Join(WithKeys):
    name: Name
    zone: Zone
    handle: Handle | None = None
    join_code: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    invitation: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    author: Handle | None = None


@router.post("/people", auth=None, response={200: dict[str, str], 201: dict[str, str]})
def join(request: HttpRequest, body: Join) -> Status[dict[str, str]]:
    """Makes a person: an author by the host's join code, anyone else by an author's invitation.

    Sent again with the same keys (the first answer was lost, say) it answers 200 with the same handle."""
    if (body.join_code is None) == (body.invitation is None):
        raise problem("malformed")
    with transaction.atomic():
        known = _joined_before(body)
        if known:
            return Status(200, {"handle": known.handle})
        if body.join_code is not None:
            return Status(201, {"handle": _join_as_author(body, body.join_code).handle})
        return Status(201, {"handle": _join_by_invitation(body).handle})


def _joined_before(body: Join) -> Person | None:
    """The person whom this very request made before, found by the code it used and all three keys."""
    if body.join_code is not None:
        row = JoinCode.objects.filter(hash=accounts.hashed(body.join_code), used__isnull=False).first()
        person = Person.objects.filter(handle=row.used_by).first() if row else None
    else:
        offered = Invitation.objects.filter(ident=body.invitation).select_related("person").first()
        person = offered.person if offered else None
    return person if person and accounts.keys_of(person) == body.keys() else None


def _join_as_author(body: Join, code: str) -> Person:
    """An author with a watch in draft; their own key is their first way to say "I'm here"."""
    row = accounts.use_join_code(code)
    person = accounts.add_person(body.name, body.zone, body.keys(), body.handle)
    _begin_watch(person, row)
    return person


def _begin_watch(person: Person, row: JoinCode) -> None:
    JoinCode.objects.filter(pk=row.pk).update(used=accounts.wall(), used_by=person.handle)
    store.here().begin(person.handle)
    store.here().act(person.handle, AddCredential(by=person.handle, credential="key", place=DEVICE))
    credentials.count_in(person)


def _join_by_invitation(body: Join) -> Person:
    """Someone invited. The invitation is theirs from now on; their answer to it comes next."""
    unanswered = Invitation.objects.select_for_update().filter(stage="offered", person=None)
    offered = unanswered.filter(ident=body.invitation).first()
    if offered is None or body.author not in (None, offered.watch_id) or offered.expires <= accounts.wall():
        raise problem("code_refused")
    person = accounts.add_person(body.name, body.zone, body.keys(), body.handle)
    Invitation.objects.filter(pk=offered.pk).update(person=person)
    return person


class OwnWatch(Body):
    join_code: Annotated[str, StringConstraints(min_length=1, max_length=200)]


@router.post("/watches", response={201: dict[str, str]})
def begin_own_watch(request: HttpRequest, body: OwnWatch) -> Status[dict[str, str]]:
    """Someone who is here as a keeper or recipient becomes an author too, with a join code of the host's."""
    person = door.person_of(request)
    with transaction.atomic():
        if models.Watch.objects.filter(author=person.handle).exists():
            raise problem("watch_exists")
        _begin_watch(person, accounts.use_join_code(body.join_code))
    return Status(201, {"author": person.handle})


# Oneself.


@router.get("/me")
def me(request: HttpRequest) -> dict[str, Any]:
    """Who I am here, how I am reached, and in which watches I have a part that I know of."""
    person = door.person_of(request)
    return {
        "handle": person.handle,
        "name": person.name,
        "zone": person.zone,
        "channels": [_channel(channel) for channel in person.channels.order_by("id")],
        "watches": _watches(person),
        "counters": {row.credential: row.last for row in person.counters.order_by("credential")},
    }


def _watches(person: Person) -> list[dict[str, Any]]:
    """Recipients are listed only once told, so that nobody learns here that there are words for them."""
    authors = set(models.Part.objects.filter(person=person.handle).values_list("watch_id", flat=True))
    rows = models.Watch.objects.filter(author__in=authors | {person.handle}, set_aside="").order_by("author")
    names = dict(Person.objects.filter(handle__in=authors | {person.handle}).values_list("handle", "name"))
    found = []
    for watch in door.readable(rows, person.handle):
        roles = set(parts.of(watch, person.handle))
        if parts.RECIPIENT in roles and not parts.own_tracks(watch, person.handle):
            roles.discard(parts.RECIPIENT)
        if roles:
            found.append(
                {"author": watch.author, "name": names.get(watch.author, ""), "roles": sorted(roles)}
            )
    return found


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.pk,
        "kind": channel.kind,
        "address": channel.address,
        "proven": channel.proven_at is not None,
        "leaves": channel.leaves,
    }


# Channels.


class NewChannel(Body):
    kind: Annotated[str, StringConstraints(pattern=r"^mail$")]
    address: Annotated[str, StringConstraints(min_length=3, max_length=320)]


class Proof(Body):
    code: Annotated[str, StringConstraints(min_length=1, max_length=32)]


@router.post("/me/channels", response={201: dict[str, Any]})
def add_channel(request: HttpRequest, body: NewChannel) -> Status[dict[str, Any]]:
    """Adds a way to be reached and sends a number there. An unproven one may be added again for a new number."""
    must_be_fresh(request)
    person = door.person_of(request)
    if not settings.MAIL.fullmatch(body.address):
        raise problem("address_unfit")
    accounts.may_send_proof(person)
    number = accounts.new_proof()
    with transaction.atomic():
        old = Channel.objects.filter(person=person, kind=body.kind, address=body.address).first()
        if old is not None and old.leaves is not None:
            # It was proven and is on its way out: staying needs no new proof.
            tamper.keep(old)
            return Status(201, _channel(old))
        if old is not None and old.proven_at is not None:
            raise problem("channel_exists")
        if old is None and person.channels.count() >= MOST_CHANNELS:
            raise problem("channel_exists")
        channel = old or Channel(person=person, kind=body.kind, address=body.address)
        channel.proof = accounts.hashed(number)
        channel.added = accounts.wall()
        channel.save()
    outbox.write_channel_proof(channel, number)
    return Status(201, _channel(channel))


@router.post("/me/channels/{int:channel_id}/proof")
def prove_channel(request: HttpRequest, channel_id: int, body: Proof) -> dict[str, Any]:
    """Types back the number that was sent. It works only here, within the session of the person it was sent to."""
    channel = Channel.objects.filter(pk=channel_id, person=door.person_of(request)).first()
    if channel is None:
        raise problem("not_found")
    person = door.person_of(request)
    accounts.check_proof(channel, body.code.strip())
    with transaction.atomic():
        accounts.mark_proven(channel)
        tamper.channel_changed(person.handle)
    channel.refresh_from_db()
    return _channel(channel)


@router.delete("/me/channels/{int:channel_id}")
def take_out_channel(request: HttpRequest, channel_id: int) -> dict[str, Any]:
    """Takes a channel out. A proven one is still written to for 14 days, so that nobody who got in can turn letters
    away unseen; one that never was proven is gone at once."""
    must_be_fresh(request)
    person = door.person_of(request)
    with transaction.atomic():
        accounts.alone(person)
        channel = Channel.objects.filter(pk=channel_id, person=person).first()
        if channel is None:
            raise problem("not_found")
        if channel.proven_at is None:
            channel.delete()
            return {"id": channel_id, "leaves": None}
        staying = person.channels.filter(proven_at__isnull=False, leaves__isnull=True)
        if channel.leaves is None:
            if not staying.exclude(pk=channel.pk).exists():
                raise problem("channel_last")
            tamper.take_out(channel, store.here().now())
            tamper.channel_changed(person.handle)
    return {"id": channel_id, "leaves": channel.leaves}


# Others.


@router.get("/people/{handle}")
def look_up(request: HttpRequest, handle: str) -> dict[str, str]:
    """The public keys of someone I share a watch with, or have invited; `not_found` for anyone else."""
    return public(known_to(door.person_of(request), handle))


def public(person: Person) -> dict[str, str]:
    """What people who share a watch may know of each other."""
    return {
        "handle": person.handle,
        "name": person.name,
        "public_key": person.public_key,
        "signing_key": person.signing_key,
        "sign_in_key": person.sign_in_key,
    }


def known_to(person: Person, handle: str) -> Person:
    """Somebody whose keys this person may look up, or `not_found`."""
    other = Person.objects.filter(handle=handle, is_host=False).first()
    if other is None or not (other == person or _may_look_up(person, other)):
        raise problem("not_found")
    return other


def _may_look_up(person: Person, other: Person) -> bool:
    if Invitation.objects.filter(watch_id=person.handle, person=other).exists():
        return True
    mine = set(models.Part.objects.filter(person=person.handle).values_list("watch_id", flat=True))
    rows = models.Watch.objects.filter(author__in=mine | {person.handle}, set_aside="")
    return any(
        parts.shares_watch(watch, person.handle, other.handle) for watch in door.readable(rows, person.handle)
    )
