"""Signatures, each under the label of its kind."""

import pytest

from lastwords.signing.keys import PublicKey, SigningKey, from_base64url, to_base64url
from lastwords.signing.refusals import BadKey, BadSignature

LABEL = "lastwords/v1/check-in"


def test_a_signature_fits_its_message_label_and_key(key: SigningKey) -> None:
    signature = key.sign(LABEL, b"here")
    assert len(signature) == 3309
    key.public.verify(LABEL, b"here", signature)


def test_a_signature_fits_no_other_message_label_or_key(key: SigningKey, other_key: SigningKey) -> None:
    signature = key.sign(LABEL, b"here")
    altered = bytes([signature[0] ^ 1]) + signature[1:]
    for public, label, message, shown in [
        (key.public, LABEL, b"Here", signature),
        (key.public, "lastwords/v1/statement", b"here", signature),
        (other_key.public, LABEL, b"here", signature),
        (key.public, LABEL, b"here", altered),
        (key.public, LABEL, b"here", signature[:-1]),
        (key.public, LABEL, b"here", b""),
    ]:
        with pytest.raises(BadSignature):
            public.verify(label, message, shown)


def test_without_the_label_a_check_in_would_pass_as_a_statement(key: SigningKey) -> None:
    # The planted fault: one label for everything. The same bytes then carry over from kind to kind.
    signature = key.sign("", b"same bytes")
    key.public.verify("", b"same bytes", signature)
    with pytest.raises(BadSignature):
        key.public.verify(LABEL, b"same bytes", signature)


def test_a_public_key_comes_back_from_its_text(key: SigningKey) -> None:
    assert len(key.public.text) == 2603
    assert PublicKey.read(key.public.text) == key.public


def test_one_seed_gives_one_key(key: SigningKey) -> None:
    assert SigningKey.from_seed(bytes(range(32))).public == key.public
    assert SigningKey.new().public != SigningKey.new().public


def test_a_key_text_with_anything_else_in_it_is_refused(key: SigningKey) -> None:
    text = key.public.text
    for wrong in [
        "",
        text[:-1],
        text + "A",
        text + "=",
        text[:-1] + "+",
        "ä" + text[1:],
        " " + text,
        text + "\n",
    ]:
        with pytest.raises(BadKey) as refusal:
            PublicKey.read(wrong)
        assert refusal.value.happened and refusal.value.do


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(BadKey):
        SigningKey.from_seed(bytes(31))


def test_bytes_have_one_base64url_spelling() -> None:
    assert from_base64url(to_base64url(b"\xff\xfe")) == b"\xff\xfe"
    with pytest.raises(ValueError, match="one spelling"):
        from_base64url("__9")  # the last character carries bits that mean nothing
