"""Sealed files on the disk: taken in pieces, checked whole, named by their hash, never looked into (T20).

    files/<sha256>                     a whole file, checked
    files/incoming/<sha256>.<handle>   what has come of one so far; its length is the offset to go on from

A piece is on the disk before it is acknowledged; a whole file is hashed, brought to the disk, then renamed, so that a
name in `files/` always means a whole and right file, whatever crashes.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Protocol

from django.db import transaction
from django.db.models import Sum

from lastwords.server import accounts, settings
from lastwords.server.models import FileUse, Person, SealedFile
from lastwords.server.problems import problem
from lastwords.server.refusals import Unwritable

from .door import SEALED_BEGINNINGS

PIECE = 1 << 16
MOST_FILES = 10_000
"""Sealed files of one author."""
ABANDONED = 7 * 86_400
"""Seconds after which a file that never became whole is forgotten."""


class Source(Protocol):
    """Where a piece comes from: the request."""

    def read(self, size: int) -> bytes: ...


def path_of(sha256: str) -> Path:
    return settings.current().files / sha256


def _incoming(sha256: str, handle: str) -> Path:
    return settings.current().files / "incoming" / f"{sha256}.{handle}"


def offset(sha256: str, handle: str) -> tuple[int, bool]:
    """How many bytes of the file have come from this person, and whether it is whole."""
    row = _own_row(sha256, handle)
    if row is None or row.complete:
        return (row.size, True) if row else (0, False)
    for path in (_incoming(sha256, handle), path_of(sha256)):
        with suppress(FileNotFoundError):  # not begun, or brought into its place at this moment
            return path.stat().st_size, False
    return 0, False


def _own_row(sha256: str, handle: str) -> SealedFile | None:
    """The row of this file, None before the first piece. A file that another person brought is `not_found`."""
    row = SealedFile.objects.filter(pk=sha256).first()
    if row and row.uploader != handle:
        raise problem("not_found")
    return row


def take_piece(sha256: str, handle: str, size: int, at: int, source: Source) -> tuple[int, bool]:
    """Takes the piece that begins at byte `at` of a file of `size` bytes. Returns offset and whether it is whole."""
    have, whole = offset(sha256, handle)
    if whole:
        return have, True
    _announce(sha256, handle, size)
    path = _incoming(sha256, handle)
    if path_of(sha256).exists():
        # The process ended between the renaming and its acknowledgement, maybe before either was on the disk.
        with _room_or_refusal():
            _name_to_disk(path, sha256)
        return size, True
    with _room_or_refusal(), _alone(path) as out:
        have = out.seek(0, os.SEEK_END)
        if at != have:
            raise problem("file_offset")
        try:
            have = _append(out, source, have, size)
        finally:
            _bring_home(out.fileno(), at)
        _check_beginning(path, have, size, sha256)
        if have == size:
            _finish(path, sha256)
    return have, have == size


def _announce(sha256: str, handle: str, size: int) -> None:
    """Reserves room for the file within the author's quota, which one request at a time counts."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).filter(handle=handle).first()
        row = _own_row(sha256, handle)
        if row is not None:
            if row.size != size:
                raise problem("file_size")
            return
        mine = SealedFile.objects.filter(uploader=handle)
        _forget_abandoned(handle)
        kept = mine.aggregate(sum=Sum("size"))["sum"] or 0
        if kept + size > settings.current().quota or mine.count() >= MOST_FILES:
            raise problem("over_quota")
        SealedFile.objects.create(hash=sha256, size=size, uploader=handle, made=accounts.wall())
        # Without a row until now, so whatever lies there is the rest of a removal that a crash cut short. The row has
        # to be ours first: another request's would make that file the one it has just finished.
        path_of(sha256).unlink(missing_ok=True)


def _forget_abandoned(handle: str) -> None:
    """Room that was announced and never filled is free again after a week."""
    old = accounts.wall() - ABANDONED
    for row in SealedFile.objects.filter(uploader=handle, complete=False, made__lt=old):
        _throw_away(_incoming(row.hash, handle), row.hash)


@contextmanager
def _room_or_refusal() -> Iterator[None]:
    """A full or failing disk is a refusal, not a crash: what is kept is unharmed."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise problem("disk_full") from error
        raise Unwritable(
            f"The host's disk failed ({error.strerror}), so this piece was not kept; what was kept before is unharmed.",
            "The host has to look at the disk. Ask how much has come, and go on from there.",
        ) from error


def _bring_home(descriptor: int, before: int) -> None:
    """Brings a piece to the disk. If that fails the piece is taken out again: the system forgets after one failure what
    never came to the disk, and a second try would be told that all is well."""
    try:
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _name_to_disk(path: Path, sha256: str) -> None:
    """Brings the name of a whole file to the disk, and then says that it is whole. If that fails it goes back to those
    that are still coming: none of it is lost, and the next piece, of no bytes, brings it into its place anew."""
    whole = path_of(sha256)
    folder = os.open(whole.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # another request may be about to put this very name back
        if not whole.exists():
            raise problem("busy")
        try:
            os.fsync(folder)
        except OSError:
            os.replace(whole, path)
            raise
        SealedFile.objects.filter(pk=sha256).update(complete=True)
    finally:
        os.close(folder)


@contextmanager
def _alone(path: Path) -> Iterator[FileIO]:
    """The incoming file, open for appending; nobody else writes to it meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise problem("busy") from error
        if not _is_still(path, out):
            # Whoever had it a moment ago threw it away, or brought it into its place.
            raise problem("busy")
        yield out


def _is_still(path: Path, out: FileIO) -> bool:
    """Whether this name is still that of the open file."""
    try:
        return os.path.samestat(os.fstat(out.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _append(out: FileIO, source: Source, have: int, size: int) -> int:
    """Appends what the source gives. More than the announced size is refused, and nothing of this piece is kept."""
    began = have
    while piece := source.read(PIECE):
        have += len(piece)
        if have > size:
            out.truncate(began)
            raise problem("file_size")
        left = memoryview(piece)
        while left:
            left = left[out.write(left) :]
    return have


def _check_beginning(path: Path, have: int, size: int, sha256: str) -> None:
    """Only sealed files are taken; anything else is thrown away as soon as its beginning shows it."""
    with path.open("rb") as file:
        begin = file.read(max(map(len, SEALED_BEGINNINGS)))
    may_become_one = any(known.startswith(begin[: len(known)]) for known in SEALED_BEGINNINGS)
    if not may_become_one or (have == size and not begin.startswith(SEALED_BEGINNINGS)):
        _throw_away(path, sha256)
        raise problem("file_not_age")


def _finish(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        _throw_away(path, sha256)
        raise problem("file_hash")
    os.chmod(path, 0o600)
    os.replace(path, path_of(sha256))
    _name_to_disk(path, sha256)


def _throw_away(path: Path, sha256: str) -> None:
    path.unlink(missing_ok=True)
    SealedFile.objects.filter(pk=sha256, complete=False).delete()


# What refers to a file.


def whole_file(sha256: str, handle: str) -> SealedFile:
    """The row of a whole file that this person brought, or `file_missing`."""
    row = SealedFile.objects.filter(pk=sha256, uploader=handle, complete=True).first()
    if row is None:
        raise problem("file_missing")
    return row


def replace_uses(author: str, track: str, uses: dict[tuple[str, str], str]) -> None:
    """Makes `uses` ((kind, name) -> hash) all that a track refers to. Files nothing refers to any more are removed
    from the disk once this is committed: words that were taken back are gone here."""
    old = FileUse.objects.filter(watch_id=author, name__startswith=f"{track}/")
    before = set(old.values_list("file_id", flat=True))
    old.delete()
    for (kind, name), sha256 in uses.items():
        FileUse.objects.create(watch_id=author, kind=kind, name=f"{track}/{name}", file_id=sha256)
    loose = [h for h in before if not FileUse.objects.filter(file_id=h).exists()]
    SealedFile.objects.filter(pk__in=loose, uploader=author).delete()
    transaction.on_commit(partial(_remove, loose))


def _remove(hashes: list[str]) -> None:
    """Of files that nothing refers to; not of one that was announced again meanwhile."""
    for sha256 in hashes:
        if not SealedFile.objects.filter(pk=sha256).exists():
            path_of(sha256).unlink(missing_ok=True)
