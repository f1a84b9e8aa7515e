"""A network of three machines on this one: each a network namespace with one cable to a common switch.

Everything lies in namespaces of this process alone, also the names of the namespaces, the process ids and what is kept
in memory. When its first process ends, however it ends, the kernel ends all the others and takes the network away;
nothing can be left behind.
"""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SWITCH = "switch"
HERE = "10.77.0.1"
"""The address of whoever looks on."""
INSIDE = "LASTWORDS_CLUSTER_INSIDE"
NAMES = "/run/netns"


def is_permitted() -> bool:
    """Whether this user may make such a network."""
    made = subprocess.run([*_apart(), "true"], capture_output=True, check=False)
    return os.getuid() == 0 and made.returncode == 0


def go_inside() -> int | None:
    """Runs this very program again in namespaces of its own and returns its exit code; None for whoever is inside."""
    if INSIDE in os.environ:
        return None
    # The first process of such a namespace inherits whatever loses its parent, and has to bury it: a shell does.
    places = f"mkdir -p {NAMES} && mount -t tmpfs none {NAMES} && mount -t tmpfs none /dev/shm"
    prepare = f'{places} && ip link set lo up && "$@"; exit $?'
    program = [*_apart(), "sh", "-c", prepare, "sh", sys.executable, *sys.argv]
    return subprocess.run(program, env={**os.environ, INSIDE: "1"}, check=False).returncode


def _apart() -> list[str]:
    return ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


@dataclass(frozen=True)
class Machine:
    """One machine: its name, its number and thereby its address."""

    name: str
    number: int

    @property
    def address(self) -> str:
        return f"10.77.0.{10 + self.number}"

    @property
    def cable(self) -> str:
        return f"to-{self.name}"

    def plug_in(self) -> None:
        """Makes it, with a cable to the switch."""
        _ip("netns", "add", self.name)
        _ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("link", "set", self.cable, "master", SWITCH, "up")
        _ip("-n", self.name, "addr", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", self.name, "link", "set", device, "up")

    def cut_off(self) -> None:
        """Whatever it sends or is sent vanishes without a word; nobody sees a cable being pulled."""
        _ip("link", "set", self.cable, "nomaster")

    def heal(self) -> None:
        _ip("link", "set", self.cable, "master", SWITCH)

    def start(
        self,
        command: list[str],
        log: Path,
        *,
        user: str = "",
        environment: dict[str, str] | None = None,
        nice: int = 0,
    ) -> subprocess.Popen[bytes]:
        """Starts a program on this machine, as `user`, with what it prints in a file. The process that is returned is
        the program itself. `nice` below 0 is for what three real machines would each have time for, and this one, which
        others use as well, perhaps not."""
        inside = ["nice", "-n", str(nice), "nsenter", f"--net={NAMES}/{self.name}"]
        if user:
            inside += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        with log.open("ab") as out:
            return subprocess.Popen(
                [*inside, *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=log.parent,
                env={**os.environ, **(environment or {})},
            )


MACHINES = (Machine("one", 1), Machine("two", 2), Machine("three", 3))


def lay() -> None:
    """The switch and the three machines."""
    _ip("link", "add", SWITCH, "type", "bridge", "stp_state", "0", "forward_delay", "0")
    _ip("addr", "add", f"{HERE}/24", "dev", SWITCH)
    _ip("link", "set", SWITCH, "up")
    for machine in MACHINES:
        machine.plug_in()


def answers(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _ip(*what: str) -> None:
    subprocess.run(["ip", *what], check=True)
