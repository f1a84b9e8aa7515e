"""What was written in a closed case is erased after its time: the sealed bodies go, signatures and log stay.

Whether the time has come is the machine's to say (`ForgetCase`), once for every case; this finds the cases, and erases
in the same transaction. The reason stands in the author's log and in the host's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from lastwords.protocol.events import ForgetCase
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.retention import forgettable
from lastwords.protocol.watch import HOST, Watch

from . import models
from .refusals import ServerRefused
from .store import Store

EVERY = DAY
ENTRY, TEXT, KEPT = "entry", "statement_text", "keep_case"
REASON = "90 days after the case closed"


@dataclass(frozen=True, slots=True)
class Span:
    """When a case was opened and closed."""

    opened: Moment
    closed: Moment


def run(door: Store, now: Moment) -> int:
    """Erases what is due in every watch, once a day. Returns how many bodies went."""
    if 0 <= now.wall - door.port.beats().get("retention", 0) < EVERY:
        return 0
    gone = 0
    for author in door.port.authors():
        try:
            gone += _in_watch(door, author, now)
        except (ServerRefused, ValueError, LookupError, TypeError):
            # Someone is writing to it, or it cannot be judged, or a row or a name is damaged, which others look for and
            # tell: nothing was erased, and tomorrow is a day.
            continue
    door.port.beat(now.wall, "retention")
    return gone


def _in_watch(door: Store, author: str, now: Moment) -> int:
    written = _bodies(author)
    numbers = {int(name.partition("/")[0]) for kind, name in written if kind == ENTRY}
    if not written:
        return 0
    watch, gone = door.read(author), 0
    for number, span in _closed(watch, author):
        wanted = number in numbers or any(kind == TEXT for kind, _ in written)
        if wanted and forgettable(span.closed, now) and not is_kept(author, number):
            gone += _forget(door, author, number, span, now)
    return gone


def _bodies(author: str) -> list[tuple[str, str]]:
    rows = models.Paper.objects.filter(watch_id=author, kind__in=(ENTRY, TEXT)).exclude(body=b"")
    return list(rows.values_list("kind", "name"))


def is_kept(author: str, number: int) -> bool:
    """Whether the author has asked to keep what was written in this case."""
    return models.Paper.objects.filter(watch_id=author, kind=KEPT, name=str(number)).exists()


def _forget(door: Store, author: str, number: int, span: Span, now: Moment) -> int:
    """Erases the bodies of one case. The rows of the papers stay, with the hashes that the log names."""
    rows = models.Paper.objects.filter(watch_id=author).exclude(body=b"")
    entries = rows.filter(kind=ENTRY, name__startswith=f"{number}/")
    texts = rows.filter(kind=TEXT, made__gte=span.opened.wall, made__lte=span.closed.wall)
    count = entries.count() + texts.count()
    if not count:
        return 0
    with transaction.atomic():
        door.act(author, ForgetCase(HOST, number, span.closed), now=now)
        entries.update(body=b"")
        texts.update(body=b"")
        door.host_row("case_forgotten", now, author=author, case=number, bodies=count, reason=REASON)
    return count


# When a case closed.


def _closed(watch: Watch, author: str) -> Iterator[tuple[int, Span]]:
    """The closed cases of a watch. The newest one's marks stand in its record; those of older ones in the log."""
    newest = watch.case
    if newest is None:
        return
    if newest.closed is not None:
        yield newest.number, Span(newest.opened, newest.closed)
    if newest.number > 1:
        found = _from_log(author)
        for number in range(1, newest.number):
            # A row that was erased hides a mark: then the case closed at the latest when the newest one opened.
            yield number, found.get(number, Span(newest.opened, newest.opened))


def _from_log(author: str) -> dict[int, Span]:
    """Opening and last closing of each case, as the log has them; none if a row was erased and the count is lost."""
    opened: dict[int, Moment] = {}
    found: dict[int, Span] = {}
    for data in (
        models.LogRow.objects.filter(watch_id=author).order_by("number").values_list("body", flat=True)
    ):
        if data is None:
            return {}
        row = json.loads(bytes(data))
        at, words = Moment(*row["at"]), [what for what, _ in row["happened"]]
        if "case_opened" in words:
            opened[len(opened) + 1] = at
        if "case_closed" in words and opened:
            found[len(opened)] = Span(opened[len(opened)], at)
    return found
