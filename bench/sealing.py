"""Sealing and opening: speed as ratios to pyrage (and to `age`, where it is installed), and peak memory at 1 GiB.

Ratios are of the median of three runs, ours divided by theirs: above 1 is faster than they are. All read and write
files, with a cache that is warm. X25519 is compared with X25519, since pyrage knows no post-quantum keys; the
post-quantum row shows what that costs beside our own X25519.

    .venv/bin/python bench/sealing.py [MEBIBYTES]
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyrage

from lastwords.sealing import age
from lastwords.sealing.age.keys import HybridSecretKey

SPEED_MEBIBYTES = 256
RUNS = 3

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


def median_seconds(act: Callable[[], object]) -> float:
    """The median time of a few runs, in seconds."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def random_file(path: Path, mebibytes: int) -> None:
    """Write random bytes, in constant memory."""
    with path.open("wb") as out:
        for _ in range(mebibytes):
            out.write(os.urandom(1 << 20))


def ours(folder: Path, public: str, secret: str) -> tuple[float, float]:
    """Seconds to seal and to open with our module."""

    def seal() -> None:
        with (folder / "film").open("rb") as source, (folder / "ours.age").open("wb") as out:
            age.seal_stream(source, out, [public])

    def opened() -> None:
        with (folder / "ours.age").open("rb") as source, (folder / "opened").open("wb") as out:
            age.open_stream(source, out, [secret])

    return median_seconds(seal), median_seconds(opened)


def of_pyrage(folder: Path, key: pyrage.x25519.Identity) -> tuple[float, float]:
    """Seconds to seal and to open with pyrage, file to file."""
    film, sealed, opened = (str(folder / name) for name in ("film", "theirs.age", "opened"))
    return (
        median_seconds(lambda: pyrage.encrypt_file(film, sealed, [key.to_public()])),
        median_seconds(lambda: pyrage.decrypt_file(sealed, opened, [key])),
    )


def of_age(folder: Path, public: str, secret: str) -> tuple[float, float]:
    """Seconds to seal and to open with the program `age`."""
    (folder / "key").write_text(secret + "\n")

    def run(*arguments: str) -> None:
        subprocess.run(["age", *arguments], check=True, cwd=folder)

    return (
        median_seconds(lambda: run("-r", public, "-o", "theirs.age", "film")),
        median_seconds(lambda: run("-d", "-i", "key", "-o", "opened", "theirs.age")),
    )


def speed(folder: Path) -> None:
    """Print the ratios."""
    random_file(folder / "film", SPEED_MEBIBYTES)
    classical, hybrid = pyrage.x25519.Identity.generate(), HybridSecretKey(os.urandom(32))
    mine = ours(folder, str(classical.to_public()), str(classical))
    rows = [
        ("ours X25519 : pyrage X25519", mine, of_pyrage(folder, classical)),
        ("ours post-quantum : ours X25519", ours(folder, hybrid.public_text, hybrid.text), mine),
    ]
    if shutil.which("age"):
        theirs = of_age(folder, str(classical.to_public()), str(classical))
        rows.append(("ours X25519 : age X25519", mine, theirs))
    print(f"{SPEED_MEBIBYTES} MiB, median of {RUNS}; ratio of speeds   seal   open")
    for name, here, there in rows:
        print(f"{name:46}  {there[0] / here[0]:5.2f}  {there[1] / here[1]:5.2f}")
    if not shutil.which("age"):
        print("age: not installed, not compared")


def memory(folder: Path, mebibytes: int) -> None:
    """Print time and peak memory of a whole track, two locks, with padding and manifest."""
    random_file(folder / "film", mebibytes)
    for half in ("seal", "open"):
        begun = time.perf_counter()
        ran = subprocess.run(
            [sys.executable, "-c", TRACK, str(folder), half], capture_output=True, text=True, check=True
        )
        seconds = time.perf_counter() - begun
        print(
            f"a track of {mebibytes} MiB, {half}: {int(ran.stdout) // 1024} MiB peak memory, {seconds:.1f} s"
        )


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    for measure in (speed, lambda folder: memory(folder, mebibytes)):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder))


if __name__ == "__main__":
    main()
