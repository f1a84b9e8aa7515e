"""Words that mean harm (letters, titles, names, files, captions, entries) are shown as words: nothing of them runs, and
nothing leaves the browser. With the policy of the page, and without it: the code that shows them is inert by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from web.family import Host
from web.hostile_texts import SHAPES, names, texts
from web.shown_words import reading
from web.test_case_pages import keeper
from web.twin import NODE

from lastwords.case.plain import fit_character
from web import hostile_house

pytestmark = NODE
DAY = 86_400
WHOLE, LAID_OUT = 1_000, 20_000
"""Texts that are shown as letters, titles and names of files; and such as are laid out as letters only. The long run
of `proof/corpora.py` shows far more."""


@pytest.mark.parametrize("policy", [True, False], ids=["with the page's policy", "without it"])
def test_hostile_texts_are_shown_whole_and_nothing_of_them_runs_or_asks_for_anything(
    browser: Browser, house: Host, tmp_path: Path, policy: bool, figure: Callable[[str], None]
):
    with reading(browser, house.origin, house.session_of("ana"), tmp_path, policy=policy) as reader:
        reader.show(list(texts(WHOLE)))
        reader.show(list(texts(WHOLE // 4, seed=1)), save_each=True)
        reader.captions(SHAPES, reader.film())
        if not policy:
            reader.lay_out(list(texts(LAID_OUT, seed=2)))
    outcome = reader.outcome
    assert outcome.inert, outcome
    assert outcome.shown >= 2 * outcome.texts
    figure(
        f"hostile texts, {'with' if policy else 'without'} policy: {outcome.texts:,} shown, 0 ran, 0 asked"
    )


FAULTS = {
    "text becomes markup": (
        "made.append(...children);",
        "for (const child of children)"
        " made.append(typeof child === 'string' ? document.createRange().createContextualFragment(child) : child);",
    ),
    "addresses in letters lead somewhere": (
        "label === address ? [label] : [...inline(label), ` (${address})`]",
        "[el('a', {href: address}, label)]",
    ),
    "pictures in letters are fetched": (
        'return [picture === "" ? "(a picture)" : `(a picture: ${picture})`];',
        "return [el('img', {src: /\\((.*)\\)/.exec(whole)[1]})];",
    ),
    "names are kept as they are": ("const name = savedAs(entry.name);", "const name = entry.name;"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_what_shows_words_is_found_without_the_policy(
    browser: Browser, house: Host, tmp_path: Path, fault: str
):
    session = house.session_of("ana")
    shapes = [text for text in SHAPES if "http-equiv=refresh" not in text]
    found = None
    try:
        with reading(browser, house.origin, session, tmp_path, policy=False, planted=FAULTS[fault]) as reader:
            found = reader.outcome
            reader.show(shapes[:400])
    except Exception as error:  # the page was led away under the test's hands: that is found as well
        assert "navigation" in str(error) or "led away" in str(error), error
        return
    assert found is not None and not found.inert
    if fault == "text becomes markup":
        assert found.ran > 0 and found.asked and found.strange


def test_the_corpus_has_teeth(browser: Browser, house: Host, tmp_path: Path, figure: Callable[[str], None]):
    with reading(browser, house.origin, house.session_of("ana"), tmp_path, policy=False) as reader:
        live = len(reader.live(SHAPES))
    asked = len(reader.outcome.asked)
    figure(f"hostile shapes: {len(SHAPES)}; taken for markup {live} run, and {asked} requests leave")
    assert live >= 80 and asked >= 40


def test_what_is_kept_has_names_for_every_system_and_an_index_that_runs_and_loads_nothing(
    browser: Browser, house: Host, tmp_path: Path
):
    with reading(browser, house.origin, house.session_of("ana"), tmp_path, policy=True) as reader:
        kept = reader.kept(SHAPES, names(700))
    assert reader.outcome.inert, reader.outcome
    folder = tmp_path / "kept"
    assert hostile_house.unpacked(kept, folder) == []
    for policy in (True, False):
        outcome = hostile_house.open_index(browser, folder, policy=policy)
        assert outcome.inert, outcome
        assert outcome.shown == 1400


def test_a_name_that_some_system_cannot_keep_would_be_found():
    bad = (
        "../up",
        "con.txt",
        "a:b",
        "dot.",
        " x",
        "a\u202egnp.exe",
        "/etc/x",
        ".hidden",
        "n" * 300,
        "a\nb",
        "COM1/x",
    )
    assert [name for name in bad if not hostile_house.troubles_of(name)] == []
    assert hostile_house.troubles_of("words/A letter, 2026 (Ünïcödé).txt") == []


@pytest.fixture(scope="module")
def vigil(own_house: Callable[..., Host]) -> Host:
    """A host in whose case Paul wrote every shape, and on which everybody is called by some of them."""
    host = own_house()
    host.person("mira").does("alarm", "jonas")
    host.pass_time(8 * DAY)
    return host


@pytest.mark.parametrize("policy", [True, False], ids=["with the page's policy", "without it"])
def test_people_called_by_hostile_names_are_called_so_on_every_page_and_nothing_else_happens(
    browser: Browser, vigil: Host, policy: bool
):
    _, _, usual = hostile_house.look_everywhere(browser, vigil, policy=policy)
    called = hostile_house.call_by(vigil, SHAPES[80:] if policy else SHAPES[:140])
    outcome, seen, places = hostile_house.look_everywhere(browser, vigil, policy=policy)
    assert (outcome.ran, outcome.strange) == (0, [])
    assert places - usual == set()
    everything = " ".join("\n".join(seen.values()).split())
    assert [text for text in called if " ".join(text.split()) not in everything] == []


def test_entries_of_a_case_are_read_as_their_writer_typed_them(browser: Browser, vigil: Host):
    said = [text for text in SHAPES if len(text) < 500 and all(map(fit_character, text))]
    assert len(said) > 180
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas", wait_until="networkidle")
        frames = len(page.frames)
        hostile_house.write_entries(vigil, said)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/cases/jonas", wait_until="networkidle")
        page.locator("[data-entries] li").first.wait_for(timeout=60_000)
        shown = page.locator("[data-entries]").evaluate("box => box.textContent")
        assert [text for text in said if text.strip() not in shown] == []
        tags = page.eval_on_selector_all(
            "[data-entries] *", "all => [...new Set(all.map((one) => one.tagName))]"
        )
        assert set(tags) <= {"OL", "LI", "DIV", "STRONG", "SPAN", "A", "S", "P"}
        assert [url for url in asked if not url.startswith(f"{vigil.origin}/")] == []
        assert len(page.frames) == frames
