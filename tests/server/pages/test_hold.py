"""An author's own pages: all clocks stopped and started again, the alarm about themselves, and the welcome home."""

from html import unescape

import pytest
from server.api.test_case import sign
from server.api.world import Circle, an_author, plan_terms
from server.pages.conftest import Visitor

from lastwords.protocol import events
from lastwords.protocol.stages import CaseCause, HoldCause, Stage
from lastwords.protocol.watch import HOST

PAGES = ("/hold", "/alarm", "/welcome-home")


def lift(visitor: Visitor, cause: str = "switch") -> str:
    """Sends the form of the page that lifts a hold of this cause, and gives what the author reads then."""
    answer = visitor.send("/hold", **(visitor.form("/hold") | {"lift": cause}))
    return unescape(answer.content.decode() if answer.status_code == 200 else visitor.get("/hold"))


def come_home(circle: Circle) -> None:
    """After a vigil: three keepers sign that they have seen or heard the author."""
    circle.fall_silent()
    circle.sign_of_life()
    for keeper in circle.keepers[:3]:
        assert sign(circle, keeper, "seen or heard").status == 201
    assert circle.watch.stage is Stage.WELL


# The hold.


def test_an_author_stops_all_clocks_once_however_often_they_press_and_starts_them_again(
    circle: Circle, kakashi: Visitor
) -> None:
    assert 'href="/hold">Stop all clocks</a>' in kakashi.get("/home")
    form = kakashi.form("/hold")
    for _ in range(2):
        assert kakashi.send("/hold", **form).headers["Location"] == "/hold"
    assert [(one.cause, one.placed_by) for one in circle.watch.holds] == [(HoldCause.SWITCH, "kakashi")]
    assert 'href="/hold">What stands still, and lifting it</a>' in kakashi.get("/home")
    text = unescape(kakashi.get("/hold"))
    assert "You pressed the hold switch." in text and "you can lift it too." in text
    form = kakashi.form("/hold")
    assert form["lift"] == "switch"
    for _ in range(2):
        assert kakashi.send("/hold", **form).headers["Location"] == "/hold"
    assert circle.watch.holds == ()
    assert "Your hold is lifted. Next check-in by Sunday 14 February 2027" in kakashi.get("/hold")


def test_before_the_button_an_author_reads_that_a_hold_which_nobody_lifts_is_no_new_quiet_wait(
    circle: Circle, kakashi: Visitor
) -> None:
    text = unescape(kakashi.get("/hold"))
    assert "it ends by itself on Sunday 14 February 2027" in text
    assert "Your keepers are then called together, and you are asked at once." in text
    assert "No keeper gets a letter about it" in text
    kakashi.send("/hold", **kakashi.form("/hold"))
    circle.pass_time(circle.watch.plan.longest_hold)
    assert (circle.watch.stage, circle.watch.case.cause) == (Stage.LATE, CaseCause.HOLD)  # type: ignore[union-attr]
    text = unescape(Visitor("kakashi").get("/hold"))
    assert "What it stopped then begins again in full." in text and "called together, and" not in text
    assert "Your keepers get a letter about it." in text


def test_a_second_hold_waits_for_a_sign_of_life_and_the_page_says_so_in_the_buttons_place(
    circle: Circle, kakashi: Visitor
) -> None:
    form = kakashi.form("/hold")
    kakashi.send("/hold", **form)
    lift(kakashi)
    text = unescape(kakashi.get("/hold"))
    assert "Say “I'm here” before you place another alone." in text
    assert "<button>Stop all clocks</button>" not in text
    refused = kakashi.send("/hold", **(form | {"once": "another"}))
    assert "An author who is well can give a strong sign first." in unescape(refused.content.decode())
    circle.sign_of_life()
    assert "<button>Stop all clocks</button>" in kakashi.get("/hold")


@pytest.mark.parametrize(("by", "cause"), [("sakura", HoldCause.SWITCH), (HOST, HoldCause.CLOCK)])
def test_an_author_lifts_nobody_elses_hold_with_a_session_alone(
    circle: Circle, kakashi: Visitor, by: str, cause: HoldCause
) -> None:
    from lastwords.server import store

    store.act("kakashi", events.PlaceHold(by, cause))
    assert "Lift it" not in kakashi.get("/hold")
    answer = kakashi.send("/hold", **(kakashi.form("/alarm") | {"lift": cause.value}))
    assert "This hold is not yours to lift" in answer.content.decode()
    assert len(circle.watch.holds) == 1


def test_where_two_holds_stand_lifting_ones_own_starts_no_clock(circle: Circle, kakashi: Visitor) -> None:
    from lastwords.server import store

    kakashi.send("/hold", **kakashi.form("/hold"))
    store.act("kakashi", events.PlaceHold(HOST, HoldCause.CLOCK))
    assert "Another one stands, so all clocks still do." in lift(kakashi)
    assert [one.cause for one in circle.watch.holds] == [HoldCause.CLOCK]


def test_without_an_active_plan_there_is_nothing_to_stop_and_nobody_to_call(circle: Circle) -> None:
    an_author("gai")
    visitor = Visitor("gai")
    for page in ("/hold", "/alarm"):
        text = visitor.get(page)
        assert "Your plan is not active yet" in text and 'name="once"' not in text


# The alarm.


def test_an_author_raises_the_alarm_about_themselves_once_and_reads_what_follows(
    circle: Circle, kakashi: Visitor
) -> None:
    assert 'href="/alarm">Raise an alarm</a>' in kakashi.get("/home")
    text = unescape(kakashi.get("/alarm"))
    assert "call the emergency number first" in text and "You are asked for a sign of life at once." in text
    assert "until your keepers have made sure that it is you" in text
    form = kakashi.form("/alarm")
    for _ in range(2):
        assert kakashi.send("/alarm", **form).headers["Location"] == "/home"
    case = circle.watch.case
    assert (circle.watch.stage, case and case.number, case and case.cause) == (Stage.LATE, 1, CaseCause.ALARM)
    text = unescape(kakashi.get("/home"))
    assert "The alarm is raised. Your keepers are called together, and you are asked." in text
    assert "You are asked because of an alarm" in text
    assert 'href="/alarm"' not in text and 'href="/hold"' in text
    text = unescape(kakashi.get("/alarm"))
    assert "Your keepers are called together already" in text and 'name="once"' not in text


def test_an_alarm_of_an_author_who_is_asked_already_leaves_their_time_to_answer_as_it_is(
    circle: Circle, kakashi: Visitor
) -> None:
    circle.pass_time(circle.watch.plan.check_in_every)
    kakashi = Visitor("kakashi")
    wait = circle.watch.wait
    assert "You are asked already, and that goes on as it is." in kakashi.get("/alarm")
    kakashi.send("/alarm", **kakashi.form("/alarm"))
    assert circle.watch.case_open and circle.watch.wait == wait


def test_who_has_asked_nobody_is_promised_no_keepers(circle: Circle, kakashi: Visitor) -> None:
    assert circle.arm(plan_terms(version=2, timer_only=True)).status == 200
    for page, says in (
        ("/hold", "You are then asked at once."),
        ("/alarm", "Your plan asks no keepers, so nobody else hears of it."),
    ):
        text = unescape(kakashi.get(page))
        assert says in text and "eepers are" not in text
    kakashi.send("/alarm", **kakashi.form("/alarm"))
    assert "The alarm is raised. You are asked now." in kakashi.get("/home")
    assert "Your plan asks no keepers, and you are asked already" in kakashi.get("/alarm")


# The welcome-home page.


def test_whom_keepers_have_seen_again_is_led_from_home_to_the_page_that_they_signed(
    circle: Circle, kakashi: Visitor
) -> None:
    come_home(circle)
    kakashi = Visitor("kakashi")
    assert 'href="/welcome-home"' in kakashi.get("/home")
    text = kakashi.get("/welcome-home")
    assert "<h1>Welcome home, Kakashi</h1>" in text and "Case 1, opened on" in text
    assert kakashi.form("/welcome-home"), "its script keeps which keys it has seen, and that is sent"
    circle.keepers[0].away = True
    assert circle.keepers[0].post("/watches/kakashi/alarms").status == 201
    assert "/welcome-home" not in kakashi.get("/home"), "a new case is open"
    assert kakashi.client.get("/welcome-home").status_code == 404


def test_there_is_no_welcome_home_before_a_case_or_while_one_is_open(
    circle: Circle, kakashi: Visitor
) -> None:
    assert kakashi.client.get("/welcome-home").status_code == 404
    circle.fall_silent()
    circle.sign_of_life()
    assert sign(circle, circle.keepers[0], "seen or heard").status == 201
    kakashi = Visitor("kakashi")
    assert kakashi.client.get("/welcome-home").status_code == 404
    assert "/welcome-home" not in kakashi.get("/home")


# Whose they are.


def test_these_pages_are_an_authors_own_and_nobody_else_acts_by_them(circle: Circle) -> None:
    come_home(circle)
    for who in ("sakura", "naruto"):
        visitor = Visitor(who)
        token = visitor.form("/account")["csrfmiddlewaretoken"]
        for page in PAGES:
            assert visitor.client.get(page).status_code == 404, (who, page)
        for page in ("/hold", "/alarm"):
            answer = visitor.send(page, once="a", csrfmiddlewaretoken=token)
            assert answer.status_code == 404, (who, page)
    for page in PAGES:
        assert Visitor().client.get(page).headers["Location"] == f"/sign-in?next={page}"
    assert circle.watch.holds == () and not circle.watch.case_open


def test_a_keepers_pages_stay_a_keepers_and_an_author_finds_none_of_their_own_there(
    circle: Circle, kakashi: Visitor
) -> None:
    for page in ("alarm", "hold"):
        assert kakashi.client.get(f"/cases/kakashi/{page}").status_code == 404
