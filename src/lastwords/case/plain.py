"""Records as plain data and back, strictly: the shape stands in the dataclass, and nowhere a second time.

A plain form is made of objects, arrays, strings, integers, booleans and null, never of fractions, so that it can be
sealed, signed and compared byte by byte. Reading refuses unknown fields, missing fields and wrong types; it never
fills in and never rounds.
"""

import dataclasses
import json
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from lastwords.case.refusals import unreadable, unwritable

LARGEST = 2**53 - 1
LONGEST_TEXT = 4000  # characters of one field
LONGEST_BODY = 64 * 1024  # bytes; attachments are documents of their own

Record = TypeVar("Record")


def to_plain(value: Any) -> Any:
    """A record, or a part of one, as plain data. Fields that are None stay in it: absence is said, not guessed."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: to_plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    return value


def from_plain(kind: type[Record], data: Any, place: str = "it") -> Record:
    """The record of that kind that `data` spells. Raises NotReadable, naming the place that does not fit.

    What the record itself refuses in its constructor (NotWritable, Implausible) is raised as it is.
    """
    return typing.cast(Record, read_as(kind, data, place))


def to_bytes(data: Any) -> bytes:
    """Plain data in its one spelling: UTF-8 JSON, keys in ascending order, no white space (as RFC 8785 has it). Raises
    NotWritable for what is longer than anybody reads: sealed, it would be of no use to those who need it."""
    spelt = _spelt(data)
    if len(spelt) > LONGEST_BODY:
        raise unwritable(
            f"All of this together is longer than {LONGEST_BODY} bytes, and nobody could open it",
            "Shorten it, and say where the rest can be found",
        )
    return spelt


def _spelt(data: Any) -> bytes:
    return json.dumps(
        data, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    ).encode()


def from_bytes(data: bytes) -> Any:
    """Plain data from its one spelling. Raises NotReadable for anything else."""
    if len(data) > LONGEST_BODY:
        raise unreadable(f"it is longer than {LONGEST_BODY} bytes")
    try:
        value = json.loads(data.decode("utf-8"))
        spelt = _spelt(value)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise unreadable("it is not JSON in UTF-8") from error
    if spelt != data:
        raise unreadable("it is spelled in another way than the one way")
    return value


def check_texts(record: Any) -> None:
    """Refuse texts that are empty, too long or hold control characters. Called by every record's constructor."""
    for part in dataclasses.fields(record):
        value = getattr(record, part.name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and not isinstance(text, Enum):
                _check_text(part.name.replace("_", " "), text)


def _check_text(name: str, text: str) -> None:
    if not text.strip():
        raise unwritable(f"The field '{name}' is empty", "Say something in it, or leave it out altogether")
    if len(text) > LONGEST_TEXT:
        raise unwritable(
            f"The field '{name}' is longer than {LONGEST_TEXT} characters",
            "Shorten it, or add the rest as another entry",
        )
    if any(not fit_character(character) for character in text):
        raise unwritable(f"The field '{name}' holds a control character", "Type the text again by hand")


def fit_character(character: str) -> bool:
    """Whether a character may stand in a text: no controls but the line break, no half characters, and none of the
    marks that turn the reading direction round (a dose must not be shown backwards)."""
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return character == "\n"
    return not (0xD800 <= code <= 0xDFFF or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069)


@cache
def _fields(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def read_as(kind: Any, data: Any, place: str) -> Any:
    """Plain data as a value of an annotation: a record, a list, an enumeration, a leaf, or None where it may be."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        choices = [choice for choice in typing.get_args(kind) if choice is not type(None)]
        if data is None and len(choices) < len(typing.get_args(kind)):
            return None
        return read_as(choices[0], data, place)
    if origin is tuple:
        if not isinstance(data, list):
            raise unreadable(f"{place} is not a list")
        return tuple(
            read_as(typing.get_args(kind)[0], part, f"{place}[{number}]") for number, part in enumerate(data)
        )
    if dataclasses.is_dataclass(kind):
        return _read_record(kind, data, place)
    if isinstance(kind, type) and issubclass(kind, Enum):
        if not isinstance(data, str) or data not in {member.value for member in kind}:
            raise unreadable(f"{place} is none of the words that may stand there")
        return kind(data)
    if type(data) is not kind:
        raise unreadable(f"{place} is not {_NAMES[kind]}")
    if kind is int and abs(data) > LARGEST:
        raise unreadable(f"{place} is larger than 2^53 - 1")
    return data


def _read_record(kind: Any, data: Any, place: str) -> Any:
    if not isinstance(data, dict):
        raise unreadable(f"{place} is not a record")
    hints = _fields(kind)
    names = {part.name for part in dataclasses.fields(kind)}
    for name in sorted(data.keys() - names):
        raise unreadable(f"{place} has a field '{name}' that nobody knows")
    for name in sorted(names - data.keys()):
        raise unreadable(f"{place} lacks the field '{name}'")
    return kind(**{name: read_as(hints[name], data[name], f"{place}.{name}") for name in names})


_NAMES = {str: "a text", int: "a whole number", bool: "yes or no"}
