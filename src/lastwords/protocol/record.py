"""A watch as plain data and back, strictly: what cannot be read exactly is not a watch, and is never guessed at.

The shape is the dataclasses' own: objects by field name, tuples as lists, enumerations by their word. A field that is
missing, unknown or of another kind raises `Unreadable`.
"""

from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from .events import Event
from .watch import Watch

FORM = "watch/1"


class Unreadable(Exception):
    """A stored watch is damaged or of another version. Nothing was changed; restore it or ask for help."""


def to_plain(watch: Watch) -> dict[str, Any]:
    """The watch as JSON-ready data, with the name of its form."""
    return {"form": FORM, **_plain(watch)}


def from_plain(data: object) -> Watch:
    """The watch that `to_plain` wrote. Raises `Unreadable` for anything else."""
    if not isinstance(data, dict) or data.get("form") != FORM:
        raise Unreadable(f"this is not a record of the form {FORM}")
    watch = _read(Watch, {key: value for key, value in data.items() if key != "form"}, "watch")
    assert isinstance(watch, Watch)
    return watch


def event_to_plain(event: Event) -> dict[str, Any]:
    """An event as JSON-ready data, named by its kind."""
    return {"event": type(event).__name__, **_plain(event)}


def event_from_plain(data: object) -> Event:
    """The event that `event_to_plain` wrote. Raises `Unreadable` for anything else."""
    if not isinstance(data, dict):
        raise Unreadable("this is not an event")
    kinds = {kind.__name__: kind for kind in Event.__subclasses__()}
    name = data.get("event")
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Unreadable("this event is of no known kind")
    event = _read(kind, {key: value for key, value in data.items() if key != "event"}, kind.__name__)
    assert isinstance(event, Event)
    return event


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _read(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, UnionType):
        return _read_optional(kind, value, where)
    if get_origin(kind) is tuple:
        return _read_tuple(get_args(kind), value, where)
    if is_dataclass(kind):
        return _read_record(kind, value, where)
    if hasattr(kind, "_fields"):
        hints = _hints(kind)
        return kind(*_read_tuple(tuple(hints[name] for name in kind._fields), value, where))
    if issubclass(kind, StrEnum):
        return _read_word(kind, value, where)
    if type(value) is not kind:
        raise Unreadable(f"{where} is not a {kind.__name__}")
    return value


def _read_optional(kind: UnionType, value: Any, where: str) -> Any:
    (inner,) = (part for part in get_args(kind) if part is not NoneType)
    return None if value is None else _read(inner, value, where)


def _read_tuple(parts: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Unreadable(f"{where} is not a list")
    if len(parts) == 2 and parts[1] is ...:
        return tuple(_read(parts[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if len(value) != len(parts):
        raise Unreadable(f"{where} has {len(value)} parts instead of {len(parts)}")
    return tuple(_read(part, item, where) for part, item in zip(parts, value, strict=True))


def _read_record(kind: Any, value: Any, where: str) -> Any:
    names = [field.name for field in fields(kind)]
    if not isinstance(value, dict) or set(value) != set(names):
        raise Unreadable(f"{where} does not have the fields of a {kind.__name__}")
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], value[name], f"{where}.{name}") for name in names})


def _read_word(kind: type[StrEnum], value: Any, where: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise Unreadable(f"{where} is not a word of {kind.__name__}") from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
