"""Records that are made at once are what the standard library makes of them."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from lastwords.protocol.changed import changed, made_at_once


@dataclass(frozen=True, slots=True)
class Plain:
    kind: str
    self_: int
    record: tuple[str, ...] = ("none",)
    free: int | None = None


@made_at_once
@dataclass(frozen=True, slots=True)
class AtOnce:
    kind: str
    self_: int
    record: tuple[str, ...] = ("none",)
    free: int | None = None


WAYS: list[tuple[tuple[object, ...], dict[str, object]]] = [
    (("a", 1), {}),
    (("a", 1, ("b",), 2), {}),
    (("a",), {"self_": 3}),
    ((), {"free": 4, "record": (), "self_": 5, "kind": "c"}),
]


@pytest.mark.parametrize(("plain", "named"), WAYS)
def test_it_takes_what_the_plain_record_takes_and_holds_the_same(
    plain: tuple[object, ...], named: dict[str, object]
) -> None:
    ours, theirs = AtOnce(*plain, **named), Plain(*plain, **named)  # type: ignore[arg-type]
    assert repr(ours) == repr(theirs).replace("Plain", "AtOnce")


@pytest.mark.parametrize("wrong", [{}, {"kind": "a"}, {"kind": "a", "self_": 1, "other": 2}])
def test_it_refuses_what_the_plain_record_refuses(wrong: dict[str, object]) -> None:
    for kind in (Plain, AtOnce):
        with pytest.raises(TypeError):
            kind(**wrong)  # type: ignore[arg-type]


def test_it_is_frozen_and_of_its_own_kind() -> None:
    made = AtOnce("a", 1)
    assert type(made) is AtOnce
    with pytest.raises(FrozenInstanceError):
        made.kind = "b"  # type: ignore[misc]


def test_it_is_compared_copied_and_changed_as_any_record() -> None:
    made = AtOnce("a", 1)
    assert made == AtOnce("a", 1)
    assert hash(made) == hash(AtOnce("a", 1))
    assert made != AtOnce("a", 2)
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert changed(made, free=7) == replace(made, free=7) == AtOnce("a", 1, free=7)


def test_a_kind_whose_records_need_a_value_of_their_own_is_not_taken() -> None:
    with pytest.raises(AssertionError):

        @made_at_once
        @dataclass(frozen=True, slots=True)
        class Listing:
            rows: list[str] = field(default_factory=list)
