"""Sealing in a browser: payloads beside typage in the same page; a whole part beside Python, with the tab's memory.

    .venv/bin/python bench/browser.py [--mebibytes 256] [--keep]

Chromium seals a file that was chosen as a person would choose it, Python opens what it saved; then the other way
round. What comes out is compared byte for byte. A page gets the browser's own cipher only from an address that counts
as protected, so the pages here say that they come from this machine. Needs Chromium and the npm packages.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import table
from playwright.sync_api import Browser, Page, sync_playwright
from table import Row

from lastwords.sealing import tracks
from lastwords.sealing.container import Item, items
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.tracks import Track
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import Manifest

ROOT = Path(__file__).parents[1]
ESBUILD = ROOT / "node_modules/.bin/esbuild"
HERE = "http://127.0.0.1:9/"
"""Nobody answers there: the page is handed to the browser."""
PAGE = '<input type="file" id="film"><a id="save" download="saved">save</a>'
RUNS = 5
MOMENT = "2026-11-23T08:17:45Z"

SEAL = """async ({ track, card }) => {
  const { container, person, tracks } = library;
  const film = document.querySelector("#film").files[0];
  const begun = performance.now();
  const author = person.PersonKeys.fromCard(card);
  const words = container.items([{ name: "film", content: film }]);
  const { signed, files } = await tracks.sealTrack(track, author, "MOMENT", words, undefined, { keepOwnCopy: false });
  const seconds = (performance.now() - begun) / 1000;
  document.querySelector("#save").href = URL.createObjectURL(files.get("words.age"));
  return [seconds, new TextDecoder().decode(signed.data)];
}""".replace("MOMENT", MOMENT)

OPEN = """async ({ envelope, key, card }) => {
  const { bytes, documents, keys, manifest, tracks } = library;
  const signed = documents.read(bytes.utf8(envelope), manifest.Manifest, keys.PublicKey.read(key));
  const begun = performance.now();
  const opened = await tracks.openPart(document.querySelector("#film").files[0], signed.document, null, card);
  const seconds = (performance.now() - begun) / 1000;
  document.querySelector("#save").href = URL.createObjectURL(opened.files.get("film"));
  return seconds;
}"""


PAYLOADS = """async () => {
  const film = document.querySelector("#film").files[0];
  const secret = await typage.generateHybridIdentity();
  const to = await typage.identityToRecipient(secret);
  const other = new typage.Encrypter();
  other.addRecipient(to);
  async function seconds(pieces) {
    const begun = performance.now();
    for await (const piece of pieces) piece.length;
    return (performance.now() - begun) / 1000;
  }
  const { age, source } = library;
  const theirs = await seconds(source.piecesOf(await other.encrypt(film.stream())));
  return [await seconds(age.sealPieces(source.piecesOf(film.stream()), [to])), theirs];
}"""


def track(recipient: PersonKeys) -> dict[str, object]:
    """One lock: what is measured is the stream, and a second lock takes as long again."""
    return {
        "author": "kakashi",
        "track": "t",
        "condition": "died",
        "mode": "timer only",
        "recipient": "iruka",
        "recipient_public_key": recipient.public_key,
        "k": 0,
        "keepers": [],
    }


def script(entry: str, name: str) -> str:
    """A library as one script that gives itself that name."""
    command = [str(ESBUILD), entry, "--bundle", "--format=iife", "--minify", f"--global-name={name}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Raises RuntimeError where something is missing."""
    program = shutil.which("chromium")
    if not program or not ESBUILD.exists():
        raise RuntimeError("Chromium or the npm packages are not here; nothing was measured.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def a_tab(browser: Browser, *scripts: str) -> Page:
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=PAGE))
    page.goto(HERE)
    for one in scripts:
        page.add_script_tag(content=one)
    return page


def saved(page: Page, to: Path) -> None:
    with page.expect_download() as download:
        page.click("#save")
    shutil.move(download.value.path(), to)


def peak_of_tabs() -> int:
    """The greatest resident memory, in MiB, of any tab's process that this one started."""
    parents: dict[int, int] = {}
    tabs: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if b"--type=renderer" in (entry / "cmdline").read_bytes():
                tabs.append(int(entry.name))
        except (OSError, ValueError):
            continue  # it ended while it was looked at

    def is_ours(process: int) -> bool:
        while process > 1 and process != os.getpid():
            process = parents.get(process, 0)
        return process == os.getpid()

    def peak(process: int) -> int:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))

    return max((peak(process) for process in tabs if is_ours(process)), default=0)


def rows(mebibytes: int = 32) -> list[Row]:
    """Payloads sealed beside typage."""
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        film = Path(scratch) / "film"
        table.random_file(film, mebibytes)
        page = a_tab(
            browser,
            script("web/src/library.ts", "library"),
            script("node_modules/age-encryption/dist/index.js", "typage"),
        )
        page.set_input_files("#film", film)
        pairs = [page.evaluate(PAYLOADS) for _ in range(RUNS)]
        return [
            table.in_turn(
                "MiB a second sealed in Chromium, beside typage in the same page",
                [mebibytes / ours for ours, _ in pairs],
                [mebibytes / theirs for _, theirs in pairs],
                "at least 4",
                4,
                mebibytes=mebibytes,
                browser=f"Chromium {browser.version}",
            )
        ]


def whole(mebibytes: int) -> list[Row]:
    """A whole part, with its padding and the hash that the author signs: Chromium's speed beside Python's."""
    author, recipient = PersonKeys.new(), PersonKeys.new()
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        folder, library = Path(scratch), script("web/src/library.ts", "library")
        table.random_file(folder / "film", mebibytes)

        begun = time.perf_counter()
        ours: Signed[Manifest] = tracks.seal_track(
            folder / "ours",
            Track(**track(recipient)),  # type: ignore[arg-type]
            author,
            MOMENT,
            items([Item("film", folder / "film")]),
            keep_own_copy=False,
        )
        python_seals = time.perf_counter() - begun

        page = a_tab(browser, library)
        page.set_input_files("#film", folder / "film")
        named = track(recipient)
        given = named | {"recipientPublicKey": named["recipient_public_key"]}
        seals, envelope = page.evaluate(SEAL, {"track": given, "card": author.secret_key})
        sealing_peak = peak_of_tabs()
        saved(page, folder / "words.age")
        page.close()
        theirs = read(envelope.encode(), Manifest, author.signing.public).document
        begun = time.perf_counter()
        tracks.open_part(folder / "words.age", folder / "out", theirs, None, recipient.secret_key)
        python_opens = time.perf_counter() - begun
        assert filecmp.cmp(folder / "out/film", folder / "film", shallow=False)

        page = a_tab(browser, library)
        page.set_input_files("#film", folder / "ours/words.age")
        keys = {"key": author.signing.public.text, "card": recipient.secret_key}
        opens = page.evaluate(OPEN, {"envelope": ours.data.decode(), **keys})
        opening_peak = peak_of_tabs()
        saved(page, folder / "back")
        assert filecmp.cmp(folder / "back", folder / "film", shallow=False)

    found = (("sealed", seals, python_seals, sealing_peak), ("opened", opens, python_opens, opening_peak))
    return [
        table.row(
            f"MiB a second of a whole part {what} in Chromium, beside Python",
            [mebibytes / seconds],
            mebibytes / other,
            "",
            None,
            why="two languages",
            mebibytes=mebibytes,
            **{"the tab's peak (MiB)": memory},
        )
        for what, seconds, other, memory in found
    ]


def main() -> None:
    parser = table.plain_parser(__doc__)
    parser.add_argument("--mebibytes", type=int, default=256)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    try:
        found = [*rows(asked.mebibytes), *whole(asked.mebibytes)]
    except RuntimeError as missing:
        sys.exit(str(missing))
    table.show(Path(__file__), found, asked.keep)


if __name__ == "__main__":
    main()
