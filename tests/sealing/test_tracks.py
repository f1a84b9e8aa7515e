"""A track: two locks, and what each person can and cannot open."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lastwords.sealing import age, tracks
from lastwords.sealing.container import Item, Pack, items, unpack
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import (
    KeysRefused,
    ManifestRefused,
    NoKeyFits,
    PayloadRefused,
    SealedFileRefused,
    ShareOfAnotherSplit,
    ShareRefused,
)
from lastwords.sealing.shares import open_share, recover_release_key
from lastwords.sealing.tracks import (
    check_bundle,
    open_own_copy,
    open_part,
    own_copy,
    replace_words,
    seal_track,
)
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import Manifest, follows
from lastwords.signing.refusals import NotLinked, Refused, WrongShape

from .conftest import KEEPERS, MOMENT, People, Sealed

LETTER = items([Item("letter.txt", b"better words")])


def release_key(folder: Path, people: People, manifest: Manifest, part: str = "words") -> str:
    """The release key, by the shares of the last three keepers."""
    opened = []
    for place in (3, 4, 5):
        name = KEEPERS[place - 1]
        data = (folder / tracks.share_name(place, part)).read_bytes()
        opened.append((name, open_share(data, people.keepers[name], manifest, name, part)))
    return recover_release_key(opened, manifest, (folder / tracks.RELEASE_KEY_FILES[part]).read_bytes(), part)


@pytest.fixture(scope="module")
def key(sealed: Sealed) -> str:
    return release_key(sealed.folder, sealed.people, sealed.manifest)


def sealed_again(
    tmp_path: Path, people: People, words: Pack = LETTER, wishes: Pack | None = None, **changes: object
) -> tuple[Path, Signed[Manifest]]:
    folder = tmp_path / "sealed"
    track = people.track(**changes)
    return folder, seal_track(folder, track, people.author, MOMENT, words, wishes)


def test_keepers_and_recipient_together_open_the_words(sealed: Sealed, key: str, tmp_path: Path) -> None:
    told = list[int]()
    entries = open_part(
        sealed.folder / "words.age",
        tmp_path / "words",
        sealed.manifest,
        key,
        sealed.people.recipient.secret_key,
        progress=told.append,
    )
    assert [entry.name for entry in entries] == ["letter.txt", "a/voice.ogg"]
    assert (tmp_path / "words" / "letter.txt").read_bytes() == b"Dear Iruka"
    assert sum(told) == 10 + 70000


def test_wishes_open_by_themselves_without_the_words(sealed: Sealed, tmp_path: Path) -> None:
    wishes_key = release_key(sealed.folder, sealed.people, sealed.manifest, "wishes")
    recipient = sealed.people.recipient.secret_key
    open_part(
        sealed.folder / "wishes.age", tmp_path / "wishes", sealed.manifest, wishes_key, recipient, "wishes"
    )
    assert (tmp_path / "wishes" / "wishes.txt").read_bytes() == b"Do not come looking for me"
    with pytest.raises(NoKeyFits):
        open_part(sealed.folder / "words.age", tmp_path / "words", sealed.manifest, wishes_key, recipient)


def test_neither_lock_alone_opens_the_words(sealed: Sealed, key: str, tmp_path: Path) -> None:
    recipient = sealed.people.recipient.secret_key
    for outer, inner in [
        (None, recipient),
        (recipient, recipient),
        (key, None),
        (key, key),
        (key, sealed.people.author.secret_key),
        (key, sealed.people.keepers["bull"].secret_key),
    ]:
        with pytest.raises(NoKeyFits):
            open_part(sealed.folder / "words.age", tmp_path / "words", sealed.manifest, outer, inner)
    assert list(tmp_path.iterdir()) == []


def test_no_secret_and_no_plaintext_lies_in_what_the_server_gets(sealed: Sealed, key: str) -> None:
    people = [sealed.people.author, sealed.people.recipient, *sealed.people.keepers.values()]
    canaries = [b"Dear Iruka", b"looking for me", b"o" * 100, b"letter.txt", b"voice", key.encode()]
    canaries += [person.secret_key.encode() for person in people]
    files = {path.name: path.read_bytes() for path in sealed.folder.iterdir()}
    assert not [(name, canary) for name, data in files.items() for canary in canaries if canary in data]
    # The control: the same search finds the same canary where it does lie.
    assert any(b"Dear Iruka" in data for data in [*files.values(), b"... Dear Iruka ..."])


def test_the_author_opens_the_own_copy_alone(sealed: Sealed, tmp_path: Path) -> None:
    open_own_copy(sealed.folder / "own.age", tmp_path / "own", sealed.people.author)
    assert (tmp_path / "own" / "letter.txt").read_bytes() == b"Dear Iruka"
    with pytest.raises(NoKeyFits):
        open_own_copy(sealed.folder / "own.age", tmp_path / "not", sealed.people.recipient)


def test_without_an_own_copy_none_is_written(people: People, tmp_path: Path) -> None:
    seal_track(tmp_path / "1", people.track(), people.author, MOMENT, LETTER, keep_own_copy=False)
    assert not list(tmp_path.rglob("own*"))


def test_the_manifest_in_the_folder_is_the_signed_one(sealed: Sealed) -> None:
    data = sealed.bytes_of("manifest.json")
    assert read(data, Manifest, sealed.people.author.signing.public) == sealed.signed
    check_bundle(sealed.folder, sealed.manifest)


@pytest.mark.parametrize("name", ["words.age", "wishes.age", "release.key.age", "wishes.release.key.age"])
def test_an_altered_or_missing_file_is_named(sealed: Sealed, name: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(sealed.folder, bundle)
    data = bytearray((bundle / name).read_bytes())
    data[-1] ^= 1
    (bundle / name).write_bytes(data)
    with pytest.raises(ManifestRefused, match=name):
        check_bundle(bundle, sealed.manifest)
    (bundle / name).unlink()
    with pytest.raises(ManifestRefused, match=name):
        check_bundle(bundle, sealed.manifest)


def test_words_that_a_server_put_in_place_are_refused(sealed: Sealed, key: str, tmp_path: Path) -> None:
    # Anybody with the public keys can write a file that opens; only the manifest says that it is not the author's.
    plain = io.BytesIO()
    LETTER(plain, None)
    inner = age.seal_bytes(plain.getvalue(), [sealed.people.recipient.public_key])
    (tmp_path / "words.age").write_bytes(age.seal_bytes(inner, [str(sealed.manifest.release_key)]))
    with pytest.raises(ManifestRefused, match=r"words\.age"):
        open_part(
            tmp_path / "words.age", tmp_path / "out", sealed.manifest, key, sealed.people.recipient.secret_key
        )
    assert not (tmp_path / "out").exists()
    # The planted fault: opening by the locks alone, without the manifest, takes the forged words for good.
    reader = age.OpeningReader((tmp_path / "words.age").open("rb"), [key])
    unpack(age.OpeningReader(reader, [sealed.people.recipient.secret_key]), tmp_path / "fooled")
    assert (tmp_path / "fooled" / "letter.txt").read_bytes() == b"better words"


def test_words_cut_off_anywhere_leave_nothing(sealed: Sealed, key: str, tmp_path: Path) -> None:
    data = sealed.bytes_of("words.age")
    for end in range(0, len(data), len(data) // 9):
        (tmp_path / "words.age").write_bytes(data[:end])
        with pytest.raises(SealedFileRefused):
            open_part(
                tmp_path / "words.age",
                tmp_path / "out",
                sealed.manifest,
                key,
                sealed.people.recipient.secret_key,
            )
        assert [path.name for path in tmp_path.iterdir()] == ["words.age"]


def test_replaced_words_open_with_the_shares_that_are_out(sealed: Sealed, key: str, tmp_path: Path) -> None:
    people = sealed.people
    signed = replace_words(
        tmp_path / "2",
        sealed.folder,
        sealed.signed,
        people.author,
        people.recipient.public_key,
        MOMENT,
        LETTER,
    )
    follows(signed, sealed.signed)
    check_bundle(tmp_path / "2", signed.document)
    open_part(
        tmp_path / "2" / "words.age", tmp_path / "out", signed.document, key, people.recipient.secret_key
    )
    assert (tmp_path / "out" / "letter.txt").read_bytes() == b"better words"
    assert signed.document.file("wishes.age") == sealed.manifest.file("wishes.age")
    assert release_key(tmp_path / "2", people, signed.document) == key


def test_the_older_words_are_refused_by_the_newer_manifest(sealed: Sealed, key: str, tmp_path: Path) -> None:
    people = sealed.people
    newer = replace_words(
        tmp_path / "2",
        sealed.folder,
        sealed.signed,
        people.author,
        people.recipient.public_key,
        MOMENT,
        LETTER,
    )
    with pytest.raises(ManifestRefused):
        open_part(
            sealed.folder / "words.age", tmp_path / "out", newer.document, key, people.recipient.secret_key
        )
    with pytest.raises(NotLinked):
        follows(sealed.signed, newer)


def test_taking_words_back_seals_an_empty_container_and_no_stale_own_copy(
    sealed: Sealed, tmp_path: Path
) -> None:
    people = sealed.people
    replace_words(
        tmp_path / "2",
        sealed.folder,
        sealed.signed,
        people.author,
        people.recipient.public_key,
        MOMENT,
        items([]),
        keep_own_copy=False,
    )
    assert not (tmp_path / "2" / "own.age").exists()
    assert (tmp_path / "2" / "own.wishes.age").exists()


def test_rotation_starts_from_the_own_copy_and_ends_the_old_shares(
    sealed: Sealed, key: str, tmp_path: Path
) -> None:
    people = sealed.people
    rotated = seal_track(
        tmp_path / "2",
        people.track(),
        people.author,
        MOMENT,
        own_copy(sealed.folder / "own.age", people.author),
        before=sealed.signed,
    )
    manifest = rotated.document
    assert manifest.number == 2 and manifest.release_key != sealed.manifest.release_key
    old = sealed.bytes_of("share-1.age")
    with pytest.raises(ShareOfAnotherSplit):
        open_share(old, people.keepers["pakkun"], manifest, "pakkun")
    with pytest.raises(NoKeyFits):
        open_part(tmp_path / "2" / "words.age", tmp_path / "x", manifest, key, people.recipient.secret_key)
    new_key = release_key(tmp_path / "2", people, manifest)
    open_part(tmp_path / "2" / "words.age", tmp_path / "out", manifest, new_key, people.recipient.secret_key)
    assert (tmp_path / "out" / "letter.txt").read_bytes() == b"Dear Iruka"


def test_keepers_only_words_open_without_a_key_of_the_recipient(people: People, tmp_path: Path) -> None:
    folder, signed = sealed_again(tmp_path, people, mode="keepers only", recipient_public_key=None)
    key = release_key(folder, people, signed.document)
    open_part(folder / "words.age", tmp_path / "out", signed.document, key, None)
    assert (tmp_path / "out" / "letter.txt").read_bytes() == b"better words"


def test_timer_only_words_have_one_lock_and_no_shares(people: People, tmp_path: Path) -> None:
    folder, signed = sealed_again(tmp_path, people, wishes=LETTER, mode="timer only", k=0, keepers=[])
    assert not list(folder.glob("*share*")) and not (folder / "release.key.age").exists()
    open_part(folder / "words.age", tmp_path / "out", signed.document, None, people.recipient.secret_key)
    assert (tmp_path / "out" / "letter.txt").read_bytes() == b"better words"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"k": 6}, ShareRefused),
        ({"k": 1}, ShareRefused),
        ({"k": 0}, ShareRefused),
        ({"mode": "keepers only"}, WrongShape),
        ({"recipient_public_key": None}, WrongShape),
        ({"mode": "timer only"}, ManifestRefused),
        ({"condition": "asleep"}, WrongShape),
        ({"recipient_public_key": "age1pq1"}, Refused),
    ],
)
def test_a_track_that_contradicts_itself_is_refused_and_leaves_nothing(
    people: People, tmp_path: Path, changes: dict[str, object], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        sealed_again(tmp_path, people, **changes)
    assert list(tmp_path.iterdir()) == []


def test_a_recipient_who_is_also_a_keeper_of_these_words_is_refused(people: People, tmp_path: Path) -> None:
    with pytest.raises(WrongShape, match="recipient"):
        sealed_again(tmp_path, people, recipient_public_key=people.keepers["bull"].public_key)


def test_a_key_of_the_older_kind_is_refused(people: People, tmp_path: Path) -> None:
    classical = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    with pytest.raises(KeysRefused, match="older"):
        sealed_again(tmp_path, people, recipient_public_key=classical)


def test_replacing_with_another_key_or_new_wishes_is_refused(people: People, tmp_path: Path) -> None:
    folder, signed = sealed_again(tmp_path, people)
    stranger = PersonKeys.new().public_key
    with pytest.raises(ManifestRefused):
        replace_words(tmp_path / "2", folder, signed, people.author, stranger, MOMENT, LETTER)
    mine = people.recipient.public_key
    with pytest.raises(ManifestRefused, match="wishes"):
        replace_words(tmp_path / "2", folder, signed, people.author, mine, MOMENT, None, LETTER)
    with pytest.raises(ManifestRefused, match="author's key"):
        replace_words(tmp_path / "2", folder, signed, people.recipient, mine, MOMENT, LETTER)
    assert not (tmp_path / "2").exists()


def test_sealing_that_breaks_off_leaves_nothing(people: People, tmp_path: Path) -> None:
    def breaks(out: object, progress: object) -> None:
        raise PayloadRefused("The own copy is cut off.", "Take another.")

    with pytest.raises(PayloadRefused):
        sealed_again(tmp_path, people, words=breaks)
    assert list(tmp_path.iterdir()) == []


def test_a_version_is_never_written_over(sealed: Sealed) -> None:
    with pytest.raises(ManifestRefused, match="exists"):
        seal_track(sealed.folder, sealed.people.track(), sealed.people.author, MOMENT, LETTER)
    check_bundle(sealed.folder, sealed.manifest)


def test_all_files_are_private_to_their_owner(sealed: Sealed) -> None:
    assert [path.name for path in sealed.folder.iterdir() if path.stat().st_mode & 0o077] == []


def test_a_manifest_of_somebody_else_does_not_pass(sealed: Sealed) -> None:
    forged = replace(sealed.signed, signer=sealed.people.recipient.signing.public.fingerprint)
    with pytest.raises(Refused):
        read(forged.data, Manifest, sealed.people.author.signing.public)
