"""Signing in and out, and the check that every other route makes."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.security import HttpBearer
from pydantic import StringConstraints

from lastwords.server import accounts, settings, tamper
from lastwords.server.models import Person
from lastwords.server.problems import Problem, problem

from .door import Body, SignedText, person_of

router = Router(tags=["sessions"])

Account = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]


class SignedIn(HttpBearer):
    """`Authorization: Bearer TOKEN`, looked up by the token's hash."""

    def __call__(self, request: HttpRequest) -> Any:
        if "\x00" in request.path_info:
            # Not every database can even look for this character.
            raise problem("not_found")
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        return accounts.person_of(token)


class PerhapsSignedIn(SignedIn):
    """The same, but nobody is let through too: for the one request that carries its own proof, a paper code."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) or NOBODY


NOBODY = Person(handle="")
"""Stands for someone who is not signed in."""


class AskChallenge(Body):
    account: Account


class Answer(Body):
    account: Account
    answer: SignedText


@router.post("/challenges", auth=None)
def ask_challenge(request: HttpRequest, body: AskChallenge) -> dict[str, str]:
    """A challenge to sign with the account's sign-in key within two minutes. Accounts that do not exist get one too."""
    return {"challenge": accounts.challenge_for(body.account), "origin": settings.current().origin}


@router.post("/sessions", auth=None, response={201: dict[str, Any]})
def begin_session(request: HttpRequest, body: Answer) -> Status[dict[str, Any]]:
    """A token for 15 minutes, for a challenge answered with the account's sign-in key."""
    try:
        token, seconds = accounts.sign_in(body.account, body.answer)
    except Problem:
        tamper.sign_in_failed(body.account)
        raise
    tamper.signed_in(body.account)
    return Status(201, {"token": token, "seconds": seconds})


@router.delete("/sessions/current")
def end_session(request: HttpRequest) -> dict[str, bool]:
    """Ends this session at once."""
    accounts.sign_out(request.headers["Authorization"].split(" ", 1)[1])
    return {"ended": True}


@router.delete("/sessions")
def end_all_sessions(request: HttpRequest) -> dict[str, int]:
    """Ends every session of this person, this one too: for a device that is lost."""
    return {"ended": accounts.sign_out_everywhere(person_of(request))}
