"""One Chromium for the whole run, and what tests do with its pages: sign in, look with axe, hold a passkey."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright
from web.family import Host

from web import album, keyboard

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = Path(__file__).with_name("chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
]
PHONE, WIDE = (360, 740), (1280, 900)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium; it brings its own folder for every run."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=60_000)


@contextmanager
def visitor(
    browser: Browser,
    host: Host,
    name: str = "",
    *,
    size: tuple[int, int] = PHONE,
    dark: bool = False,
    script: bool = True,
    **more: Any,
) -> Iterator[Page]:
    """A page in a context of its own. With a name, that person is signed in. What the page's console complains of, and
    what its scripts throw, fails the test at the end."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        reduced_motion="reduce",
        base_url=host.origin,
        locale="en-GB",
        **more,
    )
    context.set_default_timeout(15_000)
    if name:
        sign_in_as(context, host, name)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    try:
        yield page
    finally:
        context.close()
    expected = (
        "status of 4",
        "ERR_INTERNET_DISCONNECTED",
    )  # an answer that a test provokes, a line that it cuts
    left = [one for one in complaints if not any(part in one for part in expected)]
    assert not left, left


def sign_in_as(context: BrowserContext, host: Host, name: str) -> None:
    """Puts a session of this person into the context."""
    context.add_cookies([{"name": "session", "value": host.session_of(name), "url": host.origin}])


DEBUGGERS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def debugger_of(page: Page) -> CDPSession:
    """The one debugger of a page. It is never detached: that would take the page's device for passkeys along."""
    if page not in DEBUGGERS:
        DEBUGGERS[page] = page.context.new_cdp_session(page)
    return DEBUGGERS[page]


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it stands, one line for each element. It looks for WCAG 2 A to 2.2 AA and for its
    best practices, or for these rules of its own alone.

    The script is handed over through the debugger, which our policy for pages does not bind; the page's own policy
    stays in force."""
    album.keep(page)
    debugger = debugger_of(page)
    chosen = json.dumps({"type": "rule", "values": rules} if rules else RULES)
    asked = f"axe.run(document, {{runOnly: {chosen}, resultTypes: ['violations']}}).then(r => r.violations)"
    there = {"expression": "'axe' in window", "returnByValue": True}
    if not debugger.send("Runtime.evaluate", there)["result"]["value"]:
        debugger.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    answer = debugger.send(
        "Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True}
    )
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return [
        f"{found['id']}: {node['target']}: {node.get('failureSummary', '')}"
        for found in answer["result"]["value"]
        for node in found["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """The elements that stick out of the window to the right; a page that has to be pushed sideways is unreadable."""
    debugger = debugger_of(page)
    script = """[...document.querySelectorAll('body *')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > innerWidth + 1 && box.width > 0 && !e.closest('.scroll') && !e.closest('.hidden');
    }).map(e => e.tagName + '.' + e.className)"""
    answer = debugger.send("Runtime.evaluate", {"expression": script, "returnByValue": True})
    return list(answer["result"]["value"])


def faults(page: Page) -> list[str]:
    """All that can be said of a page without knowing what it is for: what axe finds, what sticks out, and what
    somebody who has a keyboard alone would trip over."""
    return [*axe(page), *too_wide(page), *keyboard.walk(page)]


def posted(page: Page) -> list[str]:
    """Fills up with the body of every request that this page sends from now on."""
    bodies: list[str] = []
    page.on(
        "request", lambda request: bodies.append(request.post_data or "") if request.method != "GET" else None
    )
    return bodies


# Passkeys.


@dataclass
class Authenticator:
    """A passkey's device, played by the browser itself."""

    debugger: CDPSession
    ident: str

    def credentials(self) -> list[dict[str, Any]]:
        found = self.debugger.send("WebAuthn.getCredentials", {"authenticatorId": self.ident})
        return list(found["credentials"])

    def verifies(self, person: bool) -> None:
        """Whether it takes whoever holds it for its holder from now on."""
        self.debugger.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.ident, "isUserVerified": person}
        )

    def leave(self) -> None:
        self.debugger.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.ident})


def authenticator(page: Page, *, prf: bool = True) -> Authenticator:
    """Gives this page a passkey's device; without `prf` it is one that can sign in and open nothing."""
    debugger = debugger_of(page)
    debugger.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        "hasPrf": prf,
    }
    made = debugger.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(debugger, str(made["authenticatorId"]))
