"""Sealed files: what goes in comes out, or nothing does. Independent programs agree."""

import io
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastwords.sealing import age
from lastwords.sealing.age.keys import HybridSecretKey, X25519SecretKeyOfAge
from lastwords.sealing.age.stream import CHUNK
from lastwords.sealing.refusals import (
    HeaderRefused,
    KeysRefused,
    NoKeyFits,
    PayloadRefused,
    SealedFileRefused,
)
from lastwords.signing.refusals import BadKey, Refused

ROOT = Path(__file__).parents[2]
SECRET = HybridSecretKey(bytes(range(32)))
OTHER = HybridSecretKey(bytes(32))
CLASSICAL = pyrage.x25519.Identity.generate()
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 1_000_000]

contents = st.binary(max_size=300) | st.sampled_from(SIZES).map(
    lambda size: bytes(range(256)) * (size // 256 + 1)
)


class InPieces:
    """A stream that gives as little as it may."""

    def __init__(self, data: bytes, most: int) -> None:
        self._stream, self._most = io.BytesIO(data), most

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._most if size < 0 else min(size, self._most))


@settings(max_examples=40)
@given(contents, st.booleans())
def test_what_is_sealed_opens_again(data: bytes, armoured: bool) -> None:
    sealed = age.seal_bytes(data, [OTHER.public_text, SECRET.public_text], armoured=armoured)
    assert age.open_bytes(sealed, [SECRET.text]) == data


@settings(max_examples=40)
@given(st.lists(st.integers(0, 200_000), max_size=5), st.integers(1, 100_000))
def test_the_size_of_the_pieces_does_not_matter(pieces: list[int], most: int) -> None:
    out = io.BytesIO()
    writer = age.SealingWriter(out, [SECRET.public_text])
    for size in pieces:
        writer.write(b"x" * size)
    writer.close()
    opened = io.BytesIO()
    age.open_stream(InPieces(out.getvalue(), most), opened, [SECRET.text])
    assert opened.getvalue() == b"x" * sum(pieces)


@pytest.mark.parametrize("size", SIZES)
def test_progress_tells_every_byte_once(size: int) -> None:
    told = list[int]()
    sealed, opened = io.BytesIO(), io.BytesIO()
    age.seal_stream(io.BytesIO(bytes(size)), sealed, [SECRET.public_text], told.append)
    age.open_stream(io.BytesIO(sealed.getvalue()), opened, [SECRET.text], told.append)
    assert sum(told) == 2 * size and opened.getvalue() == bytes(size)


def test_a_passphrase_opens_what_it_sealed_and_no_other_does() -> None:
    sealed = age.seal_with_passphrase(b"words", "wörd list", work_factor=4)
    assert age.open_with_passphrase(sealed, "wörd list") == b"words"
    with pytest.raises(NoKeyFits):
        age.open_with_passphrase(sealed, "word list")
    with pytest.raises(NoKeyFits):
        age.open_bytes(sealed, [SECRET.text])


def test_nobody_else_opens_a_sealed_file() -> None:
    with pytest.raises(NoKeyFits):
        age.open_bytes(age.seal_bytes(b"words", [SECRET.public_text]), [OTHER.text])


@settings(max_examples=60)
@given(st.data())
def test_a_changed_bit_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(age.seal_bytes(b"w" * 1000, [SECRET.public_text]))
    place = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(SealedFileRefused) as refusal:
        age.open_bytes(bytes(sealed), [SECRET.text])
    assert refusal.value.happened and refusal.value.do


@pytest.mark.parametrize("armoured", [False, True])
def test_a_file_cut_off_anywhere_is_refused(armoured: bool) -> None:
    sealed = age.seal_bytes(b"w" * (2 * CHUNK), [SECRET.public_text], armoured=armoured)
    ends = [*range(0, 200, 7), *range(len(sealed) - 120, len(sealed) - (1 if armoured else 0), 11)]
    chunk_ends = [len(sealed) - place * (CHUNK + 16) for place in (1, 2)]
    for end in ends + chunk_ends:
        with pytest.raises(SealedFileRefused):
            age.open_bytes(sealed[:end], [SECRET.text])


def test_what_follows_a_whole_file_is_refused() -> None:
    with pytest.raises(PayloadRefused):
        age.open_bytes(age.seal_bytes(b"words", [SECRET.public_text]) + b"x", [SECRET.text])


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(SealedFileRefused):
        age.open_bytes(data, [SECRET.text])
    with pytest.raises(SealedFileRefused):
        age.open_bytes(b"age-encryption.org/v1\n-> X25519 " + data, [SECRET.text])


def test_a_head_without_end_is_refused_in_bounded_memory() -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"-> a\n\n" * (size // 6 + 1)

    source = Endless()
    with pytest.raises(SealedFileRefused):
        age.OpeningReader(source, [SECRET.text])
    assert source.given < 4 << 20


def test_keys_of_two_kinds_do_not_seal_one_file() -> None:
    with pytest.raises(KeysRefused) as refusal:
        age.seal_bytes(b"words", [SECRET.public_text, str(CLASSICAL.to_public())])
    assert "older" in refusal.value.happened
    with pytest.raises(KeysRefused):
        age.seal_bytes(b"words", [])


def test_a_work_factor_that_would_exhaust_a_machine_is_refused_before_it_is_tried() -> None:
    with pytest.raises(HeaderRefused):
        age.open_with_passphrase(pyrage_with_work_factor(21), "p")


def pyrage_with_work_factor(factor: int) -> bytes:
    return age.seal_with_passphrase(b"words", "p", work_factor=4).replace(b" 4\n", f" {factor}\n".encode(), 1)


@pytest.mark.parametrize("size", SIZES)
def test_pyrage_opens_what_we_seal_and_the_reverse(size: int) -> None:
    data = bytes(size)
    assert pyrage.decrypt(age.seal_bytes(data, [str(CLASSICAL.to_public())]), [CLASSICAL]) == data
    assert age.open_bytes(pyrage.encrypt(data, [CLASSICAL.to_public()]), [str(CLASSICAL)]) == data


def test_pyrage_reads_our_armour_and_we_read_theirs() -> None:
    sealed = age.seal_bytes(b"w" * 100, [str(CLASSICAL.to_public())], armoured=True)
    assert pyrage.decrypt(sealed, [CLASSICAL]) == b"w" * 100
    theirs = pyrage.encrypt(b"w" * 100, [CLASSICAL.to_public()], armored=True)
    assert age.open_bytes(theirs, [str(CLASSICAL)]) == b"w" * 100


def test_pyrage_opens_our_passphrase_files() -> None:
    # Not the reverse: pyrage chooses its work factor by the speed of the machine. The kit has files of others.
    assert pyrage.passphrase.decrypt(age.seal_with_passphrase(b"words", "p", work_factor=4), "p") == b"words"


@pytest.mark.needs("npm:age-encryption")
def test_typage_opens_our_post_quantum_files_and_the_reverse(tmp_path: Path) -> None:
    data = bytes(range(256)) * 300
    (tmp_path / "ours.age").write_bytes(age.seal_bytes(data, [SECRET.public_text]))
    script = ROOT / "tests" / "sealing" / "typage.mjs"
    subprocess.run(
        ["node", str(script), str(tmp_path), SECRET.text, SECRET.public_text],
        check=True,
        cwd=ROOT,
    )
    assert (tmp_path / "opened").read_bytes() == data
    assert age.open_bytes((tmp_path / "theirs.age").read_bytes(), [SECRET.text]) == data
    assert (tmp_path / "public").read_text() == SECRET.public_text


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "age1",
        "age1pq1",
        SECRET.public_text[:-1],
        SECRET.public_text.upper(),
        SECRET.text,
        "age1" + "q" * 58,
    ]
    + [SECRET.public_text[:50] + "q" + SECRET.public_text[51:]],
)
def test_what_is_not_a_public_key_is_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        age.seal_bytes(b"words", [wrong])


@pytest.mark.parametrize(
    "wrong", ["", "AGE", SECRET.text[:-1], SECRET.text.lower(), SECRET.public_text, "A" + SECRET.text]
)
def test_what_is_not_a_secret_key_is_refused(wrong: str) -> None:
    with pytest.raises(BadKey) as refusal:
        age.open_bytes(b"", [wrong])
    assert SECRET.text[25:60] not in str(refusal.value)


def test_the_keys_have_the_public_halves_that_others_give_them() -> None:
    assert X25519SecretKeyOfAge(_raw(str(CLASSICAL))).public_text == str(CLASSICAL.to_public())
    assert len(SECRET.text) == 77 and len(SECRET.public_text) == 1959


def _raw(text: str) -> bytes:
    from lastwords.sealing.age.bech32 import decode

    return decode(text)[1]
