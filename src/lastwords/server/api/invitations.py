"""Invitations, the answers to them, and the recipients whose cards the author prints."""

import secrets
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field, StringConstraints

from lastwords.protocol.events import AcceptSeat, InviteKeeper
from lastwords.server import accounts, settings
from lastwords.server.models import Channel, Invitation
from lastwords.server.port import Paper
from lastwords.server.problems import problem

from . import door, parts
from .door import Base64, Body, Handle, Name
from .people import NewChannel, WithKeys, Zone, public

router = Router(tags=["invitations"])

LASTS = 90 * 86400
"""Seconds for which an invitation can be answered."""
MOST = 200
"""Open invitations of one author."""


class Offer(Body):
    role: Literal["keeper", "alternate", "recipient"]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    name: Name
    order: Annotated[int, Field(ge=1, le=99)] | None = None


class Answer(Body):
    answer: Base64


class NewRecipient(WithKeys):
    name: Name
    zone: Zone
    handle: Handle | None = None
    channels: Annotated[list[NewChannel], Field(max_length=4)] = []


@router.post("/watches/{author}/invitations", response={201: dict[str, Any]})
def invite(request: HttpRequest, author: str, body: Offer) -> Status[dict[str, Any]]:
    """Writes down that a seat, or words, are offered. The secret stays between the two people."""
    seen = door.enter(request, author, parts.AUTHOR)
    with transaction.atomic():
        if Invitation.objects.filter(ident=body.id).exists():
            raise problem("invitation_exists")
        open_ones = Invitation.objects.filter(watch_id=author, stage="offered")
        if open_ones.count() >= MOST:
            raise problem("over_quota")
        offered = Invitation.objects.create(
            ident=body.id,
            watch_id=seen.author,
            role=body.role,
            order=_order(author, body),
            name=body.name,
            made=accounts.wall(),
            expires=accounts.wall() + LASTS,
        )
    return Status(201, _shown(offered))


def _order(author: str, body: Offer) -> int:
    """An alternate without a wished place is called after all others."""
    if body.role != "alternate":
        return 0
    last = Invitation.objects.filter(watch_id=author, role="alternate").order_by("-order").first()
    return body.order or (last.order + 1 if last else 1)


@router.get("/watches/{author}/invitations")
def invitations(request: HttpRequest, author: str) -> dict[str, Any]:
    """All invitations of this author, with the answers only the author can check."""
    door.enter(request, author, parts.AUTHOR)
    rows = Invitation.objects.filter(watch_id=author).select_related("person").order_by("made", "ident")
    return {"invitations": [_shown(row) for row in rows]}


def _shown(row: Invitation) -> dict[str, Any]:
    return {
        "id": row.ident,
        "role": row.role,
        "name": row.name,
        "order": row.order,
        "stage": row.stage,
        "handle": row.person.handle if row.person else None,
        "answer": door.base64_of(row.answer) if row.answer is not None else None,
        "expires": row.expires,
    }


@router.delete("/watches/{author}/invitations/{ident}")
def take_back(request: HttpRequest, author: str, ident: str) -> dict[str, Any]:
    """The author takes an offer back that nobody has answered: a link that went astray works no more."""
    door.enter(request, author, parts.AUTHOR)
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(ident=ident, watch_id=author).first()
        if row is None:
            raise problem("not_found")
        if row.stage != "offered":
            raise problem("invitation_stage")
        row.stage = "taken_back"
        row.save()
    return _shown(row)


@router.post("/watches/{author}/invitations/{ident}/answer")
def answer(request: HttpRequest, author: str, ident: str, body: Answer) -> dict[str, Any]:
    """The invited person says "I will". A keeper holds a seat from here on; the author verifies it next."""
    person = door.person_of(request)
    data = door.plain_body(body.answer)
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(ident=ident, watch_id=author).first()
        if row is None or row.person not in (None, person) or person.handle == author:
            raise problem("not_found")
        if row.stage == "taken_back" or row.expires <= accounts.wall():
            raise problem("code_refused")
        if row.stage != "offered":
            raise problem("invitation_stage")
        # Nobody proved the addresses of a card: with a seat behind them every letter of a circle would go there.
        if Invitation.objects.filter(person=person, stage="card").exists():
            raise problem("card_answers_none")
        row.stage, row.answer, row.person = "answered", data, person
        row.save()
        if row.role != "recipient":
            door.act(author, InviteKeeper(by=author, keeper=person.handle, alternate=row.order))
            door.act(author, AcceptSeat(by=person.handle), [Paper("answer", person.handle, data)])
    return {"author": author, "role": row.role, "handle": person.handle}


# Recipients who need do nothing: the author makes their key, prints it on a card and forgets it.


@router.post("/watches/{author}/recipients", response={201: dict[str, Any]})
def add_recipient(request: HttpRequest, author: str, body: NewRecipient) -> Status[dict[str, Any]]:
    """Makes a person for whom the author printed a card. Their addresses are the author's word, so they are written
    to without a proof: only ever the first letter after a release, which says nothing of what it is about."""
    door.enter(request, author, parts.AUTHOR)
    if any(not settings.MAIL.fullmatch(channel.address) for channel in body.channels):
        raise problem("address_unfit")
    keys, now = body.keys(), accounts.wall()
    with transaction.atomic():
        known = Invitation.objects.filter(watch_id=author, role="recipient", stage="card").select_related(
            "person"
        )
        for row in known:
            if row.person and accounts.keys_of(row.person) == keys:
                return Status(201, {**public(row.person), "how": "card"})
        if known.count() >= MOST:
            raise problem("over_quota")
        person = accounts.add_person(body.name, body.zone, keys, body.handle)
        for channel in body.channels:
            Channel.objects.create(
                person=person, kind=channel.kind, address=channel.address, proven_at=now, added=now
            )
        Invitation.objects.create(
            ident=f"card-{secrets.token_hex(16)}",
            watch_id=author,
            role="recipient",
            name=body.name,
            stage="card",
            person=person,
            made=now,
            expires=now,
        )
    return Status(201, {**public(person), "how": "card"})


@router.get("/watches/{author}/recipients")
def recipients(request: HttpRequest, author: str) -> dict[str, Any]:
    """The people whom words can be sealed to: invited and answered, or by card."""
    door.enter(request, author, parts.AUTHOR)
    rows = Invitation.objects.filter(watch_id=author, role="recipient", person__isnull=False)
    found = [
        {**public(row.person), "how": "card" if row.stage == "card" else "invitation"}
        for row in rows.select_related("person").order_by("made")
        if row.person and row.stage in ("card", "answered")
    ]
    return {"recipients": found}
