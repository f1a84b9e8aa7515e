"""From the loop to the threads: everything that is not the gate's own is answered by Django, as under any WSGI server
(PEP 3333). No thread is given to a request before its body is here, except to a few large ones.
"""

import asyncio
import io
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lastwords.server import settings

PIECE_WITHIN = 30.0
"""Seconds in which some piece of a large body has to come."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What Django answers: the body, or a part of a file, from the first byte up to the one behind the last."""

    status: int
    headers: Headers
    body: bytes
    file: tuple[str, int, int] | None = None

    def give(self, protocol: Any) -> None:
        """Hands it to the server."""
        if self.file is None:
            protocol.response_bytes(self.status, self.headers, self.body)
        else:
            protocol.response_file_range(self.status, self.headers, *self.file)


class Live(io.RawIOBase):
    """A large body, read by a thread as it comes. It ends where nothing comes any more; whoever reads it knows how long
    it should have been."""

    def __init__(self, pieces: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._pieces, self._loop, self._rest = pieces, loop, b""

    def readable(self) -> bool:
        return True

    def readinto(self, place: Any) -> int:
        if not self._rest:
            waiting = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            self._rest = waiting.result()
        taken, self._rest = self._rest[: len(place)], self._rest[len(place) :]
        place[: len(taken)] = taken
        return len(taken)

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(PIECE_WITHIN):
                return cast(bytes, await anext(self._pieces, b""))
        except (TimeoutError, RuntimeError, OSError):
            return b""


class Bridge:
    """Calls a WSGI application on as many threads as it is given, and knows how many requests wait for one."""

    def __init__(self, application: Callable[..., Any], threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def ask(self, environ: dict[str, Any]) -> Said:
        """What the application answers."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.answer, environ)

    def answer(self, environ: dict[str, Any]) -> Said:
        """The same, on the thread it is called on."""
        begun: list[tuple[int, Headers]] = []

        def start(status: str, headers: Headers, _error: Any = None) -> None:
            begun.append((int(status[:3]), headers))

        response = self._application(environ, start)
        try:
            part = getattr(response, "part_of_file", None)
            body = b"" if part else b"".join(cast(Iterable[bytes], response))
        finally:
            response.close()
        return Said(*begun[-1], body, _range(*part) if part else None)

    def close(self) -> None:
        """Takes nothing more. What was begun is ended, but not waited for: it may be waiting for this very loop."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _range(path: Path, first: int, last: int) -> tuple[str, int, int]:
    return str(path), first, last + 1


def environ(scope: Any, body: Any) -> dict[str, Any]:
    """A request as WSGI wants it; `body` has `read`. The scheme is that of the host's origin: TLS ends at the proxy,
    and nothing that a request says of itself decides whether it came that way."""
    host, _, port = scope.server.rpartition(":")
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # WSGI's texts are bytes in the form of latin-1.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": settings.current().scheme,
        "wsgi.input": body,
        "wsgi.errors": _Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.replace("-", "_").upper()
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        joint = ";" if name == "cookie" else ","
        made[key] = f"{made[key]}{joint}{value}" if key in made else value
    made.setdefault("HTTP_HOST", scope.authority or "")
    return made


class _Errors(io.TextIOBase):
    """Where a framework may write of what broke. Ours says it in its log, without the values it carried."""

    def write(self, _text: str) -> int:
        return len(_text)
