"""Every kind of signed document: it comes back whole, or not at all."""

import json
from typing import Any

import pytest

from lastwords.signing import canonical
from lastwords.signing.act import Act
from lastwords.signing.check_in import CheckIn, heads_digest
from lastwords.signing.documents import Document, peek, read, sign
from lastwords.signing.keys import SigningKey
from lastwords.signing.manifest import Manifest, ManifestHead
from lastwords.signing.notes import EmergencyNotes, NotesReader
from lastwords.signing.phone import PhoneCheckIn
from lastwords.signing.plan_terms import PlanTerms
from lastwords.signing.receipt import Receipt
from lastwords.signing.refusals import BadSignature, NotCanonical, Refused, WrongShape, WrongSigner
from lastwords.signing.session_answer import SessionAnswer
from lastwords.signing.statement import GivenShare, Statement
from lastwords.signing.vouching import Vouching

MOMENT = "2026-11-23T08:17:45Z"
SHA = "a" * 64
HEAD = ManifestHead(track="t", number=3, sha256=SHA)
GIVEN = GivenShare(track="t", part="words", sha256=SHA, sealed_to="b" * 64, covered_to=("c" * 64,))

FIELDS: dict[type[Document], dict[str, Any]] = {
    CheckIn: {"host": "example.org", "author": "kakashi", "moment": MOMENT, "counter": 1, "heads": SHA},
    PhoneCheckIn: {
        "host": "example.org",
        "author": "kakashi",
        "credential": "phone-1",
        "moment": MOMENT,
        "counter": 1,
    },
    Statement: {
        "keeper": "pakkun",
        "author": "kakashi",
        "case": "case-1",
        "epoch": 0,
        "plan_version": 1,
        "finding": "died",
        "evidence": "own sight",
        "manifests": (HEAD,),
        "given": (GIVEN,),
        "moment": MOMENT,
        "free_text": None,
    },
    Receipt: {
        "keeper": "pakkun",
        "author": "kakashi",
        "track": "t",
        "number": 1,
        "manifest": SHA,
        "purpose": "arming",
        "words_share": SHA,
        "wishes_share": None,
        "moment": MOMENT,
    },
    SessionAnswer: {"origin": "https://example.org", "account": "kakashi", "challenge": "x" * 43},
    Vouching: {
        "author": "kakashi",
        "keeper": "pakkun",
        "sealing": SHA,
        "signing": SHA,
        "sign_in": SHA,
        "by": "voice",
        "moment": MOMENT,
    },
    PlanTerms: {"author": "kakashi", "plan_version": 1, "terms": SHA, "moment": MOMENT},
    EmergencyNotes: {
        "author": "kakashi",
        "number": 1,
        "sha256": SHA,
        "readers": (NotesReader(keeper="pakkun", sealing=SHA),),
        "moment": MOMENT,
    },
    Act: {
        "actor": "pakkun",
        "role": "keeper",
        "author": "kakashi",
        "act": "told",
        "case": "case-1",
        "epoch": 0,
        "subject": "t",
        "body": None,
        "moment": MOMENT,
    },
}
KINDS = pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.KIND)


def altered(data: bytes, **changes: Any) -> bytes:
    """The envelope with fields of its document changed, spelled canonically."""
    envelope = json.loads(data)
    envelope["document"].update(changes)
    return canonical.encode(envelope)


@KINDS
def test_a_document_comes_back_from_its_envelope(kind: type[Document], key: SigningKey) -> None:
    signed = sign(kind(**FIELDS[kind]), key)
    assert read(signed.data, kind, key.public) == signed
    assert (peek(signed.data).kind, peek(signed.data).signer) == (kind.KIND, key.public.fingerprint)
    assert kind.from_bytes(signed.document.encode()) == signed.document


@KINDS
def test_a_field_missing_unknown_or_of_another_kind_is_refused(kind: type[Document], key: SigningKey) -> None:
    for name in FIELDS[kind]:
        for wrong in ({"x": 1}, 1.5, [1], "", "\n", -1, True):
            with pytest.raises(Refused):
                kind(**FIELDS[kind] | {name: wrong})
        value_without = {k: v for k, v in kind(**FIELDS[kind]).value().items() if k != name}
        with pytest.raises(WrongShape, match=name):
            kind.from_value(value_without)
    with pytest.raises(WrongShape, match="surprise"):
        kind.from_value(kind(**FIELDS[kind]).value() | {"surprise": 1})


@KINDS
def test_no_kind_passes_as_another(kind: type[Document], key: SigningKey) -> None:
    signed = sign(kind(**FIELDS[kind]), key)
    for other in FIELDS.keys() - {kind}:
        with pytest.raises(WrongShape):
            read(signed.data, other, key.public)


@pytest.mark.parametrize("version", [True, 0, 2, "1", None])
def test_a_version_has_one_spelling(version: object, key: SigningKey) -> None:
    signed = sign(CheckIn(**FIELDS[CheckIn]), key)
    with pytest.raises(WrongShape, match="version 1"):
        read(altered(signed.data, version=version), CheckIn, key.public)


def test_a_changed_document_is_refused(key: SigningKey) -> None:
    signed = sign(CheckIn(**FIELDS[CheckIn]), key)
    with pytest.raises(BadSignature):
        read(altered(signed.data, counter=2), CheckIn, key.public)


def test_another_persons_signature_is_named(key: SigningKey, other_key: SigningKey) -> None:
    signed = sign(CheckIn(**FIELDS[CheckIn]), other_key)
    with pytest.raises(WrongSigner):
        read(signed.data, CheckIn, key.public)


def test_naming_the_expected_signer_does_not_make_a_signature_theirs(
    key: SigningKey, other_key: SigningKey
) -> None:
    envelope = json.loads(sign(CheckIn(**FIELDS[CheckIn]), other_key).data)
    envelope["signer"] = key.public.fingerprint
    with pytest.raises(BadSignature):
        read(canonical.encode(envelope), CheckIn, key.public)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"document":1,"signature":"","signer":""}',
        b'{"document":{},"signature":1,"signer":1}',
    ],
)
def test_what_is_not_an_envelope_is_refused(data: bytes, key: SigningKey) -> None:
    with pytest.raises((WrongShape, NotCanonical)):
        peek(data)
    with pytest.raises((WrongShape, NotCanonical)):
        read(data, CheckIn, key.public)


def test_a_signature_cut_short_is_refused(key: SigningKey) -> None:
    envelope = json.loads(sign(CheckIn(**FIELDS[CheckIn]), key).data)
    for wrong in ("", envelope["signature"][:-4], "!", envelope["signature"] + "AAAA"):
        with pytest.raises(BadSignature):
            read(canonical.encode(envelope | {"signature": wrong}), CheckIn, key.public)


@pytest.mark.parametrize(
    "moment", ["2026-02-30T00:00:00Z", "2026-11-23T08:17:45+00:00", "2026-11-23 08:17:45Z", "now"]
)
def test_a_moment_that_does_not_exist_is_refused(moment: str) -> None:
    with pytest.raises(WrongShape):
        CheckIn(**FIELDS[CheckIn] | {"moment": moment})


@pytest.mark.parametrize(
    "changes",
    [
        {"finding": "spoken with"},
        {"finding": "could not find out"},
        {"manifests": ()},
        {"manifests": (HEAD, HEAD)},
        {"given": (GIVEN, GIVEN)},
        {"given": (GivenShare(track="t", part="words", sha256=SHA, sealed_to=SHA, covered_to=()),)},
        {"given": (GivenShare(track="t", part="words", sha256=SHA, sealed_to=SHA, covered_to=(SHA,)),)},
    ],
)
def test_a_statement_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WrongShape):
        Statement(**FIELDS[Statement] | changes)


def test_an_act_names_case_and_epoch_together() -> None:
    with pytest.raises(WrongShape):
        Act(**FIELDS[Act] | {"epoch": None})
    assert Act(**FIELDS[Act] | {"epoch": None, "case": None})


def test_the_heads_have_one_digest_in_any_order() -> None:
    other = ManifestHead(track="s", number=1, sha256="b" * 64)
    assert heads_digest([HEAD, other]) == heads_digest([other, HEAD])
    assert heads_digest([HEAD]) != heads_digest([HEAD, other])


def test_a_manifest_comes_back_with_its_roster(manifest: Manifest, key: SigningKey) -> None:
    signed = sign(manifest, key)
    assert read(signed.data, Manifest, key.public).document == manifest
