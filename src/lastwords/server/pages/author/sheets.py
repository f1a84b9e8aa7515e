"""What keepers may need while the author lives: sheets that open to them with a case, and emergency notes.

All of it is sealed in the browser; this host learns that there is one, and when it was sealed.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.datastructures import MultiValueDictKeyError
from django.views.decorators.http import require_safe

from lastwords.server.api import door, glass, sheets
from lastwords.server.api.door import Seen
from lastwords.server.moments import short
from lastwords.server.pages.entrance import author
from lastwords.server.problems import problem


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a sheet. `kind` says what its text means to the page's script; see `fields.ts`."""

    name: str
    label: str
    hint: str = ""
    kind: str = ""
    rows: int = 0
    """Lines of a larger field; 0 for one line."""


LINE = "One on each line."
REACH = f"Name, then a comma, then how to reach them. {LINE}"
FIND_ME = (
    Field("looks", "What do you look like?", "Height, hair, what one sees first.", "word", 2),
    Field("marks", "Marks", "Scars, tattoos, glasses."),
    Field("places", "Where are you often?", LINE, "lines", 3),
    Field("routine", "Your usual days", "", "", 2),
    Field("transport", "How you get about", "Car and number plate, bicycle, which line."),
    Field("devices", "Devices", f"What can be located, and who can do that. {LINE}", "lines", 2),
    Field(
        "when_unwell",
        "What you do when you are unwell",
        "Where you go, whom you call.",
        "",
        2,
    ),
    Field("ask", "Whom to ask", REACH, "people", 3),
)
MEDICAL = (
    Field("born", "Date of birth", "As 1984-05-26."),
    Field("sex", "Sex", "", "sex"),
    Field(
        "pregnant",
        "Pregnant",
        "A score of warning signs is added up for you only if this says no: it does not hold in pregnancy.",
        "yes-no",
    ),
    Field("allergies", "Allergies", LINE, "listed", 2),
    Field("medicines", "Medicines", f"Name, dose, when. {LINE}", "listed", 3),
    Field("conditions", "Illnesses and operations", LINE, "listed", 3),
    Field("devices", "Implants and devices", LINE, "listed", 2),
    Field(
        "wishes",
        "Papers about your treatment",
        f"What, then a comma, then where it lies. {LINE}",
        "papers",
        2,
    ),
    Field("languages", "Languages", LINE, "lines", 2),
    Field("doctor", "Your doctor", "Name and how to reach them."),
    Field("text", "Anything else a clinician should know", "", "", 3),
)
TRIP = (
    Field("party", "Who goes?", f"Everybody, you among them. {LINE}", "lines", 2),
    Field("route", "The way", "The places in their order. One on each line.", "route", 3),
    Field("gear", "What you have with you", f"Car, tent, food for how many days. {LINE}", "lines", 2),
    Field(
        "to_call",
        "Whom should your keepers call?",
        f"Name, then a comma, then how to reach them. {LINE}",
        "calls",
        2,
    ),
    Field(
        "from_when",
        "From when on?",
        "Empty means: when you are due back.",
        "aside",
    ),
    Field("say", "What should they say?", "", "aside"),
    Field("text", "Anything else", "", "", 3),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as the page names it. `name` is the browser's, `at_host` the host's, `command` the command line's."""

    name: str
    at_host: str
    title: str
    about: str
    command: str
    fields: tuple[Field, ...]


SHEETS = {
    "find-me": Sheet(
        "find_me",
        "find_me",
        "Find me",
        "What helps your keepers to look for you.",
        "lastwords find-me write FORM",
        FIND_ME,
    ),
    "medical": Sheet(
        "medical",
        "medical",
        "Medical sheet",
        "What a clinician asks first.",
        "lastwords medical write FORM",
        MEDICAL,
    ),
    "trip": Sheet(
        "trip",
        "trip_notes",
        "Notes of your trip",
        "Who goes, the way, and whom to call when.",
        "lastwords trip --notes FORM",
        TRIP,
    ),
}
SEXES = ("not stated", "female", "male", "other")
YES_NO = ("not known", "no", "yes")


@author
@require_safe
def overview(request: HttpRequest, seen: Seen) -> HttpResponse:
    if "sealed" in request.GET:
        return _sealed(request)
    rows = [
        {"address": address, "sheet": sheet, "since": _since(seen, sheet)}
        for address, sheet in SHEETS.items()
        if address != "trip" or seen.watch.trip
    ]
    notes = glass.notes(request, seen.author)
    return render(
        request, "author/sheets.html", {"person": seen.person, "rows": rows, "notes": notes["number"]}
    )


def _sealed(request: HttpRequest) -> HttpResponse:
    """Says once for how many keepers a sheet was sealed, where the browser leads after sealing it."""
    try:
        count = int(request.GET["sealed"])
    except (ValueError, MultiValueDictKeyError):
        count = 0
    if 0 < count < 100:
        who = "one keeper" if count == 1 else f"{count} keepers"
        messages.success(request, f"Sealed for {who}. Seal it again when you have a new one.")
    return redirect("sheets")


def _since(seen: Seen, sheet: Sheet) -> str:
    paper = door.newest_paper(seen.author, sheets.SHEET, sheet.at_host)
    return short(paper.made, seen.person.zone) if paper else ""


@author
@require_safe
def one_sheet(request: HttpRequest, seen: Seen, address: str) -> HttpResponse:
    sheet = SHEETS.get(address)
    if sheet is None or (address == "trip" and seen.watch.trip is None):
        raise problem("not_found")
    shown = {
        "person": seen.person,
        "sheet": sheet,
        "since": _since(seen, sheet),
        "sexes": SEXES,
        "yes_no": YES_NO,
        "back": seen.watch.trip.back if seen.watch.trip else 0,
    }
    return render(request, "author/sheet.html", shown)


@author
@require_safe
def emergency_notes(request: HttpRequest, seen: Seen) -> HttpResponse:
    number = glass.notes(request, seen.author)["number"]
    return render(request, "author/notes.html", {"person": seen.person, "number": number})


urlpatterns = [
    path("sheets", overview, name="sheets"),
    path("sheets/notes", emergency_notes, name="emergency-notes"),
    path("sheets/<str:address>", one_sheet, name="sheet-of-keepers"),
]
