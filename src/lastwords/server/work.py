"""The process that does the rounds, until it is told to stop."""

import json
import os
import signal
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from django.db import DatabaseError, connections

from . import children, databases, settings
from .channels import SmtpWay
from .standstill import MOST_FAILURES, Standstill, caused

TICK = 1.0
"""Seconds between rounds; letters leave and due watches move with at most this delay."""
BREATH = 0.01
"""Seconds between rounds while more is due than one round does: whoever writes meanwhile gets in between."""
LONGEST_PAUSE = 32
SOON = 4
"""Seconds until the next round, at most: after failures, and while the database is away. One that fails over is back
within half a minute, and letters need not wait for another half."""
ANSWER_WITHIN = 5.0
"""Seconds the web server may take to answer before nobody could have been heard."""

logger = structlog.get_logger()


def main() -> int:
    """Rounds every tick, a pulse every interval. Returns the exit code."""
    children.die_with_parent()
    chosen = settings.configure_from_environment()
    from . import clock, lease, rounds  # their tables can only be loaded once the folder is known

    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _wait_for_web(chosen, stopping)
    failures, next_pulse, longest, more = 0, 0.0, LONGEST_PAUSE, False
    trouble = Standstill(chosen, SmtpWay(chosen.mail, chosen.name))
    while not stopping.is_set():
        pulse = time.monotonic() >= next_pulse
        try:
            with rounds.alone():
                heard = partial(_hears_and_works, chosen, trouble)
                more = rounds.run(pulse=pulse, heard=heard, report=pulse).more
            failures = 0
            trouble.over()
            if pulse:
                next_pulse = time.monotonic() + chosen.pulse
        except Exception as error:
            # Whatever it was, the next round begins from what is kept; nothing of this one is half done.
            more, away = False, caused(error, databases.was_cut_off)
            longest = SOON if away else LONGEST_PAUSE
            # A fresh process would not find the database any sooner.
            failures = min(failures + 1, MOST_FAILURES - 1) if away else failures + 1
            logger.error(
                "a round failed",
                kind=type(error).__name__,
                error=str(error)[:300],
                where=_where(error),
                in_a_row=failures,
            )
            connections.close_all()
            trouble.met(error, clock.Machine().read())
            if failures >= MOST_FAILURES:
                return 1
        stopping.wait(BREATH if more else TICK * min(2**failures, longest))
    with suppress(DatabaseError):
        lease.let_go(lease.holder())
    connections.close_all()
    return 0


def _hears_and_works(chosen: settings.Settings, trouble: Standstill) -> bool:
    """Whether somebody's silence may count: they could be heard, and the last round could have written to them."""
    return not trouble.stands and hears(chosen)


def _where(error: Exception) -> str:
    """The places an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:])


def hears(chosen: settings.Settings) -> bool:
    """Whether a sign of life could be heard and kept: the web server answers, it let everybody in since the last pulse,
    and its disk takes what people send."""
    state = answers(chosen)
    return all(state.get(part, {}).get("takes") for part in ("gate", "disk"))


def answers(chosen: settings.Settings) -> dict[str, Any]:
    """What the web server says of its health; empty while it does not answer at all."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(chosen.bind_host, chosen.bind_host)
    address = f"http://[{host}]:{chosen.bind_port}" if ":" in host else f"http://{host}:{chosen.bind_port}"
    try:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=ANSWER_WITHIN) as answer:
                state = json.load(answer)
        except urllib.error.HTTPError as error:
            state = json.load(error)  # not well is an answer too
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _wait_for_web(chosen: settings.Settings, stopping: threading.Event) -> None:
    """At the start the web server needs a moment; without this the first pulse would find nobody there."""
    deadline = time.monotonic() + 20
    while not stopping.is_set() and time.monotonic() < deadline and not answers(chosen):
        stopping.wait(0.1)


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
