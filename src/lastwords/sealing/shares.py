"""A keeper's share: the readable text inside `share-<i>.age`, its commitment, and the recovery of a release key.

The first line is the mnemonic, so that a keeper who opens the file with plain `age` can read it out. Below stand the
salt of the commitment, the author's signing fingerprint (so that k keepers together vouch for who wrote the words,
even if a server lies), the track, the part, the split and the number of the share. Spaces on a last line fill
the text up to one size, so that the sealed file does not tell the length of its words.

The manifest holds SHA-256(salt || mnemonic) for every share. A share that is mistyped, of another split or false is
therefore named before anything is combined; SLIP-39 alone would only say that something is wrong.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lastwords.sealing import age, slip39
from lastwords.sealing.age import bech32
from lastwords.sealing.age.keys import HybridSecretKey
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import (
    DuplicateShare,
    FalseShare,
    ManifestRefused,
    ShareMistyped,
    ShareOfAnotherSplit,
    ShareRefused,
    TooFewShares,
)
from lastwords.signing.manifest import WORDS, Manifest

SALT_BYTES = 32
SIZE = 768
"""Bytes of every share's text: spaces and a line feed fill it up, which a terminal hardly shows."""

_TEXT = re.compile(
    r"(?P<mnemonic>[a-z]+(?: [a-z]+)*)\n"
    r"salt: (?P<salt>[0-9a-f]{64})\n"
    r"author: (?P<author>[0-9a-f]{64})\n"
    r"track: (?P<track>[A-Za-z0-9._:@-]{1,128})\n"
    r"part: (?P<part>words|wishes)\n"
    r"split: (?P<split>[0-9a-f]{64})\n"
    r"share: (?P<index>[1-9][0-9]?)\n *\n"
)


@dataclass(frozen=True)
class ShareFile:
    """A share as it lies in its file; `index` counts from 1, `author` is the author's signing fingerprint."""

    mnemonic: str
    salt: bytes
    author: str
    track: str
    part: str
    split: str
    index: int

    @property
    def commitment(self) -> str:
        """SHA-256(salt || mnemonic), 64 hexadecimal digits; the words are joined by single spaces."""
        return hashlib.sha256(self.salt + self.mnemonic.encode("ascii")).hexdigest()

    def encode(self) -> bytes:
        """Return the text of the file, before sealing."""
        text = (
            f"{self.mnemonic}\nsalt: {self.salt.hex()}\nauthor: {self.author}\ntrack: {self.track}\n"
            f"part: {self.part}\nsplit: {self.split}\nshare: {self.index}\n"
        )
        return text.encode("ascii").ljust(SIZE - 1) + b"\n"

    @classmethod
    def read(cls, data: bytes) -> "ShareFile":
        """Read the text of a file. Raises ShareRefused."""
        found = _TEXT.fullmatch(data.decode("ascii", "replace"))
        if not found:
            raise ShareRefused(
                "A file was opened, but it does not hold a share. Nothing was combined.",
                "Look for the file whose name begins with share; ask its keeper for it again.",
            )
        parts = found.groupdict()
        return cls(
            mnemonic=parts["mnemonic"],
            salt=bytes.fromhex(parts["salt"]),
            author=parts["author"],
            track=parts["track"],
            part=parts["part"],
            split=parts["split"],
            index=int(parts["index"]),
        )

    def __repr__(self) -> str:
        return f"<share {self.index} of the {self.part} of {self.track}>"


@dataclass(frozen=True)
class Sorted:
    """Shares sorted before combining: the good ones, and the bad ones each with the refusal that names it."""

    good: tuple[tuple[str, ShareFile], ...]
    bad: tuple[tuple[str, ShareRefused], ...]


def deal(secret: bytes, k: int, n: int, *, author: str, track: str, part: str) -> list[ShareFile]:
    """Split a secret into `n` share files, of which any `k` give it back, each with a salt of its own."""
    split = os.urandom(32).hex()
    return [
        ShareFile(mnemonic, os.urandom(SALT_BYTES), author, track, part, split, index)
        for index, mnemonic in enumerate(slip39.split(secret, k, n), start=1)
    ]


def open_share(
    data: bytes, keeper: PersonKeys, manifest: Manifest, keeper_id: str, part: str = WORDS
) -> ShareFile:
    """Open a keeper's sealed share and check it against the manifest.

    Raises the SealedFileRefused family and the ShareRefused family.
    """
    share = ShareFile.read(age.open_bytes(data, [keeper.secret_key]))
    check_share(share, manifest, keeper_id, part)
    return share


def check_share(share: ShareFile, manifest: Manifest, keeper_id: str, part: str = WORDS) -> None:
    """Raise unless `share` is the one that the manifest commits to for this keeper and part.

    Raises ShareOfAnotherSplit, ShareMistyped or FalseShare, each naming the keeper.
    """
    seat = manifest.seat(keeper_id)
    split = manifest.words_split if part == WORDS else manifest.wishes_split
    promised = seat.words_share if part == WORDS else seat.wishes_share
    wanted = (manifest.author_signing, manifest.track, part, split)
    if (share.author, share.track, share.part, share.split) != wanted:
        raise ShareOfAnotherSplit(
            f"The share of {keeper_id} belongs to another split, track or author. Nothing was combined.",
            f"Ask {keeper_id} for the share of manifest number {manifest.number}; an older kit may be in use.",
        )
    try:
        read = slip39.read(share.mnemonic)
    except ShareMistyped as error:
        raise ShareMistyped(f"{keeper_id}: {error.happened}", error.do) from error
    if share.commitment != promised or read.index + 1 != seat.index or share.index != seat.index:
        raise FalseShare(
            f"The share of {keeper_id} is not the one the author gave them. Nothing was combined.",
            f"Leave it out and use another keeper's; {keeper_id} should look for the right file.",
        )


def sort_shares(shares: Iterable[tuple[str, ShareFile]], manifest: Manifest, part: str = WORDS) -> Sorted:
    """Check every share against the manifest before anything is combined; nobody is named twice as good."""
    good: dict[str, ShareFile] = {}
    bad = list[tuple[str, ShareRefused]]()
    for keeper_id, share in shares:
        try:
            check_share(share, manifest, keeper_id, part)
            if keeper_id in good:
                raise DuplicateShare(
                    f"The share of {keeper_id} was given twice. It counts once.",
                    "Ask another keeper for theirs.",
                )
            good[keeper_id] = share
        except ShareRefused as refusal:
            bad.append((keeper_id, refusal))
    return Sorted(tuple(good.items()), tuple(bad))


def recover_release_key(
    shares: Iterable[tuple[str, ShareFile]], manifest: Manifest, release_key_file: bytes, part: str = WORDS
) -> str:
    """Return the secret half of a release key (`AGE-SECRET-KEY-PQ-1...`) from at least k good shares.

    `release_key_file` is the content of `release.key.age` (or of the wishes' one). Every share is checked first: a
    bad one is raised as its own refusal, too few as TooFewShares. Raises ManifestRefused if the key that comes out
    is not the manifest's.
    """
    found = sort_shares(shares, manifest, part)
    if found.bad:
        raise found.bad[0][1]
    if len(found.good) < manifest.k:
        raise TooFewShares(
            f"{manifest.k} keepers' shares are needed, {len(found.good)} are here. Nothing was combined.",
            "Ask further keepers for theirs.",
        )
    secret = slip39.combine(share.mnemonic for _, share in found.good[: manifest.k])
    return open_release_key(release_key_file, secret, manifest, part)


def open_release_key(data: bytes, secret: bytes, manifest: Manifest, part: str = WORDS) -> str:
    """Return the secret key that lies in a release key file under the hexadecimal digits of `secret`."""
    text = age.open_with_passphrase(data, secret.hex()).decode("ascii", "replace")
    key = next((line for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-PQ-1")), "")
    public = manifest.release_key if part == WORDS else manifest.wishes_release_key
    if not key or HybridSecretKey(bech32.decode(key)[1]).public_text != public:
        raise ManifestRefused(
            "The release key that came out is not the one in the manifest. Nothing was opened.",
            "The file of the release key was replaced; ask a keeper for the copy in their kit.",
        )
    return key
