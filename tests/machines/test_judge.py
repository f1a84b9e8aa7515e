"""The verdict over a life of the cluster: what must be called lost, doubled, or falsely refused is."""

import pytest
from machines.judge import Kept, judge, pause


def line(kind, name, answer="kept", at=0.0, **more):
    return {
        "kind": kind,
        "id": name,
        "who": "",
        "answer": answer,
        "code": "",
        "again": False,
        "at": at,
    } | more


def letter(name, to="naruto@example.org"):
    return {"kind": "letter", "id": name, "to": to, "at": 0.0}


WELL = [
    line("check_in", "a"),
    line("statement", "b", "unknown"),
    line("statement", "b", again=True),
    line("check_in", "c", "unknown"),
    line("check_in", "d", "refused"),
    line("plain", "e"),
    letter("f"),
]
KEPT = {
    "check_ins": ["a", "c"],
    "statements": ["b", "b"],
    "plain": ["e"],
    "letters": ["f"],
    "handed_over": ["f"],
    "releases": {"due-000": 1},
}


def judged(told=(), **kept):
    return judge([*WELL, *told], Kept(**KEPT | kept))


def test_a_life_in_which_all_is_well_is_counted():
    found = judged()
    assert found.wrong == []
    assert found.acknowledged == {"check_in": 1, "statement": 1, "plain": 1}
    assert (found.unknown, found.unknown_and_kept, found.sent_again) == (2, 2, 1)
    assert (found.letters, found.copies, found.releases) == (1, 0, 1)


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ({"check_ins": ["c"]}, "check_in a was acknowledged and is lost"),
        ({"statements": []}, "statement b was acknowledged and is lost"),
        ({"check_ins": ["a", "a"]}, "a counts twice"),
        ({"check_ins": ["a", "d"]}, "check_in d was refused and is kept"),
        ({"releases": {"due-000": 2}}, "the words of due-000 were released 2 times"),
        ({"releases": {"due-000": 0}}, "the words of due-000 were released 0 times"),
        ({"letters": []}, "letter f arrived and was never kept"),
        ({"handed_over": ["f", "g"]}, "letter g counts as handed over and never left"),
        ({"waiting": 3}, "3 letters still wait"),
    ],
)
def test_whatever_is_wrong_is_said(kept, why):
    assert judged(**kept).wrong == [why]


def test_an_act_of_which_nobody_knew_may_be_kept_or_not():
    assert judged(check_ins=["a"]).wrong == [] == judged().wrong


def test_a_letter_that_came_once_more_is_a_copy_and_one_to_another_person_is_none():
    found = judged([letter("f"), letter("f", "anko@example.org")])
    assert (found.letters, found.copies, found.wrong) == (2, 1, [])


@pytest.mark.parametrize(
    ("times", "longest"),
    [([9, 11, 12, 30], 18), ([9, 11, 29, 30], 18), ([1, 2, 3], 20), ([12, 15, 17], 13)],
)
def test_the_longest_time_without_an_acknowledgement_is_found_wherever_it_lies(times, longest):
    told = [line("check_in", str(at), at=float(at)) for at in times] + [line("plain", "x", at=20.0)]
    assert pause(told, ("check_in",), 10.0, 30.0) == longest
