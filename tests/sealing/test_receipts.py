"""A receipt says that a share opened here, and is the one the author committed to."""

from dataclasses import replace

import pytest

from lastwords.sealing.person import PersonKeys
from lastwords.sealing.receipts import make_receipt
from lastwords.sealing.refusals import ManifestRefused, NoKeyFits
from lastwords.signing.documents import Signed, read, sign
from lastwords.signing.manifest import Manifest
from lastwords.signing.receipt import Receipt, check_fits
from lastwords.signing.refusals import Refused, WrongShape

from .conftest import MOMENT, Sealed


def receipt_of(sealed: Sealed, name: str, place: int, **changes: object) -> Signed[Receipt]:
    arguments: dict[str, object] = {
        "keeper_id": name,
        "keeper": sealed.people.keepers[name],
        "manifest": sealed.signed,
        "words_share": sealed.bytes_of(f"share-{place}.age"),
        "wishes_share": sealed.bytes_of(f"wishes-share-{place}.age"),
        "purpose": "arming",
        "moment": MOMENT,
    }
    return make_receipt(**arguments | changes)  # type: ignore[arg-type]


def test_a_keeper_whose_shares_open_signs_a_receipt_that_fits(sealed: Sealed) -> None:
    signed = receipt_of(sealed, "bull", 2)
    assert read(signed.data, Receipt, sealed.people.keepers["bull"].signing.public) == signed
    check_fits(signed.document, sealed.signed)
    assert signed.document.manifest == sealed.signed.digest


def test_a_receipt_tells_nothing_of_the_share(sealed: Sealed) -> None:
    from lastwords.sealing.shares import open_share

    share = open_share(sealed.bytes_of("share-2.age"), sealed.people.keepers["bull"], sealed.manifest, "bull")
    data = receipt_of(sealed, "bull", 2).data
    assert share.salt.hex().encode() not in data and share.mnemonic.encode() not in data


def test_nothing_is_signed_for_a_share_that_does_not_open_or_fit(sealed: Sealed) -> None:
    for changes in (
        {"words_share": sealed.bytes_of("share-1.age")},
        {"words_share": sealed.bytes_of("share-2.age")[:-1]},
        {"words_share": sealed.bytes_of("wishes-share-2.age")},
        {"wishes_share": None},
        {"wishes_share": sealed.bytes_of("share-2.age")},
        {"purpose": "fun"},
    ):
        with pytest.raises(Refused):
            receipt_of(sealed, "bull", 2, **changes)
    with pytest.raises(NoKeyFits):
        receipt_of(sealed, "bull", 1)
    with pytest.raises(WrongShape):
        receipt_of(sealed, "bull", 2, keeper_id="naruto")


def test_a_keeper_whose_key_was_swapped_in_the_roster_is_told(sealed: Sealed) -> None:
    with pytest.raises(ManifestRefused, match="other keys"):
        receipt_of(sealed, "bull", 2, keeper=PersonKeys.new())


def test_a_receipt_for_another_manifest_does_not_fit(sealed: Sealed) -> None:
    changed: Manifest = replace(sealed.manifest, made="2026-12-01T00:00:00Z")
    with pytest.raises(Refused):
        check_fits(receipt_of(sealed, "bull", 2).document, sign(changed, sealed.people.author.signing))
