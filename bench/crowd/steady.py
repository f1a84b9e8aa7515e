"""What knocks at a steady pace: phones that say "I'm here" when it is time, whether others were answered or not.

    python -m crowd.steady FILE

FILE is JSON: `port`, `origin`, `people` (a handle, a key's secret number and a counter each), `connections`, `seconds`,
`rate` (presses a second; 0 for as many as are answered) and `again` (of so many answers one press is sent a second
time, which has to be refused). Each press is signed when it is sent. A wait counts from the moment at which the press
was due: those that a standing server keeps from being sent have waited too. It prints JSON, see `Heard.said`.
"""

import asyncio
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from .authors import Author
from .waits import within

PATIENCE = 30.0
"""Seconds after which an answer is not waited for any more."""
KEPT = 200


@dataclass
class Minute:
    """What was due in one minute: how long each waited, and what it was answered."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def said(self) -> dict[str, Any]:
        return within(self.waits) | {"statuses": dict(self.statuses)}


@dataclass
class Heard:
    """What came back."""

    minutes: dict[int, Minute] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    """How often each author was told that it is kept."""
    unanswered: Counter[str] = field(default_factory=Counter)
    """Of these nobody knows whether they were kept."""
    again: Counter[str] = field(default_factory=Counter)
    """What a press was answered that had been answered before."""

    def note(self, author: str, due: float, wait: float, status: int) -> None:
        minute = self.minutes.setdefault(int(due // 60), Minute())
        minute.waits.append(wait)
        minute.statuses[str(status or "none")] += 1
        if status == KEPT:
            self.kept[author] += 1
        elif not status:
            self.unanswered[author] += 1

    def said(self, lasted: float) -> dict[str, Any]:
        """`rate` is answers a second, waits are in milliseconds, by minute; a status of "none" is no answer."""
        return {
            "rate": round(sum(self.kept.values()) / lasted, 1),
            "minutes": [self.minutes[at].said() for at in sorted(self.minutes)],
            "kept": dict(self.kept),
            "unanswered": dict(self.unanswered),
            "again": dict(self.again),
        }


class Crowd:
    """Everybody who has a phone. One of them never has two presses under way: their counters only rise."""

    def __init__(self, people: Iterable[Author], asked: dict[str, Any]) -> None:
        self.idle, self.heard = deque(people), Heard()
        self.port, self.origin = int(asked["port"]), str(asked["origin"])
        self.rate, self.seconds, self.again = (
            float(asked["rate"]),
            float(asked["seconds"]),
            int(asked["again"]),
        )
        self.sent = self.answered = 0
        self.began = time.perf_counter()

    def next_due(self) -> float | None:
        """Seconds after the beginning at which the next press is due; None when the time is over."""
        now = time.perf_counter() - self.began
        due = self.sent / self.rate if self.rate else now
        self.sent += 1
        return due if due < self.seconds else None

    async def knock(self) -> None:
        """One connection: takes the next press that is due, as long as there is one."""
        line = Line(self.port)
        while (due := self.next_due()) is not None:
            await asyncio.sleep(self.began + due - time.perf_counter())
            author = self.idle.popleft()
            press = author.press(self.origin, int(time.time()))
            status = await line.ask(press)
            self.heard.note(author.handle, due, time.perf_counter() - self.began - due, status)
            self.answered += 1
            if status == KEPT and self.again and self.answered % self.again == 0:
                self.heard.again[str(await line.ask(press))] += 1
            self.idle.append(author)


@dataclass
class Line:
    """A connection that is kept, and opened anew where it broke."""

    port: int
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """Sends a whole request. Returns the status of the answer once all of it is here; 0 when none came."""
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = self.streams = self.streams or await asyncio.open_connection(
                    "127.0.0.1", self.port
                )
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
        except (OSError, EOFError):  # of which TimeoutError is one
            self.streams = None
            return 0
        return int(head.split(b" ", 2)[1])


async def run(asked: dict[str, Any]) -> dict[str, Any]:
    """Everything that `asked` says, and what came of it."""
    people = [
        Author(handle, ec.derive_private_key(int(secret), ec.SECP256R1()), counter)
        for handle, secret, counter in asked["people"]
    ]
    crowd = Crowd(people, asked)
    await asyncio.gather(*(crowd.knock() for _ in range(int(asked["connections"]))))
    return crowd.heard.said(time.perf_counter() - crowd.began) | {
        "counters": {one.handle: one.counter for one in people}
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(Path(sys.argv[1]).read_text())))))
