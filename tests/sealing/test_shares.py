"""A keeper's share: what is wrong with it is named before anything is combined."""

from dataclasses import replace

import pytest

from lastwords.sealing import age, slip39
from lastwords.sealing.refusals import (
    DuplicateShare,
    FalseShare,
    ManifestRefused,
    NoKeyFits,
    ShareMistyped,
    ShareOfAnotherSplit,
    ShareRefused,
    TooFewShares,
)
from lastwords.sealing.shares import SIZE, ShareFile, deal, open_share, recover_release_key, sort_shares
from lastwords.signing.refusals import WrongShape

from .conftest import KEEPERS, Sealed


@pytest.fixture(scope="module")
def shares(sealed: Sealed) -> dict[str, ShareFile]:
    return {
        name: open_share(
            sealed.bytes_of(f"share-{place}.age"), sealed.people.keepers[name], sealed.manifest, name
        )
        for place, name in enumerate(KEEPERS, start=1)
    }


def test_a_share_file_tells_nothing_by_its_size(sealed: Sealed, shares: dict[str, ShareFile]) -> None:
    assert {len(share.encode()) for share in shares.values()} == {SIZE}
    assert len({len(sealed.bytes_of(f"share-{place}.age")) for place in range(1, 6)}) == 1


def test_a_share_comes_back_from_its_text(shares: dict[str, ShareFile]) -> None:
    for share in shares.values():
        assert ShareFile.read(share.encode()) == share
        assert share.encode().decode().splitlines()[0] == share.mnemonic
        assert share.mnemonic not in repr(share)


def test_nobody_opens_another_keepers_share(sealed: Sealed) -> None:
    with pytest.raises(NoKeyFits):
        open_share(sealed.bytes_of("share-1.age"), sealed.people.keepers["bull"], sealed.manifest, "bull")


def test_a_share_of_another_keeper_of_the_same_split_is_false(
    sealed: Sealed, shares: dict[str, ShareFile]
) -> None:
    found = sort_shares([("bull", shares["pakkun"])], sealed.manifest)
    assert found.good == () and isinstance(found.bad[0][1], FalseShare)


def test_every_bad_share_is_named_and_the_good_ones_are_kept(
    sealed: Sealed, shares: dict[str, ShareFile]
) -> None:
    first = shares["pakkun"]
    words = first.mnemonic.split()
    place = next(place for place in range(8, 32) if words[place] != words[place + 1])
    words[place], words[place + 1] = words[place + 1], words[place]
    mistyped = replace(first, mnemonic=" ".join(words))
    forged = slip39.read(first.mnemonic)
    false = replace(first, mnemonic=replace(forged, value=bytes(32)).mnemonic())
    old = deal(bytes(32), 3, 5, author=first.author, track=first.track, part="words")[0]
    for bad, refusal in [
        (mistyped, ShareMistyped),
        (false, FalseShare),
        (replace(first, salt=bytes(32)), FalseShare),
        (replace(first, index=2), FalseShare),
        (old, ShareOfAnotherSplit),
        (replace(first, author="0" * 64), ShareOfAnotherSplit),
        (replace(first, track="other"), ShareOfAnotherSplit),
        (replace(first, part="wishes"), ShareOfAnotherSplit),
    ]:
        found = sort_shares([("pakkun", bad), ("bull", shares["bull"])], sealed.manifest)
        assert [name for name, _ in found.good] == ["bull"]
        ((name, named),) = found.bad
        assert name == "pakkun" and type(named) is refusal
        assert "pakkun" in named.happened and "Nothing was combined" in named.happened and named.do
        assert first.mnemonic not in str(named)


def test_without_commitments_a_false_share_would_pass_as_good(
    sealed: Sealed, shares: dict[str, ShareFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The planted fault: whatever is shown counts as what was promised. Then the false share is sorted as good.
    seat = sealed.manifest.seat("pakkun")
    first = shares["pakkun"]
    false = replace(first, mnemonic=replace(slip39.read(first.mnemonic), value=bytes(32)).mnemonic())
    monkeypatch.setattr(ShareFile, "commitment", property(lambda self: seat.words_share))
    assert sort_shares([("pakkun", false)], sealed.manifest).good


def test_a_share_given_twice_counts_once(sealed: Sealed, shares: dict[str, ShareFile]) -> None:
    found = sort_shares([("pakkun", shares["pakkun"])] * 2, sealed.manifest)
    assert len(found.good) == 1 and isinstance(found.bad[0][1], DuplicateShare)


def test_somebody_who_is_no_keeper_gives_no_share(sealed: Sealed, shares: dict[str, ShareFile]) -> None:
    with pytest.raises(WrongShape):
        sort_shares([("naruto", shares["pakkun"])], sealed.manifest)


@pytest.mark.parametrize("names", [KEEPERS[:3], KEEPERS[2:], KEEPERS])
def test_k_or_more_shares_give_the_release_key(
    sealed: Sealed, shares: dict[str, ShareFile], names: tuple[str, ...]
) -> None:
    key = recover_release_key(
        [(name, shares[name]) for name in names], sealed.manifest, sealed.bytes_of("release.key.age")
    )
    assert age.open_bytes(age.seal_bytes(b"x", [str(sealed.manifest.release_key)]), [key]) == b"x"


def test_fewer_than_k_shares_give_nothing(sealed: Sealed, shares: dict[str, ShareFile]) -> None:
    with pytest.raises(TooFewShares, match="3 .* 2"):
        recover_release_key(
            [(name, shares[name]) for name in KEEPERS[:2]],
            sealed.manifest,
            sealed.bytes_of("release.key.age"),
        )


def test_the_shares_of_the_words_do_not_open_the_wishes(sealed: Sealed, shares: dict[str, ShareFile]) -> None:
    given = [(name, shares[name]) for name in KEEPERS[:3]]
    with pytest.raises(NoKeyFits):
        recover_release_key(given, sealed.manifest, sealed.bytes_of("wishes.release.key.age"))
    with pytest.raises(ShareOfAnotherSplit):
        recover_release_key(given, sealed.manifest, sealed.bytes_of("wishes.release.key.age"), "wishes")


def test_a_replaced_release_key_file_is_noticed(sealed: Sealed, shares: dict[str, ShareFile]) -> None:
    given = [(name, shares[name]) for name in KEEPERS[:3]]
    secret = slip39.combine(share.mnemonic for _, share in given)
    for text in (sealed.people.author.secret_key, "nothing"):
        forged = age.seal_with_passphrase(text.encode(), secret.hex(), work_factor=4)
        with pytest.raises(ManifestRefused):
            recover_release_key(given, sealed.manifest, forged)


@pytest.mark.parametrize("text", [b"", b"words", b"\xff" * 768])
def test_a_file_that_holds_no_share_is_refused(text: bytes, shares: dict[str, ShareFile]) -> None:
    with pytest.raises(ShareRefused):
        ShareFile.read(text)
    whole = shares["pakkun"].encode()
    for wrong in (
        whole.replace(b"salt", b"salz"),
        whole[:200],
        whole.replace(b"share: 1", b"share: 01"),
        b"x: y\n" + whole,
    ):
        with pytest.raises(ShareRefused):
            ShareFile.read(wrong)
