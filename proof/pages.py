"""The whole story, walked through the pages by presses and typing, to both of its ends.

The share is home on a phone and gone at a desk, which is what make test plays; with --long it is both endings, each on
a phone and at a desk. Needs Chromium, and the npm packages for axe.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _part import begun
from playwright.sync_api import sync_playwright
from web.browser import PHONE, WIDE, launch
from web.family import Host
from web.story import play

SIZES = {"phone": PHONE, "desk": WIDE}
SHORT = (("home", "phone"), ("gone", "desk"))
LONG = tuple((ending, size) for ending in ("home", "gone") for size in SIZES)
CLAIM = (
    "From the first key to the last letter everybody gets through by the pages alone, on a phone and at a desk: words "
    "are read as they were written, or were never given; no page complains, asks another host, has to be pushed "
    "sideways, or has a fault that axe finds by day or by night."
)
NOT_COVERED = [
    "One browser, Chromium; no screen reader and no person was asked.",
    "At a desk everything is pressed by keyboard, on a phone by touch; a mouse is not part of it.",
    "Axe finds a part of what hinders people; that a page is clean for it does not say that it is easy.",
    "What this story does not walk: breaking glass and the handover report by page; machine tokens have no page.",
]


def main() -> int:
    run = begun(__doc__)
    done: dict[str, Any] = run.kept({})
    for ending, size in run.length(SHORT, LONG):
        name = f"{ending}, {size}"
        if name in done:
            continue
        run.says(f"{name} …")
        done[name] = walk(ending, size)
        run.keep(done, f"{name}, {done[name]}")
    return run.tells(
        claim=CLAIM,
        figures={
            "stories walked to their end": sum(one["held"] for one in done.values()),
            **{f"{name}: pages and steps looked at": one["pages"] for name, one in done.items()},
        },
        held=all(one["held"] for one in done.values()),
        wrong=[f"{name}: {one['why']}" for name, one in done.items() if one["why"]],
        not_covered=NOT_COVERED,
        settings={"sizes": [f"{width} × {height}" for width, height in SIZES.values()]},
    )


def walk(ending: str, size: str) -> dict[str, Any]:
    """One story, in a folder and a host of its own. What did not hold is told, and the next is walked all the same."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        host = Host(Path(folder) / "house", None)
        chromium = launch(playwright)
        try:
            host.serve()
            seen, why = len(play(chromium, host, Path(folder), ending, SIZES[size])), ""
        except AssertionError as failed:
            seen, why = 0, str(failed)
        finally:
            chromium.close()
            host.close()
    return {"held": not why, "pages": seen, "seconds": round(time.monotonic() - began, 1), "why": why}


if __name__ == "__main__":
    sys.exit(main())
