"""What a process has in memory, written out as the operating system shows it: every region it can write to."""

from pathlib import Path

MOST = 256 << 20
"""Bytes of one region. A reserved but untouched stretch of address space reads as zeros and tells nothing."""


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
                    out.write(memory.read(end - begin))
                except OSError:
                    continue  # a guard page, or a region that went away meanwhile
    assert path.stat().st_size > 1 << 20, "the memory of a host is more than this"
    return path


def found_in(paths: list[Path], planted: dict[str, bytes]) -> set[tuple[str, str]]:
    """Which of the planted bytes stand in which file, as (name of the planted, name of the file)."""
    found = set()
    for path in paths:
        content = path.read_bytes()
        found |= {(name, path.name) for name, value in planted.items() if value in content}
    return found
