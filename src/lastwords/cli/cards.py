"""What is printed: a person's card or recovery sheet, and lists of paper codes. Plain text, or HTML with a QR code.

A card carries the secret key as `age` takes it and as 33 words, so that one of them can be read by a person. The card
that an author prints for a recipient also carries the author's fingerprint: with it, the recipient's own client can
tell the author's words from anything a host might put in their place.
"""

import html
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lastwords.cli.errors import Stopped
from lastwords.cli.home import write_atomically
from lastwords.sealing.person import PersonKeys
from lastwords.signing.fingerprints import eight_words

KEY_TEXT = re.compile(r"AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]+", re.IGNORECASE)
FIELDS = {
    "origin": "Host",
    "handle": "Handle",
    "name": "Name",
    "zone": "Zone",
    "author": "Author",
    "author_signing": "Author's fingerprint",
}

ABOUT_SHEET = """\
This is your recovery sheet. Whoever holds it can act as you and read your own copies.
It is the only way back if your device is lost: nobody else has this key, not even the host.
Keep it on paper, away from your devices. Prove it once with `lastwords key prove`.
"""
ABOUT_CARD = """\
This card is for you alone. Someone wrote words that may be for you one day.
It opens nothing by itself: your words stay closed until the author's own people agree.
Keep it as you keep other papers that matter. Nobody will ever ask you to send it, or a picture of it.
When a keeper has spoken with you: `lastwords key from-card`, then `lastwords open`. A friend can help you with that.
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What a card or sheet says. Author and fingerprint are empty on a person's own recovery sheet."""

    keys: PersonKeys
    origin: str = ""
    handle: str = ""
    name: str = ""
    zone: str = "UTC"
    author: str = ""
    author_signing: str = ""


def save(path: Path, card: Card, today: date) -> None:
    """Prints a card into a file, readable by its owner only: HTML when the name ends so, text otherwise."""
    title = f"Card of {card.name}" if card.author else f"Recovery sheet of {card.name or 'your key'}"
    body = _text(card, title, today)
    save_new(path, _page(title, body, card.keys.secret_key) if path.suffix == ".html" else body)


def save_new(path: Path, text: str) -> None:
    """Writes a printed thing into a new file, mode 0600. Refuses to write over anything."""
    must_be_new(path)
    write_atomically(path, text.encode())


def must_be_new(path: Path) -> None:
    """Refuses a file that is there, or that cannot be made: asked before the host hears of what it will hold."""
    if path.exists():
        raise Stopped(
            f"There is a file {path} already; it was left alone.", "Choose another name.", "file_exists"
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise Stopped(
            f"Nothing can be written into the folder {path.parent}; nothing was changed.",
            "Name a file in a folder that is there and that you may write into.",
            "file",
        )


def read(text: str) -> Card:
    """Reads a card or sheet back, in text or HTML, or a key alone; 33 words do as well as the key.

    Raises Stopped when no key is in it, and the key's own refusal when it is mistyped."""
    if "<pre>" in text:
        text = html.unescape(text.partition("<pre>")[2].partition("</pre>")[0])
    found = {
        name: match[1].strip()
        for name, label in FIELDS.items()
        if (match := re.search(rf"^{label}: (.+)$", text, re.MULTILINE))
    }
    key = KEY_TEXT.search(text)
    if key:
        return Card(PersonKeys.from_card(key[0].upper()), **found)
    # Every line but those of the words has a colon, so that the words are read with the lines beside them or without.
    words = re.findall(r"[a-z]{4,8}", re.sub(r"^.*:.*$", "", text, flags=re.MULTILINE).lower())
    if len(words) == 33:
        return Card(PersonKeys.from_words(" ".join(words)), **found)
    raise Stopped(
        "There is no key in what was read; nothing was changed.",
        "Give the card as it was printed: its lines “Host” to “Author's fingerprint”, and either the line "
        "AGE-SECRET-KEY-PQ-1… or the 33 words.",
        "no_key_in_card",
    )


def _text(card: Card, title: str, today: date) -> str:
    lines = [title, "=" * len(title), "", ABOUT_CARD if card.author else ABOUT_SHEET]
    for name, label in FIELDS.items():
        if getattr(card, name):
            lines.append(f"{label}: {getattr(card, name)}")
    if card.author_signing:
        lines.append(f"In words: {' '.join(eight_words(card.author_signing))}")
    lines += [
        f"Printed on: {today.isoformat()}",
        "",
        "Secret key:",
        card.keys.secret_key,
        "",
        "The same key as words:",
    ]
    words = card.keys.words()
    for row in range(0, len(words), 3):
        lines.append(
            "".join(f"{row + i + 1:>4}. {word:<10}" for i, word in enumerate(words[row : row + 3])).rstrip()
        )
    lines += [
        "",
        "Whom to call (names and numbers, written in by hand):",
        *["", "." * 72] * 3,
        "",
        "Without this software: save the line AGE-SECRET-KEY-PQ-1… in a file, and use it with age 1.3 or newer.",
    ]
    return "\n".join(lines) + "\n"


def _page(title: str, body: str, qr: str) -> str:
    import segno

    picture = segno.make(qr, error="q").svg_inline(scale=5, border=3)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;color:#20262d}"
        "pre{font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}"
        "@media print{body{margin:0}}</style>\n"
        f"<pre>{html.escape(body)}</pre>\n<p>The secret key as a picture:</p>\n{picture}\n</html>\n"
    )
