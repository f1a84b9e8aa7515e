"""The private calendar: due dates a year ahead, nothing that tells a stranger anything, and an address to take back."""

import re
from html import unescape

from icalendar import Calendar
from server.api.world import Circle, models
from server.pages.conftest import Visitor
from server.pages.test_author import on_a_trip

from lastwords.protocol.moments import DAY


def proven(visitor: Visitor, ago: int = 0) -> Visitor:
    """The visitor, who proved so many seconds ago who they are."""
    from lastwords.server import accounts, page_sessions

    session = visitor.session
    session[page_sessions.PROVEN] = accounts.wall() - ago
    session.save()
    return visitor


def address(visitor: Visitor) -> str:
    """A new address, as its author sees it once."""
    proven(visitor)
    got = visitor.send("/calendar/make", **visitor.form("/calendar"))
    found = re.search(
        r"https?://[^/]+(/calendar/[\w-]+\.ics)", unescape(visitor.get(got.headers["Location"]))
    )
    assert found
    return found[1]


def test_the_feed_tells_a_year_of_due_dates_to_whoever_has_its_address(
    circle: Circle, kakashi: Visitor
) -> None:
    got = Visitor().client.get(address(kakashi))
    entries = Calendar.from_ical(got.content).walk("VEVENT")
    ends = [int(entry.end.timestamp()) for entry in entries]
    first = circle.author.get(circle.path)["next_due"]
    assert ends == [first + number * 30 * DAY for number in range(12)]
    assert got.headers["Content-Type"].startswith("text/calendar")


def test_its_entries_tell_a_stranger_nothing_and_have_no_link(circle: Circle, kakashi: Visitor) -> None:
    text = Visitor().client.get(address(kakashi)).content.decode()
    assert set(re.findall(r"SUMMARY:(.*)\r", text)) == {"Say hello"}
    assert re.search(r"https?:|kakashi|naruto|check|keeper|URL|ATTACH", text) is None


def test_dates_that_have_not_moved_stay_the_same_entries(circle: Circle, kakashi: Visitor) -> None:
    path = address(kakashi)
    first = Visitor().client.get(path).content
    circle.house.leap(3600)
    assert Visitor().client.get(path).content == first


def test_an_address_is_kept_as_a_hash_and_can_be_taken_back(circle: Circle, kakashi: Visitor) -> None:
    from django.contrib.sessions.models import Session

    old = address(kakashi)
    token = old.rpartition("/")[2].removesuffix(".ics")
    assert token not in str(models.Feed.objects.values_list().get())
    assert not [one for one in Session.objects.all() if token in str(one.get_decoded())]
    new = address(kakashi)
    assert Visitor().client.get(old).status_code == 404
    assert Visitor().client.get(new).status_code == 200
    kakashi.send("/calendar/take-back", **kakashi.form("/calendar"))
    gone, never = Visitor().client.get(new), Visitor().client.get("/calendar/never-was.ics")
    assert (gone.status_code, gone.content) == (never.status_code, never.content)


def test_terms_of_two_seconds_make_no_calendar_that_a_host_works_at_for_hours(
    circle: Circle, kakashi: Visitor
) -> None:
    """Anybody may ask for the address, as often as they like, and a year has sixteen million times two seconds. A trip
    keeps such a watch well."""
    path = address(kakashi)
    on_a_trip(circle)
    row = models.Watch.objects.get(author="kakashi")
    row.state = row.state.replace(f'"check_in_every":{30 * DAY}', '"check_in_every":2')
    row.save()
    assert circle.watch.plan.check_in_every == 2
    assert len(Calendar.from_ical(Visitor().client.get(path).content).walk("VEVENT")) == 400


def test_a_stranger_at_an_open_screen_makes_no_address_for_themselves(
    circle: Circle, kakashi: Visitor
) -> None:
    """They would know for ever when the author is away, and the author's own calendar would stop."""
    path = address(kakashi)
    got = proven(kakashi, ago=301).send("/calendar/make", **kakashi.form("/calendar"))
    assert (got.status_code, got.headers["Location"]) == (302, "/sign-in?next=/calendar")
    assert Visitor().client.get(path).status_code == 200


def test_a_stranger_at_an_open_screen_takes_no_phone_out(circle: Circle, kakashi: Visitor) -> None:
    """Whoever takes every way to check in from an author makes them silent."""
    models.Phone.objects.create(
        person_id="kakashi", credential="phone-1", public_key="x", name="Mine", made=1
    )
    form = proven(kakashi, ago=301).form("/calendar")
    got = kakashi.send("/check-in/phone/phone-1/take-out", **form)
    assert (got.status_code, got.headers["Location"]) == (302, "/sign-in?next=/check-in")
    asked = kakashi.client.delete("/api/watches/kakashi/phones/phone-1", headers=headers(form))
    assert (asked.status_code, asked.json()["code"]) == (403, "prove_again")
    assert models.Phone.objects.filter(credential="phone-1").exists()
    proven(kakashi).send("/check-in/phone/phone-1/take-out", **form)
    assert not models.Phone.objects.filter(credential="phone-1").exists()


def headers(form: dict[str, str]) -> dict[str, str]:
    """What a page's own script sends along."""
    return {
        "Origin": "http://127.0.0.1:8443",
        "Sec-Fetch-Site": "same-origin",
        "X-CSRFToken": form["csrfmiddlewaretoken"],
    }


def test_while_no_check_in_is_due_the_calendar_is_empty(circle: Circle, kakashi: Visitor) -> None:
    path = address(kakashi)
    circle.fall_silent()
    assert Calendar.from_ical(Visitor().client.get(path).content).walk("VEVENT") == []
