"""A mail server on this machine that takes every letter and keeps it: the mailboxes of everyone in the story.

One file per letter and address, numbered in the order of arrival: `0007-pakkun@leaf.example.eml`. A letter is on disk
before its arrival is acknowledged, as with any mail server worth the name.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .errors import StoryStopped


@dataclass(frozen=True, slots=True)
class Received:
    """One letter as it arrived. `ident` is its Message-ID without brackets and place: the letter's name at the host."""

    file: str
    to: str
    ident: str
    subject: str
    text: str


class _Keeper:
    """aiosmtpd's handler: writes what arrives into the folder."""

    def __init__(self, folder: Path, arrived: Callable[[Received], None]) -> None:
        self.folder = folder
        self.arrived = arrived
        self.count = len(list(folder.glob("*.eml")))
        self.lock = threading.Lock()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            with self.lock:
                self.count += 1
                path = self.folder / f"{self.count:04d}-{address}.eml"
                _write(path, content)
            self.arrived(_read(path))
        return "250 OK"


def _write(path: Path, content: bytes) -> None:
    with path.with_suffix(".part").open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.with_suffix(".part").rename(path)


class Mailbox:
    """The server and its folder. A context manager; the port is free to choose when 0 is asked for."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = port
        self._controller = Controller(_Keeper(folder, self.arrived), hostname="127.0.0.1", port=port)

    def arrived(self, letter: Received) -> None:
        """A letter is on disk, and the host does not know it yet. Here for those who want to know at that moment."""

    def __enter__(self) -> "Mailbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def find(self, address: str, wanted: str, saying: str = "") -> Received | None:
        """The newest letter to an address whose subject begins so and that says so."""
        arrived = reversed(letters(self.folder, address))
        found = (letter for letter in arrived if letter.subject.startswith(wanted) and saying in letter.text)
        return next(found, None)

    def wait_for(self, address: str, wanted: str, patience: float, saying: str = "") -> Received:
        """The newest letter to an address whose subject begins so and that says so; waits for it as people do.

        Raises StoryStopped."""
        waited = threading.Event()
        for _ in range(int(patience / 0.05)):
            found = self.find(address, wanted, saying)
            if found:
                return found
            waited.wait(0.05)
        raise StoryStopped(f"No letter “{wanted}…” reached {address} within {patience:.0f} seconds.")


def letters(folder: Path, address: str = "") -> list[Received]:
    """The letters in a mailbox's folder, in the order of their arrival; of one address when it is named."""
    paths = sorted(folder.glob(f"*-{address}.eml" if address else "*.eml"))
    return [_read(path) for path in paths]


def _read(path: Path) -> Received:
    message = message_from_bytes(path.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    return Received(
        file=path.name,
        to=path.stem.partition("-")[2],
        ident=str(message["Message-ID"] or "").strip("<>").partition("@")[0],
        subject=str(message["Subject"] or ""),
        text=body.get_content() if body else "",
    )
