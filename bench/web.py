"""Sealing and opening in a browser: speed as a ratio to Python's on the same machine, and the tab's peak memory.

Chromium seals a file that was chosen as a person would choose it, Python opens what it saved; then the other way
round. What comes out is compared byte for byte. Needs Chromium and the npm packages.

    .venv/bin/python bench/web.py [MEBIBYTES]
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from lastwords.sealing import tracks
from lastwords.sealing.container import Item, items
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.tracks import Track
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import Manifest

ROOT = Path(__file__).parents[1]
MEBIBYTES = 256
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


def a_tab(browser, library: str) -> Page:  # type: ignore[no-untyped-def]
    page = browser.new_page()
    page.set_content('<input type="file" id="film"><a id="save" download="saved">save</a>')
    page.add_script_tag(content=library)
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


def main() -> None:
    chromium, esbuild = shutil.which("chromium"), ROOT / "node_modules/.bin/esbuild"
    if not chromium or not esbuild.exists():
        print("Chromium or the npm packages are not here; nothing was measured.")
        return
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEBIBYTES
    author, recipient = PersonKeys.new(), PersonKeys.new()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        command = [str(esbuild), "web/src/library.ts", "--bundle", "--format=iife", "--minify"]
        library = subprocess.run(
            [*command, "--global-name=library"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        with (folder / "film").open("wb") as out:
            for _ in range(mebibytes):
                out.write(os.urandom(1 << 20))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])

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
        browser.close()

    ratios = f"seal {python_seals / seals:.2f}, open {python_opens / opens:.2f}"
    print(f"{mebibytes} MiB under one lock; Chromium's speed to Python's: {ratios}")
    peaks = f"the tab's peak {sealing_peak} MiB and {opening_peak} MiB"
    print(f"Chromium seals in {seals:.1f} s and opens in {opens:.1f} s, {peaks}")


if __name__ == "__main__":
    main()
