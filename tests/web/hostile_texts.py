"""Texts and names of files that mean harm to whoever reads them: shapes of our own making, and seeded changes of them.

In a shape `RUN` stands for a call that tells the test that a script ran, `OUT` for an address that is not this host's.
A shape is what somebody could write as a letter, a title, a name, a line of captions, or an entry of a case.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

RUN, OUT = "hit()", "http://elsewhere.example/got"


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text("utf-8").split("\n")[:-1]


SHAPES: tuple[str, ...] = (
    *(line.replace("RUN", RUN).replace("OUT", OUT) for line in _lines("hostile_shapes.txt")),
    "\u202e>tpircs/<hit()>tpircs<\u202c",
    "\u2066<img src=x onerror=hit()>\u2069",
    "<scr\u200bipt>hit()</scr\u200bipt>",
    "<\u0000script>hit()</script>",
    "<img src=x o\u0000nerror=hit()>",
    "\ufeff<svg onload=hit()>",
    "\uff1cscript\uff1ehit()\uff1c/script\uff1e",
    "<img\u000bsrc=x\u000conerror=hit()>",
    "<svg\u2028onload=hit()>",
    "<a href='\u0001javascript:hit()'>press</a>",
    "a\r\n\r\n<script>hit()</script>",
    "Content-Type: text/html\r\n\r\n<script>hit()</script>",
    "e\u0301" * 40 + "<b onclick=hit()>",
    "Z\u0351\u036b\u0343" * 60,
    "\u05d0\u05d1\u05d2 (\u202d<img src=x onerror=hit()>",
    "\U000e0001\U000e0073\U000e0063 <svg onload=hit()>",
    "<" * 900 + "img src=x onerror=hit()>",
    "<b>" * 300 + "<script>hit()</script>",
    "*" * 800 + "<img src=x onerror=hit()>" + "_" * 800,
    "[" * 400 + "](javascript:hit())" * 40,
    "> " * 200 + "<svg onload=hit()>",
)

NAMES: tuple[str, ...] = tuple(map(json.loads, _lines("hostile_names.jsonl")))
"""Names of files, also such as a container would refuse: what is kept must be right on its own."""

_BIDI = (
    "\u202a",
    "\u202b",
    "\u202d",
    "\u202e",
    "\u2066",
    "\u2067",
    "\u2068",
    "\u202c",
    "\u2069",
    "\u200e",
    "\u200f",
)
_UNSEEN = (
    "\u0000",
    "\u0001",
    "\t",
    "\n",
    "\r",
    "\f",
    "\u000b",
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u2028",
    "\ufeff",
)
_AROUND = (
    ('"', '"'),
    ("'", "'"),
    ("`", "`"),
    ('">', '<"'),
    ("'>", "<'"),
    ("</p>", "<p>"),
    ("</title>", "<title>"),
    ("</script>", "<script>"),
    ("</style>", "<style>"),
    ("</textarea>", "<textarea>"),
    ("<!--", "-->"),
    ("-->", "<!--"),
    ("<svg>", "</svg>"),
    ("<math>", "</math>"),
    ("<template>", "</template>"),
    ("<table>", "</table>"),
    ("<select>", ""),
    ("[", "](x)"),
    ("[x](", ")"),
    ("![", "](x)"),
    ("![x](", ")"),
    ("**", "**"),
    ("_", "_"),
    ("`", "`"),
    ("> ", ""),
    ("# ", " #"),
    ("- ", ""),
    ("1. ", ""),
    ("\n\n", "\n\n"),
    ("<", ">"),
    ("{{", "}}"),
    ("${", "}"),
    ("&lt;", "&gt;"),
)


Change = Callable[[str, random.Random], str]


def _case(text: str, chance: random.Random) -> str:
    """Letters of tags and attributes in either case; what runs stays as it is written."""

    def mixed(found: re.Match[str]) -> str:
        return "".join(chance.choice((one.lower(), one.upper())) for one in found[0])

    return re.sub(r"(?<=[<\s/])[a-z]{2,}(?=[\s=>/])", mixed, text)


def _put_in(what: tuple[str, ...]) -> Change:
    def change(text: str, chance: random.Random) -> str:
        at = chance.randrange(len(text) + 1)
        return text[:at] + chance.choice(what) * chance.choice((1, 1, 2, 9)) + text[at:]

    return change


def _around(text: str, chance: random.Random) -> str:
    before, after = chance.choice(_AROUND)
    return f"{before}{text}{after}"


def _entities(text: str, chance: random.Random) -> str:
    way = chance.choice(("&#{};", "&#x{:x};", "&#{:07d}", "%{:02x}", "\\u{:04x}", "\\x{:02x}"))
    part = chance.choice(("<", ">", '"', "'", ":", "(", "=", "/"))
    return text.replace(part, way.format(ord(part)))


def _out(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice((1, 1, 1, 3)) :]


def _splice(text: str, chance: random.Random) -> str:
    other = chance.choice(SHAPES)
    return text[: chance.randrange(len(text) + 1)] + other[chance.randrange(len(other) + 1) :]


def _join(text: str, chance: random.Random) -> str:
    return chance.choice(("", " ", "\n", "\n\n", "\r\n")).join((text, chance.choice(SHAPES)))


def _wide(text: str, chance: random.Random) -> str:
    wide = {
        ord(one): ord(one) + 0xFEE0 for one in chance.choice(("<>", "()", "abcdefghijklmnopqrstuvwxyz", '"'))
    }
    return text.translate(wide)


CHANGES: tuple[Change, ...] = (
    _case,
    _around,
    _around,
    _entities,
    _out,
    _splice,
    _join,
    _wide,
    _put_in(_BIDI),
    _put_in(_UNSEEN),
)


def texts(count: int, seed: int = 0) -> Iterator[str]:
    """Every shape as it is, then seeded changes of them: `count` different ones, the same for the same seed."""
    yield from SHAPES[:count]
    chance = random.Random(f"hostile texts {seed}")
    given = set(SHAPES)
    while len(given) < count:
        text = chance.choice(SHAPES)
        for _ in range(chance.choice((1, 1, 2, 3, 5))):
            text = chance.choice(CHANGES)(text, chance)[:4000]
        if text not in given:
            given.add(text)
            yield text


def names(count: int, seed: int = 0) -> list[str]:
    """Names of files: the written ones, then changes of them and texts taken for names."""
    chance = random.Random(f"hostile names {seed}")
    found = dict.fromkeys(NAMES)
    while len(found) < count:
        name = chance.choice((*NAMES, *SHAPES))
        for _ in range(chance.choice((0, 1, 2, 3))):
            name = chance.choice(CHANGES)(name, chance)[:600]
        found[name + chance.choice(("", "", ".txt", ".png", ".html", "/x"))] = None
    return list(found)[:count]
