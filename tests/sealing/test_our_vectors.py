"""Our own vectors: every small rule, and one whole track, as they were once written. They never change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lastwords.sealing import covers
from lastwords.sealing.container import padded
from lastwords.sealing.invitation import Invitation, check_answer
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.shares import ShareFile, open_share, recover_release_key
from lastwords.sealing.tracks import check_bundle, open_own_copy, open_part
from lastwords.signing import canonical
from lastwords.signing.check_in import CheckIn, heads_digest
from lastwords.signing.documents import Signed, read
from lastwords.signing.fingerprints import eight_words, person_fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import Manifest, ManifestHead, follows
from lastwords.signing.new_keys import NewKeys
from lastwords.signing.receipt import Receipt, check_fits
from lastwords.signing.refusals import Refused

OURS = Path(__file__).parents[2] / "vectors" / "lastwords"
TRACK = OURS / "track"
FORMATS: list[dict[str, Any]] = json.loads((OURS / "formats.json").read_text(encoding="utf-8"))
KEYS = {
    name: PersonKeys.from_card(text) for name, text in json.loads((TRACK / "keys.json").read_text()).items()
}


def person(seed: str) -> dict[str, str]:
    keys = PersonKeys(bytes.fromhex(seed))
    public = keys.public
    return {
        "secret_key": keys.secret_key,
        "sealing": public.sealing,
        "signing": public.signing,
        "sign_in": public.sign_in,
        "sealing_fingerprint": public.sealing_fingerprint,
        "signing_fingerprint": public.signing_fingerprint,
        "person_fingerprint": person_fingerprint(public.sealing_fingerprint, public.signing_fingerprint),
        "eight_words": " ".join(public.eight_words),
    }


def share(text: str) -> dict[str, Any]:
    found = ShareFile.read(text.encode())
    assert found.encode().decode() == text
    return vars(found) | {"salt": found.salt.hex(), "commitment": found.commitment}


def invitation(given: dict[str, str]) -> dict[str, str]:
    from lastwords.sealing.invitation import answer

    found = Invitation(bytes.fromhex(given["secret"]), given["author"])
    sent = answer(found, PersonKeys(bytes.fromhex(given["person"])))
    check_answer(Invitation.read(found.fragment), sent)
    return {"fragment": found.fragment, "id": found.id, "answer": sent.decode()}


def signed_check_in(given: dict[str, str]) -> dict[str, str]:
    return {"digest": read(given["envelope"].encode(), CheckIn, PublicKey.read(given["key"])).digest}


def succession(given: dict[str, Any]) -> str:
    """Whether a manifest follows another by these words: the digest of the new one, or a refusal."""
    before, after = (Manifest.from_value(given[name]) for name in ("before", "after"))
    words = [read(one["envelope"].encode(), NewKeys, PublicKey.read(one["key"])) for one in given["words"]]
    new = Signed(after, b"", after.author_signing)
    follows(new, Signed(before, b"", before.author_signing), words)
    return new.digest


RULES: dict[str, Callable[[Any], object]] = {
    "canonical encode": lambda value: canonical.encode(value).hex(),
    "canonical decode": lambda data: canonical.decode(bytes.fromhex(data)),
    "person": person,
    "person from words": lambda words: PersonKeys.from_words(words).secret_key,
    "eight words": lambda of: " ".join(eight_words(of)),
    "share": share,
    "invitation": invitation,
    "heads": lambda heads: heads_digest([ManifestHead(**head) for head in heads]),
    "padded": padded,
    "signed check-in": signed_check_in,
    "succession": succession,
}


@pytest.mark.parametrize("vector", FORMATS, ids=lambda vector: f"{vector['rule']}: {vector['reason'][:30]}")
def test_every_rule_gives_what_it_once_gave(vector: dict[str, Any]) -> None:
    rule = RULES[vector["rule"]]
    if vector["expected"] is None:
        with pytest.raises(Refused):
            rule(vector["input"])
    else:
        assert rule(vector["input"]) == vector["expected"]


def test_every_rule_has_a_vector() -> None:
    assert {vector["rule"] for vector in FORMATS} == set(RULES)


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return read((TRACK / "manifest.json").read_bytes(), Manifest, KEYS["author"].signing.public).document


def test_the_track_opens_with_the_keys_beside_it(manifest: Manifest, tmp_path: Path) -> None:
    check_bundle(TRACK, manifest)
    for part, prefix, name, begins in (
        ("words", "", "letter.txt", "Dear Iruka"),
        ("wishes", "wishes-", "wishes.txt", "Do not come"),
    ):
        shares = []
        for place, keeper in ((2, "bull"), (3, "uhei")):
            data = (TRACK / f"{prefix}share-{place}.age").read_bytes()
            shares.append((keeper, open_share(data, KEYS[keeper], manifest, keeper, part)))
        file = f"{part}.release.key.age" if prefix else "release.key.age"
        key = recover_release_key(shares, manifest, (TRACK / file).read_bytes(), part)
        open_part(TRACK / f"{part}.age", tmp_path / part, manifest, key, KEYS["recipient"].secret_key, part)
        assert (tmp_path / part / name).read_text(encoding="utf-8").startswith(begins)
    open_own_copy(TRACK / "own.age", tmp_path / "own", KEYS["author"])
    assert (tmp_path / "own" / "letter.txt").exists()


def test_the_given_share_and_the_receipt_of_the_track_hold(manifest: Manifest) -> None:
    given_for = covers.GivenFor(manifest.author, manifest.track, "words", "1")
    uncovered = covers.take_off((TRACK / "given-share-1.age").read_bytes(), KEYS["uhei"], given_for)
    opened = covers.open_given(uncovered, KEYS["recipient"].secret_key)
    assert opened.commitment == manifest.seat("pakkun").words_share
    signed = read((TRACK / "manifest.json").read_bytes(), Manifest, KEYS["author"].signing.public)
    receipt = read((TRACK / "receipt-2.json").read_bytes(), Receipt, KEYS["bull"].signing.public)
    check_fits(receipt.document, signed)
