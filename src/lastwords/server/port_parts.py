"""The parts of a commit, for one write or for many: each part is one statement, however many writes there are.

Everything here runs inside the transaction of whoever calls it, and only `port_sql` does.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

from django.db.models import F
from django.db.models.functions import Coalesce, Least

from . import crowd, models
from .port import REPLACED_KINDS, SHREDDED_KINDS, Answer, Mark, Outgoing, Write
from .port_rows import Row, Value, insert, letter_row, log_row, paper_rows

_STEPPED = """
WITH new (author, revision, state{columns}) AS (VALUES {{rows}})
UPDATE watch SET state = new.state, revision = watch.revision + 1{moved}
FROM new WHERE watch.author = new.author AND watch.revision = new.revision AND watch.set_aside = ''
RETURNING watch.author
"""
_LOOK = (", look_at", ", look_at = CAST(new.look_at AS bigint)")
_ROWS = (", head_number, head_link", ", head_number = new.head_number, head_link = new.head_link")

_ASIDE = """
WITH new (author, reason, at) AS (VALUES {rows})
UPDATE watch SET set_aside = new.reason, set_aside_at = new.at, look_at = NULL, revision = watch.revision + 1
FROM new WHERE watch.author = new.author AND watch.set_aside = ''
RETURNING watch.author
"""

_POSTED = """
INSERT INTO letter ({columns}) VALUES {rows}
ON CONFLICT (ident) DO UPDATE SET facts = excluded.facts
WHERE letter.stage = 'written' AND letter.attempts = 0 AND letter.lease = 0
RETURNING ident
"""

_MARKED = """
WITH new (ident, lease, stage, attempts, next_try, taken, reported) AS (VALUES {rows})
UPDATE letter SET stage = new.stage, attempts = new.attempts, next_try = CAST(new.next_try AS bigint),
    taken = new.taken, reported = new.reported, lease = 0
FROM new WHERE letter.ident = new.ident AND (new.lease = 0 OR letter.lease = new.lease)
RETURNING letter.ident
"""
_ANSWERED = """
ON CONFLICT (letter_id, channel) DO UPDATE SET state = excluded.state, reply = excluded.reply, at = excluded.at
"""


_CHANNELS = "SELECT id, person_id, kind, address, failing_since FROM channel WHERE person_id IN ({names})"


def compare_and_set(writes: Sequence[Write]) -> set[str]:
    """Writes the watches' own rows, each if it is still at the revision its step was made from. Returns whose were."""
    done: set[str] = set()
    for looks_on, has_rows in product((False, True), repeat=2):
        alike = [w for w in writes if w.looks_on is looks_on and bool(w.entries) is has_rows]
        if not alike:
            continue
        parts = [*([] if looks_on else [_LOOK]), *([_ROWS] if has_rows else [])]
        rows: list[list[Value]] = [[w.author, w.revision, w.state] for w in alike]
        for row, w in zip(rows, alike, strict=True):
            row += [] if looks_on else [w.look_at]
            row += [w.entries[-1].number, w.entries[-1].link] if has_rows else []
        statement = _STEPPED.format(
            columns="".join(named for named, _ in parts), moved="".join(moved for _, moved in parts)
        )
        done |= {author for (author,) in crowd.changed(statement, rows)}
    return done


def set_aside(asides: Sequence[tuple[str, str, int]]) -> int:
    """Sets watches aside, unless somebody has done it already: author, reason, moment. Returns how many it was."""
    return len(crowd.changed(_ASIDE, asides))


def post_or_change(letters: Sequence[Outgoing]) -> bool:
    """Writes letters of the host's own. One that is there already says other things from now on, unless somebody has
    taken it meanwhile. Returns whether all of it stands."""
    if not letters:
        return True
    rows = [letter_row(letter) for letter in letters]
    columns = ", ".join(f'"{name}"' for name in rows[0])
    done = crowd.changed(
        _POSTED.format(columns=columns, rows="{rows}"), [tuple(row.values()) for row in rows]
    )
    return len(done) == len(letters)


def write_beside(writes: Sequence[Write]) -> None:
    """Writes everything that goes with the watches' rows."""
    insert("log_row", [log_row(write.author, entry) for write in writes for entry in write.entries])
    insert("letter", [letter_row(letter) for write in writes for letter in write.letters])
    for write in writes:
        for keeper in write.shreds:
            given = models.Paper.objects.filter(watch_id=write.author, kind__in=SHREDDED_KINDS)
            (given.filter(name__endswith=f"/{keeper}") if keeper else given).delete()
        for paper in write.papers:
            if paper.kind in REPLACED_KINDS:
                models.Paper.objects.filter(watch_id=write.author, kind=paper.kind, name=paper.name).delete()
    insert("paper", [row for write in writes for row in paper_rows(write)])
    if drained := [ident for write in writes for ident in write.drained]:
        models.Inbox.objects.filter(id__in=drained).delete()
    write_parts({write.author: write.parts for write in writes if write.parts is not None})
    _ripple([write for write in writes if write.ripples])
    mark_all([mark for write in writes for mark in write.marks])


def write_parts(wanted: dict[str, frozenset[str]]) -> None:
    """Makes the parts of these watches what they should be; of most of them they are already."""
    if not wanted:
        return
    found = set(models.Part.objects.filter(watch_id__in=list(wanted)).values_list("watch_id", "person"))
    right = {(author, person) for author, parts in wanted.items() for person in parts}
    for author in {author for author, _ in found - right}:
        gone = [person for who, person in found - right if who == author]
        models.Part.objects.filter(watch_id=author, person__in=gone).delete()
    insert("part", [{"watch_id": author, "person": person} for author, person in sorted(right - found)])


def reached(persons: Iterable[str]) -> dict[str, list[str]]:
    """The watches where each of these has a part."""
    wanted = set(persons)
    found: dict[str, list[str]] = {person: [] for person in wanted}
    rows = models.Part.objects.filter(person__in=wanted).order_by("watch_id") if wanted else ()
    for part in rows:
        found[part.person].append(part.watch_id)
    return found


def _ripple(writes: Sequence[Write]) -> None:
    """Word into every watch where those persons have a part. Its revision rises, so that whoever is judging it at this
    moment loses the compare-and-set and hears the word first."""
    watches = reached(person for write in writes for person, _ in write.ripples)
    words = [
        (write, person, silent, author)
        for write in writes
        for person, silent in write.ripples
        for author in watches[person]
        if author != write.author
    ]
    insert("inbox", [{"watch_id": a, "person": person, "silent": silent} for _, person, silent, a in words])
    risen = Counter((author, write.at) for write, _, _, author in words)
    for at, count in sorted({(at, count) for (_, at), count in risen.items()}):
        authors = sorted(author for (author, when), many in risen.items() if (when, many) == (at, count))
        models.Watch.objects.filter(author__in=authors, set_aside="").update(
            revision=F("revision") + count, look_at=Least(Coalesce(F("look_at"), at), at)
        )


# Marks.


def mark_all(marks: Sequence[Mark]) -> None:
    """Writes down what was learnt about these letters, each under the lease it was learnt under."""
    if not marks:
        return
    rows_of = [(m.ident, m.lease, m.stage, m.attempts, m.next_try, m.taken, m.reported) for m in marks]
    done = {ident for (ident,) in crowd.changed(_MARKED, rows_of)}
    marked = [mark for mark in marks if mark.ident in done]
    if forgotten := [mark.ident for mark in marked if mark.forget]:
        models.Letter.objects.filter(ident__in=forgotten).update(facts="{}")
    answers = {(mark.ident, answer.channel): (mark, answer) for mark in marked for answer in mark.answers}
    rows: list[Row] = [
        {"letter_id": ident, "channel": channel, "state": answer.state, "reply": answer.reply, "at": mark.at}
        for (ident, channel), (mark, answer) in answers.items()
    ]
    insert("delivery", rows, _ANSWERED)
    _mark_channels(list(answers.values()))


def _mark_channels(answers: Sequence[tuple[Mark, Answer]]) -> None:
    """A channel fails since it first refused a letter after the last one it accepted."""
    known = {
        (person, f"{kind}:{address}"): (ident, since)
        for ident, person, kind, address, since in crowd.find(_CHANNELS, sorted({m.to for m, _ in answers}))
    }
    for mark, answer in answers:
        ident, since = known.get((mark.to, answer.channel), (0, None))
        if not ident or (answer.state == "accepted") is (since is None):
            continue  # it stands as it should, as nearly always
        rows = models.Channel.objects.filter(id=ident)
        if answer.state == "accepted":
            rows.update(failing_since=None)
        else:
            rows.filter(failing_since__isnull=True).update(failing_since=mark.at)
