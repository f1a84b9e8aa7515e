"""What every template may use without being handed it: the host's settings, and where this person can go."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lastwords.server import models, settings
from lastwords.server.api import door, parts

from . import quietly


def house(request: HttpRequest) -> dict[str, Any]:
    """`house`: the host's settings, of which templates show its name. `nav`: see Navigation. `quiet`: for whoever must
    not be seen here, the name that stands for the host's, and where *leave* goes; else None."""
    chosen, quiet = settings.current(), quietly.of(request)
    return {
        "house": replace(chosen, name=quiet.name) if quiet else chosen,
        "quiet": quiet,
        "nav": SimpleLazyObject(lambda: navigation(request)),
    }


@dataclass(frozen=True, slots=True)
class Entry:
    href: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Navigation:
    """The pages that this person has. `at` is the beginning of the address asked for, `first` where the house's name
    leads. Somebody signed in as host alone has nothing but the host's page."""

    at: str
    signed_in: bool = False
    host: bool = False
    first: str = "/"
    entries: tuple[Entry, ...] = field(default=())


AUTHOR = (
    ("/home", "Home"),
    ("/write", "Write"),
    ("/people", "People"),
    ("/keepers", "Keepers"),
    ("/plan", "Plan"),
)
HOMES = ("/check-in", "/trip", "/vanish", "/practice", "/sheets", "/hold", "/alarm", "/welcome-home")
"""Pages that lie behind an author's home."""


def navigation(request: HttpRequest) -> Navigation:
    """Where the person who asks can go, by their parts."""
    at = "/" + request.path_info.lstrip("/").partition("/")[0]
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return Navigation(at)
    found = _links(person.handle)
    at = "/home" if at in HOMES else at
    entries = tuple(Entry(href, label, href == at) for href, label in found)
    alone = "/host" if person.is_host else "/account"
    return Navigation(at, True, person.is_host, found[0][0] if found else alone, entries)


def _links(handle: str) -> list[tuple[str, str]]:
    """Address and name of each page for the parts this person has. Words are named only to a recipient who was told of
    them."""
    found = list(AUTHOR) if models.Watch.objects.filter(author=handle).exists() else []
    others = models.Part.objects.filter(person=handle).values("watch")
    keeper = told = False
    for watch in door.readable(models.Watch.objects.filter(author__in=others).order_by("author"), handle):
        keeper = keeper or parts.KEEPER in parts.of(watch, handle)
        told = told or bool(parts.own_tracks(watch, handle))
    return [*found, *[("/cases", "Cases")] * keeper, *[("/words", "Words for you")] * told]
