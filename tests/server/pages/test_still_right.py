"""The question of the year on an author's pages: one list, two ways, and nothing that is done by looking at it."""

import re
from html import unescape

import pytest
from server.api.test_still_right import live_on
from server.api.world import Circle, models
from server.pages.conftest import Visitor
from server.pages.test_safe import everything

from lastwords.protocol import events

LEAVE = "/write/died.naruto/leave"
ASKED = "You sealed this for Naruto on 15 January 2027. Is it still right?"


@pytest.fixture
def a_year_on(circle: Circle) -> Visitor:
    live_on(circle, 366)
    return Visitor("kakashi")


def leaving(visitor: Visitor, page: str) -> dict[str, str]:
    """What the first button that leaves Naruto's words as they are carries on a page."""
    first, *_ = re.findall(rf'<form method="post" action="{LEAVE}">(.*?)</form>', visitor.get(page))
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', first))


def test_nothing_is_asked_about_words_of_this_year(circle: Circle, kakashi: Visitor) -> None:
    for page in ("/home", "/write", "/write/died.naruto"):
        assert "/leave" not in kakashi.get(page) and "Is it still right?" not in kakashi.get(page), page


@pytest.mark.parametrize("page", ["/home", "/write"])
def test_a_year_on_the_author_is_asked_in_one_sentence_with_two_ways(a_year_on: Visitor, page: str) -> None:
    text = unescape(a_year_on.get(page))
    assert text.count(ASKED) == text.count("<h2>Still right?</h2>") == 1
    assert '<a href="/write/died.naruto">Read it again' in text
    assert "Leave it as it is" in text


@pytest.mark.parametrize(
    ("page", "leads"), [("/home", "/home"), ("/write", "/write"), ("/write/died.naruto", "/write")]
)
def test_whoever_leaves_it_as_it_is_comes_back_to_where_they_were_and_is_asked_no_more(
    circle: Circle, a_year_on: Visitor, page: str, leads: str
) -> None:
    before = circle.watch
    got = a_year_on.send(LEAVE, **leaving(a_year_on, page))
    assert (got.status_code, got.headers["Location"]) == (302, leads)
    text = unescape(a_year_on.get(leads))
    assert "The words for Naruto stay as they are. You are asked again in a year." in text
    assert "Still right?" not in text
    assert circle.watch == before, "no sign of life, and no clock is moved"


def test_the_button_that_is_pressed_twice_does_it_once(circle: Circle, a_year_on: Visitor) -> None:
    form = leaving(a_year_on, "/home")
    assert a_year_on.send(LEAVE, **form).status_code == 302
    circle.house.leap(60)
    kept = models.LeftAsItIs.objects.get().at
    assert a_year_on.send(LEAVE, **form).headers["Location"] == "/home"
    assert models.LeftAsItIs.objects.get().at == kept


@pytest.mark.parametrize("changed", [{"once": ""}, {"once": "x" * 41}, {"then": "//elsewhere.example"}])
def test_a_form_that_did_not_arrive_whole_leaves_nothing_and_says_so(
    a_year_on: Visitor, changed: dict[str, str]
) -> None:
    form = leaving(a_year_on, "/home") | changed
    before = everything()["left_as_it_is"]
    assert a_year_on.send(LEAVE, **form).headers["Location"] == "/home"
    assert "This form did not arrive whole. Send it once more" in a_year_on.get("/home")
    assert everything()["left_as_it_is"] == before


def test_words_that_were_taken_back_meanwhile_are_not_left_and_that_is_said(
    circle: Circle, a_year_on: Visitor
) -> None:
    from server.api.test_words import take_back

    form = leaving(a_year_on, "/home")
    assert take_back(circle).status == 200
    assert a_year_on.send(LEAVE, **form).status_code == 302
    assert "There is nothing under this name for you; nothing was changed." in a_year_on.get("/home")
    assert models.LeftAsItIs.objects.count() == 0


def test_words_that_were_left_once_are_asked_about_with_both_days(circle: Circle, a_year_on: Visitor) -> None:
    assert a_year_on.send(LEAVE, **leaving(a_year_on, "/home")).status_code == 302
    live_on(circle, 366)
    assert (
        "You sealed this for Naruto on 15 January 2027, and left it as it is on 16 January 2028. Is it still right?"
    ) in unescape(Visitor("kakashi").get("/home"))


def test_many_words_are_one_list(circle: Circle) -> None:
    assert circle.seal("cannot act").status == 201
    live_on(circle, 366)
    text = unescape(Visitor("kakashi").get("/home"))
    assert text.count("<h2>Still right?</h2>") == 1 and text.count(ASKED) == 2
    assert len(re.findall(r'<form method="post" action="/write/[^"]*/leave">', text)) == 2


def test_words_in_somebodys_place_say_in_whose(circle: Circle) -> None:
    kurenai = circle.keeper("kurenai")
    others = [one for one in circle.keepers if one is not kurenai]
    manifest, files = circle.manifest(
        to=kurenai,
        alternate_of="naruto",
        track="died.kurenai.naruto",
        roster=tuple(circle.seat(one, place) for place, one in enumerate(others, 1)),
    )
    assert circle.send(manifest, files, instead_of="naruto").status == 201
    live_on(circle, 366)
    text = unescape(Visitor("kakashi").get("/home"))
    assert "You sealed this for Kurenai" in text and "If you have died, instead of Naruto" in text


def test_under_a_hold_nothing_is_asked(circle: Circle, a_year_on: Visitor) -> None:
    from lastwords.server import store

    store.act("kakashi", events.PlaceHold("sakura"))
    for page in ("/home", "/write", "/write/died.naruto"):
        assert "Is it still right?" not in a_year_on.get(page), page


def test_nobody_but_the_author_leaves_words(circle: Circle, a_year_on: Visitor) -> None:
    form = leaving(a_year_on, "/home")
    for who in ("sakura", "naruto"):
        visitor = Visitor(who)
        token = visitor.form("/account")["csrfmiddlewaretoken"]
        visitor.client.post(LEAVE, form | {"csrfmiddlewaretoken": token})
    assert models.LeftAsItIs.objects.count() == 0
