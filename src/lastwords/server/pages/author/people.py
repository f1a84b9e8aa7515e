"""The people an author writes for. Their keys are made or checked in the browser; this host only knows their names."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lastwords.protocol.stages import GONE
from lastwords.server.api import invitations
from lastwords.server.api.door import Seen
from lastwords.server.models import Invitation, Person
from lastwords.server.pages.entrance import author

CARD, INVITED, KEEPER = "card", "invitation", "keeper"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who can be written to, and how they became known: by a card, an invitation, or as a keeper."""

    handle: str
    name: str
    how: str


def known(seen: Seen) -> list[Known]:
    """Everybody who can be written to: the recipients first, then the keepers."""
    rows = Invitation.objects.filter(
        watch_id=seen.author, role="recipient", person__isnull=False, stage__in=("card", "answered")
    ).select_related("person")
    found = {
        row.person.handle: Known(row.person.handle, row.person.name, CARD if row.stage == "card" else INVITED)
        for row in rows.order_by("made", "ident")
        if row.person
    }
    seats = [seat.keeper for seat in seen.watch.seats if seat.stage not in GONE]
    for person in Person.objects.filter(handle__in=seats).order_by("name"):
        found.setdefault(person.handle, Known(person.handle, person.name, KEEPER))
    return list(found.values())


def offered(seen: Seen, *roles: str) -> list[Invitation]:
    """Invitations in these roles that nobody has answered yet, oldest first."""
    open_ones = Invitation.objects.filter(watch_id=seen.author, stage="offered", role__in=roles)
    return list(open_ones.order_by("made", "ident"))


@author
@require_safe
def people(request: HttpRequest, seen: Seen) -> HttpResponse:
    shown = {
        "person": seen.person,
        "people": [one for one in known(seen) if one.how != KEEPER],
        "offered": offered(seen, "recipient"),
    }
    return render(request, "author/people.html", shown)


@author
@require_POST
def take_back(request: HttpRequest, seen: Seen, ident: str) -> HttpResponse:
    """An offer that nobody has answered is taken back. Pressed twice it is taken back once."""
    row = Invitation.objects.filter(ident=ident, watch_id=seen.author).first()
    if row is None or row.stage != "taken_back":
        invitations.take_back(request, seen.author, ident)
    return redirect("people" if row and row.role == "recipient" else "keepers")


urlpatterns = [
    path("people", people, name="people"),
    path("people/invitations/<str:ident>/take-back", take_back, name="invitation-take-back"),
]
