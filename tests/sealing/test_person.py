"""One secret per person, and all that follows from it."""

import hashlib
import hmac
import subprocess
import sys

import pytest

from lastwords.sealing import age, slip39
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import NoKeyFits, ShareMistyped
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import SigningKey
from lastwords.signing.refusals import BadKey

PERSON = PersonKeys(bytes(range(32)))


def test_a_person_comes_back_from_card_and_words() -> None:
    assert len(PERSON.secret_key) == 77 and PERSON.secret_key.startswith("AGE-SECRET-KEY-PQ-1")
    assert len(PERSON.words()) == 33
    for again in (PersonKeys.from_card(PERSON.secret_key), PersonKeys.from_words(" ".join(PERSON.words()))):
        assert again.public == PERSON.public and again.secret_key == PERSON.secret_key


@pytest.mark.parametrize(
    "card",
    [
        "{key}",
        "# public key: age1pq1qqq\n{key}\n",
        "   {lower}   ",
        "{spaced}",
        "Name: Kakashi\r\nKey:\r\n{spaced}\r\nKeep this card apart from your telephone.",
    ],
)
def test_a_card_is_read_as_people_type_it(card: str) -> None:
    key = PERSON.secret_key
    spaced = "\n".join(key[start : start + 11] for start in range(0, len(key), 11))
    assert (
        PersonKeys.from_card(card.format(key=key, lower=key.lower(), spaced=spaced)).public == PERSON.public
    )


@pytest.mark.parametrize(
    "card",
    [
        "",
        PERSON.secret_key[:-1],
        PERSON.secret_key[:-1] + "P",
        PERSON.public_key,
        "AGE-SECRET-KEY-1" + "Q" * 58,
    ],
)
def test_what_is_not_one_whole_secret_key_is_no_card(card: str) -> None:
    with pytest.raises(BadKey) as refusal:
        PersonKeys.from_card(card)
    assert refusal.value.do and PERSON.secret_key[25:60] not in str(refusal.value)


def test_two_keys_on_one_card_are_refused_rather_than_chosen_from() -> None:
    with pytest.raises(BadKey):
        PersonKeys.from_card(PERSON.secret_key + "\n" + PersonKeys.new().secret_key)


def test_words_of_something_else_are_not_a_person() -> None:
    with pytest.raises(BadKey):
        PersonKeys.from_words(slip39.split(bytes(16), 1, 1)[0])
    with pytest.raises(ShareMistyped):
        PersonKeys.from_words(" ".join(PERSON.words()[:-1]))


def test_the_signing_keys_are_derived_by_hkdf_under_labels_of_their_own() -> None:
    extracted = hmac.digest(bytes(32), bytes(range(32)), "sha256")
    for label, key in ((b"lastwords/v1/signing", PERSON.signing), (b"lastwords/v1/sign-in", PERSON.sign_in)):
        seed = hmac.digest(extracted, label + b"\x01", "sha256")
        assert SigningKey.from_seed(seed).public == key.public
    assert PERSON.signing.public != PERSON.sign_in.public


def test_plain_tools_give_the_same_fingerprint() -> None:
    assert PERSON.public.sealing_fingerprint == hashlib.sha256(PERSON.public_key.encode()).hexdigest()
    assert PERSON.public.signing_fingerprint == fingerprint(PERSON.signing.public.text)
    assert len(PERSON.public.eight_words) == 8


def test_a_passphrase_locks_the_card_at_the_work_factor_of_the_product() -> None:
    locked = PERSON.locked("eight generated words")
    assert b"-----BEGIN AGE ENCRYPTED FILE-----" in locked
    assert PersonKeys.unlock(locked, "eight generated words").public == PERSON.public
    with pytest.raises(NoKeyFits):
        PersonKeys.unlock(PERSON.locked("one", work_factor=4), "another")
    with pytest.raises(BadKey):
        PersonKeys.unlock(age.seal_with_passphrase(b"nothing", "one", work_factor=4), "one")


def test_a_person_never_shows_its_secret_by_accident() -> None:
    shown = f"{PERSON!r} {PERSON} {PERSON.signing!r} {vars(PERSON.public)}"
    assert PERSON.secret_key not in shown and bytes(range(32)).hex() not in shown


def test_new_people_differ() -> None:
    assert PersonKeys.new().public != PersonKeys.new().public


def test_sealing_and_signing_load_without_the_server() -> None:
    code = (
        "import lastwords.sealing.kit, sys;"
        "print([name for name in sys.modules if name.startswith(('django', 'lastwords.server'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
