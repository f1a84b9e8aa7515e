"""The author's circle by browser: keepers asked and verified, a plan signed, a practice, sheets, and “I'm here”."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from web.browser import PHONE, WIDE, authenticator, faults, posted, visitor
from web.family import Host
from web.test_writing import SLOW, come_in

from lastwords.cli import cards
from lastwords.sealing import age, notes
from lastwords.signing.documents import read
from lastwords.signing.notes import EmergencyNotes

expect.set_options(timeout=SLOW)


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host, whose circle Jonas changes."""
    return own_house()


@pytest.fixture(scope="module")
def desk(browser: Browser, host: Host):
    """Jonas at his desk, signed in with an open key."""
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        come_in(page, host, "jonas", "/keepers")
        yield page


def test_a_keeper_is_verified_by_eight_words_read_aloud_and_by_no_others(desk: Page, host: Host) -> None:
    words = list(host.keys("tom").public.eight_words)
    desk.goto("/keepers/tom")
    desk.get_by_label("The eight words that they read to you").fill(" ".join([*words[:7], "abacus"]))
    desk.get_by_label("I also vouch for the person").check()
    desk.get_by_role("button", name="Verify Tom Berg").click()
    alert = desk.get_by_role("alert")
    expect(alert).to_contain_text("These are not the eight words")
    assert words[7] not in alert.inner_text()
    assert desk.get_by_label("The eight words that they read to you").input_value().endswith("abacus")
    desk.get_by_label("The eight words that they read to you").fill(
        "\n".join(f"{number}. {word.upper()}" for number, word in enumerate(words, 1))
    )
    desk.get_by_role("button", name="Verify Tom Berg").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Tom Berg is your keeper")
    desk.get_by_role("button", name="Show their eight words").click()
    expect(desk.locator("[data-words-of=tom]")).to_have_text(" ".join(words))
    rows = host.person("jonas").does("keeper", "list")["keepers"]
    assert [row["stage"] for row in rows if row["handle"] == "tom"] == ["verified"]


def test_an_invitation_made_here_is_answered_elsewhere_and_proves_the_keys(desk: Page, host: Host) -> None:
    sent = posted(desk)
    desk.goto("/keepers")
    desk.get_by_role("button", name="Make an invitation").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter the name of the person you ask.")
    desk.get_by_label("Their name").fill("Eva Holm")
    desk.get_by_role("button", name="Make an invitation").click()
    message = desk.get_by_label("Your message")
    expect(message).to_have_value(re.compile("^Dear Eva, "))
    link = re.search(r"http\S+", message.input_value())
    assert link
    secret = link[0].partition("#lw1.")[2].split(".")[0]
    assert len(secret) == 22 and not any(secret in body for body in sent)
    desk.reload()
    desk.get_by_role("button", name="The link again for Eva Holm").click()
    assert link[0] in desk.get_by_label("Your message").input_value()
    eva = host.person("eva")
    kept = eva.file("eva.link", link[0] + "\n")
    eva.does("accept", kept, "--name", "Eva Holm", "--handle", "eva", "--no-passphrase")
    desk.goto("/keepers/eva")
    expect(desk.get_by_text("Their answer to your own invitation is here")).to_be_visible()
    desk.get_by_role("button", name="Verify Eva Holm").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Eva Holm is your keeper")


def test_somebody_new_gets_a_card_that_the_command_line_reads_and_can_then_be_written_to(desk: Page) -> None:
    desk.goto("/people")
    desk.get_by_label("Their name").first.fill("Nils Berg")
    desk.get_by_role("button", name="Make their card").click()
    expect(desk.get_by_role("heading", level=1).locator("visible=true")).to_have_text(
        "Print the card of Nils Berg"
    )
    desk.goto("/people")
    expect(desk.get_by_text("A card is not on paper yet")).to_be_visible()
    desk.get_by_role("button", name="Show the card again").click()
    desk.get_by_role("button", name="Show it here").click()
    card = cards.read(desk.locator("[data-card]").inner_text())
    assert (card.handle, card.author) == ("nils-berg", "jonas")
    words = cards.read(" ".join(desk.locator("[data-card] .sheet-words li").all_inner_texts()))
    assert words.keys.secret_key == card.keys.secret_key
    for paper in ("A4", "Letter"):
        assert len(PdfReader(BytesIO(desk.pdf(format=paper))).pages) == 1, paper
    desk.get_by_role("button", name="It is on paper").click()
    expect(desk.get_by_text("Their key is the one on the card you made")).to_be_visible()


def test_new_terms_are_checked_with_their_dates_and_signed(desk: Page, host: Host) -> None:
    desk.goto("/plan")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Your plan is active")
    desk.get_by_label("How often do you check in?").fill("")
    desk.get_by_role("button", name="Check it").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter a number of days")
    desk.get_by_label("How often do you check in?").fill("14")
    desk.get_by_role("button", name="Check it").click()
    expect(desk.locator("dl.summary")).to_contain_text("every 14 days")
    expect(desk.locator(".timeline li")).to_have_count(4)
    desk.get_by_role("link", name="Change something").click()
    assert desk.get_by_label("How often do you check in?").input_value() == "14"
    desk.get_by_role("button", name="Check it").click()
    desk.get_by_role("button", name="Sign the new terms").dblclick()
    desk.wait_for_url(f"{host.origin}/plan")
    expect(desk.get_by_text("Version 2.")).to_be_visible()
    shown = host.person("jonas").does("plan", "show")
    assert (shown["version"], shown["terms"]["check_in_every"]) == (2, 14 * 86_400)


def test_a_seat_is_suspended_and_taken_back_without_a_key(browser: Browser, host: Host) -> None:
    with visitor(browser, host, "jonas", script=False) as page:
        page.goto("/keepers/leila")
        page.get_by_text("Suspend the seat, or take it back").click()
        page.get_by_role("button", name="Suspend Leila Haddad").click()
        expect(page.get_by_text("Suspended; 1 of 1 shares proven.")).to_be_visible()
        page.get_by_text("Suspend the seat, or take it back").click()
        page.get_by_role("link", name="Take the seat of Leila Haddad back").click()
        expect(page.locator("dl.summary")).to_contain_text(
            "Open as before, until you have sealed your words anew."
        )
        page.get_by_role("link", name="Leave it").click()
        page.get_by_text("Suspend the seat, or take it back").click()
        page.get_by_role("link", name="Take the seat of Leila Haddad back").click()
        page.get_by_role("button", name="Take the seat of Leila Haddad back").click()
        expect(page.get_by_text("Leila Haddad is no longer your keeper.")).to_be_visible()
        expect(page.locator(".seats").first).to_be_visible()
        expect(page.locator("noscript .code").first).to_have_text("lastwords invite keeper NAME")


def test_a_keepers_card_fits_one_page_of_either_paper_and_says_what_to_type(desk: Page, host: Host) -> None:
    desk.goto("/keepers/mira")
    words = " ".join(host.keys("jonas").public.eight_words)
    expect(desk.locator("[data-own-eight]")).to_have_text(words)
    shown = host.person("jonas").does("key", "show")["eight_words"]
    assert words in (shown, " ".join(shown)), "the card says what its author reads aloud"
    for paper in ("A4", "Letter"):
        pages = PdfReader(BytesIO(desk.pdf(format=paper))).pages
        said = " ".join(pages[0].extract_text().split())
        assert len(pages) == 1, paper
        assert f"Address: {host.origin}" in said and "Your handle: mira" in said, said
        assert words in said and host.keys("jonas").secret_key not in said, said


def test_keepers_who_live_together_are_noted_where_the_host_cannot_read_it_and_warned_of(desk: Page) -> None:
    sent = posted(desk)
    for name in ("mira", "paul"):
        desk.goto(f"/keepers/{name}")
        desk.get_by_label("Their household").fill("Harbour Street")
        desk.get_by_role("button", name="Note it").click()
        expect(desk.get_by_text("Noted, where only you can read it.")).to_be_visible()
    desk.goto("/keepers")
    warned = (
        "Mira Costa and Paul Lind live together: if that house cannot be reached, 1 remain and 3 are needed."
    )
    expect(desk.get_by_text(warned)).to_be_visible()
    assert faults(desk) == []
    assert [body for body in sent if "Harbour" in body] == []
    desk.goto("/keepers/mira")
    desk.get_by_label("Their household").fill("")
    desk.get_by_role("button", name="Note it").click()
    expect(desk.get_by_text("Noted, where only you can read it.")).to_be_visible()
    desk.goto("/keepers")
    expect(desk.get_by_role("heading", name="How it would go today")).to_be_visible()
    expect(desk.get_by_text("live together:")).to_have_count(0)


def test_asking_nobody_tells_its_price_and_a_quorum_below_the_sealed_one_is_refused(desk: Page) -> None:
    desk.goto("/plan")
    price = desk.get_by_role("heading", name="What it costs to ask nobody")
    expect(price).to_be_hidden()
    desk.get_by_label("Nobody is asked").check()
    expect(price).to_be_visible()
    desk.get_by_label("My keepers are asked").check()
    desk.get_by_label("How many of them must agree?").fill("2")
    desk.get_by_role("button", name="Check it").click()
    expect(desk.get_by_text("Some words need another number of keepers to be opened")).to_be_visible()
    expect(desk.get_by_role("button", name="Sign the new terms")).to_have_count(0)


def test_sheets_are_sealed_here_and_read_by_those_they_are_for(desk: Page, host: Host) -> None:
    desk.goto("/sheets")
    desk.get_by_role("link", name="Find me").click()
    desk.get_by_role("button", name="Seal for my keepers").click()
    expect(desk.get_by_role("alert")).to_contain_text("The field 'looks' is empty")
    desk.get_by_label("What do you look like?").fill("1.78 m, brown hair")
    desk.get_by_label("Whom to ask").fill("Ola Strand, next door\nPia")
    desk.get_by_role("button", name="Seal for my keepers").click()
    expect(desk.get_by_text(re.compile(r"Sealed for \d keepers"))).to_be_visible()
    desk.get_by_role("link", name="Find me").click()
    expect(desk.get_by_label("Whom to ask")).to_have_value("Ola Strand, next door\nPia, not stated")
    said = host.person("jonas").does("find-me", "show")["what"]
    assert (said["looks"], said["ask"][0]) == (
        "1.78 m, brown hair",
        {"name": "Ola Strand", "reach": "next door"},
    )
    desk.goto("/sheets/medical")
    desk.get_by_label("None known: allergies").check()
    desk.get_by_label("Medicines", exact=True).fill("Ramipril, 5 mg, mornings")
    desk.get_by_role("button", name="Seal for my keepers").click()
    expect(desk.get_by_text(re.compile(r"Sealed for \d keepers"))).to_be_visible()
    said = host.person("jonas").does("medical", "show")["what"]
    assert said["allergies"] == {"said": "none known", "items": []}
    assert said["medicines"] == {"said": "listed", "items": ["Ramipril, 5 mg, mornings"]}
    assert said["pregnant"] is None
    desk.goto("/sheets/medical")
    expect(desk.get_by_label("Medicines", exact=True)).to_have_value("Ramipril, 5 mg, mornings")
    desk.get_by_label("Date of birth").fill("1984-05-26")
    desk.get_by_label("Pregnant").select_option("no")
    desk.get_by_role("button", name="Seal for my keepers").click()
    expect(desk.get_by_text(re.compile(r"Sealed for \d keepers"))).to_be_visible()
    said = host.person("jonas").does("medical", "show")["what"]
    assert (said["born"], said["pregnant"]) == ("1984-05-26", False), "a score can be added up for him"
    desk.goto("/sheets/medical")
    expect(desk.get_by_label("Pregnant")).to_have_value("no")
    desk.goto("/sheets/notes")
    desk.get_by_label("What they may need").fill("The key hangs at Ola's.")
    desk.get_by_role("button", name="Seal for my keepers").click()
    expect(desk.get_by_text("sealed, version 1")).to_be_visible()
    with host.inside():
        from lastwords.server.models import Notes

        kept = Notes.objects.get(watch_id="jonas")
        promised = read(kept.document.encode(), EmergencyNotes, host.keys("jonas").signing.public).document
        covered = notes.Covered(bytes(kept.covered), kept.cover)
    for name in ("mira", "tom"):
        uncovered = notes.take_off(covered, promised)
        assert b"The key hangs at Ola's." in age.open_bytes(uncovered, [host.keys(name).secret_key])


def test_i_am_here_takes_one_press_with_an_open_key(desk: Page, host: Host) -> None:
    desk.goto("/check-in")
    desk.locator("[data-here-by-key] button").dblclick()
    expect(desk.locator("[data-answer]")).to_contain_text("Thank you. Next check-in by")
    desk.reload()
    desk.locator("[data-here-by-key] button").click()
    expect(desk.locator("[data-answer]")).to_contain_text("Thank you.")


def test_with_a_locked_key_a_passkey_says_i_am_here(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        authenticator(page)
        come_in(page, host, "jonas", "/account/devices")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_text("Signs you in and opens your key.").wait_for()
        page.get_by_role("button", name="Lock it").click()
        page.goto("/check-in")
        page.get_by_role("button", name="I'm here, with my passkey").click()
        expect(page.locator("[data-answer]")).to_contain_text("Thank you. Next check-in by")


PAGES = (
    *("/write", "/write/died.ana", "/people", "/keepers", "/keepers/mira", "/plan", "/practice"),
    *("/plan/check?check_in_every=30&late=7&vigil=4&last_call=2&quorum=3&timer_only=no", "/sheets"),
    *("/sheets/find-me", "/sheets/medical", "/sheets/notes"),
)


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (WIDE, False)])
def test_every_page_of_an_author_is_clean_and_fits_the_window(
    browser: Browser, host: Host, size: tuple[int, int], dark: bool
) -> None:
    with visitor(browser, host, "jonas", size=size, dark=dark) as page:
        page.set_default_timeout(SLOW)
        for path in PAGES:
            page.goto(path)
            expect(page.locator("h1").locator("visible=true")).to_have_count(1)
            for summary in page.locator("summary").locator("visible=true").all():
                summary.click()
            assert (path, faults(page)) == (path, [])


def test_without_script_every_page_names_the_command(browser: Browser, host: Host) -> None:
    with visitor(browser, host, "jonas", script=False) as page:
        for path in PAGES:
            page.goto(path)
            if path not in ("/practice", "/sheets", "/plan", "/keepers/mira") and "check" not in path:
                expect(page.locator("noscript .code").first).to_contain_text("lastwords ")
