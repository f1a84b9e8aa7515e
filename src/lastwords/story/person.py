"""One person: their home folder, and one process of the `lastwords` command that acts in it for them.

The process is `lastwords run`: each command is given to it as it would be typed, and answered with one line of JSON. It
is started when the person first acts, and knows nothing but the home folder.
"""

import json
import os
import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cast import ZONE, Role
from .errors import StoryStopped

COMMAND = Path(sys.executable).with_name("lastwords")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command came to: `exit` as the command's own; one of the other two is empty."""

    exit: int
    answer: dict[str, Any]
    refused: dict[str, Any]

    @property
    def code(self) -> str:
        """The refusal's code; empty when there was none."""
        return str(self.refused.get("code", ""))


def environment() -> dict[str, str]:
    """What a process of the story is given: nothing that could lead it to another home or another host."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LASTWORDS_")}
    return {**kept, "PYTHONUTF8": "1"}


class Someone:
    """A person who acts. `folder` holds `lastwords` (what --home names) and `desk` (papers they write or print)."""

    def __init__(self, role: Role, folder: Path) -> None:
        self.role = role
        self.home = folder / "lastwords"
        self.desk = folder / "desk"
        self.desk.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def paper(self, name: str, text: str) -> str:
        """Writes something down on their own desk; returns its path, as a command takes it."""
        path = self.desk / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def does(self, *words: str) -> Answer:
        """Gives one command and waits for its answer."""
        with self._one_at_a_time:
            process = self._running()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(shlex.join(words) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except BrokenPipeError:
                line = ""
        if not line:
            raise StoryStopped(
                f"The command of {self.role.name} ended at: {shlex.join(words)}\n{self._last_words()}"
            )
        said = json.loads(line)
        return Answer(int(said["exit"]), said.get("answer", {}), said.get("refused", {}))

    def leaves(self) -> None:
        """Ends the process, if one was ever started."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            with (self.desk / "errors.txt").open("ab") as errors:
                self._process = subprocess.Popen(
                    [str(COMMAND), "--home", str(self.home), "run"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    encoding="utf-8",
                    env={**environment(), "TZ": ZONE},
                )
        return self._process

    def _last_words(self) -> str:
        path = self.desk / "errors.txt"
        return path.read_text("utf-8", "replace")[-2000:] if path.exists() else ""
