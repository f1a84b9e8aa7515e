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
MOST_AUTHORS = 2_048

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
    before, texts = _newest.get(watch.author) or (_nothing(len(names)), names)
    spelled = texts.copy()
    for at in compress(range(len(names)), map(is_not, fields, before)):
        part, value = parts[at], fields[at]
        spelled[at] = names[at] + (part(value) if part else _plain(value))
    _newest[watch.author] = fields, spelled
    place = _place_of_form()
    return "{" + ",".join([*spelled[:place], f'"form":"{FORM}"', *spelled[place:]]) + "}"


@cache
def _nothing(many: int) -> tuple[object, ...]:
    """Fields that are no watch's."""
    return tuple(object() for _ in range(many))


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
        parts = get_args(kind)
        return _row_speller(_speller(parts[0])) if parts[1:] == (...,) else _tuple_speller(parts)
    if is_dataclass(kind):
        return _record_speller(kind)
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return _tuple_speller(tuple(hints[name] for name in kind._fields))
    if issubclass(kind, StrEnum):
        return {word: encode_basestring(word.value) for word in kind}.__getitem__
    return _plain


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


def _tuple_speller(kinds: tuple[Any, ...]) -> Speller:
    known = dict(_WORDS)
    parts = [_written(f"value[{place}]", kind, known) for place, kind in enumerate(kinds)]
    return _made(f"[{','.join(parts)}]", known)


def _record_speller(kind: Any) -> Speller:
    hints, known = get_type_hints(kind), dict(_WORDS)
    parts = [
        f'"{name}":' + _written(f"value.{name}", hints[name], known)
        for name in sorted(field.name for field in fields(kind))
    ]
    spell_anew = _made("{{" + ",".join(parts) + "}}", known)

    def spell_record(record: Any) -> str:
        before = _remembered.get(id(record))
        if before is not None and before[0] is record:
            return before[1]
        text = spell_anew(record)
        _remembered[id(record)] = (record, text)
        return text

    return spell_record


_WORDS: dict[str, Any] = {"quoted": encode_basestring, "yes": "true", "no": "false", "none": "null"}
"""What every template may name; in one for JSON nothing can stand between double quotes but JSON's own."""


def _made(template: str, known: dict[str, Any]) -> Speller:
    """The function of `value` that fills in such a template, written out as `dataclasses` writes an `__init__`."""
    made: Speller = eval(f"lambda value: f'{template}'", known)
    return made


def _written(value: str, kind: Any, known: dict[str, Any]) -> str:
    """How a template takes a part: `value` is where it stands."""
    if kind is str:
        return f"{{quoted({value})}}"
    if kind is int:
        return f"{{{value}:d}}"
    if kind is bool:
        return f"{{yes if {value} else no}}"
    name = f"part_{len(known)}"
    known[name] = _speller(kind)
    if isinstance(kind, UnionType):
        return f"{{none if {value} is None else {name}({value})}}"
    return f"{{{name}({value})}}"
