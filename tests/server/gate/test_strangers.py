"""What strangers can make the gate hold: bounded memory and bounded time, and everybody else is served."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from server.conftest import a_folder, lay
from server.gate.knocking import Protocol, Request, a_press, ask, by_itself, to_its_end
from server.test_serve import a_port, wait_for

from lastwords.server import settings as server_settings

MANY = 40
SLOW = b"POST /api/watches/kakashi/check-ins HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
MEGABYTE = 1 << 20


class Away(Protocol):
    """Somebody who announces a body and sends none."""

    async def __call__(self) -> bytes:
        await asyncio.Event().wait()
        return b""


def test_a_body_that_does_not_come_is_not_waited_for(house):
    from lastwords.server.gate.front import Front

    request = Request("/api/watches/kakashi/check-ins", b"x")

    async def run() -> object:
        front, loop, protocol = Front(patience=0.01), asyncio.get_running_loop(), Away(b"")
        front.__rsgi_init__(loop)
        await front.__rsgi__(request.scope(), protocol)
        await asyncio.to_thread(front.__rsgi_del__, loop)
        assert (front.places.open, front.places.held, dict(front.places.senders)) == (0, 0, {})
        return protocol.answer

    status, _, body = to_its_end(run())
    assert (status, json.loads(body)["code"]) == (408, "too_slow")


class Dripping(Protocol):
    """Somebody whose body does not come before `at_last`."""

    def __init__(self, at_last: asyncio.Event) -> None:
        super().__init__(b"")
        self.at_last = at_last

    def __aiter__(self) -> "Dripping":
        return self

    async def __anext__(self) -> bytes:
        await self.at_last.wait()
        raise StopAsyncIteration


def test_one_sender_cannot_keep_others_from_sending_large_bodies(house):
    from lastwords.server.gate.front import SMALL, Front

    def large(sender: str) -> Request:
        return Request("/api/files/x", b"x" * (SMALL + 1), {"x-forwarded-for": sender}, method="PUT")

    async def run() -> list[object]:
        front, loop, at_last = Front(pages=reads, patience=60), asyncio.get_running_loop(), asyncio.Event()
        front.__rsgi_init__(loop)
        slow = [Dripping(at_last) for _ in range(server_settings.current().threads)]
        asking = [asyncio.create_task(front.__rsgi__(large("10.0.0.1").scope(), one)) for one in slow]
        await asyncio.sleep(0)
        other = Protocol(large("10.0.0.2").body)
        await front.__rsgi__(large("10.0.0.2").scope(), other)
        assert all(one.answer is None for one in slow), "those are still under way"
        at_last.set()
        await asyncio.gather(*asking)
        await asyncio.to_thread(front.__rsgi_del__, loop)
        return [one.answer for one in (other, *slow)]

    (status, _, body), *rest = to_its_end(run())
    assert (status, int(body)) == (200, SMALL + 1)
    assert [status for status, _, _ in rest] == [200] * len(rest)


@pytest.mark.parametrize(
    ("method", "path", "taken"),
    [
        ("PUT", "/api/files/x", True),
        ("POST", "/api/watches/kakashi/case/statements", True),
        ("PUT", "/api/me/pins", True),
        ("POST", "/api/watches/kakashi/check-ins", False),
        ("POST", "/api/challenges", False),
        ("POST", "/api/people", False),
        ("POST", "/code", False),
        ("POST", "/account/channels", False),
    ],
)
def test_a_large_body_is_taken_only_where_it_is_asked_first_who_sends_it(house, method, path, taken):
    """A form of a page would lay it into a temporary file, whoever sends it and however long it is."""
    from lastwords.server.gate.front import SMALL, Front

    asked = []

    def pages(environ: dict[str, object], start: object) -> object:
        asked.append(environ["PATH_INFO"])
        return reads(environ, start)

    request = Request(path, b"x" * (SMALL + 1), {"content-type": "multipart/form-data"}, method=method)

    async def run() -> object:
        front, loop = Front(pages=pages), asyncio.get_running_loop()
        front.__rsgi_init__(loop)
        protocol = Protocol(request.body)
        asked.clear()
        await front.__rsgi__(request.scope(), protocol)
        await asyncio.to_thread(front.__rsgi_del__, loop)
        return protocol.answer

    status, headers, body = to_its_end(run())
    assert (status, asked) == ((200, [path]) if taken else (413, []))
    if not taken:
        assert (json.loads(body)["code"] == "too_large") if path.startswith("/api/") else b"<h1" in body


def reads(environ: dict[str, object], start: object) -> object:
    """An application that says how many bytes came."""
    taken = 0
    while piece := environ["wsgi.input"].read(65_536):
        taken += len(piece)
    start("200 OK", [])
    return Answered([str(taken).encode()])


class Answered(list):
    """What a WSGI application gives back."""

    def close(self) -> None:
        """There is nothing to end."""


def test_one_sender_has_a_share_of_the_places_and_another_is_still_let_in():
    from lastwords.server.gate.front import HELD, OPEN, SHARE, Places

    places = Places()
    with ExitStack() as inside:
        for _ in range(OPEN // SHARE):
            inside.enter_context(places.taken("flood", 1))
        assert not places.has_room("flood", 1)
        assert places.has_room("elsewhere", 1)
        assert not places.has_room("elsewhere", HELD)
        for number in range(OPEN):
            if places.has_room(f"sender {number}", 1):
                inside.enter_context(places.taken(f"sender {number}", 1))
        assert places.open == OPEN and not places.has_room("nobody yet", 1)
    assert (places.open, places.held, dict(places.senders)) == (0, 0, {})


def test_a_proxy_on_this_machine_says_who_sent_it_and_nobody_else_does():
    from lastwords.server.gate.front import _sender

    def sender(client: str, named: str) -> str:
        return _sender(SimpleNamespace(client=client, headers={"x-forwarded-for": named} if named else {}))

    assert sender("127.0.0.1:5", "6.6.6.6, 10.0.0.9") == "10.0.0.9"
    assert sender("[::1]:5", "") == "::1"
    assert sender("10.0.0.7:5", "10.0.0.9") == "10.0.0.7"


def test_whoever_has_a_whole_ipv6_network_is_one_sender():
    """One line at home has more addresses than there are places."""
    from lastwords.server.gate.front import _sender

    def sender(client: str, **headers: str) -> str:
        return _sender(SimpleNamespace(client=client, headers=headers))

    assert sender("[2001:db8:1:2::1]:5") == sender("[2001:db8:1:2:ffff:ffff:ffff:ffff]:5")
    assert sender("[2001:db8:1:2::1]:5") != sender("[2001:db8:1:3::1]:5")
    assert sender("127.0.0.1:5", **{"x-forwarded-for": "2001:db8:1:2::9"}) == sender("[2001:db8:1:2::1]:5")
    assert sender("[::ffff:10.0.0.7]:5") == sender("10.0.0.7:5") != sender("[::ffff:10.0.0.8]:5")
    assert sender("[::1]:5") == "::1"


def test_while_strangers_take_every_place_nobodys_silence_counts_until_a_pulse_has_passed(house, monkeypatch):
    """They let go for the moment in which the host looks, and the author's sign would be kept out all the same."""
    from lastwords.server import health, work
    from lastwords.server.gate import worker

    assert health.report()["gate"]["takes"]
    front, request = worker.Front(kept_out=worker.application.kept_out), Request("/api/me", b"x")
    front.ready = SimpleNamespace(refused=lambda code, path: code)
    with ExitStack() as inside:
        for _ in range(64):
            inside.enter_context(front.places.taken("127.0.0.1", 1))
        assert to_its_end(front._answer(request.scope(), Protocol(b"x"))) == "busy"
        assert health.report()["gate"]["takes"], (
            "one who floods keeps out themselves, and stops nobody's clocks"
        )
    with ExitStack() as inside:
        for sender in ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"):
            for _ in range(64):
                inside.enter_context(front.places.taken(sender, 1))
        assert to_its_end(front._answer(request.scope(), Protocol(b"x"))) == "busy"
    said = health.report()
    assert not said["gate"]["takes"] and not said["well"]
    assert said["gate"]["turned_away_ago"] < 60
    assert health.gate(-60)["takes"], "after a pulse"
    monkeypatch.setattr(work, "answers", lambda chosen: said)
    assert not work.hears(server_settings.current())
    said["gate"] = health.gate(-60)
    assert work.hears(server_settings.current())


def test_whoever_asked_for_a_page_is_refused_by_a_page(house):
    from lastwords.server.gate.bridge import Bridge
    from lastwords.server.gate.ready import Ready
    from lastwords.server.wsgi import application

    ready = Ready(Bridge(application, 1))
    for path, kind in (("/home", "text/html; charset=utf-8"), ("/api/me", "application/json; charset=utf-8")):
        said = ready.refused("busy", path)
        headers = {name.lower(): value for name, value in said.headers}
        assert (said.status, headers["content-type"], headers["retry-after"]) == (503, kind, "1")
        assert b"Send it again." in said.body and "content-security-policy" in headers


def test_an_answer_of_the_gate_has_the_headers_of_every_answer_of_the_api(house, crowd):
    (name, phone), *_ = crowd.items()
    kept, left = [
        ask([a_press(name, phone.presses(house.now().wall, author=name))], **how)[0]
        for how in ({}, {"settle": by_itself})
    ]
    assert (kept[0], left[0]) == (200, 200)
    assert kept[1] == left[1] and kept[1]["cache-control"] == "no-store"


# The same over real sockets, with a server of its own.


@contextmanager
def serving(migrated: Path, data: Path, origin: str = "http://127.0.0.1:8443"):
    """The web server alone, as `lastwords host serve` starts it. Gives its port and its worker's process id."""
    port = a_port()
    a_folder(data)
    lay(migrated, data)
    path = data / "settings.toml"
    chosen = path.read_text().replace("http://127.0.0.1:8443", origin)
    path.write_text(chosen.replace("127.0.0.1:8443", f"127.0.0.1:{port}"))
    server_settings.read(data)
    environment = {**os.environ, server_settings.DATA: str(data)}
    process = subprocess.Popen([sys.executable, "-m", "lastwords.server.web"], env=environment)
    try:
        wait_for(lambda: asked(port) is not None, "the web server to answer")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def web(migrated: Path, tmp_path_factory: pytest.TempPathFactory):
    with serving(migrated, tmp_path_factory.mktemp("web") / "data") as served:
        yield served


def asked(port: int) -> dict[str, object] | None:
    """What it says of itself, if it answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)
    except OSError:
        return None


def connected(port: int, begun: bytes) -> socket.socket:
    own = socket.create_connection(("127.0.0.1", port), timeout=20)
    own.sendall(begun)
    return own


def memory(pid: int) -> int:
    """Bytes that a process and what it has started hold."""
    total = 0
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parent = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if pid in (int(place.name), parent):
                    total += int((place / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                continue
    return total


@pytest.mark.parametrize(
    ("begun", "what"),
    [
        (SLOW + b"Content-Length: 500\r\n\r\n{", "half a body"),
        (SLOW, "half a head"),
        (b"", "nothing at all"),
        (
            b"PUT /api/files/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 5000,
            "a large body",
        ),
    ],
    ids=["body", "head", "silent", "large"],
)
def test_many_who_send_only_a_part_keep_nobody_else_from_being_served(web, begun, what):
    port, _ = web
    there = [connected(port, begun) for _ in range(MANY)]
    try:
        assert asked(port) is not None, f"{MANY} connections with {what} kept everybody out"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/me", timeout=20)
        assert refused.value.code == 401
    finally:
        for one in there:
            one.close()


def test_an_oversized_head_is_refused_and_the_connection_ended(web):
    port, _ = web
    with connected(port, SLOW + b"X-Long: " + b"x" * 100_000) as own:
        try:
            own.sendall(b"x" * MEGABYTE)
            answer = own.recv(4096)
        except ConnectionError:
            answer = b""
    assert answer == b"" or answer.split()[1] == b"431"
    assert asked(port) is not None


def test_many_who_announce_large_bodies_are_not_held_in_memory(web):
    port, pid = web
    before = memory(pid)
    begun = b"PUT /api/files/x HTTP/1.1\r\nHost: a\r\nContent-Length: 200000000\r\n\r\n"
    there = [connected(port, begun) for _ in range(MANY)]
    try:
        for one in there:
            one.setblocking(False)
            for _ in range(4):
                try:
                    one.send(b"x" * MEGABYTE)
                except (BlockingIOError, ConnectionError):
                    break
        assert asked(port) is not None
        assert memory(pid) - before < MANY * MEGABYTE
    finally:
        for one in there:
            one.close()
