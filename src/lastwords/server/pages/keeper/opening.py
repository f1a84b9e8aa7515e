"""Pages of a case that open and tell: emergency notes, sheets written ahead, how the author is, the handover report.

All of it is opened in the reader's browser; these views say what there is and how far an asking has come.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol.stages import SeatStage
from lastwords.protocol.watch import Watch
from lastwords.server import models
from lastwords.server.api import door, glass, parts, views
from lastwords.server.api.standing import names_of
from lastwords.server.moments import length_of
from lastwords.server.pages.entrance import signed_in

from . import lines
from .cases import case_context


@signed_in
@require_safe
def notes(request: HttpRequest, author: str) -> HttpResponse:
    """Break glass, for a keeper who asks and for everybody who can say no: the author and the other keepers."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    shown = glass.glass(request, author)
    you, name = seen.person.handle, views.name_of(author)
    askings = lines.askings(seen.watch, you, name, door.now(), seen.person.zone)
    context = {
        "person": seen.person,
        "author": author,
        "name": name,
        "is_author": seen.has(parts.AUTHOR),
        "is_keeper": seen.has(parts.KEEPER) and not seen.has(parts.AUTHOR),
        "askings": askings,
        "waiting": _waiting(seen.watch, you),
        "mine": next((one.stage for one in askings if one.keeper == you), ""),
        "wait": length_of(shown["wait"]),
        "has_notes": shown["notes"],
        "for_you": shown["for_you"],
    }
    return render(request, "keeper/glass.html", context)


def _waiting(watch: Watch, you: str) -> list[tuple[str, str]]:
    """Who asked, of which everyone was told by name, and counts again only when the others sign it."""
    suspended = [seat.keeper for seat in watch.seats if seat.stage is SeatStage.SUSPENDED or seat.glass_only]
    asked = models.Paper.objects.filter(watch_id=watch.author, name=glass.ASK, by__in=suspended)
    names = names_of(set(asked.values_list("by", flat=True)) - {you})
    return sorted(names.items(), key=lambda one: one[1])


@signed_in
@require_safe
def ahead(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/ahead.html", case_context(request, author))


@signed_in
@require_safe
def bed(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/bed.html", case_context(request, author))


@signed_in
@require_safe
def report(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/report.html", case_context(request, author))


urlpatterns = [
    path("glass/<str:author>", notes, name="glass"),
    path("cases/<str:author>/sheets", ahead, name="case-sheets"),
    path("cases/<str:author>/now", bed, name="case-now"),
    path("cases/<str:author>/report", report, name="case-report"),
]
