"""What letters say. One text file per kind, plain and without links; here they are filled in.

A file is paragraphs. Those that begin with `Subject:` are the subject, the rest is the body. A line that begins with
`?flag ` is there only when the flag is set, one with `?!flag ` only when it is not. Flags are whom the letter goes to
(`to_author`, `to_keeper`, `to_recipient`, `to_host`), and every fact of it that is neither empty nor zero. Facts that
are moments can be used as `$fact` ("Sunday 14 June 2026, 20:00 (Lisbon)") and `$fact_day` ("Sunday 14 June").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lastwords.protocol.changed import made_at_once
from lastwords.protocol.effects import LetterKind


class HostLetter(StrEnum):
    """Letters from the service's own side, beside those of the machine."""

    CHANNEL_PROOF = "channel_proof"
    CREDIT_STALLED = "credit_stalled"
    WATCH_SET_ASIDE = "watch_set_aside"
    LETTER_UNDELIVERED = "letter_undelivered"
    CLOCK_DOUBTED = "clock_doubted"
    LOG_NOT_WHOLE = "log_not_whole"
    KEPT_NOT_WHOLE = "kept_not_whole"
    KEYS_ASKED = "keys_asked"
    KEYS_VOUCHED = "keys_vouched"
    KEYS_REFUSED = "keys_refused"
    KEYS_CARRIED = "keys_carried"
    WAYS_ENDED = "ways_ended"


class Role(StrEnum):
    """Who the reader is in the watch that the letter belongs to."""

    AUTHOR = "author"
    KEEPER = "keeper"
    RECIPIENT = "recipient"
    HOST = "host"


MOMENTS = ("spoken", "due", "keepers_asked", "released", "back", "ends", "by")
"""The facts that are UTC seconds; every other number is one."""

IN_QUIET = "in_quiet"
"""The one text for people in quiet mode, whatever the letter is about."""
ASKED_BY = {Role.AUTHOR: ("due", "keepers_asked", "released"), Role.KEEPER: ("ends",)}
"""By which moment a reader in quiet mode is asked to look in: the first of these that the letter carries."""

FOOTERS = {
    Role.AUTHOR: (
        "This mail has no link and needs no reply. To act, use your bookmark or the address on your sheet. "
        "Not sure? Call a keeper."
    ),
    Role.KEEPER: (
        "This mail has no link and needs no reply. To act, use your bookmark or the address on your card. "
        "Not sure? Call a keeper."
    ),
    Role.HOST: "This mail has no link and needs no reply.",
}
"""The last line. Letters to recipients carry their own ending instead."""

WIDTH = 76
"""Columns at which body lines are broken."""


@made_at_once
@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a letter is filled in from. `facts` as the machine gave them, handles already turned into names."""

    kind: str
    role: Role
    name: str
    zone: str
    author: str
    case: int
    facts: Mapping[str, int | str]
    service: str
    address: str
    record: str = ""
    """The line that carries the log's head to keepers; empty for everyone else."""
    quiet: str = ""
    """What the service is called before others, for a reader in quiet mode; empty for everyone else."""


@made_at_once
@dataclass(frozen=True, slots=True)
class Text:
    """A letter ready to be sent: one subject line, and the body with lines of at most `WIDTH` columns. `sender` is the
    name it comes from where that is not the service's own."""

    subject: str
    body: str
    sender: str = ""


class CannotWrite(Exception):
    """A letter's text needs something that the letter does not carry."""


def kinds() -> frozenset[str]:
    """Every kind of letter that there must be a text for."""
    return frozenset(kind.value for kind in LetterKind) | frozenset(kind.value for kind in HostLetter)


def write(sheet: Sheet) -> Text:
    """Fills in the text of this kind of letter. Raises CannotWrite, naming what is missing."""
    if not sheet.quiet:
        return _filled(sheet)
    if sheet.kind == HostLetter.CHANNEL_PROOF:
        return replace(_filled(replace(sheet, service=sheet.quiet)), sender=sheet.quiet)
    return replace(_filled(_hushed(sheet)), sender=sheet.quiet)


def _hushed(sheet: Sheet) -> Sheet:
    """The same letter for somebody in quiet mode: that there is something, by when, and under which number. Whatever
    else it says stands on the page of their letters, once they have signed in."""
    facts = {key: value for key, value in sheet.facts.items() if key in ("answers", "practice")}
    days = ASKED_BY.get(sheet.role, ())
    by = next((sheet.facts[key] for key in days if sheet.facts.get(key)), 0)
    return replace(sheet, kind=IN_QUIET, service=sheet.quiet, facts={**facts, "by": by}, record="")


def _filled(sheet: Sheet) -> Text:
    flags = {f"to_{sheet.role}", *(key for key, value in sheet.facts.items() if value)}
    if sheet.case:
        flags.add("case")
    words, (subjects, paragraphs) = _Words(sheet), _chosen(sheet.kind, frozenset(flags))
    try:
        subject = [one.text.format_map(words) for one in subjects[-1:]]
        body = [one.text.format_map(words) for one in paragraphs]
    except KeyError as error:
        raise CannotWrite(
            f"the text of {sheet.kind} needs {error} and the letter does not carry it"
        ) from error
    if not subject or not body:
        raise CannotWrite(f"the text of {sheet.kind} says nothing to a {sheet.role.value}")
    footer = "" if sheet.kind == IN_QUIET else FOOTERS.get(sheet.role, "")
    body += [part for part in (sheet.record, footer) if part]
    return Text(_one_line(subject[0]), "\n\n".join(map(_wrap, body)) + "\n")


@lru_cache(256)
def moment(seconds: int, zone: str) -> str:
    """A moment as people say it: weekday, date, time, and the place whose time it is."""
    there = _there(seconds, zone)
    return f"{_day(there)} {there.year}, {there:%H:%M} ({_place(zone)})"


@lru_cache(256)
def day(seconds: int, zone: str) -> str:
    """The day of a moment, for subject lines."""
    return _day(_there(seconds, zone))


# Parts.


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph or subject. Flags that must be set, and that must not; in its text the words stand as
    `str.format` has them."""

    wanted: frozenset[str]
    unwanted: frozenset[str]
    is_subject: bool
    text: str


SUBJECT = "Subject: "


@cache
def _paragraphs(kind: str) -> tuple[_Paragraph, ...]:
    text = files(__name__).joinpath(f"{kind}.txt").read_text(encoding="utf-8")
    # Subjects, and lines that depend on a flag, stand for themselves, so that variants of one can stand together.
    parts: list[str] = []
    for block in text.strip().split("\n\n"):
        begins = True
        for line in block.split("\n"):
            alone = line.startswith(("?", SUBJECT))
            if begins or alone:
                parts.append(line.strip())
            else:
                parts[-1] += f" {line.strip()}"
            begins = alone
    return tuple(_read(part) for part in parts)


@lru_cache(512)
def _chosen(kind: str, flags: frozenset[str]) -> tuple[tuple[_Paragraph, ...], tuple[_Paragraph, ...]]:
    """The subjects and the paragraphs that are there when these flags are set."""
    chosen = [one for one in _paragraphs(kind) if one.wanted <= flags and one.unwanted.isdisjoint(flags)]
    return tuple(one for one in chosen if one.is_subject), tuple(one for one in chosen if not one.is_subject)


def _read(paragraph: str) -> _Paragraph:
    wanted: set[str] = set()
    unwanted: set[str] = set()
    while paragraph.startswith("?"):
        flag, _, paragraph = paragraph[1:].partition(" ")
        (unwanted if flag.startswith("!") else wanted).add(flag.lstrip("!"))
    plain = paragraph.removeprefix(SUBJECT).replace("{", "{{").replace("}", "}}")
    text = _WORD.sub(r"{\1}", plain)
    return _Paragraph(frozenset(wanted), frozenset(unwanted), paragraph.startswith(SUBJECT), text)


_WORD = re.compile(r"\$([a-z_]+)")
"""How a text names a word."""


class _Words(dict[str, str]):
    """The words of one letter, each made when its text names it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __missing__(self, name: str) -> str:
        """Raises KeyError for a word that the letter does not carry."""
        word = self[name] = _one_line(_word(self.sheet, name))
        return word


def _word(sheet: Sheet, name: str) -> str:
    facts, zone = sheet.facts, sheet.zone
    if name in facts:
        fact = facts[name]
        return moment(fact, zone) if name in MOMENTS and isinstance(fact, int) else str(fact)
    if name in _OWN:
        return str(getattr(sheet, name))
    of = name.removesuffix("_day")
    fact = facts.get(of, "") if of in MOMENTS else ""
    if of == name or not isinstance(fact, int):
        raise KeyError(name)
    return day(fact, zone)


_OWN = ("name", "author", "case", "service", "address")
"""Words that every letter has, beside its facts."""


@lru_cache(1024)
def _one_line(text: str) -> str:
    """Names come from people: whatever is in them, they are one line of printable text in a letter."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


@lru_cache(512)
def _wrap(paragraph: str) -> str:
    """Most paragraphs of most letters are the same as the day before, so the newest few hundred are remembered."""
    lines: list[str] = []
    paragraph = paragraph.lstrip(" ")
    while len(paragraph) > WIDTH:
        cut = paragraph.rfind(" ", 0, WIDTH + 1)
        cut = cut if cut > 0 else paragraph.find(" ", WIDTH)  # a word longer than a line has one to itself
        if cut < 0:
            break
        lines.append(paragraph[:cut])
        paragraph = paragraph[cut:].lstrip(" ")
    return "\n".join([*lines, paragraph])


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(there: datetime) -> str:
    return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]}"


def _there(seconds: int, zone: str) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.fromtimestamp(seconds, UTC)


def _place(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return zone.rpartition("/")[2].replace("_", " ")
