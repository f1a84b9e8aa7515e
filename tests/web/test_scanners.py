"""What machines do with letters and pages (I6): a scanner of mail that follows every address, runs every script and
presses every button it reaches leaves no sign of life, no statement and no release behind."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from web.browser import visitor
from web.family import KEEPERS, Host

from lastwords.protocol.moments import DAY

ADDRESS = re.compile(r"https?://[^\s<>\"')]+|\b(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:/[^\s<>\"')]*)?")
LOOKING = ("GET", "HEAD", "OPTIONS")
PRESSED = ("POST", "PUT", "PATCH", "DELETE")
AHEAD = ({}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch", "X-Moz": "prefetch"})
MOST_PRESSES = 60
"""Buttons that are pressed in all: the pages without a session have far fewer."""


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host in the middle of a vigil: every kind of letter that asks has gone out, nobody has acted."""
    host = own_house()
    host.pass_time(38 * DAY)
    return host


def standing(host: Host) -> dict[str, Any]:
    """How things stand with everybody, and what was ever done here by a person."""
    with host.inside():
        from lastwords.server import models

        rows = [json.loads(bytes(row.body)) for row in models.LogRow.objects.order_by("number")]
        return {
            "states": list(models.Watch.objects.order_by("author").values_list("author", "state")),
            "acts": [(row["event"], row["by"]) for row in rows if row["by"] not in ("", "host")],
            "papers": models.Paper.objects.count(),
            "people": models.Person.objects.count(),
            "sessions": models.Session.objects.count(),
            "phones": models.Phone.objects.count(),
        }


def letters(host: Host) -> list[str]:
    return [message.get_content() for _, message in host.mailbox.arrived]


def in_letters(host: Host) -> set[str]:
    """Everything in a letter that a mail program could take for an address, as a path of this host where it is one."""
    found = {one.rstrip(".,;:") for text in letters(host) for one in ADDRESS.findall(text)}
    return {one.partition("//")[2] or one for one in found}


def public_paths(host: Host) -> set[str]:
    """Every address that this host serves: a scanner may guess as well as we know."""
    with host.inside():
        from server.pages.test_safe import addresses

        return set(
            addresses(
                author="jonas",
                keeper="mira",
                handle="mira",
                recipient="ana",
                track="died.ana",
                address="died.ana",
            )
        )


BLIND = b"once=1&code=aaaa-bbbb&lift=1"


def asked(host: Host, method: str, path: str, headers: dict[str, str], data: bytes = BLIND) -> int:
    request = urllib.request.Request(f"http://{host.bind}{path}", method=method, headers=headers)
    if method in PRESSED:
        request.data = data
    try:
        with urllib.request.build_opener(urllib.request.HTTPHandler).open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_keepers_were_called_and_no_letter_holds_a_code_or_a_link_that_could_finish_anything(
    host: Host,
) -> None:
    assert {f"{name}@example.org" for name in KEEPERS} <= {
        to for tos, _ in host.mailbox.arrived for to in tos
    }
    texts = letters(host)
    assert len(texts) >= 7
    assert [text for text in texts if re.search(r"[?&]\w+=|\b\d{6,}\b|://", text)] == []
    for address in in_letters(host):
        assert address.count("/") == 0 or address.rstrip("/").endswith(str(host.port)), address


def test_looking_and_pressing_blindly_everywhere_changes_nothing(host: Host) -> None:
    before, paths = standing(host), sorted(public_paths(host))
    assert len(paths) >= 20
    for path in paths:
        for ahead in AHEAD:
            for method in LOOKING:
                asked(host, method, path, dict(ahead))
        for method in PRESSED:
            assert asked(host, method, path, {}) in (302, 403, 404, 405), (method, path)
    assert standing(host) == before


def press_everything(page: Page, start: list[str]) -> tuple[int, set[str]]:
    """A machine that runs every script, fills every field and presses every button, and goes wherever links lead."""
    waiting, seen, presses = list(start), set[str](), 0
    while waiting and presses < MOST_PRESSES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        page.goto(path)
        waiting += page.eval_on_selector_all(
            "a[href^='/']", "links => links.map(link => link.getAttribute('href').split('#')[0])"
        )
        for number in range(page.locator("button, input[type=submit], summary").count()):
            page.goto(path)
            for field in page.locator(
                "input:visible:not([type=radio]):not([type=checkbox]), textarea:visible"
            ).all():
                kind = field.get_attribute("type") or "text"
                field.fill(
                    {"date": "2030-01-01", "time": "10:00", "number": "9"}.get(kind, "aaaa-bbbb-cccc-dddd")
                )
            button = page.locator("button, input[type=submit], summary").nth(number)
            if button.is_visible() and button.is_enabled():
                button.click()
                page.wait_for_load_state()
                presses += 1
    return presses, seen


def test_a_browser_that_follows_everything_and_presses_everything_changes_nothing(
    browser: Browser, host: Host
) -> None:
    before = standing(host)
    with visitor(browser, host) as page:
        presses, seen = press_everything(page, ["/", "/help", "/phone", "/host/sign-in", "/check-in"])
    assert {"/", "/help", "/phone", "/host/sign-in"} <= seen
    assert presses >= 1, "a page without a session has a button: the host's door"
    after = standing(host)
    assert after == before
    assert not any(event in ("check_in", "make_statement") for event, _ in after["acts"])


@pytest.fixture(scope="module")
def over(own_house: Callable[..., Host]) -> Host:
    """A host after a whole story: Jonas was late, was looked for, has died, and Ana was told. Every letter went out."""
    host = own_house()
    host.pass_time(38 * DAY)
    keepers = [host.person(name) for name in ("mira", "paul", "ines")]
    for keeper in keepers:
        keeper.does("case", "jonas", "state", "died", "--evidence", "document-seen")
    host.pass_time(7 * DAY)
    keepers[0].does("told", "jonas", "died.ana")
    host.pass_time(DAY)
    return host


ONE_CLICK = b"List-Unsubscribe=One-Click"
"""What a mail program sends for its person where a letter offers it (RFC 8058); ours offer nothing."""


def test_no_letter_of_a_whole_story_gives_a_machine_anything_to_press(
    browser: Browser, over: Host, figure: Callable[[str], None]
) -> None:
    subjects = {message["Subject"] for _, message in over.mailbox.arrived}
    assert "ana@example.org" in {to for tos, _ in over.mailbox.arrived for to in tos}, (
        "the last letter is there"
    )
    assert [
        m["Subject"] for _, m in over.mailbox.arrived if m["List-Unsubscribe"] or m["List-Unsubscribe-Post"]
    ] == []
    assert {m.get_content_type() for _, m in over.mailbox.arrived} == {"text/plain"}
    before, addresses = standing(over), in_letters(over)
    paths = {"/" + address.partition("/")[2] for address in addresses if str(over.port) in address}
    assert paths, "a letter names the host, to be typed"
    for path in sorted(paths):
        for method in LOOKING:
            for ahead in AHEAD:
                asked(over, method, path, dict(ahead))
        for data in (ONE_CLICK, b"", b"{}"):
            assert asked(over, "POST", path, {}, data) in (302, 403, 404, 405)
    with visitor(browser, over) as page:
        presses, seen = press_everything(page, sorted(paths))
    assert standing(over) == before
    figure(
        f"a scanner and {len(over.mailbox.arrived)} letters with {len(subjects)} subjects: {len(paths)} addresses, "
        f"{len(seen)} pages and {presses} buttons, 0 signs, 0 statements, 0 releases"
    )


def test_a_page_that_took_a_press_for_a_sign_would_be_found(browser: Browser, host: Host) -> None:
    """The planted fault: the same machine, let in as the author with a code that is good, does leave a sign. So what
    keeps it out in the tests above is that it has neither, and not that it never reaches a button."""
    before = standing(host)
    code = host.paper_codes()[0]
    with visitor(browser, host, "jonas") as page:
        page.goto("/check-in")
        page.get_by_label("Next code of your paper list").first.fill(code)
        page.locator("[data-by-code] button").click()
        page.wait_for_load_state()
    assert standing(host) != before
