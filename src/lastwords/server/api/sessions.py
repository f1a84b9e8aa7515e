"""Signing in and out, and the check that every other route makes: a token, or the session of a page.

A browser sends its cookie with whatever a page elsewhere makes it send. So the cookie alone reads, and never writes: a
request that changes something must come from a page of this host and carry that page's form token (T12). A program
with a token is asked for neither, since nothing sends its token for it.
"""

from typing import Annotated, Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Status
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf
from pydantic import StringConstraints

from lastwords.server import accounts, page_sessions, settings, tamper
from lastwords.server.models import Person
from lastwords.server.problems import Problem, problem

from .door import Body, SignedText, person_of

router = Router(tags=["sessions"])

Account = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]

SAFE = ("GET", "HEAD", "OPTIONS")
BODIES = ("application/json", "application/octet-stream")
"""Content types that no form of another page can send."""


class SignedIn(HttpBearer):
    """`Authorization: Bearer TOKEN`, looked up by the token's hash."""

    def __call__(self, request: HttpRequest) -> Any:
        if "\x00" in request.path_info:
            # Not every database can even look for this character.
            raise problem("not_found")
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        return accounts.person_of(token)


class OnAPage(APIKeyCookie):
    """The session of a page, where no token was sent; with the page's form token for whatever changes something."""

    def __init__(self) -> None:
        self.param_name = "session"
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Person | None:
        if "Authorization" in request.headers:
            return None
        person = page_sessions.person_of(request)
        if person is not None and request.method not in SAFE:
            must_come_from_here(request)
        return person


class Anyone(SignedIn):
    """Lets nobody in particular through: for the one request that carries its own proof, a paper code."""

    def __call__(self, request: HttpRequest) -> Any:
        return NOBODY


NOBODY = Person(handle="")
"""Stands for someone who is not signed in."""

SIGNED_IN = [SignedIn(), OnAPage()]
PERHAPS_SIGNED_IN = [*SIGNED_IN, Anyone()]


def must_come_from_here(request: HttpRequest) -> None:
    """Refuses a request that a page of this host did not send: by its origin, by what the browser says of the sender,
    by its content type, and by the form token, which no page elsewhere can read."""
    headers, origin = request.headers, settings.current().origin
    sender = (headers.get("Origin"), headers.get("Sec-Fetch-Site"))
    known = sender != (None, None) and sender[0] in (None, origin) and sender[1] in (None, "same-origin")
    if not known or request.content_type not in ("", *BODIES) or check_csrf(request) is not None:
        raise problem("form_refused")


def must_be_fresh(request: HttpRequest) -> None:
    """Refuses what may be a stranger's doing at an open screen, unless the person was proven within five minutes. A
    program's token stands for a signature of the last fifteen minutes."""
    if "Authorization" not in request.headers and not page_sessions.is_fresh(request):
        raise problem("prove_again")


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
    person = _answered(body)
    token, seconds = accounts.begin_session(person)
    return Status(201, {"token": token, "seconds": seconds})


def _answered(body: Answer) -> Person:
    """The person who answered; failures in a row are told, a good answer ends the row."""
    try:
        person = accounts.answered(body.account, body.answer)
    except Problem:
        tamper.sign_in_failed(body.account)
        raise
    tamper.signed_in(body.account)
    return person


@router.delete("/sessions/current")
def end_session(request: HttpRequest) -> dict[str, bool]:
    """Ends this session at once."""
    bearer = request.headers.get("Authorization")
    if bearer is None:
        page_sessions.end(request)
    else:
        accounts.sign_out(bearer.split(" ", 1)[1])
    return {"ended": True}


@router.delete("/sessions")
def end_all_sessions(request: HttpRequest) -> dict[str, int]:
    """Ends every session of this person, of programs and of pages, this one too: for a device that is lost."""
    person = person_of(request)
    return {"ended": accounts.sign_out_everywhere(person) + page_sessions.end_everywhere(person)}


# Sessions of the pages.


@router.post("/page-sessions", auth=None, response={201: dict[str, str]})
def begin_page_session(request: HttpRequest, body: Answer) -> Status[dict[str, str]]:
    """Signs this browser in by a challenge answered with the account's sign-in key. The session is a cookie."""
    must_come_from_here(request)
    person = _answered(body)
    return Status(201, begun(request, person))


def begun(request: HttpRequest, person: Person) -> dict[str, str]:
    """Begins a session, or proves the person of a running one again; the page gets the form token that fits it."""
    if page_sessions.person_of(request) == person:
        page_sessions.prove(request)
    else:
        page_sessions.begin(request, person)
    return {"handle": person.handle, "form_token": get_token(request)}


@router.get("/page-sessions")
def list_page_sessions(request: HttpRequest) -> list[dict[str, Any]]:
    """One's own sessions of the pages: when each began and what its browser calls itself."""
    return [
        {"id": one.ident, "begun": one.begun, "browser": one.browser, "current": one.current}
        for one in page_sessions.of(person_of(request), request)
    ]


@router.delete("/page-sessions/{int:session_id}")
def end_page_session(request: HttpRequest, session_id: int) -> dict[str, bool]:
    """Ends one of one's own sessions of the pages."""
    if not page_sessions.end_one(person_of(request), session_id):
        raise problem("not_found")
    return {"ended": True}
