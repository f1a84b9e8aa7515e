"""The keys of one person, all from one secret: the seed of their age key.

The secret key `AGE-SECRET-KEY-PQ-1...` is what the card and the recovery sheet print, so that plain `age` works with
the paper alone. From the same 32 bytes HKDF-SHA256 (RFC 5869, empty salt) derives the seeds of two ML-DSA-65 keys
under distinct labels: one signs documents, one answers sign-in challenges. Neither derived seed leads back to the
other or to the secret.
"""

import os
import re
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lastwords.sealing import age, slip39
from lastwords.sealing.age import bech32
from lastwords.sealing.age.keys import HybridSecretKey
from lastwords.signing.fingerprints import eight_words, fingerprint, person_fingerprint
from lastwords.signing.keys import SigningKey
from lastwords.signing.refusals import BadKey

SIGNING_LABEL = b"lastwords/v1/signing"
SIGN_IN_LABEL = b"lastwords/v1/sign-in"

_ON_A_CARD = re.compile(r"AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}")


@dataclass(frozen=True)
class PublicKeys:
    """The three public keys of a person as texts: `age1pq1...`, and two of base64url."""

    sealing: str
    signing: str
    sign_in: str

    @property
    def sealing_fingerprint(self) -> str:
        """The fingerprint of the sealing key."""
        return fingerprint(self.sealing)

    @property
    def signing_fingerprint(self) -> str:
        """The fingerprint of the signing key."""
        return fingerprint(self.signing)

    @property
    def sign_in_fingerprint(self) -> str:
        """The fingerprint of the sign-in key."""
        return fingerprint(self.sign_in)

    @property
    def eight_words(self) -> tuple[str, ...]:
        """The words by which the sealing and signing keys are compared by voice."""
        return eight_words(person_fingerprint(self.sealing_fingerprint, self.signing_fingerprint))


class PersonKeys:
    """All keys of one person. Keep it in memory only as long as needed."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32 bytes of the seed. Raises BadKey for another length."""
        self._sealing = HybridSecretKey(seed)
        self._seed = seed

    @classmethod
    def new(cls) -> "PersonKeys":
        """Make the keys of a new person from the system's randomness."""
        return cls(os.urandom(32))

    @classmethod
    def from_card(cls, text: str) -> "PersonKeys":
        """Read the keys from a card or key file: the secret key anywhere in the text, spacing and case free.

        Raises BadKey if there is none, more than one, or one of the older kind.
        """
        joined = re.sub(r"\s+", "", text.upper())
        found = set(_ON_A_CARD.findall(joined))
        if len(found) != 1:
            raise BadKey(
                "The card could not be read: it should hold exactly one secret key that begins with"
                " AGE-SECRET-KEY-PQ-1. Nothing was changed.",
                "Type the 77 characters again, or use the words on the recovery sheet.",
            )
        return cls(bech32.decode(found.pop())[1])

    @classmethod
    def from_words(cls, text: str) -> "PersonKeys":
        """Read the keys from the 33 words of a recovery sheet. Raises ShareMistyped or BadKey."""
        seed = slip39.combine([text])
        if len(seed) != 32:
            raise BadKey(
                "These words hold something else than a person's key. Nothing was changed.",
                "Take the 33 words of the recovery sheet.",
            )
        return cls(seed)

    @classmethod
    def unlock(cls, data: bytes, passphrase: str) -> "PersonKeys":
        """Open what `locked` made. Raises NoKeyFits for a wrong passphrase, and BadKey."""
        return cls.from_card(age.open_with_passphrase(data, passphrase).decode("ascii", "replace"))

    def locked(self, passphrase: str, *, work_factor: int = 18) -> bytes:
        """Return the secret key sealed with a passphrase: an age file that plain `age` takes as an identity."""
        return age.seal_with_passphrase(
            f"{self.secret_key}\n".encode("ascii"), passphrase, armoured=True, work_factor=work_factor
        )

    @property
    def secret_key(self) -> str:
        """`AGE-SECRET-KEY-PQ-1...`, 77 characters: for the card, never for a server."""
        return self._sealing.text

    def words(self) -> tuple[str, ...]:
        """Return the seed as 33 words for the recovery sheet, SLIP-39, one of one."""
        return tuple(slip39.split(self._seed, 1, 1)[0].split())

    @cached_property
    def public_key(self) -> str:
        """`age1pq1...`, 1959 characters: others seal to it."""
        return self._sealing.public_text

    @cached_property
    def signing(self) -> SigningKey:
        """The key that signs documents."""
        return SigningKey.from_seed(derived(self._seed, SIGNING_LABEL))

    @cached_property
    def sign_in(self) -> SigningKey:
        """The key that answers sign-in challenges, and nothing else."""
        return SigningKey.from_seed(derived(self._seed, SIGN_IN_LABEL))

    @cached_property
    def public(self) -> PublicKeys:
        """The three public keys."""
        return PublicKeys(self.public_key, self.signing.public.text, self.sign_in.public.text)

    def __repr__(self) -> str:
        return f"<keys of {' '.join(self.public.eight_words[:2])}>"


def derived(seed: bytes, label: bytes) -> bytes:
    """Return the 32 bytes that HKDF-SHA256 derives from a person's seed under a label."""
    return HKDF(SHA256(), 32, salt=None, info=label).derive(seed)
