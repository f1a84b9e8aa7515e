"""Ways out. One mail channel over SMTP, and the plain answers every channel gives.

A channel's answer is about one letter and one address. Whether the way out as a whole works is another question: a
relay that cannot be reached says nothing about the people behind it, so it raises `NoWayOut`, and the clock earns
nothing while it stands.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from typing import Protocol, TypeVar

from .composing import Envelope, compose
from .port import Answer
from .refusals import BadSettings
from .relay import CannotAddress, Relay, TlsRelay
from .settings import Mail

__all__ = ["ACCEPTED", "BOUNCED", "LATER", "REFUSED", "Envelope", "NoWayOut", "SmtpWay", "Way"]

Begun = TypeVar("Begun")
TIMEOUT = 20.0
"""Seconds a relay may take for one whole answer, however it drips."""
ACCEPTED, LATER, REFUSED, BOUNCED = "accepted", "later", "refused", "bounced"


class NoWayOut(Exception):
    """The relay cannot be reached, refuses us, or breaks off: no letter leaves, whomever it is for."""


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
    _kept: list[Relay] = field(default_factory=list)
    """Connections that nobody uses at this moment; taking one out and putting it back is one step each."""

    def send(self, envelope: Envelope) -> Answer:
        channel = f"mail:{envelope.address}"
        try:
            letter = compose(envelope, self.mail, self.name)
        except (ValueError, IndexError, HeaderParseError) as error:
            return Answer(channel, REFUSED, f"no mail can be addressed to this: {error}")
        sender, to = self.mail.sender, envelope.address
        try:
            with self._way_out(lambda relay: relay.begin(sender, to, len(letter))) as (relay, refused):
                if refused:
                    return _answer(channel, *refused)
                code, reply = relay.finish(letter)
        except CannotAddress as error:
            return Answer(channel, REFUSED, str(error))
        return Answer(channel, ACCEPTED, "accepted") if code == 250 else _answer(channel, code, reply)

    def probe(self) -> None:
        # A relay may greet us and yet take nothing from us, so it is asked whether it would.
        with self._way_out(self._asks):
            pass

    def _asks(self, relay: Relay) -> None:
        code, reply = relay.mail(self.mail.sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, reply, self.mail.sender)
        if relay.rset()[0] != 250:
            raise smtplib.SMTPServerDisconnected("the relay does not forget what it was told")

    def close(self) -> None:
        while (kept := self._take()) is not None:
            kept.close()

    def _take(self) -> Relay | None:
        try:
            return self._kept.pop()
        except IndexError:
            return None

    @contextmanager
    def _way_out(self, begin: Callable[[Relay], Begun]) -> Iterator[tuple[Relay, Begun]]:
        """A connection on which `begin` went well a moment ago, and what it gave. Whatever breaks it is `NoWayOut`."""
        relay: Relay | None = None
        try:
            relay, begun = self._begun(begin)
            yield relay, begun
        except (OSError, smtplib.SMTPException, ValueError, BadSettings) as error:
            # A challenge that is no base64, say, breaks in the library as a wrong value.
            if relay is not None:
                relay.close()
            raise NoWayOut(_reason(error)) from error
        self._kept.append(relay)

    def _begun(self, begin: Callable[[Relay], Begun]) -> tuple[Relay, Begun]:
        """Connections are kept from letter to letter, and one may have gone since; a new one has the last word."""
        while (kept := self._take()) is not None:
            try:
                return kept, begin(kept)
            except CannotAddress:
                self._kept.append(kept)
                raise
            except (OSError, smtplib.SMTPException, ValueError):
                kept.close()
        relay = self._connect()
        try:
            return relay, begin(relay)
        except BaseException:
            relay.close()
            raise

    def _connect(self) -> Relay:
        mail = self.mail
        if mail.tls == "tls":
            context = ssl.create_default_context()
            relay: Relay = TlsRelay(mail.host, mail.port, timeout=self.timeout, context=context)
        else:
            relay = Relay(mail.host, mail.port, timeout=self.timeout)
        try:
            relay.ehlo_or_helo_if_needed()
            if mail.tls == "starttls":
                relay.starttls(context=ssl.create_default_context())
                relay.ehlo_or_helo_if_needed()
            if mail.user:
                relay.login(mail.user, mail.password())
        except BaseException:
            relay.close()
            raise
        return relay


def _answer(channel: str, code: int, reply: bytes) -> Answer:
    """5xx is for good, everything else for now, and what is no answer at all too; the reply is kept as the far side
    gave it, shortened."""
    text = reply.decode("utf-8", "replace")
    state = REFUSED if 500 <= code < 600 else LATER
    return Answer(channel, state, f"{code} {text}"[:500])


def _reason(error: Exception) -> str:
    """What the host reads of it, in words that say where to look."""
    if isinstance(error, BadSettings):
        return error.happened.partition(";")[0].rstrip(".")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the relay does not take this name and password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"the relay does not offer what the settings ask for ({str(error).rstrip('.')})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the relay answered {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the relay's certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the relay speaks no TLS here, or another kind: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return f"the relay cannot be reached: {error.strerror}"
    return f"the relay broke off ({type(error).__name__})"
