"""A person's home folder: their key, who they are at the host, what they pinned, what they have counted.

    key                the secret key; an age file locked by a passphrase, or its text when made without one
    new-key            a key that waits to take its place
    old-key-1          keys that were replaced: one's own copies from then open with them
    person.toml        origin of the host, handle, name and zone
    pins.json          keys of other people, and the highest manifest number seen of each track
    invitations.json   secrets of the invitations this author made; the host never learns them
    counters.json      the counter of check-ins at each host
    sealed/            words on their way to the host
    incoming/          sealed files that are being fetched

All files but the last two are made with the key. One that is missing or cannot be read stops every command that needs
it: an empty list of pins would believe any host, and a counter begun afresh would be refused as a replay.
"""

import fcntl
import json
import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastwords.cli.errors import Stopped

KEY, PERSON = "key", "person.toml"
NEW_KEY, OLD_KEY = "new-key", "old-key-"
NO_HOME_YET = (
    "With a card or a recovery sheet: `lastwords key from-card`. With an invitation: `lastwords accept FILE`. To write "
    "words of your own: `lastwords key new`. Or name your folder with --home."
)
RECORDS = ("pins.json", "invitations.json", "counters.json")


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Who this is, and at which host; an empty handle means that no host knows this key yet."""

    origin: str = ""
    handle: str = ""
    name: str = ""
    zone: str = "UTC"


class Home:
    """The folder itself. Every write is atomic and on disk before it returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # The key.

    @property
    def has_key(self) -> bool:
        return (self.folder / KEY).exists()

    def must_be_new(self) -> None:
        """Refuses to touch a folder that holds a key already."""
        if self.has_key:
            raise Stopped(
                f"There is a key in {self.folder} already; it was left alone.",
                "Use another folder with --home, or go on with this key.",
                "key_exists",
            )

    def make(self, key: bytes, person: PersonFile) -> None:
        """Makes a new home around a key. The key comes last: with it, the home is whole."""
        self.must_be_new()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in RECORDS:
            write_atomically(self.folder / name, b"{}\n")
        self.write_person(person)
        write_atomically(self.folder / KEY, key)

    def read_key(self) -> bytes:
        return self._read_secret(self.folder / KEY)

    def keep_new_key(self, key: bytes) -> None:
        """Keeps a key that waits to take the place of this home's own."""
        write_atomically(self.folder / NEW_KEY, key)

    def read_new_key(self) -> bytes | None:
        path = self.folder / NEW_KEY
        return self._read_secret(path) if path.exists() else None

    def read_old_keys(self) -> list[bytes]:
        """The keys that were replaced, newest first."""
        return [self._read_secret(path) for path in reversed(self._old_keys())]

    def take_new_key(self) -> None:
        """The new key becomes this home's own; the old one stays beside it. Safe to repeat after a fall between."""
        old = self.folder / f"{OLD_KEY}{len(self._old_keys()) + 1}"
        write_atomically(old, self.read_key())
        (self.folder / NEW_KEY).replace(self.folder / KEY)
        sync_folder(self.folder)

    def _old_keys(self) -> list[Path]:
        found = self.folder.glob(f"{OLD_KEY}*")
        return sorted(found, key=lambda path: int(path.name.removeprefix(OLD_KEY)))

    def _read_secret(self, path: Path) -> bytes:
        if not path.exists():
            raise self._no_key()
        if path.stat().st_mode & 0o077:
            raise Stopped(
                f"The key in {self.folder} can be read by other people of this machine; it was not used.",
                f"Close it with `chmod 600 {path}`, and think about who may have read it.",
                "key_open",
            )
        return path.read_bytes()

    # Who this is.

    def read_person(self) -> PersonFile:
        path = self.folder / PERSON
        try:
            known = tomllib.loads(path.read_text("utf-8"))
            return PersonFile(**{name: _text(known[name]) for name in ("origin", "handle", "name", "zone")})
        except FileNotFoundError:
            raise Stopped(
                f"There is no {PERSON} in {self.folder}; nothing was changed.",
                NO_HOME_YET,
                "no_person",
            ) from None
        except (KeyError, TypeError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise self._unreadable(path, error) from error

    def write_person(self, person: PersonFile) -> None:
        lines = [f"{name} = {_quoted(getattr(person, name))}\n" for name in person.__slots__]
        write_atomically(self.folder / PERSON, "".join(lines).encode())

    # Records: pins, invitations, counters.

    def read(self, name: str) -> dict[str, Any]:
        """One of the JSON records, whole. Stops when it is missing or cannot be read."""
        path = self.folder / name
        try:
            record = json.loads(path.read_bytes())
            if not isinstance(record, dict):
                raise ValueError("not an object")
            return record
        except FileNotFoundError:
            if not self.has_key:
                raise self._no_key() from None
            raise Stopped(
                f"{path} is missing, though there should be one beside the key; nothing was changed.",
                "Bring it back from a copy of this folder. Without it this machine cannot tell old from new.",
                "home_incomplete",
            ) from None
        except ValueError as error:
            raise self._unreadable(path, error) from error

    @contextmanager
    def change(self, name: str) -> Iterator[dict[str, Any]]:
        """Reads a record, lets the caller change it, and writes it; one command at a time."""
        with self.locked():
            record = self.read(name)
            yield record
            write_atomically(
                self.folder / name, json.dumps(record, indent=1, sort_keys=True).encode() + b"\n"
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds this home's lock, so that two commands never count or pin over one another."""
        with open(self.folder / "lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def sealing(self) -> Iterator[None]:
        """Lets one command at a time seal and send words: a second one would throw away what the first has sealed."""
        with open(self.folder / "sealing", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Stopped(
                    "Another command is sealing or sending words from this folder; this one changed nothing.",
                    "Wait until it has ended, then run this again.",
                    "sealing",
                ) from None
            yield

    def next_counter(self, origin: str, above: int = 0) -> int:
        """The next number for a check-in at this host, higher than `above` too. It is on disk before it is used, so
        that a number is never used twice."""
        with self.change("counters.json") as counters:
            number = counters.get(origin, 0)
            if not isinstance(number, int):
                raise self._unreadable(self.folder / "counters.json", ValueError("a counter is not a number"))
            number = counters[origin] = max(number, above) + 1
        return number

    def counter(self, origin: str) -> int:
        """The number of the last check-in that was signed for this host."""
        return int(self.read("counters.json").get(origin, 0))

    def _no_key(self) -> Stopped:
        return Stopped(
            f"There is no key in {self.folder}.",
            NO_HOME_YET,
            "no_key",
        )

    def _unreadable(self, path: Path, error: Exception) -> Stopped:
        return Stopped(
            f"{path} cannot be read ({error}); nothing was changed and nothing is guessed.",
            "Bring it back from a copy of this folder.",
            "home_unreadable",
        )


def write_new(path: Path, data: bytes) -> None:
    """Writes a file that is not there yet, whole or not at all; never over another one."""
    must_not_be_there(path)
    write_atomically(path, data)


def must_not_be_there(path: Path, do: str = "Name a new file.") -> None:
    """Refuses to write over a file."""
    if path.exists():
        raise Stopped(f"There is a file at {path} already; it was left alone.", do, "file_exists")


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Writes a file whole or not at all; it is on disk, with its name, when this returns."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Puts the folder's list of names on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(text: str) -> str:
    """A text as TOML writes it. A JSON string is nearly that, so the quoting is json's and never our own. But of a
    character beyond the first 65,536 JSON may make two escapes, neither of which TOML takes, and it leaves DEL bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
