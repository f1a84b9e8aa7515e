"""What one program seals the others open: Python, the browser's twin in node and in Chromium, plain tools, the opener.

Sizes stop at 16 MiB here; `bench/browser.py` goes on to what a film needs.
"""

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from case.test_entries import ONE_OF_EACH, written
from manners.house import ROOT
from playwright.sync_api import Browser
from web.twin import NODE, Twin, b64, bundle, started, unb64

from lastwords.case import entries
from lastwords.sealing import age, covers, notes, tracks
from lastwords.sealing.container import Item, items
from lastwords.sealing.kit import OPENER_FILE, write_kit
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.receipts import make_receipt
from lastwords.sealing.shares import check_share, open_share, recover_release_key
from lastwords.sealing.tracks import Keeper, Track
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import Manifest, follows
from lastwords.signing.notes import EmergencyNotes
from lastwords.signing.receipt import Receipt, check_fits

pytestmark = [NODE, pytest.mark.needs("command:chromium")]

MOMENT = "2026-11-23T08:17:45Z"
LATER = "2026-11-24T08:17:45Z"
KEEPERS = ("pakkun", "bull", "uhei")
OPENING = ("bull", "uhei")
CHUNK = 64 * 1024
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 1 << 20)
LARGEST = 16 << 20
MODES = ("two locks", "keepers only", "timer only")


def content(size: int) -> bytes:
    """Bytes that differ from place to place."""
    block = hashlib.sha256(size.to_bytes(8, "big")).digest()
    return (block * (size // 32 + 1))[:size]


LETTER = "Dear Iruka,\nfeed Pakkun first. 忍者 🐕\n".encode()
WORDS = (
    Item("letter.txt", LETTER, "text/plain; charset=utf-8", "Letter"),
    *(Item(f"sizes/{size}.bin", content(size)) for size in SIZES),
    Item("Ünïcödé " + "long " * 30 + "name.ogg", b"la" * 999, "audio/ogg", "A song"),
)
WISHES = (Item("wishes.txt", b"Bury me under the big tree.", "text/plain", "Wishes"),)
EXPECTED = {
    "words": {item.name: bytes(item.content) for item in WORDS},  # type: ignore[arg-type]
    "wishes": {item.name: bytes(item.content) for item in WISHES},  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class People:
    author: PersonKeys
    recipient: PersonKeys
    keepers: dict[str, PersonKeys]

    @property
    def key(self) -> str:
        return self.author.signing.public.text


@pytest.fixture(scope="module")
def people() -> People:
    return People(PersonKeys.new(), PersonKeys.new(), {name: PersonKeys.new() for name in KEEPERS})


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with started() as found:
        yield found


def track(people: People, mode: str) -> dict[str, Any]:
    """A track of this mode, as Python names its parts."""
    return {
        "author": "kakashi",
        "track": "died.iruka",
        "condition": "died",
        "mode": mode,
        "recipient": "iruka",
        "recipient_public_key": None if mode == "keepers only" else people.recipient.public_key,
        "k": 0 if mode == "timer only" else 2,
        "keepers": []
        if mode == "timer only"
        else [Keeper(n, k.public_key, k.signing.public.text) for n, k in people.keepers.items()],
    }


def as_twin(fields: dict[str, Any]) -> dict[str, Any]:
    plain = {re.sub(r"_(\w)", lambda found: found[1].upper(), name): value for name, value in fields.items()}
    return plain | {"keepers": [vars(keeper) for keeper in fields["keepers"]]}


def as_items(given: tuple[Item, ...]) -> list[dict[str, str]]:
    return [
        {"name": one.name, "content": b64(bytes(one.content)), "media": one.media, "title": one.title}  # type: ignore[arg-type]
        for one in given
    ]


# Who seals.


def by_python(folder: Path, people: People, mode: str, _twin: Twin, _browser: Browser) -> None:
    of = Track(**track(people, mode))
    tracks.seal_track(folder, of, people.author, MOMENT, items(WORDS), items(WISHES))


def by_node(folder: Path, people: People, mode: str, twin: Twin, _browser: Browser) -> None:
    twin(
        "seal track",
        folder=str(folder),
        track=as_twin(track(people, mode)),
        card=people.author.secret_key,
        moment=MOMENT,
        words=as_items(WORDS),
        wishes=as_items(WISHES),
    )


IN_CHROMIUM = """async ({ track, card, moment, words, wishes, list }) => {
  const { container, lists, person, slip39, tracks } = library;
  lists.learn(slip39.SLIP39_WORDS, list);
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const file = (item) => ({ ...item, content: new File([bytes(item.content)], "x") });
  const pack = (given) => container.items(given.map(file));
  const author = person.PersonKeys.fromCard(card);
  const { files } = await tracks.sealTrack(track, author, moment, pack(words), pack(wishes));
  const told = {};
  for (const [name, blob] of files) {
    const reader = new FileReader();
    const done = new Promise((resolve) => { reader.onload = resolve; });
    reader.readAsDataURL(blob);
    await done;
    told[name] = reader.result.split(",")[1] ?? "";
  }
  return told;
}"""


def by_chromium(folder: Path, people: People, mode: str, _twin: Twin, browser: Browser) -> None:
    page = browser.new_page()
    built = bundle("web/src/library.ts", folder.with_suffix(".js"), "--format=iife", "--global-name=library")
    page.add_script_tag(content=built.read_text("utf-8"))
    told = page.evaluate(
        IN_CHROMIUM,
        {
            "track": as_twin(track(people, mode)),
            "card": people.author.secret_key,
            "moment": MOMENT,
            "words": as_items(WORDS),
            "wishes": as_items(WISHES),
            "list": (ROOT / "src/lastwords/sealing/slip39_words.txt").read_text("ascii"),
        },
    )
    page.close()
    folder.mkdir()
    for name, data in told.items():
        (folder / name).write_bytes(base64.b64decode(data))


SEALERS: dict[str, Callable[[Path, People, str, Twin, Browser], None]] = {
    "Python": by_python,
    "node": by_node,
    "Chromium": by_chromium,
}
SEALED = [*((who, mode) for who in ("Python", "node") for mode in MODES), ("Chromium", "two locks")]


@dataclass(frozen=True)
class Sealed:
    """A version, whoever sealed it."""

    folder: Path
    signed: Signed[Manifest]
    people: People

    @property
    def envelope(self) -> str:
        return self.signed.data.decode()

    @property
    def recipient(self) -> str | None:
        return None if self.signed.document.mode == "keepers only" else self.people.recipient.secret_key


@pytest.fixture(scope="module", params=SEALED, ids=lambda param: " sealed, ".join(param))
def sealed(
    request: pytest.FixtureRequest,
    people: People,
    twin: Twin,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sealed:
    who, mode = request.param
    folder = tmp_path_factory.mktemp("sealed") / "1"
    SEALERS[who](folder, people, mode, twin, browser)
    signed = read((folder / "manifest.json").read_bytes(), Manifest, people.author.signing.public)
    return Sealed(folder, signed, people)


def below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


# Who opens.


def test_python_opens_it(sealed: Sealed, tmp_path: Path):
    manifest = sealed.signed.document
    follows(sealed.signed, None)
    tracks.check_bundle(sealed.folder, manifest)
    for part, prefix in (("words", ""), ("wishes", "wishes-")):
        release = None
        if manifest.k:
            held = []
            for name, place in zip(OPENING, (2, 3), strict=True):
                data = (sealed.folder / f"{prefix}share-{place}.age").read_bytes()
                held.append((name, open_share(data, sealed.people.keepers[name], manifest, name, part)))
            file = sealed.folder / f"{prefix.replace('-', '.')}release.key.age"
            release = recover_release_key(held, manifest, file.read_bytes(), part)
        out = tmp_path / part
        tracks.open_part(sealed.folder / f"{part}.age", out, manifest, release, sealed.recipient, part)
        assert below(out) == EXPECTED[part]
    for name, part in (("own.age", "words"), ("own.wishes.age", "wishes")):
        tracks.open_own_copy(sealed.folder / name, tmp_path / name, sealed.people.author)
        assert below(tmp_path / name) == EXPECTED[part]


def test_the_twin_opens_it(sealed: Sealed, twin: Twin, tmp_path: Path):
    keepers = [[name, sealed.people.keepers[name].secret_key] for name in OPENING]
    for part in ("words", "wishes"):
        twin(
            "open track",
            folder=str(sealed.folder),
            manifest=sealed.envelope,
            key=sealed.people.key,
            part=part,
            keepers=keepers,
            recipient=sealed.recipient,
            out=str(tmp_path / part),
        )
        assert below(tmp_path / part) == EXPECTED[part]
    card = sealed.people.author.secret_key
    twin("open own copy", file=str(sealed.folder / "own.age"), card=card, out=str(tmp_path / "own"))
    assert below(tmp_path / "own") == EXPECTED["words"]


def test_the_kit_of_both_twins_is_the_same_bytes_and_the_opener_opens_it(
    sealed: Sealed, twin: Twin, browser: Browser, tmp_path: Path
):
    key = sealed.people.author.signing.public
    holders = OPENING if sealed.signed.document.k else (None,)
    for keeper in holders:
        ours = io.BytesIO()
        write_kit(ours, sealed.folder, sealed.signed, key, keeper, {"iruka": "Iruka"})
        out = tmp_path / str(keeper)
        given = {"folder": str(sealed.folder), "manifest": sealed.envelope, "key": key.text, "out": str(out)}
        twin("write kit", keeper=keeper, names={"iruka": "Iruka"}, **given)
        assert (out / "kit.zip").read_bytes() == ours.getvalue()
    page = browser.new_page()
    page.goto((ROOT / "src/lastwords/sealing" / OPENER_FILE).as_uri())
    page.set_input_files("#files", [str(tmp_path / str(keeper) / "kit.zip") for keeper in holders])
    page.wait_for_selector("#form:not([hidden])")
    for place, keeper in zip((2, 3), OPENING, strict=True):
        if sealed.signed.document.k:
            page.fill(f"#share-{place}", sealed.people.keepers[keeper].secret_key)
    if sealed.recipient:
        page.fill("#key", sealed.recipient)
    page.click("button[type=submit]")
    page.wait_for_selector("#opened:not([hidden])", timeout=60_000)
    shown = page.inner_text("#opened")
    assert LETTER.decode().strip() in shown and "Bury me under the big tree." in shown
    with page.expect_download() as download:
        page.click(f"text=Save {1 << 20}.bin")
    assert Path(download.value.path()).read_bytes() == content(1 << 20)
    page.close()


@pytest.mark.needs("command:tar", "npm:age-encryption")
@pytest.mark.parametrize("mode", MODES)
def test_tools_that_are_not_ours_open_what_the_twin_sealed(
    twin: Twin, browser: Browser, people: People, tmp_path: Path, mode: str
):
    folder = tmp_path / "1"
    by_node(folder, people, mode, twin, browser)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    shutil.copy(ROOT / "src/lastwords/sealing/open_script.txt", folder / "open.mjs")

    def opened(key: str, sealed: str, out: str, *passphrase: str) -> None:
        subprocess.run(["node", "open.mjs", key, sealed, out, *passphrase], cwd=folder, check=True)

    outer = "words.age"
    if mode != "timer only":
        shares = []
        for name, place in zip(OPENING, (2, 3), strict=True):
            (folder / "keeper.key").write_text(people.keepers[name].secret_key + "\n")
            opened("keeper.key", f"share-{place}.age", f"{name}.txt")
            shares.append((folder / f"{name}.txt").read_text().split("\n")[0])
        ran = subprocess.run(
            [Path(sys.executable).with_name("shamir"), "recover"],
            input="\n".join(shares) + "\n", capture_output=True, text=True, check=True,
        )  # fmt: skip
        (folder / "passphrase.txt").write_text(re.findall(r"\b[0-9a-f]{64}\b", ran.stdout)[-1])
        opened("release.key.age", "words.age", "inner.age", "passphrase.txt")
        outer = "inner.age"
    if mode != "keepers only":
        (folder / "recipient.key").write_text(people.recipient.secret_key + "\n")
        opened("recipient.key", outer, "words.tar")
        outer = "words.tar"
    (folder / "out").mkdir()
    subprocess.run(["tar", "-xf", f"../{outer}"], cwd=folder / "out", check=True)
    found = below(folder / "out")
    index = json.loads(found.pop("index.json"))
    assert [one["name"] for one in index["items"]] == list(EXPECTED["words"])
    assert found == EXPECTED["words"]


def test_new_words_of_each_twin_follow_the_other_ones_and_the_old_shares_open_them(
    twin: Twin, people: People, browser: Browser, tmp_path: Path
):
    new = (Item("letter.txt", b"A better version", "text/plain", "Letter"),)
    card, recipient = people.author.secret_key, people.recipient.public_key
    by_python(tmp_path / "p1", people, "two locks", twin, browser)
    by_node(tmp_path / "n1", people, "two locks", twin, browser)

    def manifest(name: str) -> Signed[Manifest]:
        return read((tmp_path / name / "manifest.json").read_bytes(), Manifest, people.author.signing.public)

    twin(
        "replace words", folder=str(tmp_path / "n2"), old=str(tmp_path / "p1"), key=people.key, card=card,
        manifest=manifest("p1").data.decode(), recipient=recipient, moment=LATER, words=as_items(new), wishes=None,
    )  # fmt: skip
    tracks.replace_words(
        tmp_path / "p2", tmp_path / "n1", manifest("n1"), people.author, recipient, LATER, items(new)
    )
    for name, before in (("n2", "p1"), ("p2", "n1")):
        follows(manifest(name), manifest(before))
        assert manifest(name).document.files[1:] == manifest(before).document.files[1:]
        sealed = Sealed(tmp_path / name, manifest(name), people)
        keepers = [[keeper, people.keepers[keeper].secret_key] for keeper in OPENING]
        out = tmp_path / f"{name}.out"
        twin(
            "open track", folder=str(sealed.folder), manifest=sealed.envelope, key=people.key, part="words",
            keepers=keepers, recipient=people.recipient.secret_key, out=str(out),
        )  # fmt: skip
        assert below(out) == {"letter.txt": b"A better version"}


def test_bytes_of_every_size_pass_between_python_the_twin_and_typage(
    twin: Twin, people: People, tmp_path: Path, figure: Callable[[str], None]
):
    key, secret = people.author.public_key, people.author.secret_key
    for size in SIZES:
        data = content(size)
        for in_text in (False, True):
            theirs = unb64(
                twin("seal", data=b64(data), keys=[key, people.recipient.public_key], inText=in_text)
            )
            assert age.open_bytes(theirs, [secret]) == data
            ours = age.seal_bytes(data, [people.recipient.public_key, key], armoured=in_text)
            assert unb64(twin("open", data=b64(ours), keys=[secret])) == data
    exchanged = (0, CHUNK, CHUNK + 1)
    for size in exchanged:
        folder = tmp_path / str(size)
        folder.mkdir()
        (folder / "ours.age").write_bytes(
            unb64(twin("seal", data=b64(content(size)), keys=[key], inText=False))
        )
        subprocess.run(["node", "tests/sealing/typage.mjs", str(folder), secret, key], cwd=ROOT, check=True)
        assert (folder / "opened").read_bytes() == content(size)
        found = twin("open", data=b64((folder / "theirs.age").read_bytes()), keys=[secret])
        assert unb64(found) == content(size)
        assert (folder / "public").read_text() == key
    figure(f"age between the twins: {len(SIZES)} sizes, both forms, both ways; with typage {len(exchanged)}")


def test_sixteen_mebibytes_pass_both_ways(twin: Twin, people: People, tmp_path: Path):
    film = tmp_path / "film.bin"
    film.write_bytes(content(LARGEST))
    given = as_twin(track(people, "timer only"))
    path = [{"name": "film.bin", "path": str(film)}]
    twin(
        "seal track", folder=str(tmp_path / "n"), track=given, card=people.author.secret_key, moment=MOMENT,
        words=path, wishes=None,
    )  # fmt: skip
    signed = read((tmp_path / "n/manifest.json").read_bytes(), Manifest, people.author.signing.public)
    secret = people.recipient.secret_key
    tracks.open_part(tmp_path / "n/words.age", tmp_path / "n.out", signed.document, None, secret)
    assert below(tmp_path / "n.out") == {"film.bin": content(LARGEST)}
    of = Track(**track(people, "timer only"))
    ours = tracks.seal_track(
        tmp_path / "p", of, people.author, MOMENT, items([Item("film.bin", film)]), keep_own_copy=False
    )
    twin(
        "open track", folder=str(tmp_path / "p"), manifest=ours.data.decode(), key=people.key, part="words",
        keepers=[], recipient=secret, out=str(tmp_path / "p.out"),
    )  # fmt: skip
    assert below(tmp_path / "p.out") == {"film.bin": content(LARGEST)}


def test_covers_receipts_notes_and_entries_of_each_twin_are_taken_by_the_other(
    twin: Twin, people: People, browser: Browser, tmp_path: Path
):
    by_node(tmp_path / "1", people, "two locks", twin, browser)
    signed = read((tmp_path / "1/manifest.json").read_bytes(), Manifest, people.author.signing.public)
    manifest, envelope = signed.document, signed.data.decode()
    bull, uhei, pakkun = (people.keepers[name] for name in ("bull", "uhei", "pakkun"))
    words, wishes = ((tmp_path / f"1/{prefix}share-2.age").read_bytes() for prefix in ("", "wishes-"))
    share = open_share(words, bull, manifest, "bull")

    outer = [uhei.public_key, pakkun.public_key]
    theirs = twin(
        "give",
        text=b64(share.encode()),
        manifest=envelope,
        recipient=people.recipient.public_key,
        covers=outer,
        case="7",
    )
    given_for = covers.GivenFor(manifest.author, manifest.track, "words", "7")
    uncovered = covers.take_off(unb64(theirs["data"]), pakkun, given_for)
    check_share(covers.open_given(uncovered, people.recipient.secret_key), manifest, "bull")
    ours = covers.give(share, manifest, people.recipient.public_key, outer, "7")
    assert {k: v for k, v in theirs["record"].items() if k != "sha256"} == {
        "track": ours.record.track, "part": ours.record.part, "sealed_to": ours.record.sealed_to,
        "covered_to": list(ours.record.covered_to),
    }  # fmt: skip
    text = twin(
        "open given",
        data=twin("take off", data=b64(ours.data), card=uhei.secret_key, of=asdict(given_for)),
        card=people.recipient.secret_key,
    )
    assert unb64(text) == share.encode()

    made = twin(
        "receipt", keeper="bull", card=bull.secret_key, manifest=envelope, words=b64(words), wishes=b64(wishes),
        purpose="practice", moment=MOMENT,
    )  # fmt: skip
    check_fits(read(made.encode(), Receipt, bull.signing.public).document, signed)
    own = make_receipt("bull", bull, signed, words, wishes, "practice", MOMENT)
    twin("read", envelope=b64(own.data), kind="receipt", key=bull.signing.public.text)

    to = [bull.public_key, uhei.public_key]
    kept = twin("seal notes", items=as_items(WISHES), keys=to)

    def promised(data: bytes) -> EmergencyNotes:
        readers = [
            {"keeper": n, "sealing": people.keepers[n].public.sealing_fingerprint} for n in ("bull", "uhei")
        ]
        fields = {
            "author": "kakashi",
            "number": 1,
            "sha256": hashlib.sha256(data).hexdigest(),
            "moment": MOMENT,
        }
        return EmergencyNotes.from_value(
            {"kind": "emergency-notes", "version": 1, "readers": readers} | fields
        )

    covered = notes.Covered(unb64(kept["data"]), kept["secretKey"])
    notes.open_notes(notes.take_off(covered, promised(unb64(kept["notes"]))), uhei, tmp_path / "notes")
    assert below(tmp_path / "notes") == EXPECTED["wishes"]
    beneath = notes.seal(items(WISHES), to)
    over = notes.cover(beneath)
    found = twin(
        "open notes", data=b64(over.data), secretKey=over.secret_key, promised=promised(beneath).value(),
        card=bull.secret_key,
    )  # fmt: skip
    assert {name: unb64(data) for name, data in found["files"].items()} == EXPECTED["wishes"]

    for what in ONE_OF_EACH:
        entry = written(what)
        body = entries.encode(entry)
        theirs_sealed = twin(
            "seal",
            data=twin("entry", body=b64(body), kind=entry.kind, by=entry.head.by),
            keys=to,
            inText=False,
        )
        opened = age.open_bytes(unb64(theirs_sealed), [uhei.secret_key])
        assert entries.read(opened, entry.kind, entry.head.by) == entry
        ours_sealed = age.seal_bytes(body, to)
        back = twin("open", data=b64(ours_sealed), keys=[bull.secret_key])
        assert unb64(twin("entry", body=back, kind=entry.kind, by=entry.head.by)) == body
