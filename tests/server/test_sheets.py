"""What a letter is filled in from: the watch says why it was opened, who has spoken, and what was found."""

import pytest

from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import CaseCause, Condition, Evidence, Finding, SeatStage
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
}


class Names:
    """The one thing these letters ask a port: what somebody is called."""

    def reader(self, handle):
        return Reader(handle, NAMES[handle], "Europe/Lisbon", ()) if handle in NAMES else None

    def hosts(self):
        return ("host",)

    def load(self, author):
        return None


def written(kind, to, watch, **facts):
    letter = Outgoing("0" * 32, "jonas", 5, kind, to, 0, 27, tuple(facts.items()), Moment(1, 1), 1)
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


def test_what_is_not_the_same_for_all_words_is_left_unsaid():
    found = {"mira": Finding.DIED, "paul": Finding.CANNOT_ACT}
    both = told(track(), track(by="paul", condition=Condition.CANNOT_ACT), found=found)
    _, body = written("words_waiting", "ana", both)
    assert "A person has spoken with you" in body and "Mira" not in body and "died" not in body


def test_where_nobody_signed_a_death_the_letter_claims_none():
    _, body = written("words_waiting", "ana", told(track(), plan=Plan(timer_only=True)))
    assert "died" not in body


def test_the_adult_of_a_child_is_not_addressed_as_the_one_the_words_are_for():
    subject, body = written("words_waiting", "ana", told(track("tom", adult="ana")))
    assert subject == "Jonas Lind wrote words for Tom Reis"
    assert "words for Tom Reis, and named you as the adult who is with them" in body
    assert "addressed to you" not in body
