"""The log of a watch as each of its readers may read it: the chain, and of the bodies those that are for them."""

import json
from typing import Any

from django.http import HttpRequest
from ninja import Router

from lastwords.server.models import LogRow
from lastwords.server.retention import ENTRY, TEXT

from . import case, door, parts
from .door import Seen

router = Router(tags=["plan"])

ROWS = 500
"""Most rows of the log in one answer."""
_SPOKEN = b'"event":"speak_under_force"'
"""What marks the sealed part of a row that is shown in its time. That of a keeper who stepped back never is."""
_OF_DEATHS = ("recipient_died", "death_retracted")
_ENDED = b'["force_ended",""]'
"""What a row says of a word under force that was lifted; inside a text that somebody wrote its quotes are escaped."""


@router.get("/watches/{author}/log")
def log(request: HttpRequest, author: str, after: int = 0) -> dict[str, Any]:
    """Rows of the log after a number, 500 at most, with what is needed to check the chain: salt, body, commitment,
    link. The author sees all of it. Keepers see the chain, and the bodies of what happened since the case that has
    called them was opened, but for rows that name words of which they hold no share, or what is said among keepers
    without them."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    since, hidden, left_out = _readable_since(seen), _hidden_names(seen), _left_out(seen)
    rows = LogRow.objects.filter(watch_id=author, number__gt=after).order_by("number")[:ROWS]
    lifted = _lifted(author, after)
    called = seen.watch.force is not None
    return {"rows": [_row(row, since, hidden, left_out, told=called or row.number < lifted) for row in rows]}


def _lifted(author: str, after: int) -> int:
    """The newest row that says that a word under force has ended: of what was spoken before it everybody may know.
    Asked of the rows, and alike whatever stands: whether one stands at this moment is the very thing not to show. For
    each page all rows after it are looked through, which a log of ten thousand bears."""
    rows = LogRow.objects.filter(watch_id=author, number__gt=after, body__isnull=False).order_by("-number")
    newest_first = rows.values_list("number", "body").iterator(chunk_size=ROWS)
    return next((number for number, body in newest_first if _ENDED in bytes(body or b"")), 0)


def _readable_since(seen: Seen) -> int | None:
    """From which second on this reader may read bodies; None for never."""
    if seen.has(parts.AUTHOR):
        return 0
    newest = seen.watch.case
    return newest.opened.wall if newest and parts.knows_stage(seen.watch, seen.person.handle) else None


def _hidden_names(seen: Seen) -> tuple[bytes, ...]:
    """What names tracks that a keeper must not learn of, or whom they are for: one of them may be their own."""
    if seen.has(parts.AUTHOR):
        return ()
    kept = parts.kept_tracks(seen.watch, seen.person.handle)
    known, people = {track.key for track in kept}, {track.recipient for track in kept}
    tracks = [track.key for track in seen.watch.tracks if track.key not in known]
    others = {track.recipient for track in seen.watch.tracks} - people
    deaths = [f'["{what}","{person}"]' for what in _OF_DEATHS for person in sorted(others)]
    return tuple(name.encode() for name in (*tracks, *deaths))


def _left_out(seen: Seen) -> str:
    """The reader's own handle, if what keepers say among themselves is not for them too: words may be for them, and a
    row about something that the case does not show them would tell it. Empty for everybody else."""
    among = case.audience(seen.watch, case.KEEPERS)
    person = seen.person.handle
    return "" if seen.has(parts.AUTHOR) or person in among else person


def _is_said_among_keepers(body: dict[str, Any]) -> bool:
    return any(
        one["kind"] == TEXT or (one["kind"] == ENTRY and f"/{case.KEEPERS}/" in one["name"])
        for one in body["papers"]
    )


def _row(
    row: LogRow, since: int | None, hidden: tuple[bytes, ...], left_out: str, *, told: bool
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "number": row.number,
        "commitment": bytes(row.commitment).hex(),
        "link": bytes(row.link).hex(),
        "erased": row.body is None,
    }
    if row.body is not None and since is not None:
        body = json.loads(bytes(row.body))
        apart = bool(left_out) and body["by"] != left_out and _is_said_among_keepers(body)
        if body["at"][0] >= since and not apart and not any(name in bytes(row.body) for name in hidden):
            shown |= {"body": body, "salt": bytes(row.salt or b"").hex()}
            if told and row.beside and _SPOKEN in bytes(row.beside):
                shown["sealed"] = bytes(row.beside).hex()
    return shown
