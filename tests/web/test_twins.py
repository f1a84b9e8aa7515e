"""The browser's twin gives what Python gives and refuses what Python refuses: every vector, through both.

Each test says how many vectors Python has, so that none can be left out on one side.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sealing.test_age_kit import OUTCOMES, TESTDATA
from sealing.test_our_vectors import FORMATS, KEYS, RULES, TRACK
from sealing.test_slip39 import VECTORS as SLIP39
from sealing.test_slip39 import combined
from web.twin import NODE, Twin, b64, is_refused, outcome, started, unb64

from lastwords.sealing.shares import open_share
from lastwords.signing.documents import read
from lastwords.signing.manifest import Manifest

pytestmark = NODE


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with started() as found:
        yield found


def test_every_format_vector_gives_the_same_and_is_refused_in_the_same_words(
    twin: Twin, figure: Callable[[str], None]
):
    assert set(twin("rules")) == set(RULES)
    different, rows = [], Counter[str]()
    for vector in FORMATS:
        rule, given, expected = vector["rule"], vector["input"], vector["expected"]
        ours = outcome(partial(RULES[rule], given))
        theirs = outcome(partial(twin, "format", rule=rule, input=given))
        rows[rule] += 1
        as_it_was = is_refused(theirs) if expected is None else theirs == expected
        if not as_it_was or same_of(ours, rule) != same_of(theirs, rule):
            different.append((rule, vector["reason"], ours, theirs))
    figure(f"formats, both ways: {rows.total()} vectors of {len(rows)} rules")
    assert different == []
    assert rows.total() == len(FORMATS)


def same_of(found: object, rule: str) -> object:
    """What must be the same in both: all of it. Only why JSON is not canonical a browser's own reader does not say."""
    return found[:2] if rule == "canonical decode" and isinstance(found, tuple) else found


def test_every_vector_of_slip39_gives_the_same_secret(twin: Twin, figure: Callable[[str], None]):
    def theirs(mnemonics: list[str]) -> str:
        found = outcome(lambda: twin("combine", mnemonics=mnemonics, passphrase="TREZOR"))
        return "" if is_refused(found) else str(found)

    failed = [name for name, mnemonics, secret, _ in SLIP39 if theirs(mnemonics) != secret]
    figure(f"SLIP-39 in the browser's twin {len(SLIP39) - len(failed)}/{len(SLIP39)}")
    assert failed == []
    assert len(SLIP39) == 45
    assert [name for name, mnemonics, _, _ in SLIP39 if combined(mnemonics) != theirs(mnemonics)] == []


KIT = sorted(TESTDATA.iterdir())


def failing(twin: Twin, paths: list[Path]) -> list[tuple[str, str, str]]:
    """Files of the age test kit that do not fare as they ask: their name, what they ask for, how they fared."""
    names = {kind.__name__: name for kind, name in OUTCOMES.items()}
    failed = []
    for path in paths:
        head, _, body = path.read_bytes().partition(b"\n\n")
        asked = [line.partition(": ")[::2] for line in head.decode().splitlines()]
        wanted = dict(asked)
        found = twin(
            "kit",
            data=b64(zlib.decompress(body) if wanted.get("compressed") == "zlib" else body),
            armored=wanted.get("armored") == "yes",
            identities=[value for name, value in asked if name == "identity"],
            passphrase=wanted.get("passphrase"),
        )
        fared = names.get(found["fared"], found["fared"])
        if fared != wanted["expect"] or found["sha256"] != wanted.get("payload", found["sha256"]):
            failed.append((path.name, wanted["expect"], fared))
    return failed


def test_every_file_of_the_age_kit_fares_as_it_asks(twin: Twin, figure: Callable[[str], None]):
    failed = failing(twin, KIT)
    figure(f"age kit in the browser's twin {len(KIT) - len(failed)}/{len(KIT)}")
    assert failed == []
    assert len(KIT) == 143


@pytest.mark.parametrize(
    ("fault", "noticed_by"),
    [
        (("if (!same(macOf(fileKey, this.covered), this.mac))", "if (false)"), "hmac_bad"),
        (("if (chunk.length === 0 && counter > 0)", "if (false)"), "stream_last_chunk_empty"),
        (("types.includes(SCRYPT) && types.length > 1", "false"), "scrypt_and_x25519"),
        (("Number(workFactor) > MOST_WORK_FACTOR", "false"), "scrypt_work_factor_23"),
    ],
)
def test_the_kit_catches_a_rule_that_was_taken_out_of_the_twin(fault: tuple[str, str], noticed_by: str):
    paths = [path for path in KIT if path.name == noticed_by]
    with started(fault) as faulty:
        assert [name for name, _, _ in failing(faulty, paths)] == [noticed_by]


@pytest.fixture(scope="module")
def envelope() -> str:
    return (TRACK / "manifest.json").read_text("utf-8")


def sealed(name: str) -> bytes:
    return (TRACK / name).read_bytes()


def card(name: str) -> str:
    return KEYS[name].secret_key


def test_the_track_of_the_vectors_opens_in_the_twin_with_the_keys_beside_it(twin: Twin, envelope: str):
    signing = KEYS["author"].signing.public.text
    signed = read(envelope.encode(), Manifest, KEYS["author"].signing.public)
    assert twin("read", envelope=b64(envelope.encode()), kind="manifest", key=signing) == signed.digest
    for part, prefix, name in (("words", "", "letter.txt"), ("wishes", "wishes-", "wishes.txt")):
        held = []
        for place, keeper in ((2, "bull"), (3, "uhei")):
            text = unb64(twin("open", data=b64(sealed(f"{prefix}share-{place}.age")), keys=[card(keeper)]))
            assert (
                text
                == open_share(
                    sealed(f"{prefix}share-{place}.age"), KEYS[keeper], signed.document, keeper, part
                ).encode()
            )
            held.append((keeper, b64(text)))
        file = f"{part}.release.key.age" if prefix else "release.key.age"
        key = twin("recover", held=held, manifest=envelope, file=b64(sealed(file)), part=part)
        inner = twin("open", data=b64(sealed(f"{part}.age")), keys=[key])
        words = twin("unpack", data=twin("open", data=inner, keys=[card("recipient")]))
        assert unb64(words["files"][name]).decode().startswith(("Dear Iruka", "Do not come"))
    own = twin("unpack", data=twin("open", data=b64(sealed("own.age")), keys=[card("author")]))
    assert "letter.txt" in own["files"]


def test_the_given_share_and_the_receipt_of_the_vectors_hold_in_the_twin(twin: Twin, envelope: str):
    given_for = {"author": "kakashi", "track": "kakashi-iruka-died", "part": "words", "case": "1"}
    uncovered = twin("take off", data=b64(sealed("given-share-1.age")), card=card("uhei"), of=given_for)
    text = twin("open given", data=uncovered, card=card("recipient"))
    assert twin("check share", text=text, manifest=envelope, keeper="pakkun", part="words") is None
    bull, receipt = KEYS["bull"], (TRACK / "receipt-2.json").read_text()
    twin("read", envelope=b64(receipt.encode()), kind="receipt", key=bull.signing.public.text)
    said = json.loads(receipt)["document"]
    assert twin("fits", receipt=said, manifest=envelope) is None


def test_no_file_of_the_vectors_is_known_to_neither_twin():
    looked_at = {"formats.json", "vectors.json", "manifest.json", "keys.json", "receipt-2.json", "README.md"}
    for path in Path(TRACK).parents[1].rglob("*"):
        known = path.parent in {TESTDATA, TRACK.parents[1] / "case"} or path.suffix == ".age"
        known = known or path.name.startswith(".")
        assert path.is_dir() or known or path.name in looked_at, f"{path.name}: no twin runs it"
