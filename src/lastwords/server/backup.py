"""A backup is one stream that carries everything but the host's file `secret`; whoever calls seals it.

    lastwords.sqlite3 or lastwords.pgdump   the database, as of one moment, while others go on writing
    settings.toml, begun                    what the host chose, and what the folder was founded as
    files/<sha256>                          every whole sealed file that the database speaks of
    from-backup                             the mark of a folder that is no longer the present
    contents.json                           size and SHA-256 of each of them, the heads of every log, when it was made

It is a tar stream, so that what was sealed can be opened and unpacked without us. `secret` stays apart: it closes the
authenticators' secrets in the database, so that whoever has the backup and its key still has none of them. Files that
are still on their way in stay behind too: whoever sends one begins it again.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from lastwords import __version__

from . import databases, rough
from .databases import postgresql
from .settings import Settings

FORM = "backup/1"
MARK = "from-backup"
"""The file in every backup, and so in every folder unpacked from one, until its watches have been told."""
CONTENTS = "contents.json"
KEPT = ("settings.toml", "begun")
ROUGH = ".backup-"
BACKED_UP, PROVEN = "backup", "backup_proven"
"""Names under which it is kept when a backup was last written, and last proven to bring everything back."""


class Writable(Protocol):
    """Where the stream goes: the sealing of whoever calls."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(slots=True)
class Written:
    """What a backup holds. `lacking` are sealed files (SHA-256) that the host should have and has not, or not whole."""

    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Name in the stream -> size in bytes, SHA-256 (hexadecimal)."""
    lacking: list[str] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    """Sealed files whose words were taken back while the backup was made."""

    @property
    def sealed(self) -> int:
        return sum(name.startswith("files/") for name in self.files)


def write(chosen: Settings, out: Writable) -> Written:
    """Writes everything of a data folder into a stream, while the service goes on. Django is pointed at the folder.

    Raises CannotStart when the database cannot be copied. The copy lies for that long in the data folder itself, never
    beside the backup: that may be somebody's stick."""
    written = Written()
    with (
        rough.folder(chosen.data, ROUGH) as folder,
        tarfile.open(fileobj=cast("io.BytesIO", out), mode="w|") as tar,
    ):
        heads, before = _heads(), _sealed_files()
        database = databases.of(chosen)
        copy, mark = folder / database.copy_name, folder / MARK
        database.copy(copy)
        mark.write_text("This folder was unpacked from a backup.\n", encoding="ascii")
        for path in (copy, mark, *(chosen.data / name for name in KEPT)):
            _add(tar, path, path.name, written)
        after = _sealed_files()
        for name in sorted(before | after):
            _add_sealed(tar, chosen.files / name, written, still=name in after)
        contents = json.dumps(_contents(chosen, heads, written), indent=1).encode()
        info = tarfile.TarInfo(CONTENTS)
        info.size, info.mode = len(contents), 0o600
        tar.addfile(info, io.BytesIO(contents))
    return written


def note(what: str) -> None:
    """Writes down that a backup was written, or proven, now."""
    from . import clock
    from .port_sql import SqlPort

    SqlPort().beat(clock.now().wall, what)


def fingerprint(secret: str) -> str:
    """By what a backup knows the host's `secret` again, without telling anything of it."""
    return hashlib.sha256(b"lastwords/v1/host secret\x00" + secret.strip().encode()).hexdigest()


# What goes in.


class _Hashed:
    """A file that hashes what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        return data


def _add(tar: tarfile.TarFile, path: Path, name: str, written: Written) -> str:
    """Adds a file, and returns its SHA-256."""
    with path.open("rb") as file:
        info = tar.gettarinfo(name, name, file)
        info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
        hashed = _Hashed(file)
        tar.addfile(info, cast("io.BytesIO", hashed))
    sha256 = hashed.hash.hexdigest()
    written.files[name] = (info.size, sha256)
    return sha256


def _add_sealed(tar: tarfile.TarFile, path: Path, written: Written, *, still: bool) -> None:
    """One that is damaged goes in as it is: whoever restores hears of it, and everything else is there."""
    try:
        if _add(tar, path, f"files/{path.name}", written) != path.name:
            written.lacking.append(path.name)
    except FileNotFoundError:
        gone = not still or path.name not in _sealed_files()
        (written.taken_back if gone else written.lacking).append(path.name)


def _sealed_files() -> set[str]:
    from . import models

    return set(models.SealedFile.objects.filter(complete=True).values_list("hash", flat=True))


def _heads() -> dict[str, tuple[int, str]]:
    """The end of every log before the copy is made, so that the copy holds at least these rows."""
    return {name: (number, link.hex()) for name, number, link in _ends() if number}


def _ends() -> Iterator[tuple[str, int, bytes]]:
    from . import models
    from .log import HOST_LOG, author_log

    last = models.HostRow.objects.order_by("-number").first()
    if last is not None:
        yield HOST_LOG, last.number, bytes(last.link)
    for author, number, link in models.Watch.objects.values_list("author", "head_number", "head_link"):
        yield author_log(author), number, bytes(link)


def _contents(chosen: Settings, heads: dict[str, tuple[int, str]], written: Written) -> dict[str, Any]:
    from . import clock

    now = clock.now()
    return {
        "form": FORM,
        "version": __version__,
        "made": now.wall,
        "credit": now.credit,
        "origin": chosen.origin,
        "secret": fingerprint((chosen.data / "secret").read_text(encoding="ascii")),
        "heads": heads,
        "files": written.files,
        "lacking": written.lacking,
        "taken_back": written.taken_back,
    }


# A folder that somebody unpacked by hand.


def is_unpacked(chosen: Settings) -> bool:
    """Whether this folder came out of a backup and its watches have not been told yet."""
    return (chosen.data / MARK).exists()


def is_not_loaded(chosen: Settings) -> bool:
    """Whether this folder still holds the copy of a PostgreSQL database, which no server has loaded yet."""
    return (chosen.data / postgresql.COPY).exists()


def told(chosen: Settings) -> None:
    """Every watch knows now that it comes from a backup."""
    (chosen.data / MARK).unlink()
