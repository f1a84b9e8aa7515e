"""The one spelling of a watch as text: JSON with its names in order and no white space.

It is what `record.to_plain` says, to the letter; a test compares the two. Every step spells a watch, so how each kind
is spelled is a template that is written out once, from its declared fields.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from json.encoder import encode_basestring
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from .record import FORM
from .watch import Watch

Speller = Callable[[Any], str]
How = Callable[[Speller], Speller]
"""What is made of the speller of a part."""

MOST = 1024
"""Parts of one kind whose text is remembered."""


def spell(watch: Watch) -> str:
    """The watch as text: compared by hash, so it never varies."""
    return _whole(_anew)(watch)


def remembering() -> Speller:
    """Spells alike, and does not spell a part again that a step took over. That is faster where few watches take many
    steps, as in a simulator, and half as dear again where each watch is met once."""
    return _whole(_once)


@cache
def _whole(how: How) -> Speller:
    """A watch itself is another one after each step, so only its parts are remembered."""
    return _record_speller(Watch, how)


@cache
def _speller(kind: Any, how: How) -> Speller:
    if is_dataclass(kind):
        return how(_record_speller(kind, how))
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return _tuple_speller(tuple(hints[name] for name in kind._fields), how)
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        if parts[1:] != (...,):
            return _tuple_speller(parts, how)
        return how(_row_speller(_speller(parts[0], how)))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {word: encode_basestring(word.value) for word in kind}.__getitem__
    known = dict(_WORDS)
    return _made(_written("value", kind, known, how), known)


def _anew(one: Speller) -> Speller:
    return one


def _once(one: Speller) -> Speller:
    """A step takes over whatever it leaves alone, the very same object: seats, tracks and terms were nearly always
    spelled before. A text is found by its part's identity, and the part is kept with it, so that no other part can have
    that identity."""
    known: dict[int, tuple[Any, str]] = {}

    def spell(part: Any) -> str:
        found = known.get(id(part))
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[id(part)] = part, one(part)
        return found[1]

    return spell


def _row_speller(one: Speller) -> Speller:
    return lambda row: "[" + ",".join([one(item) for item in row]) + "]"


def _tuple_speller(parts: tuple[Any, ...], how: How) -> Speller:
    known = dict(_WORDS)
    written = [_written(f"value[{place}]", part, known, how) for place, part in enumerate(parts)]
    return _made("[" + ",".join(written) + "]", known)


def _record_speller(kind: Any, how: How) -> Speller:
    hints, known = get_type_hints(kind), dict(_WORDS)
    written = {
        field.name: _written(f"value.{field.name}", hints[field.name], known, how) for field in fields(kind)
    }
    if kind is Watch:
        written["form"] = encode_basestring(FORM)
    parts = [f'"{name}":{written[name]}' for name in sorted(written)]
    return _made("{{" + ",".join(parts) + "}}", known)


_WORDS: dict[str, Any] = {"quoted": encode_basestring}
_WORDS |= {"yes": "true", "no": "false", "none": "null", "empty": "[]"}
"""What every template may name; in one for JSON nothing can stand between double quotes but JSON's own."""


def _made(template: str, known: dict[str, Any]) -> Speller:
    """The function of `value` that fills in such a template, written out as `dataclasses` writes an `__init__`."""
    made: Speller = eval(f"lambda value: f'{template}'", known)
    return made


def _written(value: str, kind: Any, known: dict[str, Any], how: How) -> str:
    """How a template takes a part: `value` is where it stands. Most of what may be missing or empty is."""
    if kind is str:
        return f"{{quoted({value})}}"
    if kind is int:
        return f"{{{value}:d}}"
    if kind is bool:
        return f"{{yes if {value} else no}}"
    name, absent = f"part_{len(known)}", ""
    if isinstance(kind, UnionType):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
        absent = f"none if {value} is None else "
    elif get_args(kind)[1:] == (...,):
        absent = f"empty if not {value} else "
    known[name] = _speller(kind, how)
    return f"{{{absent}{name}({value})}}"
