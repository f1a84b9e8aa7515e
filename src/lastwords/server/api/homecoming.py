"""After a return: the page that keepers signed, and who was told what."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja import Router

from lastwords.protocol.watch import Case, Watch
from lastwords.server import models, new_keys
from lastwords.server.models import Person
from lastwords.signing.act import Act
from lastwords.signing.documents import peek
from lastwords.signing.refusals import Refused

from . import door, parts, views

router = Router(tags=["homecoming"])

HOME = "seen or heard"

FACTS = (
    "released",
    "first_letter",
    "told",
    "shares_wanted",
    "opened",
    "later",
    "through_someone",
    "declined",
    "recalled",
    "passed_on",
)
"""What a log row can say happened to a recipient's words, with the track as what it is about."""


@router.get("/watches/{author}/case/home")
def home_page(request: HttpRequest, author: str) -> dict[str, Any]:
    """The welcome-home page of the newest case: who signed that they have seen or heard the author, and when. Each
    signature goes with it, so that whoever prints the page can check it first."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    case = door.case_of(seen)
    return {
        "author": author,
        "name": views.name_of(author),
        "number": case.number,
        "cause": case.cause.value,
        "opened": case.opened.wall,
        "closed": case.closed.wall if case.closed else None,
        "signed": list(_signatures(seen.watch, case)),
    }


def _signatures(watch: Watch, case: Case) -> Iterator[dict[str, Any]]:
    """The newest "seen or heard" of each keeper who stands on the page, for this case."""
    people = Person.objects.in_bulk(list(views.seen_home(watch)))
    rows = models.Paper.objects.filter(watch_id=watch.author, kind="act", name=HOME, by__in=people)
    found: dict[str, dict[str, Any]] = {}
    for row in rows.order_by("id"):
        person, text = people[row.by], bytes(row.body)
        if _is_of(text, person, case):
            found[row.by] = {
                "keeper": row.by,
                "name": person.name,
                "at": row.made,
                "document": text.decode(),
                "signing_key": new_keys.key_named(person, peek(text).signer).text,
            }
    yield from sorted(found.values(), key=lambda one: (one["at"], one["keeper"]))


def _is_of(text: bytes, person: Person, case: Case) -> bool:
    try:
        return door.kept(person, text, Act).document.case == str(case.number)
    except Refused:
        return False


@router.get("/watches/{author}/told")
def told(request: HttpRequest, author: str) -> dict[str, Any]:
    """Who was told what: for each of the author's tracks what became of its words, with dates, oldest first. Rows of
    the log that were erased can no longer say anything; `erased` counts them."""
    seen = door.enter(request, author, parts.AUTHOR)
    found: dict[str, list[dict[str, Any]]] = {track.key: [] for track in seen.watch.tracks}
    erased = 0
    rows = models.LogRow.objects.filter(watch_id=author).order_by("number").values_list("number", "body")
    for number, body in rows:
        if body is None:
            erased += 1
            continue
        row = json.loads(bytes(body))
        for what, about in row["happened"]:
            if what in FACTS and about in found:
                found[about].append({"what": what, "at": row["at"][0], "by": row["by"], "row": number})
    tracks = [track for track in seen.watch.tracks if found[track.key]]
    return {
        "told": [
            {
                "track": track.key,
                "recipient": track.recipient,
                "adult": track.adult or None,
                "words": track.words.value,
                "facts": found[track.key],
            }
            for track in tracks
        ],
        "erased": erased,
    }
