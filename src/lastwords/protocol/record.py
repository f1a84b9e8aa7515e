"""A watch as plain data and back, strictly: what cannot be read exactly is not a watch, and is never guessed at.

The shape is the dataclasses' own: objects by field name, tuples as lists, enumerations by their word. A field that is
missing, unknown or of another kind raises `Unreadable`. How each kind is written and read is worked out once, from its
declared fields: every request reads a watch and writes one.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from .changed import may_be_set
from .events import Event
from .watch import Watch

FORM = "watch/1"

Part = Callable[[Any], Any]
"""One kind, written as plain data or read from it."""


class Unreadable(Exception):
    """A stored watch is damaged or of another version. Nothing was changed; restore it or ask for help."""


def to_plain(watch: Watch) -> dict[str, Any]:
    """The watch as JSON-ready data, with the name of its form."""
    return {"form": FORM, **_writer(Watch)(watch)}


def from_plain(data: object) -> Watch:
    """The watch that `to_plain` wrote. Raises `Unreadable` for anything else."""
    if not isinstance(data, dict) or data.get("form") != FORM:
        raise Unreadable(f"this is not a record of the form {FORM}")
    rest = dict(data)
    del rest["form"]
    watch = _whole(Watch, rest, "watch")
    assert isinstance(watch, Watch)
    return watch


def event_to_plain(event: Event) -> dict[str, Any]:
    """An event as JSON-ready data, named by its kind."""
    kind: Any = type(event)
    return {"event": kind.__name__, **_writer(kind)(event)}


def event_from_plain(data: object) -> Event:
    """The event that `event_to_plain` wrote. Raises `Unreadable` for anything else."""
    if not isinstance(data, dict):
        raise Unreadable("this is not an event")
    name = data.get("event")
    kind = _events().get(name) if isinstance(name, str) else None
    if kind is None:
        raise Unreadable("this event is of no known kind")
    event = _whole(kind, {key: value for key, value in data.items() if key != "event"}, kind.__name__)
    assert isinstance(event, Event)
    return event


@cache
def _events() -> dict[str, type[Event]]:
    return {kind.__name__: kind for kind in Event.__subclasses__()}


# Writing.


@cache
def _writer(kind: Any) -> Part:
    if isinstance(kind, UnionType):
        inner = _writer(_present(kind))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        return _tuple_writer(get_args(kind))
    if is_dataclass(kind):
        return _record_writer(kind)
    if hasattr(kind, "_fields"):
        return _tuple_writer(_field_kinds(kind))
    if issubclass(kind, StrEnum):
        return str
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _tuple_writer(parts: tuple[Any, ...]) -> Part:
    writers = [_writer(part) for part in parts if part is not ...]
    if all(writer is _as_it_is for writer in writers):
        return list
    if parts[1:] == (...,):
        (writer,) = writers
        return lambda value: [writer(item) for item in value]
    return lambda value: [write(item) for write, item in zip(writers, value, strict=True)]


def _record_writer(kind: Any) -> Part:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    changing = [(name, _writer(hints[name])) for name in names if _writer(hints[name]) is not _as_it_is]
    values = attrgetter(*names) if len(names) > 1 else lambda record: (getattr(record, names[0]),)

    def write(record: Any) -> dict[str, Any]:
        plain = dict(zip(names, values(record), strict=True))
        for name, part in changing:
            plain[name] = part(plain[name])
        return plain

    return write


# Reading.


class _Odd(Exception):
    """What is wrong with a value, and where in it: the path grows on the way out."""

    def __init__(self, says: str, where: str = "") -> None:
        self.says, self.where = says, where

    def inside(self, place: str) -> "_Odd":
        return _Odd(self.says, place + self.where)


def _whole(kind: Any, value: object, name: str) -> Any:
    try:
        return _reader(kind)(value)
    except _Odd as odd:
        raise Unreadable(f"{name}{odd.where} {odd.says}") from None


@cache
def _reader(kind: Any) -> Part:
    if isinstance(kind, UnionType):
        inner = _reader(_present(kind))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        return _list_reader(parts[0]) if parts[1:] == (...,) else _tuple_reader(parts, tuple)
    if is_dataclass(kind):
        return _record_reader(kind)
    if hasattr(kind, "_fields"):
        return _tuple_reader(_field_kinds(kind), kind._make)
    if issubclass(kind, StrEnum):
        return _word_reader(kind)
    return _plain_reader(kind)


def _list_reader(part: Any) -> Part:
    reader = _reader(part)

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Odd("is not a list")
        found, index = [], 0
        try:
            for item in value:
                found.append(reader(item))
                index += 1
        except _Odd as odd:
            raise odd.inside(f"[{index}]") from None
        return tuple(found)

    return read


def _tuple_reader(parts: tuple[Any, ...], make: Callable[[Any], Any]) -> Part:
    readers = [_reader(part) for part in parts]
    length = len(readers)

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise _Odd("is not a list")
        if len(value) != length:
            raise _Odd(f"has {len(value)} parts instead of {length}")
        if tuple(map(type, value)) == parts:
            return make(value)  # plain values as they have to be, as nearly always
        return make([reader(item) for reader, item in zip(readers, value, strict=True)])

    return read


def _record_reader(kind: Any) -> Part:
    """Reads a record by a function that is written out for its kind, as `dataclasses` writes its `__init__`. That one
    knows only records that are as they have to be: of any other `_strictly` says what is wrong with it, and where."""
    hints = get_type_hints(kind)
    known: dict[str, Any] = {
        "new": object.__new__,
        "frozen": kind,
        "kind": may_be_set(kind),
        "strictly": _strictly(kind),
        "Odd": _Odd,
    }
    lines = []
    for field in fields(kind):
        name, hint = field.name, hints[field.name]
        lines += [f"part = value[{name!r}]", *_written(name, hint, known)]
    body = "\n".join(f"            {line}" for line in lines)
    exec(_READ.format(many=len(fields(kind)), body=body), known)
    read: Part = known["read"]
    return read


_READ = """
def read(value):
    if type(value) is dict and len(value) == {many}:
        made = new(kind)
        try:
{body}
            made.__class__ = frozen
            return made
        except (KeyError, TypeError, Odd):
            pass
    return strictly(value)
"""


def _written(name: str, hint: Any, known: dict[str, Any]) -> list[str]:
    """The lines that take one field from `part`."""
    if hint in (str, int, bool):
        return [f"if type(part) is not {hint.__name__}: raise TypeError", f"made.{name} = part"]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        known[f"words_{name}"] = {str(word): word for word in hint}
        return [f"made.{name} = words_{name}[part]"]
    known[f"read_{name}"] = _reader(hint)
    if isinstance(hint, UnionType):
        return [f"made.{name} = None if part is None else read_{name}(part)"]
    if get_args(hint)[1:] == (...,):
        return [f"made.{name} = () if part == [] else read_{name}(part)"]
    return [f"made.{name} = read_{name}(part)"]


def _strictly(kind: Any) -> Part:
    hints = get_type_hints(kind)
    parts = [(field.name, _reader(hints[field.name])) for field in fields(kind)]
    names = {name for name, _ in parts}

    def read(value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() != names:
            raise _Odd(f"does not have the fields of a {kind.__name__}")
        found, name = [], ""
        try:
            for name, reader in parts:
                found.append(reader(value[name]))
        except _Odd as odd:
            raise odd.inside(f".{name}") from None
        return kind(*found)

    return read


def _word_reader(kind: type[StrEnum]) -> Part:
    words = {str(word): word for word in kind}

    def read(value: Any) -> StrEnum:
        word = words.get(value) if type(value) is str else None
        if word is None:
            raise _Odd(f"is not a word of {kind.__name__}")
        return word

    return read


def _plain_reader(kind: type) -> Part:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise _Odd(f"is not a {kind.__name__}")
        return value

    return read


def _present(kind: UnionType) -> Any:
    (inner,) = (part for part in get_args(kind) if part is not NoneType)
    return inner


def _field_kinds(kind: Any) -> tuple[Any, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[name] for name in kind._fields)
