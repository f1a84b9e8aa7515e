"""The client believes no host: not its address, its answers, its redirections, or its files."""

import contextlib
import hashlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lastwords.cli import client
from lastwords.cli.client import Host, read_origin
from lastwords.cli.errors import Stopped


@pytest.mark.parametrize(
    "text",
    ["https://words.example.org", "https://words.example.org/", "http://127.0.0.1:8443", "http://localhost", "http://[::1]:80"],
)  # fmt: skip
def test_an_origin_is_https_or_this_machine(text: str) -> None:
    assert read_origin(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text", ["http://words.example.org", "http://192.168.1.4:8443", "http://127.0.0.1.example.org"]
)
def test_plain_http_to_another_machine_is_refused(text: str) -> None:
    with pytest.raises(Stopped) as stopped:
        read_origin(text)
    assert stopped.value.code == "plain_http"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words.example.org",
        "ftp://x",
        "https://",
        "https://x/y",
        "https://a@b",
        "https://x:y",
        "file:///etc",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(Stopped) as stopped:
        read_origin(text)
    assert stopped.value.code == "origin"


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def a_host_that(answers: Answer) -> Iterator[Host]:
    """A host that answers every request as the test says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers(self)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Host(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def said(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_a_refusal_of_the_host_is_shown_in_its_own_words() -> None:
    body = b'{"code": "not_found", "happened": "Nothing is here.", "do": "Look elsewhere."}'
    with a_host_that(lambda handler: said(handler, 404, body)) as host, pytest.raises(Stopped) as stopped:
        host.get("me")
    assert (stopped.value.code, stopped.value.happened, stopped.value.do) == (
        "not_found",
        "Nothing is here.",
        "Look elsewhere.",
    )


def test_fields_that_a_refusal_names_are_shown() -> None:
    body = (
        b'{"code": "malformed", "happened": "No.", "do": "Correct them.", '
        b'"fields": [{"field": "body.body.handle", "wrong": "x"}, {"field": "body.body.zone", "wrong": "y"}]}'
    )
    with a_host_that(lambda handler: said(handler, 422, body)) as host, pytest.raises(Stopped) as stopped:
        host.get("me")
    assert stopped.value.do == "Correct them. It names: handle, zone."


OVER = b'{"code": "sign_in", "happened": "Not any more.", "do": "Sign in."}'


def test_a_session_that_ran_out_is_renewed_and_the_request_made_again() -> None:
    def answers(handler: BaseHTTPRequestHandler) -> None:
        fresh = handler.headers["Authorization"] == "Bearer second"
        said(handler, 200 if fresh else 401, b'{"heard": true}' if fresh else OVER)

    with a_host_that(answers) as host:
        host.use("first", lambda: "second")
        assert host.get("me") == {"heard": True}


def test_a_host_that_always_asks_for_another_session_is_answered_once_for_each_request() -> None:
    made: list[int] = []

    def another() -> str:
        made.append(len(made))
        return f"session {len(made)}"

    with a_host_that(lambda handler: said(handler, 401, OVER)) as host:
        host.use("first", another)
        for asked in (1, 2):
            with pytest.raises(Stopped, match="Not any more"):
                host.get("me")
            assert len(made) == asked


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html>"), (200, b"{"), (500, b"oops"), (404, b"{}"), (502, b'["x"]')]
)
def test_an_answer_that_makes_no_sense_is_named_as_such(status: int, body: bytes) -> None:
    with a_host_that(lambda handler: said(handler, status, body)) as host, pytest.raises(Stopped) as stopped:
        host.get("me")
    assert stopped.value.code == "no_sense"


def test_a_redirection_is_not_followed_and_the_session_goes_nowhere_else() -> None:
    reached = []
    with a_host_that(
        lambda handler: reached.append(handler.headers) or said(handler, 200, b"{}")
    ) as elsewhere:
        away = f"{elsewhere.origin}/api/me"
        with a_host_that(lambda handler: said(handler, 302, b"", Location=away)) as host:
            host.use("a token")
            with pytest.raises(Stopped) as stopped:
                host.get("me")
    assert stopped.value.code == "no_sense" and reached == []


def test_a_host_that_cannot_be_reached_is_told_in_two_parts() -> None:
    with a_host_that(lambda handler: None) as host:
        pass
    with pytest.raises(Stopped) as stopped:
        host.get("me")
    assert stopped.value.code == "unreachable" and stopped.value.do
    assert "It did not hear this request" in stopped.value.happened


def test_whether_a_host_that_hangs_up_has_heard_is_not_claimed() -> None:
    with a_host_that(lambda handler: handler.connection.close()) as host, pytest.raises(Stopped) as stopped:
        host.get("me")
    assert "Whether it heard this request is not known" in stopped.value.happened


def test_a_part_of_a_path_cannot_leave_its_place() -> None:
    asked = []
    with a_host_that(lambda handler: asked.append(handler.path) or said(handler, 200, b"{}")) as host:
        host.get("watches", "../me", "a/b?c#d")
    assert asked == ["/api/watches/..%2Fme/a%2Fb%3Fc%23d"]


def test_an_endless_answer_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_ANSWER", 1000)
    with (
        a_host_that(lambda handler: said(handler, 200, b" " * 5000 + b"{}")) as host,
        pytest.raises(Stopped) as stopped,
    ):
        host.get("me")
    assert stopped.value.code == "no_sense"


# A host that sends a byte now and then, and never ends.


def dripping(head: bytes) -> Answer:
    """Says its lines and then a byte at a time, until nobody listens any more."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        with contextlib.suppress(OSError):
            while not STOPPED.wait(0.01):
                handler.wfile.write(b" ")

    return drip


STOPPED = threading.Event()
ENDLESS = b"HTTP/1.1 200 Fine\r\nContent-Length: 9999999\r\n"
DRIPS = {
    "in its first line": b"HTTP/1.1 200 ",
    "in its headers": ENDLESS + b"X: ",
    "in what it says": ENDLESS + b"\r\n",
}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.2)


@pytest.mark.parametrize("head", DRIPS.values(), ids=DRIPS)
def test_a_host_that_drips_is_waited_for_no_longer_than_one_answer_may_take(head: bytes, short: None) -> None:
    with a_host_that(dripping(head)) as host, pytest.raises(Stopped) as stopped:
        host.get("me")
    assert stopped.value.code == "unreachable" and "so slowly" in stopped.value.happened


def test_a_refusal_that_drips_is_waited_for_no_longer_either(short: None) -> None:
    head = b"HTTP/1.1 409 No\r\nContent-Length: 9999\r\n\r\n{"
    with a_host_that(dripping(head)) as host, pytest.raises(Stopped) as stopped:
        host.get("me")
    assert stopped.value.code == "no_sense"


def test_of_a_file_that_drips_what_came_is_kept_to_go_on_from(short: None, tmp_path: Path) -> None:
    with a_host_that(dripping(ENDLESS + b"\r\n" + DATA[:4000])) as host, pytest.raises(Stopped) as stopped:
        fetched(host, tmp_path / "file", size=10**6)
    assert stopped.value.code == "unreachable"
    assert (tmp_path / "file.part").read_bytes().startswith(DATA[:4000])


def test_what_has_come_earns_time_for_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten pieces, each two thirds of an answer's time after the one before; then a drop where a piece was."""
    monkeypatch.setattr(client, "SLOWEST", 1)
    step = round(client.PATIENCE * 2 / 3)
    clock = itertools.count(0, step)
    host, ours = socket.socketpair()
    with host, ours, client.InTime(ours, lambda: next(clock)) as coming:
        for _ in range(10):
            host.sendall(b"x" * step)
            assert coming.read(step) == b"x" * step
        host.sendall(b"x" * 10)
        assert coming.read(10) == b"x" * 10
        with pytest.raises(client.TooSlow):
            coming.read(10)


# Files.

DATA = bytes(range(256)) * 40
SHA256 = hashlib.sha256(DATA).hexdigest()


def fetched(host: Host, target: Path, sha256: str = SHA256, size: int = len(DATA)) -> None:
    host.download(target, sha256, size, "files", progress=lambda count: None)


def test_a_file_that_broke_off_is_fetched_on_from_where_it_stopped(tmp_path: Path) -> None:
    ranges = []

    def answers(handler: BaseHTTPRequestHandler) -> None:
        ranges.append(handler.headers["Range"])
        said(handler, 206, DATA[4000:])

    (tmp_path / "file.part").write_bytes(DATA[:4000])
    with a_host_that(answers) as host:
        fetched(host, tmp_path / "file")
    assert ranges == ["bytes=4000-"] and (tmp_path / "file").read_bytes() == DATA


def test_a_host_without_ranges_gives_the_file_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(DATA[:4000])
    with a_host_that(lambda handler: said(handler, 200, DATA)) as host:
        fetched(host, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == DATA


def test_another_file_of_the_same_size_is_thrown_away(tmp_path: Path) -> None:
    with (
        a_host_that(lambda handler: said(handler, 200, bytes(len(DATA)))) as host,
        pytest.raises(Stopped) as stopped,
    ):
        fetched(host, tmp_path / "file")
    assert stopped.value.code == "wrong_file" and list(tmp_path.iterdir()) == []


def test_a_host_cannot_fill_the_disk_with_more_than_was_signed(tmp_path: Path) -> None:
    with a_host_that(lambda handler: said(handler, 200, DATA + bytes(10**6))) as host:
        fetched(host, tmp_path / "file")
    assert (tmp_path / "file").stat().st_size == len(DATA)


def test_a_file_that_ends_too_early_is_kept_as_a_part_and_not_named(tmp_path: Path) -> None:
    with (
        a_host_that(lambda handler: said(handler, 200, DATA[:100])) as host,
        pytest.raises(Stopped) as stopped,
    ):
        fetched(host, tmp_path / "file")
    assert stopped.value.code == "unreachable"
    assert [path.name for path in tmp_path.iterdir()] == ["file.part"]
