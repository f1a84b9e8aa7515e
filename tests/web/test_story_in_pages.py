"""The whole story through the pages, from the first key to the last letter, with both endings.

Everything that a page offers is done in it, with presses and typing. The clock alone is moved on. What came of it is
judged from outside: by the letters that arrived, by the words that were read, and by what the host says of its watch.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from web.browser import PHONE, WIDE
from web.family import Host
from web.story import play
from web.walker import Look, Walker


@pytest.mark.parametrize(
    ("ending", "size"), [("home", PHONE), ("gone", WIDE)], ids=["home, on a phone", "gone, at a desk"]
)
def test_the_story_is_played_through_the_pages_to_its_end(
    browser: Browser,
    own_house: Callable[..., Host],
    tmp_path: Path,
    figure: Callable[[str], None],
    ending: str,
    size: tuple[int, int],
) -> None:
    played = play(browser, own_house(empty=True), tmp_path, ending, size)
    figure(f"the story in pages, {ending}, {size[0]} px wide: {len(played)} pages and steps looked at")


PAGE = (
    '<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>A page</title></head><body><main><h1>A page</h1>{}</main></body>"
)
FAULTS = {
    "": "",
    "127.0.0.1:9": '<img alt="" src="http://127.0.0.1:9/eye.png">',
    "not well": '<script>console.error("not well")</script>',
    "too wide|sideways": '<div class="wide" style="width: 900px">Too wide.</div>',
    "color-contrast": '<p style="color: #ccc; background: #fff">Faint.</p>',
    "#222222": "<style>@media (prefers-color-scheme: dark) {p {color: #333; background: #222}}</style><p>By night.</p>",
}
"""What may be wrong with a page, by what is told of it; the first is a page with which nothing is."""


@pytest.mark.parametrize(
    "told", FAULTS, ids=["nothing", "elsewhere", "complaint", "wide", "faint", "by night"]
)
def test_a_walker_tells_what_is_wrong_with_a_page(browser: Browser, house: Host, told: str) -> None:
    walker = Walker(browser, house, Look(PHONE), "Iruka", prf=None)
    walker.page.route(
        "**/help", lambda route: route.fulfill(content_type="text/html", body=PAGE.format(FAULTS[told]))
    )
    try:
        if not told:
            walker.go("/help", "A page")
            walker.close()
            return
        with pytest.raises(AssertionError, match=told):
            walker.go("/help", "A page")
            walker.close()
    finally:
        walker.context.close()


def test_a_walker_who_did_not_look_at_a_page_is_found_out(browser: Browser, house: Host) -> None:
    walker = Walker(browser, house, Look(PHONE), "Iruka", prf=None)
    walker.page.goto("/help")
    with pytest.raises(AssertionError, match="/help"):
        walker.close()
