"""From an empty host to an active plan: a first letter, then the keepers, their lock on it, and the terms."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import authenticator, visitor
from web.family import Host
from web.test_writing import SLOW

from lastwords.cli import cards

KEEPERS = ("mira", "paul", "ines", "leila")
expect.set_options(timeout=SLOW)


@pytest.fixture(scope="module")
def empty(own_house: Callable[..., Host]) -> Host:
    """A host that nobody has joined."""
    return own_house(empty=True)


@pytest.fixture(scope="module")
def page(browser: Browser, empty: Host) -> Iterator[Page]:
    """The browser of somebody who comes in for the first time."""
    with visitor(browser, empty) as page:
        page.set_default_timeout(SLOW)
        authenticator(page)
        yield page


class Counted:
    """A person who counts what they do: one for every press, and one for every field they type into."""

    def __init__(self, page: Page) -> None:
        self.page, self.done = page, 0

    def press(self, role: str, name: str) -> None:
        self.done += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def type(self, name: str, text: str) -> None:
        self.done += 1
        self.page.locator(f'[name="{name}"]:visible').fill(text)


def test_the_first_ten_minutes_lead_from_an_empty_host_to_a_sealed_letter(
    page: Page, empty: Host, figure: Callable[[str], None]
) -> None:
    code = str(empty.person("host").does("host", "join-code", "--data", empty.data)["code"])
    page.goto("/join")
    jonas = Counted(page)
    jonas.type("code", code)
    jonas.type("name", "Jonas Lind")
    jonas.press("button", "Continue")
    jonas.press("button", "Make my key")
    jonas.press("button", "Make a passkey")
    jonas.press("link", "Later")
    jonas.press("link", "Write to one person first")
    jonas.type("name", "Ana Reis")
    jonas.press("button", "Make their card")
    jonas.press("button", "Show it here, to copy by hand")
    card = cards.read(page.locator("[data-card]").inner_text())
    jonas.press("button", "It is on paper")
    jonas.type("letter", "The house is yours. Do not answer this.")
    jonas.press("button", "Check and seal")
    expect(page.get_by_text("Your keepers' lock is not on it yet")).to_be_visible()
    jonas.press("button", "Seal for Ana")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sealed for Ana Reis")
    page.goto("/write")
    expect(page.get_by_text("sealed, version 1")).to_be_visible()
    figure(f"from an empty host to the first sealed letter: {jonas.done} presses and fields")
    assert jonas.done <= 25
    assert (card.handle, card.author, card.origin) == ("ana-reis", "jonas-lind", empty.origin)


def test_keepers_are_asked_verified_and_given_their_lock_and_the_plan_is_signed(
    page: Page, empty: Host
) -> None:
    page.goto("/account/sheet")
    page.get_by_role("button", name="Show it here").click()
    jonas = empty.person("jonas")
    sheet = jonas.file("sheet.txt", page.locator("[data-sheet]").inner_text())
    jonas.does("key", "from-card", sheet, "--no-passphrase")
    jonas.does("codes", "new", "--out", jonas.folder / "codes.txt")
    jonas.does("key", "prove", "--sheet", sheet)
    page.goto("/plan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is not active yet")
    expect(page.get_by_text("0 of at least 4 asked.")).to_be_visible()
    for name in KEEPERS:
        page.goto("/keepers")
        page.get_by_label("Their name").fill(name.capitalize())
        page.get_by_role("button", name="Make an invitation").click()
        link = re.search(r"http\S+", page.get_by_label("Your message").input_value())
        assert link
        keeper = empty.person(name)
        kept = keeper.file("link", link[0] + "\n")
        keeper.does("accept", kept, "--name", name.capitalize(), "--handle", name, "--no-passphrase")
        page.goto(f"/keepers/{name}")
        page.get_by_label("I also vouch for the person").check()
        page.get_by_role("button", name=re.compile("^Verify")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{name.capitalize()} is your keeper")
    page.goto("/plan/check?check_in_every=30&late=7&vigil=4&last_call=2&quorum=3&timer_only=no")
    expect(page.get_by_role("heading", name="It cannot be made active yet")).to_be_visible()
    page.goto("/write")
    page.get_by_role("button", name="Seal the same words anew").click()
    expect(page.get_by_text("sealed, version 2")).to_be_visible()
    expect(page.get_by_role("button", name="Seal the same words anew")).to_have_count(0)
    for name in KEEPERS:
        assert empty.person(name).does("shares", "prove", "jonas-lind")["shares"][0]["opens"]
    page.goto("/plan")
    page.get_by_role("button", name="Check it").click()
    page.get_by_role("button", name="Make my plan active").click()
    page.wait_for_url(f"{empty.origin}/plan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is active")
    assert jonas.does("plan", "show")["armed"] is True
