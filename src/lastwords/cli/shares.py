"""`lastwords shares`: a keeper opens their own shares and says so with a receipt; nobody else can."""

from typing import Any, NamedTuple

import click

from lastwords.cli import show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me, now
from lastwords.cli.places import Places, places
from lastwords.sealing.receipts import make_receipt
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import Manifest, RosterSeat
from lastwords.signing.receipt import ARMING, PRACTICE


class Held(NamedTuple):
    """A track of which this keeper holds shares: sealed to their key, with the author's checked manifest."""

    manifest: Signed[Manifest]
    words: bytes
    wishes: bytes | None
    row: dict[str, Any]
    places: Places
    place: RosterSeat
    """The place this keeper holds: their own in the roster, or one that was handed to them."""


@click.group()
def shares() -> None:
    """Your shares: list them, prove that they open."""


@shares.command("list")
@click.argument("author")
@show.answers
def list_shares(author: str) -> None:
    """List the shares you hold for AUTHOR. Nothing is opened."""
    rows = [
        {
            "track": one.manifest.document.track,
            "number": one.manifest.document.number,
            "wishes": one.wishes is not None,
        }
        for one in held(me(), author)
    ]
    lines = [f"{row['track']}, version {row['number']}" for row in rows]
    show.tell({"shares": rows}, *(lines or [f"You hold no shares for {author}."]))


@shares.command()
@click.argument("author")
@click.option("--practice", is_flag=True, help="These receipts belong to a practice.")
@show.answers
def prove(author: str, practice: bool) -> None:
    """Open your shares for AUTHOR, compare them with what the author signed, and send receipts."""
    person = me()
    found = held(person, author)
    receipts = [
        make_receipt(
            person.handle,
            person.keys,
            one.manifest,
            one.words,
            one.wishes,
            PRACTICE if practice else ARMING,
            now(),
            one.place,
        )
        for one in found
    ]
    if receipts:
        documents = [receipt.data.decode() for receipt in receipts]
        person.host.post("watches", author, "receipts", documents=documents)
    rows = [
        {
            "track": one.manifest.document.track,
            "number": one.manifest.document.number,
            "opens": True,
            "wishes": one.wishes is not None,
        }
        for one in found
    ]
    lines = [f"Your share of {row['track']}, version {row['number']}, opens." for row in rows]
    show.tell(
        {"shares": rows},
        *(lines or [f"You hold no shares for {author} yet: the author has to verify you and seal."]),
    )


def held(person: Me, author: str) -> list[Held]:
    """The shares of this keeper, each with its manifest checked against the author's pinned key and the pins."""
    person.author_key(author)  # a host that shows another key is met before anything it shows with it
    found = []
    for row in person.host.get("watches", author, "shares"):
        data = row.text("manifest").encode()
        signed = read(data, Manifest, person.author_key(author, data))
        if signed.document.author != author:
            raise Stopped(
                "The host shows a manifest of somebody else's words; it was not used, and nothing was opened.",
                "Tell whoever runs the host.",
                "wrong_manifest",
            )
        held_by = places(signed.document, row.get("passed", []))
        place = held_by.get(person.handle) or signed.document.seat(person.handle)
        person.see(signed)
        wishes = row.data("wishes") if row.get("wishes") else None
        found.append(Held(signed, row.data("words"), wishes, row, held_by, place))
    return found
