"""Quiet mode on pages that need no script: what stands in a tab and at the head, what a browser keeps, and leaving."""

import json
import re
from typing import Any

import pytest
from server.api.world import Circle, models
from server.conftest import Way
from server.pages.conftest import Visitor

from lastwords.server.letters import Text

PAGES = (
    "/home",
    "/check-in",
    "/trip",
    "/vanish",
    "/hold",
    "/alarm",
    "/write",
    "/keepers",
    "/plan",
    "/account",
    "/account/quiet",
    "/help",
)
ELSEWHERE = "https://weather.example/today"
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
HEAD = re.compile(r'<header class="head">(.*?)</header>', re.DOTALL)


@pytest.fixture
def quiet(kakashi: Visitor) -> Visitor:
    """The author in quiet mode, called Recipes."""
    prove(kakashi)
    send(kakashi, "/account/quiet", name="Recipes", leave_to=ELSEWHERE)
    return kakashi


def prove(visitor: Visitor) -> None:
    from lastwords.server import accounts, page_sessions

    session = visitor.session
    session[page_sessions.PROVEN] = accounts.wall()
    session.save()


def send(visitor: Visitor, path: str, **fields: Any) -> Any:
    got = visitor.send(path, **{**visitor.form("/account/quiet"), **fields})
    assert got.status_code == 302, got.content.decode()[-2000:]
    return got


def named(text: str) -> str:
    """What whoever sees the tab or the head of a page reads of the service."""
    return " ".join([*TITLE.findall(text), *HEAD.findall(text)])


def test_in_quiet_mode_no_tab_and_no_head_of_a_page_names_the_service(quiet: Visitor) -> None:
    for path in PAGES:
        text = quiet.get(path)
        assert TITLE.findall(text) == ["Recipes"], path
        assert "Last Words" not in text, path
        assert "never takes silence" not in text and "icons/lamp" not in HEAD.findall(text)[0], path
        assert "/static/plain.svg" in text and "/static/icon.svg" not in text, path
        assert f'action="/leave" data-leave="{ELSEWHERE}"' in text, path


def test_without_quiet_mode_pages_say_what_they_are_and_have_no_way_out(kakashi: Visitor) -> None:
    for path in PAGES:
        text = kakashi.get(path)
        assert "Last Words" in named(text) and "/leave" not in text and "leave.js" not in text, path


def test_a_form_that_was_filled_in_wrongly_says_so_in_the_tab_all_the_same(quiet: Visitor) -> None:
    hidden = quiet.form("/check-in")
    text = quiet.send("/check-in", **{**hidden, "code": ""}).content.decode()
    assert TITLE.findall(text) == ["Error: Recipes"]


def test_a_browser_in_which_they_signed_in_stays_quiet_when_nobody_is_and_another_is_not(
    quiet: Visitor,
) -> None:
    del quiet.client.cookies["session"]
    assert TITLE.findall(quiet.get("/sign-in")) == ["Recipes"]
    told = json.loads(quiet.get("/manifest.webmanifest"))
    assert (told["name"], told["short_name"]) == ("Recipes", "Recipes")
    assert {icon["src"].partition("?")[0] for icon in told["icons"]} == {
        "/static/plain-192.png",
        "/static/plain-512.png",
    }
    phone = quiet.get("/phone")
    assert TITLE.findall(phone) == ["Recipes"] and "plain-192.png" in phone and "Last Words" not in phone
    assert "Last Words" in named(Visitor().get("/sign-in"))
    assert json.loads(Visitor().get("/manifest.webmanifest"))["name"] == "Last Words"


def test_what_a_browser_keeps_of_it_is_signed_here_and_read_by_no_script(quiet: Visitor) -> None:
    kept = quiet.client.cookies["plain"]
    assert kept["httponly"] and kept["samesite"] == "Strict"
    other = Visitor()
    said, _, signature = kept.value.rpartition(":")
    for forged in ("Recipes", f"{said}:{signature[::-1]}", "WyJBIl0:x:y"):
        other.client.cookies["plain"] = forged
        assert "Last Words" in named(other.get("/sign-in")), forged


def test_turned_off_it_is_forgotten_by_the_browser_as_well(quiet: Visitor) -> None:
    send(quiet, "/account/quiet/off")
    assert "Last Words" in named(quiet.get("/home"))
    assert quiet.client.cookies["plain"].value == ""


def test_leaving_without_script_ends_the_session_and_goes_where_the_person_chose(quiet: Visitor) -> None:
    got = quiet.send("/leave", **quiet.form("/home"))
    text = got.content.decode()
    assert f'http-equiv="refresh" content="0; url={ELSEWHERE}"' in text and "Last Words" not in text
    assert got.headers["Cache-Control"] == "no-store" and "no-referrer" in text
    assert quiet.client.get("/home").headers["Location"] == "/sign-in?next=/home"


def test_whoever_was_not_proven_a_moment_ago_changes_nothing(kakashi: Visitor) -> None:
    hidden = kakashi.form("/account/quiet")
    for path in ("/account/quiet", "/account/quiet/off"):
        got = kakashi.send(path, **{**hidden, "name": "Lottery", "leave_to": ELSEWHERE})
        assert got.headers["Location"] == "/sign-in?next=/account/quiet", path
    assert models.Person.objects.get(handle="kakashi").quiet_name == ""


def posted(way: Way) -> list[Text]:
    """What left for the author, once the outbox has run."""
    from lastwords.server import outbox, settings, store

    chosen = settings.current()
    box = outbox.Outbox(store.here(), {"mail": way}, chosen.name, chosen.origin)
    box.run_all(store.here().now())
    return [one.text for one, _ in way.sent if one.address == MAIL]  # type: ignore[attr-defined]


MAIL = "kakashi@konoha.example"


@pytest.fixture
def reached(circle: Circle) -> None:
    models.Channel.objects.filter(person="kakashi").delete()
    models.Channel.objects.create(person_id="kakashi", kind="mail", address=MAIL, proven_at=1)


def test_nobody_leaves_to_a_page_of_this_very_host(kakashi: Visitor) -> None:
    from lastwords.server import settings

    prove(kakashi)
    own = settings.current().origin.replace("http:", "https:") + "/home"
    form = {**kakashi.form("/account/quiet"), "name": "Recipes", "leave_to": own}
    assert "This is not an address to leave to" in kakashi.send("/account/quiet", **form).content.decode()


def test_letters_in_quiet_mode_say_little_and_stand_in_full_on_the_page_of_letters(
    quiet: Visitor, circle: Circle, reached: None, way: Way
) -> None:
    assert circle.keeper("sakura").post("/watches/kakashi/alarms").status == 201
    asked = posted(way)
    assert asked and {one.sender for one in asked} == {"Recipes"}
    assert not any("alarm" in f"{one.subject} {one.body}".lower() for one in asked)
    text = quiet.get("/account/letters")
    assert "An alarm" in text and text.count("<article") == len(asked)
    assert quiet.client.get("/home").status_code == 200


def test_the_number_that_proves_an_address_stands_on_no_page_of_letters(
    quiet: Visitor, reached: None, way: Way
) -> None:
    from lastwords.server import outbox

    new = models.Channel.objects.create(person_id="kakashi", kind="mail", address="k@new.example", added=1)
    outbox.write_channel_proof(new, "24681012")
    posted(way)
    proof = [one.text for one, _ in way.sent if one.address == "k@new.example"]  # type: ignore[attr-defined]
    assert len(proof) == 1 and proof[0].sender == "Recipes" and "24681012" in proof[0].body
    assert "Last Words" not in proof[0].body
    assert "24681012" not in quiet.get("/account/letters")
