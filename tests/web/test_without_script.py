"""A browser that runs no script: what needs no key is done all the same; what needs one says so, and what to do."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import too_wide, visitor
from web.family import Host

from web import keyboard

DAY = 86_400


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host, which these tests may change."""
    return own_house()


@pytest.fixture
def jonas(browser: Browser, host: Host) -> Iterator[Page]:
    """Jonas, signed in, in a browser that runs nothing."""
    with visitor(browser, host, "jonas", script=False) as page:
        yield page


@pytest.fixture(scope="module")
def codes(host: Host) -> Iterator[str]:
    """The codes of Jonas's list, in their order."""
    return iter(host.paper_codes())


def stands(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert too_wide(page) == []
    assert keyboard.walk(page) == []


def signs(host: Host) -> int:
    """How often Jonas has been heard of."""
    with host.inside():
        from lastwords.server.models import LogRow

        bodies = [bytes(row.body) for row in LogRow.objects.filter(watch_id="jonas")]
    return sum(json.loads(body)["event"] == "check_in" for body in bodies)


def test_whoever_has_nothing_but_their_printed_list_says_i_am_here_without_signing_in(
    browser: Browser, host: Host, codes: Iterator[str]
) -> None:
    before, code = signs(host), next(codes)
    with visitor(browser, host, script=False) as page:
        page.goto("/sign-in")
        page.get_by_role("link", name="A code of your paper list").click()
        stands(page, "I'm here, with a paper code")
        page.get_by_label("Your handle").fill("jonas")
        page.get_by_label("Next code of your paper list").fill("aaaa-bbbb-cccc-dddd")
        page.get_by_role("button", name="I'm here").click()
        expect(page.get_by_role("alert")).to_contain_text("This name and this code do not go together")
        page.get_by_label("Next code of your paper list").fill(code)
        page.get_by_role("button", name="I'm here").click()
        stands(page, "Your sign has arrived")
        expect(page.get_by_role("status")).to_contain_text("Thank you. Next check-in by")
        page.reload()
        expect(page.get_by_role("status")).to_contain_text("Nothing is done twice")
        assert [one["name"] for one in page.context.cookies()] in ([], ["form"], ["csrftoken"])
    assert signs(host) == before + 1


def test_a_trip_is_set_made_longer_and_ended(jonas: Page, host: Host, codes: Iterator[str]) -> None:
    before, back = signs(host), datetime.fromtimestamp(host.clock(), UTC) + timedelta(days=6)
    jonas.goto("/trip")
    stands(jonas, "I'm going away")
    jonas.get_by_role("button", name="Look at the dates").click()
    expect(jonas.get_by_role("alert")).to_contain_text("Enter the day you are back")
    jonas.get_by_label("Which day are you back?").fill(back.strftime("%Y-%m-%d"))
    jonas.get_by_role("button", name="Look at the dates").click()
    stands(jonas, "Check your trip")
    jonas.get_by_label("Next code of your paper list").fill(next(codes))
    jonas.get_by_role("button", name="Set this trip").click()
    stands(jonas, "You are away, back by")
    jonas.get_by_label("Next code of your paper list").fill(next(codes))
    jonas.get_by_role("button", name="Late: add 12 hours").click()
    expect(jonas.get_by_text("You are expected 12 hours later")).to_be_visible()
    jonas.get_by_role("link", name="Notes of your trip").click()
    expect(jonas.locator("noscript code")).to_have_text("lastwords trip --notes FORM")
    jonas.goto("/trip")
    jonas.get_by_label("Next code of your paper list").fill(next(codes))
    jonas.get_by_role("button", name="I'm back").click()
    expect(jonas.get_by_text("Welcome back. Thank you.")).to_be_visible()
    stands(jonas, "All is well.")
    assert signs(host) == before + 3
    assert host.person("jonas").does("state")["state"]["trip"] is None


def test_all_clocks_are_stopped_and_started_again(jonas: Page) -> None:
    jonas.goto("/home")
    jonas.get_by_role("link", name="Stop all clocks").click()
    stands(jonas, "Stop all clocks?")
    jonas.get_by_role("button", name="Stop all clocks").click()
    stands(jonas, "Everything stands still")
    expect(
        jonas.get_by_text("Your keepers are then called together, and you are asked at once.")
    ).to_be_visible()
    jonas.get_by_role("button", name="Lift it").click()
    expect(jonas.get_by_text("Your hold is lifted. Next check-in by")).to_be_visible()
    stands(jonas, "Stop all clocks?")


def test_what_would_happen_is_read_and_asked_with_what_ifs(jonas: Page) -> None:
    jonas.goto("/home")
    stands(jonas, "All is well.")
    jonas.get_by_role("link", name="If I vanish today").click()
    stands(jonas, "If I vanish today")
    dates = jonas.locator("ol.timeline li")
    before = dates.all_inner_texts()
    jonas.get_by_label("Mira Costa").check()
    jonas.get_by_label("Paul Lind").check()
    jonas.get_by_role("button", name="Show these dates").click()
    expect(jonas.get_by_role("link", name="Without any what-if")).to_be_visible()
    assert dates.all_inner_texts() != before


def test_the_plan_is_read_and_new_terms_are_looked_at_before_anything_is_signed(jonas: Page) -> None:
    jonas.goto("/plan")
    stands(jonas, "Your plan is active")
    expect(jonas.locator(".timeline li")).to_have_count(4)
    jonas.get_by_label("How often do you check in?").fill("21")
    jonas.get_by_role("button", name="Check it").click()
    stands(jonas, "Check your plan")
    expect(jonas.locator("dl.summary")).to_contain_text("every 21 days")
    expect(jonas.locator("noscript code")).to_have_text("lastwords plan arm")


def test_keepers_are_asked_for_a_practice(jonas: Page, host: Host) -> None:
    jonas.goto("/practice")
    jonas.get_by_role("button", name="Ask my keepers now").click()
    expect(jonas.get_by_text("0 of 4 have proved their share.")).to_be_visible()
    host.pass_time(6 * 3600)
    practice = [str(one["Subject"]) for one in host.mailbox.to("mira@example.org")]
    assert [one for one in practice if one.startswith("Practice: nothing has happened")] != []


def test_all_sessions_are_ended_this_one_too(browser: Browser, host: Host) -> None:
    with visitor(browser, host, "paul", script=False) as page:
        page.goto("/account")
        page.get_by_role("link", name="Look at where you are signed in").click()
        stands(page, "Where you are signed in")
        page.get_by_role("button", name="End all, this one too").click()
        page.goto("/account")
        stands(page, "Sign in")


def test_the_host_comes_in_writes_down_who_pays_and_lets_everything_stand_still(
    browser: Browser, host: Host
) -> None:
    code = str(host.person("host").does("host", "page", "--data", host.data)["code"])
    with visitor(browser, host, script=False) as page:
        page.goto("/host")
        stands(page, "Come in as the host")
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Come in").click()
        page.get_by_label("Who goes on if you cannot").fill("Ola Strand")
        page.get_by_role("button", name="Write it down").click()
        expect(page.get_by_label("Who goes on if you cannot")).to_have_value("Ola Strand")
        page.get_by_role("link", name="Let everything stand still").click()
        page.get_by_role("button", name="Let everything stand still").click()
        expect(page.get_by_text("You pressed the hold switch.")).to_be_visible()
        assert host.person("jonas").does("state")["holds"] != []
        page.get_by_role("link", name="Let everything go on").click()
        page.get_by_role("button", name="Let them go on").click()
        assert host.person("jonas").does("state")["holds"] == []
        assert too_wide(page) == []


NEEDS_A_KEY = {
    "": {"/join": "lastwords join", "/invited": "lastwords accept", "/sign-in": "lastwords "},
    "jonas": {
        "/account": "lastwords key show",
        "/account/devices": "lastwords key new",
        "/account/sheet": "lastwords key sheet FILE",
        "/account/codes": "lastwords codes new --out FILE",
        "/write": "lastwords words write HANDLE",
        "/write/died.ana": "lastwords words write ana",
        "/people": "lastwords recipient add NAME --card FILE",
        "/keepers": "lastwords invite keeper NAME",
        "/keepers/tom": "lastwords keeper verify tom",
        "/sheets/find-me": "lastwords find-me ",
        "/sheets/notes": "lastwords notes write",
    },
    "mira": {
        "/cases/jonas": "lastwords case jonas show",
        "/cases/jonas/write": "lastwords case jonas write note",
        "/cases/jonas/statement": "lastwords case jonas state could-not-find-out --evidence rumour",
        "/cases/jonas/home": "lastwords case jonas sign home",
        "/cases/jonas/shares": "lastwords shares prove jonas",
    },
}
"""Pages of which the act needs a key, and the command that each names instead."""


@pytest.mark.parametrize("who", NEEDS_A_KEY)
def test_a_page_that_needs_a_key_says_so_and_names_the_command(
    browser: Browser, host: Host, who: str
) -> None:
    if who == "mira":
        with visitor(browser, host, "mira", script=False) as page:
            page.goto("/cases/jonas/alarm")
            page.get_by_role("button", name="Raise the alarm").click()
            stands(page, "Jonas Lind is being asked for a sign of life")
            page.get_by_role("button", name="I am here").click()
            expect(page.get_by_text("The others see that you are there.")).to_be_visible()
        assert "mira" in host.person("paul").does("case", "jonas", "show")["case"]["answered"]
    with visitor(browser, host, who, script=False) as page:
        for path, command in NEEDS_A_KEY[who].items():
            page.goto(path)
            said = page.locator("noscript section").first
            expect(said).to_be_visible()
            assert (path, "Your key never leaves your device" in said.inner_text()) == (path, True)
            assert (path, said.locator("code").inner_text()[: len(command)]) == (path, command)
            assert (path, too_wide(page)) == (path, [])


def test_a_recipient_is_told_how_to_begin_with_a_card_alone(browser: Browser, host: Host) -> None:
    with visitor(browser, host, "ana", script=False) as page:
        page.goto("/words")
        stands(page, "Words for you")
        expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
