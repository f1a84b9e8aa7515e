"""A letter as the bytes that leave: plain text, marked as sent by a machine, with a Message-ID that never changes.

The library spells every line of it. What many letters have in common is spelled once and remembered, and what cannot
be spelled in two ways (a plain address, a body of ASCII) is not asked for: to have each header of each letter taken
apart and put together again costs more than all else that is done to hand it over. A test compares the two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache

from lastwords.protocol.changed import made_at_once

from .letters import Text
from .settings import Mail

PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
"""An address that is spelled as it stands, wherever it stands."""
SHORT = 64
"""Characters of one that surely fits into its line."""


@made_at_once
@dataclass(frozen=True, slots=True)
class Envelope:
    """One letter for one address. `ident` names the letter for ever, so that a second copy is known as one."""

    ident: str
    address: str
    text: Text
    written: int
    """UTC seconds; stands as the letter's date, so that a copy sent again is the same letter."""


def compose(envelope: Envelope, mail: Mail, name: str) -> bytes:
    """The letter's bytes, every line ended by CR LF; `name` is the service's own. Raises ValueError, IndexError or
    HeaderParseError when no mail can be addressed to this or called so."""
    text, body = envelope.text, envelope.text.body
    wide = not (envelope.address + mail.sender).isascii()
    return b"".join(
        (
            _address("From", text.sender or name, mail.sender, wide),
            _to(envelope.address, wide),
            *_reply_to(mail, wide),
            _line("Subject", text.subject, wide),
            _date(envelope.written),
            _message_id(envelope.ident, mail.sender.rpartition("@")[2], wide),
            _constant(wide),
            _content_headers(body.isascii()),
            b"\r\n",
            _lines(body if body.isascii() else _quoted(body)),
        )
    )


def _to(address: str, wide: bool) -> bytes:
    if len(address) <= SHORT and PLAIN.fullmatch(address):
        return f"To: {address}\r\n".encode()
    return _address("To", "", address, wide)


def _reply_to(mail: Mail, wide: bool) -> Iterator[bytes]:
    if mail.reply_to and mail.reply_to != mail.sender:
        yield _address("Reply-To", "", mail.reply_to, wide)


def _message_id(ident: str, domain: str, wide: bool) -> bytes:
    # The library says only that this is one; what it says of one such name it says of all.
    return _line("Message-ID", f"<{'0' * len(ident)}@{domain}>", wide).replace(
        b"0" * len(ident), ident.encode(), 1
    )


@lru_cache(64)
def _date(written: int) -> bytes:
    return _line("Date", format_datetime(datetime.fromtimestamp(written, UTC)), False)


@lru_cache(4)
def _constant(wide: bool) -> bytes:
    return _line("Auto-Submitted", "auto-generated", wide) + _line("X-Auto-Response-Suppress", "All", wide)


@lru_cache(256)
def _address(name: str, person: str, address: str, wide: bool) -> bytes:
    return _spelled(name, Address(display_name=person, addr_spec=address), wide)


@lru_cache(256)
def _line(name: str, value: str, wide: bool) -> bytes:
    return _spelled(name, value, wide)


def _spelled(name: str, value: str | Address, wide: bool) -> bytes:
    """One header as the library spells and folds it; `wide` lets it say UTF-8 in it, where an address does already."""
    policy = SMTPUTF8 if wide else SMTP
    return policy.fold_binary(*policy.header_store_parse(name, value))


# The body.


@lru_cache(2)
def _content_headers(ascii_only: bool) -> bytes:
    message = _content("a" if ascii_only else "ä")
    return b"".join(SMTP.fold_binary(name, value) for name, value in message.items())


def _lines(text: str) -> bytes:
    return b"\r\n".join(text.encode("ascii").splitlines()) + b"\r\n"


def _quoted(body: str) -> str:
    payload = _content(body).get_payload()
    assert isinstance(payload, str)
    return payload


def _content(body: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message.set_content(body, cte="7bit" if body.isascii() else "quoted-printable")
    return message
