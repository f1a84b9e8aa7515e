"""Coming in by browser: join, a passkey or eight words, sign in, be invited. And what leaves the browser on the way."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from web.browser import PHONE, WIDE, authenticator, faults, visitor
from web.family import Host
from web.overheard import Overheard, listen, spellings

from lastwords.cli import cards
from lastwords.sealing.person import PersonKeys

WITHOUT_WEBAUTHN = "delete window.PublicKeyCredential;"


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """A host that nobody has joined."""
    return own_house(empty=True)


@pytest.fixture(scope="module")
def circle(own_house: Callable[..., Host]) -> Host:
    """The family's host, which these tests may change."""
    return own_house()


def join_code(host: Host) -> str:
    """What `lastwords host join-code` prints; no mail is needed for it."""
    return str(host.person("host").does("host", "join-code", "--data", host.data)["code"])


@contextmanager
def heard(browser: Browser, host: Host, **more: Any) -> Iterator[tuple[Page, Overheard]]:
    """A visitor of whom everything sent is overheard; at the end no secret that became known may stand in it."""
    with visitor(browser, host, **more) as page:
        listening = listen(page.context)
        yield page, listening
        assert listening.posts > 0
        assert listening.leaks() == []


def know(listening: Overheard, keys: PersonKeys) -> None:
    """From now on this person's secrets are listened for."""
    listening.raw["seed"] = PersonKeys.from_card(keys.secret_key)._seed
    listening.raw["key"] = keys.secret_key.removeprefix("AGE-SECRET-KEY-PQ-1").encode()
    listening.words["sheet"] = list(keys.words())
    listening.words["key"] = [keys.secret_key[19:]] * 4
    text = keys.secret_key.removeprefix("AGE-SECRET-KEY-PQ-1")
    assert not any(text in one.upper() for one in listening.sent)


def begin_to_join(page: Page, host: Host, name: str) -> None:
    """From the first page to where the key has been made."""
    page.goto("/join")
    page.fill("[name=code]", join_code(host))
    page.fill("[name=name]", name)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make my key").dblclick()
    page.get_by_role("heading", name="How do you want to come in next time?").wait_for()


def sheet_of(page: Page) -> cards.Card:
    """What the recovery sheet prints, read as the command line reads it."""
    page.goto("/account/sheet")
    page.get_by_role("button", name="Show it here").click()
    return cards.read(page.locator("[data-sheet]").inner_text())


def write_down(page: Page) -> list[str]:
    """Reads the eight words, types the wanted one back, and gives them all."""
    page.locator("[data-passphrase]").filter(has_text="8. ").wait_for()
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", page.locator("[data-passphrase]").inner_text())
    assert len(words) == 8
    which = int(page.locator("[data-which]").inner_text().split()[-1])
    page.fill("[name=word]", words[which - 1])
    page.get_by_role("button", name="I have written them down").click()
    return words


KEPT = """async (secret) => {
  const found = {};
  const say = (where, text) => { if (text.toUpperCase().includes(secret)) found[where] = true; };
  say("session", JSON.stringify(sessionStorage));
  say("local", JSON.stringify(localStorage));
  const database = await new Promise((done) => {
    const asked = indexedDB.open("lastwords", 1);
    asked.onsuccess = () => done(asked.result);
  });
  const rows = await new Promise((done) => {
    const asked = database.transaction("tabs").objectStore("tabs").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  found.extractable = rows.map((row) => row.lock.extractable);
  return found;
}"""


def kept_open(page: Page) -> dict[str, Any]:
    """Where the browser keeps the secret key as it is, and whether scripts could read out what it lies under."""
    secret = page.locator("[data-sheet]").inner_text().partition("AGE-SECRET-KEY-PQ-")[2][:40]
    return dict(page.evaluate(KEPT, "AGE-SECRET-KEY-PQ-" + secret))


def key_is_open(page: Page) -> bool:
    line = page.locator("[data-key-state]")
    line.filter(has_text="Your key is").wait_for()
    return "open" in line.inner_text()


def test_an_author_joins_with_a_passkey_and_comes_back_by_one_ceremony(browser: Browser, host: Host) -> None:
    with heard(browser, host) as (page, listening):
        device = authenticator(page)
        begin_to_join(page, host, "Jonas Lind")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_role("heading", name="You are in").wait_for()
        assert device.credentials()[0]["isResidentCredential"]
        made = [one for one in listening.sent if one.startswith(f"{host.origin}/api/people ")]
        assert len(made) == 1, "a button that is pressed twice asks once"
        card = sheet_of(page)
        know(listening, card.keys)
        assert (card.origin, card.handle, card.name) == (host.origin, "jonas-lind", "Jonas Lind")
        assert kept_open(page) == {"extractable": [False]}
        page.goto("/account")
        page.get_by_role("button", name="Sign out and lock my key").click()
        page.wait_for_url(f"{host.origin}/")
        page.goto("/sign-in?next=/account/devices")
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="How you come in").wait_for()
        assert key_is_open(page)
        assert sum(name.startswith("prf") for name in listening.raw) >= 2


def test_a_passkey_that_holds_no_secret_signs_in_and_eight_words_open_the_key(
    browser: Browser, host: Host
) -> None:
    with heard(browser, host) as (page, listening):
        authenticator(page, prf=False)
        begin_to_join(page, host, "Nora Hald")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_text("A passphrase does that.").wait_for()
        page.get_by_role("button", name="Use a passphrase").click()
        listening.words["passphrase"] = write_down(page)
        page.get_by_role("heading", name="You are in").wait_for()
        know(listening, sheet_of(page).keys)
        page.get_by_role("button", name="Lock it").click()
        page.goto("/sign-in")
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="your key is still locked").wait_for()
        page.get_by_role("link", name="Open my key").click()
        page.get_by_text("Use a passphrase").click()
        page.get_by_label("Your passphrase").fill("  ".join(listening.words["passphrase"]).upper())
        page.get_by_role("button", name="Open my key").first.click()
        page.wait_for_url("**/home")


HYPHENS = """const draw = crypto.getRandomValues.bind(crypto);
crypto.getRandomValues = (given) => given instanceof Uint32Array ? given.fill(6639) : draw(given);"""
"""Whatever is drawn by number is the word in line 6640 of the list."""


def test_a_drawn_word_with_a_hyphen_of_its_own_is_typed_back_like_any_other(
    browser: Browser, host: Host
) -> None:
    with heard(browser, host) as (page, listening):
        page.context.add_init_script(WITHOUT_WEBAUTHN + HYPHENS)
        begin_to_join(page, host, "Tove Berg")
        page.get_by_role("button", name="Use a passphrase").click()
        words = listening.words["passphrase"] = write_down(page)
        assert words == ["t-shirt"] * 8
        page.get_by_role("heading", name="You are in").wait_for()
        know(listening, sheet_of(page).keys)


def test_without_passkeys_at_all_eight_words_are_enough_on_any_device(browser: Browser, host: Host) -> None:
    with heard(browser, host) as (page, listening):
        page.context.add_init_script(WITHOUT_WEBAUTHN)
        begin_to_join(page, host, "Sven Falk")
        assert not page.get_by_role("button", name="Make a passkey").is_visible()
        page.get_by_role("button", name="Use a passphrase").click()
        words = listening.words["passphrase"] = write_down(page)
        page.get_by_role("heading", name="You are in").wait_for()
        keys = sheet_of(page).keys
        know(listening, keys)
    with heard(browser, host) as (page, listening):
        listening.words["passphrase"] = words
        know(listening, keys)
        page.goto("/sign-in?next=/account/sessions")
        page.get_by_text("Use a passphrase").click()
        page.get_by_label("The handle you sign in with").fill("sven-falk")
        page.get_by_label("Your passphrase").fill(" ".join([*words[:7], "wrong"]))
        page.get_by_role("button", name="Sign in").first.click()
        page.get_by_role("alert").filter(has_text="does not open a key of this name").wait_for()
        page.get_by_label("Your passphrase").fill("-".join(words))
        page.get_by_role("button", name="Sign in").first.click()
        page.get_by_text("This is the one you use now").wait_for()


def test_a_recipient_comes_in_by_the_printed_card_alone(browser: Browser, circle: Host) -> None:
    card = (circle.folder / "jonas" / "ana.card.txt").read_text("utf-8")
    keys = circle.keys("ana")
    with heard(browser, circle) as (page, listening):
        know(listening, keys)
        page.goto("/sign-in?next=/account")
        page.get_by_text("Use a sheet or card").click()
        page.get_by_label("The words on the paper").fill(" ".join([*keys.words()[:32], "academic"]))
        page.get_by_label("The handle on it").fill("ana")
        page.get_by_role("button", name="Sign in").last.click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("The words on the paper").fill(card)
        page.get_by_label("The handle on it").fill("")
        page.get_by_role("button", name="Sign in").last.click()
        page.get_by_role("heading", name="Ana Reis").wait_for()
        assert key_is_open(page)
        known = page.evaluate("localStorage.getItem('lastwords.pins ana')")
        assert circle.keys("jonas").public.signing_fingerprint in known


def test_an_invited_keeper_joins_by_the_link_whose_secret_stays_in_the_browser(
    browser: Browser, circle: Host
) -> None:
    jonas = circle.person("jonas")
    link = circle.folder / "eva.link"
    jonas.does("invite", "keeper", "Eva Holm", "--out", link)
    address = link.read_text("utf-8").strip()
    secret = address.partition("#")[2].split(".")[1]
    with heard(browser, circle) as (page, listening):
        authenticator(page)
        page.goto(address)
        page.get_by_text("“jonas” invited you").wait_for()
        assert "#" not in page.url
        page.fill("[name=name]", "Eva Holm")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Make my key").click()
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_text("You are a keeper now.").wait_for()
        know(listening, sheet_of(page).keys)
        assert not any(secret in one for one in listening.sent)
    assert jonas.does("keeper", "verify", "eva-holm", "--vouch")["keeper"] == "eva-holm"


def test_a_link_that_is_cut_short_is_refused_before_anything_is_sent(browser: Browser, circle: Host) -> None:
    with visitor(browser, circle) as page:
        page.goto("/invitation/jonas#lw1.abc")
        page.get_by_role("alert").filter(has_text="the link is not whole").wait_for()
        page.goto("/invited")
        page.get_by_label("The link").fill(f"{circle.origin}/invitation/jonas")
        page.get_by_role("button", name="Continue").first.click()
        page.get_by_role("alert").filter(has_text="the link is not whole").wait_for()


def test_a_broken_line_while_joining_loses_no_key(browser: Browser, host: Host) -> None:
    """The account was made and the answer lost: the same key is sent again, and the host gives the same account."""
    with heard(browser, host) as (page, listening):
        page.context.add_init_script(WITHOUT_WEBAUTHN)
        lost = {"status": 404, "body": "The line broke."}
        page.route("**/api/people", lambda route: (route.fetch(), route.fulfill(**lost))[1], times=1)
        page.goto("/join")
        page.fill("[name=code]", join_code(host))
        page.fill("[name=name]", "Tilda Moe")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Make my key").click()
        page.get_by_role("alert").filter(has_text="something that it never says").wait_for()
        page.get_by_role("button", name="Make my key").click()
        page.get_by_role("heading", name="How do you want to come in next time?").wait_for()


POSTS_EVERYTHING = """async (token) => {
  const asked = await (await fetch("/api/passkeys/asked", {
    method: "POST", headers: {"X-CSRFToken": token, "Content-Type": "application/json"}, body: "{}"})).json();
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options.publicKey);
  options.extensions = {prf: {eval: {first: new TextEncoder().encode("lastwords/v1/locked-key")}}};
  const credential = await navigator.credentials.get({publicKey: options});
  const answer = await fetch("/api/passkeys/answered", {
    method: "POST", headers: {"X-CSRFToken": token, "Content-Type": "application/json"},
    body: JSON.stringify({credential: credential.toJSON(), ticket: asked.ticket})});
  return (await answer.json()).code;
}"""


def test_a_page_that_posts_what_the_browser_makes_of_a_passkey_is_caught_and_refused(
    browser: Browser, host: Host
) -> None:
    """The planted fault: `toJSON()` whole carries the PRF. The listener hears it, and the host takes none of it."""
    with visitor(browser, host) as page:
        listening = listen(page.context)
        authenticator(page)
        begin_to_join(page, host, "Per Dahl")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_role("heading", name="You are in").wait_for()
        page.goto("/sign-in")
        assert listening.leaks() == []
        token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        assert page.evaluate(POSTS_EVERYTHING, token) == "secret_sent"
        assert listening.leaks() != []


def test_a_secret_is_heard_in_every_spelling() -> None:
    secret = bytes(range(40, 72))
    listening = Overheard(raw={"seed": secret}, words={"words": ["acid", "bulb", "claw", "dune", "east"]})
    for spelled in spellings(secret):
        assert Overheard([f"x{spelled}y"], listening.raw).leaks() == ["seed"]
    for between in (" ", "+", "%20", '","', "\n3. "):
        sent = between.join(listening.words["words"])
        assert Overheard([f"?p={sent}"], {}, listening.words).leaks() == ["words"]
    assert Overheard(["acid rain on a bulb"], listening.raw, listening.words).leaks() == []


@pytest.mark.parametrize("size", [PHONE, WIDE])
@pytest.mark.parametrize("path", ["/join", "/invited", "/sign-in", "/account/lost"])
def test_the_ways_in_are_clean_and_fit_the_window(
    browser: Browser, host: Host, path: str, size: tuple[int, int]
) -> None:
    with visitor(browser, host, size=size, dark=size == PHONE) as page:
        page.goto(path)
        for summary in page.locator("summary").locator("visible=true").all():
            summary.click()
        assert faults(page) == []


def test_without_script_every_way_in_says_what_to_do_instead_and_sends_nothing_that_was_typed(
    browser: Browser, host: Host
) -> None:
    """A form that waits for its script must not put a passphrase into an address meanwhile."""
    with visitor(browser, host, script=False) as page:
        listening = listen(page.context)
        for path in ("/join", "/invited", "/sign-in"):
            page.goto(path)
            box = page.locator("noscript").first.bounding_box()
            assert box is not None and box["height"] > 100, path
        page.get_by_text("Use a passphrase").click()
        page.get_by_label("Your passphrase").fill("acid bulb claw dune")
        before = len(listening.sent)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Sign in").first.click()
        page.reload()
        assert "acid" not in page.url
        assert not any("acid" in one for one in listening.sent[before:])


def test_a_press_before_the_script_is_there_is_not_lost(browser: Browser, host: Host) -> None:
    """As on a slow line, where the page stands long before what answers its forms."""
    with visitor(browser, host) as page:
        assert _pressed_early(page) == [
            "Something is missing, and nothing was sent. Enter the words on the paper."
        ]
    with visitor(browser, host) as page:  # the planted fault: nobody marks what was pressed
        page.route(
            re.compile(r"/early\.js"), lambda route: route.fulfill(body="", content_type="text/javascript")
        )
        assert _pressed_early(page) == []


def _pressed_early(page: Page) -> list[str]:
    """What is found to mend, once the script is there, for somebody who pressed while it was on its way."""
    held: list[Route] = []
    page.route(re.compile(r"/account\.js"), lambda route: held.append(route))
    page.goto("/sign-in", wait_until="commit")
    page.get_by_text("Use a sheet or card").click()
    page.get_by_role("button", name="Sign in").last.click()
    page.wait_for_function("document.readyState !== 'loading'")
    held[0].continue_()
    page.wait_for_load_state()
    return page.get_by_role("alert").locator("li").all_inner_texts()


def test_coming_in_is_done_by_keyboard_alone(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        page.context.add_init_script(WITHOUT_WEBAUTHN)
        code = join_code(host)
        page.goto("/join")
        page.locator("#code").focus()
        page.keyboard.type(code)
        page.keyboard.press("Tab")
        page.keyboard.type("Runa Vik")
        page.keyboard.press("Enter")
        heading = page.get_by_role("heading", name="Before you begin")
        heading.wait_for()
        assert heading.evaluate("node => node === document.activeElement")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="How do you want to come in next time?").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator("[data-passphrase]").filter(has_text="8. ").wait_for()
