"""SLIP-0039 mnemonics: a secret in shares of words, of which a threshold gives it back.

Specification: SatoshiLabs SLIP-0039, with the extendable flag. We write one group, k of n, without a passphrase (a
wrong SLIP-39 passphrase gives another secret and no error) and with iteration exponent 0: what we split is random
already, so stretching adds nothing. Every valid set of mnemonics can be read, with groups, so that the published
vectors all run.

Shares are points of polynomials over GF(256); x = 255 holds the secret and x = 254 a digest of it.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from lastwords.sealing.refusals import (
    DuplicateShare,
    SecretNotRecovered,
    ShareMistyped,
    ShareOfAnotherSplit,
    ShareRefused,
    TooFewShares,
)

MOST_SHARES = 16

_RADIX_BITS = 10
_CHECKSUM_WORDS = 3
_METADATA_WORDS = 4 + _CHECKSUM_WORDS
_LEAST_SECRET = 16  # bytes
_LEAST_WORDS = _METADATA_WORDS + 13
_DIGEST_BYTES = 4
_SECRET_X, _DIGEST_X = 255, 254
_ROUNDS = 4
_ITERATIONS = 10000


@dataclass(frozen=True)
class Share:
    """One mnemonic, read. Thresholds and counts are as people say them (from 1); the indices count from 0."""

    identifier: int
    extendable: bool
    exponent: int
    group_index: int
    group_threshold: int
    group_count: int
    index: int
    threshold: int
    value: bytes

    @property
    def split(self) -> tuple[int, bool, int, int, int, int]:
        """What all shares of one split have in common."""
        return (
            self.identifier,
            self.extendable,
            self.exponent,
            self.group_threshold,
            self.group_count,
            len(self.value),
        )

    def mnemonic(self) -> str:
        """Return the share as words."""
        head = (self.identifier << 1 | self.extendable) << 4 | self.exponent
        place = 0
        for part in (
            self.group_index,
            self.group_threshold - 1,
            self.group_count - 1,
            self.index,
            self.threshold - 1,
        ):
            place = place << 4 | part
        words = -(-len(self.value) * 8 // _RADIX_BITS)
        data = _digits(head, 2) + _digits(place, 2) + _digits(int.from_bytes(self.value, "big"), words)
        checksum = _polymod([*_customization(self.extendable), *data, 0, 0, 0]) ^ 1
        return " ".join(_words()[digit] for digit in data + _digits(checksum, _CHECKSUM_WORDS))


def read(mnemonic: str) -> Share:
    """Read one mnemonic; capitals and spacing do not matter. Raises ShareMistyped."""
    words = mnemonic.lower().split()
    places = _places()
    for number, word in enumerate(words, start=1):
        if word not in places:
            raise _mistyped(words, f"its word {number}, “{word[:20]}”, is not on the list of words")
    data = [places[word] for word in words]
    padding = _RADIX_BITS * (len(data) - _METADATA_WORDS) % 16
    if len(data) < _LEAST_WORDS or padding > 8:
        raise _mistyped(words, f"it has {len(words)} words, so one is missing or doubled")
    head = _number(data[:2])
    extendable = bool(head >> 4 & 1)
    if _polymod([*_customization(extendable), *data]) != 1:
        raise _mistyped(words, "its checksum does not fit, so a word is wrong or two have changed places")
    group_index, group_threshold, group_count, index, threshold = (
        _number(data[2:4]) >> 4 * place & 15 for place in (4, 3, 2, 1, 0)
    )
    if group_count < group_threshold:
        raise _mistyped(words, "it asks for more groups than there are")
    size = (_RADIX_BITS * (len(data) - _METADATA_WORDS) - padding) // 8
    value = _number(data[4:-_CHECKSUM_WORDS])
    if value >> size * 8:
        raise _mistyped(words, "its padding is not empty")
    return Share(
        identifier=head >> 5,
        extendable=extendable,
        exponent=head & 15,
        group_index=group_index,
        group_threshold=group_threshold + 1,
        group_count=group_count + 1,
        index=index,
        threshold=threshold + 1,
        value=value.to_bytes(size, "big"),
    )


def split(secret: bytes, k: int, n: int) -> list[str]:
    """Return `n` mnemonics of which any `k` give `secret`, an even number of bytes, 16 at least.

    Raises ShareRefused for numbers outside 1 <= k <= n <= 16, for one of several (each would be the secret), and
    for a secret of another length.
    """
    if not 1 <= k <= n <= MOST_SHARES or (k == 1 and n > 1):
        raise ShareRefused(
            f"A secret cannot be split {k} of {n}. Nothing was split.",
            f"Choose at most {MOST_SHARES} keepers and a quorum from 2 up to their number.",
        )
    if len(secret) < _LEAST_SECRET or len(secret) % 2:
        raise ShareRefused(
            f"A secret of {len(secret)} bytes cannot be split. Nothing was split.",
            f"Give an even number of bytes, {_LEAST_SECRET} at least.",
        )
    common = Share(
        identifier=int.from_bytes(os.urandom(2), "big") >> 1,
        extendable=True,
        exponent=0,
        group_index=0,
        group_threshold=1,
        group_count=1,
        index=0,
        threshold=k,
        value=b"",
    )
    values = _deal(_stretched(secret, common, range(_ROUNDS)), k, n)
    return [replace(common, index=index, value=value).mnemonic() for index, value in enumerate(values)]


def combine(mnemonics: Iterable[str], passphrase: bytes = b"") -> bytes:
    """Return the secret that the mnemonics give.

    Exactly the threshold of each needed group is expected; `passphrase` serves the published vectors only.
    Raises the ShareRefused family: every share is read and compared before anything is combined.
    """
    shares = list[Share]()
    for mnemonic in mnemonics:
        share = read(mnemonic)
        check_fits(share, shares)
        shares.append(share)
    if not shares:
        raise TooFewShares("No share was given. Nothing was combined.", "Give the shares of k keepers.")
    groups: dict[int, list[Share]] = {}
    for share in shares:
        groups.setdefault(share.group_index, []).append(share)
    first = shares[0]
    for group in groups.values():
        _check_number(len(group), group[0].threshold, "shares")
    _check_number(len(groups), first.group_threshold, "groups of shares")
    points = [(index, _recovered(_points(group))) for index, group in groups.items()]
    stretched = _recovered(points)
    return _stretched(stretched, first, reversed(range(_ROUNDS)), passphrase)


def check_fits(share: Share, others: Sequence[Share]) -> None:
    """Raise unless `share` belongs to the split of `others` and is none of them.

    Raises ShareOfAnotherSplit or DuplicateShare.
    """
    for other in others:
        same_group = share.group_index == other.group_index
        if share.split != other.split or (same_group and share.threshold != other.threshold):
            raise ShareOfAnotherSplit(
                "A share belongs to another split than the others, probably an earlier one. Nothing was combined.",
                "Ask its keeper for the share of the newest version.",
            )
        if same_group and share.index == other.index:
            raise DuplicateShare(
                "The same share was given twice. Nothing was combined.",
                "Ask another keeper for theirs.",
            )


def _check_number(have: int, need: int, what: str) -> None:
    if have < need:
        raise TooFewShares(
            f"{need} {what} are needed, {have} are here. Nothing was combined.",
            "Ask further keepers for theirs.",
        )
    if have > need:
        raise ShareRefused(
            f"{have} {what} were given where exactly {need} are combined. Nothing was combined.",
            "Leave out as many as there are too many; any of them will do.",
        )


def _points(group: list[Share]) -> list[tuple[int, bytes]]:
    return [(share.index, share.value) for share in group]


def _deal(secret: bytes, k: int, n: int) -> list[bytes]:
    """Return the values at x = 0 to n - 1 of a random polynomial of degree k - 1 through the secret."""
    if k == 1:
        return [secret] * n
    values = [os.urandom(len(secret)) for _ in range(k - 2)]
    salt = os.urandom(len(secret) - _DIGEST_BYTES)
    base = [
        *enumerate(values),
        (_DIGEST_X, _digest(salt, secret) + salt),
        (_SECRET_X, secret),
    ]
    return values + [_interpolated(base, x) for x in range(k - 2, n)]


def _recovered(points: list[tuple[int, bytes]]) -> bytes:
    """Return the secret of exactly the threshold of points, checked by its digest. Raises SecretNotRecovered."""
    if len(points) == 1:
        return points[0][1]
    secret = _interpolated(points, _SECRET_X)
    digest = _interpolated(points, _DIGEST_X)
    if not hmac.compare_digest(digest[:_DIGEST_BYTES], _digest(digest[_DIGEST_BYTES:], secret)):
        raise SecretNotRecovered(
            "The shares do not give a secret: at least one of them is false. Nothing was opened.",
            "Compare the shares with the manifest, which names a false one; or try other keepers' shares.",
        )
    return secret


def _digest(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")[:_DIGEST_BYTES]


def _stretched(data: bytes, share: Share, rounds: Iterable[int], passphrase: bytes = b"") -> bytes:
    """Run the specification's four-round Feistel network over the secret, forwards or backwards."""
    half = len(data) // 2
    left, right = data[:half], data[half:]
    salt = b"" if share.extendable else b"shamir" + share.identifier.to_bytes(2, "big")
    cost = (_ITERATIONS << share.exponent) // _ROUNDS
    for number in rounds:
        key = bytes([number]) + passphrase
        mask = hashlib.pbkdf2_hmac("sha256", key, salt + right, cost, half)
        left, right = right, bytes(a ^ b for a, b in zip(left, mask, strict=True))
    return right + left


def _interpolated(points: Sequence[tuple[int, bytes]], x: int) -> bytes:
    """Return the value at `x` of the polynomial through the points, byte by byte, over GF(256)."""
    for known, value in points:
        if known == x:
            return value
    exponents, logarithms = _tables()
    total = bytes(len(points[0][1]))
    whole = sum(logarithms[known ^ x] for known, _ in points)
    for known, value in points:
        others = sum(logarithms[known ^ other] for other, _ in points if other != known)
        basis = (whole - logarithms[known ^ x] - others) % 255
        total = bytes(
            t ^ (exponents[(logarithms[v] + basis) % 255] if v else 0)
            for t, v in zip(total, value, strict=True)
        )
    return total


@cache
def _tables() -> tuple[list[int], list[int]]:
    """Powers and logarithms of x + 1 modulo Rijndael's polynomial."""
    exponents, logarithms = [0] * 255, [0] * 256
    power = 1
    for number in range(255):
        exponents[number], logarithms[power] = power, number
        power ^= power << 1
        if power & 0x100:
            power ^= 0x11B
    return exponents, logarithms


def _polymod(values: Iterable[int]) -> int:
    """RS1024, the checksum of SLIP-39."""
    generators = (
        0xE0E040,
        0x1C1C080,
        0x3838100,
        0x7070200,
        0xE0E0009,
        0x1C0C2412,
        0x38086C24,
        0x3090FC48,
        0x21B1F890,
        0x3F3F120,
    )
    checksum = 1
    for value in values:
        top = checksum >> 20
        checksum = (checksum & 0xFFFFF) << 10 ^ value
        for place, generator in enumerate(generators):
            checksum ^= generator if top >> place & 1 else 0
    return checksum


def _customization(extendable: bool) -> bytes:
    return b"shamir_extendable" if extendable else b"shamir"


def _digits(number: int, count: int) -> list[int]:
    return [number >> _RADIX_BITS * place & 1023 for place in reversed(range(count))]


def _number(digits: Iterable[int]) -> int:
    number = 0
    for digit in digits:
        number = number << _RADIX_BITS | digit
    return number


@cache
def _words() -> tuple[str, ...]:
    text = resources.files("lastwords.sealing").joinpath("slip39_words.txt").read_text(encoding="ascii")
    return tuple(text.split())


@cache
def _places() -> dict[str, int]:
    return {word: place for place, word in enumerate(_words())}


def _mistyped(words: list[str], reason: str) -> ShareMistyped:
    beginning = " ".join(words[:4])
    return ShareMistyped(
        f"A share could not be read (it begins “{beginning} …”): {reason}. Nothing was combined.",
        "Compare it word by word with the copy it was taken from.",
    )
