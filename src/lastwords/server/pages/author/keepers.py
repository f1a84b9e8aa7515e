"""The circle: seats round a lamp, who counts and what is missing, and one page for each keeper.

Asking and verifying need the author's key, so the browser does them; a seat is suspended or taken back without it.
"""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastwords.protocol import health as circle_health
from lastwords.protocol.stages import GONE
from lastwords.protocol.watch import Watch
from lastwords.server.api import door, keepers, upkeep
from lastwords.server.api.door import Seen
from lastwords.server.models import Person
from lastwords.server.moments import date_of
from lastwords.server.pages.entrance import author
from lastwords.server.problems import problem
from lastwords.signing.fingerprints import eight_words, fingerprint, person_fingerprint

from .home import names_of, with_names
from .people import offered

STAGES = {
    "invited": "invited, not answered yet",
    "accepted": "said “I will”, not verified yet",
    "verified": "verified",
    "seasoned": "verified",
    "suspended": "suspended",
    "resting": "rests until their share is proven again",
}
MARKS = {"seasoned": "good", "verified": "good", "resting": "waits", "suspended": "waits"}
"""How a seat is drawn: `good` filled with a tick, `waits` filled without one, everything else an outline."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat as the page shows it, with its place in the picture."""

    handle: str
    name: str
    stage: str
    state: str
    alternate: int
    shares: str
    reached: bool
    mark: str
    x: int
    y: int

    @property
    def first(self) -> str:
        return self.name.split(" ")[0][:12]

    @property
    def label_y(self) -> int:
        return self.y + 34

    @property
    def tick(self) -> str:
        """The path of the tick in a seat that is verified."""
        return f"M{self.x - 7} {self.y}l5 6 9-12"


@author
@require_safe
def circle(request: HttpRequest, seen: Seen) -> HttpResponse:
    found = [row for row in keepers.keepers(request, seen.author)["keepers"] if row["stage"] not in GONE]
    seats = seats_of(found, seen)
    of_circle = [seat for seat in seats if not seat.alternate]
    health, names = upkeep.health(request, seen.author), names_of(seen.watch)
    shown = {
        "person": seen.person,
        "seats": of_circle,
        "alternates": sorted((s for s in seats if s.alternate), key=lambda seat: seat.alternate),
        "offered": offered(seen, "keeper", "alternate"),
        "quorum": quorum_sentence(seen.watch, sum(seat.mark == "good" for seat in of_circle)),
        "health": [with_names(one["sentence"], names) for one in health["warnings"]],
        "tracks": [_of_track(one, names) for one in health["tracks"]],
        "plan": seen.watch.plan,
    }
    return render(request, "author/keepers.html", shown)


def _of_track(one: dict[str, Any], names: dict[str, str]) -> str:
    recipient = one["track"].split(".")[1]
    return f"Words for {names.get(recipient, recipient)}: {with_names(one['sentence'], names)}"


def quorum_sentence(watch: Watch, verified: int) -> str:
    """What the circle can do, in one sentence or two. Once there are words, the machine counts who would carry them."""
    if watch.plan.timer_only:
        return "Your plan asks no keepers."
    k = watch.plan.quorum
    fewer = "one alone" if k == 2 else f"any {k - 1} together"
    needs = f"Any {k} keepers together let your words go; {fewer} can open nothing."
    if k == 1:
        needs = "One keeper alone lets your words go."
    worst = circle_health.worst(watch)
    if watch.armed and worst:
        return f"{needs} {with_names(worst.sentence, names_of(watch))}"
    are = "is" if verified == 1 else "are"
    if verified > k:
        return f"{needs} {verified} {are} verified, so {verified - k} may be out of reach."
    return f"{needs} {verified} {are} verified; {k + 1 - verified} more should be, so that one may be out of reach."


def _unreached(seen: Seen) -> tuple[str, ...]:
    return circle_health.out_of_reach(seen.watch, upkeep.circle_of(seen.watch))


def seats_of(rows: list[dict[str, Any]], seen: Seen) -> list[Seat]:
    """The seats in their order; those of the circle stand round the lamp."""
    circle_size = max(sum(not row["alternate"] for row in rows), 1)
    unreached = _unreached(seen)
    made, place = [], 0
    for row in rows:
        x, y = _round_the_lamp(place, circle_size)
        place += not row["alternate"]
        made.append(_seat(row, seen, unreached, x, y))
    return made


def _round_the_lamp(place: int, size: int) -> tuple[int, int]:
    angle = 2 * pi * place / size - pi / 2
    return round(172 + 118 * cos(angle)), round(128 + 86 * sin(angle))


def _seat(row: dict[str, Any], seen: Seen, unreached: tuple[str, ...], x: int = 0, y: int = 0) -> Seat:
    state = STAGES.get(row["stage"], row["stage"])
    if row["stage"] == "verified" and row["season_ends"]:
        state = f"verified, counts from {date_of(row['season_ends'], seen.person.zone)}"
    held, proven = len(row["tracks"]), len(row["proven"])
    shares = "holds no share yet" if not held else f"{proven} of {held} shares proven"
    mark = MARKS.get(row["stage"], "")
    return Seat(
        handle=row["handle"],
        name=row["name"],
        stage=row["stage"],
        state=state,
        alternate=row["alternate"],
        shares=shares,
        reached=row["handle"] not in unreached,
        mark=mark,
        x=x,
        y=y,
    )


# One keeper.


@author
@require_safe
def one_keeper(request: HttpRequest, seen: Seen, handle: str) -> HttpResponse:
    rows = keepers.keepers(request, seen.author)["keepers"]
    row = _row(rows, handle)
    mine = person_fingerprint(fingerprint(seen.person.public_key), fingerprint(seen.person.signing_key))
    shown = {
        "person": seen.person,
        "seat": _seat(row, seen, _unreached(seen)),
        "what_to_do": circle_health.TO_PROVE_ONE,
        "armed": seen.watch.armed,
        "author_words": " ".join(eight_words(mine)),
        "today": door.now().wall,
        "others": [
            other["name"] for other in rows if other["handle"] != handle and other["stage"] not in GONE
        ],
    }
    return render(request, "author/keeper.html", shown)


def _row(rows: list[dict[str, Any]], handle: str) -> dict[str, Any]:
    """The row of somebody who has a seat."""
    row = next((row for row in rows if row["handle"] == handle and row["stage"] not in GONE), None)
    if row is None:
        raise problem("not_found")
    return row


@author
@require_POST
def suspend(request: HttpRequest, seen: Seen, handle: str) -> HttpResponse:
    """Pressed twice the seat is suspended once."""
    seat = seen.watch.seat(handle)
    if seat is None or seat.stage.value != "suspended":
        keepers.suspend(request, seen.author, handle)
    messages.success(
        request, f"The seat of {_name(handle)} is suspended: they read and write, and do not count."
    )
    return redirect("keeper", handle)


@author
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, seen: Seen, handle: str) -> HttpResponse:
    """Looked at once more, and then done. Pressed twice the seat is taken back once."""
    if request.method != "POST":
        row = _row(keepers.keepers(request, seen.author)["keepers"], handle)
        shown = _seat(row, seen, _unreached(seen))
        return render(request, "author/keeper_remove.html", {"seat": shown, "rows": _what_goes(shown)})
    seat = seen.watch.seat(handle)
    if seat is None or seat.stage.value not in GONE:
        keepers.remove(request, seen.author, handle)
    messages.success(
        request,
        f"{_name(handle)} is no longer your keeper. The shares they hold still open until you seal your words anew: "
        "the page “Write” says which.",
    )
    return redirect("keepers")


def _what_goes(seat: Seat) -> list[dict[str, str]]:
    return [
        {"key": "Whose", "value": seat.name},
        {"key": "Now", "value": f"{seat.state}; {seat.shares}".capitalize()},
        {
            "key": "Afterwards",
            "value": "They are not asked about you, read nothing new, and count for nothing.",
        },
        {"key": "Their shares", "value": "Open as before, until you have sealed your words anew."},
    ]


def _name(handle: str) -> str:
    person = Person.objects.filter(handle=handle).first()
    return person.name if person else handle


urlpatterns = [
    path("keepers", circle, name="keepers"),
    path("keepers/<str:handle>", one_keeper, name="keeper"),
    path("keepers/<str:handle>/suspend", suspend, name="keeper-suspend"),
    path("keepers/<str:handle>/remove", remove, name="keeper-remove"),
]
