"""The kit: whole, the same every time, and worth nothing to a finder."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from lastwords.sealing.container import Item, items
from lastwords.sealing.kit import write_kit
from lastwords.sealing.refusals import ManifestRefused
from lastwords.sealing.tracks import check_bundle, seal_track
from lastwords.signing.documents import read
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import Manifest

from .conftest import MOMENT, People, Sealed


def kit_of(sealed: Sealed, keeper: str | None, names: dict[str, str] | None = None) -> zipfile.ZipFile:
    out = io.BytesIO()
    write_kit(out, sealed.folder, sealed.signed, sealed.people.author.signing.public, keeper, names)
    return zipfile.ZipFile(out)


def test_a_kit_holds_all_that_opening_needs_but_no_key(sealed: Sealed, tmp_path: Path) -> None:
    kit = kit_of(sealed, "bull")
    assert kit.testzip() is None
    assert kit.namelist() == [
        "README.txt",
        "opener.html",
        "open.mjs",
        "author.key.txt",
        "manifest.json",
        "share-2.age",
        "wishes-share-2.age",
        "words.age",
        "wishes.age",
        "release.key.age",
        "wishes.release.key.age",
    ]
    kit.extractall(tmp_path)
    check_bundle(tmp_path, sealed.manifest)
    people = [sealed.people.author, sealed.people.recipient, *sealed.people.keepers.values()]
    for name in kit.namelist():
        assert not [person for person in people if person.secret_key.encode() in kit.read(name)]


def test_a_kit_tells_the_key_to_verify_it_with_and_takes_no_other(sealed: Sealed) -> None:
    text = kit_of(sealed, "bull").read("author.key.txt")
    assert hashlib.sha256(text).hexdigest() == sealed.signed.signer
    assert read(sealed.signed.data, Manifest, PublicKey.read(text.decode())) == sealed.signed
    with pytest.raises(ManifestRefused, match="not the one that signed"):
        write_kit(io.BytesIO(), sealed.folder, sealed.signed, sealed.people.recipient.signing.public, "bull")


def test_two_kits_of_one_version_are_the_same_bytes(sealed: Sealed) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for out in (first, second):
        write_kit(out, sealed.folder, sealed.signed, sealed.people.author.signing.public, "bull")
    assert first.getvalue() == second.getvalue()


def test_the_readme_names_people_version_and_commands(sealed: Sealed) -> None:
    text = kit_of(sealed, "bull", {"bull": "Bull", "iruka": "Iruka"}).read("README.txt").decode()
    for expected in (
        "Bull (bull)   <- this kit",
        "Iruka (iruka)",
        "number 1",
        "any 3 of these 5",
        "share-2.age",
    ):
        assert expected in text
    for command in (
        "opener.html",
        "shamir recover",
        "age -d -i release.key.age words.age",
        "tar -xf words.tar",
    ):
        assert command in text


def test_a_bundle_without_a_seat_holds_no_share(sealed: Sealed) -> None:
    assert not [name for name in kit_of(sealed, None).namelist() if "share" in name]


@pytest.mark.parametrize("missing", ["share-2.age", "words.age"])
def test_a_kit_that_would_not_be_whole_is_not_made(people: People, tmp_path: Path, missing: str) -> None:
    signed = seal_track(tmp_path / "1", people.track(), people.author, MOMENT, items([Item("a", b"a")]))
    (tmp_path / "1" / missing).unlink()
    with pytest.raises(ManifestRefused, match=missing):
        write_kit(io.BytesIO(), tmp_path / "1", signed, people.author.signing.public, "bull")


@pytest.mark.parametrize(
    ("mode", "absent"),
    [("keepers only", "recipient.key"), ("timer only", "shamir"), ("timer only", "release.key")],
)
def test_the_readme_leaves_out_the_locks_that_are_not_there(
    people: People, tmp_path: Path, mode: str, absent: str
) -> None:
    changes: dict[str, object] = {"mode": mode}
    changes |= {"k": 0, "keepers": []} if mode == "timer only" else {"recipient_public_key": None}
    signed = seal_track(
        tmp_path / "1", people.track(**changes), people.author, MOMENT, items([Item("a", b"a")])
    )
    out = io.BytesIO()
    write_kit(out, tmp_path / "1", signed, people.author.signing.public, None)
    text = zipfile.ZipFile(out).read("README.txt").decode()
    assert absent not in text and "words.tar" in text
