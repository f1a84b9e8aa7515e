"""Words on their way to the host: sealed into a folder of the home, sent in pieces, then put in force by one request.

A folder `sealed/TRACK` with a `posting.json` is whole and can be sent at any time, also after an interruption, a
power cut or a week without a line. Without that file the sealing was interrupted, and nothing of it is of use.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastwords.cli import show
from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped
from lastwords.cli.home import sync_folder, write_atomically
from lastwords.cli.me import Me
from lastwords.sealing.tracks import MANIFEST_FILE, OWN_FILES, share_name
from lastwords.signing.documents import Signed, read
from lastwords.signing.manifest import PARTS, WISHES, WORDS, Manifest

POSTING = "posting.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """Hashes of files the host holds from the version before: share files and own copies, by their names there. `noted`
    are those of own copies that left this machine: what a host says alone is never taken for one's own."""

    shares: dict[str, str]
    own: dict[str, str]
    noted: dict[str, str]

    @classmethod
    def of(cls, row: dict[str, Any] | None, noted: dict[str, str] | None = None) -> "Kept":
        """What the host's row of a track says; nothing for a first version or for new keys."""
        shares, own = (
            {one["name"]: one["sha256"] for one in (row or {}).get(kind, [])} for kind in ("shares", "own")
        )
        return cls(shares, own, noted or {})


def folder_for(person: Me, track: str) -> Path:
    """Where this track's next version is sealed; whatever an earlier attempt left there is thrown away."""
    folder = person.home.folder / "sealed" / track
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def waiting(person: Me) -> list[Path]:
    """Folders that are whole and were not sent to the end."""
    return sorted(path.parent for path in (person.home.folder / "sealed").glob(f"*/{POSTING}"))


def must_not_wait(person: Me, track: str) -> None:
    """Refuses to seal the words in force once more while newer ones of the same track wait: those would be thrown away,
    and their author may have nothing else of them."""
    if any(folder.name == track for folder in waiting(person)):
        raise Stopped(
            f"Newer words of {track} wait in your home folder and were never sent; nothing was changed.",
            "Send them first with `lastwords words send`, or give other words in their place with --text or --file.",
            "words_wait",
        )


def make_ready(
    folder: Path, signed: Signed[Manifest], kept: Kept, *, keep_own_copy: bool, adult: str | None = None
) -> None:
    """Writes down what is to be sent; from here on the folder is whole. `adult` is who is with a child."""
    files = {
        file.name: (file.sha256, file.size) for file in signed.document.files if (folder / file.name).exists()
    }
    shares: dict[str, dict[str, str]] = {}
    for seat in signed.document.roster:
        for part in PARTS:
            name, there = share_name(seat.index, part), f"{part}/{seat.keeper}"
            if (folder / name).exists():
                files[name] = _hash_and_size(folder / name)
                shares.setdefault(seat.keeper, {})[part] = files[name][0]
            elif there in kept.shares:
                shares.setdefault(seat.keeper, {})[part] = kept.shares[there]
    own, noted = (dict(kept.own), dict(kept.noted)) if keep_own_copy else ({}, {})
    for part in PARTS:
        if keep_own_copy and (folder / OWN_FILES[part]).exists():
            files[OWN_FILES[part]] = _hash_and_size(folder / OWN_FILES[part])
            own[part] = noted[part] = files[OWN_FILES[part]][0]
    if WORDS not in own:
        own = {}
    elif not signed.document.has_wishes:
        own.pop(WISHES, None)
    noted = {part: sha256 for part, sha256 in own.items() if noted.get(part) == sha256}
    post: dict[str, Any] = {"manifest": signed.data.decode(), "shares": shares}
    post |= {"own": own} if own else {}
    post |= {"instead_of": signed.document.alternate_of} if signed.document.alternate_of else {}
    post |= {"adult": adult} if adult else {}
    write_atomically(folder / POSTING, json.dumps({"post": post, "files": files, "own": noted}).encode())
    sync_folder(folder.parent)


def send(person: Me, folder: Path) -> Signed[Manifest]:
    """Sends a whole folder and lets the host put it in force; then the folder goes.

    When the host refuses them, the version before stays in force and the folder goes too. When the line breaks, or the
    host cannot take anything, the folder stays and `lastwords words send` goes on with it."""
    posting = _read_posting(folder)
    signed = read((folder / MANIFEST_FILE).read_bytes(), Manifest, person.keys.signing.public)
    try:
        if not _in_force(person, signed):
            _upload(person.host, folder, posting["files"])
            person.host.post("watches", person.handle, "words", **posting["post"])
    except Stopped as stopped:
        if not stopped.passing:
            shutil.rmtree(folder)
            raise
        raise Stopped(
            f"{stopped.happened} The sealed words of {signed.document.track} wait in your home folder.",
            f"{stopped.do} Go on with `lastwords words send`.",
            stopped.code,
        ) from stopped
    person.pins.see(signed)
    person.pins.keep_own_copies(signed.document.track, signed.document.number, posting["own"])
    shutil.rmtree(folder)
    return signed


def _in_force(person: Me, signed: Signed[Manifest]) -> bool:
    """Whether the host has this very version already: an earlier answer was lost on the way."""
    rows = person.host.get("watches", person.handle, "words")
    return any(row["track"] == signed.document.track and row["sha256"] == signed.digest for row in rows)


def _upload(host: Host, folder: Path, files: dict[str, tuple[str, int]]) -> None:
    total = sum(size for _, size in files.values())
    with show.progress("Sending", total) as progress:
        for name, (sha256, _) in files.items():
            host.upload(folder / name, sha256, "files", progress=progress)


def _read_posting(folder: Path) -> dict[str, Any]:
    try:
        posting = json.loads((folder / POSTING).read_bytes())
        assert all(isinstance(posting[name], dict) for name in ("post", "files", "own"))
        return dict(posting)
    except (ValueError, KeyError, AssertionError, TypeError) as error:
        raise Stopped(
            f"{folder / POSTING} cannot be read; nothing was sent.",
            f"Delete the folder {folder} and seal these words again.",
            "home_unreadable",
        ) from error


def _hash_and_size(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
