"""The story, act by act. An act is what some people do at one point of it; a chapter calls its acts in order.

Every act has a name. One that stands for a system of the product names that system, and a play can be asked to leave it
out: that is how the checker is put to the test. The others carry the story and are always played.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from lastwords.story.stage import Stage

Scene = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Act:
    """A named act. `system` is the one it stands for, empty for an act that only carries the story; `chapter` is the
    one it is played in."""

    name: str
    system: str
    chapter: str


ACTS: dict[str, Act] = {}


def act(system: str = "") -> Callable[[Scene], Scene]:
    """Makes a function an act of this module's chapter, under its own name."""

    def named(scene: Scene) -> Scene:
        name = scene.__name__
        ACTS[name] = Act(name, system, scene.__module__.rpartition(".")[2])

        @wraps(scene)
        def played(stage: Stage) -> None:
            if name not in stage.without:
                scene(stage)

        return played

    return named
