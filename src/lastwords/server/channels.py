"""Ways out. One mail channel over SMTP, and the plain answers every channel gives.

A channel's answer is about one letter and one address. Whether the way out as a whole works is another question: a
relay that cannot be reached says nothing about the people behind it, so it raises `NoWayOut`, and the clock earns
nothing while it stands.
"""

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

from .letters import Text
from .port import Answer
from .settings import Mail

TIMEOUT = 20.0
"""Seconds a relay may take for one whole answer, however it drips."""
LONGEST = 1 << 16
"""Bytes of one answer; a relay that says more is not listened to any longer."""
ACCEPTED, LATER, REFUSED, BOUNCED = "accepted", "later", "refused", "bounced"


class NoWayOut(Exception):
    """The relay cannot be reached, refuses us, or breaks off: no letter leaves, whomever it is for."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One letter for one address. `ident` names the letter for ever, so that a second copy is known as one."""

    ident: str
    address: str
    text: Text
    written: int
    """UTC seconds; stands as the letter's date, so that a copy sent again is the same letter."""


class Way(Protocol):
    """A way out."""

    def send(self, envelope: Envelope) -> Answer:
        """Hands one letter to the far side and returns its answer. Raises NoWayOut."""
        ...

    def probe(self) -> None:
        """Finds out whether letters could leave at this moment. Raises NoWayOut."""
        ...

    def close(self) -> None:
        """Lets go of any connection."""
        ...


@dataclass(slots=True)
class SmtpWay:
    """Mail through one relay. Connections are kept between letters and made anew when they have gone; there are as many
    as letters were ever on their way at once."""

    mail: Mail
    name: str
    """The service's name, shown as the sender's."""
    timeout: float = TIMEOUT
    """Seconds for one answer."""
    _kept: list[smtplib.SMTP] = field(default_factory=list)
    """Connections that nobody uses at this moment; taking one out and putting it back is one step each."""

    def send(self, envelope: Envelope) -> Answer:
        channel = f"mail:{envelope.address}"
        try:
            message = compose(envelope, self.mail, self.name)
        except (ValueError, IndexError, HeaderParseError) as error:
            return Answer(channel, REFUSED, f"no mail can be addressed to this: {error}")
        with self._way_out() as relay:
            try:
                relay.send_message(message, self.mail.sender, [envelope.address])
            except smtplib.SMTPRecipientsRefused as error:
                code, reply = next(iter(error.recipients.values()))
                return _answer(channel, code, reply)
            except (smtplib.SMTPDataError, smtplib.SMTPHeloError) as error:
                return _answer(channel, error.smtp_code, error.smtp_error)
            except smtplib.SMTPNotSupportedError as error:
                return Answer(channel, REFUSED, str(error))
        return Answer(channel, ACCEPTED, "accepted")

    def probe(self) -> None:
        kept = self._take()
        if kept is not None and self._takes_from_us(kept):
            self._kept.append(kept)
            return
        if kept is not None:
            kept.close()
        self.close()
        with self._way_out() as relay:
            # A relay may greet us and yet take nothing from us, so it is asked whether it would.
            code, reply = relay.mail(self.mail.sender)
            if code != 250:
                raise smtplib.SMTPResponseException(code, reply)
            relay.rset()

    def _takes_from_us(self, relay: smtplib.SMTP) -> bool:
        """Whether a connection kept since the last letter still does; when not, a new one has the last word."""
        try:
            return relay.mail(self.mail.sender)[0] == 250 and relay.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def close(self) -> None:
        while (kept := self._take()) is not None:
            kept.close()

    def _take(self) -> smtplib.SMTP | None:
        try:
            return self._kept.pop()
        except IndexError:
            return None

    @contextmanager
    def _way_out(self) -> Iterator[smtplib.SMTP]:
        """A connection that was answering a moment ago. Whatever breaks it is `NoWayOut`."""
        relay: smtplib.SMTP | None = None
        try:
            relay = self._connected()
            yield relay
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # A challenge that is no base64, say, breaks in the library as a wrong value.
            if relay is not None:
                relay.close()
            raise NoWayOut(_reason(error)) from error
        self._kept.append(relay)

    def _connected(self) -> smtplib.SMTP:
        while (kept := self._take()) is not None:
            try:
                if kept.rset()[0] == 250:
                    return kept
            except (OSError, smtplib.SMTPException):
                pass  # it has gone since the last letter; another is taken, or a new one made below
            kept.close()
        return self._connect()

    def _connect(self) -> smtplib.SMTP:
        mail = self.mail
        if mail.tls == "tls":
            context = ssl.create_default_context()
            relay: smtplib.SMTP = _TlsRelay(mail.host, mail.port, timeout=self.timeout, context=context)
        else:
            relay = _Relay(mail.host, mail.port, timeout=self.timeout)
        try:
            relay.ehlo_or_helo_if_needed()
            if mail.tls == "starttls":
                relay.starttls(context=ssl.create_default_context())
            if mail.user:
                relay.login(mail.user, mail.password())
        except BaseException:
            relay.close()
            raise
        return relay


class _Answers(io.RawIOBase):
    """What the far side says, read until a deadline and up to a length: a timeout for each read alone would let one
    byte a second go on for ever."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._until = 0.0
        self._left = 0

    def begin(self, seconds: float) -> None:
        """One answer is awaited from now on."""
        self._until, self._left = time.monotonic() + seconds, LONGEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        if self._left <= 0:
            raise OSError("the answer has no end")
        self._socket.settimeout(left)
        size = self._socket.recv_into(buffer)
        self._left -= size
        return size


class _Relay(smtplib.SMTP):
    """A connection whose answers come to an end. Everything else waits no longer than its timeout already."""

    _answers: _Answers | None = None

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            if self.file is None or self._answers is None:
                self._answers = _Answers(self.sock)
                self.file = io.BufferedReader(self._answers)
            self._answers.begin(self.timeout)
        try:
            return super().getreply()
        finally:
            if self.sock is not None:
                self.sock.settimeout(self.timeout)


class _TlsRelay(_Relay, smtplib.SMTP_SSL):
    """The same under TLS from the first byte."""


def compose(envelope: Envelope, mail: Mail, name: str) -> EmailMessage:
    """The message as it leaves: plain text, marked as sent by a machine, with a Message-ID that never changes."""
    message = EmailMessage(policy=SMTP)
    domain = mail.sender.rpartition("@")[2]
    message["From"] = Address(display_name=envelope.text.sender or name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=envelope.address)
    if mail.reply_to and mail.reply_to != mail.sender:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["Subject"] = envelope.text.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(envelope.written, UTC))
    message["Message-ID"] = f"<{envelope.ident}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(
        envelope.text.body, cte="quoted-printable" if not envelope.text.body.isascii() else "7bit"
    )
    return message


def _answer(channel: str, code: int, reply: bytes | str) -> Answer:
    """5xx is for good, everything else for now, and what is no answer at all too; the reply is kept as the far side
    gave it, shortened."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    state = REFUSED if 500 <= code < 600 else LATER
    return Answer(channel, state, f"{code} {text}"[:500])


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the relay answered {error.smtp_code}"
    if isinstance(error, OSError) and error.strerror:
        return f"the relay cannot be reached: {error.strerror}"
    return f"the relay broke off ({type(error).__name__})"
