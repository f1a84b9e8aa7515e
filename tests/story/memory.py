"""What a process has in memory, written out as the operating system shows it: every page it can write to and has
written on. Nearly half of them are empty, and nothing that is looked for could stand across one."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

MOST = 256 << 20
"""Bytes of one region. A reserved but untouched stretch of address space reads as zeros and tells nothing."""
PAGE = 4096
EMPTY = bytes(PAGE)


def dumped(processes: list[int], folder: Path, name: str) -> list[Path]:
    """Writes the memory of each process into the folder; returns the files. Fails where nothing could be read."""
    assert len(processes) >= 3, "a host is its supervisor, its web server and its rounds"
    return [_dump(pid, folder / f"{name}-{pid}.mem") for pid in processes]


def _dump(pid: int, path: Path) -> Path:
    regions = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory, path.open("wb") as out:
        for region in regions:
            addresses, rights, *_ = region.split()
            begin, end = (int(address, 16) for address in addresses.split("-"))
            if "w" in rights and end - begin <= MOST:
                try:
                    memory.seek(begin)
                    out.write(b"".join(_written(memory.read(end - begin))))
                except OSError:
                    continue  # a guard page, or a region that went away meanwhile
    assert path.stat().st_size > 1 << 20, "the memory of a host is more than this"
    return path


def _written(region: bytes) -> Iterator[bytes]:
    """The pages of a region that are not empty."""
    pages = (region[at : at + PAGE] for at in range(0, len(region), PAGE))
    return (page for page in pages if page != EMPTY)


def found_in(paths: list[Path], planted: dict[str, bytes]) -> set[tuple[str, str]]:
    """Which of the planted bytes stand in which file, as (name of the planted, name of the file)."""
    found = set()
    for path in _suspected(paths, planted):
        content = path.read_bytes()
        found |= {(name, path.name) for name, value in planted.items() if value in content}
    return found


def _suspected(paths: list[Path], planted: dict[str, bytes]) -> list[Path]:
    """The files in which anything at all may stand. grep looks for everything at once, where Python goes through a
    gibibyte for each of hundreds. It takes what has a line's end in it for two lines, and so suspects too many only."""
    sought = b"\n".join(planted.values())
    wanted = [str(path) for path in paths]
    grep = ["grep", "--files-with-matches", "--null", "--text", "--fixed-strings", "--file=-", "--", *wanted]
    done = subprocess.run(
        grep, input=sought, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    assert done.returncode in (0, 1), done.stderr
    return [Path(os.fsdecode(name)) for name in done.stdout.split(b"\0") if name]
