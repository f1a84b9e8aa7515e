"""Pictures of every page that a test looks at, for people to look at: phone and desk, by day and by night.

    ALBUM=some/folder .venv/bin/python -m pytest tests/web

Each state of a page is kept once in a run: the same words at the same address are the same picture.
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

FOLDER = os.environ.get("ALBUM", "")
SIZES = {"phone": (360, 740), "wide": (1280, 900)}
TALLEST = 6_000
"""Pixels; what lies below is cut off."""
kept: set[str] = set()


def keep(page: Page) -> None:
    """The page as it stands, in four pictures, if an album is wanted and this state is not in it."""
    if not FOLDER:
        return
    said = re.sub(r"\d+", "N", page.evaluate("document.body.innerText"))
    address = re.sub(r"[^a-z.]+", "-", urlsplit(page.url).path).strip("-") or "start"
    name = f"{address}.{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    if name in kept:
        return
    kept.add(name)
    before = page.viewport_size
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            file = Path(FOLDER) / f"{size}-{colours}" / f"{name}.png"
            whole = {"x": 0, "y": 0, "width": width, "height": max(tall, height)}
            page.screenshot(path=file, full_page=True, clip=whole)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)
