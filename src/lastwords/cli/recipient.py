"""`lastwords recipient`: the people words are for. Their keys are pinned here before anything is sealed to them."""

from datetime import date
from pathlib import Path

import click

from lastwords.cli import cards, show
from lastwords.cli.join import this_zone
from lastwords.cli.keeper import check_and_pin
from lastwords.cli.me import me
from lastwords.cli.pins import Pin
from lastwords.sealing.person import PersonKeys


@click.group()
def recipient() -> None:
    """The people your words are for."""


@recipient.command()
@click.argument("name")
@click.option(
    "--card",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to print their card (.html with a QR code, else text).",
)
@click.option("--handle", help="Their handle, a short name; made of the name when left out.")
@click.option("--mail", multiple=True, help="An address for their first letter, one day. May be given again.")
@click.option("--zone", help="Their time zone. Default: yours.")
@show.answers
def add(name: str, card: Path, handle: str | None, mail: tuple[str, ...], zone: str | None) -> None:
    """Make someone's key, print it on a card for you to hand over, and forget it.

    They need no account and no memory: the card is all they ever need."""
    person = me()
    cards.must_be_new(card)
    keys = PersonKeys.new()
    public = keys.public
    zone = zone or person.person.zone or this_zone()
    added = person.host.post(
        "watches",
        person.handle,
        "recipients",
        name=name,
        zone=zone,
        public_key=public.sealing,
        signing_key=public.signing,
        sign_in_key=public.sign_in,
        channels=[{"kind": "mail", "address": address} for address in mail],
        **({"handle": handle} if handle else {}),
    )
    known = str(added["handle"])
    printed = cards.Card(
        keys, person.host.origin, known, name, zone, person.handle, person.keys.signing.public.fingerprint
    )
    # Pinned only once the card exists: words sealed to a key that nobody holds could never be opened.
    cards.save(card, printed, date.today())
    person.pins.keep(known, Pin.of(public, "card"))
    show.tell(
        {"handle": known, "card": str(card)},
        f"The card of {name} is in {card}. Print it, give it to them in person, and delete the file.",
        "Their key was made here and is kept nowhere else: without the card their words cannot be opened.",
    )


@recipient.command()
@click.argument("handle")
@show.answers
def verify(handle: str) -> None:
    """Check an invited recipient's keys against your invitation, and pin them."""
    keys = check_and_pin(me(), handle, "recipient")
    show.tell(
        {"handle": handle, "eight_words": list(keys.eight_words)},
        f"The keys of {handle} are theirs. You can write to them now.",
    )


@recipient.command("list")
@show.answers
def list_recipients() -> None:
    """List the people whose words you can seal, as pinned here and known at the host."""
    person = me()
    pinned = person.pins.people()
    rows = [
        {
            "handle": one["handle"],
            "name": one["name"],
            "how": one["how"],
            "pinned": one["handle"] in pinned and bool(pinned[one["handle"]].public_key),
        }
        for one in person.host.get("watches", person.handle, "recipients")["recipients"]
    ]
    lines = [
        f"{row['handle']}: {show.fit_for_terminal(row['name'])}, by {row['how']}"
        + ("" if row["pinned"] else f"; check their keys with `lastwords recipient verify {row['handle']}`")
        for row in rows
    ]
    show.tell({"recipients": rows}, *(lines or ["Nobody yet."]))
