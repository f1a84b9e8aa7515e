"""Documents, keys, containers, shares and invitations that are not right: both twins refuse, in the same words."""

import copy
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sealing.test_our_vectors import KEYS, TRACK
from web.twin import NODE, Twin, b64, is_refused, outcome, started, unb64

from lastwords.sealing import container, covers, kit, slip39
from lastwords.sealing.age import files, keys
from lastwords.sealing.container import Item
from lastwords.sealing.invitation import Invitation, answer, check_answer
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.receipts import make_receipt
from lastwords.sealing.shares import ShareFile, check_share, open_share, recover_release_key
from lastwords.signing.act import Act
from lastwords.signing.check_in import CheckIn
from lastwords.signing.documents import Document, Signed, peek, read, sign
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import Manifest, follows
from lastwords.signing.new_keys import NewKeys
from lastwords.signing.notes import EmergencyNotes
from lastwords.signing.plan_terms import PlanTerms
from lastwords.signing.receipt import Receipt, check_fits
from lastwords.signing.session_answer import SessionAnswer
from lastwords.signing.statement import Statement
from lastwords.signing.vouching import Vouching

pytestmark = NODE
KINDS: list[type[Document]] = [
    *(
        Act,
        CheckIn,
        Manifest,
        NewKeys,
        EmergencyNotes,
        PlanTerms,
        Receipt,
        SessionAnswer,
        Statement,
        Vouching,
    ),
]
MOMENT = "2026-11-23T08:17:45Z"
A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def signed() -> Signed[Manifest]:
    return read((TRACK / "manifest.json").read_bytes(), Manifest, KEYS["author"].signing.public)


@pytest.fixture(scope="module")
def good(signed: Signed[Manifest]) -> dict[str, dict[str, Any]]:
    """One right document of every kind."""
    document = signed.document
    person = {"author": "kakashi", "moment": MOMENT}
    case = {"case": "c1", "epoch": 0}
    head = {"track": document.track, "number": 1, "sha256": signed.digest}
    given = {"track": document.track, "part": "words", "sha256": A, "sealed_to": B, "covered_to": [C]}
    of = {
        "act": {"actor": "bull", "role": "keeper", "act": "told", "subject": None, "body": A} | case | person,
        "check-in": {"host": "home", "counter": 1, "heads": A} | person,
        "manifest": document.value(),
        "new-keys": {
            "person": "kakashi",
            "before": A,
            "sealing": B,
            "signing": C,
            "sign_in": "d" * 64,
            "voucher": "bull",
            "by": "voice",
            "moment": MOMENT,
        },
        "emergency-notes": {"number": 1, "sha256": A, "readers": [{"keeper": "bull", "sealing": B}]} | person,
        "plan-terms": {"plan_version": 1, "terms": A} | person,
        "receipt": read(
            (TRACK / "receipt-2.json").read_bytes(), Receipt, KEYS["bull"].signing.public
        ).document.value(),
        "session-answer": {"origin": "https://home.example", "account": "bull", "challenge": "x"},
        "statement": {
            "keeper": "bull",
            "plan_version": 1,
            "finding": "died",
            "evidence": "own sight",
            "manifests": [head],
            "given": [given],
            "free_text": None,
        }
        | case
        | person,
        "vouching": {"keeper": "bull", "sealing": A, "signing": B, "sign_in": C, "by": "voice"} | person,
    }
    return {kind: fields | {"kind": kind, "version": 1} for kind, fields in of.items()}


WRONG: list[Any] = [
    *(None, True, 0, -1, 17, 1.5, 2**53, "", "x", "nobody known", "a\nb", "é" * 300, A.upper(), [], {}, [1]),
    *("2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T08:17:60Z"),
    *("2026-11-23 08:17:45", "0000-01-01T00:00:00Z"),
]  # fmt: skip


def spoiled(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A document with one thing wrong, again and again: a field missing, unknown, or of every wrong value."""
    yield value
    yield value | {"nobody": 1}
    for name, part in value.items():
        yield {k: v for k, v in value.items() if k != name}
        yield from (value | {name: wrong} for wrong in WRONG)
        if isinstance(part, list) and part:
            yield value | {name: part * 2}
            yield value | {name: part * 300}
            if isinstance(part[0], dict):
                yield from (value | {name: [one, *part[1:]]} for one in spoiled(part[0]))


def test_every_kind_of_document_is_written_alike_and_refused_in_the_same_words(
    twin: Twin, good: dict[str, dict[str, Any]], figure: Callable[[str], None]
):
    assert set(twin("kinds")) == set(good) == {kind.KIND for kind in KINDS}
    different, tried, refused = [], 0, 0
    for kind in KINDS:
        for value in spoiled(good[kind.KIND]):
            tried += 1
            ours = outcome(lambda value=value, kind=kind: kind.from_value(value).encode().decode())  # type: ignore[misc]
            theirs = outcome(partial(twin, "document", kind=kind.KIND, value=value))
            refused += is_refused(ours)
            if ours != theirs:
                different.append((kind.KIND, str(ours)[-300:], str(theirs)[-300:]))
    figure(f"documents in both twins: {tried} tried, {refused} refused alike, {len(different)} otherwise")
    assert different == []
    assert refused > 1000 and tried - refused >= len(KINDS)


def test_signatures_of_each_twin_hold_in_the_other_and_no_signature_holds_for_another(
    twin: Twin, good: dict[str, dict[str, Any]]
):
    author, other = KEYS["author"], KEYS["bull"]
    for kind in KINDS:
        fields = {k: v for k, v in good[kind.KIND].items() if k not in ("kind", "version")}
        theirs = twin("sign", kind=kind.KIND, fields=fields, card=author.secret_key).encode()
        assert read(theirs, kind, author.signing.public).document.value() == good[kind.KIND]
        ours = sign(kind.from_value(good[kind.KIND]), author.signing).data
        assert twin("read", envelope=b64(ours), kind=kind.KIND, key=author.signing.public.text)
        assert twin("peek", envelope=b64(ours)) == asdict(peek(ours))

    ours = sign(CheckIn.from_value(good["check-in"]), author.signing).data
    altered = ours.replace(b'"counter":1', b'"counter":2')
    envelope = json.loads(ours)
    short = json.dumps(envelope | {"signature": "AA"}, separators=(",", ":"), sort_keys=True).encode()
    for data in (altered, short, ours[:-1], b"{}", b"[]", ours.replace(b"check-in", b"statement")):
        for key in (author.signing.public, other.signing.public):
            found = outcome(partial(read, data, CheckIn, key))
            assert is_refused(found)
            assert (
                outcome(partial(twin, "read", envelope=b64(data), kind="check-in", key=key.text))[:2]  # type: ignore[index]
                == found[:2]  # type: ignore[index]
            )


def test_manifests_and_receipts_that_do_not_fit_are_refused_in_the_same_words(
    twin: Twin, signed: Signed[Manifest], good: dict[str, dict[str, Any]]
):
    envelope, document = signed.data.decode(), signed.document
    second = replace(document, number=2, before=signed.digest)
    for changes in (
        *({}, {"before": A}, {"number": 3}, {"author": "gai"}, {"track": "t2"}, {"recipient": "gai"}),
        *({"condition": "cannot act"}, {"author_signing": A}),
    ):
        new = replace(second, **changes)
        for signer in (document.author_signing, A):
            for before in (signed, None):
                ours = outcome(partial(follows, Signed(new, b"", signer), before))
                found = partial(
                    twin,
                    "follows",
                    envelope=Signed(new, b"", A).data.decode(),
                    signer=signer,
                    before=envelope if before else None,
                )
                assert outcome(found) == ours
    for changes in ({}, {"number": 2}, {"words_share": A}, {"keeper": "gai"}, {"manifest": A}):
        receipt = good["receipt"] | changes
        ours = outcome(partial(check_fits, Receipt.from_value(receipt), signed))
        assert outcome(partial(twin, "fits", receipt=receipt, manifest=envelope)) == ours


CARD = KEYS["author"].secret_key
PUBLIC = KEYS["author"].public_key
TWO_CARDS = f"{CARD}\n{KEYS['bull'].secret_key}"

# What is asked of the twin, what Python does, and texts that both refuse.
NOT_WHOLE: dict[str, tuple[Callable[[str], object], list[str]]] = {
    "read secret key": (
        keys.read_secret_key,
        [
            *("x", "1", CARD[:-1] + "Q", CARD[:-1] + "P", CARD.lower(), CARD[:20] + "b" + CARD[21:], PUBLIC),
            keys.bech32.encode("age-secret-key-pq-", b"\x02" * 31).upper(),
        ],
    ),
    "read public key": (
        keys.read_public_key,
        [
            *(CARD, PUBLIC.upper(), PUBLIC[:-1], keys.bech32.encode("age1tag", b"\x02" * 33)),
            *(keys.bech32.encode("age1pq", b"\xff" * size) for size in (1215, 1216)),
        ],
    ),
    "card": (PersonKeys.from_card, ["", CARD[:-1], TWO_CARDS]),
    "public key": (PublicKey.read, ["", "!", "AA", "AB", "A" * 2602]),
    "fingerprint": (fingerprint, ["", "é"]),
    "mnemonic": (slip39.read, ["", "ninja", "academic acid", " ".join(["academic"] * 33)]),
    "read invitation": (Invitation.read, ["", "lw1.AA.AA", "#lw2.x.y", "lw1.AAAAAAAAAAAAAAAAAAAAAA.AA.AA"]),
}


@pytest.mark.parametrize(
    ("what", "text"), [(what, text) for what, (_, texts) in NOT_WHOLE.items() for text in texts]
)
def test_a_key_a_share_or_a_link_that_is_not_whole_is_refused_in_the_same_words(
    twin: Twin, what: str, text: str
):
    found = outcome(partial(NOT_WHOLE[what][0], text))
    assert is_refused(found)
    given = {"fragment": text} if what == "read invitation" else {"text": text}
    assert outcome(partial(twin, what, **given)) == found


def packed(items: list[Item]) -> bytes:
    out = io.BytesIO()
    container.pack(items, out)
    return out.getvalue()


def as_sent(items: list[Item]) -> list[dict[str, Any]]:
    return [
        {"name": item.name, "content": b64(bytes(item.content)), "media": item.media, "title": item.title}  # type: ignore[arg-type]
        for item in items
    ]


def test_both_twins_pack_the_same_bytes(twin: Twin):
    items = [
        Item("letter.txt", b"Dear Iruka", "text/plain", "For “Iruka”"),
        Item("empty", b""),
        Item("a/b/" + "long " * 30 + "name.ogg", bytes(range(256)) * 5),
        Item("Ünïcödé/忍者.txt", b"x" * 512),
        Item("🐕" * 30 + "/dog", b"y" * 70_000),
        Item("a" * 100, b"1"),
        Item("b" * 101, b"2"),
    ]
    for given in ([], items[:1], items):
        assert unb64(twin("pack", items=as_sent(given))) == packed(given)
    opened = twin("unpack", data=b64(packed(items)))
    assert {name: unb64(data) for name, data in opened["files"].items()} == {
        item.name: item.content for item in items
    }


@pytest.mark.parametrize(
    "names",
    [
        *([""], ["/a"], ["../a"], ["a/../b"], ["./a"], ["a/"], ["a//b"], [".hidden"], ["a/.b"], ["a:b"], ["a\\b"]),
        *(["a\tb"], ["a?"], ["x" * 201], ["é" * 101], ["index.json"], ["INDEX.json"], ["a", "A"], ["ß", "SS"]),
        *(["Σας", "σασ"], ["a", "a/b"], ["A/b", "a"], ["x/y", "X/y"], ["ok"], ["a b", "c/d e"], ["ı", "i"]),
        *(["GROẞ", "groß"], ["GROẞ", "gross"], ["ẞ/a", "ß"]),
    ],
)  # fmt: skip
def test_names_of_items_are_taken_or_refused_in_the_same_words(twin: Twin, names: list[str]):
    items = [Item(name, b"x") for name in names]
    ours = outcome(lambda: b64(packed(items)))
    assert outcome(partial(twin, "pack", items=as_sent(items))) == ours


def tar_of(index: object, *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in (("index.json", json.dumps(index).encode()), *members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.type = kind if name != "index.json" else tarfile.REGTYPE
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


RIGHT = {"format": container.FORMAT, "items": [{"name": "a", "size": 1, "media": "", "title": ""}]}


@pytest.mark.parametrize(
    "data",
    [
        tar_of(RIGHT, ("a", b"x")),
        tar_of(RIGHT | {"format": "other"}, ("a", b"x")),
        tar_of({"items": []}),
        tar_of([1]),
        tar_of(RIGHT | {"items": [{"name": "a", "size": True}]}, ("a", b"x")),
        tar_of(RIGHT | {"items": [{"name": "a"}]}, ("a", b"x")),
        tar_of(RIGHT | {"items": [{"name": "a", "size": 1, "more": 1}]}, ("a", b"x")),
        tar_of(RIGHT | {"items": [{"name": "a", "size": "1"}]}, ("a", b"x")),
        tar_of(RIGHT | {"items": [{"name": "../a", "size": 1}]}, ("../a", b"x")),
        tar_of(RIGHT, ("b", b"x")),
        tar_of(RIGHT, ("a", b"xx")),
        tar_of(RIGHT, ("a", b"x"), ("b", b"y")),
        tar_of(RIGHT),
        tar_of(RIGHT, ("a", b""), kind=tarfile.SYMTYPE),
        tar_of(RIGHT, ("a", b""), kind=tarfile.DIRTYPE),
        tar_of(RIGHT, ("a", b""), kind=tarfile.FIFOTYPE),
        bytes(10240),
        b"no tar at all" * 100,
    ],
)
def test_what_is_no_container_is_refused_in_the_same_words(twin: Twin, tmp_path: Path, data: bytes):
    ours = outcome(lambda: [asdict(entry) for entry in container.unpack(io.BytesIO(data), tmp_path / "x")])
    theirs = outcome(lambda: twin("unpack", data=b64(data))["entries"])
    assert theirs == ours


def sorted_otherwise(twin: Twin, signed: Signed[Manifest]) -> list[tuple[object, object]]:
    """Sets of shares, good and bad, of which the twins do not say the same."""
    manifest, envelope = signed.document, signed.data.decode()

    def share(place: int, keeper: str, prefix: str = "") -> ShareFile:
        part = "wishes" if prefix else "words"
        return open_share(
            (TRACK / f"{prefix}share-{place}.age").read_bytes(), KEYS[keeper], manifest, keeper, part
        )

    bull, uhei, pakkun = share(2, "bull"), share(3, "uhei"), share(1, "pakkun")
    words = bull.mnemonic.split()
    mistyped = replace(bull, mnemonic=" ".join([*words[:8], words[9], words[8], *words[10:]]))
    cases: list[list[tuple[str, ShareFile]]] = [
        [("bull", bull), ("uhei", uhei)],
        [("bull", bull), ("uhei", uhei), ("pakkun", pakkun)],
        [("bull", bull)],
        [("bull", bull), ("bull", bull)],
        [("bull", mistyped), ("uhei", uhei)],
        [("bull", replace(bull, salt=bytes(32))), ("uhei", uhei)],
        [("uhei", bull), ("bull", uhei)],
        [("bull", replace(bull, split=A)), ("uhei", uhei)],
        [("bull", share(2, "bull", "wishes-")), ("uhei", uhei)],
        [("bull", replace(bull, author=A)), ("uhei", uhei)],
        [("bull", replace(bull, index=1)), ("uhei", uhei)],
        [("nobody", bull), ("uhei", uhei)],
    ]
    file = (TRACK / "release.key.age").read_bytes()
    other = (TRACK / "wishes.release.key.age").read_bytes()
    pairs: list[tuple[object, object]] = []
    for held, key_file in [*((held, file) for held in cases), (cases[0], other)]:
        sent = [(keeper, b64(one.encode())) for keeper, one in held]
        theirs = partial(twin, "recover", held=sent, manifest=envelope, file=b64(key_file), part="words")
        pairs.append((outcome(partial(recover_release_key, held, manifest, key_file)), outcome(theirs)))
    for text in (
        b"",
        b"Dear Iruka",
        bull.encode()[:-1],
        bull.encode() + b"x",
        bull.encode().replace(b"part: w", b"part: x"),
    ):
        ours = outcome(lambda text=text: check_share(ShareFile.read(text), manifest, "bull"))  # type: ignore[misc]
        theirs = partial(twin, "check share", text=b64(text), manifest=envelope, keeper="bull", part="words")
        pairs.append((ours, outcome(theirs)))
    assert len([ours for ours, _ in pairs if is_refused(ours)]) == len(pairs) - 2
    return [(ours, theirs) for ours, theirs in pairs if ours != theirs]


def test_shares_are_sorted_alike_and_each_fault_is_named_with_its_keeper(
    twin: Twin, signed: Signed[Manifest]
):
    assert sorted_otherwise(twin, signed) == []


@pytest.mark.parametrize(
    "fault",
    [
        ("share.commitment !== promised", "false"),
        ("share.author !== manifest.author_signing", "false"),
        ("if (good.has(keeperId))", "if (false)"),
        ("if (found.good.length < manifest.k)", "if (false)"),
    ],
)
def test_a_check_of_shares_that_was_taken_out_of_the_twin_is_noticed(
    signed: Signed[Manifest], fault: tuple[str, str]
):
    with started(fault) as faulty:
        assert sorted_otherwise(faulty, signed)


def test_receipts_and_covers_are_made_or_refused_alike(twin: Twin, signed: Signed[Manifest]):
    envelope = signed.data.decode()
    words, wishes = (b64((TRACK / f"{prefix}share-2.age").read_bytes()) for prefix in ("", "wishes-"))
    for keeper, held, second in (
        ("bull", "bull", wishes),
        ("bull", "uhei", wishes),
        ("bull", "bull", None),
        ("gai", "bull", wishes),
    ):
        ours = outcome(
            lambda keeper=keeper, held=held, second=second: make_receipt(  # type: ignore[misc]
                *(keeper, KEYS[held], signed, unb64(words), unb64(second) if second else None),
                *("arming", MOMENT),
            ).document.value()
        )
        theirs = outcome(
            lambda keeper=keeper, held=held, second=second: json.loads(  # type: ignore[misc]
                twin(
                    "receipt", keeper=keeper, card=KEYS[held].secret_key, manifest=envelope, words=words,
                    wishes=second, purpose="arming", moment=MOMENT,
                )
            )["document"]
        )  # fmt: skip
        assert theirs == ours
    share = open_share(unb64(words), KEYS["bull"], signed.document, "bull")
    recipient, uhei, pakkun = (KEYS[name].public_key for name in ("recipient", "uhei", "pakkun"))
    for inner, outer in (
        (uhei, [pakkun]),
        (recipient, [recipient]),
        (recipient, [uhei, uhei]),
        (recipient, []),
    ):
        ours = outcome(partial(covers.give, share, signed.document, inner, outer, "1"))
        assert is_refused(ours)
        found = partial(
            twin, "give", text=b64(share.encode()), manifest=envelope, recipient=inner, covers=outer, case="1"
        )
        assert outcome(found) == ours


def test_an_answer_to_an_invitation_is_checked_alike(twin: Twin):
    invitation = Invitation.new(KEYS["author"].signing.public.fingerprint)
    sent = answer(invitation, KEYS["bull"])
    assert unb64(twin("answer to", fragment=invitation.fragment, card=KEYS["bull"].secret_key)) == sent
    value = json.loads(sent)

    def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
        other = copy.deepcopy(value)
        change(other)
        return json.dumps(other, separators=(",", ":"), sort_keys=True).encode()

    other = Invitation(bytes(16), A)
    unusable = dict.fromkeys(value["keys"], "x")
    macs = {key: invitation.mac(key, "x") for key in unusable}
    for data in (
        sent,
        sent[:-1],
        b"[]",
        answer(other, KEYS["bull"]),
        changed(lambda one: one["keys"].update(sealing=KEYS["uhei"].public_key)),
        changed(lambda one: one["keys"].update(sign_in=value["keys"]["signing"])),
        changed(lambda one: one["keys"].pop("signing")),
        changed(lambda one: one.update(more=1)),
        changed(lambda one: one.update(keys=unusable, macs=macs)),
        changed(lambda one: one["macs"].update(sealing="é")),
    ):
        ours = outcome(lambda data=data: check_answer(invitation, data).sealing)  # type: ignore[misc]
        found = partial(twin, "check answer", fragment=invitation.fragment, data=b64(data))
        assert outcome(found) == ours


def test_keys_of_two_kinds_never_seal_one_file_in_either_twin(twin: Twin):
    old = keys.bech32.encode("age", keys.X25519SecretKeyOfAge(bytes(range(32)))._public)
    for to in ([], [PUBLIC, old], [old, PUBLIC]):
        ours = outcome(partial(files.seal_bytes, b"x", to))
        assert is_refused(ours)
        assert outcome(partial(twin, "seal", data=b64(b"x"), keys=to, inText=False)) == ours
    for data in (
        b"",
        b"age-encryption.org/v2\n",
        b"x" * 5000,
        b"age-encryption.org/v1\n" + (b"-> " + b"x" * 60_000 + b"\n\n") * 18,
    ):
        ours = outcome(partial(files.open_bytes, data, [CARD]))
        assert is_refused(ours)
        assert outcome(partial(twin, "open", data=b64(data), keys=[CARD])) == ours


def test_a_locked_key_of_each_twin_opens_in_the_other_and_a_wrong_passphrase_is_refused_alike(twin: Twin):
    author = KEYS["author"]
    locked = twin("locked", card=CARD, passphrase="sharp kunai", workFactor=10)
    assert PersonKeys.unlock(unb64(locked), "sharp kunai").secret_key == CARD
    ours = b64(author.locked("sharp kunai", work_factor=10))
    assert twin("unlock", data=ours, passphrase="sharp kunai") == CARD
    wrong = outcome(partial(PersonKeys.unlock, unb64(ours), "blunt kunai"))
    assert outcome(partial(twin, "unlock", data=ours, passphrase="blunt kunai")) == wrong
    assert PersonKeys.from_words(twin("words", card=CARD)).secret_key == CARD


def test_the_readme_of_a_kit_is_the_same_text_in_every_mode(twin: Twin, signed: Signed[Manifest]):
    document = signed.document
    alone = replace(
        document,
        mode="timer only",
        release_key=None,
        wishes_release_key=None,
        words_split=None,
        wishes_split=None,
        k=0,
        roster=(),
        files=document.files[:2],
    )
    without_lock = replace(document, mode="keepers only", recipient_key=None)
    names = {"kakashi": "Kakashi", "iruka": "Iruka Umino"}
    for of in (document, without_lock, alone):
        manifest = Signed(of, b"", A)
        for keeper in (None, *(seat.keeper for seat in of.roster[:1])):
            seat = of.seat(keeper) if keeper else None
            found = twin("readme", manifest=manifest.data.decode(), keeper=keeper, names=names)
            assert found == kit.readme(manifest, seat, names)
