"""Reads a mail that came to the letters' own address: is it a letter of ours that came back, and is it back for good?

What is understood: delivery status notifications (RFC 3464) as mail servers really write them, the older forms of
qmail and Exim, and Dovecot's rejections. Everything here is about letters alone. An automatic answer is named as one
and is never a sign of life. What a person may have written is told apart from all of that, and read in `replies`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice

UNREADABLE = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    AssertionError,
)
"""What the email package raises at a mail that it cannot take apart. Anybody may send one, and those behind it wait."""
MOST = 2 * 1024 * 1024
"""Bytes of one mail that are read; what stands behind them is somebody's attachment."""
MOST_WORDS, LONGEST_HEADER, MOST_SAID = 50_000, 2_000, 50
"""Characters of its text and of a header that is decoded, and letters of which it may speak. Anybody may send a mail
that is made to be slow to read, and those behind it would wait: so no rule below looks at any place of a text more than
a few hundred times, or through the whole mail for each thing that it says."""
MOST_LINES, MOST_PARTS, MOST_NESTED = 50_000, 500, 30
"""Lines; such as may divide one part of a mail from the next, as two hyphens do; and words that may begin a part made
of parts, with each of whose ends every later line is compared."""
MOST_BLOCKS = 2_000
"""Empty lines behind the word that makes the email package take a part for a report. It makes a message of each block
there, which takes a minute for the seven hundred thousand that fit into one mail; a report has one for each address."""


class Kind(StrEnum):
    """What a mail says of a letter."""

    GONE = "gone"
    """The letter came back, and this address will not take another one."""
    NOT_NOW = "not now"
    """The letter came back; the address may take it another day: a full mailbox, a server that is away, a filter."""
    LATE = "late"
    """The far side still tries. Nothing has come back yet."""
    ARRIVED = "arrived"
    """A receipt for a letter that was handed on."""
    AUTOMATIC = "automatic"
    """An answer that no person wrote: out of office, a ticket, a receipt for reading."""
    OTHER = "other"
    """Anything else; a person may have written it."""
    SIGN = "sign of life"
    """A person's answer with a code or number that was right."""
    NO_SIGN = "no sign"
    """A person's answer with a code or number that was wrong or used."""
    UNTIMELY = "untimely"
    """A person's answer with a code or number that was written too long ago, in time to come, or nobody knows when."""
    KNOWN = "known"
    """A person's answer that was taken before."""


CAME_BACK = (Kind.GONE, Kind.NOT_NOW)


@dataclass(frozen=True, slots=True)
class Returned:
    """One thing that a mail says. `letter` is the letter's name out of its Message-ID, empty when there is none;
    `addresses` where it had gone, the surest first; `why` the far side's own words, shortened."""

    kind: Kind
    letter: str = ""
    addresses: tuple[str, ...] = ()
    why: str = ""


LETTER = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>")
"""A Message-ID as `composing.compose` makes it."""
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY = re.compile(r"(?:^|[\s:;#<(])([45])\d\d(?=[\s\-#:])")
_IN_ADDRESS = r"[^\s<>()\[\],;:\"']"
ADDRESS = re.compile(rf"(?<!{_IN_ADDRESS}){_IN_ADDRESS}{{1,320}}@{_IN_ADDRESS}+")


def any_of(*patterns: str) -> re.Pattern[str]:
    """One pattern that finds any of these, in capitals or not."""
    return re.compile("|".join(patterns), re.I)


def read(data: bytes) -> tuple[Returned, ...]:
    """Everything one mail says of letters; always at least one thing. Refuses nothing: what cannot be read is OTHER."""
    try:
        message = opened(data)
        letter = _letter(message, data)
        found = (
            _statuses(message, letter)
            or _dovecot(message, letter)
            or _exim(message, letter)
            or _qmail(message, letter)
            or _plain(message, letter)
        )
        if found:
            return tuple(found[:MOST_SAID])
        return (Returned(Kind.AUTOMATIC if _is_automatic(message) else Kind.OTHER, letter),)
    except UNREADABLE:
        return (Returned(Kind.OTHER),)  # the email package meets mail that it cannot take apart either


def opened(data: bytes) -> Message:
    """A mail as the email package reads it, as far as it is read at all."""
    data = _until(data[:MOST], _LINE, MOST_LINES)
    data = _until(data, _DIVIDER, MOST_PARTS)
    data = _until(data, _BOUNDARY, MOST_NESTED)
    report = _REPORT.search(data)
    return message_from_bytes(_until(data, _EMPTY_LINE, MOST_BLOCKS, report.end()) if report else data)


def _until(data: bytes, what: re.Pattern[bytes], most: int, start: int = 0) -> bytes:
    """As far as the first of these that is too many, counted from `start`."""
    last = next(islice(what.finditer(data, start), most, None), None)
    return data[: last.start()] if last else data


_LINE = re.compile(rb"\r\n|\r|\n")
_DIVIDER = re.compile(rb"(?:\r\n|\r|\n)--")
_BOUNDARY = re.compile(rb"boundary", re.I)
_REPORT = re.compile(rb"delivery-status", re.I)
_EMPTY_LINE = re.compile(rb"(?>\r\n|\r|\n){2}")


# The forms.


def _statuses(message: Message, letter: str) -> list[Returned]:
    """RFC 3464: one group of fields for the message, then one for each address."""
    parts = [part for part in message.walk() if part.get_content_type() in STATUSES]
    groups = ((group, _field(group, "Action").split()) for part in parts for group in _groups(part))
    some = list(islice(((group, action[0]) for group, action in groups if action), MOST_SAID))
    if not some:
        return []
    sent, words = _sent_to(message), _words(message)
    return [_status(group, action.lower().strip(";,"), letter, sent, words) for group, action in some]


STATUSES = ("message/delivery-status", "message/global-delivery-status")


def _status(group: Message, action: str, letter: str, sent: list[str], words: str) -> Returned:
    """What one group of fields says; `sent` is where the mail as a whole says that the letter had gone, `words` what a
    person would read in it."""
    said = _field(group, "Diagnostic-Code")
    status = _field(group, "Status")
    named = [_address(group[name]) for name in ("Original-Recipient", "Final-Recipient") if group[name]]
    addresses = tuple(dict.fromkeys([*sent, *(one for one in named if one)]))
    why = " ".join(f"{status} {said}".split())[:400]
    kind = {
        "delayed": Kind.LATE,
        "delivered": Kind.ARRIVED,
        "relayed": Kind.ARRIVED,
        "expanded": Kind.ARRIVED,
    }.get(action)
    if kind is None:
        kind = weigh(status, said or words)
    return Returned(kind, letter, addresses, why)


def _dovecot(message: Message, letter: str) -> list[Returned]:
    """Dovecot's delivery agent refuses with a disposition instead of a status: *deleted*, without a person."""
    for part in message.walk():
        if part.get_content_type() != "message/disposition-notification":
            continue
        for group in _groups(part):
            how = _field(group, "Disposition").lower()
            if "automatic-action" in how and how.rstrip().endswith("deleted"):
                words = _words(message)
                address = _address(group["Final-Recipient"] or "")
                addresses = tuple(dict.fromkeys([*_sent_to(message), *([address] if address else [])]))
                return [Returned(weigh("", words), letter, addresses, _short(words))]
    return []


def _exim(message: Message, letter: str) -> list[Returned]:
    """Exim without a report: the addresses stand in a header of their own, the reasons in the text."""
    failed = [address for _, address in getaddresses(message.get_all("X-Failed-Recipients", [])) if address]
    words = _words(message) if failed else ""
    kind, why = weigh("", words), _short(words)
    return [Returned(kind, letter, (address,), why) for address in failed[:MOST_SAID]]


COPY_BELOW = re.compile(
    r"^[^\w\n]{0,20}?-{2,}+.{0,20}(?:below this line|original message|undelivered message|copy of)",
    re.M | re.I,
)
QMAIL_ADDRESS = re.compile(r"^<([^<>\s]{1,320}@[^<>\s]{1,320})>:[ \t]*$", re.M)


def _qmail(message: Message, letter: str) -> list[Returned]:
    """qmail's own form: paragraphs that begin with an address, then the letter below a line."""
    words = _words(message)
    if not COPY_BELOW.search(words):
        return []
    parts = QMAIL_ADDRESS.split(COPY_BELOW.split(words)[0])
    return [
        Returned(weigh("", why), letter, (address,), _short(why))
        for address, why in zip(parts[1::2], parts[2::2], strict=True)
    ]


POSTMAN = re.compile(r"mailer-?daemon|postmaster|mail (?:delivery )?(?:sub)?system|mail administrator", re.I)
UNDELIVERED = any_of(
    r"undeliver|unzustellbar|not delivered|could not be delivered|returned mail|mail returned",
    r"delivery (?:status|failure|failed|problem|error)|delivery to .{1,80} failed|failed delivery",
    r"failure notice|(?:delivery|message) (?:has )?(?:failed|delayed)",
)
STILL_TRYING = re.compile(
    r"delayed|warning|will (?:be retried|keep trying|continue|try again)|still (?:trying|being)|no action is required",
    re.I,
)


def _plain(message: Message, letter: str) -> list[Returned]:
    """A postman's text in no form at all. The addresses in it are guesses, held later to where the letter had gone."""
    subject, sender = (_decoded(message.get(name, "")) for name in ("Subject", "From"))
    if not (POSTMAN.search(sender) and UNDELIVERED.search(subject) and letter):
        return []
    words = COPY_BELOW.split(_words(message))[0]
    addresses = tuple(dict.fromkeys([*_sent_to(message), *ADDRESS.findall(words)]))
    late = STILL_TRYING.search(f"{subject} {words}")
    return [Returned(Kind.LATE if late else weigh("", words), letter, addresses, _short(words))]


# For good, or for now.

GONE_WORDS = any_of(
    r"(?:user|recipient|mailbox|account|person|address|domain|host)s? (?:is |was |name )?(?:unknown|not found)",
    r"(?:does not|doesn.t|didn.t) exist|existiert nicht|unbekannt|nobody by that name|no mailbox here|not listed in",
    r"unknown (?:or invalid )?(?:local[- ]part|user|recipient|address|mailbox|account|domain)",
    r"no such (?:local |virtual )?(?:user|recipient|address|mailbox|person|account|domain|host)",
    r"invalid (?:recipient|mailbox|address|user)|not a valid (?:mailbox|user|recipient|address)",
    r"(?:mailbox|account|address|user)[^.\n]{0,30}(?:disabled|inactive|deactivated|closed|suspended|no longer|invalid)",
    r"mailbox unavailable|recipient address rejected: (?:access denied|user|undeliverable|invalid|unknown)",
    r"recipnotfound|resolver\.adr|nxdomain|null ?mx|nonexistentdomain|(?:host|domain)[^.\n]{0,40}not found",
    r"relay(?:ing)? (?:access )?(?:denied|not permitted|prohibited|not allowed)|unable to relay|unroute?able",
    r"couldn.t (?:be found|find any host)|wasn.t found|(?:does not|doesn.t) (?:accept mail|have an? )",
)
NOT_NOW_WORDS = any_of(
    r"(?:mailbox|inbox|account|user|disk|folder|postfach)[^.\n]{0,40}(?:full|exceed|over|out of|limit|voll)",
    r"quota|insufficient|storage|too (?:many|much|large|big|long)|try(?:ing)? again|later|temporar|expired",
    r"timed? ?out|timeout|gr[ea]ylist|connection (?:refused|lost|dropped|reset)|not accepting|rate limit",
    r"spam|junk|block(?:ed|list)|black ?list|reputation|policy|dmarc|\bspf\b|dkim|authenticat",
)
ABSENT = {"1.0", "1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.0", "2.1", "4.4", "4.310"}
"""Details of a permanent status that say in themselves that nobody lives there."""
PASSING = {"1.7", "1.8", "2.2", "2.3", "3.1", "3.2", "3.4", "4.2", "4.5", "4.7", "4.300", "4.316", "4.317"}
"""Details that say nothing against the reader's address: full, too large, away too long, or our own address blamed."""


def weigh(status: str, said: str) -> Kind:
    """Whether a letter that came back did so for good: by its status (RFC 3463) where that is plain, by the words
    where it is not. In doubt it is *not now*, which takes nobody's address for dead."""
    found = [one for one in (ENHANCED.search(status), ENHANCED.search(said)) if one]
    # A reporter that only knows "failed" writes 5.0.0; what the far side said is plainer.
    plain = next((one for one in found if one[2] != "0"), found[0] if found else None)
    detail = f"{plain[2]}.{plain[3]}" if plain else ""
    reply = REPLY.search(said)
    first = plain[1] if plain else reply[1] if reply else ""
    if first == "4" or detail in PASSING:
        return Kind.NOT_NOW
    if detail in ABSENT:
        return Kind.GONE
    gone, passing = GONE_WORDS.search(said), NOT_NOW_WORDS.search(said)
    if gone and passing:
        return Kind.GONE if gone.start() < passing.start() else Kind.NOT_NOW
    if gone or passing:
        return Kind.GONE if gone else Kind.NOT_NOW
    return Kind.GONE if first == "5" and detail in ("", "0.0") else Kind.NOT_NOW


# Answers that no person wrote.

AUTOMATIC_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-Autoresponder",
    "X-MS-Exchange-Inbox-Rules-Loop",
)
AUTOMATIC_SUBJECTS = re.compile(
    r"^\s*(?:re:\s*)?(?:out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response|antwort)|"
    r"automatische antwort|abwesen|away from|vacation|on holiday|réponse automatique|respuesta automática|"
    r"risposta automatica|自動応答|不在)",
    re.I,
)


def _is_automatic(message: Message) -> bool:
    """RFC 3834's own mark first, then what programs without it give away."""
    marked = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    if marked != "no":
        return True
    if any(message.get(name) for name in AUTOMATIC_HEADERS):
        return True
    if str(message.get("Precedence", "")).strip().lower() in (
        "auto_reply",
        "auto-reply",
        "bulk",
        "junk",
        "list",
    ):
        return True
    if (
        str(message.get("Return-Path", "")).strip() == "<>"
        or message.get_content_type() == "multipart/report"
    ):
        return True
    return bool(AUTOMATIC_SUBJECTS.search(_decoded(message.get("Subject", ""))))


# Parts of a mail.


def _groups(part: Message) -> Iterator[Message]:
    """The groups of fields in a status part, however the mail was wrapped."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))
        return
    for block in re.split(r"\n\s*\n", text_of(part)):
        yield message_from_bytes(block.strip().encode())


def _field(group: Message, name: str) -> str:
    return " ".join(str(group.get(name, "")).split())


def _address(field: object) -> str:
    """The address in `rfc822; somebody@example.org`, with or without the type and the brackets."""
    found = ADDRESS.search(str(field).partition(";")[2] or str(field))
    return found[0] if found else ""


def _sent_to(message: Message) -> list[str]:
    """The address on the letter itself, when it came back with it: a forwarder's own address is not the one we know."""
    for part in _originals(message):
        found = [address for _, address in getaddresses([str(part.get("To", ""))]) if "@" in address]
        if found:
            return found
    return []


def _originals(message: Message) -> Iterator[Message]:
    """What came back of the letter: the whole or its headers."""
    for part in message.walk():
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind in ("message/rfc822", "message/global") and isinstance(payload, list):
            yield from (one for one in payload if isinstance(one, Message))
        elif kind in ("text/rfc822-headers", "message/rfc822", "message/global-headers"):
            yield message_from_bytes(text_of(part).lstrip().encode())


def _letter(message: Message, data: bytes) -> str:
    """The letter's name: from what came back of it, from headers that speak of it, or from wherever it stands."""
    places = [str(part.get("Message-ID", "")) for part in _originals(message)]
    for name in ("X-Original-Message-ID", "Original-Message-ID", "In-Reply-To", "References"):
        places += [str(value) for value in message.get_all(name, [])]
    places.append(data.decode("latin-1"))
    found = (LETTER.search(place) for place in places)
    return next((one[1] for one in found if one), "")


def _words(message: Message) -> str:
    """The text that a person would read, without what came back."""
    texts = []
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            break
        if part.get_content_type() in ("text/plain", "text/html"):
            texts.append(text_of(part))
    return "\n".join(texts)[:MOST_WORDS]


def text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(part.get_payload() or "")
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _decoded(header: object) -> str:
    try:
        return str(make_header(decode_header(str(header)[:LONGEST_HEADER])))
    except UNREADABLE:
        return str(header)[:LONGEST_HEADER]


def _short(words: str) -> str:
    return " ".join(words.split())[:400]
