"""Somebody who goes through the pages by pressing and typing, and whose every page is looked at on the way.

On a phone they have fingers; at a desk a keyboard and nothing else.

A walker has a browser of their own for the whole story, as people have: what it keeps stays in it. Each page is looked
at once for every state it shows, and `close` fails if they were somewhere and did not look.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect
from web.browser import Authenticator, authenticator, axe, too_wide
from web.family import Host

from web import keyboard

SLOW = 60_000
"""Milliseconds that a busy machine may take to make keys, seal, or answer."""
expect.set_options(timeout=SLOW)
ANYWHERE_ELSE = ("http:", "https:", "ws:", "wss:")


@dataclass
class Look:
    """How a walker's pages are shown, and what was seen in them by everybody of a story together."""

    size: tuple[int, int]
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Pages by their address without names in it, and their heading."""
    in_front: "Walker | None" = None
    """Whose window lies on top: a passkey is asked for in that one alone."""

    @property
    def touch(self) -> bool:
        """Whether there are fingers; who has none has a keyboard."""
        return self.size[0] < 700


class Walker:
    """One person of a story, with a browser, a mailbox and (if `prf` says so) a passkey's device of their own.

    `prf` None gives a browser that has no device for passkeys."""

    def __init__(
        self, browser: Browser, host: Host, look: Look, name: str, *, prf: bool | None = True
    ) -> None:
        self.host, self.look, self.name = host, look, name
        self.handle = name.lower()
        self.mail = f"{self.handle}@example.org"
        width, height = look.size
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=look.touch,
            is_mobile=look.touch,
            reduced_motion="reduce",
            base_url=host.origin,
            locale="en-GB",
            timezone_id="Europe/Lisbon",
            accept_downloads=True,
        )
        self.context.set_default_timeout(SLOW)
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.visited: set[str] = set()
        self.looked: set[str] = set()
        self.context.on("request", self._hear_request)
        self.context.on("console", self._hear_console)
        self.context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        self.page: Page = self.context.new_page()
        self.page.on("framenavigated", lambda frame: self.visited.add(shape(frame.url, host.origin)))
        if prf is None:
            self.context.add_init_script("delete window.PublicKeyCredential;")
        self.device: Authenticator | None = None if prf is None else authenticator(self.page, prf=prf)
        self.opens_by_passkey = bool(prf)
        self.passphrase: list[str] = []
        self.codes: list[str] = []
        """What is left of their printed list of paper codes."""
        self.paper = ""
        """The text of their sheet or card, as it lies printed before them."""

    def _hear_request(self, request: Any) -> None:
        if request.url.startswith(ANYWHERE_ELSE) and not request.url.startswith(f"{self.host.origin}/"):
            self.elsewhere.append(request.url)

    def _hear_console(self, said: Any) -> None:
        if said.type == "error":
            self.complaints.append(f"{self.page.url}: {said.text}")

    # What a person does.

    def go(self, path: str, heading: str | re.Pattern[str]) -> None:
        """Types an address, and looks at what stands there."""
        self.page.goto(path)
        self.arrive(heading)

    def arrive(self, heading: str | re.Pattern[str]) -> None:
        """Waits for the page or the step with this heading, and looks at it."""
        expect(self.h1).to_have_text(heading)
        if not self.look.touch:
            none(f"the focus is lost at {heading}", [self.page.url] if keyboard.lost(self.page) else [])
        self.examine()

    @property
    def h1(self) -> Locator:
        return self.page.locator("h1").locator("visible=true")

    def press(self, name: str | re.Pattern[str], role: Any = "button", *, within: str = "") -> None:
        """Presses the first button (or link) of this name that is to be seen: with a finger, or by keys."""
        where = self.page.locator(within) if within else self.page
        exact = isinstance(name, str)
        self.touch(where.get_by_role(role, name=name, exact=exact).locator("visible=true").first)

    def follow(self, name: str | re.Pattern[str]) -> None:
        self.press(name, "link")

    def unfold(self, summary: str) -> None:
        self.touch(self.page.locator("summary", has_text=summary).locator("visible=true").first)

    def touch(self, what: Locator) -> None:
        if self.look.in_front is not self:
            self.look.in_front = self
            self.page.bring_to_front()
        if self.look.touch:
            what.tap()
        else:
            keyboard.press(self.page, what)

    def type(self, label: str | re.Pattern[str], text: str) -> None:
        exact = isinstance(label, str)
        self.fill(self.page.get_by_label(label, exact=exact).locator("visible=true").first, text)

    def fill(self, field: Locator, text: str) -> None:
        if self.look.touch:
            field.fill(text)
        else:
            keyboard.fill(self.page, field, text)

    def choose(self, label: str | re.Pattern[str]) -> None:
        """Ticks a box or one of several answers, by its label as a finger would."""
        answer = self.page.get_by_label(label).locator("visible=true").first
        if self.look.touch:
            answer.check()
        else:
            keyboard.choose(self.page, answer)

    def give(self, label: str, files: list[Path]) -> None:
        """Chooses files of the device."""
        field = self.page.get_by_label(label)
        if self.look.touch:
            field.set_input_files(files)
        else:
            keyboard.give(self.page, field, files)

    def reads(self, text: str | re.Pattern[str]) -> None:
        """Sees this text on the page."""
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def download(self, name: str, role: Any = "button") -> Path:
        with self.page.expect_download() as kept:
            self.press(name, role)
        return Path(kept.value.path())

    # What is looked at.

    def examine(self) -> None:
        """The page as it stands: axe finds nothing by day nor by night, nothing has to be pushed sideways, and Tab
        leads to everything."""
        path, heading = shape(self.page.url, self.host.origin), self.h1.first.inner_text()
        self.looked.add(path)
        state = (path, re.sub(r"\d+", "N", heading))
        if state in self.look.seen:
            return
        self.look.seen.add(state)
        none(f"by day {state}", axe(self.page))
        none(f"too wide {state}", too_wide(self.page))
        # Against the glass itself: a phone lets a page that is too wide have a wider window, and makes it small.
        wide = self.page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        none(f"to be pushed sideways {state}", [f"{wide} px"] if wide > self.look.size[0] else [])
        self.page.emulate_media(color_scheme="dark")
        none(f"by night {state}", axe(self.page, COLOURS))
        self.page.emulate_media(color_scheme="light")
        if not self.look.touch:
            none(f"by keyboard {state}", keyboard.walk(self.page))

    def tell(self) -> None:
        """For whoever looks into a story that stopped: where this person stands, and what was complained of."""
        print(self.name, self.page.url, self.complaints, self.elsewhere)

    def close(self) -> None:
        """Leaves, and tells what was wrong all along."""
        self.context.close()
        none(f"{self.name} was led to other hosts", self.elsewhere)
        none(f"{self.name}'s pages complained", self.complaints)
        none(f"{self.name} was here and did not look", sorted(self.visited - self.looked - {""}))

    # Coming in.

    def come_in(self, then: str, heading: str | re.Pattern[str]) -> None:
        """Signs in with the passkey of this browser; where it opens no key, with the passphrase besides."""
        self.page.goto(f"/sign-in?next={then}")
        self.arrive(re.compile("^(Sign in|Show that it is you)$"))
        if self.passphrase:
            self.unfold("Use a passphrase")
            if self.page.get_by_label("The handle you sign in with").is_visible():
                self.type("The handle you sign in with", self.handle)
            self.type("Your passphrase", " ".join(self.passphrase))
            self.press(re.compile("^(Sign in|Open my key)$"))
        else:
            self.press("Use a passkey")
        self.page.wait_for_url(f"{self.host.origin}{then}")
        self.arrive(heading)

    def letters(self) -> list[str]:
        """The subjects of what lies in their mailbox, oldest first."""
        return [str(letter["Subject"]) for letter in self.host.mailbox.to(self.mail)]


COLOURS = ["color-contrast", "link-in-text-block"]
"""Axe's rules that look at colours; the others say the same by night as by day."""
NAMES = re.compile(r"(?<=/)(?:\d+|[0-9a-f]{16,}|(?:died|cannot_act)\.[a-z0-9.-]+)(?=/|$)")


def shape(url: str, origin: str) -> str:
    """An address of this host without what differs from person to person; empty for what is no page of it."""
    if not url.startswith(f"{origin}/"):
        return ""
    path = url.removeprefix(origin).partition("?")[0].partition("#")[0]
    return NAMES.sub("…", re.sub(r"^/(cases|keepers|invitation|words)/[a-z0-9-]+", r"/\1/…", path))


def none(what: str, found: list[str]) -> None:
    """Says what was found, where nothing should be."""
    assert not found, f"{what}: {found}"


@contextmanager
def walkers(
    browser: Browser, host: Host, look: Look, names: dict[str, bool | None]
) -> Iterator[dict[str, Walker]]:
    """The people of a story, each with a browser of their own; at the end everybody tells what was wrong."""
    made = {name.lower(): Walker(browser, host, look, name, prf=prf) for name, prf in names.items()}
    try:
        yield made
    except BaseException:
        for one in made.values():
            one.tell()
            one.context.close()
        raise
    for one in made.values():
        one.close()
