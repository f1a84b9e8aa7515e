"""A host that lies: it stands before the real one, hears every request, and changes answers as it was told."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from urllib.parse import unquote

App = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Request:
    """What came in. `path` is without its `/api/`."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def plain(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What goes out. `pieces` is given instead of `body` when there should be no end, or no whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pieces: Iterable[bytes] | None = None

    @property
    def plain(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> "Answer":
        return replace(self, body=json.dumps(value).encode())


def said(value: Any, status: int = 200) -> Answer:
    """An answer as JSON; bytes are sent as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, (("Content-Type", "application/json"),), body)


Lie = Callable[[Request, Answer], Answer]
Instead = Callable[[Request], Answer]


@dataclass
class Liar:
    """A WSGI application around an honest one. `told` counts the answers that were lies."""

    honest: App
    after: list[tuple[str, str, Lie]] = field(default_factory=list)
    instead: list[tuple[str, str, Instead]] = field(default_factory=list)
    heard: list[Request] = field(default_factory=list)
    told: int = 0

    def change(self, method: str, path: str, lie: Lie) -> None:
        """Changes answers of the honest host. `path` is the beginning of one, or a whole one that ends in `$`."""
        self.after.append((method, path, lie))

    def answer(self, method: str, path: str, lie: Instead) -> None:
        """Answers without asking the honest host, which then hears nothing of it."""
        self.instead.append((method, path, lie))

    def forget(self) -> None:
        self.after, self.instead, self.heard, self.told = [], [], [], 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = _request(environ)
        self.heard.append(request)
        for method, path, made_up in self.instead:
            if _meant(request, method, path):
                self.told += 1
                return _sent(made_up(request), start)
        answer = _honest(self.honest, environ, request)
        for method, path, lie in self.after:
            if _meant(request, method, path) and answer.status < 300:
                changed = lie(request, answer)
                self.told += changed != answer
                answer = changed
        return _sent(answer, start)


def _request(environ: dict[str, Any]) -> Request:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {name[5:].lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    path = unquote(environ["PATH_INFO"]).removeprefix("/api/")
    return Request(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers, body)


def _meant(request: Request, method: str, path: str) -> bool:
    whole = path.endswith("$")
    return request.method == method and (
        request.path == path[:-1] if whole else request.path.startswith(path)
    )


def _honest(app: App, environ: dict[str, Any], request: Request) -> Answer:
    begun: list[Any] = []
    chunks = app(
        {**environ, "wsgi.input": BytesIO(request.body)},
        lambda status, headers, _=None: begun.extend((status, headers)),
    )
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    headers = tuple((name, value) for name, value in begun[1] if name.lower() != "content-length")
    return Answer(int(begun[0].split()[0]), headers, body)


def _sent(answer: Answer, start: Callable[..., Any]) -> Iterable[bytes]:
    headers = list(answer.headers)
    if answer.pieces is None and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("Content-Length", str(len(answer.body))))
    start(f"{answer.status} Said", headers)
    return [answer.body] if answer.pieces is None else answer.pieces


@contextmanager
def lying(server: Any) -> Iterator[Liar]:
    """Stands before the application of a WSGI server for as long as the block runs."""
    liar = Liar(server.get_app())
    server.set_app(liar)
    try:
        yield liar
    finally:
        server.set_app(liar.honest)
