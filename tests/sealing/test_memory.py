"""Sealing and opening take the same memory, whatever the size of the words."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MEASURED = """
import sys
from pathlib import Path
from lastwords.sealing.container import Item, items
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.tracks import Keeper, Track, open_part, seal_track, share_name
from lastwords.sealing.shares import open_share, recover_release_key

folder = Path(sys.argv[1])
author, recipient = PersonKeys(bytes(32)), PersonKeys(bytes([1]) * 32)
keepers = [PersonKeys(bytes([number]) * 32) for number in (2, 3)]
seats = [Keeper(f"k{place}", keeper.public_key, keeper.signing.public.text) for place, keeper in enumerate(keepers)]
track = Track("a", "t", "died", "two locks", "r", recipient.public_key, 2, seats)
words = items([Item("film.bin", folder / "film.bin")])
signed = seal_track(folder / "sealed", track, author, "2026-11-23T08:17:45Z", words)
sealed, manifest = folder / "sealed", signed.document
shares = []
for place, keeper in enumerate(keepers):
    data = (sealed / share_name(place + 1)).read_bytes()
    shares.append((f"k{place}", open_share(data, keeper, manifest, f"k{place}")))
key = recover_release_key(shares, manifest, (sealed / "release.key.age").read_bytes())
open_part(sealed / "words.age", folder / "out", manifest, key, recipient.secret_key)
# VmHWM starts anew with each program; getrusage would tell the peak of the process that started this one.
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak(folder: Path, mebibytes: int) -> int:
    """The greatest resident memory in MiB of a process that seals and opens a file of this size."""
    folder.mkdir()
    with (folder / "film.bin").open("wb") as out:
        for number in range(mebibytes):
            out.write(number.to_bytes(4, "big") * (1 << 18))
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder)], capture_output=True, text=True, check=True
    )
    assert (folder / "out" / "film.bin").stat().st_size == mebibytes << 20
    return int(ran.stdout)


def test_64_mib_seal_and_open_in_at_most_64_mib_and_hardly_more_than_1_mib(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    small, large = peak(tmp_path / "small", 1), peak(tmp_path / "large", 64)
    figure(f"peak memory {small} MiB for 1 MiB of words, {large} MiB for 64 MiB")
    assert large <= 64
    assert large - small <= 8
