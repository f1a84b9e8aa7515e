"""A family whose names are hostile texts, on the host's own pages and in the record of a case; and what is kept of
words, opened from a folder as somebody opens it years later."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from playwright.sync_api import Browser, BrowserContext, Page
from web.family import NAMES, Host
from web.shown_words import Outcome, Trap, through

from lastwords.case import entries
from lastwords.case.entries import Entry, Head, Note
from lastwords.case.moment import Moment
from lastwords.case.plain import to_bytes
from lastwords.cli.signed_entry import FORMAT
from lastwords.sealing import age
from lastwords.signing.act import Act
from lastwords.signing.canonical import digest
from lastwords.signing.documents import sign

INVITED = 120
"""People who are named only by what the author called them: half are to be keepers, half to be written to."""
AN_ENTRY = 4
"""Texts in one entry of a case."""
PAGES: dict[str, tuple[str, ...]] = {
    "jonas": (
        *("/home", "/people", "/keepers", "/keepers/mira", "/plan", "/write", "/write/died.ana", "/phone"),
        *("/sheets", "/vanish", "/account"),
    ),
    "mira": ("/cases", "/cases/jonas", "/cases/jonas/statement"),
    "ana": ("/words",),
}
LISTEN = """globalThis.hits = 0;
globalThis.hit = () => void globalThis.hits++;
for (const name of ["alert", "confirm", "prompt", "print"]) globalThis[name] = globalThis.hit;"""


def call_by(host: Host, texts: Sequence[str]) -> list[str]:
    """Everybody and everything with a name is called by one of these; gives those that came to stand somewhere."""
    fitting = [text for text in texts if 0 < len(text.strip()) <= 200 and "\x00" not in text]
    people, phone, others = fitting[: len(NAMES)], fitting[len(NAMES)], fitting[len(NAMES) + 1 :][:INVITED]
    with host.inside():
        from lastwords.server import models

        for handle, text in zip(NAMES, people, strict=True):
            models.Person.objects.filter(pk=handle).update(name=text)
        models.Phone.objects.update_or_create(
            person_id="jonas",
            credential="phone-1",
            defaults={"public_key": "x", "name": phone[:60], "made": 1},
        )
        models.Invitation.objects.filter(ident__startswith="hostile").delete()
        for number, text in enumerate(others):
            models.Invitation.objects.create(
                ident=f"hostile{number}", watch_id="jonas", role=("recipient", "keeper")[number % 2], name=text,
                made=1, expires=2**33,
            )  # fmt: skip
    return [*people, *others]


def write_entries(host: Host, texts: Sequence[str]) -> None:
    """Paul writes these into the case, signed and sealed to Mira as his own program does it, without the way there."""
    signer, reader = host.keys("paul").signing, host.keys("mira").public_key
    fields = {"actor": "paul", "role": "keeper", "author": "jonas", "act": "entry", "case": "1", "epoch": 0}
    rows = []
    for at in range(0, len(texts), AN_ENTRY):
        said = "\n".join(texts[at : at + AN_ENTRY])
        entry = Entry(Head(Moment(1_772_582_400, "Europe/Lisbon"), "paul"), Note(said))
        record = entries.encode(entry)
        act = Act(**fields, subject="note", body=digest(record), moment="2026-03-04T00:00:00Z")  # type: ignore[arg-type]
        signed = sign(act, signer).data.decode()
        body = age.seal_bytes(to_bytes({"format": FORMAT, "entry": record.decode(), "act": signed}), [reader])
        rows.append((body, 1_000_000 + at))
    with host.inside():
        from lastwords.server import models

        for body, row in rows:
            models.Paper.objects.create(
                watch_id="jonas", kind="entry", name="1/note/case/0", by="paul", body=body, sha256=digest(body),
                row=row, made=1,
            )  # fmt: skip


class Looker:
    """Somebody who looks at pages; every way out of their browser ends at a trap."""

    def __init__(self, browser: Browser, host: Host, name: str, *, policy: bool) -> None:
        self.host, self.trap, self.asked = host, Trap(), list[str]()
        self.context: BrowserContext = browser.new_context(
            bypass_csp=not policy, base_url=host.origin, proxy=through(self.trap)
        )
        self.context.add_init_script(LISTEN)
        session = {"name": "session", "value": host.session_of(name), "url": host.origin}
        self.context.add_cookies([session])  # type: ignore[list-item]
        self.page: Page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        self.context.on("request", lambda request: self.asked.append(request.url))

    def look(self, path: str) -> str:
        self.page.goto(path, wait_until="networkidle")
        return self.page.evaluate("() => document.documentElement.textContent")  # type: ignore[no-any-return]

    def ran(self) -> int:
        return int(self.page.evaluate("() => globalThis.hits"))

    def places(self) -> set[str]:
        """Where its requests went, without what stands behind a question mark."""
        found = {urlsplit(url) for url in self.asked if not url.startswith(("blob:", "data:"))}
        return {f"{one.netloc}{one.path}" for one in found} | set(self.trap.caught)

    def leave(self) -> None:
        self.context.close()
        self.trap.close()


def look_everywhere(
    browser: Browser, host: Host, *, policy: bool
) -> tuple[Outcome, dict[str, str], set[str]]:
    """Everybody looks at all their pages: what came of it, the text of each page, and where its requests went."""
    outcome, seen, places = Outcome(), dict[str, str](), set[str]()
    for name, paths in PAGES.items():
        looker = Looker(browser, host, name, policy=policy)
        for path in paths:
            seen[path] = looker.look(path)
            outcome.ran += looker.ran()
            outcome.shown += 1
            if urlsplit(looker.page.url).path != path or len(looker.page.frames) != 1:
                outcome.strange.append(f"{path} became {looker.page.url}")
        places |= looker.places()
        looker.leave()
    return outcome, seen, places


# What is kept of words.

_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"} | {
    f"{one}{number}" for one in ("com", "lpt") for number in "0123456789¹²³"
}
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\ufeff\u2028\u2029]")
LONGEST_PART, LONGEST_NAME = 100, 255


def troubles_of(name: str) -> list[str]:
    """Why this name of a file in an archive cannot be unpacked on Linux, Windows and a Mac, or misleads."""
    found = [] if name and not name.startswith("/") else ["it is no name beneath a folder"]
    for part in name.split("/"):
        if part in ("", ".", "..") or part.startswith("."):
            found.append("a part that means another folder, or is hidden")
        if any(ord(one) < 32 or 127 <= ord(one) < 160 for one in part) or _TURNS.search(part):
            found.append("a character that is not seen")
        if re.search(r'[\\:*?"<>|]', part) or part != part.rstrip(". ") or part != part.lstrip():
            found.append("not to be kept on Windows")
        if part.split(".")[0].rstrip().lower() in _RESERVED:
            found.append("a name that Windows keeps for itself")
        if len(part) > LONGEST_PART + 5 or len(part.encode()) > LONGEST_NAME:
            found.append("too long")
    return found


def unpacked(data: bytes, folder: Path) -> list[str]:
    """Unpacks an archive of kept words; gives what is wrong with the names in it."""
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        listed = archive.namelist()
        archive.extractall(folder)
    wrong = [f"{name!a}: {trouble}" for name in listed for trouble in troubles_of(name)]
    same = Counter(unicodedata.normalize("NFC", name).casefold() for name in listed)
    wrong += [f"{name} is there twice" for name, count in same.items() if count > 1]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return wrong + [f"{name} was not unpacked under its name" for name in set(listed) - there]


def open_index(browser: Browser, folder: Path, *, policy: bool) -> Outcome:
    """Opens the index page from the folder, and follows one link of each kind of file. Without `policy` the page is
    one from which its own policy was taken."""
    index = folder / "index.html"
    if not policy:
        text = index.read_text("utf-8")
        plain = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        assert plain != text
        index = folder / "without.html"
        index.write_text(plain, "utf-8")
    outcome, trap, asked = Outcome(), Trap(), list[str]()
    context = browser.new_context(proxy={"server": trap.address}, accept_downloads=True)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    context.on("request", lambda request: asked.append(request.url))
    page.goto(index.as_uri())
    links = page.eval_on_selector_all("a", "links => links.map((link) => link.href)")
    outcome.texts = outcome.shown = page.locator("li").count()
    outcome.ran += int(page.evaluate("() => globalThis.hits"))
    others = "body :not(h1, h2, p, ul, li, a, bdi), [style], [onload], [onerror], [onclick]"
    outcome.strange += page.eval_on_selector_all(
        others, "found => found.map((one) => one.outerHTML.slice(0, 200))"
    )
    outcome.wrong += [link for link in links if not file_of(link).is_file()]
    for link in one_of_each(links):
        here = [index.as_uri(), link]
        try:
            page.goto(link)
            outcome.ran += int(page.evaluate("() => globalThis.hits"))
            if page.evaluate("() => document.contentType").endswith(("html", "xml")):
                outcome.strange.append(f"{link} is read as a page")
        except Exception as error:  # a file that the browser saves, and does not show
            if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
                raise
        outcome.asked += [url for url in asked if url not in here]
        asked.clear()
    outcome.asked += trap.caught
    context.close()
    trap.close()
    return outcome


def file_of(address: str) -> Path:
    return Path(unquote(urlsplit(address).path))


def one_of_each(links: Iterable[str]) -> list[str]:
    """One link for each ending of a file."""
    return list({file_of(link).suffix.lower(): link for link in links}.values())
