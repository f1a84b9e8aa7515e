"""`lastwords serve`: web and rounds as two children of one process that starts them again when they die."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog

from . import checks, place, settings, witness
from .children import Child
from .refusals import CannotStart
from .settings import DATA, Settings

LOOK_EVERY = 0.2
"""Seconds between looks at the children."""
PATIENCE = 5.0
"""Seconds a child gets to end by itself."""

logger = structlog.get_logger()


def serve(data: Path, begins: Callable[[Settings], None] = lambda chosen: None) -> None:
    """Serves a data folder until SIGTERM or SIGINT. Raises BadSettings or CannotStart before anything is started;
    `begins` is called when nothing stands in the way."""
    chosen = checks.ready(data)
    with the_only_one(chosen):
        checks.check_port(chosen)
        from . import audit, clock, store  # their tables can only be loaded once the folder is known

        past = checks.find_restored_past(chosen) or checks.find_copy(chosen)
        place.note(chosen)
        if not past:
            witness.tidy(chosen.heads)
            audit.tell(store.here(), audit.loose_ends(), clock.now())
        from django.db import connections

        connections.close_all()
        begins(chosen)
        supervise(parts(chosen))


@contextmanager
def the_only_one(chosen: Settings) -> Iterator[None]:
    """Holds the folder for this process: two servers on one folder would send every letter twice."""
    descriptor = os.open(chosen.data / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise CannotStart(
            "This data folder is being served already; nothing was started or changed.",
            "Stop the other server first.",
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


def parts(chosen: Settings) -> list[Child]:
    """The web server, and the rounds: pulse, sweep, outbox."""
    here = {DATA: str(chosen.data)}
    return [Child(name, [sys.executable, "-m", f"lastwords.server.{name}"], here) for name in ("web", "work")]


def supervise(children: list[Child]) -> None:
    """Keeps the children alive until this process is asked to stop."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        while not stopping.wait(LOOK_EVERY):
            for child in children:
                if child.tend():
                    logger.warning("a part died and is started again", part=child.name, code=child.last_code)
    finally:
        for child in children:
            child.stop(PATIENCE)
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    serve(Path(os.environ[settings.DATA]))
