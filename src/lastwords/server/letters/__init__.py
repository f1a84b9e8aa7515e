"""What letters say. One text file per kind, plain and without links; here they are filled in.

How a file is read stands in `forms`. The flags that choose its lines are whom the letter goes to (`to_author`,
`to_keeper`, `to_recipient`, `to_host`), `case` once there was one, and every fact of the letter that is neither empty
nor zero. Facts that are moments can be used as `$fact` ("Sunday 14 June 2026, 20:00 (Lisbon)") and `$fact_day`
("Sunday 14 June").
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from lastwords.protocol.changed import made_at_once
from lastwords.protocol.effects import LetterKind

from .dates import day, moment
from .forms import Form, form, wrap

__all__ = [
    "CannotWrite",
    "HostLetter",
    "Role",
    "Sheet",
    "Text",
    "day",
    "kinds",
    "moment",
    "write",
]


class HostLetter(StrEnum):
    """Letters from the service's own side, beside those of the machine."""

    CHANNEL_PROOF = "channel_proof"
    CREDIT_STALLED = "credit_stalled"
    WATCH_SET_ASIDE = "watch_set_aside"
    LETTER_UNDELIVERED = "letter_undelivered"
    CLOCK_DOUBTED = "clock_doubted"
    LOG_NOT_WHOLE = "log_not_whole"
    KEPT_NOT_WHOLE = "kept_not_whole"
    WATCH_WAITS = "watch_waits"
    ROUNDS_FAIL = "rounds_fail"
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

_ON_THE_SHEET = (
    "This mail has no link and needs no reply. To act, use your bookmark or the address on your sheet."
)
FOOTERS = {
    Role.AUTHOR: f"{_ON_THE_SHEET} Not sure? Call a keeper.",
    Role.KEEPER: (
        "This mail has no link and needs no reply. To act, use your bookmark or the address on your card. "
        "Not sure? Call a keeper."
    ),
    Role.HOST: "This mail has no link and needs no reply.",
}
"""The last line. Letters to recipients carry their own ending instead."""


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
    # A number to look for is one that stands there: a watch keeps that of its last case long after it has closed.
    case = sheet.case if "case" in _form_of(sheet).words else 0
    return replace(sheet, kind=IN_QUIET, service=sheet.quiet, case=case, facts={**facts, "by": by}, record="")


def _form_of(sheet: Sheet) -> Form:
    flags = [key for key, value in sheet.facts.items() if value]
    if sheet.case:
        flags.append("case")
    return form(sheet.kind, _TO[sheet.role], *flags)


def _filled(sheet: Sheet) -> Text:
    found = _form_of(sheet)
    try:
        words = {name: _word(sheet, name) for name in found.words}
    except KeyError as error:
        raise CannotWrite(
            f"the text of {sheet.kind} needs {error} and the letter does not carry it"
        ) from error
    if found.subject is None or not found.paragraphs:
        raise CannotWrite(f"the text of {sheet.kind} says nothing to a {sheet.role.value}")
    body = [wrap(text.format_map(words)) if names else text for text, names in found.paragraphs]
    if sheet.record:
        body.append(wrap(sheet.record))
    if sheet.kind != IN_QUIET and sheet.role in _FOOTERS:
        body.append(
            _ALONE if sheet.role is Role.AUTHOR and sheet.facts.get("alone") else _FOOTERS[sheet.role]
        )
    return Text(_one_line(found.subject.format_map(words)), "\n\n".join(body) + "\n")


_TO = {role: f"to_{role}" for role in Role}
"""The flag that says whom a letter goes to."""
_FOOTERS = {role: wrap(footer) for role, footer in FOOTERS.items()}
_ALONE = wrap(_ON_THE_SHEET)
"""For an author who has asked nobody to be a keeper."""


def _word(sheet: Sheet, name: str) -> str:
    """Raises KeyError for a word that the letter does not carry."""
    facts, zone = sheet.facts, sheet.zone
    if name in facts:
        fact = facts[name]
        return moment(fact, zone) if name in MOMENTS and isinstance(fact, int) else _one_line(str(fact))
    if name in _OWN:
        return _one_line(str(getattr(sheet, name)))
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
