"""Child processes that do not outlive what watches over them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BACK_OFF = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before a child that died is started again, by how often it died lately."""
STEADY = 60.0
"""Seconds a child has to live for its earlier deaths to be forgotten."""
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Has the kernel end this process when the one that started it ends, however that ends. Linux only; elsewhere a
    killed supervisor leaves its children to be stopped by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


@dataclass(slots=True)
class Child:
    """One process to be kept alive."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    deaths: int = 0
    next_start: float = 0.0
    last_code: int = field(default=0)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env={**os.environ, **self.environment})
        self.started = time.monotonic()

    def tend(self) -> bool:
        """Starts the process when it is its time. Returns whether a death was found now."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self.start()
            return False
        code = self.process.poll()
        if code is None:
            return False
        self.deaths = 1 if now - self.started > STEADY else self.deaths + 1
        self.next_start = now + BACK_OFF[min(self.deaths, len(BACK_OFF)) - 1]
        self.process, self.last_code = None, code
        return True

    def stop(self, patience: float) -> None:
        """Asks the process to end; after `patience` seconds it is not asked any more."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
