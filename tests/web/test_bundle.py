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

PLAIN_PAGES = {"plain.js"}
"""Bundles of pages where nobody needs a key."""
LARGEST_PLAIN, LARGEST, LARGEST_LIBRARY, LARGEST_CASE = 15_000, 75_000, 60_000, 20_000
"""Bytes as they travel, gzipped: a bundle without a key, one with; all of signing and sealing, and the case, alone."""


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


def test_every_bundle_is_small_enough_to_load_on_a_poor_line(figure: Callable[[str], None]):
    too_large = {}
    for name, data in sorted(served(STATIC).items()):
        if not name.endswith(".js"):
            continue
        size = len(gzip.compress(data, 9))
        figure(f"{name}: {size:,} bytes gzipped")
        if size > (LARGEST_PLAIN if name in PLAIN_PAGES else LARGEST):
            too_large[name] = size
    assert too_large == {}


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


WITHOUT_TWIN = {"bytes.ts", "lists.ts", "hpke.ts", "tar.ts", "zip.ts"}
"""What Python has from its standard library or `cryptography`, and a browser has not."""


@NODE
def test_the_compiler_and_the_linter_have_nothing_to_say_about_web():
    done = run("web/lint")
    assert done.returncode == 0, done.stdout + done.stderr
