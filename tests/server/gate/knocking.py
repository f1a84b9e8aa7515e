"""Asks the gate as the web server does, without a socket: a scope and a protocol, many of them at once."""

import asyncio
import json
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request as it stands on the wire."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    query: str = ""

    def scope(self) -> Any:
        return Scope(self)


class Scope:
    """What granian says of a request."""

    proto, http_version, scheme, authority = "http", "1.1", "http", None
    server, client = "127.0.0.1:8443", "127.0.0.1:50000"

    def __init__(self, request: Request) -> None:
        self.method, self.path, self.query_string = request.method, request.path, request.query
        said = {"host": "127.0.0.1:8443", "content-type": "application/json"}
        if request.body:
            said["content-length"] = str(len(request.body))
        self.headers = said | request.headers


@dataclass
class Protocol:
    """Gives the body and keeps the answer."""

    body: bytes
    answer: tuple[int, dict[str, str], bytes] | None = None

    async def __call__(self) -> bytes:
        return self.body

    def __aiter__(self) -> "Protocol":
        self.pieces = iter([self.body[at : at + 8192] for at in range(0, len(self.body), 8192)])
        return self

    async def __anext__(self) -> bytes:
        try:
            return next(self.pieces)
        except StopIteration:
            raise StopAsyncIteration from None

    def response_bytes(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, {name.lower(): value for name, value in headers}, body)


def ask(requests: Sequence[Request], **how: Any) -> list[tuple[int, dict[str, str], bytes]]:
    """The answers to requests that all come at the same moment. `how` is given to the front."""
    from lastwords.server.gate.front import Front

    async def run() -> list[Any]:
        front, loop = Front(**how), asyncio.get_running_loop()
        front.__rsgi_init__(loop)
        try:
            protocols = [Protocol(one.body) for one in requests]
            asking = [front.__rsgi__(one.scope(), own) for one, own in zip(requests, protocols, strict=True)]
            await asyncio.gather(*asking)
            return [own.answer for own in protocols]
        finally:
            await asyncio.to_thread(front.__rsgi_del__, loop)

    answers: list[tuple[int, dict[str, str], bytes]] = to_its_end(run())
    return answers


def to_its_end(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it returns, run in a thread of its own: a browser that an earlier test opened keeps this one's loop busy."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def by_itself(group: Sequence[Any]) -> list[None]:
    """What stands in for the lane where everything is to go through the API's own view."""
    return [None] * len(group)


def a_press(author: str, sign: dict[str, str]) -> Request:
    """The request a phone sends."""
    return Request(f"/api/watches/{author}/check-ins", json.dumps({"phone": sign}).encode())
