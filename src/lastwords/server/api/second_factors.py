"""An authenticator and recovery codes: proofs of a person that are typed, and that open nothing."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from lastwords.server import page_sessions, second_factors

from . import door
from .door import Body
from .passkeys import Place, Ticket
from .sessions import must_be_fresh

router = Router(tags=["second factors"])

Typed = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[0-9 -]+$")]


class Code(Body):
    code: Typed


class Confirmed(Code):
    ticket: Ticket
    place: Place


@router.get("/me/second-factors")
def list_second_factors(request: HttpRequest) -> dict[str, Any]:
    """Whether there is an authenticator, where it is kept, and how many recovery codes are left."""
    return second_factors.shown(door.person_of(request))


@router.post("/me/authenticator/asked")
def begin_authenticator(request: HttpRequest) -> dict[str, str]:
    """A secret for an authenticator, shown this once. Nothing is kept before a number of it was typed."""
    must_be_fresh(request)
    return second_factors.begin(door.person_of(request))


@router.post("/me/authenticator", response={201: dict[str, Any]})
def add_authenticator(request: HttpRequest, body: Confirmed) -> Status[dict[str, Any]]:
    """Keeps the authenticator. In an author's watch its numbers count as strong check-ins, and everyone is told."""
    must_be_fresh(request)
    person = door.person_of(request)
    second_factors.confirm(person, body.ticket, body.code, body.place)
    return Status(201, second_factors.shown(person))


@router.delete("/me/authenticator")
def take_out_authenticator(request: HttpRequest) -> dict[str, bool]:
    """Forgets the authenticator and the recovery codes."""
    must_be_fresh(request)
    second_factors.take_out(door.person_of(request))
    return {"taken_out": True}


@router.post("/me/recovery-codes", response={201: dict[str, list[str]]})
def make_recovery_codes(request: HttpRequest) -> Status[dict[str, list[str]]]:
    """Ten new codes that stand in for the authenticator when the person is to be proven again; the old ones end."""
    must_be_fresh(request)
    return Status(201, {"codes": second_factors.new_recovery_codes(door.person_of(request))})


@router.post("/me/proof")
def prove_again(request: HttpRequest, body: Code) -> dict[str, bool]:
    """Types a number or a recovery code as proof that it is still the person at this screen."""
    second_factors.prove(door.person_of(request), body.code)
    if "Authorization" not in request.headers:
        page_sessions.prove(request)
    return {"proven": True}
