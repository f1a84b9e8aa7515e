"""Fingerprints that plain tools give too, and words for the voice."""

import hashlib
from importlib import resources

import pytest

from lastwords.signing.fingerprints import eight_words, fingerprint, person_fingerprint
from lastwords.signing.refusals import BadKey


def test_a_fingerprint_is_the_sha256_of_the_text() -> None:
    assert fingerprint("age1pq1abc") == hashlib.sha256(b"age1pq1abc").hexdigest()


def test_the_list_is_the_one_of_the_eff() -> None:
    data = resources.files("lastwords.signing").joinpath("eff_large.txt").read_bytes()
    assert (
        hashlib.sha256(data).hexdigest() == "6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522"
    )
    words = data.decode().split()
    assert len(words) == len(set(words)) == 7776


def test_the_words_are_the_digits_of_the_fingerprint_to_base_7776() -> None:
    assert eight_words("0" * 64) == ("abacus",) * 8
    assert eight_words(f"{7776 + 1:064x}") == ("abdomen", "abdomen", *("abacus",) * 6)
    assert eight_words(f"{7775:064x}")[0] == "zoom"


def test_a_person_has_other_words_when_either_key_is_swapped() -> None:
    mine = person_fingerprint("a" * 64, "b" * 64)
    assert len({mine, person_fingerprint("a" * 64, "c" * 64), person_fingerprint("c" * 64, "b" * 64)}) == 3
    assert mine != person_fingerprint("b" * 64, "a" * 64)


@pytest.mark.parametrize("wrong", ["", "a" * 63, "A" * 64, "a" * 65, "g" * 64])
def test_what_is_not_a_fingerprint_has_no_words(wrong: str) -> None:
    with pytest.raises(BadKey):
        eight_words(wrong)


@pytest.mark.parametrize("wrong", ["", "ä"])
def test_what_no_key_is_made_of_has_no_fingerprint(wrong: str) -> None:
    with pytest.raises(BadKey):
        fingerprint(wrong)
