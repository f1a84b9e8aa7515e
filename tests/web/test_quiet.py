"""Quiet mode in a browser: a page that is left at once, from which going back leads to nobody's page."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import PHONE, WIDE, axe, too_wide, visitor
from web.family import Host
from web.test_writing import SLOW, come_in

expect.set_options(timeout=SLOW)


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    return own_house()


@pytest.fixture
def desk(browser: Browser, host: Host) -> Iterator[Page]:
    """Jonas with an open key, before the page that turns quiet mode on."""
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        come_in(page, host, "jonas", "/account/quiet")
        yield page


def elsewhere(host: Host) -> str:
    """A page that is not this host's to a browser: the same machine under another name."""
    return host.origin.replace("localhost", "127.0.0.1") + "/help"


def test_it_is_turned_on_with_what_it_cannot_do_beside_it_and_every_page_can_be_left_at_once(
    desk: Page, host: Host
) -> None:
    expect(desk.get_by_role("heading", name="What it cannot do")).to_be_visible()
    desk.get_by_label("What this service is called instead").fill("Recipes")
    desk.get_by_label("Where “Leave this page” goes").fill("nowhere")
    desk.get_by_role("button", name="Turn quiet mode on").click()
    expect(desk.get_by_role("alert")).to_contain_text("This is not an address to leave to")
    desk.get_by_label("Where “Leave this page” goes").fill(elsewhere(host))
    desk.get_by_role("button", name="Turn quiet mode on").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Quiet mode is on")
    assert desk.title() == "Recipes"
    desk.goto("/write")
    expect(desk.get_by_text("Your key is open in this tab.")).to_be_visible()
    desk.get_by_role("button", name="Leave this page").click()
    desk.wait_for_url(elsewhere(host))
    desk.go_back()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert desk.title() == "Recipes" and "Jonas" not in desk.content()
    assert desk.evaluate("sessionStorage.length") == 0, "the key is of no use without this half of it"


def test_three_times_shift_leaves_and_capital_letters_do_not(desk: Page, host: Host) -> None:
    desk.goto("/write/cannot_act.ana")
    letter = desk.get_by_label("Your letter")
    letter.click()
    for capital in "ABCD":
        desk.keyboard.press(f"Shift+{capital}")
    expect(letter).to_have_value("ABCD")
    for _ in range(3):
        desk.keyboard.press("Shift")
    desk.wait_for_url(elsewhere(host))


def test_without_script_the_button_leaves_as_well(browser: Browser, host: Host) -> None:
    with visitor(browser, host, "jonas", script=False) as page:
        page.goto("/home")
        page.get_by_role("button", name="Leave this page").click()
        page.wait_for_url(elsewhere(host))
        page.goto(f"{host.origin}/home")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


PAGES = ("/home", "/check-in", "/account", "/account/quiet", "/account/letters", "/write")


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (WIDE, False)])
def test_quiet_pages_are_clean_fit_the_window_and_hide_no_focus(
    browser: Browser, host: Host, size: tuple[int, int], dark: bool
) -> None:
    with visitor(browser, host, "jonas", size=size, dark=dark) as page:
        for path in PAGES:
            page.goto(path)
            expect(page.get_by_role("button", name="Leave this page")).to_be_in_viewport()
            assert (path, axe(page), too_wide(page)) == (path, [], [])
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            expect(page.get_by_role("button", name="Leave this page")).to_be_in_viewport()
