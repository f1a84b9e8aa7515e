"""A record with some fields changed: `dataclasses.replace` for plain records, many times as fast.

Every rule changes a watch through this, and the explorer does so millions of times. A frozen record's own `__init__`
goes through a call for every field, because nobody may set one. So the copy is made as one of a kind that is laid out
alike and may still be set, and is of the record's own kind, and frozen, when it is handed out. Records that are made
anew all the time can be made in the same way: see `made_at_once`.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")
Kind = TypeVar("Kind", bound=type)


def changed(record: Record, **changes: Any) -> Record:
    """A copy of a frozen dataclass with slots. A name that is no field raises AttributeError."""
    kind: Any = type(record)
    copy = _copier(kind)(record)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.__class__ = kind
    return copy  # type: ignore[no-any-return]


@cache
def may_be_set(kind: Any) -> Any:
    """A kind that is laid out as this frozen one is, and whose fields may be set: what is made of it becomes one of
    the frozen kind when it is whole, by its `__class__`."""
    free = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(kind.__name__, (kind,), free)


@cache
def _copier(kind: Any) -> Callable[[Any], Any]:
    """What copies every field of such a record; written out for each kind, as `dataclasses` writes its `__init__`."""
    known: dict[str, Any] = {"new": object.__new__, "kind": may_be_set(kind)}
    lines = [f"    copy.{field.name} = record.{field.name}" for field in fields(kind)]
    exec("\n".join(["def copier(record):", "    copy = new(kind)", *lines, "    return copy"]), known)
    copier: Callable[[Any], Any] = known["copier"]
    return copier


def made_at_once(kind: Kind) -> Kind:
    """A decorator of a frozen dataclass with slots, whose defaults are values: its `__init__` sets all fields of one
    that may still be set, where its own would call for every field. It takes what its own takes."""
    parts = fields(kind)
    become = object.__dict__["__class__"].__set__  # `object.__setattr__` would look for it each time
    known: dict[str, Any] = {"_become_": become, "_kind_": kind, "_free_": may_be_set(kind)}
    known |= {f"_{part.name}": part.default for part in parts}
    head = f"def __init__(self, {', '.join(map(_parameter, parts))}):"
    lines = [f"    self.{part.name} = {part.name}" for part in parts]
    opening, closing = "    _become_(self, _free_)", "    self.__class__ = _kind_"
    exec("\n".join([head, opening, *lines, closing]), known)
    kind.__init__ = known["__init__"]  # type: ignore[misc]
    return kind


def _parameter(part: Field[Any]) -> str:
    assert part.default_factory is MISSING, "a value of its own for each record would have to be made"
    return part.name if part.default is MISSING else f"{part.name}=_{part.name}"
