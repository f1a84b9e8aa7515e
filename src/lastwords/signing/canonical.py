"""The one spelling of a document: a subset of RFC 8785 (JSON Canonicalization Scheme).

Values are objects with ASCII keys, arrays, strings, integers within 2^53 - 1, true, false and null. Numbers with
a fraction do not exist here: no two languages need to agree on how to print one. Text is UTF-8; keys stand in
ascending order; there is no white space.

The decoder accepts exactly what the encoder writes. Whoever signs and whoever checks then speak about the same
bytes, and a document cannot be spelled a second way that slips past a comparison of hashes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lastwords.signing.refusals import NotCanonical

_spell = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False, check_circular=False
).encode
"""Made once: `json.dumps` would make a new encoder for every document. What holds itself is too deep for `_check`."""

Value = None | bool | int | str | Sequence["Value"] | Mapping[str, "Value"]

LARGEST = 2**53 - 1
SMALLEST = -LARGEST
DEEPEST = 16
LONGEST = 1 << 20  # bytes; the largest document we sign, a manifest of sixteen keepers, is some 10 kB


def encode(value: Value) -> bytes:
    """Return the canonical UTF-8 bytes of `value`. Raises NotCanonical for a value outside the subset."""
    _check(value, DEEPEST)
    return _spell(value).encode("utf-8")


def decode(data: bytes) -> Any:
    """Return the value that `data` spells. Raises NotCanonical unless encoding it gives the same bytes again."""
    if len(data) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} bytes")
    try:
        value = _read(data.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _refused("it is not JSON in UTF-8") from error
    if encode(value) != data:
        raise _refused("it is spelled in another way than the canonical one")
    return value


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _check(value: object, depth: int) -> None:
    """Refuses what is outside the subset. Nearly every part of every document is ASCII text or a number of a usual
    size, and needs no call of its own."""
    if depth == 0:
        raise _refused(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, (list, tuple)):
        parts: Iterable[object] = value
    elif isinstance(value, (dict, Mapping)):
        for key in value:
            if not isinstance(key, str) or not key.isascii():
                raise _refused("a key in it is not ASCII text")
        parts = value.values()
    else:
        _check_plain(value)
        return
    for part in parts:
        plain = part.isascii() if type(part) is str else type(part) is int and SMALLEST <= part <= LARGEST
        if not plain or depth == 1:
            _check(part, depth - 1)


def _check_plain(value: object) -> None:
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise _refused("a text in it holds half a character")
    elif isinstance(value, int):
        if not SMALLEST <= value <= LARGEST:
            raise _refused("a number in it is larger than 2^53 - 1")
    elif value is not None:
        raise _refused(f"it holds a value of the kind {type(value).__name__}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _refused("a key stands in it twice")
    return members


def _constant(name: str) -> None:
    raise _refused(f"it holds {name}, which is not a number")


_read = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).decode
"""Made once, as the encoder is."""


def _refused(reason: str) -> NotCanonical:
    return NotCanonical(
        f"A signed document could not be read: {reason}. Nothing was changed.",
        "Ask for it again from where it came; if it comes the same way twice, do not trust its source.",
    )
