"""Three nodes as a host would run them: on each machine etcd, Patroni and the PostgreSQL that Patroni looks after.

Replication is synchronous and strict: a commit is acknowledged once a second machine has it on its disk, and while
there is no second machine nothing is acknowledged. Everything that leaves a machine travels under TLS with the name
checked, as `database` asks for it.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psycopg
from server.cluster import memory, somebody
from server.faults.jumps import WallClock

from lastwords.server.databases import pg_tools

from .network import MACHINES, Machine, answers

PATRONI = Path(__file__).parents[2] / ".cluster" / "bin" / "patroni"
"""In an environment of its own (`scripts/setup cluster`). Debian 12's must not be used: docs/cluster.md says why."""
SCOPE, DATABASE, ROLE, PASSWORD = "lastwords", "lastwords", "lastwords", "not a secret"
TTL, LOOP, RETRY = 30, 5, 10
"""Patroni's own times, in seconds: how long a leader's word is good, how often it looks, how long it asks again."""
WAIT = threading.Event()
"""Never set: what is waited for here happens in other processes."""
ETCD = {"heartbeat-interval": "150", "election-timeout": "1500"}
"""Milliseconds. A new leader of etcd gives every key its whole time again, so an election comes on top of `ttl`."""
SETTINGS = {
    "synchronous_commit": "on",
    "max_connections": 60,
    "shared_buffers": "64MB",
    "wal_keep_size": "512MB",
    "wal_log_hints": "on",
    "hot_standby": "on",
    # A walsender or a client that has vanished is noticed before Patroni's word runs out.
    "tcp_user_timeout": "5s",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "wal_sender_timeout": "10s",
    "wal_receiver_timeout": "10s",
}


@dataclass
class Node:
    """One machine's part of the cluster, and the processes on it."""

    machine: Machine
    place: Path
    etcd: "subprocess.Popen[bytes] | None" = None
    patroni: "subprocess.Popen[bytes] | None" = None

    @property
    def name(self) -> str:
        return self.machine.name

    @property
    def clock(self) -> WallClock:
        """By how much the clock of its PostgreSQL is wrong from its next start on; without that file it is right."""
        return WallClock(self.place / "offset")

    @property
    def data(self) -> Path:
        return self.place / "postgresql"

    def postmaster(self) -> int | None:
        """The process id of PostgreSQL's first process."""
        try:
            number = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return number if Path(f"/proc/{number}").exists() else None

    def kill(self) -> None:
        """Every process of the node at once, as when its power goes."""
        victims = [one.pid for one in (self.etcd, self.patroni) if one]
        first = self.postmaster()
        if first is not None:
            # The children first: they would look for their parent's end and tidy up.
            children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
            victims = [first, *map(int, children), *victims]
        for number in victims:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for one in (self.etcd, self.patroni):
            if one:
                one.wait()
        self.etcd = self.patroni = None


@dataclass
class Nodes:
    """The cluster. `synchronous` False is the planted fault."""

    synchronous: bool = True
    folder: Path = field(init=False)
    nodes: list[Node] = field(init=False)

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lastwords-nodes-", dir=memory()))
        self.folder.chmod(0o755)
        self.nodes = [Node(machine, self.folder / machine.name) for machine in MACHINES]
        authority = Authority(self.folder / "authority.pem")
        for node in self.nodes:
            node.place.mkdir()
            authority.sign(node.machine.address, node.place)
            tools = self._tools(node)
            (node.place / "patroni.yml").write_text(json.dumps(self._patroni(node, tools), indent=1))
            for path in (node.place, *node.place.iterdir()):
                shutil.chown(path, somebody())

    # Their settings.

    def _tools(self, node: Node) -> Path:
        """Where Patroni finds PostgreSQL's programs: a folder of its own, in which `postgres` starts under a wrong
        clock once the node has been told how wrong."""
        found = pg_tools.find("pg_controldata")
        assert found, "PostgreSQL is not on this machine"
        real = Path(found).resolve().parent
        tools = node.place / "bin"
        tools.mkdir()
        for tool in real.iterdir():
            (tools / tool.name).symlink_to(tool)
        wrong = " ".join(f"{name}={value}" for name, value in node.clock.environment().items())
        (tools / "postgres").unlink()
        plainly = f'exec {real}/postgres "$@"'
        wrongly = f'[ -s {node.clock.file} ] && exec env {wrong} {real}/postgres "$@"'
        script = f"#!/bin/sh\n{wrongly}\n{plainly}\n"
        (tools / "postgres").write_text(script)
        (tools / "postgres").chmod(0o755)
        return tools

    def _patroni(self, node: Node, tools: Path) -> dict[str, Any]:
        address = node.machine.address
        tls = {
            "ssl": "on",
            "ssl_cert_file": f"{node.place}/certificate.pem",
            "ssl_key_file": f"{node.place}/key.pem",
        }
        accounts = {
            kind: {"username": name, "password": PASSWORD, "sslmode": "verify-ca"}
            | {"sslrootcert": f"{self.folder}/authority.pem"}
            for kind, name in (
                ("replication", "replicator"),
                ("superuser", "postgres"),
                ("rewind", "rewinder"),
            )
        }
        return {
            "scope": SCOPE,
            "name": node.name,
            "restapi": {"listen": f"{address}:8008", "connect_address": f"{address}:8008"},
            "etcd3": {"hosts": [f"{one.machine.address}:2379" for one in self.nodes]},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": LOOP,
                    "retry_timeout": RETRY,
                    "synchronous_mode": self.synchronous,
                    "synchronous_mode_strict": self.synchronous,
                    "postgresql": {"use_pg_rewind": True, "use_slots": True, "parameters": SETTINGS},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{address}:5432",
                "connect_address": f"{address}:5432",
                "bin_dir": str(tools),
                "data_dir": str(node.data),
                "pgpass": f"{node.place}/pgpass",
                "use_unix_socket": True,
                "authentication": accounts,
                "parameters": tls | {"unix_socket_directories": str(node.place)},
                "pg_hba": [
                    "local all postgres trust",
                    "local replication all trust",
                    "hostssl replication replicator 10.77.0.0/24 scram-sha-256",
                    "hostssl all all 10.77.0.0/24 scram-sha-256",
                ],
            },
        }

    # Starting.

    def start(self) -> None:
        for node in self.nodes:
            self._etcd(node, "new")
        wait_for(lambda: all(answers(node.machine.address, 2379) for node in self.nodes), "etcd", 60)
        for node in self.nodes:
            self.begin(node)
        wait_for(self.is_whole, "the cluster to stand", 180)
        self.tell(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'", "postgres")
        self.tell(
            f"CREATE DATABASE {DATABASE} OWNER {ROLE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'",
            "postgres",
        )

    def _etcd(self, node: Node, state: str) -> None:
        address = node.machine.address
        everybody = ",".join(f"{one.name}=http://{one.machine.address}:2380" for one in self.nodes)
        told = {
            "name": node.name,
            "data-dir": f"{node.place}/etcd",
            "listen-client-urls": f"http://{address}:2379",
            "advertise-client-urls": f"http://{address}:2379",
            "listen-peer-urls": f"http://{address}:2380",
            "initial-advertise-peer-urls": f"http://{address}:2380",
            "initial-cluster": everybody,
            "initial-cluster-state": state,
            "logger": "zap",
            "log-level": "error",
            **ETCD,
        }
        command = ["etcd", *(f"--{name}={value}" for name, value in told.items())]
        log, user = node.place / "etcd.log", somebody() or ""
        node.etcd = node.machine.start(command, log, user=user, nice=-10)

    def begin(self, node: Node) -> None:
        """Starts Patroni, and with it PostgreSQL; etcd too where it does not run any more."""
        if node.etcd is None:
            self._etcd(node, "existing")
        command = [str(PATRONI), str(node.place / "patroni.yml")]
        # Nothing of ours, and no certificates of whoever runs this.
        where = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(node.place)}
        log, user = node.place / "patroni.log", somebody() or ""
        node.patroni = node.machine.start(command, log, user=user, environment=where, nice=-5)

    def make_anew(self, node: Node) -> None:
        """What its host does with a node that cannot find its way back: its copy of the data goes, and it begins with
        a fresh one from the leader."""
        node.kill()
        shutil.rmtree(node.data, ignore_errors=True)
        self.begin(node)

    # Looking.

    def state(self, via: list[Node] | None = None) -> list[dict[str, Any]]:
        """What Patroni says of its members, as the first that answers has it."""
        for node in via or self.nodes:
            try:
                address = f"http://{node.machine.address}:8008/cluster"
                with urllib.request.urlopen(address, timeout=2) as answer:
                    return list(json.load(answer)["members"])
            except (OSError, ValueError, KeyError):
                continue
        return []

    def leader(self, via: list[Node] | None = None) -> Node | None:
        """Whoever takes writes, as the others see it."""
        names = [
            one["name"] for one in self.state(via) if one["role"] == "leader" and one["state"] == "running"
        ]
        return next((node for node in self.nodes if node.name in names), None)

    def is_whole(self) -> bool:
        """One leads and the two others follow, and all three say so: one that was cut off goes on saying for a while
        what it last knew."""
        views = [self.state([node]) for node in self.nodes]
        leaders = {one["name"] for members in views for one in members if one["role"] == "leader"}
        return len(leaders) == 1 and all(map(self._is_whole, views))

    def _is_whole(self, members: list[dict[str, Any]]) -> bool:
        follow = "sync_standby" if self.synchronous else "replica"
        return (
            sorted(one["role"] for one in members) == sorted(["leader", "replica", follow])
            and all(one["state"] in ("running", "streaming") for one in members)
            and len({one.get("timeline") for one in members}) == 1
        )

    def switch_over(self, to: Node) -> None:
        """A planned change of the leader."""
        leader = self.leader()
        assert leader is not None
        asked = json.dumps({"leader": leader.name, "candidate": to.name}).encode()
        address = f"http://{leader.machine.address}:8008/switchover"
        request = urllib.request.Request(address, asked, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=60).read()

    def sync_standby(self) -> Node | None:
        names = [one["name"] for one in self.state() if one["role"] == "sync_standby"]
        return next((node for node in self.nodes if node.name in names), None)

    # The database.

    def address(self) -> str:
        """What a host writes as `database`."""
        hosts = ",".join(node.machine.address for node in self.nodes)
        tls = f"sslmode=verify-full sslrootcert={self.folder}/authority.pem"
        return f"host={hosts} port=5432 user={ROLE} dbname={DATABASE} {tls}"

    def tell(
        self, sql: str, database: str = DATABASE, role: str = "postgres", via: list[Node] | None = None
    ) -> list[tuple[Any, ...]]:
        """One statement to whoever takes writes, of these nodes."""
        hosts = ",".join(node.machine.address for node in via or self.nodes)
        where = (
            f"host={hosts} port=5432 user={role} password='{PASSWORD}' dbname={database} connect_timeout=3"
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(
                    f"{where} target_session_attrs=read-write", autocommit=True
                ) as connection:
                    found = connection.execute(sql)  # type: ignore[call-overload]
                    return found.fetchall() if found.description else []
            except psycopg.OperationalError as error:  # whoever leads may not take writes yet
                if time.monotonic() > deadline:
                    raise TimeoutError(f"nobody takes writes: {error}") from error
                WAIT.wait(0.5)

    def close(self) -> None:
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Authority:
    """Signs a certificate for each machine's address."""

    def __init__(self, place: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._made("authority", "127.0.0.1", self.key, True)
        place.write_bytes(_pem(self.certificate))
        place.chmod(0o644)

    def sign(self, address: str, folder: Path) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        (folder / "certificate.pem").write_bytes(_pem(self._made(address, address, key, False)))
        kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (folder / "key.pem").write_bytes(key.private_bytes(*kinds))
        (folder / "key.pem").chmod(0o600)

    def _made(self, name: str, address: str, key: Any, is_authority: bool) -> Any:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        def called(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

        today = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(called(name))
            .issuer_name(called("authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return bytes(certificate.public_bytes(serialization.Encoding.PEM))


def wait_for(what: Any, because: str, patience: float) -> float:
    """Waits until `what()` is true and returns how long that took, in seconds; raises TimeoutError with what for."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > patience:
            raise TimeoutError(f"waited {patience:.0f} s in vain: {because}")
        WAIT.wait(0.2)
    return time.monotonic() - began
