"""`lastwords seat`: a keeper leaves, and hands their seat and shares to somebody else without the author.

The shares are opened and sealed again on the leaving keeper's machine. The successor's keys must be known for certain:
pinned here, vouched for by the author (an alternate's), or read aloud by the successor as eight words and typed.
"""

import base64

import click

from lastwords.cli import places, show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me, name_author, named_author
from lastwords.cli.pins import Pin
from lastwords.cli.shares import Held, held
from lastwords.sealing import age
from lastwords.sealing.person import PublicKeys
from lastwords.sealing.shares import open_share
from lastwords.signing.act import handed_to
from lastwords.signing.documents import read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import WISHES, WORDS
from lastwords.signing.vouching import Vouching


@click.group()
@click.argument("author")
@click.pass_context
def seat(ctx: click.Context, author: str) -> None:
    """Your seat as a keeper of AUTHOR: look at it, or hand it on."""
    name_author(ctx, author)


@seat.command("show")
@show.answers
def show_seat() -> None:
    """Show your seat."""
    author = named_author()
    found = me().host.get("watches", author, "seat")
    seen, alternates = found["seat"], [one["handle"] for one in found["alternates"]]
    show.tell(
        {"seat": seen, "alternates": alternates},
        f"Your seat with {author} is {show.spoken(seen['stage'])}.",
        *[f"You hold a share of {track}." for track in seen["tracks"]],
        *([f"It could pass to: {', '.join(alternates)}."] if alternates else []),
    )


@seat.command("pass")
@click.argument("successor")
@click.option(
    "--eight-words", help="The successor's eight words, as they read them aloud to you: “a b c d e f g h”."
)
@show.answers
def pass_on(successor: str, eight_words: str | None) -> None:
    """Hand your seat to SUCCESSOR: an alternate, or somebody you share a watch with.

    Your shares are sealed again to their key and yours no longer count. They prove them with `lastwords shares prove`.
    The author is told at the next look, and can seal with new keys. In a case a seat can pass after 30 days only."""
    person, author = me(), named_author()
    pin = _known(person, author, successor, eight_words)
    keys = handed_to(fingerprint(pin.public_key), pin.signing, fingerprint(pin.sign_in_key))
    document = person.sign_act(places.LEAVE, author, "keeper", subject=successor, body=keys)
    shares = [
        _sealed_again(person, one, pin.public_key)
        for one in held(person, author)
        if one.manifest.document.recipient != successor
    ]
    said = person.host.post("watches", author, "seat", successor=successor, document=document, shares=shares)
    show.tell(
        {**said, "shares": [share["track"] for share in shares]},
        f"Your seat is {successor}'s now. The shares that go with it are sealed to their key.",
        f"Ask them to run `lastwords shares prove {author}`. Then delete the kits you saved.",
    )


def _known(person: Me, author: str, successor: str, eight_words: str | None) -> Pin:
    """The successor's keys, for which something other than the host stands."""
    shown = person.shown_keys(successor)
    if eight_words is not None:
        keys = PublicKeys(shown.public_key, shown.signing_key, shown.sign_in_key)
        if typed.words(eight_words) != keys.eight_words:
            raise Stopped(
                f"The eight words you typed are not those of the keys that the host keeps for {successor}; "
                "nothing was handed on.",
                f"Let {successor} read them again from `lastwords key show`. If they still differ, tell the author.",
                "another_key",
            )
        person.pins.keep(successor, Pin.of(keys, "eight words"))
        return shown
    pin = person.pins.person(successor)
    if pin is not None and pin.public_key and pin.sign_in_key:
        return shown
    if not _vouched(person, author, successor, shown):
        raise Stopped(
            f"Nothing but the host stands for the keys of {successor}; nothing was handed on.",
            f"Call {successor}, let them read their eight words aloud (`lastwords key show`), and type them: "
            f"`lastwords seat {author} pass {successor} --eight-words “…”`.",
            "not_pinned",
        )
    return shown


def _vouched(person: Me, author: str, successor: str, shown: Pin) -> bool:
    """Whether the author signed for exactly these keys of an alternate."""
    alternates = person.host.get("watches", author, "seat")["alternates"]
    vouching = next((one["vouching"] for one in alternates if one["handle"] == successor), None)
    if not vouching:
        return False
    document = read(vouching.encode(), Vouching, person.author_key(author, vouching.encode())).document
    signed = (document.author, document.keeper, document.sealing, document.signing, document.sign_in)
    return signed == (
        author,
        successor,
        fingerprint(shown.public_key),
        shown.signing,
        fingerprint(shown.sign_in_key),
    )


def _sealed_again(person: Me, one: Held, key: str) -> dict[str, str]:
    """The shares of a track, opened, checked against what the author committed to, and sealed to the successor."""
    found = {"track": one.manifest.document.track}
    for part, data in ((WORDS, one.words), (WISHES, one.wishes)):
        if data is not None:
            share = open_share(data, person.keys, one.manifest.document, one.place.keeper, part)
            found[part] = base64.b64encode(age.seal_bytes(share.encode(), [key])).decode()
    return found
