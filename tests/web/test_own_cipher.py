"""Where a browser has ChaCha20-Poly1305 of its own, payloads go through that, and every file fares as with noble's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from web.test_twins import KIT, failing
from web.twin import NODE, bundle

pytestmark = [NODE, pytest.mark.needs("command:chromium")]

HERE = "http://127.0.0.1:9"
"""Nobody answers there; what a page asks it for is handed to it. A page gets the cipher only from such an address."""
COUNTED = """
window.opened = 0;
const decrypt = SubtleCrypto.prototype.decrypt;
SubtleCrypto.prototype.decrypt = function (how, ...rest) {
  opened += how.name === "ChaCha20-Poly1305";
  return decrypt.call(this, how, ...rest);
};
"""
FARED = """async (given) => {
  const [library, kit] = await Promise.all([import("/library.mjs"), import("/age_kit.mjs")]);
  return kit.fared(library, given);
}"""
OWN = 'key = await crypto.subtle.importKey("raw-secret", raw, NAME, false, ["encrypt", "decrypt"]);'
ALTERED = 'if (error instanceof DOMException && error.name === "OperationError") return void 0;'
SLOW_KEYS = ("scrypt",)
"""A passphrase is stretched the same way in every browser, and takes its time."""
FILES = [path for path in KIT if not path.name.startswith(SLOW_KEYS)]


@contextmanager
def tab(browser: Browser, planted: tuple[str, str] | None = None) -> Iterator[Page]:
    """A page with the library; with `planted`, one in whose code the first text became the second."""
    with TemporaryDirectory() as folder:
        code = bundle("web/src/library.ts", Path(folder) / "library.mjs").read_text("utf-8")
    if planted:
        assert code.count(planted[0]) == 1, "the fault has no place to stand any more"
        code = code.replace(*planted)
    kit = Path(__file__).with_name("age_kit.mjs").read_text("utf-8")
    files = {f"{HERE}/": ("text/html", "<p>")} | {
        f"{HERE}/{name}.mjs": ("text/javascript", text)
        for name, text in (("library", code), ("age_kit", kit))
    }

    def give(route: Any) -> None:
        kind, text = files[route.request.url]
        route.fulfill(content_type=kind, body=text)

    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/*", give)
        page.add_init_script(COUNTED)
        page.goto(f"{HERE}/")
        yield page


def asked(page: Page) -> Callable[..., Any]:
    return lambda _what, **given: page.evaluate(FARED, given)


def test_every_file_of_the_age_kit_fares_in_a_browser_with_its_own_cipher_as_it_asks(
    browser: Browser, figure
):
    with tab(browser) as page:
        failed = failing(asked(page), FILES)
        opened = page.evaluate("opened")
    figure(f"age kit in Chromium {len(FILES) - len(failed)}/{len(FILES)}, {opened} chunks by its own cipher")
    assert failed == []
    assert opened > len(FILES) // 2


def test_a_browser_without_the_cipher_opens_the_same_files(browser: Browser):
    payloads = [path for path in FILES if path.name.startswith("stream_")]
    with tab(browser, (OWN, 'throw new DOMException("", "NotSupportedError");')) as page:
        assert failing(asked(page), payloads) == []
        assert page.evaluate("opened") == 0


def test_the_kit_notices_when_an_altered_chunk_is_not_told_apart_from_a_broken_browser(browser: Browser):
    with tab(browser, (ALTERED, "")) as page:
        failed = failing(asked(page), [path for path in FILES if path.name == "stream_bad_tag"])
    assert [name for name, _, _ in failed] == ["stream_bad_tag"]
