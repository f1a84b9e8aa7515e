"""The keepers' pages: three of Jonas's keepers look for him in a case, each in their own browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import PHONE, WIDE, axe, posted, too_wide, visitor
from web.family import LETTER, Host

DAY = 86_400
TRACK = "died.ana"


@pytest.fixture(scope="module")
def vigil(own_house: Callable[..., Host]) -> Host:
    """A host on which Mira has raised an alarm for Jonas, and his time to answer has run out."""
    host = own_house()
    host.person("mira").does("alarm", "jonas")
    host.pass_time(8 * DAY)
    return host


@contextmanager
def keeper(browser: Browser, host: Host, name: str, **more: object) -> Iterator[Page]:
    """One of the keepers, who has pasted their keeper card: their key is open, and they know Jonas by his fingerprint."""
    card = "\n".join(
        (
            f"Handle: {name}",
            "Author: jonas",
            f"Author's fingerprint: {host.keys('jonas').signing.public.fingerprint}",
            host.keys(name).secret_key,
        )
    )
    with visitor(browser, host, **more) as page:  # type: ignore[arg-type]
        page.goto("/sign-in?next=/cases")
        page.get_by_text("Use a sheet or card").click()
        page.locator('[name="paper"]').fill(card)
        page.locator('[data-form="paper"] button').last.click()
        page.wait_for_url(f"{host.origin}/cases")
        yield page


def test_a_keeper_finds_the_case_says_that_they_are_there_and_reads_what_another_wrote_by_command_line(
    browser: Browser, vigil: Host
):
    paul = vigil.person("paul")
    note = paul.file("note.txt", "His boat is not in the harbour.")
    paul.does("case", "jonas", "entry", "--text", note)
    with keeper(browser, vigil, "mira") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("You are asked about Jonas Lind")
        assert (axe(page), too_wide(page)) == ([], [])
        page.get_by_role("link", name="Case 1 of Jonas Lind").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Jonas Lind has not answered")
        expect(page.get_by_text("His boat is not in the harbour.")).to_be_visible()
        page.get_by_role("button", name="I am here").click()
        expect(page.get_by_text("The others see that you are there.")).to_be_visible()
        expect(page.get_by_text("Go on only if you are still worried.").first).to_be_visible()
        assert (axe(page), too_wide(page)) == ([], [])
    assert "mira" in paul.does("case", "jonas", "show")["case"]["answered"]


def test_what_is_written_on_the_page_is_read_by_the_command_line_and_nothing_of_it_leaves_unsealed(
    browser: Browser, vigil: Host
):
    with keeper(browser, vigil, "mira", size=WIDE, dark=True) as page:
        bodies = posted(page)
        page.goto("/cases/jonas/write?kind=observation")
        page.get_by_label("Pulse (optional)").fill("700")
        page.get_by_role("button", name="Write it").click()
        expect(page.locator(".problem")).to_be_focused()
        assert (axe(page), too_wide(page)) == ([], [])
        page.get_by_label("Pulse (optional)").fill("72")
        page.get_by_label("Temperature (optional)").fill("36,6")
        page.get_by_label("Time zone").fill("Asia/Kathmandu")
        page.get_by_label("Of when does it speak?").fill("2026-03-04T07:00")
        page.get_by_label("It is only about then").check()
        page.get_by_role("button", name="Write it").click()
        expect(page.get_by_role("heading", name="is written")).to_be_focused()
        page.get_by_role("link", name="Back to the case").click()
        expect(page.get_by_text("pulse 72/min, temperature 36.6 °C")).to_be_visible()
        assert [body for body in bodies if "36.6" in body or "Kathmandu" in body] == []
    entry = vigil.person("ines").does("case", "jonas", "show")["entries"][-1]
    assert entry["text"] == "pulse 72/min, temperature 36.6 °C"
    there = datetime(2026, 3, 4, 7, tzinfo=ZoneInfo("Asia/Kathmandu"))
    assert entry["record"]["head"]["when"] == {
        "at": there.timestamp(),
        "zone": "Asia/Kathmandu",
        "about": True,
    }
