"""What browsers are served is what web/ builds: the same bytes, small enough, and through the compiler."""

import gzip
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from manners.house import ROOT
from web.twin import bundle

STATIC = ROOT / "src" / "lastwords" / "server" / "static"
NODE = pytest.mark.needs("npm:esbuild", "npm:typescript")

TEMPLATES = STATIC.parent / "templates"
PLAIN = {"early.js", "plain.js", "leave.js", "phone-worker.js"}
"""Bundles for pages where nobody needs a key."""
LARGEST_PLAIN, LARGEST, LARGEST_LIBRARY, LARGEST_CASE = 15_000, 75_000, 60_000, 20_000
"""Bytes as they travel, gzipped: all scripts of a page without a key, and of one with; all of signing and sealing, and
the case, alone."""


def served(static: Path) -> dict[str, bytes]:
    """Scripts, lists and the offline opener below a folder of static files, by name."""
    kinds = {".js", ".txt", ".html"}
    return {path.name: path.read_bytes() for path in static.iterdir() if path.suffix in kinds}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )


@NODE
def test_a_new_build_is_byte_for_byte_what_is_committed(tmp_path: Path):
    done = run("node", "web/build.mjs", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    new = served(tmp_path / STATIC.relative_to(ROOT))
    assert sorted(new) == sorted(served(STATIC)), "run make web and commit"
    assert [name for name, data in new.items() if data != served(STATIC)[name]] == [], (
        "run make web and commit"
    )


SCRIPT = re.compile(r"""<script[^>]*\{% asset '([^']+\.js)' %\}""")
PARTS = re.compile(r"""\{% (?:extends|include) "([^"]+)\"""")


def scripts_of(template: Path, templates: Path = TEMPLATES) -> set[str]:
    """What a page of this template loads: its own scripts, and those of what it extends and includes."""
    text = template.read_text("utf-8")
    found = set(SCRIPT.findall(text))
    return found.union(*(scripts_of(templates / name, templates) for name in PARTS.findall(text)))


def too_heavy(weigh: Callable[[str], int], templates: Path = TEMPLATES) -> dict[str, int]:
    """The pages whose scripts together are too large, with their bytes."""
    found = {}
    for template in sorted(templates.rglob("*.html")):
        scripts = scripts_of(template, templates)
        size = sum(weigh(name) for name in scripts)
        if size > (LARGEST_PLAIN if scripts <= PLAIN else LARGEST):
            found[str(template.relative_to(templates))] = size
    return found


def weight(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 9))


def test_all_scripts_of_a_page_together_are_small_enough_to_load_on_a_poor_line(
    figure: Callable[[str], None],
):
    for path in sorted(STATIC.glob("*.js")):
        figure(f"{path.name}: {weight(path.name):,} bytes gzipped")
    assert too_heavy(weight) == {}


def test_a_page_that_loads_two_bundles_is_weighed_with_both(tmp_path: Path):
    (tmp_path / "base.html").write_text("{% asset 'icon.svg' %}")
    (tmp_path / "part.html").write_text("""<script type="module" src="{% asset 'second.js' %}"></script>""")
    page = (
        """{% extends "base.html" %}<script src="{% asset 'first.js' %}"></script>{% include "part.html" %}"""
    )
    (tmp_path / "page.html").write_text(page)
    assert scripts_of(tmp_path / "page.html", tmp_path) == {"first.js", "second.js"}
    assert too_heavy({"first.js": 40_000, "second.js": 35_001}.__getitem__, tmp_path) == {"page.html": 75_001}
    assert too_heavy({"first.js": 40_000, "second.js": 35_000}.__getitem__, tmp_path) == {}


def test_every_bundle_belongs_to_a_page():
    loaded = set().union(*(scripts_of(template) for template in TEMPLATES.rglob("*.html")))
    assert {path.name for path in STATIC.glob("*.js")} - loaded == {"phone-worker.js"}


@NODE
@pytest.mark.parametrize(
    ("name", "what", "largest"),
    [("library", "signing and sealing", LARGEST_LIBRARY), ("library_case", "the case", LARGEST_CASE)],
)
def test_all_that_a_page_with_a_key_may_need_fits_such_a_page(
    tmp_path: Path, figure: Callable[[str], None], name: str, what: str, largest: int
):
    built = bundle(f"web/src/{name}.ts", tmp_path / "built.js", "--minify", "--legal-comments=none")
    size = len(gzip.compress(built.read_bytes(), 9))
    figure(f"{what}, all of it: {size:,} bytes gzipped")
    assert size <= largest


MAY_IMPORT = {"signing": {"signing"}, "sealing": {"sealing", "signing"}, "case": {"case"}}
"""The arrows between the rooms hold in the browser as well."""


def strangers(room: str, code: str) -> list[str]:
    reached = re.findall(r"""from "\.\./(?:\.\./)?([a-z]+)/""", code)
    return [name for name in reached if name in MAY_IMPORT and name not in MAY_IMPORT[room]]


def test_a_room_of_the_browser_reaches_only_the_rooms_it_may_and_names_its_twin():
    for room in MAY_IMPORT:
        for path in (ROOT / "web" / "src" / room).rglob("*.ts"):
            code = path.read_text("utf-8")
            assert strangers(room, code) == [], path
            twin = re.match(r"// Twin of (src/lastwords/\S+\.py)", code)
            assert (ROOT / twin[1]).is_file() if twin else path.name in WITHOUT_TWIN, path
    assert strangers("case", 'import { x } from "../signing/bytes.js";') == ["signing"]
    assert strangers("signing", 'export * from "../../sealing/person.js";') == ["sealing"]


WITHOUT_TWIN = {"bytes.ts", "lists.ts", "cipher.ts", "hpke.ts", "tar.ts", "zip.ts"}
"""What Python has from its standard library or `cryptography`, and a browser has not, or not every one."""
