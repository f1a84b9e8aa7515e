"""Words that mean harm, shown as words in a real browser: no script runs, no request leaves.

The short run shows some thousand texts, the long one a hundred thousand and more: as letters, plain and in Markdown,
and a good part of them whole, with titles and names of files; every fiftieth also as a picture, a recording and
captions. Most are shown in a page without its policy, so that the code is seen to be inert by itself.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from _part import Run, begun
from playwright.sync_api import Browser, sync_playwright
from web.browser import launch
from web.family import Host, seed
from web.hostile_texts import SHAPES, names, texts
from web.shown_words import reading

from web import family, hostile_house

CLAIM = (
    "Of words that mean harm, shown in a real browser, nothing runs and nothing leaves,"
    " with the policy of the page and without it."
)
SHARE = {"laid_out": 10_000, "with_policy": 1_000, "whole": 2_000, "names": 700}
LONG = {"laid_out": 100_000, "with_policy": 5_000, "whole": 20_000, "names": 2_000}
PATIENCE = 600.0
"""Seconds until a host is well: a long run gives way to everything else on its machine."""
PIECE = 5_000
"""Texts between two looks at the state that is kept."""
NOT_COVERED = [
    "Other browsers than Chromium.",
    "Faults of the browser's own readers of pictures, sound and film.",
    "What another program does with a file that somebody kept and opens.",
]


def shown(browser: Browser, host: Host, folder: Path, amounts: dict[str, int], run: Run) -> dict[str, int]:
    """Show everything, in pieces that a broken run does not do again."""
    figures = ("texts", "parts_shown", "scripts_run", "requests_left", "parts_out_of_place")
    done: dict[str, int] = dict.fromkeys(figures, 0) | run.kept({})
    session = host.session_of("ana")
    for kind, amount in amounts.items():
        if kind == "names":
            continue
        given = list(texts(amount, seed=len(kind)))
        for at in range(done.get(kind, 0), amount, PIECE):
            some = given[at : at + PIECE]
            with reading(browser, host.origin, session, folder, policy=kind == "with_policy") as reader:
                if kind == "laid_out":
                    reader.lay_out(some)
                else:
                    reader.show(some, save_each=at % 2 == 1)
                    reader.captions(some[:200], reader.film())
            found = reader.outcome
            bad = len(found.strange) + len(found.wrong) + len(found.thrown)
            for name, more in zip(
                figures, (found.texts, found.shown, found.ran, len(found.asked), bad), strict=True
            ):
                done[name] += more
            done[kind] = at + len(some)
            run.keep(done, f"{kind}, {done[kind]:,} of {amount:,}")
    return {name: done[name] for name in figures}


def kept(browser: Browser, host: Host, folder: Path, count: int) -> dict[str, int]:
    """Keep files of such names, unpack them, and open their index from the folder."""
    with reading(browser, host.origin, host.session_of("ana"), folder, policy=True) as reader:
        data = reader.kept(SHAPES, names(count))
    home = folder / "kept"
    wrong = hostile_house.unpacked(data, home)
    outcomes = [hostile_house.open_index(browser, home, policy=policy) for policy in (True, False)]
    return {
        "names_kept": 2 * count,
        "names_unsafe": len(wrong),
        "index_scripts_run": sum(one.ran for one in outcomes),
        "index_requests_left": sum(len(one.asked) for one in outcomes),
        "index_parts_out_of_place": sum(len(one.strange) + len(one.wrong) for one in outcomes),
    }


def main() -> int:
    run = begun(__doc__)
    family.PATIENCE = PATIENCE
    amounts = run.length(SHARE, LONG)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        host = Host(folder / "host", seed(folder))
        browser = launch(playwright)
        try:
            host.serve()
            figures: dict[str, Any] = shown(browser, host, folder, amounts, run)
            figures |= kept(browser, host, folder, amounts["names"])
        finally:
            browser.close()
            host.close()
    zero = ("scripts_run", "requests_left", "parts_out_of_place", "names_unsafe", "index_scripts_run")
    zero += ("index_requests_left", "index_parts_out_of_place")
    return run.tells(
        claim=CLAIM,
        figures=figures,
        held=all(figures[name] == 0 for name in zero),
        not_covered=NOT_COVERED,
        settings=amounts | {"shapes": len(SHAPES)},
    )


if __name__ == "__main__":
    sys.exit(main())
