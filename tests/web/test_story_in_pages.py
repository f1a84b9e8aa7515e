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
