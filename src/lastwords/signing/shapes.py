"""The shapes that fields of a signed document may have, and the reading of a document against them.

A document is a frozen dataclass whose fields carry a shape. `read` takes a decoded value and gives the dataclass,
or refuses with the name of the field that is missing, unknown or out of bounds. Nothing is coerced, nothing
defaulted: a document says everything it means. A field that a document rarely has is left out where it says nothing,
and has no second spelling as null.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from lastwords.signing.refusals import WrongShape

Shape = Callable[[Any, str], Any]
T = TypeVar("T")

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def shaped(shape: Shape) -> Any:
    """Declare a field of a document with its shape."""
    return dataclasses.field(metadata={"shape": shape})


def shaped_or_absent(shape: Shape) -> Any:
    """Declare a field that is left out of a document when it is None, and is never null in one."""
    return dataclasses.field(default=None, metadata={"shape": shape, "absent": True})


def identifier(value: Any, name: str) -> str:
    """1 to 128 of `A-Z a-z 0-9 . _ : @ -`, the first a letter or digit."""
    return _matching(value, name, _IDENTIFIER, "an identifier")


def digest(value: Any, name: str) -> str:
    """64 lower-case hexadecimal digits: a SHA-256, a fingerprint, a commitment."""
    return _matching(value, name, _DIGEST, "64 lower-case hexadecimal digits")


def moment(value: Any, name: str) -> str:
    """An instant in UTC to the second, as `2026-11-23T08:17:45Z` (RFC 3339)."""
    found = _matching(value, name, _MOMENT, "an instant like 2026-11-23T08:17:45Z")
    try:
        datetime.fromisoformat(found)
    except ValueError:
        raise refuse(name, "an instant that exists") from None
    return found


def text(longest: int) -> Shape:
    """A text of 1 to `longest` characters without control characters."""

    def shape(value: Any, name: str) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= longest or any(c < " " for c in value):
            raise refuse(name, f"a text of 1 to {longest} characters")
        return value

    return shape


def count(smallest: int, largest: int = 2**53 - 1) -> Shape:
    """A whole number within bounds."""

    def shape(value: Any, name: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
            raise refuse(name, f"a whole number from {smallest} to {largest}")
        return value

    return shape


def one_of(*choices: str) -> Shape:
    """One of the given texts."""

    def shape(value: Any, name: str) -> str:
        if value not in choices or not isinstance(value, str):
            raise refuse(name, "one of " + ", ".join(choices))
        return value

    return shape


def or_none(inner: Shape) -> Shape:
    """The inner shape, or null."""
    return lambda value, name: None if value is None else inner(value, name)


def many(inner: Shape, most: int) -> Shape:
    """A list of at most `most` of the inner shape; becomes a tuple."""

    def shape(value: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise refuse(name, f"a list of at most {most}")
        return tuple(inner(part, f"{name}[{place}]") for place, part in enumerate(value))

    return shape


def record(cls: type[T]) -> Shape:
    """A nested dataclass whose fields carry shapes."""

    def shape(value: Any, name: str) -> T:
        return value if isinstance(value, cls) else read(cls, value, name)

    return shape


def read(cls: type[T], value: Any, name: str) -> T:
    """Return the dataclass `cls` from a decoded object with exactly its fields. Raises WrongShape. What is made is not
    asked a second time whether it has its shape, as it is when it is made in code."""
    if not isinstance(value, Mapping):
        raise refuse(name, "an object")
    expected = _fields_of(cls)  # type: ignore[arg-type]
    if value.keys() != expected.keys():
        _check_names(expected, value, name)
    made = object.__new__(cls)
    for key, part in value.items():
        made.__dict__[key] = expected[key].metadata["shape"](part, f"{name}.{key}")
    return made


@cache
def _fields_of(cls: type) -> dict[str, "dataclasses.Field[Any]"]:
    return {field.name: field for field in dataclasses.fields(cls)}


def _check_names(
    expected: Mapping[str, "dataclasses.Field[Any]"], value: Mapping[str, Any], name: str
) -> None:
    """Refuse an object that lacks a field, or has one that nobody knows."""
    for missing in expected.keys() - value.keys():
        if not expected[missing].metadata.get("absent"):
            raise refuse(f"{name}.{missing}", "present")
    for unknown in value.keys() - expected.keys():
        raise refuse(f"{name}.{unknown}", "absent: nobody knows this field")


def check(instance: Any, name: str) -> None:
    """Refuse an instance made in code that `read` would refuse. Raises WrongShape."""
    for field in _fields_of(type(instance)).values():  # type: ignore[arg-type]
        value = getattr(instance, field.name)
        if not _is_absent(field, value):
            field.metadata["shape"](value, f"{name}.{field.name}")


def plain(value: Any) -> Any:
    """Return a dataclass, and all in it, as dicts, lists and plain values, ready for `canonical.encode`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(field, getattr(value, field.name)) for field in _fields_of(type(value)).values()]
        return {field.name: plain(part) for field, part in fields if not _is_absent(field, part)}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value


def refuse(name: str, expected: str) -> WrongShape:
    """Return the refusal of a document in which `name` is not what it should be."""
    return WrongShape(
        f"A document was refused: {name} should be {expected}. Nothing was changed.",
        "Bring the program that wrote it to the same version as this one, or ask for the document again.",
    )


def _is_absent(field: "dataclasses.Field[Any]", value: Any) -> bool:
    return value is None and bool(field.metadata.get("absent"))


def _matching(value: Any, name: str, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise refuse(name, expected)
    return value
