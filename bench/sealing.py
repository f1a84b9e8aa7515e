"""Sealing and opening: speed beside `age` and pyrage, and peak memory of a whole track, large beside small.

    .venv/bin/python bench/sealing.py [--mebibytes 1024] [--keep]

All read and write files, with a cache that is warm, in turn. Ours is sealed to a post-quantum key, as this service
seals; `age` 1.1 and pyrage know none, so theirs is X25519. What a key costs is some milliseconds a file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import table
from table import Row

from lastwords.sealing import age
from lastwords.sealing.age.keys import HybridSecretKey

RUNS = 5

TRACK = """
import sys
from pathlib import Path
from lastwords.sealing.container import Item, items
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.shares import open_share, recover_release_key
from lastwords.sealing.tracks import Keeper, Track, open_part, seal_track, share_name

folder, half = Path(sys.argv[1]), sys.argv[2]
author, recipient, *keepers = [PersonKeys(bytes([number]) * 32) for number in range(5)]
names = ("a", "b", "c")
seats = [Keeper(n, k.public_key, k.signing.public.text) for n, k in zip(names, keepers)]
track = Track("author", "t", "died", "two locks", "recipient", recipient.public_key, 2, seats)
sealed = folder / "sealed"
if half == "seal":
    words = items([Item("film", folder / "film")])
    seal_track(sealed, track, author, "2026-11-23T08:17:45Z", words, keep_own_copy=False)
else:
    from lastwords.signing.documents import read
    from lastwords.signing.manifest import Manifest
    manifest = read((sealed / "manifest.json").read_bytes(), Manifest, author.signing.public).document
    shares = []
    for place, (name, keeper) in enumerate(zip(names, keepers), start=1):
        shares.append((name, open_share((sealed / share_name(place)).read_bytes(), keeper, manifest, name)))
    key = recover_release_key(shares, manifest, (sealed / "release.key.age").read_bytes())
    open_part(sealed / "words.age", folder / "out", manifest, key, recipient.secret_key)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def rows(mebibytes: int = 128) -> list[Row]:
    """Speed beside both, and the greatest memory beside that for 1 MiB."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        table.random_file(folder / "film", mebibytes)
        return [*speeds(folder, mebibytes), *peaks(folder, mebibytes)]


def speeds(folder: Path, mebibytes: int) -> Iterator[Row]:
    """Ours beside theirs, each a run in turn."""
    key = HybridSecretKey(os.urandom(32))
    ours = ours_on(folder, key.public_text, key.text)
    for name, theirs in others(folder).items():
        for what, mine, other in zip(("sealed", "opened"), ours, theirs, strict=True):
            pairs = [(mebibytes / seconds(mine), mebibytes / seconds(other)) for _ in range(RUNS)]
            yield table.in_turn(
                f"MiB a second {what}, beside {name}",
                [a for a, _ in pairs],
                [b for _, b in pairs],
                "at least 1",
                1,
                mebibytes=mebibytes,
                key="post-quantum, theirs X25519",
            )
    if not shutil.which("age"):
        why = "age is not installed"
        yield table.row("MiB a second sealed, beside age", [], None, "at least 1", None, why=why)


Act = Callable[[], object]


def others(folder: Path) -> dict[str, tuple[Act, Act]]:
    """What seals and what opens, by the program's name."""
    key = pyrage.x25519.Identity.generate()
    film, sealed, opened = (str(folder / name) for name in ("film", "theirs.age", "opened"))
    found: dict[str, tuple[Act, Act]] = {
        "pyrage": (
            lambda: pyrage.encrypt_file(film, sealed, [key.to_public()]),
            lambda: pyrage.decrypt_file(sealed, opened, [key]),
        )
    }
    if age_program := shutil.which("age"):
        (folder / "key").write_text(f"{key}\n")
        version = subprocess.run([age_program, "--version"], capture_output=True, text=True).stdout.strip()

        def run(*arguments: str) -> None:
            subprocess.run([age_program, *arguments], check=True, cwd=folder)

        found[f"age {version.removeprefix('v')}"] = (
            lambda: run("-r", str(key.to_public()), "-o", sealed, film),
            lambda: run("-d", "-i", "key", "-o", opened, sealed),
        )
    return found


def ours_on(folder: Path, public: str, secret: str) -> tuple[Act, Act]:
    """The same with our module."""

    def seal() -> None:
        with (folder / "film").open("rb") as source, (folder / "ours.age").open("wb") as out:
            age.seal_stream(source, out, [public])

    def opened() -> None:
        with (folder / "ours.age").open("rb") as source, (folder / "opened").open("wb") as out:
            age.open_stream(source, out, [secret])

    return seal, opened


def seconds(act: Act) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def peaks(folder: Path, mebibytes: int) -> Iterator[Row]:
    """A whole track under two locks, with padding and manifest, each half in a process of its own."""
    small = folder / "small"
    small.mkdir()
    table.random_file(small / "film", 1)
    for half, said in (("seal", "sealing"), ("open", "opening")):
        large, little = peak(folder, half), peak(small, half)
        yield table.row(
            f"greatest memory of {said} a track (MiB), beside the same with 1 MiB",
            [large],
            little,
            "at most 1.5",
            large / little <= 1.5,
            mebibytes=mebibytes,
        )


def peak(folder: Path, half: str) -> float:
    """MiB of memory that a process had at its greatest."""
    command = [sys.executable, "-c", TRACK, str(folder), half]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(ran.stdout) / 1024


def main() -> None:
    parser = table.plain_parser(__doc__)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    table.show(Path(__file__), rows(asked.mebibytes), asked.keep)


if __name__ == "__main__":
    main()
