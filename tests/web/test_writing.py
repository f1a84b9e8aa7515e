"""Writing by browser: a letter that the recipient's own program opens, drafts, recordings, a line that breaks."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from web.browser import faults, posted, visitor
from web.family import Host
from web.twin import NODE, bundle

SLOW = 30_000
"""Milliseconds that a busy machine may take to make keys and seal."""
expect.set_options(timeout=SLOW)


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host, on which Jonas writes."""
    return own_house()


def come_in(page: Page, host: Host, name: str, then: str) -> None:
    """Signs in with the person's own key, pasted as it stands on their sheet, and goes on to a page."""
    page.goto(f"/sign-in?next={then}")
    page.get_by_text("Use a sheet or card").click()
    page.locator('[name="paper"]').fill(host.keys(name).secret_key)
    page.locator('[name="paper-handle"]').fill(name)
    page.locator('[data-form="paper"] button').last.click()
    page.wait_for_url(f"{host.origin}{then}", timeout=SLOW)


MICROPHONE = """navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    return out.stream;
};"""
"""A microphone that hears one tone; the recorder and its format are the browser's own."""

KEPT = """async () => {
    const open = indexedDB.open("lastwords-author", 1);
    const database = await new Promise(done => open.onsuccess = () => done(open.result));
    const asked = database.transaction("drafts").objectStore("drafts").getAll();
    const found = await new Promise(done => asked.onsuccess = () => done(asked.result));
    return found.map(one => new TextDecoder("latin1").decode(one));
}"""
"""Everything that this device keeps of drafts, as whoever takes the disk would read it."""


@contextmanager
def jonas(browser: Browser, host: Host, before: str = "") -> Iterator[Page]:
    """Where Jonas writes, with his key open; `before` is a script that is there before any of ours."""
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        if before:
            page.add_init_script(before)
        come_in(page, host, "jonas", "/write")
        yield page


def take_back(page: Page) -> None:
    """Takes the sealed words for Ana back, from the page that they are written on."""
    page.get_by_text("Take it back", exact=True).click()
    page.get_by_role("button", name="Take it back …").click()
    page.get_by_role("button", name="Take back the words for Ana Reis").click()
    page.wait_for_url("**/write")


def test_a_draft_and_a_recording_come_back_locked_until_the_key_is_open(browser: Browser, host: Host) -> None:
    with jonas(browser, host, MICROPHONE) as page:
        page.goto("/write/cannot_act.ana")
        page.get_by_label("Your letter").fill("Water the lemon tree.")
        page.get_by_role("button", name="Record my voice").click()
        expect(page.locator("[data-clock]")).to_have_text("0:01")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Paused.")).to_be_visible()
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Stop and listen").click()
        heard = page.locator("audio, video").first
        expect(heard).to_be_visible()
        expect(heard).not_to_have_js_property("readyState", 0)
        page.get_by_label("What is said in recording").fill("A tone.")
        assert faults(page) == []
        expect(page.get_by_text("Saved on this device")).to_be_visible()
        kept = page.evaluate(KEPT)
        assert len(kept) >= 2 and not any("lemon" in one or "tone" in one for one in kept)
        page.reload()
        expect(page.get_by_text("Your draft is here again")).to_be_visible()
        expect(page.get_by_label("Your letter")).to_have_value("Water the lemon tree.")
        expect(page.get_by_label("What is said in recording")).to_have_value("A tone.")
        expect(page.locator("audio, video").first).not_to_have_js_property("readyState", 0)
        page.get_by_role("button", name="Lock it").click()
        expect(page.get_by_role("heading", name="Your key is locked in this tab")).to_be_visible()
        assert "lemon" not in page.content()


def test_what_was_sealed_and_not_sent_waits_on_the_device_and_goes_on(browser: Browser, host: Host) -> None:
    with jonas(browser, host, "delete window.MediaRecorder;") as page:
        page.goto("/write/cannot_act.ana")
        expect(page.get_by_text("This browser cannot record.")).to_be_visible()
        page.get_by_label("Your letter").fill("Ask Ola about the boat.")
        another = {"public_key": host.keys("mira").public_key}
        page.route(
            "**/api/people/ana",
            lambda route: route.fulfill(json={**route.fetch().json(), **another}),
            times=1,
        )
        page.get_by_role("button", name="Check and seal").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The host shows another key for ana")
        page.get_by_role("button", name="Check and seal").press("Enter")
        broken = "**/api/watches/jonas/words"
        page.route(
            broken,
            lambda route: (
                route.abort("internetdisconnected") if route.request.method == "POST" else route.continue_()
            ),
        )
        page.get_by_role("button", name="Seal for Ana").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The host cannot be reached")
        page.unroute(broken)
        page.goto("/write")
        expect(page.get_by_text("Not sent to the end")).to_be_visible()
        page.get_by_role("button", name="Go on sending").click()
        expect(page.get_by_text("sealed, version 1").nth(1)).to_be_visible()
        expect(page.get_by_text("Not sent to the end")).to_be_hidden()
        page.goto("/write/cannot_act.ana")
        page.get_by_role("button", name="Read or change it").click()
        expect(page.get_by_label("Your letter")).to_have_value("Ask Ola about the boat.")
        page.goto("/write/cannot_act.ana")
        take_back(page)
        expect(page.get_by_text("sealed, version 1")).to_have_count(1)


def test_words_without_a_key_of_the_recipient_tell_who_can_read_them_and_stay_so(
    browser: Browser, host: Host
) -> None:
    with jonas(browser, host) as page:
        page.goto("/write/cannot_act.ana")
        page.get_by_label("Your letter").fill("The papers are with Ola.")
        page.get_by_text("Who opens it, and who is there").click()
        page.get_by_label("Without a key of Ana").check()
        page.get_by_role("button", name="Check and seal").click()
        expect(page.locator("[data-check]")).to_contain_text("Any 3 of your keepers together")
        page.get_by_role("button", name="Seal for Ana").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sealed for Ana Reis")
        page.goto("/write/cannot_act.ana")
        page.get_by_role("button", name="Read or change it").click()
        expect(page.get_by_label("Your letter")).to_have_value("The papers are with Ola.")
        page.get_by_text("Who opens it, and who is there").click()
        expect(page.get_by_label("Without a key of Ana")).to_be_checked()
        page.get_by_label("Without a key of Ana").uncheck()
        page.get_by_role("button", name="Check and seal").click()
        expect(page.locator("[data-check]")).to_contain_text(
            "Your keepers cannot read it, even all together."
        )
        page.goto("/write/cannot_act.ana")
        page.get_by_role("button", name="Throw this draft away").click()
        take_back(page)


HIDDEN = """Object.defineProperty(document, "visibilityState", { value: "hidden" });
document.dispatchEvent(new Event("visibilitychange"));"""
"""What a tab is told that somebody turns away from."""


def test_a_letter_is_written_in_one_tab_at_a_time_and_comes_back_though_its_sealed_version_is_gone(
    browser: Browser, host: Host
) -> None:
    with jonas(browser, host) as page:
        page.goto("/write/cannot_act.ana")
        page.get_by_label("Your letter").fill("The papers are with Ola.")
        page.get_by_label("Photos and files").set_input_files(
            {"name": "What now?.txt", "mimeType": "text/plain", "buffer": b"Call Ola."}
        )
        page.get_by_role("button", name="Check and seal").click()
        page.get_by_role("button", name="Seal for Ana").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sealed for Ana Reis")
        page.goto("/write/cannot_act.ana")
        page.get_by_role("button", name="Read or change it").click()
        expect(page.locator("[data-attached] .what")).to_contain_text("What now_.txt")
        page.get_by_label("Your letter").fill("The papers are with Tom.")
        expect(page.get_by_text("Saved on this device")).to_be_visible()
        with page.expect_popup() as opened:
            page.evaluate("window.open(location.href)")
        other = opened.value
        expect(other.get_by_label("Your letter")).to_have_value("The papers are with Tom.")
        expect(page.get_by_text("This letter was opened in another tab.")).to_be_visible()
        other.get_by_label("Your letter").fill("The papers are in the blue box.")
        expect(other.get_by_text("Saved on this device")).to_be_visible()
        page.evaluate(HIDDEN)
        page.get_by_role("button", name="Check and seal").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was sealed")
        host.person("jonas").does("words", "take-back", "cannot_act.ana")
        other.reload()
        expect(other.get_by_label("Your letter")).to_have_value("The papers are in the blue box.")
        expect(other.get_by_text("Choose these files once more: What now_.txt")).to_be_visible()
        other.get_by_role("button", name="Throw this draft away").click()
        expect(other.get_by_label("Your letter")).to_have_value("")


WRITTEN = """
const [, from, beside, within] = process.argv;
const parts = [from, beside, within].map((one) => import(one));
const [{ fromSealed }, { contentOf }, { items, unpack }] = await Promise.all(parts);
const file = (name, data, media = "text/plain", transcript = "") =>
  ({ name, content: new Blob([data]), media, title: "", from: "device", transcript });
const found = [];
for (const [letter, ...attached] of [
  ["x".repeat(3 << 20)],
  ["", file("letter.txt", Uint8Array.of(0x47, 0xfc, 0x6e, 0x74))],
  ["Dear Ana", file("Letter.txt", "An older one")],
  ["Dear Ana", file("letter.mp3", "sound", "audio/mpeg", "What I say")],
  ["Dear Ana", file("song.txt", "La"), file("song.mp3", "sound", "audio/mpeg", "What I sing")],
]) {
  const words = { letter, note: "", wishes: "", attached };
  const sealed = await unpack(items(contentOf(words).words)());
  const again = await fromSealed(sealed, undefined);
  const twice = await unpack(items(contentOf(again).words)());
  const texts = async ({ files }) => Promise.all([...files.values()].map((one) => one.text()));
  found.push({ letter: again.letter === letter, names: again.attached.map(({ name }) => name),
    said: again.attached.map(({ transcript }) => transcript).join(),
    whole: JSON.stringify((await texts(sealed)).sort()) === JSON.stringify((await texts(twice)).sort()) });
}
process.stdout.write(JSON.stringify(found));
"""


@NODE
def test_what_was_sealed_comes_back_whole_to_be_changed_however_long_it_is_and_whatever_it_is_called(
    tmp_path: Path,
) -> None:
    parts = [
        bundle(f"web/src/{name}.ts", tmp_path / f"{place}.mjs").as_uri()
        for place, name in enumerate(("pages/author/draft_of", "pages/author/checking", "sealing/container"))
    ]
    command = ["node", "--input-type=module", "--eval", WRITTEN, *parts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        {"letter": True, "names": [], "said": "", "whole": True},
        {"letter": True, "names": ["letter.txt"], "said": "", "whole": True},
        {"letter": True, "names": ["Letter-2.txt"], "said": "", "whole": True},
        {"letter": True, "names": ["letter-2.mp3"], "said": "What I say", "whole": True},
        {"letter": True, "names": ["song.txt", "song-2.mp3"], "said": ",What I sing", "whole": True},
    ]


def open_as_told(host: Host, to: Path) -> Path:
    """Jonas falls silent, his keepers sign, Mira tells Ana, and Ana opens his words by the command line."""
    day = 86_400
    keepers = [host.person(name) for name in ("mira", "paul", "ines", "leila")]
    for keeper in keepers:
        keeper.does("shares", "prove", "jonas")
    keepers[0].does("alarm", "jonas")
    host.pass_time(8 * day)
    for keeper in keepers[:3]:
        keeper.does("case", "jonas", "state", "died", "--evidence", "document-seen")
    host.pass_time(7 * day)
    keepers[0].does("told", "jonas", "died.ana")
    host.person("ana").does("open", "jonas", "died.ana", "--to", to)
    return to


class CutLine:
    """A line that breaks once, in the middle of the first file that has a middle."""

    PIECE = 4 << 20

    def __init__(self) -> None:
        self.pieces: dict[str, list[int]] = {}
        """By file, where each piece began that the browser sent."""
        self.cut = ""

    def __call__(self, route: Route) -> None:
        request = route.request
        at = int(request.headers.get("upload-offset", "-1"))
        self.pieces.setdefault(request.url, []).append(at)
        if at == self.PIECE and not self.cut:
            self.cut = request.url
            route.abort("internetdisconnected")
        else:
            route.continue_()


def test_a_letter_and_a_file_sealed_here_are_read_changed_and_opened_by_the_command_line(
    browser: Browser, host: Host, tmp_path: Path
) -> None:
    large = bytes(range(256)) * 4096 * 9
    picture = tmp_path / "garden.jpg"
    picture.write_bytes(large)
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        bodies = posted(page)
        come_in(page, host, "jonas", "/write")
        page.get_by_role("link", name="If you have died").click()
        page.get_by_role("button", name="Write it anew").click()
        page.get_by_role("button", name="Check and seal").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing is written yet.")
        page.get_by_label("Your letter").fill("Under the stone by the pump.")
        page.get_by_text("On the envelope", exact=True).click()
        page.get_by_label("A line on the envelope").fill("About the garden")
        page.get_by_label("Wishes, to be read before it is opened").fill("No speeches.")
        page.get_by_label("Photos and files").set_input_files(picture)
        assert faults(page) == []
        page.get_by_role("button", name="Check and seal").click()
        check = page.locator("[data-check]")
        expect(check).to_contain_text("Ana Reis, with their own key, once any 3 of")
        expect(check).to_contain_text("garden.jpg, 9.4 MB")
        expect(check).to_contain_text("As before: your keepers have nothing to do.")
        assert faults(page) == []
        page.get_by_role("button", name="Change something").click()
        expect(page.get_by_label("Your letter")).to_have_value("Under the stone by the pump.")
        page.get_by_role("button", name="Check and seal").click()
        line = CutLine()
        page.route("**/api/files/*", line)
        page.get_by_role("button", name="Seal for Ana").dblclick()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sealed for Ana Reis")
        page.unroute("**/api/files/*")
        half = CutLine.PIECE
        assert line.pieces[line.cut] == [0, half, half, 2 * half], (
            "it goes on where the host says, not from the beginning"
        )
        page.goto("/write/died.ana")
        page.get_by_role("button", name="Read or change it").click()
        expect(page.get_by_label("Your letter")).to_have_value("Under the stone by the pump.")
        expect(page.locator("[data-attached] .what")).to_contain_text("garden.jpg")
        page.get_by_label("Your letter").fill("Under the stone by the pump. I moved it.")
        page.get_by_role("button", name="Check and seal").click()
        page.get_by_role("button", name="Seal for Ana").click()
        expect(page.locator("[data-done-more]")).to_contain_text("This is version 3")
        secret = host.keys("jonas").secret_key
        assert [
            one for one in bodies if "Under the stone" in one or "About the garden" in one or secret in one
        ] == []
    opened = open_as_told(host, tmp_path / "opened")
    found = {path.name: path.read_bytes() for path in opened.rglob("*") if path.is_file()}
    assert found["letter.txt"] == b"Under the stone by the pump. I moved it."
    assert found["garden.jpg"] == large
