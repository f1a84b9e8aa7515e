"""A printed square before the camera: read where the browser can; where it cannot, the page says so and takes words.

Chromium on a desktop has no reader of squares of its own. For the way from the camera to the field one is put in its
place here, which knows what it has to see and looks for it in the pictures that the camera really gave.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, Page, expect
from web.browser import CHROMIUM, FLAGS, faults, visitor
from web.family import Host

WIDTH, HEIGHT = 640, 480
A_READER = """({ text, rows, left, top, size }) => {
  let told;
  globalThis.seen = new Promise((done) => { told = done; });
  globalThis.BarcodeDetector = class {
    async detect(video) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [WIDTH, HEIGHT];
      const paper = canvas.getContext("2d");
      paper.drawImage(video, 0, 0, WIDTH, HEIGHT);
      const { data } = paper.getImageData(0, 0, WIDTH, HEIGHT);
      let right = 0, all = 0;
      rows.forEach((row, y) => row.forEach((dark, x) => {
        const [across, down] = [left + Math.floor((x + 0.5) * size), top + Math.floor((y + 0.5) * size)];
        all += 1;
        right += (data[4 * (down * WIDTH + across)] < 128) === Boolean(dark);
      }));
      told(right / all);
      return right / all > 0.99 ? [{ rawValue: text }] : [];
    }
  };
}""".replace("WIDTH", str(WIDTH)).replace("HEIGHT", str(HEIGHT))


def paper_of(host: Host) -> str:
    """What the square on Jonas's sheet holds."""
    return f"Handle: jonas\n{host.keys('jonas').secret_key}"


class Square:
    """A square, and a film of it lying still in the middle of what a camera sees."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows = [[int(cell) for cell in row] for row in segno.make(text, error="m").matrix]
        self.size = (HEIGHT - 40) // len(self.rows)
        self.left = (WIDTH - self.size * len(self.rows)) // 2
        self.top = (HEIGHT - self.size * len(self.rows)) // 2

    def film(self, to: Path) -> Path:
        light = bytearray(b"\xeb" * (WIDTH * HEIGHT))
        for y, row in enumerate(self.rows):
            for x, dark in enumerate(row):
                for line in range(self.size if dark else 0):
                    begin = (self.top + y * self.size + line) * WIDTH + self.left + x * self.size
                    light[begin : begin + self.size] = b"\x10" * self.size
        frame = b"FRAME\n" + bytes(light) + b"\x80" * (WIDTH * HEIGHT // 2)
        to.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode() + frame * 5)
        return to

    def for_reader(self) -> dict[str, object]:
        return {"text": self.text, "rows": self.rows, "left": self.left, "top": self.top, "size": self.size}


def put_a_reader(page: Page, square: Square) -> None:
    import json

    page.add_init_script(f"({A_READER})({json.dumps(square.for_reader())})")


@pytest.fixture
def filmed(browser: Browser, house: Host, tmp_path: Path) -> Iterator[tuple[Browser, Square]]:
    """A Chromium whose camera sees the square of Jonas's sheet."""
    square = Square(paper_of(house))
    film = square.film(tmp_path / "square.y4m")
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    chromium = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, *camera, f"--use-file-for-fake-video-capture={film}"]
    )
    yield chromium, square
    chromium.close()


def at_the_paper(page: Page) -> None:
    page.goto("/sign-in?next=/home")
    page.get_by_text("Use a sheet or card").click()


def test_a_browser_that_reads_no_squares_says_so_and_takes_typed_words(browser: Browser, house: Host) -> None:
    with visitor(browser, house) as page:
        at_the_paper(page)
        assert page.evaluate("'BarcodeDetector' in globalThis") is False
        expect(page.get_by_text("This browser cannot read the square with a camera.")).to_be_visible()
        expect(page.get_by_role("button", name="Scan its square with the camera")).to_be_hidden()
        assert faults(page) == []
        page.get_by_label("The words on the paper").fill(" ".join(house.keys("jonas").words()))
        page.get_by_label("The handle on it").fill("jonas")
        page.locator('[data-form="paper"] button').last.click()
        page.wait_for_url(f"{house.origin}/home")


def test_a_square_before_the_camera_opens_the_key_and_the_camera_is_given_back(
    filmed: tuple[Browser, Square], house: Host
) -> None:
    chromium, square = filmed
    with visitor(chromium, house) as page:
        put_a_reader(page, square)
        at_the_paper(page)
        expect(page.get_by_text("This browser cannot read the square")).to_be_hidden()
        page.get_by_role("button", name="Scan its square with the camera").click()
        expect(page.get_by_label("The words on the paper")).to_have_value(square.text)
        expect(page.get_by_text("The square was read.")).to_be_visible()
        assert page.evaluate("globalThis.seen") > 0.99
        assert page.locator("video").count() == 0
        page.locator('[data-form="paper"] button').last.click()
        page.wait_for_url(f"{house.origin}/home")


def test_another_square_is_not_taken_for_it(filmed: tuple[Browser, Square], house: Host) -> None:
    """The planted fault: a reader that is shown one square and waits for another sees nothing."""
    chromium, _ = filmed
    with visitor(chromium, house) as page:
        put_a_reader(page, Square(paper_of(house).replace("jonas", "mira")))
        at_the_paper(page)
        page.get_by_role("button", name="Scan its square with the camera").click()
        assert page.evaluate("globalThis.seen") < 0.99
        expect(page.get_by_label("What the camera sees")).to_be_visible()


def test_a_camera_that_cannot_be_used_is_said_and_typing_is_left(browser: Browser, house: Host) -> None:
    with visitor(browser, house) as page:
        put_a_reader(page, Square("x"))
        at_the_paper(page)
        page.get_by_role("button", name="Scan its square with the camera").click()
        expect(page.get_by_text("The camera cannot be used. Type the words instead.")).to_be_visible()
        expect(page.get_by_label("The words on the paper")).to_be_editable()
