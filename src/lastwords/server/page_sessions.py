"""Sessions of the pages: Django's own, begun by a passkey or by a challenge signed with the sign-in key.

A session holds who it is and when that was last proven, and no secret. What may be a stranger's doing at a screen that
was left open (another device, another address for letters) wants a proof of the last five minutes.
"""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from . import accounts
from .models import Person

PROVEN = "proven"
FRESH = 300
"""Seconds for which a proof of the person lasts."""


@dataclass(frozen=True, slots=True)
class Open:
    """One session of the pages as its person may see it. `browser` is what the browser called itself."""

    ident: int
    begun: int
    browser: str
    current: bool


def begin(request: HttpRequest, person: Person) -> None:
    """Signs this browser in, under a new session key. What has run out, whosever it was, is deleted meanwhile."""
    request.session.clear_expired()
    get_adapter().login(request, person)
    prove(request)
    UserSession.objects.purge_and_list(person)
    UserSession.objects.create_from_request(request)
    UserSession.objects.filter(session_key=request.session.session_key).update(
        data={"begun": accounts.wall()}
    )


def prove(request: HttpRequest) -> None:
    """The person has just been proven again."""
    request.session[PROVEN] = accounts.wall()


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person was proven within the last five minutes."""
    proven = request.session.get(PROVEN)
    return isinstance(proven, int) and 0 <= accounts.wall() - proven < FRESH


def person_of(request: HttpRequest) -> Person | None:
    """Whose session of the pages this request belongs to."""
    if request.session.session_key is None:
        return None
    person = auth.get_user(request)
    return person if isinstance(person, Person) and not person.is_host else None


def end(request: HttpRequest) -> None:
    """Ends this browser's session; whatever it held is deleted."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    auth.logout(request)


def end_everywhere(person: Person) -> int:
    """Ends all of a person's sessions of the pages; says how many there were."""
    sessions = UserSession.objects.purge_and_list(person)
    for session in sessions:
        session.end()
    return len(sessions)


def end_one(person: Person, ident: int) -> bool:
    """Ends one of a person's sessions; False when there is none of that number."""
    session = UserSession.objects.filter(user=person, pk=ident).first()
    if session is None:
        return False
    session.end()
    return True


def of(person: Person, request: HttpRequest) -> list[Open]:
    """A person's sessions of the pages, newest first. What has run out is left where it is: to look changes nothing."""
    running = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    rows = UserSession.objects.filter(user=person, session_key__in=running).order_by("-pk")
    current = request.session.session_key
    return [
        Open(row.pk, int(row.data.get("begun", 0)), row.user_agent, row.session_key == current)
        for row in rows
    ]
