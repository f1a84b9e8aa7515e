"""A real host, a real Chromium, a family: what every test of the pages begins with.

`house` is one host for all tests of a worker that leave it as they found it; `own_house` makes one of a test's own,
for those that move its clock. See `docs/pages.md`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from web.browser import launch
from web.family import Host, seed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that opens a browser means nothing without one."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.needs("command:chromium"))
            item.add_marker(pytest.mark.needs("npm:axe-core"))


@pytest.fixture(scope="session")
def family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The family's folder, made once for a whole run."""
    base = tmp_path_factory.getbasetemp()
    worker = base.name.startswith("popen-")
    return seed(base.parent if worker else base)


@pytest.fixture(scope="session")
def house(family: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The family's host, served."""
    yield from _served(tmp_path_factory.mktemp("house"), family)


@pytest.fixture(scope="module")
def own_house(family: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Host]]:
    """Makes hosts that a module has to itself: the family's, or with `empty=True` one that nobody has joined."""
    open_houses: list[Iterator[Host]] = []

    def make(*, empty: bool = False) -> Host:
        serving = _served(tmp_path_factory.mktemp("own"), None if empty else family)
        open_houses.append(serving)
        return next(serving)

    yield make
    for serving in open_houses:
        next(serving, None)


def _served(folder: Path, family: Path | None) -> Iterator[Host]:
    host = Host(folder, family)
    try:
        host.serve()
        yield host
    finally:
        host.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for a worker."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()
