"""Phones as a way to check in: a key that can do nothing else is added with a strong sign, and taken out again."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from lastwords.protocol import events
from lastwords.server import phones
from lastwords.server.models import Phone
from lastwords.server.problems import problem

from . import checkins, door, parts, people
from .door import Body
from .sessions import must_be_fresh

router = Router(tags=["phones"])


class NewPhone(Body):
    """`sign` is a check-in with the author's own key or a paper code: a session alone adds no way to check in."""

    public_key: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
    sign: checkins.Sign


@router.post("/watches/{author}/phones", response={201: dict[str, Any]})
def add_phone(request: HttpRequest, author: str, body: NewPhone) -> Status[dict[str, Any]]:
    """Makes a phone a way to check in, with a strong sign of the author's; author and keepers are told of it."""
    seen = door.enter(request, author, parts.AUTHOR)
    if body.sign.phone is not None:
        raise problem("phone_adds_none")
    known = Phone.objects.filter(person=seen.person, public_key=body.public_key).first()
    if known is not None:
        return Status(201, {"credential": known.credential})
    with door.together():
        checkins.check_in(request, author, body.sign)
        credential = phones.next_name(seen.watch)
        phones.add(seen.person, credential, body.public_key, body.name)
        door.act(author, events.AddCredential(by=author, credential=credential, place=people.DEVICE))
    return Status(201, {"credential": credential})


@router.get("/watches/{author}/phones")
def list_phones(request: HttpRequest, author: str) -> dict[str, Any]:
    """The author's phones."""
    seen = door.enter(request, author, parts.AUTHOR)
    return {
        "phones": [
            {"credential": one.credential, "name": one.name, "public_key": one.public_key, "made": one.made}
            for one in seen.person.phones.order_by("id")
        ]
    }


@router.delete("/watches/{author}/phones/{credential}")
def take_out_phone(request: HttpRequest, author: str, credential: str) -> dict[str, bool]:
    """Takes a phone out: what it signs is refused from now on. Doing it twice changes nothing."""
    must_be_fresh(request)
    seen = door.enter(request, author, parts.AUTHOR)
    Phone.objects.filter(person=seen.person, credential=credential).delete()
    return {"taken_out": True}
