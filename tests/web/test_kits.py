"""A keeper who uses only the pages saves a kit: the command line's to the byte, or none at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from web.bedside import keeper
from web.browser import WIDE, faults, posted
from web.family import Host

SHARES = "/cases/jonas/shares"


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    return own_house()


def press(page: Page) -> None:
    page.get_by_role("button", name="Save my kit of the words for Ana Reis, if Jonas Lind has died").click()


def test_a_keeper_saves_a_kit_from_the_page_and_it_is_byte_for_byte_the_one_of_the_command_line(
    browser: Browser, host: Host, tmp_path: Path
):
    (theirs,) = host.person("mira").does("kit", "jonas", "--out", tmp_path)["kits"]
    with keeper(browser, host, "mira") as page:
        page.get_by_text("More for Jonas Lind").click()
        page.get_by_role("link", name="Save my kit").click()
        expect(
            page.get_by_role("heading", name="A kit, for the day when this host is gone")
        ).to_be_in_viewport()
        expect(page.get_by_text("Version 1, about 1")).to_be_visible()
        assert faults(page) == []
        bodies = posted(page)
        with page.expect_download() as kept:
            press(page)
        expect(page.get_by_text(f"handed to your browser to save as {Path(theirs).name}")).to_be_visible()
        assert faults(page) == []
        assert kept.value.suggested_filename == Path(theirs).name
        assert Path(kept.value.path()).read_bytes() == Path(theirs).read_bytes()
        # Nothing leaves the browser but its holder's own book, sealed, which keeps what it has seen.
        assert {tuple(sorted(json.loads(body))) for body in bodies} <= {("revision", "sealed")}


def another_file(route: Route, host: Host) -> None:
    """Other bytes, as many as there should be."""
    found = route.fetch()
    route.fulfill(response=found, body=bytes(len(found.body())))


def another_keepers_share(route: Route, host: Host) -> None:
    from lastwords.cli.home import Home
    from lastwords.cli.me import Me

    of_paul = Me(Home(host.person("paul").home)).host.get("watches", "jonas", "shares")
    route.fulfill(json=[{**row, "words": of_paul[0]["words"]} for row in route.fetch().json()])


def withheld_wishes(route: Route, host: Host) -> None:
    route.fulfill(json=[{**row, "wishes": None} for row in route.fetch().json()])


def cut_short(route: Route, host: Host) -> None:
    found = route.fetch()
    route.fulfill(response=found, body=found.body()[:-1])


def manifest_of_its_own(route: Route, host: Host) -> None:
    route.fulfill(
        json=[{**row, "manifest": row["manifest"].replace('"k":3', '"k":2')} for row in route.fetch().json()]
    )


LIES: dict[str, tuple[str, Callable[[Route, Host], None], str]] = {
    "serves another file than the manifest names": ("**/api/files/*", another_file, "No kit was saved"),
    "cuts a file short": ("**/api/files/*", cut_short, "where the author sealed"),
    "gives another keeper's share": ("**/api/watches/jonas/shares", another_keepers_share, "does not open"),
    "withholds the share of the wishes": ("**/api/watches/jonas/shares", withheld_wishes, "No kit was"),
    "lowers the number of keepers": ("**/api/watches/jonas/shares", manifest_of_its_own, "signature"),
    "cuts the opener short": ("**/static/opener.html*", cut_short, "No kit was saved"),
}


@pytest.mark.parametrize("name", LIES)
def test_no_kit_is_saved_from_a_host_that(browser: Browser, host: Host, name: str):
    address, lie, said = LIES[name]
    with keeper(browser, host, "mira") as page:
        page.goto(SHARES)
        saved: list[Any] = []
        page.on("download", lambda found: saved.append(found))
        page.route(address, lambda route: lie(route, host))
        press(page)
        expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
        assert saved == []
        page.unroute(address)
        with page.expect_download():
            press(page)
        expect(page.get_by_role("alert")).to_have_count(0)


def test_words_larger_than_a_page_can_save_are_refused_before_any_sealed_file_is_fetched(
    browser: Browser, host: Host
):
    with keeper(browser, host, "mira", size=WIDE, dark=True) as page:
        page.goto(SHARES)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.locator("[data-largest-kit]").evaluate("section => section.dataset.largestKit = '9999'")
        press(page)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("Nothing was fetched, and no kit was saved.")
        assert faults(page) == []
        assert [url for url in asked if "/api/files/" in url or "opener" in url] == []
        page.get_by_text("If it is large, or this browser cannot save it").click()
        expect(page.get_by_text("lastwords kit jonas --out kit")).to_be_visible()


FORGETFUL = """() => { Blob.prototype.stream = () =>
    new ReadableStream({ start: (to) => to.error(new TypeError("network error")) }) }"""
"""What Chromium does with a blob that was more than it could keep."""


def test_a_browser_that_cannot_keep_so_much_says_so_and_saves_nothing(browser: Browser, host: Host):
    with keeper(browser, host, "mira") as page:
        page.goto(SHARES)
        saved: list[Any] = []
        page.on("download", lambda found: saved.append(found))
        page.evaluate(FORGETFUL)
        press(page)
        expect(page.get_by_role("alert")).to_contain_text("This browser could not keep all of it")
        assert saved == []


def test_a_keeper_whose_key_is_locked_opens_it_first_and_comes_back(browser: Browser, host: Host):
    with keeper(browser, host, "mira") as page:
        page.goto(SHARES)
        page.get_by_role("button", name="Lock it").click()
        press(page)
        page.wait_for_url("**/sign-in?**")
