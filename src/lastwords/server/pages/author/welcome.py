"""The welcome-home page, for whom it is meant: the author whom their keepers have seen or heard again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol.watch import Watch
from lastwords.server.api import homecoming, views
from lastwords.server.api.door import Seen
from lastwords.server.pages.entrance import author
from lastwords.server.problems import problem


def came_home(watch: Watch) -> bool:
    """Whether there is the page: the newest case closed because the author came home, and a keeper has signed it."""
    return watch.case is not None and not watch.case_open and bool(views.seen_home(watch))


@author
@require_safe
def welcome_home(request: HttpRequest, seen: Seen) -> HttpResponse:
    """Names and days are the script's to show, once it has checked every signature."""
    if not came_home(seen.watch):
        raise problem("not_found")
    shown = {"person": seen.person, "case": homecoming.home_page(request, seen.author)}
    return render(request, "author/welcome_home.html", shown)


urlpatterns = [path("welcome-home", welcome_home, name="welcome-home")]
