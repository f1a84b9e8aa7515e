"""After a return: the welcome-home page that keepers signed, who was told what, and what stays of the case."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import click

from lastwords.cli import keys_of, show
from lastwords.cli.errors import Stopped
from lastwords.cli.home import write_new
from lastwords.cli.me import Me, me, named_author
from lastwords.signing.act import AUTHOR, KEEPER, Act
from lastwords.signing.documents import read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.refusals import Refused

HOME = "seen or heard"


# The page.


@click.command("page")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Also as a page to print, in a new file."
)
@show.answers
def page(html: Path | None) -> None:
    """The welcome-home page: who has seen or heard the author, and when. No words are on it.

    Every name stands there by a signature that was checked here first. It can be signed for 90 days after the case
    has closed."""
    person, author = me(), named_author()
    found = person.host.get("watches", author, "case", "home")
    signed, left_out = checked(person, author, found)
    if not signed and not left_out:
        raise Stopped(
            f"Nobody has signed yet that they have seen or heard {show.fit_for_terminal(found['name'])} again, "
            "so there is no page.",
            f"A keeper who has signs it: `lastwords case {author} sign home`.",
            "not_home",
        )
    if html is not None:
        write_new(html, as_html(found, signed, person.person.zone).encode())
    if left_out:
        show.aside(f"Left out, because their signature could not be checked: {', '.join(left_out)}.")
    zone = person.person.zone
    data = {
        "case": found["number"],
        "name": found["name"],
        "closed": found["closed"],
        "signed": [{part: one[part] for part in ("keeper", "name", "at")} for one in signed],
        "left_out": left_out,
    }
    show.tell(
        data | ({"file": str(html)} if html else {}),
        f"Welcome home, {show.fit_for_terminal(found['name'])}.",
        *[f"{show.fit_for_terminal(one['name'])}, {show.day(one['at'], zone)}" for one in signed],
    )


def checked(person: Me, author: str, found: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The signatures whose key the author signed for and which are about this case; and the handles of the others."""
    good, left_out = [], []
    for one in found["signed"]:
        if _holds(person, author, found, one):
            good.append(one)
        else:
            left_out.append(one["keeper"])
    return good, left_out


def _holds(person: Me, author: str, found: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    keeper, shown = str(one["keeper"]), str(one["signing_key"])
    try:
        if fingerprint(shown) not in _trusted(person, author, keeper):
            return False
        act = read(str(one["document"]).encode(), Act, PublicKey.read(shown)).document
    except Refused:
        return False
    said = (act.actor, act.role, act.author, act.act, act.case)
    return said == (keeper, KEEPER, author, HOME, str(found["number"]))


def _trusted(person: Me, author: str, keeper: str) -> set[str]:
    """Fingerprints of signing keys that are this keeper's for certain: one's own, a pinned one, one in a manifest."""
    trusted = {person.keys.signing.public.fingerprint} if keeper == person.handle else set()
    pin = person.pins.person(keeper)
    if pin is not None:
        trusted.add(pin.signing)
    for one in person.sealed(author):
        held = keys_of.of(one)
        if keeper in held:
            trusted.add(held[keeper].signing)
    return trusted


PAW = (
    '<svg viewBox="0 0 40 40" width="36" height="36" aria-hidden="true">'
    '<ellipse cx="20" cy="27" rx="10" ry="8"/><ellipse cx="7" cy="18" rx="4" ry="6"/>'
    '<ellipse cx="15" cy="9" rx="4" ry="6"/><ellipse cx="25" cy="9" rx="4" ry="6"/>'
    '<ellipse cx="33" cy="18" rx="4" ry="6"/></svg>'
)
STYLE = """
@page { size: A4; margin: 2.5cm }
body { font: 14pt/1.5 Georgia, serif; color: #222; max-width: 34em; margin: 3em auto; padding: 0 1em }
h1 { font-weight: normal; font-size: 28pt; margin: 0 0 1em }
ul { list-style: none; padding: 0 }
li { display: flex; align-items: center; gap: 1em; padding: .5em 0; border-bottom: 1px solid #ccc; break-inside: avoid }
svg { fill: #444; flex: none }
.day, footer { color: #555; font-size: 11pt }
"""


def as_html(found: Mapping[str, Any], signed: list[dict[str, Any]], zone: str) -> str:
    """The page for a printer: names and dates, a paw print for each, nothing else. It fetches nothing."""
    rows = "\n".join(
        f"<li>{PAW}<span>{escape(one['name'])}<br>"
        f'<span class="day">{escape(show.day(one["at"], zone))}</span></span></li>'
        for one in signed
    )
    closed = f", closed on {show.day(found['closed'], zone)}" if found["closed"] else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Welcome home, {escape(found["name"])}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Welcome home, {escape(found["name"])}</h1>
<p>We have seen or heard you ourselves.</p>
<ul>
{rows}
</ul>
<footer>Case {found["number"]}, opened on {escape(show.day(found["opened"], zone))}{escape(closed)}.
Every name stands here by a signature that was checked.</footer>
</body>
</html>
"""


# What stays.


@click.command("keep")
@click.argument("number", type=click.IntRange(min=1))
@show.answers
def keep(number: int) -> None:
    """Keep what was written in case NUMBER. Otherwise it is erased 90 days after the case has closed."""
    person, author = me(), named_author()
    document = person.sign_act("keep case", author, AUTHOR, subject=str(number))
    said = person.host.post("watches", author, "cases", number, "keep", document=document)
    show.tell(
        said, f"What was written in case {number} stays. The signatures and the record stay in any case."
    )


# Who was told what.

SENTENCES = {
    "released": "released on {day}",
    "first_letter": "a first letter without content went on {day}",
    "told": "told by {by} on {day}",
    "shares_wanted": "shares handed out on {day}",
    "opened": "opened on {day}",
    "later": "kept for later on {day}",
    "through_someone": "wanted through someone else on {day}",
    "declined": "declined on {day}",
    "recalled": "taken back unopened on {day}",
    "passed_on": "passed on to the one who follows on {day}",
}


def told_lines(told: Mapping[str, Any], zone: str) -> list[str]:
    """For each recipient whose words have moved: what they were told and what became of them, with dates."""
    lines = []
    for one in told["told"]:
        through = f" (through {one['adult']})" if one["adult"] else ""
        facts = [
            SENTENCES[fact["what"]].format(day=show.day(fact["at"], zone), by=fact["by"])
            for fact in one["facts"]
        ]
        lines.append(f"{one['recipient']}{through}, {one['track']}: {'; '.join(facts)}.")
    if told["erased"]:
        lines.append(
            f"{told['erased']} rows of the record were erased; what stood in them is not in this list."
        )
    return lines
