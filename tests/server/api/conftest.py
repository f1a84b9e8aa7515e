"""A circle whose plan is in force, built once over the API and copied for every test that asks for it."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from server.api.world import Circle, an_armed_circle
from server.conftest import HandMoved, House, a_folder, copy_folder, lay

from lastwords.server import settings as server_settings


@pytest.fixture(scope="session")
def armed(
    database: str, migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, HandMoved, Circle]:
    """The data folder of an armed circle, its clocks, and its people; made once for each kind of database."""
    if database not in _armed:
        data = tmp_path_factory.mktemp("armed") / "data"
        source = HandMoved()
        house = _serve(data, source, migrated)
        circle = an_armed_circle()
        _leave()
        _armed[database] = (house.data, source, circle)
    return _armed[database]


_armed: dict[str, tuple[Path, HandMoved, Circle]] = {}


def _serve(data: Path, source: HandMoved, database: Path) -> House:
    from lastwords.server import clock

    a_folder(data)
    lay(database, data)
    chosen = server_settings.configure(data)
    house = House(data, chosen, source)
    clock.use(clock.Clock(source, chosen.pulse))
    house.person("host", "The host", "host@example.org", is_host=True)
    clock.here().pulse(way_out=True, heard=True)
    return house


def _leave() -> None:
    from django.db import connections

    from lastwords.server import clock

    clock.use(None)
    connections.close_all()


@pytest.fixture
def worlds(armed: tuple[Path, HandMoved, Circle], tmp_path: Path) -> Iterator[Callable[[str], Circle]]:
    """Gives an armed circle in a data folder of its own for each name; `circle.house` moves its clocks. The one asked
    for last is the one that is served."""
    from lastwords.server import clock

    data, source, people = armed

    def world(name: str) -> Circle:
        folder = tmp_path / name
        copy_folder(data, folder)
        chosen = server_settings.configure(folder)
        own = copy.deepcopy(people)
        own.house = House(folder, chosen, copy.copy(source))
        clock.use(clock.Clock(own.house.source, chosen.pulse))
        return own

    yield world
    _leave()


@pytest.fixture
def circle(worlds: Callable[[str], Circle]) -> Circle:
    """One armed circle."""
    return worlds("data")
