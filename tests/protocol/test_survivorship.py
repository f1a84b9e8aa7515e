"""Recipients who die too: nobody stated dead is handed words, and an alternate follows late enough, or not at all."""

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_NARUTO,
    FOR_TSUNADE,
    IF_HELPLESS,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    PAPER,
    SHIZUNE,
    TSUNADE,
    ULLY,
    Play,
    died,
    in_vigil,
    released,
    sealing,
    spoken,
    stating,
    strong,
)

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, Finding, Order, Stage, WordsStage

TELL = e.Tell(PAKKUN, FOR_NARUTO)
OWN = "died.tsunade"


def deaths(*keepers: str, order: Order = Order.UNKNOWN, of: str = NARUTO) -> list[e.Event]:
    return [e.SignRecipientDied(keeper, of, order) for keeper in keepers]


def with_alternate() -> Play:
    words = sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, TSUNADE, instead_of=NARUTO)
    play = in_vigil(*words)
    return play.do(*died(*PACK[:3], play=play))


def test_an_alternates_words_wait_while_nobody_signs_that_the_recipient_died() -> None:
    play = with_alternate().days(400)
    assert play.track(FOR_NARUTO).releases == 1
    assert play.track(FOR_TSUNADE).releases == 0


def test_the_alternate_follows_a_hundred_and_twenty_hours_after_the_release_at_the_earliest() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3]))
    assert play.track(FOR_NARUTO).words is WordsStage.RELEASED
    play.seconds(5 * DAY - 1)
    assert play.track(FOR_TSUNADE).releases == 0
    play.seconds(1)
    assert play.track(FOR_TSUNADE).words is WordsStage.RELEASED
    assert play.track(FOR_NARUTO).words is WordsStage.PASSED_ON
    assert play.happened[-2:] == [("passed_on", FOR_NARUTO), ("released", FOR_TSUNADE)]
    assert play.refused(TELL) == "passed_on"


def test_a_recipient_who_is_stated_dead_is_not_told() -> None:
    assert with_alternate().days(6).do(*deaths(*PACK[:3])).refused(TELL) == "recipient_died"


def test_no_alternate_follows_a_recipient_who_was_told() -> None:
    play = with_alternate().days(6).do(TELL)
    assert play.refused(*deaths(PAKKUN, order=Order.BEFORE_TOLD)) == "told_already"
    play.do(*deaths(*PACK[:3])).days(100)
    assert play.track(FOR_TSUNADE).releases == 0


def test_the_alternate_follows_the_recipient_in_whose_place_they_stand_and_nobody_else() -> None:
    words = (
        sealing(Condition.CANNOT_ACT, NARUTO),
        sealing(Condition.DIED, KAKASHI),
        sealing(Condition.DIED, NARUTO),
        sealing(Condition.DIED, TSUNADE, instead_of=NARUTO),
    )
    play = in_vigil(*words)
    play.do(*died(*PACK[:3], play=play)).days(6).do(e.Tell(PAKKUN, IF_HELPLESS))
    play.do(*deaths(*PACK[:3], of=KAKASHI)).days(100)
    assert play.track(FOR_TSUNADE).releases == 0
    play.do(*deaths(*PACK[:3])).days(0.1)
    assert play.track(FOR_TSUNADE).releases == 1


def test_an_alternate_whose_last_call_came_late_still_waits_for_the_hundred_and_twenty_hours() -> None:
    words = (
        sealing(Condition.DIED, NARUTO),
        sealing(Condition.DIED, TSUNADE, (*PACK[:2], *PACK[3:]), instead_of=NARUTO),
    )
    play = in_vigil(*words)
    play.do(*died(*PACK[:3], play=play)).days(6).do(*deaths(*PACK[:3]))
    play.days(1).do(*died(PACK[3], play=play))
    assert play.seconds(4 * DAY - 1).track(FOR_TSUNADE).releases == 0
    assert play.seconds(1).track(FOR_TSUNADE).releases == 1


def test_a_keeper_with_words_of_their_own_counts_for_the_death_of_another() -> None:
    words = sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, ULLY, PACK[:4])
    play = in_vigil(*words)
    play.do(*died(*PACK[:3], play=play)).days(6).do(*deaths(ULLY, PAKKUN, BISUKE))
    assert play.refused(TELL) == "recipient_died"


def test_whoever_would_receive_in_their_place_does_not_count_for_a_death() -> None:
    words = sealing(Condition.DIED, NARUTO), sealing(Condition.DIED, ULLY, PACK[:4], instead_of=NARUTO)
    play = in_vigil(*words)
    play.do(*died(*PACK[:3], play=play)).days(6).do(*deaths(ULLY, PAKKUN, BISUKE)).days(100)
    assert play.track("died.ully.naruto").releases == 0
    play.do(*deaths(BULL)).days(1)
    assert play.track("died.ully.naruto").releases == 1


def test_a_death_is_signed_once_by_each_keeper_and_never_of_oneself() -> None:
    play = in_vigil().do(*deaths(PAKKUN))
    assert play.refused(*deaths(PAKKUN)) == "signed_already"
    assert play.refused(e.SignRecipientDied(PAKKUN, "nobody", Order.UNKNOWN)) == "nothing_sealed"
    assert play.refused(e.SignRecipientDied(KAKASHI, KAKASHI, Order.UNKNOWN)) == "recipient_cannot"


def test_a_homecoming_recalls_the_alternates_words_too() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3])).days(5).do(strong())
    assert {(track.words, track.deaths) for track in play.watch.tracks} == {(WordsStage.RECALLED, ())}


# Within which order, and who else has died.


@pytest.mark.parametrize("order", Order)
def test_the_alternate_follows_whatever_the_order_in_which_they_died(order: Order) -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3], order=order)).days(5)
    assert play.track(FOR_TSUNADE).words is WordsStage.RELEASED


def test_a_death_may_be_signed_before_the_release_and_shortens_nothing() -> None:
    play = with_alternate().do(*deaths(*PACK[:3])).days(6)
    assert play.track(FOR_NARUTO).words is WordsStage.RELEASED
    assert play.seconds(5 * DAY - 1).track(FOR_TSUNADE).releases == 0
    assert play.seconds(1).track(FOR_TSUNADE).releases == 1


def test_a_hundred_and_twenty_hours_in_which_nobody_could_be_heard_do_not_count() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3])).days(300, credit=False)
    assert play.seconds(5 * DAY - 1).track(FOR_TSUNADE).releases == 0
    assert play.seconds(1).track(FOR_TSUNADE).releases == 1


def test_fewer_than_a_quorum_make_nobody_dead() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:2])).days(100)
    assert play.track(FOR_TSUNADE).releases == 0
    play.do(TELL)


def with_words_for_both() -> Play:
    """Tsunade receives words of her own, and Naruto's in his place."""
    words = (
        sealing(Condition.DIED, NARUTO),
        sealing(Condition.DIED, TSUNADE, instead_of=NARUTO),
        sealing(Condition.DIED, TSUNADE),
    )
    play = in_vigil(*words)
    return play.do(*died(*PACK[:3], play=play)).days(6)


def test_an_alternate_who_is_stated_dead_is_handed_neither_their_own_words_nor_anybody_elses() -> None:
    play = with_words_for_both().do(*deaths(*PACK[:3])).days(5)
    play.do(*deaths(*PACK[:3], of=TSUNADE))
    for key in (OWN, FOR_TSUNADE):
        assert play.track(key).words is WordsStage.RELEASED
        assert play.refused(e.Tell(PAKKUN, key)) == "recipient_died"
        assert play.refused(e.GiveShare(PAKKUN, key)) == "recipient_died"


def test_nobody_follows_whose_own_death_is_signed() -> None:
    play = with_words_for_both().do(*deaths(*PACK[:3], of=TSUNADE), *deaths(*PACK[:3])).days(100)
    assert play.track(FOR_TSUNADE).releases == 0
    assert play.track(FOR_NARUTO).words is WordsStage.RELEASED


def test_an_alternates_death_can_be_signed_though_there_are_no_other_words_for_them() -> None:
    play = with_alternate().do(*deaths(*PACK[:3], of=TSUNADE))
    assert play.refused(*deaths(PAKKUN, of=TSUNADE)) == "signed_already"
    assert play.refused(*deaths(PAKKUN, of=SHIZUNE)) == "nothing_sealed"


def test_no_first_letter_is_written_to_somebody_who_is_stated_dead() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3], of=TSUNADE), *deaths(*PACK[:3]))
    play.new_letters()
    play.days(100)
    assert "first_letter" not in play.new_letters()


def test_a_case_can_end_though_a_recipient_died_and_nobody_follows() -> None:
    play = in_vigil(sealing(Condition.DIED, NARUTO))
    play.do(*died(*PACK[:3], play=play)).days(6)
    assert play.refused(e.SignEnd(PAKKUN)) == "not_ended"
    play.do(*deaths(*PACK[:3]), *[e.SignEnd(keeper) for keeper in PACK[:3]])
    assert play.watch.case is not None and play.watch.case.ended


def test_a_case_ends_though_nobody_had_to_follow() -> None:
    play = with_alternate().days(6).do(TELL, e.OpenWords(NARUTO, FOR_NARUTO))
    play.do(*[e.SignEnd(keeper) for keeper in PACK[:3]])
    assert play.watch.case is not None and play.watch.case.ended


def test_a_case_does_not_end_before_the_alternate_has_followed() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3]))
    assert play.refused(e.SignEnd(PAKKUN)) == "not_ended"
    play.days(5)
    assert play.refused(e.SignEnd(PAKKUN)) == "not_ended"
    play.do(e.Tell(PAKKUN, FOR_TSUNADE), e.OpenWords(TSUNADE, FOR_TSUNADE))
    play.do(*[e.SignEnd(keeper) for keeper in PACK[:3]])
    assert play.watch.case is not None and play.watch.case.ended


def test_a_death_signed_before_the_author_came_home_turns_no_words_away_in_the_next_case() -> None:
    """Three had been wrong of Naruto, and his words were still sealed when the author answered."""
    play = with_alternate().do(*deaths(*PACK[:3]), strong(), strong(PAPER))
    assert play.stage is Stage.WELL
    play.days(37).do(*died(*PACK[:3], play=play)).days(6).do(TELL).days(100)
    assert play.track(FOR_NARUTO).words is WordsStage.TOLD
    assert play.track(FOR_TSUNADE).releases == 0


def test_a_death_that_was_signed_by_mistake_is_taken_back_and_the_recipient_is_told() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3]))
    assert play.refused(TELL) == "recipient_died"
    play.do(e.RetractRecipientDied(PACK[0], NARUTO))
    assert play.refused(e.RetractRecipientDied(PACK[0], NARUTO)) == "death_not_signed"
    assert play.days(30).track(FOR_TSUNADE).releases == 0
    assert play.do(TELL).track(FOR_NARUTO).words is WordsStage.TOLD


def test_a_death_is_not_taken_back_once_the_alternate_has_followed() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3])).days(5)
    assert play.refused(e.RetractRecipientDied(PACK[0], NARUTO)) == "alternate_follows"


def test_where_a_death_is_taken_back_people_have_their_two_weeks_to_tell_before_a_letter_does() -> None:
    play = released().do(*deaths(*PACK[:3])).days(40).do(e.RetractRecipientDied(PACK[0], NARUTO))
    assert not play.days(13).track(FOR_NARUTO).first_letter
    assert play.days(1).track(FOR_NARUTO).first_letter


def test_a_death_that_a_quorum_has_still_signed_delays_no_alternate() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:4])).days(4)
    play.do(e.RetractRecipientDied(PACK[0], NARUTO))
    assert play.days(1).track(FOR_TSUNADE).words is WordsStage.RELEASED


@pytest.mark.parametrize(
    "act",
    [
        e.WantShares(NARUTO, FOR_NARUTO),
        e.OpenWords(NARUTO, FOR_NARUTO),
        e.KeepForLater(NARUTO, FOR_NARUTO, 0),
        e.GoThroughSomeone(NARUTO, FOR_NARUTO, TSUNADE),
        e.DeclineWords(NARUTO, FOR_NARUTO),
    ],
)
def test_nobody_acts_in_the_name_of_a_recipient_who_died(act: e.Event) -> None:
    play = released().do(TELL, *deaths(*PACK[:3]))
    assert play.refused(act) == "said_to_have_died"
    handed = released().do(TELL, e.WantShares(NARUTO, FOR_NARUTO), *deaths(*PACK[:3]))
    handed.do(act)


def test_a_keeper_who_asks_whether_there_are_words_for_them_is_told_nothing() -> None:
    for keeper in (KAKASHI, PAKKUN):
        assert released().refused(e.SignRecipientDied(keeper, keeper, Order.UNKNOWN)) == "recipient_cannot"


def followed() -> Play:
    """The alternate has opened; two have spoken with the author since, and a new quorum has agreed once more."""
    play = with_alternate().days(6).do(*deaths(*PACK[:3])).days(5)
    play.do(
        e.Tell(PAKKUN, FOR_TSUNADE), e.WantShares(TSUNADE, FOR_TSUNADE), e.OpenWords(TSUNADE, FOR_TSUNADE)
    )
    play.do(spoken(PAKKUN, play), spoken(BULL, play)).days(7)
    return play.do(*died(*PACK[:3], play=play)).days(6)


def test_who_has_followed_once_follows_no_second_time_and_the_case_can_be_ended() -> None:
    play = followed()
    assert (play.track(FOR_NARUTO).words, play.track(FOR_TSUNADE).words) == (
        WordsStage.RELEASED,
        WordsStage.OPENED,
    )
    play.do(*[e.SignEnd(keeper) for keeper in PACK[:3]])
    assert play.watch.case is not None and play.watch.case.ended


def test_who_has_followed_before_does_not_keep_a_mistaken_death_from_being_taken_back() -> None:
    play = followed().do(e.RetractRecipientDied(PACK[0], NARUTO))
    assert play.do(TELL).track(FOR_NARUTO).words is WordsStage.TOLD


def test_a_case_that_had_ended_is_open_again_where_a_death_is_taken_back() -> None:
    play = released(sealing(Condition.DIED, NARUTO)).do(*deaths(*PACK[:3]))
    play.do(*[e.SignEnd(keeper) for keeper in PACK[:3]], e.RetractRecipientDied(PACK[0], NARUTO))
    assert play.watch.case_open and play.watch.case is not None
    assert (play.watch.case.ended, play.watch.case.ended_by) == (False, ())
    play.do(spoken(PACK[0], play))
    assert play.refused(TELL) == "clocks_stand"


def test_a_recipient_who_falls_silent_and_speaks_again_delays_no_alternate() -> None:
    play = with_alternate().days(6).do(*deaths(*PACK[:3])).days(4)
    play.do(e.HearOfSilence("", NARUTO, True), e.HearOfSilence("", NARUTO, False))
    assert play.days(1).track(FOR_TSUNADE).words is WordsStage.RELEASED


def test_nobody_who_died_is_written_to_on_the_day_they_had_chosen() -> None:
    play = released(sealing(Condition.DIED, NARUTO)).do(TELL)
    play.do(e.KeepForLater(NARUTO, FOR_NARUTO, play.now.wall + 20 * DAY), *deaths(*PACK[:3]))
    play.new_letters()
    assert "later_is_over" not in play.days(30).new_letters()


def test_who_is_told_of_nothing_reads_the_same_answer_though_keepers_signed_their_death() -> None:
    play = in_vigil().do(*deaths(*PACK[:3]), e.DeclineWords(NARUTO, FOR_NARUTO))
    assert play.happened[-1] == ("not_now", FOR_NARUTO)


def test_a_keeper_who_would_follow_and_does_not_know_it_takes_back_a_death_like_everybody_else() -> None:
    """A refusal would tell them of words they are not to know of. Their signature never counted."""
    play = in_vigil(
        sealing(Condition.DIED, NARUTO, PACK[:4]), sealing(Condition.DIED, ULLY, PACK[:4], instead_of=NARUTO)
    )
    play.do(*died(*PACK[:3], play=play)).days(6).do(*deaths(*PACK[:3], ULLY)).days(5)
    assert play.track(FOR_NARUTO).words is WordsStage.PASSED_ON
    play.do(e.RetractRecipientDied(ULLY, NARUTO))
    assert play.refused(e.RetractRecipientDied(PACK[0], NARUTO)) == "alternate_follows"
    assert play.track(FOR_NARUTO).words is WordsStage.PASSED_ON


def test_who_died_before_they_were_told_of_some_words_may_have_been_told_of_others() -> None:
    play = in_vigil(sealing(Condition.CANNOT_ACT, NARUTO), sealing(Condition.DIED, NARUTO))
    play.do(*[stating(one, Finding.CANNOT_ACT, play) for one in PACK[:3]]).days(6)
    play.do(e.Tell(PAKKUN, IF_HELPLESS))
    play.do(e.SignRecipientDied(BULL, NARUTO, Order.BEFORE_TOLD))


def test_who_has_signed_the_end_before_a_death_is_taken_back_has_not_signed_the_end_after_it() -> None:
    play = released(sealing(Condition.DIED, NARUTO)).do(*deaths(*PACK[:3]), *map(e.SignEnd, PACK[:2]))
    play.do(
        e.RetractRecipientDied(PACK[0], NARUTO), TELL, e.DeclineWords(NARUTO, FOR_NARUTO), e.SignEnd(BULL)
    )
    assert play.watch.case is not None and not play.watch.case.ended
