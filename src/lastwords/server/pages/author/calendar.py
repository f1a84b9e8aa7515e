"""A private calendar of due dates: neutral titles, no link, a year ahead. Never the only reminder, for calendars look
again only now and then."""

import secrets
from datetime import UTC, datetime, timedelta

from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe
from icalendar import Calendar, Event

from lastwords.protocol.stages import Stage
from lastwords.protocol.watch import Watch
from lastwords.server import accounts, adapters, settings
from lastwords.server.api import door, views
from lastwords.server.api.door import Seen
from lastwords.server.models import Feed
from lastwords.server.pages.account.fresh import fresh
from lastwords.server.pages.entrance import author
from lastwords.server.refusals import ServerRefused

AHEAD = 365 * 86400
"""Seconds for which dates are told."""
MOST = 400
"""Dates in one calendar: a check-in each day of that year, and room. Nobody's terms make a stranger's request long."""
TITLE = "Say hello"
"""Others may see the calendar, so its entries tell nothing."""
REFRESH = timedelta(hours=6)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever has this address. An address that was taken back and one that never was look alike."""
    found = Feed.objects.select_related("person").filter(token=accounts.hashed(token)).first()
    if found is None:
        raise Http404
    try:
        watch = door.load(found.person_id, found.person_id)
        dates = _due(watch)
    except ServerRefused:
        dates = []
    response = HttpResponse(_calendar(dates), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


def _due(watch: Watch) -> list[int]:
    """When check-ins fall due within a year, in UTC seconds, if each is made on its last day; none while none does."""
    now = door.now()
    first = views.next_check_in(watch, now)
    if first is None or watch.stage is not Stage.WELL:
        return []
    return list(range(first, now.wall + AHEAD, watch.plan.check_in_every)[:MOST])


def _calendar(dates: list[int]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Say hello//EN")
    calendar.add("version", "2.0")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-wr-calname", TITLE)
    for second in dates:
        at = datetime.fromtimestamp(second, UTC)
        entry = Event()
        # The name is the date's own, so that a date that has not moved stays the same entry.
        entry.add("uid", f"{second}@due")
        entry.add("dtstamp", at)
        entry.add("dtstart", at - timedelta(hours=1))
        entry.add("dtend", at)
        entry.add("summary", TITLE)
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


@author
@require_safe
def settings_page(request: HttpRequest, seen: Seen) -> HttpResponse:
    kept = Feed.objects.filter(person=seen.person).first()
    return render(request, "author/calendar.html", {"kept": kept, "zone": seen.person.zone})


@author
@fresh
@require_POST
def make(request: HttpRequest, seen: Seen) -> HttpResponse:
    """A new address, shown this once. The one before it stops working."""
    token = secrets.token_urlsafe(24)
    Feed.objects.update_or_create(
        person=seen.person, defaults={"token": accounts.hashed(token), "made": accounts.wall()}
    )
    address = f"{settings.current().origin}/calendar/{token}.ics"
    request.session["feed"] = adapters.closed(address)
    return redirect("calendar-new")


@author
@require_safe
def made(request: HttpRequest, seen: Seen) -> HttpResponse:
    """The new address. It is kept in this session alone, until it ends, and closed: sessions lie in the database."""
    try:
        address = adapters.opened(request.session["feed"])
    except (KeyError, InvalidToken):
        return redirect("calendar")
    return render(request, "author/calendar_new.html", {"address": address})


@author
@require_POST
def take_back(request: HttpRequest, seen: Seen) -> HttpResponse:
    Feed.objects.filter(person=seen.person).delete()
    request.session.pop("feed", None)
    messages.success(request, "The calendar's address works no more.")
    return redirect("calendar")


urlpatterns = [
    path("calendar/<slug:token>.ics", feed, name="feed"),
    path("calendar", settings_page, name="calendar"),
    path("calendar/make", make, name="calendar-make"),
    path("calendar/new", made, name="calendar-new"),
    path("calendar/take-back", take_back, name="calendar-take-back"),
]
