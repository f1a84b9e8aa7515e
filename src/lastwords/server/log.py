"""The log: a chain of salted commitments per author, and one for the host.

A row commits to its body without showing it, so body and salt can be erased later while every link stays provable:

    commitment = SHA-256(salt || body)            body: canonical JSON, salt: 16 random bytes
    link       = SHA-256(link before || commitment || number as 8 bytes, big end first)

A row may say something beside its body that the body's reader must not see (a word under force is a check-in for
whoever is made to show it). Then its salt is not drawn: it is the first 16 bytes of SHA-256 of what was sealed beside
it, 16 random bytes at its head. It looks like any other, and commits to both.

The link before the first row is a SHA-256 of the log's own name, so rows cannot be moved to another author's log.
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from lastwords.signing import canonical
from lastwords.signing.refusals import Refused

from .port import Entry, Head

HOST_LOG = "host log"
SALT = 16


def beginning(name: str) -> Head:
    """The head of an empty log of that name: `author:` and a handle, or the host's."""
    return Head(0, hashlib.sha256(b"lastwords/v1/log\x00" + name.encode()).digest())


def author_log(author: str) -> str:
    """The name of an author's log."""
    return f"author:{author}"


def commitment(salt: bytes, body: bytes) -> bytes:
    return hashlib.sha256(salt + body).digest()


def link(before: bytes, committed: bytes, number: int) -> bytes:
    return hashlib.sha256(before + committed + number.to_bytes(8, "big")).digest()


def follow(
    head: Head, body: Mapping[str, Any], salt: bytes, beside: Mapping[str, Any] | None = None
) -> Entry:
    """The next row of a log. `body` gets its number here, so that no row can be written under another one's; `beside`
    is what is sealed beside it."""
    number = {"number": head.number + 1}
    sealed = b"" if beside is None else canonical.encode({**beside, **number})
    return chained(head, canonical.encode({**body, **number}), salt, sealed)


def chained(head: Head, data: bytes, salt: bytes, beside: bytes = b"") -> Entry:
    """The next row of a log, of a body that is spelled already and has the number in it; `beside` too, if any."""
    number, sealed = head.number + 1, b""
    if beside:
        sealed = salt + beside
        salt = salt_of(sealed)
    committed = commitment(salt, data)
    return Entry(number, data, salt, committed, link(head.link, committed, number), sealed)


def salt_of(sealed: bytes) -> bytes:
    """The salt of a row beside which these bytes are sealed."""
    return hashlib.sha256(sealed).digest()[:SALT]


def plain(value: Any) -> Any:
    """A frozen record, or a part of one, as plain data for a body: records become tables, sets of values lists."""
    if type(value) in (str, int):
        return value
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    return value


# Verifying.


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A row as it is found: body and salt are None once erased."""

    number: int
    body: bytes | None
    salt: bytes | None
    commitment: bytes
    link: bytes
    sealed: bytes | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying one log found. `faults` are sentences; an empty tuple means that the log is whole."""

    name: str
    rows: int
    head: Head
    erased: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.faults


def verify(name: str, rows: Iterable[Row], reasons: Mapping[int, str], *witnesses: Head | None) -> Verdict:
    """Walks a log from its beginning.

    `reasons` are the erasures the host's log gives a reason for, by row number; `witnesses` are heads seen
    elsewhere earlier (the heads file, a keeper's letter), which this log must still contain. A link may be shortened,
    as in a letter."""
    head = beginning(name)
    faults: list[str] = []
    erased: list[int] = []
    links = {0: head.link}
    for row in rows:
        if row.body is None or row.salt is None:
            erased.append(row.number)
        head, found = follows(head, row, reasons)
        faults += found
        links[row.number] = row.link
    for witness in witnesses:
        if witness is not None and not links.get(witness.number, b"").startswith(witness.link):
            faults.append(f"row {witness.number} was seen elsewhere and is not in this log")
    return Verdict(name, len(links) - 1, head, tuple(erased), tuple(dict.fromkeys(faults)))


def follows(head: Head, row: Row, reasons: Mapping[int, str]) -> tuple[Head, list[str]]:
    """One step of that walk: the head that this row makes, and what is wrong with the row behind `head`."""
    faults: list[str] = []
    if row.number != head.number + 1:
        faults.append(f"after row {head.number} comes row {row.number}")
    if row.body is not None and row.salt is not None:
        faults += _body_faults(row)
    elif row.number not in reasons:
        faults.append(f"row {row.number} was erased without a reason")
    if link(head.link, row.commitment, row.number) != row.link:
        faults.append(f"row {row.number} does not follow the one before it")
    return Head(row.number, row.link), faults


def _body_faults(row: Row) -> list[str]:
    assert row.body is not None and row.salt is not None
    if commitment(row.salt, row.body) != row.commitment:
        return [f"row {row.number} is not what was committed to"]
    if row.sealed and salt_of(row.sealed) != row.salt:
        return [f"what is sealed beside row {row.number} is not what was committed to"]
    try:
        body = canonical.decode(row.body)
    except Refused:
        return [f"row {row.number} cannot be read"]
    if not isinstance(body, dict) or body.get("number") != row.number:
        return [f"row {row.number} names another number"]
    return []


def said(row: Row) -> dict[str, Any]:
    """What a row says, if that is what was committed to; nothing otherwise, and once it is erased. A changed row is
    found by the walk, and must not keep the other rows from being read."""
    if row.body is None or row.salt is None or commitment(row.salt, row.body) != row.commitment:
        return {}
    try:
        body = canonical.decode(row.body)
    except Refused:
        return {}
    return body if isinstance(body, dict) else {}


def erasures(host_rows: Iterable[Row]) -> dict[str, dict[int, str]]:
    """The erasures the host's log has reasons for: log name -> row number -> reason."""
    found: dict[str, dict[int, str]] = {}
    for row in host_rows:
        body = said(row)
        if body.get("kind") == "erased":
            found.setdefault(str(body["log"]), {})[int(str(body["row"]))] = str(body["reason"])
    return found
