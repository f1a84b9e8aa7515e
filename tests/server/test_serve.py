"""The real thing: real processes, a real database, a real mail server; killed at will, and started again."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

import pytest
from aiosmtpd.controller import Controller
from server.cluster import cluster

from lastwords.protocol.moments import DAY, HOUR

PATIENCE = 40.0
"""Seconds that a busy machine may take for what usually takes one."""
LASTWORDS = [sys.executable, "-c", "from lastwords.cli.main import main; main()"]


def a_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, because, patience=PATIENCE):
    """Waits until `what()` is truthy and returns it; a test that waits in vain says for what."""
    deadline, pause = time.monotonic() + patience, threading.Event()
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError(f"waited in vain: {because}")


class Mailbox:
    def __init__(self):
        self.arrived = []

    async def handle_DATA(self, server, session, envelope):
        self.arrived.append(envelope.content.decode())
        return "250 kept"


class Host:
    """One host in a folder of its own, with its mailbox: a demonstration, unless `kind` says how else it is founded."""

    def __init__(self, data, database="", kind=("--demo",)):
        self.data, self.port = data, a_port()
        self.mailbox = Mailbox()
        smtp = a_port()
        self.mail = Controller(self.mailbox, hostname="127.0.0.1", port=smtp)
        self.mail.start()
        self.process = None
        self.run(
            *("host", "init", "--data", data, "--origin", f"http://127.0.0.1:{self.port}", *kind),
            *("--bind", f"127.0.0.1:{self.port}", "--smtp", f"127.0.0.1:{smtp}"),
            *("--mail-from", "words@example.org", "--host-mail", "host@example.org"),
            *(("--database", database) if database else ()),
        )

    def run(self, *arguments, check=True):
        command = [*LASTWORDS, *(str(argument) for argument in arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=check)

    def serve(self):
        command = [*LASTWORDS, "host", "serve", "--data", str(self.data)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: self.get("/health")[0] == 200, "the host to be well")

    def get(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except (OSError, ValueError):
            return 0, None

    def parts(self):
        """Process id -> module, for every process of this host."""
        found = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    environment = file.read()
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    command = file.read().split(b"\0")
            except OSError:
                continue
            if f"LASTWORDS_DATA={self.data}".encode() in environment.split(b"\0"):
                found[int(name)] = next(
                    (part.decode() for part in command if b"lastwords.server." in part), ""
                )
        return found

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        code, self.process.stderr = self.process.returncode, self.process.stderr.close()
        return code

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        self.mail.stop()


@pytest.fixture(scope="module")
def host(database, tmp_path_factory):
    where = cluster().address(cluster().empty()) if database == "postgresql" else ""
    host = Host(tmp_path_factory.mktemp("served") / "data", where)
    try:
        host.serve()
        yield host
    finally:
        host.close()


def test_a_served_host_is_well_and_says_so(host):
    status, state = host.get("/health")
    assert (status, state["well"], state["demo"]) == (200, True, True)
    assert host.get("/api/health")[0] == 200


def test_the_demonstrations_clock_moves_by_real_rounds(host):
    status, moved = host.get("/api/demo/clock", {"seconds": 2 * DAY})
    assert (status, moved["steps"]) == (200, 48)
    assert 0 <= moved["earned"] - 2 * DAY < 60, "and the seconds that really passed meanwhile"
    status, jumped = host.get("/api/demo/clock", {"jump": 40 * DAY})
    assert (jumped["earned"], jumped["why"]) == (0, "clocks_disagree")
    assert host.get("/health")[0] == 503, "a doubted clock is not well"
    host.get("/api/demo/clock", {"jump": -40 * DAY})
    host.get("/api/demo/clock", {"seconds": 60})
    assert host.get("/health")[0] == 200
    wait_for(
        lambda: any("The clock of the service was doubted" in m for m in host.mailbox.arrived),
        "the host's letter",
    )


def test_a_second_server_on_the_same_folder_is_refused(host):
    refused = host.run("host", "serve", "--data", host.data, check=False)
    assert refused.returncode == 1
    assert "served already" in refused.stderr
    assert host.get("/health")[0] == 200


@pytest.mark.parametrize("part", ["lastwords.server.web", "lastwords.server.work"])
def test_a_part_that_is_killed_is_started_again(host, part):
    before = {pid for pid, name in host.parts().items() if name == part}
    os.kill(min(before), signal.SIGKILL)
    wait_for(
        lambda: {pid for pid, name in host.parts().items() if name == part} - before, f"{part} to be back"
    )
    wait_for(lambda: host.get("/health")[0] == 200, "the host to be well again")


def test_the_web_servers_own_worker_may_be_killed_too(host):
    web = sorted(pid for pid, name in host.parts().items() if name == "lastwords.server.web")
    os.kill(web[-1], signal.SIGKILL)
    wait_for(
        lambda: host.get("/health")[0] == 200 and web[-1] not in host.parts(), "the host to be well again"
    )


def test_after_a_kill_of_the_whole_host_nothing_is_left_running_and_nothing_acknowledged_is_lost(host):
    _, moved = host.get("/api/demo/clock", {"seconds": HOUR})
    code = host.run("host", "join-code", "--data", host.data, "--json")
    host.stop(signal.SIGKILL)
    wait_for(lambda: not host.parts(), "every process of the host to be gone")
    host.serve()
    _, state = host.get("/health")
    assert state["credit"]["seconds"] >= moved["credit"]
    assert state["now"] >= moved["wall"]
    assert json.loads(code.stdout)["code"]
    verified = host.run("log", "verify", "--data", host.data, "--json")
    assert json.loads(verified.stdout)["whole"]


def test_a_stopped_host_ends_with_all_its_parts_and_starts_again(host):
    assert host.stop() == 0
    assert host.parts() == {}
    host.serve()


def test_the_exported_log_of_a_served_host_verifies_elsewhere(host, tmp_path):
    out = tmp_path / "log.jsonl"
    host.run("log", "export", "--data", host.data, "--out", out)
    verified = host.run("log", "verify", out, "--json")
    assert json.loads(verified.stdout)["whole"]


def test_a_broken_folder_stops_the_command_with_what_happened_and_what_to_do(tmp_path):
    refused = subprocess.run(
        [*LASTWORDS, "host", "serve", "--data", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 2


def test_a_running_server_has_nothing_of_ours_but_protocol_signing_and_itself(host):
    """Both processes' modules, with one request answered: `sealing` in it would be a way to read words."""
    script = (
        "import sys, io\n"
        "import lastwords.server.gate.worker, lastwords.server.wsgi as web\n"
        "import lastwords.server.work, lastwords.server.rounds\n"
        "web.application({'REQUEST_METHOD': 'GET', 'PATH_INFO': '/api/openapi.json', 'SERVER_NAME': 'localhost',"
        " 'SERVER_PORT': '80', 'wsgi.input': io.BytesIO(), 'wsgi.url_scheme': 'http'}, lambda *a: None)\n"
        "print('\\n'.join(sorted(m for m in sys.modules if m.startswith('lastwords'))))\n"
    )
    environment = {**os.environ, "LASTWORDS_DATA": str(host.data)}
    listed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    ).stdout.split()
    rooms = {".".join(name.split(".")[:2]) for name in listed}
    assert rooms == {"lastwords", "lastwords.protocol", "lastwords.signing", "lastwords.server"}
    assert "lastwords.server.api" in listed


# Two hosts, each with its own folder and processes, on one PostgreSQL database.


class Twin(Host):
    """A second machine's host: the first one's settings and secret, a port of its own, one folder of sealed files."""

    def __init__(self, first, data):
        self.data, self.port, self.mailbox = data, a_port(), first.mailbox
        self.process = None
        data.mkdir()
        for name in ("settings.toml", "secret", "begun"):
            shutil.copy(first.data / name, data / name)
        settings = (data / "settings.toml").read_text()
        old, new = (f'bind = "127.0.0.1:{port}"' for port in (first.port, self.port))
        (data / "settings.toml").write_text(settings.replace(old, new))
        (data / "files").symlink_to(first.data / "files")

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()


MANY = 60
LETTERS = f"""
INSERT INTO letter (ident, row, kind, "to", round, "case", facts, stage, attempts, next_try, lease, written,
                    written_credit, taken, reported)
SELECT lpad(to_hex(n), 32, '0'), 0, 'clock_doubted', 'host', 0, 0, '{{"why": "x"}}', 'written', 0, 1, 0, 1, 1, 0, ''
FROM generate_series(1, {MANY}) AS n
"""


def holder(database):
    rows = cluster().tell("SELECT holder FROM lease WHERE until > extract(epoch FROM now())", database)
    return rows[0][0] if rows else ""


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_two_hosts_on_one_database_send_every_letter_once_and_one_follows_the_other(
    database, tmp_path, figure
):
    name = cluster().empty()
    first = Host(tmp_path / "first", cluster().address(name))
    second = Twin(first, tmp_path / "second")
    try:
        first.serve()
        second.serve()
        keeps_time = wait_for(lambda: holder(name), "somebody to keep time")
        cluster().tell(LETTERS, name)
        wait_for(lambda: len(first.mailbox.arrived) >= MANY, "all letters to arrive")
        first.stop()
        wait_for(lambda: holder(name) not in ("", keeps_time), "the other host to keep time")
        wait_for(lambda: second.get("/health")[0] == 200, "the other host to be well")
        letters = Counter(re.search(r"(?im)^message-id: (\S+)", text)[1] for text in first.mailbox.arrived)
        assert set(letters.values()) == {1} and len(letters) >= MANY
        assert cluster().tell("SELECT count(*) FROM pulse", name) == [(1,)]
        assert json.loads(second.run("log", "verify", "--data", second.data, "--json").stdout)["whole"]
    finally:
        second.close()
        first.close()
