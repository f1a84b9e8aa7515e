"""A disk that fails on purpose (`disk.c`), and runs of the shipped code on it, each in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent.parent


def shim(folder: Path) -> Path:
    """The library, built into a folder."""
    made = folder / "disk.so"
    if not made.exists():
        build = ["cc", "-O1", "-shared", "-fPIC", "-o", str(made), str(HERE / "disk.c"), "-ldl"]
        subprocess.run(build, check=True)
        made.chmod(0o755)
    return made


@dataclass
class Disk:
    """What lies under `under` can be made full, or fail at its next sync, from outside and at any time."""

    library: Path
    under: Path
    control: Path

    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAULTS_UNDER": str(self.under),
            "FAULTS_CONTROL": str(self.control),
        }

    def fill(self) -> None:
        (self.control / "full").touch()

    def make_room(self) -> None:
        (self.control / "full").unlink()

    def fail_once(self) -> None:
        (self.control / "eio").touch(mode=0o666)

    def has_failed(self) -> bool:
        return not (self.control / "eio").exists()

    def fail_at(self, number: int) -> None:
        """The sync of that number from now on fails, whichever process makes it."""
        path = self.control / "countdown"
        path.touch(mode=0o666)
        path.chmod(0o666)
        with path.open("r+b") as file:
            file.write(number.to_bytes(8, sys.byteorder, signed=True))

    def left(self) -> int:
        """How many syncs there still are before the one that fails; less than one once it has."""
        return int.from_bytes((self.control / "countdown").read_bytes(), sys.byteorder, signed=True)

    def failures(self) -> list[tuple[str, str]]:
        """What failed at the end of a countdown: what the process calls itself, and the file."""
        path = self.control / "failed"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(who, where) for who, _, where in (line.partition("\t") for line in lines)]


def a_disk(folder: Path, under: Path) -> Disk:
    """A disk whose library and switches lie in `folder`."""
    control = folder / "control"
    control.mkdir(exist_ok=True)
    control.chmod(0o777)
    return Disk(shim(folder), under, control)


# What was on the disk when something was acknowledged.


@dataclass
class Lived:
    """One run: what it acknowledged and refused, how many syncs it made, and what is wrong with it."""

    at: int
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    syncs: int = 0
    faults: list[str] = field(default_factory=list)


def follow(at: int, lines: list[str]) -> Lived:
    """Reads a trace. A file is clean once everything written to it was synced; what a failed sync left behind stays
    lost until it is written again or the transaction is given up. Nothing may be acknowledged over a file that is not
    clean."""
    lived, dirty, lost = Lived(at), set[str](), set[str]()
    for line in lines:
        what, *rest = line.split("\t")
        path = Path(rest[0]).name if rest else ""
        if what == "write" and matters(path):
            dirty.add(path)
            lost.discard(path)
        elif what == "failed":
            lost |= dirty & {path}
        elif what == "sync":
            dirty -= {path} - lost
        elif what == "acknowledged":
            lived.acknowledged.append(rest[0])
            if dirty:
                lived.faults.append(f"{rest[0]} was acknowledged while {sorted(dirty)} was not on the disk")
        elif what == "refused":
            lived.refused.append(rest[0])
            dirty, lost = set(), set()
        elif what == "syncs":
            lived.syncs = int(rest[0])
        elif what == "wrong":
            lived.faults.append(rest[0])
    return lived


def matters(name: str) -> bool:
    """The heads file is a witness that may know less, the health file is written anew every minute, and what a database
    has copied out of its own log is safe in that log."""
    return name.endswith("-wal") or not name.startswith(("heads", "health", "lastwords.sqlite3"))


def scripted(
    library: Path, data: Path, scratch: Path, indices: list[int] | None, planted: str = ""
) -> list[Lived]:
    """Runs the script (see `scripted.py`) once undisturbed, then once for each index (all when None) with that sync
    failing, each on its own copy of a data folder."""
    environment = {**os.environ, "LD_PRELOAD": str(library), "FAULTS_UNDER": str(scratch)}
    environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), environment.get("PYTHONPATH", "")])
    asked = json.dumps({"data": str(data), "scratch": str(scratch), "indices": indices, "planted": planted})
    done = subprocess.run(
        [sys.executable, "-m", "server.faults.scripted", asked],
        env=environment,
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    shutil.rmtree(scratch, ignore_errors=True)
    return [follow(at, lines) for at, lines in json.loads(done.stdout)]
