"""Hostile texts before the real code that shows words, in a real browser in which every way out ends at a trap."""

import base64
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from web.twin import bundle

IN_THE_PAGE = Path(__file__).with_name("shown_words.js")
BATCH = 250
MEDIA = 50
"""Of so many texts one is also a picture, a recording with its transcript and captions, and a drawing."""


class Trap:
    """Where everything arrives that a browser sends to any other place than the host. It answers nothing."""

    def __init__(self) -> None:
        self.caught: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line:
                line.settimeout(2)
                try:
                    self.caught.append(line.recv(200).decode("latin-1").split("\r\n")[0])
                except OSError:
                    self.caught.append("a connection")

    def close(self) -> None:
        self._listening.close()


@dataclass
class Outcome:
    """What came of showing: parts shown, scripts that ran, what was asked for, and what stood there that may not."""

    texts: int = 0
    shown: int = 0
    ran: int = 0
    asked: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)

    @property
    def inert(self) -> bool:
        return not (self.ran or self.asked or self.strange or self.wrong or self.thrown)

    def add(self, texts: int, said: dict[str, Any]) -> None:
        self.texts += texts
        self.shown += said["shown"]
        self.ran += said["hits"]
        self.strange += said["strange"][:5]
        self.wrong += said["wrong"][:5]
        self.thrown += [said["thrown"]] if said["thrown"] else []


@dataclass
class Reader:
    """A page of the host with that code in it; everything it asks for since then is in `asked`."""

    page: Page
    trap: Trap
    asked: list[str]
    outcome: Outcome = field(default_factory=Outcome)

    def show(self, texts: Sequence[str], *, save_each: bool = False) -> None:
        for at in range(0, len(texts), BATCH):
            some = texts[at : at + BATCH]
            given = {"texts": list(some), "media": MEDIA, "saveEach": save_each}
            self.outcome.add(len(some), self.page.evaluate("(given) => showTexts(given)", given))

    def lay_out(self, texts: Sequence[str]) -> None:
        for at in range(0, len(texts), 4 * BATCH):
            some = texts[at : at + 4 * BATCH]
            self.outcome.add(len(some), self.page.evaluate("(texts) => layOut(texts)", list(some)))

    def captions(self, texts: Sequence[str], film: str) -> None:
        said = self.page.evaluate("(given) => showCaptions(given)", {"texts": list(texts), "film": film})
        assert said["shown"] >= len(texts) // 2, "the captions were not shown at all"
        self.outcome.add(len(texts), said)

    def film(self) -> str:
        return str(self.page.evaluate("() => aFilm()"))

    def kept(self, texts: Sequence[str], names: Sequence[str]) -> bytes:
        given = {"texts": list(texts), "names": list(names)}
        return base64.b64decode(self.page.evaluate("(given) => keepAll(given)", given))

    def live(self, texts: Sequence[str]) -> list[int]:
        """Which of these run when they are taken for markup. Only without the policy does that happen at all."""
        return list(self.page.evaluate("(texts) => asMarkup(texts)", list(texts)))


@contextmanager
def reading(
    browser: Browser,
    origin: str,
    session: str,
    folder: Path,
    *,
    policy: bool,
    planted: tuple[str, str] | None = None,
) -> Iterator[Reader]:
    """A reader at a page that reads words, with the policy of the page or without it. `planted` is a fault: the first
    text of the built code becomes the second."""
    trap = Trap()
    context = browser.new_context(bypass_csp=not policy, base_url=origin, proxy=through(trap))
    try:
        context.add_cookies([{"name": "session", "value": session, "url": origin}])
        page = context.new_page()
        page.goto("/words", wait_until="networkidle")
        page.on("dialog", lambda dialog: dialog.dismiss())
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        load(context, page, folder, planted)
        reader = Reader(page, trap, asked)
        yield reader
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert page.url == f"{origin}/words", "the page was led away"
        others = [one for one in asked if not one.startswith("blob:")]
        reader.outcome.asked += [*others, *trap.caught]
    finally:
        context.close()
        trap.close()


def through(trap: Trap) -> Any:
    """The proxy of a context: this machine's own host is reached beside it."""
    return {"server": trap.address, "bypass": "localhost,127.0.0.1"}


def load(context: BrowserContext, page: Page, folder: Path, planted: tuple[str, str] | None) -> None:
    """Puts the code into the page through the debugger, which no policy of a page binds."""
    built = bundle("web/src/library_shown.ts", folder / "shown.js", "--format=iife", "--global-name=library")
    code = built.read_text("utf-8")
    if planted:
        assert code.count(planted[0]) == 1, "the fault has no place to stand any more"
        code = code.replace(*planted)
    debugger = context.new_cdp_session(page)
    for script in (code.replace("var library", "globalThis.library", 1), IN_THE_PAGE.read_text("utf-8")):
        answer = debugger.send("Runtime.evaluate", {"expression": script})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    debugger.detach()
