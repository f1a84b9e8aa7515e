"""A track sealed: the two locks, the release key, the shares and the manifest, in one folder.

    words  ->  age to the recipient's key  ->  age to the release key L  =  words.age
    L's secret key, in an age file under the passphrase hex(S)           =  release.key.age
    S, split k of n, each share in an age file to its keeper             =  share-1.age ...

Wishes lie beside the words in `wishes.age`, with a release key, a secret and shares of their own, so that they can be
shown when the recipient is told without opening the words. The author's own copy, sealed to the author's key, is what
editing and rotation start from. The secrets L and S are forgotten when sealing ends.

A folder is one version, whole: it appears under its name only when everything in it is on disk.
"""

import contextlib
import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lastwords.sealing import age, disk, shares
from lastwords.sealing.age import OpeningReader, Progress, SealingWriter
from lastwords.sealing.age.files import copy
from lastwords.sealing.age.keys import HybridPublicKey, HybridSecretKey, read_public_key
from lastwords.sealing.age.source import Writable
from lastwords.sealing.container import Entry, Pack, unpack
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import KeysRefused, ManifestRefused
from lastwords.sealing.shares import ShareFile
from lastwords.signing.documents import Signed, sign
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import (
    KEEPERS_ONLY,
    PARTS,
    RELEASE_KEY_FILE,
    TIMER_ONLY,
    WISHES,
    WISHES_FILE,
    WISHES_RELEASE_KEY_FILE,
    WORDS,
    WORDS_FILE,
    Manifest,
    ManifestFile,
    RosterSeat,
    follows,
)
from lastwords.signing.new_keys import NewKeys

MANIFEST_FILE = "manifest.json"
SEALED_FILES = {WORDS: WORDS_FILE, WISHES: WISHES_FILE}
RELEASE_KEY_FILES = {WORDS: RELEASE_KEY_FILE, WISHES: WISHES_RELEASE_KEY_FILE}
OWN_FILES = {WORDS: "own.age", WISHES: "own.wishes.age"}

RELEASE_WORK_FACTOR = 10
"""log2 of the scrypt cost of a release key file. Its passphrase is 256 random bits, which stretching cannot make
harder to guess; a low cost keeps sealing within the memory that we promise."""

_PIECE = 1 << 20


@dataclass(frozen=True)
class Keeper:
    """A keeper who gets a share: an id, and the texts of both public keys."""

    keeper: str
    sealing: str
    signing: str


@dataclass(frozen=True)
class Track:
    """The way of one condition and recipient: who writes, for whom, under which locks, with which keepers.

    `recipient_public_key` is None in the mode keepers only; `k` is 0 and `keepers` empty in the mode timer only.
    """

    author: str
    track: str
    condition: str
    mode: str
    recipient: str
    recipient_public_key: str | None
    k: int
    keepers: Sequence[Keeper]
    alternate_of: str | None = None


def share_name(index: int, part: str = WORDS) -> str:
    """Return the name of a share's file: `share-1.age`, `wishes-share-1.age`."""
    return f"{'' if part == WORDS else 'wishes-'}share-{index}.age"


def own_copy(path: Path, author: PersonKeys, older: Sequence[PersonKeys] = ()) -> Pack:
    """Return what lies in the author's own copy, to be sealed anew: how rotation starts. It may be sealed to one of
    the author's `older` keys."""

    def pack(out: Writable, progress: Progress | None) -> None:
        with path.open("rb") as source:
            copy(OpeningReader(source, [keys.secret_key for keys in (author, *older)]), out, progress)

    return pack


def seal_track(
    folder: Path,
    track: Track,
    author: PersonKeys,
    moment: str,
    words: Pack,
    wishes: Pack | None = None,
    *,
    keep_own_copy: bool = True,
    before: Signed[Manifest] | None = None,
    succession: Sequence[Signed[NewKeys]] = (),
    progress: Progress | None = None,
) -> Signed[Manifest]:
    """Seal a track with a new release key, secret and shares, into a new `folder`; return its signed manifest.

    The first sealing has `before` None; a rotation gives the manifest it replaces, and old shares open nothing of
    the new files. `succession` leads to the author's key from the one that signed `before`, where it is another.
    `moment` is an instant in UTC (`2026-11-23T08:17:45Z`). `progress` is told plaintext bytes.
    Raises the Refused family; then no folder appears.
    """
    _check(track)
    packs = {WORDS: words} | ({WISHES: wishes} if wishes else {})
    with disk.new_folder(folder) as staging:
        locked = track.mode != TIMER_ONLY
        parts = {part: _new_part(staging, track, author, part) for part in packs} if locked else {}
        for part, pack in packs.items():
            release = parts[part].release_key if locked else None
            own = author.public_key if keep_own_copy else None
            _seal_part(staging, part, pack, track.recipient_public_key, release, own, progress)
        manifest = Manifest(
            author=track.author,
            author_signing=author.signing.public.fingerprint,
            track=track.track,
            number=before.document.number + 1 if before else 1,
            before=before.digest if before else None,
            made=moment,
            condition=track.condition,
            mode=track.mode,
            recipient=track.recipient,
            recipient_key=fingerprint(track.recipient_public_key) if track.recipient_public_key else None,
            alternate_of=track.alternate_of,
            release_key=parts[WORDS].release_key if locked else None,
            wishes_release_key=parts[WISHES].release_key if WISHES in parts else None,
            words_split=parts[WORDS].shares[0].split if locked else None,
            wishes_split=parts[WISHES].shares[0].split if WISHES in parts else None,
            k=track.k,
            roster=_roster(track, parts),
            files=_files(staging, packs, locked),
            succession=succession[-1].digest if succession else None,
        )
        signed = sign(manifest, author.signing)
        follows(signed, before, succession)
        disk.write(staging / MANIFEST_FILE, signed.data)
    return signed


def replace_words(
    folder: Path,
    old_folder: Path,
    old: Signed[Manifest],
    author: PersonKeys,
    recipient_public_key: str | None,
    moment: str,
    words: Pack | None = None,
    wishes: Pack | None = None,
    *,
    keep_own_copy: bool = True,
    progress: Progress | None = None,
) -> Signed[Manifest]:
    """Seal other words or wishes to the same release keys: no keeper is needed, all shares stay good.

    What is not replaced is copied from `old_folder` as far as it lies there. The new `folder` is a whole version.
    Raises ManifestRefused if the recipient's key is not the one of `old`, or wishes are added where there were none
    (that needs shares of their own: seal the track anew).
    """
    before = old.document
    found = fingerprint(recipient_public_key) if recipient_public_key else None
    if found != before.recipient_key:
        raise _refused(
            "the recipient's key is not the one these words were sealed to", "Seal the track anew."
        )
    if wishes and not before.has_wishes:
        raise _refused("it has no wishes that could be replaced", "Seal the track anew, with wishes.")
    if before.author_signing != author.signing.public.fingerprint:
        raise _refused("every share of it names the author's key of then", "Seal the track with new keys.")
    packs = {part: pack for part, pack in ((WORDS, words), (WISHES, wishes)) if pack}
    with disk.new_folder(folder) as staging:
        for part, pack in packs.items():
            release = before.release_key if part == WORDS else before.wishes_release_key
            own = author.public_key if keep_own_copy else None
            _seal_part(staging, part, pack, recipient_public_key, release, own, progress)
        _copy_rest(old_folder, staging, before, packs.keys())
        files = tuple(
            _file(staging, file.name) if file.name in {SEALED_FILES[part] for part in packs} else file
            for file in before.files
        )
        manifest = replace(
            before, number=before.number + 1, before=old.digest, made=moment, files=files, succession=None
        )
        signed = sign(manifest, author.signing)
        follows(signed, old)
        disk.write(staging / MANIFEST_FILE, signed.data)
    return signed


def check_bundle(folder: Path, manifest: Manifest) -> None:
    """Raise ManifestRefused unless every file of the manifest lies in `folder` with its size and hash."""
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file() or _file(folder, file.name) != file:
            raise _refused(
                f"{file.name} is missing or is not the file that the author signed",
                "Fetch it again, or take it from another keeper's kit.",
            )


def open_part(
    path: Path,
    folder: Path,
    manifest: Manifest,
    release_secret_key: str | None,
    recipient_secret_key: str | None,
    part: str = WORDS,
    progress: Progress | None = None,
) -> tuple[Entry, ...]:
    """Open the words or wishes that lie sealed at `path` into a new `folder`, and return their index.

    `release_secret_key` comes from `shares.recover_release_key` (None in the mode timer only), the recipient's from
    their card (None in the mode keepers only). One pass: the files appear only if the sealed bytes were those of the
    manifest and every part was genuine. Raises the Refused family; then nothing appears.
    """
    with path.open("rb") as raw:
        hashed = disk.Hashed(raw)
        reader: OpeningReader | disk.Hashed = hashed
        for locked, key in (
            (manifest.mode != TIMER_ONLY, release_secret_key),
            (manifest.mode != KEEPERS_ONLY, recipient_secret_key),
        ):
            if locked:
                reader = OpeningReader(reader, [key] if key else [])
        expected = manifest.file(SEALED_FILES[part])
        return unpack(_CheckedAtEnd(reader, hashed, expected), folder, progress)


def open_own_copy(
    path: Path,
    folder: Path,
    author: PersonKeys,
    progress: Progress | None = None,
    older: Sequence[PersonKeys] = (),
) -> tuple[Entry, ...]:
    """Open the author's own copy into a new `folder`, for reading or editing, and return its index."""
    with path.open("rb") as source:
        return unpack(OpeningReader(source, [keys.secret_key for keys in (author, *older)]), folder, progress)


class _CheckedAtEnd:
    """The plaintext of a sealed file; its end is given only if the sealed bytes were the manifest's."""

    def __init__(
        self, reader: OpeningReader | disk.Hashed, hashed: disk.Hashed, expected: ManifestFile
    ) -> None:
        self._reader, self._hashed, self._expected = reader, hashed, expected

    def read(self, size: int = -1) -> bytes:
        data = self._reader.read(size)
        if not data and (self._hashed.sha256, self._hashed.size) != (
            self._expected.sha256,
            self._expected.size,
        ):
            raise _refused(
                f"{self._expected.name} is not the file that the author signed",
                "Fetch it again, or take it from another keeper's kit; do not trust this copy.",
            )
        return data


class _Tee:
    """Writes to several streams at once."""

    def __init__(self, outs: Sequence[Writable]) -> None:
        self._outs = outs

    def write(self, data: bytes) -> int:
        for out in self._outs:
            out.write(data)
        return len(data)


@dataclass(frozen=True)
class _NewPart:
    """The release key of a part, by its public text, and the shares that open it."""

    release_key: str
    shares: list[ShareFile]


def _new_part(folder: Path, track: Track, author: PersonKeys, part: str) -> _NewPart:
    """Make a release key and a secret, write the key's file and the sealed shares, and forget both."""
    release, secret = HybridSecretKey(os.urandom(32)), os.urandom(32)
    text = f"# Last Words: release key of the {part}\n# public key: {release.public_text}\n{release.text}\n"
    sealed = age.seal_with_passphrase(
        text.encode("ascii"), secret.hex(), armoured=True, work_factor=RELEASE_WORK_FACTOR
    )
    disk.write(folder / RELEASE_KEY_FILES[part], sealed)
    dealt = shares.deal(
        secret,
        track.k,
        len(track.keepers),
        author=author.signing.public.fingerprint,
        track=track.track,
        part=part,
    )
    for keeper, share in zip(track.keepers, dealt, strict=True):
        disk.write(folder / share_name(share.index, part), age.seal_bytes(share.encode(), [keeper.sealing]))
    return _NewPart(release.public_text, dealt)


def _seal_part(
    folder: Path,
    part: str,
    pack: Pack,
    recipient_key: str | None,
    release_key: str | None,
    own_key: str | None,
    progress: Progress | None,
) -> None:
    """Write a part under its locks and, beside it, the author's own copy, in one pass over the plaintext."""
    with contextlib.ExitStack() as stack:
        sealed = stack.enter_context(disk.created(folder / SEALED_FILES[part]))
        locks = list[SealingWriter]()
        for key in (release_key, recipient_key):
            if key:
                locks.append(SealingWriter(locks[-1] if locks else sealed, [key]))
        writers = list(reversed(locks))
        targets = writers[:1]
        if own_key:
            targets.append(
                SealingWriter(stack.enter_context(disk.created(folder / OWN_FILES[part])), [own_key])
            )
            writers.append(targets[1])
        pack(_Tee(targets), progress)
        for writer in writers:
            writer.close()


def _check(track: Track) -> None:
    """Refuse keepers where there is no outer lock, and classical keys: words must outlast the computers of today."""
    if track.mode == TIMER_ONLY and track.keepers:
        raise _refused(
            "words that only a timer holds back have no keepers", "Choose two locks, or name nobody."
        )
    texts = [keeper.sealing for keeper in track.keepers]
    if track.recipient_public_key:
        texts.append(track.recipient_public_key)
    if not all(isinstance(read_public_key(text), HybridPublicKey) for text in texts):
        raise KeysRefused(
            "A keeper or the recipient has a key of the older kind. Nothing was sealed.",
            "Ask them for a key that begins with age1pq1.",
        )


def _roster(track: Track, parts: dict[str, _NewPart]) -> tuple[RosterSeat, ...]:
    return tuple(
        RosterSeat(
            keeper=keeper.keeper,
            index=place + 1,
            sealing=fingerprint(keeper.sealing),
            signing=fingerprint(keeper.signing),
            words_share=parts[WORDS].shares[place].commitment,
            wishes_share=parts[WISHES].shares[place].commitment if WISHES in parts else None,
        )
        for place, keeper in enumerate(track.keepers)
    )


def _files(folder: Path, packs: dict[str, Pack], locked: bool) -> tuple[ManifestFile, ...]:
    names = [SEALED_FILES[part] for part in PARTS if part in packs]
    names += [RELEASE_KEY_FILES[part] for part in PARTS if part in packs and locked]
    return tuple(_file(folder, name) for name in names)


def _file(folder: Path, name: str) -> ManifestFile:
    sha256, size = disk.hash_of(folder / name)
    return ManifestFile(name=name, sha256=sha256, size=size)


def _copy_rest(old: Path, new: Path, manifest: Manifest, replaced: Collection[str]) -> None:
    """Copy what this version shares with the one before: release keys, shares, parts that were not replaced."""
    names = list(RELEASE_KEY_FILES.values())
    for part in PARTS:
        names += [share_name(seat.index, part) for seat in manifest.roster]
        names += [] if part in replaced else [SEALED_FILES[part], OWN_FILES[part]]
    for name in names:
        if (old / name).exists():
            with (old / name).open("rb") as source, disk.created(new / name) as out:
                shutil.copyfileobj(source, out, _PIECE)


def _refused(reason: str, do: str) -> ManifestRefused:
    return ManifestRefused(f"The words were refused: {reason}. Nothing was changed.", do)
