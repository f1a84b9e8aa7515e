"""A connection to a mail relay: the library's, with answers that come to an end, and a letter begun in one breath."""

import io
import re
import smtplib
import socket
import time
from contextlib import suppress

from .composing import PLAIN

LONGEST = 1 << 16
"""Bytes of one answer; a relay that says more is not listened to any longer."""
READY = 354
"""The answer to DATA after which a letter's own bytes may follow."""

Said = tuple[int, bytes]
"""An answer: its code, and its text."""


class CannotAddress(Exception):
    """This relay takes no addresses of that kind; it says nothing of any other letter."""


class _Answers(io.RawIOBase):
    """What the far side says, read until a deadline and up to a length: a timeout for each read alone would let one
    byte a second go on for ever. `seconds` is how long one answer may take, and the socket's own timeout: that is
    right for its first read, and nearly every answer needs no more."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._socket, self._seconds = sock, seconds
        self._until = 0.0
        self._left = 0
        self._hurried = False
        """Whether the socket waits for less than it does otherwise."""

    def begin(self) -> None:
        """One answer is awaited from now on."""
        self._until, self._left = 0.0, LONGEST

    def end(self) -> None:
        """It is here, or will not be."""
        if self._hurried:
            self._socket.settimeout(self._seconds)
            self._hurried = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        if not self._until:
            self._until = time.monotonic() + self._seconds
        else:
            self._hurry(self._until - time.monotonic())
        size = self._socket.recv_into(buffer)
        self._left -= size
        return size

    def _hurry(self, left: float) -> None:
        if left <= 0:
            raise TimeoutError("the answer took too long")
        if self._left <= 0:
            raise OSError("the answer has no end")
        self._socket.settimeout(left)
        self._hurried = True


class Relay(smtplib.SMTP):
    """A connection whose answers come to an end. Everything else waits no longer than its timeout already."""

    _answers: _Answers | None = None

    def getreply(self) -> Said:
        if self.sock is None:
            return super().getreply()
        if self.file is None or self._answers is None:
            self._answers = _Answers(self.sock, self.timeout)
            self.file = io.BufferedReader(self._answers)
        answers = self._answers
        answers.begin()
        try:
            return super().getreply()
        finally:
            if self.sock is not None:
                answers.end()

    def begin(self, sender: str, to: str, size: int) -> Said | None:
        """Asks whether one letter of that many bytes is taken. Returns None when its bytes may follow (see `finish`),
        or why it is not taken. Raises SMTPSenderRefused when the relay takes nothing from this sender, and, before
        anything is asked, CannotAddress.

        A relay that offers it is asked everything in one breath: nothing of the letter has left by then."""
        wide = not (sender + to).isascii()
        if wide and not self.has_extn("smtputf8"):
            raise CannotAddress("the address holds more than ASCII, and the relay takes no such addresses")
        options = f" size={size}" if self.has_extn("size") else ""
        options += " SMTPUTF8 BODY=8BITMIME" if wide else ""
        asked = [
            f"mail FROM:{_path(sender)}{options}",
            f"rcpt TO:{_path(to)}",
            "data",
        ]
        self.command_encoding = "utf-8" if wide else "ascii"
        answers: list[Said] = []
        for group in [asked] if self.has_extn("pipelining") else [[one] for one in asked]:
            self._ask(group, answers)
            if not _go_on(answers):
                break
        return self._begun(answers, sender)

    def finish(self, letter: bytes) -> Said:
        """The bytes of the letter that was begun, whose lines end with CR LF. Returns what the relay says of it."""
        self.send(re.sub(rb"(?m)^\.", b"..", letter) + b".\r\n")
        code, reply = self.getreply()
        if code != 250:
            self._as_before(code)
        return code, reply

    def _ask(self, commands: list[str], answers: list[Said]) -> None:
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError("a line break in a command")
        self.send("".join(f"{command}\r\n" for command in commands))
        for _ in commands:
            answers.append(self.getreply())

    def _begun(self, answers: list[Said], sender: str) -> Said | None:
        if answers[0][0] != 250:
            raise smtplib.SMTPSenderRefused(*answers[0], sender)
        refused = [said for said, fine in zip(answers, _FINE, strict=False) if said[0] not in fine]
        if not refused:
            return None
        if answers[-1][0] == READY:
            self.close()  # it waits for bytes of a letter that nobody is to have
        else:
            self._as_before(refused[0][0])
        return refused[0]

    def _as_before(self, code: int) -> None:
        """After a refusal the relay is to forget what it was told. One that says goodbye, or no word of this language,
        is let go: what it says next might not be about what it is asked next."""
        with suppress(smtplib.SMTPServerDisconnected):
            if 400 <= code < 600 and code != 421 and self.rset()[0] == 250:
                return
        self.close()


_FINE = ((250,), (250, 251), (READY,))
"""What lets a letter go on: the answers to MAIL, RCPT and DATA."""


def _path(address: str) -> str:
    """An address as a relay is told of it. To take one apart and put it together again costs more than to send it."""
    return f"<{address}>" if PLAIN.fullmatch(address) else smtplib.quoteaddr(address)


def _go_on(answers: list[Said]) -> bool:
    return all(said[0] in fine for said, fine in zip(answers, _FINE, strict=False))


class TlsRelay(Relay, smtplib.SMTP_SSL):
    """The same under TLS from the first byte."""
