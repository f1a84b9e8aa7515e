"""The manifest: what it may say, and what may follow it."""

from dataclasses import replace
from typing import Any

import pytest

from lastwords.signing.documents import sign
from lastwords.signing.keys import SigningKey
from lastwords.signing.manifest import Manifest, ManifestFile, follows
from lastwords.signing.new_keys import NewKeys
from lastwords.signing.receipt import Receipt, check_fits
from lastwords.signing.refusals import NotLinked, WrongShape

MOMENT = "2026-11-23T08:17:45Z"


def sha(character: str) -> str:
    return character * 64


def next_of(manifest: Manifest, **changes: Any) -> Manifest:
    return replace(manifest, **{"number": manifest.number + 1, "before": manifest.digest} | changes)


def test_a_manifest_names_its_files_and_seats(manifest: Manifest) -> None:
    assert manifest.n == 3
    assert manifest.seat("bull").index == 2
    assert manifest.file("words.age").size == 100
    assert manifest.head.sha256 == manifest.digest
    for missing in (lambda: manifest.seat("naruto"), lambda: manifest.file("wishes.age")):
        with pytest.raises(WrongShape):
            missing()


CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "a first manifest with one before it": {"before": sha("a")},
    "a second without one": {"number": 2},
    "an inner lock without a key": {"recipient_key": None},
    "keepers only with an inner lock": {"mode": "keepers only"},
    "timer only with keepers": {"mode": "timer only"},
    "an outer lock without a key": {"release_key": None},
    "shares of no split": {"words_split": None},
    "a quorum of nobody": {"k": 0},
    "a quorum larger than the roster": {"k": 4},
    "wishes of no share": {"wishes_split": sha("a")},
    "a file missing": {"files": (ManifestFile(name="words.age", sha256=sha("d"), size=100),)},
    "another condition": {"condition": "asleep"},
}


@pytest.mark.parametrize("changes", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_manifest_that_contradicts_itself_is_refused(
    fields: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(WrongShape):
        Manifest(**fields | changes)


@pytest.mark.parametrize("name", ["keeper", "index", "sealing", "signing"])
def test_nobody_sits_twice_at_a_roster(fields: dict[str, Any], name: str) -> None:
    first, second, third = fields["roster"]
    doubled = replace(second, **{name: getattr(first, name)})
    with pytest.raises(WrongShape, match=name):
        Manifest(**fields | {"roster": (first, doubled, third)})


def test_neither_author_nor_recipient_keeps_a_share(fields: dict[str, Any]) -> None:
    first, *others = fields["roster"]
    for changed in (
        replace(first, sealing=fields["recipient_key"]),
        replace(first, signing=fields["author_signing"]),
    ):
        with pytest.raises(WrongShape):
            Manifest(**fields | {"roster": (changed, *others)})


def test_a_manifest_follows_the_one_before_it(manifest: Manifest, key: SigningKey) -> None:
    first, second = sign(manifest, key), sign(next_of(manifest), key)
    follows(first, None)
    follows(second, first)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 3},
        {"before": sha("9")},
        {"track": "other"},
        {"recipient": "naruto"},
        {"author": "gai"},
        {"condition": "cannot act"},
        {"author_signing": sha("8")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_not_follow_is_refused(
    manifest: Manifest, key: SigningKey, changes: dict[str, Any]
) -> None:
    with pytest.raises(NotLinked) as refusal:
        follows(sign(next_of(manifest, **changes), key), sign(manifest, key))
    assert "newest known one stays" in refusal.value.happened


def test_an_older_manifest_does_not_take_the_place_of_a_newer_one(
    manifest: Manifest, key: SigningKey
) -> None:
    first, second = sign(manifest, key), sign(next_of(manifest), key)
    for old in (first, second):
        with pytest.raises(NotLinked):
            follows(old, second)
    with pytest.raises(NotLinked):
        follows(second, None)


def test_a_manifest_signed_by_somebody_else_follows_nothing(
    manifest: Manifest, other_key: SigningKey
) -> None:
    with pytest.raises(NotLinked, match="signer"):
        follows(sign(manifest, other_key), None)


def test_a_receipt_fits_the_manifest_its_keeper_saw(manifest: Manifest, key: SigningKey) -> None:
    signed = sign(manifest, key)
    receipt = Receipt(
        keeper="bull",
        author="kakashi",
        track=manifest.track,
        number=1,
        manifest=signed.digest,
        purpose="practice",
        words_share=sha("c"),
        wishes_share=None,
        moment=MOMENT,
    )
    check_fits(receipt, signed)
    for changes in (
        {"words_share": sha("e")},
        {"manifest": sha("e")},
        {"track": "t"},
        {"wishes_share": sha("c")},
    ):
        with pytest.raises(NotLinked):
            check_fits(replace(receipt, **changes), signed)
    with pytest.raises(WrongShape):
        check_fits(replace(receipt, keeper="naruto"), signed)


def new_keys(key: SigningKey, new: SigningKey, **changes: Any) -> NewKeys:
    """The word that `new` follows `key`, as the person themselves gives it with their old key."""
    fields = {
        "person": "kakashi",
        "before": key.public.fingerprint,
        "sealing": sha("d"),
        "signing": new.public.fingerprint,
        "sign_in": sha("e"),
        "voucher": "kakashi",
        "by": "old key",
        "moment": MOMENT,
    }
    return NewKeys(**fields | changes)


def test_a_track_goes_on_under_a_new_key_by_the_old_keys_word_or_a_keepers(
    manifest: Manifest, key: SigningKey, other_key: SigningKey
) -> None:
    old = sign(manifest, key)
    keeper = SigningKey.from_seed(b"k" * 32)
    own = sign(new_keys(key, other_key), key)
    voice = sign(new_keys(key, other_key, voucher="bull", by="voice"), keeper)
    for word in (own, voice):
        after = next_of(manifest, author_signing=other_key.public.fingerprint, succession=word.digest)
        follows(sign(after, other_key), old, [word])
        with pytest.raises(NotLinked, match="author signing"):
            follows(sign(after, other_key), old)
        # The first manifest under the new key names the word; those after it go on without.
        second = sign(next_of(after, succession=None), other_key)
        follows(second, sign(after, other_key))


def test_a_new_key_without_a_word_that_leads_to_it_continues_nothing(
    manifest: Manifest, key: SigningKey, other_key: SigningKey
) -> None:
    third = SigningKey.from_seed(b"t" * 32)
    old, right = sign(manifest, key), new_keys(key, other_key)
    wrong = {
        "signed by the new key itself": sign(right, other_key),
        "of somebody else": sign(new_keys(key, other_key, person="obito", voucher="obito"), key),
        "from another key": sign(new_keys(third, other_key), third),
        "to another key": sign(new_keys(key, third), key),
    }
    for reason, word in wrong.items():
        after = next_of(manifest, author_signing=other_key.public.fingerprint, succession=word.digest)
        with pytest.raises(NotLinked, match="author signing"):
            follows(sign(after, other_key), old, [word])
            raise AssertionError(reason)
    unnamed = next_of(manifest, author_signing=other_key.public.fingerprint, succession=sha("f"))
    with pytest.raises(NotLinked, match="author signing"):
        follows(sign(unnamed, other_key), old, [sign(right, key)])
    with pytest.raises(NotLinked, match="names a new key"):
        follows(sign(next_of(manifest, succession=sha("f")), key), old)


def test_a_word_for_new_keys_is_given_by_the_person_or_heard_by_somebody_else(
    key: SigningKey, other_key: SigningKey
) -> None:
    for changes in (
        {"by": "voice"},
        {"voucher": "bull"},
        {"signing": key.public.fingerprint},
        {"sign_in": sha("d")},
    ):
        with pytest.raises(WrongShape):
            new_keys(key, other_key, **changes)


def test_what_a_manifest_does_not_say_of_a_succession_is_left_out(manifest: Manifest) -> None:
    assert "succession" not in manifest.value()
    assert Manifest.from_value(manifest.value()) == manifest
    with pytest.raises(WrongShape):
        Manifest.from_value(manifest.value() | {"succession": None})
    with pytest.raises(WrongShape, match="succession"):
        replace(manifest, succession=sha("f"))
