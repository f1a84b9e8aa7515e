"""An author's pages without script: words by state, signs of life by code, trips, what would happen."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.db import OperationalError
from server.api.world import Circle, models, plan_terms
from server.pages.conftest import Visitor

from lastwords.protocol import events
from lastwords.protocol.events import Event
from lastwords.protocol.moments import DAY, HOUR
from lastwords.protocol.turn import event_name
from lastwords.protocol.watch import HOST


def heading(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    assert found
    return unescape(re.sub(r"<[^>]*>", "", found[1]).strip())


def signs(circle: Circle) -> list[str]:
    """The ways by which the author has checked in, oldest first."""
    rows = models.LogRow.objects.filter(watch_id="kakashi").order_by("number")
    bodies = [json.loads(bytes(row.body)) for row in rows]
    return [body["given"]["credential"] for body in bodies if body["event"] == "check_in"]


def on_a_trip(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.SetTrip("kakashi", circle.house.now().wall + 9 * DAY, DAY))


def alarmed(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.RaiseAlarm("sakura"))


def held(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.PlaceHold("sakura"))


STATES: dict[str, tuple[Callable[[Circle], object], str]] = {
    "well": (lambda circle: None, "All is well. Next check-in by Sunday 14 February"),
    "due": (lambda circle: circle.pass_time(28 * DAY), "Your check-in is due by Sunday 14 February"),
    "trip": (on_a_trip, "You are away until Sunday 24 January"),
    "late": (lambda circle: circle.pass_time(30 * DAY), "You have not checked in since 15 January 2027"),
    "alarm": (alarmed, "You are asked because of an alarm"),
    "hold": (held, "Everything stands still"),
    "vigil": (lambda circle: circle.fall_silent(), "Your keepers try to reach you"),
    "closing": (
        lambda circle: (circle.fall_silent(), circle.sign_of_life()),
        "Welcome. Nothing is given now",
    ),
}

NEVER = re.compile(r"\b(?:expired|failed to|false alarm|deceased|passed away|dead)\b|!", re.IGNORECASE)


@pytest.mark.parametrize("name", STATES)
def test_home_says_how_things_stand_in_the_words_of_that_state(
    circle: Circle, kakashi: Visitor, name: str
) -> None:
    bring_about, says = STATES[name]
    bring_about(circle)
    text = kakashi.get("/home")
    assert heading(text) == says
    assert f"<title>{says}" in unescape(text), "the state is the page's title too"
    for path in ("/home", "/check-in", "/vanish"):
        shown = re.sub(r"<!doctype[^>]*>|<svg.*?</svg>", "", kakashi.get(path), flags=re.DOTALL)
        assert NEVER.search(unescape(re.sub(r"<[^>]*>", " ", shown))) is None, path


def last_called(circle: Circle) -> None:
    circle.fall_silent()
    for keeper in circle.keepers[:3]:
        assert circle.state(keeper).status == 201
    circle.pass_time(circle.watch.plan.vigil)


def spoken_with_twice(circle: Circle) -> None:
    """Two keepers have spoken with the author, and the vigil goes back to *late*."""
    circle.fall_silent()
    for keeper in circle.keepers[:2]:
        assert circle.state(keeper, "spoken with").status == 201


def held_by_the_host(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.PlaceHold(HOST))


def hold_run_out(circle: Circle) -> None:
    held_by_the_host(circle)
    circle.pass_time(circle.watch.plan.longest_hold)


DETAILS: dict[str, tuple[Callable[[Circle], object], str, str]] = {
    "late": (
        lambda circle: circle.pass_time(30 * DAY),
        "You have not checked in since 15 January 2027",
        "everything stands down. If you do not, your keepers are asked to check on you on Sunday 21 February",
    ),
    "alarm": (
        alarmed,
        "You are asked because of an alarm",
        "until your keepers have made sure that it is you",
    ),
    "alarm, letter away": (alarmed, "You are asked because of an alarm", "7 days after a letter to you was"),
    "hold run out": (hold_run_out, "You are asked because a hold has run out", "They know of it already."),
    "spoken with": (spoken_with_twice, "You are asked once more", "They know of it already."),
    "last call": (last_called, "This is your last call", "are given on Saturday 27 February 2027"),
    "released": (
        lambda circle: circle.release(),
        "Words of yours are given",
        "nobody has opened is taken back",
    ),
    "held by a keeper": (
        held,
        "Everything stands still",
        "Say “I'm here” and it ends; Sakura can lift it too.",
    ),
    "held, nobody looks yet": (
        held,
        "Everything stands still",
        "Your keepers are then called together, and you are asked at once.",
    ),
    "held while keepers make sure": (
        lambda circle: (circle.fall_silent(), circle.sign_of_life(), held(circle)),
        "Everything stands still",
        "a second way that is kept apart from the first and it ends; Sakura can lift it too.",
    ),
    "held in a case": (
        lambda circle: (alarmed(circle), held(circle)),
        "Everything stands still",
        "What it stopped then begins again in full.",
    ),
    "held by the host": (
        held_by_the_host,
        "Everything stands still",
        "Only whoever runs the host can lift it.",
    ),
}


@pytest.mark.parametrize("name", DETAILS)
def test_home_says_what_follows_from_how_things_stand(circle: Circle, kakashi: Visitor, name: str) -> None:
    bring_about, says, follows = DETAILS[name]
    bring_about(circle)
    text = unescape(kakashi.get("/home"))
    assert heading(text) == says
    assert follows in text


def test_a_check_in_due_at_midnight_is_not_named_by_the_day_that_begins_then(circle: Circle) -> None:
    from lastwords.server.api import state

    midnight = circle.watch.last_sign.wall + circle.watch.plan.check_in_every
    zone = next(
        f"Etc/GMT{hours:+}"
        for hours in range(-12, 12)
        if (midnight - hours * HOUR) % DAY < HOUR  # Etc/GMT+3 is three hours behind Greenwich
    )
    found = state.of(circle.watch, circle.house.now(), zone, {})
    assert found.sentence == "All is well. Next check-in by Saturday 13 February"
    assert "in the night to Sunday 14 February, and may check in" in found.detail


def test_a_sign_that_too_few_confirmed_is_not_called_a_silence(circle: Circle, kakashi: Visitor) -> None:
    circle.fall_silent()
    circle.sign_of_life()
    circle.pass_time(circle.watch.plan.closing)
    text = unescape(kakashi.get("/home"))
    assert heading(text) == "Your keepers try to reach you"
    assert "because too few of them have confirmed your last sign of life" in text
    assert "not checked in" not in text


def test_a_draft_shows_the_first_ten_minutes_as_tasks(circle: Circle) -> None:
    from server.api.world import an_author

    an_author("obito")
    text = Visitor("obito").get("/home")
    assert heading(text) == "Not active yet"
    assert text.count('class="state todo"') >= 4
    assert "Cannot start yet" in text and "Make the plan active" in text


def test_home_shows_the_last_five_lines_of_the_log_in_words(circle: Circle, kakashi: Visitor) -> None:
    circle.sign_of_life()
    text = kakashi.get("/home")
    lines = re.findall(r'<li><span class="what">([^<]*)</span><time', text)
    assert lines[0] == "You checked in with your key."
    assert len(lines) == 5


def test_every_event_of_the_machine_and_every_way_to_check_in_has_its_words_in_the_log(
    circle: Circle,
) -> None:
    from lastwords.server import credentials
    from lastwords.server.pages.author import said

    def kinds(kind: type[Event]) -> set[type[Event]]:
        return {kind, *(found for below in kind.__subclasses__() for found in kinds(below))}

    for credential in ("key", "paper-2", "phone-1", credentials.PASSKEY, f"{credentials.AUTHENTICATOR}-2"):
        assert said.way(credential) != said.way("anything else")
        assert " " in said.credential(credential)
    names = {event_name(kind.__new__(kind)) for kind in kinds(Event) - {Event}}
    assert names | {"begin"} == set(said.SENTENCES)


def test_a_word_under_force_is_a_check_in_on_the_authors_page_until_enough_keepers_have_lifted_it(
    circle: Circle, kakashi: Visitor
) -> None:
    from lastwords.server import store

    store.act("kakashi", events.SpeakUnderForce("kakashi", "paper"))
    for keeper in ("sakura", "yamato"):
        text = unescape(kakashi.get("/home"))
        assert "You checked in with a paper code." in text and "force" not in text
        assert "nobody makes you do things" not in text
        store.act("kakashi", events.SignFree(keeper, "0" * 64))
    assert "signed that they have spoken with you, and that nobody makes you do things." in kakashi.get(
        "/home"
    )


def test_the_check_in_year_tells_late_vigil_and_trip_as_the_log_does(
    circle: Circle, kakashi: Visitor
) -> None:
    from lastwords.server.pages.author import year

    circle.pass_time(20 * DAY)
    circle.sign_of_life()
    circle.pass_time(33 * DAY)
    circle.sign_of_life()
    on_a_trip(circle)
    circle.pass_time(8 * DAY)
    circle.sign_of_life()
    circle.fall_silent()
    found = year.of(circle.watch, circle.house.now().wall)
    assert [run.state for run in found.runs][:1] == ["none"]
    assert sorted({run.state for run in found.runs}) == ["late", "none", "trip", "vigil", "well"]
    assert "1 vigil" in found.sentence and "1 trip" in found.sentence and "late" in found.sentence
    assert sum(run.weeks for run in found.runs) == len(found.cells) == 52
    assert unescape(kakashi.get("/home")).count(found.sentence) == 2, "above the picture, and as its name"


# The check-in.


def test_a_paper_code_typed_here_is_a_strong_sign(circle: Circle, kakashi: Visitor) -> None:
    circle.pass_time(3 * DAY)
    got = kakashi.send("/check-in", **kakashi.form("/check-in"), code="AAAA-1111")
    assert (got.status_code, got.headers["Location"]) == (302, "/check-in")
    assert "Thank you. Next check-in by Wednesday 17 February 2027" in kakashi.get("/check-in")
    assert signs(circle) == ["paper-2"]
    assert circle.watch.last_sign == circle.house.now()


def test_a_sign_while_everything_stands_still_is_thanked_for_without_a_date(
    circle: Circle, kakashi: Visitor
) -> None:
    from lastwords.protocol.events import PlaceHold
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import store

    store.act("kakashi", PlaceHold("host", HoldCause.SWITCH))
    visitor = Visitor()
    got = visitor.send("/code", **visitor.form("/code"), handle="kakashi", code="aaaa1111")
    assert "because everything stands still" in got.content.decode()


def test_a_session_alone_is_no_sign_of_life(circle: Circle, kakashi: Visitor) -> None:
    form = kakashi.form("/check-in")
    for wrong in ("", "   ", "zzzz9999"):
        got = kakashi.send("/check-in", **form, code=wrong)
        assert got.status_code == 200 and "There is a problem" in got.content.decode()
        assert "<title>Error: " in got.content.decode()
        form = kakashi.form("/check-in")
    assert signs(circle) == []


def test_a_form_that_is_sent_twice_is_done_once(circle: Circle, kakashi: Visitor) -> None:
    form = kakashi.form("/check-in")
    first = kakashi.send("/check-in", **form, code="aaaa1111")
    again = kakashi.send("/check-in", **form, code="bbbb2222")
    assert first.status_code == again.status_code == 302
    assert signs(circle) == ["paper-2"]
    assert models.PaperCode.objects.filter(used__isnull=False).count() == 1


SIGN_FORMS = {
    "/code": ("/code", {"handle": "kakashi"}),
    "/check-in": ("/check-in", {}),
    "/trip": ("/trip/back", {}),
}
"""Where a sign of life is sent with a code: the page, where its form goes, and what else is in it."""


def sent_and_cut_short(
    page: str, kakashi: Visitor, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> tuple[Visitor, str, dict[str, str]]:
    """A visitor whose form met this fault in the middle, with what has to be sent to load the same again."""
    visitor = Visitor() if page == "/code" else kakashi
    visitor.client.raise_request_exception = False
    to, more = SIGN_FORMS[page]
    form = visitor.form(page) | more | {"code": "bbbb2222"}

    def cut_short(*_: Any) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr("lastwords.server.pages.author.signs.by_code", cut_short)
        if isinstance(fault, Exception):
            assert visitor.send(to, **form).status_code in (500, 503)
        else:
            with pytest.raises(type(fault)):
                visitor.send(to, **form)
    return visitor, to, form


@pytest.mark.parametrize("page", SIGN_FORMS)
def test_a_sign_that_the_database_did_not_take_is_taken_when_its_page_is_loaded_again(
    circle: Circle, kakashi: Visitor, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """Another writer held the database: nothing was kept. Whoever then loads the page again sends the same form, and
    would be told that it had counted."""
    on_a_trip(circle)
    before = signs(circle)
    visitor, to, form = sent_and_cut_short(page, kakashi, monkeypatch, OperationalError("database is locked"))
    assert signs(circle) == before
    again = visitor.send(to, **form)
    assert "sent before" not in again.content.decode()
    assert len(signs(circle)) == len(before) + 1
    visitor.send(to, **form)
    assert len(signs(circle)) == len(before) + 1


@pytest.mark.parametrize("page", SIGN_FORMS)
def test_nobody_is_told_that_a_sign_counted_which_was_cut_short_before_it_was_kept(
    circle: Circle, kakashi: Visitor, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """The process ended between the form's row and the step: the author would go away, sure of having checked in."""
    on_a_trip(circle)
    before = signs(circle)
    visitor, to, form = sent_and_cut_short(page, kakashi, monkeypatch, KeyboardInterrupt())
    again = visitor.send(to, **form)
    said = again.content.decode() if page == "/code" else visitor.get(again.headers["Location"])
    assert "It may have counted" in said and "next code of your list" in said
    assert "has counted" not in said
    assert signs(circle) == before


def test_a_sign_that_was_kept_is_said_to_have_counted_when_it_is_sent_again(
    circle: Circle, kakashi: Visitor
) -> None:
    visitor = Visitor()
    form = visitor.form("/code") | {"handle": "kakashi", "code": "aaaa1111"}
    visitor.send("/code", **form)
    for _ in range(2):
        said = visitor.send("/code", **form).content.decode()
        assert "This form was sent before" in said and "It has counted." in said
    assert len(signs(circle)) == 1


def test_a_form_that_was_refused_is_no_form_that_was_sent(circle: Circle, kakashi: Visitor) -> None:
    """Whoever goes back, mends the code and sends it again is not told that it counted when it did not."""
    for path, more in (("/code", {"handle": "kakashi"}), ("/check-in", {})):
        visitor = kakashi if path == "/check-in" else Visitor()
        form, left = visitor.form(path), models.PaperCode.objects.filter(used=None).count()
        assert "There is a problem" in visitor.send(path, **form, **more, code="aaaa1112").content.decode()
        code = "aaaa1111" if path == "/code" else "bbbb2222"
        visitor.send(path, **form, **more, code=code)
        assert models.PaperCode.objects.filter(used=None).count() == left - 1, path


@pytest.mark.parametrize(("path", "name"), [("/code", "handle"), ("/new-keys/no", "account")])
def test_whoever_brings_a_code_that_does_not_fit_is_told_to_compare_it_and_not_to_sign_in(
    circle: Circle, kakashi: Visitor, path: str, name: str
) -> None:
    """A wrong code, a used one, and a name that nobody has: one sentence, which tells nobody who is here."""
    visitor = Visitor()
    visitor.send("/code", **visitor.form("/code"), handle="kakashi", code="aaaa1111")
    told = set()
    for who, code in (("kakashi", "zzzz9999"), ("kakashi", "aaaa1111"), ("zabuza", "bbbb2222")):
        text = visitor.send(path, **visitor.form(path) | {name: who, "code": code}).content.decode()
        told.add(" ".join(re.findall(r"This name and this code.*?once\.", text)))
        assert "signed in as yourself" not in text
    assert len(told) == 1 and "Compare both with your list" in told.pop()


def test_a_stranger_who_is_refused_leaves_nothing_behind_for_each_form(circle: Circle) -> None:
    visitor = Visitor()
    form, before = visitor.form("/code"), models.Attempts.objects.count()
    for number in range(5):
        visitor.send("/code", **form | {"once": f"made-up-{number}"}, handle="zabuza", code="aaaa1111")
    assert models.Attempts.objects.count() == before


def test_a_form_of_another_place_is_refused(circle: Circle, kakashi: Visitor) -> None:
    form = kakashi.form("/check-in")
    for spoiled in ({"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": ""}):
        got = kakashi.send("/check-in", **form | spoiled, code="aaaa1111")
        assert got.status_code == 403 and "This form is too old" in got.content.decode()
    assert signs(circle) == []


def test_coming_back_after_the_keepers_were_asked_says_welcome(circle: Circle, kakashi: Visitor) -> None:
    circle.fall_silent()
    kakashi.send("/check-in", **kakashi.form("/check-in"), code="aaaa1111")
    assert "Welcome. Nothing is given now, and your keepers are asked" in kakashi.get("/check-in")
    assert circle.watch.stage == "closing"


# Going away.

AWAY = {"date": "2027-02-20", "time": "18:00", "zone": "America/Lima", "extra": str(DAY)}
BACK = 1_803_164_400
"""20 February 2027, 18:00 in Lima."""


def test_a_trip_is_looked_at_before_it_is_set(circle: Circle, kakashi: Visitor) -> None:
    text = kakashi.get("/trip/check", **AWAY)
    assert "Saturday 20 February 2027, 18:00 (Lima)" in text
    assert "Sunday 21 February 2027, 18:00 (Lima)" in text, "when keepers are called"
    assert "Saturday 20 February 2027, 23:00 (Lisbon)" in text, "on the author's own clock"
    assert circle.watch.trip is None
    assert 'value="2027-02-20"' in kakashi.get("/trip/change", **AWAY)


def test_a_trip_is_set_with_a_strong_sign_and_ended_with_one(circle: Circle, kakashi: Visitor) -> None:
    form = kakashi.form("/trip/check", **AWAY)
    assert kakashi.send("/trip/check", **form, code="zzzz9999").status_code == 200
    assert circle.watch.trip is None
    form = kakashi.form("/trip/check", **AWAY)
    assert kakashi.send("/trip/check", **form, code="aaaa1111").headers["Location"] == "/trip"
    running = circle.watch.trip
    assert running is not None and (running.back, running.extra) == (BACK, DAY)
    assert heading(kakashi.get("/trip")) == "You are away, back by Saturday 20 February"
    kakashi.send("/trip/later", **kakashi.form("/trip"), code="bbbb2222")
    assert circle.watch.trip is not None and circle.watch.trip.back == BACK + 12 * HOUR
    assert kakashi.send("/trip/back", **kakashi.form("/trip"), code="cccc3333").headers["Location"] == "/home"
    assert circle.watch.trip is None
    assert signs(circle) == ["paper-2"] * 3


def test_a_trip_that_the_machine_refuses_leaves_the_code_unused(circle: Circle, kakashi: Visitor) -> None:
    """Longer than a year and a month is not a trip; what was typed can be typed again."""
    form = kakashi.form("/trip/check", **AWAY | {"date": "2029-02-20"})
    got = kakashi.send("/trip/check", **form, code="aaaa1111")
    assert "There is a problem" in got.content.decode()
    assert models.PaperCode.objects.filter(used__isnull=False).count() == 0 and signs(circle) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"date": ""}, "Enter the day you are back"),
        ({"time": "25:00"}, "Enter the time as hours and minutes"),
        ({"zone": "Lisboa"}, "Enter a time zone by its name"),
        ({"extra": "1"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_trip_is_said_twice(
    circle: Circle, kakashi: Visitor, changed: dict[str, str], says: str
) -> None:
    assert kakashi.get("/trip/check", **AWAY | changed).count(says) == 2


# If I vanish today.


def test_the_dates_are_those_the_machine_would_keep(circle: Circle, kakashi: Visitor) -> None:
    from lastwords.protocol.rehearsal import WhatIf, rehearse
    from lastwords.server.moments import day

    what_if = WhatIf(silent=("sakura",), mail_down=False)
    rows = rehearse(circle.watch, circle.house.now(), what_if)
    text = unescape(kakashi.get("/vanish", silent="sakura"))
    dates = re.findall(r'<span class="when">([^<]*)</span>', text)
    assert dates == [day(row.wall, "Europe/Lisbon") for row in rows]
    assert "Naruto would be told on" in text


def test_what_if_too_many_are_silent_the_words_stay_sealed(circle: Circle, kakashi: Visitor) -> None:
    text = kakashi.get("/vanish", silent=["sakura", "yamato", "guy"])
    assert "your words stay sealed" in text and "told on" not in text
    home = kakashi.get("/vanish", return_day="9")
    assert "You would be back on 24 January 2027" in home


def test_a_supposition_that_is_none_is_said_and_the_dates_stand(circle: Circle, kakashi: Visitor) -> None:
    text = kakashi.get("/vanish", return_day="-3", silent="nobody")
    assert "Enter at least 1 day" in text and '<span class="when">' in text


def test_a_row_is_said_to_be_about_words_only_where_it_is(circle: Circle, kakashi: Visitor) -> None:
    text = unescape(kakashi.get("/vanish", mail_down="1"))
    assert "tried to reach you in person." in text
    assert set(re.findall(r"\(Words for ([^)]*)\)", text)) == {"Naruto"}
    from lastwords.server.pages.author import vanish

    rows = [{"wall": 1, "sentence": "", "learns": "author", "stops": "", "about": "died.sakura.naruto"}]
    (band,) = vanish.bands(rows, {"naruto": "Naruto", "sakura": "Sakura"})
    assert band.dates[0].about == "Sakura", "an alternate's words are for the alternate"


def test_what_the_machine_says_of_tracks_is_said_of_the_words_for_people(circle: Circle) -> None:
    from lastwords.server.pages.author import home

    names = {"naruto": "Naruto", "sakura": "Sakura Haruno"}
    said = home.with_names("New keys are due for died.naruto, cannot_act.sakura.naruto, and kits", names)
    assert said == (
        "New keys are due for the words for Naruto if you have died, "
        "the words for Sakura Haruno if you live but cannot act, and kits"
    )


@pytest.mark.parametrize(
    ("quorum", "says"),
    [(1, "One keeper alone lets"), (2, "one alone can open nothing"), (3, "any 2 together can open nothing")],
)
def test_the_number_of_keepers_is_said_in_words_that_fit_it(circle: Circle, quorum: int, says: str) -> None:
    from lastwords.server.pages.author import keepers

    plan = replace(circle.watch.plan, quorum=quorum)
    assert says in keepers.quorum_sentence(replace(circle.watch, plan=plan), 4)


# A practice.


def test_a_practice_is_shown_before_it_is_asked_for_and_what_became_of_it_afterwards(
    circle: Circle, kakashi: Visitor
) -> None:
    text = unescape(re.sub(r"<[^>]*>", "", kakashi.get("/practice")))
    assert "Practice: nothing has happened to Kakashi (practice 1)" in text
    form = kakashi.form("/practice")
    for _ in range(2):
        assert kakashi.send("/practice", **form).status_code == 302
    assert circle.watch.practice is not None and circle.watch.practices == 1
    sent = models.Letter.objects.filter(kind="practice")
    assert sent.count() == 4
    circle.hand_over()
    circle.give_receipts_of(circle.keepers[:2])
    board = kakashi.get("/practice")
    assert board.count("Share proved") == 2 and board.count("Not yet") == 2
    assert board.count("their mail took it") == 4
    assert "Ask my keepers now" not in board, "one runs already"


def test_a_practice_is_said_to_go_to_those_alone_to_whom_it_goes(circle: Circle, kakashi: Visitor) -> None:
    from lastwords.server import store

    store.act("kakashi", events.BreakGlass("sakura", card=False))
    text = unescape(kakashi.get("/practice"))
    (goes_to,) = re.findall(r"This letter goes to ([^.]*)\.", text)
    assert "Sakura" not in goes_to and "Yamato" in goes_to
    alarmed_by = circle.keepers[1].handle
    store.act("kakashi", events.RaiseAlarm(alarmed_by))
    text = kakashi.get("/practice")
    assert "Ask my keepers now" not in text and "when all is well again" in text


# Nobody is asked.


def alone(circle: Circle) -> None:
    locked = {"release_key": None, "wishes_release_key": None, "words_split": None, "wishes_split": None}
    manifest, files = circle.manifest(mode="timer only", k=0, roster=(), names=("words.age",), **locked)
    assert circle.send(manifest, files).status == 201
    assert circle.arm(plan_terms(version=2, timer_only=True)).status == 200


def test_who_asks_nobody_reads_of_no_keepers_on_the_way_to_their_last_call(
    circle: Circle, kakashi: Visitor
) -> None:
    alone(circle)
    plan, asked = circle.watch.plan, "your keepers are asked"
    for path in ("/plan", "/vanish"):
        assert "keepers never agree" not in kakashi.get(path)
    assert "Nobody is asked. Your last call begins" in kakashi.get("/plan")
    ahead = re.sub(r"<form.*?</form>", "", unescape(kakashi.get("/vanish")), flags=re.DOTALL)
    assert "Nobody is asked to check on you." in ahead and "a letter tells the recipient" in ahead
    assert asked not in ahead.lower() and "Your keepers know" not in ahead
    circle.pass_time(plan.check_in_every)
    text = unescape(kakashi.get("/home"))
    assert "your last call begins on" in text and asked not in text
    circle.pass_time(plan.late)
    text = unescape(kakashi.get("/home"))
    assert heading(text) == "This is your last call" and asked not in text
    assert "Nobody was asked." in text and "were asked to check on you" not in text


# Who comes in.


def test_a_stranger_is_sent_to_the_door_and_back(circle: Circle) -> None:
    for path in ("/home", "/check-in", "/trip", "/vanish", "/calendar", "/practice"):
        got = Visitor().client.get(path)
        assert (got.status_code, got.headers["Location"]) == (302, f"/sign-in?next={path}")


def test_who_writes_nothing_is_led_from_home_to_the_page_they_have(circle: Circle) -> None:
    for handle, where in (("sakura", "/cases"), ("naruto", "/account"), ("host", "/host")):
        got = Visitor(handle).client.get("/home")
        assert (got.status_code, got.headers["Location"]) == (302, where)


def test_while_the_author_is_asked_home_asks_for_one_thing_alone(circle: Circle, kakashi: Visitor) -> None:
    assert "Better done soon" in kakashi.get("/home")
    circle.fall_silent()
    text = kakashi.get("/home")
    assert "Better done soon" not in text and "going away" not in text and ">I'm here</a>" in text


def test_for_somebody_without_a_watch_there_is_no_such_page(circle: Circle) -> None:
    for handle in ("sakura", "naruto", "host"):
        for path in ("/check-in", "/trip", "/vanish", "/calendar", "/practice"):
            assert Visitor(handle).client.get(path).status_code == 404, (handle, path)


def test_a_recipient_who_was_not_told_sees_no_hint_of_words(circle: Circle) -> None:
    circle.release()
    assert "Words for you" not in Visitor("naruto").get("/help")
    circle.tell(circle.keepers[0])
    assert "Words for you" in Visitor("naruto").get("/help")
    assert "Cases" in Visitor("sakura").get("/help")


def test_a_keepers_card_has_the_eight_words_that_its_author_reads_aloud(
    circle: Circle, kakashi: Visitor
) -> None:
    words = " ".join(circle.author.keys.public.eight_words)
    assert f"<span data-own-eight>{words}</span>" in kakashi.get("/keepers/sakura")


def test_a_seat_is_looked_at_once_more_before_it_is_taken_back(circle: Circle, kakashi: Visitor) -> None:
    text = kakashi.get("/keepers/sakura/remove")
    assert "Take the seat of Sakura back?" in text and "It cannot be given again" in text
    assert circle.watch.seat("sakura").stage != "removed"
    got = kakashi.send("/keepers/sakura/remove", **kakashi.form("/keepers/sakura/remove"))
    assert got.headers["Location"] == "/keepers"
    assert circle.watch.seat("sakura").stage == "removed"


def prove_all_but(circle: Circle, *missing: str) -> None:
    for person in (circle.author, *circle.keepers):
        if person.handle not in missing:
            address = f"{person.handle}@example.org"
            models.Channel.objects.create(person_id=person.handle, address=address, proven_at=1)


UNREACHED = "No letter can reach Sakura: no address of theirs is proven"
ARMING = "/plan/check?check_in_every=30&late=7&vigil=4&last_call=2&quorum=3&timer_only="


@pytest.mark.parametrize("path", ["/home", "/keepers", "/keepers/sakura", "/plan", f"{ARMING}no", "/vanish"])
def test_a_keeper_whom_no_letter_can_reach_is_named_with_what_to_do(
    circle: Circle, kakashi: Visitor, path: str
) -> None:
    prove_all_but(circle, "sakura")
    text = unescape(kakashi.get(path))
    assert UNREACHED in text and "Ask them to sign in and prove one" in text
    models.Channel.objects.create(person_id="sakura", address="sakura@example.org", proven_at=1)
    assert "No letter can reach" not in unescape(kakashi.get(path))


def test_several_whom_no_letter_can_reach_are_named_in_one_sentence(circle: Circle, kakashi: Visitor) -> None:
    prove_all_but(circle, "guy", "sakura", "yamato")
    assert "No letter can reach Guy, Sakura and Yamato: no address" in kakashi.get("/keepers")


def test_an_address_that_is_not_proven_or_was_taken_out_reaches_nobody(
    circle: Circle, kakashi: Visitor
) -> None:
    prove_all_but(circle, "sakura")
    address = models.Channel.objects.create(person_id="sakura", address="sakura@example.org")
    assert UNREACHED in kakashi.get("/keepers")
    models.Channel.objects.filter(pk=address.pk).update(proven_at=1, leaves=2**33)
    assert UNREACHED in kakashi.get("/keepers")


def test_nobody_is_missed_who_has_no_seat_any_more_or_where_nobody_is_asked(
    circle: Circle, kakashi: Visitor
) -> None:
    from lastwords.server import store

    prove_all_but(circle, "sakura")
    assert UNREACHED not in kakashi.get(f"{ARMING}yes")
    store.act("kakashi", events.RemoveKeeper("kakashi", "sakura"))
    assert UNREACHED not in kakashi.get("/keepers")


@pytest.mark.parametrize("path", ["/plan", f"{ARMING}no"])
def test_while_the_author_is_asked_no_page_shows_dates_that_are_not_the_ones_that_run(
    circle: Circle, kakashi: Visitor, path: str
) -> None:
    assert "If you fell silent now" in kakashi.get(path)
    circle.fall_silent()
    text = kakashi.get(path)
    assert "If you fell silent now" not in text and 'class="timeline"' not in text
    assert "The dates that run now are on the page" in text


def test_a_plan_that_asks_nobody_is_checked_without_the_keepers(circle: Circle, kakashi: Visitor) -> None:
    text = kakashi.get(f"{ARMING}yes")
    assert "They look for you for" not in text
    assert "<dd>6 days</dd>" in text, "the last call is as long as both waits"


def test_what_keepers_stated_is_said_to_the_author_in_whole_sentences(
    circle: Circle, kakashi: Visitor
) -> None:
    circle.fall_silent()
    assert circle.state(circle.keeper("sakura")).status == 201
    assert "Sakura stated that you have died." in kakashi.get("/home")
