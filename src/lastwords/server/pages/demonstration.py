"""Looking around: a made-up family's pages on a demonstration host. Nobody is signed in and nothing is kept; the dates
are the real machine's, run over a watch that exists only while the page is made."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from lastwords.protocol import health
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.rehearsal import WhatIf, rehearse
from lastwords.protocol.stages import Condition, SeatStage, Stage
from lastwords.protocol.watch import Credential, Plan, Seat, Track, Watch, track_key
from lastwords.server import settings
from lastwords.server.api import door, state
from lastwords.server.moments import short
from lastwords.server.pages.author import home, said, vanish, year

NAMES = {
    "jonas": "Jonas Lind",
    "mira": "Mira Costa",
    "paul": "Paul Lind",
    "ines": "Ines Rocha",
    "tom": "Tom Berg",
    "leila": "Leila Haddad",
    "ana": "Ana Reis",
    "nuno": "Nuno Reis",
}
CIRCLE = ("ines", "leila", "mira", "paul")
ZONE = "Europe/Lisbon"
WRITTEN = (("ana", 212), ("nuno", 40))
"""For whom Jonas has written, and how many days ago."""

HAPPENED = (
    (9, "You checked in from your phone."),
    (31, "Leila Haddad proved that their share opens."),
    (39, "You checked in from your phone."),
    (40, "You sealed words for Nuno Reis."),
    (61, "Tom Berg said “I will”."),
)
WEEKS = "w" * 9 + "l" + "w" * 7 + "t" * 3 + "w" * 14 + "llv" + "w" * 15
"""Jonas's year, week by week, by the first letter of how it stood."""


def a_watch(now: Moment) -> Watch:
    """Jonas's watch: in well, last heard of nine days ago."""
    tracks = []
    for recipient, _ in WRITTEN:
        key, share_set = track_key(Condition.DIED, recipient), f"of-{recipient}"
        items = (("words.age", "0" * 64),)
        track = Track(
            Condition.DIED, recipient, manifest=(1, "0" * 64), share_set=share_set, roster=CIRCLE, items=items
        )
        assert track.key == key
        tracks.append(track)
    receipts = tuple((track.key, track.share_set) for track in tracks)
    circle = tuple(Seat(keeper, SeatStage.SEASONED, vouched=True, receipts=receipts) for keeper in CIRCLE)
    heard = Moment(now.wall - 9 * DAY, now.credit - 9 * DAY)
    return Watch(
        "jonas",
        stage=Stage.WELL,
        plan=Plan(),
        armed=True,
        seats=(*circle, Seat("tom", SeatStage.ACCEPTED)),
        tracks=tuple(tracks),
        credentials=(Credential("key", "device"), Credential("paper", "paper")),
        recovery_proven=True,
        last_sign=heard,
    )


@require_safe
def look_around(request: HttpRequest) -> HttpResponse:
    now = door.now()
    watch = a_watch(now)
    worst = health.worst(watch)
    assert worst is not None
    verify = home.Task(
        "Verify Tom Berg", "/demonstration", home.OPEN, "They have said “I will” and do not count yet."
    )
    shown = {
        **_made_up(watch),
        "state": state.of(watch, now, ZONE, NAMES),
        "tasks": [verify],
        "people": [
            {
                "name": NAMES[recipient],
                "href": "/demonstration",
                "when": "If you have died",
                "waits": "sealed",
                "since": short(now.wall - days * DAY, ZONE),
            }
            for recipient, days in WRITTEN
        ],
        "circle": home.CircleLine(worst.sentence, worst.spare),
        "practice": {"number": 2, "begun": now.wall - 33 * DAY, "ends": None, "asked": 4, "proven": 4},
        "lines": [said.Line(now.wall - days * DAY, text) for days, text in HAPPENED],
        "year": year.from_letters(WEEKS, now.wall),
        "alarm_helps": state.alarm_helps(watch),
    }
    return render(request, "author/home.html", shown)


@require_safe
def look_ahead(request: HttpRequest) -> HttpResponse:
    """The what-ifs work as they do for anybody."""
    now = door.now()
    watch = a_watch(now)
    form = vanish.WhatIf([(seat.keeper, NAMES[seat.keeper]) for seat in watch.seats], request.GET)
    supposed = form.cleaned_data if form.is_valid() else vanish.NOTHING
    back = supposed["return_day"] or 0
    what_if = WhatIf(tuple(supposed["silent"]), bool(supposed["mail_down"]), back)
    rows = vanish.plain(rehearse(watch, now, what_if))
    shown = {
        **_made_up(watch),
        "form": form,
        "supposed": any(supposed.values()),
        "bands": vanish.bands(rows, NAMES),
        "summary": vanish.summary(watch, rows, NAMES, ZONE, now.wall + back * DAY if back else 0),
        "warnings": ["Tom's mail has never been proven."],
    }
    return render(request, "author/vanish.html", shown)


def _made_up(watch: Watch) -> dict[str, Any]:
    return {"made_up": True, "base": "/demonstration", "watch": watch, "zone": ZONE}


def _served() -> list[URLPattern]:
    if not settings.current().demo:
        return []
    return [
        path("demonstration", look_around, name="demonstration"),
        path("demonstration/vanish", look_ahead, name="demonstration-vanish"),
    ]


urlpatterns = _served()
