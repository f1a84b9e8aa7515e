"""Bringing a host back from a backup: unpacked beside its place, verified whole, told that it is a past, and only then
put in place.

Nothing stands where the folder goes until all of that is done, and every watch in it has been on hold since before
anybody could ask it anything. The same way, thrown away at its end, proves a backup.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast

from . import backup, databases, rough
from . import settings as server_settings
from .log import Verdict, author_log
from .port import Head
from .refusals import CannotStart
from .settings import Settings

ROUGH = ".restoring-"
_NAMES = re.compile(r"settings\.toml|begun|from-backup|lastwords\.(?:sqlite3|pgdump)|files/[0-9a-f]{64}")
_PIECE = 1 << 20
_ANOTHER = (
    "Take another backup; the file may have been damaged on its way, so compare it with its other copies."
)


class Readable(Protocol):
    """Where the stream comes from: whatever opens the sealed file."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to restore. `secret` is the host's own, None for a new one; `database` an empty PostgreSQL database that
    takes the place of the one in the settings; `seen` are heads from the heads file of the lost host, or from letters,
    each with its log's name: a link may be its first eight bytes."""

    secret: str | None = None
    database: str = ""
    database_password_file: str = ""
    seen: Sequence[tuple[str, Head]] = ()
    allow_missing: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """One log that somebody has seen a newer row of, or another one. `here` is where it ends in the backup."""

    log: str
    seen: int
    here: int
    another: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a backup brings back. Wall seconds and counts; `authenticators` are those that need the host's secret,
    `outside` are files that the settings name and that are not on this machine."""

    settings: Settings
    made: int
    now: int
    version: str
    authors: int
    rows: int
    files: int
    size: int
    lacking: tuple[str, ...]
    behind: tuple[Behind, ...]
    compared: int
    migrated: tuple[str, ...]
    new_secret: bool
    authenticators: int
    outside: tuple[str, ...]


@contextmanager
def unpacked(source: Readable, place: Path, wanted: Wanted) -> Iterator[Found]:
    """Unpacks a backup beside `place` and verifies every hash, every chain and the database in it. What is found can be
    put in place inside the block; otherwise nothing of it is left. Raises CannotStart, BadSettings, and whatever the
    opening of the source refuses."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise CannotStart(
            f"{place} is not empty; nothing in it was changed, and nothing was restored.",
            "Name a folder that does not exist yet. What lies in the old one is worth keeping until all is well.",
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    with rough.folder(place.parent, f".{place.name}{ROUGH}") as folder:
        contents = _unpack(source, folder)
        new_secret = _lay_secret(folder, contents, wanted.secret)
        chosen = _settings(folder, wanted)
        with _loaded(chosen):
            yield _look(chosen, contents, wanted, new_secret)


def put_in_place(found: Found, place: Path) -> Settings:
    """Tells every watch that it comes from a backup, and gives the folder its name. Returns its settings."""
    tell(found)
    from django.db import connections

    connections.close_all()
    rough.move(found.settings.data, place)
    return server_settings.configure(place)


def tell(found: Found) -> int:
    """Every watch in the unpacked folder stands still from now on. Returns how many were told."""
    from . import checks, lease

    lease.forget()
    told = checks.tell_restored(f"this folder was restored from a backup made at {found.made}")
    backup.told(found.settings)
    return told


def prove(source: Readable, chosen: Settings, wanted: Wanted) -> Found:
    """Restores a backup beside the living folder `chosen`, as far as being told, and throws it away. That it was proven
    is written down in the living host. Django is pointed at `chosen` afterwards, whatever happens."""
    place = chosen.data.with_name(f"{chosen.data.name}-proof-{secrets.token_hex(4)}")
    try:
        with unpacked(source, place, wanted) as found:
            tell(found)
    finally:
        server_settings.configure(chosen.data)
    backup.note(backup.PROVEN)
    return found


# Unpacking.


def _unpack(source: Readable, folder: Path) -> dict[str, Any]:
    """Writes every file of the stream, and returns its contents once each of them is what they say."""
    (folder / "files").mkdir(mode=0o700)
    found: dict[str, tuple[int, str]] = {}
    contents = b""
    try:
        with tarfile.open(fileobj=cast("Any", source), mode="r|") as tar:
            for member in tar:
                data = tar.extractfile(member) if member.isreg() else None
                if data is not None and member.name == backup.CONTENTS and not contents:
                    contents = data.read()
                elif data is not None and _NAMES.fullmatch(member.name) and member.name not in found:
                    found[member.name] = _write(folder / member.name, data)
                else:
                    raise _not_ours(f"it holds {member.name!r}, which no backup does")
    except tarfile.TarError as error:
        raise _not_ours(str(error)) from error
    while source.read(_PIECE):  # to its sealed end, so that nothing was cut off behind what tar reads
        pass
    return _checked(contents, found)


def _write(path: Path, data: Any) -> tuple[int, str]:
    hashed, size = hashlib.sha256(), 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while piece := data.read(_PIECE):
            hashed.update(piece)
            size += len(piece)
            out.write(piece)
    return size, hashed.hexdigest()


def _checked(text: bytes, found: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    try:
        contents: dict[str, Any] = json.loads(text)
        named = {name: (int(size), str(sha256)) for name, (size, sha256) in contents["files"].items()}
        known = contents["form"] == backup.FORM
        for key, kind in (("made", int), ("version", str), ("secret", str), ("heads", dict)):
            if not isinstance(contents[key], kind):
                raise TypeError(key)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_ours("it has no list of its contents that can be read") from error
    if not known:
        raise _not_ours(f"its form is {contents['form']!r}, not {backup.FORM!r}")
    wrong = sorted(name for name in {*named, *found} if named.get(name) != found.get(name))
    if wrong:
        raise CannotStart(
            f"{wrong[0]} in this backup is missing or is not what its list of contents says; nothing was restored.",
            _ANOTHER,
        )
    for name in (*backup.KEPT, backup.MARK):
        if name not in found:
            raise _not_ours(f"it has no {name}")
    return contents


def _not_ours(why: str) -> CannotStart:
    return CannotStart(f"This is not a backup of a host ({why}); nothing was restored.", _ANOTHER)


# Secret, settings, database.


def _lay_secret(folder: Path, contents: Mapping[str, Any], given: str | None) -> bool:
    """Puts the host's secret where it belongs. Returns whether it is a new one."""
    if given is not None and backup.fingerprint(given) != contents["secret"]:
        raise CannotStart(
            "The file `secret` that was given is not the one of the host that this backup was made of; nothing was "
            "restored.",
            "Look for the right one, or leave --secret out: a new one is made, and authenticators are set up anew.",
        )
    path = folder / "secret"
    path.touch(mode=0o600)
    path.write_text((given or secrets.token_urlsafe(48)).strip() + "\n", encoding="ascii")
    return given is None


def _settings(folder: Path, wanted: Wanted) -> Settings:
    if wanted.database:
        chosen = replace(
            server_settings.read(folder),
            database=wanted.database,
            database_password_file=wanted.database_password_file,
        )
        server_settings.check(chosen)
        (folder / "settings.toml").write_text(server_settings.text(chosen), encoding="utf-8")
    return server_settings.configure(folder)


@contextmanager
def _loaded(chosen: Settings) -> Iterator[None]:
    """The database is where the settings say. PostgreSQL is empty again afterwards, unless the folder was moved."""
    database = databases.of(chosen)
    copies = [chosen.data / name for name in databases.COPIES]
    here = next((path for path in copies if path.exists()), chosen.data / database.copy_name)
    database.load(here)
    if database.copy_name != databases.sqlite.FILE:
        here.unlink()
    try:
        yield
    except BaseException:
        _empty(chosen, database)
        raise
    if chosen.data.exists():
        _empty(chosen, database)


def _empty(chosen: Settings, database: databases.Database) -> None:
    from django.db import connections

    if chosen.data.exists():
        server_settings.configure(chosen.data)
        database.empty()
    connections.close_all()


# Looking at it.


def _look(chosen: Settings, contents: Mapping[str, Any], wanted: Wanted, new_secret: bool) -> Found:
    from allauth.mfa.models import Authenticator

    from . import checks, clock, models

    databases.of(chosen).check_whole()
    migrated = tuple(checks.pending_migrations())
    if migrated:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    checks.ready(chosen.data)
    verdicts = _verified(chosen, contents)
    lacking = tuple(_lacking(chosen, contents))
    if lacking and not wanted.allow_missing:
        raise CannotStart(
            f"{len(lacking)} sealed files are missing in this backup or not whole (the first is {lacking[0]}); nothing "
            "was restored.",
            "Take a backup that has them. If there is none: --allow-missing restores everything else.",
        )
    outside = (chosen.mail.password_file, chosen.database_password_file)
    sizes = [int(size) for name, (size, _) in contents["files"].items() if name.startswith("files/")]
    return Found(
        settings=chosen,
        made=contents["made"],
        now=clock.now().wall,
        version=contents["version"],
        authors=models.Watch.objects.count(),
        rows=sum(verdict.rows for verdict in verdicts),
        files=len(sizes),
        size=sum(sizes),
        lacking=lacking,
        behind=tuple(compare(wanted.seen, {verdict.name: verdict.head for verdict in verdicts})),
        compared=len(wanted.seen),
        migrated=migrated,
        new_secret=new_secret,
        authenticators=Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).count(),
        outside=tuple(path for path in outside if path and not Path(path).exists()),
    )


def _verified(chosen: Settings, contents: Mapping[str, Any]) -> Sequence[Verdict]:
    """Every log, against the heads that were seen when the backup was made. They begin the new folder's heads file."""
    from . import audit

    lines = [f"{name}\t{number}\t{link}\n" for name, (number, link) in sorted(contents["heads"].items())]
    chosen.heads.touch(mode=0o600)
    chosen.heads.write_text("".join(lines), encoding="utf-8")
    verdicts = audit.verify_all(chosen.heads)
    bad = [verdict for verdict in verdicts if not verdict.whole]
    if bad:
        raise CannotStart(
            f"A log in this backup is not whole ({bad[0].name}: {bad[0].faults[0]}); nothing was restored.",
            f"{_ANOTHER} Keep this one for whoever looks into it.",
        )
    return verdicts


def _lacking(chosen: Settings, contents: Mapping[str, Any]) -> Iterator[str]:
    """Sealed files that the database speaks of and that are not there as they should be."""
    from . import models

    taken_back = set(contents.get("taken_back", ()))
    for row in models.SealedFile.objects.filter(complete=True).order_by("hash").iterator():
        _, sha256 = contents["files"].get(f"files/{row.hash}", (0, ""))
        if sha256 != row.hash and row.hash not in taken_back:
            yield row.hash


def compare(seen: Sequence[tuple[str, Head]], ends: Mapping[str, Head]) -> Iterator[Behind]:
    """Where somebody has seen more of a log, or another one, than is in the database that Django is pointed at."""
    from . import audit

    for name, head in sorted(seen, key=lambda one: (one[0], one[1].number)):
        here = ends.get(name, Head(0, b"")).number
        if head.number > here:
            yield Behind(name, head.number, here)
            continue
        author = "" if not name.startswith(author_log("")) else name.removeprefix(author_log(""))
        if not audit.link_of(author, head.number).startswith(head.link):
            yield Behind(name, head.number, here, another=True)


def keep_seen(place: Path, heads: Path) -> None:
    """Keeps the lost host's heads file in the restored folder, for whoever looks into what was lost."""
    shutil.copyfile(heads, place / f"heads-before-restore-{secrets.token_hex(4)}")
