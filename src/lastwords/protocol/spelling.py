"""The one spelling of a watch as text: JSON with its names in order and no white space.

It is what `record.to_plain` says, to the letter; a test compares the two. A step changes one seat or one track and
leaves every other as it is, the very same object, so the text of each part is remembered beside the part itself.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from itertools import compress
from json.encoder import encode_basestring
from operator import attrgetter, is_not
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from .record import FORM
from .watch import Watch

Speller = Callable[[Any], str]

MOST = 32_768
"""Parts whose text is remembered; then all are forgotten, and the next spelling begins anew."""
MOST_AUTHORS = 64

_remembered: dict[int, tuple[Any, str]] = {}
_newest: dict[str, tuple[tuple[Any, ...], list[str]]] = {}
"""The fields of each author's watch that was spelled last, and how each was spelled: most steps change few of them."""


def spell(watch: Watch) -> str:
    """The watch as text: compared by hash, so it never varies."""
    if len(_remembered) > MOST or len(_newest) > MOST_AUTHORS:
        _remembered.clear()
        _newest.clear()
    return _whole(watch)


def _whole(watch: Watch) -> str:
    names, parts, values = _shape(Watch)
    fields = values(watch)
    before, texts = _newest.get(watch.author) or (tuple(object() for _ in names), names)
    spelled = texts.copy()
    for at in compress(range(len(names)), map(is_not, fields, before)):
        part, value = parts[at], fields[at]
        spelled[at] = names[at] + (part(value) if part else _plain(value))
    _newest[watch.author] = fields, spelled
    place = _place_of_form()
    return "{" + ",".join([*spelled[:place], f'"form":"{FORM}"', *spelled[place:]]) + "}"


@cache
def _place_of_form() -> int:
    return sum(name < '"form":' for name in _shape(Watch)[0])


def _plain(value: Any) -> str:
    """A text, a number, a yes or no."""
    if type(value) is str:
        return encode_basestring(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)


@cache
def _shape(kind: Any) -> tuple[list[str], list[Speller | None], Any]:
    """A record's names in order, how each is spelled (None for what is plain), and what reads them all."""
    hints = get_type_hints(kind)
    names = sorted(field.name for field in fields(kind))
    parts = [_speller(hints[name]) for name in names]
    return (
        [f'"{name}":' for name in names],
        [None if part is _plain else part for part in parts],
        attrgetter(*names),
    )


@cache
def _speller(kind: Any) -> Speller:
    if isinstance(kind, UnionType):
        (present,) = (part for part in get_args(kind) if part is not NoneType)
        inner = _speller(present)
        return lambda value: "null" if value is None else inner(value)
    if get_origin(kind) is tuple:
        return _list_speller(get_args(kind))
    if is_dataclass(kind):
        return _record_speller(kind)
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return _list_speller(tuple(hints[name] for name in kind._fields))
    if issubclass(kind, StrEnum):
        return {word: encode_basestring(word.value) for word in kind}.__getitem__
    return _plain


def _list_speller(parts: tuple[Any, ...]) -> Speller:
    if parts[1:] == (...,):
        return _row_speller(_speller(parts[0]))
    each = [_speller(part) for part in parts]
    return lambda value: "[" + ",".join([spell(item) for spell, item in zip(each, value, strict=True)]) + "]"


def _row_speller(one: Speller) -> Speller:
    def spell_row(row: tuple[Any, ...]) -> str:
        if not row:
            return "[]"
        known = _remembered.get(id(row))
        if known is not None and known[0] is row:
            return known[1]
        text = "[" + ",".join([one(item) for item in row]) + "]"
        _remembered[id(row)] = (row, text)
        return text

    return spell_row


def _record_speller(kind: Any) -> Speller:
    names, parts, values = _shape(kind)

    def spell_record(record: Any) -> str:
        known = _remembered.get(id(record))
        if known is not None and known[0] is record:
            return known[1]
        each = values(record) if len(names) > 1 else (values(record),)
        text = (
            "{"
            + ",".join(
                [
                    name + (part(value) if part else _plain(value))
                    for name, part, value in zip(names, parts, each, strict=True)
                ]
            )
            + "}"
        )
        _remembered[id(record)] = (record, text)
        return text

    return spell_record
