"""A record with some fields changed: `dataclasses.replace` for plain records, many times as fast.

Every rule changes a watch through this, and the explorer does so millions of times. A frozen record's own `__init__`
goes through a call for every field, because nobody may set one. So the copy is made as one of a kind that is laid out
alike and may still be set, and is of the record's own kind, and frozen, when it is handed out.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")


def changed(record: Record, **changes: Any) -> Record:
    """A copy of a frozen dataclass with slots. A name that is no field raises AttributeError."""
    kind: Any = type(record)
    copy = _copier(kind)(record)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.__class__ = kind
    return copy  # type: ignore[no-any-return]


@cache
def _copier(kind: Any) -> Callable[[Any], Any]:
    """What copies every field of such a record; written out for each kind, as `dataclasses` writes its `__init__`."""
    may_be_set = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    known: dict[str, Any] = {"new": object.__new__, "kind": type(kind.__name__, (kind,), may_be_set)}
    lines = [f"    copy.{field.name} = record.{field.name}" for field in fields(kind)]
    exec("\n".join(["def copier(record):", "    copy = new(kind)", *lines, "    return copy"]), known)
    copier: Callable[[Any], Any] = known["copier"]
    return copier
