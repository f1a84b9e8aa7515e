"""Part of the proof: the whole story, walked through the pages by presses and typing, to both of its ends.

    proof/pages.py                       home on a phone, gone at a desk: what make test plays
    proof/pages.py --long                both endings, each on a phone and at a desk
    proof/pages.py --long --state FILE   goes on after the walks that FILE names

Needs Chromium, and the npm packages for axe.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import sync_playwright  # noqa: E402
from web.browser import PHONE, WIDE, launch  # noqa: E402
from web.family import Host  # noqa: E402
from web.story import play  # noqa: E402

SIZES = {"phone": PHONE, "desk": WIDE}
SHORT = (("home", "phone"), ("gone", "desk"))
LONG = tuple((ending, size) for ending in ("home", "gone") for size in SIZES)
CLAIM = (
    "From the first key to the last letter everybody gets through by the pages alone, on a phone and at a desk: words "
    "are read as they were written, or were never given; no page complains, asks another host, has to be pushed "
    "sideways, or has a fault that axe finds by day or by night."
)
NOT_COVERED = (
    "One browser, Chromium; no screen reader and no person was asked.",
    "At a desk everything is pressed by keyboard, on a phone by touch; a mouse is not part of it.",
    "Axe finds a part of what hinders people; that a page is clean for it does not say that it is easy.",
    "What this story does not walk: breaking glass and the handover report by page; machine tokens have no page.",
)


def main() -> int:
    asked = argparse.ArgumentParser(description=CLAIM)
    asked.add_argument("--long", action="store_true", help="both endings at both sizes")
    asked.add_argument("--state", type=Path, help="the walks that are done, to go on from")
    given = asked.parse_args()
    done: dict[str, Any] = {}
    if given.state and given.state.exists():
        done = json.loads(given.state.read_text("utf-8"))
    begun = time.monotonic()
    for ending, size in LONG if given.long else SHORT:
        name = f"{ending}, {size}"
        if name in done:
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        done[name] = walk(ending, size)
        print(f"{name}: {done[name]}", file=sys.stderr, flush=True)
        if given.state:
            given.state.write_text(json.dumps(done), "utf-8")
    print(json.dumps(told(done, time.monotonic() - begun), ensure_ascii=False))
    return 0 if all(one["held"] for one in done.values()) else 1


def walk(ending: str, size: str) -> dict[str, Any]:
    """One story, in a folder and a host of its own. What did not hold is told, and the next is walked all the same."""
    begun = time.monotonic()
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
    return {"held": not why, "pages": seen, "seconds": round(time.monotonic() - begun, 1), "why": why}


def told(done: dict[str, Any], seconds: float) -> dict[str, Any]:
    figures: dict[str, Any] = {"stories walked to their end": sum(one["held"] for one in done.values())}
    for name, one in done.items():
        figures[f"{name}: pages and steps looked at"] = one["pages"]
    return {
        "part": "pages",
        "claim": CLAIM,
        "command": "make prove-pages",
        "figures": figures,
        "held": all(one["held"] for one in done.values()),
        "not_covered": list(NOT_COVERED),
        "seconds": round(seconds, 1),
        "settings": {"sizes": [f"{width} × {height}" for width, height in SIZES.values()]},
        "fallen": {name: one["why"] for name, one in done.items() if one["why"]},
    }


if __name__ == "__main__":
    sys.exit(main())
