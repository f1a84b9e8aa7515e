"""Given shares as the host holds them: three states of one share, each a paper the store can shred.

    given         with a statement, under both covers
    uncovered     handed in by the keeper who said "told", the outer cover taken off
    given_again   given at *shares wanted*, straight to the recipient's key

A name is `track/part/keeper`. Beside each given share lies the keeper's signed word for which manifest it belongs to
(`head`); it names one track only, so that a recipient who checks it learns of nobody else's words. The host can open
none of the shares (I7).
"""

from collections.abc import Iterable
from typing import Any

from lastwords.protocol.watch import Track
from lastwords.server import models
from lastwords.server.port import SHREDDED_KINDS, Paper

from . import door
from .door import Seen

GIVEN, AGAIN, UNCOVERED = "given", "given_again", "uncovered"
HEAD = "head"
OPENABLE = (UNCOVERED, AGAIN)
"""States in which the recipient's client can open a share."""
assert {GIVEN, AGAIN, UNCOVERED} == set(SHREDDED_KINDS)


def paper(state: str, track: str, part: str, keeper: str, body: bytes) -> Paper:
    """A share as a paper to go with a step."""
    return Paper(state, f"{track}/{part}/{keeper}", body)


def signed_head(seen: Seen, track: Track, part: str, text: str) -> Paper:
    """The keeper's word, for the recipient, to which manifest the share belongs: an act "give share" whose body is the
    manifest's hash. It names this one track only."""
    signed = door.signed_act(seen, text, "keeper", "give share", track.key, in_case=True)
    door.must(signed.document.body == track.manifest[1], "stale_document")
    return Paper(HEAD, f"{track.key}/{part}/{seen.person.handle}", signed.data)


def shown(author: str, track: str, states: Iterable[str], shares_of: Iterable[str]) -> list[dict[str, Any]]:
    """The newest standing share of each keeper and part on this track among those states, bodies as base64."""
    wanted = tuple(shares_of)
    newest = {
        whose: row for whose, row in _newest(author, track, tuple(states)).items() if whose[0] in wanted
    }
    heads = {whose: bytes(row.body).decode() for whose, row in _newest(author, track, (HEAD,)).items()}
    return [
        {
            "keeper": keeper,
            "part": part,
            "state": row.kind,
            "body": door.base64_of(row.body),
            "head": heads.get((part, keeper)),
        }
        for (part, keeper), row in sorted(newest.items())
    ]


def _newest(author: str, track: str, kinds: tuple[str, ...]) -> dict[tuple[str, str], models.Paper]:
    """The newest paper of each part and keeper. The others' bodies are not read: nobody knows how many there are."""
    rows = models.Paper.objects.filter(watch_id=author, kind__in=kinds, name__startswith=f"{track}/")
    idents = dict(rows.order_by("id").values_list("name", "id"))
    found = rows.in_bulk(list(idents.values()))
    return {_whose(row.name): row for row in found.values()}


def _whose(name: str) -> tuple[str, str]:
    _, part, keeper = name.split("/")
    return part, keeper
