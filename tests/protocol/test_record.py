"""A watch as plain data: written and read back exactly, and refused when anything about it is odd."""

import copy
import json
from collections import OrderedDict
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from protocol.cave import (
    FOR_NARUTO,
    IRUKA,
    KAKASHI,
    NARUTO,
    PAKKUN,
    armed,
    drafted,
    in_closing,
    in_last_call,
    in_late,
    in_vigil,
    released,
    spoken,
    stating,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.record import Unreadable, event_from_plain, event_to_plain, from_plain, to_plain
from lastwords.protocol.spelling import MOST, _once, remembering, spell
from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import Plan, Watch

LIVES = {
    "new": lambda: armed(),
    "draft": drafted,
    "late": in_late,
    "trip": lambda: armed().do(e.SetTrip(IRUKA, 1_700_000_000 + 86400, 0)),
    "vigil": in_vigil,
    "hold": lambda: in_vigil().do(spoken(PAKKUN)),
    "last call": in_last_call,
    "released": released,
    "told": lambda: released().do(e.Tell(PAKKUN, FOR_NARUTO), e.KeepForLater(NARUTO, FOR_NARUTO, 0)),
    "closing": in_closing,
    "glass": lambda: armed().do(e.BreakGlass(KAKASHI, False)),
    "practice": lambda: armed().do(e.BeginPractice(IRUKA)),
}


@pytest.mark.parametrize("life", LIVES)
def test_a_watch_is_read_back_exactly_as_it_was_written(life: str) -> None:
    watch = LIVES[life]().watch
    assert from_plain(json.loads(json.dumps(to_plain(watch)))) == watch


@pytest.mark.parametrize("life", LIVES)
def test_what_reads_a_record_quickly_and_what_looks_at_every_part_of_it_read_the_same(life: str) -> None:
    """Objects of another kind than JSON's own are not for the quick one."""
    watch = LIVES[life]().watch
    assert from_plain(json.loads(spell(watch), object_pairs_hook=OrderedDict)) == watch


@pytest.mark.parametrize(
    "event",
    (
        strong(),
        stating(PAKKUN),
        e.Arm(IRUKA, Plan()),
        e.LiftHold(IRUKA, HoldCause.SWITCH),
        e.Look(),
        e.LetterTaken("", "last_call", IRUKA, 3),
    ),
)
def test_an_event_is_read_back_exactly_as_it_was_written(event: e.Event) -> None:
    read = event_from_plain(json.loads(json.dumps(event_to_plain(event))))
    assert read == event and type(read) is type(event)


def damaged(change: str) -> Any:
    data = copy.deepcopy(to_plain(in_last_call().watch))
    if change == "another form":
        data["form"] = "watch/2"
    elif change == "a field too many":
        data["extra"] = 1
    elif change == "a field too few":
        del data["epoch"]
    elif change == "an unknown stage":
        data["stage"] = "asleep"
    elif change == "a number as a word":
        data["round"] = "7"
    elif change == "a truth as a number":
        data["round"] = True
    elif change == "a mark cut short":
        data["last_sign"] = [1]
    elif change == "an empty mark":
        data["last_sign"] = []
    elif change == "a mark that is a number":
        data["last_sign"] = 1
    elif change == "a seat that is a list":
        data["seats"][2] = []
    elif change == "a seat without its keeper":
        data["seats"][1]["keeper"] = None
    elif change == "a missing list":
        data["tracks"] = None
    elif change == "an odd field deep inside":
        data["tracks"][0]["wait"][1] = 1.0
    return data


@pytest.mark.parametrize(
    ("change", "said"),
    (
        ("another form", "this is not a record of the form watch/1"),
        ("a field too many", "watch does not have the fields of a Watch"),
        ("a field too few", "watch does not have the fields of a Watch"),
        ("an unknown stage", "watch.stage is not a word of Stage"),
        ("a number as a word", "watch.round is not a int"),
        ("a truth as a number", "watch.round is not a int"),
        ("a mark cut short", "watch.last_sign has 1 parts instead of 2"),
        ("an empty mark", "watch.last_sign has 0 parts instead of 2"),
        ("a mark that is a number", "watch.last_sign is not a list"),
        ("a seat that is a list", "watch.seats[2] does not have the fields of a Seat"),
        ("a seat without its keeper", "watch.seats[1].keeper is not a str"),
        ("a missing list", "watch.tracks is not a list"),
        ("an odd field deep inside", "watch.tracks[0].wait is not a int"),
    ),
)
def test_a_record_with_anything_odd_is_unreadable_and_what_is_odd_is_said(change: str, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        from_plain(damaged(change))
    assert str(error.value) == said


@pytest.mark.parametrize("data", (None, [], "watch", {}, {"form": "watch/1"}))
def test_what_is_no_record_at_all_is_unreadable_and_never_a_fresh_watch(data: object) -> None:
    with pytest.raises(Unreadable):
        from_plain(data)


@pytest.mark.parametrize(
    "data",
    (None, {}, {"event": "Wish"}, {"event": "CheckIn"}, {"event": "Look", "by": 1}, {"event": ["Look"]}),
)
def test_what_is_no_event_is_unreadable(data: object) -> None:
    with pytest.raises(Unreadable):
        event_from_plain(data)


def test_an_undamaged_record_is_the_control() -> None:
    from_plain(damaged("nothing"))


def test_changed_makes_what_the_standard_library_makes() -> None:
    watch = in_last_call().watch
    assert changed(watch, round=99, holds=()) == replace(watch, round=99, holds=())
    with pytest.raises(AttributeError):
        changed(Watch(IRUKA), no_such_field=1)


def test_what_changed_makes_is_of_the_same_kind_and_frozen() -> None:
    copy = changed(Watch(IRUKA), round=99)
    assert type(copy) is Watch
    with pytest.raises(FrozenInstanceError):
        copy.round = 100  # type: ignore[misc]


@pytest.mark.parametrize("life", LIVES)
def test_the_one_spelling_is_what_the_record_says_with_its_names_in_order(life: str) -> None:
    watch = LIVES[life]().watch
    for one in (watch, replace(watch, author=f"{life}'s other"), replace(watch, round=99), watch):
        plain = json.dumps(to_plain(one), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert spell(one) == plain == remembering()(one)


def test_the_texts_of_so_many_parts_are_remembered_and_then_it_begins_anew() -> None:
    spelled: list[int] = []
    speller = _once(lambda part: spelled.append(part) or "")  # type: ignore[func-returns-value]
    most, one_more = list(range(1000, 1000 + MOST)), -1
    for part in (*most, *most, one_more, *most[-9:]):
        speller(part)
    assert spelled == [*most, one_more, *most[-9:]]


def test_a_watch_that_was_just_begun_has_counted_nothing() -> None:
    plain = to_plain(Watch(IRUKA))
    assert [plain[name] for name in ("weak_in_row", "round", "bounces", "last_sign")] == [0, 0, 0, [0, 0]]
