"""By keyboard alone: everything on a page is reached by Tab, in the order it is read, and one sees where one is.

The story at a desk is played by keys from its first page to its last (`story.py`), and every page that is looked at in
these suites is walked round with Tab (`browser.faults`). Here is the rest: that a walk tells a fault from none, where
the skip link leads, and the pages that nobody else looks at.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import faults, visitor
from web.family import Host

from web import keyboard

PAGE = """<!doctype html><html lang="en"><head><title>A page</title>
<style>:focus-visible {{ outline: 3px solid #1e5566 }}</style></head>
<body><main><h1>A page</h1><a href="/help">Help</a><label>Name<input name="name"></label>
<fieldset><legend>How?</legend><label><input type="radio" name="way" value="1">By mail</label>
<label><input type="radio" name="way" value="2">By phone</label></fieldset>
<label>Day<input type="date" name="day"></label><details><summary>More</summary><a href="/">Hidden</a></details>
{}<button>Go on</button></main></body></html>"""
CATCH = "document.querySelector('#fast').addEventListener('blur', event => event.target.focus())"
FAULTS = {
    "not reached: Never": '<button tabindex="-1">Never</button>',
    "no outline: Unseen": '<style>.bare:focus-visible {outline: none}</style><button class="bare">Unseen</button>',
    "held fast": f'<input id="fast" name="fast"><script>{CATCH}</script>',
    "out of order: First": '<button tabindex="1">First</button>',
    "out of order: Above": '<div style="display: flex; flex-direction: column-reverse"><button>Below</button>'
    "<button>Above</button></div>",
    "no control has the focus": '<div tabindex="0" style="visibility: visible; clip-path: inset(50%)"></div>'
    '<div style="height: 40px; overflow: auto"><p style="height: 400px">Words that are pushed up.</p></div>',
    "covered: Beneath": "<button>Beneath</button>"
    '<div class="bar" style="position: sticky; bottom: 0; height: 95vh">A bar</div>',
}
"""What may be wrong with a page, by what is told of it."""


@pytest.fixture
def page(browser: Browser, house: Host) -> Iterator[Page]:
    with visitor(browser, house) as visited:
        yield visited


def shown(page: Page, html: str) -> Page:
    page.route("**/page", lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto("/page")
    return page


def test_a_walk_round_a_page_with_which_nothing_is_wrong_tells_nothing(page: Page) -> None:
    assert keyboard.walk(shown(page, PAGE.format(""))) == []


@pytest.mark.parametrize("told", FAULTS)
def test_a_walk_tells_what_somebody_would_trip_over(page: Page, told: str) -> None:
    found = keyboard.walk(shown(page, PAGE.format(FAULTS[told])))
    assert [one for one in found if one.startswith(told)], found


def test_what_is_not_reached_cannot_be_pressed(page: Page) -> None:
    shown(page, PAGE.format(FAULTS["not reached: Never"]))
    with pytest.raises(AssertionError, match="not reached by Tab"):
        keyboard.press(page, page.get_by_role("button", name="Never"))


def test_a_step_that_leaves_the_focus_behind_is_noticed(page: Page) -> None:
    step = "<script>document.querySelector('button').onclick = event => event.target.remove()</script>"
    shown(page, PAGE.format("").replace("</main>", f"</main>{step}"))
    assert not keyboard.lost(page)
    keyboard.press(page, page.get_by_role("button", name="Go on"))
    assert keyboard.lost(page)


def test_the_skip_link_is_the_first_thing_and_leads_past_the_head_of_a_page(
    browser: Browser, house: Host
) -> None:
    with visitor(browser, house, "jonas") as page:
        page.goto("/home")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the page")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport(ratio=1)
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


PAGES = {
    "": ("/join", "/invited", "/code", "/sign-in?next=/words", "/enter"),
    "mira": ("/cases", "/cases/jonas", "/cases/jonas/alarm", "/cases/jonas/seat", "/cases/jonas/free"),
    "ana": ("/words", "/account", "/account/passphrase"),
}
"""What no other suite looks at as it stands, and some that are met with a key that is locked."""


@pytest.mark.parametrize("who", PAGES)
def test_nobody_trips_over_a_page_that_is_met_without_a_key(browser: Browser, house: Host, who: str) -> None:
    with visitor(browser, house, who) as page:
        for path in PAGES[who]:
            page.goto(path)
            page.wait_for_load_state("networkidle")
            assert (path, faults(page)) == (path, [])
