"""The armed circle of the API's tests, and a crowd: authors who are well, each with a phone that was used before."""

import copy
from pathlib import Path

import pytest
from server.api.conftest import armed, circle, worlds
from server.api.test_phones import APhone
from server.conftest import House, a_house, once, take_over
from server.gate.crowd import a_crowd

__all__ = ["armed", "circle", "worlds"]

_phones: dict[Path, dict[str, APhone]] = {}


@pytest.fixture(scope="session")
def full_house(database: str, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the crowd in it, made once for each kind of database."""

    def make() -> Path:
        data = tmp_path_factory.mktemp("crowd")
        with a_house(migrated, data) as house:
            _phones[data] = a_crowd(house)
        return data

    return once("crowd", database, make)


@pytest.fixture
def crowd(full_house: Path, house: House) -> dict[str, APhone]:
    """The phones of the crowd by their owners' handles; `house` is theirs."""
    take_over(full_house, house)
    return {name: copy.copy(phone) for name, phone in _phones[full_house].items()}
