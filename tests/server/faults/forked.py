"""A whole host that is started again and again, and costs what a start does rather than what it loads.

The first start is the command's, as a person gives it. For all others there is a process of its own, `python -m
server.faults.forked FOLDER`, that has loaded everything and opened nothing. For each line that it reads it forks a
host, which serves as the command does, and whose parts are forked in turn where the command begins new interpreters.
They are processes of their own all the same, and end as those do.
"""

import importlib
import os
import random
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from server.faults.served import Served
from server.test_serve import PATIENCE, wait_for

from lastwords.server import settings

TESTS = Path(__file__).parent.parent.parent
MOST_OPEN = 1024


class Forked(Served):
    """A host whose starts but the first are forks; `planted` runs in what they are forked from."""

    def __init__(self, data: Path, database: str = "", planted: str = "") -> None:
        self.mother: subprocess.Popen[bytes] | None = None
        self.planted = planted
        super().__init__(data, database)

    def serve(self) -> None:
        if self.mother is None:
            super().serve()
            self._load()
            return
        self.process = Born(self.mother, self.said)
        wait_for(self.answers_or_ended, "the host to answer", 3 * PATIENCE)
        assert self.process.poll() is None, self.process.stderr.read()

    def _load(self) -> None:
        self.said = self.data.with_suffix(".said").open("w+b")
        where = {**os.environ, **self.more, settings.DATA: str(self.data)}
        where["PYTHONPATH"] = os.pathsep.join([str(TESTS), where.get("PYTHONPATH", "")])
        self.mother = subprocess.Popen(
            [sys.executable, "-m", "server.faults.forked", str(self.data), self.planted],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            bufsize=0,
            env=where,
            cwd=TESTS,
        )

    def parts(self) -> dict[int, str]:
        """All that is forked has the environment of what it is forked from, which is no part of a host."""
        return {
            pid: name for pid, name in super().parts().items() if not self.mother or pid != self.mother.pid
        }

    def close(self) -> None:
        super().close()
        if self.mother:
            self.mother.stdin.close()
            self.mother.wait(PATIENCE)
            self.mother.stdout.close()
            self.said.close()


class Born:
    """Stands where the command's process stands: a host that was forked elsewhere."""

    def __init__(self, mother: "subprocess.Popen[bytes]", said: object) -> None:
        self.mother, self.returncode = mother, None
        self.stderr = SimpleNamespace(close=lambda: None, read=lambda: _last_of(said))
        mother.stdin.write(b"one\n")
        self.pid = int(mother.stdout.readline() or b"0")
        assert self.pid, _last_of(said)

    def poll(self, within: float = 0) -> int | None:
        if self.returncode is None and select.select([self.mother.stdout], [], [], within)[0]:
            self.returncode = int(self.mother.stdout.readline())
        return self.returncode

    def wait(self, within: float) -> int:
        assert self.poll(within) is not None, "the host does not end"
        return self.returncode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _last_of(said: object) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - 3_000))
    return said.read().decode("utf-8", "replace")


# In the process that has loaded everything.


class Part:
    """Stands where `Popen` stands in the host: one of its parts, forked."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.code: int | None = None
        self.pid = forked(lambda: part(command[-1], env))

    def poll(self) -> int | None:
        if self.code is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if found else None
        return self.code

    def wait(self, within: float = PATIENCE) -> int | None:
        try:
            wait_for(lambda: self.poll() is not None, "a part to end", within)
        except AssertionError:
            raise subprocess.TimeoutExpired("part", within) from None
        return self.code

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def forked(does: Callable[[], object]) -> int:
    """Has a new process do it and end. Returns its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            random.seed()
            for number, handler in (
                (signal.SIGTERM, signal.SIG_DFL),
                (signal.SIGINT, signal.default_int_handler),
            ):
                signal.signal(number, handler)
            code = int(does() or 0)  # type: ignore[call-overload]
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    return child


def part(module: str, environment: dict[str, str]) -> object:
    """A part of the host, as a new interpreter would begin it: nothing of the host's is open, or known."""
    from lastwords.server import clock

    os.closerange(3, MOST_OPEN)
    os.environ.clear()
    os.environ.update(environment)
    os.umask(0o077)
    clock.use(None)
    return importlib.import_module(module).main()


def host(data: Path) -> None:
    """A host that serves as the command does."""
    from lastwords.server import children, serve

    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    children.subprocess = SimpleNamespace(Popen=Part, TimeoutExpired=subprocess.TimeoutExpired)
    serve.serve(data)


def load(data: Path) -> None:
    """Everything that a host and its parts will ever import. One of those modules has the process that imports it end
    with the one that started it; a fork imports nothing and has to be told."""
    settings.configure(data)
    from django.urls import get_resolver

    from lastwords.server import children

    os.register_at_fork(after_in_child=children.die_with_parent)

    for name in ("serve", "work", "web", "rounds", "lease", "audit", "outbox", "gate.front"):
        importlib.import_module(f"lastwords.server.{name}")
    importlib.import_module("granian.server.mp")
    importlib.import_module("granian.rsgi")
    get_resolver().url_patterns  # noqa: B018
    assert threading.active_count() == 1, "only a process without threads can be forked"


def main(data: Path, planted: str) -> None:
    load(data)
    exec(planted, {})
    for _ in sys.stdin:
        child = forked(lambda: host(data))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
