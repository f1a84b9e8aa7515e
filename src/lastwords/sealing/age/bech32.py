"""Bech32 (BIP 173) without its length limit, as age writes its keys. Not Bech32m."""

from lastwords.signing.refusals import BadKey

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    """Return `data` as lower-case Bech32 under a lower-case prefix."""
    values = _regroup(data, 8, 5, pad=True)
    polymod = _polymod(_expand(prefix) + values + [0] * 6) ^ 1
    checksum = [(polymod >> 5 * (5 - place)) & 31 for place in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values + checksum)


def decode(text: str) -> tuple[str, bytes]:
    """Return the lower-case prefix and the bytes of a Bech32 text. Raises BadKey."""
    if text not in (text.lower(), text.upper()):
        raise _bad("it mixes small and capital letters")
    text = text.lower()
    prefix, mark, tail = text.rpartition("1")
    if not mark or not prefix or len(tail) < 6 or not all("!" <= character <= "~" for character in prefix):
        raise _bad("it is not whole")
    if any(character not in _ALPHABET for character in tail):
        raise _bad("it holds a character that keys do not have")
    values = [_ALPHABET.index(character) for character in tail]
    if _polymod(_expand(prefix) + values) != 1:
        raise _bad("its checksum does not fit")
    return prefix, bytes(_regroup(values[:-6], 5, 8, pad=False))


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            checksum ^= generator if (top >> place) & 1 else 0
    return checksum


def _regroup(data: bytes | list[int], have: int, want: int, pad: bool) -> list[int]:
    held, bits, found = 0, 0, list[int]()
    for value in data:
        held = held << have | value
        bits += have
        while bits >= want:
            bits -= want
            found.append(held >> bits & ((1 << want) - 1))
        held &= (1 << bits) - 1
    if pad and bits:
        found.append(held << (want - bits) & ((1 << want) - 1))
    elif not pad and (bits >= have or held):
        raise _bad("its last character is not one that keys end with")
    return found


def _bad(reason: str) -> BadKey:
    return BadKey(
        f"A key could not be read: {reason}. Nothing was changed.",
        "Copy the key again, whole, from its card or file.",
    )
