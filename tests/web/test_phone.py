"""A phone as a way to check in: made one by its author, pressed without a session, without signal, and taken out."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import faults, posted, visitor
from web.family import Host


@pytest.fixture(scope="module")
def host(own_house) -> Host:
    return own_house()


@pytest.fixture(scope="module")
def phone(browser: Browser, host: Host) -> Iterator[Page]:
    """Jonas's phone, in which he is signed in, and which has become a way to check in."""
    with visitor(browser, host, "jonas") as page:
        page.goto("/check-in")
        page.get_by_label("What do you call this phone?").fill("Old phone")
        page.locator("form[data-pair]").get_by_label("Next code of your paper list").fill(
            host.paper_codes()[0]
        )
        page.get_by_role("button", name="Let this phone check in").click()
        expect(page.get_by_text("This phone can check in now")).to_be_visible()
        expect(page.locator("[data-paired]")).to_be_visible()
        yield page


def signs(host: Host) -> list[str]:
    """The ways by which Jonas has checked in, oldest first."""
    with host.inside():
        from lastwords.server.models import LogRow

        rows = [
            json.loads(bytes(row.body)) for row in LogRow.objects.filter(watch_id="jonas").order_by("number")
        ]
    return [row["given"]["credential"] for row in rows if row["event"] == "check_in"]


def test_a_phone_presses_without_a_session_and_sends_nothing_but_what_it_signed(
    phone: Page, host: Host
) -> None:
    phone.context.clear_cookies()
    phone.goto("/phone")
    before, sent = signs(host), posted(phone)
    phone.get_by_role("button", name="I'm here").click()
    expect(phone.get_by_role("status")).to_contain_text("Thank you. Next check-in by")
    assert signs(host) == [*before, "phone-1"]
    assert [sorted(json.loads(body)["phone"]) for body in sent] == [["document", "signature"]]
    assert phone.context.cookies() == [], "it opens no session"


def test_the_phones_key_cannot_be_taken_out_of_its_browser(phone: Page) -> None:
    phone.goto("/phone")
    told = phone.evaluate("""async () => {
        const open = indexedDB.open("lastwords-phone", 1);
        const database = await new Promise(done => open.onsuccess = () => done(open.result));
        const asked = database.transaction("kept").objectStore("kept").get("phone");
        const kept = await new Promise(done => asked.onsuccess = () => done(asked.result));
        database.close();
        const tried = await crypto.subtle.exportKey("pkcs8", kept.key).catch(error => error.name);
        return [kept.key.extractable, kept.key.usages, tried];
    }""")
    assert told == [False, ["sign"], "InvalidAccessError"]


@pytest.fixture
def saved(phone: Page, host: Host) -> Iterator[list[str]]:
    """Jonas has pressed without signal and the press waits on the phone; his signs before it."""
    phone.goto("/phone")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    before = signs(host)
    phone.context.set_offline(True)
    try:
        phone.reload()
        phone.get_by_role("button", name="I'm here").click()
        expect(phone.get_by_role("status")).to_contain_text("not sent yet")
        assert phone.get_by_role("status").inner_text().startswith("Saved on this phone ")
        assert signs(host) == before
        yield before
    finally:
        phone.context.set_offline(False)


def test_without_signal_the_page_opens_and_keeps_the_press_until_there_is_some(
    saved: list[str], phone: Page, host: Host
) -> None:
    phone.context.set_offline(False)
    expect(phone.get_by_role("status")).to_contain_text("Thank you")
    assert signs(host) == [*saved, "phone-1"]
    phone.reload()
    expect(phone.get_by_role("button", name="I'm here")).to_be_visible()
    assert signs(host) == [*saved, "phone-1"], "what was sent is not sent again"


def test_a_press_that_waits_goes_when_the_page_is_opened_again(
    saved: list[str], phone: Page, host: Host
) -> None:
    phone.goto("about:blank")
    phone.context.set_offline(False)
    phone.goto("/phone")
    # The page that is left may still hear that there is signal, and be the one that sends it.
    expect(phone.get_by_role("status")).to_contain_text(re.compile("^Thank you|has arrived"))
    assert signs(host) == [*saved, "phone-1"]


def test_a_page_that_closed_before_the_answer_tells_it_when_it_opens(phone: Page) -> None:
    phone.goto("/phone")
    expect(phone.get_by_role("status")).to_have_text(
        re.compile(r"^Your last press on this phone, .+, has arrived\.$")
    )


@pytest.fixture
def hotel(phone: Page) -> Iterator[None]:
    """Until a room number is given, a hotel answers in the host's place."""
    # Before the page opens, for what an open page asks of the network is caught only from some later moment on.
    phone.route(
        "**/check-ins", lambda route: route.fulfill(content_type="text/html", body="<p>Your room?</p>")
    )
    yield
    phone.unroute_all()


def test_what_something_on_the_way_says_to_a_press_is_no_answer_of_the_hosts(
    hotel: None, phone: Page, host: Host
) -> None:
    phone.goto("/phone")
    before = signs(host)
    phone.get_by_role("button", name="I'm here").click()
    expect(phone.get_by_role("status")).to_contain_text("not sent yet")
    assert signs(host) == before
    phone.unroute_all()
    phone.goto("/phone")
    expect(phone.get_by_role("status")).to_contain_text("Thank you")
    assert signs(host) == [*before, "phone-1"]


def test_what_is_kept_for_later_is_the_phones_page_and_nothing_of_anybody(phone: Page) -> None:
    phone.goto("/phone")
    kept = phone.evaluate("""async () => {
        const cache = await caches.open("phone");
        const found = [];
        for (const request of await cache.keys()) {
            const answer = await cache.match(request);
            found.push([new URL(request.url).pathname, (await answer.text()).includes("onas")]);
        }
        return found;
    }""")
    assert {path for path, _ in kept} >= {"/phone", "/static/plain.js", "/static/lastwords.css"}
    assert all(path in ("/phone", "/manifest.webmanifest") or path.startswith("/static/") for path, _ in kept)
    assert [path for path, personal in kept if personal] == []


def test_the_phones_page_can_be_put_on_a_home_screen(phone: Page) -> None:
    phone.goto("/phone")
    debugger = phone.context.new_cdp_session(phone)
    found = debugger.send("Page.getAppManifest")
    told = json.loads(found["data"])
    assert found["errors"] == []
    assert (told["start_url"], told["scope"], told["display"]) == ("/phone", "/phone", "standalone")
    for icon in told["icons"]:
        assert phone.request.get(icon["src"]).headers["content-type"] == "image/png"
    # Chromium's own judgement; a context that keeps no history is told nothing else.
    hindered = debugger.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in hindered if one["errorId"] != "in-incognito"] == []


def test_axe_finds_nothing_on_the_phones_page(phone: Page) -> None:
    phone.goto("/phone")
    expect(phone.get_by_role("button", name="I'm here")).to_be_visible()
    assert faults(phone) == []


def test_a_phone_that_nobody_made_a_way_says_so(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        page.goto("/phone")
        expect(page.get_by_text("This phone is not a way to check in yet")).to_be_visible()
        expect(page.get_by_role("button", name="I'm here")).to_be_hidden()
        assert faults(page) == []


def test_a_phone_that_was_taken_out_speaks_no_more(phone: Page, browser: Browser, host: Host) -> None:
    with visitor(browser, host, script=False) as page:
        session = host.session_of("jonas", proven=True)
        page.context.add_cookies([{"name": "session", "value": session, "url": host.origin}])
        page.goto("/check-in")
        page.get_by_role("button", name="Take out Old phone").click()
        expect(page.get_by_text("That phone can check in no more")).to_be_visible()
    before = signs(host)
    phone.goto("/phone")
    phone.get_by_role("button", name="I'm here").click()
    expect(phone.get_by_role("status")).to_contain_text("This phone is not a way to check in any more")
    assert signs(host) == before
