"""Everything a browser sends, and whether a secret stands in it, however it is spelled."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from playwright.sync_api import BrowserContext, Request

LISTEN = """(() => {
  const hex = (data) => Array.from(new Uint8Array(data), (b) => b.toString(16).padStart(2, "0")).join("");
  for (const verb of ["create", "get"]) {
    const before = navigator.credentials?.[verb]?.bind(navigator.credentials);
    if (!before) continue;
    navigator.credentials[verb] = async (options) => {
      const made = await before(options);
      const first = made?.getClientExtensionResults?.()?.prf?.results?.first;
      if (first) await window.keepPrf(hex(first.buffer ?? first));
      return made;
    };
  }
})();"""
"""Hands every PRF value to the test before the page gets it. It changes nothing that the page sees."""


@dataclass
class Overheard:
    """What left a browser: addresses and bodies of all its requests; and the secrets that must not be among them."""

    sent: list[str] = field(default_factory=list)
    raw: dict[str, bytes] = field(default_factory=dict)
    """Secrets that are bytes: PRF values, seeds."""
    words: dict[str, list[str]] = field(default_factory=dict)
    """Secrets that are words: passphrases, the words of a sheet."""
    posts: int = 0

    def note(self, request: Request) -> None:
        self.sent.append(f"{request.url} {request.headers}")
        body = request.post_data_buffer
        if body is not None:
            self.posts += 1
            self.sent.append(body.decode("utf-8", "replace"))

    def leaks(self) -> list[str]:
        """The names of secrets that stand somewhere in what was sent."""
        everything = "\n".join([*self.sent, *map(unquote, self.sent)])
        found = [name for name, secret in self.raw.items() if any(s in everything for s in spellings(secret))]
        return found + [name for name, words in self.words.items() if _has_words(everything, words)]


def listen(context: BrowserContext) -> Overheard:
    """Hears everything that pages of this context send from now on."""
    heard = Overheard()

    def keep(value: str) -> None:
        heard.raw[f"prf {len(heard.raw)}"] = bytes.fromhex(value)

    context.expose_function("keepPrf", keep)
    context.add_init_script(LISTEN)
    context.on("request", heard.note)
    return heard


def spellings(secret: bytes) -> Iterator[str]:
    """A secret in hexadecimal, as a list of numbers, and in base64 and base64url wherever in a text it begins."""
    yield secret.hex()
    yield secret.hex().upper()
    yield ",".join(map(str, secret))
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret).decode()
        inner = text[4 * bool(before) + (1 if before else 0) :].rstrip("=")[:-2]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def _has_words(text: str, words: list[str]) -> bool:
    """Whether four of the words follow each other, whatever stands between them."""
    pattern = (r"[\W\d]{1,8}".join(words[at : at + 4]) for at in range(len(words) - 3))
    return any(re.search(rf"\b{one}\b", text, re.IGNORECASE) for one in pattern)
