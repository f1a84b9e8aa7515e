"""`lastwords trip`: a dated absence. The check-in due becomes the return time plus some patience."""

import click

from lastwords.cli import checking_in, sheet, show, typed
from lastwords.cli.me import Me, me


@click.command()
@click.option("--back", required=True, help="When you are back: 2026-12-24 18:00, in the zone.")
@click.option("--zone", help="The zone of that time. Default: yours.")
@click.option("--extra", default="24h", show_default=True, help="Patience after it: 6h, 24h, 3d.")
@typed.source_option("--notes", "Notes for your keepers, a filled-in form; see `lastwords trip-notes form`.")
@show.answers
def trip(back: str, zone: str | None, extra: str, notes: str | None) -> None:
    """Set a trip, or move the return of the one you are on. It is a sign of life too.

    Being overdue asks you, and calls your keepers together, if your plan asks any; it releases no words, and it is no
    rescue service."""
    person = me()
    zone = zone or person.person.zone
    returning, patience = show.moment(back, zone), show.seconds(extra)
    written = None if notes is None else typed.text(notes, "Paste the filled-in notes.")
    _answer_first(person)
    sealed_to = [] if written is None else sheet.seal_trip_notes(person, written, zone, returning)
    document = person.sign_act("trip", person.handle, "author", subject=f"{returning}:{patience}")
    terms = {"back": returning, "extra": patience}
    answer = person.host.post("watches", person.handle, "trip", document=document, **terms)
    show.tell(
        {**answer, "back": returning, "extra": patience, "notes_sealed_to": sealed_to},
        f"Back by {show.day(returning, zone)}, with {show.length(patience)} of patience.",
        f"You are overdue on {show.day(returning + patience, zone)}, unless you say “I'm here” first. You are asked "
        "then, and your keepers are called together, if your plan asks any.",
        *([f"Your notes are sealed for {', '.join(sealed_to)}, until a case is open."] if sealed_to else []),
    )


def _answer_first(person: Me) -> None:
    """Says “I'm here” for an author who is being asked, or whose clocks stand. For nobody else: it would end the trip
    that they are on, also when the new one is then refused or never heard of."""
    seen = person.host.get("watches", person.handle)
    if seen["stage"] != "well" or seen["holds"]:
        checking_in.with_key(person)
