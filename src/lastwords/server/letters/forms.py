"""The forms that letters are filled in from: the text file of their kind, read once, and what of it stands in a letter
when these flags are set.

A file is paragraphs. Those that begin with `Subject:` are the subject, the rest is the body. A line that begins with
`?flag ` is there only when the flag is set, one with `?!flag ` only when it is not.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

WIDTH = 76
"""Columns at which body lines are broken."""
SUBJECT = "Subject: "

_WORD = re.compile(r"\$([a-z_]+)")
"""How a text names a word."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in a letter. In subject and paragraphs the words stand as `str.format` has them."""

    words: tuple[str, ...]
    """Which words it names, in the order in which they are met."""
    subject: str | None
    """None when there is none for such a reader."""
    paragraphs: tuple[tuple[str, bool], ...]
    """Each with whether it names a word; those that name none are broken into lines already."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph or subject of a file, and the flags that must be set for it, and that must not."""

    wanted: frozenset[str]
    unwanted: frozenset[str]
    is_subject: bool
    text: str


@lru_cache(512)
def form(kind: str, *flags: str) -> Form:
    """The form of a kind of letter when these flags are set."""
    given = frozenset(flags)
    chosen = [one for one in _paragraphs(kind) if one.wanted <= given and one.unwanted.isdisjoint(given)]
    subjects = [one.text for one in chosen if one.is_subject][-1:]
    body = [one.text for one in chosen if not one.is_subject]
    words = dict.fromkeys(name for text in [*subjects, *body] for name in _WORD.findall(text))
    return Form(tuple(words), _spelled(subjects[0]) if subjects else None, tuple(map(_ready, body)))


@lru_cache(512)
def wrap(paragraph: str) -> str:
    """The paragraph in lines of at most `WIDTH` columns. Most of most letters are the same as the day before, so the
    newest few hundred are remembered."""
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


def _ready(text: str) -> tuple[str, bool]:
    return (_spelled(text), True) if _WORD.search(text) else (wrap(text), False)


def _spelled(text: str) -> str:
    return _WORD.sub(r"{\1}", text.replace("{", "{{").replace("}", "}}"))


@cache
def _paragraphs(kind: str) -> tuple[_Paragraph, ...]:
    text = files(__package__).joinpath(f"{kind}.txt").read_text(encoding="utf-8")
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


def _read(paragraph: str) -> _Paragraph:
    wanted: set[str] = set()
    unwanted: set[str] = set()
    while paragraph.startswith("?"):
        flag, _, paragraph = paragraph[1:].partition(" ")
        (unwanted if flag.startswith("!") else wanted).add(flag.lstrip("!"))
    is_subject = paragraph.startswith(SUBJECT)
    return _Paragraph(frozenset(wanted), frozenset(unwanted), is_subject, paragraph.removeprefix(SUBJECT))
