"""The host: a data folder, the processes of `lastwords host serve` over it, and the clock a demonstration may move.

Everything is done as whoever runs a host would do it: by its commands, its settings file and its HTTP address.
"""

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from .cast import HOST_MAIL, SENDER
from .errors import StoryStopped
from .person import COMMAND, environment

PULSE = 6 * 3600
"""Seconds between two pulses: the longest stretch by which the clock is moved in one go."""
PATIENCE = 40.0
"""Seconds the host may take to start, or to stop."""


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class House:
    """One host on this machine. `data` is its folder, `port` where people find it, `mail_port` where its letters go."""

    def __init__(self, data: Path, port: int, mail_port: int) -> None:
        self.data = data
        self.port = port
        self.mail_port = mail_port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # Its life.

    def begin(self) -> None:
        """Makes the data folder, fit for a demonstration and for nothing else."""
        self._command(
            "init",
            *("--origin", self.origin),
            *("--bind", f"127.0.0.1:{self.port}"),
            *("--smtp", f"127.0.0.1:{self.mail_port}"),
            *("--mail-from", SENDER),
            *("--host-mail", HOST_MAIL),
            "--demo",
            *("--pulse", str(PULSE)),
        )

    def move_to(self, port: int, mail_port: int) -> None:
        """Gives a copied data folder its own address and its own way out, as an operator does in settings.toml."""
        path = self.data / "settings.toml"
        text = path.read_text("utf-8")
        text = text.replace(f"127.0.0.1:{self.port}", f"127.0.0.1:{port}")
        text = text.replace(f"port = {self.mail_port}", f"port = {mail_port}")
        path.write_text(text, "utf-8")
        self.port, self.mail_port = port, mail_port

    def serve(self) -> None:
        """Starts serving, and waits until the web server answers and the first round was done."""
        with (self.data.parent / "host.txt").open("ab") as said:
            self._process = subprocess.Popen(
                [str(COMMAND), "host", "serve", "--data", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=environment(),
            )
        waited = threading.Event()
        for _ in range(int(PATIENCE / 0.05)):
            if self._process.poll() is not None:
                break
            if self.health().get("ages", {}).get("sweep") is not None:
                return
            waited.wait(0.05)
        self.stop()
        raise StoryStopped(f"The host did not start. It said:\n{self.said()[-3000:]}")

    def stop(self) -> None:
        """Stops serving cleanly."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise StoryStopped(f"The host did not stop. It said:\n{self.said()[-3000:]}") from None

    def processes(self) -> list[int]:
        """The process ids of the host: the one that was started, and everything that it started."""
        if self._process is None or self._process.poll() is not None:
            return []
        parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        found = [self._process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def dies(self) -> None:
        """Every process of the host is killed at once, as by a power cut. Only a test asks for this."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self._process is not None:
            self._process.wait()
            self._process = None

    def said(self) -> str:
        """What the host has written on its way."""
        path = self.data.parent / "host.txt"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    # What its operator does.

    def join_code(self) -> str:
        """A fresh join code for one author."""
        return str(self._command("join-code")["code"])

    def verified(self) -> dict[str, Any]:
        """What verifying every log of this host finds."""
        return self._command("verify", room="log")

    def _command(self, *words: str, room: str = "host") -> dict[str, Any]:
        done = subprocess.run(
            [str(COMMAND), room, words[0], "--data", str(self.data), *words[1:], "--json"],
            capture_output=True,
            text=True,
            env=environment(),
            check=False,
        )
        if done.returncode:
            raise StoryStopped(f"lastwords {room} {words[0]} ended with {done.returncode}:\n{done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout or "{}")
        return answer

    # Its address.

    def health(self) -> dict[str, Any]:
        """What an outside watcher sees; empty while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.origin}/health", timeout=5) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except urllib.error.HTTPError as error:
            return dict(json.load(error)) if error.code == 503 else {}
        except OSError:
            return {}

    def time_passes(self, seconds: int) -> dict[str, Any]:
        """Moves both clocks of the host on, a pulse at a time, with its real rounds: returns what it says of it."""
        return self._clock(seconds=seconds)

    def clock_is_set(self, seconds: int) -> dict[str, Any]:
        """Sets the wall clock alone, forward or back, as a wrong time service would."""
        return self._clock(jump=seconds)

    def _clock(self, **wish: int) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.origin}/api/demo/clock",
            data=json.dumps(wish).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except OSError as error:
            detail = (
                error.read().decode("utf-8", "replace")
                if isinstance(error, urllib.error.HTTPError)
                else error
            )
            raise StoryStopped(
                f"The host's clock could not be moved: {detail}\n{self.said()[-2000:]}"
            ) from error


def _parent(process: Path) -> int:
    try:
        # After the name in brackets, which may hold anything, come the state and the parent's id.
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0
