"""The host's API over HTTP: one small class, standard library only.

Plain http is spoken to this very machine and to no other. Redirections are not followed, because they would carry the
session elsewhere. Answers are JSON; an error answer becomes a `Stopped` with the host's own two sentences.
"""

import base64
import binascii
import hashlib
import http.client
import io
import ipaddress
import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from lastwords.cli.errors import Stopped
from lastwords.cli.show import fit_for_terminal

TIMEOUT = 60
"""Seconds without a sign from the host before a command gives up."""
PATIENCE, SLOWEST = 300.0, 32 << 10
"""Seconds that an answer may take in all, and bytes for each of which seconds it may take one more: a host that sends a
byte now and then would hold a command for ever, and a long file over a slow line should come through."""
LONGEST_ANSWER = 64 << 20
"""Bytes of a JSON answer; a host that sends more is not answering."""
LONGEST_REFUSAL, LONGEST_SENTENCE = 64 << 10, 2000
"""Bytes of a refusal, and characters of either of its sentences that are shown."""
TOKEN = re.compile(r"[\x20-\x7e]{1,512}")
PIECE = 4 << 20
"""Bytes of a file in one request: what is lost at most when the line breaks."""


def read_origin(text: str) -> str:
    """The origin of a host (`https://words.example.org`), or a refusal of what is none or would be overheard."""
    parts = urlsplit(text.strip().rstrip("/"))
    try:
        port = parts.port
    except ValueError:
        port = -1
    whole = not (parts.path or parts.query or parts.fragment or parts.username) and port != -1
    if parts.scheme not in ("http", "https") or not parts.hostname or not whole:
        raise Stopped(
            f"“{text}” is not the address of a host; nothing was sent.",
            "Type it as https://words.example.org, without a path.",
            "origin",
        )
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise Stopped(
            f"{text} would be spoken to in the clear, where others can read and change it; nothing was sent.",
            "Use the host's https address. Plain http is only for a host on this very machine.",
            "plain_http",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _is_this_machine(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class TooSlow(TimeoutError):
    """An answer that is still coming when its time is over."""


class InTime(io.RawIOBase):
    """What comes down a socket, until the time for it is over; `now` gives seconds."""

    def __init__(self, connection: socket.socket, now: Callable[[], float] = time.monotonic) -> None:
        self._connection, self._raw = connection, connection.makefile("rb", buffering=0)
        self._now, self._until = now, now() + PATIENCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - self._now()
        if left <= 0:
            raise TooSlow
        self._connection.settimeout(min(TIMEOUT, left))
        try:
            got = self._raw.readinto(buffer)
        except TimeoutError as error:
            raise (TooSlow if left < TIMEOUT else TimeoutError)(*error.args) from error
        self._until += (got or 0) / SLOWEST
        return got

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *how: Any, **more: Any) -> None:
        super().__init__(sock, *how, **more)
        self.fp.close()
        self.fp = io.BufferedReader(InTime(sock))


class _Plain(http.client.HTTPConnection):
    response_class = _Answer


class _Secure(http.client.HTTPSConnection):
    response_class = _Answer


class _PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_Plain, request)


class _SecureHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_Secure, request)


class Host:
    """One host, and after `use` one session with it. Paths are given in parts, so that none can slip a slash in."""

    def __init__(self, origin: str) -> None:
        self.origin = read_origin(origin)
        handlers: list[Any] = [_NoRedirection(), _PlainHandler(), _SecureHandler()]
        if _is_this_machine(urlsplit(self.origin).hostname or ""):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)
        self._token = ""
        self._renew: Callable[[], str] | None = None

    def use(self, token: str, renew: Callable[[], str] | None = None) -> None:
        """Carries this session in every request from now on. What could not stand in a header is no session.

        A session lasts a quarter of an hour, and a long file or a text typed slowly takes longer: `renew` then gives
        another one."""
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise _no_sense(self.origin, " (a session that cannot be carried)")
        self._token, self._renew = token, renew

    def get(self, *path: str | int, **query: Any) -> Any:
        return self._json("GET", path, query=query)

    def post(self, *path: str | int, **body: Any) -> Any:
        return self._json("POST", path, body=body)

    def put(self, *path: str | int, **body: Any) -> Any:
        return self._json("PUT", path, body=body)

    def delete(self, *path: str | int) -> Any:
        return self._json("DELETE", path)

    # Files.

    def upload(
        self, path: str | Path, sha256: str, *where: str | int, progress: Callable[[int], None]
    ) -> None:
        """Sends a sealed file in pieces, from where an earlier attempt stopped. `where` is the files' path.

        A host that has every byte and does not call the file whole is sent a piece of none, which has it look again."""
        size = Path(path).stat().st_size
        come = self.get(*where, sha256, "offset")
        done, whole = int(come.get("offset", 0)), bool(come.get("complete"))
        with Path(path).open("rb") as file:
            file.seek(done)
            while not whole:
                piece = file.read(PIECE)
                headers = {"Upload-Size": str(size), "Upload-Offset": str(done)}
                self._send(
                    "PUT", (*where, sha256), piece, headers | {"Content-Type": "application/octet-stream"}
                ).close()
                done += len(piece)
                whole = done >= size
                progress(len(piece))

    def download(
        self, target: Path, sha256: str, size: int, *where: str | int, progress: Callable[[int], None]
    ) -> None:
        """Fetches a sealed file, going on with a part already there, and checks size and hash before it is named."""
        part = target.with_name(target.name + ".part")
        done = part.stat().st_size if part.exists() else 0
        if done > size:
            part.unlink()
            done = 0
        if done < size:
            answer = self._send("GET", (*where, sha256), None, {"Range": f"bytes={done}-"} if done else {})
            with answer, part.open("ab" if answer.status == 206 else "wb") as file:
                try:
                    _copy(answer, file, size, progress)
                except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
                    raise self._unreachable(error) from error
        if part.stat().st_size < size:
            raise self._unreachable(ConnectionError("it stopped in the middle of a file"))
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            part.unlink()
            raise Stopped(
                "A sealed file arrived that is not the one its author signed; it was thrown away, nothing was opened.",
                "Try again. If it happens again, the host does not hold the right file: ask a keeper for their kit.",
                "wrong_file",
            )
        part.replace(target)

    # Beneath.

    def _json(
        self,
        method: str,
        path: tuple[str | int, ...],
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
    ) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data is not None else {}
        with self._send(method, path, data, headers, query or {}) as answer:
            try:
                raw = answer.read(LONGEST_ANSWER + 1)
            except (OSError, http.client.HTTPException) as error:
                raise self._unreachable(error) from error
        try:
            return _read(self.origin, raw) if raw else Said(self.origin, [])
        except (ValueError, RecursionError) as error:
            raise _no_sense(self.origin) from error

    def _send(
        self,
        method: str,
        path: tuple[str | int, ...],
        data: bytes | None,
        headers: dict[str, str],
        query: dict[str, Any] | None = None,
    ) -> http.client.HTTPResponse:
        url = f"{self.origin}/api/" + "/".join(quote(str(part), safe="") for part in path)
        if query:
            url += "?" + urlencode({name: value for name, value in query.items() if value is not None})
        if self._token:
            headers = headers | {"Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            answer: http.client.HTTPResponse = self._opener.open(request, timeout=TIMEOUT)
            return answer
        except urllib.error.HTTPError as error:
            refused, renew = self._refused(error), self._renew
            if refused.code != "sign_in" or renew is None:
                raise refused from error
            self._renew = None  # Meanwhile: a host that asks for it again and again is answered once.
            try:
                self.use(renew())
                return self._send(method, path, data, headers, query)
            finally:
                self._renew = renew
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Stopped:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TooSlow):
            return Stopped(
                f"The host {self.origin} answers so slowly that it was waited for no longer. Whether it heard this "
                "request is not known; what it acknowledged earlier is safe.",
                "Try again; a file goes on where it stopped. If it happens again, tell whoever runs the host.",
                "unreachable",
            )
        said = getattr(reason, "strerror", None) or reason
        if isinstance(reason, ConnectionRefusedError | socket.gaierror):
            heard = "It did not hear this request"
        else:
            heard = "Whether it heard this request is not known"
        return Stopped(
            f"The host {self.origin} cannot be reached ({said}). {heard}; what it acknowledged earlier is safe.",
            "Check the line, look at `lastwords state`, then try again.",
            "unreachable",
        )

    def _refused(self, error: urllib.error.HTTPError) -> Stopped:
        try:
            said = json.loads(error.read(LONGEST_REFUSAL))
            happened, do, code = (str(said[name])[:LONGEST_SENTENCE] for name in ("happened", "do", "code"))
            fields = [_field(one) for one in said.get("fields") or []]
            do += f" It names: {', '.join(fields)}."[:LONGEST_SENTENCE] if fields else ""
            return Stopped(*map(fit_for_terminal, (happened, do, code)))
        except (ValueError, KeyError, TypeError, RecursionError, OSError, http.client.HTTPException):
            return _no_sense(self.origin, f" (HTTP {error.code})")


def _field(one: dict[str, Any]) -> str:
    """A field that a refusal names, and what may stand there if the host says it."""
    name, allowed = str(one["field"]).rpartition(".")[2], one.get("allowed")
    return f"{name} ({allowed})" if allowed else name


def _copy(
    answer: http.client.HTTPResponse, file: IO[bytes], size: int, progress: Callable[[int], None]
) -> None:
    """Copies at most `size` bytes in all; a host cannot fill the disk with more than was signed."""
    done = file.tell()
    while done < size and (piece := answer.read1(min(PIECE, size - done))):
        file.write(piece)
        done += len(piece)
        progress(len(piece))


class Said(dict[str, Any]):
    """An object of the host's answer. A member that it should have and has not ends the command with a refusal."""

    def __init__(self, origin: str, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        self.origin = origin
        if len(self) != len(members):
            raise ValueError("a member is named twice")

    def text(self, name: str) -> str:
        """A member that must be a text."""
        value = self[name]
        if not isinstance(value, str):
            raise _no_sense(self.origin, f" ({name} is no text)")
        return value

    def data(self, name: str) -> bytes:
        """A member that must be bytes, in base64."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError) as error:
            raise _no_sense(self.origin, f" ({name} is no base64)") from error

    def count(self, name: str) -> int:
        """A member that must be a whole number, none below nothing."""
        value = self[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _no_sense(self.origin, f" ({name} is no number)")
        return value

    def rows(self, name: str) -> "list[Said]":
        """A member that must be a list of objects."""
        value = self[name]
        if not isinstance(value, list) or not all(isinstance(one, Said) for one in value):
            raise _no_sense(self.origin, f" ({name} is no list of what it should be)")
        return value

    def names(self, name: str) -> list[str]:
        """A member that must be a list of texts."""
        value = self[name]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _no_sense(self.origin, f" ({name} is no list of names)")
        return value

    def __missing__(self, name: str) -> Any:
        raise _no_sense(self.origin, f" (it says nothing of {name})")


class Listed(list[Any]):
    """A list that the host answered with. Asked for a member, as if it were an object, it ends the command likewise."""

    def __init__(self, origin: str, rows: list[Any]) -> None:
        super().__init__(rows)
        self.origin = origin

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, str):
            raise _no_sense(self.origin, " (a list where an object belongs)")
        return super().__getitem__(place)


def _read(origin: str, raw: bytes) -> Any:
    """The value of an answer: JSON without second spellings. Raises ValueError or RecursionError."""
    if len(raw) > LONGEST_ANSWER:
        raise ValueError("too long")

    def no_number(text: str) -> Any:
        raise ValueError(f"{text} is no number")

    value = json.loads(raw, object_pairs_hook=lambda members: Said(origin, members), parse_constant=no_number)
    if isinstance(value, Said):
        return value
    if isinstance(value, list):
        return Listed(origin, value)
    raise ValueError("neither an object nor a list")


def _no_sense(origin: str, detail: str = "") -> Stopped:
    return Stopped(
        f"{origin} answered something that a host of Last Words does not say{detail}.",
        "Check the address; if it is right, tell whoever runs the host.",
        "no_sense",
    )
