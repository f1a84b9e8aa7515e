"""The check-in: a lamp, "I'm here", and the ways there are to say it."""

import json
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods

from lastwords.protocol.watch import Watch
from lastwords.server import models
from lastwords.server.api import checkins, door, state
from lastwords.server.api.door import Seen
from lastwords.server.pages.entrance import author
from lastwords.server.pages.forms import Form
from lastwords.server.pages.once import once_only

from . import said, signs
from .home import names_of

UNSURE = (
    "This form was sent before, and nothing is done twice. It may have counted: below stands when each of your ways "
    "last worked. To be sure, send the next code of your list."
)


@author
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, seen: Seen) -> HttpResponse:
    zone = seen.person.zone
    form = signs.SignForm(request.POST or None)

    def act() -> None:
        given = signs.by_code(request, seen.author, form.cleaned_data["code"])
        messages.success(request, signs.answer(given, zone))

    if request.method == "POST" and once_only(request, form, act, UNSURE):
        return redirect("check-in")
    return shown(request, seen, form)


def shown(request: HttpRequest, seen: Seen, form: Form) -> HttpResponse:
    """The page, with the form as it stands: of the check-in, or of a phone that is to be added."""
    now, zone = door.now(), seen.person.zone
    found = ways(seen.watch)
    context = {
        "form": form,
        "pairing": form if isinstance(form, signs.PairForm) else signs.PairForm(),
        "by_code": form if not isinstance(form, signs.PairForm) else signs.SignForm(),
        "state": state.of(seen.watch, now, zone, names_of(seen.watch)),
        "ways": found,
        "height": 14 + LINE * (len(found) + 1),
        "phones": seen.person.phones.order_by("id"),
        "now": now.wall,
        "zone": zone,
        "watch": seen.watch,
        "person": seen.person,
    }
    return render(request, "author/check_in.html", context)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say "I'm here": when it last worked (UTC seconds, 0 for never), and without what it would."""

    name: str
    last: int
    note: str
    y: int
    """Its place in the picture."""
    without_device: bool
    without_mail: bool
    without_signal: bool

    @property
    def without(self) -> str:
        """The picture's line in words."""
        held = [
            ("your devices", self.without_device),
            ("mail", self.without_mail),
            ("signal", self.without_signal),
        ]
        return get_text_list([what for what, well in held if well], "and") or "nothing of these"


def ways(watch: Watch) -> list[Way]:
    """Every way this author has, and the one that everybody has: a keeper who says that they have spoken."""
    last = _last_signs(watch)
    left = models.PaperCode.objects.filter(person_id=watch.author, used__isnull=True).count()
    names = [one.name for one in watch.credentials if not one.void]
    found = [_way(name, 40 + LINE * place, last.get(name, 0), left) for place, name in enumerate(names)]
    spoken = "A keeper who has spoken with you says so. It holds everything for a time; it is no check-in."
    return [*found, Way("By voice, through a keeper", 0, spoken, 40 + LINE * len(found), True, True, True)]


LINE = 26
"""Height of a line of the picture."""


def _way(name: str, y: int, last: int, left: int) -> Way:
    paper, phone = name.startswith(checkins.PAPER), name.startswith("phone")
    codes = "1 code is left." if left == 1 else f"{left} codes are left."
    note = codes if paper else "Waits on the phone until it has signal." if phone else ""
    spoken = said.credential(name)
    return Way(spoken[:1].upper() + spoken[1:], last, note, y, paper, True, phone)


def _last_signs(watch: Watch) -> dict[str, int]:
    """When each credential last gave a sign, as far back as 500 rows of the log."""
    found: dict[str, int] = {}
    bodies = models.LogRow.objects.filter(watch_id=watch.author, body__isnull=False).order_by("-number")
    for body in bodies.values_list("body", flat=True)[:500]:
        row = json.loads(bytes(body or b""))
        if row["event"] == "check_in":
            found.setdefault(row["given"]["credential"], row["at"][0])
    return found


urlpatterns = [path("check-in", check_in, name="check-in")]
