"""What the rivals have in common: a process of theirs under a wall clock that a scenario moves, and a mail server.

The clock is libfaketime's. It moves what a program reads as the time of day, and leaves alone how long it sleeps.
"""

import os
import signal
import subprocess
import threading
from abc import abstractmethod
from pathlib import Path

from lastwords.story.house import free_port
from rivals.mail import Mail
from rivals.switch import DAY, RECIPIENTS, Arrived, Missing, Switch, environment_of

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
ROUND = 2.5
"""Real seconds in which a running rival looks at its clock at least twice; each is set to look every second."""


class Other(Switch):
    """A rival, in an environment of its own."""

    package: str
    version: str
    settings: str
    """How it was set up, for people."""

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        if LIBRARY is None:
            raise Missing("libfaketime is not on this machine")
        self.programs = environment_of(self.package, self.version, cache) / "bin"
        self.clock = folder / "clock"
        self.offset = 0.0
        self.home = folder / "home"
        self.home.mkdir()
        self._set()
        self.mail = Mail(folder, free_port(), self._heard)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._at_first_words: str = ""
        self._waited = threading.Event()
        self._dying = threading.Event()

    # Its clock.

    def _set(self) -> None:
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{self.offset * DAY:+.0f}\n")
        fresh.rename(self.clock)

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "TERM": "dumb",
        }

    def passes(self, days: float) -> None:
        until = self.day + days
        while self.day < until - 1e-9:
            self._on(min(self.step, until - self.day))
            self.looks()

    def dark(self, days: float) -> None:
        self.ends_processes()
        self._on(days)
        self.starts()
        self.looks()

    def jumps(self, days: float) -> None:
        self.offset += days
        self._set()
        self.looks()

    def _on(self, days: float) -> None:
        self.day += days
        self.offset += days
        self._set()

    # Its processes.

    @abstractmethod
    def starts(self) -> None:
        """Starts what runs all the time, if anything does."""

    def looks(self) -> None:
        """Lets the switch look at the clock; starts it again when it died, as a service manager would."""
        self._waited.wait(ROUND)
        if self._dying.is_set():
            self._dying.clear()
            self.ends_processes()
            self.starts()
            self._waited.wait(ROUND)

    def runs(self, *words: str) -> None:
        """Starts a process of the rival that is to stay."""
        with (self.folder / "said.txt").open("ab") as said:
            self._processes.append(
                subprocess.Popen(
                    words,
                    cwd=self.home,
                    env=self.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                )
            )

    def does(self, *words: str, typed: str = "") -> int:
        """Runs a command of the rival to its end; its exit status."""
        with (self.folder / "said.txt").open("ab") as said:
            done = subprocess.run(
                words,
                cwd=self.home,
                env=self.environment(),
                input=typed.encode(),
                stdout=said,
                stderr=said,
                check=False,
                timeout=120,
            )
        return done.returncode

    def ends_processes(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def ends(self) -> None:
        self.ends_processes()
        self.mail.close()

    # Its letters.

    def _heard(self, address: str, about: str, ident: str) -> None:
        words = address in RECIPIENTS
        if words and self._at_first_words == "here":
            self._at_first_words = ""
            self.speaks()
        self.arrived.append(Arrived(self.day, address, about, ident))
        if words and self._at_first_words == "dies":
            self._at_first_words = ""
            for process in self._processes:
                process.send_signal(signal.SIGKILL)
            self._dying.set()

    def dies_at_the_first_words(self) -> None:
        self._at_first_words = "dies"

    def here_at_the_first_words(self) -> None:
        self._at_first_words = "here"

    def mail_works(self, works: bool) -> None:
        self.mail.works = works
