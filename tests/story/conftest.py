"""Plays shared by the tests of this folder: each part is played once for a whole run, in a folder of its own.

The first worker that wants a part plays it, and lets nobody else in meanwhile; every other finds it dark, as it was
left, and goes on from a copy.
"""

import fcntl
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from story.memory import dumped

from lastwords.story import play
from lastwords.story.acts import cave as the_cave
from lastwords.story.acts import circle as the_circle
from lastwords.story.cast import KAKASHI
from lastwords.story.stage import Stage

CANARY = "Kanarienvogel-7f3a91c2"
"""Planted on purpose where the host may know it: the name of someone invited. Searching that misses it is no search."""


@dataclass(frozen=True)
class Shelf:
    """Where the parts of a run's play stand. `memory` holds dumps of every process of every host, taken at the end of
    each part, while it still served."""

    folder: Path

    @property
    def memory(self) -> Path:
        return self.folder / "memory"

    def part(
        self,
        name: str,
        begun: Callable[[Path], Stage],
        plays: Callable[[Stage], None],
        closes: Callable[[Stage], None] = lambda dark: None,
    ) -> Stage:
        """One part: `begun` gives its stage in a folder, `plays` what is played there, `closes` what is done when it is
        dark again."""
        folder, kept = self.folder / name, self.folder / f"{name}.json"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                shutil.rmtree(folder, ignore_errors=True)
                stage = begun(folder)
                with stage:
                    plays(stage)
                    dumped(stage.house.processes(), self.memory, name)
                closes(stage)
                where = {"port": stage.house.port, "mail_port": stage.house.mail_port}
                kept.write_text(json.dumps({"house": where, "poisoned": stage.poisoned}))
        return _found(folder, json.loads(kept.read_text()))


def _found(folder: Path, kept: dict) -> Stage:
    """The dark stage of a part that was played, perhaps by another worker."""
    stage = Stage(folder)
    stage.house.port, stage.house.mail_port = kept["house"]["port"], kept["house"]["mail_port"]
    stage.poisoned = kept["poisoned"]
    return stage


@dataclass(frozen=True)
class Played:
    """A whole play: what both endings share, and the folder of each ending."""

    before: Stage
    folders: dict[str, Path]
    memory: Path


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "story"
    (folder / "memory").mkdir(parents=True, exist_ok=True)
    return Shelf(folder)


@pytest.fixture(scope="session")
def circle(shelf: Shelf) -> Stage:
    """The first chapter, whole."""
    return shelf.part("circle", Stage, the_circle.play)


@pytest.fixture(scope="session")
def cave(circle: Stage, shelf: Shelf) -> Stage:
    """The first two chapters, whole."""
    return shelf.part("cave", circle.forked, the_cave.play)


@pytest.fixture(scope="session")
def played(cave: Stage, shelf: Shelf) -> Played:
    """The whole story, undisturbed: both chapters and both endings."""

    def ended(chapter: Callable[[Stage], None]) -> Callable[[Stage], None]:
        def plays(stage: Stage) -> None:
            chapter(stage)
            play.keep_the_record(stage)
            plant_canary(stage)

        return plays

    folders = {
        name: shelf.part(name, cave.forked, ended(chapter), play.verify_the_log).folder
        for name, chapter in play.ENDINGS.items()
    }
    return Played(cave, folders, shelf.memory)


def plant_canary(stage: Stage) -> None:
    """Someone is invited under a name that the host is told, keeps on disk and has in memory."""
    stage.does(KAKASHI, "invite", "recipient", CANARY)
