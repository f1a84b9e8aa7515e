"""A hostile host before the browser: its answers are changed on their way into our own pages, and nothing is accepted.

A host that changes the pages themselves is another matter: whoever has to fear that uses the command line.
"""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from manners.house import ROOT
from playwright.sync_api import Browser, Page, Request, Route, expect
from web.browser import visitor
from web.family import Host
from web.overheard import Overheard, listen

from lastwords.protocol.watch import Plan
from lastwords.sealing import age
from lastwords.sealing.age import bech32
from lastwords.sealing.person import PersonKeys
from lastwords.signing.keys import SigningKey

pytestmark = [pytest.mark.needs("command:chromium"), pytest.mark.needs("npm:axe-core")]
SLOW = 40_000


@dataclass
class Desk:
    """Jonas at his desk in the browser, his key open; what was honest before and may be replayed."""

    page: Page
    host: Host
    heard: Overheard
    old_words: list[dict[str, Any]]
    old_plan: dict[str, Any]


Change = Callable[[Desk, Any], Any]


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    return own_house()


@pytest.fixture(scope="module")
def desk(browser: Browser, host: Host) -> Iterator[Desk]:
    from lastwords.cli.home import Home
    from lastwords.cli.me import Me

    jonas = host.person("jonas")
    before = Me(Home(jonas.home)).host
    old_words, old_plan = before.get("watches", "jonas", "words"), before.get("watches", "jonas")
    jonas.does("words", "replace", "ana", "--note", "About the garden")
    keys = host.keys("jonas")
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        heard = listen(page.context)
        heard.raw["the seed"] = bytes(bech32.decode(keys.secret_key)[1])
        heard.raw["the letter"] = b"Water the lemon tree."
        page.goto("/sign-in?next=/write")
        page.get_by_text("Use a sheet or card").click()
        page.locator('[name="paper"]').fill(keys.secret_key)
        page.locator('[name="paper-handle"]').fill("jonas")
        page.locator('[data-form="paper"] button').last.click()
        page.wait_for_url(f"{host.origin}/write", timeout=SLOW)
        sign_new_terms(page)
        yield Desk(page, host, heard, old_words, old_plan)


def sign_new_terms(page: Page) -> None:
    """From here on Jonas has signed version 2 of his plan, in this very browser."""
    page.goto("/plan/check?check_in_every=20&late=7&vigil=4&last_call=2&quorum=3&timer_only=no")
    page.get_by_role("button", name="Sign the new terms").click()
    page.wait_for_url("**/plan", timeout=SLOW)


def people(handle: str, **keys: Callable[[Desk], str]) -> tuple[str, Change]:
    return f"**/api/people/{handle}", lambda desk, said: {
        **said,
        **{n: make(desk) for n, make in keys.items()},
    }


def plan(**terms: Any) -> tuple[str, Change]:
    def change(_: Desk, said: Any) -> Any:
        said["state"]["plan"] |= terms
        return said

    return "**/api/watches/jonas", change


def words(change: Callable[[Desk, dict[str, Any]], dict[str, Any]]) -> tuple[str, Change]:
    return "**/api/watches/jonas/words", lambda desk, said: [{**row, **change(desk, row)} for row in said]


FALSE, FALSE_SIGNING = PersonKeys.new(), SigningKey.new()


def altered(_: Desk, row: dict[str, Any]) -> dict[str, Any]:
    return {"manifest": row["manifest"].replace('"k":3', '"k":2')}


def by_the_host(_: Desk, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "manifest": re.sub(
            r'"signer":"[0-9a-f]{64}"', f'"signer":"{FALSE_SIGNING.public.fingerprint}"', row["manifest"]
        )
    }


def seated(desk: Desk, said: Any) -> Any:
    one = {**said["keepers"][0], "handle": "tom", "name": "Tom Berg", "stage": "seasoned", "alternate": 0}
    return {**said, "keepers": [*(row for row in said["keepers"] if row["handle"] != "tom"), one]}


def old(desk: Desk) -> dict[str, Any]:
    """The plan as it was before the newest, with the author's own signature over it."""
    return {name: desk.old_plan[name] for name in ("state", "signed_plan")}


# The keys come first, keepers before the recipient: once the browser has made sure of them, it asks for none again.
LIES: dict[str, tuple[tuple[str, Change], str]] = {
    "swaps a keeper's sealing key": (people("mira", public_key=lambda _: FALSE.public_key), "another key for mira"),
    "swaps a keeper's signing key": (
        people("paul", signing_key=lambda _: FALSE_SIGNING.public.text), "another key for paul",
    ),
    "swaps the recipient's key": (people("ana", public_key=lambda _: FALSE.public_key), "another key for ana"),
    "lowers how many keepers the plan asks for": (plan(quorum=2), "other terms of your plan"),
    "makes the plan one of the timer alone": (plan(timer_only=True), "other terms of your plan"),
    "shows a later plan that was never signed": (plan(version=7, quorum=2), "other terms of your plan"),
    "hides that a plan was signed": (
        ("**/api/watches/jonas", lambda _, said: {**said, "signed_plan": None}), "other terms of your plan",
    ),
    "shows an older plan, which the author signed too": (
        ("**/api/watches/jonas", lambda desk, said: {**said, **old(desk)}), "version 2 was signed before",
    ),
    "shows an older version of the words": (
        ("**/api/watches/jonas/words", lambda desk, _: desk.old_words), "was seen before",
    ),
    "lowers the number of keepers in a manifest": (words(altered), "signature"),
    "signs a manifest itself": (words(by_the_host), "sign"),
    "shows one track's manifest under another's name": (words(lambda *_: {"track": "died.mira"}), "something else"),
    "sends no manifest at all": (words(lambda *_: {"manifest": ""}), "it is not JSON in UTF-8"),
}  # fmt: skip
OWN_PINS = "/api/me/pins"
"""Where a browser keeps whom it believes, sealed to its person: it may learn what is true on its way to a refusal."""
AT_THE_START = ("swaps a keeper's sealing key", "swaps a keeper's signing key")
"""Keepers' keys are made sure of when the page shows who would hold a share."""


@pytest.mark.parametrize("name", LIES)
def test_nothing_is_sealed_in_the_browser_for_a_host_that(desk: Desk, name: str, record_property) -> None:
    (address, change), said = LIES[name]
    record_property("behaviour", name)
    record_property("client", "browser")
    record_property("came of it", "refused")
    page, told, posted = desk.page, [], []

    def lie(route: Route) -> None:
        if route.request.method != "GET":
            route.abort()
            return
        told.append(1)
        route.fulfill(json=change(desk, route.fetch().json()))

    def note(request: Request) -> None:
        if request.method != "GET" and not request.url.endswith(OWN_PINS):
            posted.append(request.url)

    page.on("request", note)
    if name in AT_THE_START:
        page.route(address, lie)
    page.goto("/write/cannot_act.ana")
    try:
        if name not in AT_THE_START:
            page.get_by_label("Your letter").fill("Water the lemon tree.")
            page.route(address, lie)
            page.get_by_role("button", name="Check and seal").press("Enter")
        expect(page.get_by_role("alert").filter(has_text=said).first).to_be_visible(timeout=SLOW)
    finally:
        page.unroute(address)
        page.remove_listener("request", note)
    assert told and not posted and desk.heard.leaks() == []


def test_new_terms_are_not_signed_over_an_older_plan_unless_the_author_says_that_the_host_was_restored(
    desk: Desk, record_property
) -> None:
    record_property("behaviour", "shows an older plan before the author signs the terms again")
    record_property("client", "browser")
    record_property("came of it", "refused")
    page, posted = desk.page, []

    def lie(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), **old(desk)})

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/api/watches/jonas/plan"):
            posted.append(request.post_data_json)

    page.route("**/api/watches/jonas", lie)
    page.on("request", note)
    try:
        page.goto("/plan/check?check_in_every=30&late=7&vigil=4&last_call=2&quorum=3&timer_only=no")
        restored = page.get_by_label("Yes, and whoever runs it told me so")
        expect(restored).to_be_hidden()
        page.get_by_role("button", name="Sign the new terms").click()
        said = page.get_by_role("alert").filter(has_text="version 2 was signed before")
        expect(said.first).to_be_visible(timeout=SLOW)
        assert posted == []
        restored.check()
        page.get_by_role("button", name="Sign the new terms").click()
        page.wait_for_url("**/plan", timeout=SLOW)
    finally:
        page.unroute("**/api/watches/jonas")
        page.remove_listener("request", note)
    assert [one["terms"]["version"] for one in posted] == [3], "later than every plan that was signed"
    assert desk.heard.leaks() == []


def test_somebody_whom_the_host_seats_and_the_author_never_verified_gets_no_share(
    desk: Desk, record_property
) -> None:
    record_property("behaviour", "seats somebody whom the author never verified")
    record_property("client", "browser")
    record_property("came of it", "without effect")
    page, address = desk.page, "**/api/watches/jonas/keepers"
    page.route(address, lambda route: route.fulfill(json=seated(desk, route.fetch().json())))
    try:
        page.goto("/write/cannot_act.ana")
        page.get_by_label("Your letter").fill("Water the lemon tree.")
        page.get_by_text("Who opens it, and who is there").click()
        expect(page.get_by_label("Tom Berg")).to_be_disabled(timeout=SLOW)
        page.get_by_role("button", name="Check and seal").press("Enter")
        opens = page.locator("dt", has_text="Who can open it").locator("xpath=following-sibling::dd[1]")
        expect(opens).to_contain_text("Mira Costa", timeout=SLOW)
        expect(opens).not_to_contain_text("Tom Berg")
    finally:
        page.unroute(address)
    assert desk.heard.leaks() == []


@pytest.mark.parametrize("page_of", ["notes", "medical"])
def test_no_sheet_is_sealed_for_a_recipient_whom_the_host_seats_among_the_keepers(
    desk: Desk, record_property, page_of: str
) -> None:
    record_property("behaviour", f"seats a recipient among the keepers for whom the {page_of} are sealed")
    record_property("client", "browser")
    record_property("came of it", "refused")
    page, address, posted = desk.page, "**/api/watches/jonas/keepers", []

    def more(said: Any) -> Any:
        return {
            **said,
            "keepers": [*said["keepers"], {**said["keepers"][0], "handle": "ana", "name": "Ana Reis"}],
        }

    page.goto(f"/sheets/{page_of}")
    page.route(address, lambda route: route.fulfill(json=more(route.fetch().json())))
    page.on("request", lambda request: request.method != "GET" and posted.append(request.url))
    try:
        if page_of == "notes":
            page.get_by_label("What they may need").fill("Water the lemon tree.")
        else:
            page.get_by_label("Medicines", exact=True).fill("Ramipril, 5 mg, mornings")
        page.get_by_role("button", name="Seal for my keepers").press("Enter")
        said = page.get_by_role("alert").filter(has_text="The host lists ana among your keepers")
        expect(said.first).to_be_visible(timeout=SLOW)
    finally:
        page.unroute(address)
    assert posted == [] and desk.heard.leaks() == []


HURRIED = "() => { const real = AbortSignal.timeout.bind(AbortSignal); AbortSignal.timeout = (ms) => real(ms / 300); }"
"""What an answer may take, five minutes, in one second."""


def test_an_answer_that_never_ends_is_waited_for_no_longer_than_five_minutes(
    desk: Desk, record_property
) -> None:
    record_property("behaviour", "never ends an answer")
    record_property("client", "browser")
    record_property("came of it", "refused")
    page, held = desk.page, []
    page.goto("/write/cannot_act.ana")
    page.get_by_label("Your letter").fill("Water the lemon tree.")
    page.evaluate(HURRIED)
    page.route("**/api/watches/jonas", lambda route: held.append(route))
    try:
        page.get_by_role("button", name="Check and seal").press("Enter")
        expect(page.get_by_role("alert").filter(has_text="cannot be reached").first).to_be_visible(
            timeout=SLOW
        )
    finally:
        page.unroute("**/api/watches/jonas")
    assert len(held) == 3 and desk.heard.leaks() == []


def locked_for_another(_: Host) -> str:
    return base64.b64encode(
        age.seal_with_passphrase(b"%s\n" % FALSE.secret_key.encode(), "a b c d e f g i", work_factor=4)
    ).decode()


def of_absurd_work(_: Host) -> str:
    sealed = age.seal_with_passphrase(b"%s\n" % FALSE.secret_key.encode(), "a b c d e f g h", work_factor=4)
    return base64.b64encode(sealed.replace(b" 4\n", b" 30\n", 1)).decode()


LOCKED: dict[str, tuple[str, Change, str]] = {
    "hands out another person's locked key, of less work": (
        "**/api/locked-keys", lambda desk, _: {"sealed": locked_for_another(desk)}, "does not open a key of this name",
    ),
    "hands out a locked key that would take for ever to open": (
        "**/api/locked-keys", lambda desk, _: {"sealed": of_absurd_work(desk)}, "does not open a key of this name",
    ),
    "hands out bytes that are no locked key": (
        "**/api/locked-keys", lambda desk, _: {"sealed": "AAAA"}, "does not open a key of this name",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOCKED)
def test_no_key_is_taken_from_a_host_that(browser: Browser, host: Host, name: str, record_property) -> None:
    address, change, said = LOCKED[name]
    record_property("behaviour", name)
    record_property("client", "browser")
    record_property("came of it", "refused")
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        heard = listen(page.context)
        heard.words["passphrase"] = [
            "able",
            "baker",
            "candle",
            "dancer",
            "eagle",
            "fabric",
            "garden",
            "harbour",
        ]
        page.route(address, lambda route: route.fulfill(json=change(host, None)))  # type: ignore[arg-type]
        page.goto("/sign-in?next=/write")
        page.get_by_text("Use a passphrase").click()
        page.get_by_label("The handle you sign in with").fill("jonas")
        page.get_by_label("Your passphrase").fill("able baker candle dancer eagle fabric garden harbour")
        page.get_by_role("button", name="Sign in").first.click()
        expect(page.get_by_role("alert").filter(has_text=said).first).to_be_visible(timeout=SLOW)
        assert heard.leaks() == [] and "sign-in" in page.url


def test_no_answer_is_signed_for_a_host_that_calls_itself_another(
    browser: Browser, host: Host, record_property
) -> None:
    record_property("behaviour", "calls itself by another host's name")
    record_property("client", "browser")
    record_property("came of it", "refused")
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.route(
            "**/api/challenges",
            lambda route: route.fulfill(json={**route.fetch().json(), "origin": "https://words.example.org"}),
        )
        page.goto("/sign-in?next=/write")
        page.get_by_text("Use a sheet or card").click()
        page.locator('[name="paper"]').fill(host.keys("jonas").secret_key)
        page.locator('[name="paper-handle"]').fill("jonas")
        page.locator('[data-form="paper"] button').last.click()
        expect(page.get_by_role("alert").filter(has_text="calls itself").first).to_be_visible(timeout=SLOW)
        assert not any("sessions" in url or "signed-in" in url for url in sent)


def test_the_terms_of_every_new_plan_are_the_same_in_the_browser_as_in_the_machine() -> None:
    text = Path(ROOT / "web/src/pages/author/terms.ts").read_text("utf-8")
    (table,) = re.findall(r"FIRST: Terms = \{(.*?)\n\};", text, re.DOTALL)
    value = {"false": "False", "true": "True"}
    known = {"HOUR": 3600, "DAY": 86_400}
    found = {
        name: eval(value.get(said, said), {"__builtins__": {}}, known)
        for name, said in re.findall(r"(\w+): ([^,]+),", table)
    }
    assert found == asdict(Plan())
