"""The offline opener, from a file in a browser: kits, shares and a key in, words out, and not one request."""

import base64
import hashlib
import io
import json
import re
import wave
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from manners.house import ROOT
from playwright.sync_api import Browser, Page

from lastwords.sealing import tracks
from lastwords.sealing.container import Item, items
from lastwords.sealing.kit import OPENER_FILE, write_kit
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.shares import open_share
from lastwords.sealing.tracks import Keeper, Track
from lastwords.signing.documents import Signed, sign
from lastwords.signing.manifest import Manifest

pytestmark = pytest.mark.needs("command:chromium")

OPENER = ROOT / "src" / "lastwords" / "sealing" / OPENER_FILE
KEEPERS = ("pakkun", "bull", "uhei", "shiba", "akino")
MOMENT = "2026-11-23T08:17:45Z"
LETTER = "Dear Iruka,\n\nfeed Pakkun first. <b>He</b> will say that he is never hungry.\n\nKakashi 🐕"


def sound() -> bytes:
    """A second of quiet, as a recording."""
    out = io.BytesIO()
    with wave.open(out, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(8000)
        recording.writeframes(b"\x80" * 8000)
    return out.getvalue()


SOUND = sound()
WORDS = (
    Item("letter.txt", LETTER.encode(), "text/plain; charset=utf-8", "Letter"),
    Item("voice/song.wav", SOUND, "audio/wav", "A song"),
    Item("page.html", b"<script>document.title = 'run'</script>", "text/html"),
    Item("deeds.bin", bytes(range(256)) * 700),
)
WISHES = (Item("wishes.txt", b"Bury me under the big tree.", "text/plain", "Wishes"),)


LENGTH = """() => new Promise((done) => {
  const audio = document.querySelector("audio");
  const tell = () => done(audio.error ? audio.error.message : audio.duration);
  if (audio.readyState > 0 || audio.error) tell();
  else for (const event of ["loadedmetadata", "error"]) audio.addEventListener(event, tell);
})"""


@dataclass(frozen=True)
class Home:
    """Everybody's papers: keys, kits, and the sealed version's own folder."""

    folder: Path
    author: PersonKeys
    recipient: PersonKeys
    keepers: dict[str, PersonKeys]

    def seal(self, name: str, **changes: object) -> Signed[Manifest]:
        """Seal a version into a folder of its own, and a kit for every keeper beside it."""
        fields: dict[str, object] = {
            "author": "kakashi",
            "track": "died.iruka",
            "condition": "died",
            "mode": "two locks",
            "recipient": "iruka",
            "recipient_public_key": self.recipient.public_key,
            "k": 3,
            "keepers": [Keeper(n, k.public_key, k.signing.public.text) for n, k in self.keepers.items()],
        }
        track = Track(**fields | changes)  # type: ignore[arg-type]
        folder = self.folder / name / "sealed"
        signed = tracks.seal_track(folder, track, self.author, MOMENT, items(WORDS), items(WISHES))
        for keeper in [one.keeper for one in track.keepers] or [None]:
            with (self.folder / name / f"{keeper or 'all'}.zip").open("wb") as out:
                write_kit(out, folder, signed, self.author.signing.public, keeper)
        return signed

    def kits(self, name: str, *keepers: str) -> list[str]:
        return [str(self.folder / name / f"{keeper}.zip") for keeper in keepers]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    found = Home(
        tmp_path_factory.mktemp("home"),
        PersonKeys.new(),
        PersonKeys.new(),
        {name: PersonKeys.new() for name in KEEPERS},
    )
    found.seal("two")
    return found


@dataclass
class Opener:
    """The page as a person has it: what it asked for outside itself, and what it complained of."""

    page: Page
    asked: list[str]
    complaints: list[str]

    def choose(self, *paths: str) -> None:
        self.page.set_input_files("#files", list(paths))
        self.page.wait_for_selector("#form:not([hidden]), #trouble:not([hidden]), #found .told")

    def fill(self, field: str, text: str) -> None:
        self.page.fill(f"#{field}", text)

    def open(self) -> str:
        """Press the button; what is shown then: the words, or what is wrong."""
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#opened:not([hidden]), #trouble:not([hidden])", timeout=60_000)
        return self.page.inner_text("#opened:not([hidden]), #trouble:not([hidden])")

    def saved(self, name: str) -> bytes:
        with self.page.expect_download() as download:
            self.page.click(f"text=Save {name}")
        return Path(download.value.path()).read_bytes()


@pytest.fixture
def opener(browser: Browser) -> Iterator[Opener]:
    context = browser.new_context(viewport={"width": 360, "height": 800}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(OPENER.as_uri())
    yield Opener(page, asked, complaints)
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1
    assert complaints == []
    context.close()


def test_three_kits_three_cards_and_the_recipients_card_open_everything(opener: Opener, home: Home):
    opener.choose(*home.kits("two", "bull", "uhei", "akino"))
    facts = opener.page.inner_text("#found")
    assert "kakashi" in facts and "each is the one that was signed" in facts and "fits the key" in facts
    for keeper in ("bull", "uhei", "akino"):
        opener.fill(f"share-{KEEPERS.index(keeper) + 1}", home.keepers[keeper].secret_key)
    opener.fill("key", home.recipient.secret_key.lower())
    shown = opener.open()
    assert shown.index("Bury me under the big tree.") < shown.index("Dear Iruka,")
    assert LETTER in opener.page.inner_text(".words >> nth=1")
    assert "3 keepers' shares name the same key" in shown
    assert opener.page.title() == "Open words that were left"
    assert [opener.page.input_value(f"#{field}") for field in ("share-2", "key")] == ["", ""]
    assert opener.page.is_hidden("#form")
    assert opener.page.evaluate(LENGTH) == pytest.approx(1)
    for item in WORDS:
        assert opener.saved(item.name.split("/")[-1]) == item.content


def test_it_is_used_by_keyboard_alone(opener: Opener, home: Home):
    opener.choose(*home.kits("two", *KEEPERS[:3]))
    opener.page.focus("#files")
    for keeper in KEEPERS[:3]:
        opener.page.keyboard.press("Tab")
        opener.page.keyboard.insert_text(home.keepers[keeper].secret_key)
    for _ in range(3):
        opener.page.keyboard.press("Tab")
    opener.page.keyboard.insert_text(" ".join(home.recipient.words()))
    opener.page.keyboard.press("Tab")
    opener.page.keyboard.press("Tab")
    opener.page.keyboard.press("Enter")
    opener.page.wait_for_selector("#opened:not([hidden])", timeout=60_000)
    assert opener.page.evaluate("document.activeElement.id") == "opened"


def test_shares_as_words_as_opened_text_and_as_a_card_go_together(opener: Opener, home: Home):
    opener.choose(*home.kits("two", "pakkun"))
    folder = home.folder / "two" / "sealed"
    manifest = Manifest.from_value(json.loads((folder / "manifest.json").read_text())["document"])

    def share(place: int, keeper: str, prefix: str = "") -> str:
        data = (folder / f"{prefix}share-{place}.age").read_bytes()
        part = "wishes" if prefix else "words"
        return open_share(data, home.keepers[keeper], manifest, keeper, part).encode().decode()

    opener.fill("share-1", home.keepers["pakkun"].secret_key)
    typed = [share(2, "bull", prefix).split("\n")[0] for prefix in ("", "wishes-")]
    opener.fill("share-2", "\n".join(typed).upper())
    opener.fill("share-3", share(3, "uhei").strip() + "\n\n" + share(3, "uhei", "wishes-").strip())
    opener.fill("key", home.recipient.locked("sharp kunai", work_factor=10).decode())
    opener.fill("passphrase", "sharp kunai")
    assert "Dear Iruka," in opener.open()


def test_what_is_wrong_is_named_beside_its_field_and_nothing_opens(opener: Opener, home: Home):
    opener.choose(*home.kits("two", "bull", "uhei", "akino"))
    assert "3 keepers are needed, and 0 gave something" in opener.open()
    assert opener.page.evaluate("document.activeElement.id") == "trouble"
    opener.fill("share-2", home.keepers["akino"].secret_key)
    opener.fill("share-3", home.keepers["uhei"].secret_key)
    opener.fill("share-5", "academic acid acrobat")
    opener.fill("key", home.author.secret_key)
    told = opener.open()
    assert "This key does not open the share of bull" in told
    assert "so one is missing or doubled" in told
    assert "these words are sealed to another one" in told
    assert opener.page.get_attribute("#share-2", "aria-invalid") == "true"
    assert opener.page.get_attribute("#share-3", "aria-invalid") is None
    assert opener.page.locator(".words").count() == 0


def troubles_of(page: Page) -> list[str]:
    """What axe, which is not ours, finds on the page as it is."""
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {node['html'][:100]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.needs("npm:axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_with_whatever_they_read_pages_with(opener: Opener, home: Home, scheme: str):
    opener.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert troubles_of(opener.page) == []
    opener.choose(*home.kits("two", *KEEPERS[:3]))
    opener.open()
    assert troubles_of(opener.page) == []
    for place, keeper in enumerate(KEEPERS[:3], 1):
        opener.fill(f"share-{place}", home.keepers[keeper].secret_key)
    opener.fill("key", home.recipient.secret_key)
    assert "Dear Iruka," in opener.open()
    assert troubles_of(opener.page) == []


def altered(kit: str, out: Path, name: str, change: Callable[[bytes], bytes]) -> str:
    """A kit in which one file is changed."""
    with zipfile.ZipFile(kit) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, change(data) if member == name else data)
    return str(out)


def test_an_altered_file_is_noticed_before_anything_is_opened_and_another_kit_helps(
    opener: Opener, home: Home, tmp_path: Path
):
    bad = altered(*home.kits("two", "bull"), tmp_path / "bad.zip", "words.age", lambda data: data[:-1] + b"x")
    opener.choose(bad)
    assert "words.age is not the file that the author signed" in opener.page.inner_text("#found")
    opener.fill("key", home.recipient.secret_key)
    assert "words.age is missing, or is not the file that the author signed" in opener.open()
    opener.choose(*home.kits("two", "uhei"))
    opener.page.locator("#found", has_text="each is the one that was signed").wait_for()


def test_a_manifest_of_somebody_elses_hand_is_refused(opener: Opener, home: Home, tmp_path: Path):
    def resigned(data: bytes) -> bytes:
        document = replace(Manifest.from_value(json.loads(data)["document"]), recipient="orochimaru")
        return sign(document, PersonKeys.new().signing).data

    def retold(data: bytes) -> bytes:
        return data.replace(b'"recipient":"iruka"', b'"recipient":"sasori"')

    kit = home.kits("two", "bull")[0]
    opener.choose(altered(kit, tmp_path / "resigned.zip", "manifest.json", resigned))
    assert "names another author than the one who signed it" in opener.page.inner_text("#trouble")
    opener.page.reload()
    opener.asked.clear()
    opener.choose(altered(kit, tmp_path / "retold.zip", "manifest.json", retold))
    assert "The signature does not fit the document" in opener.page.inner_text("#trouble")
    opener.asked.append(OPENER.as_uri())


def test_a_kit_that_somebody_else_signed_does_not_take_the_place_of_the_authors_by_calling_itself_newer(
    opener: Opener, home: Home, tmp_path: Path
):
    orochimaru = PersonKeys.new()
    sealed = Manifest.from_value(
        json.loads((home.folder / "two" / "sealed" / "manifest.json").read_text())["document"]
    )
    forged = tracks.replace_words(
        tmp_path / "forged",
        home.folder / "two" / "sealed",
        sign(replace(sealed, author_signing=orochimaru.signing.public.fingerprint), orochimaru.signing),
        orochimaru,
        home.recipient.public_key,
        MOMENT,
        items([Item("letter.txt", b"I never liked you.", "text/plain", "Letter")]),
        items(WISHES),
    )
    with (tmp_path / "orochimaru.zip").open("wb") as out:
        write_kit(out, tmp_path / "forged", forged, orochimaru.signing.public, "akino")
    opener.choose(str(tmp_path / "orochimaru.zip"), *home.kits("two", "bull", "uhei"))
    assert "name more than one key as the author's for the same words" in opener.page.inner_text("#found")
    kept = opener.page.locator("#which option").all_inner_texts()
    assert [home.author.signing.public.fingerprint[:8] in label for label in kept] == [True, False]
    opener.fill("key", home.recipient.secret_key)
    for place, keeper in enumerate(KEEPERS[1:4], 2):
        folder = home.folder / "two" / "sealed"
        typed = [
            open_share(
                (folder / f"{prefix}share-{place}.age").read_bytes(),
                home.keepers[keeper],
                sealed,
                keeper,
                part,
            )
            for prefix, part in (("", "words"), ("wishes-", "wishes"))
        ]
        # Read out twice and typed twice, as it happens.
        opener.fill(f"share-{place}", "\n".join(share.mnemonic for share in [*typed, *typed]))
    shown = opener.open()
    assert "Dear Iruka," in shown and "I never liked you." not in shown
    assert "compare it with the fingerprint on the recipient's card" in shown


@pytest.mark.parametrize("mode", ["keepers only", "timer only"])
def test_words_with_one_lock_open_without_the_other_key(opener: Opener, home: Home, mode: str):
    alone = mode == "timer only"
    changes = {"k": 0, "keepers": []} if alone else {"recipient_public_key": None}
    if not (home.folder / mode).exists():
        home.seal(mode, mode=mode, **changes)
    opener.choose(*home.kits(mode, *(["all"] if alone else KEEPERS[:3])))
    assert opener.page.is_visible("#key") == alone
    assert opener.page.is_visible("#rows") != alone
    if alone:
        opener.fill("key", f"iruka\n{home.recipient.secret_key}\n")
    else:
        for place, keeper in enumerate(KEEPERS[:3], 1):
            opener.fill(f"share-{place}", home.keepers[keeper].secret_key)
    assert "Dear Iruka," in opener.open()


def test_the_newest_of_several_versions_is_opened_and_several_tracks_can_be_chosen(
    opener: Opener, home: Home
):
    folder = home.folder / "newer"
    if not folder.exists():
        old = home.folder / "two" / "sealed"
        before = tracks.replace_words(
            folder / "sealed",
            old,
            Signed(
                Manifest.from_value(json.loads((old / "manifest.json").read_text())["document"]),
                b"",
                home.author.signing.public.fingerprint,
            ),
            home.author,
            home.recipient.public_key,
            MOMENT,
            items([Item("letter.txt", b"A better version", "text/plain", "Letter")]),
        )
        with (folder / "uhei.zip").open("wb") as out:
            write_kit(out, folder / "sealed", before, home.author.signing.public, "uhei")
        home.seal("other", track="cannot_act.iruka", condition="cannot act")
    opener.choose(
        *home.kits("two", "bull", "akino"), *home.kits("newer", "uhei"), *home.kits("other", "bull")
    )
    assert "version 2" in opener.page.inner_text("#found")
    assert opener.page.locator("#which option").count() == 2
    for keeper in ("bull", "uhei", "akino"):
        opener.fill(f"share-{KEEPERS.index(keeper) + 1}", home.keepers[keeper].secret_key)
    opener.fill("key", home.recipient.secret_key)
    assert "A better version" in opener.open()


def test_its_policy_lets_it_run_nothing_but_itself_and_reach_nothing(figure: Callable[[str], None]):
    page = OPENER.read_text("utf-8")
    policy = re.search(r'content="(default-src [^"]+)"', page)
    script = re.search(r"<script>(.*)</script>\s*</body>", page, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy and script and style
    for part, found in (("script-src", script[1]), ("style-src", style[1])):
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert f"{part} 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'; ") and "connect-src" not in policy[1]
    assert re.findall(r"https?://(?!www\.w3\.org/)[\w.-]+", page) == []
    assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", page)
    figure(f"offline opener: {len(page.encode()):,} bytes, one file")
