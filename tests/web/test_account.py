"""A person's account by browser: devices, the sheet, paper codes, an authenticator, channels, sessions."""

import base64
import hmac
import re
import struct
import time
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from web.browser import PHONE, WIDE, authenticator, faults, visitor
from web.family import Host, wait_for
from web.overheard import listen

from lastwords.cli import cards


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host, which these tests may change."""
    return own_house()


def come_in_by_paper(page: Page, host: Host, name: str, then: str) -> None:
    """Signs in with the words of the person's own key, and goes on to a page."""
    page.goto(f"/sign-in?next={then}")
    page.get_by_text("Use a sheet or card").click()
    page.get_by_label("The words on the paper").fill(" ".join(host.keys(name).words()))
    page.get_by_label("The handle on it").fill(name)
    page.get_by_role("button", name="Sign in").last.click()
    page.wait_for_url(f"{host.origin}{then}")


def number_of(secret: str, step: int = 0) -> str:
    """What an authenticator with this secret shows, now or some steps of 30 seconds later (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    hashed = hmac.digest(base64.b32decode(secret.replace(" ", "")), counter, "sha1")
    at = hashed[-1] & 15
    return f"{(int.from_bytes(hashed[at : at + 4]) & 0x7FFFFFFF) % 10**6:06d}"


def test_a_command_line_account_gets_a_passkey_and_comes_in_by_it(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        listening = listen(page.context)
        listening.raw["seed"] = host.keys("paul")._seed
        listening.words["sheet"] = list(host.keys("paul").words())
        device = authenticator(page)
        come_in_by_paper(page, host, "paul", "/account/devices")
        page.get_by_label("What is it called?").fill("Paul's laptop")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_text("Signs you in and opens your key.").wait_for()
        page.get_by_role("button", name="Lock it").click()
        page.goto("/sign-in?next=/account")
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_text("Your key is open in this tab.").wait_for()
        assert len(device.credentials()) == 1
        assert listening.leaks() == []
        page.goto("/account/devices")
        page.get_by_role("button", name="Take out Paul's laptop").click()
        page.get_by_text("Without this nothing kept here could open your key any more").wait_for()


def test_an_authors_new_passkey_counts_and_author_and_keepers_are_told(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        authenticator(page)
        come_in_by_paper(page, host, "jonas", "/account/devices")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_text("Signs you in and opens your key.").wait_for()
        page.goto("/account")
        assert page.locator(".rows .what").filter(has_text="A passkey").count() == 1
        for name in ("jonas", "mira"):
            wait_for(
                lambda name=name: [
                    letter
                    for letter in host.mailbox.to(f"{name}@example.org")
                    if "has changed" in letter["Subject"]
                ],
                f"the letter about a new credential to {name}",
            )


def test_the_printed_sheet_fits_one_page_and_the_command_line_reads_it(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        come_in_by_paper(page, host, "ines", "/account/sheet")
        page.get_by_role("button", name="Print it").wait_for()
        assert not page.locator("[data-sheet]").is_visible(), "nothing secret is on the screen unasked"
        for paper in ("A4", "Letter"):
            printed = PdfReader(BytesIO(page.pdf(format=paper)))
            assert len(printed.pages) == 1, paper
            text = unicodedata.normalize("NFKC", printed.pages[0].extract_text())  # "fi" may be one letter
            assert [word for word in host.keys("ines").words()[4:30] if word not in text] == []
        page.get_by_role("button", name="Show it here").click()
        shown = page.locator("[data-sheet]").inner_text()
        card = cards.read(shown)
        words = " ".join(page.locator("[data-sheet] .sheet-words li").all_inner_texts())
        assert card.keys.secret_key == host.keys("ines").secret_key == cards.read(words).keys.secret_key
        assert (card.origin, card.handle) == (host.origin, "ines")


def test_the_sheet_is_proven_by_two_of_its_words(browser: Browser, host: Host) -> None:
    words = host.keys("tom").words()
    with visitor(browser, host) as page:
        come_in_by_paper(page, host, "tom", "/account/sheet")
        page.get_by_role("button", name="They are right").wait_for()
        first, second = (int(page.locator(f"[data-{one}]").inner_text()) for one in ("first", "second"))
        page.fill("[name=first]", words[first - 1])
        page.fill("[name=second]", "academic" if words[second - 1] != "academic" else "acid")
        page.get_by_role("button", name="They are right").click()
        page.get_by_role("alert").filter(has_text=f"Word {second} is another one").wait_for()
        page.fill("[name=second]", words[second - 1])
        page.get_by_role("button", name="They are right").click()
        page.get_by_text("Your recovery sheet is proven.").wait_for()


def test_paper_codes_made_in_the_browser_say_i_am_here_and_leave_it_only_as_hashes(
    browser: Browser, host: Host
) -> None:
    with visitor(browser, host) as page:
        listening = listen(page.context)
        come_in_by_paper(page, host, "jonas", "/account/codes")
        page.get_by_role("button", name="Make a list of 20 codes").click()
        page.get_by_role("button", name="Print it").wait_for()
        printed = page.locator("[data-sheet]").inner_text()
        codes = re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", printed)
        assert len(codes) == 20
        assert not any(
            code in one or code.replace("-", "") in one for code in codes for one in listening.sent
        )
    status, answer = host.get("/api/watches/jonas/check-ins", {"code": codes[7]})
    assert (status, answer["stage"]) == (200, "well")
    assert host.get("/api/watches/jonas/check-ins", {"code": codes[7]})[0] == 404


def test_an_authenticator_checks_in_once_by_number_and_proves_a_person_at_an_open_screen(
    browser: Browser, host: Host
) -> None:
    with visitor(browser, host) as page:
        come_in_by_paper(page, host, "jonas", "/account/authenticator")
        page.get_by_role("button", name="Set one up").click()
        assert page.locator("[data-picture] svg").get_attribute("aria-label")
        secret = page.locator("[data-secret]").inner_text()
        page.get_by_label("The number it shows now").fill("000000")
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("The number it shows now").fill(number_of(secret))
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("heading", name="Your authenticator is set up").wait_for()
        page.get_by_role("button", name="Make ten new codes").click()
        page.locator("[data-code-list] li").nth(9).wait_for()
        codes = page.locator("[data-code-list] li").all_inner_texts()
    number = number_of(secret, 1)
    status, answer = host.get("/api/watches/jonas/check-ins", {"code": number})
    assert (status, answer["stage"]) == (200, "well")
    assert host.get("/api/watches/jonas/check-ins", {"code": number})[0] == 404, "each number works once"
    with visitor(browser, host, "jonas") as page:
        page.goto("/account/channels")
        page.get_by_label("Mail address").fill("jonas@elsewhere.example")
        page.get_by_role("button", name="Send a number there").click()
        page.get_by_role("heading", name="Show that it is you").wait_for()
        page.get_by_text("Type a number instead").click()
        page.get_by_label("The number", exact=True).fill(codes[0])
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(f"{host.origin}/account/channels")


def test_a_channel_is_added_and_proven_without_script(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        come_in_by_paper(page, host, "leila", "/account/channels")
        cookies = page.context.cookies()
    with visitor(browser, host, script=False) as page:
        page.context.add_cookies(cookies)
        page.goto("/account/channels")
        page.get_by_role("button", name="Send a number there").click()
        page.get_by_role("alert").filter(has_text="Enter a mail address").wait_for()
        page.get_by_label("Mail address").fill("leila@elsewhere.example")
        page.get_by_role("button", name="Send a number there").click()
        letter = wait_for(lambda: host.mailbox.to("leila@elsewhere.example"), "the letter with the number")[0]
        number = re.search(r"\b\d{8}\b", letter.get_content())
        assert number
        page.get_by_label("The number in the letter").fill("00000000")
        page.get_by_role("button", name="Prove this address").click()
        page.get_by_role("alert").filter(has_text="not the number").wait_for()
        page.get_by_label("The number in the letter").fill(number[0])
        page.get_by_role("button", name="Prove this address").click()
        page.get_by_text("Letters to leila@elsewhere.example reach you.").wait_for()
        page.get_by_role("button", name="Take out leila@example.org").click()
        page.get_by_text("still written to until").wait_for()


def test_a_session_is_ended_from_another_browser(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as one, visitor(browser, host) as other:
        come_in_by_paper(one, host, "mira", "/account/sessions")
        come_in_by_paper(other, host, "mira", "/account/sessions")
        other.get_by_role("button", name="End it").click()
        other.get_by_role("button", name="End it").wait_for(state="detached")
        one.goto("/account")
        one.get_by_role("heading", name="Sign in").wait_for()


PAGES = [
    "/account",
    "/account/devices",
    "/account/channels",
    "/account/authenticator",
    "/account/sessions",
    "/account/sheet",
    "/account/codes",
    "/sign-in",
]


@pytest.mark.parametrize("size", [PHONE, WIDE])
def test_the_pages_of_an_account_are_clean_and_fit_the_window(
    browser: Browser, host: Host, size: tuple[int, int], tmp_path: Path
) -> None:
    found: dict[str, Any] = {}
    with visitor(browser, host, size=size, dark=size == WIDE) as page:
        come_in_by_paper(page, host, "jonas", "/account")
        for path in PAGES:
            page.goto(path)
            page.locator("[data-key-state]").wait_for(state="attached")
            for button in page.get_by_role("button", name=re.compile("Show it here|Make a list")).all():
                button.click()
            found[path] = faults(page)
    assert {path: faults for path, faults in found.items() if faults} == {}
