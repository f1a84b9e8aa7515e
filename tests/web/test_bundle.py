"""What browsers are served is what web/ builds: the same bytes, small enough, and through the compiler."""

import gzip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from manners.house import ROOT

STATIC = ROOT / "src" / "lastwords" / "server" / "static"
NODE = pytest.mark.needs("npm:esbuild", "npm:typescript")

PLAIN_PAGES = {"plain.js"}
"""Bundles of pages where nobody needs a key."""
LARGEST_PLAIN, LARGEST = 15_000, 75_000
"""Bytes of a bundle as it travels, gzipped: without a key, and with."""


def served(static: Path) -> dict[str, bytes]:
    """Scripts and lists below a folder of static files, by name."""
    return {path.name: path.read_bytes() for path in static.iterdir() if path.suffix in {".js", ".txt"}}


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
def test_the_compiler_and_the_linter_have_nothing_to_say_about_web():
    done = run("web/lint")
    assert done.returncode == 0, done.stdout + done.stderr
