"""“If I vanish today”: what would happen, when, who would learn of it, and what would stop it."""

from protocol.cave import (
    BISUKE,
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    IF_HELPLESS,
    IRUKA,
    NARUTO,
    PAKKUN,
    armed,
    drafted,
    in_late,
    sealing,
)

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
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


def test_the_rehearsal_changes_nothing_and_a_draft_has_none() -> None:
    play = armed()
    before = play.watch
    rehearsed(play)
    assert play.watch == before
    assert rehearsed(drafted()) == ()


def test_with_too_few_keepers_the_words_stay_sealed_and_they_are_asked_again() -> None:
    rows = told(armed(), silent=(PAKKUN, BISUKE, BULL))
    assert rows[-1] == "asked_again" and "quorum" not in rows and "released" not in rows


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


def test_somebody_who_is_overdue_from_a_trip_is_told_as_such() -> None:
    play = armed()
    play.do(e.SetTrip(IRUKA, play.now.wall + 10 * DAY, 0))
    assert "trip_overdue" in told(play)


def test_words_for_two_conditions_are_all_waited_for_and_not_only_the_first() -> None:
    words = sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, NARUTO)
    released = [row.about for row in rehearsed(armed(*words)) if row.what == "released"]
    assert sorted(released) == sorted((FOR_NARUTO, IF_HELPLESS))
