"""Lost or stolen: what to do by what is gone, and the button that ends at once what could be used with it.

The page can be read by anybody, since whoever needs it may not be able to sign in; ending something wants the person.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST

from lastwords.server import lost, page_sessions
from lastwords.server.api.door import person_of
from lastwords.server.pages.account.fresh import fresh
from lastwords.server.pages.entrance import signed_in
from lastwords.server.problems import problem


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that can be gone: what the button says, what is known then, and what comes next."""

    what: str
    title: str
    text: str
    button: str
    next: str


KEY_NEXT = (
    "Whoever has it has your key, and no host can end a key at once. Ask for new keys, tell your people by voice, and "
    "seal your words anew when the new keys have come."
)

THINGS = (
    Thing(
        "phone",
        "A phone",
        "It may hold a passkey, an authenticator, and the button that says “I'm here”.",
        "Sign out everywhere and end what is on the phone",
        "If it was unlocked with your key open in a page, go on as for a sheet.",
    ),
    Thing(
        "computer",
        "A computer",
        "It may hold a passkey, an authenticator, and a browser that is signed in.",
        "Sign out everywhere and end what is on a computer",
        "If your key was open in a page, go on as for a sheet. Then make a passkey on the device you use now.",
    ),
    Thing(
        "passkey",
        "A security key",
        "It signs in as you and opens your key, if its owner's mark or number is known.",
        "Sign out everywhere and end passkeys on security keys",
        "Make another passkey or a passphrase, so that you have two ways in again.",
    ),
    Thing(
        "passphrase",
        "The eight words",
        "With your handle they sign in as you and open your key.",
        "Sign out everywhere and end the passphrase",
        "If somebody may have used them, they have your key: go on as for a sheet. Else draw new words.",
    ),
    Thing(
        "paper-codes",
        "A list of paper codes",
        "Each code says “I'm here” once, and opens nothing.",
        "End the list",
        "Print a new list.",
    ),
    Thing(
        "mailbox",
        "A mailbox",
        "Whoever reads it sees when you are asked for. No letter has a link, and none opens anything.",
        "Sign out everywhere and end the calendar address",
        "Add another address, then take the lost one out. It is written to for fourteen days more.",
    ),
    Thing("sheet", "The recovery sheet", "It is your key on paper.", "Sign out everywhere", KEY_NEXT),
    Thing(
        "card",
        "A card with a key",
        "An author gave it to you, or it is a copy of your own.",
        "Sign out everywhere",
        f"Ask the author for a new card; they seal the words again for it. Your own copy: {KEY_NEXT}",
    ),
    Thing(
        "everything",
        "A bag, a home, everything",
        "All sessions, phones, passkeys, the passphrase, the authenticator and the paper codes.",
        "End all of it",
        "On a safe device ask for new keys, and call a keeper.",
    ),
)


@require_http_methods(["GET", "HEAD"])
@ensure_csrf_cookie
def lost_or_stolen(request: HttpRequest) -> HttpResponse:
    person = page_sessions.person_of(request)
    return render(request, "account/lost.html", {"person": person, "things": THINGS})


@signed_in
@fresh
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Ends it, and says what there was to end and what comes next. This browser may be signed out by it."""
    thing = next((one for one in THINGS if one.what == request.POST.get("what")), None)
    if thing is None:
        raise problem("malformed")
    person = person_of(request)
    ended = lost.end(person, thing.what)
    return render(request, "account/lost_done.html", {"thing": thing, "ended": ended})


urlpatterns = [
    path("account/lost", lost_or_stolen, name="lost"),
    path("account/lost/end", end, name="end-lost"),
]
