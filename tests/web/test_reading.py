"""Ana and the words that Jonas wrote for her: told by a person, opened in her browser, kept, or left for later."""

from collections.abc import Callable
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import faults, posted, visitor
from web.family import LETTER, Host

DAY = 86_400
TRACK = "died.ana"


@pytest.fixture(scope="module")
def told(own_house: Callable[..., Host]) -> Host:
    """A host on which Jonas has died: three keepers signed, the last call ran out, and Mira has told Ana."""
    host = own_house()
    keepers = [host.person(name) for name in ("mira", "paul", "ines")]
    keepers[0].does("alarm", "jonas")
    host.pass_time(8 * DAY)
    for keeper in keepers:
        keeper.does("case", "jonas", "state", "died", "--evidence", "document-seen")
    host.pass_time(7 * DAY)
    keepers[0].does("told", "jonas", TRACK)
    return host


def come_in(page: Page, host: Host) -> None:
    """Ana types nothing: she pastes what stands on the card that Jonas gave her."""
    page.goto("/sign-in?next=/words")
    page.get_by_text("Use a sheet or card").click()
    page.locator('[name="paper"]').fill((host.folder / "jonas" / "ana.card.txt").read_text("utf-8"))
    page.locator('[data-form="paper"] button').last.click()
    page.wait_for_url(f"{host.origin}/words")


def test_words_can_be_kept_for_later_and_declined_and_nothing_runs_out(browser: Browser, told: Host):
    with visitor(browser, told, dark=True) as page:
        come_in(page, told)
        page.goto(f"/words/jonas/{TRACK}")
        page.get_by_role("button", name="Not now").click()
        page.get_by_role("button", name="Keep them for later").click()
        expect(page.locator(".problem")).to_be_focused()
        page.get_by_label("In a month").check()
        page.get_by_role("button", name="Keep them for later").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("They are kept for later")
        page.goto(f"/words/jonas/{TRACK}")
        expect(page.get_by_text("You keep the words for later.")).to_be_visible()
        page.get_by_role("button", name="No, thank you").click()
        assert faults(page) == []
        page.get_by_role("button", name="Leave them sealed").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("They stay sealed")
        page.goto(f"/words/jonas/{TRACK}")
        expect(page.get_by_text("You said no, thank you.")).to_be_visible()


def test_ana_changes_her_mind_and_reads_what_jonas_wrote_with_nothing_but_her_card(
    browser: Browser, told: Host
):
    with visitor(browser, told, accept_downloads=True) as page:
        bodies = posted(page)
        come_in(page, told)
        page.get_by_role("link", name="From Jonas Lind").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Jonas Lind wrote words for you")
        expect(page.get_by_text("About the house")).to_be_visible()
        expect(page.get_by_text("Plant something in the garden.")).to_be_visible()
        assert faults(page) == []
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_text(LETTER)).to_be_visible()
        assert faults(page) == []
        with page.expect_download() as kept:
            page.get_by_role("button", name="Keep everything").click()
        with ZipFile(kept.value.path()) as archive:
            assert archive.testzip() is None
            assert archive.namelist()[0] == "index.html"
            assert archive.read("words/letter.txt").decode() == LETTER
            assert archive.read("words/garden.bin") == bytes(range(256)) * 40
        page.get_by_role("button", name="Lock it").click()
        expect(page.get_by_text("Your key is locked in this browser.")).to_be_visible()
        assert LETTER[:20] not in page.content() and "Plant something" not in page.content()
        secret = told.keys("ana").secret_key
        assert [body for body in bodies if secret in body or LETTER[:20] in body] == []
    known = told.person("mira").does("state", "jonas")
    assert [track["words"] for track in known["tracks"] if track["track"] == TRACK] == ["opened"]


def test_whoever_was_not_told_finds_no_such_page(browser: Browser, house: Host):
    with visitor(browser, house, "ana") as page:
        page.goto("/words")
        expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
        answer = page.goto(f"/words/jonas/{TRACK}")
        assert answer is not None and answer.status == 404
        elsewhere = page.goto("/words/nobody/died.ana")
        assert elsewhere is not None and elsewhere.status == 404


def test_without_script_the_page_gives_the_sealed_files_and_the_command(browser: Browser, told: Host):
    with visitor(browser, told, "ana", script=False) as page:
        page.goto(f"/words/jonas/{TRACK}")
        command = page.locator("noscript code")
        assert command.bounding_box() and command.inner_text() == f"lastwords open jonas {TRACK} --to FOLDER"
        expect(page.get_by_role("button", name="Open", exact=True)).to_be_hidden()
        page.get_by_text("Open them with other tools").click()
        with page.expect_download() as sealed:
            page.get_by_role("link", name="words.age", exact=True).click()
        assert sealed.value.path().read_bytes().startswith(b"age-encryption.org/v1")
