"""The way on which a search came to a state, told by the labels of its moves."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def way(known: Mapping[K, tuple[K | None, str]], here: K) -> tuple[str, ...]:
    """From the first state to `here`. `known` has for each state the one before it and the move from there; for the
    first one nothing, and no move."""
    labels: list[str] = []
    at: K | None = here
    while at is not None:
        at, label = known[at]
        labels.append(label)
    return tuple(label for label in reversed(labels) if label)
