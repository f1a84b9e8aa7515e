"""The story, act by act. An act is what some people do at one point of it; a chapter calls its acts in order.

Every act has a name. One that stands for a system of the product names that system, and a play can be asked to leave it
out: that is how the checker is put to the test. The others carry the story and are always played.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from lastwords.story.cast import ZONE, Role
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import HOUR, Stage

Scene = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Act:
    """A named act. `system` is the one it stands for, empty for an act that only carries the story; `chapter` is the
    one it is played in."""

    name: str
    system: str
    chapter: str


ACTS: dict[str, Act] = {}

PLAYED_IN = {
    "ahead": "circle",
    "care": "cave",
    "glass": "cave",
    "guards": "cave",
    "bed": "cave",
    "pair": "cave",
}
"""The chapter of the acts in a module that is no chapter itself."""


def act(system: str = "") -> Callable[[Scene], Scene]:
    """Makes a function an act of this module's chapter, under its own name."""

    def named(scene: Scene) -> Scene:
        name = scene.__name__
        module = scene.__module__.rpartition(".")[2]
        ACTS[name] = Act(name, system, PLAYED_IN.get(module, module))

        return _played(scene, name)

    return named


def part_of(name: str) -> Callable[[Scene], Scene]:
    """Makes a function a later part of an act: it is played, and left out, with it."""
    return lambda scene: _played(scene, name)


def _played(scene: Scene, name: str) -> Scene:
    @wraps(scene)
    def played(stage: Stage) -> None:
        if name not in stage.without:
            with stage.act(name):
                scene(stage)

    return played


# What several chapters do.

NUMBER = re.compile(r"\b\d{6,10}\b")


def prove_address(stage: Stage, person: Role, address: str) -> None:
    """A person adds an address of theirs, and types back the number that came there."""
    channel = stage.does(person, "channel", "add", "mail", address)["channel"]
    number = NUMBER.search(stage.letter(person, "A number for your address", address).text)
    if number is None:
        raise StoryStopped(f"The letter to {address} holds no number.")
    code = stage.paper(person, f"number-of-{address.partition('@')[2]}.txt", number.group())
    stage.does(person, "channel", "prove", str(channel), "--code", code)


def invite(stage: Stage, author: Role, role: str, people: tuple[Role, ...]) -> None:
    """The author makes the invitation, and gives its link to the person by hand: it is laid on their own desk too."""
    for person in people:
        link = stage.someone(author).desk / f"to-{person.handle}.txt"
        link.unlink(missing_ok=True)
        stage.does(author, "invite", role, person.name, "--out", str(link))


def accept(stage: Stage, person: Role, author: Role) -> None:
    """A person answers the link that an author gave them."""
    link = (stage.someone(author).desk / f"to-{person.handle}.txt").read_text("utf-8")
    given = stage.paper(person, f"from-{author.handle}.txt", link)
    stage.does(
        person, "accept", given, "--name", person.name, "--handle", person.handle, "--zone", ZONE, "--no-passphrase"
    )  # fmt: skip


def entry(stage: Stage, who: Role, name: str, text: str, *more: str) -> int:
    """Someone writes a note into Iruka's case, of this moment; returns its number."""
    source = stage.paper(who, f"{name}.txt", text)
    said = stage.does(who, "case", "iruka", "entry", "--text", source, "--at", str(stage.about_now()), *more)
    return int(said["entry"])


def writes(
    stage: Stage, who: Role, kind: str, name: str, what: dict[str, Any], hours: float, *more: str
) -> int:
    """Someone writes an entry of a kind, with fields, of so many hours after the poison; returns its number."""
    source = stage.paper(who, f"{name}.json", json.dumps(what, ensure_ascii=False, indent=1))
    at = str(stage.poisoned + round(hours * HOUR))
    said = stage.does(who, "case", "iruka", "write", kind, "--what", source, "--at", at, *more)
    return int(said["entry"])
