"""What knocks: connections that are kept, each asking again as soon as it was answered.

    python -m crowd.load FILE

FILE is JSON: `port`, `seconds`, `lanes` (how many connections, and whose requests each of them sends in turn). A lane
is a list of whole HTTP requests in base64. It prints JSON: answers a second, and waits in milliseconds.
"""

import asyncio
import base64
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .waits import within


@dataclass
class Heard:
    """What came back within the time that counts."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    """All that came back, also while it warmed up."""
    counts_from: float = 0.0
    ends: float = 0.0


class Connection(asyncio.Protocol):
    """One connection: sends the next request when the last one was answered, until the time is over."""

    def __init__(
        self, requests: Iterator[bytes], heard: Heard, done: asyncio.Future[None], port: int
    ) -> None:
        self.requests, self.heard, self.done, self.port = requests, heard, done, port
        self.found, self.asked = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        request = next(self.requests, None)
        if request is None or time.perf_counter() >= self.heard.ends:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.asked = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.found += data
        head, there, body = self.found.partition(b"\r\n\r\n")
        if not there:
            return
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            if not body.endswith(b"0\r\n\r\n"):
                return
        else:
            place = lower.find(b"content-length:")
            length = int(lower[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            if len(body) < length:
                return
        now = time.perf_counter()
        self.heard.answered += 1
        if now >= self.heard.counts_from and now < self.heard.ends:
            self.heard.waits.append(now - self.asked)
            self.heard.statuses[head[9:12].decode()] += 1
        self.found = b""
        if b"\r\nconnection: close" in lower:
            self.transport.close()
        else:
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        """A server that ends a connection after each answer is called again at once, as any client would."""
        if not self.done.done():
            asyncio.get_running_loop().create_task(knock(self))


async def knock(old: Connection) -> None:
    """Opens the connection anew."""
    loop = asyncio.get_running_loop()
    again = Connection(old.requests, old.heard, old.done, old.port)
    try:
        await loop.create_connection(lambda: again, "127.0.0.1", old.port)
    except OSError:
        await asyncio.sleep(0.01)
        if not old.done.done():
            loop.create_task(knock(old))


async def run(asked: dict[str, object]) -> dict[str, object]:
    """Everything that `asked` says, and what came of it."""
    loop, heard = asyncio.get_running_loop(), Heard()
    lanes = [[base64.b64decode(one) for one in lane] for lane in asked["lanes"]]  # type: ignore[attr-defined]
    port, warm, seconds = int(str(asked["port"])), float(str(asked["warm"])), float(str(asked["seconds"]))
    heard.counts_from = time.perf_counter() + warm
    heard.ends = heard.counts_from + seconds
    ends = []
    for lane in lanes:
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(
            lambda lane=lane, done=done: Connection(iter(lane), heard, done, port),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        ends.append(done)
    await asyncio.wait(ends, timeout=warm + seconds + 30)
    lasted = min(time.perf_counter(), heard.ends) - heard.counts_from
    return {
        "rate": round(len(heard.waits) / lasted, 1),
        **within(heard.waits),
        "statuses": dict(heard.statuses),
        "answered": heard.answered,
        "ran_dry": lasted < seconds,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(Path(sys.argv[1]).read_text())))))
