"""How things stand in a case, as its keepers read it: the sentence, and what is asked of them."""

from html import unescape
from typing import Any

import pytest
from protocol.cave import (
    BULL,
    FOR_KAKASHI,
    FOR_NARUTO,
    IF_HELPLESS,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    TSUNADE,
    Play,
    armed,
    died,
    in_vigil,
    released,
    sealing,
    stating,
    strong,
)
from server.api.world import Circle
from server.pages.conftest import Visitor

from lastwords.protocol import events as e
from lastwords.protocol.stages import Condition, Finding, Order, Stage


def read(play: Play, keeper: str = BULL) -> Any:
    """A keeper's view of the case."""
    from lastwords.server.api import standing

    return standing.of(play.watch, keeper, "Iruka", {}, play.now, "UTC")


@pytest.mark.usefixtures("circle")
def test_while_other_words_wait_for_a_death_keepers_are_told_that_they_can_state_it() -> None:
    play = in_vigil(sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, NARUTO))
    play.do(*[stating(keeper, Finding.CANNOT_ACT, play) for keeper in PACK[:3]]).days(6)
    assert read(play).sentence == "The keepers say that Iruka is alive and cannot act"
    assert read(play).asked == (
        "Speak with those for whom there are words, then say so here. "
        "If Iruka has died since, state that: other words wait for it."
    )
    play.do(e.Tell(BULL, IF_HELPLESS))
    assert read(play).asked == "If Iruka has died since, state that: other words wait for it."
    assert not read(play).died, "they live, and may still be in danger"
    play.do(*died(*PACK[:3], play=play)).days(3)
    assert read(play).sentence == "The keepers say that Iruka has died"
    assert read(play).died
    play.do(e.Tell(BULL, FOR_NARUTO))
    assert read(play).asked == ""
    play.do(strong())
    assert not read(play).died


@pytest.mark.usefixtures("circle")
def test_while_no_mailbox_takes_the_last_call_keepers_are_told_to_try_in_person() -> None:
    play = in_vigil()
    play.do(*died(*PACK[:3], play=play))
    play.mail = False
    play.days(4)
    assert read(play).sentence == "Iruka is asked one last time"
    play.do(e.LetterFailed("", "last_call", IRUKA, play.track().round)).days(14)
    assert read(play).sentence == "No mailbox of Iruka takes the last call"
    assert read(play).asked.startswith("Go where Iruka lives")
    assert [end.sentence.split(" on ")[0] for end in read(play).ends] == ["You are asked again"]
    play.do(e.SignTried(BULL))
    assert read(play).asked == "You have signed that you tried. The others are asked."


@pytest.mark.usefixtures("circle")
def test_while_letters_have_reached_too_few_keepers_those_who_look_are_told_to_call_the_others() -> None:
    play = armed().days(30)
    play.mail = False
    play.days(7)
    assert play.stage is Stage.VIGIL
    assert read(play).ends[0].sentence.startswith("Letters have not reached enough of you yet")
    play.mail = True
    play.days(1)
    assert "Letters have not reached" not in " ".join(end.sentence for end in read(play).ends)


@pytest.mark.usefixtures("circle")
def test_while_the_author_has_got_no_letter_no_keeper_reads_that_their_time_runs() -> None:
    play = armed()
    play.mail = False
    play.do(e.RaiseAlarm(BULL))
    assert play.stage is Stage.LATE
    assert read(play).ends[0].sentence == "The time of Iruka to answer begins when a letter has reached them."


@pytest.mark.usefixtures("circle")
def test_words_for_who_cannot_act_that_were_released_by_a_death_are_said_to_be_given_for_a_death() -> None:
    play = in_vigil(sealing(Condition.CANNOT_ACT, NARUTO))
    play.do(*died(*PACK[:3], play=play)).days(6)
    assert play.track(IF_HELPLESS).released
    assert read(play).sentence == "The keepers say that Iruka has died"


@pytest.mark.usefixtures("circle")
def test_where_keepers_do_not_say_the_same_the_case_says_neither() -> None:
    play = in_vigil(sealing(Condition.CANNOT_ACT, NARUTO))
    play.do(*died(*PACK[:1], play=play))
    play.do(*[stating(keeper, Finding.CANNOT_ACT, play) for keeper in PACK[1:3]]).days(6)
    assert play.track(IF_HELPLESS).released
    assert read(play).sentence == "The keepers have signed what they found out about Iruka"


@pytest.mark.usefixtures("circle")
def test_words_opened_before_a_return_say_nothing_of_the_next_silence() -> None:
    play = released(sealing(Condition.DIED, NARUTO))
    play.do(e.Tell(BULL, FOR_NARUTO), e.WantShares(NARUTO, FOR_NARUTO, ()), e.OpenWords(NARUTO, FOR_NARUTO))
    play.do(strong(), *[e.SignHome(keeper) for keeper in PACK[:3]]).days(37)
    assert play.stage is Stage.VIGIL
    assert read(play).sentence == "Iruka has not answered"


def test_who_reads_words_again_after_a_return_is_not_told_that_the_author_has_died(circle: Circle) -> None:
    circle.release()
    assert circle.tell(circle.keepers[0]).status == 200
    naruto, page = Visitor("naruto"), "/words/kakashi/died.naruto"
    assert "keepers say that Kakashi has died." in unescape(naruto.get(page))
    assert circle.recipient_does("shares-wanted", "shares wanted", bad=[]).status == 200
    assert circle.recipient_does("opened", "open").status == 200
    circle.sign_of_life()
    text = unescape(naruto.get(page))
    assert "A sign of life of Kakashi has come since these words were given." in text
    assert "has died" not in text


@pytest.mark.usefixtures("circle")
def test_an_alternate_reads_in_the_case_what_their_letters_say_and_a_recipient_nothing_of_their_own() -> None:
    play = armed(sealing(Condition.DIED, KAKASHI), alternates=(TSUNADE,)).days(37)
    play.do(e.CallAlternate(BULL, TSUNADE), *died(*PACK[:3], play=play)).days(4)
    assert read(play, TSUNADE).sentence == "Iruka is asked one last time"
    play.days(2)
    assert play.track(FOR_KAKASHI).released
    assert read(play, TSUNADE).sentence == "The keepers say that Iruka has died"
    assert read(play, TSUNADE).asked == "", (
        "they hold no share, and nobody of whom they could speak is named to them"
    )
    assert read(play, KAKASHI).sentence == "Iruka has not answered"


@pytest.mark.usefixtures("circle")
def test_beside_words_that_are_given_keepers_are_told_to_try_in_person_for_others() -> None:
    play = in_vigil()
    play.do(*[stating(keeper, play=play, heads=((FOR_NARUTO, 1, "h1"),)) for keeper in PACK[:3]]).days(6)
    play.do(e.Tell(BULL, FOR_NARUTO))
    play.mail = False
    play.do(*died(*PACK[:3], play=play)).days(1)
    play.do(e.LetterFailed("", "last_call", IRUKA, play.track(FOR_KAKASHI).round)).days(14)
    assert read(play).sentence == "The keepers say that Iruka has died"
    assert read(play).asked.startswith(
        "Other words wait for a last call that no mailbox takes. Go where Iruka"
    )
    play.do(e.SignTried(BULL))
    assert read(play).asked == ""


@pytest.mark.usefixtures("circle")
def test_whoever_asks_for_words_after_a_letter_alone_is_told_by_a_person_and_then_asks_for_shares() -> None:
    from lastwords.server.api import views
    from lastwords.server.pages.keeper import lines

    def offered(play: Play) -> tuple[bool, bool, bool]:
        shown = {"quorum": 3, "tracks": [views.track_in_case(play.watch, play.track(), BULL)]}
        (line,) = lines.track_lines(shown, "Iruka", {})
        return line.tell, line.give, read(play).asked.startswith("Speak with those")

    play = released(sealing(Condition.DIED, NARUTO)).days(14)
    assert offered(play) == (True, False, True)
    play.do(e.WantShares(NARUTO, FOR_NARUTO))
    assert offered(play) == (True, False, True)
    play.do(e.Tell(BULL, FOR_NARUTO))
    assert offered(play) == (False, False, False)
    play.do(e.WantShares(NARUTO, FOR_NARUTO))
    assert offered(play) == (False, True, False)


@pytest.mark.usefixtures("circle")
@pytest.mark.parametrize("told", [True, False])
def test_nobody_is_offered_to_give_a_share_for_somebody_whose_death_is_signed(told: bool) -> None:
    """The machine would refuse it, always."""
    from lastwords.server.api import views
    from lastwords.server.pages.keeper import lines

    def line(play: Play) -> Any:
        shown = {"quorum": 3, "tracks": [views.track_in_case(play.watch, play.track(), BULL)]}
        return lines.track_lines(shown, "Iruka", {NARUTO: "Naruto"})[0]

    play = released(sealing(Condition.DIED, NARUTO)).days(14)
    if told:
        play.do(e.Tell(BULL, FOR_NARUTO))
    play.do(e.WantShares(NARUTO, FOR_NARUTO))
    for keeper in PACK[:3]:
        assert (line(play).tell, line(play).give) == (not told, told)
        play.do(e.SignRecipientDied(keeper, NARUTO, Order.UNKNOWN))
    assert play.refused(e.GiveShare(BULL, FOR_NARUTO)) == "recipient_died"
    assert (line(play).tell, line(play).give) == (False, False)
    assert line(play).now == "enough of you have signed that Naruto has died, so no more shares are given"


CASE = "/cases/kakashi"


def test_once_words_are_given_nobody_is_sent_to_look_for_somebody_who_has_died(circle: Circle) -> None:
    circle.fall_silent()
    searched = Visitor("sakura").get(CASE)
    assert "call the emergency number first" in searched and 'data-try="yes"' in searched
    for keeper in circle.keepers[:3]:
        assert circle.state(keeper).status == 201
    circle.pass_time(circle.watch.plan.vigil)
    assert "call the emergency number first" in Visitor("sakura").get(CASE), "there may be doubt to the last"
    circle.pass_time(circle.watch.plan.last_call)
    given = Visitor("sakura").get(CASE)
    assert "call the emergency number" not in given and 'data-try="yes"' not in given
    assert "Tell Naruto" in given
    assert circle.tell(circle.keepers[0]).status == 200
    told = Visitor("sakura").get(CASE)
    assert "Tell Naruto" not in told and "Nothing more is asked of you now." in told
    assert "Nothing is asked of you" in Visitor("sakura").get("/cases")


def test_whoever_has_stated_something_is_there_and_need_not_say_so(circle: Circle) -> None:
    circle.fall_silent()
    assert "I am here" in Visitor("sakura").get(CASE)
    assert circle.state(circle.keeper("sakura"), "could not find out").status == 201
    assert "I am here" not in Visitor("sakura").get(CASE)


def test_words_that_were_opened_are_not_offered_to_be_put_off_or_declined(circle: Circle) -> None:
    circle.release()
    assert circle.tell(circle.keepers[0]).status == 200
    naruto, page = Visitor("naruto"), "/words/kakashi/died.naruto"
    assert "Not now</button>" in naruto.get(page) and "No, thank you</button>" in naruto.get(page)
    assert circle.recipient_does("shares-wanted", "shares wanted", bad=[]).status == 200
    assert circle.recipient_does("opened", "open").status == 200
    text = naruto.get(page)
    assert "Read again</button>" in text
    assert "Not now</button>" not in text and "No, thank you</button>" not in text
