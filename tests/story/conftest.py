"""Plays shared by the tests of this folder: each is played once for a worker, in a folder of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from story.memory import dumped

from lastwords.story import play
from lastwords.story.acts import cave, circle
from lastwords.story.cast import KAKASHI
from lastwords.story.stage import Stage

CANARY = "Kanarienvogel-7f3a91c2"
"""Planted on purpose where the host may know it: the name of someone invited. Searching that misses it is no search."""


@dataclass(frozen=True)
class Played:
    """A whole play: what both endings share, and each ending. `memory` holds dumps of every process of every host,
    taken at the end of each part, while it still served."""

    before: Stage
    folders: dict[str, Path]
    memory: Path


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The whole story, undisturbed."""
    folder = tmp_path_factory.mktemp("played")
    memory = folder / "memory"
    memory.mkdir()
    before = Stage(folder / "before")
    with before:
        circle.play(before)
        cave.play(before)
        dumped(before.house.processes(), memory, "before")
    folders = {}
    for name, chapter in play.ENDINGS.items():
        stage = before.forked(folder / name)
        with stage:
            chapter(stage)
            play.keep_the_record(stage)
            plant_canary(stage)
            dumped(stage.house.processes(), memory, name)
        play.verify_the_log(stage)
        folders[name] = folder / name
    yield Played(before, folders, memory)


def plant_canary(stage: Stage) -> None:
    """Someone is invited under a name that the host is told, keeps on disk and has in memory."""
    stage.does(KAKASHI, "invite", "recipient", CANARY)
