"""The stage: the host, the mailbox and the people together, and the record of everything anyone did and saw.

What happens is written down as it happens, in the folder of the play:

    answers.jsonl    every command anyone gave, with its answer or its refusal
    acts.jsonl       which of these commands belong to which act; nobody who judges the play reads it
    clock.jsonl      every time the clock was moved, with what the host said of it
    timeline.jsonl   what a reader is told: who, what they did, what they saw
    data/            the host's data folder              mail/     every letter, as it arrived
    homes/NAME/      each person's home folder and desk
"""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from .cast import BY_HANDLE, Role
from .errors import StoryStopped
from .house import House, free_port
from .mailbox import Mailbox, Received
from .person import Answer, Someone

HOUR, DAY = 3600, 86400
HANDS = 3
"""People who act at the same time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. `hours` are counted from the poisoning, before it they are negative."""

    hours: float
    who: str
    did: str
    saw: str


Hear = Callable[[Moment], None]
S = TypeVar("S", bound="Stage")


class Stage:
    """One play in one folder. A context manager: it is lit on entering, and dark again on leaving."""

    def __init__(
        self, folder: Path, *, without: frozenset[str] = frozenset(), hear: Hear = lambda _: None
    ) -> None:
        self.folder = folder
        self.without = without
        self.hear = hear
        folder.mkdir(parents=True, exist_ok=True)
        self.house = House(folder / "data", free_port(), free_port())
        self.mailbox = Mailbox(folder / "mail", self.house.mail_port)
        self.people: dict[str, Someone] = {}
        self.wall = 0
        self.poisoned = 0
        """UTC seconds of the host's clock: now, and when the poison struck (or will)."""
        self._writing = threading.Lock()

    # Light and dark.

    def __enter__(self) -> "Stage":
        self.mailbox.__enter__()
        try:
            if not self.house.data.exists():
                self.house.begin()
            self.house.serve()
            self.wall = int(self.house.health()["now"])
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        try:
            for someone in self.people.values():
                someone.leaves()
        finally:
            try:
                self.house.stop()
            finally:
                self.mailbox.__exit__(None, None, None)

    def forked(
        self, folder: Path, *, without: frozenset[str] | None = None, hear: Hear | None = None
    ) -> "Stage":
        """The same play in another folder, from this moment on. Only a dark stage can be copied whole."""
        return self.carried_to(Stage, folder, without=without, hear=hear)

    def carried_to(
        self, kind: type[S], folder: Path, *, without: frozenset[str] | None = None, hear: Hear | None = None
    ) -> S:
        """As `forked`, onto a stage of another kind: everything is copied, and the copy's host has an address of its
        own, which everyone's home is told."""
        shutil.copytree(self.folder, folder)
        copy = kind(folder, without=self.without if without is None else without, hear=hear or self.hear)
        port, mail_port = copy.house.port, copy.house.mail_port
        copy.house.port, copy.house.mail_port = self.house.port, self.house.mail_port
        copy.house.move_to(port, mail_port)
        for name in ("person.toml", "counters.json"):
            for path in folder.glob(f"homes/*/lastwords/{name}"):
                path.write_text(
                    path.read_text("utf-8").replace(self.house.origin, copy.house.origin), "utf-8"
                )
        copy.poisoned = self.poisoned
        return copy

    # People.

    def someone(self, role: Role) -> Someone:
        """A person, with their home folder in this play."""
        with self._writing:
            if role.handle not in self.people:
                self.people[role.handle] = Someone(role, self.folder / "homes" / role.handle)
            return self.people[role.handle]

    def does(self, role: Role, *words: str) -> dict[str, Any]:
        """Someone gives a command, and it does what they wished. Raises StoryStopped otherwise."""
        answer = self._given(role, words)
        if answer.exit:
            raise StoryStopped(f"{role.name} was refused at “{' '.join(words)}”: {answer.refused}")
        return answer.answer

    def is_refused(self, role: Role, *words: str) -> dict[str, Any]:
        """Someone gives a command that must be refused. Raises StoryStopped when it is not."""
        answer = self._given(role, words)
        if not answer.exit:
            raise StoryStopped(f"{role.name} was not refused at “{' '.join(words)}”: {answer.answer}")
        return answer.refused

    def may(self, role: Role, *words: str, unless: str) -> bool:
        """Someone gives a command that this machine may not be able to do; whether it did. Raises StoryStopped when it
        was refused for another reason than the one named."""
        answer = self._given(role, words)
        if answer.exit and answer.code != unless:
            raise StoryStopped(f"{role.name} was refused at “{' '.join(words)}”: {answer.refused}")
        return not answer.exit

    def paper(self, role: Role, name: str, text: str) -> str:
        """Someone writes something down at their own desk; returns the path."""
        return self.someone(role).paper(name, text)

    def _given(self, role: Role, words: tuple[str, ...]) -> Answer:
        answer = self.someone(role).does(*words)
        said = {"answer": answer.answer} if not answer.exit else {"refused": answer.refused}
        self._write(
            "answers.jsonl", {"at": self.wall, "who": role.handle, "said": words, "exit": answer.exit, **said}
        )
        return answer

    @contextmanager
    def out_of_reach(self) -> Iterator[None]:
        """No host answers anybody meanwhile."""
        self.house.stop()
        yield
        if not self.house.processes():
            self.house.serve()

    @staticmethod
    def together(*acts: Callable[[], object]) -> None:
        """Several people act at the same time; ends when all have."""
        with ThreadPoolExecutor(HANDS) as hands:
            for done in [hands.submit(act) for act in acts]:
                done.result()

    def letter(
        self, role: Role, wanted: str, address: str = "", patience: float = 60.0, saying: str = ""
    ) -> Received:
        """The newest letter to someone whose subject begins so and that says so, once it has come. The host does its
        rounds every second anyhow; a second is let pass for each round, so that nobody has to wait for it."""
        for _ in range(3):
            found = self.mailbox.find(address or role.addresses[0], wanted, saying)
            if found:
                return found
            self.house.time_passes(1)
        return self.mailbox.wait_for(address or role.addresses[0], wanted, patience, saying)

    # Time.

    def time_passes(self, *, days: float = 0, hours: float = 0) -> dict[str, Any]:
        """Lets time pass at the host."""
        return self._moved("seconds", round(days * DAY + hours * HOUR), self.house.time_passes)

    def clock_is_set(self, *, days: int) -> dict[str, Any]:
        """Sets the host's wall clock alone."""
        return self._moved("jump", days * DAY, self.house.clock_is_set)

    def wait_until(self, *, days: float = 0, hours: float = 0) -> None:
        """Lets time pass until so long after the poisoning; nothing happens when that is already so."""
        ahead = self.poisoned + round(days * DAY + hours * HOUR) - self.now()
        if ahead > 0:
            self._moved("seconds", ahead, self.house.time_passes)

    def now(self) -> int:
        """What the host's clock says, in UTC seconds."""
        self.wall = int(self.house.health()["now"])
        return self.wall

    def about_now(self) -> int:
        """This moment as people write it down, to the hour counted from the poison, in UTC seconds. Everything in a
        case happens on the hour, and on a busy machine some minutes later."""
        return self.poisoned + round((self.now() - self.poisoned) / HOUR) * HOUR

    def _moved(self, verb: str, seconds: int, move: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
        said = move(seconds)
        self.wall = int(said["wall"])
        self._write("clock.jsonl", {"at": self.wall, verb: seconds, **said})
        return said

    # Telling.

    @contextmanager
    def act(self, name: str) -> Iterator[None]:
        """Writes down which commands belong to an act, by their places, and when it began and ended."""
        before, begins = self._commands(), self.now()
        yield
        places = {"from": before + 1, "to": self._commands()}
        self._write("acts.jsonl", {"act": name, "begins": begins, "ends": self.now(), **places})

    def _commands(self) -> int:
        path = self.folder / "answers.jsonl"
        return len(path.read_bytes().splitlines()) if path.exists() else 0

    def tell(self, who: Role | str, did: str, saw: str = "") -> None:
        """A line of the timeline."""
        name = who if isinstance(who, str) else who.name
        moment = Moment(round((self.wall - self.poisoned) / HOUR, 2), name, did, saw)
        self._write("timeline.jsonl", {"hours": moment.hours, "who": name, "did": did, "saw": saw})
        self.hear(moment)

    def _write(self, name: str, line: dict[str, Any]) -> None:
        with self._writing, (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def role_of(handle: str) -> Role:
    """The person of a handle."""
    return BY_HANDLE[handle]
