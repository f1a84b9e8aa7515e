"""The two covers of a share that a keeper gives.

The inner one opens with the recipient's key (or their claim key); the outer one with the key of any keeper who does
not receive these words. Only such a keeper takes it off, after the last call, in the act that says "they have been
told". So during the last call recipient and host together cannot read, and a recall is real: what was not uncovered
can be deleted.

Under the outer cover a first line says whose words, which and in which case the share was given for. Whoever takes the
cover off asks for just these: a host that kept a share from a case that ended well, or holds one for somebody else's
words, cannot have its cover taken off in passing when anybody is told of anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lastwords.sealing import age
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import KeysRefused, PayloadRefused
from lastwords.sealing.shares import ShareFile
from lastwords.signing.canonical import digest
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import Manifest
from lastwords.signing.statement import GivenShare


@dataclass(frozen=True)
class Given:
    """A covered share, and what the keeper's statement says of it."""

    data: bytes
    record: GivenShare


@dataclass(frozen=True)
class GivenFor:
    """What a share is given for: whose words, which track and part of them, and the number of the case."""

    author: str
    track: str
    part: str
    case: str

    @property
    def line(self) -> bytes:
        """The first line under the outer cover."""
        return f"lastwords/v1/cover {self.author} {self.track} {self.part} {self.case}\n".encode("ascii")


def give(
    share: ShareFile,
    manifest: Manifest,
    recipient_public_key: str,
    cover_public_keys: Sequence[str],
    case: str,
) -> Given:
    """Put both covers on a share: `recipient_public_key` inside, all `cover_public_keys` outside, for this case.

    Where the words have an inner lock, the recipient's key must be the one of the manifest; where they have none, it
    is a claim key whose eight words the keeper has heard by voice. Raises KeysRefused.
    """
    sealed_to = fingerprint(recipient_public_key)
    if manifest.recipient_key not in (None, sealed_to):
        raise _refused(
            "The key given for the recipient is not the one these words are sealed to",
            "Ask the recipient to compare the eight words of their key with the author's roster.",
        )
    covered_to = tuple(fingerprint(key) for key in cover_public_keys)
    if sealed_to in covered_to or len(set(covered_to)) != len(covered_to):
        raise _refused(
            "The recipient may not hold the key of the outer cover, and nobody twice",
            "Name the keepers who do not receive these words, each once.",
        )
    inner = age.seal_bytes(share.encode(), [recipient_public_key])
    given_for = GivenFor(manifest.author, share.track, share.part, case)
    data = age.seal_bytes(given_for.line + inner, cover_public_keys)
    return Given(
        data,
        GivenShare(
            track=share.track,
            part=share.part,
            sha256=digest(data),
            sealed_to=sealed_to,
            covered_to=covered_to,
        ),
    )


def take_off(data: bytes, keeper: PersonKeys, given_for: GivenFor) -> bytes:
    """Take off the outer cover with a keeper's key; what comes out opens with the recipient's key alone.

    Raises the SealedFileRefused family, PayloadRefused for a share that was given for anything else."""
    opened = age.open_bytes(data, [keeper.secret_key])
    if not opened.startswith(given_for.line):
        raise PayloadRefused(
            f"Under this cover lies no share that was given for {given_for.track} in case {given_for.case}. It stays"
            " covered.",
            "Ask its keeper to give their share of these words again.",
        )
    return opened.removeprefix(given_for.line)


def open_given(data: bytes, recipient_secret_key: str) -> ShareFile:
    """Open a share whose outer cover is off. Check it with `shares.sort_shares` before using it."""
    return ShareFile.read(age.open_bytes(data, [recipient_secret_key]))


def _refused(happened: str, do: str) -> KeysRefused:
    return KeysRefused(f"{happened}. No share was given.", do)
