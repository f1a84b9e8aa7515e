"""A practice: the real way, walked while nothing has happened. The author sees the letter before it goes, and then what
became of it with each keeper."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lastwords.protocol.counting import FIT
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.turn import REACHABLE
from lastwords.server import letters, settings
from lastwords.server.api import door, upkeep
from lastwords.server.api.door import Seen
from lastwords.server.letters import Role, Sheet
from lastwords.server.moments import length_of
from lastwords.server.pages.entrance import author
from lastwords.server.pages.once import Once, once_only

from .home import names_of

LETTERS = {
    "written": "on its way",
    "handed_over": "their mail took it",
    "failed": "their mail refused it",
    "bounced": "it came back",
    "dropped": "not sent any more",
}


@author
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest, seen: Seen) -> HttpResponse:
    form = Once(request.POST or None)

    def act() -> None:
        upkeep.begin_practice(request, seen.author)
        messages.success(request, "Your keepers are asked. You see here what becomes of it.")

    if request.method == "POST" and once_only(request, form, act):
        return redirect("practice")
    names, watch = names_of(seen.watch), seen.watch
    last = upkeep.last_practice(request, seen.author)
    shown = {
        "form": form,
        "last": last,
        "board": [
            {
                "name": names.get(one["keeper"], one["keeper"]),
                "letter": LETTERS.get(one["letter"], one["letter"]),
                "proven": one["proven"],
            }
            for one in last["keepers"]
        ],
        "proven": sum(bool(one["proven"]) for one in last["keepers"]),
        "asked": [names.get(seat.keeper, "") for seat in watch.seats if seat.stage in FIT and seat.receipts],
        "preview": _preview(seen, names),
        "runs": length_of(watch.plan.practice),
        "watch": watch,
        "zone": seen.person.zone,
    }
    return render(request, "author/practice.html", shown)


def _preview(seen: Seen, names: dict[str, str]) -> letters.Text:
    """The letter as the first keeper would get it now, without the line breaks of mail."""
    chosen, watch = settings.current(), seen.watch
    first = next((names.get(seat.keeper, seat.keeper) for seat in watch.seats if seat.stage in REACHABLE), "")
    facts = {"practice": watch.practices + 1, "ends": door.now().wall + watch.plan.practice}
    sheet = Sheet(
        LetterKind.PRACTICE.value,
        Role.KEEPER,
        first,
        seen.person.zone,
        seen.person.name,
        0,
        facts,
        chosen.name,
        chosen.origin,
    )
    written = letters.write(sheet)
    body = "\n\n".join(" ".join(part.split()) for part in written.body.split("\n\n"))
    return letters.Text(written.subject, body)


urlpatterns = [path("practice", practice, name="practice")]
