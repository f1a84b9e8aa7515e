"""Keys of other people in a watch, and why they are believed: nothing is sealed to a key that only a host has shown.

To everybody else the author's signature stands behind every one of them: a manifest names the keys of its keepers and
its recipient, a vouching names those of any keeper. The author goes by their own pins.
"""

from collections.abc import Iterable
from typing import Any

from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, Sealed
from lastwords.cli.pins import Pin
from lastwords.cli.places import Places, places
from lastwords.signing.documents import read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import Manifest
from lastwords.signing.vouching import Vouching

HOLDERS = ("verified", "seasoned", "resting", "suspended")
"""Stages of a seat to which a share can be sealed; what then counts is the host's machine's to say."""


def of(sealed: Sealed) -> Places:
    """Who holds which place of a track by now."""
    return places(sealed.manifest.document, sealed.row.get("passed", []))


def recipient_of(person: Me, manifest: Manifest) -> str:
    """The recipient's sealing key: the one whose fingerprint the author signed."""
    key = person.shown_keys(manifest.recipient).public_key
    if manifest.recipient_key is None or fingerprint(key) != manifest.recipient_key:
        raise swapped(manifest.recipient)
    return key


def holder_of(person: Me, held: Places, keeper: str) -> str:
    """The sealing key of a keeper who holds a share: the one whose fingerprint the author, or the keeper who handed
    the place on, has signed."""
    key = person.shown_keys(keeper).public_key
    if fingerprint(key) != held[keeper].sealing:
        raise swapped(keeper)
    return key


def audience(
    person: Me, author: str, members: Iterable[dict[str, Any]], sealed: Iterable[Sealed]
) -> tuple[list[str], list[str]]:
    """The sealing keys of those members of an audience whom the author vouched for, or who hold a place that was handed
    on to them, and the handles left out."""
    named = {(handle, seat.sealing) for one in sealed for handle, seat in of(one).items()}
    believed, left_out = [person.keys.public_key], []
    for member in members:
        handle, key = str(member["handle"]), str(member["public_key"])
        if handle == person.handle:
            continue
        if (handle, fingerprint(key)) in named or _vouched(
            person, author, handle, key, member.get("vouching")
        ):
            believed.append(key)
        else:
            left_out.append(handle)
    return believed, left_out


def _vouched(person: Me, author: str, handle: str, key: str, vouching: str | None) -> bool:
    """Whether the author signed for this key of this keeper, or for this keeper, whose key is known here by now. That
    somebody is known says whose the key is, and not that they read along. A vouching that is signed by anyone else is
    refused."""
    pin = person.pins.person(handle)
    known = pin.public_key if pin is not None else ""
    if handle == author:
        return known == key
    if not vouching:
        return False
    document = read(vouching.encode(), Vouching, person.author_key(author, vouching.encode())).document
    if (document.author, document.keeper) != (author, handle):
        return False
    return known == key if known else document.sealing == fingerprint(key)


def pinned(person: Me, handle: str) -> Pin:
    """The pinned keys of someone; without a pin nothing is sealed to them, whatever the host shows."""
    pin = person.pins.person(handle)
    if pin is None or not pin.public_key:
        pin = from_own_manifests(person, handle)
    if pin is None:
        raise Stopped(
            f"You have not made sure of the key of {handle}; nothing was sealed.",
            f"Make their card with `lastwords recipient add`, or check an answered invitation with "
            f"`lastwords recipient verify {handle}` or `lastwords keeper verify {handle}`.",
            "not_pinned",
        )
    return pin


def from_own_manifests(person: Me, handle: str) -> Pin | None:
    """A pin made anew from what this author signed before: how a home made from the recovery sheet knows people again.

    Only keys whose fingerprints stand in one of the author's own manifests are taken from the host."""
    for one in person.sealed(person.handle):
        manifest = one.manifest.document
        seat = of(one).get(handle)
        if seat is None and manifest.recipient != handle:
            continue
        shown = person.shown_keys(handle)
        sealing, signing = (seat.sealing, seat.signing) if seat else (manifest.recipient_key, "")
        if fingerprint(shown.public_key) != sealing or (signing and shown.signing != signing):
            raise swapped(handle)
        pin = Pin(
            signing=signing,
            how="own manifest" if seat is None or seat.keeper == handle else f"handed on by {seat.keeper}",
            public_key=shown.public_key,
            signing_key=shown.signing_key if signing else "",
        )
        person.pins.keep(handle, pin)
        return pin
    return None


def as_keepers(person: Me, handles: Iterable[str]) -> dict[str, Pin]:
    """The pinned keys of these, by handle, before anything is sealed to them as keepers. That the host lists them is
    not enough: raises Stopped for whomever the author made none."""
    pins = {handle: pinned(person, handle) for handle in handles}
    for handle in pins:
        if not _made_keeper(person, handle):
            raise Stopped(
                f"The host lists {handle} among your keepers, and you made them none or took their seat back; nothing "
                "was sealed, and what is sealed is unharmed.",
                f"If they are to keep for you: `lastwords keeper verify {handle}`. If not, tell whoever runs the host.",
                "no_keeper",
            )
    return pins


def _made_keeper(person: Me, handle: str) -> bool:
    """Whether the author made them a keeper: here, or by naming them in words sealed before. A pinned key alone says
    whose it is, and not that a share may go to it."""
    known = person.pins.keeps(handle)
    if known is not None:
        return known
    return any(handle in of(one) for one in person.sealed(person.handle))


def swapped(handle: str) -> Stopped:
    """The refusal of a key that is not the one the author signed for."""
    return Stopped(
        f"The host shows another key for {handle} than the one the author signed for; nothing was sealed to it.",
        "Tell the other keepers and whoever runs the host. Speak with the person before anything else.",
        "another_key",
    )
