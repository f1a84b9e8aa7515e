"""The application that the web server calls, on one loop for all requests (RSGI, as granian speaks it).

Here stand the bounds of what strangers can make this process hold: how much of a body it reads, for how long it waits
for it, how many requests wait at once, and how many of those may be one sender's. What is over a bound is told to come
again.
"""

import asyncio
import io
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from lastwords.server import databases, settings
from lastwords.server.addresses import is_loopback, sender_at
from lastwords.server.problems import Problem
from lastwords.server.wsgi import application as pages

from . import group, knocks
from .bridge import Bridge, Live, Said, environ
from .group import Answer
from .knocks import Knock
from .lane import PLACES, Lane, Waiting
from .ready import Ready

SMALL = 256 * 1024
"""Bytes up to which a body is read before a thread is given to it."""
LARGE_AT = ("/api/files/", "/api/watches/", "/api/me/")
"""Where a body may be larger: what lies there asks who sends it before it reads any. Everywhere else a stranger would
be given a thread, or a temporary file without end, and no form or route there has need of it."""
ANYBODYS = "/check-ins"
"""The end of the one address among those that asks nobody."""
BODY_WITHIN = 20.0
"""Seconds in which such a body has to be here."""
HELD = 64 * 2**20
"""Bytes of bodies that are held at once, of everybody."""
OPEN = 256
"""Requests that may be read or wait for a thread at once."""
SHARE = 4
"""How many parts of those one sender cannot take more than one of."""


@dataclass
class Places:
    """Who has how many requests open, and how many bytes of bodies are held."""

    senders: Counter[str] = field(default_factory=Counter)
    open: int = 0
    held: int = 0

    def has_room(self, sender: str, size: int) -> bool:
        """Whether one more, with a body of that size, would still be within bounds."""
        return self.open < OPEN and self.senders[sender] < OPEN // SHARE and self.held + size <= HELD

    def kept_out(self, sender: str) -> bool:
        """Whether it is not by their own share that a sender finds no place. Whoever floods keeps out themselves first:
        that stops nobody's clocks."""
        return self.senders[sender] < OPEN // SHARE

    @contextmanager
    def taken(self, sender: str, size: int) -> Any:
        """One place, while inside."""
        self.open, self.held = self.open + 1, self.held + size
        self.senders[sender] += 1
        try:
            yield
        finally:
            self.open, self.held = self.open - 1, self.held - size
            self.senders[sender] -= 1
            if not self.senders[sender]:
                del self.senders[sender]


class Large:
    """How many large bodies are taken at once: so few that slow ones leave threads for the rest, and half of them from
    one sender, so that nobody is kept out by another's."""

    def __init__(self, most: int) -> None:
        self._all, self._share = asyncio.Semaphore(most), max(1, most // 2)
        self._own: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, sender: str) -> tuple[asyncio.Semaphore, asyncio.Semaphore]:
        """What one more of this sender has to wait for, in this order; the sender's own is kept while anybody does."""
        return self._own.setdefault(sender, asyncio.Semaphore(self._share)), self._all


class Front:
    """One worker's front. `begin` and `end` are called by the server, on the loop."""

    def __init__(
        self,
        settle: Callable[[Sequence[Knock]], list[Answer]] = group.settle,
        pages: Callable[..., Any] = pages,
        places: int = PLACES,
        refused: Callable[[int], object] = lambda count: None,
        kept_out: Callable[[], object] = lambda: None,
        patience: float = BODY_WITHIN,
    ) -> None:
        """`settle` writes a group, `pages` answers everything else, `places` is how long the lane is; `refused` hears
        how many were told to come again, and `kept_out` of each who was by what others took; `patience` is how long a
        body is waited for."""
        self.places, self.told_again, self.patience = Places(), 0, patience
        self.pages, self.refused, self.kept_out = pages, refused, kept_out
        self.lane = Lane(self._tell, places, settle, lambda: databases.of(settings.current()).tended())

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        threads = settings.current().threads
        self.loop = loop
        self.bridge = Bridge(self.pages, threads)
        self.large = Large(max(1, threads // 2))
        self.ready = Ready(self.bridge)
        self.lane.start()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.lane.close()
        self.bridge.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        (await self._answer(scope, protocol)).give(protocol)

    async def _answer(self, scope: Any, protocol: Any) -> Said:
        length = scope.headers.get("content-length", "0")
        size = int(length) if length.isascii() and length.isdigit() else 0
        sender, held = _sender(scope), size if size <= SMALL else 0
        if not self.places.has_room(sender, held):
            if self.places.kept_out(sender):
                self.kept_out()
            return self._busy(scope)
        with self.places.taken(sender, held):
            if size > SMALL and not _may_be_large(scope.path):
                return self.ready.refused("too_large", scope.path)
            if size > SMALL:
                return await self._large(scope, protocol, sender)
            try:
                async with asyncio.timeout(self.patience):
                    body = await protocol() if size else b""
            except (TimeoutError, RuntimeError):
                # At the second whoever sent it is gone, and reads no answer.
                return self.ready.refused("too_slow", scope.path)
            knock = _knock(scope, body)
            said = await self._down_the_lane(knock, scope, sender) if knock else None
            return said or await self.bridge.ask(environ(scope, io.BytesIO(body)))

    async def _large(self, scope: Any, protocol: Any, sender: str) -> Said:
        """Gives a thread to a large body as it comes."""
        async with AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(self.patience):
                    for one in self.large.of(sender):
                        await turn.enter_async_context(one)
            except TimeoutError:
                return self._busy(scope)
            body = io.BufferedReader(Live(aiter(protocol), self.loop), SMALL)
            return await self.bridge.ask(environ(scope, body))

    # The lane.

    async def _down_the_lane(self, knock: Knock, scope: Any, sender: str) -> Said | None:
        """What a check-in is answered after its commit; None when it is to be answered as any other request."""
        told: asyncio.Future[Answer] = self.loop.create_future()
        if not self.lane.offer(Waiting(knock, sender, told.set_result)):
            self.kept_out()
            return self._busy(scope)
        answer = await told
        if isinstance(answer, Problem):
            return self.ready.by_api(answer)
        return None if answer is None else self.ready.kept(answer)

    def _tell(self, answered: Sequence[tuple[Waiting, Answer]]) -> None:
        """Wakes everybody of a group at once; called on the lane's thread, after the commit."""

        def tell() -> None:
            for waiting, answer in answered:
                waiting.told(answer)

        self.loop.call_soon_threadsafe(tell)

    def _busy(self, scope: Any) -> Said:
        self.told_again += 1
        self.refused(self.told_again)
        return self.ready.refused("busy", scope.path)


def _may_be_large(path: str) -> bool:
    return path.startswith(LARGE_AT) and not path.endswith(ANYBODYS)


def _knock(scope: Any, body: bytes) -> Knock | None:
    """The signed check-in that this request is. One that comes with a page's session is for the page's own rules."""
    headers = scope.headers
    plain = scope.method == "POST" and not scope.query_string and "cookie" not in headers
    if not plain or headers.get("content-type") != "application/json":
        return None
    return knocks.read(scope.path, headers.get("authorization"), body)


def _sender(scope: Any) -> str:
    """Whom a request is counted for: the address it came from; behind a proxy on this machine, the one that the proxy
    says it had it from. Nothing but a share of the places hangs on it."""
    address = scope.client.rpartition(":")[0].strip("[]")
    named = scope.headers.get("x-forwarded-for", "") if is_loopback(address) else ""
    return sender_at(named.rpartition(",")[2].strip()[:64] or address)
