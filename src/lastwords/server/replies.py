"""Reads a person's answer to a letter of ours: which letter it answers, when it was written, and the one code in it.

Only what the person wrote above or below the quoted letter is read: a code that stands in a quotation, a signature, a
forwarded mail or an attachment was not given now. A code has a line of its own. In doubt there is none: the mail stays
for a human, and the next reminder comes. Nothing here knows whether a code is right; nobody asks who sent the mail.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime

from .html_text import text_in
from .returned import LETTER, UNREADABLE, any_of, opened, text_of

HEAD = 8
"""Lines of the person's own, empty ones not counted, among which the code must stand: a greeting may come before it."""

MOST_LINES, LONGEST = 2_000, 500
"""Lines that are read, and characters of each: a stranger's mail may be made to be slow to read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with one code. `letter` is the letter's name out of its Message-ID, `code` what was typed without
    spaces and hyphens, `written` the UTC second at which the mail says it was written; None when it does not."""

    letter: str
    code: str
    written: int | None


def read(data: bytes, is_ours: Callable[[str], bool] = lambda letter: True) -> Reply | None:
    """The answer that these bytes of a mail are; None for everything else. Refuses nothing. The text is read only when
    `is_ours` knows the letter: a stranger's mail may be slow to read."""
    try:
        message = opened(data)
        letter = _answers(message)
        code = code_in(own_text(message)) if letter and is_ours(letter) else ""
        return Reply(letter, code, _written(message)) if code else None
    except UNREADABLE:
        return None  # the email package meets mail that it cannot take apart


def _answers(message: Message) -> str:
    """The name of the letter that the mail answers: what it says itself, else the newest one of the thread."""
    for name in ("In-Reply-To", "References"):
        found = LETTER.findall(" ".join(map(str, message.get_all(name, []))))
        if found:
            return str(found[-1])
    return ""


def _written(message: Message) -> int | None:
    try:
        return int(parsedate_to_datetime(str(message.get("Date", ""))).timestamp())
    except (ValueError, TypeError, OverflowError, OSError):
        return None


# The code.

CODE = re.compile(r"[a-hjkmnp-z2-9]{4}(?:[ -]?[a-hjkmnp-z2-9]{4}){3}|[0-9]{3}[ -]?[0-9]{3}")
"""A code as lists are printed, in groups of four or as one word; or an authenticator's number. Letters that look alike
on paper are in no code, and so hardly a sentence has the form of one."""
HYPHENS = re.compile(r"\s*[\u2010-\u2015\u2212-]\s*")
AROUND = " \t.,;:!?*_`'\"“”„‘’«»()[]"
"""What mail programs and habit put around a code."""


def code_in(own: list[str]) -> str:
    """The one code among a person's own lines, without spaces and hyphens; empty when there is none, or more."""
    found = [(place, code) for place, line in enumerate(own) if (code := _code(line))]
    return found[0][1] if len(found) == 1 and found[0][0] < HEAD else ""


def _code(line: str) -> str:
    plain = unicodedata.normalize("NFKC", line).casefold()
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    plain = " ".join(HYPHENS.sub("-", plain).strip(AROUND).split())
    return re.sub(r"[ -]", "", plain) if CODE.fullmatch(plain) else ""


# The person's own lines.

QUOTED = re.compile(r"\s*[>|＞]")
SIGNATURE = re.compile(r"--\s*")
ATTRIBUTION = any_of(
    r"\b(?:wrote|schrieb(?: am .+)?|a écrit|escribió|ha scritto|escreveu|schreef(?: op .+)?|skrev(?: .+)?)\s*:\s*$",
    r"(?:написал\w*(?:\(а\))?|пише|napisał\w*(?:\(a\))?|\bnapsal\w*(?:\(a\))?|\bkirjoitti|\bírta|\byazdı|έγραψε)\s*:\s*$",
    r"(?:のメール|さんは書きました|写道|寫道|작성)\s*[:：]\s*$",
    r"<[^<>\s]+@[^<>\s]+>\s*[:：]\s*$",
)
"""The last line of “On such a day somebody wrote:”."""
REST = any_of(
    r"^\s*-{2,}\s*(?!BEGIN PGP SIGNED)\w.{2,60}?\s*-{2,}\s*$",
    r"^\s*_{10,}\s*$",
    r"^\s*(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)|"
    r"inizio messaggio inoltrato|inicio del mensaje reenviado|weitergeleitete nachricht)\s*:?\s*$",
    r"^\s*\*?(?:from|von|de|da|van|från|fra|od|lähettäjä|от|kimden|发件人|寄件者|差出人)\s*[:：]\s*\*?\s*\S",
)
"""Lines below which everything is somebody's earlier mail."""


def own_text(message: Message) -> list[str]:
    """The lines that the person wrote in this mail, without empty ones: nothing quoted, signed or forwarded."""
    lines = [line[:LONGEST] for line in _text(message).splitlines()[:MOST_LINES]]
    own: list[str] = []
    for place, line in enumerate(lines):
        if SIGNATURE.fullmatch(line) or REST.search(line):
            break
        if ATTRIBUTION.search(line):
            rest = next((one for one in lines[place + 1 :] if one.strip()), "")
            if not QUOTED.match(rest):
                break  # what follows is quoted without a mark, so nothing tells it from an answer below it
            continue
        if line.strip() and not QUOTED.match(line):
            own.append(line)
    return own


def _text(message: Message) -> str:
    """The text that a mail program shows first: the plain one, or the web page's where there is no plain one."""
    parts = _shown(message)
    plain = next((text_of(part) for part in parts if part.get_content_type() == "text/plain"), "")
    if plain.strip():
        return plain
    return next((text_in(text_of(part)) for part in parts if part.get_content_type() == "text/html"), "")


def _shown(part: Message) -> list[Message]:
    """The text parts of a mail in their order; nothing attached, forwarded or reported."""
    if part.get_content_disposition() == "attachment" or part.get_content_maintype() == "message":
        return []
    payload = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(payload, list):
        return [found for one in payload if isinstance(one, Message) for found in _shown(one)]
    return [part] if part.get_content_type() in ("text/plain", "text/html") else []
