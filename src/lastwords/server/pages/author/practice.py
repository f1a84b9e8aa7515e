"""Practising with the keepers: the text they get, asking them, and a board of who has answered. It needs no key."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lastwords.protocol import events, machine
from lastwords.protocol.effects import LetterKind, Step
from lastwords.server import letters, settings
from lastwords.server.api import door, upkeep
from lastwords.server.api.door import Seen
from lastwords.server.pages.entrance import author
from lastwords.server.pages.moments import short
from lastwords.server.pages.once import Once, once_only

from .home import names_of

LETTERS = {
    "written": "the letter waits to be sent",
    "handed_over": "the letter was accepted by their mail server",
    "failed": "the letter could not be sent yet, and is tried again",
    "bounced": "the letter came back",
    "undeliverable": "the letter could not be sent",
    "dropped": "the letter was no longer needed",
}


@author
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest, seen: Seen) -> HttpResponse:
    form = Once(request.POST or None)

    def act() -> None:
        said = upkeep.begin_practice(request, seen.author).value
        asked = len(said["asked"])
        messages.success(request, f"Practice {said['number']} has begun. {asked} keepers are asked.")

    if request.method == "POST" and once_only(request, form, act):
        return redirect("practice")
    names, zone = names_of(seen.watch), seen.person.zone
    shown = {
        "form": form,
        "last": _board(upkeep.last_practice(request, seen.author), names, zone),
        "next": _preview(seen, names),
        "running": seen.watch.practice,
        "zone": zone,
    }
    return render(request, "author/practice.html", shown)


def _board(last: dict[str, Any], names: dict[str, str], zone: str) -> dict[str, Any]:
    rows = [
        {
            "name": names.get(one["keeper"], one["keeper"]),
            "letter": LETTERS.get(one["letter"], one["letter"].replace("_", " ")),
            "proven": f"proved their share, {short(one['proven'], zone)}" if one["proven"] else "",
        }
        for one in last["keepers"]
    ]
    return {**last, "rows": rows, "answered": sum(bool(row["proven"]) for row in rows)}


def _preview(seen: Seen, names: dict[str, str]) -> dict[str, Any] | None:
    """Whom the next practice would ask, and the text that the first of them gets. None while one runs."""
    now = door.now()
    outcome = machine.step(seen.watch, events.BeginPractice(by=seen.author), now)
    if not isinstance(outcome, Step) or outcome.watch.practice is None:
        return None
    running = outcome.watch.practice
    asked = [names.get(keeper, keeper) for keeper in running.asked]
    house = settings.current()
    sheet = letters.Sheet(
        kind=LetterKind.PRACTICE.value,
        role=letters.Role.KEEPER,
        name=(asked[0] if asked else "your keeper"),
        zone=seen.person.zone,
        author=seen.person.name,
        case=0,
        facts={"practice": running.number, "ends": running.wait.ends(now)},
        service=house.name,
        address=house.origin,
    )
    return {"asked": asked, "ends": running.wait.ends(now), "text": letters.write(sheet)}


urlpatterns = [path("practice", practice, name="practice")]
