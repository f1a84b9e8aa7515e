"""A keeper's shares: proven, and saved in kits. Neither is bound to a case: both are done when nothing has happened."""

from dataclasses import dataclass

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol.watch import Track, Watch
from lastwords.server.api import door, parts, views
from lastwords.server.api.files import SEALED
from lastwords.server.browser import STATIC
from lastwords.server.models import FileUse
from lastwords.server.pages.entrance import signed_in

from .cases import kept_for, of_keeper
from .lines import IF

LARGEST_KIT = 2**29
"""Bytes of sealed files in a kit that a page saves. Until it is saved it is the browser's: some lay it on their disk,
some keep it in memory. Chromium in a private window, which uses no disk, saved 400 MB and could not keep 500; the page
says so then. A browser that uses its disk has this to spare."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What there is to save of one track; `size` is of its sealed files and of the page that opens them."""

    track: str
    whom: str
    condition: str
    number: int
    size: int


@signed_in
@require_safe
def shares(request: HttpRequest, author: str) -> HttpResponse:
    seen = door.enter(request, author, parts.KEEPER)
    context = of_keeper(seen)
    return render(
        request,
        "keeper/shares.html",
        context
        | {
            "kept": kept_for(seen.watch, seen.person),
            "kits": kits(seen.watch, seen.person.handle, context["name"]),
            "largest_kit": LARGEST_KIT,
        },
    )


def kits(watch: Watch, keeper: str, author: str) -> list[Kit]:
    """One for each track this keeper holds a share of; `author` is the author's name."""
    opener = (STATIC / "opener.html").stat().st_size
    return [
        Kit(
            track=track.key,
            whom=views.name_of(track.recipient),
            condition=IF[track.condition].format(author=author),
            number=track.manifest[0],
            size=_sealed(watch, track) + opener,
        )
        for track in parts.kept_tracks(watch, keeper)
    ]


def _sealed(watch: Watch, track: Track) -> int:
    uses = FileUse.objects.filter(watch_id=watch.author, kind=SEALED, name__startswith=f"{track.key}/")
    return uses.aggregate(size=Sum("file__size"))["size"] or 0


urlpatterns = [path("cases/<str:author>/shares", shares, name="case-shares")]
