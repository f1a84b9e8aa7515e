"""SLIP-39: the published vectors, the reference implementation, and every fault by its name."""

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
import shamir_mnemonic
from hypothesis import given, settings
from hypothesis import strategies as st

from lastwords.sealing import slip39
from lastwords.sealing.refusals import (
    DuplicateShare,
    SecretNotRecovered,
    ShareMistyped,
    ShareOfAnotherSplit,
    ShareRefused,
    TooFewShares,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "slip39" / "vectors.json").read_text())
SECRET = bytes(range(32))


def combined(mnemonics: list[str]) -> str:
    """The secret in hexadecimal, or nothing if the mnemonics are refused, as the vectors have it."""
    try:
        return slip39.combine(mnemonics, b"TREZOR").hex()
    except ShareRefused:
        return ""


def test_every_vector_of_slip39_holds(figure: Callable[[str], None]) -> None:
    failed = [name for name, mnemonics, secret, _ in VECTORS if combined(mnemonics) != secret]
    figure(f"SLIP-39 {len(VECTORS) - len(failed)}/{len(VECTORS)}")
    assert len(VECTORS) == 45
    assert failed == []


def test_the_vectors_catch_a_digest_that_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slip39.hmac, "compare_digest", lambda a, b: True)
    assert [name for name, mnemonics, secret, _ in VECTORS if combined(mnemonics) != secret]


@settings(max_examples=25)
@given(st.data(), st.integers(8, 16).map(lambda half: 2 * half))
def test_the_reference_recovers_what_we_split_and_the_reverse(data: st.DataObject, size: int) -> None:
    n = data.draw(st.integers(2, 16))
    k = data.draw(st.integers(2, n))
    secret = data.draw(st.binary(min_size=size, max_size=size))
    chosen = data.draw(st.permutations(range(n)))[:k]
    ours = slip39.split(secret, k, n)
    assert shamir_mnemonic.combine_mnemonics([ours[place] for place in chosen]) == secret
    theirs = shamir_mnemonic.generate_mnemonics(1, [(k, n)], secret, iteration_exponent=0)[0]
    assert slip39.combine([theirs[place] for place in chosen]) == secret


def test_any_three_of_five_give_the_secret() -> None:
    mnemonics = slip39.split(SECRET, 3, 5)
    assert all(len(mnemonic.split()) == 33 for mnemonic in mnemonics)
    for chosen in combinations(mnemonics, 3):
        assert slip39.combine(chosen) == SECRET


def test_one_of_one_holds_the_secret_in_33_words() -> None:
    assert slip39.combine(slip39.split(SECRET, 1, 1)) == SECRET


def test_a_share_comes_back_from_its_words() -> None:
    for mnemonic in slip39.split(SECRET, 2, 16):
        assert slip39.read(mnemonic).mnemonic() == mnemonic
        assert slip39.read("  " + mnemonic.upper().replace(" ", "\n")).mnemonic() == mnemonic


def test_two_shares_of_three_fix_no_byte_of_the_secret() -> None:
    # With k - 1 shares every secret stays possible: for each there is a polynomial of the right degree.
    points = [(share.index, share.value) for share in map(slip39.read, slip39.split(SECRET, 3, 5)[:2])]
    reached = {slip39._interpolated([*points, (7, bytes([byte]) * 32)], 255)[0] for byte in range(256)}
    assert len(reached) == 256


def test_a_word_that_is_not_on_the_list_is_named_with_its_place() -> None:
    words = slip39.split(SECRET, 2, 3)[0].split()
    words[6] = "ninja"
    with pytest.raises(ShareMistyped, match="word 7, “ninja”"):
        slip39.read(" ".join(words))


@settings(max_examples=60)
@given(st.data())
def test_up_to_three_wrong_words_are_always_noticed(data: st.DataObject) -> None:
    words = slip39.split(SECRET, 2, 3)[0].split()
    for place in data.draw(st.sets(st.integers(0, 32), min_size=1, max_size=3)):
        words[place] = data.draw(st.sampled_from([w for w in slip39._words() if w != words[place]]))
    with pytest.raises(ShareMistyped):
        slip39.read(" ".join(words))


def test_missing_doubled_and_swapped_words_are_noticed() -> None:
    words = slip39.split(SECRET, 2, 3)[0].split()
    place = next(place for place in range(4, 32) if words[place] != words[place + 1])
    swapped = [*words[:place], words[place + 1], words[place], *words[place + 2 :]]
    for changed in (words[:-1], words + words[:1], swapped, []):
        with pytest.raises(ShareMistyped) as refusal:
            slip39.read(" ".join(changed))
        assert " ".join(words[5:12]) not in str(refusal.value)


def test_each_fault_of_a_set_is_named_before_combining() -> None:
    ours, others = slip39.split(SECRET, 3, 5), slip39.split(SECRET, 3, 5)
    for mnemonics, refusal in [
        ([], TooFewShares),
        (ours[:2], TooFewShares),
        (ours[:4], ShareRefused),
        ([*ours[:2], ours[0]], DuplicateShare),
        ([*ours[:2], others[2]], ShareOfAnotherSplit),
        ([*ours[:2], slip39.split(SECRET, 2, 5)[2]], ShareOfAnotherSplit),
    ]:
        with pytest.raises(refusal):
            slip39.combine(mnemonics)


def test_a_false_share_is_noticed_but_cannot_be_named_without_the_manifest() -> None:
    from dataclasses import replace

    mnemonics = slip39.split(SECRET, 3, 5)
    false = replace(slip39.read(mnemonics[1]), value=bytes(32)).mnemonic()
    with pytest.raises(SecretNotRecovered):
        slip39.combine([mnemonics[0], false, mnemonics[2]])


@pytest.mark.parametrize(("k", "n"), [(0, 1), (3, 2), (2, 17), (1, 2), (-1, 3)])
def test_impossible_splits_are_refused(k: int, n: int) -> None:
    with pytest.raises(ShareRefused):
        slip39.split(SECRET, k, n)


@pytest.mark.parametrize("size", [0, 14, 17, 31])
def test_secrets_of_a_length_that_slip39_does_not_know_are_refused(size: int) -> None:
    with pytest.raises(ShareRefused):
        slip39.split(bytes(size), 2, 3)
