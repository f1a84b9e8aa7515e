"""Sealed files over HTTP: sent in pieces that can be resumed, read whole or in ranges by those the state allows."""

import pathlib
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Path, Router

from lastwords.server import models
from lastwords.server.models import FileUse, SealedFile
from lastwords.server.problems import problem

from . import door, parts, uploads

router = Router(tags=["files"])

NUMBER = re.compile(r"\d{1,15}")
RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")

LARGEST_PIECE = 32 << 20
"""Bytes of one piece: what the web server may have to hold in memory."""

SEALED = "sealed"
SHARE = "share"
OWN = "own"
"""What a file is to a track: one of the sealed files of its manifest, a keeper's share, the author's own copy."""

Sha256 = Path[door.Hash]


@router.put("/files/{sha256}")
def put_file(request: HttpRequest, sha256: Sha256) -> dict[str, Any]:
    """Takes one piece of a sealed file. Headers: Upload-Size (bytes of the whole), Upload-Offset (where this begins).

    Only authors bring files. The answer is given once the piece is on the disk."""
    person = door.person_of(request)
    if not models.Watch.objects.filter(author=person.handle).exists():
        raise problem("not_found")
    size, at = _header(request, "Upload-Size"), _header(request, "Upload-Offset")
    if size < 1 or at > size:
        raise problem("file_size")
    if int(request.headers.get("Content-Length") or 0) > LARGEST_PIECE:
        raise problem("too_large")
    have, whole = uploads.take_piece(sha256, person.handle, size, at, request)
    return {"offset": have, "complete": whole}


def _header(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not NUMBER.fullmatch(value):
        raise problem("file_size")
    return int(value)


@router.get("/files/{sha256}/offset")
def file_offset(request: HttpRequest, sha256: Sha256) -> dict[str, Any]:
    """How much of the file has come: where to go on after an interruption."""
    have, whole = uploads.offset(sha256, door.person_of(request).handle)
    return {"offset": have, "complete": whole}


@router.get("/files/{sha256}")
def get_file(request: HttpRequest, sha256: Sha256) -> HttpResponse | StreamingHttpResponse:
    """The sealed bytes: to their author; to the keepers who hold a share of them, for their kits; to the recipient
    once told. Ranges (`bytes=from-` or `bytes=from-to`) resume a broken reading."""
    row = SealedFile.objects.filter(pk=sha256, complete=True).first()
    if row is None or not _may_read(door.person_of(request).handle, row):
        raise problem("not_found")
    first, last = _range(request, row.size)
    answer = PartOfFile(_bytes(sha256, first, last), content_type="application/octet-stream")
    answer.part_of_file = (uploads.path_of(sha256), first, last)
    answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Disposition"] = f'attachment; filename="{sha256}.age"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "no-store"
    if "Range" in request.headers:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{row.size}"
    return answer


class PartOfFile(StreamingHttpResponse):
    """Bytes of one file. A server that sees which ones can send them by itself, and no faster than they are taken."""

    part_of_file: tuple[pathlib.Path, int, int] | None = None


def _may_read(handle: str, row: SealedFile) -> bool:
    if row.uploader == handle:
        return True
    for use in FileUse.objects.filter(file=row, kind=SEALED).select_related("watch"):
        if use.watch.set_aside:
            continue
        watch = door.record_of(use.watch)
        has = parts.of(watch, handle)
        mine = parts.kept_tracks(watch, handle) if parts.KEEPER in has else ()
        if any(use.name.startswith(f"{track.key}/") for track in (*mine, *parts.own_tracks(watch, handle))):
            return True
    return False


def _range(request: HttpRequest, size: int) -> tuple[int, int]:
    """First and last byte to send."""
    wanted = request.headers.get("Range")
    if wanted is None:
        return 0, size - 1
    found = RANGE.fullmatch(wanted)
    if not found:
        raise problem("range_unfit")
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if first > last:
        raise problem("range_unfit")
    return first, last


def _bytes(sha256: str, first: int, last: int) -> Iterator[bytes]:
    with uploads.path_of(sha256).open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left and (piece := file.read(min(left, uploads.PIECE))):
            left -= len(piece)
            yield piece
