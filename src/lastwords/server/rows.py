"""What a row of a watch's log says, and what is sealed beside it, in the one spelling."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any

from lastwords.protocol import record
from lastwords.protocol.effects import Row, Step
from lastwords.protocol.events import Event
from lastwords.protocol.moments import Moment
from lastwords.protocol.turn import event_name
from lastwords.signing import canonical

from . import log
from .port import Outgoing, Paper


def body(
    step: Step,
    text: str,
    row: Row,
    event: Event | None,
    now: Moment,
    papers: Sequence[Paper],
    letters: Sequence[Outgoing],
    number: int,
) -> bytes:
    """What a row says: enough to check the state against it, and to play the whole watch again. Canonical JSON, written
    out: every act of everybody makes one, and the log's own reader refuses it if it is spelled in any other way."""
    given = "" if event is None else f'"given":{_given(event)},'
    happened = ",".join([f"[{_quoted(what)},{_quoted(about)}]" for what, about in row.happened])
    written = ",".join(
        [
            f'{{"id":"{letter.ident}","kind":{_quoted(letter.kind)},"to":{_quoted(letter.to)}}}'
            for letter in letters
        ]
    )
    bodies = ",".join([_spelled(_of_paper(paper)) for paper in papers])
    ripples = f'"ripples":{_spelled(log.plain(step.ripples))},' if step.ripples else ""
    shreds = f'"shreds":{_spelled(log.plain(step.shreds))},' if step.shreds else ""
    return (
        f'{{"after":"{row.after}","at":[{now.wall},{now.credit}],"before":"{row.before}","by":{_quoted(row.by)},'
        f'"event":"{row.event}",{given}"happened":[{happened}],"letters":[{written}],"number":{number},'
        f'"papers":[{bodies}],{ripples}{shreds}"state":"{state_hash(text)}"}}'
    ).encode()


def _of_paper(paper: Paper) -> dict[str, str]:
    return {"kind": paper.kind, "name": paper.name, "sha256": hashlib.sha256(paper.body).hexdigest()}


def _spelled(value: canonical.Value) -> str:
    return canonical.encode(value).decode()


@lru_cache(1024)
def _given(event: Event) -> str:
    """An event as a row holds it. Most are looks and signs of life, and one is like the other."""
    return _spelled(record.event_to_plain(event))


def beside(event: Event, now: Moment, number: int) -> bytes:
    """What is sealed beside a row: the event as it was, where the body names the one that it looks like."""
    said: dict[str, Any] = {"at": list(now), "event": event_name(event), "by": event.by, "number": number}
    return canonical.encode({**said, "given": record.event_to_plain(event)})


@lru_cache(64)
def state_hash(text: str) -> str:
    """How a row names the state it left: SHA-256 (hex) of the record's text. Whoever asks, asks of the newest."""
    return hashlib.sha256(text.encode()).hexdigest()
