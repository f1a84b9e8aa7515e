"""What every switch looks like to a scenario, and the people around it."""

import shutil
import subprocess
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

DAY = 86_400
AUTHOR = "iruka@leaf.example"
KEEPERS = ("pakkun@leaf.example", "bisuke@leaf.example", "bull@leaf.example")
RECIPIENTS = ("naruto@leaf.example", "tsunade@leaf.example")


@dataclass(frozen=True, slots=True)
class Arrived:
    """One thing that reached somebody. `day` is the switch's own clock, in days since it was armed, jumps left out."""

    day: float
    to: str
    about: str
    ident: str
    """The letter's Message-ID: what a mail program knows a repeated letter by."""


class Switch(ABC):
    """One switch in a folder of its own. Days are the days that truly pass; only `jumps` moves the wall clock alone."""

    name: str
    asks_people: bool
    """Whether anybody but a clock is asked before the words go out."""
    first_warning: float
    last_window: float
    deadline: float
    """Days of silence after which the author is first asked, is within the last wait, and has lost."""

    step = 1.0
    """Days by which time moves on at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.day = 0.0
        self.arrived: list[Arrived] = []
        self.spoken = 0
        """How much had arrived anywhere when the author last tried to say that they are there."""
        self.stopped_and_said = False
        """Whether the switch stopped with a message rather than go on from a state that it could not read."""

    # Its life.

    @abstractmethod
    def begins(self) -> None:
        """Is set up, armed, and runs; the author has just checked in."""

    @abstractmethod
    def passes(self, days: float) -> None:
        """Time passes, and the switch runs."""

    @abstractmethod
    def dark(self, days: float) -> None:
        """Time passes, and the switch does not run; then it does again."""

    @abstractmethod
    def jumps(self, days: float) -> None:
        """The wall clock is set, while the switch runs and hardly any time passes."""

    @abstractmethod
    def dies_at_the_first_words(self) -> None:
        """From now on: when words first reach somebody, everything is killed before the switch hears of it; then it
        is started again."""

    @abstractmethod
    def breaks(self, how: str) -> None:
        """Its state on disk is `corrupt` (cut to half) or `missing`, found so when it is started again."""

    @abstractmethod
    def second_worker(self) -> None:
        """A second process of it runs on the same state from now on."""

    @abstractmethod
    def ends(self) -> None:
        """Nothing of it runs any more."""

    # Its people.

    @abstractmethod
    def here(self) -> bool:
        """The author gives a sign; whether it was accepted."""

    def speaks(self) -> None:
        """The author says that they are there, whether or not they are still believed."""
        self.spoken = len(self.arrived)
        self.here()

    @abstractmethod
    def here_at_the_first_words(self) -> None:
        """From now on: the author says so at the moment in which the first words are on their way."""

    def asked(self) -> bool:
        """Whether those who can say something about the author have been asked to."""
        return False

    def keepers_say(self, *, dead: int = 0, alive: int = 0, forged: int = 0) -> None:
        """So many of the three keepers state that the author died, or that they have seen them; a stranger forges."""
        del dead, alive, forged

    @abstractmethod
    def mail_works(self, works: bool) -> None:
        """Whether the mail server answers."""

    def people_go(self) -> None:
        """Whoever has to speak with a recipient before the words may be opened does it now, if it is time."""
        return

    # What came of it.

    def to_author(self) -> list[Arrived]:
        return [one for one in self.arrived if one.to == AUTHOR]

    def to_keepers(self) -> list[Arrived]:
        return [one for one in self.arrived if one.to in KEEPERS]

    def words(self, since: int = 0) -> list[Arrived]:
        return [one for one in self.arrived[since:] if one.to in RECIPIENTS]


class Missing(Exception):
    """A rival that cannot be had on this machine, and why."""


def environment_of(package: str, version: str, cache: Path) -> Path:
    """A virtual environment that holds one rival and nothing of ours; made once. Raises Missing."""
    with _ONE_AT_A_TIME:
        return _environment_of(package, version, cache / f"{package}-{version}")


_ONE_AT_A_TIME = threading.Lock()


def _environment_of(package: str, version: str, where: Path) -> Path:
    if (where / "whole").exists():
        return where
    shutil.rmtree(where, ignore_errors=True)
    for command in (
        ["python3", "-m", "venv", str(where)],
        [str(where / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", f"{package}=={version}"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"{package} {version} could not be installed here")
    (where / "whole").touch()
    return where
