"""A circle whose plan is in force, built once over the API and copied for every test that asks for it."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from server.api.world import Circle, an_armed_circle
from server.conftest import HandMoved, House, a_house, copy_folder, once

from lastwords.server import settings as server_settings


@pytest.fixture(scope="session")
def armed(
    database: str, migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, HandMoved, Circle]:
    """The data folder of an armed circle, its clocks, and its people; made once for each kind of database."""

    def make() -> tuple[Path, HandMoved, Circle]:
        with a_house(migrated, tmp_path_factory.mktemp("armed") / "data") as house:
            return house.data, house.source, an_armed_circle()

    return once("armed over the API", database, make)


@pytest.fixture
def worlds(armed: tuple[Path, HandMoved, Circle], tmp_path: Path) -> Iterator[Callable[[str], Circle]]:
    """Gives an armed circle in a data folder of its own for each name; `circle.house` moves its clocks. The one asked
    for last is the one that is served."""
    from django.db import connections

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
    clock.use(None)
    connections.close_all()


@pytest.fixture
def circle(worlds: Callable[[str], Circle]) -> Circle:
    """One armed circle."""
    return worlds("data")
