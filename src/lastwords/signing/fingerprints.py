"""Fingerprints of keys, and the eight words by which two people compare one by voice.

A fingerprint is the SHA-256 of a key's text, the same for a sealing key (`age1pq1...`) and a signing key
(base64url), so that `printf %s KEY | sha256sum` gives it without our software. Eight words from the EFF's long
list of 7776 carry 103 bits of it: enough that nobody can grind out a key that reads the same.
"""

import hashlib
import re
from functools import cache
from importlib import resources

from lastwords.signing.refusals import BadKey

WORDS = 8

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def fingerprint(key_text: str) -> str:
    """Return the fingerprint of a key's text: 64 lower-case hexadecimal digits. Raises BadKey if not ASCII."""
    if not key_text.isascii() or not key_text:
        raise BadKey(
            "A key's text is empty or holds characters that no key has.", "Copy the key again, whole."
        )
    return hashlib.sha256(key_text.encode("ascii")).hexdigest()


def person_fingerprint(sealing: str, signing: str) -> str:
    """Return the fingerprint of a person from those of their sealing and their signing key.

    Both keys go in, or a server could swap the one that was not read out: SHA-256 of three lines, each ended by
    a line feed: `lastwords/v1/person`, the sealing fingerprint, the signing fingerprint.
    """
    return hashlib.sha256(f"lastwords/v1/person\n{sealing}\n{signing}\n".encode("ascii")).hexdigest()


def eight_words(of: str) -> tuple[str, ...]:
    """Return the eight words of a fingerprint, to be read out.

    The fingerprint is taken as one big-endian number; each word is the remainder of a division by 7776, the first
    division giving the first word. Raises BadKey if `of` is not a fingerprint.
    """
    if not _FINGERPRINT.fullmatch(of):
        raise BadKey(
            "What was given is not a fingerprint.", "Give the 64 digits, or make them anew from the key."
        )
    number, spoken = int(of, 16), list[str]()
    for _ in range(WORDS):
        number, place = divmod(number, len(_list()))
        spoken.append(_list()[place])
    return tuple(spoken)


@cache
def _list() -> tuple[str, ...]:
    text = resources.files("lastwords.signing").joinpath("eff_large.txt").read_text(encoding="ascii")
    return tuple(text.split())
