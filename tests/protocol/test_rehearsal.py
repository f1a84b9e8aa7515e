"""“If I vanish today”: what would happen, when, who would learn of it, and what would stop it."""

from typing import Any

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    IF_HELPLESS,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    TSUNADE,
    armed,
    drafted,
    in_closing,
    in_late,
    sealing,
)

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.rehearsal import Dated, WhatIf, rehearse
from lastwords.protocol.stages import Condition


def told(play, **supposed) -> list[str]:  # type: ignore[no-untyped-def]
    return [row.what for row in rehearsed(play, **supposed)]


def rehearsed(play, **supposed) -> tuple[Dated, ...]:  # type: ignore[no-untyped-def]
    return rehearse(play.watch, play.now, WhatIf(**supposed))


TO_THE_END = ["reminded", "check_in_missed", "reminded_again", "vigil", *["last_call"] * 2, *["released"] * 2]


def test_silence_goes_step_by_step_to_the_release_and_ends_there() -> None:
    play = armed()
    rows = rehearsed(play)
    assert [row.what for row in rows] == TO_THE_END
    assert {row.about for row in rows[-2:]} == {FOR_NARUTO, FOR_KAKASHI}
    assert all(one.wall <= other.wall for one, other in zip(rows, rows[1:], strict=False))
    plan = play.watch.plan
    assert rows[-1].wall - play.now.wall >= plan.check_in_every + plan.late + plan.vigil + plan.last_call


def test_the_rows_say_the_day_who_learns_of_it_and_what_would_stop_it() -> None:
    play = armed()
    days = [(row.wall - play.now.wall) / DAY for row in rehearsed(play)]
    assert days == [27, 30, 33, 37, 41, 41, 43, 43]
    assert [row.learns for row in rehearsed(play)] == [
        *["author"] * 3,
        "keepers",
        *["author"] * 2,
        *["recipients"] * 2,
    ]
    assert all(row.sentence.endswith(".") and row.stops for row in rehearsed(play))


def test_the_days_are_the_same_if_the_wall_clock_was_set_back_since_the_last_sign() -> None:
    play = armed()
    play.now = Moment(play.now.wall - 100 * DAY, play.now.credit)
    assert [(row.wall - play.now.wall) / DAY for row in rehearsed(play)] == [27, 30, 33, 37, 41, 41, 43, 43]


@pytest.mark.parametrize(("every", "rows"), [(3 * 365 + 2, ["reminded"]), (3 * 365 + 3, [])])
def test_nothing_is_told_of_what_comes_later_than_in_three_years(every: int, rows: list[str]) -> None:
    assert told(armed(check_in_every=every * DAY, remind_before=3 * DAY)) == rows


@pytest.mark.parametrize(("day", "rows"), [(27, []), (28, ["reminded"]), (30, ["reminded"])])
def test_an_author_who_comes_on_the_day_comes_before_whatever_is_due_on_it(day: int, rows: list[str]) -> None:
    assert told(armed(), return_day=day) == rows


def test_it_ends_with_the_release_though_words_were_taken_back_or_wait_for_an_alternate() -> None:
    play = armed(sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, TSUNADE, instead_of=NARUTO))
    back = armed().do(e.SealWords(IRUKA, Condition.DIED, KAKASHI, "", 1, "h1", "h1", "s1", (), ()))
    for one in (play, back):
        assert told(one, return_day=100)[-2:] == ["last_call", "released"]


def test_an_author_comes_home_by_a_way_that_still_counts() -> None:
    play = in_closing().do(*[e.SignNotThem(keeper) for keeper in (PAKKUN, BISUKE, BULL)])
    assert play.watch.credentials[1].void or play.watch.credentials[0].void
    assert told(play, return_day=1) == ["home"]


def test_the_rehearsal_changes_nothing_and_a_draft_has_none() -> None:
    play = armed()
    before = play.watch
    rehearsed(play)
    assert play.watch == before
    assert rehearsed(drafted()) == ()


def test_with_too_few_keepers_the_words_stay_sealed_and_they_are_asked_again() -> None:
    rows = told(armed(), silent=(PAKKUN, BISUKE, BULL))
    assert rows[-1] == "asked_again" and "quorum" not in rows and "released" not in rows
    assert rows.count("asked_again") == 1


def test_a_silent_keeper_more_or_less_changes_nothing_while_a_quorum_is_left() -> None:
    assert told(armed(), silent=(PAKKUN, BISUKE)) == TO_THE_END


def test_an_author_who_returns_is_home_on_that_day_and_nothing_follows() -> None:
    play = in_late()
    rows = rehearsed(play, return_day=2)
    assert rows[-1].what == "home" and rows[-1].wall == play.now.wall + 2 * DAY
    assert "released" not in [row.what for row in rows]


def test_an_author_who_returns_in_the_vigil_is_home_by_the_machines_own_row() -> None:
    play = armed()
    vigil = next(row for row in rehearsed(play) if row.what == "vigil")
    rows = told(play, return_day=(vigil.wall - play.now.wall) // DAY + 1)
    assert rows[-1] == "home" and rows.count("home") == 1


def test_with_the_authors_mail_dead_keepers_must_have_tried_in_person_before_anything_is_released() -> None:
    rows = told(armed(), mail_down=True)
    assert "author_unreached" in rows
    assert rows.index("tried_in_person") < rows.index("released")
    silent = rehearsed(armed(), mail_down=True, silent=(PAKKUN, BISUKE))
    assert {row.about for row in silent if row.what == "tried_in_person"} == {*PACK} - {PAKKUN, BISUKE}
    assert silent[-1].what == "released"


def test_somebody_who_is_overdue_from_a_trip_is_told_as_such() -> None:
    play = armed()
    play.do(e.SetTrip(IRUKA, play.now.wall + 10 * DAY, 0))
    assert told(play)[:2] == ["trip_overdue", "reminded_again"]


def test_words_for_two_conditions_are_all_waited_for_and_not_only_the_first() -> None:
    words = sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, NARUTO)
    released = [row.about for row in rehearsed(armed(*words)) if row.what == "released"]
    assert sorted(released) == sorted((FOR_NARUTO, IF_HELPLESS))


@pytest.mark.parametrize("supposed", [{}, {"mail_down": True}, {"return_day": 20}, {"return_day": 36}])
@pytest.mark.parametrize("away", [False, True])
def test_a_plan_that_asks_nobody_is_rehearsed_without_a_keeper(supposed: dict[str, Any], away: bool) -> None:
    play = armed(timer_only=True)
    if away:
        play.do(e.SetTrip(IRUKA, play.now.wall + 10 * DAY, 0))
    rows = rehearsed(play, **supposed)
    assert not [row for row in rows if row.learns == "keepers"]
    assert "keeper" not in " ".join(f"{row.sentence} {row.stops}" for row in rows)
