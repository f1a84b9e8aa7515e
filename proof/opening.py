"""A film under every kind of lock: sealed by one program, opened by every other, and what each takes in memory.

Whatever opens it, the film comes out the same, byte for byte. Needs Chromium, node with its packages, and tar.
"""

import argparse
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _part import ROOT, begun
from playwright.sync_api import Browser, Page, sync_playwright

from lastwords.sealing import tracks
from lastwords.sealing.container import Item, items
from lastwords.sealing.kit import OPENER_FILE, write_kit
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.shares import open_share, recover_release_key
from lastwords.sealing.tracks import Keeper, Track
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import Manifest

sys.path.insert(0, str(ROOT / "bench"))

from web import peak_of_tabs

MIB = 1 << 20
BROWSERS = 256 * MIB
"""Bytes up to which browsers and plain tools take part. Above it Python is alone."""
MODES = ("two locks", "keepers only", "timer only")
SHORT = [("two locks", 16 * MIB)]
LONG = [(mode, size) for size in (0, 1, 64 * 1024 + 1, 16 * MIB) for mode in MODES]
LONG += [("two locks", size) for size in (64 * MIB, 256 * MIB, 1024 * MIB)]
"""Each film: under which locks, and its bytes."""
MOMENT = "2026-11-23T08:17:45Z"
KEEPERS, OPENING, PLACES = ("pakkun", "bull", "uhei"), ("bull", "uhei"), (2, 3)


@dataclass(frozen=True)
class Peoples:
    """The keys of everybody, as the words of their cards, and the locks that the film lies under."""

    mode: str
    author: str
    recipient: str
    keepers: dict[str, str]

    @classmethod
    def new(cls, mode: str) -> "Peoples":
        return cls(mode, _card(), _card(), {name: _card() for name in KEEPERS})

    @property
    def opening(self) -> list[tuple[str, int]]:
        """The keepers who open it, each with their place; nobody where there is no lock of theirs."""
        return [] if self.mode == "timer only" else list(zip(OPENING, PLACES, strict=True))

    @property
    def key(self) -> str | None:
        """The recipient's own, where the film lies under it."""
        return None if self.mode == "keepers only" else self.recipient

    def track(self) -> Track:
        keepers = [(name, PersonKeys.from_card(card)) for name, card in self.keepers.items() if self.opening]
        return Track(
            author="kakashi",
            track="died.iruka",
            condition="died",
            mode=self.mode,
            recipient="iruka",
            recipient_public_key=self.key and PersonKeys.from_card(self.key).public_key,
            k=2 if keepers else 0,
            keepers=[Keeper(name, keys.public_key, keys.signing.public.text) for name, keys in keepers],
        )

    def signed(self, folder: Path) -> Signed[Manifest]:
        key = PersonKeys.from_card(self.author).signing.public
        return read((folder / "manifest.json").read_bytes(), Manifest, key)


def _card() -> str:
    return PersonKeys.new().secret_key


# What Python does, each time in a process of its own, so that its memory can be told apart.


def seal(people: Peoples, film: Path, folder: Path) -> None:
    author = PersonKeys.from_card(people.author)
    words = items([Item("film.bin", film)])
    tracks.seal_track(folder, people.track(), author, MOMENT, words, keep_own_copy=False)


def unseal(people: Peoples, folder: Path, out: Path) -> None:
    manifest = people.signed(folder).document
    held = []
    for name, place in people.opening:
        keys = PersonKeys.from_card(people.keepers[name])
        share = (folder / f"share-{place}.age").read_bytes()
        held.append((name, open_share(share, keys, manifest, name)))
    release = recover_release_key(held, manifest, (folder / "release.key.age").read_bytes()) if held else None
    tracks.open_part(folder / "words.age", out, manifest, release, people.key)


ALONE: dict[str, Callable[[Peoples, Path, Path], None]] = {"seal": seal, "open": unseal}


def in_python(what: str, people: Peoples, one: Path, other: Path) -> int:
    """Does it in a fresh process; returns that one's peak in MiB."""
    given = json.dumps(vars(people))
    return ran([sys.executable, __file__, "--alone", what, given, str(one), str(other)], ROOT)


def ran(command: list[str], folder: Path) -> int:
    """Runs a program to its end and returns its own peak of memory in MiB. Raises if it fails."""
    process = subprocess.Popen(command, cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:3])
    return used.ru_maxrss // 1024


# What a tab does.

SEAL = """async ({ track, card, moment, list }) => {
  const { container, lists, person, slip39, tracks } = library;
  lists.learn(slip39.SLIP39_WORDS, list);
  const words = container.items([{ name: "film.bin", content: document.querySelector("#film").files[0] }]);
  const author = person.PersonKeys.fromCard(card);
  const { files } = await tracks.sealTrack(track, author, moment, words, undefined, { keepOwnCopy: false });
  window.sealed = files;
  return [...files.keys()];
}"""
OFFER = """(name) => {
  const data = window.sealed.get(name);
  document.querySelector("#save").href = URL.createObjectURL(data instanceof Blob ? data : new Blob([data]));
}"""
OPEN = """async ({ envelope, key, keepers, recipient, list }) => {
  const { bytes, documents, keys, lists, manifest, person, shares, slip39, tracks } = library;
  lists.learn(slip39.SLIP39_WORDS, list);
  const { document: known } = documents.read(bytes.utf8(envelope), manifest.Manifest, keys.PublicKey.read(key));
  const files = new Map([...document.querySelector("#film").files].map((file) => [file.name, file]));
  const whole = async (name) => new Uint8Array(await files.get(name).arrayBuffer());
  const held = [];
  for (const [keeper, card] of keepers) {
    const share = await whole(tracks.shareName(manifest.seatOf(known, keeper).index, "words"));
    held.push([keeper, await shares.openShare(share, person.PersonKeys.fromCard(card), known, keeper, "words")]);
  }
  const release = held.length
    ? await shares.recoverReleaseKey(held, known, await whole("release.key.age"), "words")
    : null;
  const opened = await tracks.openPart(files.get("words.age"), known, release, recipient, "words");
  window.sealed = opened.files;
}"""


class Tab:
    """One Chromium for everything; each act has a tab of its own, whose peak is looked at before it is closed."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        built = [str(ROOT / "node_modules/.bin/esbuild"), "web/src/library.ts", "--bundle", "--format=iife"]
        self.library = subprocess.run(
            [*built, "--minify", "--global-name=library"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.words = (ROOT / "src/lastwords/sealing/slip39_words.txt").read_text("ascii")

    @contextmanager
    def page(self) -> Iterator[Page]:
        page = self.browser.new_page()
        page.set_default_timeout(3_600_000)
        page.set_content('<input type="file" id="film" multiple><a id="save" download="saved">save</a>')
        page.add_script_tag(content=self.library)
        yield page
        page.close()

    def seal(self, people: Peoples, film: Path, folder: Path) -> int:
        folder.mkdir()
        fields = vars_of(people.track())
        with self.page() as page:
            page.set_input_files("#film", film)
            given = {"track": fields, "card": people.author, "moment": MOMENT, "list": self.words}
            for name in page.evaluate(SEAL, given):
                page.evaluate(OFFER, name)
                self.save(page, folder / name)
            return peak_of_tabs()

    def open(self, people: Peoples, folder: Path, out: Path) -> int:
        out.mkdir()
        key = PersonKeys.from_card(people.author).signing.public.text
        given = {
            "envelope": (folder / "manifest.json").read_text("utf-8"),
            "key": key,
            "keepers": [[name, people.keepers[name]] for name, _ in people.opening],
            "recipient": people.key,
            "list": self.words,
        }
        with self.page() as page:
            page.set_input_files("#film", [path for path in folder.iterdir() if path.is_file()])
            page.evaluate(OPEN, given)
            page.evaluate(OFFER, "film.bin")
            self.save(page, out / "film.bin")
            return peak_of_tabs()

    def opener(self, people: Peoples, folder: Path, out: Path) -> int:
        """The page that lies in every kit, from its file, with the kits of two keepers, or with that of no keeper."""
        out.mkdir()
        key, kits = PersonKeys.from_card(people.author).signing.public, []
        holders: list[str | None] = [name for name, _ in people.opening]
        for keeper in holders or [None]:
            kits.append(out / f"{keeper}.zip")
            with kits[-1].open("wb") as kit:
                write_kit(kit, folder, people.signed(folder), key, keeper, {"iruka": "Iruka"})
        page = self.browser.new_page()
        page.set_default_timeout(3_600_000)
        page.goto((ROOT / "src/lastwords/sealing" / OPENER_FILE).as_uri())
        page.set_input_files("#files", kits)
        page.wait_for_selector("#form:not([hidden])")
        for name, place in people.opening:
            page.fill(f"#share-{place}", people.keepers[name])
        if people.key:
            page.fill("#key", people.key)
        page.click("button[type=submit]")
        page.wait_for_selector("#opened:not([hidden])")
        self.save(page, out / "film.bin", "text=Save film.bin")
        peak = peak_of_tabs()
        page.close()
        return peak

    def save(self, page: Page, to: Path, what: str = "#save") -> None:
        with page.expect_download() as download:
            page.click(what)
        shutil.move(download.value.path(), to)


def vars_of(track: Track) -> dict[str, Any]:
    """A track as the browser names its parts."""
    plain = {
        name: getattr(track, name) for name in ("author", "track", "condition", "mode", "recipient", "k")
    }
    keepers = [vars(keeper) for keeper in track.keepers]
    return plain | {"recipientPublicKey": track.recipient_public_key, "keepers": keepers}


def with_tools(people: Peoples, folder: Path, out: Path) -> int:
    """Nothing of ours but the short script that every kit holds: age for node, shamir, tar."""
    out.mkdir()
    (out / "node_modules").symlink_to(ROOT / "node_modules")
    shutil.copy(ROOT / "src/lastwords/sealing/open_script.txt", out / "open.mjs")
    peaks = []

    def opened(key: str, sealed: Path, to: str, *passphrase: str) -> Path:
        peaks.append(ran(["node", "open.mjs", key, str(sealed), to, *passphrase], out))
        return out / to

    inner = folder / "words.age"
    if people.opening:
        shares = []
        for name, place in people.opening:
            (out / "keeper.key").write_text(people.keepers[name] + "\n")
            share = opened("keeper.key", folder / f"share-{place}.age", f"{name}.txt")
            shares.append(share.read_text().split("\n")[0])
        (out / "passphrase.txt").write_text(put_together(shares))
        shutil.copy(folder / "release.key.age", out / "release.key.age")
        inner = opened("release.key.age", inner, "inner", "passphrase.txt")
    if people.key:
        (out / "recipient.key").write_text(people.key + "\n")
        inner = opened("recipient.key", inner, "words.tar")
    subprocess.run(["tar", "-xf", inner], cwd=out, check=True)
    return max(peaks)


def put_together(shares: list[str]) -> str:
    """The passphrase of the keepers' lock, by SLIP-39's own command line."""
    told = subprocess.run(
        [Path(sys.executable).with_name("shamir"), "recover"],
        input="\n".join(shares) + "\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return str(re.findall(r"\b[0-9a-f]{64}\b", told)[-1])


# All of it.


def crossed(tab: Tab, mode: str, size: int, kept: dict[str, Any]) -> None:
    """One film through every sealer and opener of its size. Counts how often it came out, and how often otherwise than
    it went in; keeps the greatest peak of each program for films of this size."""
    people, peaks = Peoples.new(mode), kept["peaks"].setdefault(told_size(size), {})

    def peak(who: str, mebibytes: int) -> None:
        peaks[who] = max(peaks.get(who, 0), mebibytes)

    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film"
        with film.open("wb") as out:
            for begin in range(0, size, MIB):
                out.write(os.urandom(min(MIB, size - begin)))
        sealers, openers = of_this_size(tab, size)
        for sealer, make in sealers.items():
            folder = Path(scratch) / sealer
            peak(f"{sealer} seals", make(people, film, folder))
            for opener, take in openers.items():
                place = Path(scratch) / f"{sealer}-{opener}"
                peak(f"{opener} opens", take(people, folder, place))
                same = filecmp.cmp(place / "film.bin", film, shallow=False)
                kept["crossings"] += 1
                kept["wrong"] += not same
                shutil.rmtree(place)
                name = f"{mode}, {told_size(size)}, {sealer} sealed, {opener} opens"
                print(f"{name}: {'the same' if same else 'NOT the same'}", file=sys.stderr, flush=True)
            shutil.rmtree(folder)


Way = Callable[[Peoples, Path, Path], int]


def of_this_size(tab: Tab, size: int) -> tuple[dict[str, Way], dict[str, Way]]:
    """Who seals a film of this size, and who opens it."""
    sealers: dict[str, Way] = {"python": lambda *given: in_python("seal", *given)}
    openers: dict[str, Way] = {"python": lambda *given: in_python("open", *given)}
    if size <= BROWSERS:
        sealers |= {"chromium": tab.seal}
        openers |= {"chromium": tab.open, "tools": with_tools, "opener": tab.opener}
    return sealers, openers


def told_size(size: int) -> str:
    return f"{size // MIB} MiB" if size >= MIB else f"{size:,} bytes" if size != 1 else "1 byte"


def main() -> int:
    run = begun(__doc__, ("--alone", {"nargs": 4, "help": argparse.SUPPRESS}))
    if run.given.alone:
        what, people, one, other = run.given.alone
        ALONE[what](Peoples(**json.loads(people)), Path(one), Path(other))
        return 0
    kept: dict[str, Any] = run.kept({"done": [], "crossings": 0, "wrong": 0, "peaks": {}})
    films = run.length(SHORT, LONG)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        tab = Tab(browser)
        for mode, size in [film for film in films if list(film) not in kept["done"]]:
            crossed(tab, mode, size, kept)
            kept["done"].append([mode, size])
            run.keep(kept, f"{mode}, {told_size(size)} done")
        browser.close()
    return run.tells(
        claim="A film of any size, under any kind of lock, sealed by Python or in a browser, comes out the same "
        "byte for byte whether Python, a browser, plain tools or the opener from a kit opens it.",
        figures={
            "films": len(kept["done"]),
            "crossings": kept["crossings"],
            "came out otherwise": kept["wrong"],
            **{f"{size}: greatest peak in MiB": peaks for size, peaks in kept["peaks"].items()},
        },
        held=kept["wrong"] == 0 and kept["crossings"] > 0,
        not_covered=[
            "Above 16 MiB both locks are on; with one lock less the bytes go the same way, once less.",
            f"Browsers and plain tools take part up to {BROWSERS // MIB} MiB; above that Python alone.",
            "One browser, Chromium on a desktop machine: a phone has less memory.",
            "The peaks are those of a machine on which other things ran.",
        ],
        settings={
            "locks": sorted({mode for mode, _ in kept["done"]}),
            "sizes": [told_size(size) for size in sorted({size for _, size in kept["done"]})],
        },
    )


if __name__ == "__main__":
    sys.exit(main())
