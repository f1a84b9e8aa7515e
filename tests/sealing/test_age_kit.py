"""The age test kit: 143 files by the format's authors, each with the outcome it must have."""

import hashlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lastwords.sealing.age import files, stream
from lastwords.sealing.age.armour import ArmourReader
from lastwords.sealing.age.files import OpeningReader
from lastwords.sealing.age.header import Header
from lastwords.sealing.age.source import Readable
from lastwords.sealing.refusals import (
    ArmourRefused,
    HeaderForged,
    HeaderRefused,
    NoKeyFits,
    PayloadRefused,
    SealedFileRefused,
)

TESTDATA = Path(__file__).parents[2] / "vectors" / "age" / "testdata"
OUTCOMES: dict[type[SealedFileRefused], str] = {
    ArmourRefused: "armor failure",
    HeaderRefused: "header failure",
    HeaderForged: "HMAC failure",
    NoKeyFits: "no match",
    PayloadRefused: "payload failure",
}


def outcome(path: Path) -> tuple[bool, str]:
    """Whether a file of the kit fares as it asks for, and how it fared."""
    head, _, body = path.read_bytes().partition(b"\n\n")
    asked = [line.partition(": ")[::2] for line in head.decode().splitlines()]
    identities = [value for name, value in asked if name == "identity"]
    wanted = dict(asked)
    if wanted.get("compressed") == "zlib":
        body = zlib.decompress(body)
    released, fared = bytearray(), "success"
    try:
        source: Readable = io.BytesIO(body)
        if wanted.get("armored") == "yes":
            source = ArmourReader(source)
        if "passphrase" in wanted:
            reader = OpeningReader.with_passphrase(source, wanted["passphrase"])
        else:
            reader = OpeningReader(source, identities)
        while piece := reader.read(10_000):
            released += piece
    except SealedFileRefused as refusal:
        fared = OUTCOMES[type(refusal)]
    whole = "payload" not in wanted or hashlib.sha256(released).hexdigest() == wanted["payload"]
    return fared == wanted["expect"] and whole, fared


def failing() -> list[str]:
    return [path.name for path in sorted(TESTDATA.iterdir()) if not outcome(path)[0]]


def test_every_file_of_the_age_kit_fares_as_it_asks_for(figure: Callable[[str], None]) -> None:
    total, failed = len(list(TESTDATA.iterdir())), failing()
    figure(f"age kit {total - len(failed)}/{total}")
    assert total == 143
    assert failed == []


def test_the_kit_catches_a_head_that_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Header, "check", lambda self, file_key: None)
    assert "hmac_bad" in failing()


def test_the_kit_catches_a_passphrase_allowed_beside_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.keys, "SCRYPT", "none")
    assert "scrypt_and_x25519" in failing()


def test_the_kit_catches_an_end_that_is_not_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    def unmarked(counter: int, last: bool) -> bytes:
        return counter.to_bytes(11, "big") + b"\0"

    monkeypatch.setattr(stream, "_nonce", unmarked)
    assert "x25519" in failing()
