"""Where a browser has ChaCha20-Poly1305 of its own, payloads go through that, and every file fares as with noble's."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from web.test_twins import KIT, failing
from web.twin import NODE, bundle

pytestmark = [NODE, pytest.mark.needs("command:chromium")]

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
  const data = new Uint8Array(await (await fetch("/file")).arrayBuffer());
  return kit.fared(library, { ...given, data });
}"""
"""A file is fetched: handed over in a message, one of sixteen MiB took ten seconds."""
OWN = 'key = await crypto.subtle.importKey("raw-secret", raw, NAME, false, ["encrypt", "decrypt"]);'
ALTERED = 'if (error instanceof DOMException && error.name === "OperationError") return void 0;'
SLOW_KEYS = ("scrypt",)
"""A passphrase is stretched the same way in every browser, and takes its time."""
FILES = [path for path in KIT if not path.name.startswith(SLOW_KEYS)]


@contextmanager
def served(files: dict[str, bytes]) -> Iterator[str]:
    """Gives these files by their addresses, as they are when they are asked for; yields where."""

    class Giver(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/javascript" if self.path.endswith(".mjs") else "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Nobody listens."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Giver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def tab(
    browser: Browser, planted: tuple[str, str] | None = None
) -> Iterator[tuple[Page, Callable[..., Any]]]:
    """A page with the library, and what it is asked by; with `planted`, one in whose code the first text became the
    second."""
    with TemporaryDirectory() as folder:
        code = bundle("web/src/library.ts", Path(folder) / "library.mjs").read_text("utf-8")
    if planted:
        assert code.count(planted[0]) == 1, "the fault has no place to stand any more"
        code = code.replace(*planted)
    files = {
        "/": b"<p>",
        "/library.mjs": code.encode(),
        "/age_kit.mjs": Path(__file__).with_name("age_kit.mjs").read_bytes(),
    }
    with served(files) as here, browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(COUNTED)
        page.goto(here)

        def asked(_what: str, *, data: str, **given: Any) -> Any:
            files["/file"] = base64.b64decode(data)
            return page.evaluate(FARED, given)

        yield page, asked


def test_every_file_of_the_age_kit_fares_in_a_browser_with_its_own_cipher_as_it_asks(
    browser: Browser, figure
):
    with tab(browser) as (page, asked):
        failed = failing(asked, FILES)
        opened = page.evaluate("opened")
    figure(f"age kit in Chromium {len(FILES) - len(failed)}/{len(FILES)}, {opened} chunks by its own cipher")
    assert failed == []
    assert opened > len(FILES) // 2


def test_a_browser_without_the_cipher_opens_the_same_files(browser: Browser):
    payloads = [path for path in FILES if path.name.startswith("stream_")]
    with tab(browser, (OWN, 'throw new DOMException("", "NotSupportedError");')) as (page, asked):
        assert failing(asked, payloads) == []
        assert page.evaluate("opened") == 0


def test_the_kit_notices_when_an_altered_chunk_is_not_told_apart_from_a_broken_browser(browser: Browser):
    with tab(browser, (ALTERED, "")) as (_, asked):
        failed = failing(asked, [path for path in FILES if path.name == "stream_bad_tag"])
    assert [name for name, _, _ in failed] == ["stream_bad_tag"]
