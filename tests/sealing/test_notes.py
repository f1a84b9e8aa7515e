"""Emergency notes: neither the host's half nor a keeper's opens them; a card's own copy needs no host."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lastwords.sealing import age, notes
from lastwords.sealing.container import Item, items
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import KeysRefused, NoKeyFits, NotesRefused
from lastwords.signing.canonical import digest
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.notes import EmergencyNotes, NotesReader
from lastwords.signing.refusals import WrongShape

from .conftest import MOMENT, People

TEXT = b"Allergic to A.12. The spare key lies under the third flower pot."


def pack() -> notes.Pack:
    return items([Item("notes.txt", TEXT, "text/plain"), Item("map.bin", bytes(range(256)) * 40)])


@pytest.fixture(scope="module")
def sealed(people: People) -> bytes:
    return notes.seal(pack(), [keeper.public_key for keeper in people.keepers.values()])


def promised(people: People, sealed: bytes, number: int = 1) -> EmergencyNotes:
    readers = tuple(
        NotesReader(keeper=name, sealing=fingerprint(keys.public_key))
        for name, keys in people.keepers.items()
    )
    return EmergencyNotes(
        author="kakashi", number=number, sha256=digest(sealed), readers=readers, moment=MOMENT
    )


def test_every_keeper_opens_uncovered_notes_alone(people: People, sealed: bytes, tmp_path: Path) -> None:
    covered = notes.cover(sealed)
    uncovered = notes.take_off(covered, promised(people, sealed))
    for name, keys in people.keepers.items():
        entries = notes.open_notes(uncovered, keys, tmp_path / name)
        assert [entry.name for entry in entries] == ["notes.txt", "map.bin"]
        assert (tmp_path / name / "notes.txt").read_bytes() == TEXT


def test_what_the_host_keeps_opens_with_a_keepers_key_only_after_the_cover_is_off(
    people: People, sealed: bytes, tmp_path: Path
) -> None:
    covered = notes.cover(sealed)
    with pytest.raises(NoKeyFits):
        notes.open_notes(covered.data, people.keepers["bull"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_cover_key_alone_shows_nothing_of_the_notes(people: People, sealed: bytes) -> None:
    covered = notes.cover(sealed)
    inner = age.open_bytes(covered.data, [covered.secret_key])
    assert TEXT not in inner and inner == sealed
    with pytest.raises(NoKeyFits):
        age.open_bytes(inner, [covered.secret_key])


def test_a_cover_without_an_inner_seal_would_show_the_notes_to_the_host(people: People) -> None:
    # The planted fault: notes covered without being sealed to the keepers first.
    covered = notes.cover(TEXT)
    assert TEXT in age.open_bytes(covered.data, [covered.secret_key])


def test_neither_a_recipient_nor_the_author_opens_notes_that_are_not_sealed_to_them(
    people: People, sealed: bytes, tmp_path: Path
) -> None:
    for stranger in (people.recipient, people.author):
        with pytest.raises(NoKeyFits):
            notes.open_notes(sealed, stranger, tmp_path / "out")


def test_each_cover_has_a_key_of_its_own_and_an_old_one_does_not_open_a_new_one(
    people: People, sealed: bytes
) -> None:
    first, second = notes.cover(sealed), notes.cover(sealed)
    assert first.secret_key != second.secret_key
    with pytest.raises(NotesRefused, match="does not take off"):
        notes.take_off(replace(second, secret_key=first.secret_key), promised(people, sealed))
    with pytest.raises(NotesRefused, match="does not take off"):
        notes.take_off(replace(second, secret_key="AGE-SECRET-KEY-PQ-1NONE"), promised(people, sealed))


def test_notes_that_the_author_did_not_sign_for_are_refused_before_they_are_opened(
    people: People, sealed: bytes
) -> None:
    false = notes.seal(
        items([Item("notes.txt", b"Bring money.")]), [k.public_key for k in people.keepers.values()]
    )
    with pytest.raises(NotesRefused, match="something else"):
        notes.take_off(notes.cover(false), promised(people, sealed))


def test_without_the_authors_word_false_notes_would_open(people: People, tmp_path: Path) -> None:
    # The planted fault: the document says whatever the host's file hashes to. The seal alone proves no author.
    false = notes.seal(
        items([Item("notes.txt", b"Bring money.")]), [k.public_key for k in people.keepers.values()]
    )
    uncovered = notes.take_off(notes.cover(false), promised(people, false))
    notes.open_notes(uncovered, people.keepers["bull"], tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_bytes() == b"Bring money."


def test_a_cards_own_copy_opens_with_that_keepers_key_alone(people: People, tmp_path: Path) -> None:
    copy = notes.seal_for_card(pack(), people.keepers["uhei"].public_key)
    notes.open_notes(copy, people.keepers["uhei"], tmp_path / "uhei")
    assert (tmp_path / "uhei" / "notes.txt").read_bytes() == TEXT
    with pytest.raises(NoKeyFits):
        notes.open_notes(copy, people.keepers["bull"], tmp_path / "bull")


def test_a_cards_own_copy_is_an_ordinary_sealed_tar(people: People) -> None:
    copy = notes.seal_for_card(pack(), people.keepers["uhei"].public_key)
    plain = age.open_bytes(copy, [people.keepers["uhei"].secret_key])
    tar = shutil.which("tar")
    assert tar is not None
    said = subprocess.run([tar, "-xOf", "-", "notes.txt"], input=plain, capture_output=True, check=True)
    assert said.stdout == TEXT


def test_notes_too_large_for_a_hurry_are_refused_with_their_size(people: People) -> None:
    large = notes.seal(items([Item("film.bin", bytes(notes.LARGEST))]), [people.keepers["bull"].public_key])
    with pytest.raises(NotesRefused, match="1,048,576"):
        notes.cover(large)


def test_two_keepers_with_one_key_are_refused(people: People) -> None:
    with pytest.raises(KeysRefused):
        notes.seal(pack(), [people.keepers["bull"].public_key] * 2)
    with pytest.raises(KeysRefused):
        notes.seal(pack(), [])


def test_the_authors_word_names_each_reader_once_and_at_least_one(people: People, sealed: bytes) -> None:
    word = promised(people, sealed)
    assert word.reader("bull") is not None and word.reader("naruto") is None
    for readers in ((), word.readers[:1] * 2):
        with pytest.raises(WrongShape):
            replace(word, readers=readers)


def test_notes_sealed_to_one_more_person_would_open_for_them(people: People, tmp_path: Path) -> None:
    # The planted fault: a stranger's key among the keepers'. Only what the list of keys says keeps them out.
    stranger = PersonKeys.new()
    leaky = notes.seal(pack(), [*(k.public_key for k in people.keepers.values()), stranger.public_key])
    assert notes.open_notes(leaky, stranger, tmp_path / "out")
