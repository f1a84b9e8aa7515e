"""Emergency notes in the machine: who may have them when, what an opening spends, and what a card is worth."""

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    TSUNADE,
    Play,
    armed,
    in_late,
    in_vigil,
)

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY
from lastwords.protocol.rules.breakglass import may_take
from lastwords.protocol.stages import GlassStage, SeatStage


def answer(play: Play, keeper: str) -> str:
    """What the machine says to a keeper who wants the notes: `yes`, or the refusal's code."""
    refusal = may_take(play.watch, keeper)
    return "yes" if refusal is None else refusal.code


def asked(play: Play, keeper: str = KAKASHI, card: bool = False) -> Play:
    return play.do(e.BreakGlass(keeper, card))


def opened(play: Play, keeper: str = KAKASHI) -> Play:
    asked(play, keeper).seconds(play.watch.plan.glass)
    assert answer(play, keeper) == "yes"
    return play


def test_the_notes_are_handed_out_at_open_and_at_no_other_stage() -> None:
    play = armed()
    seen = [answer(play, KAKASHI)]
    play.mail = False
    seen.append(answer(asked(play), KAKASHI))
    play.mail = True
    seen.append(answer(play.post() or play, KAKASHI))
    seen.append(answer(play.seconds(play.watch.plan.glass), KAKASHI))
    assert seen == ["glass_not_open", "glass_waits", "glass_waits", "yes"]
    denied = asked(armed()).do(e.DenyGlass(IRUKA, KAKASHI))
    assert answer(denied, KAKASHI) == "glass_denied"


@pytest.mark.parametrize("stage", [armed, in_late, in_vigil])
def test_without_letters_the_notes_stay_closed_at_every_stage_for_as_long_as_it_takes(stage) -> None:
    play = stage()
    play.mail = False
    asked(play)
    play.seconds(100 * DAY)
    assert answer(play, KAKASHI) == "glass_waits"


def test_an_alternate_whom_no_case_has_called_is_not_waited_for() -> None:
    play = armed(alternates=(TSUNADE,))
    asked(play)
    assert TSUNADE not in {letter.to for letter in play.letters if letter.kind is LetterKind.GLASS_ALARM}
    assert answer(play.seconds(play.watch.plan.glass), KAKASHI) == "yes"


def test_with_the_card_everyone_else_is_told_and_the_host_opens_nothing() -> None:
    play = armed()
    play.new_letters()
    asked(play, card=True)
    told = {letter.to for letter in play.letters if letter.kind is LetterKind.GLASS_ALARM}
    assert told == {IRUKA, *PACK}
    seat = play.watch.seat(KAKASHI)
    assert seat is not None and seat.stage is not SeatStage.SUSPENDED
    play.seconds(30 * DAY)
    assert answer(play, KAKASHI) == "glass_not_open"


def test_letters_about_a_card_are_not_the_alarms_of_an_asking() -> None:
    play = armed()
    play.mail = False
    asked(play, PAKKUN)
    play.unsent.clear()
    play.mail = True
    asked(play, KAKASHI, card=True)
    assert [(one.keeper, one.stage, one.taken) for one in play.watch.glass] == [
        (PAKKUN, GlassStage.ASKED, ())
    ]


def test_covering_the_notes_anew_spends_the_opening_of_that_keeper_alone() -> None:
    play = opened(opened(armed()), PAKKUN)
    play.do(e.SealNotes(KAKASHI))
    assert (answer(play, KAKASHI), answer(play, PAKKUN)) == ("glass_not_open", "yes")
    assert play.refused(e.SealNotes(KAKASHI)) == "glass_not_open"


def test_new_notes_of_the_author_are_open_to_nobody_and_leave_askings_on_their_way() -> None:
    play = opened(opened(armed()), PAKKUN)
    asked(play, BISUKE)
    play.do(e.SealNotes(IRUKA))
    assert [answer(play, keeper) for keeper in (KAKASHI, PAKKUN, BISUKE)] == [
        "glass_not_open",
        "glass_not_open",
        "glass_waits",
    ]


def test_nobody_covers_notes_that_are_not_open_to_them() -> None:
    play = opened(armed()).do(e.RemoveKeeper(IRUKA, KAKASHI))
    assert play.refused(e.SealNotes(PAKKUN)) == "glass_not_open"
    for who in (NARUTO, KAKASHI):
        assert play.refused(e.SealNotes(who)) == "not_a_keeper"


def test_a_spent_opening_can_be_asked_for_again_with_a_restored_seat() -> None:
    play = opened(armed())
    play.do(e.SealNotes(KAKASHI))
    assert play.refused(e.BreakGlass(KAKASHI, False)) == "seat_does_not_count"
    play.do(*(e.RestoreSeat(keeper, KAKASHI) for keeper in (PAKKUN, BISUKE, BULL)))
    assert answer(opened(play), KAKASHI) == "yes"


def test_an_asking_twice_is_refused_whatever_came_of_the_first() -> None:
    play = armed()
    asked(play)
    assert play.refused(e.BreakGlass(KAKASHI, False)) == "glass_asked"
    play.seconds(play.watch.plan.glass)
    assert play.refused(e.BreakGlass(KAKASHI, False)) == "glass_asked"
