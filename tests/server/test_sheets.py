"""What a letter is filled in from: the watch says why it was opened, who has spoken, and what was found."""

from dataclasses import replace

import pytest

from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import CaseCause, Condition, Evidence, Finding, SeatStage, Stage, TrackStage
from lastwords.protocol.watch import Case, Plan, Seat, Statement, Track, Watch
from lastwords.server import letters
from lastwords.server.port import Outgoing, Reader
from lastwords.server.sheets import sheet_for

NAMES = {
    "jonas": "Jonas Lind",
    "mira": "Mira Costa",
    "paul": "Paul Ferro",
    "ana": "Ana Reis",
    "tom": "Tom Reis",
    "kit": "Kit Vega",
}


class Names:
    """The one thing these letters ask a port: what somebody is called."""

    def reader(self, handle):
        return Reader(handle, NAMES[handle], "Europe/Lisbon", ()) if handle in NAMES else None

    def hosts(self):
        return ("host",)

    def load(self, author):
        return None


THEN, AFTER = Moment(1, 1), Moment(86_400, 86_400)


def written(kind, to, watch, at=THEN, **facts):
    letter = Outgoing("0" * 32, "jonas", 5, kind, to, 0, 27, tuple(facts.items()), at, 1)
    reader = Reader(to, NAMES[to], "Europe/Lisbon", ())
    text = letters.write(sheet_for(Names(), letter, reader, watch, "Last Words", "https://words.example.org"))
    return text.subject, " ".join(text.body.split())


def told(*tracks, plan=None, found=None):
    """Words that were released, in a circle of two of whom both state this: that the author died if nothing else."""
    receipts = tuple((one.key, one.share_set) for one in tracks)
    seats = tuple(Seat(one, SeatStage.SEASONED, receipts=receipts) for one in ("mira", "paul"))
    heads = tuple((one.key, *one.manifest) for one in tracks)
    statements = tuple(
        Statement(one, finding, Evidence.OWN_SIGHT, heads, Moment(1, 1))
        for one, finding in (found or dict.fromkeys(("mira", "paul"), Finding.DIED)).items()
    )
    case = Case(27, CaseCause.VIGIL, Moment(1, 1))
    return Watch(
        "jonas",
        plan=plan or Plan(quorum=2),
        seats=seats,
        case=case,
        tracks=tracks,
        statements=statements,
    )


def track(recipient="ana", by="mira", condition=Condition.DIED, adult=""):
    return Track(condition, recipient, adult=adult, told_by=by)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (CaseCause.TRIP, "Jonas Lind is not back from a trip in the time they gave"),
        (CaseCause.ALARM, "An alarm was raised for Jonas Lind"),
        (CaseCause.HOLD, "A hold on the watch of Jonas Lind has run out"),
        (CaseCause.VIGIL, "Case 27 is open for Jonas Lind."),
    ],
)
def test_keepers_are_told_why_a_case_was_opened_and_nothing_else(cause, words):
    watch = Watch("jonas", seats=(Seat("mira", SeatStage.SEASONED),), case=Case(27, cause, Moment(1, 1)))
    _, body = written("alarm_raised", "mira", watch)
    assert words in body
    assert ("notes of the trip" in body) is (cause is CaseCause.TRIP)
    assert body.count("Hello Mira Costa.") == 1


def test_an_overdue_author_is_asked_about_the_trip():
    watch = Watch("jonas", case=Case(27, CaseCause.TRIP, Moment(1, 1)))
    _, body = written("alarm_asks", "jonas", watch, keepers_asked=1_800_000_000, released=1_800_000_000)
    assert "You are not back from your trip" in body and "alarm" not in body


DATES = {"keepers_asked": 1_800_000_000, "released": 1_800_000_000}


@pytest.mark.parametrize("cause", [CaseCause.TRIP, CaseCause.ALARM, CaseCause.HOLD])
def test_who_is_asked_again_in_the_same_case_is_not_asked_because_of_what_opened_it(cause):
    watch = Watch("jonas", case=Case(27, cause, Moment(1, 1)))
    _, body = written("alarm_asks", "jonas", watch, AFTER, **DATES)
    assert "A case is open in your watch, and we ask you now." in body
    assert not any(word in body for word in ("trip", "alarm", "hold"))


def test_after_a_sign_that_too_few_confirmed_nobody_is_said_to_have_been_silent():
    case = Case(27, CaseCause.TRIP, Moment(1, 1), called=("mira",), lapsed=(("phone", 1),))
    watch = Watch("jonas", seats=(Seat("mira", SeatStage.SEASONED),), case=case)
    _, asked = written("alarm_asks", "jonas", watch, AFTER, **DATES)
    assert "A sign of life came in your name, and too few of your keepers have said that it was you" in asked
    _, called = written("keeper_called", "mira", watch, AFTER, released=1_800_000_000)
    assert "A sign of life came in the name of Jonas Lind" in called and "has not answered" not in called


def test_an_alternate_who_is_called_after_a_sign_of_life_hears_of_it():
    case = Case(27, CaseCause.ALARM, Moment(1, 1), called=("mira",))
    seats = (Seat("mira", SeatStage.SEASONED, alternate=1),)
    sign = "A sign of life has come in their name since then."
    for stage in (Stage.LATE, Stage.CLOSING):
        _, body = written("alarm_raised", "mira", Watch("jonas", stage, seats=seats, case=case), AFTER)
        assert (sign in body) is (stage is Stage.CLOSING)


@pytest.mark.parametrize(
    "moved", [{}, {"stage": TrackStage.LAST_CALL}, {"stage": TrackStage.RELEASED, "released": Moment(1, 1)}]
)
def test_who_is_called_late_into_a_vigil_is_promised_no_day_before_which_nothing_is_given(moved):
    words = Track(Condition.DIED, "mira", items=(("letter.age", "sealed"),), **moved)
    watch = Watch(
        "jonas",
        Stage.VIGIL,
        seats=(Seat("mira", SeatStage.SEASONED),),
        case=Case(27, CaseCause.VIGIL, Moment(1, 1)),
        tracks=(words,),
    )
    _, body = written("keeper_called", "mira", watch, released=1_800_000_000)
    assert ("before Friday 15 January" in body) is not bool(moved)
    assert "without enough keepers agreeing" in body and "released" not in body and "last call" not in body


def test_an_author_with_an_open_case_is_not_told_that_everything_stops():
    quiet = Watch("jonas", Stage.LATE)
    case = Watch("jonas", Stage.LATE, case=Case(27, CaseCause.ALARM, Moment(1, 1)))
    for kind in ("check_in_missed", "second_reminder"):
        assert "everything else stops" in written(kind, "jonas", quiet, **DATES)[1]
        _, body = written(kind, "jonas", case, **DATES)
        assert "your keepers are then asked to confirm that it is really you" in body
        assert "everything else stops" not in body and "your check-in was due" not in body


ALONE = {
    "check_in_due": {"due": 1_800_000_000, **DATES},
    "check_in_missed": DATES,
    "alarm_asks": DATES,
    "second_reminder": DATES,
    "last_call": DATES,
    "hold_placed": {},
    "hold_ended": {},
    "restored": {},
    "tamper_alarm": {"new_credential": 1},
    "welcome_home": {},
}


@pytest.mark.parametrize("kind", ALONE)
@pytest.mark.parametrize("cause", [CaseCause.TRIP, CaseCause.ALARM, CaseCause.HOLD])
def test_who_has_asked_nobody_is_written_of_no_keepers(kind, cause):
    case = Case(27, cause, Moment(1, 1))
    with_keepers = Watch("jonas", case=case)
    alone = Watch("jonas", plan=Plan(timer_only=True), case=case)
    said = " ".join(written(kind, "jonas", alone, **ALONE[kind]))
    assert "keeper" not in said and "address on your sheet." in said
    assert "Not sure? Call a keeper." in written(kind, "jonas", with_keepers, **ALONE[kind])[1]


@pytest.mark.parametrize("kind", ["hold_placed", "hold_ended"])
def test_a_hold_that_nobody_lifts_is_said_to_be_no_new_quiet_wait_where_nobody_looks_yet(kind):
    case = Case(27, CaseCause.ALARM, Moment(1, 1))
    looked_for = Watch("jonas", Stage.LATE, case=case)
    begins_again = "begins again in full"
    for quiet in (Watch("jonas", Stage.WELL), Watch("jonas", Stage.WELL, case=replace(case, closed=AFTER))):
        _, body = written(kind, "jonas", quiet)
        assert "called together" in body and "you are asked whether you are well" in body
        assert begins_again not in body
    _, body = written(kind, "jonas", looked_for)
    assert begins_again in body and "called together" not in body
    _, body = written(kind, "jonas", Watch("jonas", Stage.WELL, plan=Plan(timer_only=True)))
    assert "whether you are well" in body and begins_again not in body


@pytest.mark.parametrize(("adult", "whom"), [("", "you"), ("ana", "Tom Reis")])
def test_the_first_letter_leads_to_the_words_only_where_nobody_could_have_brought_it(adult, whom):
    words = Track(Condition.DIED, "tom" if adult else "ana", adult=adult, first_letter=True)
    subject, body = written("first_letter", "ana", Watch("jonas", tracks=(words,)))
    assert subject == "A letter about Jonas Lind" and "words.example.org" not in body
    alone = Watch("jonas", plan=Plan(timer_only=True), tracks=(words,))
    subject, body = written("first_letter", "ana", alone)
    assert subject == f"Jonas Lind wrote words for {whom}"
    assert "type words.example.org into your browser" in body and "nobody here knows why" in body
    assert "died" not in body


def test_the_first_letter_to_an_adult_who_also_gets_words_of_their_own_names_both():
    own = Track(Condition.DIED, "ana", first_letter=True)
    childs = Track(Condition.DIED, "tom", adult="ana", first_letter=True)
    alone = Watch("jonas", plan=Plan(timer_only=True), tracks=(own, childs))
    subject, body = written("first_letter", "ana", alone)
    assert subject == "Jonas Lind wrote words for you and for Tom Reis"
    assert "words for you, and words for Tom Reis" in body and "nobody here knows why" in body


def test_who_was_told_of_a_death_reads_that_it_does_not_hold():
    watch = Watch("jonas", case=Case(27, CaseCause.VIGIL, Moment(1, 1), closed=AFTER))
    subject, body = written("welcome_home", "ana", watch, told=1)
    assert subject == "Jonas Lind is back"
    assert "What you were told about them no longer holds" in body and "27" not in body


def test_whoever_was_called_reads_that_there_is_nothing_more_to_do():
    """Though another case has been opened since, and their seat is gone."""
    watch = Watch("jonas", case=Case(28, CaseCause.VIGIL, Moment(1, 1)))
    subject, body = written("welcome_home", "paul", watch, told=0)
    assert subject == "Jonas Lind is home (case 27 is closed)"
    assert "There is nothing more to do." in body and "stays valid" not in body


def test_who_chose_a_day_is_told_where_to_look():
    assert "type words.example.org into your browser" in written("later_is_over", "ana", Watch("jonas"))[1]


def test_a_letter_of_an_older_case_says_nothing_of_the_new_ones_cause():
    watch = Watch(
        "jonas", seats=(Seat("mira", SeatStage.SEASONED),), case=Case(28, CaseCause.TRIP, Moment(1, 1))
    )
    assert "trip" not in written("alarm_raised", "mira", watch)[1]


def test_a_recipient_reads_who_has_spoken_with_them_and_whom_to_call():
    subject, body = written("words_waiting", "ana", told(track()))
    assert subject == "Jonas Lind wrote words for you"
    assert "Dear Ana Reis. Mira Costa has spoken with you about Jonas Lind." in body
    assert "say that Jonas Lind has died. We are sorry." in body
    assert "If it surprises you, call Mira Costa before anything else." in body


def test_who_cannot_act_is_not_said_to_have_died():
    found = dict.fromkeys(("mira", "paul"), Finding.CANNOT_ACT)
    _, body = written("words_waiting", "ana", told(track(condition=Condition.CANNOT_ACT), found=found))
    assert "lives and cannot act" in body and "died" not in body


def test_who_has_died_is_not_said_to_live_in_the_letter_about_words_for_who_cannot_act():
    _, body = written("words_waiting", "ana", told(track(condition=Condition.CANNOT_ACT)))
    assert "has died" in body and "lives" not in body


@pytest.mark.parametrize(
    "found",
    [
        {"mira": Finding.DIED, "paul": Finding.CANNOT_ACT},
        {"mira": Finding.DIED, "paul": Finding.SPOKEN_WITH},
    ],
)
def test_where_keepers_do_not_say_the_same_the_letter_says_neither(found):
    _, body = written("words_waiting", "ana", told(track(condition=Condition.CANNOT_ACT), found=found))
    assert "died" not in body and "lives" not in body


def test_what_keepers_do_not_say_of_all_words_is_left_unsaid():
    found = {"mira": Finding.DIED, "paul": Finding.CANNOT_ACT}
    both = told(track(), track(by="paul", condition=Condition.CANNOT_ACT), found=found)
    _, body = written("words_waiting", "ana", both)
    assert "died" not in body and "lives" not in body


def test_everybody_who_has_spoken_with_a_recipient_is_named():
    both = told(track(), track(by="paul", condition=Condition.CANNOT_ACT))
    _, body = written("words_waiting", "ana", both)
    assert "Mira Costa and Paul Ferro have spoken with you about Jonas Lind." in body
    assert "If it surprises you, call one of them before anything else." in body


def test_an_adult_who_also_gets_words_of_their_own_reads_of_the_childs():
    both = told(track(), track("tom", by="paul", adult="ana"))
    subject, body = written("words_waiting", "ana", both)
    assert subject == "Jonas Lind wrote words for you and for Tom Reis"
    assert "words for you, and words for Tom Reis, and named you as the adult who is with Tom Reis." in body
    assert "Mira Costa and Paul Ferro have spoken with you" in body


def test_an_adult_beside_several_children_reads_of_each():
    subject, body = written(
        "words_waiting", "ana", told(track("tom", adult="ana"), track("kit", adult="ana"))
    )
    assert subject == "Jonas Lind wrote words for Kit Vega and Tom Reis"
    assert "addressed to you" not in body


def test_where_nobody_signed_a_death_the_letter_claims_none():
    _, body = written("words_waiting", "ana", told(track(), plan=Plan(timer_only=True)))
    assert "died" not in body


def test_the_adult_of_a_child_is_not_addressed_as_the_one_the_words_are_for():
    subject, body = written("words_waiting", "ana", told(track("tom", adult="ana")))
    assert subject == "Jonas Lind wrote words for Tom Reis"
    assert "words for Tom Reis, and named you as the adult who is with them" in body
    assert "addressed to you" not in body
