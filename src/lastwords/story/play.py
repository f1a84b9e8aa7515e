"""The order of the chapters, and the fork: what the endings share is played once, then each goes its own way."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from .acts import cave, circle, gone, home
from .cast import IRUKA, KAKASHI
from .errors import StoryStopped
from .stage import Hear, Stage

ENDINGS: Mapping[str, Callable[[Stage], None]] = MappingProxyType({"home": home.play, "gone": gone.play})


def beginning(folder: Path, hear: Hear) -> Stage:
    """Plays everything before the endings part. The stage is dark again when this returns, ready to be forked."""
    stage = Stage(folder, hear=hear)
    with stage:
        circle.play(stage)
        cave.play(stage)
    return stage


def the_circle(folder: Path, without: frozenset[str] = frozenset()) -> Stage:
    """Plays the first chapter alone, for plays that part from it earlier than at the endings."""
    stage = Stage(folder, without=without)
    with stage:
        circle.play(stage)
    return stage


def the_cave(before: Stage, folder: Path, without: frozenset[str]) -> Stage:
    """Plays the second chapter on a copy of the first."""
    stage = before.forked(folder, without=without)
    with stage:
        cave.play(stage)
    return stage


def ending(before: Stage, name: str, folder: Path, hear: Hear, without: frozenset[str] | None = None) -> Path:
    """Plays one ending on a copy of what came before; returns the folder with the whole record of it."""
    stage = before.forked(folder, hear=hear, without=without)
    with stage:
        ENDINGS[name](stage)
        keep_the_record(stage)
    verify_the_log(stage)
    return folder


def endings(
    before: Stage, names: tuple[str, ...], folder: Path, hear: Callable[[str], Hear]
) -> dict[str, Path]:
    """Plays the endings side by side, each with a host, a mailbox and homes of its own."""
    with ThreadPoolExecutor(len(names)) as hands:
        playing = {name: hands.submit(ending, before, name, folder / name, hear(name)) for name in names}
        return {name: one.result() for name, one in playing.items()}


# The record, closed.


def keep_the_record(stage: Stage) -> None:
    """Saves what the authors' logs say at the end, as their own command shows and checks it."""
    for author in (IRUKA, KAKASHI):
        said = stage.does(author, "log", "show")
        path = stage.folder / f"log-{author.handle}.json"
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")


def verify_the_log(stage: Stage) -> None:
    """The host's operator verifies every log in the dark folder, and exports them."""
    verdict = stage.house.verified()
    (stage.folder / "verified.json").write_text(json.dumps(verdict, indent=1), "utf-8")
    if not verdict["whole"]:
        raise StoryStopped(f"The log is not whole: {verdict}")
