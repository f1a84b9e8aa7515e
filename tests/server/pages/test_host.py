"""The host's page: who comes in, what it says, and its two forms."""

import io
import re
from html import unescape

import pytest
from server.api.world import Circle, models
from server.pages.conftest import Visitor

from lastwords.protocol import events
from lastwords.protocol.moments import DAY, MINUTE
from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import HOST
from lastwords.server import backup, founding, restore, store
from lastwords.server.settings import Settings


@pytest.fixture
def folder(circle: Circle) -> Settings:
    """The circle's data folder, as one that was founded."""
    circle.house.settings.begun.write_text("real\n")
    return circle.house.settings


def come_in(visitor: Visitor, code: str) -> int:
    got = visitor.send("/host/sign-in", **visitor.form("/host/sign-in"), code=code)
    return int(got.status_code)


def test_a_code_opens_the_page_once(circle: Circle) -> None:
    code, host = founding.new_host_code(), Visitor()
    assert come_in(host, code.upper()) == 302
    assert "What it depends on" in host.get("/host")
    assert come_in(Visitor(), code) == 200, "it was used"
    assert models.HostCode.objects.count() == 0


def test_a_code_is_good_for_ten_minutes_and_a_new_one_ends_the_one_before(circle: Circle) -> None:
    first, second = founding.new_host_code(), founding.new_host_code()
    assert come_in(Visitor(), first) == 200
    circle.house.leap(10 * MINUTE)
    assert come_in(Visitor(), second) == 200


def test_nobody_but_the_host_sees_the_page(circle: Circle) -> None:
    for handle in ("kakashi", "sakura", "naruto", ""):
        for path in ("/host", "/host/hold"):
            got = Visitor(handle).client.get(path)
            assert (got.status_code, got.headers["Location"]) == (302, "/host/sign-in")
        assert Visitor(handle).client.post("/host/light", {"domain": "2030-01-01"}).status_code in (302, 403)
    assert models.HostNote.objects.count() == 0


def test_the_page_names_nobody_who_lives_here(circle: Circle) -> None:
    text = Visitor("host").get("/host").lower()
    assert [name for name in ("kakashi", "sakura", "naruto") if name in text] == []


def test_what_keeps_the_light_on_is_written_down_and_said(circle: Circle) -> None:
    host = Visitor("host")
    assert "Nobody has written down until when it is paid for." in host.get("/host")
    fields = {
        "domain": "2027-02-20",
        "hosting": "2029-01-01",
        "second_person": "Shizune, with the red folder",
    }
    for _ in range(2):
        assert host.send("/host/light", **host.form("/host"), **fields).status_code == 302
    text = unescape(host.get("/host"))
    assert "It is paid for until 20 February 2027. 36 days are left." in text
    assert "Shizune, with the red folder can go on." in text
    wrong = host.send("/host/light", **host.form("/host"), domain="soon")
    assert "There is a problem" in wrong.content.decode()
    assert models.HostNote.objects.get(name="hosting").until.year == 2029


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2027-01-16", "1 day is left."),
        ("2027-01-15", "0 days are left."),
        ("2027-01-14", "That day is past."),
    ],
)
def test_what_is_left_of_it_is_said_in_words_that_fit_the_number(circle: Circle, day: str, says: str) -> None:
    host = Visitor("host")
    fields = {"domain": day, "hosting": "", "second_person": ""}
    assert host.send("/host/light", **host.form("/host"), **fields).status_code == 302
    assert says in host.get("/host")


def test_one_watch_that_is_set_aside_is_one(circle: Circle) -> None:
    models.Watch.objects.filter(author="kakashi").update(set_aside="its record is damaged")
    assert "1 watch is set aside" in Visitor("host").get("/host")


def test_the_hold_switch_lets_everything_stand_and_go_on_and_pressing_twice_is_pressing_once(
    circle: Circle,
) -> None:
    host = Visitor("host")
    assert host.send("/host/hold", **host.form("/host/hold")).status_code == 302
    assert [one.placed_by for one in circle.watch.holds] == ["host"]
    again = {"csrfmiddlewaretoken": host.form("/host/hold")["csrfmiddlewaretoken"]}
    host.send("/host/hold", **again)
    assert len(circle.watch.holds) == 1
    assert "Everything stands still" in host.get("/host")
    host.send("/host/hold", **again, lift="1")
    assert circle.watch.holds == ()


def test_who_lifts_reads_how_many_watches_stand_still_for_another_reason(circle: Circle) -> None:
    host = Visitor("host")
    form = {"csrfmiddlewaretoken": host.form("/host/hold")["csrfmiddlewaretoken"]}
    host.send("/host/hold", **form)
    store.act("kakashi", events.PlaceHold(HOST, HoldCause.CLOCK))
    host.send("/host/hold", **form, lift="1")
    text = host.get("/host")
    assert "Going on, every wait again in full: 0 watches." in text
    assert "Standing still yet, by a hold that is not lifted here: 1 watch." in text


def test_a_backup_counts_as_proven_only_when_it_was_restored_and_looked_at(
    circle: Circle, folder: Settings
) -> None:
    host, out = Visitor("host"), io.BytesIO()
    assert "None was ever written." in host.get("/host")
    backup.write(folder, out)
    backup.note(backup.BACKED_UP)
    text = host.get("/host")
    assert "None was ever written." not in text and "None was ever proven." in text
    assert "lastwords host restore --prove --data DIR FILE" in text
    out.seek(0)
    assert restore.prove(out, folder, restore.Wanted()).rows > 0
    assert "None was ever proven." not in host.get("/host")
    circle.house.leap(120 * DAY)
    assert "The last one was proven 120 days ago." in host.get("/host")


def test_the_ninety_days_tell_when_letters_could_not_leave(circle: Circle) -> None:
    from lastwords.server import passes, store

    class Pulsed:
        def __init__(self, why: str, before: str) -> None:
            from lastwords.server.credit import Earned

            self.moment, self.earned, self.before = circle.house.now(), Earned(0, why), before
            self.stood, self.stall_found = 60, False

    circle.pass_time(5 * DAY)
    passes._tell(store.here(), Pulsed("no_way_out", ""), "refused")  # type: ignore[arg-type]
    circle.pass_time(DAY)
    passes._tell(store.here(), Pulsed("", "no_way_out"), "")  # type: ignore[arg-type]
    circle.pass_time(4 * DAY)
    text = Visitor("host").get("/host")
    found = re.search(r"<figcaption><p>([^<]*)</p>", text)
    assert found and "something was wanting on 2" in found[1]
    assert text.count("letters could not leave</span>") == 2
